//! 第一甩单 (shuaidan): the exchange of leads of document 003, as a door to the core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.

mod account;
mod call;
mod describe;
mod envelope;
mod exchange;
mod form;
mod lead_request;
mod section;
mod session;
mod sign;
mod texts;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::{App, Mount};
use kernel::{Channel, Secret};

use section::{PREFIX, Section};

pub use describe::openapi;

/// This door's name.
pub const CHANNEL: Channel = Channel::Shuaidan;

/// What operators decide about this channel.
#[derive(Debug)]
pub struct Settings {
    /// What apps sign with; without one signatures are not verified, as the document has it.
    pub sign_key: Option<Secret>,
    /// `/session` shows callers their own session: benches only.
    pub session_viewer: bool,
    /// Cookies are sent back over TLS only.
    pub secure_cookie: bool,
    /// Longest body that is read, in bytes.
    pub body_limit: usize,
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Shuaidan {
    app: App,
    settings: Arc<Settings>,
}

impl Shuaidan {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths: each with and without a stroke at its end, and with two at its
    /// beginning, as clients that glue addresses together write them.
    pub fn router(&self, mount: Mount) -> Router {
        let prefix = mount.before(PREFIX);
        let mut router = Router::new();
        for (section, handler) in routes() {
            let path = section.path();
            for path in
                [path.to_owned(), format!("{path}/"), format!("/{path}"), format!("/{path}/")]
            {
                router = router.route(&format!("{prefix}{path}"), handler.clone());
            }
        }
        // The platform's own pages stand beside the channel at the root.
        let wild: &[&str] = match mount {
            Mount::Prefixed => &["", "/", "/{*rest}"],
            Mount::Root => &["/leads/{*rest}", "/loanrequest/{*rest}"],
        };
        for path in wild {
            router = router.route(&format!("{prefix}{path}"), any(call::no_address));
        }
        router.with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        call::busy()
    }
}

/// Every call of the channel: the document's, in its order, and then ours.
fn routes() -> Vec<(&'static Section, MethodRouter<Shuaidan>)> {
    use call::route;
    vec![
        (&account::CHECK_MESSAGE, route(&account::CHECK_MESSAGE, account::check_message)),
        (&account::REGISTER, route(&account::REGISTER, account::register)),
        (&account::SESSION, route(&account::SESSION, account::show_session)),
        (&account::LOG_IN, route(&account::LOG_IN, account::log_in)),
        (&lead_request::LOAN_REQUEST, route(&lead_request::LOAN_REQUEST, lead_request::submit)),
        (&exchange::OPEN, route(&exchange::OPEN, exchange::open)),
        (&exchange::TOLD, route(&exchange::TOLD, exchange::told)),
        (&exchange::HELD, route(&exchange::HELD, exchange::held)),
        (&exchange::DETAIL, route(&exchange::DETAIL, exchange::detail)),
        (&exchange::CLAIM, route(&exchange::CLAIM, exchange::claim)),
        (&exchange::WORK, route(&exchange::WORK, exchange::work)),
        (&exchange::RELEASE, route(&exchange::RELEASE, exchange::release)),
        (&exchange::CLOSE, route(&exchange::CLOSE, exchange::close)),
        (&exchange::WITHDRAW, route(&exchange::WITHDRAW, exchange::withdraw)),
        (&exchange::CONSENT, route(&exchange::CONSENT, exchange::consent)),
        (&exchange::HAND_OVER, route(&exchange::HAND_OVER, exchange::hand_over)),
        (&exchange::WALLET, route(&exchange::WALLET, exchange::wallet)),
    ]
}
