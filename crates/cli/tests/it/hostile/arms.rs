//! What an attacker has at hand: every call, and values and bodies that no client means.

use std::fmt::Write as _;

pub(super) type Call = (&'static str, &'static str, &'static [(&'static str, &'static str)], Who);

/// Every call with a body: method, path, its fields with good values, who sends it.
pub(super) const CALLS: &[Call] = &[
    (
        "POST",
        "/member/register",
        &[
            ("mobile_phone", r#""13800000077""#),
            ("pwd", r#""password1""#),
            ("type", "1"),
            ("reg_name", r#""新人""#),
        ],
        Who::Nobody,
    ),
    (
        "POST",
        "/member/login",
        &[("mobile_phone", r#""13800000078""#), ("pwd", r#""password1""#)],
        Who::Nobody,
    ),
    ("POST", "/member/recharge", &[("member_id", "1"), ("amount", "1000000")], Who::Attacker),
    ("POST", "/member/withdraw", &[("member_id", "1"), ("amount", "1000000")], Who::Attacker),
    ("PATCH", "/member/update", &[("member_id", "1"), ("reg_name", r#""小恶""#)], Who::Attacker),
    (
        "POST",
        "/member/invest",
        &[("member_id", "1"), ("loan_id", "999"), ("amount", "100")],
        Who::Attacker,
    ),
    (
        "POST",
        "/loan/add",
        &[
            ("member_id", "1"),
            ("title", r#""借""#),
            ("amount", "1000"),
            ("loan_rate", "5.0"),
            ("loan_term", "1"),
            ("loan_date_type", "1"),
            ("bidding_days", "5"),
        ],
        Who::Attacker,
    ),
    ("PATCH", "/loan/audit", &[("loan_id", "999"), ("approved_or_not", "true")], Who::Admin),
    ("POST", "/loan/1/repay", &[("member_id", "1")], Who::Attacker),
];

/// Fields in which one of the hostile values may be right, and the call then succeeds.
pub(super) const TOLERANT: &[(&str, &str)] = &[
    ("/member/register", "pwd"),  // eight signs of any kind are a password
    ("/member/register", "type"), // missing, null and "" are an ordinary member; 0 is legal
    ("/member/register", "reg_name"), // a name is what one likes
    ("/member/recharge", "amount"), // 1.5 is an amount
    ("/member/withdraw", "amount"),
    ("/member/update", "reg_name"),
    ("/loan/add", "title"),
    ("/loan/add", "loan_rate"),    // 1.5 is a rate
    ("/loan/add", "loan_term"),    // 1.5 is 1, as 12.8 is 12
    ("/loan/add", "bidding_days"), // likewise
    ("/loan/add", "loan_date_type"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    Attacker,
    Admin,
}

/// A body of these fields, one of them replaced.
pub(super) fn body(fields: &[(&str, &str)], name: &str, value: &str) -> String {
    let mut text = String::from("{");
    for (field, good) in fields {
        let comma = if text.len() == 1 { "" } else { "," };
        let _ = write!(text, "{comma}\"{field}\":{}", if *field == name { value } else { good });
    }
    text + "}"
}

/// Values that no field is made for.
pub(super) fn hostile_values() -> Vec<String> {
    let plain = [
        "null",
        "true",
        "false",
        "[]",
        "{}",
        r#""""#,
        r#"" ""#,
        r#""abc""#,
        "-1",
        "0",
        "-0",
        "0.0",
        "1e400",
        "-1e400",
        "1e-400",
        "1e2",
        "99999999999999999999",
        "-99999999999999999999",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1.5",
        "0.000000001",
        r#""1e400""#,
        r#""0x10""#,
        r#""NaN""#,
        r#""Infinity""#,
        r#""1,000""#,
        r#""٣""#,
        r#""１""#,
        r#""\u0000""#,
        r#""a\u0000b""#,
        r#""\ud800""#,
        r#""😀""#,
        r#""' OR 1=1 --""#,
        r#""<script>alert(1)</script>""#,
        r#""${jndi:ldap://x}""#,
        r#""%s%n""#,
        r#""../../etc""#,
        "[1]",
        r#"{"member_id":1}"#,
        r#""\r\nX: y""#,
        r#""\u202e""#,
    ];
    let mut values: Vec<_> = plain.iter().map(|value| (*value).to_owned()).collect();
    values.push(format!("\"{}\"", "长".repeat(40_000)));
    values.push(format!("\"{}\"", "9".repeat(40_000)));
    values.push("9".repeat(40_000));
    values.push(format!("1.{}", "0".repeat(40_000)));
    values.push(format!("{}1{}", "[".repeat(60), "]".repeat(60)));
    values
}

pub(super) fn whole_body(fields: &[(&str, &str)]) -> String {
    body(fields, "", "")
}

/// Bodies that are no message at all.
pub(super) fn hostile_bodies(good: &str) -> Vec<(String, Vec<u8>)> {
    let text = |what: &str, body: &str| (what.to_owned(), body.as_bytes().to_vec());
    let opened = good.strip_suffix('}').unwrap_or(good);
    let first = good.trim_start_matches('{').split(',').next().unwrap_or_default();
    let first = first.trim_end_matches('}');
    let mut found = vec![
        text("empty", ""),
        text("blank", "  \r\n"),
        text("text", "abc"),
        text("number", "1"),
        text("null", "null"),
        text("list", "[]"),
        text("list of the object", &format!("[{good}]")),
        text("string", r#""{}""#),
        text("truncated", opened),
        text("half", &good.chars().take(good.chars().count() / 2).collect::<String>()),
        text("trailing comma", &format!("{opened},}}")),
        text("two values", &format!("{good}{good}")),
        text("trailing text", &format!("{good} x")),
        text("duplicate key", &format!("{opened},{first}}}")),
        text("comment", &format!("/* */{good}")),
        text("single quotes", &good.replace('"', "'")),
        text("form", "member_id=1&amount=1"),
        text("deep lists", &"[".repeat(100_000)),
        text("deep objects", &"{\"a\":".repeat(100_000)),
        text("bad escape", r#"{"a":"\x"}"#),
        text("many spaces", &format!("{}x", " ".repeat(200_000))),
    ];
    for (what, bytes) in [
        ("invalid UTF-8", &b"\xff\xfe"[..]),
        ("overlong", b"\xc0\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("NUL", b"\0"),
    ] {
        let mut body = format!("{opened},\"x\":\"").into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\"}");
        found.push((what.to_owned(), body));
        found.push((format!("{what} alone"), bytes.to_vec()));
    }
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(good.encode_utf16().flat_map(u16::to_le_bytes));
    found.push(("UTF-16".to_owned(), utf16));
    found.push(("ten megabytes of text".to_owned(), vec![b'a'; 10_000_000]));
    let padded = format!("{opened},\"x\":\"{}\"}}", "a".repeat(10_000_000));
    found.push(("ten megabytes of object".to_owned(), padded.into_bytes()));
    found
}
