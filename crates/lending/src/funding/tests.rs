//! What the partner is told, and what becomes of what it says, on both engines.

use kernel::id::{ApplicationId, FundingOrderId, MemberId, OperatorId, PlanRowId};
use kernel::{Date, Money};

use super::rules::{Audited, Withdrawn, audited, is_last, wait_ms, withdrawn};
use super::{
    AgainError, CloseIssueError, Heard, Issue, Order, OrderState, Partner, Step, answered,
    claim_due, close_issue, hear, open_issues, open_orders, orders_of, tell_again,
};
use crate::audit::Actor;
use crate::catalog;
use crate::credit;
use crate::ledger::{self, Account};
use crate::origination::{
    self, Approved, DecideError, DrawdownError, DrawdownState, Review, State, Verdict,
};
use crate::page::Page;
use crate::ports::{
    FaceOutcome, FundingAnswer, FundingKind, FundingNews, FundingOrder, FundingStatus, MoneyOutcome,
};
use crate::servicing::{self, BeginRepayment, LoanState, Meant, payments};
use crate::tests::chaojihua::{HERE, bind, compare, customer, drawn, order, placed, told, wants};
use crate::tests::kit::{Bench, On, all_at_once, on_both, yuan};
use crate::{Clock, Fault, Lending, Route, reconciliation};

#[track_caller]
fn lender(on: On) -> Bench {
    let bench = on.open_with(|_, policy| policy.funding = Partner::On);
    bench.core.seed_products(HERE).unwrap();
    bench
}

fn said(kind: FundingKind, number: &str, status: FundingStatus, place: u32) -> FundingNews {
    let number = number.to_owned();
    FundingNews { kind, number, status, place, amount: None, tenors: None, reason: None }
}

fn says(bench: &Bench, news: &FundingNews) -> Heard {
    let news = news.clone();
    bench.write(move |tx| hear(tx, &news)).unwrap()
}

#[track_caller]
fn newest(bench: &Bench, application: ApplicationId) -> Order {
    bench.write(move |tx| orders_of(tx, application)).unwrap().pop().unwrap()
}

fn state(bench: &Bench, id: ApplicationId) -> State {
    bench.write(move |tx| origination::application(tx, id)).unwrap().unwrap().state
}

fn issues(bench: &Bench) -> Vec<Issue> {
    bench.write(|tx| open_issues(tx, Page::new(1, 100).unwrap())).unwrap()
}

fn answer(bench: &Bench, id: FundingOrderId, answer: &FundingAnswer) {
    let answer = answer.clone();
    bench.write(move |tx| answered(tx, id, &answer)).unwrap();
}

/// An order that the partner has approved, whose owner has a card and has shown their face.
#[track_caller]
fn approved(bench: &Bench, n: u32) -> (MemberId, ApplicationId) {
    let member = customer(bench, n);
    let application = placed(bench, order(member, Some(10_000))).unwrap();
    let number = newest(bench, application).number;
    let news = said(FundingKind::Apply, &number, FundingStatus::Approved, 2);
    assert_eq!(says(bench, &news), Heard::Taken);
    bench
        .write(move |tx| {
            bind(tx, member, n);
            compare(tx, (member, application), &FaceOutcome::Same).unwrap();
            Ok::<_, Fault>(())
        })
        .unwrap();
    (member, application)
}

/// A drawdown of 1,000.00 for three months that the partner is to be told of; its number.
#[track_caller]
fn drawing(bench: &Bench, (member, application): (MemberId, ApplicationId)) -> String {
    let draw = wants(member, application, 1000, 3);
    told(bench, draw).unwrap();
    let drawdown = drawn(bench, draw).unwrap();
    assert_eq!(drawdown.state, DrawdownState::Reviewing);
    drawdown.withdraw_no
}

/// Three drawdowns: one is paid out, one could not be, one is approved and under way.
pub(crate) fn payouts(on: On) -> Bench {
    let bench = lender(on);
    for (n, status) in [
        (1, FundingStatus::PaidOut),
        (2, FundingStatus::PayoutFailed),
        (3, FundingStatus::DrawApproved),
    ] {
        let number = drawing(&bench, approved(&bench, n));
        assert_eq!(says(&bench, &said(FundingKind::Withdraw, &number, status, 3)), Heard::Taken);
    }
    bench
}

/// What a word about an application comes to, by where it stands: every pair.
#[test]
fn words_about_applications() {
    use Audited::{Approve, Contradicts, Hold, Nothing, Refuse, Release};
    use FundingStatus as Said;
    let said = [Said::Reviewing, Said::Approved, Said::Refused, Said::Frozen];
    for (state, come_to) in [
        (State::Reviewing, [Nothing, Approve, Refuse, Hold]),
        (State::Approved, [Contradicts, Release, Contradicts, Hold]),
        (State::Refused, [Contradicts, Contradicts, Nothing, Contradicts]),
        (State::Lapsed, [Nothing; 4]),
        (State::Withdrawn, [Nothing; 4]),
        (State::Lent, [Contradicts, Release, Contradicts, Hold]),
    ] {
        assert_eq!(said.map(|said| audited(state, said)), come_to, "{state:?}");
        for other in Said::ALL.iter().filter(|said| !said.is_audit()) {
            assert_eq!(audited(state, *other), Contradicts);
        }
    }
}

/// What a word about a withdrawal comes to, by what was said before: every pair.
#[test]
fn words_about_withdrawals() {
    use FundingStatus as Said;
    use Withdrawn::{
        Approve, Contradicts, Nothing, PaidOut, PaidOutAndStands, PayoutFailed, Refuse, Stands,
    };
    let said = [
        Said::DrawReviewing,
        Said::DrawApproved,
        Said::DrawRefused,
        Said::PaidOut,
        Said::PayoutFailed,
        Said::Repaying,
        Said::Overdue,
        Said::Settled,
    ];
    let first = [
        Nothing,
        Approve,
        Refuse,
        PaidOut,
        PayoutFailed,
        PaidOutAndStands,
        PaidOutAndStands,
        PaidOutAndStands,
    ];
    let mut granted = first;
    granted[..3].copy_from_slice(&[Contradicts, Nothing, Contradicts]);
    let over = |place: usize| {
        let mut come_to = [Contradicts; 8];
        come_to[place] = Nothing;
        come_to
    };
    let mut paid = over(3);
    paid[5..].copy_from_slice(&[Stands; 3]);
    for (heard, come_to) in [
        (None, first),
        (Some(Said::DrawReviewing), first),
        (Some(Said::DrawApproved), granted),
        (Some(Said::DrawRefused), over(2)),
        (Some(Said::PayoutFailed), over(4)),
        (Some(Said::PaidOut), paid),
        (Some(Said::Repaying), paid),
        (Some(Said::Overdue), paid),
        (Some(Said::Settled), paid),
    ] {
        assert_eq!(said.map(|said| withdrawn(heard, said)), come_to, "{heard:?}");
    }
    let open = Said::ALL.iter().filter(|said| !is_last(**said));
    let open: Vec<_> = open.map(|said| said.code()).collect();
    assert_eq!(open, [200, 500, 4001, 4002]);
    assert_eq!([0, 1, 5, 12, 99].map(wait_ms), [1000, 2000, 32_000, 3_600_000, 3_600_000]);
}

fn what_the_partner_was_not_told_can_be_taken_back(on: On) {
    let bench = lender(on);
    let (member, application) = approved(&bench, 1);
    drawing(&bench, (member, application));
    let cancel = move |bench: &Bench| {
        bench.write(move |tx| origination::cancel_drawdown(tx, member, application))
    };
    assert_eq!(cancel(&bench).unwrap().state, DrawdownState::Cancelled);
    let dropped = newest(&bench, application);
    assert_eq!(dropped.state, OrderState::Dropped);
    // Whatever is said of it all the same is for people.
    for (status, place) in [(FundingStatus::DrawRefused, 2), (FundingStatus::PaidOut, 3)] {
        let news = said(FundingKind::Withdraw, &dropped.number, status, place);
        assert_eq!(says(&bench, &news), Heard::Noted);
    }
    // Once it was claimed it is the partner's, told or not: time does not end it either.
    bench
        .write(move |tx| {
            compare(tx, (member, application), &FaceOutcome::Same).map_err(|_| Fault::Closed)
        })
        .unwrap();
    let number = drawing(&bench, (member, application));
    assert_eq!(bench.write(|tx| claim_due(tx, 8)).unwrap().len(), 1);
    assert!(matches!(cancel(&bench), Err(DrawdownError::WithPartner)));
    let withdraw = bench.write(move |tx| origination::withdraw(tx, member, application));
    assert!(withdraw.is_err());
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_days(30));
    assert!(!bench.write(move |tx| origination::lapse(tx, application)).unwrap());
    assert!(bench.write(|tx| origination::past_approval(tx, 10)).unwrap().is_empty());
    // And it can still be paid out.
    let news = said(FundingKind::Withdraw, &number, FundingStatus::PaidOut, 3);
    assert_eq!(says(&bench, &news), Heard::Taken);
    assert_eq!(state(&bench, application), State::Lent);
    bench.verify();
}

fn an_application_that_was_taken_back_is_none_of_the_partners(on: On) {
    let bench = lender(on);
    let member = customer(&bench, 1);
    let application = placed(&bench, order(member, Some(10_000))).unwrap();
    assert_eq!(bench.write(|tx| claim_due(tx, 8)).unwrap().len(), 1);
    bench.write(move |tx| origination::withdraw(tx, member, application)).unwrap();
    let number = newest(&bench, application).number;
    for (status, place) in [(FundingStatus::Frozen, 2), (FundingStatus::Approved, 3)] {
        assert_eq!(says(&bench, &said(FundingKind::Apply, &number, status, place)), Heard::Taken);
        assert_eq!(state(&bench, application), State::Withdrawn);
    }
    assert_eq!(newest(&bench, application).state, OrderState::Settled);
    assert!(issues(&bench).is_empty());
    let line = bench.read(move |tx| credit::line(tx, member)).unwrap();
    assert_eq!(line.frozen, Money::ZERO);
    bench.verify();
}

fn what_it_takes_for_a_mistake_is_for_people(on: On) {
    let bench = lender(on);
    let member = customer(&bench, 1);
    let application = placed(&bench, order(member, Some(10_000))).unwrap();
    let review = move |bench: &Bench| {
        bench.write(move |tx| {
            let offer = origination::application(tx, application)?.unwrap().offer();
            let verdict = Verdict::Approve(Approved { amount: offer.amount, tenor: offer.tenor });
            let (operator, note) = (OperatorId::from_number(1), String::new());
            origination::review(tx, &Review { operator, application, verdict, note })
        })
    };
    assert!(matches!(review(&bench), Err(DecideError::WithPartner)));
    let told = newest(&bench, application);
    let again =
        |bench: &Bench| bench.write(move |tx| tell_again(tx, OperatorId::from_number(1), told.id));
    assert!(matches!(again(&bench), Err(AgainError::NotRefused)));
    let mistake = FundingAnswer::Refused("1004 no such product".to_owned());
    answer(&bench, told.id, &mistake);
    let refused = newest(&bench, application);
    assert_eq!(
        (refused.state, refused.reason.as_deref()),
        (OrderState::Refused, Some("1004 no such product"))
    );
    assert_eq!(issues(&bench).len(), 1);
    // It is told again, and is the partner's again; then people decide, and it is theirs.
    assert_eq!(again(&bench).unwrap().state, OrderState::Requested);
    assert!(matches!(review(&bench), Err(DecideError::WithPartner)));
    answer(&bench, told.id, &mistake);
    assert_eq!(issues(&bench).len(), 1, "it was noted, and is open");
    assert_eq!(review(&bench).unwrap().state, State::Approved);
    assert!(matches!(again(&bench), Err(AgainError::NotRefused)));
    let issue = issues(&bench)[0].id;
    let close = |bench: &Bench| {
        bench.write(move |tx| close_issue(tx, OperatorId::from_number(1), issue, "done"))
    };
    assert_eq!(close(&bench).unwrap().note.as_deref(), Some("done"));
    assert!(matches!(close(&bench), Err(CloseIssueError::AlreadyClosed)));
    assert!(issues(&bench).is_empty());
    bench.verify();
}

fn only_what_may_be_is_approved(on: On) {
    let bench = lender(on);
    for (n, amount, tenors, why) in [
        (1, Some(10_100), None, "more than was asked for"),
        (2, Some(500), None, "not offered"),
        (3, None, Some(vec![3, 7]), "not offered"),
        (4, None, Some(vec![]), "not offered"),
    ] {
        let member = customer(&bench, n);
        let application = placed(&bench, order(member, Some(10_000))).unwrap();
        let number = newest(&bench, application).number;
        let news = said(FundingKind::Apply, &number, FundingStatus::Approved, 2);
        let news = FundingNews { amount: amount.map(yuan), tenors, ..news };
        assert_eq!(says(&bench, &news), Heard::Noted, "{why}");
        assert_eq!(state(&bench, application), State::Reviewing);
        assert_eq!(newest(&bench, application).state, OrderState::Refused);
        assert_eq!(says(&bench, &news), Heard::Noted, "again");
    }
    assert_eq!(issues(&bench).len(), 4);
    bench.verify();
}

fn a_payout_that_many_tell_of_is_booked_once(on: On) {
    let bench = lender(on);
    let number = drawing(&bench, approved(&bench, 1));
    let news = said(FundingKind::Withdraw, &number, FundingStatus::PaidOut, 3);
    let heard = all_at_once(4, |_| says(&bench, &news));
    assert_eq!(heard, [Heard::Taken; 4]);
    let principal = bench.number("SELECT COUNT(*) AS n FROM transfer WHERE kind = 'loan_payout'");
    assert_eq!(principal, 1);
    bench.verify();
}

/// What the partner pays out is no business of the payment provider's statement.
fn payouts_are_none_of_the_payment_providers(on: On) {
    let bench = payouts(on);
    let day = bench.core.clock().now().business.date();
    bench.write(move |tx| reconciliation::begin(tx, day)).unwrap();
    let statement = bench.write(move |tx| {
        reconciliation::load(tx, day, 0, &[])?;
        reconciliation::compare(tx, Actor::Provider("payment"), day)
    });
    let statement = statement.unwrap();
    assert_eq!((statement.ours.count, statement.open), (0, 0));
    let due = bench.write(|tx| payments::due(tx, 8)).unwrap();
    assert!(due.is_empty(), "{due:?}");
    let loan = bench.write(|tx| {
        servicing::loans(tx, servicing::Listed::In(LoanState::PayingOut), Page::new(1, 1).unwrap())
    });
    let loan = loan.unwrap()[0].id;
    let order = bench.write(move |tx| payments::payments_of(tx, loan)).unwrap()[0].clone();
    let (order_no, amount, outcome) = (order.order_no, order.amount, MoneyOutcome::Done);
    let news = crate::ports::News { order_no, amount, outcome };
    let heard = bench.write(move |tx| payments::hear(tx, &news)).unwrap();
    assert_eq!(heard, payments::Heard::Strange);
    bench.verify();
}

fn repayments_and_corrections_are_reported(on: On) {
    let bench = lender(on);
    let (member, application) = approved(&bench, 1);
    let number = drawing(&bench, (member, application));
    let news = said(FundingKind::Withdraw, &number, FundingStatus::PaidOut, 3);
    assert_eq!(says(&bench, &news), Heard::Taken);
    let loan =
        bench.write(move |tx| servicing::loan_of_application(tx, application)).unwrap().unwrap();
    let owed = bench.read(move |tx| ledger::owed(tx, Account::LoanPrincipal(loan.id)));
    assert_eq!(owed, Some(yuan(1000)));
    let row = PlanRowId::from_number(loan.id.number() * 10_000 + 1);
    let repayment = bench
        .write(move |tx| {
            let meant = Meant::Row;
            let command = BeginRepayment { member, row, meant, coupon: None };
            servicing::begin_repayment(tx, &command).map_err(|_| Fault::Closed)?;
            let orders = payments::payments_of(tx, loan.id)?;
            payments::finish(tx, orders[0].id, &MoneyOutcome::Done)?;
            Ok::<_, Fault>(servicing::repayments(tx, loan.id)?[0].clone())
        })
        .unwrap();
    let reverse =
        bench.write(move |tx| servicing::reverse_repayment(tx, Actor::Platform, repayment.id));
    reverse.unwrap();
    let claimed = bench.write(|tx| claim_due(tx, 8)).unwrap();
    let mut orders = Vec::new();
    for claimed in &claimed {
        if let Step::Tell(order) = &claimed.step {
            orders.push((**order).clone());
        }
    }
    let [
        FundingOrder::Plan { order_no, rows },
        FundingOrder::Repay(paid),
        FundingOrder::Reversal(back),
    ] = &orders[..]
    else {
        panic!("{orders:?}")
    };
    assert_eq!(rows.iter().map(|row| row.principal).collect::<Vec<_>>().len(), 3);
    assert_eq!(rows[0].due, Date::from_ymd(2026, 4, 1).unwrap());
    assert_eq!((&paid.order_no, paid), (order_no, back));
    assert_eq!(
        (paid.principal, paid.interest),
        (repayment.parts.principal, repayment.parts.interest)
    );
    for claimed in claimed {
        answer(&bench, claimed.id, &FundingAnswer::Taken);
    }
    let open = bench.write(|tx| open_orders(tx, Page::new(1, 10).unwrap())).unwrap();
    assert!(open.is_empty(), "{open:?}");
    // What it says of the loan is held against the books, and changes nothing in them.
    for (status, place, heard) in [
        (FundingStatus::Repaying, 4, Heard::Taken),
        (FundingStatus::Overdue, 5, Heard::Noted),
        (FundingStatus::Settled, 6, Heard::Noted),
        (FundingStatus::PayoutFailed, 7, Heard::Noted),
        (FundingStatus::Repaying, 8, Heard::Taken),
    ] {
        assert_eq!(says(&bench, &said(FundingKind::Withdraw, &number, status, place)), heard);
        let stands = bench.write(move |tx| servicing::loan(tx, loan.id)).unwrap().unwrap();
        assert_eq!(stands.state, LoanState::Repaying);
    }
    assert_eq!(issues(&bench).len(), 3);
    bench.verify();
}

fn without_a_partner_people_go_on(on: On) {
    let bench = lender(on);
    let (member, application) = approved(&bench, 1);
    let policy = crate::Policy { funding: Partner::Off, ..bench.policy.clone() };
    let clock = Clock::standing_at(bench.core.clock().now().wall);
    let (core, _) = Lending::open(bench.db.clone(), clock, crate::tests::kit::KEY, policy).unwrap();
    let draw = wants(member, application, 1000, 3);
    let drawdown = core.write_and_wait(Route::home(0), move |tx| {
        origination::tell_quote(tx, &draw)?;
        origination::draw(tx, &draw)
    });
    assert_eq!(drawdown.unwrap().state, DrawdownState::Approved);
    let paid = core.write_and_wait(Route::home(0), move |tx| {
        servicing::request_payout(tx, Actor::Platform, application)
    });
    let (_, payment) = paid.unwrap();
    let due = core.write_and_wait(Route::home(0), |tx| payments::due(tx, 8)).unwrap();
    assert_eq!(due.iter().map(|claimed| claimed.id).collect::<Vec<_>>(), [payment]);
    bench.verify();
}

#[test]
fn what_is_asked_of_the_partner_is_what_the_product_offers() {
    let bench = lender(On::Sqlite);
    let member = customer(&bench, 1);
    placed(&bench, order(member, Some(10_000))).unwrap();
    let claimed = bench.write(|tx| claim_due(tx, 8)).unwrap();
    let Step::Tell(order) = &claimed[0].step else { panic!("{claimed:?}") };
    let FundingOrder::Apply(told) = &**order else { panic!("{order:?}") };
    assert_eq!((told.amount, told.tenors.as_slice()), (yuan(10_000), [1, 2, 3, 6, 12].as_slice()));
    let seed = catalog::seeds(HERE).into_iter().next().unwrap();
    assert_eq!(told.product, seed.version.name);
    assert!(!format!("{claimed:?}").contains("周小舟"), "no log names anybody");
    // Somebody else asks for it only when the time for an answer is over.
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_millis(59_000));
    assert!(bench.write(|tx| claim_due(tx, 8)).unwrap().is_empty());
    clock.set(clock.now().wall.plus_millis(2_000));
    let again = bench.write(|tx| claim_due(tx, 8)).unwrap();
    assert!(matches!(&again[0].step, Step::Query { kind: FundingKind::Apply, .. }), "{again:?}");
    answer(&bench, again[0].id, &FundingAnswer::NoRecord);
    clock.set(clock.now().wall.plus_millis(10_000));
    let third = bench.write(|tx| claim_due(tx, 8)).unwrap();
    assert!(matches!(third[0].step, Step::Tell(_)), "{third:?}");
}

on_both! {
    what_the_partner_was_not_told_can_be_taken_back
    an_application_that_was_taken_back_is_none_of_the_partners
    what_it_takes_for_a_mistake_is_for_people
    only_what_may_be_is_approved
    a_payout_that_many_tell_of_is_booked_once
    payouts_are_none_of_the_payment_providers
    repayments_and_corrections_are_reported
    without_a_partner_people_go_on
}
