//! Twins of every sample of document 002: tests/golden/samples/wukong.

use kernel::id::ApplicationId;
use lending::audit::Actor;
use lending::customers::codes::Purpose;
use lending::ports::{DataReport, DataResult, Facts};
use lending::reports::ProviderAnswer;
use lending::{Lending, servicing};
use serde_json::Value;

use super::borrowing::{issue_coupons, prove_name, prove_phone, review, wait_for};
use super::elsewhere::{answer, said};
use super::pages::Browser;
use super::{App, sms_code};
use crate::bench::{Bench, Store};
use crate::lender::{eventually, free_port, write};
use crate::operators::on_both;
use crate::samples::Twins;

on_both! {
    every_sample_has_a_golden_twin
}

const ALICE: &str = "13800000001";
/// What must be as it is printed; `bank` has our own customer's bank.
const KEPT: &[&str] = &["status", "error_message", "title", "state", "bank", "ret_code"];

pub(super) fn every_sample_has_a_golden_twin(store: Store) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let bench = Bench::start_with(
        store,
        &[("JIEHUAN_PROVIDERS_MODE", "http"), ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &listen)],
    );
    let mut twins = Twins::of(&bench, "wukong", KEPT);
    let mut app = App::new(&bench);
    customers(&mut twins, &mut app, &Browser::new(port));
    let core = bench.core();
    loans(&mut twins, &app, &core, &Browser::new(port));
    passwords(&mut twins, &bench);
    core.close();
    bench.verify();

    // What third parties know: the test is the third party.
    let bench = Bench::start_with(store, &[("JIEHUAN_PROVIDERS_SANDBOX", "false")]);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    let core = bench.core();
    prove_name(&core);
    let mut twins = twins.on(&bench);
    twins.know("token", &app.token);
    tasks(&mut twins, &core);
    core.close();
    twins.all_played();
}

#[track_caller]
fn customers(twins: &mut Twins<'_>, app: &mut App<'_>, browser: &Browser) {
    twins.play("home_of_a_visitor");
    twins.play("send-mobile-code_new-user");
    twins.know("code", &sms_code(app.bench, ALICE, Purpose::Registration));
    twins.play("signup");
    let entered = twins.play("login");
    entered["results"][0]["token"].as_str().unwrap().clone_into(&mut app.token);
    twins.know("token", &app.token);
    for name in [
        "lm-identity",
        "lm-get-identity",
        "user-save-profile",
        "user-save-work",
        "user-save-relation",
        "user-profile",
        "user-work",
        "user-relation",
        "user-auth-state",
        "llpay-cardbin",
    ] {
        twins.play(name);
    }
    let signing = twins.play("llpay-sign");
    let data = signing["results"][0]["req_data"].to_string();
    let back = browser.get(&browser.decide("signApply.htm", &data, "agree"));
    assert!(back.body.contains("银行卡签约成功"), "{}", back.body);
    for name in ["auth-bankcard-get", "set-bankcard-default", "loan-contract", "feedback"] {
        twins.play(name);
    }
}

/// A loan that is refused, and one that is paid out, late and repaid.
#[track_caller]
fn loans(twins: &mut Twins<'_>, app: &App<'_>, core: &Lending, browser: &Browser) {
    prove_phone(core);
    issue_coupons(core);
    twins.play("cash-coupon-get");
    twins.play("loan-confirm");
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let id = |page: &Value| page["id"].as_str().unwrap().parse::<i64>().unwrap();
    review(core, 1, id(&wait_for(app, "auditing")), false);
    app.bench.cli_ok(&["clock", "advance", "25h"]);
    core.follow_clock().unwrap();
    // The server follows the clock in a moment: then the coupons, good for a day, are over.
    assert!(eventually(|| app.get("/cash-coupon-get").done("")[0]["state"] == 2));
    twins.play("loan-submit");
    let loan = id(&wait_for(app, "auditing"));
    twins.know("loan", &loan.to_string());
    twins.play("home");
    twins.play("loan-record");
    review(core, 1, loan, true);
    review(core, 2, loan, true);
    let application = ApplicationId::from_number(loan);
    write(core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    wait_for(app, "repaying");
    app.bench.cli_ok(&["clock", "advance", "20d"]);
    core.follow_clock().unwrap();
    wait_for(app, "overdue");
    twins.play("home_overdue");
    let paying = twins.play("llpay-auth-pay");
    let data = paying["results"][0]["req_data"].as_str().unwrap();
    let order: Value = serde_json::from_str(data).unwrap();
    twins.know("pay_order", order["no_order"].as_str().unwrap());
    twins.play("llpay-auth-pay-notify");
    let back = browser.get(&browser.decide("authpay.htm", data, "agree"));
    assert!(back.body.contains("付款已提交"), "{}", back.body);
    wait_for(app, "");
    twins.play("repayments-record");
    twins.play("loan-record-detail");
}

#[track_caller]
fn passwords(twins: &mut Twins<'_>, bench: &Bench) {
    twins.play("password");
    twins.play("logout");
    twins.play("send-mobile-code_forget-password");
    twins.know("code", &sms_code(bench, ALICE, Purpose::PasswordReset));
    twins.play("forget-password");
}

/// What third parties say, as long as the customer's call waits for it.
#[track_caller]
fn tasks(twins: &mut Twins<'_>, core: &Lending) {
    let picture = Some("iVBORw0KGgo=");
    let says = |code: &str| answer(core, &said(code, "", None));
    let proves = || {
        says("0000");
        let report = DataReport { body: String::new(), facts: Facts::default() };
        answer(core, &ProviderAnswer::Result(DataResult::Got(Box::new(report))));
    };
    let begun = |twins: &mut Twins<'_>, name: &str, image: Option<&str>| {
        let begun = twins.play_while(name, || answer(core, &said("0006", "", image))).json();
        twins.know("task", begun["results"][0]["token"].as_str().unwrap());
    };
    begun(twins, "lm-mobile", None);
    twins.play("lm-mobile-input");
    says("0100");
    twins.play("lm-mobile-continue");
    proves();
    begun(twins, "lm-mobile-report", None);
    twins.play("lm-mobile-report-input");
    proves();
    begun(twins, "lm-jd", None);
    twins.play("lm-jd-input");
    says("0100");
    twins.play("lm-jd-continue");
    proves();
    begun(twins, "lm-taobao", picture);
    says("0100");
    twins.play("lm-taobao-continue");
    proves();
    begun(twins, "lm-bill", picture);
    says("0100");
    twins.play("lm-bill-continue");
    twins.play("lm-bill-continue_as_printed");
    proves();
    twins.play_while("lm-education", proves);
    twins.play_while("lm-ebank", proves);
    for name in ["auth-common", "auth-common-get", "auth-common-get_of_reports", "quota-apply"] {
        twins.play(name);
    }
}
