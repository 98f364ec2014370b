//! Every answer of the channel's description is given to a client at least once.

use super::{borrowing, limits, repaying, samples, way_in};
use crate::bench::Store;
use crate::texts::{Excused, all_are_heard};

/// What no client can bring about. This list may only shrink.
const EXCUSED: &[Excused] = &[];

#[test]
fn every_answer_of_the_channel_is_heard() {
    all_are_heard(
        "chaojihua",
        &[
            || borrowing::check_order(Store::Sqlite),
            || limits::check_statuses(Store::Sqlite),
            || repaying::check_repaying(Store::Sqlite),
            || samples::every_sample_has_a_golden_twin(Store::Sqlite),
            borrowing::cards_are_bound_with_and_without_a_code,
            borrowing::a_face_is_looked_at_and_good_once,
            borrowing::contracts_open_behind_addresses_that_tell_nothing,
            way_in::a_code_opens_the_door_once_and_makes_the_account,
            way_in::without_a_token_nothing_is_shown,
            way_in::addresses_bodies_and_methods_are_forgiving_only_where_it_is_said,
            way_in::switches_change_codes_and_where_tokens_may_stand,
            way_in::what_a_customer_tells_is_kept_and_who_they_are_is_proven,
        ],
        EXCUSED,
    );
}
