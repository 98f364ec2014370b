//! What the edge promises to channels, clients and operators.

use std::net::IpAddr;

use axum::Extension;
use axum::body::Body;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::logs::tests::Captured;

fn edge(is_ready: bool) -> Edge {
    Edge {
        metrics: Metrics::new(Arc::new(Vec::new)),
        ready: Arc::new(move || Box::pin(async move { is_ready })),
        request_limit: Duration::from_millis(50),
        trusted_proxies: Vec::new(),
        index: vec![("/bank".into(), "the bank".into())],
    }
}

fn door() -> Door {
    let router = Router::new()
        .route("/bank/loan/{id}", get(async || ([("x-answer-code", "1007")], "no")))
        .route("/bank/panic", get(panics))
        .route("/bank/slow", get(std::future::pending::<&'static str>))
        .route("/bank/who", get(async |Extension(ip): Extension<IpAddr>| ip.to_string()))
        .fallback(async || "never seen");
    Door {
        name: "bank",
        router,
        busy: Arc::new(|| ([("x-answer-code", "1")], "later").into_response()),
    }
}

async fn panics() -> &'static str {
    panic!("13800000001")
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

async fn ask(router: &Router, request: axum::http::request::Builder) -> Answer {
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn ask_path(router: &Router, path: &str) -> Answer {
    ask(router, Request::get(path)).await
}

#[tokio::test]
async fn a_request_is_logged_once_without_what_people_wrote() {
    let captured = Captured::default();
    let _guard = tracing::subscriber::set_default(captured.subscriber());
    let router = compose(vec![door()], edge(true));
    let answer = ask_path(&router, "/bank/loan/42?mobile=13800000001").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "no"));
    assert!(!answer.headers.contains_key(ANSWER_CODE));

    let text = captured.text();
    let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/bank/loan/{id}");
    assert_eq!(line["channel"], "bank");
    assert_eq!((&line["status"], &line["code"]), (&200.into(), &"1007".into()));
    assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(line["request_id"], answer.headers[REQUEST_ID].to_str().unwrap());
    assert!(!text.contains("42\"") && !text.contains("13800000001"), "{text}");

    let metrics = ask_path(&router, "/metrics").await;
    assert_eq!(metrics.headers[CONTENT_TYPE], metrics::CONTENT_TYPE);
    let labels = "channel=\"bank\",route=\"/bank/loan/{id}\",code=\"1007\"";
    let wanted = format!("jiehuan_requests_total{{{labels}}} 1");
    assert!(metrics.body.contains(&wanted), "{}", metrics.body);
}

#[tokio::test]
async fn request_ids_are_taken_over_if_they_are_harmless() {
    let router = compose(vec![door()], edge(true));
    for (theirs, kept) in [
        ("a.B_c-9", true),
        (&"x".repeat(64), true),
        (&"x".repeat(65), false),
        ("", false),
        ("a b", false),
        ("13800000001;", false),
    ] {
        let answer = ask(&router, Request::get("/bank/who").header(REQUEST_ID, theirs)).await;
        let id = answer.headers[REQUEST_ID].to_str().unwrap();
        assert_eq!(id == theirs, kept, "{theirs}");
        let ours = id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(kept || ours, "{id}");
    }
}

#[tokio::test]
async fn trouble_is_answered_in_the_channels_own_words() {
    let router = compose(vec![door()], edge(true));
    for path in ["/bank/panic", "/bank/slow"] {
        let answer = ask_path(&router, path).await;
        assert_eq!(answer.body, "later", "{path}");
        assert!(answer.headers.contains_key(REQUEST_ID));
        assert!(!answer.headers.contains_key(ANSWER_CODE));
    }
    let text = ask_path(&router, "/metrics").await.body;
    assert!(text.contains("route=\"/bank/panic\",code=\"1\"} 1"), "{text}");
    assert!(text.contains("jiehuan_requests_in_flight 1"), "{text}"); // the scrape itself
}

#[tokio::test]
async fn a_client_that_leaves_is_counted() {
    let router = compose(vec![door()], edge(true));
    let request = Request::get("/bank/slow").body(Body::empty()).unwrap();
    let asked = router.clone().oneshot(request);
    assert!(tokio::time::timeout(Duration::from_millis(5), asked).await.is_err());
    let text = ask_path(&router, "/metrics").await.body;
    assert!(text.contains("route=\"/bank/slow\",code=\"499\"} 1"), "{text}");
}

#[tokio::test]
async fn channels_see_the_customers_address() {
    let trusting = Edge { trusted_proxies: vec!["10.0.0.2".parse().unwrap()], ..edge(true) };
    let router = compose(vec![door()], trusting);
    let peer = crate::listen::PeerAddress("10.0.0.2:4711".parse().unwrap());
    let request = Request::get("/bank/who").extension(peer);
    let answer = ask(&router, request.header("x-forwarded-for", "198.51.100.7")).await;
    assert_eq!(answer.body, "198.51.100.7");
    assert_eq!(ask_path(&router, "/bank/who").await.body, "0.0.0.0");
}

#[tokio::test]
async fn pages_of_the_platform() {
    let up = compose(vec![door()], edge(true));
    let down = compose(vec![door()], edge(false));
    for (router, path, status, body) in [
        (&up, "/", 200, "借还 Jiehuan\n\n/bank  the bank\n"),
        (&up, "/healthz", 200, "ok\n"),
        (&down, "/healthz", 200, "ok\n"),
        (&up, "/readyz", 200, "ready\n"),
        (&down, "/readyz", 503, "not ready\n"),
        (&up, "/elsewhere", 404, "there is nothing here\n"),
        (&up, "/bank/elsewhere", 404, "there is nothing here\n"),
    ] {
        let answer = ask_path(router, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{path}");
        assert!(answer.headers.contains_key(REQUEST_ID), "{path}");
    }
}
