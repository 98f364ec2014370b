//! Statements against the orders of a small lender. Loans of 1000.00 for 14 days cost 7.00.

use kernel::Date;
use kernel::id::{LoanId, MemberId, OperatorId, PlanRowId};
use store::params;

use super::{DifferenceKind as Kind, DifferenceState, Statement, StatementState};
use crate::audit::Actor;
use crate::ports::{Flow, MoneyOutcome, StatementLine};
use crate::servicing::{BeginRepayment, Meant, payments};
use crate::tests::kit::{Bench, On, on_both, yuan};
use crate::tests::lender::{by_days, shipped};
use crate::{Fault, Page, reconciliation, servicing};

on_both! {
    a_statement_that_agrees_leaves_nothing_to_do
    every_difference_is_found_once_and_by_its_kind
    what_is_found_later_is_gone_and_what_was_settled_stays_so
    money_that_the_ledger_has_not_booked_is_found
    a_statement_of_each_day_is_asked_for_once_it_is_over
    a_statement_that_does_not_come_is_given_up_and_can_be_asked_for_again
    a_statement_that_was_half_loaded_is_loaded_anew
}

struct Lender {
    bench: Bench,
    members: Vec<MemberId>,
    loans: Vec<LoanId>,
}

/// So many borrowers with a loan each; each has two orders on the first day: the payout, and a debit
/// of all that is owed.
fn lender(on: On, borrowers: u32) -> Lender {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let members: Vec<_> = (1..=borrowers).map(|n| bench.borrower(n)).collect();
    let lend = |member: &MemberId| bench.lend(*member, product, by_days(1000, 14));
    let loans = members.iter().map(lend).collect();
    Lender { bench, members, loans }
}

impl Lender {
    fn today(&self) -> Date {
        self.bench.core.clock().now().business.date()
    }

    /// What an honest provider says of all orders that were sent.
    fn honest(&self) -> Vec<StatementLine> {
        let mut lines = Vec::new();
        for loan in self.loans.clone() {
            for payment in self.bench.read(move |tx| payments::payments_of(tx, loan)) {
                let is_debit = payment.purpose.direction() == payments::Direction::Debit;
                lines.push(StatementLine {
                    provider_no: format!("P{}", payment.order_no),
                    order_no: payment.order_no,
                    flow: if is_debit { Flow::In } else { Flow::Out },
                    amount: payment.amount,
                });
            }
        }
        lines
    }

    fn compare(&self, day: Date, lines: &[StatementLine]) -> Statement {
        self.bench.write(move |tx| reconciliation::begin(tx, day)).unwrap();
        for (chunk, first) in lines.chunks(2).zip((0..).step_by(2)) {
            let chunk = chunk.to_vec();
            self.bench.write(move |tx| reconciliation::load(tx, day, first, &chunk)).unwrap();
        }
        let compare = move |tx: &mut crate::Tx<'_, '_>| {
            reconciliation::compare(tx, Actor::Provider("payment"), day)
        };
        self.bench.write(compare).unwrap()
    }

    fn differences(&self, state: DifferenceState) -> Vec<(Kind, String)> {
        let page = Page::new(1, 100).unwrap();
        let found = self.bench.read(move |tx| reconciliation::differences(tx, state, page));
        found.into_iter().map(|one| (one.kind, one.order_no)).collect()
    }

    fn debit(&self, borrower: usize, outcome: &MoneyOutcome) {
        let (member, loan) = (self.members[borrower], self.loans[borrower]);
        // The only row of the loan.
        let row = PlanRowId::from_number(loan.number() * 10_000 + 1);
        let command = BeginRepayment { member, row, meant: Meant::Settlement, coupon: None };
        self.bench.write(move |tx| servicing::begin_repayment(tx, &command)).unwrap();
        self.bench.answer(outcome);
    }

    /// Lets a day pass.
    fn next_day(&self) {
        let clock = self.bench.core.clock();
        clock.set(clock.now().wall.plus_days(1));
    }

    fn due(&self) -> Vec<Date> {
        self.bench.write(|tx| reconciliation::due(tx, 100)).unwrap()
    }
}

fn a_statement_that_agrees_leaves_nothing_to_do(on: On) {
    let lender = lender(on, 2);
    lender.debit(0, &MoneyOutcome::Done);
    let statement = lender.compare(lender.today(), &lender.honest());
    // By hand: two payouts of 1000.00, and one debit on the same day, which costs no interest.
    let totals = reconciliation::Totals { count: 3, money_in: yuan(1000), money_out: yuan(2000) };
    assert_eq!((statement.theirs, statement.ours), (totals, totals));
    assert_eq!((statement.state, statement.open), (StatementState::Compared, 0));
    assert_eq!(lender.differences(DifferenceState::Open), []);
}

fn every_difference_is_found_once_and_by_its_kind(on: On) {
    let lender = lender(on, 7);
    lender.debit(0, &MoneyOutcome::Done);
    lender.debit(1, &MoneyOutcome::Declined("余额不足".into()));
    lender.debit(2, &MoneyOutcome::Unknown);
    // Of each loan its newest order first: debit and payout of the first three, four payouts.
    let mut lines = lender.honest();
    assert_eq!(lines.len(), 10);
    let numbers: Vec<_> = lines.iter().map(|line| line.order_no.clone()).collect();
    // 0 in order; 2 failed here, 4 open here; 6 to 9 are payouts.
    lines[6].amount = yuan(1001);
    lines[7].flow = Flow::In;
    let twice = lines[8].clone();
    let strange = StatementLine { order_no: "2026030108000042".into(), ..lines[8].clone() };
    lines.truncate(9);
    lines.extend([twice, strange]);
    let statement = lender.compare(lender.today(), &lines);
    let mut expected = vec![
        (Kind::FailedHere, numbers[2].clone()),
        (Kind::OpenHere, numbers[4].clone()),
        (Kind::Amount, numbers[6].clone()),
        (Kind::Direction, numbers[7].clone()),
        (Kind::Twice, numbers[8].clone()),
        (Kind::NotTheirs, numbers[9].clone()),
        (Kind::NotOurs, "2026030108000042".to_owned()),
    ];
    let by_number = |one: &(Kind, String)| one.1.clone();
    let mut found = lender.differences(DifferenceState::Open);
    found.sort_by_key(by_number);
    expected.sort_by_key(by_number);
    assert_eq!(found, expected);
    assert_eq!(statement.open, 7);
    // The same statement again finds the same, once.
    assert_eq!(lender.compare(lender.today(), &lines).open, 7);
    lender.bench.verify();
}

fn what_is_found_later_is_gone_and_what_was_settled_stays_so(on: On) {
    let lender = lender(on, 3);
    lender.debit(0, &MoneyOutcome::Unknown);
    let day = lender.today();
    let mut lines = lender.honest();
    let late = lines.remove(3); // the last loan's payout
    let strange = StatementLine { order_no: "2026030108000042".into(), ..late.clone() };
    lines.push(strange);
    assert_eq!(lender.compare(day, &lines).open, 3);
    let page = Page::new(1, 10).unwrap();
    let open = move |tx: &mut crate::Tx<'_, '_>| {
        reconciliation::differences(tx, DifferenceState::Open, page)
    };
    let strange =
        lender.bench.read(open).into_iter().find(|one| one.kind == Kind::NotOurs).unwrap();
    let settle = move |tx: &mut crate::Tx<'_, '_>| {
        reconciliation::settle(tx, OperatorId::from_number(1), strange.id, "记错商户")
    };
    let settled = lender.bench.write(settle).unwrap();
    assert_eq!(
        (settled.state, settled.reason.as_deref()),
        (DifferenceState::Settled, Some("记错商户"))
    );
    assert_eq!(lender.bench.write(settle), Err(reconciliation::SettleError::NotOpen));
    // The debit's answer comes, and the next day's statement has the payout.
    lender.next_day();
    lender.bench.answer(&MoneyOutcome::Done);
    lender.compare(lender.today(), &[late]);
    assert_eq!(lender.differences(DifferenceState::Open), []);
    // The first statement again: nothing that was settled or gone comes back.
    lender.compare(day, &lines);
    assert_eq!(lender.differences(DifferenceState::Open), []);
    let settled = lender.differences(DifferenceState::Settled);
    assert_eq!(settled, [(Kind::NotOurs, "2026030108000042".to_owned())]);
}

fn money_that_the_ledger_has_not_booked_is_found(on: On) {
    let lender = lender(on, 1);
    lender.debit(0, &MoneyOutcome::Done);
    let lines = lender.honest();
    // Behind the core's back: the ledger has one fen less of the debit.
    let spoil = |tx: &mut store::Tx<'_>| {
        let update = "UPDATE posting SET amount_fen = amount_fen + 1 WHERE account_id = 52
            AND amount_fen < 0";
        tx.execute(update, params![])?;
        Ok::<_, Fault>(())
    };
    lender.bench.db.write_and_wait(0, spoil).unwrap();
    lender.compare(lender.today(), &lines);
    let expected = [(Kind::NotBooked, lines[0].order_no.clone())];
    assert_eq!(lender.differences(DifferenceState::Open), expected);
}

fn a_statement_of_each_day_is_asked_for_once_it_is_over(on: On) {
    let lender = lender(on, 0);
    let first = lender.today();
    // At 08:00 of the first day: yesterday's.
    assert_eq!(lender.due(), [first.minus_days(1).unwrap()]);
    assert_eq!(lender.due(), [], "somebody asks already");
    let clock = lender.bench.core.clock();
    // 00:59 and 01:00 of the next.
    clock.set(clock.now().wall.plus_millis((16 * 60 + 59) * 60_000));
    lender.compare(first.minus_days(1).unwrap(), &[]);
    assert_eq!(lender.due(), []);
    clock.set(clock.now().wall.plus_millis(60_000));
    assert_eq!(lender.due(), [first]);
    lender.compare(first, &[]);
    // A clock that leaps leaves no more than a month to ask for.
    clock.set(clock.now().wall.plus_days(100));
    let days = lender.due();
    assert_eq!((days.len(), days.last().copied()), (32, lender.today().minus_days(1)));
    let unborn = lender.today().plus_days(1).unwrap();
    let want = move |tx: &mut crate::Tx<'_, '_>| {
        reconciliation::want(tx, Actor::Operator(OperatorId::from_number(1)), unborn)
    };
    assert_eq!(lender.bench.write(want), Err(reconciliation::WantError::NotBegun));
}

fn a_statement_that_does_not_come_is_given_up_and_can_be_asked_for_again(on: On) {
    let lender = lender(on, 0);
    let [day] = lender.due()[..] else { panic!("not asked for") };
    let state = || lender.bench.read(move |tx| reconciliation::statement(tx, day)).unwrap().state;
    let clock = lender.bench.core.clock();
    for attempt in 1..=16 {
        assert_eq!(state(), StatementState::Wanted, "{attempt}");
        lender.bench.write(move |tx| reconciliation::not_given(tx, day)).unwrap();
        // The business day stays the same to nobody's surprise: only this statement is looked at.
        clock.set(clock.now().wall.plus_millis(6 * 3_600_000));
        let due = lender.due();
        assert_eq!(due.contains(&day), attempt < 16, "{attempt}");
    }
    assert_eq!(state(), StatementState::GivenUp);
    let want = move |tx: &mut crate::Tx<'_, '_>| {
        reconciliation::want(tx, Actor::Operator(OperatorId::from_number(1)), day)
    };
    lender.bench.write(want).unwrap();
    assert!(lender.due().contains(&day));
}

fn a_statement_that_was_half_loaded_is_loaded_anew(on: On) {
    let lender = lender(on, 2);
    let (day, lines) = (lender.today(), lender.honest());
    let half = lines[..1].to_vec();
    lender.bench.write(move |tx| reconciliation::begin(tx, day)).unwrap();
    lender.bench.write(move |tx| reconciliation::load(tx, day, 0, &half)).unwrap();
    assert!(!lender.due().contains(&day), "somebody is at it");
    let clock = lender.bench.core.clock();
    clock.set(clock.now().wall.plus_millis(5 * 60_000));
    assert!(lender.due().contains(&day), "whoever was at it has died");
    let statement = lender.compare(day, &lines);
    assert_eq!((statement.theirs.count, statement.open), (2, 0));
}
