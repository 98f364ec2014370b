//! `jiehuan clock`: the business clock of a bench.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use lending::clock::MOST_ADVANCE_MS;

use super::print;
use crate::config::Config;
use crate::wiring;

/// Milliseconds in a day, an hour and a minute.
const UNITS: &[(char, u64)] = &[('d', 86_400_000), ('h', 3_600_000), ('m', 60_000)];

#[derive(Subcommand)]
pub(super) enum Clock {
    /// Show the business time
    Show,
    /// Move the business clock forward: 11d, 12h, 90m
    Advance {
        /// How far
        by: String,
    },
}

pub(super) fn run(config: &Config, command: Clock) -> anyhow::Result<ExitCode> {
    if let Clock::Advance { .. } = &command
        && !config.bench.movable_clock
    {
        bail!("the business clock cannot be moved: bench.movable_clock is off");
    }
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    if let Clock::Advance { by } = command {
        lending.advance_clock(millis(&by)?)?;
    }
    let now = lending.clock().now();
    lending.close();
    let (business, wall) = (now.business.shanghai_text(), now.wall.shanghai_text());
    print(&format!("business clock {business}\nwall clock     {wall}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn millis(text: &str) -> anyhow::Result<u64> {
    let explained = || format!("{text} is no time to advance by: 11d, 12h or 90m");
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(*unit)).with_context(explained)?;
    let count: u64 = text.trim_end_matches(unit.0).parse().with_context(explained)?;
    let millis = count.checked_mul(unit.1).filter(|millis| *millis <= MOST_ADVANCE_MS);
    millis.with_context(|| format!("{text} is more than the 400d that it is moved at once"))
}
