//! The sandbox's payment provider: acts once on each order, and remembers it over any death.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use kernel::{Date, Money};
use lending::ports::{self, Flow, MoneyOrder, MoneyOutcome, StatementLine, StatementOutcome};

use super::journal::{Journal, JournalError, Locked};
use super::memory::{Direction, Entry, Event, Memory, Order, Plan, QUERIES};

/// Characters of an order number at most; ours are far shorter.
const ORDER_NO_MOST: usize = 64;

/// Whether amounts can be magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// The fen of an amount choose what happens: for suites.
    Magic,
    /// Only cards do: where amounts are whatever an instalment comes to.
    Plain,
}

/// What becomes of an order that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reception {
    /// No number that a provider takes.
    BadNumber,
    /// It is new; what can be said of it.
    First(MoneyOutcome),
    /// It was here before; what can be said of it, and whether it says what it said then.
    Again { outcome: MoneyOutcome, same: bool },
    /// The request or the answer gets lost.
    Silent,
    /// It could not be written down, and is not done.
    Unwritten,
}

/// A payment provider in this process.
///
/// Its memory is its own, not the platform's: a journal that is synced before anything counts as
/// done. So a test can kill the platform at any moment, and ask afterwards what was paid.
#[derive(Debug)]
pub struct Payments {
    amounts: Amounts,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    memory: Memory,
    /// Nothing for one that forgets when it is dropped.
    journal: Option<Journal>,
}

/// Every order of a journal, by number, without opening a provider over it.
pub fn read_journal(path: &Path) -> Result<Vec<Entry>, JournalError> {
    Payments::open(path, Amounts::Plain)?.journal()
}

impl Payments {
    /// A provider that remembers in a file, which is made when missing. Several processes may use
    /// one file, and are then clients of one provider.
    pub fn open(path: &Path, amounts: Amounts) -> Result<Self, JournalError> {
        let journal = Some(Journal::open(path)?);
        let payments =
            Self { amounts, state: Mutex::new(State { memory: Memory::default(), journal }) };
        payments.with(|_| Ok(()))?;
        Ok(payments)
    }

    /// A provider that forgets everything when it is dropped: for simulations.
    pub fn in_memory(amounts: Amounts) -> Self {
        Self { amounts, state: Mutex::new(State { memory: Memory::default(), journal: None }) }
    }

    /// Every order that was received, by number.
    pub fn journal(&self) -> Result<Vec<Entry>, JournalError> {
        self.with(|session| Ok(session.memory.entries()))
    }

    /// The statement of a day: every order of the day, by its number, whose money has moved. Magic
    /// amounts are missing from it, stand in it with one yuan more, or twice.
    pub(super) fn statement_of(&self, day: Date) -> Result<Vec<StatementLine>, JournalError> {
        let begin = day.to_string().replace('-', "");
        let acted = self.with(|session| Ok(session.memory.acted(&begin)))?;
        let mut lines = Vec::with_capacity(acted.len());
        for entry in acted {
            let flow = match entry.direction {
                Direction::PayOut => Flow::Out,
                Direction::Debit => Flow::In,
            };
            let (order_no, amount) = (entry.order_no, entry.amount);
            let provider_no = paybill(&order_no);
            let line = StatementLine { order_no, flow, amount, provider_no };
            let magic = if self.amounts == Amounts::Magic { amount.fen_part() } else { 0 };
            match magic {
                96 => {}
                97 => lines.push(StatementLine { amount: one_yuan_more(amount), ..line }),
                98 => lines.extend([line.clone(), line]),
                _ => lines.push(line),
            }
        }
        Ok(lines)
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { memory, journal } = &mut *state;
        let locked = match journal {
            None => None,
            Some(journal) => {
                let known = |line: &str| Event::parse(line).is_some_and(|e| memory.apply(&e));
                Some(journal.lock(known)?)
            }
        };
        work(&mut Session { memory, locked })
    }

    fn request(&self, order: &MoneyOrder, direction: Direction) -> MoneyOutcome {
        let (no, amount) = (order.order_no.as_str(), order.amount);
        match self.receive((no, amount), order.card.expose(), direction) {
            Reception::BadNumber => MoneyOutcome::Declined("订单号格式错误".to_owned()),
            Reception::First(outcome) | Reception::Again { outcome, same: true } => outcome,
            // What could not be written down has not been done, but the caller cannot know that.
            Reception::Again { same: false, .. } | Reception::Silent | Reception::Unwritten => {
                MoneyOutcome::Unknown
            }
        }
    }

    /// Receives an order: acts on it if it is new.
    pub(super) fn receive(
        &self,
        (order_no, amount): (&str, Money),
        card: &str,
        direction: Direction,
    ) -> Reception {
        if !is_order_no(order_no) {
            return Reception::BadNumber;
        }
        let (plan, is_lost) = self.plan(amount, card, direction);
        let order_no = order_no.to_owned();
        let done = self.with(|session| {
            if let Some(known) = session.memory.order(&order_no) {
                let first = &known.entry;
                let same = first.amount == amount && first.direction == direction;
                let outcome = answer(known);
                session.note(&Event::Again { order_no, same })?;
                return Ok(Reception::Again { outcome, same });
            }
            if is_lost && !session.memory.was_lost(&order_no) {
                session.note(&Event::Lost(order_no))?;
                return Ok(Reception::Silent);
            }
            let received = Event::Received { order_no: order_no.clone(), direction, amount, plan };
            session.note(&received)?;
            Ok(match plan {
                Plan::ActSilently => Reception::Silent,
                Plan::Act
                | Plan::DeclineFunds
                | Plan::DeclineCard
                | Plan::ActLater
                | Plan::DeclineLater => Reception::First(session.answer(&order_no)),
            })
        });
        done.unwrap_or(Reception::Unwritten)
    }

    /// An order by its number.
    pub(super) fn entry(&self, order_no: &str) -> Option<Entry> {
        let found = self.with(|s| Ok(s.memory.order(order_no).map(|order| order.entry.clone())));
        found.ok().flatten()
    }

    /// What to do with a new order, and whether its first request gets lost.
    fn plan(&self, amount: Money, card: &str, direction: Direction) -> (Plan, bool) {
        let by_amount = match self.amounts {
            Amounts::Magic => plan_of_amount(amount),
            Amounts::Plain => None,
        };
        let by_card = || plan_of_card(super::card_code(card), direction);
        by_amount.or_else(by_card).unwrap_or((Plan::Act, false))
    }
}

fn one_yuan_more(amount: Money) -> Money {
    Money::from_yuan(1).and_then(|yuan| amount.plus(yuan)).unwrap_or(amount)
}

/// The provider's own number of an order: whatever it is, it is the same each time.
pub(super) fn paybill(order_no: &str) -> String {
    let digits: String = order_no.chars().filter(char::is_ascii_digit).take(16).collect();
    format!("P{digits}")
}

/// The table of magic amounts.
fn plan_of_amount(amount: Money) -> Option<(Plan, bool)> {
    match amount.fen_part() {
        91 => Some((Plan::DeclineFunds, false)),
        92 => Some((Plan::ActLater, false)),
        93 => Some((Plan::DeclineLater, false)),
        94 => Some((Plan::ActSilently, false)),
        95 => Some((Plan::Act, true)),
        _ => None,
    }
}

/// The table of magic cards.
fn plan_of_card(code: &str, direction: Direction) -> Option<(Plan, bool)> {
    match (code, direction) {
        ("9901", Direction::Debit) => Some((Plan::DeclineFunds, false)),
        ("9902", _) | ("9907", Direction::PayOut) => Some((Plan::DeclineCard, false)),
        ("9903", _) => Some((Plan::ActLater, false)),
        ("9904", _) => Some((Plan::DeclineLater, false)),
        ("9905", _) => Some((Plan::ActSilently, false)),
        ("9906", _) => Some((Plan::Act, true)),
        (_, _) => None,
    }
}

fn is_order_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=ORDER_NO_MOST).contains(&text.len()) && text.bytes().all(plain)
}

/// The provider between taking its memory and letting it go.
struct Session<'s> {
    memory: &'s mut Memory,
    locked: Option<Locked<'s>>,
}

impl Session<'_> {
    /// Writes an event down, and only then lets it count.
    fn note(&mut self, event: &Event) -> Result<(), JournalError> {
        if let Some(locked) = &mut self.locked {
            locked.append(&event.line())?;
        }
        self.memory.apply(event);
        Ok(())
    }

    fn answer(&self, order_no: &str) -> MoneyOutcome {
        self.memory.order(order_no).map_or(MoneyOutcome::NoRecord, answer)
    }
}

/// What can be said of an order now.
fn answer(order: &Order) -> MoneyOutcome {
    let decided = order.asked >= QUERIES;
    match order.plan {
        Plan::Act | Plan::ActSilently => MoneyOutcome::Done,
        Plan::DeclineFunds => MoneyOutcome::Declined("余额不足".to_owned()),
        Plan::DeclineCard => MoneyOutcome::Declined("银行卡状态异常".to_owned()),
        Plan::ActLater if decided => MoneyOutcome::Done,
        Plan::DeclineLater if decided => MoneyOutcome::Declined("银行处理失败".to_owned()),
        Plan::ActLater | Plan::DeclineLater => MoneyOutcome::Unknown,
    }
}

impl ports::Payments for Payments {
    fn pay_out(&self, order: &MoneyOrder) -> MoneyOutcome {
        self.request(order, Direction::PayOut)
    }

    fn debit(&self, order: &MoneyOrder) -> MoneyOutcome {
        self.request(order, Direction::Debit)
    }

    fn query(&self, order_no: &str) -> MoneyOutcome {
        let done = self.with(|session| {
            let open = session.memory.order(order_no).is_some_and(|order| {
                matches!(order.plan, Plan::ActLater | Plan::DeclineLater) && order.asked < QUERIES
            });
            if open {
                session.note(&Event::Asked(order_no.to_owned()))?;
            }
            Ok(session.answer(order_no))
        });
        done.unwrap_or(MoneyOutcome::Unknown)
    }
}

impl ports::Statements for Payments {
    fn statement(&self, day: Date) -> StatementOutcome {
        self.statement_of(day).map_or(StatementOutcome::Unknown, StatementOutcome::Lines)
    }
}

#[cfg(test)]
mod tests;
