//! Everything about one customer, over all channels.

use serde_json::Value;

use super::{View, detail, headed};
use crate::blocks::{Block, Cell};
use crate::json::at;
use crate::pages::Page;
use crate::{cells, shape, words};

/// What is shown of a credit line.
pub(super) const LINE: &[&str] = &["limit", "frozen", "used", "available", "suspended"];

const PERSON: &[&str] = &[
    "id",
    "channel",
    "mobile_phone",
    "mobile_verified",
    "profile_complete",
    "registered_at",
    "blacklisted",
    "risky",
    "blocked",
    "risk_note",
];
const MONEY: &[&str] = &["credit", "wallet_account_id", "phone_book_entries"];
const IDENTITY: &[&str] = &["identity.name", "identity.id_no", "identity.person_id"];
const CARD: &[&str] = &["card.bank", "card.number", "card.mobile_phone", "card.verified_at"];

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language, answer) = (view.visit, view.language(), view.answer);
    let customer = &answer["customer"];
    let channel = customer["channel"].as_str().unwrap_or_default();
    let name = at(customer, "identity.name").as_str();
    page.title = format!("{} #{}", name.unwrap_or(view.say("no_name")), customer["id"]);
    page.badges.push(cells::plain(words::read(language, "channel", channel)));
    for (flag, word) in
        [("blacklisted", "flag_blacklisted"), ("risky", "flag_risky"), ("blocked", "flag_blocked")]
    {
        if customer[flag] == true {
            let badge = Some(words::Tone::Bad);
            let text = view.say(word).to_owned();
            page.badges.push(Cell { text, badge, ..Cell::default() });
        }
    }
    let erased = customer["erased_at"].as_str();
    if let Some(at) = erased {
        let at = cells::instant(at).unwrap_or_default();
        let text = view.say("flag_erased").to_owned();
        page.badges.push(Cell { text, badge: Some(words::Tone::Faint), ..Cell::default() });
        let text = view.say("erased_notice").replace("{}", &at);
        page.blocks.push(Block::Notice(words::Tone::Plain, text));
    }
    let stop = &answer["contact_stop"];
    if let Some(notice) = super::collection::stop_notice(view, stop) {
        let text = view.say("flag_stopped").to_owned();
        page.badges.push(Cell { text, badge: Some(words::Tone::Bad), ..Cell::default() });
        page.blocks.push(notice);
    }
    // Officers are customers of the exchange; limits that are drawn later are on one channel.
    page.actions.retain(|action| {
        let is_officer = action.href.contains("/officers/");
        let has_line = action.href.ends_with("/limit") || action.href.ends_with("/limit/status");
        let is_refund = action.href.ends_with("/refund");
        let resumes = action.href.ends_with("/resume-contact");
        let stops = action.href.ends_with("/stop-contact");
        (!is_officer || channel == "shuaidan")
            && (!resumes || stop.is_object())
            && (!stops || customer["identity"].is_object())
            && (!has_line || answer["line"].is_object())
            && (!is_refund || answer["credit"].as_str().is_some_and(|credit| credit != "0.00"))
    });
    page.links.retain(|link| !link.href.ends_with("/limit") || answer["line"].is_object());
    let facts =
        |title, value: &Value, fields| Block::Facts(shape::facts(visit, title, value, fields));
    page.blocks.push(facts(view.say("account_title"), customer, PERSON));
    if customer["identity"].is_object() {
        page.blocks.push(facts(view.say("identity_title"), customer, IDENTITY));
    }
    if customer["card"].is_object() {
        page.blocks.push(facts(view.say("card_title"), customer, CARD));
    }
    if answer["line"].is_object() {
        page.blocks.push(facts(view.say("line_title"), &answer["line"], LINE));
    }
    page.blocks.push(facts(view.say("money_title"), answer, MONEY));
    for field in ["applications", "loans", "elsewhere", "collection", "consents"] {
        let all = answer[field].as_array().map(Vec::as_slice).unwrap_or_default();
        if field == "collection" && all.is_empty() {
            continue;
        }
        page.blocks.push(Block::Table(shape::list(visit, field, all)));
    }
    if let Some(told) = answer["told"].as_object() {
        page.blocks.extend(shape::sections(visit, view.say("told_title"), told));
    }
    detail::masked(view, &mut page);
    page
}
