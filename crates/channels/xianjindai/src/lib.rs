//! 现金贷 (xianjindai): the cash-loan app of document 001, as a door to the core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.
#![expect(dead_code, reason = "messages of sections whose part of the core is not there yet")]

mod account;
mod call;
mod cipher;
mod describe;
mod envelope;
mod failure;
mod feedback;
mod form;
mod gzip;
mod ids;
mod json;
mod loan;
mod message;
mod pages;
mod people;
mod product;
mod proof;
mod section;
mod session;
mod sign;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::App;
use kernel::{Channel, Secret};

use envelope::Manner;
use failure::{BUSY, Failure};
use section::{PREFIX, Section};

pub use cipher::KEY_BYTES;
pub use describe::openapi;
pub use pages::Pages;

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
    /// The pages of §5 and §6.
    pub pages: Option<Pages>,
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Xianjindai {
    app: App,
    settings: Arc<Settings>,
}

/// Where the channel's addresses begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// Below `/xianjindai`, on the port of all channels.
    Prefixed,
    /// At the root of a port of its own, as the document prints them.
    Root,
}

impl Xianjindai {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths.
    pub fn router(&self, mount: Mount) -> Router {
        let prefix = match mount {
            Mount::Prefixed => PREFIX,
            Mount::Root => "",
        };
        let at = |path: &str| format!("{prefix}{path}");
        let mut router = Router::new();
        for (section, handler) in routes() {
            router = router.route(&at(section.path()), handler);
        }
        for (operations, handler) in page_routes() {
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

/// Every call of the channel but the pages, in the document's order.
fn routes() -> Vec<(&'static Section, MethodRouter<Xianjindai>)> {
    let closed = |section| (section, call::closed(section));
    vec![
        (&account::LOGIN, call::route(&account::LOGIN, account::log_in)),
        (&proof::CODE, call::route(&proof::CODE, proof::captcha)),
        (&proof::SMS_CODE, call::route(&proof::SMS_CODE, proof::sms_code)),
        (&proof::CHECK_SMS_CODE, call::route(&proof::CHECK_SMS_CODE, proof::check_sms_code)),
        (&account::REGISTER, call::route(&account::REGISTER, account::register)),
        (&proof::FORGOT_SMS_CODE, call::route(&proof::FORGOT_SMS_CODE, proof::forgot_sms_code)),
        (
            &proof::FORGOT_CHECK_SMS_CODE,
            call::route(&proof::FORGOT_CHECK_SMS_CODE, proof::forgot_check_sms_code),
        ),
        (&proof::FORGOT_IDENTITY, call::route(&proof::FORGOT_IDENTITY, proof::forgot_identity)),
        (
            &proof::FORGOT_IDENTITY_NAMED,
            call::route(&proof::FORGOT_IDENTITY_NAMED, proof::forgot_identity),
        ),
        (&account::RESET_PASSWORD, call::route(&account::RESET_PASSWORD, account::reset_password)),
        (
            &account::CHANGE_PASSWORD,
            call::route(&account::CHANGE_PASSWORD, account::change_password),
        ),
        closed(&feedback::SUGGESTION),
        closed(&feedback::APP_VERSION),
        (&account::LOG_OUT, call::route(&account::LOG_OUT, account::log_out)),
        closed(&people::STATUS),
        closed(&product::LIST),
        closed(&product::DETAILS),
        closed(&product::QUOTE),
        closed(&product::APPLY),
        closed(&message::OWN),
        closed(&message::SYSTEM),
        closed(&loan::REPAYMENTS),
        closed(&people::CENTER),
        closed(&loan::APPLICATIONS),
        closed(&loan::PLAN),
        closed(&people::CARD),
        closed(&people::MOBILE),
        closed(&people::NAME),
        closed(&people::PROFILE),
        closed(&people::SAVE_PROFILE),
        closed(&people::CONTACT),
        closed(&loan::REPAY),
    ]
}

type PageRoute = (&'static [channel_kit::Operation<&'static str>; 2], MethodRouter<Xianjindai>);

fn page_routes() -> [PageRoute; 2] {
    [
        (&pages::PROTOCOL, pages::route(|pages| &pages.registration_protocol)),
        (&pages::HELP, pages::route(|pages| &pages.loan_help)),
    ]
}
