//! One call as handlers get it, and the way from the router to them: unpack, read, check the
//! signature, turn repeats away, find the session; in this order.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use channel_kit::body::{self, BodyError};
use channel_kit::{Scalar, digest};
use kernel::id::MemberId;
use lending::customers::sessions::{self, SessionKey};
use lending::{Route, identity};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::envelope::{Manner, Order, Reply};
use crate::failure::{
    Answer, BUSY, Failure, GZIP_BROKEN, NO_SUCH_ADDRESS, POST_ONLY, REPLAYED, SESSION_GONE,
    SIGN_MISSING, SIGN_WRONG, STALE, TOO_LARGE, UNREADABLE,
};
use crate::gzip::{self, GzipError, Packing};
use crate::json::Documented;
use crate::section::{NESTED, PREFIX, Section};
use crate::sign::{self, Claim, Stamp};
use crate::{CHANNEL, Xianjindai, form, json, session};

/// A compressed body may become so many times the usual limit.
const INFLATED: usize = 4;
/// Characters of a timestamp or nonce at most; the document's have 13 and 8.
const STAMP_CHARACTERS: usize = 32;
/// How long used pairs of timestamp and nonce are known where any timestamp is taken.
const KNOWN_WITHOUT_WINDOW_MS: i64 = 86_400_000;

/// Where no section answers: refusals only.
pub(crate) const NOTHING: (Answer, Order) = (BUSY, Order::Plain);

/// A call that has been let in.
pub(crate) struct Call {
    /// The message: one JSON object without doubled fields.
    text: String,
    /// Where it came from.
    pub(crate) address: String,
    /// Where the channel stands, as the client called it: `https://host/xianjindai`.
    pub(crate) base: String,
    caller: Option<(MemberId, SessionKey)>,
}

impl Call {
    /// Whose session it is made in.
    pub(crate) fn member(&self) -> Result<MemberId, Failure> {
        self.caller.as_ref().map(|(member, _)| *member).ok_or_else(|| SESSION_GONE.into())
    }

    /// The message's fields. Unknown ones are passed over.
    pub(crate) fn read<'c, T: Deserialize<'c>>(&'c self) -> Result<T, Failure> {
        serde_json::from_str(&self.text).map_err(|_| UNREADABLE.into())
    }
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(section: &'static Section, handler: H) -> MethodRouter<Xianjindai>
where
    H: Fn(Xianjindai, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    post(move |State(channel): State<Xianjindai>, request: Request| async move {
        let mut manner = Manner::PLAIN;
        let result = match take(&channel, section, request, &mut manner).await {
            Ok(call) => handler(channel.clone(), call).await,
            Err(failure) => Err(failure),
        };
        channel.respond(manner, (section.success, section.order), &result)
    })
}

/// No such address.
pub(crate) async fn no_address(
    State(channel): State<Xianjindai>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let failure = Failure::with(NO_SUCH_ADDRESS, uri.path());
    channel.respond(Manner::PLAIN, NOTHING, &Err(failure))
}

/// An address that takes POST alone, called otherwise.
pub(crate) async fn other_method(
    State(channel): State<Xianjindai>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let failure = Failure::with(POST_ONLY, uri.path());
    channel.respond(Manner::PLAIN, NOTHING, &Err(failure))
}

async fn take(
    channel: &Xianjindai,
    section: &'static Section,
    request: Request,
    manner: &mut Manner,
) -> Result<Call, Failure> {
    let (parts, body) = request.into_parts();
    let text = message(channel, section, (&parts.headers, body), manner).await?;
    let fields = json::fields(&text).ok_or(UNREADABLE)?;
    let of = |name: &str| {
        let found = fields.iter().find(|(field, _)| *field == name);
        Scalar::from(found.map(|(_, value): &(_, &RawValue)| *value))
    };
    let signed = Signed { sign: of("sign"), timestamp: of("timestamp"), nonce: of("nonce") };
    if channel.settings.signatures {
        check_sign(channel, section, (&text, signed), manner).await?;
    }
    let caller = if section.operation.protected {
        Some(find_caller(channel, session::key(&parts.headers).ok_or(SESSION_GONE)?).await?)
    } else {
        None
    };
    let address = address_of(&parts.extensions);
    let base = base_of(channel, &parts);
    Ok(Call { text, address, base, caller })
}

/// Where a call came from, as the edge has found out.
pub(crate) fn address_of(extensions: &Extensions) -> String {
    extensions.get::<IpAddr>().map(ToString::to_string).unwrap_or_default()
}

/// What links begin with: the host that the client named, and the prefix if it used it. Without a
/// host a link is a path.
fn base_of(channel: &Xianjindai, parts: &Parts) -> String {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_host = |host: &&str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
        !host.is_empty() && host.bytes().all(fits)
    };
    let scheme = if channel.settings.secure_cookie { "https" } else { "http" };
    let server = host.filter(is_host).map(|host| format!("{scheme}://{host}"));
    let original = parts.extensions.get::<OriginalUri>().map(|uri| uri.path().to_owned());
    let path = original.unwrap_or_else(|| parts.uri.path().to_owned());
    let is_prefixed = path.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('/'));
    let prefix = if is_prefixed { PREFIX } else { "" };
    format!("{}{prefix}", server.unwrap_or_default())
}

/// Whose session this is.
async fn find_caller(
    channel: &Xianjindai,
    key: SessionKey,
) -> Result<(MemberId, SessionKey), Failure> {
    let asked = key.clone();
    let found = channel.app.read(move |tx| sessions::find(tx, CHANNEL, &asked)).await?;
    let session = found.ok_or(SESSION_GONE)?;
    if session.touch_due {
        let (route, used) = (Route::home(session.member.number()), key.clone());
        channel.app.write(route, move |tx| sessions::touch(tx, &used)).await?;
    }
    Ok((session.member, key))
}

/// The text of the message, unpacked.
async fn message(
    channel: &Xianjindai,
    section: &Section,
    (headers, body): (&HeaderMap, Body),
    manner: &mut Manner,
) -> Result<String, Failure> {
    let limit = section.body_limit(channel.settings.body_limit);
    let body = body::read(body, limit).await.map_err(|error| match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Broken => UNREADABLE,
    })?;
    manner.packing = Packing::of(headers, &body, section.is_gzip());
    let unpacked = gzip::unpack(headers, &body, manner.packing, limit.saturating_mul(INFLATED));
    let body = unpacked.map_err(|error| match error {
        GzipError::Broken => GZIP_BROKEN,
        GzipError::TooLarge => TOO_LARGE,
    })?;
    let text = String::from_utf8(body.into_owned()).map_err(|_| UNREADABLE)?;
    if section.is_login() && form::is_form(headers) {
        return Ok(form::to_json(&text).ok_or(UNREADABLE)?);
    }
    Ok(if text.trim().is_empty() { "{}".to_owned() } else { text })
}

/// What a message carries to prove itself.
struct Signed<'s> {
    sign: Scalar<'s>,
    timestamp: Scalar<'s>,
    nonce: Scalar<'s>,
}

async fn check_sign(
    channel: &Xianjindai,
    section: &Section,
    (json, signed): (&str, Signed<'_>),
    manner: &mut Manner,
) -> Result<(), Failure> {
    if section.is_login() && signed.sign.is_empty() {
        return Ok(()); // the document's own sample
    }
    let missing = || Failure::failed(SIGN_MISSING);
    let Scalar::Text(sign) = &signed.sign else { return Err(missing()) };
    let short = |text: &&str| !text.is_empty() && text.len() <= STAMP_CHARACTERS;
    let timestamp = signed.timestamp.text().filter(short).ok_or_else(missing)?;
    let nonce = signed.nonce.text().filter(short).ok_or_else(missing)?;
    let settings = &channel.settings;
    let fields = section.documented();
    let documented = &Documented { fields: &fields, nested: NESTED };
    let claim = Claim { sign, stamp: Stamp { timestamp, nonce }, json, documented };
    let scheme = sign::check(&settings.app_key, &claim, settings.old_signature);
    manner.scheme = scheme.ok_or_else(|| Failure::failed(SIGN_WRONG))?;
    turn_repeats_away(channel, timestamp, nonce).await
}

/// Takes a pair of timestamp and nonce once, and only about now.
async fn turn_repeats_away(
    channel: &Xianjindai,
    timestamp: &str,
    nonce: &str,
) -> Result<(), Failure> {
    let now = channel.app.lending().clock().now().wall;
    let window = i64::from(channel.settings.replay_window_minutes).saturating_mul(60_000);
    if window > 0 {
        let distance = timestamp.parse::<u64>().ok().and_then(|at| i64::try_from(at).ok());
        let distance = distance.map_or(u64::MAX, |at| at.abs_diff(now.millis()));
        if distance > window.unsigned_abs() {
            return Err(Failure::failed(STALE));
        }
    }
    if !channel.settings.replay_guard {
        return Ok(());
    }
    let known = if window > 0 { window.saturating_mul(2) } else { KNOWN_WITHOUT_WINDOW_MS };
    let until = now.plus_millis(known);
    let print = digest::of(&[b"xianjindai call", timestamp.as_bytes(), nonce.as_bytes()]);
    let home = print.iter().take(4).fold(0, |sum, byte| sum * 256 + i64::from(*byte));
    let app = &channel.app;
    let first = app.write(Route::home(home), move |tx| identity::use_signature(tx, &print, until));
    if first.await? { Ok(()) } else { Err(Failure::failed(REPLAYED)) }
}
