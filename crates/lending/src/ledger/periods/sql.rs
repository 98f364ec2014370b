//! The rows of closed periods.

use kernel::Date;
use kernel::id::OperatorId;
use store::{Fault, Row, params};

use super::super::classes::Class;
use super::super::totals::{self, Days, Figures};
use super::{Closing, Period, hex};
use crate::Tx;

macro_rules! select_periods {
    ($which:literal) => {
        concat!("SELECT period, digest, closed_by, closed_at FROM ledger_period ", $which)
    };
}

fn read(row: &Row<'_>) -> Result<Closing, Fault> {
    let period = Period::from_number(row.i64("period")?);
    Ok(Closing {
        period: period.ok_or_else(|| Fault::Corrupt("ledger_period.period".into()))?,
        digest: hex(&row.blob("digest")?),
        by: OperatorId::from_number(row.i64("closed_by")?),
        at: row.instant("closed_at")?,
    })
}

/// The closed ones from a period to another.
pub(super) fn closings(
    tx: &mut Tx<'_, '_>,
    (from, to): (Period, Period),
) -> Result<Vec<Closing>, Fault> {
    let select = select_periods!("WHERE period >= ?1 AND period <= ?2 ORDER BY period");
    tx.rows(select, params![from.number(), to.number()], read)
}

pub(super) fn last_closing(tx: &mut Tx<'_, '_>) -> Result<Option<Closing>, Fault> {
    tx.row(select_periods!("ORDER BY period DESC LIMIT 1"), params![], read)
}

/// Every closed period in order; one a month.
pub(super) fn all_closings(tx: &mut Tx<'_, '_>) -> Result<Vec<Closing>, Fault> {
    tx.rows(select_periods!("ORDER BY period"), params![], read)
}

/// How many movements each of some days has: those in the totals, and those behind them.
pub(super) fn movements(tx: &mut Tx<'_, '_>, days: Days) -> Result<Vec<(Date, i64)>, Fault> {
    let select = "SELECT business_day, transfers AS n FROM ledger_day
            WHERE business_day >= ?1 AND business_day <= ?2
        UNION ALL SELECT (posted_at + 28800000) / 86400000, COUNT(*) FROM transfer
            WHERE transfer_id > ?3 AND posted_at >= ?4 AND posted_at < ?5 GROUP BY 1";
    let through = totals::through(tx)?;
    let params = params![days.from, days.to, through, days.start(), days.end()];
    tx.rows(select, params, |row| Ok((row.day("business_day")?, row.i64("n")?)))
}

pub(super) fn lines(tx: &mut Tx<'_, '_>, period: Period) -> Result<Vec<Figures>, Fault> {
    let select = "SELECT class, opening_fen, debit_fen, credit_fen FROM ledger_period_line
        WHERE period = ?1";
    let mut lines = tx.rows(select, params![period.number()], |row| {
        let class = Class::from_number(row.i64("class")?);
        Ok(Figures {
            class: class.ok_or_else(|| Fault::Corrupt("ledger_period_line.class".into()))?,
            opening_fen: row.i64("opening_fen")?,
            debit_fen: row.i64("debit_fen")?,
            credit_fen: row.i64("credit_fen")?,
        })
    })?;
    lines.sort_by_key(|line| line.class.code);
    Ok(lines)
}

pub(super) fn insert(
    tx: &mut Tx<'_, '_>,
    closing: &Closing,
    (digest, figures): (&[u8], &[Figures]),
) -> Result<(), Fault> {
    let period = closing.period.number();
    let insert = "INSERT INTO ledger_period (period, digest, closed_by, closed_at)
        VALUES (?1, ?2, ?3, ?4)";
    tx.execute(insert, params![period, digest, closing.by, closing.at])?;
    for line in figures {
        let insert = "INSERT INTO ledger_period_line
            (period, class, opening_fen, debit_fen, credit_fen) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (opening, debit, credit) = (line.opening_fen, line.debit_fen, line.credit_fen);
        tx.execute(insert, params![period, line.class.number, opening, debit, credit])?;
    }
    Ok(())
}
