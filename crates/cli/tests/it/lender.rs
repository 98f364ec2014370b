//! What the lender's people and machines do beside the wire: in the core next to the running server.

use std::net::TcpListener;

use kernel::id::MemberId;
use kernel::{Channel, Mobile};
use lending::audit::Actor;
use lending::customers::codes::{self, Purpose};
use lending::origination::{self, State};
use lending::{Fault, Lending, Page, Route, Tx, identity, servicing};

use crate::bench::{Bench, pause};

#[track_caller]
pub(crate) fn write<T: Send + 'static, E: From<Fault> + std::fmt::Debug + Send + 'static>(
    core: &Lending,
    work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
) -> T {
    core.write_and_wait(Route::home(0), work).unwrap()
}

/// A refusal of the core that a test has no use for.
pub(crate) fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Engine(error.to_string())
}

pub(crate) fn first() -> Page {
    Page::new(1, 100).unwrap()
}

/// The number of an account that there is.
#[track_caller]
pub(crate) fn member(core: &Lending, channel: Channel, mobile: &str) -> MemberId {
    let mobile = Mobile::parse(mobile).unwrap();
    let found = write(core, move |tx| identity::find(tx, channel, &mobile));
    found.expect("an account")
}

/// A cashier orders the payout of what is approved.
#[track_caller]
pub(crate) fn pay_out(core: &Lending) {
    write(core, |tx| {
        for application in origination::applications_in(tx, State::Approved, first())? {
            servicing::request_payout(tx, Actor::Platform, application.id).map_err(broken)?;
        }
        Ok::<_, Fault>(())
    });
}

/// The newest SMS code to a number; benches can look at it.
#[track_caller]
pub(crate) fn sms_code(bench: &Bench, channel: Channel, mobile: &str, purpose: Purpose) -> String {
    let (core, mobile) = (bench.core(), Mobile::parse(mobile).unwrap());
    let newest = core.read_and_wait(move |tx| codes::last_code(tx, channel, &mobile, purpose));
    core.close();
    newest.unwrap().expect("a code was sent").expose().to_owned()
}

/// Whether something comes true within ten seconds, as what a server does in a moment.
pub(crate) fn eventually(is_so: impl Fn() -> bool) -> bool {
    (0..400).any(|_| {
        is_so() || {
            pause(25);
            false
        }
    })
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
