//! The rows of operators and of their tokens.

use kernel::id::OperatorId;
use kernel::{Instant, Secret};
use store::{Fault, Row, params};

use super::{Add, Credentials, LoginName, Operator, Roles, Status, TokenDigest};
use crate::identity::password::PasswordHash;
use crate::{Page, Tx};

/// The series of operators' numbers.
pub(super) const SERIES: &str = "operator";
/// Log-ins of one operator that stay good beside a new one; older ones are ended.
const SESSIONS: u32 = 19;

/// A query for operators; all of them read the same columns.
macro_rules! select_operators {
    ($which:literal) => {
        concat!(
            "SELECT o.operator_id, o.login_name, o.display_name, o.roles, o.status, o.added_at, ",
            "(SELECT COUNT(*) FROM operator_second_factor f WHERE f.operator_id = o.operator_id ",
            "AND f.confirmed_at IS NOT NULL) AS factors ",
            "FROM operator o ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> Result<Operator, Fault> {
    let corrupt = |column: &str| Fault::Corrupt(column.to_owned());
    Ok(Operator {
        id: OperatorId::from_number(row.i64("operator_id")?),
        login: LoginName::parse(&row.text("login_name")?).ok_or_else(|| corrupt("login_name"))?,
        name: row.text("display_name")?,
        roles: Roles::parse(&row.text("roles")?).ok_or_else(|| corrupt("roles"))?,
        blocked: row.text("status")? == word(Status::Blocked),
        second_factor: row.i64("factors")? > 0,
        added_at: row.instant("added_at")?,
    })
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Blocked => "blocked",
    }
}

pub(super) fn insert(tx: &mut Tx<'_, '_>, id: OperatorId, command: &Add) -> Result<bool, Fault> {
    let insert = "INSERT INTO operator (operator_id, login_name, display_name, roles, status,
            added_at)
        VALUES (?1, ?2, ?3, ?4, 'active', ?5) ON CONFLICT DO NOTHING";
    let (roles, wall) = (command.roles.words(), tx.at.wall);
    let values = params![id, command.login.text(), &command.name, &roles, wall];
    if tx.execute(insert, values)? == 0 {
        return Ok(false);
    }
    let insert = "INSERT INTO operator_password (operator_id, argon2_hash) VALUES (?1, ?2)";
    tx.execute(insert, params![id, command.password.expose()])?;
    Ok(true)
}

pub(super) fn operator(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<Option<Operator>, Fault> {
    tx.row(select_operators!("WHERE o.operator_id = ?1"), params![id], read)
}

pub(super) fn operator_locked(
    tx: &mut Tx<'_, '_>,
    id: OperatorId,
) -> Result<Option<Operator>, Fault> {
    tx.row(select_operators!("WHERE o.operator_id = ?1 FOR UPDATE"), params![id], read)
}

pub(super) fn find(tx: &mut Tx<'_, '_>, login: &LoginName) -> Result<Option<Operator>, Fault> {
    tx.row(select_operators!("WHERE o.login_name = ?1"), params![login.text()], read)
}

pub(super) fn operators(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Operator>, Fault> {
    let select = select_operators!("ORDER BY o.operator_id LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read)
}

pub(super) fn names(tx: &mut Tx<'_, '_>, most: i64) -> Result<Vec<(OperatorId, String)>, Fault> {
    let select = "SELECT operator_id, display_name FROM operator ORDER BY operator_id LIMIT ?1";
    tx.rows(select, params![most], |row| {
        Ok((OperatorId::from_number(row.i64("operator_id")?), row.text("display_name")?))
    })
}

pub(super) fn holder(tx: &mut Tx<'_, '_>, token: &TokenDigest) -> Result<Option<Operator>, Fault> {
    let select = select_operators!(
        "JOIN operator_token t ON t.operator_id = o.operator_id
        WHERE t.token_digest = ?1 AND t.expires_at > ?2"
    );
    tx.row(select, params![token.bytes(), tx.at.wall], read)
}

pub(super) fn credentials(
    tx: &mut Tx<'_, '_>,
    login: &LoginName,
) -> Result<Option<Credentials>, Fault> {
    let select = "SELECT o.operator_id, p.argon2_hash FROM operator o
        JOIN operator_password p ON p.operator_id = o.operator_id WHERE o.login_name = ?1";
    tx.row(select, params![login.text()], |row| {
        let operator = OperatorId::from_number(row.i64("operator_id")?);
        let password = PasswordHash::from_stored(Secret::new(row.text("argon2_hash")?));
        Ok(Credentials { operator, password })
    })
}

pub(super) fn set_roles(tx: &mut Tx<'_, '_>, id: OperatorId, roles: &Roles) -> Result<(), Fault> {
    let update = "UPDATE operator SET roles = ?2 WHERE operator_id = ?1";
    tx.execute(update, params![id, &roles.words()]).map(|_| ())
}

pub(super) fn set_status(tx: &mut Tx<'_, '_>, id: OperatorId, status: Status) -> Result<(), Fault> {
    let update = "UPDATE operator SET status = ?2 WHERE operator_id = ?1";
    tx.execute(update, params![id, word(status)]).map(|_| ())
}

pub(super) fn set_password(
    tx: &mut Tx<'_, '_>,
    id: OperatorId,
    password: &PasswordHash,
) -> Result<(), Fault> {
    let update = "UPDATE operator_password SET argon2_hash = ?2 WHERE operator_id = ?1";
    tx.execute(update, params![id, password.expose()]).map(|_| ())
}

/// Where a token comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'o> {
    /// A log-in: from which address and with which browser, sealed.
    LogIn(&'o [u8]),
    /// Made for a script, for this.
    Script(&'o str),
}

pub(super) fn insert_token(
    tx: &mut Tx<'_, '_>,
    id: OperatorId,
    token: &TokenDigest,
    origin: Origin<'_>,
    expires: Instant,
) -> Result<(), Fault> {
    let insert = "INSERT INTO operator_token (token_digest, operator_id, label, origin_sealed,
            made_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (label, origin) = match origin {
        Origin::LogIn(sealed) => (None, Some(sealed)),
        Origin::Script(label) => (Some(label), None),
    };
    let values = params![token.bytes(), id, label, origin, tx.at.wall, expires];
    tx.execute(insert, values).map(|_| ())
}

/// Ends the oldest log-ins of an operator who has too many.
pub(super) fn thin_out_sessions(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<(), Fault> {
    let delete = "DELETE FROM operator_token WHERE operator_id = ?1 AND label IS NULL
        AND token_digest NOT IN (SELECT t.token_digest FROM operator_token t
            WHERE t.operator_id = ?1 AND t.label IS NULL
            ORDER BY t.made_at DESC LIMIT ?2)";
    tx.execute(delete, params![id, SESSIONS]).map(|_| ())
}

pub(super) fn revoke(tx: &mut Tx<'_, '_>, token: &TokenDigest) -> Result<(), Fault> {
    let delete = "DELETE FROM operator_token WHERE token_digest = ?1";
    tx.execute(delete, params![token.bytes()]).map(|_| ())
}

pub(super) fn revoke_all(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<u64, Fault> {
    tx.execute("DELETE FROM operator_token WHERE operator_id = ?1", params![id])
}

pub(super) fn prune_tokens(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    tx.execute("DELETE FROM operator_token WHERE expires_at <= ?1", params![tx.at.wall])
}
