//! 现金贷 (xianjindai): the cash-loan app of document 001, as a door to the core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.

mod account;
mod call;
mod cipher;
mod contract;
mod describe;
mod envelope;
mod failure;
mod feedback;
mod form;
mod gzip;
mod ids;
mod image;
mod json;
mod loan;
mod message;
mod offer;
mod pages;
mod people;
mod product;
mod profile;
mod proof;
mod repay;
mod section;
mod session;
mod sign;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::{App, Mount};
use kernel::{Channel, Secret};
use lending::documents::Kind;

use envelope::Manner;
use failure::{BUSY, Failure};
use section::{PREFIX, Section};

pub use cipher::KEY_BYTES;
pub use describe::openapi;
pub use pages::About;

/// This door's name.
pub const CHANNEL: Channel = Channel::Xianjindai;

/// What operators decide about this channel.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// What apps and we sign with; its first [`KEY_BYTES`] bytes encrypt passwords, so that it
    /// must be at least that long.
    pub app_key: Secret,
    /// Calls must be signed; off on a bench only.
    pub signatures: bool,
    /// The signatures of October 2017, which prove nothing about the message, are good as well.
    pub old_signature: bool,
    /// How far a timestamp may be from the wall clock; 0 takes any.
    pub replay_window_minutes: u32,
    /// A pair of timestamp and nonce is good once.
    pub replay_guard: bool,
    /// Answers spell `maritalStatus` as clients built from a print of the document do.
    pub spells_martial: bool,
    /// Cookies are sent back over TLS only.
    pub secure_cookie: bool,
    /// Longest body that is read, in bytes.
    pub body_limit: usize,
    /// What the pages of §5 and §6 say about the lender.
    pub about: About,
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Xianjindai {
    app: App,
    settings: Arc<Settings>,
}

impl Xianjindai {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths.
    pub fn router(&self, mount: Mount) -> Router {
        let prefix = mount.before(PREFIX);
        let at = |path: &str| format!("{prefix}{path}");
        let mut router = Router::new();
        for (section, handler) in routes() {
            router = router.route(&at(section.path()), handler);
        }
        for (operations, _, handler) in page_routes() {
            let path = operations.first().map_or("", |operation| operation.path);
            router = router.route(&at(path.strip_prefix(PREFIX).unwrap_or(path)), handler);
        }
        // The platform's own pages stand beside the channel at the root.
        let wild: &[&str] = match mount {
            Mount::Prefixed => &["", "/", "/{*rest}"],
            Mount::Root => &[
                "/security/{*rest}",
                "/open/{*rest}",
                "/openApi/{*rest}",
                "/appApi/{*rest}",
                "/appCommonApi/{*rest}",
                "/openCommonApi/{*rest}",
            ],
        };
        for path in wild {
            router = router.route(&at(path), any(call::no_address));
        }
        router.method_not_allowed_fallback(call::other_method).with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        self.respond(Manner::PLAIN, call::NOTHING, &Err(Failure::failed(BUSY)))
    }
}

/// Every call of the channel but the pages, in the document's order; what the document does not
/// have comes last.
fn routes() -> Vec<(&'static Section, MethodRouter<Xianjindai>)> {
    macro_rules! table {
        ($($module:ident $section:ident $handler:ident;)*) => {
            vec![$((&$module::$section, call::route(&$module::$section, $module::$handler)),)*]
        };
    }
    table! {
        account LOGIN log_in;
        proof CODE captcha;
        proof SMS_CODE sms_code;
        proof CHECK_SMS_CODE check_sms_code;
        account REGISTER register;
        proof FORGOT_SMS_CODE forgot_sms_code;
        proof FORGOT_CHECK_SMS_CODE forgot_check_sms_code;
        proof FORGOT_IDENTITY forgot_identity;
        proof FORGOT_IDENTITY_NAMED forgot_identity;
        account RESET_PASSWORD reset_password;
        account CHANGE_PASSWORD change_password;
        feedback SUGGESTION suggestion;
        feedback APP_VERSION app_version;
        account LOG_OUT log_out;
        people STATUS status;
        product LIST list;
        product DETAILS details;
        offer QUOTE quote;
        offer APPLY apply;
        message OWN own;
        message SYSTEM system;
        repay REPAYMENTS repayments;
        people CENTER center;
        loan APPLICATIONS applications;
        loan PLAN plan;
        people CARD bank_card;
        people MOBILE mobile;
        people NAME real_name;
        profile PROFILE profile;
        profile SAVE_PROFILE save_profile;
        profile CONTACT save_contact;
        repay REPAY repay;
        loan DISCLOSURE disclosure;
        loan CONFIRM confirm;
        loan WITHDRAW withdraw;
    }
}

/// What is no call: its operations, what it is made of, and where it leads.
type PageRoute =
    (&'static [channel_kit::Operation<&'static str>], &'static str, MethodRouter<Xianjindai>);

fn page_routes() -> [PageRoute; 4] {
    [
        (&pages::PROTOCOL, "text/html", pages::route(Kind::RegistrationAgreement)),
        (&pages::HELP, "text/html", pages::route(Kind::RepaymentHelp)),
        (&image::IMAGE, "image/png", image::route()),
        (&contract::CONTRACT, "text/html", contract::route()),
    ]
}
