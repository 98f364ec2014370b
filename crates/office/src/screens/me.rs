//! An operator's own account, and the page on which an authenticator gets its secret.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use super::{View, headed};
use crate::blocks::{Block, Picture};
use crate::call::Answer;
use crate::command;
use crate::json::at;
use crate::pages::Page;
use crate::query::Pairs;
use crate::shape;
use crate::visit::Visit;

/// Modules of the quiet zone around a code. Source: ISO/IEC 18004, 9.1.
const QUIET: i32 = 4;

/// The page of `/me`.
pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let is_on = at(view.answer, "operator.second_factor") == true;
    page.actions.retain(|action| {
        let is_about = action.href.contains("/second-factor");
        // A secret is confirmed on the page that shows it.
        !action.href.ends_with("/confirm") && (!is_about || action.href.ends_with("/off") == is_on)
    });
    view.say("factor_lead").clone_into(&mut page.lead);
    if let Some(object) = view.answer.as_object() {
        // The business day stands around every page.
        let mut object = object.clone();
        object.retain(|field, _| matches!(field.as_str(), "operator" | "rights"));
        page.blocks.extend(shape::sections(view.visit, view.say("details"), &object));
    }
    page
}

/// The secret of a second factor that was set up, and the form that confirms it.
pub(crate) fn to_confirm(visit: &Visit, answer: &Answer) -> Page {
    let json = answer.json();
    let text = |path| at(&json, path).as_str().unwrap_or_default().to_owned();
    let say = |word| visit.language.say(word);
    let mut page = Page::new(say("factor_title"));
    page.blocks.extend(picture(visit, &text("address"), &text("secret")).map(Block::Picture));
    let confirm = "/me/second-factor/confirm";
    page.blocks.extend(command::form_of(visit, (confirm, &Pairs::new())).map(Block::Form));
    page
}

fn picture(visit: &Visit, address: &str, secret: &str) -> Option<Picture> {
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET); // a String takes everything
        }
    }
    let fours = secret.as_bytes().chunks(4).filter_map(|four| str::from_utf8(four).ok());
    Some(Picture {
        title: visit.language.say("factor_title").to_owned(),
        side: code.size() + 2 * QUIET,
        path,
        note: visit.language.say("factor_note").to_owned(),
        text: fours.collect::<Vec<_>>().join(" "),
    })
}
