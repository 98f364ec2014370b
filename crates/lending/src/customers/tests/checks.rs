//! Real names, cards and mobile numbers: the order, the limits, the races, what is kept.

use kernel::Channel;
use kernel::id::CheckId;
use kernel::identity::{BankCardNo, CardBins, IdCardNo, Sex};

use super::{
    HERE, answer, at_second, begin_as, begin_card, card_no, id_no, join, join_on, look, mismatch,
    name, stands_in_the_clear, verified, verify, verify_mobile, with_luhn,
};
use crate::Route;
use crate::customers::{
    BeginBankCard, BeginRealName, CardCheckError, FinishError, Finished, Question, accounts_of,
    begin_bank_card, begin_mobile, begin_real_name, card, facts, find_person, finish, payout_card,
};
use crate::ports::{CheckOutcome, Checks};
use crate::tests::kit::{On, START, all_at_once, mobile, on_both, refusal};

on_both! {
    a_customer_is_verified_step_by_step
    the_port_is_asked_what_was_begun
    numbers_that_cannot_be_true_are_not_asked_about
    one_id_number_is_one_account_on_a_channel
    of_many_accounts_that_match_at_once_one_wins
    a_person_is_known_across_channels
    who_is_verified_stays_who_they_are
    the_first_answer_stays
    a_customer_is_asked_about_five_times_a_day
    bursts_get_no_more_questions_than_the_limit
    three_mismatches_in_a_row_lock_a_card
    a_match_ends_the_row_of_mismatches
    a_card_is_asked_about_five_times_a_day
    a_new_card_replaces_the_old_one
    nothing_personal_stands_in_the_clear
}

const HOUR: i64 = 3_600;

fn a_customer_is_verified_step_by_step(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let fresh = look(&bench, member);
    assert_eq!((fresh.channel, fresh.mobile), (HERE, mobile(1)));
    assert!(fresh.identity.is_none() && fresh.card.is_none() && !fresh.mobile_verified);
    assert!(!fresh.profile_complete && !fresh.blacklisted && !fresh.risky && !fresh.blocked);
    assert!(bench.read(move |tx| facts(tx, member)).is_none());
    assert_eq!(refusal(begin_card(&bench, member, 1)), "RealNameFirst");
    assert_eq!(refusal(bench.write(move |tx| begin_mobile(tx, member))), "RealNameFirst");

    verify(&bench, member, 1);
    let check = begin_card(&bench, member, 1).unwrap();
    assert_eq!(answer(&bench, check.id, CheckOutcome::Match), Finished::Verified);
    verify_mobile(&bench, member);

    let known = look(&bench, member);
    let identity = known.identity.unwrap();
    assert_eq!((identity.name, identity.id_no), (name(), id_no(1)));
    assert!(known.mobile_verified);
    let card = known.card.unwrap();
    assert_eq!((&card.number, &card.mobile, &card.name), (&card_no(1), &mobile(901), &name()));
    assert_eq!((&*card.bank_code, &*card.bank_name), ("ICBC", "中国工商银行"));
    assert_eq!(bench.read(move |tx| payout_card(tx, member)), Some(card.clone()));
    assert_eq!(bench.read(move |tx| super::super::card(tx, card.id)), Some(card));
    assert_eq!(refusal(begin_card(&bench, member, 1)), "AlreadyVerified");
    assert_eq!(refusal(bench.write(move |tx| begin_mobile(tx, member))), "AlreadyVerified");

    let facts = bench.read(move |tx| facts(tx, member)).unwrap();
    assert_eq!(facts.born.to_string(), "1990-01-01");
    assert_eq!((facts.sex, &*facts.region, facts.registered_at), (Sex::Male, "990101", START));
    // Born on 1990-01-01, the clock stands at 2026-03-01: 36 years are full.
    assert_eq!(facts.age_on(START.date()), Some(36));
    assert_eq!((facts.monthly_income, facts.working_time), (None, None));
}

struct Recorder;

impl Checks for Recorder {
    fn real_name(&self, name: &kernel::RealName, id: &IdCardNo) -> CheckOutcome {
        CheckOutcome::Mismatch(format!("{} {}", name.expose(), id.expose()))
    }

    fn bank_card(
        &self,
        _: &kernel::RealName,
        id: &IdCardNo,
        card: &BankCardNo,
        mobile: &kernel::Mobile,
    ) -> CheckOutcome {
        let text = format!("{} {} {}", id.expose(), card.expose(), mobile.expose());
        CheckOutcome::Mismatch(text)
    }

    fn mobile(&self, _: &kernel::RealName, id: &IdCardNo, mobile: &kernel::Mobile) -> CheckOutcome {
        CheckOutcome::Mismatch(format!("{} {}", id.expose(), mobile.expose()))
    }
}

fn the_port_is_asked_what_was_begun(on: On) {
    let bench = on.open();
    let asked = |question: &Question| match question.ask(&Recorder) {
        CheckOutcome::Mismatch(text) => text,
        CheckOutcome::Match | CheckOutcome::Unknown => panic!("not asked"),
    };
    let member = join(&bench, 1);
    let check = begin_as(&bench, member, id_no(7)).unwrap();
    let (id, card) = (id_no(7), card_no(3));
    assert_eq!(asked(&check.question), format!("示例人 {}", id.expose()));
    answer(&bench, check.id, CheckOutcome::Match);
    let check = begin_card(&bench, member, 3).unwrap();
    let expected = format!("{} {} 13800000903", id.expose(), card.expose());
    assert_eq!(asked(&check.question), expected);
    let check = bench.write(move |tx| begin_mobile(tx, member)).unwrap();
    assert_eq!(asked(&check.question), format!("{} 13800000001", id.expose()));
}

fn numbers_that_cannot_be_true_are_not_asked_about(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    // The specimen of GB 11643 with its last digit wrong, and a 30 February with a right one.
    let wrong = IdCardNo::parse("440524188001010015").unwrap();
    assert_eq!(refusal(begin_as(&bench, member, wrong)), "WrongIdNumber(CheckDigit)");
    let body = (0..=9).map(|n| format!("99010119900230{n:03}0")).find_map(|text| {
        let number = IdCardNo::parse(&text).unwrap();
        (number.check() == Err(kernel::identity::IdProblem::NoSuchDay)).then_some(number)
    });
    assert_eq!(refusal(begin_as(&bench, member, body.unwrap())), "WrongIdNumber(NoSuchDay)");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM customer_check"), 0);

    verify(&bench, member, 1);
    let begin = |number: BankCardNo| {
        let command = BeginBankCard { member, number, mobile: mobile(2) };
        bench.write(move |tx| begin_bank_card(tx, &command, CardBins::shipped()))
    };
    let off_by_one = {
        let good = card_no(1).expose().to_owned();
        let last = if good.ends_with('0') { '1' } else { '0' };
        BankCardNo::parse(&format!("{}{last}", &good[..18])).unwrap()
    };
    //       number                               refusal
    for (number, expected) in [
        (off_by_one, "WrongNumber"),
        (with_luhn("000000000000000000"), "UnknownBank"),
        (with_luhn("356390000000000"), "NotDebit"), // 中信银行, a credit card
    ] {
        assert_eq!(refusal(begin(number)), expected);
    }
    let nobody = kernel::id::MemberId::from_number(99);
    assert_eq!(refusal(begin_as(&bench, nobody, id_no(1))), "NoSuchCustomer");
    assert_eq!(refusal(begin_card(&bench, nobody, 1)), "NoSuchCustomer");
    assert_eq!(refusal(bench.write(move |tx| begin_mobile(tx, nobody))), "NoSuchCustomer");
}

fn one_id_number_is_one_account_on_a_channel(on: On) {
    let bench = on.open();
    let (first, second) = (join(&bench, 1), join(&bench, 2));
    let late = begin_as(&bench, second, id_no(1)).unwrap();
    verify(&bench, first, 1);
    assert_eq!(refusal(begin_as(&bench, second, id_no(1))), "IdentityTaken");
    // Begun before the first was verified, answered after.
    assert_eq!(answer(&bench, late.id, CheckOutcome::Match), Finished::IdentityTaken);
    assert!(look(&bench, second).identity.is_none());
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM customer_check WHERE outcome = 'taken'"), 1);
    verify(&bench, second, 2);
}

fn of_many_accounts_that_match_at_once_one_wins(on: On) {
    let bench = on.open();
    let checks: Vec<CheckId> = (1..=10)
        .map(|n| {
            let member = join(&bench, n);
            begin_as(&bench, member, id_no(5)).unwrap().id
        })
        .collect();
    let other = bench.another_core();
    let came_to = all_at_once(10, |number| {
        let core = if number % 2 == 0 { &bench.core } else { &other };
        let (check, route) = (checks[number], Route::home(i64::try_from(number).unwrap()));
        core.write_and_wait(route, move |tx| finish(tx, check, &CheckOutcome::Match)).unwrap()
    });
    other.close();
    let count = |of: &Finished| came_to.iter().filter(|finished| *finished == of).count();
    assert_eq!((count(&Finished::Verified), count(&Finished::IdentityTaken)), (1, 9));
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM person"), 1);
    let bound = "SELECT COUNT(*) AS n FROM customer WHERE person_id IS NOT NULL";
    assert_eq!(bench.number(bound), 1);
}

fn a_person_is_known_across_channels(on: On) {
    let bench = on.open();
    let here = verified(&bench, 1);
    let there = join_on(&bench, Channel::Futureloan, 1);
    verify(&bench, there, 1);
    let person = look(&bench, here).identity.unwrap().person;
    assert_eq!(look(&bench, there).identity.unwrap().person, person);
    assert_eq!(bench.read(move |tx| accounts_of(tx, person)), [here, there]);
    assert_eq!(bench.read(|tx| find_person(tx, &id_no(1))), Some(person));
    assert_eq!(bench.read(|tx| find_person(tx, &id_no(2))), None);
    assert_ne!(verified(&bench, 2), here);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM person"), 2);
}

fn who_is_verified_stays_who_they_are(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let [one, same, other] = [1, 1, 2].map(|n| begin_as(&bench, member, id_no(n)).unwrap().id);
    assert_eq!(answer(&bench, one, CheckOutcome::Match), Finished::Verified);
    assert_eq!(answer(&bench, same, CheckOutcome::Match), Finished::Verified);
    assert_eq!(answer(&bench, other, CheckOutcome::Match), Finished::AlreadyVerified);
    assert_eq!(look(&bench, member).identity.unwrap().id_no, id_no(1));
    for n in [1, 2] {
        assert_eq!(refusal(begin_as(&bench, member, id_no(n))), "AlreadyVerified");
    }
}

fn the_first_answer_stays(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let check = begin_as(&bench, member, id_no(1)).unwrap().id;
    let no = Finished::Mismatch("信息不一致".into());
    assert_eq!(answer(&bench, check, mismatch()), no);
    assert_eq!(answer(&bench, check, CheckOutcome::Match), no);
    assert!(look(&bench, member).identity.is_none());
    let check = begin_as(&bench, member, id_no(1)).unwrap().id;
    assert_eq!(answer(&bench, check, CheckOutcome::Unknown), Finished::Unknown);
    assert_eq!(answer(&bench, check, CheckOutcome::Match), Finished::Unknown);
    let nobody = CheckId::from_number(1);
    let finished = bench.write(move |tx| finish(tx, nobody, &CheckOutcome::Match));
    assert!(matches!(finished, Err(FinishError::NoSuchCheck)));
}

fn a_customer_is_asked_about_five_times_a_day(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    // Whatever the answer, and without one too.
    for (hour, outcome) in
        [None, Some(mismatch()), Some(CheckOutcome::Unknown), None, Some(mismatch())]
            .into_iter()
            .enumerate()
    {
        at_second(&bench, i64::try_from(hour).unwrap() * HOUR);
        let check = begin_as(&bench, member, id_no(1)).unwrap();
        if let Some(outcome) = outcome {
            answer(&bench, check.id, outcome);
        }
    }
    assert_eq!(refusal(begin_as(&bench, member, id_no(1))), "TooManyAttempts");
    at_second(&bench, 24 * HOUR - 1);
    assert_eq!(refusal(begin_as(&bench, member, id_no(2))), "TooManyAttempts");
    at_second(&bench, 24 * HOUR);
    let check = begin_as(&bench, member, id_no(1)).unwrap();
    assert_eq!(refusal(begin_as(&bench, member, id_no(1))), "TooManyAttempts");
    answer(&bench, check.id, CheckOutcome::Match);
    // Each kind of question has its own five.
    assert!(begin_card(&bench, member, 1).is_ok());
    verify_mobile(&bench, member);
}

fn bursts_get_no_more_questions_than_the_limit(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let other = bench.another_core();
    let begun = all_at_once(20, |number| {
        let core = if number % 2 == 0 { &bench.core } else { &other };
        let route = Route::home(i64::try_from(number).unwrap());
        let command = BeginRealName { member, name: name(), id_no: id_no(1) };
        core.write_and_wait(route, move |tx| begin_real_name(tx, &command)).is_ok()
    });
    other.close();
    assert_eq!(begun.iter().filter(|begun| **begun).count(), 5);
}

fn three_mismatches_in_a_row_lock_a_card(on: On) {
    let bench = on.open();
    let (first, second) = (verified(&bench, 1), verified(&bench, 2));
    for member in [first, second, first] {
        let check = begin_card(&bench, member, 1).unwrap();
        answer(&bench, check.id, mismatch());
    }
    let locked = |member| match begin_card(&bench, member, 1) {
        Err(CardCheckError::CardLocked { until }) => until == START.plus_millis(12 * HOUR * 1000),
        other => panic!("{other:?}"),
    };
    assert!(locked(first) && locked(second), "whoever names it");
    assert!(begin_card(&bench, second, 2).is_ok(), "another card");
    at_second(&bench, 12 * HOUR - 1);
    assert!(locked(second));
    at_second(&bench, 12 * HOUR);
    let check = begin_card(&bench, second, 1).unwrap();
    assert_eq!(answer(&bench, check.id, CheckOutcome::Match), Finished::Verified);
}

fn a_match_ends_the_row_of_mismatches(on: On) {
    let bench = on.open_with(|_, policy| policy.customers.checks.per_card = 100);
    let members = [1, 2, 3].map(|n| verified(&bench, n));
    let [first, second, third] = members;
    let ask = |member, outcome| {
        let check = begin_card(&bench, member, 1).unwrap();
        answer(&bench, check.id, outcome);
    };
    ask(first, mismatch());
    ask(first, CheckOutcome::Unknown);
    ask(first, mismatch());
    ask(second, CheckOutcome::Match);
    ask(third, mismatch());
    ask(third, mismatch());
    ask(third, CheckOutcome::Match);
}

fn a_card_is_asked_about_five_times_a_day(on: On) {
    let bench = on.open();
    let members = [1, 2, 3, 4, 5, 6].map(|n| verified(&bench, n));
    for member in &members[..5] {
        let check = begin_card(&bench, *member, 1).unwrap();
        answer(&bench, check.id, CheckOutcome::Unknown);
    }
    assert_eq!(refusal(begin_card(&bench, members[5], 1)), "TooManyForCard");
    assert!(begin_card(&bench, members[5], 2).is_ok());
    at_second(&bench, 24 * HOUR);
    assert!(begin_card(&bench, members[5], 1).is_ok());
}

fn a_new_card_replaces_the_old_one(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let sign = |n| {
        let check = begin_card(&bench, member, n).unwrap();
        answer(&bench, check.id, CheckOutcome::Match);
        bench.read(move |tx| payout_card(tx, member)).unwrap()
    };
    let old = sign(1);
    at_second(&bench, 60);
    let new = sign(2);
    assert_ne!(old.id, new.id);
    assert_eq!((new.number, new.replaced_at), (card_no(2), None));
    let kept = bench.read(move |tx| card(tx, old.id)).unwrap();
    assert_eq!(kept.number, card_no(1));
    assert_eq!(kept.replaced_at, Some(START.plus_millis(60_000)));
    // The same card with another mobile number at the bank is asked about again.
    let command = BeginBankCard { member, number: card_no(2), mobile: mobile(77) };
    let check = bench.write(move |tx| begin_bank_card(tx, &command, CardBins::shipped())).unwrap();
    answer(&bench, check.id, CheckOutcome::Match);
    assert_eq!(look(&bench, member).card.unwrap().mobile, mobile(77));
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM customer_card"), 3);
}

fn nothing_personal_stands_in_the_clear(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let check = begin_card(&bench, member, 1).unwrap();
    answer(&bench, check.id, CheckOutcome::Match);
    verify_mobile(&bench, member);
    let raw = bench.raw_bytes();
    assert!(stands_in_the_clear(&raw, "990101"), "the region is there");
    let (id, card) = (id_no(1), card_no(1));
    for secret in ["示例人", id.expose(), card.expose(), "13800000001", "13800000901"] {
        assert!(!stands_in_the_clear(&raw, secret), "{secret}");
    }
}
