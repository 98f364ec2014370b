//! What is taken in, what is refused in which order, and what the rules make of it.

use kernel::id::{MemberId, ProductId};
use kernel::identity::CardBins;
use kernel::{Channel, Rate};
use pricing::Method;
use store::params;

use super::super::{State, SubmitError, decisions};
use super::{CHANNEL, applied, command, find, line, opened, with_steps};
use crate::audit::Actor;
use crate::catalog::{self, Request, Sale, Version};
use crate::credit::{self, Outcome, SaveRule, Test};
use crate::customers::{self, BeginBankCard, BeginRealName, Flag, Line};
use crate::identity::{self, Register, Role};
use crate::origination::{self, Submit};
use crate::ports::CheckOutcome;
use crate::tests::kit::{Bench, On, START, mobile, on_both, password, refusal, yuan};
use crate::tests::lender::{by_days, by_months, card_no, id_no, shipped};

on_both! {
    what_stands_against_an_application_is_told_in_order
    everything_must_be_proven
    an_application_stands_as_it_came_in
    rules_refuse_refer_and_pass
    a_person_who_is_blacklisted_elsewhere_borrows_nowhere
    exposure_counts_every_channel
    who_applies_too_often_is_looked_at
}

fn submit(bench: &Bench, command: &Submit) -> Result<State, SubmitError> {
    let command = command.clone();
    bench.write(move |tx| origination::submit(tx, &command)).map(|done| done.application.state)
}

#[track_caller]
fn refused(bench: &Bench, command: &Submit, wanted: &str) {
    assert_eq!(refusal(submit(bench, command)), wanted);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM document"), 0, "no trace of it");
}

fn register(bench: &Bench, n: u32) -> MemberId {
    let command = Register {
        id: None,
        channel: CHANNEL,
        mobile: mobile(n),
        nickname: format!("b{n}"),
        role: Role::Member,
        password: password(),
    };
    bench.write(move |tx| customers::register_customer(tx, &command)).unwrap().id
}

fn text(text: &str) -> Line {
    Line::parse(text).unwrap()
}

#[track_caller]
fn flag(bench: &Bench, member: MemberId, flag: Flag) {
    bench.write(move |tx| customers::set_flag(tx, Actor::Platform, member, &flag)).unwrap();
}

#[track_caller]
fn set_blocked(bench: &Bench, member: MemberId, blocked: bool) {
    assert!(bench.write(move |tx| identity::set_blocked(tx, member, blocked)).unwrap());
}

/// Everything is wrong at first; what is told is mended, and the next is told.
fn what_stands_against_an_application_is_told_in_order(on: On) {
    let bench = on.open();
    let product = bench.sell("D", with_steps(1));
    let member = register(&bench, 1);
    let mut wrong = command(MemberId::from_number(99), product, by_days(5001, 15));
    wrong.request.rate = Rate::from_ppm(1).unwrap();
    wrong.request.tenor_unit = catalog::TenorUnit::Month;
    wrong.product = ProductId::from_number(99);
    set_blocked(&bench, member, true);
    flag(&bench, member, Flag::Blacklisted(text("测试")));
    refused(&bench, &wrong, "NoSuchCustomer");
    wrong.member = member;
    wrong.channel = Channel::Futureloan;
    refused(&bench, &wrong, "NoSuchCustomer");
    wrong.channel = CHANNEL;
    refused(&bench, &wrong, "Blocked");
    set_blocked(&bench, member, false);
    refused(&bench, &wrong, "Quote(NoSuchProduct)");
    wrong.product = product;
    let sale = |sale| {
        let set = move |tx: &mut crate::Tx<'_, '_>| {
            catalog::set_on_sale(tx, Actor::Platform, product, sale)
        };
        bench.write(set).unwrap();
    };
    sale(Sale::Withdrawn);
    refused(&bench, &wrong, "Quote(NoSuchProduct)");
    sale(Sale::OnSale);
    refused(&bench, &wrong, "Quote(NotOffered(Amount))");
    wrong.request.amount = yuan(3000);
    refused(&bench, &wrong, "Quote(NotOffered(Rate))");
    wrong.request.rate = by_days(1, 1).rate;
    refused(&bench, &wrong, "Quote(NotOffered(TenorUnit))");
    wrong.request.tenor_unit = catalog::TenorUnit::Day;
    refused(&bench, &wrong, "Quote(NotOffered(Tenor))");
    wrong.request.tenor = 14;
    wrong.request.method = Method::Flat;
    refused(&bench, &wrong, "Quote(NotOffered(Method))");
    wrong.request.method = Method::OneOff;
    refused(&bench, &wrong, "Blacklisted");
    flag(&bench, member, Flag::NotBlacklisted);
    refused(&bench, &wrong, "Incomplete");
    wrong.member = bench.borrower(2);
    let limit = |yuan_limit| {
        let set = "UPDATE credit_line SET limit_fen = ?1";
        let fen = yuan(yuan_limit);
        bench.db.write_and_wait(0, move |tx| tx.execute(set, params![fen])).unwrap();
    };
    bench
        .write({
            let member = wrong.member;
            move |tx| credit::open_line(tx, member, yuan(5000))
        })
        .unwrap();
    limit(2999);
    refused(&bench, &wrong, "LineTooSmall");
    limit(3000);
    assert_eq!(submit(&bench, &wrong).unwrap(), State::Reviewing);
    limit(0);
    assert_eq!(refusal(submit(&bench, &wrong)), "AlreadySubmitted");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM application"), 1);
}

/// One of identity, card, mobile number and profile after the other.
fn everything_must_be_proven(on: On) {
    let bench = on.open();
    let product = bench.sell("D", with_steps(1));
    let whole = bench.borrower(1);
    let member = register(&bench, 2);
    let asked = command(member, product, by_days(1000, 7));
    refused(&bench, &asked, "Incomplete");
    bench
        .write(move |tx| {
            let name = kernel::RealName::parse("周小舟").unwrap();
            let begin = BeginRealName { member, name, id_no: id_no(2) };
            let check = customers::begin_real_name(tx, &begin).unwrap();
            customers::finish(tx, check.id, &CheckOutcome::Match)
        })
        .unwrap();
    refused(&bench, &asked, "Incomplete");
    bench
        .write(move |tx| {
            let begin = BeginBankCard { member, number: card_no(2), mobile: mobile(2) };
            let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
            customers::finish(tx, check.id, &CheckOutcome::Match)
        })
        .unwrap();
    refused(&bench, &asked, "Incomplete");
    bench
        .write(move |tx| {
            let check = customers::begin_mobile(tx, member).unwrap();
            customers::finish(tx, check.id, &CheckOutcome::Match)
        })
        .unwrap();
    refused(&bench, &asked, "Incomplete");
    let asked = command(whole, product, by_days(1000, 7));
    assert_eq!(submit(&bench, &asked).unwrap(), State::Reviewing);
}

fn an_application_stands_as_it_came_in(on: On) {
    let bench = on.open();
    let (member, product, id) = applied(&bench, 1);
    let application = find(&bench, id);
    assert_eq!(application.code, format!("cash20260301{:03}", id.number()));
    assert_eq!((application.member, application.product), (member, product));
    assert_eq!((application.request, application.offer()), (by_days(3000, 14), by_days(3000, 14)));
    assert_eq!((application.state, application.steps_passed), (State::Reviewing, 0));
    assert_eq!((application.applied_at, application.decided_at), (START, None));
    assert_eq!((application.purpose.as_str(), application.other_debts.as_str()), ("16", "01"));
    assert_eq!(line(&bench, member), (3000, 2000));
    // Where the customer was is kept, and nobody can read it in the database.
    assert_eq!(bench.number("SELECT COUNT(place_sealed) AS n FROM application"), 1);
    let raw = bench.raw_bytes();
    assert!(!raw.windows(12).any(|bytes| bytes == b"116.40,39.90"));
    bench.verify();
}

fn rule(bench: &Bench, code: &str, test: Test, outcome: Outcome) {
    let (actor, code) = (Actor::Platform, code.to_owned());
    let (product, enabled) = (None, true);
    let command = SaveRule { actor, channel: CHANNEL, code, product, test, outcome, enabled };
    bench.write(move |tx| credit::save_rule(tx, &command)).unwrap();
}

fn rules_refuse_refer_and_pass(on: On) {
    let bench = on.open();
    let product = bench.sell("D", with_steps(0));
    // Born in 1990, so 35 or 36 on 2026-03-01; earning 12,000 a month.
    rule(&bench, "AGE", Test::MinimumAge(18), Outcome::Refuse);
    let passed = command(bench.borrower(1), product, by_days(3000, 14));
    assert_eq!(submit(&bench, &passed).unwrap(), State::Approved, "no step, no objection");
    let approved = find(&bench, kernel::id::ApplicationId::from_number(1));
    assert_eq!(approved.lapses_at, Some(START.plus_days(7)));
    rule(&bench, "INCOME", Test::IncomeRatio(250_000), Outcome::Refer);
    let referred = command(bench.borrower(2), product, by_days(3000, 14));
    // 3021.00 in a month are more than a quarter of 12,000.
    assert_eq!(submit(&bench, &referred).unwrap(), State::Reviewing);
    rule(&bench, "OLD", Test::MinimumAge(40), Outcome::Refuse);
    let refused = command(bench.borrower(3), product, by_days(3000, 14));
    assert_eq!(submit(&bench, &refused).unwrap(), State::Refused);
    assert_eq!(line(&bench, refused.member), (0, 5000), "the limit is back");
    let id = kernel::id::ApplicationId::from_number(3);
    let kept = bench.read(move |tx| decisions(tx, id));
    let kept: Vec<_> = kept
        .iter()
        .map(|decision| (decision.step, decision.verdict.as_str(), decision.rule.as_deref()))
        .collect();
    assert_eq!(
        kept,
        [(0, "pass", Some("AGE")), (0, "refer", Some("INCOME")), (0, "refuse", Some("OLD"))]
    );
    let told = find(&bench, id).refusal.unwrap();
    assert!(!told.contains("OLD") && !told.contains("岁"), "which rule it was is not told: {told}");
    // Refused is over: they may apply again.
    assert_eq!(submit(&bench, &refused).unwrap(), State::Refused);
}

fn a_person_who_is_blacklisted_elsewhere_borrows_nowhere(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 1);
    let set = |listed: bool| {
        let change = move |tx: &mut crate::Tx<'_, '_>| {
            if listed {
                customers::blacklist_person(tx, Actor::Platform, &id_no(1), &text("测试"))
            } else {
                customers::unlist_person(tx, Actor::Platform, &id_no(1)).map(|_| ())
            }
        };
        bench.write(change).unwrap();
    };
    let asked = command(member, product, by_days(1000, 7));
    set(true);
    refused(&bench, &asked, "Blacklisted");
    let other = command(bench.borrower(2), product, by_days(1000, 7));
    assert_eq!(submit(&bench, &other).unwrap(), State::Reviewing, "it is about the person");
    set(false);
    assert_eq!(submit(&bench, &asked).unwrap(), State::Reviewing);
}

/// What the person of a member owes on another channel, written as that channel's core would.
fn elsewhere(bench: &Bench, member: MemberId, principal: i64) {
    let other = bench.register(500, Role::Member);
    let product = "INSERT INTO product (product_id, channel, code, version, status, created_at)
        VALUES (900, 'other', 'O', 1, 'on_sale', 0)";
    let version = "INSERT INTO product_version (product_id, version, name, description, services,
            amount_default_fen, rate_default_ppm, tenor_units, days_default, months_default,
            methods, interval_units, interval_least, interval_most, interval_default,
            interval_unit_default, day_count, penalty_daily_ppm, penalty_base, penalty_grace_days,
            settlement_fee_ppm, lender, review_steps, approval_days, first_limit_fen, saved_at)
        VALUES (900, 1, 'O', '', '', 1, 1, 'day', 1, 1, 'one_off', 'day', 1, 1, 1, 'day', '',
            0, '', 0, 0, '', 0, 1, 1, 0)";
    let application = "INSERT INTO application (application_id, code, member_id, person_id,
            product_id, version, amount_fen, tenor, tenor_unit, interval_count, interval_unit,
            method, rate_ppm, purpose, other_debts, report_order, state, steps_passed, applied_at)
        SELECT 900, 'O900', ?2, person_id, 900, 1, ?3, 7, 'day', 7, 'day', 'one_off', 0, '', '',
            '', 'lent', 0, ?4 FROM customer WHERE member_id = ?1";
    let loan = "INSERT INTO loan (loan_id, application_id, member_id, person_id, product_id,
            version, principal_fen, received_fen, tenor, tenor_unit, interval_count,
            interval_unit, method, rate_ppm, state, created_at, current_row, principal_paid_fen,
            interest_paid_fen, fee_paid_fen, penalty_paid_fen)
        SELECT 900, 900, ?2, person_id, 900, 1, CAST(?3 AS BIGINT), CAST(?3 AS BIGINT), 7, 'day',
            7, 'day', 'one_off', 0, 'repaying', ?4, 1, 0, 0, 0, 0
        FROM customer WHERE member_id = ?1";
    let fen = yuan(principal);
    bench
        .db
        .write_and_wait(0, move |tx| {
            tx.execute(product, params![])?;
            tx.execute(version, params![])?;
            tx.execute(application, params![member, other, fen, START])?;
            tx.execute(loan, params![member, other, fen, START])
        })
        .unwrap();
}

fn exposure_counts_every_channel(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 0);
    rule(&bench, "EXPOSURE", Test::Exposure(yuan(10_000)), Outcome::Refuse);
    elsewhere(&bench, member, 7001);
    let asked = command(member, product, by_days(3000, 14));
    assert_eq!(submit(&bench, &asked).unwrap(), State::Refused, "7001 + 3000 > 10,000");
    let asked = Submit { request: by_days(2999, 14), ..asked };
    assert_eq!(submit(&bench, &asked).unwrap(), State::Approved, "7001 + 2999 = 10,000");
    let other = command(bench.borrower(2), product, by_days(3000, 14));
    assert_eq!(submit(&bench, &other).unwrap(), State::Approved, "another person");
}

fn who_applies_too_often_is_looked_at(on: On) {
    let bench = on.open();
    let (member, days) = opened(&bench, 0);
    let months = Version { review_steps: 0, ..shipped("MONTHS-FLAT") };
    let months = bench.sell("F", months);
    rule(&bench, "VELOCITY", Test::Velocity { most: 2, days: 7 }, Outcome::Refer);
    // One application of the person on another channel, one here, and the third is looked at.
    elsewhere(&bench, member, 1);
    let first: Request = by_days(1000, 14);
    assert_eq!(submit(&bench, &command(member, days, first)).unwrap(), State::Approved);
    let flat = by_months(1000, 3, 120_000, Method::Flat);
    assert_eq!(submit(&bench, &command(member, months, flat)).unwrap(), State::Reviewing);
    // A week later they do not count any more.
    bench.core.clock().set(START.plus_days(7));
    let fixed = Version { review_steps: 0, ..shipped("DAYS-FIXED") };
    let fixed = bench.sell("L", fixed);
    assert_eq!(submit(&bench, &command(member, fixed, by_days(500, 7))).unwrap(), State::Approved);
}
