//! The channel's OpenAPI description, from the same table as its router.

use channel_kit::openapi::{About, describe};
use serde_json::{Value, json};

use crate::failure::{
    Answer, BUSY, GZIP_BROKEN, REPLAYED, SESSION_GONE, SIGN_MISSING, SIGN_WRONG, STALE, TOO_LARGE,
    UNREADABLE,
};
use crate::{page_routes, routes};

const ABOUT: About<&'static str> = About {
    title: "现金贷 (xianjindai) on Jiehuan",
    description: "The cash-loan app of document 001. Every answer is HTTP 200 with an envelope; \
        `exceptionFlag` is 0000 unless the signature or the platform failed, and what came of the \
        call says `responseCode`. Requests and answers are signed: `sign` is SHA-1, in hex, of \
        key, timestamp, nonce and the message as JSON with sorted keys, without `sign`, nulls and \
        white space. With `xianjindai.listen` the same calls stand at the root of another port.",
    headers: &[],
    everywhere: &[
        TOO_LARGE,
        GZIP_BROKEN,
        UNREADABLE,
        SIGN_MISSING,
        SIGN_WRONG,
        STALE,
        REPLAYED,
        BUSY,
    ],
    protected: &[SESSION_GONE],
    media: &["application/json"],
    scheme: ("session", r#"{"type":"apiKey","in":"cookie","name":"JSESSIONID"}"#),
    envelope: r#"{"type":"object",
        "required":["exceptionFlag","responseCode","responseMessage","timestamp","nonce","sign","resultSet"],
        "properties":{
            "exceptionFlag":{"type":"string","enum":["0000","9999"]},
            "responseCode":{"type":"string"},
            "responseMessage":{"type":"string"},
            "timestamp":{"type":"string","description":"Milliseconds since 1970."},
            "nonce":{"type":"string","description":"Eight digits."},
            "sign":{"type":"string"},
            "resultSet":{"description":"An empty string on refusals."},
            "pageNum":{"type":"integer"},"pageSize":{"type":"integer"},
            "total":{"type":"integer"},"pages":{"type":"integer"},
            "isFirstPage":{"type":"boolean"},"isLastPage":{"type":"boolean"}}}"#,
    sent,
    names: ["responseCode", "responseMessage"],
};

fn sent(success: Answer, result: &Value) -> Value {
    json!({
        "exceptionFlag": "0000", "responseCode": success.code, "responseMessage": success.msg,
        "timestamp": "1795000000000", "nonce": "12345678", "sign": "…", "resultSet": result
    })
}

/// The OpenAPI 3.1 description of the channel, as JSON.
pub fn openapi(version: &str) -> Value {
    let routes = routes();
    let calls: Vec<_> =
        routes.iter().map(|(section, _)| (&section.operation, section.success)).collect();
    let mut described = describe(&ABOUT, version, &calls);
    for (operations, media, _) in page_routes() {
        for operation in operations {
            let page = json!({
                "summary": operation.summary,
                "responses": { "200": {
                    "description": "A page for a phone's screen, or a picture.",
                    "content": { media: {} }
                } }
            });
            if let Some(paths) = described.get_mut("paths").and_then(Value::as_object_mut) {
                let item = paths.entry(operation.path).or_insert_with(|| json!({}));
                if let Some(item) = item.as_object_mut() {
                    item.insert(operation.method.word().into(), page);
                }
            }
        }
    }
    described
}
