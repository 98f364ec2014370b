//! The Chinese disclosure rate: 明示贷款年化利率, Announcement No. 3 of 2021 of the
//! People's Bank of China (2021-03-31).
//!
//! 「贷款年化利率应以对借款人收取的所有贷款成本与其实际占用的贷款本金的比例计算，并折算为年化形式」:
//! all interest and fees that go with the loan, over the principal that is really outstanding,
//! after each repayment the rest of it. 「贷款年化利率可采用复利或单利方法计算。复利计算方法即内部收益率法
//! …采用单利计算方法的，应说明是单利」: the compound method is the internal rate of return, and a
//! simple rate has to be called simple.
//!
//! The principal is what the borrower really received (民法典 第670条): interest taken up front is
//! neither principal nor, a second time, cost.

use kernel::{Change, Date, Money};

use super::equation::float;
use super::{
    AnnualRate, CostProblem, YearFraction, effective_by_days, effective_by_years, period_rate,
};

/// The internal rate of return (内部收益率法) in both of its annual forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IrrRates {
    /// Compound (复利): `(1 + i)^(periods a year) − 1`, what the announcement's 复利 says.
    pub effective: AnnualRate,
    /// Nominal (名义): `i × periods a year`, the form that lenders print beside a contract rate,
    /// and that equals the contract rate of a loan without fees.
    pub nominal: AnnualRate,
}

/// The rate of flows by equal periods, so many of them a year.
pub fn irr_rates(flows: &[(u32, Change)], per_year: u32) -> Result<IrrRates, CostProblem> {
    let rate = period_rate(flows)?;
    Ok(IrrRates { effective: rate.effective(per_year)?, nominal: rate.nominal(per_year) })
}

/// The rate of dated flows, by days over 365, of a loan with periods of this length.
pub fn irr_rates_by_days(
    flows: &[(Date, Change)],
    period: YearFraction,
) -> Result<IrrRates, CostProblem> {
    Ok(rates(effective_by_days(flows)?, period))
}

/// The rate of flows at exact parts of a year, of a loan with periods of this length.
pub fn irr_rates_by_years(
    flows: &[(YearFraction, Change)],
    period: YearFraction,
) -> Result<IrrRates, CostProblem> {
    Ok(rates(effective_by_years(flows)?, period))
}

/// Both forms of an effective rate. The nominal one compounds as often as the loan is paid, so
/// that it is the simple rate of a loan that is paid once, and the contract's of one by the month.
fn rates(effective: AnnualRate, period: YearFraction) -> IrrRates {
    let length = f64::from(period.numerator()) / f64::from(period.denominator());
    if length <= 0.0 {
        return IrrRates { effective, nominal: effective };
    }
    let each = (effective.fraction().ln_1p() * length).exp_m1();
    IrrRates { effective, nominal: AnnualRate::new(each / length) }
}

/// The simple rate (单利), an exact fraction until it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimpleRate {
    /// Cost in fen × 365.
    numerator: i128,
    /// Fen outstanding × days; positive.
    denominator: i128,
}

/// The word that has to stand beside a simple rate.
pub const SIMPLE_LABEL_ZH: &str = "单利";

/// Total cost over the principal and the days for which it was outstanding, 365 days a year.
///
/// `cost` is everything paid beyond the principal received; `occupied` has each balance with the
/// days for which it stood. The same balance may come several times.
pub fn simple_rate(cost: Money, occupied: &[(Money, u32)]) -> Result<SimpleRate, CostProblem> {
    if occupied.len() > super::MAX_FLOWS {
        return Err(CostProblem::TooManyFlows);
    }
    // At most 10^4 × 10^12 × 2^32 and 10^12 × 365: far below the range of 128 bits.
    let denominator = occupied.iter().fold(0_i128, |sum, (balance, days)| {
        let days = i128::from(*days);
        sum.saturating_add(i128::from(balance.fen()).saturating_mul(days))
    });
    if denominator == 0 {
        return Err(CostProblem::NoTimePasses);
    }
    Ok(SimpleRate { numerator: i128::from(cost.fen()).saturating_mul(365), denominator })
}

impl SimpleRate {
    /// The percent in so many decimals (at most 12), rounded half up, exactly.
    pub fn percent_text(self, decimals: u32) -> String {
        let decimals = decimals.min(12);
        let unit = 10_i128.saturating_pow(decimals);
        // (n × 100 × unit) / d, half up: at most 4 × 10^14 × 10^14 before the division.
        let doubled = self.numerator.saturating_mul(200).saturating_mul(unit);
        let rounded = doubled
            .saturating_add(self.denominator)
            .checked_div(self.denominator.saturating_mul(2))
            .unwrap_or(0);
        let (whole, rest) =
            (rounded.checked_div(unit).unwrap_or(0), rounded.checked_rem(unit).unwrap_or(0));
        let width = usize::try_from(decimals).unwrap_or(0);
        if decimals == 0 { whole.to_string() } else { format!("{whole}.{rest:0width$}") }
    }

    /// The rate as a double, to compare with others.
    pub fn annual(self) -> AnnualRate {
        AnnualRate::new(wide_float(self.numerator) / wide_float(self.denominator))
    }
}

/// A whole number below 2^95 as a double.
fn wide_float(value: i128) -> f64 {
    let upper = i64::try_from(value.div_euclid(1 << 32)).unwrap_or(i64::MAX);
    let lower = i64::try_from(value.rem_euclid(1 << 32)).unwrap_or(0);
    float(upper) * 4_294_967_296.0 + float(lower)
}
