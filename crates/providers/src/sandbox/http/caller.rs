//! Sends the sandbox's notifications, as the originals do: by themselves, and again.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use kernel::Money;

use super::World;
use super::callbacks::Manner;
use crate::client::{Body, Call, Client, Kept, Limits, Resend, Signed};
use crate::funding::sign;
use crate::lianlian::Now;

/// How often notifications are looked for.
const PERIOD: Duration = Duration::from_millis(20);
/// LianLian waits five seconds for an acknowledgement.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Sends what is due, until the sender of `stop` is gone.
pub fn call_back(world: &World, now: &Now, stop: &Receiver<()>) {
    // Nobody is down to the sandbox: it tries as often as the originals would.
    let limits = Limits { timeout: TIMEOUT, failures: u32::MAX, ..Limits::default() };
    let client = Client::new("sandbox", limits, Arc::new(Kept::default()));
    while stop.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        for callback in world.due((now)()) {
            let call = Call {
                name: "notify",
                url: &callback.url,
                body: match callback.manner {
                    Manner::Form => Body::Form(&callback.body),
                    Manner::Json | Manner::Funding => Body::Json(&callback.body),
                },
                fields: &[],
                resend: Resend::Never,
                cost: Money::ZERO,
            };
            let answer = match callback.manner {
                Manner::Json | Manner::Form => client.call(&call).ok(),
                Manner::Funding => {
                    let signature = world.sign_funding(&callback.url, &callback.signed, (now)());
                    let headers = [
                        (sign::KEY, signature.key_id.as_str()),
                        (sign::TIMESTAMP, &signature.timestamp),
                        (sign::NONCE, &signature.nonce),
                        (sign::SIGNATURE, &signature.signature),
                    ];
                    let signed = Signed { headers: &headers, ..Signed::default() };
                    client.call_signed(&call, &signed).ok().map(|(text, _)| text)
                }
            };
            world.called(&callback, answer.as_deref(), (now)());
        }
    }
}
