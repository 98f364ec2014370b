//! Every answer of the channel's description is given to a client at least once.

use super::{accounts, exchange, handing, refusals, requests, samples};
use crate::bench::Store;
use crate::texts::{Excused, all_are_heard};

/// What no client can bring about. This list may only shrink.
const EXCUSED: &[Excused] = &[
    (
        "any *",
        "system is busy, please try again later.",
        "our own fault, which no client brings about",
    ),
    ("get /shuaidan/session", "", "the code stands there alone, without an envelope: accounts.rs"),
];

#[test]
fn every_answer_of_the_channel_is_heard() {
    all_are_heard(
        "shuaidan",
        &[
            || accounts::officers_register_and_log_in(Store::Sqlite),
            || accounts::without_the_viewer_nobody_looks_into_a_session(Store::Sqlite),
            || accounts::a_shared_key_has_signatures_verified(Store::Sqlite),
            || exchange::a_lead_goes_from_one_officer_to_another(Store::Sqlite),
            || exchange::operators_see_the_whole_funnel(Store::Sqlite),
            || handing::a_lead_becomes_an_application(Store::Sqlite),
            || requests::leads_are_taken_in_field_by_field(Store::Sqlite),
            || refusals::leads_of_others_and_what_is_missing(Store::Sqlite),
            || refusals::a_lead_that_cannot_be_handed_over(Store::Sqlite),
            || refusals::what_comes_too_often(Store::Sqlite),
            || samples::every_sample_has_a_golden_twin(Store::Sqlite),
        ],
        EXCUSED,
    );
}
