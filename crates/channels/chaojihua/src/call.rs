//! One call as handlers get it, and the way from the router to them: method, token, fields.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::body::{self, BodyError};
use channel_kit::route;
use kernel::Mobile;
use kernel::id::{ApplicationId, MemberId};
use lending::Route;
use lending::customers::sessions::{self, SessionKey};
use lending::origination::{self, Application};

use crate::envelope::{Reply, respond};
use crate::fields::{Fields, Unreadable, of_query};
use crate::section::{PREFIX, Section};
use crate::texts::{
    BUSY, Failure, NO_SUCH_ADDRESS, NO_SUCH_ORDER, NO_TOKEN, NOT_JSON, NOT_OBJECT, OTHER_METHOD,
    TOO_LARGE,
};
use crate::{CHANNEL, Chaojihua};

/// A call that has been let in.
pub(crate) struct Call {
    pub(crate) fields: Fields,
    /// The query, as it was sent.
    pub(crate) query: String,
    /// Where it came from.
    pub(crate) address: String,
    /// Where the channel stands, as the client called it: `https://host/chaojihua`.
    pub(crate) base: String,
    caller: Option<MemberId>,
}

impl Call {
    /// Whose token it carries.
    pub(crate) fn member(&self) -> Result<MemberId, Failure> {
        self.caller.ok_or_else(unauthorised)
    }

    /// The caller's own order that the call names.
    pub(crate) async fn order(&self, channel: &Chaojihua) -> Result<Application, Failure> {
        let (member, code) = (self.member()?, self.fields.needed("orderNo")?);
        let found = channel.app.read(move |tx| origination::application_by_code(tx, member, &code));
        found.await?.ok_or_else(|| NO_SUCH_ORDER.into())
    }

    /// The number of that order.
    pub(crate) async fn order_id(&self, channel: &Chaojihua) -> Result<ApplicationId, Failure> {
        Ok(self.order(channel).await?.id)
    }
}

/// Calls about a customer meet in the same writer.
pub(crate) const fn home(member: MemberId) -> Route {
    Route::home(member.number())
}

/// As do calls about an account that is known by its mobile number.
pub(crate) fn at(mobile: &Mobile) -> Route {
    Route::home(mobile.expose().parse().unwrap_or(0))
}

pub(crate) fn unauthorised() -> Failure {
    Failure::from(NO_TOKEN).status(StatusCode::UNAUTHORIZED)
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(section: &'static Section, handler: H) -> MethodRouter<Chaojihua>
where
    H: Fn(Chaojihua, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    route_within(section, None, handler)
}

/// The same for bodies of another length than most.
pub(crate) fn route_within<H, F>(
    section: &'static Section,
    body_limit: Option<usize>,
    handler: H,
) -> MethodRouter<Chaojihua>
where
    H: Fn(Chaojihua, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    any(move |State(channel): State<Chaojihua>, request: Request| async move {
        let limit = body_limit.unwrap_or(channel.settings.body_limit);
        let result = match take(&channel, section, request, limit).await {
            Ok(call) => handler(channel.clone(), call).await,
            Err(failure) => Err(failure),
        };
        respond(&channel.settings, section.success, &result)
    })
}

/// Two calls at one address, told apart by their methods: GET the first, POST the second.
pub(crate) fn route_both<G, P, F, H>(
    (reading, read): (&'static Section, G),
    (writing, write): (&'static Section, P),
) -> MethodRouter<Chaojihua>
where
    G: Fn(Chaojihua, Call) -> F + Clone + Send + Sync + 'static,
    P: Fn(Chaojihua, Call) -> H + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
    H: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    any(move |State(channel): State<Chaojihua>, request: Request| async move {
        let limit = channel.settings.body_limit;
        let section = if request.method() == Method::POST { writing } else { reading };
        let result = match take(&channel, section, request, limit).await {
            Ok(call) if std::ptr::eq(section, writing) => write(channel.clone(), call).await,
            Ok(call) => read(channel.clone(), call).await,
            Err(failure) => Err(failure),
        };
        respond(&channel.settings, section.success, &result)
    })
}

/// No such address.
pub(crate) async fn no_address(
    State(channel): State<Chaojihua>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let failure = Failure::with(NO_SUCH_ADDRESS, uri.path()).status(StatusCode::NOT_FOUND);
    respond(&channel.settings, BUSY, &Err(failure))
}

async fn take(
    channel: &Chaojihua,
    section: &'static Section,
    request: Request,
    limit: usize,
) -> Result<Call, Failure> {
    let (parts, body) = request.into_parts();
    let meant = match parts.method {
        Method::GET | Method::HEAD => Some(route::Method::Get),
        Method::POST => Some(route::Method::Post),
        _ => None,
    };
    if meant != Some(section.operation.method) {
        let failure = Failure::with(OTHER_METHOD, parts.method.as_str());
        return Err(failure.status(StatusCode::METHOD_NOT_ALLOWED));
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let caller = find_caller(channel, &parts.headers, &query).await?;
    if section.operation.protected && caller.is_none() {
        return Err(unauthorised());
    }
    let fields = if section.operation.method == route::Method::Get {
        Fields::default()
    } else {
        of_body(section, body, limit).await?
    };
    let address = parts.extensions.get::<IpAddr>().map(ToString::to_string).unwrap_or_default();
    let base = base_of(channel, &parts);
    Ok(Call { fields, query, address, base, caller })
}

/// Whose token this is; nobody's for one that is unknown or has expired.
async fn find_caller(
    channel: &Chaojihua,
    headers: &HeaderMap,
    query: &str,
) -> Result<Option<MemberId>, Failure> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = sent.and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let in_query = || of_query(query, "access_token").filter(|_| channel.settings.token_in_query);
    let Some(key) = bearer.or_else(in_query).as_deref().and_then(SessionKey::parse) else {
        return Ok(None);
    };
    let found = channel.app.read(move |tx| sessions::find(tx, CHANNEL, &key)).await?;
    Ok(found.map(|session| session.member))
}

async fn of_body(section: &Section, body: Body, limit: usize) -> Result<Fields, Failure> {
    let body = body::read(body, limit).await.map_err(|error| match error {
        BodyError::TooLarge => Failure::from(TOO_LARGE).status(StatusCode::PAYLOAD_TOO_LARGE),
        BodyError::Broken => bad_request(),
    })?;
    let text = str::from_utf8(&body).map_err(|_| bad_request())?;
    // A call that needs nothing may say nothing.
    if text.trim().is_empty() && section.operation.fields.iter().all(|field| !field.required) {
        return Ok(Fields::default());
    }
    Fields::parse(text).map_err(|unreadable| match unreadable {
        Unreadable::NotJson => bad_request(),
        Unreadable::NotObject => NOT_OBJECT.into(),
    })
}

fn bad_request() -> Failure {
    Failure::from(NOT_JSON).status(StatusCode::BAD_REQUEST)
}

/// What links begin with: the host that the client named, and the prefix if it used it. Without a
/// host a link is a path.
fn base_of(channel: &Chaojihua, parts: &Parts) -> String {
    let host = parts.headers.get(header::HOST).map(HeaderValue::to_str).and_then(Result::ok);
    let is_host = |host: &&str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
        !host.is_empty() && host.bytes().all(fits)
    };
    let scheme = if channel.settings.secure { "https" } else { "http" };
    let server = host.filter(is_host).map(|host| format!("{scheme}://{host}"));
    let original = parts.extensions.get::<OriginalUri>().map(|uri| uri.path().to_owned());
    let path = original.unwrap_or_else(|| parts.uri.path().to_owned());
    let prefix = if path.starts_with(PREFIX) { PREFIX } else { "" };
    format!("{}{prefix}", server.unwrap_or_default())
}
