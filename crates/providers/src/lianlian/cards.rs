//! Cards at LianLian: what a bin says, which cards are signed, and the end of an agreement.

use kernel::identity::BankCardNo;
use serde_json::Value;

use super::{API_VERSION, Answer, Failure, LianLian};
use crate::client::Resend;

/// What kind of card it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// A debit card (储蓄卡).
    Debit,
    /// A credit card (信用卡).
    Credit,
}

impl CardKind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "2" => Some(Self::Debit),
            "3" => Some(Self::Credit),
            _ => None,
        }
    }
}

/// What the beginning of a card's number says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The bank, by its eight digits.
    pub bank_code: String,
    /// The bank, by its name.
    pub bank_name: String,
    /// What kind of card it is.
    pub kind: CardKind,
}

/// A card that its owner has signed for (签约).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The number of the agreement.
    pub no_agree: String,
    /// The last four digits of the card.
    pub card_end: String,
    /// The bank, by its eight digits.
    pub bank_code: String,
    /// The bank, by its name.
    pub bank_name: String,
    /// What kind of card it is.
    pub kind: CardKind,
}

impl LianLian {
    /// What the beginning of a card's number says; `None` where LianLian does not know it.
    pub fn card_bin(&self, card: &BankCardNo) -> Result<Option<Bin>, Failure> {
        let fields = [("card_no", card.expose()), ("api_version", API_VERSION)];
        let answer = self.ask("bankcardbin.htm", &fields, Resend::Question)?;
        if answer.code == "5001" {
            return Ok(None);
        }
        fine(&answer)?;
        let kind = CardKind::parse(answer.text("card_type")).ok_or(Failure::Unknown)?;
        let [bank_code, bank_name] =
            ["bank_code", "bank_name"].map(|name| answer.text(name).into());
        Ok(Some(Bin { bank_code, bank_name, kind }))
    }

    /// The agreements about a card; an empty list where there are none.
    pub fn agreements(&self, card: &BankCardNo) -> Result<Vec<Agreement>, Failure> {
        let user = self.user_of(card);
        let fields = [
            ("user_id", user.as_str()),
            ("pay_type", "I"),
            ("card_no", card.expose()),
            ("api_version", API_VERSION),
        ];
        let answer = self.ask("bankcardbindlist.htm", &fields, Resend::Question)?;
        if matches!(answer.code.as_str(), "3003" | "8901") {
            return Ok(Vec::new());
        }
        fine(&answer)?;
        let list = answer.object.get("agreement_list").and_then(Value::as_array);
        list.into_iter().flatten().map(|row| agreement(row).ok_or(Failure::Unknown)).collect()
    }

    /// The agreement that debits from a card go by.
    pub(super) fn agreement(&self, card: &BankCardNo) -> Result<Option<Agreement>, Failure> {
        let of_card = |agreement: &Agreement| card.expose().ends_with(&agreement.card_end);
        Ok(self.agreements(card)?.into_iter().find(of_card))
    }

    /// Ends an agreement (解约). One that is not there any more has ended too.
    pub fn unbind(&self, card: &BankCardNo, no_agree: &str) -> Result<(), Failure> {
        let user = self.user_of(card);
        let fields = [("user_id", user.as_str()), ("pay_type", "I"), ("no_agree", no_agree)];
        let answer = self.ask("bankcardunbind.htm", &fields, Resend::Never)?;
        if answer.code == "3003" { Ok(()) } else { fine(&answer) }
    }
}

pub(super) fn fine(answer: &Answer) -> Result<(), Failure> {
    if answer.is_fine() { Ok(()) } else { Err(answer.failure()) }
}

fn agreement(row: &Value) -> Option<Agreement> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let card_end = text("card_no").filter(|end| end.len() == 4)?;
    let [bank_code, bank_name] =
        ["bank_code", "bank_name"].map(|name| text(name).unwrap_or_default());
    let kind = CardKind::parse(&text("card_type")?)?;
    Some(Agreement { no_agree: text("no_agree")?, card_end, bank_code, bank_name, kind })
}
