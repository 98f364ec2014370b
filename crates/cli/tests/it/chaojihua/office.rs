//! The back office's side of orders: applying for a customer, reviewing, deciding drawdowns, paying
//! out.

use kernel::{Channel, Mobile};
use lending::{Fault, Route, identity};
use serde_json::json;

use super::{ALICE, App, ID_NO, NAME};
use crate::bench::Store;
use crate::office::{Office, borrower};

#[test]
fn operators_open_orders_and_decide_drawdowns() {
    let office = Office::open(
        Store::Sqlite,
        &[("JIEHUAN_CHAOJIHUA_FUNDING", "off")],
        &json!({"borrowers": [borrower(1, 1)]}),
    );
    let core = office.bench.core();
    let mut app = App::new(&office.bench);
    app.log_in(ALICE);
    let member = core.write_and_wait(Route::home(0), |tx| {
        identity::find(tx, Channel::Chaojihua, &Mobile::parse(ALICE).unwrap())
    });
    let member = member.and_then(|found| found.ok_or(Fault::Closed)).unwrap().number();
    core.close();
    let apply = format!("/customers/{member}/limit-application");
    office.refused("senior", &apply, &json!({}), (409, "no_identity"));
    app.tell(NAME, ID_NO);
    office.refused("cashier", &apply, &json!({}), (403, "no_right"));
    office.refused("senior", &apply, &json!({"amount": "1050"}), (422, "not_offered"));
    office.refused("senior", &apply, &json!({"product_id": 999}), (422, "not_offered"));
    office.refused(
        "senior",
        "/customers/999/limit-application",
        &json!({}),
        (404, "no_such_customer"),
    );
    let made = office.post("senior", &apply, &json!({"amount": "20000.00"}), 201);
    let order = made["application"]["code"].as_str().unwrap().to_owned();
    office.refused("senior", &apply, &json!({}), (409, "open_application"));
    assert_eq!(app.order(&order)["order_status"], "200");
    let id = made["application"]["id"].as_i64().unwrap();
    // As much as 10,000, of the 20,000 that were asked for.
    let review = format!("/applications/{id}/review");
    office.post("senior", &review, &json!({"verdict": "approve", "amount": "10000.00"}), 200);
    assert_eq!(app.wait_for(&order, "300")["audit_data"]["maxLoanAmt"], json!(10_000));
    let payout = format!("/applications/{id}/payout");
    office.refused("cashier", &payout, &json!({}), (409, "not_payable"));
    app.bind(&order);
    app.verify(&order);
    app.calculate(&order, 1000, 1).done();
    let rule = json!({"channel": "chaojihua", "code": "TEST", "test": {"kind": "exposure",
        "amount": "500.00"}, "outcome": "refer", "enabled": true});
    office.post("risk", "/rules", &rule, 200);
    app.submit(&order, 1000, 1).said(1, "提现申请已提交");
    assert_eq!(app.order(&order)["order_status"], "4001");
    let waiting = office.get("cashier", "/drawdowns");
    let drawdown = waiting["items"][0].clone();
    assert_eq!((&drawdown["amount"], &drawdown["state"]), (&json!("1000.00"), &json!("reviewing")));
    office.refused("cashier", &payout, &json!({}), (409, "not_payable"));
    let decide = format!("/drawdowns/{}/review", drawdown["id"]);
    office.refused("reviewer", &decide, &json!({"verdict": "approve"}), (403, "no_right"));
    office.refused("senior", &decide, &json!({"verdict": "refuse"}), (422, "field_wrong"));
    office.refused("senior", &decide, &json!({"verdict": "perhaps"}), (422, "field_wrong"));
    let unknown = (404, "no_such_drawdown");
    office.refused("senior", "/drawdowns/1/review", &json!({"verdict": "approve"}), unknown);
    let decided = office.post("senior", &decide, &json!({"verdict": "approve"}), 200);
    assert_eq!(decided["drawdown"]["state"], "approved");
    office.refused("senior", &decide, &json!({"verdict": "approve"}), (409, "not_reviewing"));
    assert_eq!(office.get("cashier", "/drawdowns?state=approved")["items"][0], decided["drawdown"]);
    office.post("cashier", &payout, &json!({}), 201);
    app.wait_for(&order, "4101");
    office.bench.verify();
}
