//! The channel's OpenAPI description, from the same table as its router.

use channel_kit::openapi::{About, describe};
use serde_json::{Value, json};

use crate::routes;
use crate::texts::{Answer, BUSY, NO_TOKEN, NOT_JSON, NOT_OBJECT, OTHER_METHOD, TOO_LARGE};

const ABOUT: About<u16> = About {
    title: "超即花 (chaojihua) on Jiehuan",
    description: "Instalment credit for a partner's customers, document 000. Every answer has an \
        envelope: `code` (1 is success; user-verify and repay-plan-list print 0 as their samples \
        do, unless `chaojihua.uniform_codes` is on), `message`, and `info`, which is an empty text \
        where there is nothing to show. Refusals are HTTP 200; a missing or expired token is 401, \
        a body that is no JSON 400. Numbers may be JSON numbers or texts, of any length.",
    headers: &[],
    everywhere: &[OTHER_METHOD, TOO_LARGE, NOT_JSON, NOT_OBJECT, BUSY],
    protected: &[NO_TOKEN],
    media: &["application/json"],
    scheme: ("bearer", r#"{"type":"http","scheme":"bearer"}"#),
    envelope: r#"{"type":"object","required":["code","message","info"],"properties":{
        "code":{"type":"integer","enum":[0,1]},
        "message":{"type":"string"},
        "info":{"description":"An object, a bare list, or an empty text."}}}"#,
    sent,
    names: ["code", "message"],
};

fn sent(success: Answer, info: &Value) -> Value {
    json!({ "code": success.code, "message": success.msg, "info": info })
}

/// The OpenAPI 3.1 description of the channel, as JSON.
pub fn openapi(version: &str) -> Value {
    let routes = routes();
    let calls: Vec<_> =
        routes.iter().map(|(section, _)| (&section.operation, section.success)).collect();
    describe(&ABOUT, version, &calls)
}
