//! Statements of days that have none yet.

use channel_kit::route::Method;
use kernel::Date;

use super::View;
use crate::blocks::Link;
use crate::json::at;
use crate::{Office, shape};

/// The ways to yesterday's statement: asking for it, and handing it in; the form takes another day.
pub(super) async fn actions(office: &Office, view: &View<'_>) -> Vec<Link> {
    let clock = view.visit.get(office, "/clock", &[]).await.json();
    let today = at(&clock, "business_day").as_str().and_then(Date::parse);
    let Some(yesterday) = today.and_then(|today| today.minus_days(1)) else { return Vec::new() };
    let all = console::operations().into_iter();
    let commands = all.filter(|known| {
        known.method != Method::Get && known.place().starts_with("/statements/{day}")
    });
    commands
        .filter(|known| view.visit.may(known.right()))
        .map(|known| shape::command_link(view.language(), known, &yesterday.to_string()))
        .collect()
}
