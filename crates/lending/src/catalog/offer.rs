//! What somebody asks of a product, and the terms that it comes to: quotes and loans both go
//! through here, so that what is quoted is what is booked.

use kernel::{Date, Money, Rate};
use pricing::account::{Penalty, PenaltyTime, Rules, Settlement};
use pricing::calendar::Frequency;
use pricing::fees::{Fee, FeeBase, FeeTime as Charged};
use pricing::{CheckedTerms, Method, Percent, Problem, Schedule, Terms};

use super::{FeeTime, IntervalUnit, Product, TenorUnit, Version};

/// What is asked of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The principal (借款本金).
    pub amount: Money,
    /// Interest a year.
    pub rate: Rate,
    /// How many days or months.
    pub tenor: u32,
    /// Which of them.
    pub tenor_unit: TenorUnit,
    /// How many units lie between two payments. Where everything is paid at the end, it is not
    /// looked at but for being offered.
    pub interval_count: u32,
    /// Units of what.
    pub interval_unit: IntervalUnit,
    /// How it is repaid.
    pub method: Method,
}

/// Why a product does not offer what is asked. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// The amount is not offered.
    #[error("amount not offered")]
    Amount,
    /// The rate is not offered.
    #[error("rate not offered")]
    Rate,
    /// Neither days nor months.
    #[error("unit of the tenor not offered")]
    TenorUnit,
    /// So many days or months are not offered.
    #[error("tenor not offered")]
    Tenor,
    /// The unit of the interval is not offered.
    #[error("unit of the interval not offered")]
    IntervalUnit,
    /// So many of this unit are not offered.
    #[error("interval not offered")]
    Interval,
    /// A tenor in months is not paid every so many days.
    #[error("a tenor in months with an interval in days")]
    MonthsByDays,
    /// The method of repayment is not offered.
    #[error("method of repayment not offered")]
    Method,
    /// A tenor in days is not repaid in equal instalments.
    #[error("a tenor in days in equal instalments")]
    DaysInEqualInstalments,
    /// The tenor is not a whole number of intervals.
    #[error("the tenor is not a whole number of intervals")]
    IntervalDoesNotFit,
}

/// Whether a product offers what is asked.
pub fn offers(version: &Version, request: &Request) -> Result<(), NotOffered> {
    let holds = |offered: bool, refusal| if offered { Ok(()) } else { Err(refusal) };
    holds(version.amounts.offers(request.amount), NotOffered::Amount)?;
    holds(version.rates.offers(request.rate), NotOffered::Rate)?;
    holds(version.tenor_units.contains(&request.tenor_unit), NotOffered::TenorUnit)?;
    let tenors = match request.tenor_unit {
        TenorUnit::Day => &version.days,
        TenorUnit::Month => &version.months,
    };
    holds(tenors.offers(request.tenor), NotOffered::Tenor)?;
    holds(version.interval_units.contains(&request.interval_unit), NotOffered::IntervalUnit)?;
    holds(version.intervals.offers(request.interval_count), NotOffered::Interval)?;
    let by_days = request.interval_unit == IntervalUnit::Day;
    let is_months = request.tenor_unit == TenorUnit::Month;
    holds(!(is_months && by_days), NotOffered::MonthsByDays)?;
    holds(version.methods.contains(&request.method), NotOffered::Method)?;
    let is_level = request.method == Method::EqualInstalment;
    holds(is_months || !is_level, NotOffered::DaysInEqualInstalments)?;
    holds(rhythm(request).is_some(), NotOffered::IntervalDoesNotFit)
}

/// The terms that a request comes to, with interest from `start`.
///
/// Whether the product [`offers`] all of it is not asked here: what was approved may be less than
/// what was asked for.
pub fn terms(product: &Product, request: &Request, start: Date) -> Result<CheckedTerms, Problem> {
    version_terms(&product.version, request, start)
}

pub(super) fn version_terms(
    version: &Version,
    request: &Request,
    start: Date,
) -> Result<CheckedTerms, Problem> {
    let is_months = request.tenor_unit == TenorUnit::Month;
    if is_months && request.interval_unit == IntervalUnit::Day {
        return Err(Problem::contradiction("interval_unit", "tenor_unit"));
    }
    if !is_months && request.method == Method::EqualInstalment {
        return Err(Problem::contradiction("method", "tenor_unit"));
    }
    let (frequency, periods) =
        rhythm(request).ok_or_else(|| Problem::contradiction("interval", "tenor"))?;
    let rate = Percent::from_rate(request.rate);
    Terms {
        method: request.method,
        frequency,
        day_count: version.day_count,
        fees: version.fees.iter().map(fee).collect(),
        ..Terms::new(request.amount, rate, start, periods)
    }
    .check()
}

/// How often is paid, and how many times; `None` where the tenor is not a whole number of
/// intervals, or nothing.
pub(super) fn rhythm(request: &Request) -> Option<(Frequency, u32)> {
    let Request { tenor, tenor_unit, interval_count, interval_unit, method, .. } = *request;
    if tenor == 0 {
        return None;
    }
    if method == Method::OneOff {
        return Some(match tenor_unit {
            TenorUnit::Day => (Frequency::Days(tenor), 1),
            TenorUnit::Month => (Frequency::Months(tenor), 1),
        });
    }
    let (frequency, step) = match (tenor_unit, interval_unit.months()) {
        (TenorUnit::Day, None) => (Frequency::Days(interval_count), interval_count),
        (TenorUnit::Month, Some(months)) => {
            let step = months.checked_mul(interval_count)?;
            (Frequency::Months(step), step)
        }
        (TenorUnit::Day, Some(_)) | (TenorUnit::Month, None) => return None,
    };
    (tenor.checked_rem(step)? == 0).then_some((frequency, tenor.checked_div(step)?))
}

impl IntervalUnit {
    /// How many months it is, unless it is a day.
    pub const fn months(self) -> Option<u32> {
        match self {
            Self::Day => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
        }
    }
}

fn fee(fee: &super::ProductFee) -> Fee {
    let time = match fee.time {
        FeeTime::KeptBack => Charged::KeptBack,
        FeeTime::EachPeriod => Charged::EachPeriod,
    };
    Fee { name: fee.name.clone(), time, size: fee.size, base: FeeBase::Loan }
}

/// How a running loan of this version is treated: payments go to penalty, fee, interest and
/// principal, the oldest row first; the schedule's interest stands as it is; who settles early
/// pays interest to the day; who is late pays the penalty of the version.
pub fn rules(version: &Version) -> Rules {
    let late = &version.late;
    let penalty = (late.daily > Percent::ZERO).then(|| Penalty {
        grace_days: late.grace_days,
        cap_days: late.cap_days,
        cap_rate: late.cap_rate,
        ..Penalty::new(late.daily, late.base, PenaltyTime::Daily)
    });
    let fee = Some(version.settlement_fee).filter(|fee| *fee > Percent::ZERO);
    let settlement = Settlement { fee, ..Settlement::default() };
    Rules { penalty, settlement, ..Rules::default() }
}

/// The most that falls due within a month of the plan: what a monthly income has to bear.
///
/// A month begins with any due date and ends before the same day of the next month.
pub fn heaviest_month(schedule: &Schedule) -> Option<Money> {
    let mut most = Money::ZERO;
    for (place, first) in schedule.rows.iter().enumerate() {
        let end = first.due.plus_months(1)?;
        let within = schedule.rows.iter().skip(place).take_while(|row| row.due < end);
        let mut sum = Money::ZERO;
        for row in within {
            sum = sum.plus(row.instalment()?)?;
        }
        most = most.max(sum);
    }
    Some(most)
}
