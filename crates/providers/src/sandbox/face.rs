//! `FaceID`'s twin: everybody is who they say, but for magic names, numbers and photographs.
//!
//! Pure: the same request gives the same answer. `docs/sandbox.md` has the magic values.

use kernel::identity::IdCardNo;
use kernel::{RealName, Secret};
use lending::ports::{CheckOutcome, Checks as _};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::client::CallError;
use crate::face::{Upload, Uploads, read_form};

/// What the twin knows the platform by.
#[derive(Clone, Debug)]
pub struct State {
    /// Its key.
    pub api_key: Secret,
    /// Its secret.
    pub api_secret: Secret,
}

/// Answers a request by its content type and body: a status and a text.
pub fn answer(state: &mut State, kind: &str, body: &[u8]) -> (u16, String) {
    let Some(fields) = read_form(kind, body) else { return error(400, "BAD_ARGUMENTS: body") };
    let bytes = |name: &str| fields.get(name).map(Vec::as_slice).unwrap_or_default();
    let text = |name: &str| std::str::from_utf8(bytes(name)).unwrap_or_default();
    let key = state.api_key.expose().as_bytes().ct_eq(bytes("api_key"));
    let secret = state.api_secret.expose().as_bytes().ct_eq(bytes("api_secret"));
    if !bool::from(key & secret) {
        return error(401, "AUTHENTICATION_ERROR");
    }
    if (text("comparison_type"), text("face_image_type")) != ("1", "raw_image") {
        return error(400, "BAD_ARGUMENTS: comparison_type, face_image_type");
    }
    let Some(name) = RealName::parse(text("idcard_name")) else {
        return error(400, "INVALID_NAME_FORMAT");
    };
    let Some(id) = IdCardNo::parse(text("idcard_number")) else {
        return error(400, "INVALID_IDCARD_NUMBER");
    };
    let photo = bytes("image");
    if !matches!(photo, [0xFF, 0xD8, 0xFF, ..] | [0x89, b'P', b'N', b'G', ..]) {
        return error(400, "IMAGE_ERROR_UNSUPPORTED_FORMAT: image");
    }
    let holds = |word: &[u8]| photo.windows(word.len()).any(|window| window == word);
    if holds(b"NO_FACE_FOUND") {
        return error(400, "NO_FACE_FOUND: image");
    }
    if holds(b"CONCURRENCY_LIMIT_EXCEEDED") {
        return error(403, "CONCURRENCY_LIMIT_EXCEEDED");
    }
    let confidence = match super::Checks.real_name(&name, &id) {
        CheckOutcome::Mismatch(_) => return error(400, "NO_SUCH_ID_NUMBER"),
        CheckOutcome::Unknown => return error(400, "DATA_SOURCE_ERROR"),
        CheckOutcome::Match if holds(b"SOMEBODY_ELSE") => "41.207",
        CheckOutcome::Match if holds(b"JUST_BELOW") => "69.2999",
        CheckOutcome::Match if holds(b"JUST_ENOUGH") => "69.3",
        CheckOutcome::Match => "87.443",
    };
    // Written by hand: a float would not keep the digits.
    let thresholds = r#"{"1e-3":62.169,"1e-4":69.300,"1e-5":74.399,"1e-6":78.038}"#;
    let body = format!(
        r#"{{"request_id":"sandbox","result_faceid":{{"confidence":{confidence},"thresholds":{thresholds}}}}}"#
    );
    (200, body)
}

fn error(status: u16, message: &str) -> (u16, String) {
    (status, json!({"request_id": "sandbox", "error_message": message}).to_string())
}

/// The twin in this process, as somebody who takes the adapter's forms.
#[derive(Clone, Debug)]
pub struct InProcess(State);

impl InProcess {
    /// Over what a twin knows.
    pub const fn new(state: State) -> Self {
        Self(state)
    }
}

impl Uploads for InProcess {
    fn upload(&self, upload: &Upload<'_>) -> Result<(u16, String), CallError> {
        Ok(answer(&mut self.0.clone(), upload.kind, upload.body))
    }
}
