//! The pages as they are written: one layout, and what stands in it.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};

use crate::blocks::{Block, Cell, Kind, Link};
use crate::json::{all, at};
use crate::texts::Language;
use crate::visit::{self, Visit};
use crate::{Office, PATH, places, respond, words};

/// A group of the navigation.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) links: Vec<Link>,
}

/// What stands around a page.
pub(crate) struct Shell {
    pub(crate) language: Language,
    pub(crate) groups: Vec<Group>,
    pub(crate) is_home: bool,
    pub(crate) may_search: bool,
    /// The operator's name and roles.
    pub(crate) name: String,
    pub(crate) roles: String,
    pub(crate) flash: Option<String>,
    pub(crate) proof: String,
    /// The business day.
    pub(crate) day: String,
    /// Whether a bench's clock says another day than the wall.
    pub(crate) is_moved: bool,
    /// The address of the page, to come back to.
    pub(crate) here: String,
}

impl Shell {
    fn of(visit: &Visit) -> Self {
        let language = visit.language;
        let path = visit.uri.path();
        let groups = places::NAVIGATION.iter().map(|(title, all)| {
            let queries = all.iter().filter_map(|place| places::query_at(place));
            let links = queries.filter(|query| visit.may(query.right())).map(|query| {
                let href = format!("{PATH}{}", query.place());
                let is_here = path == href || path.starts_with(&format!("{href}/"));
                Link { is_here, ..Link::new(places::title(language, query), href) }
            });
            Group { title: language.say(title), links: links.collect() }
        });
        let roles = all(&visit.me, "operator.roles");
        let roles = roles.iter().filter_map(|role| role.as_str());
        let roles: Vec<_> = roles.map(|role| words::read(language, "roles", role)).collect();
        let is_get = !path.starts_with("/console/do/");
        let here = if is_get { visit.uri.to_string() } else { path.to_owned() };
        Self {
            language,
            groups: groups.filter(|group| !group.links.is_empty()).collect(),
            is_home: path == PATH,
            may_search: visit.may(places::query_at("/search").and_then(console::Operation::right)),
            name: at(&visit.me, "operator.name").as_str().unwrap_or_default().to_owned(),
            roles: roles.join(language.choose("、", ", ")),
            flash: visit.flash.clone(),
            proof: visit.proof.clone(),
            day: at(&visit.me, "business_day").as_str().unwrap_or_default().to_owned(),
            is_moved: at(&visit.me, "clock_moved") == true,
            here,
        }
    }

    pub(crate) fn say(&self, word: &'static str) -> &'static str {
        self.language.say(word)
    }
}

/// A page with its parts.
pub(crate) struct Page {
    pub(crate) title: String,
    /// A line below the title.
    pub(crate) lead: String,
    pub(crate) badges: Vec<Cell>,
    pub(crate) crumbs: Vec<Link>,
    pub(crate) actions: Vec<Link>,
    pub(crate) links: Vec<Link>,
    pub(crate) blocks: Vec<Block>,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            lead: String::new(),
            badges: Vec::new(),
            crumbs: Vec::new(),
            actions: Vec::new(),
            links: Vec::new(),
            blocks: Vec::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Whole<'p> {
    shell: Shell,
    page: &'p Page,
}

#[derive(Template)]
#[template(path = "plain.html")]
struct Plain<'p> {
    language: Language,
    title: &'p str,
    text: &'p str,
    /// Where one can go from here.
    link: (&'p str, &'p str),
}

/// What somebody tried at the door.
#[derive(Default)]
pub(crate) struct Tried<'t> {
    pub(crate) login: &'t str,
    pub(crate) next: &'t str,
    pub(crate) refused: Option<(StatusCode, String)>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn<'p> {
    language: Language,
    login: &'p str,
    next: &'p str,
    error: Option<String>,
    hint: &'p str,
}

/// Writes a page. A template that cannot be written is a mistake in the program.
fn written(status: StatusCode, language: Language, template: &impl Template) -> Response {
    let Ok(text) = template.render() else {
        tracing::error!("a page could not be written");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_LANGUAGE, language.tag())];
    (status, headers, text).into_response()
}

/// A page for a visitor.
pub(crate) fn shown(office: &Office, visit: &Visit, status: StatusCode, page: &Page) -> Response {
    let whole = Whole { shell: Shell::of(visit), page };
    let mut response = written(status, visit.language, &whole);
    if visit.flash.is_some()
        && let Some(cookie) = office.flash_cookie("", "")
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// A page that only says something.
pub(crate) fn said(
    office: &Office,
    visit: &Visit,
    status: StatusCode,
    (title, text): (&str, &str),
) -> Response {
    let mut page = Page::new(title);
    page.blocks.push(Block::Notice(words::Tone::Plain, text.to_owned()));
    page.links.push(Link::new(visit.language.say("back_home"), PATH));
    shown(office, visit, status, &page)
}

/// The log-in page.
pub(crate) fn log_in(office: &Office, language: Language, tried: &Tried<'_>) -> Response {
    let status = tried.refused.as_ref().map_or(StatusCode::OK, |(status, _)| *status);
    let error = tried.refused.as_ref().map(|(_, code)| {
        let place = console::operations().into_iter().find(|known| known.place() == "/login");
        let message = place.and_then(|place| {
            let all = console::refusals(place);
            all.iter().find(|known| known.code == code).map(|known| known.message)
        });
        let read = place.map(|place| {
            crate::refusals::read(language, place, (code, message.unwrap_or_default()))
        });
        read.unwrap_or_else(|| language.say("busy").to_owned())
    });
    let hint = office.settings().hint;
    let page = LogIn { language, login: tried.login, next: tried.next, error, hint };
    written(status, language, &page)
}

fn plain(
    status: StatusCode,
    language: Language,
    title: &'static str,
    text: &'static str,
) -> Response {
    let link = (PATH, language.say("back_home"));
    let page = Plain { language, title: language.say(title), text: language.say(text), link };
    written(status, language, &page)
}

/// The platform cannot answer.
pub(crate) fn busy(language: Language) -> Response {
    plain(StatusCode::SERVICE_UNAVAILABLE, language, "busy_title", "busy")
}

/// A form of a visitor that is not ours.
pub(crate) fn not_from_here(visit: &Visit) -> Response {
    plain(StatusCode::FORBIDDEN, visit.language, "foreign_title", "foreign")
}

/// A form that cannot be read.
pub(crate) fn unreadable(visit: &Visit) -> Response {
    plain(StatusCode::BAD_REQUEST, visit.language, "unreadable_title", "unreadable")
}

/// A form of somebody who is not logged in, and that is not ours.
pub(crate) fn foreign(_: &Office, language: Language) -> Response {
    plain(StatusCode::FORBIDDEN, language, "foreign_title", "foreign")
}

/// There is no such page: for who is logged in; others are asked to.
pub(crate) async fn nowhere(State(office): State<Office>, request: Request) -> Response {
    if request.method() != axum::http::Method::GET {
        let language = visit::language(request.headers());
        return plain(StatusCode::NOT_FOUND, language, "not_found_title", "not_found");
    }
    let (parts, _) = request.into_parts();
    match Visit::open(&office, &parts).await {
        Ok(visit) => not_found(&office, &visit),
        Err(response) => *response,
    }
}

/// There is nothing at an address.
pub(crate) fn not_found(office: &Office, visit: &Visit) -> Response {
    let say = |word| visit.language.say(word);
    said(office, visit, StatusCode::NOT_FOUND, (say("not_found_title"), say("not_found")))
}

/// A query that was refused.
pub(crate) fn refused(
    office: &Office,
    visit: &Visit,
    operation: &console::Operation,
    answer: &crate::call::Answer,
) -> Response {
    let say = |word| visit.language.say(word);
    let (code, message) = answer.refusal().unwrap_or_default();
    match answer.status {
        StatusCode::UNAUTHORIZED => respond::to("/console/login"),
        StatusCode::FORBIDDEN => {
            said(office, visit, answer.status, (say("forbidden_title"), say("forbidden")))
        }
        StatusCode::SERVICE_UNAVAILABLE => busy(visit.language),
        status => {
            let text = crate::refusals::read(visit.language, operation, (&code, &message));
            let title =
                if status == StatusCode::NOT_FOUND { "not_found_title" } else { "refused_title" };
            said(office, visit, status, (say(title), &text))
        }
    }
}
