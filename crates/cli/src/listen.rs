//! The HTTP server: accepts connections, speaks TLS where asked to, and stops gently.

mod unread;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, rt};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use unread::Unread;

/// How many connections the system keeps for us until they are accepted.
const BACKLOG: u32 = 4096;

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How long requests in flight may go on after the stop.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// How long to wait when the system cannot give us another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Room for the head of a request, in bytes: the largest head that is read.
const HEAD_BYTES: usize = 64 * 1024;

/// The address at the other end of the connection, an extension of each request. With a proxy
/// in front it is the proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// How a port is served.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// How long a connection may wait, idle or half-way, for the head of a request.
    pub header_limit: Duration,
    /// How many connections are served at once; more wait to be accepted.
    pub connections: usize,
    /// With this, TLS is spoken; see [`tls`].
    pub tls: Option<Arc<ServerConfig>>,
}

/// Opens a port. Port 0 takes any free one.
///
/// Must be called in a Tokio runtime.
pub fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    open().with_context(|| format!("cannot listen on {address}"))
}

/// Reads certificate chain and private key from PEM files.
pub fn tls(certificate: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let read_chain = || CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>();
    let chain = read_chain()
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the private key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| {
            format!("{} and {} do not go together", certificate.display(), key.display())
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Serves the port until `stop` becomes true or its sender is gone; then requests in flight are
/// finished, for 20 seconds at most.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ListenOptions,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let slots = Arc::new(Semaphore::new(options.connections));
    let server = Arc::new(Server::new(router, &options));
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await?;
            let (stream, peer) = accept(&listener).await;
            anyhow::Ok((slot, stream, peer))
        };
        let (slot, stream, peer) = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            next = next => next?,
        };
        let (server, watcher) = (Arc::clone(&server), graceful.watcher());
        tasks.spawn(async move {
            server.connection(stream, peer, watcher).await;
            drop(slot);
        });
        while tasks.try_join_next().is_some() {}
    }
    drop(listener);
    if timeout(STOP_LIMIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests in flight");
    }
    Ok(())
}

/// The next connection. Errors of one connection or for want of resources pass; they must never
/// end the loop.
async fn accept(listener: &tokio::net::TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(error.kind()) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections, waiting");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(kind: ErrorKind) -> bool {
    [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused]
        .contains(&kind)
}

/// What every connection of a port shares.
struct Server {
    router: Router,
    http: http1::Builder,
    tls: Option<TlsAcceptor>,
}

impl Server {
    fn new(router: Router, options: &ListenOptions) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(options.header_limit)
            .max_buf_size(HEAD_BYTES)
            .keep_alive(true);
        Self { router, http, tls: options.tls.clone().map(TlsAcceptor::from) }
    }

    async fn connection(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // Small answers leave at once; if the option is refused they only leave later.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.requests(stream, peer, watcher).await,
            Some(tls) => match timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.requests(stream, peer, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS handshake"),
                Err(_) => tracing::debug!("TLS handshake took too long"),
            },
        }
    }

    async fn requests<S>(&self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
        TokioIo<S>: rt::Read + rt::Write,
    {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddress(peer));
            let (request, unread) = Unread::of(request);
            let answer = router.clone().oneshot(request);
            async move {
                let mut answer = answer.await?;
                unread.settle(&mut answer).await;
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "connection broke");
        }
    }
}

#[cfg(test)]
mod tests;
