//! `jiehuan bench`: closed-loop clients against a running server, and what to compare it with,
//! all in one run on one machine. It prints figures and asserts nothing.

mod baseline;
mod clients;
mod day_end;
mod figures;
mod loans;
mod pages;
mod portfolio;
mod server;
mod world;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};

use crate::config::{Config, Database, Profile};
use clients::{Operation, Target};
use figures::{Figures, Report};
use server::{Launch, Server};
use world::World;

pub(crate) use baseline::serve_constant;
pub(crate) use loans::make as make_loans;

/// What to measure.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Plan {
    #[command(subcommand)]
    only_this: Option<What>,
    /// Members in the database
    #[arg(long, default_value_t = 10_000)]
    members: u32,
    /// Clients, each with one connection and one request under way
    #[arg(long, default_value_t = 256)]
    clients: u32,
    /// Seconds per measurement, after a warm-up of a fifth of it
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only these operations: recharge, invest, info, loans, login, mix, hot
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Leave the comparisons (constant answer, store without HTTP, groups of one, pgbench) out
    #[arg(long)]
    no_comparisons: bool,
    /// Folder to work in; made and removed by itself when not given
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What is measured by itself, without a server.
#[derive(Subcommand, Clone, Debug)]
enum What {
    /// One day-end over a large portfolio of running loans
    DayEnd(day_end::Plan),
    /// The back office's pages over a large portfolio, with the statements that each runs
    Pages(pages::Plan),
}

/// Measures, and prints the report.
pub(crate) fn run(config: &Config, plan: &Plan) -> anyhow::Result<String> {
    match &plan.only_this {
        Some(What::DayEnd(plan)) => return day_end::run(config, plan),
        Some(What::Pages(plan)) => return pages::run(config, plan),
        None => {}
    }
    if config.profile == Profile::Production {
        bail!("bench fills a database with members: not in the production profile");
    }
    let scratch = server::Scratch::new(plan.folder.clone())?;
    let postgres = match &config.database {
        Database::Sqlite(_) => None,
        Database::Postgres(url) => Some(url.clone()),
    };
    let launch = Launch { folder: scratch.folder("served"), postgres, group: None };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let world = World::make(config, &launch, plan.members)?;
    let mut report = Report::new(plan.members, plan.clients, plan.seconds, launch.is_sqlite());

    let served = Server::start(&launch)?;
    for operation in Operation::ALL.iter().filter(|operation| plan.wants(operation.word())) {
        let figures = runtime.block_on(measure(plan, &world, &served, *operation))?;
        report.add(operation.word(), "HTTP", &figures);
    }
    report.memory(served.resident_kib());
    drop(served);
    if !plan.no_comparisons && plan.wants("recharge") {
        compare((config, plan), &launch, &world, &runtime, &mut report)?;
    }
    Ok(report.text())
}

impl Plan {
    fn wants(&self, word: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == word)
    }

    fn time(&self) -> (Duration, Duration) {
        let measured = Duration::from_secs(self.seconds.max(1));
        (measured / 5, measured)
    }
}

async fn measure(
    plan: &Plan,
    world: &World,
    server: &Server,
    operation: Operation,
) -> anyhow::Result<Figures> {
    let target = Target { address: server.address(), operation, world: world.clone() };
    let before = server.cpu_ticks();
    let figures = clients::run(target, plan.clients, plan.time()).await?;
    let ticks =
        server.cpu_ticks().zip(before).and_then(|(after, before)| after.checked_sub(before));
    Ok(figures.with_cpu(ticks, plan.time().0))
}

/// The same recharge against a constant answer, without HTTP, in groups of one; and pgbench.
fn compare(
    (config, plan): (&Config, &Plan),
    launch: &Launch,
    world: &World,
    runtime: &tokio::runtime::Runtime,
    report: &mut Report,
) -> anyhow::Result<()> {
    let constant = Server::start_constant()?;
    let figures = runtime.block_on(measure(plan, world, &constant, Operation::Recharge))?;
    report.add("recharge", "(a) constant answer", &figures);
    drop(constant);

    let figures = baseline::direct(config, launch, world, plan.clients, plan.time())?;
    report.add("recharge", "(b) store without HTTP", &figures);

    if let Some(url) = &launch.postgres {
        let (tps, clients) = baseline::pgbench(url, plan.members, plan.seconds)?;
        report.pgbench(tps, clients);
    }
    let single = Launch { group: Some(1), ..launch.clone() };
    let served = Server::start(&single)?;
    let figures = runtime.block_on(measure(plan, world, &served, Operation::Recharge))?;
    report.add("recharge", "(d) groups of one", &figures);
    Ok(())
}
