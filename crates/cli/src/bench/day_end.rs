//! `jiehuan bench day-end`: one day-end over a large portfolio, step by step as the server runs it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use kernel::Date;
use lending::servicing::day_end::{self, Phase};
use lending::{Clock, Fault, ledger};

use super::portfolio;
use super::server::{Launch, Scratch};
use crate::config::{Config, Database, Profile};
use crate::wiring;

/// The business day of every run: three month-ends behind it, and nothing to do with today.
const DAY: (i16, i8, i8) = (2026, 6, 15);

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Plan {
    /// Running loans; several sizes are measured one after the other
    #[arg(long, value_delimiter = ',', default_value = "10000")]
    loans: Vec<u32>,
    /// Prove the books afterwards, and say how long that took
    #[arg(long)]
    verify: bool,
    /// Folder to work in; made and removed by itself when not given
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
}

/// Measures each size in a database of its own, and prints a line for each.
pub(super) fn run(config: &Config, plan: &Plan) -> anyhow::Result<String> {
    if config.profile == Profile::Production {
        bail!("bench fills a database with loans: not in the production profile");
    }
    let postgres = match &config.database {
        Database::Sqlite(_) => None,
        Database::Postgres(url) => Some(url.clone()),
    };
    if postgres.is_some() && plan.loans.len() > 1 {
        bail!("one size at a time on PostgreSQL: each needs an empty database");
    }
    let scratch = Scratch::new(plan.folder.clone())?;
    let engine = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    let mut text = format!(
        "# Day-end, {engine}\n\n| loans | filled s | day-end s | loans/s | {} | slowest step ms | \
         peak MiB | database MiB | verified s |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        "accrue s | debit s | remind s",
    );
    for loans in &plan.loans {
        let folder = scratch.folder(&format!("day-end-{loans}"));
        let launch = Launch { folder, postgres: postgres.clone(), group: None };
        let line = measure(&launch.config(config)?, i64::from(*loans), plan.verify)?;
        text.push_str(&line);
        if plan.folder.is_none() {
            let _ = std::fs::remove_dir_all(&launch.folder); // the next size needs the room
        }
    }
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn now() -> Instant {
    Instant::now()
}

fn measure(config: &Config, loans: i64, verify: bool) -> anyhow::Result<String> {
    let (year, month, day) = DAY;
    let day = Date::from_ymd(year, month, day).context("day")?;
    let clock = || Clock::standing_at(portfolio::morning(day));
    let since = now();
    let opened = wiring::open_at(config, wiring::Use::Command, clock())?;
    portfolio::fill(&opened.lending, &opened.db, &opened.keys.personal, (loans, day))?;
    opened.lending.close();
    let filled = since.elapsed();
    forget_peak();
    let lending = wiring::open_at(config, wiring::Use::Command, clock())?.lending;
    let mut times = [Duration::ZERO; 3];
    let mut slowest = Duration::ZERO;
    let begun = now();
    let mut last = begun;
    let mut phase = Phase::Accrue;
    let mut worked = 0;
    let run = day_end::run(&lending, None, |progress| {
        let step = last.elapsed();
        last = now();
        slowest = slowest.max(step);
        let place = match phase {
            Phase::Accrue => 0,
            Phase::Lapse | Phase::Expire | Phase::Debit => 1,
            Phase::Remind | Phase::Done => 2,
        };
        if let Some(sum) = times.get_mut(place) {
            *sum = sum.saturating_add(step);
        }
        (phase, worked) = (progress.phase, progress.worked);
        true
    })?;
    let took = begun.elapsed();
    if run.failed > 0 || run.waiting || worked != loans {
        bail!("the day-end has worked on {worked} of {loans} loans: {run:?}");
    }
    let peak = peak_mib();
    let proof = now();
    if verify {
        let verified = lending.read_and_wait::<_, Fault>(ledger::verify)?;
        if let Err(difference) = verified {
            bail!("DIFFERENCE at row {}: {}", difference.row, difference.check);
        }
    }
    let proven = if verify { seconds(proof.elapsed()) } else { "-".to_owned() };
    lending.close();
    let each = took.as_micros().max(1);
    let rate = u128::from(loans.unsigned_abs()).saturating_mul(1_000_000).div_euclid(each);
    let [accrue, debit, remind] = times.map(seconds);
    let size = size_mib(config).map_or_else(|| "-".to_owned(), |mib| mib.to_string());
    let mut line = String::new();
    let _ = writeln!(
        line,
        "| {loans} | {} | {} | {rate} | {accrue} | {debit} | {remind} | {} | {} | {size} | {proven} |",
        seconds(filled),
        seconds(took),
        slowest.as_millis(),
        peak.map_or_else(|| "-".to_owned(), |mib| mib.to_string()),
    );
    Ok(line)
}

fn seconds(time: Duration) -> String {
    format!("{}.{}", time.as_secs(), time.subsec_millis().div_euclid(100))
}

/// Lets the peak of this process's memory begin anew, where the system can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5"); // without it the peak is that of the filling
}

fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some(kib.div_euclid(1024))
}

fn size_mib(config: &Config) -> Option<u64> {
    match &config.database {
        Database::Sqlite(path) => Some(std::fs::metadata(path).ok()?.len() >> 20),
        Database::Postgres(_) => None,
    }
}
