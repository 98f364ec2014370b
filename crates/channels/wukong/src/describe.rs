//! The channel's OpenAPI description, from the same table as its router.

use channel_kit::openapi::{About, describe};
use serde_json::{Value, json};

use crate::routes;
use crate::texts::{Answer, BUSY, MALFORMED, NO_TOKEN, OTHER_METHOD, TOO_LARGE};

const ABOUT: About<&'static str> = About {
    title: "悟空 (wukong) on Jiehuan",
    description: "The cash-loan app of document 002. Every answer is HTTP 200 with an envelope: \
        `status`, `error_message` (which carries texts and codes of successes as well), and \
        `results` where there is something to show. Bodies are forms or JSON; a list is written \
        `name[]=a&name[]=b`. PUT may be a POST with `X-HTTP-Method-Override: PUT`. Each path is \
        also there below `/wukong/1`; with `wukong.listen` the same calls stand at the root of \
        another port.",
    headers: &[],
    everywhere: &[OTHER_METHOD, TOO_LARGE, MALFORMED, BUSY],
    protected: &[NO_TOKEN],
    media: &["application/x-www-form-urlencoded", "application/json"],
    scheme: (
        "token",
        r#"{"type":"apiKey","in":"header","name":"Authorization",
            "description":"The token alone, or `Bearer` and the token, or HTTP Basic with the token as user name; or a header `token`."}"#,
    ),
    envelope: r#"{"type":"object","required":["status","error_message"],"properties":{
        "status":{"type":"string","enum":["SUCCESS","FAILURE","TOKEN_ERROR"]},
        "error_message":{"type":"string"},
        "results":{"description":"A list, but for /loan-contract and the /lm-…-input calls; missing where there is nothing to show."},
        "has_more":{"type":"boolean","description":"On lists that come in parts."}}}"#,
    sent,
    names: ["status", "error_message"],
};

fn sent(success: Answer, results: &Value) -> Value {
    let mut sent = json!({ "status": success.code, "error_message": success.msg });
    if let Some(sent) = sent.as_object_mut()
        && !results.is_null()
    {
        sent.insert("results".into(), results.clone());
    }
    sent
}

/// The OpenAPI 3.1 description of the channel, as JSON.
pub fn openapi(version: &str) -> Value {
    let routes = routes();
    let calls: Vec<_> =
        routes.iter().map(|(section, _)| (&section.operation, section.success)).collect();
    describe(&ABOUT, version, &calls)
}
