//! The lender at a glance (经营总览): what waits for somebody, what is lent and late, and how the last
//! weeks went.
//!
//! It only counts; what each figure is made of is a list elsewhere.

mod lanes;
mod sql;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::{Channel, Date, Instant, Money};
use store::Fault;

pub use lanes::{Lane, lanes};

use crate::Tx;
use crate::servicing::day_end::Progress;
use crate::servicing::{bucket, day_end};

/// How many days back the figures by day and by channel go, today included.
pub const DAYS: u32 = 30;

/// What waits for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// Applications to review (待审核).
    pub to_review: i64,
    /// Approved applications whose loan has not been made (待放款).
    pub to_pay_out: i64,
    /// Drawdowns to decide.
    pub drawdowns: i64,
    /// Requests for a higher limit to decide.
    pub raises: i64,
    /// Commands that wait for a second operator.
    pub approvals: i64,
    /// Consents that have not been used.
    pub consents: i64,
    /// Loans whose payout the provider has declined.
    pub failed_payouts: i64,
}

/// Orders whose answers are awaited (在途).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Not sent yet.
    pub requested: i64,
    /// Sent, and not answered yet.
    pub sent: i64,
    /// Sent, and the answer was lost.
    pub unknown: i64,
    /// When the oldest of them was requested.
    pub oldest: Option<Instant>,
}

/// Loans and the principal that is open on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many.
    pub loans: i64,
    /// Principal that has not been repaid.
    pub principal: Money,
}

impl Standing {
    const NOTHING: Self = Self { loans: 0, principal: Money::ZERO };

    fn add(&mut self, more: Self) -> Result<(), Fault> {
        self.loans = self.loans.saturating_add(more.loans);
        let principal = self.principal.plus(more.principal);
        self.principal = principal.ok_or_else(|| Fault::Corrupt("overview".to_owned()))?;
        Ok(())
    }
}

/// Overdue loans of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// 1 for M1, and so on.
    pub number: u32,
    /// The loans.
    pub standing: Standing,
}

/// Money of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The business day.
    pub day: Date,
    /// Principal of the loans that were paid out.
    pub paid_out: Money,
    /// What was repaid, from whatever source, and not taken back.
    pub repaid: Money,
}

/// What a channel has brought in the last [`DAYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The channel.
    pub channel: Channel,
    /// Loans that were paid out.
    pub loans: i64,
    /// Their principal.
    pub principal: Money,
}

/// Applications that were decided in the last [`DAYS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Approved, whatever became of them.
    pub approved: i64,
    /// Refused by rules or people.
    pub refused: i64,
}

/// Everything at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The business day that it is of.
    pub today: Date,
    /// What waits for people.
    pub queues: Queues,
    /// What waits for providers.
    pub orders: Orders,
    /// Loans that are being repaid, the overdue ones among them.
    pub running: Standing,
    /// The overdue ones, by bucket; buckets without any are left out.
    pub buckets: Vec<Bucket>,
    /// Money of each of the last [`DAYS`], the oldest first.
    pub days: Vec<Day>,
    /// Where the loans of these days came from; channels without any are left out.
    pub channels: Vec<Share>,
    /// Decisions of these days.
    pub decided: Decided,
    /// How far the newest day-end is.
    pub day_end: Option<Progress>,
}

/// The lender at a glance, as of now.
pub fn overview(tx: &mut Tx<'_, '_>) -> Result<Overview, Fault> {
    let today = tx.at.business.date();
    let since = today.minus_days(DAYS.saturating_sub(1)).unwrap_or(today);
    let mut queues = sql::queues(tx)?;
    let standings = sql::standings(tx)?;
    queues.failed_payouts = standings.failed_payouts;
    let paid_out = sql::paid_out(tx, since)?;
    let newest = crate::Page::new(1, 1).ok_or(Fault::Corrupt("page".to_owned()))?;
    Ok(Overview {
        today,
        queues,
        orders: sql::orders(tx)?,
        running: standings.running,
        buckets: buckets(&sql::overdue(tx)?, today)?,
        days: days(&paid_out, &sql::repaid(tx, since)?, (since, today))?,
        channels: channels(&paid_out, &sql::products(tx)?)?,
        decided: sql::decided(tx, since)?,
        day_end: day_end::days(tx, newest)?.first().copied(),
    })
}

/// Loans by the day since when they are overdue, gathered by bucket.
fn buckets(overdue: &[(Date, Standing)], today: Date) -> Result<Vec<Bucket>, Fault> {
    let mut buckets = BTreeMap::<u32, Standing>::new();
    for (since, more) in overdue {
        // A day-end that is ahead of its day has marked it; it is late from the next day on.
        let number = bucket(*since, today).unwrap_or(1);
        let sum = buckets.entry(number).or_insert(Standing::NOTHING);
        sum.add(*more)?;
    }
    Ok(buckets.into_iter().map(|(number, standing)| Bucket { number, standing }).collect())
}

/// Where loans came from, by channel.
fn channels(
    paid_out: &[sql::PaidOut],
    products: &BTreeMap<i64, Channel>,
) -> Result<Vec<Share>, Fault> {
    let mut shares: BTreeMap<Channel, Standing> = BTreeMap::new();
    for of_day in paid_out {
        let channel = products.get(&of_day.product);
        let channel = channel.ok_or_else(|| Fault::Corrupt("loan.product_id".to_owned()))?;
        shares.entry(*channel).or_insert(Standing::NOTHING).add(of_day.standing)?;
    }
    let share = |(channel, sum): (Channel, Standing)| Share {
        channel,
        loans: sum.loans,
        principal: sum.principal,
    };
    Ok(shares.into_iter().map(share).collect())
}

/// Every day of a span, with nothing where nothing was moved.
fn days(
    paid_out: &[sql::PaidOut],
    repaid: &[(Date, Money)],
    (since, today): (Date, Date),
) -> Result<Vec<Day>, Fault> {
    let mut lent: BTreeMap<Date, Standing> = BTreeMap::new();
    for of_day in paid_out {
        lent.entry(of_day.day).or_insert(Standing::NOTHING).add(of_day.standing)?;
    }
    let repaid: BTreeMap<Date, Money> = repaid.iter().copied().collect();
    let mut days = Vec::new();
    let mut day = since;
    loop {
        days.push(Day {
            day,
            paid_out: lent.get(&day).map_or(Money::ZERO, |sum| sum.principal),
            repaid: repaid.get(&day).copied().unwrap_or(Money::ZERO),
        });
        match day.plus_days(1) {
            Some(next) if next <= today => day = next,
            Some(_) | None => return Ok(days),
        }
    }
}
