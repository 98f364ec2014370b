//! `jiehuan fixture`: a bench in a known state.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use lending::{Fault, Route, market};

use super::print;
use crate::config::Config;
use crate::{fixture, wiring};

#[derive(Subcommand)]
pub(super) enum Fixture {
    /// Load members, projects and investments from a JSON file; see docs/fixtures.md
    Load {
        /// The file
        file: PathBuf,
        /// Empty the bench first
        #[arg(long)]
        reset: bool,
    },
    /// Empty the bench: every member, project and movement of money is gone
    Reset,
}

pub(super) fn run(config: &Config, command: Fixture) -> anyhow::Result<ExitCode> {
    if !config.bench.fixtures {
        bail!("fixtures are for benches: bench.fixtures is off in this profile");
    }
    match command {
        Fixture::Load { file, reset } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let fixture = fixture::parse(&text)?;
            // A fixture may hold any project that could ever be listed.
            let mut config = config.clone();
            config.futureloan.minimum_loan = market::STEP;
            let lending = wiring::open(&config, wiring::Use::Command)?.lending;
            if reset {
                lending.write_and_wait(Route::home(0), market::wipe)?;
                // The clock is where it was, and no period is closed any more.
                lending.follow_clock()?;
            }
            let loaded = fixture::load(&lending, fixture, wiring::cost(&config));
            lending.close();
            print(&loaded?)?;
        }
        Fixture::Reset => {
            let lending = wiring::open(config, wiring::Use::Command)?.lending;
            let wiped = lending.write_and_wait(Route::home(0), market::wipe);
            lending.close();
            wiped.map_err(|fault: Fault| fault)?;
            print("the bench is empty\n")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
