//! Closing of periods (期间关账): the trial balance of a month is kept with a digest, and nothing is
//! posted into the month any more.
//!
//! Months are closed in order, and never opened again: what was wrong is corrected by a contra entry
//! in an open one.

mod sql;

use std::fmt;
use std::fmt::Write as _;

use kernel::id::OperatorId;
use kernel::{Date, Instant};
use sha2::{Digest as _, Sha256};
use store::{Fault, params};

use super::balances::SETTLED_AFTER_MS;
use super::totals::{Days, Figures, figures, first_day};
use crate::audit::{self, Actor, Subject};
use crate::servicing::day_end::{self, Phase};
use crate::{Page, Tx};

/// A period of the books: a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Date);

impl Period {
    /// The month that a day is in.
    pub fn of(day: Date) -> Self {
        Self(Date::from_ymd(day.year(), day.month(), 1).unwrap_or(day))
    }

    /// Reads `2026-03`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_month = text.len() == 7 && text.bytes().all(|sign| sign != b'T');
        let first = Date::parse(&format!("{text}-01"));
        first.filter(|_| is_month).map(Self)
    }

    /// The number that the database knows it by: 202603.
    pub fn number(self) -> i64 {
        i64::from(self.0.year()).saturating_mul(100).saturating_add(i64::from(self.0.month()))
    }

    fn from_number(number: i64) -> Option<Self> {
        let year = i16::try_from(number.div_euclid(100)).ok()?;
        let month = i8::try_from(number.rem_euclid(100)).ok()?;
        Date::from_ymd(year, month, 1).map(Self)
    }

    /// Its days.
    pub fn days(self) -> Days {
        let days = u32::from(self.0.days_in_month().unsigned_abs());
        let to = self.0.plus_days(days.saturating_sub(1)).unwrap_or(self.0);
        Days { from: self.0, to }
    }

    /// The month after it.
    pub fn next(self) -> Option<Self> {
        self.0.plus_months(1).map(Self)
    }

    fn before(self, months: i64) -> Option<Self> {
        self.0.minus_months(u32::try_from(months).ok()?).map(Self)
    }

    /// The instant at which it is over.
    fn end(self) -> Instant {
        self.days().to.start().plus_days(1)
    }

    /// Months from this one to another; none to an earlier one.
    fn months_until(self, other: Self) -> i64 {
        let months = |period: Self| {
            let year = i64::from(period.0.year()).saturating_mul(12);
            year.saturating_add(i64::from(period.0.month()))
        };
        months(other).saturating_sub(months(self)).max(0)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// That a period was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The period.
    pub period: Period,
    /// SHA-256 over its trial balance and the digest of the period before it, in hexadecimal.
    pub digest: String,
    /// Who closed it.
    pub by: OperatorId,
    /// When, by the wall clock.
    pub at: Instant,
}

/// Why a period was not closed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// Nothing was posted in it or before it.
    #[error("nothing is posted in this period")]
    NothingPosted,
    /// It is closed already.
    #[error("the period is closed")]
    Closed,
    /// An earlier one is open.
    #[error("{0} is to be closed first")]
    EarlierOpen(Period),
    /// It is not over, or has been for less than ten minutes: what was begun in it may still be on
    /// its way.
    #[error("the period is not over")]
    NotOver,
    /// The day-end of one of its days is not finished.
    #[error("the day-ends are finished up to {0:?} only")]
    DayEndsOpen(Option<Date>),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How a period stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodState {
    /// It is not over.
    Running,
    /// It is over, and it or one before it has to be closed.
    Over,
    /// It is closed.
    Closed,
}

impl PeriodState {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Over => "over",
            Self::Closed => "closed",
        }
    }
}

/// A period as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The period.
    pub period: Period,
    /// How it stands.
    pub state: PeriodState,
    /// How it was closed, if it was.
    pub closing: Option<Closing>,
    /// Movements of it.
    pub transfers: i64,
}

/// A page of the periods, the newest first: from the one that runs back to the first in which
/// anything was posted.
pub fn periods(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Standing>, Fault> {
    let newest = Period::of(tx.at.business.date());
    let Some(first) = first_day(tx)?.map(Period::of) else { return Ok(Vec::new()) };
    let last = first.months_until(newest);
    let end = page.offset().saturating_add(page.size()).min(last.saturating_add(1));
    let all: Vec<_> = (page.offset()..end).map_while(|place| newest.before(place)).collect();
    standings(tx, &all)
}

/// One period; `None` for one before anything was posted, or that has not begun.
pub fn period(tx: &mut Tx<'_, '_>, period: Period) -> Result<Option<Standing>, Fault> {
    let first = first_day(tx)?.map(Period::of);
    let has_begun = period <= Period::of(tx.at.business.date());
    if first.is_none_or(|first| period < first) || !has_begun {
        return Ok(None);
    }
    Ok(standings(tx, &[period])?.into_iter().next())
}

/// How some periods stand, which follow each other backwards.
fn standings(tx: &mut Tx<'_, '_>, all: &[Period]) -> Result<Vec<Standing>, Fault> {
    let (Some(newest), Some(oldest)) = (all.first(), all.last()) else { return Ok(Vec::new()) };
    let days = Days { from: oldest.days().from, to: newest.days().to };
    let closings = sql::closings(tx, (*oldest, *newest))?;
    let movements = sql::movements(tx, days)?;
    let now = tx.at.business;
    let standing = |period: &Period| {
        let closing = closings.iter().find(|closing| closing.period == *period).cloned();
        let state = match closing {
            Some(_) => PeriodState::Closed,
            None if now < period.end() => PeriodState::Running,
            None => PeriodState::Over,
        };
        let of = movements.iter().filter(|(day, _)| Period::of(*day) == *period);
        let transfers = of.fold(0, |sum: i64, (_, count)| sum.saturating_add(*count));
        Standing { period: *period, state, closing, transfers }
    };
    Ok(all.iter().map(standing).collect())
}

/// The trial balance of a closed period, as it was kept.
pub fn kept_figures(tx: &mut Tx<'_, '_>, period: Period) -> Result<Vec<Figures>, Fault> {
    sql::lines(tx, period)
}

/// Closes a period. Of two operators at once, one does.
pub fn close(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    period: Period,
) -> Result<Closing, CloseError> {
    // The row of the totals stands for the books: whoever closes waits for whoever else does.
    tx.row("SELECT through_id FROM ledger_through WHERE book = 1 FOR UPDATE", params![], |row| {
        row.i64("through_id")
    })?;
    let first = first_day(tx)?.map(Period::of).filter(|first| *first <= period);
    let first = first.ok_or(CloseError::NothingPosted)?;
    let last = sql::last_closing(tx)?;
    let next = last.as_ref().map_or(Some(first), |last| last.period.next());
    match next {
        Some(next) if period > next => return Err(CloseError::EarlierOpen(next)),
        Some(next) if period == next => {}
        Some(_) | None => return Err(CloseError::Closed),
    }
    if tx.at.business < period.end().plus_millis(SETTLED_AFTER_MS) {
        return Err(CloseError::NotOver);
    }
    day_ends_are_done(tx, period.days().to)?;
    let figures = moved(&figures(tx, period.days())?);
    let digest = digest(period, &figures, last.as_ref().map(|last| last.digest.as_str()));
    let closing = Closing { period, digest: hex(&digest), by: operator, at: tx.at.wall };
    sql::insert(tx, &closing, (&digest, &figures))?;
    let detail = format!("{period}: {}", closing.digest);
    audit::note(tx, Actor::Operator(operator), "period.closed", Subject::Platform, &detail)?;
    Ok(closing)
}

fn day_ends_are_done(tx: &mut Tx<'_, '_>, through: Date) -> Result<(), CloseError> {
    let newest = Page::new(1, 1).ok_or_else(|| Fault::Corrupt("page".into()))?;
    // Days are worked through in order: the last one tells of all before it.
    let last = day_end::days(tx, newest)?.into_iter().next();
    let done = last.and_then(|last| match last.phase {
        Phase::Done => Some(last.day),
        Phase::Accrue | Phase::Lapse | Phase::Expire | Phase::Debit | Phase::Remind => {
            last.day.minus_days(1)
        }
    });
    if done.is_some_and(|done| done >= through) {
        return Ok(());
    }
    Err(CloseError::DayEndsOpen(done))
}

/// The instant before which nothing may be posted: the end of the last closed period.
pub(crate) fn open_from(tx: &mut store::Tx<'_>) -> Result<Instant, Fault> {
    let select = "SELECT MAX(period) AS period FROM ledger_period";
    let last = tx.row(select, params![], |row| row.opt_i64("period"))?.flatten();
    Ok(last.and_then(Period::from_number).map_or(Instant::from_millis(0), Period::end))
}

/// The first closed period that is not as it was closed.
pub(super) fn verify(tx: &mut Tx<'_, '_>) -> Result<Result<i64, i64>, Fault> {
    let mut before: Option<Closing> = None;
    let mut count = 0_i64;
    for closing in sql::all_closings(tx)? {
        let number = closing.period.number();
        let is_next = before.as_ref().is_none_or(|b| b.period.next() == Some(closing.period));
        let now = moved(&figures(tx, closing.period.days())?);
        let previous = before.as_ref().map(|before| before.digest.as_str());
        let same = sql::lines(tx, closing.period)? == now
            && hex(&digest(closing.period, &now, previous)) == closing.digest;
        if !is_next || !same {
            return Ok(Err(number));
        }
        before = Some(closing);
        count = count.saturating_add(1);
    }
    Ok(Ok(count))
}

/// The classes in which there is anything.
fn moved(figures: &[Figures]) -> Vec<Figures> {
    let is_moved = |f: &&Figures| (f.opening_fen, f.debit_fen, f.credit_fen) != (0, 0, 0);
    figures.iter().filter(is_moved).copied().collect()
}

/// SHA-256 over these lines, each with its end: the period, the digest of the one before it in
/// hexadecimal or `-`, and for each class in the order of the codes its word, opening balance,
/// debits, credits and closing balance in fen, with blanks between them.
fn digest(period: Period, figures: &[Figures], previous: Option<&str>) -> [u8; 32] {
    let mut text = format!("{period}\n{}\n", previous.unwrap_or("-"));
    for line in figures {
        let (word, opening, closing) = (line.class.word, line.opening_fen, line.closing_fen());
        // A String takes everything.
        let _ = writeln!(text, "{word} {opening} {} {} {closing}", line.debit_fen, line.credit_fen);
    }
    Sha256::digest(text.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_months() {
        let march = Period::parse("2026-03").unwrap();
        assert_eq!((march.to_string().as_str(), march.number()), ("2026-03", 202_603));
        assert_eq!(Period::from_number(202_603), Some(march));
        let days = march.days();
        assert_eq!((days.from.to_string().as_str(), days.count()), ("2026-03-01", 31));
        assert_eq!(days.to.to_string(), "2026-03-31");
        assert_eq!(Period::parse("2025-12").unwrap().next(), Period::parse("2026-01"));
        assert_eq!(Period::parse("2025-11").unwrap().months_until(march), 4);
        assert_eq!(march.months_until(Period::parse("2025-11").unwrap()), 0);
        for text in ["", "2026", "2026-13", "2026-3", "2026-00", "26-03", "+02026-03", "2026-03-01"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
