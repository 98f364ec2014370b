//! Faces (活体校验): whether who draws on a limit is who it was given to, in two halves.
//!
//! A face that is the person's is good for one drawdown. The photograph itself is not kept.

use std::fmt::Write as _;

use kernel::RealName;
use kernel::id::{ApplicationId, DrawdownId, FaceCheckId, MemberId};
use kernel::identity::IdCardNo;
use store::Fault;

use super::{State, drawing_sql, sql};
use crate::audit::{self, Actor, Subject};
use crate::ports::{FaceOutcome, Faces};
use crate::{Tx, customers};

/// What a provider said about a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceResult {
    /// It is the person.
    Same,
    /// It is somebody else.
    Different,
    /// It cannot be compared.
    Refused,
    /// Nobody could say.
    Unknown,
}

impl FaceResult {
    const ALL: &[Self] = &[Self::Same, Self::Different, Self::Refused, Self::Unknown];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|result| result.word() == word)
    }
}

/// A comparison as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Its number.
    pub id: FaceCheckId,
    /// What people call it by (活体校验流水号).
    pub flow_no: String,
    /// What came of it, once it is answered.
    pub result: Option<FaceResult>,
    /// The provider's word for why it cannot be compared.
    pub reason: Option<String>,
    /// The drawdown that it was good for.
    pub used_for: Option<DrawdownId>,
}

/// A photograph that is to be compared.
#[derive(Clone, Copy, Debug)]
pub struct BeginFace<'f> {
    /// Whose face it is said to be.
    pub member: MemberId,
    /// For drawing on which limit.
    pub application: ApplicationId,
    /// What recognises the photograph.
    pub digest: &'f [u8],
    /// What the comparison is to be called, from random bytes.
    pub random: [u8; 16],
}

/// A comparison that may be made now; its answer goes to [`finish_face`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceCheck {
    /// Its number.
    pub id: FaceCheckId,
    /// Whose face it should be: the name.
    pub name: RealName,
    /// And the id number.
    pub id_no: IdCardNo,
}

impl FaceCheck {
    /// Asks a provider. Not inside a transaction.
    pub fn ask(&self, provider: &dyn Faces, photo: &[u8]) -> FaceOutcome {
        provider.verify(&self.name, &self.id_no, photo)
    }
}

/// Why a face is not compared. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// There is no such application, or it is another customer's.
    #[error("no such application")]
    NoSuchApplication,
    /// It was decided against, has lapsed, or was drawn on.
    #[error("nothing to draw on")]
    NothingToDraw,
    /// Too many photographs today.
    #[error("too many photographs today")]
    TooManyAttempts,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A day, by the wall.
const DAY_MS: i64 = 86_400_000;

/// The first half.
pub fn begin_face(tx: &mut Tx<'_, '_>, command: &BeginFace<'_>) -> Result<FaceCheck, FaceError> {
    let BeginFace { member, application, digest, random } = *command;
    let own = sql::lock_application(tx, application)?.filter(|own| own.member == member);
    let own = own.ok_or(FaceError::NoSuchApplication)?;
    if !matches!(own.state, State::Reviewing | State::Approved) {
        return Err(FaceError::NothingToDraw);
    }
    let since = tx.at.wall.plus_millis(DAY_MS.saturating_neg());
    let most = i64::from(tx.policy.customers.checks.per_customer);
    if drawing_sql::faces_since(tx, member, since)? >= most {
        return Err(FaceError::TooManyAttempts);
    }
    let customer = customers::customer(tx, member)?;
    let identity = customer.and_then(|customer| customer.identity);
    let identity = identity.ok_or(Fault::Corrupt("customer.person_id".into()))?;
    let id = FaceCheckId::from_number(tx.ids.take(tx.at.wall, 1));
    drawing_sql::insert_face(tx, id, &flow_no(random), (member, application), digest)?;
    Ok(FaceCheck { id, name: identity.name, id_no: identity.id_no })
}

/// In the shape of a UUID of version 4 (RFC 9562).
fn flow_no(mut random: [u8; 16]) -> String {
    if let Some(byte) = random.get_mut(6) {
        *byte = *byte & 0x0f | 0x40;
    }
    if let Some(byte) = random.get_mut(8) {
        *byte = *byte & 0x3f | 0x80;
    }
    let mut text = String::new();
    for (place, byte) in random.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

/// The second half: notes the answer. The first answer stays; a repeat gets what came of it.
pub fn finish_face(
    tx: &mut Tx<'_, '_>,
    id: FaceCheckId,
    outcome: &FaceOutcome,
) -> Result<FaceResult, Fault> {
    let (face, member) =
        drawing_sql::lock_face(tx, id)?.ok_or(Fault::Corrupt("face_check".into()))?;
    if let Some(result) = face.result {
        return Ok(result);
    }
    let (result, reason) = match outcome {
        FaceOutcome::Same => (FaceResult::Same, None),
        FaceOutcome::Different => (FaceResult::Different, None),
        FaceOutcome::Refused(reason) => (FaceResult::Refused, Some(reason.as_str())),
        FaceOutcome::Unknown => (FaceResult::Unknown, None),
    };
    drawing_sql::finish_face(tx, id, result, reason)?;
    let detail = format!("{} {}", face.flow_no, result.word());
    let who = Actor::Customer(member);
    audit::note(tx, who, "customer.face_compared", Subject::Member(member), &detail)?;
    Ok(result)
}

/// The newest comparison for an application.
pub fn newest_face(tx: &mut Tx<'_, '_>, application: ApplicationId) -> Result<Option<Face>, Fault> {
    drawing_sql::newest_face(tx, application)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_number_is_a_uuid() {
        assert_eq!(flow_no([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(flow_no([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
