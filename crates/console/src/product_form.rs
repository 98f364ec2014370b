//! A version of a product as JSON, in both directions; docs/operators.md describes it.

use std::fmt::Display;

use kernel::Rate;
use lending::catalog::{
    Choice, IntervalUnit, LateRule, Percent, ProductFee, Size, TenorUnit, Version, Word,
};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::values;

/// A range, or a list of values.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum ChoiceForm<T> {
    List(Vec<T>),
    Range(RangeForm<T>),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RangeForm<T> {
    least: T,
    most: T,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LateForm {
    daily: String,
    base: String,
    grace_days: u32,
    cap_days: Option<u32>,
    cap_rate: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FeeForm {
    name: String,
    collector: String,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
}

/// Everything that a version says: amounts in yuan, rates in percent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionForm {
    name: String,
    description: Vec<String>,
    services: Vec<String>,
    amounts: ChoiceForm<String>,
    amount_default: String,
    rates: ChoiceForm<String>,
    rate_default: String,
    tenor_units: Vec<String>,
    days: ChoiceForm<u32>,
    days_default: u32,
    months: ChoiceForm<u32>,
    months_default: u32,
    methods: Vec<String>,
    interval_units: Vec<String>,
    intervals: ChoiceForm<u32>,
    interval_default: u32,
    interval_unit_default: String,
    day_count: String,
    late: LateForm,
    settlement_fee: String,
    fees: Vec<FeeForm>,
    lender: String,
    review_steps: u32,
    approval_days: u32,
    first_limit: String,
}

impl<T: Clone> ChoiceForm<T> {
    fn of<V: Copy>(choice: &Choice<V>, shown: impl Fn(V) -> T) -> Self {
        match choice {
            Choice::List(values) => Self::List(values.iter().copied().map(shown).collect()),
            Choice::Range { least, most } => {
                Self::Range(RangeForm { least: shown(*least), most: shown(*most) })
            }
        }
    }

    fn read<V>(&self, read: impl Fn(&T) -> Result<V, Failure>) -> Result<Choice<V>, Failure> {
        Ok(match self {
            Self::List(values) => Choice::List(values.iter().map(read).collect::<Result<_, _>>()?),
            Self::Range(range) => {
                Choice::Range { least: read(&range.least)?, most: read(&range.most)? }
            }
        })
    }
}

fn word<T: Word>(field: &str, word: &str) -> Result<T, Failure> {
    T::of_word(word).ok_or_else(|| Failure::field(field))
}

fn words<T: Word>(field: &str, all: &[String]) -> Result<Vec<T>, Failure> {
    all.iter().map(|text| word(field, text)).collect()
}

fn shown<T: Word + Copy>(all: &[T]) -> Vec<String> {
    all.iter().map(|value| value.word().to_owned()).collect()
}

fn percent(field: &str, text: &str) -> Result<Percent, Failure> {
    Percent::parse(text).ok_or_else(|| Failure::field(field))
}

fn text(value: impl Display) -> String {
    value.to_string()
}

impl VersionForm {
    /// The form of a version.
    pub(crate) fn of(version: &Version) -> Self {
        Self {
            name: version.name.clone(),
            description: version.description.clone(),
            services: version.services.clone(),
            amounts: ChoiceForm::of(&version.amounts, text),
            amount_default: text(version.amount_default),
            rates: ChoiceForm::of(&version.rates, values::percent),
            rate_default: values::percent(version.rate_default),
            tenor_units: shown(&version.tenor_units),
            days: ChoiceForm::of(&version.days, |days| days),
            days_default: version.days_default,
            months: ChoiceForm::of(&version.months, |months| months),
            months_default: version.months_default,
            methods: shown(&version.methods),
            interval_units: shown(&version.interval_units),
            intervals: ChoiceForm::of(&version.intervals, |count| count),
            interval_default: version.interval_default,
            interval_unit_default: version.interval_unit_default.word().to_owned(),
            day_count: version.day_count.word().to_owned(),
            late: LateForm::of(&version.late),
            settlement_fee: text(version.settlement_fee),
            fees: version.fees.iter().map(FeeForm::of).collect(),
            lender: version.lender.word().to_owned(),
            review_steps: version.review_steps,
            approval_days: version.approval_days,
            first_limit: text(version.first_limit),
        }
    }

    /// The version; the first field that cannot be read is told. Whether it hangs together is the
    /// core's to say.
    pub(crate) fn read(&self) -> Result<Version, Failure> {
        let money = |field: &'static str| move |text: &String| values::money(field, text);
        let rate = |text: &String| -> Result<Rate, Failure> { values::rate("rates", text) };
        let count = |count: &u32| -> Result<u32, Failure> { Ok(*count) };
        Ok(Version {
            name: self.name.clone(),
            description: self.description.clone(),
            services: self.services.clone(),
            amounts: self.amounts.read(money("amounts"))?,
            amount_default: values::money("amount_default", &self.amount_default)?,
            rates: self.rates.read(rate)?,
            rate_default: values::rate("rate_default", &self.rate_default)?,
            tenor_units: words::<TenorUnit>("tenor_units", &self.tenor_units)?,
            days: self.days.read(count)?,
            days_default: self.days_default,
            months: self.months.read(count)?,
            months_default: self.months_default,
            methods: words("methods", &self.methods)?,
            interval_units: words::<IntervalUnit>("interval_units", &self.interval_units)?,
            intervals: self.intervals.read(count)?,
            interval_default: self.interval_default,
            interval_unit_default: word("interval_unit_default", &self.interval_unit_default)?,
            day_count: word("day_count", &self.day_count)?,
            late: self.late.read()?,
            settlement_fee: percent("settlement_fee", &self.settlement_fee)?,
            fees: self.fees.iter().map(FeeForm::read).collect::<Result<_, _>>()?,
            lender: word("lender", &self.lender)?,
            review_steps: self.review_steps,
            approval_days: self.approval_days,
            first_limit: values::money("first_limit", &self.first_limit)?,
        })
    }
}

impl LateForm {
    /// The form of a rule.
    pub(crate) fn of(late: &LateRule) -> Self {
        Self {
            daily: text(late.daily),
            base: late.base.word().to_owned(),
            grace_days: late.grace_days,
            cap_days: late.cap_days,
            cap_rate: late.cap_rate.map(text),
        }
    }

    fn read(&self) -> Result<LateRule, Failure> {
        let cap_rate = self.cap_rate.as_deref().map(|rate| percent("late.cap_rate", rate));
        Ok(LateRule {
            daily: percent("late.daily", &self.daily)?,
            base: word("late.base", &self.base)?,
            grace_days: self.grace_days,
            cap_days: self.cap_days,
            cap_rate: cap_rate.transpose()?,
        })
    }
}

impl FeeForm {
    fn of(fee: &ProductFee) -> Self {
        let (share, amount) = match fee.size {
            Size::Share(share) => (Some(text(share)), None),
            Size::Amount(amount) => (None, Some(text(amount))),
        };
        let (name, collector) = (fee.name.clone(), fee.collector.clone());
        Self { name, collector, time: fee.time.word().to_owned(), share, amount }
    }

    fn read(&self) -> Result<ProductFee, Failure> {
        let size = match (&self.share, &self.amount) {
            (Some(share), None) => Size::Share(percent("fees.share", share)?),
            (None, Some(amount)) => Size::Amount(values::money("fees.amount", amount)?),
            (Some(_), Some(_)) | (None, None) => return Err(Failure::field("fees.share")),
        };
        let (name, collector) = (self.name.clone(), self.collector.clone());
        Ok(ProductFee { name, collector, time: word("fees.time", &self.time)?, size })
    }
}
