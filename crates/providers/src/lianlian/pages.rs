//! Pages of LianLian that a customer is sent to: signing a card, and paying.

use kernel::Money;
use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Mobile, RealName};
use serde_json::json;

use super::sign::{self, Fields};
use super::{LianLian, json as object, yuan};

/// The version of the pages.
const VERSION: &str = "1.1";
/// How long an order on a page may be paid, in minutes: a week. Source: providers.md.
const VALID_MINUTES: &str = "10080";

/// A form that the customer's browser posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where.
    pub action: String,
    /// The one field, `req_data`: JSON.
    pub req_data: String,
}

/// Whom a page is for.
#[derive(Clone, Debug)]
pub struct SignPage<'p> {
    /// The customer, as we call them.
    pub customer: &'p str,
    /// Their name.
    pub name: &'p RealName,
    /// Their id number.
    pub id_no: &'p IdCardNo,
    /// Their card.
    pub card: &'p BankCardNo,
    /// Their mobile number.
    pub mobile: &'p Mobile,
    /// Since when they are our customer.
    pub registered: Date,
    /// Where the browser goes afterwards.
    pub return_url: &'p str,
}

/// What is to be paid on a page.
#[derive(Clone, Debug)]
pub struct PayPage<'p> {
    /// Whose card.
    pub who: SignPage<'p>,
    /// Our number of the order.
    pub order_no: &'p str,
    /// How much.
    pub amount: Money,
    /// The agreement, if the card is signed already.
    pub no_agree: Option<&'p str>,
}

/// What a browser brings back from signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The user as LianLian calls them; see [`LianLian::user_of`].
    pub user: String,
    /// The number of the agreement.
    pub no_agree: String,
}

impl LianLian {
    /// The form that lets a customer sign their card (签约).
    pub fn sign_page(&self, page: &SignPage<'_>) -> Option<Form> {
        let user = self.user_of(page.card);
        let risk = self.risk(page);
        let fields = [
            ("version", VERSION),
            ("app_request", "3"),
            ("user_id", user.as_str()),
            ("id_type", "0"),
            ("id_no", page.id_no.expose()),
            ("card_no", page.card.expose()),
            ("acct_name", page.name.expose()),
            ("pay_type", "I"),
            ("url_return", page.return_url),
            ("risk_item", &risk),
        ];
        let action = format!("{}/signApply.htm", self.settings.pages_url);
        Some(Form { action, req_data: object(&self.signed(&fields)?) })
    }

    /// The form that lets a customer pay (认证支付).
    pub fn pay_page(&self, page: &PayPage<'_>) -> Option<Form> {
        let who = &page.who;
        let (user, risk) = (self.user_of(who.card), self.risk(who));
        let (time, amount) = (self.now_text(), yuan(page.amount));
        let fields = [
            ("version", VERSION),
            ("app_request", "3"),
            ("user_id", user.as_str()),
            ("busi_partner", &self.settings.business),
            ("no_order", page.order_no),
            ("dt_order", page.order_no.get(..14).unwrap_or(&time)),
            ("name_goods", &self.settings.goods),
            ("info_order", &self.settings.goods),
            ("money_order", &amount),
            ("notify_url", &self.settings.notify_url),
            ("url_return", who.return_url),
            ("valid_order", VALID_MINUTES),
            ("no_agree", page.no_agree.unwrap_or_default()),
            ("id_type", "0"),
            ("id_no", who.id_no.expose()),
            ("card_no", who.card.expose()),
            ("acct_name", who.name.expose()),
            ("pay_type", "I"),
            ("risk_item", &risk),
        ];
        let action = format!("{}/authpay.htm", self.settings.pages_url);
        Some(Form { action, req_data: object(&self.signed(&fields)?) })
    }

    /// What LianLian wants to know of a customer. Category 2010 is lending; the customer's name
    /// and id number have been proven (type 4: by several sources).
    fn risk(&self, page: &SignPage<'_>) -> String {
        let date = page.registered.to_string().replace('-', "");
        json!({
            "frms_ware_category": "2010",
            "user_info_mercht_userno": page.customer,
            "user_info_bind_phone": page.mobile.expose(),
            "user_info_dt_register": format!("{date}000000"),
            "user_info_full_name": page.name.expose(),
            "user_info_id_no": page.id_no.expose(),
            "user_info_identify_state": "1",
            "user_info_identify_type": "4",
        })
        .to_string()
    }

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
