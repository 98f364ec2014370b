//! Log-ins that come as a form instead of JSON.

use axum::http::{HeaderMap, HeaderValue, header};
use channel_kit::form::decoded;

/// Whether a body is a form, by its header.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = kind.and_then(|kind| kind.split(|sign| *sign == b';').next()).unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The form as a JSON object of texts, in which a field may still stand twice. `None` if it is
/// not well formed.
pub(crate) fn to_json(form: &str) -> Option<String> {
    let mut json = String::from("{");
    for pair in form.trim().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(&decoded(name)?).ok()?);
        json.push(':');
        json.push_str(&serde_json::to_string(&decoded(value)?).ok()?);
    }
    json.push('}');
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: &str, json: Option<&str>) {
        assert_eq!(to_json(form).as_deref(), json, "{form}");
    }

    #[test]
    fn forms_are_read_as_texts() {
        check("", Some("{}"));
        check("username=13800000001&password=a%2Bb+c&x", {
            Some(r#"{"username":"13800000001","password":"a+b c","x":""}"#)
        });
        check("a=%E5%80%9F%22&a=2\r\n", Some(r#"{"a":"借\"","a":"2"}"#));
        for wrong in ["a=%", "a=%2", "a=%zz", "a=%+1", "a=%ff"] {
            check(wrong, None);
        }
    }
}
