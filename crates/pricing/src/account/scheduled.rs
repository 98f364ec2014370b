//! A loan whose interest stands as scheduled, whenever it is paid.
//!
//! Whoever pays more than is due pays the next instalments in advance, with their interest. Only a
//! settlement spares interest: it costs what the lender has earned by its day, less all interest
//! that was paid. Interest that was paid in advance is not given back.

use kernel::{Date, Money};

use super::book::{Item, Origin, Use};
use super::rules::{Part, SettlementInterest};
use super::{Event, Quote, Rules, Standing, Story, What, fits};
use crate::calendar::Period;
use crate::fees::FeeCharge;
use crate::fraction::round_ratio;
use crate::problem::Problem;
use crate::schedule::{Engine, Row};
use crate::terms::{CheckedTerms, InterestGrace, Method};

pub(super) fn standing(
    checked: &CheckedTerms,
    rules: &Rules,
    events: &[Event],
    on: Date,
) -> Result<Standing, Problem> {
    let schedule = checked.schedule()?;
    let fees: Vec<FeeCharge> = schedule.fees.into_iter().filter(|fee| !fee.is_upfront()).collect();
    let drafts = Engine::new(checked).earned()?;
    let earned = drafts.iter().map(|draft| (draft.interest, draft.balance)).collect();
    let story = Story::new(checked, rules);
    let mut loan = Scheduled { story, rows: schedule.rows, earned };
    loan.enter_rows();
    let (rows, last) = (&loan.rows, loan.rows.len().saturating_sub(1));
    let row_of = |day: Date| rows.partition_point(|row| row.due < day).min(last);
    loan.story.enter_charges(&fees, events, row_of);
    for event in events.iter().filter(|event| event.on <= on) {
        match event.what {
            What::Paid(amount) => fits(loan.pay(event.on, amount))?,
            What::Settled(amount) => fits(loan.settle(event.on, amount))?,
            What::Fee(_) | What::Penalty(_) => {}
        }
    }
    fits(loan.story.charge(on))?;
    let quote = fits(loan.quote(on))?;
    fits(loan.story.finish(loan.rows, quote, on))
}

struct Scheduled<'a> {
    story: Story<'a>,
    rows: Vec<Row>,
    /// What each period earns in interest, and the balance after it.
    earned: Vec<(i64, i64)>,
}

impl Scheduled<'_> {
    fn enter_rows(&mut self) {
        let grace = &self.story.checked.terms.grace;
        let listed = match grace.interest_rule {
            InterestGrace::Listed => usize::try_from(grace.interest).unwrap_or(usize::MAX),
            InterestGrace::Deferred => 0,
        };
        // A down payment is a row before the first period.
        let before = usize::from(self.story.checked.down_payment.is_some());
        let listed = listed.saturating_add(before);
        let after = self.rows.get(listed).or(self.rows.last()).map(|row| row.due);
        for (place, row) in self.rows.iter().enumerate() {
            let due = after.filter(|_| place < listed).unwrap_or(row.due);
            self.story.book.add(place, Part::Interest, due, row.interest.fen());
            self.story.book.add(place, Part::Principal, row.due, row.principal.fen());
        }
    }

    fn pay(&mut self, on: Date, amount: Money) -> Option<()> {
        self.story.charge(on)?;
        let allocation = &self.story.rules.allocation;
        let mut used = Use::default();
        let left = self.story.book.pay_due(on, amount.fen(), allocation, &mut used);
        let room = self.story.outstanding(on).checked_sub(used.principal)?;
        let left = self.story.book.pay_in_advance(left, room, allocation, &mut used);
        self.story.record(on, amount, used, left)
    }

    /// Pays the quote of the day and strikes out what it spares.
    fn settle(&mut self, on: Date, amount: Money) -> Option<()> {
        self.story.charge(on)?;
        let quote = self.quote(on)?;
        let is_early = self.story.advanced(on) == 0;
        if amount < quote.total || self.story.ended.is_some() || is_early {
            return self.pay(on, amount);
        }
        let fee = self.early_fee(on)?;
        let place = self.rows.partition_point(|row| row.due < on);
        let place = place.min(self.rows.len().saturating_sub(1));
        let book = &mut self.story.book;
        book.add(place, Part::Fee, on, fee);
        let mut used = Use::default();
        let is_charge =
            |item: &Item| matches!(item.part, Part::Fee | Part::Penalty) && item.due <= on;
        book.pay_some(i64::MAX, is_charge, &mut used);
        book.pay_some(quote.interest.fen(), |item| item.part == Part::Interest, &mut used);
        book.pay_some(quote.principal.fen(), |item| item.part == Part::Principal, &mut used);
        book.strike(|item| match item.part {
            Part::Interest | Part::Principal => true,
            Part::Fee => item.origin == Origin::FeeOfTerms,
            Part::Penalty => false,
        });
        self.story.ended = Some(on);
        self.show_what_was_paid()?;
        let left = amount.minus(quote.total)?;
        self.story.record(on, amount, used, left.fen())
    }

    /// Rows show what was paid of them, after a settlement.
    fn show_what_was_paid(&mut self) -> Option<()> {
        let mut paid = vec![(0_i64, 0_i64); self.rows.len()];
        for item in self.story.book.items() {
            let (principal, interest) = paid.get_mut(item.row)?;
            match item.part {
                Part::Principal => *principal = principal.checked_add(item.paid)?,
                Part::Interest => *interest = interest.checked_add(item.paid)?,
                Part::Fee | Part::Penalty => {}
            }
        }
        let mut repaid = 0_i64;
        for (row, (principal, interest)) in self.rows.iter_mut().zip(paid) {
            repaid = repaid.checked_add(principal)?;
            // What is disbursed on a due date belongs to the next row.
            let before = if row.from < row.due { row.due.minus_days(1)? } else { row.due };
            row.principal = Money::from_fen(principal)?;
            row.interest = Money::from_fen(interest)?;
            row.balance = Money::from_fen(self.story.advanced(before).checked_sub(repaid)?)?;
        }
        Some(())
    }

    fn quote(&self, on: Date) -> Option<Quote> {
        let book = &self.story.book;
        let principal = self.story.outstanding(on);
        let paid = book.items().iter().filter(|item| item.part == Part::Interest);
        let paid = paid.map(|item| item.paid).sum::<i64>();
        let interest = match self.story.ended {
            Some(_) => 0,
            None => self.earned(on)?.checked_sub(paid)?.max(0),
        };
        let fees = self.story.charges_due(Part::Fee, on).checked_add(self.early_fee(on)?)?;
        Quote::of(principal, interest, fees, self.story.charges_due(Part::Penalty, on))
    }

    fn early_fee(&self, on: Date) -> Option<i64> {
        let due = self.story.book.unpaid(|item| item.part == Part::Principal && item.due <= on);
        self.story.settlement_fee(self.story.outstanding(on).checked_sub(due)?)
    }

    /// The interest that the lender has earned by a day, by the rule for settlements.
    fn earned(&self, on: Date) -> Option<i64> {
        let checked = self.story.checked;
        let mut engine = Engine::new(checked);
        let mut sum = 0_i64;
        let mut opening = engine.opening()?;
        for ((index, period), (interest, balance)) in
            checked.periods.iter().enumerate().zip(&self.earned)
        {
            if on <= period.from {
                break;
            }
            let earned = if period.due <= on {
                *interest
            } else if engine.is_free(index) {
                0
            } else if checked.terms.method == Method::Flat {
                self.flat_part(period, *interest, on)?
            } else {
                let mut moves = engine.inflows(period);
                moves.retain(|(date, _)| *date <= on);
                let to = self.to_day(period, on);
                engine.meter.interest(0, period, (opening, &moves), to)?
            };
            sum = sum.checked_add(earned)?;
            opening = *balance;
        }
        Some(sum)
    }

    /// Up to when a settlement pays interest of the running period.
    fn to_day(&self, period: &Period, on: Date) -> Date {
        match self.story.rules.settlement.interest {
            SettlementInterest::ToDay => on,
            SettlementInterest::ToPeriodEnd => period.due,
        }
    }

    /// Flat interest of a running period: by its days since there is something to bear it.
    fn flat_part(&self, period: &Period, interest: i64, on: Date) -> Option<i64> {
        let checked = self.story.checked;
        let first = checked.terms.advances.first()?.0;
        if first > on {
            return Some(0);
        }
        let begin = period.from.max(first);
        let (used, days) =
            (begin.days_until(self.to_day(period, on)), begin.days_until(period.due));
        let part = u128::try_from(interest).ok()?.checked_mul(used.try_into().ok()?)?;
        round_ratio(part, days.try_into().ok()?, checked.terms.rounding.interest)
    }
}
