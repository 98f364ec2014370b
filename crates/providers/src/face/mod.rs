//! Faces (人脸识别): whether a photograph shows the person with a name and an id number, by `FaceID` v2.

mod form;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::identity::IdCardNo;
use kernel::{Money, RealName, Secret};
use lending::ports::{FaceOutcome, Faces};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::{CallError, Outcome, Record, Recorder};
pub(crate) use form::read as read_form;

/// The name in records.
pub const NAME: &str = "faceid";
/// The largest photograph that is sent, in bytes; a telephone's are smaller.
const PHOTO_MOST: usize = 4 * 1024 * 1024;
/// The largest answer that is read, in bytes; theirs have a few hundred.
const ANSWER_MOST: u64 = 64 * 1024;
/// The line that a comparison must reach: one in ten thousand. Source: providers.md, Face.
const LINE: &str = "1e-4";

/// Who we are to `FaceID`, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its call is: ends in `/faceid/v2/verify`.
    pub url: String,
    /// Our key.
    pub api_key: Secret,
    /// Our secret.
    pub api_secret: Secret,
    /// What one comparison costs.
    pub cost: Money,
    /// How long a call may take.
    pub timeout: Duration,
}

/// A form with a photograph that is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'u> {
    /// Where it goes.
    pub url: &'u str,
    /// Its content type, with the boundary.
    pub kind: &'u str,
    /// All of it.
    pub body: &'u [u8],
}

/// Somebody who sends forms with photographs.
pub trait Uploads: Send + Sync {
    /// Sends one; the status and the text of the answer.
    fn upload(&self, upload: &Upload<'_>) -> Result<(u16, String), CallError>;
}

/// `FaceID`, over HTTP or in this process.
pub struct FaceId {
    settings: Settings,
    way: Arc<dyn Uploads>,
    recorder: Arc<dyn Recorder>,
}

impl std::fmt::Debug for FaceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaceId").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl FaceId {
    /// `FaceID` over HTTP. Nothing is called.
    pub fn new(settings: Settings, recorder: Arc<dyn Recorder>) -> Self {
        let way = Arc::new(Http::new(settings.timeout));
        Self::by(settings, way, recorder)
    }

    /// `FaceID` by whoever sends its forms: the sandbox in this process.
    pub fn by(settings: Settings, way: Arc<dyn Uploads>, recorder: Arc<dyn Recorder>) -> Self {
        Self { settings, way, recorder }
    }

    fn record(&self, began: Instant, photo: usize, answer: &Result<(u16, String), CallError>) {
        let (outcome, cost) = match answer {
            Ok((200, _)) => (Outcome::Answered, self.settings.cost),
            Ok((status, _)) => (Outcome::Failed(CallError::Status(*status)), Money::ZERO),
            Err(error) => (Outcome::Failed(*error), Money::ZERO),
        };
        self.recorder.record(&Record {
            provider: NAME,
            call: "verify",
            outcome,
            latency: began.elapsed(),
            cost,
            request: format!("comparison_type=1&image=*{photo}"),
            answer: answer.as_ref().map(|(_, text)| format!("*{}", text.len())).unwrap_or_default(),
        });
    }
}

impl Faces for FaceId {
    fn verify(&self, name: &RealName, id_no: &IdCardNo, photo: &[u8]) -> FaceOutcome {
        let Some(file) = form::file_name(photo) else {
            return FaceOutcome::Refused("IMAGE_ERROR_UNSUPPORTED_FORMAT".to_owned());
        };
        if photo.len() > PHOTO_MOST {
            return FaceOutcome::Refused("IMAGE_FILE_TOO_LARGE".to_owned());
        }
        let fields = [
            ("api_key", self.settings.api_key.expose()),
            ("api_secret", self.settings.api_secret.expose()),
            ("comparison_type", "1"),
            ("face_image_type", "raw_image"),
            ("idcard_name", name.expose()),
            ("idcard_number", id_no.expose()),
        ];
        let (kind, body) = form::multipart(&fields, ("image", file, photo));
        let began = Instant::now();
        let upload = Upload { url: &self.settings.url, kind: &kind, body: &body };
        let answer = self.way.upload(&upload);
        self.record(began, photo.len(), &answer);
        answer.map_or(FaceOutcome::Unknown, |(_, text)| judge(&text))
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    result_faceid: Option<Compared<'a>>,
    #[serde(default)]
    error_message: Option<String>,
}

#[derive(Deserialize)]
struct Compared<'a> {
    #[serde(borrow)]
    confidence: &'a RawValue,
    #[serde(borrow)]
    thresholds: std::collections::BTreeMap<String, &'a RawValue>,
}

/// The person passes whose confidence is not below the line; numbers are compared as they were
/// written.
fn judge(text: &str) -> FaceOutcome {
    let Ok(answer) = serde_json::from_str::<Answer<'_>>(text) else { return FaceOutcome::Unknown };
    if let Some(error) = answer.error_message {
        return refused(&error);
    }
    let compared = answer.result_faceid.and_then(|result| {
        let line = micros(result.thresholds.get(LINE)?.get())?;
        Some(micros(result.confidence.get())? >= line)
    });
    match compared {
        Some(true) => FaceOutcome::Same,
        Some(false) => FaceOutcome::Different,
        None => FaceOutcome::Unknown,
    }
}

/// Errors are `WORD` or `WORD: detail`. Those of the photograph and of the person are the
/// customer's to mend; those of keys and limits are ours, and say nothing about the customer.
fn refused(error: &str) -> FaceOutcome {
    let word = error.split(':').next().unwrap_or_default().trim();
    let is_theirs = word.starts_with("IMAGE_")
        || word.starts_with("INVALID_")
        || word.starts_with("NO_")
        || matches!(word, "MULTIPLE_FACES" | "LOW_QUALITY" | "BAD_ARGUMENTS");
    if is_theirs { FaceOutcome::Refused(word.to_owned()) } else { FaceOutcome::Unknown }
}

/// A decimal that is not negative, in millionths; digits beyond are cut off.
fn micros(text: &str) -> Option<u64> {
    const PLACES: usize = 6;
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    let kept: String = part.chars().chain(std::iter::repeat('0')).take(PLACES).collect();
    format!("{whole}{kept}").parse().ok()
}

/// Over HTTP.
struct Http(ureq::Agent);

impl Http {
    fn new(timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("jiehuan")
            .proxy(None)
            .build();
        Self(config.into())
    }
}

impl Uploads for Http {
    /// Its refusals come with a status of their own, so their texts are read too.
    fn upload(&self, upload: &Upload<'_>) -> Result<(u16, String), CallError> {
        let sent = self.0.post(upload.url).header("content-type", upload.kind).send(upload.body);
        let mut answer = sent.map_err(|_| CallError::NotAnswered)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(ANSWER_MOST).read_to_string();
        text.map(|text| (status, text)).map_err(|_| CallError::NotAnswered)
    }
}
