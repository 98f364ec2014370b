//! What a server is compared with.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::routing::any;
use kernel::id::MemberId;
use kernel::{Money, Secret};
use lending::identity::Caller;
use lending::wallet::{self, Move};
use lending::{Lending, Route};
use tokio::sync::{oneshot, watch};

use super::clients::Dice;
use super::figures::Figures;
use super::server::Launch;
use super::world::World;
use crate::config::Config;
use crate::listen::{self, ListenOptions};
use crate::wiring;

/// As long as the answer to a recharge.
const CONSTANT: &str = r#"{"code":0,"msg":"OK","data":{"id":100,"leave_amount":10000001.5,"mobile_phone":"13900000100","reg_name":"bench","reg_time":"2026-01-01 08:00:00.0","type":1},"copyright":"Copyright Jiehuan"}"#;
/// Clients of pgbench: enough to fill its commits, few enough for two cores.
const PGBENCH_CLIENTS: u32 = 32;

/// (a) Serves a constant answer until it is killed.
pub(crate) fn serve_constant(address: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let router = Router::new().route("/{*path}", any(|| async { CONSTANT }));
        let (_stop, stopping) = watch::channel(false);
        let options =
            ListenOptions { header_limit: Duration::from_secs(10), connections: 8192, tls: None };
        listen::serve(listen::bind(address)?, router, options, stopping).await
    })
}

/// (b) The same recharge, straight into the store, by as many callers.
pub(super) fn direct(
    config: &Config,
    launch: &Launch,
    world: &World,
    clients: u32,
    (warm_up, measured): (Duration, Duration),
) -> anyhow::Result<Figures> {
    let config = launch.config(config)?;
    let lending = wiring::open(&config, wiring::Use::Serving)?.lending;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let begin = Instant::now() + warm_up;
    let end = begin + measured;
    let figures = runtime.block_on(async {
        let callers = (0..clients).map(|number| {
            let caller = call(lending.clone(), world.members, number, begin, end);
            tokio::spawn(caller)
        });
        let (mut latencies, mut failed) = (Vec::new(), 0_u64);
        for caller in callers.collect::<Vec<_>>() {
            let (of_caller, failures) = caller.await?;
            latencies.extend(of_caller);
            failed = failed.saturating_add(failures);
        }
        anyhow::Ok(Figures::new(latencies, measured, failed))
    });
    lending.close();
    figures
}

async fn call(
    lending: Lending,
    members: u32,
    number: u32,
    begin: Instant,
    end: Instant,
) -> (Vec<u32>, u64) {
    let mut dice = Dice::new(number.saturating_add(1));
    let (mut latencies, mut failed) = (Vec::new(), 0_u64);
    let amount = Money::from_fen(150).unwrap_or(Money::ZERO);
    loop {
        let sent = Instant::now();
        if sent >= end {
            return (latencies, failed);
        }
        let member = i64::try_from(dice.below(u64::from(members))).unwrap_or(0).saturating_add(1);
        let command =
            Move { caller: Caller::Anyone, member: MemberId::from_number(member), amount };
        let (sender, receiver) = oneshot::channel();
        let route = Route::home(member);
        lending.write(
            route,
            move |tx| wallet::recharge(tx, &command),
            move |answer| {
                let _ = sender.send(answer.is_ok());
            },
        );
        let good = receiver.await.unwrap_or(false);
        if sent < begin {
            continue;
        }
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        failed = failed.saturating_add(u64::from(!good));
    }
}

const TABLES: &str = "
CREATE SCHEMA IF NOT EXISTS pgbench_compare;
SET search_path = pgbench_compare;
DROP TABLE IF EXISTS account, clearing, transfer, posting;
CREATE TABLE account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL);
CREATE TABLE clearing (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL);
CREATE SEQUENCE IF NOT EXISTS ids;
CREATE TABLE transfer (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE posting (id BIGINT PRIMARY KEY, transfer BIGINT NOT NULL, account BIGINT NOT NULL,
    amount BIGINT NOT NULL);
";

/// (c) Transactions a second of pgbench, each two updates and three inserts; and its clients.
///
/// Both updates go to random rows, so that no hot row slows pgbench down.
pub(super) fn pgbench(url: &Secret, members: u32, seconds: u64) -> anyhow::Result<(u64, u32)> {
    let bin = binaries()?;
    let mut tables = TABLES.to_owned();
    for table in ["account", "clearing"] {
        let rows = members.max(1000);
        let _ =
            writeln!(tables, "INSERT INTO {table} SELECT i, 0 FROM generate_series(1, {rows}) i;");
    }
    let prepared = Command::new(bin.join("psql"))
        .args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url.expose(), "-c", &tables])
        .output()?;
    if !prepared.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&prepared.stderr));
    }
    let script = std::env::temp_dir().join(format!("jiehuan-pgbench-{}.sql", std::process::id()));
    let text = format!(
        "\\set a random(1, {rows})\n\\set b random(1, {rows})\nBEGIN;\n\
         UPDATE pgbench_compare.account SET balance = balance + 150 WHERE id = :a RETURNING balance;\n\
         UPDATE pgbench_compare.clearing SET balance = balance - 150 WHERE id = :b;\n\
         INSERT INTO pgbench_compare.transfer VALUES (nextval('pgbench_compare.ids'), 'recharge', 1);\n\
         INSERT INTO pgbench_compare.posting VALUES (nextval('pgbench_compare.ids'), 1, :a, 150);\n\
         INSERT INTO pgbench_compare.posting VALUES (nextval('pgbench_compare.ids'), 1, :b, -150);\n\
         COMMIT;\n",
        rows = members.max(1000),
    );
    std::fs::write(&script, text)?;
    let clients = PGBENCH_CLIENTS.to_string();
    let ran = Command::new(bin.join("pgbench"))
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds.to_string()])
        .arg("-f")
        .arg(&script)
        .arg(url.expose())
        .output()?;
    let _ = std::fs::remove_file(&script); // a file left behind hurts nobody
    let text = String::from_utf8_lossy(&ran.stdout);
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|line| line.split('.').next()).and_then(|tps| tps.parse().ok());
    let tps = tps.with_context(|| String::from_utf8_lossy(&ran.stderr).into_owned())?;
    Ok((tps, PGBENCH_CLIENTS))
}

/// Where Debian keeps PostgreSQL's programs.
fn binaries() -> anyhow::Result<std::path::PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL's programs")?;
    let newest = versions.filter_map(Result::ok).map(|entry| entry.path().join("bin")).max();
    newest.context("PostgreSQL's programs are not installed")
}
