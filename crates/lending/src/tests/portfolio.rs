//! Years of a synthetic portfolio, day by day through the core, against a naive lender who folds
//! over what happened: every loan, every credit line and every account of the platform agree.
//!
//! A failure names its seed. `JIEHUAN_PORTFOLIO_SEED` repeats it, `JIEHUAN_PORTFOLIO` sets how many
//! customers there are, `JIEHUAN_PORTFOLIO_DAYS` for how many days, and
//! `JIEHUAN_PORTFOLIO_APPLY_PER_MILLE` how likely each of them applies on a day.

mod acts;
mod compare;
mod market;
mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use kernel::Money;
use kernel::id::{ApplicationId, LoanId, MemberId, PaymentId};

use super::kit::{Bench, On, Random, START};
use crate::ports::MoneyOutcome;
use crate::servicing::BeyondLines;
use crate::servicing::day_end;
use crate::servicing::payments::{self, Purpose, Step};
use market::{OnSale, Payer};
use naive::{Event, State, Terms};

/// In `./test`.
const CUSTOMERS: u64 = 10;
const DAYS: u64 = 400;
/// Of a thousand customers, so many apply on a day.
const APPLY_PER_MILLE: u64 = 20;
/// Between two proofs of the books.
const PROOF_DAYS: i64 = 200;

/// What became of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    PayingOut,
    PayoutFailed,
    /// Given up before it was paid out.
    Abandoned,
    /// Running or settled: the naive lender says which.
    Lent,
    WrittenOff,
}

/// A loan as the naive lender knows it: terms and events.
#[derive(Clone, Debug)]
struct Known {
    member: MemberId,
    payer: Payer,
    terms: Terms,
    fate: Fate,
    start: i64,
    events: Vec<Event>,
    /// Nothing is owed any more, as far as was looked: kept only to look less often.
    over: bool,
    /// The day on which it was given up.
    given_up: i64,
    recovered: i128,
}

/// An order to the provider that is under way.
#[derive(Clone, Copy, Debug)]
struct Ordered {
    purpose: Purpose,
    loan: Option<LoanId>,
    member: MemberId,
    amount: i128,
}

/// Everything that happened.
struct Run {
    bench: Bench,
    random: Random,
    seed: u64,
    /// How likely a customer applies on a day.
    apply_per_mille: i64,
    on_sale: Vec<OnSale>,
    payers: BTreeMap<MemberId, Payer>,
    loans: BTreeMap<LoanId, Known>,
    /// Applications that wait for a payout that never comes, with what they froze, and their day.
    waiting: BTreeMap<ApplicationId, (MemberId, i128, i64)>,
    wallets: BTreeMap<MemberId, i128>,
    orders: BTreeMap<PaymentId, Ordered>,
    /// Money through the provider, out less in; and what customers brought to the bank.
    provider: i128,
    bank: i128,
    counts: BTreeMap<&'static str, u32>,
}

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn a_portfolio_is_the_sum_of_its_events_on_sqlite() {
    Run::new(On::Sqlite).live();
}

#[test]
fn a_portfolio_is_the_sum_of_its_events_on_postgres() {
    Run::new(On::Postgres).live();
}

impl Known {
    fn stands(&self, day: i64) -> State {
        naive::play(&self.terms, self.start, &self.events, day)
    }
}

fn fen(amount: Money) -> i128 {
    i128::from(amount.fen())
}

fn money(fen: i128) -> Money {
    Money::from_fen(i64::try_from(fen).unwrap()).unwrap()
}

impl Run {
    fn new(on: On) -> Self {
        let seed = from_environment("JIEHUAN_PORTFOLIO_SEED")
            .unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
        eprintln!("JIEHUAN_PORTFOLIO_SEED={seed}");
        let bench = on.open_with(|options, policy| {
            options.queue = 10_000;
            // A proof of the books of thousands of customers takes its time.
            options.call_limit = Duration::from_hours(2);
            // Some of its products are sold beyond the legal lines.
            policy.servicing.beyond_lines = BeyondLines::PaidOut;
        });
        // Ten in the morning: reminders do not wait.
        bench.core.clock().set(START.plus_millis(7_200_000));
        let on_sale = market::open(&bench);
        let mut random = Random::new(seed);
        let customers = from_environment("JIEHUAN_PORTFOLIO").unwrap_or(CUSTOMERS);
        let apply_per_mille =
            from_environment("JIEHUAN_PORTFOLIO_APPLY_PER_MILLE").unwrap_or(APPLY_PER_MILLE);
        let mut payers = BTreeMap::new();
        for n in 1..=u32::try_from(customers).unwrap() {
            payers.insert(bench.borrower(n), random.pick(market::PAYERS));
        }
        Self {
            bench,
            random,
            seed,
            apply_per_mille: i64::try_from(apply_per_mille).unwrap(),
            on_sale,
            payers,
            loans: BTreeMap::new(),
            waiting: BTreeMap::new(),
            wallets: BTreeMap::new(),
            orders: BTreeMap::new(),
            provider: 0,
            bank: 0,
            counts: BTreeMap::new(),
        }
    }

    fn live(mut self) {
        let days = from_environment("JIEHUAN_PORTFOLIO_DAYS").unwrap_or(DAYS);
        let days = i64::try_from(days).unwrap();
        for day in 1..=days {
            let clock = self.bench.core.clock();
            clock.set(START.plus_millis(7_200_000).plus_days(day));
            let run = day_end::run(&self.bench.core, None, |_| true).unwrap();
            assert_eq!((run.failed, run.waiting), (0, false), "seed {}", self.seed);
            self.expect_day_end();
            self.answer();
            self.act();
            self.answer();
            if day % PROOF_DAYS == 0 || day == days {
                self.compare();
                self.bench.verify();
            }
        }
        eprintln!("seed {}: {} loans, {:?}", self.seed, self.loans.len(), self.counts);
    }

    fn today(&self) -> i64 {
        self.bench.core.clock().now().business.date().day_number()
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// What a day-end does by itself: approvals lapse, and credit pays what is due.
    fn expect_day_end(&mut self) {
        let today = self.today();
        let approval_days = 7;
        let before = self.waiting.len();
        self.waiting.retain(|_, (_, _, since)| today - *since < approval_days);
        for _ in self.waiting.len()..before {
            self.count("lapsed");
        }
        let due: Vec<LoanId> = self.loans.keys().copied().collect();
        for loan in due {
            self.expect_wallet(loan, "by credit at day-end");
        }
    }

    /// Credit of a customer pays what is due on a loan; how much.
    fn expect_wallet(&mut self, loan: LoanId, what: &'static str) -> i128 {
        let today = self.today();
        let Some(known) = self.loans.get_mut(&loan) else { return 0 };
        let wallet = self.wallets.entry(known.member).or_default();
        if known.fate != Fate::Lent || known.over || *wallet == 0 {
            return 0;
        }
        let amount = known.stands(today).due().min(*wallet);
        if amount > 0 {
            *wallet -= amount;
            known.events.push(Event { day: today, amount, settles: false, by_wallet: true });
            self.count(what);
        }
        amount
    }

    /// The provider answers every order that is due, as it likes.
    fn answer(&mut self) {
        let due = self.bench.write(|tx| payments::due(tx, 100_000)).unwrap();
        let mut answers = Vec::new();
        for claimed in due {
            if !self.orders.contains_key(&claimed.id) {
                self.expect_order(claimed.id);
            }
            let outcome = self.outcome(claimed.id, claimed.step);
            answers.push((claimed.id, outcome));
        }
        for part in answers.chunks(200) {
            let orders = part.to_vec();
            self.bench
                .write(move |tx| {
                    for (id, outcome) in &orders {
                        payments::finish(tx, *id, outcome)?;
                    }
                    Ok::<_, crate::Fault>(())
                })
                .unwrap();
        }
        for (id, outcome) in answers {
            self.expect_answer(id, &outcome);
        }
    }

    /// An order that the core wrote by itself: a debit of what is due today.
    fn expect_order(&mut self, id: PaymentId) {
        let order = self.bench.read(move |tx| payments::payment(tx, id)).unwrap();
        let loan = order.loan.unwrap();
        assert_eq!(order.purpose, Purpose::Amount);
        let stands = self.loans[&loan].stands(self.today());
        assert_eq!(fen(order.amount), stands.due(), "debit of loan {loan:?}, seed {}", self.seed);
        let (purpose, member, amount) = (order.purpose, order.member, fen(order.amount));
        self.orders.insert(id, Ordered { purpose, loan: Some(loan), member, amount });
        self.count("debits");
    }

    fn outcome(&mut self, id: PaymentId, step: Step) -> MoneyOutcome {
        let order = self.orders[&id];
        let payer = self.payers[&order.member];
        // Who pays late or never has an empty card; who began a repayment has not.
        let empty = match (order.purpose, payer) {
            (Purpose::Amount, Payer::Never) => 100,
            (Purpose::Amount, Payer::Late | Payer::Partial) => 85,
            (Purpose::Instalment | Purpose::Settlement, Payer::Never) => 60,
            (_, _) => 8,
        };
        let random = &mut self.random;
        match (step, random.between(1, 100)) {
            (_, ..=8) => MoneyOutcome::Unknown,
            (Step::Query, 9..=20) => MoneyOutcome::NoRecord,
            (_, _) if random.percent(empty) => MoneyOutcome::Declined("no money".into()),
            (_, _) => MoneyOutcome::Done,
        }
    }

    fn expect_answer(&mut self, id: PaymentId, outcome: &MoneyOutcome) {
        let done = match outcome {
            MoneyOutcome::Done => true,
            MoneyOutcome::Declined(_) => false,
            MoneyOutcome::Unknown => return self.count("unknown"),
            MoneyOutcome::NoRecord => return self.count("no record"),
        };
        let order = self.orders.remove(&id).unwrap();
        let today = self.today();
        let Some(loan) = order.loan else {
            // A refund has left the credit with the order.
            if !done {
                *self.wallets.entry(order.member).or_default() += order.amount;
                self.provider -= order.amount;
            }
            return self.count(if done { "refunds" } else { "refunds declined" });
        };
        let known = self.loans.get_mut(&loan).unwrap();
        if order.purpose == Purpose::Payout {
            known.fate = if done { Fate::Lent } else { Fate::PayoutFailed };
            known.start = today;
            self.provider += if done { order.amount } else { 0 };
            return self.count(if done { "payouts" } else { "payouts declined" });
        }
        if !done {
            return self.count("debits declined");
        }
        self.provider -= order.amount;
        let credit = if known.fate == Fate::Lent && !known.stands(today).is_over() {
            let settles = order.purpose == Purpose::Settlement;
            let event = Event { day: today, amount: order.amount, settles, by_wallet: false };
            known.events.push(event);
            *known.stands(today).excess.last().unwrap()
        } else {
            order.amount // it takes none any more
        };
        *self.wallets.entry(order.member).or_default() += credit;
        self.count("repayments");
        if credit > 0 {
            self.count("credits");
        }
    }

    /// Loans about which an order is under way.
    fn busy(&self) -> BTreeSet<LoanId> {
        self.orders.values().filter_map(|order| order.loan).collect()
    }
}
