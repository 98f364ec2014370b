//! A loan whose interest runs day by day on what is really outstanding.
//!
//! Rows are made one after the other, each from what was paid up to its end. After the day in
//! question the loan is taken to go on as agreed, with everything overdue paid on that day.

use kernel::{Date, Money};

use super::after::After;
use super::book::{Item, Origin, Use};
use super::plan::{self, Plan};
use super::rules::{Part, SettlementInterest};
use super::{Event, Quote, Rules, Standing, Story, What, fits};
use crate::calendar::Period;
use crate::fees::{FeeCharge, FeeTime};
use crate::problem::Problem;
use crate::schedule::{Engine, Movement, Row, each_period};
use crate::terms::CheckedTerms;

pub(super) fn standing(
    checked: &CheckedTerms,
    rules: &Rules,
    events: &[Event],
    on: Date,
) -> Result<Standing, Problem> {
    plan::check(checked)?;
    // What cannot be scheduled cannot run; and the fees on days of their own are as agreed.
    let fees = checked.schedule()?.fees;
    let dated: Vec<FeeCharge> =
        fees.into_iter().filter(|fee| matches!(fee.time, FeeTime::On(_))).collect();
    let mut loan = fits(Daily::new(checked, rules, events, on))?;
    let last = checked.periods.len().saturating_sub(1);
    let row_of = |day: Date| checked.periods.partition_point(|p| p.due < day).min(last);
    loan.story.enter_charges(&dated, events, row_of);
    for index in 0..checked.periods.len() {
        loan.row(index)?;
        if loan.is_over(index) {
            break;
        }
    }
    let quote = fits(loan.conclude())?;
    fits(loan.story.finish(loan.rows, quote, on))
}

/// A payment, in the order in which payments are used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payment {
    pub(super) on: Date,
    pub(super) amount: Money,
    /// Whether it is meant to settle the loan.
    pub(super) is_settlement: bool,
}

struct Daily<'a> {
    story: Story<'a>,
    engine: Engine<'a>,
    plan: Plan,
    on: Date,
    /// Payments up to the day in question that have not been used yet, the next one last.
    payments: Vec<Payment>,
    rows: Vec<Row>,
    /// What the rows so far leave of the principal, whether it was paid or not.
    planned: i64,
    /// Paid on a due date of principal that was disbursed on the same day.
    carried: i64,
    quote: Option<Quote>,
}

/// A row while it runs.
struct Running<'p> {
    index: usize,
    period: &'p Period,
    /// What was really outstanding when it began.
    opening: i64,
    /// Whether part of that was overdue.
    is_late: bool,
    /// What is still to be disbursed in it, the next one last.
    inflows: Vec<Movement>,
    /// What moved since it began.
    moves: Vec<Movement>,
    /// Principal that was paid in it before it was due.
    prepaid: i64,
}

impl<'a> Daily<'a> {
    fn new(
        checked: &'a CheckedTerms,
        rules: &'a Rules,
        events: &[Event],
        on: Date,
    ) -> Option<Self> {
        let engine = Engine::new(checked);
        let planned = engine.opening()?;
        let mut payments = Vec::new();
        for event in events.iter().rev().filter(|event| event.on <= on) {
            let (amount, is_settlement) = match event.what {
                What::Paid(amount) => (amount, false),
                What::Settled(amount) => (amount, true),
                What::Fee(_) | What::Penalty(_) => continue,
            };
            payments.push(Payment { on: event.on, amount, is_settlement });
        }
        Some(Self {
            story: Story::new(checked, rules),
            plan: Plan::new(&engine, rules.prepayment),
            engine,
            on,
            payments,
            rows: Vec::new(),
            planned,
            carried: 0,
            quote: None,
        })
    }

    /// The next payment, if it was made before a day.
    fn payment_before(&mut self, day: Date) -> Option<Payment> {
        self.payments.pop_if(|payment| payment.on < day)
    }

    fn is_over(&self, index: usize) -> bool {
        let due = self.story.checked.periods.get(index).map(|period| period.due);
        let before = due.and_then(|due| due.minus_days(1));
        let nothing_comes = before.is_some_and(|day| self.story.is_all_advanced(day));
        self.story.ended.is_some() || (self.planned == 0 && nothing_comes)
    }

    /// One row: what happens while it runs, what it is due, what is paid on the day.
    fn row(&mut self, index: usize) -> Result<(), Problem> {
        let checked = self.story.checked;
        let period = fits(checked.periods.get(index))?;
        let mut inflows = self.engine.inflows(period);
        fits(self.plan.prepare(&mut self.engine, index, (self.planned, &inflows)))?;
        inflows.reverse();
        // What is overdue on the day in question is taken to be paid on it.
        let overdue = if self.on <= period.from { 0 } else { self.story.book.principal() };
        let opening = self.planned.saturating_add(overdue);
        let (moves, prepaid) = (Vec::new(), 0);
        let is_late = overdue > 0;
        let mut run = Running { index, period, opening, is_late, inflows, moves, prepaid };
        if self.carried > 0 {
            self.take_in(&mut run, period.from);
            run.prepaid = std::mem::take(&mut self.carried);
            run.moves.push((period.from, run.prepaid.saturating_neg()));
        }
        while let Some(payment) = self.payment_before(period.due) {
            self.take_in(&mut run, payment.on);
            if fits(self.pay_inside(&mut run, &payment))? {
                return Ok(());
            }
        }
        fits(self.look_on(&mut run))?;
        self.take_in(&mut run, period.due);
        self.close(&run)?;
        let after = fits(period.due.plus_days(1))?;
        while let Some(payment) = self.payment_before(after) {
            if fits(self.pay_on_due(index, &payment))? {
                return Ok(());
            }
        }
        if self.on == period.due {
            fits(self.story.charge(self.on))?;
            let not_due = self.planned.saturating_add(self.disbursed_on_due(index));
            let not_due = not_due.saturating_sub(self.carried);
            self.quote = Some(fits(self.story.quote(not_due, 0, self.on))?);
        }
        Ok(())
    }

    /// Disbursements up to a day.
    fn take_in(&mut self, run: &mut Running<'_>, day: Date) {
        while let Some(inflow) = run.inflows.pop_if(|(date, _)| *date <= day) {
            self.planned = self.planned.saturating_add(inflow.1);
            run.moves.push(inflow);
        }
    }

    /// What is disbursed on the day on which a row is due: it belongs to the next one.
    fn disbursed_on_due(&self, index: usize) -> i64 {
        let periods = &self.story.checked.periods;
        let next = index.checked_add(1).and_then(|next| periods.get(next));
        let inflows = next.map(|period| (period.from, self.engine.inflows(period)));
        inflows.map_or(0, |(from, inflows)| {
            inflows.iter().filter(|(date, _)| *date == from).map(|(_, amount)| amount).sum()
        })
    }

    /// The day in question, if it falls into the row: what the settlement would cost, and what is
    /// overdue is taken to be paid.
    fn look_on(&mut self, run: &mut Running<'_>) -> Option<()> {
        let is_inside = run.period.from < self.on && self.on < run.period.due;
        let is_start = run.index == 0 && self.on == run.period.from;
        if !is_inside && !is_start {
            return Some(());
        }
        self.take_in(run, self.on);
        self.story.charge(self.on)?;
        let accrued = self.accrued(run, self.on)?;
        let not_due = self.planned.checked_sub(run.prepaid)?;
        self.quote = Some(self.story.quote(not_due, accrued, self.on)?);
        let overdue = self.story.book.principal();
        if overdue > 0 {
            run.moves.push((self.on, overdue.checked_neg()?));
        }
        Some(())
    }

    /// The interest of a running row that a settlement pays.
    fn accrued(&mut self, run: &Running<'_>, day: Date) -> Option<i64> {
        if self.engine.is_free(run.index) || day <= run.period.from {
            return Some(0);
        }
        let to = match self.story.rules.settlement.interest {
            SettlementInterest::ToDay => day,
            SettlementInterest::ToPeriodEnd => run.period.due,
        };
        self.engine.meter.interest(0, run.period, (run.opening, &run.moves), to)
    }

    /// A payment before the row is due. Gives whether it ends the loan.
    fn pay_inside(&mut self, run: &mut Running<'_>, payment: &Payment) -> Option<bool> {
        let on = payment.on;
        self.story.charge(on)?;
        let accrued = self.accrued(run, on)?;
        let not_due = self.planned.checked_sub(run.prepaid)?;
        let quote = self.story.quote(not_due, accrued, on)?;
        let (mut used, left) = self.pay_due(payment);
        if self.ends(payment, &quote, (left, not_due)) {
            self.enter(run, on, (accrued, self.planned))?;
            self.end(run.index, payment, (used, left), not_due)?;
            return Some(true);
        }
        let repaid = used.principal;
        let prepaid = left.min(not_due);
        used.add(Part::Principal, prepaid);
        let moved = repaid.checked_add(prepaid)?;
        if moved > 0 {
            run.moves.push((on, moved.checked_neg()?));
        }
        run.prepaid = run.prepaid.checked_add(prepaid)?;
        self.story.record(on, payment.amount, used, left.checked_sub(prepaid)?)?;
        Some(false)
    }

    /// Uses a payment for what is due, then for interest of earlier rows that need not be paid yet.
    fn pay_due(&mut self, payment: &Payment) -> (Use, i64) {
        let mut used = Use::default();
        let allocation = &self.story.rules.allocation;
        let book = &mut self.story.book;
        let left = book.pay_due(payment.on, payment.amount.fen(), allocation, &mut used);
        let left = book.pay_some(left, |item| item.part == Part::Interest, &mut used);
        (used, left)
    }

    /// Whether a payment ends the loan: a settlement that covers its quote does; any other payment
    /// if it repays all principal before it is due, and none is to be disbursed any more.
    fn ends(&self, payment: &Payment, quote: &Quote, (left, not_due): (i64, i64)) -> bool {
        let settles = payment.is_settlement
            && payment.amount >= quote.total
            && self.story.advanced(payment.on) > 0;
        let repays = not_due > 0 && left >= not_due && self.story.is_all_advanced(payment.on);
        settles || repays
    }

    /// Ends the loan: its last row is entered and due on the day of the payment, and so is the
    /// fee for settling. Whoever repays all principal without paying them owes the rest at once.
    fn end(
        &mut self,
        index: usize,
        payment: &Payment,
        (mut used, left): (Use, i64),
        not_due: i64,
    ) -> Option<()> {
        let on = payment.on;
        let fee = self.story.settlement_fee(not_due)?;
        let allocation = self.story.rules.allocation;
        let book = &mut self.story.book;
        book.add(index, Part::Fee, on, fee);
        book.strike(|item| item.origin == Origin::FeeOfTerms && item.due > on);
        let left = book.pay_some(left, |item| item.part == Part::Principal, &mut used);
        let left = book.pay_due(on, left, &allocation, &mut used);
        let left = book.pay_some(left, |item| item.part == Part::Interest, &mut used);
        self.planned = 0;
        self.story.ended = Some(on);
        self.story.record(on, payment.amount, used, left)
    }

    /// Ends a row on its due date.
    fn close(&mut self, run: &Running<'_>) -> Result<(), Problem> {
        let interest = if self.engine.is_free(run.index) {
            0
        } else {
            let balance = (run.opening, run.moves.as_slice());
            let number = self.engine.number(run.index);
            fits(self.engine.meter.interest(number, run.period, balance, run.period.due))?
        };
        let agreed = fits(self.plan.principal(run.index, (interest, run.is_late), self.planned))?;
        let principal = agreed.max(run.prepaid);
        self.planned = self.planned.saturating_sub(principal);
        fits(self.plan.beyond(run.prepaid.saturating_sub(agreed)))?;
        fits(self.enter(run, run.period.due, (interest, principal)))?;
        // A fee of the row goes by what is agreed, whatever was prepaid.
        let row = self.rows.last().cloned();
        let mut row = fits(row)?;
        let prepaid = fits(Money::from_fen(principal.saturating_sub(agreed)))?;
        row.principal = fits(row.principal.minus(prepaid))?;
        row.balance = fits(row.balance.plus(prepaid))?;
        let amount = each_period(self.story.checked, &row)?.fen();
        let (row, part, due) = (run.index, Part::Fee, run.period.due);
        let (paid, origin) = (0, Origin::FeeOfTerms);
        self.story.book.enter(Item { row, part, due, amount, paid, origin });
        Ok(())
    }

    /// Writes a row with its items; what was prepaid in it is paid.
    fn enter(
        &mut self,
        run: &Running<'_>,
        due: Date,
        (interest, principal): (i64, i64),
    ) -> Option<()> {
        let grace = &self.story.checked.terms.grace;
        let listed = usize::try_from(grace.interest).ok()?;
        let later = self.story.checked.periods.get(listed).filter(|_| run.index < listed);
        let row = run.index;
        let interest_due = later.map_or(due, |period| period.due);
        self.story.book.add(row, Part::Interest, interest_due, interest);
        let (part, amount, paid) = (Part::Principal, principal, run.prepaid);
        self.story.book.enter(Item { row, part, due, amount, paid, origin: Origin::Plain });
        // A row that ends before its period ends the loan.
        let balance = if due < run.period.due { 0 } else { self.planned };
        self.rows.push(Row {
            number: self.engine.number(row),
            from: run.period.from,
            due,
            principal: Money::from_fen(principal)?,
            interest: Money::from_fen(interest)?,
            fees: Money::ZERO,
            balance: Money::from_fen(balance)?,
        });
        Some(())
    }

    /// A payment on the day on which a row is due: what exceeds it adds to its principal. Gives
    /// whether it ends the loan.
    fn pay_on_due(&mut self, index: usize, payment: &Payment) -> Option<bool> {
        let on = payment.on;
        self.story.charge(on)?;
        let today = self.disbursed_on_due(index);
        let not_due = self.planned.checked_add(today)?.checked_sub(self.carried)?;
        let quote = self.story.quote(not_due, 0, on)?;
        let (mut used, left) = self.pay_due(payment);
        if self.ends(payment, &quote, (left, not_due)) {
            let paid = self.carried;
            self.planned = 0;
            self.add_principal(index, on, (not_due.checked_add(paid)?, paid))?;
            self.end(index, payment, (used, left), not_due)?;
            return Some(true);
        }
        let prepaid = left.min(self.planned);
        self.planned = self.planned.checked_sub(prepaid)?;
        self.plan.beyond(prepaid)?;
        self.add_principal(index, on, (prepaid, prepaid))?;
        let carried = left.checked_sub(prepaid)?.min(today.checked_sub(self.carried)?);
        self.carried = self.carried.checked_add(carried)?;
        let all = prepaid.checked_add(carried)?;
        used.add(Part::Principal, all);
        self.story.record(on, payment.amount, used, left.checked_sub(all)?)?;
        Some(false)
    }

    /// Adds principal to a row on its due date, and says how much of it is paid.
    fn add_principal(&mut self, index: usize, due: Date, (amount, paid): (i64, i64)) -> Option<()> {
        let row = self.rows.last_mut()?;
        row.principal = row.principal.plus(Money::from_fen(amount)?)?;
        row.balance = Money::from_fen(self.planned)?;
        let (row, part, origin) = (index, Part::Principal, Origin::Plain);
        self.story.book.enter(Item { row, part, due, amount, paid, origin });
        Some(())
    }

    /// Everything up to the day in question that comes after the last row.
    fn conclude(&mut self) -> Option<Quote> {
        let row = self.rows.len().checked_sub(1)?;
        let due = self.rows.last()?.due;
        self.story.book.strike(|item| item.origin == Origin::FeeOfTerms && item.due > due);
        if let Some(quote) = self.quote {
            return Some(quote);
        }
        let mut after = After::new(&mut self.story, &mut self.engine, (row, due))?;
        while let Some(payment) = self.payments.pop() {
            after.pay(&payment)?;
        }
        after.quote(self.on)
    }
}
