//! Annual rates of flows that are given, without a schedule behind them.

use kernel::{Change, Date, Money};
use pricing::Problem;
use pricing::calendar::Frequency;
use pricing::cost::reg_z::{self, UnitPeriod};
use pricing::cost::{self, CostProblem, YearFraction, china};
use serde::Serialize;
use serde_json::{Value, json};

use crate::loan::{DECIMALS, too_large};
use crate::read::fields::{Fields, malformed};
use crate::read::flows::{Payment, When, dated, length, payments, unit_payments};
use crate::read::terms::{LONGEST_DAYS, frequency};
use crate::tvm::{number, written};

/// Rates of flows, in percent.
#[derive(Debug, Default, Serialize)]
pub struct FlowsAnswer {
    /// The annual rate that the request asks for: effective for `drawdown`, by Regulation Z for
    /// `amount_financed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apr_percent: Option<String>,
    /// IRR of one period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_irr_percent: Option<String>,
    /// The same where a period is a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_irr_percent: Option<String>,
    /// Nominal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal_percent: Option<String>,
    /// Effective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_percent: Option<String>,
    /// US Regulation Z, Appendix J, by dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reg_z_apr_percent: Option<String>,
    /// Simple (单利), over the principal received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simple_apr_percent: Option<String>,
    /// The principal that counts by Article 670 of the Civil Code: what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_for_law: Option<String>,
    /// Everything paid, less what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_cost: Option<String>,
    /// The unit period of Regulation Z, where it was found from dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_period: Option<String>,
    /// Fields of the request that mean nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

/// Rates that do not exist are a problem of the field that has the payments.
fn unsolved(field: &'static str, problem: &CostProblem) -> Problem {
    let (expected, expected_zh) = match problem {
        CostProblem::SeveralRoots { .. } => {
            ("such that one rate alone makes the flows even", "使现金流只有一个内部收益率")
        }
        CostProblem::TooManyFlows => ("at most 10000 flows", "不超过 10000 笔"),
        CostProblem::NotEnoughFlows
        | CostProblem::OneSided
        | CostProblem::NoRoot
        | CostProblem::RateOutOfRange
        | CostProblem::NoTimePasses
        | CostProblem::BadArgument => {
            ("such that a rate makes the flows even", "使现金流存在内部收益率")
        }
    };
    malformed(field, expected, expected_zh)
}

/// `drawdown` and `repayments`.
pub(crate) fn drawdown(fields: &Fields<'_>) -> Result<FlowsAnswer, Problem> {
    let drawdown = fields.needed("drawdown", fields.amount("drawdown")?)?;
    let start = fields.date("start")?;
    let unit = frequency("freq", &fields.text("freq")?.unwrap_or_else(|| "1 month".to_owned()))?;
    let repayments = payments(fields, "repayments", Some(unit))?;
    let mut answer = FlowsAnswer::default();
    let paid = repayments.iter().try_fold(Money::ZERO, |sum, (_, more)| sum.plus(*more));
    let paid = paid.ok_or_else(too_large)?;
    answer.total_cost = Some(paid.minus(drawdown).map_or_else(
        || format!("-{}", drawdown.minus(paid).unwrap_or(Money::ZERO)),
        |cost| cost.to_string(),
    ));
    let wrong = |problem: CostProblem| unsolved("repayments", &problem);
    let by_period: Option<Vec<(u32, Change)>> = repayments
        .iter()
        .map(|(when, amount)| match when {
            When::Period(number) => Some((*number, amount.debit())),
            When::Years(_) | When::On(_) => None,
        })
        .collect();
    if let Some(mut flows) = by_period {
        flows.insert(0, (0, drawdown.credit()));
        let rate = cost::period_rate(&flows).map_err(wrong)?;
        let text = rate.percent_text(DECIMALS);
        let length = length(unit);
        if length == YearFraction::months(1) {
            answer.monthly_irr_percent = Some(text.clone());
        }
        answer.period_irr_percent = Some(text);
        if let Some(per_year) = per_year(length) {
            answer.nominal_percent = Some(rate.nominal(per_year).percent_text(DECIMALS));
            let effective = rate.effective(per_year).map_err(wrong)?;
            answer.effective_percent = Some(effective.percent_text(DECIMALS));
        }
    }
    let apr = effective(drawdown, start, &repayments, unit)?.map_err(wrong)?;
    answer.apr_percent = Some(apr.percent_text(DECIMALS));
    answer.effective_percent.get_or_insert_with(|| apr.percent_text(DECIMALS));
    Ok(answer)
}

/// `drawdowns` and `repayments`, lists of dates and amounts: money that comes in several parts.
pub(crate) fn drawdowns(fields: &Fields<'_>) -> Result<FlowsAnswer, Problem> {
    let received = dated(fields, "drawdowns")?;
    let mut flows: Vec<_> =
        received.iter().map(|(date, amount)| (*date, amount.credit())).collect();
    let repaid = dated(fields, "repayments")?;
    flows.extend(repaid.iter().map(|(date, amount)| (*date, amount.debit())));
    let wrong = |problem: CostProblem| unsolved("repayments", &problem);
    let effective = cost::effective_by_days(&flows).map_err(wrong)?.percent_text(DECIMALS);
    let reg_z = reg_z::apr_by_dates(&flows).ok();
    Ok(FlowsAnswer {
        apr_percent: Some(effective.clone()),
        effective_percent: Some(effective),
        reg_z_apr_percent: reg_z.as_ref().map(|apr| apr.apr.percent_text(DECIMALS)),
        unit_period: reg_z.map(|apr| unit_in_words(apr.unit)),
        ..FlowsAnswer::default()
    })
}

/// Whole periods of a year, if it has a whole number of them.
fn per_year(length: YearFraction) -> Option<u32> {
    let whole = length.denominator().checked_rem(length.numerator())? == 0;
    if whole { length.denominator().checked_div(length.numerator()) } else { None }
}

type Rate = Result<cost::AnnualRate, CostProblem>;

/// The effective rate of payments by dates, or by parts of a year.
fn effective(
    drawdown: Money,
    start: Option<Date>,
    payments: &[Payment],
    unit: Frequency,
) -> Result<Rate, Problem> {
    let dated = payments.iter().any(|(when, _)| matches!(when, When::On(_)));
    if dated {
        let start = start.ok_or_else(|| Problem::missing("start"))?;
        let mut flows = vec![(start, drawdown.credit())];
        for (when, amount) in payments {
            let When::On(date) = when else {
                let expected = "all with dates, or none";
                return Err(malformed("repayments", expected, "全部带日期或全部不带"));
            };
            flows.push((*date, amount.debit()));
        }
        return Ok(cost::effective_by_days(&flows));
    }
    let period = length(unit);
    let mut flows = vec![(YearFraction::ZERO, drawdown.credit())];
    for (when, amount) in payments {
        let years = match when {
            When::Years(years) => Some(*years),
            When::Period(number) => {
                let parts = period.numerator().checked_mul(*number);
                parts.and_then(|parts| YearFraction::new(parts, period.denominator()))
            }
            When::On(_) => None,
        };
        flows.push((years.ok_or_else(too_large)?, amount.debit()));
    }
    Ok(cost::effective_by_years(&flows))
}

/// `amount_financed` and `payments`: US Regulation Z, Appendix J.
pub(crate) fn financed(fields: &Fields<'_>) -> Result<FlowsAnswer, Problem> {
    let financed = fields.needed("amount_financed", fields.amount("amount_financed")?)?;
    let wrong = |problem: CostProblem| unsolved("payments", &problem);
    let Some(per_year) = fields.text("unit_periods_per_year")? else {
        return by_dates(fields, financed);
    };
    let unit = unit_length(&per_year)?;
    let payments = unit_payments(fields)?;
    let mut flows = vec![(reg_z::At::whole(0), financed.credit())];
    flows.extend(payments.iter().map(|(at, amount)| (*at, amount.debit())));
    let apr = reg_z::apr(&flows, unit).map_err(wrong)?;
    Ok(FlowsAnswer { apr_percent: Some(apr.percent_text(DECIMALS)), ..FlowsAnswer::default() })
}

/// Payments on dates: the unit period is found as Appendix J says.
fn by_dates(fields: &Fields<'_>, financed: Money) -> Result<FlowsAnswer, Problem> {
    let unknown = || Problem::missing("unit_periods_per_year");
    let start = fields.date("start")?.ok_or_else(unknown)?;
    let mut flows = vec![(start, financed.credit())];
    for (when, amount) in payments(fields, "payments", None)? {
        let When::On(date) = when else { return Err(unknown()) };
        if date < start {
            return Err(Problem::contradiction("payments", "start"));
        }
        flows.push((date, amount.debit()));
    }
    let apr = reg_z::apr_by_dates(&flows).map_err(|problem| unsolved("payments", &problem))?;
    Ok(FlowsAnswer {
        apr_percent: Some(apr.apr.percent_text(DECIMALS)),
        unit_period: Some(unit_in_words(apr.unit)),
        ..FlowsAnswer::default()
    })
}

/// `1 month`, `2 weeks`.
fn unit_in_words(unit: UnitPeriod) -> String {
    let (count, unit) = match unit {
        UnitPeriod::Days(days) => (days, "day"),
        UnitPeriod::Weeks(weeks) => (weeks, "week"),
        UnitPeriod::Semimonth => (1, "semimonth"),
        UnitPeriod::Months(months) => (months, "month"),
        UnitPeriod::Year => (1, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `12`, `1.431373`, `365/255`: so many unit periods a year.
fn unit_length(text: &str) -> Result<YearFraction, Problem> {
    let parts = |text: &str| -> Option<(u32, u32)> {
        if let Some((num, den)) = text.split_once('/') {
            return Some((num.parse().ok()?, den.parse().ok()?));
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let places = u32::try_from(decimals.len()).ok().filter(|places| *places <= 6)?;
        Some((format!("{whole}{decimals}").parse().ok()?, 10_u32.checked_pow(places)?))
    };
    let found = parts(text).filter(|(num, den)| *num > 0 && *den > 0);
    let length = found.and_then(|(num, den)| YearFraction::new(den, num));
    let expected = "a number like 12 or 365/255";
    length.ok_or_else(|| malformed("unit_periods_per_year", expected, "形如 12 或 365/255 的数"))
}

/// `contract`, `received`, `repaid` after `days`: what a loan with interest taken up front costs.
pub(crate) fn upfront(fields: &Fields<'_>) -> Result<FlowsAnswer, Problem> {
    let contract = fields.amount("contract")?;
    let received = fields.needed("received", fields.amount("received")?)?;
    let repaid = fields.needed("repaid", fields.amount("repaid")?)?;
    let days = fields.needed("days", fields.count("days")?)?;
    if received == Money::ZERO {
        return Err(Problem::range("received", "0.01", Money::MAX.to_string()));
    }
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Problem::range("days", "1", LONGEST_DAYS.to_string()));
    }
    if contract.is_some_and(|contract| contract < received) {
        return Err(Problem::contradiction("received", "contract"));
    }
    let cost =
        repaid.minus(received).ok_or_else(|| Problem::contradiction("repaid", "received"))?;
    let rate = china::simple_rate(cost, &[(received, days)]);
    let rate = rate.map_err(|problem| unsolved("days", &problem))?;
    let flows =
        [(YearFraction::ZERO, received.credit()), (YearFraction::days(days), repaid.debit())];
    let effective = cost::effective_by_years(&flows).ok();
    Ok(FlowsAnswer {
        simple_apr_percent: Some(rate.percent_text(2)),
        effective_percent: effective.map(|rate| rate.percent_text(DECIMALS)),
        principal_for_law: Some(received.to_string()),
        total_cost: Some(cost.to_string()),
        ..FlowsAnswer::default()
    })
}

/// Flows of a spreadsheet: the first is at time zero.
pub(crate) fn bare(fields: &Fields<'_>) -> Result<Value, Problem> {
    let list = fields.needed("flows", fields.list("flows")?)?;
    let mut flows = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        flows.push(number(&format!("flows[{index}]"), value)?);
    }
    let value = if let Some(rate) = fields.value("rate") {
        let worth = cost::tvm::npv(number("rate", rate)?, &flows);
        worth.ok_or_else(|| malformed("rate", "a rate above -1", "大于 -1 的利率"))?
    } else {
        cost::tvm::irr(&flows).map_err(|problem| unsolved("flows", &problem))?
    };
    Ok(json!({ "value": written(value) }))
}
