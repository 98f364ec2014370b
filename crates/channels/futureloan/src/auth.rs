//! The way in: media type, token, signature; before every parameter check.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use channel_kit::{Scalar, digest};
use lending::identity::{self, Caller};
use lending::{Fault, Route};

use crate::failure::{
    Failure, MEDIA_TYPE_MISSING, MEDIA_TYPE_UNKNOWN, SIGN_WRONG, TOKEN_UNREADABLE, UNAUTHORISED,
    V1_OFF, V2_OFF, V3_OFF,
};
use crate::wire::{self, SignBody};
use crate::{Futureloan, sign, token};

/// Longest timestamp in a signed call.
const TIMESTAMP_CHARACTERS: usize = 16;

/// How a call shows who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// Not at all.
    V1,
    /// By a bearer token.
    V2,
    /// By a bearer token and a signature.
    V3,
}

impl Media {
    /// Reads the header field.
    pub(crate) fn of(channel: &Futureloan, headers: &HeaderMap) -> Result<Self, Failure> {
        let value = headers.get("x-lemonban-media-type").ok_or(MEDIA_TYPE_MISSING)?;
        let switches = channel.settings.media;
        let (media, on, off) = match value.as_bytes().trim_ascii() {
            b"" => return Err(MEDIA_TYPE_MISSING.into()),
            b"lemonban.v1" => (Self::V1, switches.v1, V1_OFF),
            b"lemonban.v2" => (Self::V2, switches.v2, V2_OFF),
            b"lemonban.v3" => (Self::V3, switches.v3, V3_OFF),
            _ => return Err(MEDIA_TYPE_UNKNOWN.into()),
        };
        if on { Ok(media) } else { Err(off.into()) }
    }
}

/// What a call carries to prove itself.
pub(crate) struct Proof<'p> {
    pub(crate) media: Media,
    pub(crate) headers: &'p HeaderMap,
    pub(crate) body: &'p Bytes,
    pub(crate) query: Option<(String, String)>,
    /// Whether the call changes anything: then its signature is good once.
    pub(crate) changes: bool,
}

/// Who makes a protected call.
pub(crate) async fn caller(channel: &Futureloan, proof: Proof<'_>) -> Result<Caller, Failure> {
    if proof.media == Media::V1 {
        return Ok(Caller::Anyone);
    }
    let field = proof.headers.get(header::AUTHORIZATION).ok_or(UNAUTHORISED)?;
    let token = field.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    let token = token.ok_or(TOKEN_UNREADABLE)?.trim();
    let now = channel.app.lending().clock().now().wall;
    let (member, expires) = token::check(&channel.settings.token_key, token, now)?;
    if proof.media == Media::V3 {
        check_sign(channel, &proof, token).await?;
    }
    Ok(Caller::Bearer { member, expires })
}

async fn check_sign(channel: &Futureloan, proof: &Proof<'_>, token: &str) -> Result<(), Failure> {
    let (timestamp, sign) = match &proof.query {
        Some(pair) => pair.clone(),
        None => signed(proof.body).ok_or(SIGN_WRONG)?,
    };
    let now = channel.app.lending().clock().now().wall;
    let window = channel.settings.sign_window_seconds;
    if timestamp.len() > TIMESTAMP_CHARACTERS || !sign::in_window(&timestamp, now, window) {
        return Err(SIGN_WRONG.into());
    }
    let print = digest::of(&[b"futureloan sign", sign.as_bytes()]);
    let (signs, token) = (channel.signs.clone(), token.to_owned());
    let check = move || signs.is_genuine(&sign, &token, &timestamp);
    let genuine = tokio::task::spawn_blocking(check).await.map_err(|_| Fault::Panicked)?;
    if !genuine {
        return Err(SIGN_WRONG.into());
    }
    if proof.changes {
        // A client encrypts afresh for each call, and the padding is random: the same signature
        // twice is a replay.
        let until = now.plus_millis(i64::from(window).saturating_mul(2_000));
        let route = Route::home(print.iter().take(4).fold(0, |n, byte| n * 256 + i64::from(*byte)));
        let first =
            channel.app.write(route, move |tx| identity::use_signature(tx, &print, until)).await?;
        if !first {
            return Err(SIGN_WRONG.into());
        }
    }
    Ok(())
}

/// Timestamp and signature in a JSON body.
fn signed(body: &Bytes) -> Option<(String, String)> {
    let body: SignBody<'_> = wire::read(body).ok()?;
    let timestamp = body.timestamp().text()?.to_owned();
    match body.sign() {
        Scalar::Text(sign) => Some((timestamp, sign.into_owned())),
        Scalar::Missing | Scalar::Number(_) | Scalar::Bool(_) | Scalar::Other => None,
    }
}
