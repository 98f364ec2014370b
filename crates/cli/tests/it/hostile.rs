//! What comes from the wire may be anything: no answer is our fault, and nobody's money moves.

use std::fmt::Write as _;

mod arms;

use serde_json::Value;

use arms::{CALLS, TOLERANT, Who, body, hostile_bodies, hostile_values, whole_body};

use crate::bench::{Answer, Bench, PASSWORD, Store};
use crate::tokens;

/// The attacker is member 1; member 2 and the three loans are what must not change.
const FIXTURE: &str = r#"{"members":[
{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小恶","leave_amount":1000},
{"id":2,"mobile_phone":"13800000002","pwd":"password1","type":1,"reg_name":"小善","leave_amount":5000.5},
{"id":9,"mobile_phone":"13800000009","pwd":"password1","type":0,"reg_name":"小管","leave_amount":0}],
"loans":[
{"id":1,"member_id":2,"title":"一","amount":6300,"loan_rate":12.0,"loan_term":12,"loan_date_type":1,"bidding_days":5,"status":2},
{"id":2,"member_id":2,"title":"二","amount":2000,"loan_rate":9.0,"loan_term":30,"loan_date_type":2,"bidding_days":5,"status":2},
{"id":3,"member_id":2,"title":"三","amount":1000,"loan_rate":5.0,"loan_term":1,"loan_date_type":1,"bidding_days":5,"status":1}],
"invests":[{"member_id":9,"loan_id":1,"amount":400}]}"#;

/// A bench under attack, with what must be the same at the end.
struct Siege {
    bench: Bench,
    attacker: String,
    admin: String,
    victim: String,
    before: (i64, i64, Value),
    sent: usize,
}

impl Siege {
    fn begin(store: Store) -> Self {
        let bench = Bench::start(store);
        bench.load(FIXTURE);
        let attacker = bench.login("13800000001", PASSWORD);
        let victim = bench.login("13800000002", PASSWORD);
        let admin = bench.login("13800000009", PASSWORD);
        let mut siege =
            Self { bench, attacker, admin, victim, before: (0, 0, Value::Null), sent: 0 };
        siege.before = siege.state();
        siege
    }

    /// The wallets of the attacker and the victim, and the three loans.
    fn state(&self) -> (i64, i64, Value) {
        let loans = self.bench.call("GET", "/futureloan/loans?pageIndex=1&pageSize=3", "", "");
        let attacker = self.bench.balance(&self.attacker, 1);
        (attacker, self.bench.balance(&self.victim, 2), loans.data())
    }

    /// Everything stands as it stood, and the process that answered first still answers.
    #[track_caller]
    fn end(self) {
        assert!(self.sent > 0, "nothing was tried");
        assert_eq!(self.state(), self.before, "money or loans have changed");
        assert!(self.bench.is_ready(), "the server is gone");
        self.bench.verify();
    }

    fn token(&self, who: Who) -> &str {
        match who {
            Who::Nobody => "",
            Who::Attacker => &self.attacker,
            Who::Admin => &self.admin,
        }
    }

    /// Sends a body of any bytes with the headers of a well-behaved client.
    #[track_caller]
    fn send(&mut self, method: &str, path: &str, token: &str, body: &[u8]) -> Answer {
        self.sent += 1;
        let path = format!("/futureloan{path}");
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("x-lemonban-media-type", "lemonban.v2")];
        if method != "GET" {
            headers.push(("content-type", "application/json"));
        }
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.bench.request(method, &path, &headers, body)
    }
}

/// The promise to every client: HTTP 200, an envelope, and never our fault.
#[track_caller]
fn check_envelope(answer: &Answer, what: &str) -> i64 {
    let what: String = what.chars().take(200).collect();
    assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    let json: Value = serde_json::from_str(&answer.text)
        .unwrap_or_else(|e| panic!("{what}: {e}: {}", answer.text));
    let code = json["code"].as_i64().unwrap_or_else(|| panic!("{what}: {}", answer.text));
    assert!(json["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{what}: {}", answer.text);
    assert_ne!(code, 1005, "{what}: our fault? {}", answer.text);
    code
}

#[track_caller]
fn check_refused(answer: &Answer, what: &str) {
    let code = check_envelope(answer, what);
    assert!(code > 0, "{}: was taken: {}", what.chars().take(200).collect::<String>(), answer.text);
}

#[track_caller]
fn check_fields(store: Store) {
    let mut siege = Siege::begin(store);
    let mut own_change = 0;
    for (method, path, fields, who) in CALLS {
        let token = siege.token(*who).to_owned();
        for (field, _) in *fields {
            for value in hostile_values() {
                let body = body(fields, field, &value);
                let what = format!("{method} {path} {body}");
                let answer = siege.send(method, path, &token, body.as_bytes());
                if check_envelope(&answer, &what) > 0 {
                    continue;
                }
                let tolerated = TOLERANT.contains(&(*path, *field));
                let what: String = what.chars().take(200).collect();
                assert!(tolerated, "{what}: was taken: {}", answer.text);
                // The only hostile values that are amounts: 1.5, 1e2 and 1.000….
                let amount = match (*path, value.as_str()) {
                    ("/member/recharge", "1.5") => 150,
                    ("/member/withdraw", "1.5") => -150,
                    ("/member/recharge", "1e2") => 10_000,
                    ("/member/withdraw", "1e2") => -10_000,
                    ("/member/recharge", one) if one.starts_with("1.0000") => 100,
                    ("/member/withdraw", one) if one.starts_with("1.0000") => -100,
                    ("/member/recharge" | "/member/withdraw", _) => {
                        panic!("{what}: is no amount: {}", answer.text)
                    }
                    _ => 0,
                };
                own_change += amount;
            }
            // The field left out, and every other thing with it left as it is.
            let left: Vec<_> = fields.iter().filter(|(name, _)| name != field).copied().collect();
            let answer = siege.send(method, path, &token, whole_body(&left).as_bytes());
            check_envelope(&answer, &format!("{method} {path} without {field}"));
        }
    }
    siege.before.0 += own_change;
    siege.end();
}

#[track_caller]
fn check_bodies(store: Store) {
    let mut siege = Siege::begin(store);
    for (method, path, fields, who) in CALLS {
        let token = siege.token(*who).to_owned();
        for (what, bytes) in hostile_bodies(&whole_body(fields)) {
            let what = format!("{method} {path}: {what}");
            if bytes.len() < 1_000_000 {
                let answer = siege.send(method, path, &token, &bytes);
                check_refused(&answer, &what);
                continue;
            }
            // The server may answer before it has read all: listen while writing.
            siege.sent += 1;
            let mut request = format!(
                "{method} /futureloan{path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\
                 x-lemonban-media-type: lemonban.v2\r\ncontent-type: application/json\r\n\
                 authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
                bytes.len()
            )
            .into_bytes();
            request.extend_from_slice(&bytes);
            let answer = siege.bench.raw(&request);
            check_refused(&answer, &what);
            assert!(answer.text.contains("请求体过大"), "{what}: {}", answer.text);
        }
    }
    siege.end();
}

#[track_caller]
fn check_paths(store: Store) {
    let mut siege = Siege::begin(store);
    let ids = [
        "0",
        "-1",
        "-0",
        "2",
        "999999",
        "99999999999999999999",
        "-99999999999999999999",
        "1.5",
        "1e0",
        "abc",
        "%20",
        "1%20",
        "%31%00",
        "%00",
        "%FF",
        "%ZZ",
        "%",
        "%2",
        "%F0%9F%98%80",
        "1;2",
        "1%2F2",
        "..%2F..",
        "null",
        "true",
        "'",
        "1'%20OR%201=1--",
        "𝟙",
    ];
    for id in ids {
        for (method, path) in [
            ("GET", format!("/member/{id}/info")),
            ("GET", format!("/member/{id}/invests")),
            ("GET", format!("/member/{id}/finance-log")),
            ("POST", format!("/loan/{id}/repay")),
            ("GET", format!("/loan/{id}/repayments")),
        ] {
            siege.sent += 1;
            let request = format!(
                "{method} /futureloan{path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\
                 x-lemonban-media-type: lemonban.v2\r\nauthorization: Bearer {}\r\n\
                 content-length: 0\r\n\r\n",
                siege.attacker
            );
            let answer = siege.bench.raw(request.as_bytes());
            // Percent signs that begin nothing may be refused as HTTP; the rest is ours to answer.
            let garbage = !id.is_ascii() || id.contains("%ZZ") || id.ends_with('%') || id == "%2";
            if !(garbage && (400..500).contains(&answer.status)) {
                check_refused(&answer, &path);
            }
        }
    }
    siege.end();
}

#[track_caller]
fn check_pages(store: Store) {
    let mut siege = Siege::begin(store);
    let values = ["-1", "abc", "1.5", "%00", "%FF", "99999999999999999999", "1e9", "true", "[]"];
    for value in values {
        for name in ["pageIndex", "pageSize"] {
            for path in
                ["/loans", "/loan/1/repayments", "/member/1/invests", "/member/1/finance-log"]
            {
                let token = siege.attacker.clone();
                let path = format!("{path}?{name}={value}");
                let answer = siege.send("GET", &path, &token, b"");
                check_envelope(&answer, &path);
            }
        }
    }
    for path in ["/", "", "/member", "/member/1/info/", "//loans", "/loans/..", "/%2e%2e/readyz"] {
        let answer = siege.send("GET", path, "", b"");
        if answer.status != 404 {
            check_refused(&answer, path);
        }
    }
    siege.end();
}

#[track_caller]
fn check_tokens(store: Store) {
    let mut siege = Siege::begin(store);
    let soon = tokens::now() + 300;
    let good = format!(r#"{{"member_id":2,"exp":{soon}}}"#);
    let cut = siege.attacker.rsplit_once('.').unwrap().0.to_owned();
    let forgeries = [
        tokens::forged(&siege.attacker),
        tokens::expired("2"),
        tokens::unsigned(r#"{"alg":"none"}"#, &good),
        tokens::unsigned(r#"{"alg":"NONE"}"#, &good),
        tokens::unsigned(tokens::HS512, &good),
        tokens::signed(r#"{"alg":"none"}"#, &good),
        tokens::signed(r#"{"alg":"HS256"}"#, &good),
        tokens::signed(r#"{"alg":"RS256"}"#, &good),
        tokens::signed("{}", &good),
        tokens::signed("[]", &good),
        tokens::signed(tokens::HS512, "{}"),
        tokens::signed(tokens::HS512, r#"{"member_id":2}"#),
        tokens::signed(tokens::HS512, r#"{"member_id":2,"exp":null}"#),
        tokens::signed(tokens::HS512, r#"{"member_id":2,"exp":"never"}"#),
        tokens::signed(tokens::HS512, r#"{"member_id":2,"exp":-1}"#),
        tokens::signed(tokens::HS512, &format!(r#"{{"member_id":-2,"exp":{soon}}}"#)),
        tokens::signed(tokens::HS512, &format!(r#"{{"member_id":"2 ","exp":{soon}}}"#)),
        tokens::signed(tokens::HS512, &format!(r#"{{"member_id":999999,"exp":{soon}}}"#)),
        tokens::signed(tokens::HS512, "not json"),
        format!("{cut}."),
        cut.clone(),
        format!("{}x", siege.attacker),
        format!(" {}", siege.attacker),
        siege.attacker.to_uppercase(),
        format!("{}.{}", siege.attacker, siege.attacker),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "a".repeat(60_000),
        format!("{}.{}.{}", "a".repeat(9_000), "b".repeat(9_000), "c".repeat(9_000)),
    ];
    for token in &forgeries {
        for (method, path, body) in [
            ("GET", "/member/2/info", &b""[..]),
            ("POST", "/member/withdraw", br#"{"member_id":2,"amount":1}"#),
        ] {
            let what = format!("{method} {path} with the token {token}");
            let answer = siege.send(method, path, token, body);
            if answer.status != 431 {
                check_refused(&answer, &what);
            }
        }
    }
    siege.end();
}

#[track_caller]
fn check_others(store: Store) {
    let mut siege = Siege::begin(store);
    let token = siege.attacker.clone();
    for (method, path, body) in [
        ("GET", "/member/2/info", ""),
        ("GET", "/member/2/invests", ""),
        ("GET", "/member/2/finance-log", ""),
        ("GET", "/loan/2/repayments", ""),
        ("POST", "/member/recharge", r#"{"member_id":2,"amount":1}"#),
        ("POST", "/member/withdraw", r#"{"member_id":2,"amount":1}"#),
        ("PATCH", "/member/update", r#"{"member_id":2,"reg_name":"我的"}"#),
        ("POST", "/member/invest", r#"{"member_id":2,"loan_id":1,"amount":100}"#),
        (
            "POST",
            "/loan/add",
            r#"{"member_id":2,"title":"借","amount":1000,"loan_rate":5,"loan_term":1,"loan_date_type":1,"bidding_days":5}"#,
        ),
        ("POST", "/loan/1/repay", "{}"),
    ] {
        let answer = siege.send(method, path, &token, body.as_bytes());
        check_refused(&answer, &format!("{method} {path} {body}"));
        assert_eq!(answer.code(), 1007, "{method} {path} {body}: {}", answer.text);
    }
    let answer =
        siege.send("PATCH", "/loan/audit", &token, br#"{"loan_id":3,"approved_or_not":true}"#);
    check_refused(&answer, "audit by a member");
    siege.end();
}

#[track_caller]
fn check_replays(store: Store) {
    let mut siege = Siege::begin(store);
    let bearer = format!("Bearer {}", siege.attacker);
    let headers = [
        ("x-lemonban-media-type", "lemonban.v3"),
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let now = tokens::now();
    let recharge = |sign: &str, timestamp: &str| {
        let body =
            format!(r#"{{"member_id":1,"amount":1,"timestamp":{timestamp},"sign":"{sign}"}}"#);
        siege.bench.request("POST", "/futureloan/member/recharge", &headers, body.as_bytes())
    };
    let sign = tokens::sign(&siege.attacker, now);
    assert_eq!(recharge(&sign, &now.to_string()).code(), 0);
    for _ in 0..5 {
        let answer = recharge(&sign, &now.to_string());
        assert_eq!(answer.code(), 1003, "a sign is good once: {}", answer.text);
    }
    let old = now - 3600;
    let table = [
        (tokens::sign(&siege.attacker, now), (now + 1).to_string()), // another timestamp
        (tokens::sign(&siege.attacker, old), old.to_string()),       // out of the window
        (tokens::sign(&siege.attacker, now + 3600), (now + 3600).to_string()),
        (tokens::sign(&siege.victim, now), now.to_string()), // another's token
        (String::new(), now.to_string()),
        ("AAAA".to_owned(), now.to_string()),
        ("A".repeat(344), now.to_string()),
        ("A".repeat(100_000), now.to_string()),
        ("*".repeat(344), now.to_string()),
        (tokens::sign(&siege.attacker, now), "null".to_owned()),
        (tokens::sign(&siege.attacker, now), "[]".to_owned()),
        (tokens::sign(&siege.attacker, now), "-1".to_owned()),
        (tokens::sign(&siege.attacker, now), "1e400".to_owned()),
        (tokens::sign(&siege.attacker, now), "99999999999999999999".to_owned()),
        (tokens::sign(&siege.attacker, now), r#""soon""#.to_owned()),
    ];
    for (sign, timestamp) in &table {
        check_refused(&recharge(sign, timestamp), &format!("sign {sign} at {timestamp}"));
    }
    siege.sent += table.len();
    siege.before.0 += 100; // the one recharge that was right
    siege.end();
}

#[track_caller]
fn check_garbage(store: Store) {
    let mut siege = Siege::begin(store);
    let long = "a".repeat(60_000);
    let many: String = (0..500).fold(String::new(), |mut text, number| {
        let _ = write!(text, "x-{number}: y\r\n");
        text
    });
    let table: Vec<Vec<u8>> = vec![
        b"\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), // a TLS greeting
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        format!("GET /futureloan/loans HTTP/1.1\r\nhost: b\r\nx: {long}\r\nconnection: close\r\n\r\n").into(),
        format!("GET /futureloan/loans HTTP/1.1\r\nhost: b\r\n{many}connection: close\r\n\r\n").into(),
        format!("GET /futureloan/{long} HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n").into(),
        format!("{long} /futureloan/loans HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n").into(),
        b"POST /futureloan/member/login HTTP/1.1\r\nhost: b\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST /futureloan/member/login HTTP/1.1\r\nhost: b\r\ncontent-length: 99999999999999999999\r\n\r\n".to_vec(),
        b"POST /futureloan/member/login HTTP/1.1\r\nhost: b\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}{}{}".to_vec(),
        b"POST /futureloan/member/login HTTP/1.1\r\nhost: b\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"POST /futureloan/member/login HTTP/1.1\r\nhost: b\r\ncontent-length: 50\r\n\r\n{\"mob".to_vec(),
        b"GET /futureloan/loans HTTP/1.1\r\nx-lemonban-media-type: \xff\xfe\r\nhost: b\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET /futureloan/loans?pageIndex=\xff HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n".to_vec(),
    ];
    for request in &table {
        siege.sent += 1;
        let answer = siege.bench.raw(request);
        let what = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
        // No answer at all, a refusal of the protocol, or one of ours.
        let of_the_protocol = answer.status == 0 || (400..500).contains(&answer.status);
        if !of_the_protocol && answer.status != 505 {
            check_envelope(&answer, &what);
        }
    }
    siege.end();
}

#[test]
fn wrong_values_in_any_field_are_refused_on_sqlite() {
    check_fields(Store::Sqlite);
}

#[test]
fn wrong_values_in_any_field_are_refused_on_postgres() {
    check_fields(Store::Postgres);
}

#[test]
fn bodies_that_are_no_message_are_refused_on_sqlite() {
    check_bodies(Store::Sqlite);
}

#[test]
fn bodies_that_are_no_message_are_refused_on_postgres() {
    check_bodies(Store::Postgres);
}

#[test]
fn paths_and_pages_that_name_nothing_are_refused_on_sqlite() {
    check_paths(Store::Sqlite);
    check_pages(Store::Sqlite);
}

#[test]
fn paths_and_pages_that_name_nothing_are_refused_on_postgres() {
    check_paths(Store::Postgres);
    check_pages(Store::Postgres);
}

#[test]
fn tokens_that_we_did_not_give_are_worth_nothing_on_sqlite() {
    check_tokens(Store::Sqlite);
}

#[test]
fn tokens_that_we_did_not_give_are_worth_nothing_on_postgres() {
    check_tokens(Store::Postgres);
}

#[test]
fn nobody_touches_what_is_anothers_on_sqlite() {
    check_others(Store::Sqlite);
}

#[test]
fn nobody_touches_what_is_anothers_on_postgres() {
    check_others(Store::Postgres);
}

#[test]
fn a_sign_is_good_once_and_soon_on_sqlite() {
    check_replays(Store::Sqlite);
}

#[test]
fn a_sign_is_good_once_and_soon_on_postgres() {
    check_replays(Store::Postgres);
}

#[test]
fn garbage_on_the_socket_hurts_nobody_on_sqlite() {
    check_garbage(Store::Sqlite);
}

#[test]
fn garbage_on_the_socket_hurts_nobody_on_postgres() {
    check_garbage(Store::Postgres);
}
