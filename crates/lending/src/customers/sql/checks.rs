//! The rows of questions to providers, and of the cards that they have verified.

use kernel::id::{CardId, CheckId, MemberId};
use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Instant, Mobile, RealName};
use store::{Fault, Row, Vault, params};

use crate::Tx;
use crate::customers::{Card, Finished, Question};

const ASKED: &str = "customer_check.asked";
const REASON: &str = "customer_check.reason";
const NUMBER: &str = "customer_card.number";
const MOBILE: &str = "customer_card.mobile";
/// The owner's name, whose place is the row of their person.
const NAME: &str = "person.name";

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::customers) enum Kind {
    RealName,
    BankCard,
    Mobile,
}

impl Kind {
    pub(in crate::customers) const fn of(question: &Question) -> Self {
        match question {
            Question::RealName { .. } => Self::RealName,
            Question::BankCard { .. } => Self::BankCard,
            Question::Mobile { .. } => Self::Mobile,
        }
    }

    pub(in crate::customers) const fn word(self) -> &'static str {
        match self {
            Self::RealName => "real_name",
            Self::BankCard => "bank_card",
            Self::Mobile => "mobile",
        }
    }
}

/// The word for what came of a question.
pub(in crate::customers) const fn word(finished: &Finished) -> &'static str {
    match finished {
        Finished::Verified => "match",
        Finished::Mismatch(_) => "mismatch",
        Finished::Unknown => "unknown",
        Finished::IdentityTaken => "taken",
        Finished::AlreadyVerified => "late",
    }
}

/// The elements of a question, one on each line; none of them can hold a line break.
fn text(question: &Question) -> String {
    let elements: Vec<&str> = match question {
        Question::RealName { name, id_no } => vec![name.expose(), id_no.expose()],
        Question::BankCard { name, id_no, card, mobile, bank_code, bank_name } => vec![
            name.expose(),
            id_no.expose(),
            card.expose(),
            mobile.expose(),
            bank_code,
            bank_name,
        ],
        Question::Mobile { name, id_no, mobile } => {
            vec![name.expose(), id_no.expose(), mobile.expose()]
        }
    };
    elements.join("\n")
}

fn question(kind: &str, text: &str) -> Option<Question> {
    let mut lines = text.split('\n');
    let name = RealName::parse(lines.next()?)?;
    let id_no = IdCardNo::parse(lines.next()?)?;
    match kind {
        "real_name" => Some(Question::RealName { name, id_no }),
        "bank_card" => Some(Question::BankCard {
            name,
            id_no,
            card: BankCardNo::parse(lines.next()?)?,
            mobile: Mobile::parse(lines.next()?)?,
            bank_code: lines.next()?.to_owned(),
            bank_name: lines.next()?.to_owned(),
        }),
        "mobile" => Some(Question::Mobile { name, id_no, mobile: Mobile::parse(lines.next()?)? }),
        _ => None,
    }
}

pub(in crate::customers) fn insert(
    tx: &mut Tx<'_, '_>,
    id: CheckId,
    member: MemberId,
    question: &Question,
) -> Result<(), Fault> {
    let sealed = tx.vault.seal(ASKED, id.number(), &text(question))?;
    let card = match question {
        Question::BankCard { card, .. } => Some(tx.vault.blind_index(NUMBER, card.expose())),
        Question::RealName { .. } | Question::Mobile { .. } => None,
    };
    let kind = Kind::of(question).word();
    let insert = "INSERT INTO customer_check (check_id, member_id, kind, asked_sealed, card_index,
            outcome, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, 'asked', ?6)";
    let params = params![id, member, kind, &sealed, card.as_ref(), tx.at.wall];
    tx.execute(insert, params).map(|_| ())
}

/// Whom a page names when the card of a question is signed on it.
pub(in crate::customers) fn set_holder(
    tx: &mut Tx<'_, '_>,
    id: CheckId,
    holder: &str,
) -> Result<(), Fault> {
    let update = "UPDATE customer_check SET holder = ?2 WHERE check_id = ?1";
    tx.execute(update, params![id, holder]).map(|_| ())
}

/// The newest question about a card that a page names so.
pub(in crate::customers) fn newest_of_holder(
    tx: &mut Tx<'_, '_>,
    holder: &str,
    since: Instant,
) -> Result<Option<CheckId>, Fault> {
    let select = "SELECT check_id FROM customer_check WHERE holder = ?1 AND begun_at > ?2
        ORDER BY check_id DESC LIMIT 1";
    tx.row(select, params![holder, since], |row| Ok(CheckId::from_number(row.i64("check_id")?)))
}

/// How many questions of a kind were asked about a customer since then.
pub(in crate::customers) fn count_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: Kind,
    since: Instant,
) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS asked FROM customer_check
        WHERE member_id = ?1 AND begun_at > ?2 AND kind = ?3";
    let asked = tx.row(select, params![member, since, kind.word()], |row| row.i64("asked"))?;
    Ok(asked.unwrap_or(0))
}

/// How many questions were asked about a card since then.
pub(in crate::customers) fn count_of_card(
    tx: &mut Tx<'_, '_>,
    card: &BankCardNo,
    since: Instant,
) -> Result<i64, Fault> {
    let index = tx.vault.blind_index(NUMBER, card.expose());
    let select = "SELECT COUNT(*) AS asked FROM customer_check
        WHERE card_index = ?1 AND begun_at > ?2";
    let asked = tx.row(select, params![&index, since], |row| row.i64("asked"))?;
    Ok(asked.unwrap_or(0))
}

/// A question as it was written down.
pub(in crate::customers) struct Asked {
    pub(in crate::customers) member: MemberId,
    pub(in crate::customers) question: Question,
    pub(in crate::customers) finished: Option<Finished>,
}

/// Locks a question until the commit.
pub(in crate::customers) fn lock(tx: &mut Tx<'_, '_>, id: CheckId) -> Result<Option<Asked>, Fault> {
    let vault = tx.vault;
    let select = "SELECT member_id, kind, asked_sealed, outcome, reason_sealed
        FROM customer_check WHERE check_id = ?1 FOR UPDATE";
    tx.row(select, params![id], |row| {
        let text = vault.open(ASKED, id.number(), &row.blob("asked_sealed")?)?;
        let finished = match row.text("outcome")?.as_str() {
            "asked" => None,
            "match" => Some(Finished::Verified),
            "mismatch" => {
                let reason = vault.open(REASON, id.number(), &row.blob("reason_sealed")?)?;
                Some(Finished::Mismatch(reason))
            }
            "unknown" => Some(Finished::Unknown),
            "taken" => Some(Finished::IdentityTaken),
            "late" => Some(Finished::AlreadyVerified),
            _ => return Err(Fault::Corrupt("outcome".into())),
        };
        Ok(Asked {
            member: MemberId::from_number(row.i64("member_id")?),
            question: question(&row.text("kind")?, &text).ok_or(Fault::Sealed(ASKED))?,
            finished,
        })
    })
}

pub(in crate::customers) fn finish(
    tx: &mut Tx<'_, '_>,
    id: CheckId,
    finished: &Finished,
) -> Result<(), Fault> {
    let reason = match finished {
        Finished::Mismatch(reason) => Some(tx.vault.seal(REASON, id.number(), reason)?),
        Finished::Verified
        | Finished::Unknown
        | Finished::IdentityTaken
        | Finished::AlreadyVerified => None,
    };
    let update = "UPDATE customer_check SET outcome = ?2, reason_sealed = ?3, finished_at = ?4
        WHERE check_id = ?1";
    let params = params![id, word(finished), reason.as_ref(), tx.at.wall];
    tx.execute(update, params).map(|_| ())
}

/// What guards a card.
pub(in crate::customers) struct CardGuard {
    pub(in crate::customers) mismatches: i64,
    pub(in crate::customers) locked_until: Instant,
}

/// The guard of a card, locked until the commit; made where it is missing.
pub(in crate::customers) fn hold_card(
    tx: &mut Tx<'_, '_>,
    card: &BankCardNo,
) -> Result<CardGuard, Fault> {
    let index = tx.vault.blind_index(NUMBER, card.expose());
    let upsert = "INSERT INTO card_guard (card_index, mismatches, locked_until)
        VALUES (?1, 0, 0) ON CONFLICT (card_index) DO UPDATE SET mismatches = card_guard.mismatches
        RETURNING mismatches, locked_until";
    let guard = tx.row(upsert, params![&index], |row| {
        Ok(CardGuard {
            mismatches: row.i64("mismatches")?,
            locked_until: row.instant("locked_until")?,
        })
    })?;
    guard.ok_or(Fault::Corrupt("card_guard".into()))
}

pub(in crate::customers) fn set_card_guard(
    tx: &mut Tx<'_, '_>,
    card: &BankCardNo,
    mismatches: i64,
    until: Instant,
) -> Result<(), Fault> {
    let index = tx.vault.blind_index(NUMBER, card.expose());
    let update = "UPDATE card_guard SET mismatches = ?2, locked_until = ?3 WHERE card_index = ?1";
    tx.execute(update, params![&index, mismatches, until]).map(|_| ())
}

/// A query for cards; all of them read the same columns.
macro_rules! select_cards {
    ($which:literal) => {
        concat!(
            "SELECT k.card_id, k.member_id, k.number_sealed, k.mobile_sealed, k.bank_code, ",
            "k.bank_name, k.verified_at, k.replaced_at, p.person_id, p.name_sealed ",
            "FROM customer_card k JOIN customer c ON c.member_id = k.member_id ",
            "JOIN person p ON p.person_id = c.person_id WHERE ",
            $which
        )
    };
}

const ACTIVE_CARD: &str = select_cards!("k.member_id = ?1 AND k.replaced_at IS NULL");
const CARD: &str = select_cards!("k.card_id = ?1");
const CARDS: &str = select_cards!("k.member_id = ?1 ORDER BY k.card_id");

fn read(vault: &Vault, row: &Row<'_>) -> Result<Card, Fault> {
    let id = row.i64("card_id")?;
    let number = vault.open(NUMBER, id, &row.blob("number_sealed")?)?;
    let mobile = vault.open(MOBILE, id, &row.blob("mobile_sealed")?)?;
    let name = vault.open(NAME, row.i64("person_id")?, &row.blob("name_sealed")?)?;
    Ok(Card {
        id: CardId::from_number(id),
        member: MemberId::from_number(row.i64("member_id")?),
        number: BankCardNo::parse(&number).ok_or(Fault::Sealed(NUMBER))?,
        mobile: Mobile::parse(&mobile).ok_or(Fault::Sealed(MOBILE))?,
        name: RealName::parse(&name).ok_or(Fault::Sealed(NAME))?,
        bank_code: row.text("bank_code")?,
        bank_name: row.text("bank_name")?,
        verified_at: row.instant("verified_at")?,
        replaced_at: row.opt_instant("replaced_at")?,
    })
}

pub(in crate::customers) fn active_card(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<Card>, Fault> {
    let vault = tx.vault;
    tx.row(ACTIVE_CARD, params![member], |row| read(vault, row))
}

pub(in crate::customers) fn card(tx: &mut Tx<'_, '_>, id: CardId) -> Result<Option<Card>, Fault> {
    let vault = tx.vault;
    tx.row(CARD, params![id], |row| read(vault, row))
}

/// Every card that was verified for a customer, in that order.
pub(in crate::customers) fn cards(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Vec<Card>, Fault> {
    let vault = tx.vault;
    tx.rows(CARDS, params![member], |row| read(vault, row))
}

/// Makes a card that is history the customer's again.
pub(in crate::customers) fn activate_card(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    id: CardId,
) -> Result<(), Fault> {
    let update = "UPDATE customer_card SET replaced_at = ?2
        WHERE member_id = ?1 AND replaced_at IS NULL";
    tx.execute(update, params![member, tx.at.business])?;
    let update = "UPDATE customer_card SET replaced_at = NULL
        WHERE member_id = ?1 AND card_id = ?2";
    tx.execute(update, params![member, id]).map(|_| ())
}

/// Makes a card the customer's; the one before stays as history. `bank` is code and name.
pub(in crate::customers) fn replace_card(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    number: &BankCardNo,
    mobile: &Mobile,
    bank: (&str, &str),
) -> Result<(), Fault> {
    let now = tx.at.business;
    let update = "UPDATE customer_card SET replaced_at = ?2
        WHERE member_id = ?1 AND replaced_at IS NULL";
    tx.execute(update, params![member, now])?;
    let id = tx.ids.take(tx.at.wall, 1);
    let (vault, digits) = (tx.vault, number.expose());
    let (sealed, index) = (vault.seal(NUMBER, id, digits)?, vault.blind_index(NUMBER, digits));
    let known = vault.seal(MOBILE, id, mobile.expose())?;
    let insert = "INSERT INTO customer_card (card_id, member_id, number_sealed, number_index,
            mobile_sealed, bank_code, bank_name, verified_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let params = params![id, member, &sealed, &index, &known, bank.0, bank.1, now];
    tx.execute(insert, params).map(|_| ())
}
