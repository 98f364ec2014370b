//! Rules in the database, and what they find out about a person over all channels.

use kernel::id::{ApplicationId, ProductId};
use kernel::{Channel, Instant, Money};
use store::params;

use super::super::{
    Decision, Outcome, SaveRule, Test, decide, default_rules, rules, save_rule, seed_rules,
};
use super::judging::{applicant, offer};
use crate::audit::Actor;
use crate::catalog::seed;
use crate::tests::kit::{Bench, DAY_MS, On, START, all_at_once, on_both, refusal, yuan};
use crate::{Fault, Route};

on_both! {
    rules_are_saved_over_their_code
    rules_are_refused_in_order
    rules_that_come_with_a_channel_are_made_once
    exposure_is_seen_over_all_channels
    earlier_applications_are_counted
    overdue_loans_are_found
    rules_of_other_products_and_disabled_ones_are_silent
    of_two_applications_at_once_one_sees_the_other
}

const CHANNEL: Channel = Channel::Xianjindai;

fn command(code: &str, test: Test, outcome: Outcome) -> SaveRule {
    let (actor, code) = (Actor::Platform, code.into());
    SaveRule { actor, channel: CHANNEL, code, product: None, test, outcome, enabled: true }
}

#[track_caller]
fn save(bench: &Bench, command: SaveRule) {
    bench.write(move |tx| save_rule(tx, &command)).unwrap();
}

/// A bench with products, and members 1 and 2 of one person.
fn opened(on: On) -> Bench {
    let bench = on.open();
    assert_eq!(bench.write(|tx| seed(tx, CHANNEL)).unwrap(), 5, "`APPLICATION` has five products");
    bench.member(1, 0);
    bench.member(2, 0);
    bench
}

/// An application of the person. Members 1 and 2 take turns, and so do the five products.
const APPLICATION: &str = "INSERT INTO application (application_id, code, member_id, person_id,
        product_id, version, amount_fen, tenor, tenor_unit, interval_count, interval_unit, method,
        rate_ppm, purpose, other_debts, report_order, state, steps_passed, applied_at)
    VALUES (?1, ?2, CAST(?1 AS BIGINT) % 2 + 1, 1, CAST(?1 AS BIGINT) % 5 + 1, 1, ?3, 7, 'day', 7,
        'day', 'one_off', 0, '', '', '', ?4, 0, ?5)";

/// Writes one in this state and from so many days ago.
#[track_caller]
fn apply(bench: &Bench, id: i64, amount: i64, (state, days_ago): (&'static str, i64)) {
    let (code, amount) = (id.to_string(), yuan(amount));
    let at = START.plus_days(-days_ago);
    let write = move |tx: &mut store::Tx<'_>| {
        tx.execute(APPLICATION, params![id, &code, amount, state, at])
    };
    bench.db.write_and_wait(0, write).unwrap();
}

/// The loan that an application has become.
#[track_caller]
fn lend(bench: &Bench, id: i64, (amount, paid): (i64, i64), state: &'static str, due: i64) {
    let insert = "INSERT INTO loan (loan_id, application_id, member_id, person_id, product_id,
            version, principal_fen, received_fen, tenor, tenor_unit, interval_count,
            interval_unit, method, rate_ppm, state, created_at, current_row, next_due_day,
            principal_paid_fen, interest_paid_fen, fee_paid_fen, penalty_paid_fen)
        VALUES (?1, ?1, ?2, 1, 1, 1, ?3, ?3, 7, 'day', 7, 'day', 'one_off', 0, ?4, ?5, 0, ?6, ?7,
            0, 0, 0)";
    let due = START.date().day_number() + due;
    let member = id.rem_euclid(2) + 1;
    let (amount, paid) = (yuan(amount), yuan(paid));
    let write = move |tx: &mut store::Tx<'_>| {
        tx.execute(insert, params![id, member, amount, state, START, due, paid])
    };
    bench.db.write_and_wait(0, write).unwrap();
}

/// What comes of one rule for the person who asks for 3000.
#[track_caller]
fn decided(bench: &Bench, application: Option<i64>) -> (Decision, String) {
    let application = application.map(ApplicationId::from_number);
    let offer = super::super::Offer { application, ..offer() };
    let verdicts = bench.write(move |tx| decide(tx, &applicant(), &offer)).unwrap();
    let [verdict] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    (verdict.decision, verdict.reason.clone())
}

fn rules_are_saved_over_their_code(on: On) {
    let bench = opened(on);
    let all = [
        Test::MinimumAge(18),
        Test::MaximumAge(60),
        Test::Region("3301".into()),
        Test::IncomeRatio(500_000),
        Test::Blacklist,
        Test::RiskFlag,
        Test::Exposure(Money::MAX),
        Test::Velocity { most: 3, days: 30 },
        Test::Overdue(0),
        Test::ReportScore(-5),
    ];
    for (n, test) in all.iter().enumerate() {
        save(&bench, command(&format!("R-{n}"), test.clone(), Outcome::Refer));
    }
    let read = bench.read(|tx| rules(tx, CHANNEL));
    assert_eq!(read.iter().map(|rule| rule.test.clone()).collect::<Vec<_>>(), all);
    let product = Some(ProductId::from_number(2));
    let changed = SaveRule {
        product,
        enabled: false,
        ..command("R-0", Test::Region("11".into()), Outcome::Refuse)
    };
    let saved = bench.write(move |tx| save_rule(tx, &changed)).unwrap();
    let again = bench.read(|tx| rules(tx, CHANNEL));
    assert_eq!(again.len(), all.len());
    assert_eq!(again.first(), Some(&saved));
    assert_eq!(saved.id, read[0].id);
    assert_eq!((saved.product, saved.outcome, saved.enabled), (product, Outcome::Refuse, false));
    assert_eq!(bench.read(|tx| rules(tx, Channel::Futureloan)), []);
}

fn rules_are_refused_in_order(on: On) {
    let bench = opened(on);
    let mut wrong = command("a b", Test::Velocity { most: 1, days: 0 }, Outcome::Refer);
    wrong.product = Some(ProductId::from_number(99));
    let check = |command: &SaveRule, want: &str| {
        let command = command.clone();
        assert_eq!(refusal(bench.write(move |tx| save_rule(tx, &command))), want);
    };
    check(&wrong, "BadCode");
    wrong.code = "AB".into();
    check(&wrong, "NoSuchProduct");
    wrong.product = Some(ProductId::from_number(1));
    wrong.channel = Channel::Futureloan;
    check(&wrong, "NoSuchProduct");
    wrong.channel = CHANNEL;
    check(&wrong, "BadBound");
    for prefix in ["", "1", "1234567", "1a"] {
        wrong.test = Test::Region(prefix.into());
        check(&wrong, "BadBound");
    }
    assert_eq!(bench.read(|tx| rules(tx, CHANNEL)), []);
}

fn rules_that_come_with_a_channel_are_made_once(on: On) {
    let bench = opened(on);
    save(&bench, command("AGE-MIN", Test::MinimumAge(22), Outcome::Refer));
    let wanted = u32::try_from(default_rules(CHANNEL).len()).unwrap() - 1;
    assert_eq!(bench.write(|tx| seed_rules(tx, CHANNEL)).unwrap(), wanted);
    assert_eq!(bench.write(|tx| seed_rules(tx, CHANNEL)).unwrap(), 0);
    let kept = bench.read(|tx| rules(tx, CHANNEL));
    assert_eq!(kept[0].test, Test::MinimumAge(22), "what operators have made stays");
    // An ordinary applicant passes all of them.
    let verdicts = bench.write(|tx| decide(tx, &applicant(), &offer())).unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.decision == Decision::Pass), "{verdicts:?}");
    assert_eq!(verdicts.len(), 8, "all but the score, which is off");
}

fn exposure_is_seen_over_all_channels(on: On) {
    let bench = opened(on);
    save(&bench, command("E", Test::Exposure(yuan(10_000)), Outcome::Refuse));
    let check = |application, want, total: &str| {
        let told = format!("全渠道授信余额 {total} 元，上限 10000.00 元");
        assert_eq!(decided(&bench, application), (want, told));
    };
    check(None, Decision::Pass, "3000.00");
    // Open applications of both members count; what was refused or taken back does not.
    apply(&bench, 1, 2000, ("reviewing", 0));
    apply(&bench, 2, 1000, ("approved", 0));
    apply(&bench, 3, 9000, ("refused", 0));
    apply(&bench, 4, 9000, ("withdrawn", 0));
    check(None, Decision::Pass, "6000.00");
    // The application that is decided is not counted beside itself.
    check(Some(1), Decision::Pass, "4000.00");
    // Of a loan, the principal that is left counts, once, whatever its application says.
    apply(&bench, 5, 5000, ("lent", 0));
    lend(&bench, 5, (5000, 1000), "repaying", 3);
    lend(&bench, 2, (1000, 0), "paying_out", 3);
    check(None, Decision::Pass, "10000.00");
    apply(&bench, 6, 800, ("lent", 0));
    lend(&bench, 6, (800, 800), "settled", 3);
    check(None, Decision::Pass, "10000.00");
    // A payout that failed is an application again, as long as that is open.
    apply(&bench, 7, 700, ("approved", 0));
    lend(&bench, 7, (700, 0), "payout_failed", 3);
    check(None, Decision::Refuse, "10700.00");
}

fn earlier_applications_are_counted(on: On) {
    let bench = opened(on);
    save(&bench, command("V", Test::Velocity { most: 3, days: 7 }, Outcome::Refer));
    apply(&bench, 1, 100, ("refused", 1));
    apply(&bench, 2, 100, ("lapsed", 6));
    apply(&bench, 3, 100, ("refused", 7));
    let told = |count| format!("近 7 日申请 {count} 次，上限 3 次");
    assert_eq!(decided(&bench, None), (Decision::Pass, told(3)));
    apply(&bench, 4, 100, ("reviewing", 0));
    assert_eq!(decided(&bench, None), (Decision::Refer, told(4)));
    assert_eq!(decided(&bench, Some(4)), (Decision::Pass, told(3)));
    bench.core.clock().set(Instant::from_millis(START.millis() + 2 * DAY_MS.cast_signed()));
    assert_eq!(decided(&bench, None), (Decision::Pass, told(3)), "two are older by now");
}

fn overdue_loans_are_found(on: On) {
    let bench = opened(on);
    save(&bench, command("O", Test::Overdue(0), Outcome::Refuse));
    for (id, state, due) in
        [(1, "repaying", 0), (2, "repaying", -1), (3, "settled", -9), (4, "written_off", 9)]
    {
        apply(&bench, id, 100, ("lent", 0));
        lend(&bench, id, (100, 0), state, due);
    }
    // Due yesterday, and written off; due today is not late.
    let told = "逾期或核销借款 2 笔，上限 0 笔".to_owned();
    assert_eq!(decided(&bench, None), (Decision::Refuse, told));
}

fn rules_of_other_products_and_disabled_ones_are_silent(on: On) {
    let bench = opened(on);
    let of = |code: &str, product| SaveRule {
        product: Some(ProductId::from_number(product)),
        ..command(code, Test::MinimumAge(99), Outcome::Refuse)
    };
    save(&bench, of("ONE", 1));
    save(&bench, of("TWO", 2));
    let off = SaveRule { enabled: false, ..command("OFF", Test::MinimumAge(99), Outcome::Refuse) };
    save(&bench, off);
    let verdicts = bench.write(|tx| decide(tx, &applicant(), &offer())).unwrap();
    let told: Vec<_> = verdicts.iter().map(|verdict| verdict.rule.as_str()).collect();
    assert_eq!(told, ["ONE"]);
}

/// Two members of one person apply at once for what is enough for one: decided and written in one
/// transaction each, exactly one passes.
fn of_two_applications_at_once_one_sees_the_other(on: On) {
    let bench = opened(on);
    save(&bench, command("E", Test::Exposure(yuan(3000)), Outcome::Refuse));
    let cores = [bench.another_core(), bench.another_core()];
    let passed = all_at_once(8, |n| {
        let n = i64::try_from(n).unwrap();
        let core = &cores[usize::try_from(n % 2).unwrap()];
        let submit = move |tx: &mut crate::Tx<'_, '_>| {
            let verdicts = decide(tx, &applicant(), &offer())?;
            let passes = super::super::outcome(&verdicts) == Decision::Pass;
            if passes {
                let number = n.to_string();
                let values = params![n + 1, &number, yuan(3000), "reviewing", START];
                tx.execute(APPLICATION, values)?;
            }
            Ok::<_, Fault>(passes)
        };
        core.write_and_wait(Route::home(n), submit).unwrap()
    });
    assert_eq!(passed.iter().filter(|passed| **passed).count(), 1);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM application"), 1);
    for core in cores {
        core.close();
    }
}
