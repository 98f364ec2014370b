//! SMS codes that a door keeps in a session under a name, for protocols that say so (document 003):
//! bound to session and name, good once, within the limits of every other code.

use kernel::{Channel, Mobile, Secret};
use store::Fault;

use super::codes::{self, NewCode, Purpose, RequestError, Verdict};
use super::sessions::SessionKey;
use super::sql::doors;
use crate::Tx;

/// Characters of a name at most; `regist_` and a telephone number have eighteen.
const NAME_CHARACTERS: usize = 64;

/// The name that a code has in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeName(String);

impl CodeName {
    /// Reads a name of 1 to 64 characters without control characters; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.chars().nth(NAME_CHARACTERS).is_none();
        (fits && !text.contains(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Where a code is kept.
#[derive(Clone, Debug)]
pub struct Place {
    /// The door.
    pub channel: Channel,
    /// The session, of a customer or of nobody yet.
    pub session: SessionKey,
    /// The name in it.
    pub name: CodeName,
}

impl Place {
    fn subject(&self, tx: &Tx<'_, '_>) -> Vec<u8> {
        let (session, name) = (self.session.expose(), &self.name.0);
        let subject = format!("{} session {session} {name}", self.channel.word());
        tx.vault.blind_index("sms_code.subject", &subject)
    }
}

/// Asks for a code for registering.
#[derive(Clone, Debug)]
pub struct RequestSessionCode {
    /// Where to keep it.
    pub place: Place,
    /// Where to send it; a name from which no number can be read has none.
    pub mobile: Option<Mobile>,
    /// The code itself: random digits.
    pub code: Secret,
    /// Where the call came from.
    pub address: String,
}

/// Keeps a code that replaces an earlier one of the same place, and has it sent where there is a
/// number.
pub fn request(tx: &mut Tx<'_, '_>, command: &RequestSessionCode) -> Result<(), RequestError> {
    let subject = command.place.subject(tx);
    let rules = &tx.policy.customers.codes;
    let text = Purpose::Registration.text(&command.code, rules.life_seconds.div_ceil(60));
    let shown = rules.shown_in_session;
    let (mobile, code) = (command.mobile.as_ref(), &command.code);
    let new = NewCode { subject: &subject, mobile, code, shown, text: &text };
    codes::put(tx, command.place.channel, &command.address, &new).map(|_| ())
}

/// Compares a guess with the code of a place; a right one uses it up, and notes for
/// [`sign_up`](super::sign_up) that the number is held.
pub fn check(
    tx: &mut Tx<'_, '_>,
    place: &Place,
    mobile: &Mobile,
    code: &Secret,
) -> Result<Verdict, Fault> {
    let subject = place.subject(tx);
    let verdict = codes::guess(tx, &subject, code)?;
    if verdict == Verdict::Right {
        codes::note_proof(tx, place.channel, mobile, Purpose::Registration)?;
    }
    Ok(verdict)
}

/// The code of a place, as long as it is good, where the policy has it shown: benches only.
pub fn shown(tx: &mut Tx<'_, '_>, place: &Place) -> Result<Option<Secret>, Fault> {
    if !tx.policy.customers.codes.shown_in_session {
        return Ok(None);
    }
    let subject = place.subject(tx);
    doors::shown_code(tx, &subject)
}
