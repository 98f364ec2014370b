//! What 超即花 (document 000) lends: a limit, drawn later in one to twelve equal instalments.

use kernel::{Money, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::{Method, Percent};

use super::{Choice, IntervalUnit, LateRule, TenorUnit, Version};

/// The product that the channel comes with: 1000 to 50000 over 1, 2, 3, 6 or 12 months, each with
/// a flat fee (用户月费率) of 1 % of the principal.
///
/// It comes to 21.46 % a year at most. What the document's samples show (1.6 % a month, 34 % a
/// year) is above the lines that courts draw.
pub(super) fn limit() -> Version {
    let said =
        ["先授信，后提现，金额与期数在提现时选择。", "每期本金与费用均等，费用按借款本金计算。"];
    let yuan = |yuan| Money::from_yuan(yuan).unwrap_or(Money::ZERO);
    let rate = Rate::from_ppm(120_000).unwrap_or(Rate::ZERO);
    Version {
        name: "超即花".to_owned(),
        description: said.map(ToOwned::to_owned).to_vec(),
        services: Vec::new(),
        amounts: Choice::Range { least: yuan(1000), most: yuan(50_000) },
        amount_default: yuan(1000),
        rates: Choice::List(vec![rate]),
        rate_default: rate,
        tenor_units: vec![TenorUnit::Month],
        days: Choice::List(vec![30]),
        days_default: 30,
        months: Choice::List(vec![1, 2, 3, 6, 12]),
        months_default: 12,
        methods: vec![Method::Flat],
        interval_units: vec![IntervalUnit::Month],
        intervals: Choice::List(vec![1]),
        interval_default: 1,
        interval_unit_default: IntervalUnit::Month,
        day_count: DayCount::Thirty360,
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
        first_limit: yuan(50_000),
    }
}

fn percent(ppm: u32) -> Percent {
    Percent::from_rate(Rate::from_ppm(ppm).unwrap_or(Rate::ZERO))
}
