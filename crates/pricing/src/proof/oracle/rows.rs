//! The oracle's rows of principal and interest.

use kernel::Money;

use super::super::civil::Day;
use super::super::ratio::Ratio;
use super::Line;
use super::loan::{EVER, Loan};
use crate::rounding::{Absorb, Mode, Round};
use crate::terms::{InterestFree, InterestGrace, Method};

type Refused<T> = Result<T, String>;

fn large<T>(figure: Option<T>) -> Refused<T> {
    figure.ok_or_else(|| "principal".to_owned())
}

/// All rows without fees, the down payment first.
pub(super) fn lines(loan: &Loan<'_>) -> Refused<Vec<Line>> {
    let mut lines = match loan.terms.method {
        Method::EqualInstalment if loan.terms.instalment.is_some() => given(loan)?,
        Method::EqualInstalment => level(loan)?,
        Method::EqualPrincipal | Method::Flat => parts(loan)?,
        Method::OneOff | Method::InterestOnly => roll(loan, 0, 0, EVER, |_, _| Some(0))?,
    };
    postpone(loan, &mut lines)?;
    // Rows after the loan is repaid are none.
    while lines.last().is_some_and(|line| line.principal == 0 && line.interest == 0) {
        lines.pop();
    }
    if loan.down > 0 {
        let day = loan.advances[0].0;
        let balance = loan.whole - loan.down;
        let line =
            Line { from: day, due: day, principal: loan.down, interest: 0, fees: 0, balance };
        lines.insert(0, line);
    }
    Ok(lines)
}

/// Rows from a period on: each repays what it is told, at most what there is; the last repays
/// all. Rates and disbursements are those known before a day.
fn roll(
    loan: &Loan<'_>,
    first: usize,
    opening: i64,
    known: Day,
    mut part: impl FnMut(usize, i64) -> Option<i64>,
) -> Refused<Vec<Line>> {
    let mut balance = opening;
    let mut lines = Vec::new();
    for (index, (from, due)) in loan.periods.iter().copied().enumerate().skip(first) {
        let interest = large(loan.interest(index, balance, known))?;
        balance += loan.inflows(index, known).iter().map(|(_, amount)| amount).sum::<i64>();
        let told = large(part(index, interest))?;
        let principal = if index == loan.last() { balance } else { told.clamp(0, balance) };
        balance -= principal;
        lines.push(Line { from, due, principal, interest, fees: 0, balance });
    }
    Ok(lines)
}

/// The level instalment that repays a balance and what comes in its first period, before and
/// after it is rounded: present value over the sum of discount factors.
fn annuity(loan: &Loan<'_>, index: usize, balance: i64, round: Round) -> Option<i64> {
    let known = loan.periods[index].1;
    let one = Ratio::whole(1);
    let mut factors = Ratio::whole(0);
    for later in (index..loan.periods.len()).rev() {
        let growth = one.plus(&loan.level_growth(later, known));
        factors = one.plus(&factors).over(&growth);
    }
    let through = one.plus(&loan.level_growth(index, known));
    let mut value = Ratio::whole(balance);
    for (day, amount) in loan.inflows(index, known) {
        let is_there = day == loan.periods[index].0;
        let to_due =
            if is_there { through.clone() } else { one.plus(&loan.growth(index, day, known)) };
        value = value.plus(&Ratio::whole(amount).times(&to_due).over(&through));
    }
    value.over(&factors).by_a_hair(round.step()).rounded(round)
}

/// By how much the last row would differ from the level, if nothing changed any more.
fn gap(loan: &Loan<'_>, index: usize, balance: i64, amounts: (i64, i64)) -> Refused<i64> {
    let (first, level) = amounts;
    let known = loan.periods[index].1;
    let lines = roll(loan, index, balance, known, |place, interest| {
        Some(if place == index { first } else { level } - interest)
    })?;
    Ok(lines.last().map_or(0, |last| last.principal + last.interest) - level)
}

fn smoothed(loan: &Loan<'_>, index: usize, balance: i64, mut level: i64) -> Refused<i64> {
    let rows = i64::try_from(loan.periods.len() - index).unwrap();
    let round = Round::new(Mode::HalfUp, loan.terms.rounding.instalment.step()).unwrap();
    for _ in 0..3 {
        let old = gap(loan, index, balance, (level, level))?;
        if 2 * old.abs() <= rows {
            break;
        }
        let step = large(Ratio::new(old.abs(), rows).rounded(round))? * old.signum();
        let new = gap(loan, index, balance, (level + step, level + step))?;
        if new.abs() >= old.abs() {
            break;
        }
        level += step;
    }
    Ok(level)
}

/// How much more the first row pays, so that the last is as near to the level as can be; the
/// least that does.
fn extra(loan: &Loan<'_>, index: usize, balance: i64, level: i64) -> Refused<i64> {
    let start = gap(loan, index, balance, (level, level))?;
    let at = |more: i64| gap(loan, index, balance, (level + more * start.signum(), level));
    let mut best = (start.abs(), 0);
    // One fen more in the first row is at least one fen less in the last.
    let (mut low, mut high) = (0, start.abs());
    while high - low > 40 {
        let middle = i64::midpoint(low, high);
        if at(middle)?.signum() == start.signum() { low = middle } else { high = middle }
    }
    for more in low..=high {
        best = best.min((at(more)?.abs(), more));
    }
    Ok(best.1 * start.signum())
}

/// Equal instalments, computed anew whenever money comes, the rate turns, or interest alone was
/// more than the instalment.
fn level(loan: &Loan<'_>) -> Refused<Vec<Line>> {
    let rounding = loan.terms.rounding;
    let mut lines: Vec<Line> = Vec::new();
    let (mut level, mut balance, mut more, mut is_anew) = (0, 0, 0, true);
    let mut has_absorbed = false;
    for index in 0..loan.periods.len() {
        let inflows = loan.inflows(index, EVER);
        let interest = large(loan.interest(index, balance, EVER))?;
        let before = balance + inflows.iter().map(|(_, amount)| amount).sum::<i64>();
        if index >= loan.grace() {
            more = 0;
            if is_anew || !inflows.is_empty() || loan.turns_within(index) {
                level = large(annuity(loan, index, balance, rounding.instalment))?;
                if rounding.absorb == Absorb::Smooth {
                    level = smoothed(loan, index, balance, level)?;
                }
                let finest = Round::new(rounding.instalment.mode, 1).unwrap();
                let to_fen = large(annuity(loan, index, balance, finest))?;
                let repays = level > interest || to_fen <= interest;
                if index < loan.last() && before > 0 && rounding.instalment.step() > 1 && !repays {
                    return Err("rounding".to_owned());
                }
            }
            // Once the first row has taken the rest, the level stays.
            is_anew = level < interest && !has_absorbed;
            if rounding.absorb == Absorb::First && !has_absorbed && !is_anew {
                more = extra(loan, index, balance, level)?;
                has_absorbed = true;
            }
        }
        let told = if index < loan.grace() { 0 } else { level + more - interest };
        let principal = if index == loan.last() { before } else { told.clamp(0, before) };
        balance = before - principal;
        let (from, due) = loan.periods[index];
        lines.push(Line { from, due, principal, interest, fees: 0, balance });
    }
    Ok(lines)
}

/// A given instalment; without a count of periods, until the loan is repaid.
fn given(loan: &Loan<'_>) -> Refused<Vec<Line>> {
    let level = loan.terms.instalment.unwrap().fen();
    let last = loan.last();
    let mut lines = roll(loan, 0, 0, EVER, |index, interest| {
        Some(if index < loan.grace() { 0 } else { level - interest })
    })?;
    let end = lines.iter().position(|line| line.balance == 0).unwrap_or(last);
    for (index, line) in lines.iter().enumerate().take(end).skip(loan.grace()) {
        if index < last && line.interest > level {
            let is_money = line.interest <= Money::MAX.fen();
            return Err(if is_money { "instalment" } else { "principal" }.to_owned());
        }
    }
    if loan.terms.periods.is_none() {
        lines.truncate(end + 1);
        if end == last && lines[last].principal + lines[last].interest > level {
            return Err("instalment".to_owned());
        }
    }
    Ok(lines)
}

/// Equal principal with money that comes later: what is there, over the rows that are left.
fn growing(loan: &Loan<'_>) -> Refused<Vec<Line>> {
    let rounding = loan.terms.rounding.instalment;
    let (mut balance, mut part, mut lines) = (0, 0, Vec::new());
    for (index, (from, due)) in loan.periods.iter().copied().enumerate() {
        let interest = large(loan.interest(index, balance, EVER))?;
        let inflows = loan.inflows(index, EVER);
        balance += inflows.iter().map(|(_, amount)| amount).sum::<i64>();
        // What is there on the first day comes in it, and so does what comes later.
        if index == loan.grace() || (index > loan.grace() && !inflows.is_empty()) {
            let left = i64::try_from(loan.periods.len() - index).unwrap();
            part = large(Ratio::new(balance, left).rounded(rounding))?;
        }
        let told = if index < loan.grace() { 0 } else { part };
        let principal = if index == loan.last() { balance } else { told.clamp(0, balance) };
        balance -= principal;
        lines.push(Line { from, due, principal, interest, fees: 0, balance });
    }
    Ok(lines)
}

/// Equal parts of principal, with interest on what is left or, flat, on everything.
fn parts(loan: &Loan<'_>) -> Refused<Vec<Line>> {
    if loan.advances.len() > 1 {
        return growing(loan);
    }
    let rounding = loan.terms.rounding;
    let count = i64::try_from(loan.periods.len() - loan.grace()).unwrap();
    let whole = loan.whole - loan.down;
    let exact = Ratio::new(whole, count);
    let mut parts = vec![0; loan.periods.len()];
    for (index, part) in parts.iter_mut().enumerate().skip(loan.grace()) {
        // Flat loans have a level instalment, and that is what is rounded.
        let is_flat = loan.terms.method == Method::Flat;
        let interest = if is_flat { large(loan.interest(index, 0, EVER))? } else { 0 };
        let level = large(exact.plus(&Ratio::whole(interest)).rounded(rounding.instalment))?;
        *part = (level - interest).max(0);
        let finest = Round::new(rounding.instalment.mode, 1).unwrap();
        let is_lost = *part == 0 && large(exact.rounded(finest))? > 0;
        if index < loan.last() && rounding.instalment.step() > 1 && is_lost {
            return Err("rounding".to_owned());
        }
    }
    if rounding.absorb == Absorb::First {
        let others: i64 = parts.iter().skip(loan.grace() + 1).sum();
        parts[loan.grace()] = (whole - others).max(0);
    }
    roll(loan, 0, 0, EVER, |index, _| Some(parts[index]))
}

/// Moves interest that need not be paid yet to the first row in which it must.
fn postpone(loan: &Loan<'_>, lines: &mut [Line]) -> Refused<()> {
    let grace = loan.terms.grace;
    let (rows, field) = if grace.free > 0 && grace.free_rule == InterestFree::Defer {
        (grace.free, "interest_free")
    } else if grace.interest_rule == InterestGrace::Deferred {
        (grace.interest, "grace_interest")
    } else {
        return Ok(());
    };
    let rows = usize::try_from(rows).unwrap();
    if rows >= lines.len() {
        return Err(field.to_owned());
    }
    let (before, after) = lines.split_at_mut(rows);
    for line in before {
        after[0].interest += line.interest;
        line.interest = 0;
    }
    Ok(())
}
