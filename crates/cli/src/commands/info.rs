//! Commands that tell something and stop.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, ValueEnum};
use clap_complete::Shell;

use super::{Cli, load_all, print};
use crate::config::{Config, Flags, print_effective};
use crate::{calc, wiring};

/// The version of the binary, and of what the OpenAPI descriptions describe.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn config(flags: &Flags) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    print_effective(&mut text, &load_all(flags)?)?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let opened = wiring::open(config, wiring::Use::Command)?;
    let mut text = String::new();
    for step in &opened.applied {
        let _ = writeln!(text, "applied {:04} {}", step.number, step.name);
    }
    text.push_str("the schema is up to date\n");
    opened.lending.close();
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A channel that has a description.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Described {
    Futureloan,
    Xianjindai,
    Wukong,
    Shuaidan,
    Chaojihua,
    Calc,
    Console,
}

pub(super) fn openapi(channel: Described) -> anyhow::Result<ExitCode> {
    let description = match channel {
        Described::Futureloan => channel_futureloan::openapi(VERSION),
        Described::Xianjindai => channel_xianjindai::openapi(VERSION),
        Described::Wukong => channel_wukong::openapi(VERSION),
        Described::Shuaidan => channel_shuaidan::openapi(VERSION),
        Described::Chaojihua => channel_chaojihua::openapi(VERSION),
        Described::Calc => calc::describe(VERSION),
        Described::Console => console::openapi(VERSION),
    };
    print(&format!("{}\n", serde_json::to_string_pretty(&description)?))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "jiehuan", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn version() -> anyhow::Result<ExitCode> {
    print(&format!("jiehuan {VERSION}\n"))?;
    Ok(ExitCode::SUCCESS)
}
