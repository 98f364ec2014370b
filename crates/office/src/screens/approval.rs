//! One approval of the two-person rule, and the way on from it.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Link};
use crate::json::at;
use crate::pages::Page;
use crate::query;
use crate::words::Tone;
use crate::{PATH, cells, names, shape, words};

const ASKED: &[&str] = &["action", "subject", "amount", "parameters", "reason"];
const STATE: &[&str] = &[
    "state",
    "requested_by",
    "requested_at",
    "expires_at",
    "decided_by",
    "decided_at",
    "used_by",
    "used_at",
];

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let approval = &view.answer["approval"];
    let state = approval["state"].as_str().unwrap_or_default();
    let action = approval["action"].as_str().unwrap_or_default();
    page.title = format!("{} · {}", page.title, words::read(language, "action", action));
    page.badges.push(cells::badge(language, "state", state));
    let is_mine = names::number(&approval["requested_by"]) == visit.id();
    page.actions
        .retain(|action| state == "requested" && (!is_mine || action.href.ends_with("/reject")));
    for action in page.actions.iter_mut().filter(|action| action.href.ends_with("/approve")) {
        action.class = "primary";
    }
    match (state, is_mine) {
        ("requested", true) => {
            let text = view.say("approval_mine").to_owned();
            page.blocks.push(Block::Notice(Tone::Waiting, text));
        }
        ("requested", false) => {
            let text = view.say("approval_theirs").to_owned();
            page.blocks.push(Block::Notice(Tone::Waiting, text));
        }
        ("approved", _) => {
            if let Some(href) = command(approval) {
                let class = "primary";
                page.actions.push(Link { class, ..Link::new(view.say("carry_out"), href) });
            }
        }
        (_, _) => {}
    }
    page.blocks.push(Block::Facts(shape::facts(visit, view.say("asked_title"), approval, ASKED)));
    page.blocks.push(Block::Facts(shape::facts(visit, view.say("details"), approval, STATE)));
    page
}

/// The form of the command that was asked for, filled in as it was.
fn command(approval: &Value) -> Option<String> {
    let text = |field: &str| approval[field].as_str().unwrap_or_default();
    let (parameters, reason) = (text("parameters"), text("reason"));
    let subject = at(approval, "subject.id").as_i64()?;
    let kind = at(approval, "subject.kind").as_str()?;
    let amount = ("amount", text("amount"));
    let (place, more) = match (text("action"), kind) {
        ("payout", "application") => (format!("/applications/{subject}/payout"), vec![]),
        ("payout", "loan") => (format!("/loans/{subject}/payout/retry"), vec![]),
        ("write_off", "loan") => (format!("/loans/{subject}/write-off"), vec![]),
        ("reversal", _) => {
            let id = parameters.strip_prefix("repayment ")?.split(':').next()?;
            (format!("/repayments/{id}/reverse"), vec![])
        }
        ("refund", "member") => {
            if let Some(reference) = parameters.strip_prefix("officer's wallet: ") {
                let more = vec![amount, ("direction", "out"), ("reference", reference)];
                (format!("/officers/{subject}/transfers"), more)
            } else {
                (format!("/customers/{subject}/refund"), vec![amount])
            }
        }
        ("limit_change", "member") => {
            let raise = parameters.strip_prefix("raise ").and_then(|text| text.split_once(" to "));
            let place = match raise {
                Some((id, _)) => format!("/raises/{id}/decide"),
                None => format!("/customers/{subject}/limit"),
            };
            let limit = raise.map(|(_, limit)| limit).or(parameters.strip_prefix("limit "))?;
            (place, vec![("limit", limit.split(':').next()?)])
        }
        (_, _) => return None,
    };
    let mut pairs = vec![("approval".to_owned(), text("id").to_owned())];
    pairs.push(("reason".to_owned(), reason.to_owned()));
    pairs.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    Some(format!("{PATH}/do{place}?{}", query::written(&pairs)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::command;

    #[test]
    fn the_form_is_filled_in_as_it_was_asked_for() {
        let asked = |action: &str, kind: &str, parameters: &str| {
            command(&json!({ "id": "9", "action": action, "reason": "so & so", "amount": "60.00",
                "parameters": parameters, "subject": { "kind": kind, "id": 7 } }))
        };
        let end = "approval=9&reason=so%20%26%20so";
        for (action, kind, parameters, form) in [
            ("payout", "application", "tenor 3", "applications/7/payout?END"),
            ("payout", "loan", "again", "loans/7/payout/retry?END"),
            ("write_off", "loan", "so & so", "loans/7/write-off?END"),
            ("reversal", "loan", "repayment 5: so", "repayments/5/reverse?END"),
            ("refund", "member", "", "customers/7/refund?END&amount=60.00"),
            (
                "refund",
                "member",
                "officer's wallet: x1",
                "officers/7/transfers?END&amount=60.00&direction=out&reference=x1",
            ),
            ("limit_change", "member", "limit 900.00: so", "customers/7/limit?END&limit=900.00"),
            ("limit_change", "member", "raise 4 to 900.00: so", "raises/4/decide?END&limit=900.00"),
        ] {
            let want = format!("/console/do/{}", form.replace("END", end));
            assert_eq!(asked(action, kind, parameters), Some(want));
        }
        assert_eq!(asked("other", "loan", ""), None);
    }
}
