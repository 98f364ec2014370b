//! The calculator from the wire: answers, refusals, hostile bodies, the page, and a burst.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Store, both, pause};

const LOAN: &str = r#"{"principal":"100000.00","rate":"7.2","n":12,"start":"2026-11-23"}"#;

fn bench() -> Bench {
    Bench::start(Store::Sqlite)
}

fn post(bench: &Bench, path: &str, body: &[u8]) -> Answer {
    bench.request("POST", path, &[], body)
}

fn get(bench: &Bench, path: &str) -> Answer {
    bench.request("GET", path, &[], b"")
}

/// The value under dotted names: `cost.nominal_percent`, `rows.0.interest`.
#[track_caller]
fn at(answer: &Value, path: &str) -> Value {
    let step = |value: Value, name: &str| match name.parse::<usize>() {
        Ok(place) => value[place].clone(),
        Err(_) => value[name].clone(),
    };
    path.split('.').fold(answer.clone(), step)
}

#[test]
fn each_kind_of_request_is_answered() {
    let bench = bench();
    let check = |request: &str, path: &str, wanted: Value| {
        let answer = post(&bench, "/calc", request.as_bytes());
        assert_eq!(answer.status, 200, "{request}: {}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(at(&answer.json(), path), wanted, "{request}: {}", answer.text);
    };
    //    request                                               where, and what
    check(LOAN, "instalment", json!("8661.90"));
    check(LOAN, "rows.11.balance", json!("0.00"));
    check(LOAN, "cost.eu_apr_percent", json!("7.467077"));
    check(LOAN, "legal.0.exceeded", json!(false));
    check(
        r#"{"principal":"5000","rate":"18","days":90,"start":"2026-11-23"}"#,
        "interest",
        json!("225.00"),
    );
    check(
        r#"{"principal":"1200","rate":"0","n":12,"start":"2026-11-23","ignore me":1}"#,
        "ignored.0",
        json!("ignore me"),
    );
    check(
        r#"{"drawdown":"1000.00","repayments":"1 x 1100.00","freq":"1 year"}"#,
        "apr_percent",
        json!("10.000000"),
    );
    check(
        r#"{"amount_financed":"1000.00","payments":"36 x 33.61","unit_periods_per_year":12}"#,
        "apr_percent",
        json!("12.825576"),
    );
    check(
        r#"{"contract":"1000.00","received":"900.00","repaid":"1000.00","days":365}"#,
        "principal_for_law",
        json!("900.00"),
    );
    check(r#"{"flows":[-100,110],"rate":0}"#, "value", json!("10"));
    check(r#"{"principal":"10000","payment":"900","n":12}"#, "nominal_percent", json!("14.452148"));
    check(r#"{"lpr":"3.85"}"#, "cap_percent.0", json!("15.40"));
    check(
        r#"{"total":"100.00","shares":["1","1","1"]}"#,
        "parts",
        json!(["33.34", "33.33", "33.33"]),
    );
    check(r#"{"pan":"4111111111111111"}"#, "luhn_valid", json!(true));
    check(r#"{"id":"11010519491231002X"}"#, "valid", json!(true));
    check(r#"{"mobile":"13800000001"}"#, "valid", json!(true));
}

#[test]
fn the_operators_own_tables_answer_and_broken_ones_stop_the_start() {
    let path = std::env::temp_dir().join(format!("jiehuan-it-bins-{}.csv", std::process::id()));
    let file = path.to_str().unwrap();
    let header = "bin,length,bank_code,bank_name,card_type\n";
    std::fs::write(&path, format!("{header}411111,16,OWN,自有银行,debit\n")).unwrap();
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_CALCULATOR_CARD_BINS", file)]);
    let card = br#"{"pan":"4111111111111111"}"#;
    assert_eq!(at(&post(&bench, "/calc", card).json(), "bank_code"), "OWN");

    std::fs::write(&path, format!("{header}411111,16,OWN,自有银行,gold\n")).unwrap();
    for arguments in [["serve", "--set", "listen=127.0.0.1:0"], ["calc", "--card-bins", file]] {
        let output = bench.cli(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let wanted = format!("cannot use {file}: line 2 of the card-bin table");
        assert!(both(&output).contains(&wanted), "{arguments:?}: {}", both(&output));
    }
    std::fs::remove_file(&path).unwrap();
    let output = bench.cli(&["calc", "--lpr", file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains(&format!("cannot read {file}")), "{}", both(&output));
}

#[test]
fn several_requests_are_answered_each_at_its_place() {
    let bench = bench();
    let body = format!(r#"[{LOAN}, {{"principal":"x","rate":"1","n":1}}, 7, {{"lpr":"3"}}]"#);
    let answer = post(&bench, "/calc", body.as_bytes());
    assert_eq!(answer.status, 200);
    let answers = answer.json();
    assert_eq!(at(&answers, "0.instalment"), "8661.90");
    assert_eq!(at(&answers, "1.error.field"), "principal");
    assert!(at(&answers, "1.error.zh").as_str().unwrap().starts_with("principal 应为"));
    assert_eq!(at(&answers, "2.error.field"), "request");
    assert_eq!(at(&answers, "3.cap_percent.0"), "12.00");
    assert_eq!(post(&bench, "/calc", b"[]").json(), json!([]));

    let hundred = format!("[{}]", vec![LOAN; 100].join(","));
    assert_eq!(post(&bench, "/calc", hundred.as_bytes()).json().as_array().unwrap().len(), 100);
    let more = format!("[{}]", vec![LOAN; 101].join(","));
    assert_eq!(post(&bench, "/calc", more.as_bytes()).status, 422);

    // What no longer fits is refused at its place; the time and the length have ends.
    let heavy = r#"{"principal":"10000000","rate":"7","n":3650,"freq":"1 day"}"#;
    let heavy = format!("[{}]", vec![heavy; 100].join(","));
    let since = Instant::now();
    let answer = post(&bench, "/calc?explain=1", heavy.as_bytes());
    assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.len() < 9 * 1024 * 1024);
    let answers = answer.json();
    assert_eq!(answers.as_array().unwrap().len(), 100);
    assert!(at(&answers, "0.rows.3649").is_object());
    assert_eq!(at(&answers, "99.error.field"), "request");
}

#[test]
fn csv_and_explanation_are_asked_for_in_the_address() {
    let bench = bench();
    let csv = post(&bench, "/calc?format=csv", LOAN.as_bytes());
    assert_eq!(csv.status, 200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!(lines.iter().position(|line| line.is_empty()), Some(13));
    assert!(lines.contains(&"cost.nominal_percent,\"7.199970\""), "{lines:?}");
    assert!(lines[0].starts_with("n,due,days,instalment"));
    assert!(lines[1].starts_with("1,2026-12-23,30,8661.90"));
    let accepted = bench.request("POST", "/calc", &[("accept", "text/csv")], LOAN.as_bytes());
    assert_eq!(accepted.text, csv.text);

    let plain = post(&bench, "/calc", LOAN.as_bytes()).json();
    assert!(plain.get("explain").is_none());
    let explained = post(&bench, "/calc?explain=1", LOAN.as_bytes()).json();
    assert_eq!(explained["stretches"].as_array().unwrap().len(), 12);
    assert!(!explained["explain"].as_array().unwrap().is_empty());

    for (path, body, status, field) in [
        ("/calc?format=csv", "[]", 422, "format"),
        ("/calc?format=xml", LOAN, 400, "format"),
        ("/calc?explain=perhaps", LOAN, 400, "explain"),
    ] {
        let answer = post(&bench, path, body.as_bytes());
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(at(&answer.json(), "error.field"), field);
    }
}

#[test]
fn hostile_bodies_are_refused_and_told_why() {
    let bench = bench();
    let check = |body: &[u8], status: u16, field: &str| {
        let answer = post(&bench, "/calc", body);
        let seen = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(answer.status, status, "{seen}: {}", answer.text);
        if status != 200 {
            let error = at(&answer.json(), "error");
            assert_eq!(error["field"], field, "{seen}: {}", answer.text);
            assert!(!error["en"].as_str().unwrap().is_empty());
            assert!(!error["zh"].as_str().unwrap().is_empty());
        }
    };
    let nested = "[".repeat(100_000);
    let objects = "{\"principal\":".repeat(20_000);
    let wide = format!("[{}1]", "1,".repeat(50_000));
    let long = format!(r#"{{"principal":"{}","rate":"1","n":1}}"#, "9".repeat(100_000));
    //    body                                                     status, field
    check(b"", 400, "request");
    check(b"{", 400, "request");
    check(b"principal=100", 400, "request");
    check(br#"{"principal":"1"} {}"#, 400, "request");
    check(b"\xff\xfe", 400, "request");
    check(b"{\"principal\":\"\xc3\x28\"}", 400, "request");
    check(nested.as_bytes(), 400, "request");
    check(objects.as_bytes(), 400, "request");
    check(br#"{"principal":1e999,"rate":1,"n":1}"#, 400, "request");
    check(wide.as_bytes(), 422, "request");
    check(long.as_bytes(), 422, "principal");
    check(b"null", 422, "request");
    check(b"42", 422, "request");
    check(br#""text""#, 422, "request");
    check(b"{}", 422, "principal");
    check(br#"{"principal":{},"rate":1,"n":1}"#, 422, "principal");
    check(br#"{"principal":"1000","rate":["1"],"n":1}"#, 422, "rate");
    check(br#"{"principal":"1000","rate":"10001","n":1}"#, 422, "rate");
    check(br#"{"principal":"-1","rate":"1","n":1}"#, 422, "principal");
    check(br#"{"principal":"1000","rate":"1","n":3651,"freq":"1 day"}"#, 422, "n");
    check(br#"{"principal":"1000","rate":"1","n":3650,"freq":"1 day"}"#, 200, "");
    check(br#"{"principal":"1","principal":"1000","rate":"1","n":12}"#, 200, "");
    check(&vec![b' '; 2 * 1024 * 1024], 413, "request");
    assert_eq!(get(&bench, "/healthz").status, 200);

    let wrong = bench.request("PUT", "/calc", &[], b"{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, POST, OPTIONS")));
    assert_eq!(at(&wrong.json(), "error.field"), "method");
    let wrong = bench.request("POST", "/calc/calc.js", &[], b"{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let asked = bench.raw(b"OPTIONS /calc HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert_eq!((asked.status, asked.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    let head = bench.request("HEAD", "/calc", &[], b"");
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(get(&bench, "/calc/nothing").status, 404);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "image/png"] {
        let answer = bench.request("POST", "/calc", &[("content-type", kind)], LOAN.as_bytes());
        assert_eq!(answer.status, 200, "{kind}");
    }
}

#[test]
fn the_page_is_whole_in_both_languages() {
    let bench = bench();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                  connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (path, accepted, tag, title) in [
        ("/calc", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "贷款计算器"),
        ("/calc", "en-US,en;q=0.9", "en", "Loan calculator"),
        ("/calc?lang=zh", "en", "zh-CN", "贷款计算器"),
        ("/calc?lang=en", "zh", "en", "Loan calculator"),
    ] {
        let page = bench.request("GET", path, &[("accept-language", accepted)], b"");
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("content-language"), Some(tag));
        assert_eq!(page.header("content-security-policy"), Some(policy));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert!(page.text.contains(&format!("<html lang=\"{tag}\">")) && page.text.contains(title));
        assert_eq!(page.text.matches("<script").count(), 1, "only the file");
        for inline in ["<style", " style=", " onclick=", "javascript:", "{{"] {
            assert!(!page.text.contains(inline), "{inline}");
        }
        let etag = page.header("etag").unwrap();
        let headers = [("accept-language", accepted), ("if-none-match", etag)];
        assert_eq!(bench.request("GET", path, &headers, b"").status, 304);
        let addresses = page.text.split('"').filter(|word| {
            word.starts_with("/calc/") || word.starts_with("http:") || word.starts_with("https:")
        });
        for address in addresses {
            let file = get(&bench, address);
            assert_eq!(file.status, 200, "{address}");
            if address.contains("?v=") {
                assert!(file.header("cache-control").unwrap().contains("immutable"));
                assert_eq!(get(&bench, address.split('?').next().unwrap()).text, file.text);
            }
        }
    }
    let description = get(&bench, "/calc/openapi.json");
    assert_eq!(description.header("content-type"), Some("application/json"));
    assert_eq!(description.json()["openapi"], "3.1.0");
    let printed: Value = serde_json::from_str(&bench.cli_ok(&["openapi", "calc"])).unwrap();
    assert_eq!(printed, description.json());
}

#[test]
fn without_script_the_form_shows_its_result() {
    let bench = bench();
    let page = get(&bench, "/calc?lang=en&show=1&principal=100000&rate=7.2&term=12&explain=1");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    for wanted in ["8,661.90", "7.467077 %", "within", "100,000.00 × 7.2 % × 1/12"] {
        assert!(page.text.contains(wanted), "{wanted}");
    }
    assert_eq!(page.text.matches("<tr><th scope=\"row\">").count(), 24);
    let refused = get(&bench, "/calc?lang=zh&show=1&rate=%3Cscript%3E&term=12");
    assert!(refused.text.contains("利率 应为"), "{}", refused.text);
    assert!(refused.text.contains("&lt;script&gt;") && !refused.text.contains("<script>"));
    for odd in ["?lang=%ff", "?show=1&term=999999999999", "?principal=%00", "?show&show&&=&%"] {
        assert_eq!(get(&bench, &format!("/calc{odd}")).status, 200, "{odd}");
    }
}

#[test]
fn a_calculator_that_is_switched_off_is_gone() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_CALCULATOR_PUBLIC", "false")]);
    assert_eq!(post(&bench, "/calc", LOAN.as_bytes()).status, 404);
    for path in ["/calc", "/calc/calc.js", "/calc/openapi.json"] {
        assert_eq!(get(&bench, path).status, 404);
    }
    assert!(!get(&bench, "/").text.contains("/calc"));
}

#[test]
fn a_burst_of_calculators_leaves_the_platform_answering() {
    let bench = bench();
    let heavy = r#"{"principal":"10000000","rate":"7","n":3650,"freq":"1 day","explain":true}"#;
    let statuses = Mutex::new(BTreeMap::new());
    let is_over = AtomicBool::new(false);
    let slowest = std::thread::scope(|scope| {
        let probe = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !is_over.load(Ordering::Relaxed) {
                let since = Instant::now();
                assert_eq!(get(&bench, "/healthz").status, 200);
                assert!(bench.is_ready(), "the store answers too");
                slowest = slowest.max(since.elapsed());
                pause(20);
            }
            slowest
        });
        let burst: Vec<_> = (0..200)
            .map(|_| {
                scope.spawn(|| {
                    let answer = post(&bench, "/calc", heavy.as_bytes());
                    if answer.status == 503 {
                        assert_eq!(at(&answer.json(), "error.field"), "request");
                    }
                    *statuses.lock().unwrap().entry(answer.status).or_insert(0) += 1;
                })
            })
            .collect();
        for one in burst {
            one.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        probe.join().unwrap()
    });
    let statuses = statuses.into_inner().unwrap();
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.get(&200).is_some_and(|count| *count >= 10), "{statuses:?}");
    assert!(slowest < Duration::from_secs(5), "a probe took {slowest:?}");
    // Afterwards everybody is served again.
    assert_eq!(post(&bench, "/calc", LOAN.as_bytes()).status, 200);
    let metrics = get(&bench, "/metrics").text;
    assert!(metrics.contains("channel=\"calc\""), "{metrics}");
}
