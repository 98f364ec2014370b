//! Fees of a schedule: computed from its rows, and written into them.

use std::borrow::Cow;

use kernel::{Date, Money};

use super::{Row, Schedule, too_large};
use crate::fees::{Fee, FeeBase, FeeCharge, FeeTime};
use crate::problem::Problem;
use crate::terms::{CheckedTerms, Size};

/// Adds fees and totals to rows of principal and interest.
pub(super) fn complete(checked: &CheckedTerms, mut rows: Vec<Row>) -> Result<Schedule, Problem> {
    let total = |part: fn(&Row) -> Money| {
        let sum = rows.iter().try_fold(Money::ZERO, |sum, row| sum.plus(part(row)));
        sum.ok_or_else(too_large)
    };
    let (principal, interest) = (total(|row| row.principal)?, total(|row| row.interest)?);
    let mut received = checked.terms.advances.clone();
    let added = checked.whole.minus(checked.requested);
    if let Some(first) = received.first_mut() {
        first.1 = added.and_then(|added| first.1.minus(added)).ok_or_else(too_large)?;
    }
    let mut charges: Vec<FeeCharge> = Vec::new();
    let day = received.first().map_or(checked.terms.start, |(date, _)| *date);
    for (index, fee) in checked.terms.fees.iter().enumerate() {
        let totals = Totals { checked, interest };
        let own = totals.charges(fee, index, &mut rows, day)?;
        for charge in own.iter().filter(|charge| charge.time == FeeTime::KeptBack) {
            let first = received.first_mut().ok_or_else(too_large)?;
            let left = first.1.minus(charge.amount).filter(|left| *left > Money::ZERO);
            let field = Cow::Owned(format!("fees[{index}]"));
            first.1 = left.ok_or_else(|| Problem::contradiction(field, "principal"))?;
        }
        charges.extend(own);
    }
    if rows.iter().any(|row| row.instalment().is_none()) {
        return Err(too_large());
    }
    charges.sort_by_key(|charge| charge.on);
    let fee_total = charges.iter().try_fold(Money::ZERO, |sum, fee| sum.plus(fee.amount));
    let fee_total = fee_total.ok_or_else(too_large)?;
    Ok(Schedule { rows, fees: charges, received, principal, interest, fee_total })
}

/// The fees that a row is charged each period, for rows that are recalculated.
pub(crate) fn each_period(checked: &CheckedTerms, row: &Row) -> Result<Money, Problem> {
    Totals { checked, interest: Money::ZERO }.of_row(row)
}

/// What shares are shares of.
struct Totals<'a> {
    checked: &'a CheckedTerms,
    interest: Money,
}

impl Totals<'_> {
    fn charges(
        &self,
        fee: &Fee,
        index: usize,
        rows: &mut [Row],
        day: Date,
    ) -> Result<Vec<FeeCharge>, Problem> {
        let charge = |on, amount| FeeCharge { name: fee.name.clone(), time: fee.time, on, amount };
        match fee.time {
            FeeTime::KeptBack | FeeTime::Added => {
                let base = self.base_of_loan(fee.base, self.checked.requested);
                Ok(vec![charge(day, self.size(fee, base)?)])
            }
            FeeTime::On(on) => {
                let last = rows.last().map_or(day, |row| row.due);
                if on < self.checked.terms.start || on > last {
                    let field = Cow::Owned(format!("fees[{index}].on"));
                    let start = self.checked.terms.start.to_string();
                    return Err(Problem::range(field, start, last.to_string()));
                }
                let base = match fee.base {
                    FeeBase::Outstanding => self.outstanding(rows, on),
                    base @ (FeeBase::Loan
                    | FeeBase::Principal
                    | FeeBase::Interest
                    | FeeBase::PrincipalAndInterest) => self.base_of_loan(base, self.checked.whole),
                };
                let amount = self.size(fee, base)?;
                if let Some(row) = rows.iter_mut().find(|row| on <= row.due) {
                    row.fees = row.fees.plus(amount).ok_or_else(too_large)?;
                }
                Ok(vec![charge(on, amount)])
            }
            FeeTime::EachPeriod => {
                let mut charges = Vec::new();
                for row in rows.iter_mut().filter(|row| row.from < row.due) {
                    let amount = self.size(fee, self.base_of_row(fee.base, row))?;
                    row.fees = row.fees.plus(amount).ok_or_else(too_large)?;
                    charges.push(charge(row.due, amount));
                }
                Ok(charges)
            }
        }
    }

    /// The fees that a row is charged each period.
    fn of_row(&self, row: &Row) -> Result<Money, Problem> {
        let fees = self.checked.terms.fees.iter().filter(|fee| fee.time == FeeTime::EachPeriod);
        fees.into_iter().try_fold(Money::ZERO, |sum, fee| {
            sum.plus(self.size(fee, self.base_of_row(fee.base, row))?).ok_or_else(too_large)
        })
    }

    fn size(&self, fee: &Fee, base: Option<Money>) -> Result<Money, Problem> {
        let round = self.checked.terms.rounding.interest;
        match fee.size {
            Size::Amount(amount) => Ok(amount),
            share @ Size::Share(_) => {
                base.and_then(|base| share.of(base, round)).ok_or_else(too_large)
            }
        }
    }

    fn base_of_loan(&self, base: FeeBase, loan: Money) -> Option<Money> {
        match base {
            FeeBase::Loan | FeeBase::Principal | FeeBase::Outstanding => Some(loan),
            FeeBase::Interest => Some(self.interest),
            FeeBase::PrincipalAndInterest => loan.plus(self.interest),
        }
    }

    fn base_of_row(&self, base: FeeBase, row: &Row) -> Option<Money> {
        match base {
            FeeBase::Loan => Some(self.checked.whole),
            FeeBase::Principal => Some(row.principal),
            FeeBase::Interest => Some(row.interest),
            FeeBase::PrincipalAndInterest => row.principal.plus(row.interest),
            FeeBase::Outstanding => row.balance.plus(row.principal),
        }
    }

    /// What was disbursed up to a day, that day included, less what was due before it.
    fn outstanding(&self, rows: &[Row], on: Date) -> Option<Money> {
        let mut advances = self.checked.terms.advances.iter().take_while(|(date, _)| *date <= on);
        let out = advances.try_fold(Money::ZERO, |sum, (_, amount)| sum.plus(*amount))?;
        let mut before = rows.iter().take_while(|row| row.due < on);
        before.try_fold(out, |left, row| left.minus(row.principal))
    }
}
