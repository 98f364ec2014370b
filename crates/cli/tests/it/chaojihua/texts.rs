//! Every answer of the channel's description is given to a client at least once.

use super::{borrowing, limits, refusals, repaying, samples, way_in};
use crate::bench::Store;
use crate::texts::{Excused, all_are_heard};

/// What no client can bring about. This list may only shrink.
const EXCUSED: &[Excused] = &[
    (
        "post /chaojihua/cjh-open-api/apply",
        "账号已被停用",
        "the token of an account that is closed is none; logging in says it",
    ),
    ("post /chaojihua/cjh-open-api/bank-card-bind", "身份信息有误：{}", IDENTIFIED),
    ("post /chaojihua/cjh-open-api/bank-card-bind", "该身份信息已绑定其他账号", IDENTIFIED),
    ("post /chaojihua/cjh-open-api/bank-card-bind-captcha", "身份信息有误：{}", IDENTIFIED),
    ("post /chaojihua/cjh-open-api/bank-card-bind-captcha", "该身份信息已绑定其他账号", IDENTIFIED),
    (
        "post /chaojihua/cjh-open-api/bank-card-bind",
        "获取验证码过于频繁，请稍后再试",
        "only production counts codes, and there no provider of a test wants one; get-sms-code says it",
    ),
];

const IDENTIFIED: &str = "whoever has an order has proven who they are, and only differs from it";

#[test]
fn every_answer_of_the_channel_is_heard() {
    all_are_heard(
        "chaojihua",
        &[
            || borrowing::check_order(Store::Sqlite),
            || limits::check_statuses(Store::Sqlite),
            || repaying::check_repaying(Store::Sqlite),
            || refusals::applications_and_who_makes_them(Store::Sqlite),
            || refusals::cards_and_faces(Store::Sqlite),
            || refusals::repayments(Store::Sqlite),
            || refusals::what_comes_too_often(Store::Sqlite),
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
