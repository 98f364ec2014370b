//! Idempotency: the first answer to a key is kept, and a repeat gets it again.

use store::{Fault, params};

use crate::Tx;

/// Where answers are sealed: they show their member's mobile number.
const SEALED: &str = "kept_answer.answer";

/// A number to bind a sealed answer to its key by.
fn row_of(key: &Key) -> i64 {
    let first = key.key.first_chunk::<8>();
    first.map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// A client's key for one request, and what the request said.
#[derive(Clone, Debug)]
pub struct Key {
    /// Digest of channel, caller and key.
    pub key: Vec<u8>,
    /// Digest of the request, to find a key that is used for another one.
    pub request: Vec<u8>,
}

/// The answer to a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The request was carried out now, or was before: its first answer.
    Kept(String),
    /// The key belongs to another request; nothing was done.
    OtherRequest,
}

/// Carries `work` out once per key. Its rendered answer is kept in the same transaction, whether
/// it says success or refusal; of a refusal nothing but the answer stays.
///
/// `render` turns the outcome into the text to keep, or gives a fault back, which is not kept.
pub fn once<T, E>(
    tx: &mut Tx<'_, '_>,
    key: &Key,
    work: impl FnOnce(&mut Tx<'_, '_>) -> Result<T, E>,
    render: impl FnOnce(Result<T, E>) -> Result<String, E>,
) -> Result<Answer, E>
where
    E: From<Fault>,
{
    // Claimed first: a rival with the same key waits for this row.
    let claim = "INSERT INTO kept_answer (key_digest, request_digest, answer_sealed, kept_at)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key_digest) DO NOTHING";
    let nothing: &[u8] = &[];
    let claimed = tx.execute(claim, params![&key.key, &key.request, nothing, tx.at.wall])?;
    if claimed == 0 {
        let select = "SELECT request_digest, answer_sealed FROM kept_answer WHERE key_digest = ?1";
        let first = tx.row(select, params![&key.key], |row| {
            Ok((row.blob("request_digest")?, row.blob("answer_sealed")?))
        })?;
        let (request, sealed) = first.ok_or(Fault::Corrupt("kept_answer".into()))?;
        if request != key.request {
            return Ok(Answer::OtherRequest);
        }
        return Ok(Answer::Kept(tx.vault.open(SEALED, row_of(key), &sealed)?));
    }
    let outcome = tx.nested(work)?;
    let answer = render(outcome)?;
    let sealed = tx.vault.seal(SEALED, row_of(key), &answer)?;
    let keep = "UPDATE kept_answer SET answer_sealed = ?2 WHERE key_digest = ?1";
    tx.execute(keep, params![&key.key, &sealed])?;
    Ok(Answer::Kept(answer))
}

/// Forgets answers that are older than the policy keeps them; how many.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let hours = i64::from(tx.policy.kept_answer_hours);
    let before = tx.at.wall.plus_millis(hours.saturating_mul(-3_600_000));
    tx.execute("DELETE FROM kept_answer WHERE kept_at < ?1", params![before])
}
