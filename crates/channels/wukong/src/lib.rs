//! 悟空 (wukong): the cash-loan app of document 002, as a door to the core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.

mod account;
mod borrowing;
mod call;
mod describe;
mod elsewhere;
mod envelope;
mod fields;
mod home;
mod identity;
mod llpay;
mod loan;
mod numbers;
mod password;
mod people;
mod quota;
mod records;
mod section;
mod texts;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use channel_kit::{App, Mount};
use kernel::Channel;

use section::{PREFIX, Section};
use texts::BUSY;

pub use describe::openapi;

/// This door's name.
pub const CHANNEL: Channel = Channel::Wukong;

/// How `/llpay-auth-pay` writes `req_data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayData {
    /// A text of JSON, as the document's sample prints it.
    Text,
    /// An object, for the H5 client that writes it as text itself.
    Object,
}

/// What operators decide about this channel.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Longest body that is read, in bytes.
    pub body_limit: usize,
    /// Where browsers and providers reach this channel, without the last slash.
    pub public_url: String,
    /// Where the app is, to which the return pages lead back; empty where nobody knows.
    pub app_url: String,
    /// How `/llpay-auth-pay` writes `req_data`.
    pub pay_data: PayData,
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Wukong {
    app: App,
    settings: Arc<Settings>,
}

impl Wukong {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths: each bare and under `/1`.
    pub fn router(&self, mount: Mount) -> Router {
        let prefix = mount.before(PREFIX);
        let mut router = Router::new();
        for (section, handler) in routes() {
            let path = section.operation.below(PREFIX);
            router = router.route(&format!("{prefix}{path}"), handler.clone());
            router = router.route(&format!("{prefix}/1{path}"), handler);
        }
        for (path, handler) in beside() {
            router = router.route(&format!("{prefix}{path}"), handler.clone());
            router = router.route(&format!("{prefix}/1{path}"), handler);
        }
        // The platform's own pages stand beside the channel at the root.
        let wild: &[&str] = match mount {
            Mount::Prefixed => &["", "/", "/{*rest}"],
            Mount::Root => &["/1", "/1/{*rest}"],
        };
        for path in wild {
            router = router.route(&format!("{prefix}{path}"), any(call::no_address));
        }
        router.with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        envelope::respond(BUSY, &Err(BUSY.into()))
    }
}

/// What browsers and the payment provider come to, who know nothing of the envelope.
fn beside() -> [(&'static str, MethodRouter<Wukong>); 3] {
    [
        (llpay::SIGN_RETURN, get(llpay::sign_return).post(llpay::sign_return)),
        (llpay::PAY_RETURN, get(llpay::pay_return).post(llpay::pay_return)),
        (llpay::PAY_NOTIFY, post(llpay::pay_notify)),
    ]
}

/// Every call of the channel, in the document's order.
fn routes() -> Vec<(&'static Section, MethodRouter<Wukong>)> {
    use call::route;
    vec![
        (&home::HOME, route(&home::HOME, home::home)),
        (&borrowing::CONFIRM, route(&borrowing::CONFIRM, borrowing::confirm)),
        (&borrowing::SUBMIT, route(&borrowing::SUBMIT, borrowing::submit)),
        (&llpay::AUTH_PAY, route(&llpay::AUTH_PAY, llpay::auth_pay)),
        (&identity::IDENTITY, route(&identity::IDENTITY, identity::identity)),
        (&identity::GET_IDENTITY, route(&identity::GET_IDENTITY, identity::get_identity)),
        (&llpay::SIGN, route(&llpay::SIGN, llpay::sign)),
        (&identity::CARD_BIN, route(&identity::CARD_BIN, identity::card_bin)),
        (&elsewhere::MOBILE, route(&elsewhere::MOBILE, elsewhere::mobile)),
        (&elsewhere::MOBILE_INPUT, route(&elsewhere::MOBILE_INPUT, elsewhere::input)),
        (&elsewhere::MOBILE_CONTINUE, route(&elsewhere::MOBILE_CONTINUE, elsewhere::go_on_shown)),
        (&elsewhere::REPORT, route(&elsewhere::REPORT, elsewhere::mobile_report)),
        (&elsewhere::REPORT_INPUT, route(&elsewhere::REPORT_INPUT, elsewhere::input)),
        (&elsewhere::JD, route(&elsewhere::JD, elsewhere::jd)),
        (&elsewhere::JD_INPUT, route(&elsewhere::JD_INPUT, elsewhere::input)),
        (&elsewhere::JD_CONTINUE, route(&elsewhere::JD_CONTINUE, elsewhere::go_on)),
        (&elsewhere::TAOBAO, route(&elsewhere::TAOBAO, elsewhere::taobao)),
        (&elsewhere::TAOBAO_CONTINUE, route(&elsewhere::TAOBAO_CONTINUE, elsewhere::go_on)),
        (&elsewhere::EDUCATION, route(&elsewhere::EDUCATION, elsewhere::education)),
        (&elsewhere::BILL, route(&elsewhere::BILL, elsewhere::bill)),
        (&elsewhere::BILL_CONTINUE, route(&elsewhere::BILL_CONTINUE, elsewhere::go_on)),
        (
            &elsewhere::BILL_CONTINUE_AS_PRINTED,
            route(&elsewhere::BILL_CONTINUE_AS_PRINTED, elsewhere::go_on),
        ),
        (&elsewhere::EBANK, route(&elsewhere::EBANK, elsewhere::ebank)),
        (&people::AUTH_STATE, route(&people::AUTH_STATE, people::auth_state)),
        (&people::PROFILE, route(&people::PROFILE, people::profile)),
        (&people::SAVE_PROFILE, route(&people::SAVE_PROFILE, people::save_profile)),
        (&people::WORK, route(&people::WORK, people::work)),
        (&people::SAVE_WORK, route(&people::SAVE_WORK, people::save_work)),
        (&people::RELATION, route(&people::RELATION, people::relation)),
        (&people::SAVE_RELATION, route(&people::SAVE_RELATION, people::save_relation)),
        (&people::AUTH_COMMON, route(&people::AUTH_COMMON, people::auth_common)),
        (&people::AUTH_COMMON_GET, route(&people::AUTH_COMMON_GET, people::auth_common_get)),
        (&identity::CARDS, route(&identity::CARDS, identity::cards)),
        (&identity::SET_DEFAULT, route(&identity::SET_DEFAULT, identity::set_default)),
        (&quota::APPLY, route(&quota::APPLY, quota::apply)),
        (&account::SIGN_UP, route(&account::SIGN_UP, account::sign_up)),
        (&account::LOG_IN, route(&account::LOG_IN, account::log_in)),
        (&account::LOG_OUT, route(&account::LOG_OUT, account::log_out)),
        (&account::CODE_NEW_USER, route(&account::CODE_NEW_USER, account::code_new_user)),
        (&account::CODE_FORGOTTEN, route(&account::CODE_FORGOTTEN, account::code_forgotten)),
        (&password::CHANGE, route(&password::CHANGE, password::change)),
        (&password::FORGOT, route(&password::FORGOT, password::forgot)),
        (&quota::COUPONS, route(&quota::COUPONS, quota::coupons)),
        (&borrowing::CONTRACT, route(&borrowing::CONTRACT, borrowing::contract)),
        (&records::LOANS, route(&records::LOANS, records::loans)),
        (&records::REPAYMENTS, route(&records::REPAYMENTS, records::repayments)),
        (&records::DETAIL, route(&records::DETAIL, records::detail)),
        (&account::FEEDBACK, route(&account::FEEDBACK, account::feedback)),
    ]
}
