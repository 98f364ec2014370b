//! The HTTP server of the sandbox: carries what `providers::sandbox::http` answers, sends its
//! notifications, and has a page and an interface for faults.

mod admin;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use providers::lianlian::Now;
use providers::sandbox::http::{Answer, Asked, Reply, World, call_back};
use tokio::sync::{oneshot, watch};

use crate::listen::{self, ListenOptions};

pub use keys::{Keys, load_keys};

/// Where the sandbox's addresses begin.
pub const PATH: &str = "/sandbox";
/// Connections at once.
const CONNECTIONS: usize = 1024;
/// How long a connection may wait for the head of a request.
const HEADER_LIMIT: Duration = Duration::from_secs(10);

/// What the server's handlers hold.
#[derive(Clone)]
struct Serving {
    world: Arc<World>,
    now: Now,
    /// How long a lost answer keeps its caller waiting.
    silence: Duration,
}

/// A sandbox that is served.
pub struct Sandbox {
    /// What it knows.
    pub world: Arc<World>,
    /// Where.
    pub address: SocketAddr,
    stop_server: watch::Sender<bool>,
    stop_calls: mpsc::Sender<()>,
    threads: [JoinHandle<()>; 2],
}

impl Sandbox {
    /// Serves a sandbox on threads of its own. Port 0 takes any free one.
    pub fn start(
        world: Arc<World>,
        address: SocketAddr,
        now: Now,
        silence: Duration,
    ) -> anyhow::Result<Self> {
        let serving = Serving { world: Arc::clone(&world), now: Arc::clone(&now), silence };
        let (stop_server, stopping) = watch::channel(false);
        let (bound, at) = oneshot::channel();
        let server = std::thread::Builder::new().name("sandbox".into()).spawn(move || {
            if let Err(error) = serve(serving, address, bound, stopping) {
                tracing::error!(%error, "the sandbox cannot serve");
            }
        })?;
        let address = at.blocking_recv().context("the sandbox cannot serve")?;
        let (stop_calls, stopped) = mpsc::channel();
        let calling = Arc::clone(&world);
        let calls = std::thread::Builder::new()
            .name("sandbox-calls".into())
            .spawn(move || call_back(&calling, &now, &stopped))?;
        Ok(Self { world, address, stop_server, stop_calls, threads: [server, calls] })
    }

    /// Where one of its providers is: `lianlian`, `lianlian-pages`, `aliyun`,
    /// `bankcard`, `limu`, `face`, `funding`.
    pub fn url(&self, provider: &str) -> String {
        format!("http://{}{PATH}/{provider}", self.address)
    }

    /// Ends it; requests under way are answered.
    pub fn stop(self) {
        let _ = self.stop_server.send(true);
        drop(self.stop_calls);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

fn serve(
    serving: Serving,
    address: SocketAddr,
    bound: oneshot::Sender<SocketAddr>,
    stopping: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(async {
        let listener = listen::bind(address)?;
        let at = listener.local_addr()?;
        let _ = bound.send(at);
        let options =
            ListenOptions { header_limit: HEADER_LIMIT, connections: CONNECTIONS, tls: None };
        listen::serve(listener, router(serving), options, stopping).await
    })
}

fn router(serving: Serving) -> Router {
    admin::routes().fallback(twins).with_state(serving)
}

/// Every call of every provider.
async fn twins(
    State(serving): State<Serving>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let asked = Asked {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        kind: kind.unwrap_or_default().to_owned(),
        body: String::from_utf8(body.to_vec()).unwrap_or_default(),
        bytes: body.to_vec(),
        headers: said(&headers),
    };
    let (world, now) = (Arc::clone(&serving.world), (serving.now)());
    // Signatures and the journal take milliseconds.
    let answered = tokio::task::spawn_blocking(move || world.answer(&asked, now)).await;
    let Ok(Reply { answer, delay }) = answered else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if let Some(answer) = answer {
        return write(answer);
    }
    tokio::time::sleep(serving.silence).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// The headers with which calls are signed.
fn said(headers: &HeaderMap) -> BTreeMap<String, String> {
    let named = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-funding-"));
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    named.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn write(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.kind));
    if let Some((name, value)) = answer.header
        && let Ok(value) = HeaderValue::try_from(value)
    {
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some(location) = answer.location.and_then(|it| HeaderValue::try_from(it).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}
