//! Real connections against a real port: limits, the gentle stop, TLS.

use std::io;

use axum::Extension;
use axum::routing::get;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

/// For localhost, good until 2126, made for these tests:
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500
/// -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE`.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUB+PjzQ7lNsoN9y1ZOEIYL3U7wW8wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMamllaHVhbiB0ZXN0MCAXDTI2MTEyMjA3NDI1MFoYDzIxMjYx
MDI5MDc0MjUwWjAXMRUwEwYDVQQDDAxqaWVodWFuIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAS6Qionz05YSTIyl/XuZQef97epEK63JlIyAjLuafr0rKKt
vx0/qEjxDTISmTxyMI+h70+pECLaEo0uVkQuIZK6o2YwZDAdBgNVHQ4EFgQU+I6I
lBUM1PmtHiCtyxVtKhkyJLgwHwYDVR0jBBgwFoAU+I6IlBUM1PmtHiCtyxVtKhky
JLgwFAYDVR0RBA0wC4IJbG9jYWxob3N0MAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0E
AwIDSAAwRQIhAJx+8YdELkf2OoYLnGMXm4fKeXqauGezFhZ0cr8AaRW+AiBpKppE
aE6GZ/C5AK3whAnaK3zQmK9jC8No/FKWzBouqQ==
-----END CERTIFICATE-----
";
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfkfOyGnADqdScuoo
wfzM/9skdTy3NLF2ajwsU6iczo2hRANCAAS6Qionz05YSTIyl/XuZQef97epEK63
JlIyAjLuafr0rKKtvx0/qEjxDTISmTxyMI+h70+pECLaEo0uVkQuIZK6
-----END PRIVATE KEY-----
";

const GET: &str = "GET /peer HTTP/1.1\r\nhost: localhost\r\n\r\n";

struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<anyhow::Result<()>>,
    /// Lets `/held` answer.
    release: Arc<Notify>,
    /// Tells that `/held` was reached.
    reached: Arc<Notify>,
}

fn options() -> ListenOptions {
    ListenOptions { header_limit: Duration::from_secs(5), connections: 10, tls: None }
}

fn start(options: ListenOptions) -> Running {
    let (release, reached) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (released, reaching) = (Arc::clone(&release), Arc::clone(&reached));
    let held = async move || {
        reaching.notify_one();
        released.notified().await;
        "held"
    };
    let peer = async |Extension(peer): Extension<PeerAddress>| peer.0.ip().to_string();
    let router = Router::new().route("/peer", get(peer)).route("/held", get(held));
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let served = tokio::spawn(serve(listener, router, options, stopped));
    Running { address, stop, served, release, reached }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stopped(self) {
        timeout(Duration::from_secs(5), self.served).await.unwrap().unwrap().unwrap();
    }
}

/// Sends a request and reads up to the end of an answer that ends with `end`.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &str, end: &str) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        let read = timeout(Duration::from_secs(5), stream.read_buf(&mut answer)).await.unwrap();
        assert!(read.unwrap() > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// Reads until the other side closes.
async fn rest(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await??;
    Ok(bytes)
}

#[tokio::test]
async fn connections_are_kept_and_know_their_peer() {
    let server = start(options());
    let mut stream = server.connect().await;
    ask(&mut stream, GET, "127.0.0.1").await;
    ask(&mut stream, GET, "127.0.0.1").await;
}

/// Reads an answer without a body, up to the end of its head.
async fn head(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let read = timeout(Duration::from_secs(5), stream.read_buf(&mut answer)).await.unwrap();
        assert!(read.unwrap() > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap().to_lowercase()
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_break_the_connection() {
    let server = start(options());
    let mut stream = server.connect().await;
    for length in [5, 300_000] {
        let post = format!("POST /peer HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(post.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("http/1.1 405") && !answer.contains("connection:"), "{answer}");
    }
    ask(&mut stream, GET, "127.0.0.1").await;
}

#[tokio::test]
async fn a_body_that_is_not_asked_for_ends_the_connection() {
    let server = start(options());
    let mut stream = server.connect().await;
    let post =
        "POST /peer HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(post.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("http/1.1 405"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(rest(&mut stream).await.unwrap(), b"");
}

#[tokio::test]
async fn waiting_connections_are_closed() {
    let server = start(ListenOptions { header_limit: Duration::from_millis(50), ..options() });
    for sent in ["", "GET /peer HTTP/1.1\r\nhost:"] {
        let mut stream = server.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        let closed = rest(&mut stream).await.unwrap();
        assert!(!closed.starts_with(b"HTTP/1.1 200"), "{sent:?}");
    }
    let mut idle = server.connect().await;
    ask(&mut idle, GET, "127.0.0.1").await;
    assert!(!rest(&mut idle).await.unwrap().starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_beyond_the_cap_wait() {
    let server = start(ListenOptions { connections: 1, ..options() });
    let mut first = server.connect().await;
    ask(&mut first, GET, "127.0.0.1").await;
    let mut second = server.connect().await;
    second.write_all(GET.as_bytes()).await.unwrap();
    let early = timeout(Duration::from_millis(50), second.read_u8()).await;
    assert!(early.is_err(), "served beyond the cap");
    drop(first);
    assert_eq!(timeout(Duration::from_secs(5), second.read_u8()).await.unwrap().unwrap(), b'H');
}

#[tokio::test]
async fn a_stop_finishes_what_was_begun() {
    let server = start(options());
    let mut fresh = server.connect().await;
    let mut idle = server.connect().await;
    ask(&mut idle, GET, "127.0.0.1").await;
    let mut busy = server.connect().await;
    busy.write_all(GET.replace("peer", "held").as_bytes()).await.unwrap();
    server.reached.notified().await;

    server.stop.send(true).unwrap();
    assert_eq!(rest(&mut idle).await.unwrap(), b"");
    assert_eq!(rest(&mut fresh).await.unwrap(), b"");
    server.release.notify_one();
    let answer = rest(&mut busy).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"held"));
    assert!(TcpStream::connect(server.address).await.is_err());
    server.stopped().await;
}

#[tokio::test]
async fn a_lost_stop_sender_stops_too() {
    let Running { address, stop, served, release, reached } = start(options());
    drop(stop);
    let (stop, _) = watch::channel(false);
    Running { address, stop, served, release, reached }.stopped().await;
}

/// The files of certificate and key; gone when dropped.
struct Files(std::path::PathBuf);

impl Files {
    fn new(name: &str, certificate: &str, key: &str) -> Self {
        let folder = format!("jiehuan-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("chain.pem"), certificate).unwrap();
        std::fs::write(folder.join("key.pem"), key).unwrap();
        Self(folder)
    }

    fn tls(&self) -> anyhow::Result<Arc<ServerConfig>> {
        tls(&self.0.join("chain.pem"), &self.0.join("key.pem"))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn tls_is_spoken_and_does_not_stand_in_the_way_of_others() {
    let tls = Files::new("good", CERTIFICATE, KEY).tls().unwrap();
    let server = start(ListenOptions { tls: Some(tls), ..options() });
    let _silent = server.connect().await;
    let mut plain = server.connect().await;
    plain.write_all(GET.as_bytes()).await.unwrap();
    assert!(!rest(&mut plain).await.unwrap_or_default().starts_with(b"HTTP"));

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, server.connect().await).await.unwrap();
    ask(&mut stream, GET, "127.0.0.1").await;
}

#[test]
fn bad_tls_files_are_named() {
    let empty = Files::new("empty", "", KEY);
    let missing = Files::new("missing", CERTIFICATE, "");
    for (files, complaint) in
        [(&empty, "do not go together"), (&missing, "cannot read the private key")]
    {
        let error = format!("{:#}", files.tls().unwrap_err());
        assert!(error.contains(complaint) && error.contains(".pem"), "{error}");
    }
}
