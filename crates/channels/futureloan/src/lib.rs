//! 前程贷 (futureloan): the P2P market of document 004, as a door to the core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.

mod auth;
mod call;
mod describe;
mod envelope;
mod failure;
mod loan;
mod login;
mod member;
mod sign;
mod token;
mod wallet;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use channel_kit::App;
use channel_kit::route::Operation;
use kernel::id::MemberId;
use kernel::{Channel, Secret};

pub use describe::openapi;
pub use sign::SignKeyError;

/// This door's name.
pub const CHANNEL: Channel = Channel::Futureloan;

/// What operators decide about this channel.
pub struct Settings {
    /// The text under `copyright` of each answer.
    pub copyright: String,
    /// Life of a token, in seconds.
    pub token_seconds: u32,
    /// How far the timestamp of a signed call may be from the wall clock, in seconds.
    pub sign_window_seconds: u32,
    /// Which media types are served.
    pub media: MediaSwitches,
    /// Anybody may register a market administrator.
    pub public_administrators: bool,
    /// Longest body that is read, in bytes.
    pub body_limit: usize,
    /// Key of the tokens' HMAC-SHA-512.
    pub token_key: Vec<u8>,
    /// Private key of the signed calls, PKCS#8 in PEM.
    pub sign_key: Secret,
}

/// Which media types are served.
#[derive(Clone, Copy, Debug)]
pub struct MediaSwitches {
    /// `lemonban.v1`: no authentication at all; a hole by design, for teaching.
    pub v1: bool,
    /// `lemonban.v2`: bearer token.
    pub v2: bool,
    /// `lemonban.v3`: bearer token and signature.
    pub v3: bool,
}

/// A token as a log-in would give it, for benchmarks and tests; `None` if the key is unusable.
pub fn issue_token(key: &[u8], member: MemberId, expires: i64) -> Option<String> {
    token::issue(key, member, expires)
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Futureloan {
    app: App,
    settings: Arc<Settings>,
    signs: Arc<sign::SignKey>,
}

impl Futureloan {
    /// Opens the door over the core. A key that cannot be read is an error at start.
    pub fn new(app: App, settings: Settings) -> Result<Self, SignKeyError> {
        let signs = Arc::new(sign::SignKey::read(&settings.sign_key)?);
        Ok(Self { app, settings: Arc::new(settings), signs })
    }

    /// The router, with full paths from `/futureloan` on.
    pub fn router(&self) -> Router {
        let mut router = Router::new();
        for route in routes() {
            router = router.route(route.operation.path, route.handler);
        }
        router
            .route("/futureloan", axum::routing::any(call::no_handler))
            .route("/futureloan/", axum::routing::any(call::no_handler))
            .route("/futureloan/{*rest}", axum::routing::any(call::no_handler))
            .method_not_allowed_fallback(call::no_handler)
            .with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        self.respond(&Err(failure::BUSY.into()))
    }
}

/// One call: what the document says of it, and what handles it.
struct Route {
    operation: &'static Operation,
    handler: axum::routing::MethodRouter<Futureloan>,
}

/// Every call of the channel, in the document's order, with our additions at the end.
fn routes() -> Vec<Route> {
    vec![
        call::route(&member::REGISTER, member::register),
        call::route(&login::LOGIN, login::login),
        call::route(&wallet::RECHARGE, wallet::recharge),
        call::route(&wallet::WITHDRAW, wallet::withdraw),
        call::route(&member::UPDATE, member::update),
        call::route(&wallet::INVEST, wallet::invest),
        call::route(&member::INFO, member::info),
        call::route(&loan::ADD, loan::add),
        call::route(&loan::AUDIT, loan::audit),
        call::route(&loan::LIST, loan::list),
        call::route(&loan::REPAY, loan::repay),
        call::route(&loan::REPAYMENTS, loan::repayments),
        call::route(&member::INVESTS, member::invests),
        call::route(&member::FINANCE_LOG, member::finance_log),
    ]
}
