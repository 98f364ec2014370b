//! One call as handlers get it, and the way from the router to them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::RequestPartsExt as _;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use channel_kit::body::{self, BodyError};
use channel_kit::digest;
use channel_kit::route::Method;
use lending::operators::{self, Denied, Operator, Token, TokenDigest};
use lending::{Page, Tx, kept};
use serde::Deserialize;

use crate::failure::{
    BODY_BROKEN, BODY_MALFORMED, BODY_TOO_LARGE, Failure, KEY_MALFORMED, KEY_REUSED, NO_SUCH_CALL,
    NOT_LOGGED_IN, QUERY_MALFORMED, WRONG_METHOD,
};
use crate::operation::{Access, Operation};
use crate::reply::{self, Reply};
use crate::{Console, NAME};

/// Characters of an idempotency key at most.
const KEY_CHARACTERS: usize = 255;
/// Rows of a page when the caller does not say.
const PAGE_SIZE: i64 = 20;

/// One call: what is said of it, and what handles it.
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) handler: MethodRouter<Console>,
}

/// A call that has been let in: its caller has the right that its operation asks for.
pub(crate) struct Call {
    operation: &'static Operation,
    /// The digest of the token; open calls have none.
    token: Option<TokenDigest>,
    path: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    place: String,
    body: Bytes,
    key: Option<String>,
    /// Where it came from.
    pub(crate) address: String,
    /// What the caller's browser or script says it is.
    pub(crate) agent: Option<String>,
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(operation: &'static Operation, handler: H) -> Route
where
    H: Fn(Console, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    let filter = match operation.method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Put => MethodFilter::PUT,
    };
    let handler: MethodRouter<Console> =
        on(filter, move |State(console): State<Console>, request: Request| async move {
            let result = match Call::take(&console, operation, request).await {
                Ok(call) => handler(console, call).await,
                Err(failure) => Err(failure),
            };
            reply::respond(result)
        });
    Route { operation, handler }
}

/// No such path.
pub(crate) async fn no_such_call(OriginalUri(uri): OriginalUri) -> Response {
    reply::respond(Err(Failure::with(NO_SUCH_CALL, uri.path())))
}

/// Not with this method.
pub(crate) async fn wrong_method(request: Request) -> Response {
    reply::respond(Err(Failure::with(WRONG_METHOD, request.method().as_str())))
}

/// The operator who holds a token, if they may make a call.
fn admit(
    tx: &mut Tx<'_, '_>,
    token: &TokenDigest,
    operation: &Operation,
) -> Result<Operator, Denied> {
    let operator = operators::authenticate(tx, token)?;
    if let Access::With(right) = operation.access {
        operators::require(&operator, right)?;
    }
    Ok(operator)
}

impl Call {
    async fn take(
        console: &Console,
        operation: &'static Operation,
        request: Request,
    ) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        // Before anything is told about the request: who sends it, and whether they may.
        let token =
            if operation.access == Access::Open { None } else { Some(token(&parts.headers)?) };
        if let Some(token) = token.clone() {
            console.app.read(move |tx| admit(tx, &token, operation).map(|_| ())).await?;
        }
        let body = body::read(body, console.settings.body_limit).await.map_err(|error| {
            Failure::from(match error {
                BodyError::TooLarge => BODY_TOO_LARGE,
                BodyError::Broken => BODY_BROKEN,
            })
        })?;
        let query = parts.extract::<Query<BTreeMap<String, String>>>().await;
        let Query(query) = query.map_err(|_| QUERY_MALFORMED)?;
        let path = parts.extract::<Path<BTreeMap<String, String>>>().await;
        let Path(path) = path.map_err(|_| QUERY_MALFORMED)?;
        let address = parts.extensions.get::<IpAddr>().map(ToString::to_string);
        Ok(Self {
            operation,
            token,
            path,
            query,
            place: format!("{} {}", parts.method, parts.uri.path()),
            body,
            key: key(&parts.headers)?,
            agent: agent(&parts.headers),
            address: address.unwrap_or_default(),
        })
    }

    /// Runs a query on a snapshot.
    pub(crate) async fn read(
        &self,
        console: &Console,
        mut work: impl FnMut(&mut Tx<'_, '_>, &Operator) -> Result<Reply, Failure> + Send + 'static,
    ) -> Result<Reply, Failure> {
        let token = self.token.clone().ok_or(NOT_LOGGED_IN)?;
        let operation = self.operation;
        let read = move |tx: &mut Tx<'_, '_>| {
            let operator = admit(tx, &token, operation)?;
            work(tx, &operator)
        };
        console.app.read(read).await
    }

    /// Runs a command, once where the caller gave an idempotency key. The token is looked at again
    /// in the command's own transaction.
    pub(crate) async fn write(
        &self,
        console: &Console,
        route: lending::Route,
        mut work: impl FnMut(&mut Tx<'_, '_>, &Operator) -> Result<Reply, Failure> + Send + 'static,
    ) -> Result<Reply, Failure> {
        let token = self.token.clone().ok_or(NOT_LOGGED_IN)?;
        let (operation, client) = (self.operation, self.key.clone());
        let request = digest::of(&[self.place.as_bytes(), &self.body]);
        let write = move |tx: &mut Tx<'_, '_>| {
            let operator = admit(tx, &token, operation)?;
            let Some(client) = &client else { return work(tx, &operator) };
            let scope = format!("{NAME} {}", operator.id.number());
            let key = kept::Key {
                key: digest::of(&[scope.as_bytes(), client.as_bytes()]),
                request: request.clone(),
            };
            match kept::once(tx, &key, |tx| work(tx, &operator), Reply::kept)? {
                kept::Answer::Kept(text) => Ok(Reply::from_kept(&text)?),
                kept::Answer::OtherRequest => Err(KEY_REUSED.into()),
            }
        };
        console.app.write(route, write).await
    }

    /// The same without heed of an idempotency key, for bodies with a password: the digest of such
    /// a body must not be kept, since passwords can be guessed from it.
    pub(crate) async fn write_unkeyed(
        &self,
        console: &Console,
        route: lending::Route,
        mut work: impl FnMut(&mut Tx<'_, '_>, &Operator) -> Result<Reply, Failure> + Send + 'static,
    ) -> Result<Reply, Failure> {
        let token = self.token.clone().ok_or(NOT_LOGGED_IN)?;
        let operation = self.operation;
        let write = move |tx: &mut Tx<'_, '_>| {
            let operator = admit(tx, &token, operation)?;
            work(tx, &operator)
        };
        console.app.write(route, write).await
    }

    /// Reads what is about people: masked on a snapshot, or in full with a note of the reason in the
    /// same transaction, where one is given.
    pub(crate) async fn show(
        &self,
        console: &Console,
        work: impl FnMut(&mut Tx<'_, '_>, &Operator) -> Result<Reply, Failure> + Send + 'static,
    ) -> Result<Reply, Failure> {
        match self.query("reason") {
            Some(_) => self.write_unkeyed(console, lending::Route::home(0), work).await,
            None => self.read(console, work).await,
        }
    }

    /// The token that the call was made with.
    pub(crate) fn token(&self) -> Result<TokenDigest, Failure> {
        Ok(self.token.clone().ok_or(NOT_LOGGED_IN)?)
    }

    /// The body as its message. Missing and unknown fields are refused by name.
    pub(crate) fn message<'b, T: Deserialize<'b>>(&'b self) -> Result<T, Failure> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body)
            .map_err(|error| Failure::with(BODY_MALFORMED, &error.to_string()))
    }

    /// The number in the path, if it is one: plain digits.
    pub(crate) fn id(&self) -> Option<i64> {
        self.path.get("id").and_then(|text| whole(text))
    }

    /// The text in the path by this name.
    pub(crate) fn path(&self, name: &str) -> Option<&str> {
        self.path.get(name).map(String::as_str)
    }

    /// A text of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// A whole number of the query.
    pub(crate) fn query_number(&self, name: &str) -> Result<Option<i64>, Failure> {
        let read = |text| whole(text).ok_or_else(|| Failure::field(name));
        self.query(name).map(read).transpose()
    }

    /// The page that is asked for.
    pub(crate) fn page(&self) -> Result<Page, Failure> {
        let number = self.query_number("page")?.unwrap_or(1);
        let size = self.query_number("size")?.unwrap_or(PAGE_SIZE);
        Page::new(number, size).ok_or_else(|| Failure::field("page"))
    }
}

fn whole(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn token(headers: &HeaderMap) -> Result<TokenDigest, Failure> {
    let field = headers.get(header::AUTHORIZATION).and_then(|field| field.to_str().ok());
    let token = field.and_then(|text| text.strip_prefix("Bearer ")).map(str::trim);
    Ok(token.and_then(Token::parse).ok_or(NOT_LOGGED_IN)?.digest())
}

fn agent(headers: &HeaderMap) -> Option<String> {
    let field = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(field.to_owned())
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| KEY_MALFORMED)?.trim();
    let good = (1..=KEY_CHARACTERS).contains(&text.len());
    if good { Ok(Some(text.to_owned())) } else { Err(KEY_MALFORMED.into()) }
}
