//! Whatever an app sends, signed or not: an envelope comes back, and never our own fault.

use std::collections::BTreeMap;

use super::{APP_KEY, App, now, opened, read, sha1};
use crate::bench::{Bench, Store};

/// Values that no field of the document takes, or that are larger than anything; as they stand in
/// JSON, and in the form that is signed.
fn hostile_values() -> Vec<String> {
    let texts = [
        "null",
        "true",
        "[]",
        "{}",
        "[[]]",
        r#"{"a":1}"#,
        "[{},1,null]",
        "0",
        "-1",
        "1e400",
        "-0",
        "0.1",
        "-1e-400",
        "99999999999999999999999999",
        r#""""#,
        r#"" ""#,
        r#""\u0000""#,
        r#""é""#,
        r#""'; --""#,
        r#""-9223372036854775808""#,
        r#""9223372036854775808""#,
        r#""1e999999999""#,
        r#""<script>""#,
        r#""NaN""#,
        r#""😀""#,
        r#""２０００""#,
        r#""\n""#,
    ];
    let mut values: Vec<_> = texts.into_iter().map(ToOwned::to_owned).collect();
    values.push("9".repeat(5000));
    values.push(format!("\"{}\"", "9".repeat(5000)));
    values.push(format!("\"{}\"", "借".repeat(5000)));
    values
}

/// A message of values that are JSON already, signed.
fn signed_raw(mut fields: BTreeMap<&str, String>, sent: usize) -> String {
    let (timestamp, nonce) = (now().to_string(), format!("{sent:07}"));
    fields.insert("timestamp", format!("\"{timestamp}\""));
    fields.insert("nonce", format!("\"{nonce}\""));
    fields.remove("sign");
    let json = |fields: &BTreeMap<&str, String>| {
        let fields: Vec<_> = fields.iter().map(|(key, json)| format!("\"{key}\":{json}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let mut kept = fields.clone();
    kept.retain(|_, value| value != "null");
    let sign = sha1(&[APP_KEY, &timestamp, &nonce, &json(&kept)]);
    fields.insert("sign", format!("\"{sign}\""));
    json(&fields)
}

#[track_caller]
fn check(app: &App<'_>, path: &str, body: &[u8]) -> String {
    let answer = app.send(path, &[], body);
    let what: String = String::from_utf8_lossy(body).chars().take(200).collect();
    let (_, code, message) = answer.outcome();
    assert!(!message.is_empty(), "{path} {what}");
    assert_ne!(message, "系统繁忙，请稍后再试", "{path} {what}: our fault?");
    format!("{code} {message}")
}

#[track_caller]
fn check_fields(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.register("13800000001", "secret99");
    app.log_in("13800000001", "secret99");
    let described = read(&bench.cli_ok(&["openapi", "xianjindai"]));
    let mut sent = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/xianjindai").unwrap();
        let Some(body) = methods["post"].get("requestBody") else { continue };
        let schema = &body["content"]["application/json"]["schema"];
        let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        let own = names.iter().filter(|n| !["timestamp", "nonce", "sign"].contains(&n.as_str()));
        for name in own {
            for value in hostile_values() {
                let others = names.iter().map(|other| (other.as_str(), "\"1\"".to_owned()));
                let mut fields: BTreeMap<_, _> = others.collect();
                fields.insert(name, value);
                let outcome = check(&app, path, signed_raw(fields, sent).as_bytes());
                assert!(!outcome.contains("签名"), "{path} {name}: {outcome}");
                sent += 1;
            }
        }
    }
    assert!(sent > 500, "only {sent} were sent");
    bench.verify();
}

#[test]
fn any_value_in_any_field_is_answered_on_sqlite() {
    check_fields(Store::Sqlite);
}

#[test]
fn any_value_in_any_field_is_answered_on_postgres() {
    check_fields(Store::Postgres);
}

#[test]
fn any_body_is_answered() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let deep_signed = deep.replacen('{', r#"{"sign":"x","timestamp":"1","nonce":"2","#, 1);
    for (body, want) in [
        (b"[]".as_slice(), "10001000 请求报文传输信息有误"),
        (b"null", "10001000 请求报文传输信息有误"),
        (b"\xff\xfe{}", "10001000 请求报文传输信息有误"),
        (b"{\"a\":1,\"a\":2}", "10001000 请求报文传输信息有误"),
        (b"{\"sign\":\"a\",\"\\u0073ign\":\"b\"}", "10001000 请求报文传输信息有误"),
        (b"{", "10001000 请求报文传输信息有误"),
        (b"{}x", "10001000 请求报文传输信息有误"),
        (b"a=b", "10001000 请求报文传输信息有误"),
        (b"{\"sign\":{},\"timestamp\":1,\"nonce\":2}", "10001000 缺少签名，或缺少timestamp、nonce"),
        (b"{\"sign\":\"a\",\"timestamp\":1e400,\"nonce\":-0}", "10001000 签名错误"),
        (deep.as_bytes(), "10001000 缺少签名，或缺少timestamp、nonce"),
        (deep_signed.as_bytes(), "10001000 签名错误"),
    ] {
        assert_eq!(check(&app, "/openApi/getCode", body), want);
    }
    let long = "1".repeat(100);
    let body = format!(r#"{{"sign":"a","timestamp":"{long}","nonce":"2"}}"#);
    let missing = "10001000 缺少签名，或缺少timestamp、nonce";
    assert_eq!(check(&app, "/openApi/getCode", body.as_bytes()), missing);
    // A form is for the log-in alone.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for body in ["a=%zz", "username=1&username=2", "%00=%00", "=&=&="] {
        let answer = app.send("/security/login", &form, body.as_bytes());
        assert_ne!(answer.outcome().1, "9999", "{body}: {}", answer.json);
        let answer = app.send("/openApi/getCode", &form, body.as_bytes());
        assert_eq!(answer.outcome().2, "请求报文传输信息有误", "{body}");
    }
    let head = opened(bench.request("POST", "/xianjindai/openApi/getCode?sign=x", &[], b"{}"));
    assert_eq!(head.outcome().2, "缺少签名，或缺少timestamp、nonce");
}
