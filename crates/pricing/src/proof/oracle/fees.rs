//! The oracle's fees and totals.

use kernel::Money;

use super::super::civil::Day;
use super::super::ratio::Ratio;
use super::loan::Loan;
use super::{Line, Outcome};
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::terms::Size;

/// Adds fees and totals to rows.
pub(super) fn complete(loan: &Loan<'_>, mut lines: Vec<Line>) -> Result<Outcome, String> {
    let principal: i64 = lines.iter().map(|line| line.principal).sum();
    let interest: i64 = lines.iter().map(|line| line.interest).sum();
    if interest > Money::MAX.fen() {
        return Err("principal".to_owned());
    }
    let mut received = loan.advances.clone();
    received[0].1 = loan.requested - received.iter().skip(1).map(|(_, more)| more).sum::<i64>();
    let (day, last) = (received[0].0, lines.last().unwrap().due);
    let mut charges = Vec::new();
    for (index, fee) in loan.terms.fees.iter().enumerate() {
        match fee.time {
            FeeTime::KeptBack => {
                let fees = [loan.requested, loan.requested, interest, loan.requested + interest];
                let amount = amount(loan, fee, of_kind(fee.base, fees, 0))?;
                received[0].1 -= amount;
                charges.push((day, amount));
                if received[0].1 <= 0 {
                    return Err(format!("fees[{index}]"));
                }
            }
            FeeTime::Added => charges.push((day, amount(loan, fee, loan.requested)?)),
            FeeTime::On(on) => {
                let on = Day::of(on);
                if on < Day::of(loan.terms.start) || on > last {
                    return Err(format!("fees[{index}].on"));
                }
                let fees = [loan.whole, loan.whole, interest, loan.whole + interest];
                let amount =
                    amount(loan, fee, of_kind(fee.base, fees, outstanding(loan, &lines, on)))?;
                lines.iter_mut().find(|line| on <= line.due).unwrap().fees += amount;
                charges.push((on, amount));
            }
            FeeTime::EachPeriod => {
                for line in lines.iter_mut().filter(|line| line.from != line.due) {
                    let due = line.principal + line.interest;
                    let fees = [loan.whole, line.principal, line.interest, due];
                    let open = line.principal + line.balance;
                    let amount = amount(loan, fee, of_kind(fee.base, fees, open))?;
                    line.fees += amount;
                    charges.push((line.due, amount));
                }
            }
        }
    }
    if lines.iter().any(|line| line.principal + line.interest + line.fees > Money::MAX.fen()) {
        return Err("principal".to_owned());
    }
    charges.sort_by_key(|(day, _)| *day);
    let fee_total = charges.iter().map(|(_, amount)| amount).sum::<i64>();
    if fee_total > Money::MAX.fen() {
        return Err("principal".to_owned());
    }
    Ok(Outcome { lines, charges, received, principal, interest, fee_total })
}

fn of_kind(base: FeeBase, [whole, principal, interest, both]: [i64; 4], open: i64) -> i64 {
    match base {
        FeeBase::Loan => whole,
        FeeBase::Principal => principal,
        FeeBase::Interest => interest,
        FeeBase::PrincipalAndInterest => both,
        FeeBase::Outstanding => open,
    }
}

fn amount(loan: &Loan<'_>, fee: &Fee, base: i64) -> Result<i64, String> {
    match fee.size {
        Size::Amount(amount) => Ok(amount.fen()),
        Size::Share(_) if base > Money::MAX.fen() => Err("principal".to_owned()),
        Size::Share(share) => {
            let exact = Ratio::percent(share).times(&Ratio::whole(base));
            exact.rounded(loan.terms.rounding.interest).ok_or_else(|| "principal".to_owned())
        }
    }
}

/// What was disbursed up to a day, without what was due before it.
fn outstanding(loan: &Loan<'_>, lines: &[Line], on: Day) -> i64 {
    let out = loan.advances.iter().filter(|(day, _)| *day <= on);
    let back = lines.iter().filter(|line| line.due < on);
    let down = if loan.advances[0].0 <= on { loan.down } else { 0 };
    out.map(|(_, amount)| amount).sum::<i64>() + down - back.map(|line| line.principal).sum::<i64>()
}
