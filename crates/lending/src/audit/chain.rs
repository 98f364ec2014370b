//! The chain of hashes over the audit trail: how it is made and how it is proved.
//!
//! A link's hash is SHA-256 over the hash of the link before it (32 zero bytes for the first) and
//! the entry, each of whose fields stands with its length before it.

use kernel::Instant;
use sha2::{Digest as _, Sha256};
use store::Fault;

use super::{Entry, sql};
use crate::Tx;
use crate::ids::IdSource;

/// Entries younger than this may still be on their way into the database, on this node or on
/// another, below one that is there already. An order that is nearly always right costs nothing.
const SETTLED_AFTER_MS: i64 = 10_000;
/// No transaction lives so long that its entries come later than this behind a younger one; a
/// command may work in one for six hours. Whatever comes later has been slipped in.
const LATEST_MS: i64 = 12 * 3_600_000;
/// Links that are held in memory at a time while the chain is proved.
const LINKS_AT_ONCE: u32 = 2_000;
/// What the first link goes on from.
const ORIGIN: [u8; 32] = [0; 32];
/// Begins what is hashed, so that another form of it can never be taken for this one.
const FORM: &[u8] = b"jiehuan audit 1";

const CHAIN: &str = "every link of the audit chain goes on from the one before it with its entry";
const COMPLETE: &str = "every audit entry stands in the chain, but for the newest";

/// Which entries a run seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those above all that are sealed: every few seconds.
    New,
    /// Those as well that a long transaction has brought in late, below others: at start and now
    /// and then, since it reads half a day of the trail.
    Late,
}

/// The last link of the chain. Whoever writes it down elsewhere can later tell whether the chain
/// up to it has been made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; the chain has so many links.
    pub sequence: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

/// Where the chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) check: &'static str,
    /// The number of the entry.
    pub(crate) row: i64,
}

/// Seals at most `limit` entries that are a few seconds old, in their order; how many.
pub fn seal(tx: &mut Tx<'_, '_>, reach: Reach, limit: u32) -> Result<u64, Fault> {
    sql::hold_chain(tx)?;
    let newest = sql::newest_sealed(tx)?;
    let above = match reach {
        Reach::New => newest,
        Reach::Late => latest(newest).saturating_sub(1),
    };
    let below = IdSource::floor(tx.at.wall.plus_millis(-SETTLED_AFTER_MS));
    let entries = sql::unsealed(tx, above, below, limit)?;
    let (mut sequence, mut hash) = sql::last_seal(tx)?.unwrap_or((0, ORIGIN.to_vec()));
    let mut sealed = 0_u64;
    for entry in &entries {
        sequence = sequence.saturating_add(1);
        hash = link(&hash, entry);
        sql::append_seal(tx, sequence, entry, &hash)?;
        sealed = sealed.saturating_add(1);
    }
    Ok(sealed)
}

/// Whether there are new entries to seal, on a snapshot: sealers ask this first, and write only
/// where there is something to write.
pub fn has_settled(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let newest = sql::newest_sealed(tx)?;
    let below = IdSource::floor(tx.at.wall.plus_millis(-SETTLED_AFTER_MS));
    Ok(!sql::unsealed(tx, newest, below, 1)?.is_empty())
}

/// The last link, if there is one.
pub fn head(tx: &mut Tx<'_, '_>) -> Result<Option<Head>, Fault> {
    Ok(sql::last_seal(tx)?.map(|(sequence, hash)| Head { sequence, hash }))
}

/// The checks that passed, each with the number of rows that it covered; or where the chain is
/// broken.
type Proof = Result<Vec<(&'static str, i64)>, Broken>;

/// Computes the whole chain again and compares: finds an entry that was changed, taken out or
/// slipped in.
pub(crate) fn verify(tx: &mut Tx<'_, '_>) -> Result<Proof, Fault> {
    let (mut sequence, mut hash) = (0_i64, ORIGIN.to_vec());
    loop {
        let links = sql::links(tx, sequence, LINKS_AT_ONCE)?;
        let is_last = links.is_empty();
        for found in links {
            let broken = Broken { check: CHAIN, row: found.entry_id };
            let Some(entry) = found.entry else { return Ok(Err(broken)) };
            sequence = sequence.saturating_add(1);
            hash = link(&hash, &entry);
            let subject = (entry.subject.kind, entry.subject.number.unwrap_or(0));
            let is_right =
                found.sequence == sequence && found.hash == hash && found.subject == subject;
            if !is_right {
                return Ok(Err(broken));
            }
        }
        if is_last {
            break;
        }
    }
    let below = latest(sql::newest_sealed(tx)?);
    if let Some(row) = sql::first_unsealed(tx, below)? {
        return Ok(Err(Broken { check: COMPLETE, row }));
    }
    Ok(Ok(vec![(CHAIN, sequence), (COMPLETE, sql::count(tx)?)]))
}

/// The least id that an honest entry can have that comes in behind this one.
fn latest(newest: i64) -> i64 {
    IdSource::floor(IdSource::made_at(newest).plus_millis(-LATEST_MS))
}

/// The hash of the next link.
fn link(previous: &[u8], entry: &Entry) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    let mut field = |bytes: &[u8]| {
        hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(bytes);
    };
    field(FORM);
    field(&entry.id.number().to_be_bytes());
    field(entry.actor.kind.as_bytes());
    field(&number(entry.actor.number));
    field(entry.actor.provider.as_deref().unwrap_or_default().as_bytes());
    field(entry.action.as_bytes());
    field(entry.subject.kind.as_bytes());
    field(&number(entry.subject.number));
    field(entry.detail.as_bytes());
    field(&instant(entry.noted_at));
    field(&instant(entry.business_at));
    hasher.finalize().to_vec()
}

/// No number is no bytes, so that it is told from zero.
fn number(number: Option<i64>) -> Vec<u8> {
    number.map_or_else(Vec::new, |number| number.to_be_bytes().to_vec())
}

fn instant(instant: Instant) -> [u8; 8] {
    instant.millis().to_be_bytes()
}
