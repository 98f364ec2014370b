//! What makes a version fit to be saved: that it hangs together.

use kernel::{Money, Rate};
use pricing::terms::Size;
use pricing::{Fault, Method, Percent, Problem};

use super::worst::requests;
use super::{Choice, LateRule, ProductFee, Request, SaveProduct, TenorUnit, Version};

/// The most values of one list, and the most sentences and services: a page shows them all.
pub(super) const MOST_LISTED: usize = 50;
/// The longest text of a product, in characters.
const LONGEST_TEXT: usize = 200;
/// The most fees, as pricing takes them.
const MOST_FEES: usize = pricing::terms::MAX_FEES;
/// The longest tenor and interval in days: three years.
const MOST_DAYS: u32 = 1095;
/// The longest tenor and interval in months: ten years.
const MOST_MONTHS: u32 = 120;
/// The most steps of review.
const MOST_STEPS: u32 = 2;
/// The longest that an approval or a grace lasts: a year.
const LONGEST_WAIT: u32 = 365;
/// The highest fee for settling early: more would keep people from it.
const MOST_SETTLEMENT_PPM: u32 = 100_000;
/// The highest penalty for a day: 10 %, which no law allows; more is a typing error.
const MOST_DAILY_PPM: u32 = 100_000;
/// All of the principal.
const WHOLE_PPM: u32 = 1_000_000;
/// The most days that pricing counts of a penalty.
const MOST_COUNTED_DAYS: u32 = 100_000;

/// Whether everything that the product says goes together. The first problem in the order of the
/// fields is told.
pub(super) fn check(command: &SaveProduct) -> Result<(), Problem> {
    let version = &command.version;
    check_texts(command)?;
    check_choices(version)?;
    check_lists(version)?;
    check_late(&version.late)?;
    share("settlement_fee", version.settlement_fee, MOST_SETTLEMENT_PPM)?;
    check_fees(&version.fees)?;
    within("review_steps", version.review_steps, 0, MOST_STEPS)?;
    within("approval_days", version.approval_days, 1, LONGEST_WAIT)?;
    let least = version.amounts.least_and_most().map_or(Money::ZERO, |(least, _)| least);
    if version.first_limit < least {
        return Err(Problem::range("first_limit", least.to_string(), Money::MAX.to_string()));
    }
    check_use(version)
}

fn check_texts(command: &SaveProduct) -> Result<(), Problem> {
    let version = &command.version;
    if !is_code(&command.code) {
        return Err(malformed(
            "code",
            "1 to 32 letters, digits, - or _",
            "1 至 32 位字母、数字、- 或 _",
        ));
    }
    text("name", &version.name)?;
    count("description", version.description.len(), 0)?;
    for sentence in &version.description {
        text("description", sentence)?;
    }
    count("services", version.services.len(), 0)?;
    if version.services.iter().any(|service| !is_code(service)) {
        return Err(malformed(
            "services",
            "codes of letters, digits, - or _",
            "字母、数字、- 或 _ 组成的代码",
        ));
    }
    Ok(())
}

fn is_code(code: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&code.len()) && code.bytes().all(fits)
}

fn text(field: &'static str, text: &str) -> Result<(), Problem> {
    let is_blank = text.trim().is_empty();
    if is_blank || text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(malformed(field, "one line of 1 to 200 characters", "1 至 200 字的单行文字"));
    }
    Ok(())
}

fn check_choices(version: &Version) -> Result<(), Problem> {
    let cent = Money::from_fen(1).unwrap_or(Money::ZERO);
    choice("amounts", &version.amounts, cent, Money::MAX)?;
    offered("amount_default", &version.amounts, version.amount_default)?;
    choice("rates", &version.rates, Rate::ZERO, Rate::MAX)?;
    offered("rate_default", &version.rates, version.rate_default)?;
    choice("days", &version.days, 1, MOST_DAYS)?;
    offered("days_default", &version.days, version.days_default)?;
    choice("months", &version.months, 1, MOST_MONTHS)?;
    offered("months_default", &version.months, version.months_default)?;
    choice("intervals", &version.intervals, 1, MOST_DAYS)?;
    offered("interval_default", &version.intervals, version.interval_default)
}

fn choice<T: Ord + Copy + Shown>(
    field: &'static str,
    choice: &Choice<T>,
    low: T,
    high: T,
) -> Result<(), Problem> {
    if let Choice::List(values) = choice {
        count(field, values.len(), 1)?;
        once(field, values)?;
    }
    match choice.least_and_most() {
        Some((least, most)) if low <= least && least <= most && most <= high => Ok(()),
        Some(_) | None => Err(Problem::range(field, low.shown(), high.shown())),
    }
}

fn offered<T: Ord + Copy + Shown>(
    field: &'static str,
    choice: &Choice<T>,
    value: T,
) -> Result<(), Problem> {
    match choice.least_and_most() {
        Some((least, most)) if !choice.offers(value) => {
            Err(Problem::range(field, least.shown(), most.shown()))
        }
        Some(_) | None => Ok(()),
    }
}

/// How a bound is written in a problem.
trait Shown {
    fn shown(self) -> String;
}

impl Shown for Money {
    fn shown(self) -> String {
        self.to_string()
    }
}

impl Shown for Rate {
    fn shown(self) -> String {
        Percent::from_rate(self).to_string()
    }
}

impl Shown for u32 {
    fn shown(self) -> String {
        self.to_string()
    }
}

fn check_lists(version: &Version) -> Result<(), Problem> {
    list("tenor_units", &version.tenor_units)?;
    list("methods", &version.methods)?;
    list("interval_units", &version.interval_units)?;
    if !version.interval_units.contains(&version.interval_unit_default) {
        return Err(Problem::contradiction("interval_unit_default", "interval_units"));
    }
    Ok(())
}

fn list<T: PartialEq>(field: &'static str, values: &[T]) -> Result<(), Problem> {
    count(field, values.len(), 1)?;
    once(field, values)
}

fn once<T: PartialEq>(field: &'static str, values: &[T]) -> Result<(), Problem> {
    let mut rest = values.iter();
    while let Some(value) = rest.next() {
        if rest.as_slice().contains(value) {
            return Err(malformed(field, "a list without repeats", "不重复的列表"));
        }
    }
    Ok(())
}

fn check_late(late: &LateRule) -> Result<(), Problem> {
    share("late.daily", late.daily, MOST_DAILY_PPM)?;
    within("late.grace_days", late.grace_days, 0, LONGEST_WAIT)?;
    if let Some(days) = late.cap_days {
        within("late.cap_days", days, late.grace_days.saturating_add(1), MOST_COUNTED_DAYS)?;
    }
    late.cap_rate.map_or(Ok(()), |rate| share("late.cap_rate", rate, Rate::MAX.ppm()))
}

fn check_fees(fees: &[ProductFee]) -> Result<(), Problem> {
    if fees.len() > MOST_FEES {
        return Err(Problem::range("fees", "0", MOST_FEES.to_string()));
    }
    for fee in fees {
        text("fees.name", &fee.name)?;
        text("fees.collector", &fee.collector)?;
        match fee.size {
            Size::Share(part) => share("fees.size", part, WHOLE_PPM)?,
            Size::Amount(_) => {}
        }
    }
    Ok(())
}

/// A percentage that the database can hold: whole ppm, and no more than makes sense.
fn share(field: &'static str, percent: Percent, most_ppm: u32) -> Result<(), Problem> {
    match percent.to_rate() {
        Some(rate) if rate.ppm() <= most_ppm => Ok(()),
        Some(_) => {
            let most = Rate::from_ppm(most_ppm).unwrap_or(Rate::MAX);
            Err(Problem::range(field, "0", most.shown()))
        }
        None => Err(malformed(field, "percent with at most four decimals", "至多四位小数的百分数")),
    }
}

/// Whether each unit of the tenor, each interval unit and each method is of any use: something
/// can be borrowed with it.
fn check_use(version: &Version) -> Result<(), Problem> {
    let requests = requests(version)?;
    let of_use = |is_it: &dyn Fn(&Request) -> bool| requests.iter().any(is_it);
    for unit in &version.tenor_units {
        if !of_use(&|request| request.tenor_unit == *unit) {
            return Err(Problem::contradiction("tenor_units", "intervals"));
        }
    }
    for method in &version.methods {
        if !of_use(&|request| request.method == *method) {
            let is_level = *method == Method::EqualInstalment;
            let only_days = !version.tenor_units.contains(&TenorUnit::Month);
            let other = if is_level && only_days { "tenor_units" } else { "intervals" };
            return Err(Problem::contradiction("methods", other));
        }
    }
    Ok(())
}

fn count(field: &'static str, count: usize, least: usize) -> Result<(), Problem> {
    if (least..=MOST_LISTED).contains(&count) {
        return Ok(());
    }
    let expected = if least == 0 { "at most 50 entries" } else { "1 to 50 entries" };
    Err(malformed(field, expected, if least == 0 { "至多 50 项" } else { "1 至 50 项" }))
}

fn within(field: &'static str, value: u32, least: u32, most: u32) -> Result<(), Problem> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Problem::range(field, least.to_string(), most.to_string()))
}

fn malformed(field: &'static str, expected: &'static str, expected_zh: &'static str) -> Problem {
    Problem::new(field, Fault::Malformed { expected, expected_zh })
}
