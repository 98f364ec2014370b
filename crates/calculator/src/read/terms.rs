//! From the fields of a request to the terms of a loan.

use kernel::{Date, Money};
use pricing::calendar::{Frequency, MAX_PERIODS, MonthEnd};
use pricing::daycount::DayCount;
use pricing::terms::{Grace, InterestFree, InterestGrace, LevelBasis};
use pricing::{Fault, Method, Percent, Problem, Terms};
use serde_json::Value;

use super::fees::{fees, size};
use super::fields::{Fields, amount_of, date_of, malformed, percent_of, word};
use super::rounding::rounding;

/// The longest loan in days: as long as all rows of the longest schedule.
pub(crate) const LONGEST_DAYS: u32 = MAX_PERIODS * 31;

/// The terms that a request describes. `today` is the start where none is given.
pub(crate) fn terms(fields: &Fields<'_>, today: Date) -> Result<Terms, Problem> {
    let term = term(fields)?;
    let method = method(fields, term.is_single)?;
    let is_daily = is_daily(fields)?;
    let day_count = match fields.text("daycount")? {
        Some(text) => {
            let (day_count, days) = day_count(&fields.name("daycount"), &text)?;
            if days.is_some_and(|days| !has_days(term.frequency, days)) {
                return Err(Problem::contradiction(fields.name("daycount"), "freq"));
            }
            day_count
        }
        None if is_daily => DayCount::Act365,
        None if method == Method::OneOff && matches!(term.frequency, Frequency::Days(_)) => {
            DayCount::Act360
        }
        None => DayCount::Thirty360,
    };
    let advances = advances(fields, today)?;
    let first_day = advances.first().map_or(today, |(date, _)| *date);
    let start = match fields.date("schedule_start")? {
        Some(start) => start,
        None => fields.date("start")?.unwrap_or(first_day),
    };
    let level_basis = match fields.word("level_basis")?.as_deref() {
        None if is_daily => LevelBasis::Nominal,
        None | Some("dates") => LevelBasis::Dates,
        Some("nominal") => LevelBasis::Nominal,
        Some(_) => return Err(malformed("level_basis", "dates or nominal", "dates 或 nominal")),
    };
    Ok(Terms {
        method,
        advances,
        start,
        first_due: fields.date("first")?,
        frequency: term.frequency,
        periods: term.periods,
        rate: rate(fields, day_count)?,
        rate_changes: rate_changes(fields)?,
        day_count,
        month_end: month_end(fields)?,
        rounding: rounding(fields)?,
        grace: grace(fields)?,
        instalment: fields.amount("instalment")?,
        level_basis,
        down_payment: size(fields, "down_payment")?,
        fees: fees(fields)?,
    })
}

/// How often and how many times is paid.
struct Term {
    frequency: Frequency,
    periods: Option<u32>,
    /// Days or weeks that are one period: such loans are mostly repaid at once.
    is_single: bool,
}

/// How often and how many times, from `n` and `freq`, or `days`, or `term`.
fn term(fields: &Fields<'_>) -> Result<Term, Problem> {
    let (n, freq) = (fields.count("n")?, fields.text("freq")?);
    let days = fields.count("days")?;
    let term = fields.text("term")?;
    if let Some(days) = days {
        let others = [("n", n.is_some()), ("term", term.is_some()), ("freq", freq.is_some())];
        if let Some((other, _)) = others.into_iter().find(|(_, is_there)| *is_there) {
            return Err(Problem::contradiction(fields.name("days"), other));
        }
        if days == 0 {
            return Err(Problem::range(fields.name("days"), "1", LONGEST_DAYS.to_string()));
        }
        let frequency = Frequency::Days(days);
        return Ok(Term { frequency, periods: Some(1), is_single: true });
    }
    let frequency = match &freq {
        Some(text) => frequency(&fields.name("freq"), text)?,
        None => Frequency::MONTHLY,
    };
    let Some(term) = term else { return Ok(Term { frequency, periods: n, is_single: false }) };
    if n.is_some() {
        return Err(Problem::contradiction(fields.name("term"), "n"));
    }
    // A term of 12 months, paid every month, has 12 periods; a term in other units is one period.
    let whole = self::frequency(&fields.name("term"), &term)?;
    let (all, each) = match (whole, frequency) {
        (Frequency::Days(_) | Frequency::Weeks(_), _) if freq.is_none() => {
            return Ok(Term { frequency: whole, periods: Some(1), is_single: true });
        }
        (Frequency::Months(all), Frequency::Months(each))
        | (Frequency::Weeks(all), Frequency::Weeks(each))
        | (Frequency::Days(all), Frequency::Days(each)) => (all, each),
        (Frequency::Months(_) | Frequency::Weeks(_) | Frequency::Days(_), _) => (1, 0),
    };
    if all.checked_rem(each) != Some(0) {
        return Err(Problem::contradiction(fields.name("term"), "freq"));
    }
    Ok(Term { frequency, periods: all.checked_div(each), is_single: false })
}

/// `1 month`, `15 days`, `2 weeks`, `monthly`.
pub(crate) fn frequency(field: &str, text: &str) -> Result<Frequency, Problem> {
    let wrong = || {
        malformed(
            field,
            "like \"1 month\", \"2 weeks\" or \"15 days\"",
            "形如 \"1 month\"、\"2 weeks\" 或 \"15 days\"",
        )
    };
    let text = word(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let (unit, is_parted) = unit.strip_prefix('-').map_or((unit, false), |unit| (unit, true));
    // A bare `month` is one month; `-3 months` is nothing.
    let count: u32 =
        if count.is_empty() && !is_parted { 1 } else { count.parse().map_err(|_| wrong())? };
    let times = |factor: u32| count.checked_mul(factor).ok_or_else(wrong);
    Ok(match unit {
        "day" | "days" | "daily" | "天" | "日" => Frequency::Days(count),
        "week" | "weeks" | "weekly" | "周" => Frequency::Weeks(count),
        "month" | "months" | "monthly" | "月" | "个月" => Frequency::Months(count),
        "quarter" | "quarters" | "quarterly" | "季" => Frequency::Months(times(3)?),
        "year" | "years" | "yearly" | "annual" | "年" => Frequency::Months(times(12)?),
        _ => return Err(wrong()),
    })
}

/// Whether every period has so many days.
fn has_days(frequency: Frequency, days: u32) -> bool {
    match frequency {
        Frequency::Days(each) => each == days,
        Frequency::Weeks(weeks) => weeks.checked_mul(7) == Some(days),
        Frequency::Months(_) => false,
    }
}

/// `calc_period`: whether interest runs by days, as some systems call it.
fn is_daily(fields: &Fields<'_>) -> Result<bool, Problem> {
    match fields.word("calc_period")?.as_deref() {
        Some("daily") => Ok(true),
        None | Some("same-as-repayment-period" | "period") => Ok(false),
        Some(_) => {
            let expected = "daily or same-as-repayment-period";
            Err(malformed("calc_period", expected, "daily 或 same-as-repayment-period"))
        }
    }
}

/// `method`, or `interest_method` and `amortization` as some systems split it.
fn method(fields: &Fields<'_>, is_single: bool) -> Result<Method, Problem> {
    let told = method_of(fields, "method")?;
    let amortization = method_of(fields, "amortization")?;
    let is_flat = match fields.word("interest_method")?.as_deref() {
        None => None,
        Some("flat") => Some(true),
        Some("declining-balance" | "declining") => Some(false),
        Some(_) => {
            let expected = "flat or declining-balance";
            return Err(malformed("interest_method", expected, "flat 或 declining-balance"));
        }
    };
    if let Some(told) = told {
        let others = [
            ("interest_method", is_flat.is_some_and(|flat| flat != (told == Method::Flat))),
            ("amortization", amortization.is_some_and(|other| other != told)),
        ];
        let other = others.into_iter().find(|(_, is_other)| *is_other);
        return other.map_or(Ok(told), |(other, _)| Err(Problem::contradiction("method", other)));
    }
    Ok(match (is_flat, amortization) {
        // Equal instalments of a flat loan are its equal parts.
        (Some(true), None | Some(Method::EqualInstalment | Method::Flat)) => Method::Flat,
        (Some(true), Some(_)) | (Some(false), Some(Method::Flat)) => {
            return Err(Problem::contradiction("interest_method", "amortization"));
        }
        (_, Some(amortization)) => amortization,
        (_, None) if is_single => Method::OneOff,
        (_, None) => Method::EqualInstalment,
    })
}

fn method_of(fields: &Fields<'_>, field: &'static str) -> Result<Option<Method>, Problem> {
    let Some(word) = fields.word(field)? else { return Ok(None) };
    Ok(Some(match word.as_str() {
        "one-off" | "once" | "single" | "一次性还本付息" | "到期还本付息" => {
            Method::OneOff
        }
        "interest-only" | "interest-first" | "bullet" | "按期还息到期还本" | "先息后本" => {
            Method::InterestOnly
        }
        "equal-instalment" | "equal-instalments" | "equal-installment" | "equal-installments"
        | "annuity" | "等额本息" => Method::EqualInstalment,
        "equal-principal" | "equal-principal-payments" | "等额本金" => Method::EqualPrincipal,
        "flat" | "等本等息" => Method::Flat,
        _ => {
            return Err(malformed(
                &fields.name(field),
                "one-off, interest-only, equal-instalment, equal-principal or flat",
                "one-off、interest-only、equal-instalment、equal-principal 或 flat",
            ));
        }
    }))
}

/// A day count; of one that says how many days each period has (`15/360`, `14/364`), these too.
pub(crate) fn day_count(field: &str, text: &str) -> Result<(DayCount, Option<u32>), Problem> {
    let is_isda = text.to_lowercase().contains("isda") || text.contains("1 January");
    let plain = word(text).replace("actual", "act");
    let day_count = match plain.as_str() {
        "30/360" | "rate/12" | "any" => DayCount::Thirty360,
        "30e/360" => DayCount::ThirtyE360,
        "act/360" => DayCount::Act360,
        "act/365" | "act/365f" | "act/365-fixed" => DayCount::Act365,
        "act/364" => DayCount::Act364,
        "act/act" | "act/act-isda" if is_isda => DayCount::ActActIsda,
        "act/act" => DayCount::ActAct,
        other => {
            let parts = other.split_once('/');
            let found = parts.and_then(|(days, basis)| Some((days.parse().ok()?, basis)));
            return match found {
                Some((days, "360")) => Ok((DayCount::Thirty360, Some(days))),
                Some((days, "364")) => Ok((DayCount::Act364, Some(days))),
                _ => Err(malformed(
                    field,
                    "30/360, 30E/360, ACT/360, ACT/365, ACT/364, ACT/ACT or ACT/ACT ISDA",
                    "30/360、30E/360、ACT/360、ACT/365、ACT/364、ACT/ACT 或 ACT/ACT ISDA",
                )),
            };
        }
    };
    Ok((day_count, None))
}

fn month_end(fields: &Fields<'_>) -> Result<MonthEnd, Problem> {
    match fields.word("month_end")?.as_deref() {
        None | Some("clamp" | "either" | "last-day-of-month") => Ok(MonthEnd::Clamp),
        Some("roll" | "first-day-of-next-month") => Ok(MonthEnd::Roll),
        Some(_) => Err(malformed(&fields.name("month_end"), "clamp or roll", "clamp 或 roll")),
    }
}

/// The yearly rate, from `rate`, `rate_per_month` or `rate_per_day`, of which one is needed.
fn rate(fields: &Fields<'_>, day_count: DayCount) -> Result<Percent, Problem> {
    let yearly = fields.percent("rate")?;
    let monthly = fields.percent("rate_per_month")?;
    let daily = fields.percent("rate_per_day")?;
    let given = [("rate", yearly), ("rate_per_month", monthly), ("rate_per_day", daily)];
    let mut given = given.into_iter().filter_map(|(name, rate)| Some((name, rate?)));
    let (name, rate) = fields.needed("rate", given.next())?;
    if let Some((other, _)) = given.next() {
        return Err(Problem::contradiction(fields.name(other), name));
    }
    let times = match name {
        "rate" => Some(1),
        "rate_per_month" => Some(12),
        _ => day_count.basis().parse().ok(),
    };
    let times = times.ok_or_else(|| Problem::contradiction(fields.name(name), "daycount"))?;
    let too_high = || Problem::range(fields.name(name), "0", "10000 % / a");
    rate.times(times).ok_or_else(too_high)
}

fn rate_changes(fields: &Fields<'_>) -> Result<Vec<(Date, Percent)>, Problem> {
    let Some(list) = fields.list("rate_changes")? else { return Ok(Vec::new()) };
    let mut changes = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let field = format!("rate_changes[{index}]");
        let (on, rate) = pair(fields, &field, value, "rate")?;
        changes.push((date_of(&field, on)?, percent_of(&field, rate)?));
    }
    Ok(changes)
}

/// `[day, figure]` or `{"on": day, "<figure>": figure}`; `date` is another word for `on`.
fn pair<'a>(
    fields: &Fields<'a>,
    field: &str,
    value: &'a Value,
    figure: &'static str,
) -> Result<(&'a Value, &'a Value), Problem> {
    let found = match value {
        Value::Array(pair) => <&[Value; 2]>::try_from(pair.as_slice()).ok().map(|[a, b]| (a, b)),
        Value::Object(map) => {
            let own = fields.inside(field, map);
            own.first_of(&["on", "date"]).map(|(_, on)| on).zip(own.value(figure))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    found.ok_or_else(|| malformed(field, "a pair of date and figure", "日期与数值的一对"))
}

/// Disbursements, from `disbursements`, the events, or `principal` on its day.
fn advances(fields: &Fields<'_>, today: Date) -> Result<Vec<(Date, Money)>, Problem> {
    let principal = fields.amount("principal")?;
    let day = match fields.date("disbursed")? {
        Some(day) => day,
        None => fields.date("start")?.unwrap_or(today),
    };
    if let Some(list) = fields.list("disbursements")? {
        let mut advances = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let field = format!("disbursements[{index}]");
            let (on, amount) = pair(fields, &field, value, "amount")?;
            advances.push((date_of(&field, on)?, amount_of(&field, amount)?));
        }
        let sum = advances.iter().try_fold(Money::ZERO, |sum, (_, more)| sum.plus(*more));
        let sum = sum.ok_or_else(|| Problem::new("disbursements", Fault::TooLarge))?;
        // The principal is all of them, or the first of them.
        let first = advances.first().map(|(_, amount)| *amount);
        if principal.is_some_and(|principal| principal != sum && Some(principal) != first) {
            return Err(Problem::contradiction(fields.name("disbursements"), "principal"));
        }
        advances.sort_by_key(|(date, _)| *date);
        return Ok(advances);
    }
    let principal = fields.needed("principal", principal)?;
    Ok(vec![(day, principal)])
}

fn grace(fields: &Fields<'_>) -> Result<Grace, Problem> {
    let interest_rule = match fields.word("grace_interest_rule")?.as_deref() {
        None | Some("listed") => InterestGrace::Listed,
        Some("deferred" | "defer") => InterestGrace::Deferred,
        Some(_) => {
            let field = fields.name("grace_interest_rule");
            return Err(malformed(&field, "listed or deferred", "listed 或 deferred"));
        }
    };
    let free_rule = match fields.word("interest_free_rule")?.as_deref() {
        None | Some("waive" | "waived") => InterestFree::Waive,
        Some("defer" | "deferred") => InterestFree::Defer,
        Some(_) => {
            let field = fields.name("interest_free_rule");
            return Err(malformed(&field, "waive or defer", "waive 或 defer"));
        }
    };
    Ok(Grace {
        principal: fields.count("grace_principal")?.unwrap_or_default(),
        interest: fields.count("grace_interest")?.unwrap_or_default(),
        interest_rule,
        free: fields.count("interest_free")?.unwrap_or_default(),
        free_rule,
    })
}
