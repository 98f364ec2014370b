//! Twins of every sample of document 000: tests/golden/samples/chaojihua.

use lending::customers::codes::Purpose;

use super::{ALICE, App, people, photo, review, sms_code};
use crate::bench::Store;
use crate::lender::pay_out;
use crate::operators::on_both;
use crate::samples::Twins;

on_both! {
    every_sample_has_a_golden_twin
}

/// What must be as it is printed; the texts about money and days are of our own loan.
const KEPT: &[&str] = &[
    "code",
    "message",
    "status",
    "order_status",
    "order_status_msg",
    "loan_status",
    "orderStatus",
    "remark",
    "remainTime",
    "payTillTime",
    "payType",
];
/// The numbers that stand for an order's, and for a code, where a request is printed.
const ORDER: &str = "900000000000000000000001";
const CODE: &str = "990001";

pub(super) fn every_sample_has_a_golden_twin(store: Store) {
    let bench = people(store);
    let core = bench.core();
    let mut app = App::new(&bench);
    let mut twins = Twins::of(&bench, "chaojihua", KEPT);
    twins.play("get-sms-code");
    twins.know("code", &sms_code(&bench, ALICE, Purpose::LogIn));
    let entered = twins.play("get-access-token");
    entered["info"]["access_token"].as_str().unwrap().clone_into(&mut app.token);
    twins.know("token", &app.token);
    for name in ["bank-list", "user-info_told", "user-info"] {
        twins.play(name);
    }
    let order = twins.play("apply")["info"]["orderNo"].as_str().unwrap().to_owned();
    twins.know(ORDER, &order);
    twins.know("order", &order);
    review(&core, true);
    app.wait_for(&order, "300");
    twins.play("loan-submit_unmet");
    twins.play("bank-card-bind");
    twins.play("bank-card-list");
    twins.play("bank-card-bind_by_code");
    twins.know(CODE, &sms_code(&bench, "13800000009", Purpose::CardBinding));
    twins.play("bank-card-bind-captcha");
    twins.know("photo", &photo("jpg", b"face"));
    for name in ["user-verify", "loan-calculate", "contract-show", "loan-submit", "order-list"] {
        twins.play(name);
    }
    twins.play("loan-cancel");
    app.verify(&order);
    app.submit(&order, 1000, 3).said(1, "提现申请已提交");
    pay_out(&core);
    app.wait_for(&order, "4101");
    for name in ["repay-plan-list", "repay-plan", "repay-submit"] {
        twins.play(name);
    }
    twins.all_played();
    core.close();
    bench.verify();
}
