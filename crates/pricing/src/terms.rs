//! The terms of a loan, as product data, and the check that makes them fit to be priced.

use kernel::{Date, Money};

use crate::calendar::{Frequency, MAX_PERIODS, MonthEnd, Period, Rhythm};
use crate::daycount::DayCount;
use crate::fees::{Fee, FeeTime};
use crate::percent::Percent;
use crate::problem::{Fault, Problem};
use crate::rounding::{Absorb, Round, Rounding};

/// The most disbursements, and the most rate changes, of one loan.
pub const MAX_ENTRIES: usize = 400;

/// The most fees of one loan: each may be charged with every row.
pub const MAX_FEES: usize = 20;

/// How principal and interest are repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Everything at the end (一次性还本付息).
    OneOff,
    /// Interest each period, principal at the end (按期还息到期还本).
    InterestOnly,
    /// Equal instalments (等额本息).
    EqualInstalment,
    /// Equal parts of principal (等额本金).
    EqualPrincipal,
    /// Equal parts of principal, and interest always on the whole amount (等本等息).
    Flat,
}

/// What becomes of interest in the first periods when it is not paid in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InterestFree {
    /// It is not charged at all (免息).
    #[default]
    Waive,
    /// It is charged with the first period after them (缓息).
    Defer,
}

/// What a grace on the payment of interest does to the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InterestGrace {
    /// The schedule lists each period's interest in its own row as before; it only is not overdue
    /// before the first period after the grace. Source: vector `fin-rs06-grace-both`.
    #[default]
    Listed,
    /// The interest is moved to the first row after the grace.
    Deferred,
}

/// Periods without some of the payments. All counts are of periods from the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grace {
    /// Periods without principal (本金宽限期).
    pub principal: u32,
    /// Periods in which interest need not be paid yet (付息宽限期).
    pub interest: u32,
    /// What the latter does to the schedule.
    pub interest_rule: InterestGrace,
    /// Periods free of interest (免息期).
    pub free: u32,
    /// Whether that interest is waived or deferred.
    pub free_rule: InterestFree,
}

/// What the level instalment is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LevelBasis {
    /// From the interest of each period as it will be charged: only rounding is left for the end.
    #[default]
    Dates,
    /// From months of 30 days, although interest is charged by days; the last row takes the
    /// difference. An odd first period counts like the others, a month in which the rate changes at
    /// the rate with which it begins, and money that comes within a month grows by its real days.
    /// Source: vectors `fin-rs03-daily`, `fin-rp02-ontime`, `fin-rp12-reduce-emi`.
    Nominal,
}

/// A part of an amount, or an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So much.
    Amount(Money),
    /// So many percent of the base.
    Share(Percent),
}

impl Size {
    /// The amount, of a base where it is a share.
    pub(crate) fn of(self, base: Money, round: Round) -> Option<Money> {
        match self {
            Self::Amount(amount) => Some(amount),
            Self::Share(share) => Money::from_fen(share.fraction().of(base.fen(), round)?),
        }
    }
}

/// Terms as they are typed, not yet checked.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How it is repaid.
    pub method: Method,
    /// Disbursements (放款): day and amount, at least one. The first may be later than `start`, but
    /// not as late as the first due date; one on a due date belongs to the period after it.
    pub advances: Vec<(Date, Money)>,
    /// Where the first period begins (起息日).
    pub start: Date,
    /// The first due date, where it is not one period after the start.
    pub first_due: Option<Date>,
    /// How often is paid.
    pub frequency: Frequency,
    /// How many periods; may be left out only with a fixed instalment.
    pub periods: Option<u32>,
    /// Interest per year.
    pub rate: Percent,
    /// New rates: the first day that is charged at each (调息日), and the rate.
    ///
    /// The interest of a night is charged on the day that follows it, so a change on the 15th
    /// takes in the night from the 14th; a change on a due date begins with the next period. A
    /// change to the rate that there already is, is none.
    /// Source: vector `fin-ut-ratechange-0215`.
    pub rate_changes: Vec<(Date, Percent)>,
    /// How days become parts of a year.
    pub day_count: DayCount,
    /// What stands in for missing days of months.
    pub month_end: MonthEnd,
    /// How figures become whole amounts.
    pub rounding: Rounding,
    /// Periods without some of the payments.
    pub grace: Grace,
    /// A level instalment that is given, not computed. Only for equal instalments. It covers the
    /// interest of every row, and the last of `periods` takes what it leaves.
    pub instalment: Option<Money>,
    /// What the level instalment is computed from.
    pub level_basis: LevelBasis,
    /// Paid back at once on the day of the first disbursement (首付).
    pub down_payment: Option<Size>,
    /// Fees.
    pub fees: Vec<Fee>,
}

impl Terms {
    /// Monthly equal instalments by 30/360 without anything special: what the rest is changed
    /// from.
    pub fn new(principal: Money, rate: Percent, start: Date, periods: u32) -> Self {
        Self {
            method: Method::EqualInstalment,
            advances: vec![(start, principal)],
            start,
            first_due: None,
            frequency: Frequency::MONTHLY,
            periods: Some(periods),
            rate,
            rate_changes: Vec::new(),
            day_count: DayCount::Thirty360,
            month_end: MonthEnd::Clamp,
            rounding: Rounding::default(),
            grace: Grace::default(),
            instalment: None,
            level_basis: LevelBasis::Dates,
            down_payment: None,
            fees: Vec::new(),
        }
    }

    /// The field that bars interest from running by days on what is really outstanding, if one
    /// does: see [`crate::account::Recalculation`].
    pub fn bars_recalculation(&self) -> Option<&'static str> {
        let grace = &self.grace;
        let bars = [
            ("method", self.method == Method::Flat),
            ("interest_free", grace.free > 0 && grace.free_rule == InterestFree::Defer),
            (
                "grace_interest",
                grace.interest > 0 && grace.interest_rule == InterestGrace::Deferred,
            ),
            ("rounding", self.rounding.absorb == Absorb::First),
            ("down_payment", self.down_payment.is_some()),
        ];
        bars.into_iter().find(|(_, is_barred)| *is_barred).map(|(field, _)| field)
    }

    /// Checks the terms. The first problem in the order of the fields is told.
    pub fn check(mut self) -> Result<CheckedTerms, Problem> {
        if self.method == Method::OneOff {
            self.fold_periods()?;
        }
        self.check_dates()?;
        self.check_periods()?;
        self.check_advances()?;
        self.check_grace()?;
        self.check_rates()?;
        self.check_instalment()?;
        for (index, fee) in self.fees.iter().enumerate() {
            fee.check(index)?;
        }
        let periods = self.lay_out()?;
        let (first_due, last_due) = match (periods.first(), periods.last()) {
            (Some(first), Some(last)) => (first.due, last.due),
            _ => return Err(Problem::missing("n")),
        };
        // Before the first disbursement nothing can be due.
        if self.advances.first().is_none_or(|(date, _)| *date >= first_due) {
            let most = first_due.minus_days(1).unwrap_or(self.start).to_string();
            return Err(Problem::range("disbursements", self.start.to_string(), most));
        }
        if self.advances.iter().any(|(date, _)| *date >= last_due) {
            let most = last_due.minus_days(1).unwrap_or(self.start).to_string();
            return Err(Problem::range("disbursements", self.start.to_string(), most));
        }
        let changes = self.effective_changes(&periods);
        let (requested, whole, down_payment) =
            self.amounts().ok_or_else(|| Problem::new("principal", Fault::TooLarge))?;
        if down_payment.is_some_and(|down| down >= whole) {
            return Err(Problem::contradiction("down_payment", "principal"));
        }
        Ok(CheckedTerms { terms: self, periods, changes, requested, whole, down_payment })
    }

    /// What is asked for, what is owed with the fees that are added to it, and what of that is
    /// paid back at once.
    fn amounts(&mut self) -> Option<(Money, Money, Option<Money>)> {
        let sum = |advances: &[(Date, Money)]| {
            advances.iter().try_fold(Money::ZERO, |sum, (_, more)| sum.plus(*more))
        };
        let requested = sum(&self.advances)?;
        let round = self.rounding.interest;
        for fee in self.fees.iter().filter(|fee| fee.time == FeeTime::Added) {
            let added = fee.size.of(requested, round)?;
            let first = self.advances.first_mut()?;
            first.1 = first.1.plus(added)?;
        }
        let down = self.down_payment.map(|size| size.of(requested, round));
        let down = match down {
            Some(amount) => Some(amount?).filter(|amount| *amount > Money::ZERO),
            None => None,
        };
        Some((requested, sum(&self.advances)?, down))
    }

    /// A loan that is repaid once has one period, as long as all of them.
    fn fold_periods(&mut self) -> Result<(), Problem> {
        let periods = self.periods.ok_or_else(|| Problem::missing("n"))?;
        if !(1..=MAX_PERIODS).contains(&periods) {
            return Err(Problem::range("n", "1", MAX_PERIODS.to_string()));
        }
        // All of its interest can be waived, but not that of some of its periods.
        let is_all = self.grace.free == periods && self.grace.free_rule == InterestFree::Waive;
        if self.grace.free > 0 && !is_all {
            return Err(Problem::contradiction("interest_free", "method"));
        }
        self.grace.free = u32::from(is_all);
        if self.first_due.is_none() {
            let folded = self.frequency.times(periods);
            self.frequency = folded.ok_or_else(|| Problem::new("freq", Fault::TooLarge))?;
        }
        self.periods = Some(1);
        Ok(())
    }

    fn check_dates(&self) -> Result<(), Problem> {
        let dates = self.advances.iter().map(|(date, _)| ("disbursements", *date));
        let changes = self.rate_changes.iter().map(|(date, _)| ("rate_changes", *date));
        let first = self.first_due.map(|date| ("first", date));
        let all = std::iter::once(("start", self.start)).chain(first).chain(dates).chain(changes);
        for (field, date) in all {
            if !(1900..=2200).contains(&date.year()) {
                return Err(Problem::range(field, "1900-01-01", "2200-12-31"));
            }
        }
        match self.first_due {
            Some(first) if first <= self.start => Err(Problem::contradiction("first", "start")),
            _ => Ok(()),
        }
    }

    fn check_periods(&self) -> Result<(), Problem> {
        // One-off loans have all their periods in one, so the longest is as long as all rows.
        let longest = MAX_PERIODS.saturating_mul(31);
        if !(1..=longest).contains(&self.frequency.count()) {
            return Err(Problem::range("freq", "1", longest.to_string()));
        }
        match self.periods {
            Some(periods) if (1..=MAX_PERIODS).contains(&periods) => Ok(()),
            Some(_) => Err(Problem::range("n", "1", MAX_PERIODS.to_string())),
            None if self.instalment.is_some() => Ok(()),
            None => Err(Problem::missing("n")),
        }
    }

    fn check_advances(&mut self) -> Result<(), Problem> {
        if self.advances.is_empty() {
            return Err(Problem::missing("principal"));
        }
        if self.advances.len() > MAX_ENTRIES {
            return Err(Problem::range("disbursements", "1", MAX_ENTRIES.to_string()));
        }
        let field = if self.advances.len() > 1 { "disbursements" } else { "principal" };
        if self.advances.iter().any(|(_, amount)| *amount == Money::ZERO) {
            return Err(Problem::range(field, "0.01", Money::MAX.to_string()));
        }
        // A stable sort: two disbursements of one day keep their order.
        self.advances.sort_by_key(|(date, _)| *date);
        if self.advances.iter().any(|(date, _)| *date < self.start) {
            return Err(Problem::contradiction("disbursements", "start"));
        }
        if self.advances.len() > 1 {
            if self.method == Method::Flat {
                return Err(Problem::contradiction("disbursements", "method"));
            }
            if self.down_payment.is_some() {
                return Err(Problem::contradiction("down_payment", "disbursements"));
            }
            if self.rounding.absorb == Absorb::First {
                return Err(Problem::contradiction("rounding", "disbursements"));
            }
        }
        Ok(())
    }

    fn check_grace(&self) -> Result<(), Problem> {
        let Grace { principal, interest, free, .. } = self.grace;
        let amortises = !matches!(self.method, Method::OneOff | Method::InterestOnly);
        let periods = self.periods.unwrap_or(MAX_PERIODS);
        for (field, count) in
            [("grace_principal", principal), ("grace_interest", interest), ("interest_free", free)]
        {
            let whole = field == "interest_free" && self.grace.free_rule == InterestFree::Waive;
            if count > periods || (count == periods && !whole) {
                let most = periods.saturating_sub(u32::from(!whole)).to_string();
                return Err(Problem::range(field, "0", most));
            }
        }
        if principal > 0 && !amortises {
            return Err(Problem::contradiction("grace_principal", "method"));
        }
        if free > 0 && interest > 0 {
            return Err(Problem::contradiction("interest_free", "grace_interest"));
        }
        Ok(())
    }

    fn check_rates(&mut self) -> Result<(), Problem> {
        if self.rate_changes.len() > MAX_ENTRIES {
            return Err(Problem::range("rate_changes", "0", MAX_ENTRIES.to_string()));
        }
        self.rate_changes.sort_by_key(|(date, _)| *date);
        let twice = self.rate_changes.iter().zip(self.rate_changes.iter().skip(1));
        if twice.clone().any(|(one, next)| one.0 == next.0) {
            return Err(Problem::contradiction("rate_changes", "rate_changes"));
        }
        if !self.rate_changes.is_empty() && self.rounding.absorb == Absorb::First {
            return Err(Problem::contradiction("rounding", "rate_changes"));
        }
        if self.rate_changes.iter().any(|(date, _)| *date <= self.start) {
            return Err(Problem::contradiction("rate_changes", "start"));
        }
        Ok(())
    }

    fn check_instalment(&self) -> Result<(), Problem> {
        if self.fees.len() > MAX_FEES {
            return Err(Problem::range("fees", "0", MAX_FEES.to_string()));
        }
        let Some(instalment) = self.instalment else { return Ok(()) };
        if self.method != Method::EqualInstalment {
            return Err(Problem::contradiction("instalment", "method"));
        }
        if self.advances.len() > 1 {
            return Err(Problem::contradiction("instalment", "disbursements"));
        }
        if instalment == Money::ZERO {
            return Err(Problem::range("instalment", "0.01", Money::MAX.to_string()));
        }
        Ok(())
    }

    /// The periods; with a fixed instalment and no count, as many as may be needed.
    fn lay_out(&self) -> Result<Vec<Period>, Problem> {
        let rhythm = Rhythm {
            start: self.start,
            first_due: self.first_due,
            frequency: self.frequency,
            month_end: self.month_end,
        };
        let count = self.periods.unwrap_or(MAX_PERIODS);
        let mut periods = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let mut from = self.start;
        for number in 1..=count {
            let Some(period) = rhythm.period(number, from).filter(|p| p.due.year() <= 2200) else {
                if number == 1 && self.first_due.is_some() {
                    // So many regular periods before it are nobody's first period.
                    return Err(Problem::contradiction("first", "freq"));
                }
                if number == 1 {
                    let is_folded = self.method == Method::OneOff;
                    let field = if is_folded { "n" } else { "freq" };
                    return Err(Problem::contradiction(field, "start"));
                }
                if self.periods.is_none() {
                    break;
                }
                return Err(Problem::range("n", "1", number.saturating_sub(1).to_string()));
            };
            from = period.due;
            periods.push(period);
        }
        Ok(periods)
    }

    /// The days from which new rates run, see [`Terms::rate_changes`]. A change to the rate that
    /// there already is, is none.
    fn effective_changes(&self, periods: &[Period]) -> Vec<(Date, Percent)> {
        let runs_from = |date: Date| match periods.binary_search_by_key(&date, |p| p.due) {
            Ok(_) => date,
            Err(_) => date.minus_days(1).unwrap_or(date),
        };
        let mut changes: Vec<(Date, Percent)> = Vec::with_capacity(self.rate_changes.len());
        for (date, rate) in &self.rate_changes {
            let from = runs_from(*date);
            // Of two that run from the same day, the later one holds.
            changes.pop_if(|(day, _)| *day == from);
            if changes.last().map_or(self.rate, |(_, old)| *old) != *rate {
                changes.push((from, *rate));
            }
        }
        changes
    }
}

/// Terms that can be priced.
#[derive(Clone, Debug)]
pub struct CheckedTerms {
    pub(crate) terms: Terms,
    pub(crate) periods: Vec<Period>,
    /// From which day each new rate runs.
    pub(crate) changes: Vec<(Date, Percent)>,
    /// All disbursements together, before fees.
    pub(crate) requested: Money,
    /// The same with the fees that are added to it.
    pub(crate) whole: Money,
    /// What is paid back on the day of the disbursement.
    pub(crate) down_payment: Option<Money>,
}

impl CheckedTerms {
    /// The terms.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// All disbursements together, with the fees that are added to them (合同本金).
    pub fn principal(&self) -> Money {
        self.whole
    }
}
