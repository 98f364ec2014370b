//! What is owed item by item, and how a payment is spread over it.

use kernel::Date;

use super::rules::{Across, Allocation, Part, Sequence};

/// One part of one instalment, in fen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// The place of its row.
    pub(crate) row: usize,
    pub(crate) part: Part,
    pub(crate) due: Date,
    pub(crate) amount: i64,
    pub(crate) paid: i64,
    pub(crate) origin: Origin,
}

/// Where an item comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The schedule, or a charge of its own.
    Plain,
    /// A fee of the terms: a settlement before its day spares it.
    FeeOfTerms,
    /// Interest after the last row, on principal that is overdue: it bears no penalty.
    AfterEnd,
}

impl Item {
    pub(crate) fn unpaid(&self) -> i64 {
        self.amount.saturating_sub(self.paid)
    }
}

/// What a payment was used for, in fen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Use {
    pub(crate) principal: i64,
    pub(crate) interest: i64,
    pub(crate) fees: i64,
    pub(crate) penalties: i64,
}

impl Use {
    pub(crate) fn add(&mut self, part: Part, amount: i64) {
        let field = match part {
            Part::Principal => &mut self.principal,
            Part::Interest => &mut self.interest,
            Part::Fee => &mut self.fees,
            Part::Penalty => &mut self.penalties,
        };
        *field = field.saturating_add(amount);
    }
}

/// All items of a loan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    items: Vec<Item>,
    /// What is unpaid of all principal.
    principal: i64,
}

impl Book {
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(crate) fn add(&mut self, row: usize, part: Part, due: Date, amount: i64) {
        self.enter(Item { row, part, due, amount, paid: 0, origin: Origin::Plain });
    }

    /// Enters an item, if it is worth anything; gives its place.
    pub(crate) fn enter(&mut self, item: Item) -> Option<usize> {
        if item.amount <= 0 {
            return None;
        }
        if item.part == Part::Principal {
            self.principal = self.principal.saturating_add(item.unpaid());
        }
        self.items.push(item);
        self.items.len().checked_sub(1)
    }

    /// Adds to the item at a place.
    pub(crate) fn increase(&mut self, place: usize, amount: i64) {
        if let Some(item) = self.items.get_mut(place) {
            item.amount = item.amount.saturating_add(amount);
            if item.part == Part::Principal {
                self.principal = self.principal.saturating_add(amount);
            }
        }
    }

    /// What is unpaid of all principal, due or not.
    pub(crate) fn principal(&self) -> i64 {
        self.principal
    }

    /// The sum of what is unpaid of the items that are chosen.
    pub(crate) fn unpaid(&self, choose: impl Fn(&Item) -> bool) -> i64 {
        self.items.iter().filter(|item| choose(item)).map(Item::unpaid).sum()
    }

    /// Lets what is unpaid of the items that are chosen fall away.
    pub(crate) fn strike(&mut self, choose: impl Fn(&Item) -> bool) {
        for item in self.items.iter_mut().filter(|item| choose(item)) {
            if item.part == Part::Principal {
                self.principal = self.principal.saturating_sub(item.unpaid());
            }
            item.amount = item.paid;
        }
    }

    /// Uses a payment for what is due on its day; gives what is left of it.
    pub(crate) fn pay_due(
        &mut self,
        on: Date,
        amount: i64,
        allocation: &Allocation,
        used: &mut Use,
    ) -> i64 {
        if amount == 0 {
            return 0;
        }
        let mut order = self.open(|item| item.due <= on);
        order.sort_by_key(|(_, item)| {
            let number = i64::try_from(item.row).unwrap_or(i64::MAX);
            let row = match allocation.sequence {
                Sequence::OldestFirst => number,
                Sequence::NewestFirst => number.saturating_neg(),
            };
            let part = i64::from(place(allocation.due, item.part));
            match allocation.across {
                Across::Instalments => (row, part, item.due),
                Across::Parts => (part, row, item.due),
            }
        });
        order.into_iter().fold(amount, |left, (index, _)| self.pay(index, left, left, used))
    }

    /// Uses what is left for what is not due yet, instalment by instalment, as long as principal
    /// that was paid out is outstanding: `room` is how much.
    pub(crate) fn pay_in_advance(
        &mut self,
        amount: i64,
        room: i64,
        allocation: &Allocation,
        used: &mut Use,
    ) -> i64 {
        if amount == 0 {
            return 0;
        }
        let mut order = self.open(|_| true);
        order
            .sort_by_key(|(_, item)| (item.row, place(allocation.in_advance, item.part), item.due));
        let (mut left, mut room, mut row) = (amount, room, None);
        for (index, item) in order {
            // Without money to come this never is so before everything is paid.
            let is_next = row.replace(item.row) != Some(item.row);
            if left == 0 || (is_next && room == 0 && self.principal > 0) {
                break;
            }
            let most = if item.part == Part::Principal { room } else { left };
            let after = self.pay(index, left, most, used);
            if item.part == Part::Principal {
                room = room.saturating_sub(left.saturating_sub(after));
            }
            left = after;
        }
        left
    }

    /// Uses a payment for the items that are chosen, in their order; gives what is left of it.
    pub(crate) fn pay_some(
        &mut self,
        amount: i64,
        choose: impl Fn(&Item) -> bool,
        used: &mut Use,
    ) -> i64 {
        let order = self.open(choose);
        order.into_iter().fold(amount, |left, (index, _)| self.pay(index, left, left, used))
    }

    fn open(&self, choose: impl Fn(&Item) -> bool) -> Vec<(usize, Item)> {
        let items = self.items.iter().copied().enumerate();
        items.filter(|(_, item)| item.unpaid() > 0 && choose(item)).collect()
    }

    /// Pays an item from what is left of a payment, but not more than `most`; gives the rest.
    fn pay(&mut self, index: usize, left: i64, most: i64, used: &mut Use) -> i64 {
        let Some(item) = self.items.get_mut(index) else { return left };
        let part = item.unpaid().min(left).min(most);
        item.paid = item.paid.saturating_add(part);
        used.add(item.part, part);
        if item.part == Part::Principal {
            self.principal = self.principal.saturating_sub(part);
        }
        left.saturating_sub(part)
    }
}

fn place(order: [Part; 4], part: Part) -> u8 {
    let place = order.iter().position(|other| *other == part);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}
