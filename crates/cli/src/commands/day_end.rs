//! `jiehuan day-end`: works on the day-ends that are due, and shows how far they have come.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::Date;
use lending::servicing::day_end::{self, Phase, Progress};
use lending::{Fault, Lending};

use super::print;
use crate::config::Config;
use crate::wiring;

/// How often it is looked whether reminders may go out.
const LOOK: Duration = Duration::from_secs(30);

#[derive(Args)]
pub(super) struct DayEnd {
    /// Wait where reminders may not go out yet, until every day is finished
    #[arg(long)]
    until_done: bool,
}

pub(super) fn run(config: &Config, command: &DayEnd) -> anyhow::Result<ExitCode> {
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    let done = work(&lending, command.until_done);
    lending.close();
    let (text, failed) = done?;
    print(&text)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What a run has done so far.
struct Worked {
    bar: ProgressBar,
    since: Instant,
    /// The day and its loans as they were last told.
    last: Option<Progress>,
    /// Loans whose day was booked by this run.
    loans: u64,
    days: Vec<Date>,
}

/// Works until nothing is due; what it did, and whether loans were passed over.
fn work(lending: &Lending, until_done: bool) -> anyhow::Result<(String, bool)> {
    let mut worked =
        Worked { bar: bar(), since: Instant::now(), last: None, loans: 0, days: Vec::new() };
    let (_keep, never) = mpsc::channel::<()>();
    let mut waiting = true;
    while waiting {
        let run = day_end::run(lending, None, |progress| {
            worked.tell(progress);
            true
        });
        let run = run?;
        waiting = run.waiting && until_done;
        if waiting {
            worked.bar.set_message("waits for the contact hours");
            let _ = never.recv_timeout(LOOK);
            lending.follow_clock()?;
        } else if run.waiting {
            worked.bar.set_message("reminders wait for the contact hours");
        }
    }
    worked.bar.finish_and_clear();
    worked.report(lending)
}

/// On standard error; nothing where that is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style = "{msg} [{wide_bar}] {pos}/{len} loans, {per_sec}, {eta} left";
    // A template that cannot be read leaves the bar as it comes.
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

fn count(loans: i64) -> u64 {
    u64::try_from(loans).unwrap_or(0)
}

impl Worked {
    fn tell(&mut self, progress: &Progress) {
        let same = self.last.filter(|last| last.day == progress.day);
        if same.is_none() {
            self.days.push(progress.day);
            self.bar.reset();
            self.bar.set_length(count(progress.loans));
        }
        let before = same.map_or(0, |last| last.worked);
        self.loans = self.loans.saturating_add(count(progress.worked.saturating_sub(before)));
        self.last = Some(*progress);
        self.bar.set_position(count(progress.worked));
        self.bar.set_message(format!("{} {}", progress.day, progress.phase.word()));
    }

    fn report(&self, lending: &Lending) -> anyhow::Result<(String, bool)> {
        let mut text = String::new();
        let (Some(first), Some(last)) = (self.days.first(), self.last) else {
            return Ok(("nothing is due\n".to_owned(), false));
        };
        let millis = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let speed = self.loans.saturating_mul(1000) / millis;
        let _ = writeln!(
            text,
            "{first} to {}: {} loans in {}.{:03} s, {speed} loans/s",
            last.day,
            self.loans,
            millis / 1000,
            millis % 1000
        );
        if last.phase != Phase::Done {
            let _ = writeln!(text, "{} stands at {}", last.day, last.phase.word());
        }
        let mut failed = false;
        for day in &self.days {
            let day = *day;
            let failures =
                lending.read_and_wait::<_, Fault>(move |tx| day_end::failures(tx, day))?;
            for failure in failures {
                failed = true;
                let (loan, phase) = (failure.loan.number(), failure.phase.word());
                let _ =
                    writeln!(text, "{day} passed over loan {loan} at {phase}: {}", failure.reason);
            }
        }
        Ok((text, failed))
    }
}
