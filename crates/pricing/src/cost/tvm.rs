//! Time value of money as financial calculators have it: theoretical figures, not for booking.
//!
//! Signs and names are those of the common calculators (and of numpy-financial): money received
//! is positive, money paid negative, so that the instalment of a loan received is negative. All
//! arguments and results are unrounded doubles; a schedule that is booked comes from elsewhere.
//! What has no finite answer is `None`.

use super::equation::Equation;
use super::{AnnualRate, CostProblem, MAX_FLOWS, root};

/// When in its period a payment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At the end (期末).
    End,
    /// At the beginning (期初).
    Begin,
}

impl When {
    fn factor(self) -> f64 {
        match self {
            Self::End => 0.0,
            Self::Begin => 1.0,
        }
    }
}

/// An annuity (年金): a present value paid back in equal payments, with a rest at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Annuity {
    /// Rate per period, as a fraction.
    pub rate: f64,
    /// Number of periods.
    pub periods: f64,
    /// Present value: a loan received is positive.
    pub present: f64,
    /// Future value: a rest still to be paid at the end is negative.
    pub future: f64,
    /// When payments are made.
    pub when: When,
}

impl Annuity {
    /// A loan paid back completely at the end of each period.
    pub const fn loan(rate: f64, periods: f64, present: f64) -> Self {
        Self { rate, periods, present, future: 0.0, when: When::End }
    }

    /// The payment of each period, `PMT`.
    pub fn payment(&self) -> Option<f64> {
        let rest = self.future * growth(self.rate, -self.periods);
        finite(-(self.present + rest) / discounted(self.rate, self.periods, self.when))
    }

    /// The interest in the payment of a period, from 1, `IPMT`.
    pub fn interest(&self, period: u32) -> Option<f64> {
        if period == 0 || f64::from(period) > self.periods {
            return None;
        }
        if self.when == When::Begin && period == 1 {
            return Some(0.0);
        }
        // What is owed is the worth of all payments to come.
        let left = self.periods - f64::from(period) + 1.0;
        let owed = present_value(self.rate, left, self.payment()?, self.future, self.when)?;
        let interest = -owed * self.rate;
        finite(match self.when {
            When::End => interest,
            When::Begin => interest / (1.0 + self.rate),
        })
    }

    /// The principal in the payment of a period, from 1, `PPMT`.
    pub fn principal(&self, period: u32) -> Option<f64> {
        finite(self.payment()? - self.interest(period)?)
    }
}

/// The future value, `FV`, of a payment in each period and of a present value.
pub fn future_value(
    rate: f64,
    periods: f64,
    payment: f64,
    present: f64,
    when: When,
) -> Option<f64> {
    let growth = growth(rate, periods);
    finite(-growth * (present + payment * discounted(rate, periods, when)))
}

/// The present value, `PV`, of a payment in each period and of a future value.
pub fn present_value(
    rate: f64,
    periods: f64,
    payment: f64,
    future: f64,
    when: When,
) -> Option<f64> {
    let rest = future * growth(rate, -periods);
    finite(-(rest + payment * discounted(rate, periods, when)))
}

/// The number of periods, `NPER`, after which payments turn a present into a future value.
pub fn periods(rate: f64, payment: f64, present: f64, future: f64, when: When) -> Option<f64> {
    if rate == 0.0 {
        return finite(-(future + present) / payment);
    }
    let level = payment * (1.0 + rate * when.factor()) / rate;
    finite(((level - future) / (level + present)).ln() / rate.ln_1p())
}

/// The net present value, `NPV`: the first amount counts in full, each next one a period later.
pub fn npv(rate: f64, amounts: &[f64]) -> Option<f64> {
    let factor = 1.0 / (1.0 + rate);
    finite(amounts.iter().rev().fold(0.0, |sum, amount| sum * factor + amount))
}

/// The internal rate of return per period, `IRR`, as a fraction.
///
/// Where several rates solve the equation, calculators pick one of them silently; here they are
/// listed in [`CostProblem::SeveralRoots`].
pub fn irr(amounts: &[f64]) -> Result<f64, CostProblem> {
    if amounts.len() > MAX_FLOWS {
        return Err(CostProblem::TooManyFlows);
    }
    // Within these bounds neither a sum nor a ratio leaves the range of a double.
    let sane = |amount: &f64| *amount == 0.0 || (1e-100..=1e100).contains(&amount.abs());
    if !amounts.iter().all(sane) {
        return Err(CostProblem::BadArgument);
    }
    let mut gap = 0.0;
    let mut started = false;
    let steps = amounts.iter().filter_map(|amount| {
        gap = if started { gap + 1.0 } else { 0.0 };
        if *amount == 0.0 {
            return None;
        }
        started = true;
        Some((std::mem::replace(&mut gap, 0.0), 0.0, *amount))
    });
    let equation = Equation::from_steps(steps, amounts.iter().sum())?;
    super::rate::fraction_of(root::solve(&equation)?)
}

/// The nominal annual rate of a loan paid back in equal monthly payments, `Apr` of `FormCalc`.
pub fn apr(principal: f64, payment: f64, months: u32) -> Result<AnnualRate, CostProblem> {
    let count = usize::try_from(months).ok().filter(|count| (1..MAX_FLOWS).contains(count));
    let count = count.ok_or(CostProblem::BadArgument)?;
    if principal <= 0.0 || payment <= 0.0 {
        return Err(CostProblem::BadArgument);
    }
    let mut amounts = vec![principal];
    amounts.resize(count.saturating_add(1), -payment);
    irr(&amounts).map(|rate| AnnualRate::new(rate * 12.0))
}

/// `(1 + rate)^periods`.
fn growth(rate: f64, periods: f64) -> f64 {
    (periods * rate.ln_1p()).exp()
}

/// What a payment of 1 in each period is worth at the start: `(1 − (1 + rate)^−periods) / rate`,
/// times `1 + rate` for payments at the beginning.
fn discounted(rate: f64, periods: f64, when: When) -> f64 {
    if rate == 0.0 {
        return periods;
    }
    -(-periods * rate.ln_1p()).exp_m1() / rate * (1.0 + rate * when.factor())
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;
