//! The words that a field takes, where only some are good: for forms that offer them.

use channel_kit::route::Field;
use kernel::Channel;
use lending::ledger::browsing::Owners;
use lending::ledger::{Class, Kind};
use lending::market::Status;
use lending::operators::Role;

use crate::operation::Operation;

/// The words that a field of a call takes; `None` where any text may be right.
pub fn choices(operation: &Operation, field: &Field) -> Option<Vec<&'static str>> {
    named(operation, field).or_else(|| listed(operation, field).map(<[_]>::to_vec))
}

/// The words of a type of the core.
fn named(operation: &Operation, field: &Field) -> Option<Vec<&'static str>> {
    Some(match (operation.place(), field.name) {
        (_, "channel") => Channel::ALL.iter().map(|known| known.word()).collect(),
        (_, "roles") => Role::ALL.iter().map(|known| known.word()).collect(),
        ("/ledger/accounts", "account") => Class::ALL.iter().map(|class| class.word).collect(),
        ("/ledger/accounts", "owners") => Owners::ALL.iter().map(|owners| owners.word()).collect(),
        ("/ledger/transfers", "movement") => Kind::ALL.iter().map(|kind| kind.word()).collect(),
        ("/projects", "state") => Status::ALL.iter().map(|status| status.word()).collect(),
        (_, _) => return None,
    })
}

/// Words of a call's own.
fn listed(operation: &Operation, field: &Field) -> Option<&'static [&'static str]> {
    Some(match (operation.place(), field.name) {
        ("/applications", "state") => {
            &["reviewing", "approved", "refused", "lapsed", "withdrawn", "lent"]
        }
        ("/loans", "state") => {
            &["repaying", "overdue", "paying_out", "payout_failed", "settled", "written_off"]
        }
        ("/applications", "order") => &["oldest", "newest", "largest"],
        ("/loans", "order") => &["oldest", "newest", "largest", "next_due", "longest_overdue"],
        ("/drawdowns", "state") => &["reviewing", "approved", "refused", "cancelled"],
        ("/differences", "state") => &["open", "settled", "gone"],
        ("/leads", "state") => {
            &["open", "claimed", "working", "won", "lost", "withdrawn", "expired"]
        }
        ("/payments", "state") => &["open"],
        ("/settings", "which") => &["all", "changed", "switches"],
        ("/approvals", "which") => &["open", "all"],
        ("/audit", "subject") => &[
            "platform",
            "member",
            "application",
            "loan",
            "payment",
            "product",
            "operator",
            "lead",
            "project",
        ],
        ("/collections", "bucket") => &["M1", "M2", "M3", "M4", "M5", "M6"],
        ("/collections", "assigned") => &["me", "nobody"],
        ("/collections", "due") => &["promise", "action", "no_contact"],
        ("/collections/{id}/contacts", "way") => &["call", "sms", "letter", "visit", "incoming"],
        ("/collections/{id}/contacts", "outcome") => &[
            "promised",
            "unreachable",
            "refused",
            "wrong_number",
            "disputed",
            "hardship",
            "says_paid",
        ],
        ("/customers/{id}/stop-contact", "kind") => &["dispute", "hardship", "death", "other"],
        (_, "verdict") => &["approve", "refuse"],
        ("/customers/{id}/coupons", "kind") => &["deduction", "cash"],
        ("/messages", "kind") => &["activity", "announcement"],
        ("/officers/{id}/transfers", "direction") => &["in", "out"],
        ("/rules", "outcome") => &["refer", "refuse"],
        ("/templates", "topic") => &[
            "submitted",
            "approved",
            "refused",
            "paid_out",
            "due_soon",
            "repaid",
            "overdue",
            "other",
        ],
        (_, _) => return None,
    })
}
