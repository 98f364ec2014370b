//! The log-ins and tokens of an operator that are good, as the operator and those who manage
//! operators see them.

use std::fmt::Write as _;

use kernel::Instant;
use kernel::id::OperatorId;
use store::{Fault, params};

use super::token::TokenDigest;
use super::{Operator, sql};
use crate::Tx;
use crate::audit::{self, Subject};

/// Most that are listed: log-ins are twenty at most, and nobody needs more tokens for scripts.
const MOST: u32 = 100;
/// The column with address and browser of a log-in, sealed with the operator's number.
const ORIGIN: &str = "operator_token.origin_sealed";
/// Characters of a browser's name that are kept.
const AGENT_CHARACTERS: usize = 200;

/// A log-in or a token of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Sixteen digits that tell it from the others; nothing can be opened with them.
    pub id: String,
    /// What a script's token is for; log-ins have none.
    pub label: Option<String>,
    /// Where the log-in came from.
    pub address: Option<String>,
    /// What the browser said it was.
    pub agent: Option<String>,
    /// When it began.
    pub made_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// What is kept of its token.
    pub digest: TokenDigest,
}

/// The sessions of an operator that are good, the newest first.
pub fn sessions(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<Vec<Session>, Fault> {
    let select = "SELECT token_digest, label, origin_sealed, made_at, expires_at
        FROM operator_token WHERE operator_id = ?1 AND expires_at > ?2
        ORDER BY made_at DESC, token_digest LIMIT ?3";
    let vault = tx.vault;
    tx.rows(select, params![id, tx.at.wall, MOST], |row| {
        let digest = TokenDigest::from_stored(row.blob("token_digest")?);
        let sealed = row.opt_blob("origin_sealed")?;
        let origin = sealed.map(|sealed| vault.open(ORIGIN, id.number(), &sealed)).transpose()?;
        let (address, agent) = match origin.as_deref().and_then(|text| text.split_once('\n')) {
            Some((address, agent)) => (said(address), said(agent)),
            None => (None, None),
        };
        Ok(Session {
            id: short(&digest),
            label: row.opt_text("label")?,
            address,
            agent,
            made_at: row.instant("made_at")?,
            expires_at: row.instant("expires_at")?,
            digest,
        })
    })
}

/// Ends one of an operator's own sessions; whether there was one.
pub fn end_session(tx: &mut Tx<'_, '_>, operator: &Operator, session: &str) -> Result<bool, Fault> {
    let all = sessions(tx, operator.id)?;
    let Some(found) = all.into_iter().find(|known| known.id == session) else { return Ok(false) };
    sql::revoke(tx, &found.digest)?;
    let subject = Subject::Operator(operator.id);
    audit::note(tx, operator.actor(), "operator.session_ended", subject, session)?;
    Ok(true)
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Where a log-in comes from, as it is kept.
pub(super) fn sealed_origin(
    tx: &Tx<'_, '_>,
    id: OperatorId,
    (address, agent): (&str, Option<&str>),
) -> Result<Vec<u8>, Fault> {
    tx.vault.seal(ORIGIN, id.number(), &format!("{address}\n{}", agent.unwrap_or_default()))
}

/// The first eight bytes of what is kept: of 256 random bits, so that no two are alike.
fn short(digest: &TokenDigest) -> String {
    digest.bytes().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
        text
    })
}

/// What is kept of what a browser says of itself; it is whatever its owner likes.
pub fn parse_agent(text: &str) -> Option<String> {
    let plain = text.chars().filter(|char| !char.is_control());
    let kept: String = plain.take(AGENT_CHARACTERS).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}
