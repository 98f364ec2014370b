//! The binary `jiehuan`: one subcommand per role; `serve` is the one it takes by itself.

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use jiehuan::commands::{self, Cli};

/// Log-ins take and give back 19 MiB each; the system's allocator would keep them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let settings = jiehuan::config::help_text();
    let matches = Cli::command().after_long_help(settings).get_matches();
    let run = Cli::from_arg_matches(&matches).map_err(anyhow::Error::from);
    match run.and_then(commands::run) {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&format!("jiehuan: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
