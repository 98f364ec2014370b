//! How the twin reads what it is told, and writes what it says.

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Mobile, Money, RealName};
use serde_json::{Value, json};

use super::book::{Told, Word};

/// Why the twin does not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

impl Refusal {
    pub(super) const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message }
    }
}

pub(super) fn envelope(code: &str, message: &str, data: &Value) -> Value {
    json!({"code": code, "message": message, "data": data})
}

/// What it says of an order, in its place (from 0).
pub(super) fn standing(told: &Told, place: usize, word: &Word) -> Value {
    let mut standing = json!({
        "kind": told.call,
        "number": told.number,
        "status": word.status,
        "seq": place.saturating_add(1),
    });
    if let Value::Object(fields) = &mut standing {
        if let Some(amount) = word.amount.and_then(Money::from_fen) {
            fields.insert("amount".to_owned(), Value::from(amount.to_string()));
        }
        if let Some(tenors) = &word.tenors {
            fields.insert("tenors".to_owned(), Value::from(tenors.clone()));
        }
        if let Some(reason) = word.reason {
            fields.insert("reason".to_owned(), Value::from(reason));
        }
    }
    standing
}

/// A body that is read field by field.
pub(super) struct Body(Value);

const MALFORMED: Refusal = Refusal::new("1004", "not a message of this interface");

impl Body {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map(Self).map_err(|_| MALFORMED)
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.filter(|text| (1..=200).contains(&text.chars().count())).ok_or(MALFORMED)
    }

    /// A number of an order: letters, digits and `-`.
    pub(super) fn number(&self, name: &str) -> Result<String, Refusal> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let text = self.text(name)?;
        let fits = text.len() <= 64 && text.bytes().all(plain);
        if fits { Ok(text.to_owned()) } else { Err(MALFORMED) }
    }

    /// An amount in fen.
    pub(super) fn amount(&self, name: &str) -> Result<i64, Refusal> {
        Money::parse_yuan(self.text(name)?).map(Money::fen).map_err(|_| MALFORMED)
    }

    pub(super) fn months(&self, name: &str) -> Result<u32, Refusal> {
        let months = self.0.get(name).and_then(Value::as_u64);
        months.and_then(|months| u32::try_from(months).ok()).ok_or(MALFORMED)
    }

    pub(super) fn tenors(&self) -> Result<Vec<u32>, Refusal> {
        let tenors: Option<Vec<u32>> =
            self.0.get("tenors").and_then(|value| serde_json::from_value(value.clone()).ok());
        tenors.filter(|tenors| !tenors.is_empty()).ok_or(MALFORMED)
    }

    pub(super) fn notify(&self) -> Option<String> {
        self.0.get("notifyUrl").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    /// Whom an application is about: it must be people's data by their shape.
    pub(super) fn person(&self) -> Result<(), Refusal> {
        let name = RealName::parse(self.text("name")?).map(|_| ());
        let id = IdCardNo::parse(self.text("idNo")?).map(|_| ());
        let mobile = Mobile::parse(self.text("mobile")?).map(|_| ());
        name.and(id).and(mobile).ok_or(MALFORMED)
    }

    /// Where a withdrawal goes.
    pub(super) fn card(&self) -> Result<(), Refusal> {
        let name = RealName::parse(self.text("name")?).map(|_| ());
        let card = BankCardNo::parse(self.text("cardNo")?).map(|_| ());
        let mobile = Mobile::parse(self.text("reserveMobile")?).map(|_| ());
        name.and(card).and(mobile).ok_or(MALFORMED)
    }

    /// The principal of a plan: its rows in order, each due after the one before.
    pub(super) fn plan(&self) -> Result<i64, Refusal> {
        let rows = self.0.get("rows").and_then(Value::as_array).ok_or(MALFORMED)?;
        let (mut principal, mut before, mut place) = (0_i64, None, 0_u32);
        for row in rows {
            let row = Self(row.clone());
            place = place.saturating_add(1);
            let due = Date::parse(row.text("payDate")?).ok_or(MALFORMED)?;
            if row.months("tenor")? != place || before.is_some_and(|before| before >= due) {
                return Err(MALFORMED);
            }
            before = Some(due);
            principal = principal.saturating_add(row.amount("principal")?);
            row.amount("interest")?;
            row.amount("fee")?;
        }
        if place == 0 { Err(MALFORMED) } else { Ok(principal) }
    }

    /// The principal of a repayment.
    pub(super) fn repaid(&self) -> Result<i64, Refusal> {
        Date::parse(self.text("payDate")?).ok_or(MALFORMED)?;
        for name in ["interest", "fee", "penalty"] {
            self.amount(name)?;
        }
        self.amount("principal")
    }
}
