//! One call as handlers get it, and the way from the router to them: method, fields, signature,
//! session.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use channel_kit::body::{self, BodyError};
use channel_kit::route;
use kernel::id::{LeadId, MemberId};
use lending::customers::sessions::{self, SessionKey};
use lending::{Page, Route};

use crate::envelope::{Reply, Spelling, respond};
use crate::form::{self, Form};
use crate::section::{Manner, Section};
use crate::texts::{
    BUSY, DONE, Failure, LOGIN_FIRST, MALFORMED, MISSING, NO_SUCH_ADDRESS, OTHER_METHOD,
    SIGN_WRONG, TOO_LARGE, WRONG,
};
use crate::{CHANNEL, Shuaidan, session, sign};

/// Rows of a list where the call does not say.
const USUAL_LIMIT: i64 = 20;

/// A call that has been let in.
pub(crate) struct Call {
    pub(crate) form: Form,
    /// Where it came from.
    pub(crate) address: String,
    /// The session that it names, open or not.
    pub(crate) session: Option<SessionKey>,
    /// Whose session it is; only looked up where one is needed.
    officer: Option<MemberId>,
}

impl Call {
    /// Who calls.
    pub(crate) fn officer(&self) -> Result<MemberId, Failure> {
        self.officer.ok_or_else(|| LOGIN_FIRST.into())
    }

    /// The lead that is meant.
    pub(crate) fn lead(&self) -> Result<LeadId, Failure> {
        self.form.needed("id", form::whole).map(LeadId::from_number)
    }

    /// The part of a list that is asked for; what is outside the bounds is brought within them.
    pub(crate) fn part(&self) -> Result<Page, Failure> {
        let limit = self.form.optional("limit", form::whole)?.unwrap_or(USUAL_LIMIT);
        let offset = self.form.optional("offset", form::whole)?.unwrap_or(0);
        let page = Page::from_offset(offset.max(0), limit.clamp(1, Page::MOST));
        page.ok_or_else(|| Failure::with(WRONG, "offset"))
    }
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(section: &'static Section, handler: H) -> MethodRouter<Shuaidan>
where
    H: Fn(Shuaidan, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    any(move |State(channel): State<Shuaidan>, request: Request| async move {
        let result = match take(&channel, section, request).await {
            Ok(call) => handler(channel.clone(), call).await,
            Err(failure) => Err(failure),
        };
        respond(section.spelling, section.success, &result)
    })
}

/// No such address.
pub(crate) async fn no_address(OriginalUri(uri): OriginalUri) -> Response {
    let failure = Failure::with(NO_SUCH_ADDRESS, uri.path());
    respond(Spelling::Sucessed, DONE, &Err(failure))
}

/// The answer when the platform cannot answer.
pub(crate) fn busy() -> Response {
    respond(Spelling::Sucessed, DONE, &Err(BUSY.into()))
}

async fn take(
    channel: &Shuaidan,
    section: &'static Section,
    request: Request,
) -> Result<Call, Failure> {
    let (parts, body) = request.into_parts();
    let is_get = section.operation.method == route::Method::Get;
    let fits = match parts.method {
        Method::GET | Method::HEAD => is_get,
        Method::POST => !is_get,
        _ => false,
    };
    if !fits {
        return Err(Failure::with(OTHER_METHOD, parts.method.as_str()));
    }
    // As servlets have it: what stands in the query counts, and before what stands in the body.
    let query = parts.uri.query().unwrap_or_default();
    let form = if is_get {
        Form::parse(query).ok_or(MALFORMED)?
    } else {
        of_body(query, body, channel.settings.body_limit).await?
    };
    if section.manner == Manner::Document {
        check_manner(&form)?;
    }
    if let Some(key) = &channel.settings.sign_key
        && section.manner != Manner::Bare
        && !sign::is_good(key, &form)
    {
        return Err(SIGN_WRONG.into());
    }
    let address = parts.extensions.get::<IpAddr>().map(ToString::to_string).unwrap_or_default();
    let session = session::key(&parts.headers);
    let officer = if section.operation.protected {
        find_officer(channel, &parts.headers).await?
    } else {
        None
    };
    if section.operation.protected && officer.is_none() {
        return Err(LOGIN_FIRST.into());
    }
    Ok(Call { form, address, session, officer })
}

/// `format` and `sign` must be there, and JSON is all there is.
fn check_manner(form: &Form) -> Result<(), Failure> {
    if !form.required("format")?.eq_ignore_ascii_case("json") {
        return Err(Failure::with(WRONG, "format"));
    }
    if form.text(sign::SIGN).is_empty() {
        return Err(Failure::with(MISSING, sign::SIGN));
    }
    Ok(())
}

async fn of_body(query: &str, body: Body, limit: usize) -> Result<Form, Failure> {
    let body = body::read(body, limit).await.map_err(|error| match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Broken => MALFORMED,
    })?;
    let text = str::from_utf8(&body).map_err(|_| MALFORMED)?;
    Ok(Form::parse(&format!("{query}&{text}")).ok_or(MALFORMED)?)
}

/// Whose session this is; nobody's for one that is unknown or has expired.
async fn find_officer(
    channel: &Shuaidan,
    headers: &HeaderMap,
) -> Result<Option<MemberId>, Failure> {
    let Some(key) = session::key(headers) else { return Ok(None) };
    let asked = key.clone();
    let found = channel.app.read(move |tx| sessions::find(tx, CHANNEL, &asked)).await?;
    let Some(session) = found else { return Ok(None) };
    if session.touch_due {
        let route = Route::home(session.member.number());
        channel.app.write(route, move |tx| sessions::touch(tx, &key)).await?;
    }
    Ok(Some(session.member))
}
