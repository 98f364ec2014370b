//! Engine and oracle, row by row.

use std::collections::BTreeMap;

use super::super::civil::Day;
use super::super::draw::{self, Dice};
use super::{Line, Outcome, price};
use crate::{Schedule, Terms};

/// The terms of one run of the tests. More are drawn with `JIEHUAN_ORACLE_TERMS=100000`.
const TERMS: u64 = 2000;
/// The seed of the first terms; each next is one more. `JIEHUAN_ORACLE_SEED` begins elsewhere.
const SEED: u64 = 20_261_123;

/// What the engine makes of terms, in the oracle's form.
fn outcome(schedule: &Schedule) -> Outcome {
    let lines = schedule.rows.iter().map(|row| Line {
        from: Day::of(row.from),
        due: Day::of(row.due),
        principal: row.principal.fen(),
        interest: row.interest.fen(),
        fees: row.fees.fen(),
        balance: row.balance.fen(),
    });
    let charges = schedule.fees.iter().map(|fee| (Day::of(fee.on), fee.amount.fen()));
    let received = schedule.received.iter().map(|(day, amount)| (Day::of(*day), amount.fen()));
    Outcome {
        lines: lines.collect(),
        charges: charges.collect(),
        received: received.collect(),
        principal: schedule.principal.fen(),
        interest: schedule.interest.fen(),
        fee_total: schedule.fee_total.fen(),
    }
}

/// How often each thing happened.
#[derive(Debug, Default)]
struct Tally {
    priced: u32,
    refused: BTreeMap<String, u32>,
    rows: usize,
}

/// What is different, if anything is.
fn compare(terms: &Terms, tally: &mut Tally) -> Result<(), String> {
    let schedule = terms.clone().check().and_then(|checked| checked.schedule());
    let ours = schedule.map(|schedule| outcome(&schedule));
    let ours = ours.map_err(|problem| problem.field.to_string());
    let theirs = price(terms);
    match &ours {
        Ok(outcome) => {
            (tally.priced, tally.rows) = (tally.priced + 1, tally.rows + outcome.lines.len());
        }
        Err(field) => *tally.refused.entry(field.clone()).or_default() += 1,
    }
    if ours == theirs { Ok(()) } else { Err(side_by_side(&ours, &theirs)) }
}

fn side_by_side(ours: &Result<Outcome, String>, theirs: &Result<Outcome, String>) -> String {
    let side = |side: &Result<Outcome, String>| match side {
        Ok(outcome) => {
            let lines: Vec<_> = outcome.lines.iter().map(text).collect();
            format!("{}\n{:?}\n{:?}", lines.join("\n"), outcome.charges, outcome.received)
        }
        Err(field) => format!("refused: {field}"),
    };
    format!("engine:\n{}\noracle:\n{}", side(ours), side(theirs))
}

fn text(line: &Line) -> String {
    let (year, month, day) = line.due.parts();
    let Line { principal, interest, fees, balance, .. } = line;
    format!("{year}-{month:02}-{day:02} {principal:>12} {interest:>12} {fees:>9} {balance:>12}")
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn the_engine_agrees_with_the_oracle() {
    let count = from_environment("JIEHUAN_ORACLE_TERMS").unwrap_or(TERMS);
    let first = from_environment("JIEHUAN_ORACLE_SEED").unwrap_or(SEED);
    let (mut tally, mut different) = (Tally::default(), Vec::new());
    for seed in first..first + count {
        let terms = draw::terms(&mut Dice::new(seed));
        if let Err(difference) = compare(&terms, &mut tally) {
            different.push(seed);
            if different.len() == 1 {
                println!("seed {seed}\n{terms:#?}\n{difference}");
            }
        }
    }
    println!("{tally:?}");
    assert!(different.is_empty(), "{} disagree, seeds {different:?}", different.len());
    let refused: u32 = tally.refused.values().sum();
    assert!(refused * 5 < tally.priced, "too many refusals prove nothing: {tally:?}");
}
