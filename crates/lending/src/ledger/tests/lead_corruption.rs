//! `verify` finds what somebody has changed about leads behind the core's back.

use super::super::verify::lead_check_names;
use super::corruption::{change_rows, each_is_found};
use crate::leads::tests::exchange;
use crate::tests::kit::{On, on_both};

on_both! {
    every_corruption_of_leads_is_found_by_its_check
    every_check_of_leads_is_in_the_table
}

const HELD: &str = "every lead that is held has its fee held, and no other";
const PAID: &str = "every lead that was won has paid its fee to its owner once, and no other";

/// The check that must find it, and what is done to the rows of [`exchange`].
const CORRUPTIONS: &[(&str, &str)] = &[
    ("what is frozen is what is held by bids and for leads", {
        "UPDATE lead SET state = 'lost', hold_transfer_id = NULL WHERE state = 'claimed'"
    }),
    (HELD, "UPDATE lead SET hold_transfer_id = hold_transfer_id + 1 WHERE state = 'claimed'"),
    (
        HELD,
        "UPDATE lead SET hold_transfer_id = (SELECT MIN(reverses_id) FROM transfer
        WHERE kind = 'lead_return') WHERE state = 'won'",
    ),
    (
        HELD,
        "UPDATE transfer SET subject_id = 1000 WHERE kind = 'lead_hold' AND reverses_id IS NULL
        AND transfer_id = (SELECT hold_transfer_id FROM lead WHERE state = 'won')",
    ),
    (HELD, "UPDATE transfer SET kind = 'lead_hold', reverses_id = NULL WHERE kind = 'lead_return'"),
    (HELD, "UPDATE lead SET fee_fen = fee_fen + 1 WHERE state = 'won'"),
    (PAID, "UPDATE transfer SET subject_id = 1000 WHERE kind = 'lead_fee'"),
    (PAID, "UPDATE transfer SET kind = 'coupon' WHERE kind = 'lead_fee'"),
    (PAID, "UPDATE lead SET owner_id = (SELECT MAX(member_id) FROM customer) WHERE state = 'won'"),
];

pub(super) fn checks() -> Vec<&'static str> {
    lead_check_names()
}

fn every_corruption_of_leads_is_found_by_its_check(on: On) {
    each_is_found(&exchange(on), CORRUPTIONS, change_rows);
}

fn every_check_of_leads_is_in_the_table(_: On) {
    for check in checks() {
        assert!(CORRUPTIONS.iter().any(|(name, _)| *name == check), "{check}");
    }
}
