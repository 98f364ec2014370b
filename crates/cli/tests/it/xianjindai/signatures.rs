//! What is signed, what is compressed, and where the channel answers at all.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{App, now, opened, read, sha1, sign_of, signed};
use crate::bench::{Bench, Store};

const CODE: &str = "/openApi/getCode";

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).expect("the answer is gzip");
    text
}

#[track_caller]
fn check_signatures(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    let send = |message: &Value| app.send(CODE, &[], message.to_string().as_bytes());

    app.call(CODE, json!({})).expect("0000", "0000", "获取验证码成功");
    // Fields that the document does not know take part.
    app.call(CODE, json!({"unknown": [1, {"b": null, "a": "借"}]})).expect(
        "0000",
        "0000",
        "获取验证码成功",
    );
    // As the original server read it: unknown fields left out, whatever their signature.
    let mut message = signed(json!({}));
    message["deviceId"] = "x".into();
    send(&message).expect("0000", "0000", "获取验证码成功");

    let missing = ("9999", "10001000", "缺少签名，或缺少timestamp、nonce");
    for field in ["sign", "timestamp", "nonce"] {
        let mut message = signed(json!({}));
        message.as_object_mut().unwrap().remove(field);
        assert_eq!(send(&message).outcome(), missing, "{field}");
    }
    assert_eq!(app.send(CODE, &[], b"").outcome(), missing);
    assert_eq!(app.send(CODE, &[], b"{}").outcome(), missing);

    let wrong = ("9999", "10001000", "签名错误");
    let mut message = signed(json!({"mobile": "13800000001", "code": "abcd"}));
    message["mobile"] = "13800000002".into();
    let changed = app.send("/openApi/getSmsCode", &[], message.to_string().as_bytes());
    assert_eq!(changed.outcome(), wrong);
    let mut message = signed(json!({}));
    message["sign"] = "0".repeat(40).into();
    assert_eq!(send(&message).outcome(), wrong);
    // The scheme of October 2017, which is off.
    let timestamp = now().to_string();
    let old = sha1(&["123456", &timestamp, "87654321"]);
    let message = json!({"timestamp": timestamp, "nonce": "87654321", "sign": old});
    assert_eq!(send(&message).outcome(), wrong);

    // Once, and only about now; what was refused for its signature is not used up.
    let message = signed(json!({}));
    send(&message).expect("0000", "0000", "获取验证码成功");
    let repeated = ("9999", "10001000", "重复的请求，timestamp与nonce已使用过");
    assert_eq!(send(&message).outcome(), repeated);
    let mut other = message.clone();
    other["unknown"] = 1.into();
    other["sign"] = sign_of(&other).into();
    assert_eq!(send(&other).outcome(), repeated);
    let stale = ("9999", "10001000", "timestamp超出允许的时间范围");
    for at in [now() - 660_000, now() + 660_000, 12, 0] {
        let mut message = json!({"timestamp": at.to_string(), "nonce": "1"});
        message["sign"] = sign_of(&message).into();
        assert_eq!(send(&message).outcome(), stale, "{at}");
    }
    let mut message = json!({"timestamp": (now() - 540_000).to_string(), "nonce": "1"});
    message["sign"] = sign_of(&message).into();
    send(&message).expect("0000", "0000", "获取验证码成功");
}

#[test]
fn calls_are_signed_once_and_about_now_on_sqlite() {
    check_signatures(Store::Sqlite);
}

#[test]
fn calls_are_signed_once_and_about_now_on_postgres() {
    check_signatures(Store::Postgres);
}

#[test]
fn a_bench_takes_the_documents_own_samples() {
    let bench = Bench::start_with(
        Store::Sqlite,
        &[
            ("JIEHUAN_XIANJINDAI_OLD_SIGNATURE", "true"),
            ("JIEHUAN_XIANJINDAI_REPLAY_WINDOW_MINUTES", "0"),
            ("JIEHUAN_XIANJINDAI_REPLAY_GUARD", "false"),
        ],
    );
    // §7.2, as printed.
    let sample =
        r#"{"nonce":"admin","sign":"16c1bb0a5cee2af1632df8ef3a3e4d5b40f530fd","timestamp":"12"}"#;
    for _ in 0..2 {
        let answer = bench.request("POST", "/xianjindai/openApi/getCode", &[], sample.as_bytes());
        let json = read(&answer.text);
        assert_eq!(json["responseCode"], "0000", "{json}");
        // It is answered by the scheme that it speaks.
        let (timestamp, nonce) = (json["timestamp"].as_str(), json["nonce"].as_str());
        assert_eq!(json["sign"], sha1(&["123456", timestamp.unwrap(), nonce.unwrap()]));
    }
    // §25.2, over page 2 as it was signed.
    let sample = r#"{"nonce":"12345678","pageNum":2,"pageSize":10,"sign":"26565737c178fd2c27cd88bbbcfed248235e9aea","timestamp":"1511758907184"}"#;
    let app = App::new(&bench);
    let answer = app.send("/openCommonApi/getSystemMessage", &[], sample.as_bytes());
    assert_ne!(answer.outcome().2, "签名错误");
    assert!(bench.log().contains("xianjindai.old_signature"), "a switch that is on is said");
}

#[test]
fn a_bench_may_go_without_signatures() {
    let settings = [("JIEHUAN_XIANJINDAI_SIGNATURES", "false")];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    let app = App::new(&bench);
    for body in ["{}", "", r#"{"sign":"x","timestamp":"12","nonce":[]}"#] {
        app.send(CODE, &[], body.as_bytes()).expect("0000", "0000", "获取验证码成功");
    }
    assert!(bench.log().contains("xianjindai.signatures=false"), "a switch that is on is said");
}

#[test]
fn another_key_is_another_door() {
    let settings = [("JIEHUAN_XIANJINDAI_APP_KEY", "k7Wm2pQx9Z")];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    let message = signed(json!({}));
    let body = message.to_string();
    let answer = bench.request("POST", "/xianjindai/openApi/getCode", &[], body.as_bytes());
    assert_eq!(read(&answer.text)["responseMessage"], "签名错误");
    assert!(!bench.log().contains("k7Wm2pQx9Z"));

    let settings = [("JIEHUAN_XIANJINDAI_APP_KEY", "")];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    let answer = bench.request("POST", "/xianjindai/openApi/getCode", &[], body.as_bytes());
    assert_eq!(answer.status, 404, "without a key the channel is closed: {}", answer.text);
}

#[test]
fn bodies_are_compressed_as_the_apps_do_and_as_http_does() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    let gzip_path = "/xianjindai/openCommonApi/getSystemMessage";
    let plain_path = "/xianjindai/openApi/getCode";
    let body = || signed(json!({"pageNum": 1})).to_string();
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        bench.request("POST", path, headers, body)
    };
    let no_gzip_error = |text: &str| {
        let json = read(text);
        assert_eq!(json["sign"], sign_of(&json));
        assert_ne!(json["responseCode"], "50001000", "{json}");
        assert_ne!(json["responseCode"], "10001000", "{json}");
    };

    // Raw gzip, without a word about it: answered alike.
    let answer = post(gzip_path, &[], &packed(&body()));
    assert_eq!(answer.header("content-encoding"), None);
    no_gzip_error(&unpacked(&answer.bytes));
    // Refusals too.
    let answer = post(gzip_path, &[], &packed("{}"));
    assert!(unpacked(&answer.bytes).contains("缺少签名"));
    // Plain: answered plain, or coded where that is asked for.
    let answer = post(gzip_path, &[], body().as_bytes());
    no_gzip_error(&answer.text);
    let answer = post(gzip_path, &[("accept-encoding", "br, gzip")], body().as_bytes());
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    no_gzip_error(&unpacked(&answer.bytes));
    let answer = post(gzip_path, &[("accept-encoding", "gzip;q=0")], body().as_bytes());
    no_gzip_error(&answer.text);
    // Coded, as HTTP says it.
    for path in [gzip_path, plain_path] {
        let answer = post(path, &[("content-encoding", "gzip")], &packed(&body()));
        assert_eq!(answer.header("content-encoding"), None);
        no_gzip_error(&answer.text);
    }
    // Where gzip is not the original's way, it is not guessed.
    let answer = post(plain_path, &[], &packed(&body()));
    assert_eq!(opened(answer).outcome(), ("0000", "10001000", "请求报文传输信息有误"));
    let broken = ("0000", "50001000", "gzip压缩失败，仅能POST可压缩");
    let answer = post(plain_path, &[("content-encoding", "br")], body().as_bytes());
    assert_eq!(opened(answer).outcome(), broken);
    let half = packed(&body());
    let answer = post(plain_path, &[("content-encoding", "gzip")], &half[..half.len() / 2]);
    assert_eq!(opened(answer).outcome(), broken);
    let bomb = packed(&" ".repeat(15_000_000));
    let answer = post(gzip_path, &[], &bomb);
    assert!(unpacked(&answer.bytes).contains("请求报文过大"));
    let large = app.send(CODE, &[], &vec![b' '; 300_000]);
    assert_eq!(large.outcome(), ("0000", "10001000", "请求报文过大"));
}

#[test]
fn every_address_answers_and_only_by_post() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_XIANJINDAI_LISTEN", "127.0.0.1:0")]);
    let described = read(&bench.cli_ok(&["openapi", "xianjindai"]));
    let paths = described["paths"].as_object().unwrap();
    // 33 sections, two addresses of §13; ours are a picture, a contract, what a loan costs,
    // the customer's word to it, and the way back.
    assert_eq!(paths.len(), 39);
    let own = bench.printed_address("现金贷 (xianjindai)");
    let own = own.trim_end_matches('/');
    for (path, methods) in paths {
        let at_root = format!("{own}{}", path.strip_prefix("/xianjindai").unwrap());
        if methods.get("get").is_some() {
            continue;
        }
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let refused = opened(bench.request(method, path, &[], b""));
            let message = format!("仅支持POST请求：{path}");
            assert_eq!(refused.outcome(), ("0000", "10001000", message.as_str()), "{method}");
        }
        // At the root of its own port the same stands as below the channel's name.
        let here = opened(bench.request("POST", path, &[], b"{}"));
        let there = ureq::post(&at_root).send("{}").unwrap().body_mut().read_to_string().unwrap();
        let there = read(&there);
        assert_eq!(there["responseMessage"], here.json["responseMessage"], "{path}");
        assert_eq!(there["sign"], sign_of(&there));
    }
    for path in ["", "/", "/nothing", "/appApi/nothing", "/openApi/getCode/", "/security"] {
        let path = format!("/xianjindai{path}");
        let refused = opened(bench.request("POST", &path, &[], b"{}"));
        let message = format!("请求地址不存在：{path}");
        assert_eq!(refused.outcome(), ("0000", "10001000", message.as_str()));
    }
    let unknown = ureq::post(format!("{own}/appApi/nothing")).send("{}").unwrap();
    assert_eq!(unknown.status(), 200);
}

#[test]
fn what_needs_a_session_says_so() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    let described = read(&bench.cli_ok(&["openapi", "xianjindai"]));
    let mut protected = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/xianjindai").unwrap();
        let Some(post) = methods.get("post") else { continue };
        let needs = post.get("security").is_some();
        // Contract page: every call of these areas but one.
        let area = path.starts_with("/appApi/") || path.starts_with("/appCommonApi/");
        assert_eq!(needs, area && path != "/appApi/appVersionDetection", "{path}");
        if needs {
            protected += 1;
            app.forget_cookie();
            let gone = ("0000", "90003000", "请求会话超时");
            assert_eq!(app.call(path, json!({})).outcome(), gone, "{path}");
            for id in ["0123456789ABCDEF0123456789ABCDEF", "x", ""] {
                app.use_cookie(format!("JSESSIONID={id}"));
                assert_eq!(app.call(path, json!({})).outcome(), gone, "{path}");
            }
            // The signature comes first.
            assert_eq!(app.send(path, &[], b"{}").outcome().0, "9999", "{path}");
        }
    }
    assert_eq!(protected, 21);
}
