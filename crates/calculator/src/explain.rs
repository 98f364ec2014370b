//! How each figure came about, in sentences that can be checked with a pocket calculator.

use kernel::Money;
use pricing::account::Standing;
use pricing::rounding::Absorb;
use pricing::schedule::Stretch;
use pricing::terms::{InterestFree, InterestGrace};
use pricing::{CheckedTerms, Method, Schedule};

use crate::answer::{CostAnswer, LoanAnswer, StretchAnswer};
use crate::figures::decimals;

/// The explanation, line by line.
pub(crate) fn lines(
    checked: &CheckedTerms,
    schedule: &Schedule,
    stretches: &[Stretch],
    answer: &LoanAnswer,
) -> Vec<String> {
    let mut lines = vec![how_level(checked, schedule)];
    for stretch in stretches {
        lines.push(format!(
            "row {}: {} to {} ({} days): {} x {} % x {}/{} a = {}",
            stretch.row,
            stretch.from,
            stretch.to,
            stretch.from.days_until(stretch.to),
            stretch.balance,
            stretch.rate,
            stretch.years.num(),
            stretch.years.den(),
            stretch.interest
        ));
    }
    for row in &schedule.rows {
        let instalment = row.instalment().map(|amount| amount.to_string()).unwrap_or_default();
        let before = row.balance.plus(row.principal).map(|b| b.to_string()).unwrap_or_default();
        lines.push(format!(
            "row {}: {} principal + {} interest + {} fees = {}; balance {} - {} = {}",
            row.number,
            row.principal,
            row.interest,
            row.fees,
            instalment,
            before,
            row.principal,
            row.balance
        ));
    }
    for fee in &schedule.fees {
        let when = if fee.is_upfront() { "at disbursement" } else { "paid" };
        lines.push(format!("fee {}: {} {when} on {}", fee.name, fee.amount, fee.on));
    }
    lines.push(format!(
        "cost = {} interest + {} fees = {} on {} received",
        answer.total_interest, answer.total_fees, answer.total_cost, answer.received
    ));
    lines.extend(rates(&answer.cost));
    lines
}

/// What the annual rates are.
fn rates(cost: &CostAnswer) -> Vec<String> {
    let named = [
        (
            &cost.period_irr_percent,
            "IRR of a period: at this rate all rows are worth what was received",
        ),
        (&cost.nominal_percent, "nominal: IRR of a period x periods a year"),
        (&cost.effective_percent, "effective: (1 + IRR of a period) ^ periods a year - 1"),
        (&cost.eu_apr_percent, "2008/48/EC: the same equation with days/365 as powers"),
        (&cost.reg_z_apr_percent, "Regulation Z: rate of a unit period x unit periods a year"),
        (
            &cost.disclosure_simple_percent,
            "simple (单利): cost x 365 / sum of (principal really outstanding x days)",
        ),
    ];
    let told = named.into_iter().filter_map(|(rate, what)| Some((rate.as_ref()?, what)));
    told.map(|(rate, what)| format!("{what} = {rate} %")).collect()
}

/// How the level instalment, or the level part of principal, came about.
fn how_level(checked: &CheckedTerms, schedule: &Schedule) -> String {
    let terms = checked.terms();
    let rows = schedule.rows.iter().filter(|row| row.days() > 0);
    let repaying = rows.filter(|row| row.principal > Money::ZERO);
    // A down payment has its own row and is not spread.
    let mut down = schedule.rows.iter().filter(|row| row.days() == 0);
    let spread = down.try_fold(checked.principal(), |left, row| left.minus(row.principal));
    let spread = spread.unwrap_or(Money::ZERO);
    let grace = &terms.grace;
    let is_deferred = grace.free > 0 && grace.free_rule == InterestFree::Defer
        || grace.interest > 0 && grace.interest_rule == InterestGrace::Deferred;
    // Deferred interest is not in the first rows; the last takes the rest.
    let example = if is_deferred { repaying.clone().nth_back(1) } else { repaying.clone().next() };
    let level = example.and_then(|row| row.principal.plus(row.interest));
    let level = level.unwrap_or(Money::ZERO);
    let parts = repaying.count();
    match terms.method {
        Method::EqualInstalment if terms.instalment.is_some() => {
            format!("instalment = {level} (given)")
        }
        Method::EqualInstalment if terms.advances.len() > 1 || !terms.rate_changes.is_empty() => {
            format!("instalment = {level} at first, computed anew when money or a new rate comes")
        }
        Method::EqualInstalment => format!(
            "instalment = {spread} / sum of the discount factors of {parts} periods, rounded{} = {level}",
            if terms.rounding.absorb == Absorb::Smooth { " and smoothed" } else { "" }
        ),
        Method::EqualPrincipal => format!("principal of a row = {spread} / {parts}, rounded"),
        Method::Flat => format!(
            "principal of a row = {spread} / {parts}, rounded; interest always on {}",
            checked.principal()
        ),
        Method::InterestOnly => "interest each period, principal with the last row".to_owned(),
        Method::OneOff => "principal and interest with the only row".to_owned(),
    }
}

/// What became of the loan: each payment, and what it takes to settle.
pub(crate) fn what_happened(standing: &Standing) -> Vec<String> {
    let payments = standing.payments.iter().map(|paid| {
        format!(
            "payment on {}: {} = {} principal + {} interest + {} fees + {} penalties + {} excess; \
             {} of the principal left",
            paid.on,
            paid.amount,
            paid.principal,
            paid.interest,
            paid.fees,
            paid.penalties,
            paid.excess,
            paid.principal_balance
        )
    });
    let quote = &standing.settlement;
    let settlement = format!(
        "to settle on {}: {} principal + {} interest + {} fees + {} penalties = {}",
        standing.on, quote.principal, quote.interest, quote.fees, quote.penalties, quote.total
    );
    payments.chain([settlement]).collect()
}

/// One stretch of interest, field by field.
pub(crate) fn stretch(stretch: &Stretch) -> StretchAnswer {
    let factor = stretch.rate.fraction().times(stretch.years).map(decimals);
    StretchAnswer {
        n: stretch.row,
        from: stretch.from.to_string(),
        to: stretch.to.to_string(),
        balance: stretch.balance.to_string(),
        rate: stretch.rate.to_string(),
        years: format!("{}/{}", stretch.years.num(), stretch.years.den()),
        factor: factor.unwrap_or_default(),
        interest: stretch.interest.to_string(),
    }
}
