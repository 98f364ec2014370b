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
    let words: &[&str] = match (operation.place(), field.name) {
        (_, "channel") => return Some(Channel::ALL.iter().map(|known| known.word()).collect()),
        (_, "roles") => return Some(Role::ALL.iter().map(|known| known.word()).collect()),
        ("/ledger/accounts", "account") => {
            return Some(Class::ALL.iter().map(|class| class.word).collect());
        }
        ("/ledger/accounts", "owners") => {
            return Some(Owners::ALL.iter().map(|owners| owners.word()).collect());
        }
        ("/ledger/transfers", "movement") => {
            return Some(Kind::ALL.iter().map(|kind| kind.word()).collect());
        }
        ("/projects", "state") => {
            return Some(Status::ALL.iter().map(|status| status.word()).collect());
        }
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
    };
    Some(words.to_vec())
}
