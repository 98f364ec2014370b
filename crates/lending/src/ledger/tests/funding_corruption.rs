//! `verify` finds what somebody has changed about the funding partner's payouts behind the core's
//! back.

use super::super::verify::funding_check_names;
use super::corruption::{change_rows, each_is_found};
use crate::funding::tests::payouts;
use crate::tests::kit::{On, on_both};

on_both! {
    every_corruption_of_payouts_is_found_by_its_check
}

const SAID: &str =
    "every payout by the funding partner is booked if the partner has said so, and only then";
const PAID_OUT: &str = "every loan was paid out once, as it says, if it runs or has run";

/// The check that must find it, and what is done to the rows of [`payouts`].
const CORRUPTIONS: &[(&str, &str)] = &[
    (PAID_OUT, "UPDATE payment SET by_partner = 0 WHERE state = 'succeeded'"),
    (PAID_OUT, "UPDATE posting SET account_id = 52 WHERE account_id = 53"),
    (SAID, "UPDATE funding_order SET heard = 4002 WHERE heard = 4101"),
    (SAID, "UPDATE funding_order SET heard = 4102 WHERE heard = 4101"),
    (SAID, "UPDATE funding_order SET heard = 4101 WHERE heard = 4102"),
    (SAID, "UPDATE funding_order SET heard = 4203 WHERE heard = 4002"),
    (SAID, "UPDATE funding_order SET payment_id = NULL WHERE heard = 4101"),
    (SAID, "UPDATE funding_order SET card_id = card_id + 1 WHERE heard = 4002"),
    (
        SAID,
        "UPDATE funding_order SET application_id = (SELECT MIN(application_id) FROM application)
            WHERE heard = 4002",
    ),
];

pub(super) fn checks() -> Vec<&'static str> {
    funding_check_names()
}

fn every_corruption_of_payouts_is_found_by_its_check(on: On) {
    for check in checks() {
        assert!(CORRUPTIONS.iter().any(|(name, _)| *name == check), "{check}");
    }
    each_is_found(&payouts(on), CORRUPTIONS, change_rows);
}
