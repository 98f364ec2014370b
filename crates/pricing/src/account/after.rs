//! What goes on after the last row of a loan by days: late payments, and the interest of what is
//! overdue. The last row takes it.

use kernel::Date;

use super::book::{Item, Origin, Use};
use super::daily::Payment;
use super::rules::Part;
use super::{Quote, Story};
use crate::calendar::{Period, Rhythm};
use crate::schedule::{Engine, Movement};

/// The time after the last row, cut into periods as the rows would have gone on.
pub(super) struct After<'s, 'a> {
    story: &'s mut Story<'a>,
    engine: &'s mut Engine<'a>,
    /// The number of the running period, from 1.
    number: u32,
    period: Period,
    opening: i64,
    moves: Vec<Movement>,
    /// Interest of the running period that has been entered.
    entered: i64,
    /// The place of the last row, and its due date.
    row: (usize, Date),
    /// The item that carries the interest.
    item: Option<usize>,
}

impl<'s, 'a> After<'s, 'a> {
    /// From the day on which the last row is due.
    pub(super) fn new(
        story: &'s mut Story<'a>,
        engine: &'s mut Engine<'a>,
        row: (usize, Date),
    ) -> Option<Self> {
        let period = Period::regular(row.1, row.1);
        let number = u32::try_from(row.0).ok()?.checked_add(1)?;
        let (opening, moves, entered, item) = (0, Vec::new(), 0, None);
        Some(Self { story, engine, number, period, opening, moves, entered, row, item })
    }

    /// A payment: for what is due, then for interest that need not be paid yet.
    pub(super) fn pay(&mut self, payment: &Payment) -> Option<()> {
        let on = payment.on;
        self.story.charge(on)?;
        self.accrue(on)?;
        let mut used = Use::default();
        let allocation = self.story.rules.allocation;
        let book = &mut self.story.book;
        let left = book.pay_due(on, payment.amount.fen(), &allocation, &mut used);
        let left = book.pay_some(left, |item| item.part == Part::Interest, &mut used);
        if used.principal > 0 {
            self.moves.push((on, used.principal.checked_neg()?));
        }
        self.story.record(on, payment.amount, used, left)
    }

    /// What it takes to settle.
    pub(super) fn quote(&mut self, on: Date) -> Option<Quote> {
        self.story.charge(on)?;
        self.accrue(on)?;
        self.story.quote(0, 0, on)
    }

    /// Enters the interest of overdue principal up to a day. It belongs to what is overdue, so it
    /// is due since the last row was.
    fn accrue(&mut self, day: Date) -> Option<()> {
        let mut sum = 0_i64;
        loop {
            let to = day.min(self.period.due);
            let balance = (self.opening, self.moves.as_slice());
            let interest = self.engine.meter.interest(0, &self.period, balance, to)?;
            sum = sum.checked_add(interest.checked_sub(self.entered)?)?;
            self.entered = interest;
            if day <= self.period.due || self.story.book.principal() == 0 {
                break;
            }
            self.begin_next()?;
        }
        if let Some(place) = self.item {
            self.story.book.increase(place, sum);
        } else {
            let ((row, due), part, paid) = (self.row, Part::Interest, 0);
            let origin = Origin::AfterEnd;
            let item = Item { row, part, due, amount: sum, paid, origin };
            self.item = self.story.book.enter(item);
        }
        Some(())
    }

    fn begin_next(&mut self) -> Option<()> {
        let terms = &self.engine.checked.terms;
        let rhythm = Rhythm {
            start: terms.start,
            first_due: terms.first_due,
            frequency: terms.frequency,
            month_end: terms.month_end,
        };
        self.number = self.number.checked_add(1)?;
        self.period = rhythm.period(self.number, self.period.due)?;
        self.opening = self.story.book.principal();
        self.moves.clear();
        self.entered = 0;
        Some(())
    }
}
