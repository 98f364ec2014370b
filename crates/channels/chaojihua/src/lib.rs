//! 超即花 (chaojihua): instalment credit for a partner's customers, document 000, as a door to the
//! core.
//!
//! It turns the document's wire into commands and the core's answers into its wire; it holds no
//! rule about money, states or people.

mod account;
mod call;
mod cards;
mod contract;
mod describe;
mod drawing;
mod envelope;
mod fields;
mod numbers;
mod orders;
mod people;
mod photo;
mod pictures;
mod repay;
mod section;
mod status;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get};
use channel_kit::{App, Mount};
use kernel::Channel;

use section::{PREFIX, Section};
use texts::BUSY;

pub use describe::openapi;

/// This door's name.
pub const CHANNEL: Channel = Channel::Chaojihua;

/// What operators decide about this channel.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Longest body that is read, in bytes; photographs have a bound of their own.
    pub body_limit: usize,
    /// Whether every success says 1, also where the samples print 0.
    pub uniform_codes: bool,
    /// Whether a token may stand in the query, where logs see it.
    pub token_in_query: bool,
    /// What the partner is called in answers (`channel`).
    pub channel_code: String,
    /// Whether customers come by TLS, for the addresses in answers.
    pub secure: bool,
}

/// The channel as its calls see it; clones share it.
#[derive(Clone)]
pub struct Chaojihua {
    app: App,
    settings: Arc<Settings>,
}

/// Where the document's addresses begin.
const API: &str = "/cjh-open-api/";

impl Chaojihua {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths: each as it is, with a slash behind it, and with what becomes
    /// of it where a client joins host and path with two slashes or with none.
    pub fn router(&self, mount: Mount) -> Router {
        let prefix = mount.before(PREFIX);
        let mut router = Router::new();
        for (section, handler) in routes() {
            let Some(handler) = handler else { continue };
            let path = section.operation.below(PREFIX);
            let mut paths = vec![format!("{prefix}{path}"), format!("{prefix}/{path}")];
            if mount == Mount::Prefixed
                && let Some(slipped) = path.strip_prefix('/')
            {
                paths.push(format!("{prefix}{slipped}"));
            }
            // Logging in is a sibling's document, which has no prefix of ours.
            if let Some(bare) = path.strip_prefix(API).filter(|_| is_of_siblings(section)) {
                paths.push(format!("{prefix}/{bare}"));
            }
            for path in paths {
                router = router.route(&format!("{path}/"), handler.clone());
                router = router.route(&path, handler.clone());
            }
        }
        router =
            router.route(&format!("{prefix}/cjh-open-api/contract/{{token}}"), get(contract::page));
        router =
            router.route(&format!("{prefix}/cjh-open-api/icons/{{file}}"), get(pictures::picture));
        // The platform's own pages stand beside the channel at the root.
        let wild: &[&str] = match mount {
            Mount::Prefixed => &["", "/", "/{*rest}"],
            Mount::Root => &["/cjh-open-api", "/cjh-open-api/", "/cjh-open-api/{*rest}"],
        };
        for path in wild {
            router = router.route(&format!("{prefix}{path}"), any(call::no_address));
        }
        router.with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        envelope::respond(&self.settings, BUSY, &Err(BUSY.into()))
    }
}

fn is_of_siblings(section: &Section) -> bool {
    std::ptr::eq(section, &raw const account::SMS_CODE)
        || std::ptr::eq(section, &raw const account::ACCESS_TOKEN)
}

/// Every call of the channel: the document's in its order, then the others. One that shares its
/// address with another has no handler of its own.
fn routes() -> Vec<(&'static Section, Option<MethodRouter<Chaojihua>>)> {
    use call::{route, route_both, route_within};
    let user_info = route_both((&people::SHOW, people::show), (&people::TELL, people::tell));
    let photo = Some(photo::BODY_MOST);
    vec![
        (&orders::LIST, Some(route(&orders::LIST, orders::list))),
        (&cards::BANK_LIST, Some(route(&cards::BANK_LIST, cards::bank_list))),
        (&cards::CARD_LIST, Some(route(&cards::CARD_LIST, cards::card_list))),
        (&cards::BIND, Some(route(&cards::BIND, cards::bind))),
        (&cards::BIND_BY_CODE, Some(route(&cards::BIND_BY_CODE, cards::bind_by_code))),
        (&drawing::CALCULATE, Some(route(&drawing::CALCULATE, drawing::calculate))),
        (&contract::SHOW, Some(route(&contract::SHOW, contract::show))),
        (&drawing::VERIFY, Some(route_within(&drawing::VERIFY, photo, drawing::verify))),
        (&drawing::SUBMIT, Some(route(&drawing::SUBMIT, drawing::submit))),
        (&people::SHOW, Some(user_info)),
        (&repay::PLAN_LIST, Some(route(&repay::PLAN_LIST, repay::plan_list))),
        (&account::SMS_CODE, Some(route(&account::SMS_CODE, account::sms_code))),
        (&account::ACCESS_TOKEN, Some(route(&account::ACCESS_TOKEN, account::access_token))),
        (&people::TELL, None),
        (&orders::APPLY, Some(route(&orders::APPLY, orders::apply))),
        (&drawing::CANCEL, Some(route(&drawing::CANCEL, drawing::cancel))),
        (&repay::PLAN, Some(route(&repay::PLAN, repay::plan))),
        (&repay::SUBMIT, Some(route(&repay::SUBMIT, repay::submit))),
    ]
}
