//! Each kind of rule with cases by hand: the last that is well, and the first that is not.

use kernel::id::{MemberId, PersonId, ProductId, RuleId};
use kernel::{Channel, Date, Instant};

use super::super::rules::judge;
use super::super::{Applicant, Decision, History, Offer, Outcome, Rule, Test, outcome};
use crate::tests::kit::{START, fen, yuan};

/// Born 1990-03-01, earning 8000, asking for 3000 of which 1000 fall due in a month.
pub(super) fn applicant() -> Applicant {
    Applicant {
        person: PersonId::from_number(1),
        member: MemberId::from_number(1),
        born: Date::parse("1990-03-01").unwrap(),
        region: "330106".into(),
        monthly_income: Some(yuan(8000)),
        blacklisted: false,
        risky: false,
        report_score: Some(600),
    }
}

pub(super) fn offer() -> Offer {
    Offer {
        channel: Channel::Xianjindai,
        product: ProductId::from_number(1),
        amount: yuan(3000),
        heaviest_month: yuan(1000),
        application: None,
    }
}

fn rule(code: &str, test: Test, outcome: Outcome) -> Rule {
    let (id, channel) = (RuleId::from_number(1), Channel::Xianjindai);
    Rule { id, channel, code: code.into(), product: None, test, outcome, enabled: true }
}

/// What a refusing rule says on 2026-03-01.
#[track_caller]
fn check(
    test: &Test,
    change: impl Fn(&mut Applicant, &mut Offer, &mut History),
    want: Decision,
    reason: &str,
) {
    let (mut applicant, mut offer, mut history) = (applicant(), offer(), History::default());
    change(&mut applicant, &mut offer, &mut history);
    let rules = [rule("R", test.clone(), Outcome::Refuse)];
    let verdicts = judge(&rules, &applicant, &offer, &history, START);
    let told: Vec<_> = verdicts.iter().map(|v| (v.decision, v.reason.as_str())).collect();
    assert_eq!(told, [(want, reason)]);
}

use Decision::{Pass, Refer, Refuse};

#[test]
fn ages_are_whole_years() {
    let born = |day: &str| {
        let day = Date::parse(day).unwrap();
        move |a: &mut Applicant, _: &mut Offer, _: &mut History| a.born = day
    };
    let least = Test::MinimumAge(18);
    check(&least, born("2008-03-01"), Pass, "年龄 18 岁，下限 18 岁");
    check(&least, born("2008-03-02"), Refuse, "年龄 17 岁，下限 18 岁");
    // The 29th of February is over on the 1st of March, not on the 28th.
    check(&least, born("2008-02-29"), Pass, "年龄 18 岁，下限 18 岁");
    let most = Test::MaximumAge(60);
    check(&most, born("1965-03-02"), Pass, "年龄 60 岁，上限 60 岁");
    check(&most, born("1965-03-01"), Refuse, "年龄 61 岁，上限 60 岁");
}

#[test]
fn regions_are_refused_by_the_beginning_of_their_code() {
    let same = |_: &mut Applicant, _: &mut Offer, _: &mut History| ();
    check(&Test::Region("33".into()), same, Refuse, "限制地区 33");
    check(&Test::Region("330106".into()), same, Refuse, "限制地区 330106");
    check(&Test::Region("34".into()), same, Pass, "限制地区 34");
}

#[test]
fn the_heaviest_month_is_held_against_the_income() {
    let half = Test::IncomeRatio(500_000);
    let due = |amount| {
        move |_: &mut Applicant, o: &mut Offer, _: &mut History| {
            o.heaviest_month = fen(amount);
        }
    };
    check(&half, due(400_000), Pass, "单月应还 4000.00 元，月收入 8000.00 元，上限 50 %");
    check(&half, due(400_001), Refuse, "单月应还 4000.01 元，月收入 8000.00 元，上限 50 %");
    let income = |amount| {
        move |a: &mut Applicant, _: &mut Offer, _: &mut History| {
            a.monthly_income = amount;
        }
    };
    check(&half, income(Some(yuan(0))), Refuse, "单月应还 1000.00 元，月收入 0.00 元，上限 50 %");
    // What is not known is for people to look at, not to be refused by a machine.
    check(&half, income(None), Refer, "月收入未知，单月应还上限为收入的 50 %");
}

#[test]
fn lists_and_flags_speak_for_themselves() {
    let same = |_: &mut Applicant, _: &mut Offer, _: &mut History| ();
    check(&Test::Blacklist, same, Pass, "黑名单");
    check(&Test::Blacklist, |a, _, _| a.blacklisted = true, Refuse, "黑名单");
    check(&Test::RiskFlag, same, Pass, "风险标识");
    check(&Test::RiskFlag, |a, _, _| a.risky = true, Refuse, "风险标识");
}

#[test]
fn exposure_counts_what_is_asked_for() {
    let most = Test::Exposure(yuan(10_000));
    let known = |fen| {
        move |_: &mut Applicant, _: &mut Offer, h: &mut History| {
            h.exposure_fen = fen;
        }
    };
    check(&most, known(700_000), Pass, "全渠道授信余额 10000.00 元，上限 10000.00 元");
    check(&most, known(700_001), Refuse, "全渠道授信余额 10000.01 元，上限 10000.00 元");
}

#[test]
fn a_velocity_counts_applications_within_its_days() {
    let most = Test::Velocity { most: 2, days: 7 };
    let ago = |days: &'static [i64]| {
        move |_: &mut Applicant, _: &mut Offer, h: &mut History| {
            h.applied_at = days.iter().map(|day| START.plus_days(-day)).collect();
        }
    };
    check(&most, ago(&[]), Pass, "近 7 日申请 1 次，上限 2 次");
    check(&most, ago(&[1, 7, 8]), Pass, "近 7 日申请 2 次，上限 2 次");
    check(&most, ago(&[1, 6]), Refuse, "近 7 日申请 3 次，上限 2 次");
    check(
        &most,
        |_, _, h| h.applied_at = vec![START, Instant::from_millis(START.millis() - 604_799_999)],
        Refuse,
        "近 7 日申请 3 次，上限 2 次",
    );
}

#[test]
fn overdue_loans_and_scores_have_their_bounds() {
    let overdue = |count| {
        move |_: &mut Applicant, _: &mut Offer, h: &mut History| {
            h.overdue_loans = count;
        }
    };
    check(&Test::Overdue(1), overdue(1), Pass, "逾期或核销借款 1 笔，上限 1 笔");
    check(&Test::Overdue(1), overdue(2), Refuse, "逾期或核销借款 2 笔，上限 1 笔");
    let score = |score| {
        move |a: &mut Applicant, _: &mut Offer, _: &mut History| {
            a.report_score = score;
        }
    };
    let least = Test::ReportScore(500);
    check(&least, score(Some(500)), Pass, "报告评分 500 分，下限 500 分");
    check(&least, score(Some(499)), Refuse, "报告评分 499 分，下限 500 分");
    check(&least, score(None), Refer, "无报告评分，下限 500 分");
}

#[test]
fn the_severest_verdict_is_what_comes_of_all() {
    let young = Test::MinimumAge(99);
    let refer = rule("A", young.clone(), Outcome::Refer);
    let refuse = rule("B", young, Outcome::Refuse);
    let pass = rule("C", Test::Blacklist, Outcome::Refuse);
    let of =
        |rules: &[Rule]| outcome(&judge(rules, &applicant(), &offer(), &History::default(), START));
    assert_eq!(of(&[]), Pass);
    assert_eq!(of(std::slice::from_ref(&pass)), Pass);
    assert_eq!(of(&[pass.clone(), refer.clone()]), Refer);
    assert_eq!(of(&[refer, refuse, pass]), Refuse);
    let shown = format!("{:?}", applicant());
    assert!(!shown.contains("1990") && !shown.contains("330106"), "{shown}");
}
