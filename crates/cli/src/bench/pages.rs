//! `jiehuan bench pages`: how long the back office's pages take over a large portfolio, and which
//! statements each runs, so that a page which asks once for each row is seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use channel_kit::route::{Method, Place};
use clap::Args;
use kernel::{Date, Secret};
use lending::audit::Actor;
use lending::identity::password::PasswordHash;
use lending::operators::{self, Add, LoginName, MakeToken, Role, Roles, Token};
use lending::servicing::day_end;
use lending::{Clock, Route, ledger};
use tower::ServiceExt as _;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::portfolio;
use super::server::{Launch, Scratch};
use super::world::PASSWORD;
use crate::config::{Config, Database, Profile};
use crate::wiring;

/// The business day of every run, as for day-ends.
const DAY: (i16, i8, i8) = (2026, 6, 15);
/// What a page may take at the server.
const AIM: Duration = Duration::from_millis(50);
/// The longest page that is read.
const PAGE_BYTES: usize = 16 << 20;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Plan {
    /// Running loans in the database
    #[arg(long, default_value_t = 100_000)]
    loans: u32,
    /// Times that each page is asked for, after two that are not counted
    #[arg(long, default_value_t = 30)]
    times: usize,
    /// Show the statements of every page, not of home, a loan and the slow ones alone
    #[arg(long)]
    statements: bool,
    /// Folder to work in; made and removed by itself when not given
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
}

/// Fills a database of its own, asks for every page, and prints a line for each.
pub(super) fn run(config: &Config, plan: &Plan) -> anyhow::Result<String> {
    if config.profile == Profile::Production {
        bail!("bench fills a database with loans: not in the production profile");
    }
    let postgres = match &config.database {
        Database::Sqlite(_) => None,
        Database::Postgres(url) => Some(url.clone()),
    };
    let engine = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    let scratch = Scratch::new(plan.folder.clone())?;
    let launch = Launch { folder: scratch.folder("pages"), postgres, group: None };
    let config = launch.config(config)?;
    let (year, month, day) = DAY;
    let day = Date::from_ymd(year, month, day).context("day")?;
    let clock = || Clock::standing_at(portfolio::morning(day));
    fill(&config, i64::from(plan.loans), (day, clock()))?;
    work_on(&config, clock())?;
    // A quarter of an hour later: the day-end has settled, and the books have been added up.
    let clock = || Clock::standing_at(portfolio::morning(day).plus_millis(15 * 60_000));
    add_totals(&config, clock())?;
    let statements = Statements::default();
    tracing::subscriber::set_global_default(Listener(statements.clone()))?;
    let opened = wiring::open_at(&config, wiring::Use::Serving, clock())?;
    let cookie = log_in(&config, &opened)?;
    let app = wiring::app(&config, &opened)?;
    let office = wiring::office(&config, &opened.keys, &wiring::console(&config, &app, None));
    let visitor = Visitor { router: office.router(), cookie, statements };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = paths(plan.loans)
        .into_iter()
        .map(|path| runtime.block_on(visitor.measure(path, plan.times.max(1))))
        .collect::<anyhow::Result<Vec<_>>>()?;
    opened.lending.close();
    Ok(report(engine, plan, &seen))
}

fn fill(config: &Config, loans: i64, (day, clock): (Date, Clock)) -> anyhow::Result<()> {
    let opened = wiring::open_at(config, wiring::Use::Command, clock)?;
    portfolio::fill(&opened.lending, &opened.db, &opened.keys.personal, (loans, day))?;
    opened.lending.close();
    Ok(())
}

/// The day-end before the day. It opens the database anew: the connection that has filled it knows
/// tables by other columns.
fn work_on(config: &Config, clock: Clock) -> anyhow::Result<()> {
    let lending = wiring::open_at(config, wiring::Use::Command, clock)?.lending;
    let run = day_end::run(&lending, None, |_| true)?;
    lending.close();
    if run.failed > 0 || run.waiting {
        bail!("the day-end before the measurement has failed: {run:?}");
    }
    Ok(())
}

/// What the server's job does in these minutes.
fn add_totals(config: &Config, clock: Clock) -> anyhow::Result<()> {
    let lending = wiring::open_at(config, wiring::Use::Command, clock)?.lending;
    while ledger::add_totals(&lending, 10_000)? > 0 {}
    lending.close();
    Ok(())
}

/// An operator who may see everything; what their browser sends.
fn log_in(config: &Config, opened: &wiring::Opened) -> anyhow::Result<String> {
    let token = Token::from_random(&[7; operators::TOKEN_BYTES]);
    let digest = token.digest();
    let password = PasswordHash::make(&Secret::new(PASSWORD.into()), wiring::cost(config))?;
    let add = Add {
        login: LoginName::parse("bench").context("login name")?,
        name: "bench".into(),
        roles: Roles::new(Role::ALL.iter().copied()).context("roles")?,
        password,
    };
    let made = opened.lending.write_and_wait(Route::home(0), move |tx| {
        let operator = operators::add(tx, Actor::Platform, &add)
            .map_err(|error| operators::ChangeError::Fault(fault(error)))?;
        let token = digest.clone();
        let make = MakeToken { operator: operator.id, label: "bench".into(), days: 1, token };
        operators::make_token(tx, Actor::Platform, &make)
    });
    made?;
    Ok(format!("jiehuan_console={}", token.expose()))
}

fn fault(error: operators::AddError) -> lending::Fault {
    match error {
        operators::AddError::Taken => lending::Fault::Corrupt("operator".into()),
        operators::AddError::Fault(fault) => fault,
    }
}

/// Every page that stands by itself, and one of each thing from the middle of the portfolio.
fn paths(loans: u32) -> Vec<String> {
    let middle = loans.div_euclid(2).max(1);
    let mut paths = vec!["/console".to_owned()];
    for operation in console::operations() {
        let is_page = operation.method == Method::Get && operation.access != console::Access::Open;
        let stands = operation.fields.iter().all(|field| field.place != Place::Path);
        let place = operation.place();
        if !is_page || !stands || matches!(place, "/overview" | "/search") {
            continue;
        }
        let needs_channel = operation
            .fields
            .iter()
            .any(|field| field.name == "channel" && field.place == Place::Query);
        let asked = if needs_channel { "?channel=xianjindai" } else { "" };
        paths.push(format!("/console{place}{asked}"));
    }
    for more in [
        "/console/loans?state=overdue".to_owned(),
        "/console/loans?state=repaying&page=50".to_owned(),
        "/console/applications?state=lent&page=50".to_owned(),
        format!("/console/loans/{middle}"),
        format!("/console/loans/{middle}/settlement?on=2026-07-01"),
        format!("/console/applications/{middle}"),
        format!("/console/customers/{middle}"),
    ] {
        paths.push(more);
    }
    paths
}

/// How a page did.
struct Seen {
    path: String,
    /// What it answers.
    status: StatusCode,
    times: Vec<Duration>,
    bytes: usize,
    /// Each statement, and how often one page ran it.
    statements: BTreeMap<String, usize>,
}

impl Seen {
    fn at(&self, percent: usize) -> Duration {
        let place = self.times.len().saturating_mul(percent).div_euclid(100);
        let last = self.times.len().saturating_sub(1);
        self.times.get(place.min(last)).copied().unwrap_or_default()
    }

    /// What is wrong with it, if anything.
    fn remark(&self) -> String {
        match self.status {
            StatusCode::OK if self.is_slow() => " **slow**".to_owned(),
            StatusCode::OK => String::new(),
            other => format!(" **answers {other}**"),
        }
    }

    fn is_slow(&self) -> bool {
        self.at(50) > AIM || self.status != StatusCode::OK
    }
}

struct Visitor {
    router: Router,
    cookie: String,
    statements: Statements,
}

impl Visitor {
    async fn measure(&self, path: String, times: usize) -> anyhow::Result<Seen> {
        self.ask(&path).await?;
        self.ask(&path).await?;
        self.statements.take();
        let (status, bytes) = self.ask(&path).await?;
        let statements = self.statements.take();
        let mut all = Vec::with_capacity(times);
        for _ in 0..times {
            let begun = Instant::now();
            self.ask(&path).await?;
            all.push(begun.elapsed());
        }
        all.sort();
        Ok(Seen { path, status, times: all, bytes, statements })
    }

    async fn ask(&self, path: &str) -> anyhow::Result<(StatusCode, usize)> {
        let request = Request::get(path).header(COOKIE, &self.cookie).body(Body::empty())?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status();
        let body = to_bytes(response.into_body(), PAGE_BYTES).await?;
        Ok((status, body.len()))
    }
}

fn report(engine: &str, plan: &Plan, seen: &[Seen]) -> String {
    let mut text = format!(
        "# Pages of the back office, {engine}, {} loans\n\n\
         | page | p50 ms | p95 ms | KiB | statements | different | most often |\n\
         |---|---|---|---|---|---|---|\n",
        plan.loans
    );
    for page in seen {
        let (sum, most) = (page.statements.values().sum::<usize>(), page.statements.values().max());
        let _ = writeln!(
            text,
            "| `{}` | {}{} | {} | {} | {sum} | {} | {} |",
            page.path,
            millis(page.at(50)),
            page.remark(),
            millis(page.at(95)),
            page.bytes.div_ceil(1024),
            page.statements.len(),
            most.copied().unwrap_or(0),
        );
    }
    let slow = seen.iter().filter(|page| page.is_slow()).count();
    let _ =
        writeln!(text, "\n{slow} of {} pages take more than {} ms.", seen.len(), AIM.as_millis());
    let loan = format!("/console/loans/{}", plan.loans.div_euclid(2).max(1));
    for page in seen {
        if plan.statements || page.is_slow() || page.path == "/console" || page.path == loan {
            let _ = writeln!(text, "\n## `{}`\n", page.path);
            for (statement, times) in &page.statements {
                let _ = writeln!(text, "- {times} × `{statement}`");
            }
        }
    }
    text
}

fn millis(time: Duration) -> String {
    format!("{}.{}", time.as_millis(), time.subsec_micros().rem_euclid(1000).div_euclid(100))
}

/// The statements that have been run, and how often.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<BTreeMap<String, usize>>>);

impl Statements {
    fn take(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Hears of the store's statements and of nothing else.
struct Listener(Statements);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == store::STATEMENTS
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Hearing(&self.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Hearing<'s>(&'s Statements);

impl Visit for Hearing<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            let words: Vec<_> = value.split_whitespace().collect();
            let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = all.entry(words.join(" ")).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
