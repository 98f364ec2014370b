//! Repaying row by row and all at once, being late, and the plan as it stands.

use lending::Lending;
use serde_json::{Value, json};

use super::{ALICE, App, CARD, ID_NO, NAME, people};
use crate::bench::{Bench, Store};

fn plan(app: &App<'_>, order: &str) -> Value {
    app.post("repay-plan-list", &json!({"orderNo": order})).said(0, "Success").clone()
}

#[track_caller]
fn repaid(app: &App<'_>, body: &Value) -> Value {
    app.post("repay-submit", body).said(1, "还款成功").clone()
}

#[track_caller]
fn advance(bench: &Bench, core: &Lending, by: &str) {
    bench.cli_ok(&["clock", "advance", by]);
    core.follow_clock().unwrap();
}

#[track_caller]
fn check_repaying(store: Store) {
    let bench = people(store);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    let order = app.borrow(&core, 3000, 3);
    let shown = plan(&app, &order);
    let keys: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "allPayAmount",
            "bankCode",
            "bankName",
            "cardNo",
            "createTime",
            "earlyRepay",
            "loanAmount",
            "needPayAmount",
            "orderNo",
            "payedAmount",
            "repayPlan",
            "withdrawId"
        ]
    );
    let totals = json!(["3000.00", 3090, 3090, 0, 0]);
    let of = |shown: &Value| {
        let names = ["loanAmount", "needPayAmount", "allPayAmount", "payedAmount", "earlyRepay"];
        Value::from_iter(names.map(|name| shown[name].clone()))
    };
    assert_eq!(of(&shown), totals);
    assert_eq!((&shown["cardNo"], &shown["orderNo"]), (&json!(CARD), &json!(order)));
    let row = &shown["repayPlan"][0];
    let (from, due) = (row["canRepayDate"].clone(), row["payDate"].clone());
    assert!(due.as_i64() > from.as_i64());
    assert_eq!(
        *row,
        json!({"allPaidAmount": 0, "allPayAmount": 1030, "allPayCorpus": 1000, "allPayFee": 30,
            "canRepayDate": from, "canRepayStatus": true, "corpusAmt": 1000, "currTenor": 1,
            "isPaid": false, "isPaying": false, "lateFee": 0, "overDays": 0, "payDate": due,
            "payTillTime": "23:00:00", "payType": 3, "remainAmount": 1030})
    );
    assert_eq!(shown["repayPlan"][1]["canRepayStatus"], false);
    let submit = |body: Value| app.post("repay-submit", &body).refused().to_owned();
    assert_eq!(submit(json!({"orderNo": order, "period": 2})), "请先还清前期");
    assert_eq!(submit(json!({"orderNo": order, "period": 4})), "期数不存在");
    assert_eq!(submit(json!({"orderNo": order, "payType": 3})), "参数错误：payType");
    late_and_early(&bench, &core, &app, &order);
    // Nobody else sees it.
    let mut other = App::new(&bench);
    other.log_in("13800000002");
    for call in ["repay-plan-list", "repay-plan", "repay-submit", "loan-cancel"] {
        assert_eq!(other.post(call, &json!({"orderNo": order})).refused(), "订单不存在", "{call}");
    }
    core.close();
    bench.verify();
}

/// The first row is paid late, the others before their days.
#[track_caller]
fn late_and_early(bench: &Bench, core: &Lending, app: &App<'_>, order: &str) {
    // The next day it is being repaid; 40 days on, it is ten days late or so.
    advance(bench, core, "1d");
    app.wait_for(order, "4201");
    assert_eq!(app.get("order-list?type=1").done()[0]["order_status_msg"], "还款中");
    advance(bench, core, "40d");
    let shown = app.wait_for(order, "4202");
    assert_eq!(shown["order_status_msg"], "已逾期");
    let row = plan(app, order)["repayPlan"][0].clone();
    let days = row["overDays"].as_i64().unwrap();
    assert!((10..=11).contains(&days), "{row}");
    // 1000 × 0.05 % a day.
    let fee = if days == 10 { json!(5) } else { json!(5.5) };
    assert_eq!(row["lateFee"], fee);
    let asked = app.post("repay-plan", &json!({"orderNo": order, "payType": 1})).done().clone();
    assert_eq!((&asked["payAmount"], &asked["lateFee"]), (&row["remainAmount"], &row["lateFee"]));
    let body = json!({"orderNo": order, "payType": "1", "period": "1"});
    assert_eq!(repaid(app, &body)["payAmount"], row["remainAmount"]);
    assert_eq!(app.post("repay-submit", &body).refused(), "当期已还清");
    let row = plan(app, order)["repayPlan"][0].clone();
    assert_eq!((&row["isPaid"], &row["remainAmount"]), (&json!(true), &json!(0)));
    assert_eq!(app.order(order)["order_status"], "4201");
    // The rest at once: principal, and the fee for the days used.
    let asked = app.post("repay-plan", &json!({"orderNo": order, "payType": 2})).done().clone();
    assert_eq!(asked["payCorpus"], json!(2000));
    let paid = repaid(app, &json!({"orderNo": order, "payType": 2}));
    assert_eq!(paid["payAmount"], asked["payAmount"]);
    let shown = app.wait_for(order, "4203");
    assert_eq!(shown["order_status_msg"], "贷款结清");
    let shown = plan(app, order);
    assert_eq!((&shown["needPayAmount"], &shown["earlyRepay"]), (&json!(0), &json!(1)));
    let settled = app.post("repay-submit", &json!({"orderNo": order, "payType": 2}));
    assert_eq!(settled.refused(), "借款已结清");
    assert_eq!(*app.get("order-list?type=1").done(), json!([]));
    assert_eq!(app.get("order-list?type=2").done().as_array().unwrap().len(), 1);
}

#[test]
fn a_loan_is_repaid_late_and_early_on_sqlite() {
    check_repaying(Store::Sqlite);
}

#[test]
fn a_loan_is_repaid_late_and_early_on_postgres() {
    check_repaying(Store::Postgres);
}
