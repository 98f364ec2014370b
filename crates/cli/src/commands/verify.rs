//! `jiehuan verify`: proves the books.

use std::fmt::Write as _;
use std::process::ExitCode;

use lending::{Fault, ledger};

use super::print;
use crate::config::Config;
use crate::wiring;

/// How to prove them.
#[derive(clap::Args)]
pub(super) struct Verify {
    /// Print the digest of everything that was booked: it is the same wherever the same happened
    #[arg(long)]
    digest: bool,
}

pub(super) fn run(config: &Config, command: &Verify) -> anyhow::Result<ExitCode> {
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    let (verified, trial) = lending
        .read_and_wait(|tx| Ok::<_, Fault>((ledger::verify(tx)?, ledger::trial_balance(tx)?)))?;
    let digest = if command.digest {
        Some(lending.read_and_wait::<_, Fault>(ledger::digest)?)
    } else {
        None
    };
    lending.close();
    let verified = match verified {
        Ok(verified) => verified,
        Err(difference) => {
            print(&format!("DIFFERENCE at row {}: {}\n", difference.row, difference.check))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut text = String::new();
    for (check, rows) in verified.checks {
        let _ = writeln!(text, "ok {rows:>10}  {check}");
    }
    text.push_str("\ntrial balance (yuan, credits positive)\n");
    for line in trial {
        let (name, count) = (line.account, line.accounts);
        let _ = writeln!(text, "{name:<14} {count:>10} {:>20}", yuan(line.balance_fen));
    }
    text.push_str("\nthe books are clean\n");
    if let Some(digest) = digest {
        let _ = writeln!(text, "ledger digest {digest}");
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A sum in fen as yuan; sums may be larger than any one amount.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}
