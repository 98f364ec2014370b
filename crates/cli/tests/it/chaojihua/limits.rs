//! Who gets a limit, who may draw on it, and every status that an order can have.

use kernel::id::OperatorId;
use kernel::{Channel, Mobile, Money};
use lending::audit::Actor;
use lending::credit::{self, LineStatus, Outcome, SaveRule, Test};
use lending::origination::{self, DecideDrawdown, DrawdownState};
use lending::servicing::{self, LoanState};
use lending::{Fault, Lending, identity};
use serde_json::json;

use super::{ALICE, App, ID_NO, NAME, card, first, pay_out, people, review, write};
use crate::bench::{Bench, Store, pause};

#[track_caller]
fn rule(core: &Lending, test: Test, outcome: Outcome) {
    write(core, move |tx| {
        let rule = SaveRule {
            actor: Actor::Platform,
            channel: Channel::Chaojihua,
            code: "TEST".to_owned(),
            product: None,
            test: test.clone(),
            outcome,
            enabled: true,
        };
        credit::save_rule(tx, &rule).map_err(|error| Fault::Engine(error.to_string()))
    });
}

fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap()
}

#[track_caller]
fn suspend(core: &Lending, status: LineStatus) {
    write(core, move |tx| {
        let mobile = Mobile::parse(ALICE).unwrap();
        let member = identity::find(tx, Channel::Chaojihua, &mobile)?.unwrap();
        credit::set_line_status(tx, Actor::Platform, member, status)
    });
}

#[track_caller]
fn check_statuses(store: Store) {
    let bench = people(store);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    // 400 by people.
    let order = app.apply(&json!({"amount": 10_000}));
    review(&core, false);
    assert_eq!(app.order(&order)["order_status"], "400");
    assert_eq!(app.submit(&order, 1000, 1).refused(), "审批提现前置条件不符合：订单未审批通过");
    // 500 while the line is suspended, and 300 again.
    let order = app.ready(&core);
    suspend(&core, LineStatus::Suspended);
    let shown = app.order(&order);
    assert_eq!(
        (&shown["order_status"], &shown["order_status_msg"]),
        (&json!("500"), &json!("额度冻结"))
    );
    app.calculate(&order, 2000, 2).done();
    assert_eq!(app.submit(&order, 2000, 2).refused(), "审批提现前置条件不符合：额度已冻结");
    suspend(&core, LineStatus::Open);
    assert_eq!(app.order(&order)["order_status"], "300");
    // The rules look at what is drawn: people decide, who say no.
    rule(&core, Test::Exposure(yuan(1500)), Outcome::Refer);
    app.submit(&order, 2000, 2).said(1, "提现申请已提交");
    assert_eq!(app.order(&order)["order_status"], "4001");
    let unpaid = write(&core, |tx| {
        let all = origination::applications_in(tx, origination::State::Approved, first())?;
        let paid = servicing::request_payout(tx, Actor::Platform, all[0].id);
        Ok::<_, Fault>(paid.is_err())
    });
    assert!(unpaid, "what is not decided is not paid out");
    decide(&core, Some("用途不符"));
    let shown = app.order(&order);
    assert_eq!((&shown["order_status"], &shown["status"]), (&json!("4003"), &json!("300")));
    // Drawn again, people say yes; then it is cancelled, and drawn once more.
    app.verify(&order);
    app.submit(&order, 2000, 2).said(1, "提现申请已提交");
    decide(&core, None);
    assert_eq!(app.order(&order)["order_status"], "4002");
    app.post("loan-cancel", &json!({"orderNo": order})).said(1, "取消成功");
    assert_eq!(app.order(&order)["order_status"], "4009");
    // A rule that refuses does so at once.
    rule(&core, Test::Exposure(yuan(1500)), Outcome::Refuse);
    app.verify(&order);
    let refused = app.submit(&order, 2000, 2);
    assert_eq!(refused.said(1, "提现申请已提交")["orderStatus"], "4003");
    lapsed_and_failed(&bench, &core, &app);
    core.close();
    bench.verify();
}

/// A drawdown that nobody pays out is cancelled; a payout can fail.
#[track_caller]
fn lapsed_and_failed(bench: &Bench, core: &Lending, app: &App<'_>) {
    rule(core, Test::Exposure(yuan(200_000)), Outcome::Refuse);
    let lapsed = app.get("order-list").done()[0]["no"].as_str().unwrap().to_owned();
    app.verify(&lapsed);
    app.submit(&lapsed, 2000, 2).said(1, "提现申请已提交");
    bench.cli_ok(&["clock", "advance", "8d"]);
    core.follow_clock().unwrap();
    bench.cli_ok(&["day-end"]);
    let shown = app.wait_for(&lapsed, "4009");
    assert_eq!(
        (&shown["status"], &shown["audit_data"]["remainTime"]),
        (&json!("500"), &json!("0天"))
    );
    let order = app.apply(&json!({}));
    review(core, true);
    app.verify(&order);
    // The server follows the clock in a moment.
    let followed = (0..200).any(|_| {
        pause(50);
        app.order(&order)["audit_data"]["remainTime"] == "7天"
    });
    assert!(followed);
    // The sandbox pays nothing out to this card.
    let bound = app.post("bank-card-bind", &card(&order, "6217000000000099071", ALICE));
    bound.said(1, "绑卡成功");
    app.calculate(&order, 1000, 1).done();
    let drawn = app.submit(&order, 1000, 1);
    assert_eq!(drawn.said(1, "提现申请已提交")["orderStatus"], "4002");
    pay_out(core);
    let shown = app.wait_for(&order, "4102");
    assert_eq!(shown["order_status_msg"], "放款失败");
    app.bind(&order);
    let loan = write(core, |tx| {
        let failed = servicing::Listed::In(LoanState::PayoutFailed);
        let loan = servicing::loans(tx, failed, first())?[0].id;
        servicing::retry_payout(tx, Actor::Platform, loan)
            .map_err(|error| Fault::Engine(error.to_string()))?;
        Ok::<_, Fault>(loan)
    });
    app.wait_for(&order, "4101");
    assert_eq!(write(core, move |tx| servicing::loan(tx, loan)).unwrap().received, yuan(1000));
}

#[track_caller]
fn decide(core: &Lending, refusal: Option<&str>) {
    let refusal = refusal.map(ToOwned::to_owned);
    write(core, move |tx| {
        let waiting = origination::drawdowns_in(tx, DrawdownState::Reviewing, first())?;
        let drawdown = waiting.first().unwrap().id;
        let operator = OperatorId::from_number(1);
        let command = DecideDrawdown { operator, drawdown, refusal: refusal.clone() };
        origination::decide_drawdown(tx, &command).map_err(|error| Fault::Engine(error.to_string()))
    });
}

#[test]
fn every_status_is_reached_on_sqlite() {
    check_statuses(Store::Sqlite);
}

#[test]
fn every_status_is_reached_on_postgres() {
    check_statuses(Store::Postgres);
}
