//! The rows of calls to providers.

use kernel::id::ProviderCallId;
use kernel::{Instant, Money};
use store::{Append, ColumnType, Fault, Row, params};

use super::{Health, Kept, NewCall, ProviderCall};
use crate::{Page, Tx};

const CALLS: Append = Append {
    table: "provider_call",
    columns: &[
        ("provider_call_id", ColumnType::I64),
        ("provider", ColumnType::Text),
        ("call", ColumnType::Text),
        ("answered", ColumnType::I64),
        ("error", ColumnType::Text),
        ("latency_ms", ColumnType::I64),
        ("cost_fen", ColumnType::I64),
        ("request", ColumnType::Text),
        ("answer", ColumnType::Text),
        ("called_at", ColumnType::I64),
    ],
};

pub(super) fn append(tx: &mut Tx<'_, '_>, call: &NewCall) -> Result<(), Fault> {
    let id = tx.ids.take(call.at, 1);
    let answered = i64::from(call.error.is_none());
    let error = call.error.as_deref().unwrap_or_default();
    tx.append(
        &CALLS,
        params![
            id,
            call.provider,
            call.call,
            answered,
            error,
            call.latency_ms,
            call.cost,
            &call.request,
            &call.answer,
            call.at
        ],
    )
}

fn read(row: &Row<'_>) -> Result<ProviderCall, Fault> {
    let is_answered = row.i64("answered")? == 1;
    let error = row.text("error")?;
    Ok(ProviderCall {
        id: ProviderCallId::from_number(row.i64("provider_call_id")?),
        provider: row.text("provider")?,
        call: row.text("call")?,
        error: (!is_answered).then_some(error),
        latency_ms: row.i64("latency_ms")?,
        cost: row.money("cost_fen")?,
        request: row.text("request")?,
        answer: row.text("answer")?,
        at: row.instant("called_at")?,
    })
}

pub(super) fn calls(
    tx: &mut Tx<'_, '_>,
    provider: &str,
    which: Kept,
    page: Page,
) -> Result<Vec<ProviderCall>, Fault> {
    let select = "SELECT provider_call_id, provider, call, answered, error, latency_ms, cost_fen,
            request, answer, called_at FROM provider_call
        WHERE (CAST(?1 AS TEXT) = '' OR provider = ?1) AND answered <= ?2
        ORDER BY provider_call_id DESC LIMIT ?3 OFFSET ?4";
    let most_answered: i64 = match which {
        Kept::All => 1,
        Kept::Failed => 0,
    };
    tx.rows(select, params![provider, most_answered, page.size(), page.offset()], read)
}

pub(super) fn health(
    tx: &mut Tx<'_, '_>,
    day: Instant,
    month: Instant,
) -> Result<Vec<Health>, Fault> {
    let select = "SELECT provider,
            SUM(CASE WHEN called_at >= ?1 THEN 1 ELSE 0 END) AS calls,
            SUM(CASE WHEN called_at >= ?1 AND answered = 0 THEN 1 ELSE 0 END) AS failed,
            CAST(COALESCE(SUM(CASE WHEN called_at >= ?1 THEN latency_ms END), 0) AS BIGINT)
                AS total_ms,
            COALESCE(MAX(CASE WHEN called_at >= ?1 THEN latency_ms END), 0) AS slowest_ms,
            CAST(SUM(cost_fen) AS BIGINT) AS cost_fen,
            MAX(CASE WHEN answered = 1 THEN called_at END) AS answered_at,
            MAX(CASE WHEN answered = 0 THEN called_at END) AS failed_at
        FROM provider_call WHERE called_at >= ?2 GROUP BY provider ORDER BY provider";
    tx.rows(select, params![day, month], |row| {
        let calls = row.i64("calls")?;
        let total = row.i64("total_ms")?;
        Ok(Health {
            provider: row.text("provider")?,
            calls,
            failed: row.i64("failed")?,
            mean_ms: total.checked_div(calls).unwrap_or(0),
            slowest_ms: row.i64("slowest_ms")?,
            cost: Money::from_fen(row.i64("cost_fen")?).ok_or(Fault::Corrupt("cost_fen".into()))?,
            answered_at: row.opt_instant("answered_at")?,
            failed_at: row.opt_instant("failed_at")?,
        })
    })
}

pub(super) fn delete(tx: &mut Tx<'_, '_>, before: Instant, limit: i64) -> Result<u64, Fault> {
    let delete = "DELETE FROM provider_call WHERE provider_call_id IN
        (SELECT provider_call_id FROM provider_call WHERE called_at < ?1
            ORDER BY called_at LIMIT ?2)";
    tx.execute(delete, params![before, limit])
}
