//! `jiehuan calc`: the calculator on standard input or a file. It needs no database.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use calculator::{Options, Reply};
use clap::{Args, ValueEnum};
use kernel::Date;
use lending::Clock;
use serde::Serialize;
use serde_json::Value;

use super::print;
use crate::calc::TableFiles;

/// More than this is no request any more.
const LARGEST_BYTES: u64 = 64 * 1024 * 1024;

/// What to read and how to answer.
#[derive(Args)]
pub(super) struct Calc {
    /// File with one JSON request, an array of them, or one on each line; `-` or nothing reads
    /// standard input. docs/calc.md has the fields
    file: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Tell how each figure came about
    #[arg(long)]
    explain: bool,
    /// The day on which loans begin that do not say it; today by itself
    #[arg(long, value_parser = day)]
    today: Option<Date>,
    #[command(flatten)]
    tables: TableFiles,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Table,
    Csv,
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "a date like 2024-02-29".to_owned())
}

/// How the requests came.
enum Requests {
    One(Value),
    Many(Vec<Value>),
    Lines(Vec<Value>),
}

/// Answers every request; the exit code is 1 when one of them could not be answered.
pub(super) fn run(command: &Calc) -> anyhow::Result<ExitCode> {
    let today = command.today.unwrap_or_else(|| Clock::real().now().wall.date());
    let options = Options { today, explain: command.explain, tables: command.tables.load()? };
    let requests = parse(&read(command)?)?;
    let mut has_failed = false;
    let mut reply = |request: &Value| {
        let reply = calculator::reply(request, &options);
        has_failed |= matches!(reply, Reply::Refused { .. });
        reply
    };
    let format = command.format;
    let text = match &requests {
        Requests::One(request) if format == Format::Json => pretty(&reply(request))?,
        Requests::One(request) => plain(&reply(request), format),
        Requests::Many(requests) if format == Format::Json => {
            pretty(&requests.iter().map(&mut reply).collect::<Vec<_>>())?
        }
        Requests::Lines(requests) if format == Format::Json => {
            let lines = requests.iter().map(|request| serde_json::to_string(&reply(request)));
            lines.collect::<Result<Vec<_>, _>>()?.join("\n") + "\n"
        }
        Requests::Many(requests) | Requests::Lines(requests) => {
            let texts = requests.iter().map(|request| plain(&reply(request), format));
            texts.collect::<Vec<_>>().join("\n")
        }
    };
    print(&text)?;
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(command: &Calc) -> anyhow::Result<String> {
    let mut text = String::new();
    match command.file.as_deref().filter(|file| file.as_os_str() != "-") {
        None => std::io::stdin().take(LARGEST_BYTES).read_to_string(&mut text),
        Some(file) => {
            let file = std::fs::File::open(file)
                .with_context(|| format!("cannot open {}", file.display()))?;
            file.take(LARGEST_BYTES).read_to_string(&mut text)
        }
    }
    .context("the requests cannot be read as UTF-8 text")?;
    if u64::try_from(text.len()).is_ok_and(|length| length >= LARGEST_BYTES) {
        bail!("the requests are longer than {} MiB", LARGEST_BYTES >> 20);
    }
    Ok(text)
}

/// One value, or one on each line.
fn parse(text: &str) -> anyhow::Result<Requests> {
    match serde_json::from_str(text) {
        Ok(Value::Array(requests)) => return Ok(Requests::Many(requests)),
        Ok(request) => return Ok(Requests::One(request)),
        Err(error) if error.is_syntax() => {}
        Err(error) => bail!("no JSON request: {error}"),
    }
    // A line that is no JSON is no request: it is refused at its place, and the others answered.
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(Requests::Lines(lines.map(|line| serde_json::from_str(line).unwrap_or_default()).collect()))
}

fn pretty(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

fn plain(reply: &Reply, format: Format) -> String {
    match reply {
        Reply::Answered(answer) if format == Format::Csv => calculator::csv(answer),
        Reply::Answered(answer) => calculator::table(answer),
        Reply::Refused { error } => format!("error: {} / {}\n", error.en, error.zh),
    }
}
