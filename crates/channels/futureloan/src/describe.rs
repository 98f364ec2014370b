//! The channel's OpenAPI description, from the same table as its router.

use channel_kit::openapi::{About, describe};
use channel_kit::route::Answer;
use serde_json::json;

use crate::failure::{
    BAD_REQUEST, BODY_TOO_LARGE, BUSY, MEDIA_TYPE_MISSING, MEDIA_TYPE_UNKNOWN, SIGN_WRONG,
    TOKEN_EXPIRED, TOKEN_UNREADABLE, UNAUTHORISED, V1_OFF, V2_OFF, V3_OFF,
};
use crate::routes;

const ABOUT: About = About {
    title: "前程贷 (futureloan) on Jiehuan",
    description: "The P2P market of document 004. Every answer is HTTP 200 with an envelope; \
        `code` 0 is success. Amounts are yuan, rates are percent a year. An unknown path or \
        method answers 1004 `No handler found for …`.",
    headers: &[(
        "X-Lemonban-Media-Type",
        &["lemonban.v1", "lemonban.v2", "lemonban.v3"],
        "v1: no authentication (benches only); v2: bearer token; v3: bearer token, timestamp and \
         sign in the body, or in the query of a GET.",
    )],
    everywhere: &[
        MEDIA_TYPE_MISSING,
        MEDIA_TYPE_UNKNOWN,
        V1_OFF,
        V2_OFF,
        V3_OFF,
        BODY_TOO_LARGE,
        BAD_REQUEST,
        BUSY,
    ],
    protected: &[UNAUTHORISED, TOKEN_EXPIRED, TOKEN_UNREADABLE, SIGN_WRONG],
    media: &["application/json"],
    scheme: ("bearer", r#"{"type":"http","scheme":"bearer","bearerFormat":"JWT"}"#),
    envelope: r#"{"type":"object","required":["code","msg"],"properties":{
        "code":{"type":"integer","description":"0 is success."},
        "msg":{"type":"string"},
        "data":{"description":"Null on errors; missing on 1003 and 1006."},
        "copyright":{"type":"string"}}}"#,
    sent: |success, data| json!({ "code": success.code, "msg": success.msg, "data": data }),
    names: ["code", "msg"],
};

/// Every call succeeds with this.
const SUCCESS: Answer = Answer { code: 0, msg: "OK" };

/// The OpenAPI 3.1 description of the channel, as JSON.
pub fn openapi(version: &str) -> serde_json::Value {
    let calls: Vec<_> = routes().iter().map(|route| (route.operation, SUCCESS)).collect();
    describe(&ABOUT, version, &calls)
}
