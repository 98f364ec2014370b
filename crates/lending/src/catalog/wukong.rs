//! What 悟空 (document 002) lends: days, one row, and three fees that are paid with it.

use kernel::{Money, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::terms::Size;
use pricing::{Method, Percent, Schedule};

use super::{Choice, FeeTime, IntervalUnit, LateRule, ProductFee, TenorUnit, Version};

/// `trialFee` of the document.
pub const TRIAL_FEE: &str = "信审费";
/// `serviceFee` of the document.
pub const SERVICE_FEE: &str = "服务费";
/// `poundage` of the document.
pub const POUNDAGE: &str = "手续费";

/// A fee of a loan that is called so; nothing where the product has none.
pub fn fee(schedule: &Schedule, name: &str) -> Option<Money> {
    let charges = schedule.fees.iter().filter(|charge| charge.name == name);
    charges.map(|charge| charge.amount).try_fold(Money::ZERO, Money::plus)
}

/// The product that the channel comes with: 7 to 30 days at 12 %, and a late fine of 0.03 % of
/// the amount a day for 30 days at most.
///
/// Interest and the three fees come to 20 % a year for the shortest loan, and to 23 % with the
/// fine. What the document's samples show (100 % a year, a fine of 10 % a day) no court would
/// grant.
pub(super) fn days() -> Version {
    let said =
        ["按天计息，到期一次还本付息。", "除利息外收取信审费、服务费与手续费，随本金一并偿还。"];
    let yuan = |yuan| Money::from_yuan(yuan).unwrap_or(Money::ZERO);
    let rate = Rate::from_ppm(120_000).unwrap_or(Rate::ZERO);
    Version {
        name: "悟空借款".to_owned(),
        description: said.map(ToOwned::to_owned).to_vec(),
        services: Vec::new(),
        amounts: Choice::Range { least: yuan(500), most: yuan(2000) },
        amount_default: yuan(1000),
        rates: Choice::List(vec![rate]),
        rate_default: rate,
        tenor_units: vec![TenorUnit::Day],
        days: Choice::Range { least: 7, most: 30 },
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
            daily: percent(300),
            base: PenaltyBase::OverduePrincipal,
            grace_days: 0,
            cap_days: Some(30),
            cap_rate: None,
        },
        settlement_fee: Percent::ZERO,
        fees: [TRIAL_FEE, SERVICE_FEE, POUNDAGE].map(share).to_vec(),
        lender: Lender::Institution,
        // 初审, 复审.
        review_steps: 2,
        approval_days: 7,
        first_limit: yuan(2000),
    }
}

/// 0.05 % of the amount.
fn share(name: &str) -> ProductFee {
    ProductFee {
        name: name.to_owned(),
        collector: "平台".to_owned(),
        time: FeeTime::EachPeriod,
        size: Size::Share(percent(500)),
    }
}

fn percent(ppm: u32) -> Percent {
    Percent::from_rate(Rate::from_ppm(ppm).unwrap_or(Rate::ZERO))
}
