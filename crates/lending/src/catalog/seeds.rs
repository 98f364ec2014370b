//! The products that a channel comes with, so that a first run has something to lend.

use kernel::{Channel, Money, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::{Method, Percent};

use super::{Choice, IntervalUnit, LateRule, SaveProduct, TenorUnit, Version};
use crate::audit::Actor;

/// The products of a channel; none for a channel that lends no money of the platform's.
///
/// All are below 24 % a year with the penalty: days by ACT/360 at 18 % come to 18.25 %, and the
/// flat 1 % a month to 21.46 % at most.
pub fn seeds(channel: Channel) -> Vec<SaveProduct> {
    let versions = match channel {
        Channel::Futureloan | Channel::Shuaidan => Vec::new(),
        Channel::Xianjindai => vec![
            ("DAYS-RANGE", days_by_range()),
            ("DAYS-FIXED", days_by_list()),
            ("MONTHS-LEVEL", level_months()),
            ("MONTHS-FLAT", flat_months()),
            ("MONTHS-INTEREST", interest_months()),
        ],
        Channel::Wukong => vec![("DAYS", super::wukong::days())],
        Channel::Chaojihua => vec![("LIMIT", super::chaojihua::limit())],
    };
    let command = |(code, version): (&str, Version)| SaveProduct {
        actor: Actor::Platform,
        channel,
        code: code.to_owned(),
        version,
    };
    versions.into_iter().map(command).collect()
}

fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap_or(Money::ZERO)
}

fn rate(ppm: u32) -> Rate {
    Rate::from_ppm(ppm).unwrap_or(Rate::ZERO)
}

fn percent(ppm: u32) -> Percent {
    Percent::from_rate(rate(ppm))
}

fn range(least: i64, most: i64) -> Choice<Money> {
    Choice::Range { least: yuan(least), most: yuan(most) }
}

fn days_by_range() -> Version {
    let said = ["金额可自选，到期一次还本付息。", "按实际使用天数计息，提前还款不收手续费。"];
    Version { amounts: range(500, 5000), ..days("周转金", &said) }
}

fn days_by_list() -> Version {
    let said = ["固定额度，适合临时急用。", "到期一次还本付息，不收取利息以外的费用。"];
    let amounts = [500, 1000, 2000].map(yuan).to_vec();
    let first_limit = yuan(2000);
    let version = days("小额急用", &said);
    let days = Choice::List(vec![7, 14]);
    Version { amounts: Choice::List(amounts), days, first_limit, ..version }
}

fn level_months() -> Version {
    let said = ["每月还款金额相同，便于安排收支。", "按月计息，可选三、六或十二期。"];
    let amounts = range(1000, 20_000);
    Version { amounts, ..months("分期贷", &said, Method::EqualInstalment) }
}

fn flat_months() -> Version {
    let said = ["每期本金与利息均等。", "每期利息按借款总额计算，实际年利率以成本明示表为准。"];
    let rates = Choice::List(vec![rate(120_000)]);
    let version = months("等额分期", &said, Method::Flat);
    Version { rates, rate_default: rate(120_000), amounts: range(1000, 10_000), ..version }
}

fn interest_months() -> Version {
    let said = ["每月只还利息，到期归还本金。", "适合收入集中到账的客户。"];
    let rates = Choice::List(vec![rate(150_000)]);
    let version = months("先息后本", &said, Method::InterestOnly);
    Version { rates, rate_default: rate(150_000), amounts: range(2000, 20_000), ..version }
}

/// 7, 14 or 30 days at 18 %, paid at the end.
fn days(name: &str, said: &[&str]) -> Version {
    Version {
        name: name.to_owned(),
        description: said.iter().map(|&sentence| sentence.to_owned()).collect(),
        services: Vec::new(),
        amounts: range(500, 5000),
        amount_default: yuan(1000),
        rates: Choice::List(vec![rate(180_000)]),
        rate_default: rate(180_000),
        tenor_units: vec![TenorUnit::Day],
        days: Choice::List(vec![7, 14, 30]),
        days_default: 14,
        months: Choice::List(vec![1]),
        months_default: 1,
        methods: vec![Method::OneOff],
        interval_units: vec![IntervalUnit::Day],
        intervals: Choice::Range { least: 1, most: 30 },
        interval_default: 14,
        interval_unit_default: IntervalUnit::Day,
        day_count: DayCount::Act360,
        late: LateRule {
            daily: percent(500),
            base: PenaltyBase::OverduePrincipal,
            grace_days: 1,
            cap_days: None,
            cap_rate: Some(percent(240_000)),
        },
        settlement_fee: Percent::ZERO,
        fees: Vec::new(),
        lender: Lender::Institution,
        review_steps: 1,
        approval_days: 7,
        first_limit: yuan(5000),
    }
}

/// 3, 6 or 12 months, paid monthly.
fn months(name: &str, said: &[&str], method: Method) -> Version {
    Version {
        amount_default: yuan(5000),
        tenor_units: vec![TenorUnit::Month],
        months: Choice::List(vec![3, 6, 12]),
        months_default: 6,
        methods: vec![method],
        interval_units: vec![IntervalUnit::Month],
        intervals: Choice::List(vec![1]),
        interval_default: 1,
        interval_unit_default: IntervalUnit::Month,
        day_count: DayCount::Thirty360,
        first_limit: yuan(20_000),
        ..days(name, said)
    }
}
