//! The channel's OpenAPI description, from the same table as its router.

use channel_kit::openapi::{About, describe};
use channel_kit::route::Operation;
use serde_json::{Value, json};

use crate::envelope::Spelling;
use crate::routes;
use crate::texts::{Answer, BUSY, LOGIN_FIRST, MALFORMED, MISSING, OTHER_METHOD, TOO_LARGE, WRONG};

const ABOUT: About<bool> = About {
    title: "第一甩单 (shuaidan) on Jiehuan",
    description: "The exchange of leads of document 003. Every answer is HTTP 200 with an \
        envelope: `sucessed` (the document's spelling; `success` for codes), `message` or \
        `errorMessage`, and `data` on the calls below `/leads`, which are ours. Bodies are forms \
        (application/x-www-form-urlencoded, UTF-8); calls with GET have their fields in the query. \
        The session is a cookie. With `shuaidan.listen` the same calls stand at the root of \
        another port.",
    headers: &[],
    everywhere: &[OTHER_METHOD, TOO_LARGE, MALFORMED, MISSING, WRONG, BUSY],
    protected: &[LOGIN_FIRST],
    media: &["application/x-www-form-urlencoded"],
    scheme: (
        "session",
        r#"{"type":"apiKey","in":"cookie","name":"SDSESSION",
            "description":"Set by /login."}"#,
    ),
    envelope: r#"{"type":"object","properties":{
        "sucessed":{"type":"boolean","description":"Every call but /checkmessage."},
        "success":{"type":"boolean","description":"/checkmessage."},
        "message":{"type":"string"},
        "errorMessage":{"type":"string"},
        "data":{"description":"What the calls below /leads show."},
        "total":{"type":"integer","description":"How many rows a list has."}}}"#,
    sent,
    names: ["sucessed", "errorMessage"],
};

fn sent(success: Answer, example: &Value) -> Value {
    let mut sent = json!({ "sucessed": success.code });
    if let Some(sent) = sent.as_object_mut() {
        if !success.msg.is_empty() {
            sent.insert("message".into(), success.msg.into());
        }
        if !example.is_null() {
            sent.insert("data".into(), example.clone());
        }
    }
    sent
}

/// The OpenAPI 3.1 description of the channel, as JSON.
pub fn openapi(version: &str) -> Value {
    let routes = routes();
    let calls: Vec<_> =
        routes.iter().map(|(section, _)| (&section.operation, section.success)).collect();
    let mut described = describe(&ABOUT, version, &calls);
    for (section, _) in routes.iter().filter(|(section, _)| section.spelling == Spelling::Success) {
        respell(&mut described, &section.operation);
    }
    described
}

/// Writes the word for success in the example of a call as its envelope spells it.
fn respell(described: &mut Value, operation: &Operation<bool>) {
    let of_call = described.get_mut("paths").and_then(|paths| paths.get_mut(operation.path));
    let of_call = of_call.and_then(|methods| methods.get_mut(operation.method.word()));
    let example = of_call
        .and_then(|call| call.pointer_mut("/responses/200/content/application~1json/example"))
        .and_then(Value::as_object_mut);
    if let Some(example) = example
        && let Some(success) = example.remove("sucessed")
    {
        example.insert("success".into(), success);
    }
}
