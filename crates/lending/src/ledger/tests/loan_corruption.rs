//! `verify` finds what somebody has changed about loans behind the core's back.

use kernel::id::{LoanId, MemberId, PlanRowId};
use kernel::{Channel, Money, Rate};
use pricing::terms::Size;
use pricing::{Method, Percent};

use super::super::{Account, Kind, Transfer, post, verify};
use super::corruption::{change_rows, each_is_found};
use crate::audit::Actor;
use crate::catalog::{self, FeeTime, ProductFee, SaveProduct, Version};
use crate::ports::MoneyOutcome;
use crate::servicing::{self, BeginPage, BeginRepayment, BeyondLines, Meant, PageBegun, payments};
use crate::tests::kit::{Bench, On, fen, on_both, yuan};
use crate::tests::lender::{by_days, by_months, shipped};
use crate::{Fault, Tx};

on_both! {
    every_corruption_of_a_loan_is_found_by_its_check
    every_check_of_loans_is_in_the_table
}

/// What somebody does to the books.
#[derive(Clone, Copy, Debug)]
enum Done {
    /// Changes rows.
    Sql(&'static str),
    /// Posts money away that is well-formed by itself: out of an account of loan 1, into one of the
    /// platform.
    Post(Kind, fn(LoanId) -> Account, Account),
}

use Done::{Post, Sql};

/// The check that must find it, and what is done.
///
/// Members 1 to 5 have the loans 1 to 5. Loan 1 runs, one of three rows is paid; 2 was late,
/// written off, and something was recovered; 3 is settled; of 4 the payout was declined; of 5 a
/// repayment was taken back. Member 6 has applied and waits for review. Loan 6 is member 7's, kept a
/// fee back, and is late; loan 7 is member 8's and was settled early.
const CORRUPTIONS: &[(&str, Done)] = &[
    (ACCOUNTS, Sql("DELETE FROM account WHERE account_id = 113")),
    (ACCOUNTS, Sql("DELETE FROM account WHERE account_id = 314")),
    (ACCOUNTS, Sql("UPDATE loan SET state = 'settled' WHERE loan_id = 1")),
    (ACCOUNTS, Sql("UPDATE loan SET state = 'written_off' WHERE loan_id = 5")),
    (PAID_OUT, Sql("UPDATE payment SET amount_fen = 1 WHERE purpose = 'payout' AND loan_id = 1")),
    (PAID_OUT, Sql("UPDATE payment SET state = 'unknown' WHERE purpose = 'payout' AND loan_id = 3")),
    (PAID_OUT, Sql("UPDATE loan SET received_fen = received_fen - 1 WHERE loan_id = 6")),
    (PAID_OUT, Sql("UPDATE loan SET start_day = 20500 WHERE loan_id = 4")),
    (PAID_OUT, Sql("UPDATE loan SET principal_fen = principal_fen + 1 WHERE loan_id = 1")),
    (PAID_OUT, Sql("UPDATE transfer SET subject_id = 99 WHERE kind = 'accrual' AND subject_id = 1")),
    (PAID_OUT, Sql("UPDATE payment SET by_partner = 1 WHERE purpose = 'payout' AND loan_id = 1")),
    (PLANS, Sql("DELETE FROM plan_row WHERE plan_row_id = 10003")),
    (PLANS, Sql("UPDATE plan_row SET principal_fen = principal_fen + 1 WHERE plan_row_id = 10001")),
    (PLANS, Sql("UPDATE plan_row SET interest_before_fen = 1 WHERE plan_row_id = 10002")),
    (PLANS, Sql("UPDATE plan_row SET from_day = from_day - 1 WHERE plan_row_id = 10001")),
    (PLANS, Sql("UPDATE plan_row SET due_day = due_day + 1 WHERE plan_row_id = 10002")),
    (PLANS, Sql("UPDATE plan_row SET loan_id = 99 WHERE plan_row_id = 30001")),
    (
        POSTED,
        Sql("UPDATE repayment SET principal_fen = principal_fen - 1, excess_fen = excess_fen + 1
            WHERE loan_id = 1"),
    ),
    (
        POSTED,
        Sql("UPDATE repayment SET interest_fen = interest_fen + 1, principal_fen = principal_fen - 1
            WHERE loan_id = 3"),
    ),
    (POSTED, Sql("UPDATE repayment SET loan_id = 3, place = place + 10 WHERE loan_id = 1")),
    (POSTED, Sql("UPDATE repayment SET transfer_id = 1 WHERE loan_id = 1")),
    (POSTED, Sql("UPDATE transfer SET subject_id = 3 WHERE kind = 'loan_repayment' AND subject_id = 1")),
    (TAKEN_BACK, Sql("UPDATE repayment SET reversed_by_id = NULL WHERE loan_id = 5")),
    (TAKEN_BACK, Sql("UPDATE repayment SET reversed_by_id = transfer_id WHERE loan_id = 1")),
    (TAKEN_BACK, Sql("UPDATE repayment SET reversed_by_id = reversed_by_id + 1 WHERE loan_id = 5")),
    (PAID, Sql("UPDATE loan SET interest_paid_fen = interest_paid_fen + 1 WHERE loan_id = 1")),
    (PAID, Sql("UPDATE loan SET principal_paid_fen = principal_paid_fen - 1 WHERE loan_id = 3")),
    (PAID, Sql("UPDATE loan SET penalty_paid_fen = 1 WHERE loan_id = 6")),
    (PAID, Sql("UPDATE loan SET fee_paid_fen = 1 WHERE loan_id = 2")),
    (PRINCIPAL, Post(Kind::LoanRepayment, Account::LoanPrincipal, Account::ProviderClearing)),
    (PRINCIPAL, Post(Kind::WriteOff, Account::LoanPrincipal, Account::WriteOffLoss)),
    (EARNED, Post(Kind::Accrual, Account::LoanInterest, Account::InterestIncome)),
    (EARNED, Post(Kind::LoanRepayment, Account::LoanInterest, Account::ProviderClearing)),
    (
        EARNED,
        Sql("DELETE FROM day_end WHERE business_day = (SELECT MAX(business_day) FROM day_end)"),
    ),
    (ACCRUALS, Sql("UPDATE transfer SET kind = 'accrual' WHERE kind = 'recovery'")),
    (ACCRUALS, Sql("UPDATE transfer SET subject_id = 3 WHERE kind = 'accrual' AND subject_id = 1")),
    (ORDERS, Sql("UPDATE payment SET amount_fen = 1 WHERE direction = 'debit' AND loan_id = 1")),
    (ORDERS, Sql("UPDATE payment SET state = 'failed' WHERE direction = 'debit' AND loan_id = 3")),
    (ORDERS, Sql("UPDATE payment SET transfer_id = NULL WHERE by_page = 1")),
    (ORDERS, Sql("UPDATE payment SET amount_fen = amount_fen + 1 WHERE by_page = 1")),
    (USED, Sql("UPDATE credit_line SET used_fen = used_fen + 1 WHERE member_id = 1")),
    (USED, Sql("UPDATE credit_line SET used_fen = 0 WHERE member_id = 2")),
    (USED, Sql("UPDATE credit_line SET used_fen = 1 WHERE member_id = 3")),
    (FROZEN_LINES, Sql("UPDATE credit_line SET frozen_fen = 0 WHERE member_id = 4")),
    (FROZEN_LINES, Sql("UPDATE credit_line SET frozen_fen = 1 WHERE member_id = 1")),
    (FROZEN_LINES, Sql("UPDATE loan SET closed_at = 1 WHERE loan_id = 4")),
    (FROZEN_LINES, Sql("UPDATE application SET state = 'withdrawn' WHERE state = 'reviewing'")),
    (FROZEN_LINES, Sql("UPDATE application SET amount_fen = 1 WHERE state = 'reviewing'")),
    (REPLAY, Sql("UPDATE plan_row SET interest_fen = interest_fen + 1 WHERE plan_row_id = 10003")),
    (REPLAY, Sql("UPDATE plan_row SET fee_fen = 1 WHERE plan_row_id = 10003")),
    (REPLAY, Sql("UPDATE loan SET rate_ppm = rate_ppm + 1000 WHERE loan_id = 3")),
    (REPLAY, Sql("UPDATE loan SET tenor = 6 WHERE loan_id = 1")),
    (REPLAY, Sql("UPDATE repayment SET on_day = on_day + 10 WHERE loan_id = 3")),
    (REPLAY, Sql("UPDATE repayment SET settles = 0 WHERE loan_id = 7")),
];

const ACCOUNTS: &str = "every loan has its four accounts, and owes nothing when it is closed";
const PAID_OUT: &str = "every loan was paid out once, as it says, if it runs or has run";
const PLANS: &str = "every loan that was paid out has a plan that repays it, and no other has one";
const POSTED: &str = "every repayment is posted as it says, to the parts that it was used for";
const TAKEN_BACK: &str = "every repayment that was taken back has its contra entry, and no other";
const PAID: &str = "what was paid on every loan is the sum of its repayments";
const PRINCIPAL: &str =
    "what every running loan owes of its principal is what was lent and not repaid";
const EARNED: &str = "the interest that is booked on every running loan is what it has earned by \
                      the day, or what was paid of it";
const ACCRUALS: &str = "every accrual is between what a loan owes and the income of it";
const ORDERS: &str = "every order that has succeeded has moved its money in the books once";
const USED: &str = "what every credit line has in use is what its loans have not repaid";
const FROZEN_LINES: &str =
    "what every credit line has frozen is what is applied for and not paid out";
const REPLAY: &str = "every loan's plan and the use of its payments are what its terms say";

/// The checks that have their corruptions here.
pub(super) fn checks() -> Vec<&'static str> {
    CORRUPTIONS.iter().map(|(check, _)| *check).collect()
}

fn pay(bench: &Bench, member: MemberId, loan: LoanId, meant: Meant) {
    let row = PlanRowId::from_number(loan.number() * 10_000 + 1);
    let command = BeginRepayment { member, row, meant, coupon: None };
    bench.write(move |tx| servicing::begin_repayment(tx, &command)).unwrap();
    bench.answer(&MoneyOutcome::Done);
}

/// Books in which every check has something to look at.
fn books(on: On) -> Bench {
    let bench = on.open_with(|_, policy| {
        policy.servicing.auto_debit = false;
        policy.servicing.beyond_lines = BeyondLines::PaidOut;
    });
    let kept = Version {
        fees: vec![ProductFee {
            name: "服务费".into(),
            collector: "本公司".into(),
            time: FeeTime::KeptBack,
            size: Size::Share(Percent::from_rate(Rate::from_ppm(5000).unwrap())),
        }],
        ..shipped("DAYS-RANGE")
    };
    let days = bench.sell("D", shipped("DAYS-RANGE"));
    let months = bench.sell("F", shipped("MONTHS-FLAT"));
    let (channel, actor) = (Channel::Xianjindai, Actor::Platform);
    let command = SaveProduct { actor, channel, code: "K".into(), version: kept };
    let with_fee = bench.write(move |tx| catalog::save_beyond_lines(tx, &command)).unwrap().id;
    let members: Vec<_> = (1..=8).map(|n| bench.borrower(n)).collect();
    let flat = by_months(3000, 3, 120_000, Method::Flat);
    let first = bench.lend(members[0], months, flat);
    let late = bench.lend(members[1], days, by_days(1000, 7));
    let settled = bench.lend(members[2], days, by_days(1000, 14));
    let application = bench.apply(members[3], days, by_days(1000, 14)).unwrap();
    bench.approve(application);
    bench.order_payout(application);
    bench.answer(&MoneyOutcome::Declined("no account".into()));
    let mistaken = bench.lend(members[4], months, flat);
    let lapsing = bench.apply(members[5], days, by_days(1000, 14)).unwrap();
    bench.lend(members[6], with_fee, by_days(1000, 14));
    let early = bench.lend(members[7], days, by_days(1000, 30));
    let number = |loan: LoanId| loan.number();
    assert_eq!([first, late, settled, mistaken].map(number), [1, 2, 3, 5]);
    pay(&bench, members[0], first, Meant::Row);
    let (member, loan, coupon) = (members[2], settled, None);
    let begin = BeginPage { member, loan, coupon };
    let left_open = bench.write(move |tx| servicing::begin_on_page(tx, &begin)).unwrap();
    bench.days(14);
    bench.answer(&MoneyOutcome::NoRecord);
    pay(&bench, members[2], settled, Meant::Row);
    // Somebody pays on the page all the same: the loan takes none, so it is the customer's.
    let PageBegun::Ordered(order) = left_open else { panic!("paid without an order") };
    bench.write(move |tx| payments::finish(tx, order.payment, &MoneyOutcome::Done)).unwrap();
    pay(&bench, members[4], mistaken, Meant::Row);
    bench.write(move |tx| servicing::write_off(tx, Actor::Platform, late)).unwrap();
    bench.write(move |tx| servicing::recover(tx, Actor::Platform, late, yuan(20))).unwrap();
    let paid = bench.read(move |tx| servicing::repayments(tx, mistaken))[0].id;
    bench.write(move |tx| servicing::reverse_repayment(tx, Actor::Platform, paid)).unwrap();
    pay(&bench, members[7], early, Meant::Settlement);
    bench.days(18);
    let waits = bench.read(move |tx| crate::origination::application(tx, lapsing)).unwrap();
    assert_eq!(waits.state, crate::origination::State::Reviewing);
    bench
}

fn corrupt(tx: &mut Tx<'_, '_>, done: Done) -> Result<(), Fault> {
    match done {
        Sql(statement) => change_rows(tx, statement),
        Post(kind, account, platform) => {
            let (loan, amount): (_, Money) = (LoanId::from_number(1), fen(1));
            let lines = [(account(loan), amount.credit()), (platform, amount.debit())];
            let subject = loan.number();
            post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })
                .map(drop)
                .map_err(|error| Fault::Engine(error.to_string()))
        }
    }
}

fn every_corruption_of_a_loan_is_found_by_its_check(on: On) {
    each_is_found(&books(on), CORRUPTIONS, corrupt);
}

fn every_check_of_loans_is_in_the_table(on: On) {
    let verified = books(on).read(verify).unwrap();
    let own = verify::loan_check_names();
    for name in &own {
        let count = CORRUPTIONS.iter().filter(|(check, _)| check == name).count();
        assert!(count >= 2, "{count} corruptions of: {name}");
        let (_, rows) = verified.checks.iter().find(|(check, _)| check == name).unwrap();
        assert!(*rows > 0, "nothing to look at: {name}");
    }
    assert!(checks().iter().all(|check| own.contains(check)));
}
