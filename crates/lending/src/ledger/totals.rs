//! Totals by business day and class of account, which a job adds up behind the postings.
//!
//! Movements write nothing but themselves. The job takes those that have settled, in the order of
//! their ids, each once; whoever reads adds what has been posted since.

use kernel::Date;
use store::{Fault, params};

use super::balances::SETTLED_AFTER_MS;
use super::classes::Class;
use crate::ids::IdSource;
use crate::{Lending, Route, Tx};

/// What a class of accounts had, and what was posted to it; in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The class.
    pub class: Class,
    /// The balance before the first day, credits positive.
    pub opening_fen: i64,
    /// Debits of the days.
    pub debit_fen: i64,
    /// Credits of the days.
    pub credit_fen: i64,
}

impl Figures {
    /// The balance after the last day, credits positive.
    pub const fn closing_fen(&self) -> i64 {
        self.opening_fen.saturating_sub(self.debit_fen).saturating_add(self.credit_fen)
    }
}

/// Days of the books, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last; not before the first.
    pub to: Date,
}

impl Days {
    /// From the first instant of the first day, in milliseconds.
    pub(super) fn start(self) -> i64 {
        self.from.start().millis()
    }

    /// To before this one.
    pub(super) fn end(self) -> i64 {
        self.to.start().plus_days(1).millis()
    }

    /// How many days they are.
    pub fn count(self) -> i32 {
        self.from.days_until(self.to).saturating_add(1)
    }
}

/// The figures of every class over some days (试算平衡), in the order of the codes. One row for
/// each day that is over and class is read, and what was posted in the last minutes.
pub fn figures(tx: &mut Tx<'_, '_>, days: Days) -> Result<Vec<Figures>, Fault> {
    let through = through(tx)?;
    let select = "SELECT class,
            CAST(SUM(CASE WHEN business_day < ?1 THEN credit_fen - debit_fen ELSE 0 END) AS BIGINT)
                AS opening_fen,
            CAST(SUM(CASE WHEN business_day >= ?1 THEN debit_fen ELSE 0 END) AS BIGINT)
                AS debit_fen,
            CAST(SUM(CASE WHEN business_day >= ?1 THEN credit_fen ELSE 0 END) AS BIGINT)
                AS credit_fen
        FROM (SELECT business_day, class, debit_fen, credit_fen FROM ledger_total
                WHERE business_day <= ?2
            UNION ALL SELECT (t.posted_at + 28800000) / 86400000, p.account_id % 100,
                CASE WHEN p.amount_fen < 0 THEN -p.amount_fen ELSE 0 END,
                CASE WHEN p.amount_fen > 0 THEN p.amount_fen ELSE 0 END
            FROM posting p JOIN transfer t ON t.transfer_id = p.transfer_id
            WHERE p.posting_id > ?3 AND t.transfer_id > ?3 AND t.posted_at < ?4) d
        GROUP BY class";
    let mut found = tx.rows(select, params![days.from, days.to, through, days.end()], |row| {
        let class = Class::from_number(row.i64("class")?);
        Ok(Figures {
            class: class.ok_or_else(|| Fault::Corrupt("ledger_total.class".into()))?,
            opening_fen: row.i64("opening_fen")?,
            debit_fen: row.i64("debit_fen")?,
            credit_fen: row.i64("credit_fen")?,
        })
    })?;
    found.sort_by_key(|figures| figures.class.code);
    Ok(found)
}

/// The last posting that is in the totals.
pub(super) fn through(tx: &mut Tx<'_, '_>) -> Result<i64, Fault> {
    let select = "SELECT through_id FROM ledger_through WHERE book = 1";
    Ok(tx.row(select, params![], |row| row.i64("through_id"))?.unwrap_or(0))
}

/// Movements that have settled and are in no total yet, added up.
#[derive(Clone, Debug)]
struct Batch {
    /// The last id that is in the totals.
    after: i64,
    /// The last id of the batch.
    last: i64,
    movements: i64,
    /// Business day, class, debits, credits, postings.
    totals: Vec<[i64; 5]>,
    /// Business day, first id, last id, movements.
    days: Vec<[i64; 4]>,
}

/// Adds the next movements that have settled to the totals, so many at most; how many they were.
///
/// They are added up on a snapshot, since they do not change any more; only the few sums are written
/// in a transaction, unless another node was quicker.
pub fn add_totals(lending: &Lending, most: u32) -> Result<i64, Fault> {
    let Some(batch) = lending.read_and_wait(move |tx| next(tx, most))? else { return Ok(0) };
    let movements = batch.movements;
    let kept = lending.write_and_wait(Route::home(0), move |tx| keep(tx, &batch))?;
    Ok(if kept { movements } else { 0 })
}

fn next(tx: &mut Tx<'_, '_>, most: u32) -> Result<Option<Batch>, Fault> {
    let after = through(tx)?;
    let settled = IdSource::floor(tx.at.wall.plus_millis(-SETTLED_AFTER_MS));
    let select = "SELECT COUNT(*) AS n, MAX(transfer_id + lines) AS last_id FROM (
        SELECT transfer_id, lines FROM transfer WHERE transfer_id > ?1 AND transfer_id <= ?2
        ORDER BY transfer_id LIMIT ?3) t";
    let found = tx.row(select, params![after, settled, most], |row| {
        Ok(row.opt_i64("last_id")?.zip(Some(row.i64("n")?)))
    })?;
    let Some((last, movements)) = found.flatten() else { return Ok(None) };
    let select = "SELECT (t.posted_at + 28800000) / 86400000 AS business_day,
            p.account_id % 100 AS class, COUNT(*) AS postings,
            CAST(SUM(CASE WHEN p.amount_fen < 0 THEN -p.amount_fen ELSE 0 END) AS BIGINT)
                AS debit_fen,
            CAST(SUM(CASE WHEN p.amount_fen > 0 THEN p.amount_fen ELSE 0 END) AS BIGINT)
                AS credit_fen
        FROM posting p JOIN transfer t ON t.transfer_id = p.transfer_id
        WHERE p.posting_id > ?1 AND p.posting_id <= ?2 AND t.transfer_id > ?1
            AND t.transfer_id <= ?2
        GROUP BY 1, 2";
    let totals = tx.rows(select, params![after, last], |row| {
        let (day, class) = (row.i64("business_day")?, row.i64("class")?);
        Ok([day, class, row.i64("debit_fen")?, row.i64("credit_fen")?, row.i64("postings")?])
    })?;
    let select = "SELECT (posted_at + 28800000) / 86400000 AS business_day,
            MIN(transfer_id) AS first_id, MAX(transfer_id + lines) AS last_id, COUNT(*) AS n
        FROM transfer WHERE transfer_id > ?1 AND transfer_id <= ?2 GROUP BY 1";
    let days = tx.rows(select, params![after, last], |row| {
        let day = row.i64("business_day")?;
        Ok([day, row.i64("first_id")?, row.i64("last_id")?, row.i64("n")?])
    })?;
    Ok(Some(Batch { after, last, movements, totals, days }))
}

/// Adds a batch to the totals; false if another node has done so.
fn keep(tx: &mut Tx<'_, '_>, batch: &Batch) -> Result<bool, Fault> {
    let select = "SELECT through_id FROM ledger_through WHERE book = 1 FOR UPDATE";
    let through = tx.row(select, params![], |row| row.i64("through_id"))?.unwrap_or(0);
    if through != batch.after {
        return Ok(false);
    }
    for [day, class, debit, credit, postings] in &batch.totals {
        let insert = "INSERT INTO ledger_total
                (business_day, class, debit_fen, credit_fen, postings) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (business_day, class) DO UPDATE SET
                debit_fen = ledger_total.debit_fen + excluded.debit_fen,
                credit_fen = ledger_total.credit_fen + excluded.credit_fen,
                postings = ledger_total.postings + excluded.postings";
        tx.execute(insert, params![*day, *class, *debit, *credit, *postings])?;
    }
    for [day, first, last, movements] in &batch.days {
        let insert = "INSERT INTO ledger_day (business_day, first_id, last_id, transfers)
            VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (business_day) DO UPDATE SET last_id = excluded.last_id,
                transfers = ledger_day.transfers + excluded.transfers";
        tx.execute(insert, params![*day, *first, *last, *movements])?;
    }
    let update = "UPDATE ledger_through SET through_id = ?1 WHERE book = 1";
    tx.execute(update, params![batch.last]).map(|_| true)
}

/// Ids between which the movements of some days lie, as far as they are in the totals: `first` and
/// `last`, both included.
pub(super) fn span(tx: &mut Tx<'_, '_>, days: Days) -> Result<Option<(i64, i64)>, Fault> {
    let select = "SELECT MIN(first_id) AS first_id, MAX(last_id) AS last_id FROM ledger_day
        WHERE business_day >= ?1 AND business_day <= ?2";
    let found = tx.row(select, params![days.from, days.to], |row| {
        Ok(row.opt_i64("first_id")?.zip(row.opt_i64("last_id")?))
    })?;
    Ok(found.flatten())
}

/// The first day on which anything was posted.
pub fn first_day(tx: &mut Tx<'_, '_>) -> Result<Option<Date>, Fault> {
    let select = "SELECT MIN(business_day) AS first_day FROM ledger_day";
    let totalled = tx.row(select, params![], |row| row.opt_day("first_day"))?.flatten();
    let through = through(tx)?;
    let select = "SELECT MIN(posted_at) AS first_at FROM transfer WHERE transfer_id > ?1";
    let since = tx.row(select, params![through], |row| row.opt_instant("first_at"))?.flatten();
    Ok([totalled, since.map(kernel::Instant::date)].into_iter().flatten().min())
}
