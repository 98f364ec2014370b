//! A running loan: what is owed on any day, as a function of terms, rules, events and the day.
//!
//! Nothing is kept between two calls, so an event that is told late has exactly the effect that
//! it would have had on its day.

mod after;
mod book;
#[cfg(test)]
mod cases;
mod daily;
#[cfg(test)]
mod hand;
mod line;
mod penalty;
#[cfg(test)]
mod penalty_hand;
#[cfg(test)]
mod penalty_properties;
mod plan;
#[cfg(test)]
mod properties;
mod rules;
mod scheduled;
#[cfg(test)]
mod tests;

use kernel::{Date, Money};

use crate::fees::FeeCharge;
use crate::problem::{Fault, Problem};
use crate::schedule::{Row, too_large};
use crate::terms::CheckedTerms;
use book::{Book, Item, Origin, Use};
pub use rules::{
    Across, Allocation, GraceCount, Part, Penalty, PenaltyBase, PenaltyTime, Prepayment,
    Recalculation, Rules, Sequence, Settlement, SettlementInterest,
};

/// The most events of one loan.
pub const MAX_EVENTS: usize = 1000;

/// Something that happened to a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub on: Date,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A payment by the borrower.
    Paid(Money),
    /// A payment that is meant to settle the loan. Where it does not cover the settlement it is
    /// a payment like any other. What was to be disbursed after a settlement is not.
    Settled(Money),
    /// A fee, due on this day. A settlement before it does not pay it, and is not undone by it.
    Fee(Money),
    /// A penalty, due on this day. A settlement before it does not pay it either.
    Penalty(Money),
}

/// What a payment was used for (冲账).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The day of the payment.
    pub on: Date,
    /// The payment.
    pub amount: Money,
    /// Part that repaid principal.
    pub principal: Money,
    /// Part that paid interest.
    pub interest: Money,
    /// Part that paid fees.
    pub fees: Money,
    /// Part that paid penalties.
    pub penalties: Money,
    /// Part that nothing was owed for: the borrower's credit (溢缴款).
    pub excess: Money,
    /// Principal outstanding afterwards.
    pub principal_balance: Money,
}

/// A row with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRow {
    /// The row; recalculated, where the rules say so. The last row has the interest that
    /// overdue principal bears after it.
    pub row: Row,
    /// Penalties charged for it.
    pub penalties: Money,
    /// What has been paid of it.
    pub paid: Money,
    /// What is unpaid of it, due or not.
    pub outstanding: Money,
    /// For how many days it has been overdue.
    pub overdue_days: i32,
}

/// What it takes to settle the loan on a day (提前结清试算), after what was paid on it.
///
/// Charges of later days are not in it: fees of the terms are spared, others are due on their day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Principal outstanding.
    pub principal: Money,
    /// Interest to be paid.
    pub interest: Money,
    /// Fees to be paid, a fee for settling early among them.
    pub fees: Money,
    /// Penalties to be paid.
    pub penalties: Money,
    /// Everything together.
    pub total: Money,
}

/// How a loan stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The day.
    pub on: Date,
    /// Its rows. By days they end where the loan ends; as scheduled they stay, and after a
    /// settlement show what was paid of them.
    pub rows: Vec<StandingRow>,
    /// Its payments, in the order of their days.
    pub payments: Vec<Applied>,
    /// What is due on the day or was due before, and is unpaid.
    pub due: Money,
    /// What was due before the day, and is unpaid.
    pub overdue: Money,
    /// What it takes to settle on the day.
    pub settlement: Quote,
    /// The borrower's credit.
    pub excess: Money,
}

impl CheckedTerms {
    /// How the loan stands on a day, after what happened up to it. Later payments are passed over;
    /// fees and penalties that are already known for later days are not.
    ///
    /// # Errors
    /// Rules that contradict themselves or the terms; events before the loan began; figures too
    /// large to be money.
    pub fn standing(&self, rules: &Rules, events: &[Event], on: Date) -> Result<Standing, Problem> {
        rules.check()?;
        if events.len() > MAX_EVENTS {
            return Err(Problem::range("events", "0", MAX_EVENTS.to_string()));
        }
        if on < self.terms.start || on.year() > 2200 {
            return Err(Problem::range(
                "business_date",
                self.terms.start.to_string(),
                "2200-12-31",
            ));
        }
        let dates = events.iter().map(|event| event.on);
        if dates.clone().any(|date| date < self.terms.start || date.year() > 2200) {
            return Err(Problem::range("events", self.terms.start.to_string(), "2200-12-31"));
        }
        let mut sorted = events.to_vec();
        sorted.sort_by_key(|event| event.on);
        let standing = self.keep(rules, &sorted, on);
        // Where it is only the compounding that leads too far, that is what is told.
        if let (Err(problem), Some(penalty)) = (&standing, rules.penalty)
            && penalty.compounds
            && *problem == too_large()
        {
            let penalty = Some(Penalty { compounds: false, ..penalty });
            if self.keep(&Rules { penalty, ..*rules }, &sorted, on).is_ok() {
                return Err(Problem::new("penalty.compounds", Fault::TooLarge));
            }
        }
        standing
    }

    /// Keeps the loan in the way of the rules.
    fn keep(&self, rules: &Rules, events: &[Event], on: Date) -> Result<Standing, Problem> {
        match rules.recalculation {
            Recalculation::None => scheduled::standing(self, rules, events, on),
            Recalculation::Daily => daily::standing(self, rules, events, on),
        }
    }
}

/// What both ways of keeping a loan gather while they go through its events.
struct Story<'a> {
    checked: &'a CheckedTerms,
    rules: &'a Rules,
    book: Book,
    charged: penalty::Charged,
    charged_to: Date,
    payments: Vec<Applied>,
    excess: i64,
    repaid: i64,
    /// When the loan was settled: what was to be disbursed later, is not.
    ended: Option<Date>,
}

impl<'a> Story<'a> {
    fn new(checked: &'a CheckedTerms, rules: &'a Rules) -> Self {
        Self {
            checked,
            rules,
            book: Book::default(),
            charged: penalty::Charged::default(),
            charged_to: checked.terms.start,
            payments: Vec::new(),
            excess: 0,
            repaid: 0,
            ended: None,
        }
    }

    /// Enters the fees of the terms that have days of their own, and what was charged by events.
    fn enter_charges(
        &mut self,
        fees: &[FeeCharge],
        events: &[Event],
        row_of: impl Fn(Date) -> usize,
    ) {
        let (part, paid, origin) = (Part::Fee, 0, Origin::FeeOfTerms);
        for fee in fees {
            let (row, due, amount) = (row_of(fee.on), fee.on, fee.amount.fen());
            self.book.enter(Item { row, part, due, amount, paid, origin });
        }
        for event in events {
            let (part, amount) = match event.what {
                What::Fee(amount) => (Part::Fee, amount),
                What::Penalty(amount) => (Part::Penalty, amount),
                What::Paid(_) | What::Settled(_) => continue,
            };
            self.book.add(row_of(event.on), part, event.on, amount.fen());
        }
        self.charged.tell(events.iter().filter_map(|event| match event.what {
            What::Penalty(amount) => Some((event.on, amount.fen())),
            What::Fee(_) | What::Paid(_) | What::Settled(_) => None,
        }));
    }

    /// What has been disbursed up to the end of a day.
    fn advanced(&self, day: Date) -> i64 {
        let day = self.ended.map_or(day, |ended| ended.min(day));
        let advances = self.checked.terms.advances.iter().filter(|(date, _)| *date <= day);
        advances.map(|(_, amount)| amount.fen()).sum()
    }

    /// What has been disbursed and not been repaid.
    fn outstanding(&self, day: Date) -> i64 {
        self.advanced(day).saturating_sub(self.repaid)
    }

    /// Whether nothing is disbursed after a day.
    fn is_all_advanced(&self, day: Date) -> bool {
        self.checked.terms.advances.iter().all(|(date, _)| *date <= day)
    }

    /// Charges penalties up to a day, cut where what they are computed from changes.
    fn charge(&mut self, day: Date) -> Option<()> {
        let Some(penalty) = &self.rules.penalty else { return Some(()) };
        let is_whole = penalty.base == PenaltyBase::Outstanding;
        let advances = self.checked.terms.advances.iter().map(|(date, _)| *date);
        let advances = advances.filter(|_| is_whole);
        // What is told leaves less room on its day, not before.
        let told = self.charged.told_days().filter_map(|date| date.minus_days(1));
        let told = told.filter(|_| penalty.cap_amount.is_some());
        let since = self.charged_to;
        let inside = advances.chain(told).filter(|date| since < *date && *date < day);
        let mut cuts: Vec<Date> = inside.chain(std::iter::once(day)).collect();
        cuts.sort_unstable();
        let rate = penalty.rate.fraction();
        for cut in cuts {
            let before = cut.minus_days(1)?;
            let basis = penalty::Basis {
                checked: self.checked,
                penalty,
                rate,
                interest_runs: self.rules.recalculation == Recalculation::Daily,
                outstanding: self.outstanding(before).max(0),
            };
            self.charged.up_to(cut, &mut self.book, &basis)?;
        }
        self.charged_to = day;
        Some(())
    }

    /// Records a payment; what is left of it is credit.
    fn record(&mut self, on: Date, amount: Money, used: Use, left: i64) -> Option<()> {
        self.excess = self.excess.checked_add(left)?;
        self.repaid = self.repaid.checked_add(used.principal)?;
        self.payments.push(Applied {
            on,
            amount,
            principal: Money::from_fen(used.principal)?,
            interest: Money::from_fen(used.interest)?,
            fees: Money::from_fen(used.fees)?,
            penalties: Money::from_fen(used.penalties)?,
            excess: Money::from_fen(left)?,
            principal_balance: Money::from_fen(self.outstanding(on))?,
        });
        Some(())
    }

    /// The fee for settling early, of principal that is not due yet.
    fn settlement_fee(&self, not_due: i64) -> Option<i64> {
        let round = self.checked.terms.rounding.interest;
        match self.rules.settlement.fee {
            Some(share) => share.fraction().of(not_due.max(0), round),
            None => Some(0),
        }
    }

    /// Fees or penalties that a settlement has to pay: those that are due by its day.
    fn charges_due(&self, part: Part, day: Date) -> i64 {
        self.book.unpaid(|item| item.part == part && item.due <= day)
    }

    /// What it takes to settle a loan by days: principal that is not due yet and its interest so
    /// far, with what the book has.
    fn quote(&self, not_due: i64, accrued: i64, day: Date) -> Option<Quote> {
        let interest = self.book.unpaid(|item| item.part == Part::Interest);
        let fees = self.charges_due(Part::Fee, day);
        Quote::of(
            not_due.checked_add(self.book.principal())?,
            interest.checked_add(accrued)?,
            fees.checked_add(self.settlement_fee(not_due)?)?,
            self.charges_due(Part::Penalty, day),
        )
    }

    /// The standing, from rows and book.
    fn finish(self, rows: Vec<Row>, quote: Quote, on: Date) -> Option<Standing> {
        let mut sums = vec![Sums::default(); rows.len()];
        let last = rows.len().checked_sub(1)?;
        for item in self.book.items() {
            // What is charged after the last row belongs to it.
            sums.get_mut(item.row.min(last))?.add(item);
        }
        let mut standing = Vec::with_capacity(rows.len());
        for (row, sums) in rows.into_iter().zip(sums) {
            let since = sums.since.filter(|due| *due < on);
            standing.push(StandingRow {
                penalties: Money::from_fen(sums.penalties)?,
                paid: Money::from_fen(sums.paid)?,
                outstanding: Money::from_fen(sums.amount.checked_sub(sums.paid)?)?,
                overdue_days: since.map_or(0, |due| due.days_until(on)),
                row: Row {
                    interest: row.interest.plus(Money::from_fen(sums.after)?)?,
                    fees: Money::from_fen(sums.fees)?,
                    ..row
                },
            });
        }
        Some(Standing {
            on,
            rows: standing,
            due: Money::from_fen(self.book.unpaid(|item| item.due <= on))?,
            overdue: Money::from_fen(self.book.unpaid(|item| item.due < on))?,
            payments: self.payments,
            settlement: quote,
            excess: Money::from_fen(self.excess)?,
        })
    }
}

/// The items of a row together.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    amount: i64,
    paid: i64,
    fees: i64,
    penalties: i64,
    /// Interest after the last row.
    after: i64,
    /// The first day on which something unpaid was due.
    since: Option<Date>,
}

impl Sums {
    fn add(&mut self, item: &Item) {
        self.amount = self.amount.saturating_add(item.amount);
        self.paid = self.paid.saturating_add(item.paid);
        match item.part {
            Part::Fee => self.fees = self.fees.saturating_add(item.amount),
            Part::Penalty => self.penalties = self.penalties.saturating_add(item.amount),
            Part::Interest if item.origin == Origin::AfterEnd => {
                self.after = self.after.saturating_add(item.amount);
            }
            Part::Interest | Part::Principal => {}
        }
        if item.unpaid() > 0 {
            self.since = Some(self.since.map_or(item.due, |since| since.min(item.due)));
        }
    }
}

impl Quote {
    fn of(principal: i64, interest: i64, fees: i64, penalties: i64) -> Option<Self> {
        let total = principal.checked_add(interest)?.checked_add(fees)?.checked_add(penalties)?;
        Some(Self {
            principal: Money::from_fen(principal)?,
            interest: Money::from_fen(interest)?,
            fees: Money::from_fen(fees)?,
            penalties: Money::from_fen(penalties)?,
            total: Money::from_fen(total)?,
        })
    }
}

/// A rule that does not go with the terms.
fn unfit(other: &'static str) -> Problem {
    Problem::new("recalculate", Fault::Contradicts { other })
}

/// Figures that are no amounts of money any more.
fn fits<T>(figure: Option<T>) -> Result<T, Problem> {
    figure.ok_or_else(too_large)
}
