//! Pages of LianLian that a customer is sent to: signing a card, and paying.

use kernel::Instant;
use kernel::identity::BankCardNo;
use lending::ports::{BinOutcome, CardHolder, News, Pages, PayPage};
use serde_json::json;

use super::cards::CardKind;
use super::sign::{self, Fields};
use super::{Failure, LianLian, acknowledgement, digits, json as object, refusal, yuan};

/// The version of the pages.
const VERSION: &str = "1.1";
/// Where cards are signed, below the address of the pages.
pub const SIGN_PATH: &str = "signApply.htm";
/// Where orders are paid.
pub const PAY_PATH: &str = "authpay.htm";

/// What a browser brings back from signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The user as LianLian calls them; see [`LianLian::user_of`].
    pub user: String,
    /// The number of the agreement.
    pub no_agree: String,
}

impl Pages for LianLian {
    fn holder(&self, card: &BankCardNo) -> String {
        self.user_of(card)
    }

    /// Document 002, 银行卡认证: `app_request` is a number there.
    fn sign(&self, holder: &CardHolder, return_url: &str) -> Option<String> {
        let user = self.user_of(&holder.card);
        let risk = risk(holder);
        let fields = [
            ("version", VERSION),
            ("app_request", "3"),
            ("user_id", user.as_str()),
            ("id_type", "0"),
            ("id_no", holder.id_no.expose()),
            ("card_no", holder.card.expose()),
            ("acct_name", holder.name.expose()),
            ("pay_type", "I"),
            ("url_return", return_url),
            ("risk_item", &risk),
        ];
        Some(object(&self.signed(&fields)?))
    }

    fn pay(&self, page: &PayPage) -> Option<String> {
        let holder = &page.holder;
        let (user, risk) = (self.user_of(&holder.card), risk(holder));
        let (time, amount) = (self.now_text(), yuan(page.amount));
        let minutes = page.valid_minutes.to_string();
        // Only a signed card has an agreement; without one the page asks for the card's owner.
        let agreement = self.agreement(&holder.card).ok().flatten().map(|found| found.no_agree);
        let fields = [
            ("version", VERSION),
            ("app_request", "3"),
            ("user_id", user.as_str()),
            ("busi_partner", &self.settings.business),
            ("no_order", &page.order_no),
            ("dt_order", page.order_no.get(..14).unwrap_or(&time)),
            ("name_goods", &self.settings.goods),
            ("info_order", &self.settings.goods),
            ("money_order", &amount),
            ("notify_url", &page.notify_url),
            ("url_return", &page.return_url),
            ("valid_order", &minutes),
            ("no_agree", agreement.as_deref().unwrap_or_default()),
            ("id_type", "0"),
            ("id_no", holder.id_no.expose()),
            ("card_no", holder.card.expose()),
            ("acct_name", holder.name.expose()),
            ("pay_type", "I"),
            ("risk_item", &risk),
        ];
        Some(object(&self.signed(&fields)?))
    }

    fn signed(&self, status: &str, result: &str) -> Option<String> {
        self.read_return(status, result).map(|returned| returned.user)
    }

    fn news(&self, body: &str) -> Option<News> {
        self.read_notice(body)
    }

    fn acknowledgement(&self) -> &'static str {
        acknowledgement()
    }

    fn refusal(&self) -> &'static str {
        refusal()
    }

    fn bin(&self, card: &BankCardNo) -> BinOutcome {
        match self.card_bin(card) {
            Ok(Some(bin)) if bin.kind == CardKind::Debit => BinOutcome::Debit,
            Ok(Some(_)) => BinOutcome::Refused("不支持信用卡".to_owned()),
            Ok(None) => BinOutcome::Refused("查询不到该卡信息".to_owned()),
            Err(Failure::Declined { message, .. }) => BinOutcome::Refused(message),
            Err(Failure::Unknown) => BinOutcome::Unknown,
        }
    }
}

/// What LianLian wants to know of a customer. Category 2010 is lending; the customer's name and id
/// number have been proven (type 4: by several sources).
fn risk(holder: &CardHolder) -> String {
    json!({
        "frms_ware_category": "2010",
        "user_info_mercht_userno": holder.customer,
        "user_info_bind_phone": holder.mobile.expose(),
        "user_info_dt_register": registered(holder.registered_at),
        "user_info_full_name": holder.name.expose(),
        "user_info_id_no": holder.id_no.expose(),
        "user_info_identify_state": "1",
        "user_info_identify_type": "4",
    })
    .to_string()
}

fn registered(at: Instant) -> String {
    digits(at).chars().take(14).collect()
}

impl LianLian {
    /// Reads what a browser brings back to `url_return`; `None` unless LianLian has signed that
    /// the card is signed.
    pub fn read_return(&self, status: &str, result: &str) -> Option<Returned> {
        let serde_json::Value::Object(object) = serde_json::from_str(result).ok()? else {
            return None;
        };
        let fields: Fields = sign::fields(&object);
        let ours = fields.get("oid_partner").is_some_and(|it| *it == self.settings.partner);
        if status != "0000" || !ours || !self.verifier.is_genuine(&fields) {
            return None;
        }
        let text = |name: &str| fields.get(name).cloned();
        Some(Returned { user: text("user_id")?, no_agree: text("agreeno")? })
    }
}
