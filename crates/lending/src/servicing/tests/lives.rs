//! Lives of loans: paid on time, late, early, in parts, taken back, given up.

use kernel::Money;
use kernel::id::{LoanId, MemberId};
use pricing::Method;

use crate::audit::Actor;
use crate::credit;
use crate::ledger::{self, Account};
use crate::ports::MoneyOutcome;
use crate::servicing::payments::PaymentState;
use crate::servicing::{
    self, BeginError, BeginRepayment, Loan, LoanState, Meant, ReverseError, Which, WriteOffError,
};
use crate::tests::kit::{Bench, On, fen, on_both, yuan};
use crate::tests::lender::{by_days, by_months, shipped};

on_both! {
    a_loan_by_days_earns_its_interest_night_by_night
    a_late_loan_bears_the_penalty_of_its_version
    instalments_are_paid_one_after_the_other
    a_settlement_pays_interest_to_the_day
    what_is_paid_too_much_is_the_customer_s_credit
    a_repayment_that_is_taken_back_was_never_made
    a_loan_that_is_given_up_becomes_a_loss
    a_day_end_that_was_missed_is_caught_up_with
    a_coupon_pays_a_part_and_a_transfer_what_it_brings
}

fn auto_debit_off(on: On) -> Bench {
    on.open_with(|_, policy| policy.servicing.auto_debit = false)
}

/// What the loan owes in the books: principal, interest, fees, penalties, in fen.
fn owed(bench: &Bench, loan: LoanId) -> [i64; 4] {
    bench.read(move |tx| {
        let mut owed = [0; 4];
        for (place, account) in owed.iter_mut().zip(Account::of_loan(loan)) {
            *place = ledger::owed(tx, account)?.unwrap().fen();
        }
        Ok(owed)
    })
}

fn begin(
    bench: &Bench,
    member: MemberId,
    loan: LoanId,
    row: i64,
    meant: Meant,
) -> Result<(), BeginError> {
    let row = kernel::id::PlanRowId::from_number(loan.number() * 10_000 + row);
    let command = BeginRepayment { member, row, meant, coupon: None };
    bench.write(move |tx| servicing::begin_repayment(tx, &command)).map(|_| ())
}

/// Begins a repayment, and lets the provider agree.
#[track_caller]
fn pay(bench: &Bench, member: MemberId, loan: LoanId, row: i64, meant: Meant) -> Loan {
    begin(bench, member, loan, row, meant).unwrap();
    let answers = bench.answer(&MoneyOutcome::Done);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].2, PaymentState::Succeeded);
    bench.loan(loan)
}

/// 1000.00 at 18 % for 14 days by ACT/360: 1000 x 0.18 x 14 / 360 = 7.00, 0.50 each night.
fn a_loan_by_days_earns_its_interest_night_by_night(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    assert_eq!(owed(&bench, loan), [100_000, 0, 0, 0]);
    for night in 1..=13 {
        bench.days(1);
        assert_eq!(owed(&bench, loan), [100_000, night * 50, 0, 0], "night {night}");
    }
    bench.days(1);
    assert_eq!(owed(&bench, loan), [100_000, 700, 0, 0]);
    assert_eq!(bench.loan(loan).overdue_since, None, "due today is not late");
    bench.verify();
    let settled = pay(&bench, member, loan, 1, Meant::Row);
    assert_eq!(settled.state, LoanState::Settled);
    assert_eq!(settled.paid.total(), Some(fen(100_700)));
    assert_eq!(owed(&bench, loan), [0; 4]);
    bench.verify();
}

/// The version charges 0.05 % a day of 1000.00 when it is more than a day late: 0.50 a day, from
/// the due date on. 24 % a year over 365 days leave 0.6575 a day, more than the penalty.
fn a_late_loan_bears_the_penalty_of_its_version(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 7));
    bench.days(8);
    assert_eq!(owed(&bench, loan), [100_000, 350, 0, 0], "a day of grace");
    assert_eq!(bench.loan(loan).bucket(bench.core.clock().now().business.date()), Some(1));
    bench.days(1);
    assert_eq!(owed(&bench, loan), [100_000, 350, 0, 100], "two days, from the due date");
    bench.days(8);
    assert_eq!(owed(&bench, loan), [100_000, 350, 0, 500]);
    let rows = bench.read(move |tx| servicing::due_rows_of(tx, member, Which::Overdue));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].row.total(), Some(fen(100_850)));
    assert_eq!((rows[0].row.penalty, rows[0].row.overdue_days), (fen(500), 10));
    bench.verify();
    let settled = pay(&bench, member, loan, 1, Meant::Row);
    assert_eq!((settled.state, settled.paid.penalty), (LoanState::Settled, fen(500)));
    assert_eq!(owed(&bench, loan), [0; 4]);
    bench.verify();
}

/// 3000.00 over 3 months at 12 % flat: each month 1000.00 and 3000 x 12 % / 12 = 30.00.
fn instalments_are_paid_one_after_the_other(on: On) {
    let bench = auto_debit_off(on);
    let (member, other) = (bench.borrower(1), bench.borrower(2));
    let product = bench.sell("F", shipped("MONTHS-FLAT"));
    let loan = bench.lend(member, product, by_months(3000, 3, 120_000, Method::Flat));
    let not_theirs = begin(&bench, other, loan, 1, Meant::Row);
    assert!(matches!(not_theirs, Err(BeginError::NotYours)));
    assert!(matches!(begin(&bench, member, loan, 2, Meant::Row), Err(BeginError::EarlierFirst)));
    assert!(matches!(begin(&bench, member, loan, 4, Meant::Row), Err(BeginError::NoSuchRow)));
    let after = pay(&bench, member, loan, 1, Meant::Row);
    assert_eq!((after.paid.principal, after.paid.interest), (yuan(1000), yuan(30)));
    assert_eq!(owed(&bench, loan), [200_000, 0, 0, 0], "paid in advance, and earned thereby");
    assert!(matches!(begin(&bench, member, loan, 1, Meant::Row), Err(BeginError::RowPaid)));
    begin(&bench, member, loan, 2, Meant::Row).unwrap();
    let twice = begin(&bench, member, loan, 2, Meant::Row);
    assert!(matches!(twice, Err(BeginError::UnderWay)));
    bench.answer(&MoneyOutcome::Done);
    // On the way to the second due date nothing more is earned than what was paid.
    bench.days(40);
    assert_eq!(owed(&bench, loan), [100_000, 0, 0, 0]);
    bench.days(36);
    // 2026-03-01 and 76 days: 16 May, 15 of the 31 days of the third month: 30.00 x 15 / 31.
    assert_eq!(owed(&bench, loan), [100_000, 1452, 0, 0]);
    bench.verify();
    let settled = pay(&bench, member, loan, 3, Meant::Row);
    assert_eq!((settled.state, settled.paid.total()), (LoanState::Settled, Some(yuan(3090))));
    assert!(matches!(begin(&bench, member, loan, 3, Meant::Row), Err(BeginError::Settled)));
    bench.verify();
}

/// 1000.00 at 18 % for 30 days, settled after 10: 1000 x 0.18 x 10 / 360 = 5.00.
fn a_settlement_pays_interest_to_the_day(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 30));
    bench.days(10);
    let settled = pay(&bench, member, loan, 1, Meant::Settlement);
    assert_eq!((settled.state, settled.paid.total()), (LoanState::Settled, Some(yuan(1005))));
    assert_eq!(owed(&bench, loan), [0; 4]);
    bench.days(1);
    assert_eq!(owed(&bench, loan), [0; 4]);
    bench.verify();
}

/// The order for 1007.00 was under way when the customer settled: it is their credit then, and
/// pays the next loan's row on its due date.
fn what_is_paid_too_much_is_the_customer_s_credit(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let first = bench.lend(member, product, by_days(1000, 14));
    bench.days(14);
    let settled = pay(&bench, member, first, 1, Meant::Row);
    assert_eq!(settled.state, LoanState::Settled);
    let repaid = bench.read(move |tx| servicing::repayments(tx, first));
    // The same money again, by another way: the loan takes none any more.
    bench
        .write(move |tx| {
            let loan = servicing::loan(tx, first)?.unwrap();
            let wallet = Account::Wallet(loan.member);
            let lines = [
                (Account::ProviderClearing, repaid[0].amount.debit()),
                (wallet, repaid[0].amount.credit()),
            ];
            let kind = ledger::Kind::LoanRepayment;
            let transfer =
                ledger::Transfer { kind, subject: first.number(), reverses: None, lines: &lines };
            servicing::accrual::post(tx, &transfer)
        })
        .unwrap();
    assert_eq!(bench.wallet(member), 100_700);
    let second = bench.lend(member, product, by_days(500, 7));
    bench.days(6);
    assert_eq!(bench.wallet(member), 100_700, "nothing is due yet");
    bench.days(1);
    // 500 x 0.18 x 7 / 360 = 1.75.
    assert_eq!(bench.loan(second).state, LoanState::Settled);
    assert_eq!(bench.wallet(member), 100_700 - 50_175);
    bench.write(move |tx| servicing::refund(tx, Actor::Platform, member, yuan(100))).unwrap();
    assert_eq!(bench.wallet(member), 40_525);
    bench.answer(&MoneyOutcome::Declined("card closed".into()));
    assert_eq!(bench.wallet(member), 50_525, "a refund that is declined comes back");
    bench.verify();
}

fn a_repayment_that_is_taken_back_was_never_made(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("F", shipped("MONTHS-FLAT"));
    let loan = bench.lend(member, product, by_months(3000, 3, 120_000, Method::Flat));
    bench.days(10);
    let before = owed(&bench, loan);
    // 30.00 x 10 / 31 = 9.677.
    assert_eq!(before, [300_000, 968, 0, 0]);
    pay(&bench, member, loan, 1, Meant::Row);
    pay(&bench, member, loan, 2, Meant::Settlement);
    assert_eq!(bench.loan(loan).state, LoanState::Settled);
    let paid = bench.read(move |tx| servicing::repayments(tx, loan));
    let (first, second) = (paid[0].id, paid[1].id);
    let reverse = |id| bench.write(move |tx| servicing::reverse_repayment(tx, Actor::Platform, id));
    assert!(matches!(reverse(first), Err(ReverseError::LaterFirst)));
    reverse(second).unwrap();
    assert!(matches!(reverse(second), Err(ReverseError::AlreadyReversed)));
    let open = bench.loan(loan);
    assert_eq!((open.state, open.paid.principal), (LoanState::Repaying, yuan(1000)));
    reverse(first).unwrap();
    assert_eq!(owed(&bench, loan), before);
    assert_eq!(bench.loan(loan).paid, servicing::Paid::NOTHING);
    bench.verify();
}

fn a_loan_that_is_given_up_becomes_a_loss(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 7));
    let give_up = || bench.write(move |tx| servicing::write_off(tx, Actor::Platform, loan));
    assert!(matches!(give_up(), Err(WriteOffError::NotOverdue)));
    bench.days(17);
    // 3.50 of interest and ten days of 0.50.
    assert_eq!(give_up().unwrap(), fen(100_850));
    assert_eq!(owed(&bench, loan), [0; 4]);
    assert_eq!(bench.loan(loan).state, LoanState::WrittenOff);
    bench.days(1);
    assert_eq!(owed(&bench, loan), [0; 4], "nothing is earned any more");
    let recovered =
        bench.write(move |tx| servicing::recover(tx, Actor::Platform, loan, yuan(200))).unwrap();
    assert_eq!(recovered.amount, yuan(200));
    bench.verify();
}

/// Nobody ran the day-end for 20 days: what it books in one go is what it would have booked.
fn a_day_end_that_was_missed_is_caught_up_with(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 7));
    // Two hours more: at eight in the morning reminders wait for the contact hours.
    bench.core.clock().set(bench.core.clock().now().wall.plus_days(17).plus_millis(7_200_000));
    let run = servicing::day_end::run(&bench.core, Some(1), |_| true).unwrap();
    assert_eq!((run.failed, run.waiting), (0, false));
    assert_eq!(owed(&bench, loan), [100_000, 350, 0, 500]);
    let days = bench.number("SELECT COUNT(*) AS n FROM day_end WHERE phase = 'done'");
    assert_eq!(days, 18, "the first day and 17 more");
    let accruals =
        bench.number("SELECT COUNT(DISTINCT posted_at) AS n FROM transfer WHERE kind = 'accrual'");
    // Seven nights of interest; then nothing on the day of grace, and nine days of penalty.
    assert_eq!(accruals, 16, "each on its own day");
    let again = servicing::day_end::run(&bench.core, None, |_| true).unwrap();
    assert_eq!(again.steps, 0);
    assert_eq!(Money::from_fen(owed(&bench, loan)[3]), Some(fen(500)));
    bench.verify();
}

/// 1000.00 for 14 days costs 7.00; a coupon of 20.00 for repayments from 500.00 on pays a part of
/// the 1007.00, and the card 987.00.
fn a_coupon_pays_a_part_and_a_transfer_what_it_brings(on: On) {
    let bench = auto_debit_off(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    let give = |kind, amount| {
        let issue = credit::Issue {
            actor: Actor::Platform,
            member,
            kind,
            amount: yuan(amount),
            min_repayment: yuan(500),
            min_withdrawal: yuan(500),
            last_day: bench.core.clock().now().business.date().plus_days(30).unwrap(),
        };
        bench.write(move |tx| credit::issue(tx, &issue)).unwrap().id
    };
    let (deduction, cash) =
        (give(credit::CouponKind::Deduction, 20), give(credit::CouponKind::Cash, 5));
    bench.days(14);
    let row = kernel::id::PlanRowId::from_number(loan.number() * 10_000 + 1);
    let begin = move |coupon| BeginRepayment { member, row, meant: Meant::Row, coupon };
    let wrong = bench.write(move |tx| servicing::begin_repayment(tx, &begin(Some(cash))));
    assert!(matches!(wrong, Err(BeginError::Coupon(credit::ReserveError::OtherKind))));
    bench.write(move |tx| servicing::begin_repayment(tx, &begin(Some(deduction)))).unwrap();
    bench.answer(&MoneyOutcome::Declined("not enough".into()));
    let again = bench.write(move |tx| servicing::begin_repayment(tx, &begin(Some(deduction))));
    assert!(again.is_ok(), "what was declined has used no coupon");
    // 500.00 by bank while the card is being debited could pay the same twice.
    let transfer = servicing::Transferred {
        actor: Actor::Platform,
        loan,
        amount: yuan(500),
        reference: "B-1".into(),
    };
    let early = transfer.clone();
    let refused = bench.write(move |tx| servicing::receive_transfer(tx, &early));
    assert!(matches!(refused, Err(servicing::TransferError::UnderWay)));
    bench.answer(&MoneyOutcome::Done);
    let settled = bench.loan(loan);
    assert_eq!((settled.state, settled.paid.total()), (LoanState::Settled, Some(yuan(1007))));
    let expense = "SELECT CAST(-SUM(amount_fen) AS BIGINT) AS n FROM posting WHERE account_id = 71";
    assert_eq!(bench.number(expense), 2000);
    assert_eq!(
        bench.number(
            "SELECT amount_fen AS n FROM payment WHERE state = 'succeeded'
        AND direction = 'debit'"
        ),
        98_700
    );
    let second = bench.lend(member, product, by_days(1000, 14));
    let worth =
        bench.write(move |tx| servicing::redeem_cash_coupon(tx, member, cash, second)).unwrap();
    assert_eq!((worth, bench.wallet(member)), (yuan(5), 500));
    // 1200.00 by bank: 1007.00 are owed with all interest, 193.00 are the customer's.
    let much = servicing::Transferred { loan: second, amount: yuan(1200), ..transfer };
    let paid = bench.write(move |tx| servicing::receive_transfer(tx, &much)).unwrap();
    assert_eq!((paid.parts.total(), paid.excess), (Some(yuan(1007)), yuan(193)));
    assert_eq!(bench.wallet(member), 19_800);
    bench.verify();
}
