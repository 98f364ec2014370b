//! One call as handlers get it, and the way from the router to them: method, token, fields.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::body::{self, BodyError};
use channel_kit::route;
use kernel::id::MemberId;
use lending::Page;
use lending::customers::sessions::{self, SessionKey};

use crate::envelope::{Reply, respond};
use crate::fields::Fields;
use crate::section::Section;
use crate::texts::{BUSY, Failure, MALFORMED, NO_SUCH_ADDRESS, NO_TOKEN, OTHER_METHOD, TOO_LARGE};
use crate::{CHANNEL, Wukong, token};

const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
/// Rows of a list where the call does not say. Source: document 002, 借款记录查询.
const USUAL_LIMIT: i64 = 10;

/// A call that has been let in.
pub(crate) struct Call {
    pub(crate) fields: Fields,
    /// Where it came from.
    pub(crate) address: String,
    /// Whose token it carries, where it carries a good one.
    pub(crate) caller: Option<(MemberId, SessionKey)>,
}

impl Call {
    /// Whose token it carries.
    pub(crate) fn member(&self) -> Result<MemberId, Failure> {
        self.caller.as_ref().map(|(member, _)| *member).ok_or_else(|| NO_TOKEN.into())
    }

    /// The part of a list that is asked for; what is outside the bounds is brought within them.
    pub(crate) fn part(&self) -> Result<Page, Failure> {
        let limit = self.fields.whole("limit").unwrap_or(USUAL_LIMIT).clamp(1, Page::MOST);
        let offset = self.fields.whole("offset").unwrap_or(0).max(0);
        Page::from_offset(offset, limit).ok_or_else(|| MALFORMED.into())
    }
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(section: &'static Section, handler: H) -> MethodRouter<Wukong>
where
    H: Fn(Wukong, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    any(move |State(channel): State<Wukong>, request: Request| async move {
        let result = match take(&channel, section, request).await {
            Ok(call) => handler(channel.clone(), call).await,
            Err(failure) => Err(failure),
        };
        respond(section.success, &result)
    })
}

/// No such address.
pub(crate) async fn no_address(OriginalUri(uri): OriginalUri) -> Response {
    respond(BUSY, &Err(Failure::with(NO_SUCH_ADDRESS, uri.path())))
}

async fn take(
    channel: &Wukong,
    section: &'static Section,
    request: Request,
) -> Result<Call, Failure> {
    let (parts, body) = request.into_parts();
    let method = method(&parts.method, &parts.headers);
    if method != Some(section.operation.method) {
        return Err(Failure::with(OTHER_METHOD, parts.method.as_str()));
    }
    let caller = find_caller(channel, &parts.headers).await?;
    if section.operation.protected && caller.is_none() {
        return Err(NO_TOKEN.into());
    }
    let fields = if method == Some(route::Method::Get) {
        of_query(&parts.uri)?
    } else {
        of_body(&parts.headers, body, channel.settings.body_limit).await?
    };
    let address = parts.extensions.get::<IpAddr>().map(ToString::to_string).unwrap_or_default();
    Ok(Call { fields, address, caller })
}

/// The method that is meant: clients that cannot PUT say so in a header of a POST.
fn method(sent: &Method, headers: &HeaderMap) -> Option<route::Method> {
    let meant = headers.get(OVERRIDE).and_then(|value| value.to_str().ok());
    let is_put = meant.is_some_and(|meant| meant.trim().eq_ignore_ascii_case("put"));
    match (sent, is_put) {
        (&Method::GET | &Method::HEAD, _) => Some(route::Method::Get),
        (&Method::PUT, _) | (&Method::POST, true) => Some(route::Method::Put),
        (&Method::POST, false) => Some(route::Method::Post),
        (_, _) => None,
    }
}

/// Whose token this is; nobody's for one that is unknown or has expired.
async fn find_caller(
    channel: &Wukong,
    headers: &HeaderMap,
) -> Result<Option<(MemberId, SessionKey)>, Failure> {
    let Some(key) = token::of(headers).as_deref().and_then(SessionKey::parse) else {
        return Ok(None);
    };
    let asked = key.clone();
    let found = channel.app.read(move |tx| sessions::find(tx, CHANNEL, &asked)).await?;
    Ok(found.map(|session| (session.member, key)))
}

fn of_query(uri: &Uri) -> Result<Fields, Failure> {
    Fields::from_form(uri.query().unwrap_or_default()).ok_or_else(|| MALFORMED.into())
}

async fn of_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Fields, Failure> {
    let body = body::read(body, limit).await.map_err(|error| match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Broken => MALFORMED,
    })?;
    let text = str::from_utf8(&body).map_err(|_| MALFORMED)?;
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = kind.split(|sign| *sign == b';').next().unwrap_or_default().trim_ascii();
    // Who does not say what it is, shows it.
    let is_json = kind.eq_ignore_ascii_case(b"application/json")
        || (kind.is_empty() && text.trim_start().starts_with('{'));
    let fields = if is_json { Fields::from_json(text) } else { Fields::from_form(text) };
    fields.ok_or_else(|| MALFORMED.into())
}
