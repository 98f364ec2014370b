//! The dearest loans that a version allows, and the legal lines they are held against.

use std::sync::OnceLock;

use kernel::{Date, Money, Rate};
use pricing::account::PenaltyBase;
use pricing::cost::{AnnualRate, CostProblem, loan};
use pricing::legal::{Contract, Finding, LegalLines, LegalProblem, Lender, Verdict};
use pricing::{CheckedTerms, Fault, Method, Percent, Problem};

use super::offer::{rhythm, version_terms};
use super::{Choice, IntervalUnit, Request, TenorUnit, Version, offers};

/// So many loans are priced when a product is saved; a product that offers more of them is to be
/// made two.
const MOST_PRICED: usize = 2000;
/// So many rows their plans have together, which is about half a second's work.
const MOST_ROWS: u32 = 100_000;

/// Why a loan cannot be held against the lines.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoFinding {
    /// It cannot be priced.
    #[error(transparent)]
    Terms(#[from] Problem),
    /// It has no annual rate.
    #[error(transparent)]
    Cost(#[from] CostProblem),
    /// A line has no figure on that day.
    #[error(transparent)]
    Line(#[from] LegalProblem),
    /// The tables of the lines cannot be read.
    #[error("the legal lines cannot be read")]
    NoLines,
}

/// The lines that come with the platform, read once.
fn lines() -> Result<&'static LegalLines, NoFinding> {
    static LINES: OnceLock<Option<LegalLines>> = OnceLock::new();
    LINES.get_or_init(|| LegalLines::shipped().ok()).as_ref().ok_or(NoFinding::NoLines)
}

/// What the lines in force say to a loan: its nominal annual rate with all fees, on what is
/// really received, against each of them.
pub fn findings(
    terms: &CheckedTerms,
    lender: Lender,
    signed_on: Date,
) -> Result<Vec<Finding<'static>>, NoFinding> {
    let schedule = terms.schedule()?;
    let flows = schedule.flows()?;
    let figure = loan::rates(terms, &schedule, &flows).yearly?.nominal;
    let mut parts = schedule.received.iter();
    let received = parts.try_fold(Money::ZERO, |sum, (_, part)| sum.plus(*part));
    let received = received.unwrap_or(Money::MAX);
    Ok(lines()?.check(&Contract { figure, received, signed_on, lender })?)
}

/// A loan above a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Excess {
    /// What would be asked for.
    pub request: Request,
    /// Which line, and by how much.
    pub finding: Finding<'static>,
}

/// The loan that is furthest above a line, of all that are priced for a version.
pub(super) fn dearest(version: &Version, on: Date) -> Result<Option<Excess>, NoFinding> {
    let mut dearest: Option<Excess> = None;
    for request in requests(version)? {
        let terms = version_terms(version, &request, on)?;
        for finding in findings(&terms, version.lender, on)? {
            // In whole ppm: the last bits of a double are no difference.
            let is_dearer = dearest
                .as_ref()
                .is_none_or(|known| ppm(finding.figure) > ppm(known.finding.figure));
            if finding.verdict == Verdict::Exceeded && is_dearer {
                dearest = Some(Excess { request, finding });
            }
        }
    }
    Ok(dearest)
}

fn ppm(figure: AnnualRate) -> Rate {
    figure.to_rate().unwrap_or(Rate::MAX)
}

/// What being late costs, where it is above a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateExcess {
    /// Interest and penalty together a year; `None` where nothing caps them.
    pub figure: Option<Percent>,
    /// The lowest line in force.
    pub limit: Rate,
    /// Its name in English.
    pub line: &'static str,
    /// Its name in Chinese.
    pub line_zh: &'static str,
}

/// Whether interest and penalty together may pass a line.
///
/// A cap of the version keeps them below it. Without one, a penalty on principal and the highest
/// interest add up; one on more than the principal has no figure, and needs a cap.
pub(super) fn late(version: &Version, on: Date) -> Result<Option<LateExcess>, NoFinding> {
    let late = &version.late;
    if late.daily == Percent::ZERO {
        return Ok(None);
    }
    let in_force = lines()?.on(on, version.lender)?;
    let Some(lowest) = in_force.iter().min_by_key(|line| line.limit) else { return Ok(None) };
    let figure = late.cap_rate.or_else(|| uncapped(version));
    let is_within = figure.is_some_and(|figure| figure <= Percent::from_rate(lowest.limit));
    Ok((!is_within).then(|| LateExcess {
        figure,
        limit: lowest.limit,
        line: &lowest.line.name_en,
        line_zh: &lowest.line.name_zh,
    }))
}

/// The highest interest and a year of penalty, in whole ppm.
fn uncapped(version: &Version) -> Option<Percent> {
    match version.late.base {
        PenaltyBase::OverduePrincipal | PenaltyBase::Outstanding => {}
        PenaltyBase::OverduePrincipalAndInterest | PenaltyBase::OverdueAmount => return None,
    }
    let penalty = version.late.daily.times(365)?.to_rate()?;
    let (_, highest) = version.rates.least_and_most()?;
    let sum = highest.ppm().checked_add(penalty.ppm())?;
    Rate::from_ppm(sum).map(Percent::from_rate)
}

/// The loans that are priced for a version: at the highest rate, with the least and the most
/// amount, by every method, tenor and interval that go together.
///
/// The highest rate is the dearest. Fees that are amounts weigh most on the least amount, and so
/// does rounding. Of tenors that are paid at the end, the shortest, the longest and the one
/// offered first stand for a range: their figure does not depend on the tenor but for fees kept
/// back, which weigh most on the shortest.
pub(super) fn requests(version: &Version) -> Result<Vec<Request>, Problem> {
    let (least, most) = version.amounts.least_and_most().ok_or(Problem::missing("amounts"))?;
    let (_, rate) = version.rates.least_and_most().ok_or(Problem::missing("rates"))?;
    let (mut out, mut rows) = (Vec::new(), 0_u32);
    for (method, tenor_unit) in pairs(&version.methods, &version.tenor_units) {
        let intervals = intervals(version, method, tenor_unit);
        for (tenor, interval) in pairs(&tenors(version, method, tenor_unit), &intervals) {
            let (interval_count, interval_unit) = interval;
            let request = Request {
                amount: least,
                rate,
                tenor,
                tenor_unit,
                interval_count,
                interval_unit,
                method,
            };
            if offers(version, &request).is_err() {
                continue;
            }
            out.push(request);
            if most > least {
                out.push(Request { amount: most, ..request });
            }
            let periods = rhythm(&request).map_or(0, |(_, periods)| periods);
            rows = rows.saturating_add(periods.saturating_mul(2));
            if out.len() > MOST_PRICED || rows > MOST_ROWS {
                let expected = "so few that 2000 loans with 100000 rows cover all combinations";
                let expected_zh = "更少的取值：与期限、还款方式的组合不超过 2000 种、还款计划合计不超过 100000 行";
                let fault = Fault::Malformed { expected, expected_zh };
                return Err(Problem::new("intervals", fault));
            }
        }
    }
    Ok(out)
}

fn pairs<A: Copy, B: Copy>(ones: &[A], others: &[B]) -> Vec<(A, B)> {
    ones.iter().flat_map(|one| others.iter().map(|other| (*one, *other))).collect()
}

fn tenors(version: &Version, method: Method, unit: TenorUnit) -> Vec<u32> {
    let (choice, first) = match unit {
        TenorUnit::Day => (&version.days, version.days_default),
        TenorUnit::Month => (&version.months, version.months_default),
    };
    match choice {
        Choice::Range { least, most } if method == Method::OneOff => {
            let mut some = vec![*least, first, *most];
            some.dedup();
            some
        }
        Choice::Range { .. } | Choice::List(_) => all(choice),
    }
}

/// Intervals that a tenor of this unit can have; one that is offered, where it does not matter.
fn intervals(version: &Version, method: Method, unit: TenorUnit) -> Vec<(u32, IntervalUnit)> {
    let by_days = unit == TenorUnit::Day;
    let fits = |interval: &IntervalUnit| (*interval == IntervalUnit::Day) == by_days;
    let at_once = method == Method::OneOff;
    let counts = if at_once { vec![version.interval_default] } else { all(&version.intervals) };
    let units = version.interval_units.iter().copied();
    let paired = |unit| counts.iter().map(move |count| (*count, unit));
    if at_once {
        let of_use = |interval: &IntervalUnit| by_days || *interval != IntervalUnit::Day;
        return units.filter(of_use).take(1).flat_map(paired).collect();
    }
    units.filter(fits).flat_map(paired).collect()
}

fn all(choice: &Choice<u32>) -> Vec<u32> {
    match choice {
        Choice::Range { least, most } => (*least..=*most).collect(),
        Choice::List(values) => values.clone(),
    }
}
