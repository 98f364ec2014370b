//! What the sandbox knows of its payment orders, as a fold over the lines of its journal.

use std::collections::BTreeMap;

use kernel::Money;

/// Which way an order moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To a card (放款).
    PayOut,
    /// From a card (扣款).
    Debit,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::PayOut => "payout",
            Self::Debit => "debit",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::PayOut, Self::Debit].into_iter().find(|direction| direction.word() == word)
    }
}

/// What the sandbox does with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Acts, and says so.
    Act,
    /// Declines for want of money.
    DeclineFunds,
    /// Declines: the card is no good.
    DeclineCard,
    /// Takes its time; acts at the second query.
    ActLater,
    /// Takes its time; declines at the second query.
    DeclineLater,
    /// Acts, and the answer is lost.
    ActSilently,
}

impl Plan {
    const ALL: &[Self] = &[
        Self::Act,
        Self::DeclineFunds,
        Self::DeclineCard,
        Self::ActLater,
        Self::DeclineLater,
        Self::ActSilently,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::DeclineFunds => "decline_funds",
            Self::DeclineCard => "decline_card",
            Self::ActLater => "act_later",
            Self::DeclineLater => "decline_later",
            Self::ActSilently => "act_silently",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|plan| plan.word() == word)
    }

    /// Whether the money moves when the order is received.
    const fn acts_at_once(self) -> bool {
        matches!(self, Self::Act | Self::ActSilently)
    }
}

/// Something that happened to an order: one line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A request got lost on its way here.
    Lost(String),
    /// The order was received for the first time, and acted on if the plan says so.
    Received { order_no: String, direction: Direction, amount: Money, plan: Plan },
    /// The order was received again; `same` if it says what it said before.
    Again { order_no: String, same: bool },
    /// Its fate was asked for while it was open, and it was acted on if that was the second time.
    Asked(String),
}

impl Event {
    pub(super) fn line(&self) -> String {
        match self {
            Self::Lost(order_no) => format!("lost {order_no}"),
            Self::Received { order_no, direction, amount, plan } => {
                let (direction, plan) = (direction.word(), plan.word());
                format!("received {order_no} {direction} {} {plan}", amount.fen())
            }
            Self::Again { order_no, same: true } => format!("again {order_no}"),
            Self::Again { order_no, same: false } => format!("differs {order_no}"),
            Self::Asked(order_no) => format!("asked {order_no}"),
        }
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["lost", order] => Some(Self::Lost(order.to_owned())),
            ["again", order] => Some(Self::Again { order_no: order.to_owned(), same: true }),
            ["differs", order] => Some(Self::Again { order_no: order.to_owned(), same: false }),
            ["asked", order] => Some(Self::Asked(order.to_owned())),
            ["received", order, direction, fen, plan] => Some(Self::Received {
                order_no: order.to_owned(),
                direction: Direction::parse(direction)?,
                amount: Money::from_fen(fen.parse().ok()?)?,
                plan: Plan::parse(plan)?,
            }),
            _ => None,
        }
    }
}

/// One order, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the platform knows it by.
    pub order_no: String,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Money,
    /// How often it was received: more than once, and the platform has sent it more than once.
    pub received: u64,
    /// How often money was moved for it: never more than once.
    pub acted: u64,
    /// How often it was received with another amount or direction than at first.
    pub differed: u64,
}

/// An order as the sandbox knows it.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) entry: Entry,
    pub(super) plan: Plan,
    /// How often it was asked for while it was open.
    pub(super) asked: u64,
}

/// Queries that an order of the kind "later" takes before it is decided.
pub(super) const QUERIES: u64 = 2;

/// Everything that the sandbox knows.
#[derive(Debug, Default)]
pub(super) struct Memory {
    orders: BTreeMap<String, Order>,
    /// Requests that got lost, by order.
    lost: BTreeMap<String, u64>,
}

impl Memory {
    pub(super) fn order(&self, order_no: &str) -> Option<&Order> {
        self.orders.get(order_no)
    }

    pub(super) fn was_lost(&self, order_no: &str) -> bool {
        self.lost.contains_key(order_no)
    }

    /// The orders whose numbers begin so, and whose money has moved.
    pub(super) fn acted(&self, begin: &str) -> Vec<Entry> {
        let from_begin = self.orders.range(begin.to_owned()..);
        let of_begin = from_begin.take_while(|(number, _)| number.starts_with(begin));
        let acted = of_begin.filter(|(_, order)| order.entry.acted > 0);
        acted.map(|(_, order)| order.entry.clone()).collect()
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.orders.values().map(|order| order.entry.clone()).collect()
    }

    /// Takes note of an event; false if it cannot have happened.
    pub(super) fn apply(&mut self, event: &Event) -> bool {
        match event {
            Event::Lost(order_no) => {
                let lost = self.lost.entry(order_no.clone()).or_default();
                *lost = lost.saturating_add(1);
                true
            }
            Event::Received { order_no, direction, amount, plan } => {
                let entry = Entry {
                    order_no: order_no.clone(),
                    direction: *direction,
                    amount: *amount,
                    received: 1,
                    acted: u64::from(plan.acts_at_once()),
                    differed: 0,
                };
                let order = Order { entry, plan: *plan, asked: 0 };
                self.orders.insert(order_no.clone(), order).is_none()
            }
            Event::Again { order_no, same } => self.orders.get_mut(order_no).is_some_and(|order| {
                order.entry.received = order.entry.received.saturating_add(1);
                order.entry.differed = order.entry.differed.saturating_add(u64::from(!*same));
                true
            }),
            Event::Asked(order_no) => self.orders.get_mut(order_no).is_some_and(|order| {
                order.asked = order.asked.saturating_add(1);
                if order.plan == Plan::ActLater && order.asked == QUERIES {
                    order.entry.acted = order.entry.acted.saturating_add(1);
                }
                true
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_they_were_written() {
        let amount = Money::from_fen(50_091).unwrap();
        let received =
            |direction, plan| Event::Received { order_no: "P1".into(), direction, amount, plan };
        let mut events = vec![
            Event::Lost("P1".into()),
            Event::Again { order_no: "P1".into(), same: true },
            Event::Again { order_no: "P1".into(), same: false },
            Event::Asked("P1".into()),
        ];
        events.extend(Plan::ALL.iter().map(|plan| received(Direction::PayOut, *plan)));
        events.extend(Plan::ALL.iter().map(|plan| received(Direction::Debit, *plan)));
        for event in events {
            assert_eq!(Event::parse(&event.line()), Some(event));
        }
        for line in
            ["", "received P1 payout 1", "received P1 up 1 act", "received P1 payout -1 act"]
        {
            assert_eq!(Event::parse(line), None, "{line}");
        }
    }

    #[test]
    fn what_cannot_have_happened_is_no_event() {
        let mut memory = Memory::default();
        assert!(!memory.apply(&Event::Asked("P1".into())));
        assert!(!memory.apply(&Event::Again { order_no: "P1".into(), same: true }));
        let received = Event::parse("received P1 payout 100 act").unwrap();
        assert!(memory.apply(&received));
        assert!(!memory.apply(&received), "first received twice");
    }
}
