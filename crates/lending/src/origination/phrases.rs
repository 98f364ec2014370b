//! What terms are called in papers for customers, in Chinese: tenor, method, penalty and so on.

use kernel::{Channel, Money, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::{Method, Percent};

use crate::catalog::{FeeTime, IntervalUnit, LateRule, Request, TenorUnit, Version};

/// In this order a payment is used, by `pricing::account::Rules::default`.
pub(crate) const ALLOCATION: &str = "罚息、费用、利息、本金";

/// `14 天`, `6 个月`.
pub(super) fn tenor(request: &Request) -> String {
    match request.tenor_unit {
        TenorUnit::Day => format!("{} 天", request.tenor),
        TenorUnit::Month => format!("{} 个月", request.tenor),
    }
}

/// `等额本息，每 1 个月一期`.
pub(super) fn method(request: &Request) -> String {
    let name = match request.method {
        Method::OneOff => return "一次性还本付息（到期归还全部本金和利息）".to_owned(),
        Method::InterestOnly => "按期付息、到期还本",
        Method::EqualInstalment => "等额本息",
        Method::EqualPrincipal => "等额本金",
        Method::Flat => "等本等息（每期本金与利息均等，利息按借款总额计算）",
    };
    let unit = match request.interval_unit {
        IntervalUnit::Day => "天",
        IntervalUnit::Month => "个月",
        IntervalUnit::Quarter => "个季度",
        IntervalUnit::Year => "年",
    };
    format!("{name}，每 {} {unit}一期", request.interval_count)
}

/// `12.00`: a yearly rate in percent, with all of its decimals and at least two.
pub(super) fn percent(rate: Rate) -> String {
    let (whole, rest) = (rate.ppm().div_euclid(10_000), rate.ppm().rem_euclid(10_000));
    let decimals = format!("{rest:04}");
    let decimals = decimals.strip_suffix("00").unwrap_or(&decimals);
    format!("{whole}.{decimals}")
}

/// A cost's part of the annual cost, by its amount, in percent with two decimals; `-` where there
/// is no annual cost.
pub(super) fn part_of(annual_percent: &str, amount: Money, total: Money) -> String {
    // In hundredths of a percent, which a quote's percentages have.
    let hundredths = Percent::parse(annual_percent).and_then(Percent::to_rate);
    let hundredths = hundredths.map(|rate| i64::from(rate.ppm().div_euclid(100)));
    let part = hundredths.and_then(Money::from_fen);
    let part = part.and_then(|all| all.share(amount.fen(), total.fen().max(1)));
    part.map_or_else(|| "-".to_owned(), |part| part.to_string())
}

/// When interest is paid.
pub(super) const fn interest_time(method: Method) -> &'static str {
    match method {
        Method::OneOff => "到期时一次支付",
        Method::InterestOnly | Method::EqualInstalment | Method::EqualPrincipal | Method::Flat => {
            "随每期还款支付"
        }
    }
}

/// When a fee is paid.
pub(super) const fn fee_time(time: FeeTime) -> &'static str {
    match time {
        FeeTime::KeptBack => "放款时从借款中扣收",
        FeeTime::EachPeriod => "随每期还款支付",
    }
}

/// How days become parts of a year (计息基础).
pub(crate) const fn day_count(count: DayCount) -> &'static str {
    match count {
        DayCount::Thirty360 => "每月按 30 天、每年按 360 天（30/360）",
        DayCount::ThirtyE360 => "每月按 30 天、每年按 360 天（30E/360）",
        DayCount::Act360 => "实际天数/360",
        DayCount::Act365 => "实际天数/365",
        DayCount::Act364 => "实际天数/364",
        DayCount::ActAct => "实际天数/当年实际天数",
        DayCount::ActActIsda => "实际天数/当年实际天数（ISDA）",
    }
}

/// The fee for settling early.
pub(crate) fn settlement_fee(version: &Version) -> String {
    if version.settlement_fee == Percent::ZERO {
        return "不收取".to_owned();
    }
    format!("提前归还的未到期本金的 {}%", version.settlement_fee)
}

/// What being late costs.
pub(crate) fn penalty(late: &LateRule) -> String {
    if late.daily == Percent::ZERO {
        return "不收取".to_owned();
    }
    let base = match late.base {
        PenaltyBase::OverduePrincipal => "逾期本金",
        PenaltyBase::OverduePrincipalAndInterest => "逾期本金与利息之和",
        PenaltyBase::OverdueAmount => "逾期的全部应还款",
        PenaltyBase::Outstanding => "全部未归还本金",
    };
    format!("逾期期间每日按{base}的 {}% 计收", late.daily)
}

/// The days of grace.
pub(crate) fn grace(late: &LateRule) -> String {
    match late.grace_days {
        0 => "无".to_owned(),
        days => format!(
            "还款日后 {days} 天以内还清的，不收取罚息；逾期超过 {days} 天的，自还款日次日起计收"
        ),
    }
}

/// What the penalty never exceeds.
pub(crate) fn penalty_cap(late: &LateRule) -> String {
    let days = late.cap_days.map(|days| format!("每期最多计收 {days} 天"));
    let rate = late.cap_rate.map(|rate| format!("与利息合计不超过年利率 {rate}%"));
    match (days, rate) {
        (Some(days), Some(rate)) => format!("{days}，并且{rate}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "法律保护的上限".to_owned(),
    }
}

/// What the money is for, by the channel's table; what is not in it stands as it was told.
pub(crate) fn purpose(channel: Channel, code: &str) -> &str {
    match (channel, code) {
        // Document 001, §23.
        (Channel::Xianjindai, "15") => "租房",
        (Channel::Xianjindai, "16") => "购物",
        (Channel::Xianjindai, "17") => "教育、培训",
        (Channel::Xianjindai, "18") => "医美",
        (Channel::Xianjindai, "19") => "旅游",
        (Channel::Xianjindai, "20") => "日常娱乐",
        (Channel::Xianjindai, "21") => "短期资金周转",
        (Channel::Xianjindai, "22") => "偿还信用卡",
        (
            Channel::Xianjindai
            | Channel::Wukong
            | Channel::Futureloan
            | Channel::Shuaidan
            | Channel::Chaojihua,
            other,
        ) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_decimals_or_as_many_as_they_need() {
        for (ppm, text) in [
            (180_000, "18.00"),
            (0, "0.00"),
            (123_400, "12.34"),
            (123_450, "12.3450"),
            (5, "0.0005"),
            (1_200_000, "120.00"),
        ] {
            assert_eq!(percent(Rate::from_ppm(ppm).unwrap()), text);
        }
    }

    /// 10.42 of interest and 500.00 of fee cost 272.22 % together: 272.22 x 10.42 / 510.42 = 5.557,
    /// 272.22 x 500 / 510.42 = 266.663.
    #[test]
    fn parts_of_the_annual_cost_go_by_amounts() {
        let (interest, fee) = (Money::from_fen(1042).unwrap(), Money::from_fen(50_000).unwrap());
        let total = interest.plus(fee).unwrap();
        assert_eq!(part_of("272.22", interest, total), "5.56");
        assert_eq!(part_of("272.22", fee, total), "266.66");
        assert_eq!(part_of("0.00", Money::ZERO, Money::ZERO), "0.00");
        assert_eq!(part_of("-", fee, total), "-");
    }
}
