//! Every answer of the channel's description is given to a client at least once.

use super::{accounts, borrowing, elsewhere, pages, refusals, tasks, way_in};
use crate::bench::Store;
use crate::texts::{Excused, all_are_heard};

/// What no client can bring about. This list may only shrink.
const EXCUSED: &[Excused] = &[
    ("post /wukong/loan-confirm", "请绑定银行卡", HAS_A_CARD),
    ("post /wukong/loan-submit", "请绑定银行卡", HAS_A_CARD),
    ("post /wukong/llpay-auth-pay", "请绑定银行卡", HAS_A_CARD),
];

const HAS_A_CARD: &str =
    "a card is proven before anything is lent, and can be replaced but not taken away";

#[test]
fn every_answer_of_the_channel_is_heard() {
    all_are_heard(
        "wukong",
        &[
            || pages::check(Store::Sqlite),
            || borrowing::check_loan(Store::Sqlite),
            || accounts::check_accounts(Store::Sqlite),
            || elsewhere::check_tasks(Store::Sqlite),
            elsewhere::a_task_takes_an_input_and_proves_something,
            accounts::codes_are_sent_once_a_minute,
            || way_in::a_call_may_be_written_in_many_ways(Store::Sqlite),
            || way_in::only_a_good_token_lets_anybody_in(Store::Sqlite),
            || refusals::loans_and_what_they_need(Store::Sqlite),
            || refusals::payments_and_coupons(Store::Sqlite),
            || refusals::what_comes_too_often(Store::Sqlite),
            || tasks::tasks_are_refused_and_fail(Store::Sqlite),
            || tasks::what_is_proven_is_not_proven_again_today(Store::Sqlite),
            borrowing::what_a_customer_has_is_shown_to_them_alone,
            pages::without_pages_the_calls_say_so,
            || super::samples::every_sample_has_a_golden_twin(Store::Sqlite),
        ],
        EXCUSED,
    );
}
