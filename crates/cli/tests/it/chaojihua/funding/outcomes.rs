//! What becomes of the magic amounts of docs/sandbox.md, through the channel.

use kernel::id::OperatorId;
use lending::audit::Actor;
use lending::funding::{self, OrderState};
use lending::origination::{
    self, Approved, DecideDrawdown, DecideError, DrawdownError, Review, Verdict,
};
use lending::servicing::{self, LoanState, payments};
use lending::{Fault, Lending, audit};
use serde_json::json;

use super::super::{App, NAME, first, review, write};
use super::{Way, draw, issues, known, lender, ready, settled};
use crate::bench::{Bench, Store, pause};

/// An invented id number with a valid check digit. GB 11643: weights 2^(18 - place) mod 11.
fn id_no(n: u32) -> String {
    let body = format!("11010119910101{n:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let check = char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]);
    format!("{body}{check}")
}

/// The app of customer `n`.
#[track_caller]
fn customer(bench: &Bench, n: u32) -> App<'_> {
    let mut app = App::new(bench);
    app.log_in(&format!("138000000{n:02}"));
    app.id_no = id_no(n);
    app.tell(NAME, &app.id_no);
    app
}

/// A reviewer who tries to decide what waits; what they are told.
#[track_caller]
fn reviewed(core: &Lending) -> Result<(), String> {
    let decided = core.write_and_wait(lending::Route::home(0), |tx| {
        let waiting = origination::applications_in(tx, origination::State::Reviewing, first())?;
        let application = waiting[0].clone();
        let offer = application.offer();
        let verdict = Verdict::Approve(Approved { amount: offer.amount, tenor: offer.tenor });
        let (operator, note) = (OperatorId::from_number(1), "looked at".to_owned());
        origination::review(tx, &Review { operator, application: application.id, verdict, note })
    });
    decided.map(|_| ()).map_err(|error: DecideError| error.to_string())
}

#[track_caller]
fn check_audits(store: Store) {
    let bench = lender(store, Way::InProcess);
    let core = bench.core();
    // 400, with the partner's reason in the decision, and the partner in the trail.
    let app = customer(&bench, 11);
    let order = app.apply(&json!({"amount": 10_400}));
    app.wait_for(&order, "400");
    let again = app.apply(&json!({"amount": 10_000}));
    app.wait_for(&again, "300");
    let (refusal, actors) = write(&core, |tx| {
        let refused = origination::applications_in(tx, origination::State::Refused, first())?;
        let trail = audit::entries(tx, audit::Filter::All, first())?;
        let actors: Vec<_> = trail
            .into_iter()
            .filter(|entry| entry.action == "application.refused")
            .map(|entry| entry.actor.provider)
            .collect();
        Ok::<_, Fault>((refused[0].refusal.clone(), actors))
    });
    assert_eq!(refusal.as_deref(), Some("综合评分不足"));
    assert_eq!(actors, [Some("funding".to_owned())]);
    // 500: nothing can be drawn, and nobody else decides.
    let app = customer(&bench, 12);
    let frozen = app.apply(&json!({"amount": 10_500}));
    let shown = app.wait_for(&frozen, "500");
    assert_eq!(shown["order_status_msg"], "额度冻结");
    assert_eq!(reviewed(&core), Err("the funding partner decides".to_owned()));
    let unmet = app.submit(&frozen, 1000, 3);
    assert_eq!(unmet.refused(), "审批提现前置条件不符合：订单未审批通过");
    // 300 for less, and for fewer tenors.
    let app = customer(&bench, 13);
    let less = app.apply(&json!({"amount": 10_300}));
    let audit = app.wait_for(&less, "300")["audit_data"].clone();
    assert_eq!(audit["maxLoanAmt"], 10_000);
    let terms: Vec<_> =
        audit["termOptions"].as_array().unwrap().iter().map(|term| term["term"].clone()).collect();
    assert_eq!(terms, [1, 2, 3]);
    app.bind(&less);
    app.verify(&less);
    assert_eq!(app.calculate(&less, 1000, 6).refused(), "借款期数不可选");
    assert_eq!(app.calculate(&less, 10_100, 3).refused(), "借款金额不在可借范围内");
    draw(&app, &less, 1000, 3);
    app.wait_for(&less, "4101");
    check_too_much(&bench, &core);
    core.close();
    bench.verify();
}

/// More than was asked for is not taken: people look at it, and decide. What they approve is theirs
/// to pay out too.
#[track_caller]
fn check_too_much(bench: &Bench, core: &Lending) {
    let app = customer(bench, 14);
    let order = app.apply(&json!({"amount": 10_700}));
    let noted = (0..200).any(|_| {
        pause(50);
        issues(core) == ["300: more than was asked for"]
    });
    assert!(noted, "{:?}", issues(core));
    assert_eq!(app.order(&order)["order_status"], "200");
    // The frozen one is the partner's, this one is theirs.
    let theirs = order.clone();
    write(core, move |tx| {
        let waiting = origination::applications_in(tx, origination::State::Reviewing, first())?;
        let application = waiting.iter().find(|one| one.code == theirs).unwrap();
        let offer = application.offer();
        let verdict = Verdict::Approve(Approved { amount: offer.amount, tenor: offer.tenor });
        let (operator, note) = (OperatorId::from_number(1), "looked at".to_owned());
        let review = Review { operator, application: application.id, verdict, note };
        origination::review(tx, &review).map_err(|error| Fault::Engine(error.to_string()))
    });
    app.wait_for(&order, "300");
    app.bind(&order);
    app.verify(&order);
    app.calculate(&order, 1000, 1).done();
    assert_eq!(app.submit(&order, 1000, 1).said(1, "提现申请已提交")["orderStatus"], "4002");
}

#[test]
fn audits_are_the_partners_on_sqlite() {
    check_audits(Store::Sqlite);
}

#[test]
fn audits_are_the_partners_on_postgres() {
    check_audits(Store::Postgres);
}

#[track_caller]
fn check_withdrawals(store: Store) {
    let bench = lender(store, Way::InProcess);
    let core = bench.core();
    let app = customer(&bench, 21);
    let order = ready(&app);
    // 4003: the limit can be drawn on again.
    draw(&app, &order, 1300, 3);
    let shown = app.wait_for(&order, "4003");
    assert_eq!(
        (&shown["status"], &shown["order_status_msg"]),
        (&json!("300"), &json!("提现审批拒绝"))
    );
    // 4102: nothing was lent; tried again, under another number, it goes well.
    app.verify(&order);
    draw(&app, &order, 1200, 3);
    app.wait_for(&order, "4102");
    let loan = write(&core, |tx| {
        let failed = servicing::Listed::In(LoanState::PayoutFailed);
        let loan = servicing::loans(tx, failed, first())?[0].clone();
        servicing::retry_payout(tx, Actor::Platform, loan.id)
            .map_err(|error| Fault::Engine(error.to_string()))?;
        Ok::<_, Fault>(loan)
    });
    app.wait_for(&order, "4101");
    settled(&core);
    let (told, orders) = write(&core, move |tx| {
        let told = funding::orders_of(tx, loan.application)?;
        Ok::<_, Fault>((told, payments::payments_of(tx, loan.id)?))
    });
    let numbers: Vec<_> = told.iter().filter(|one| one.drawdown.is_some()).collect();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
    assert_eq!(numbers[2].number, format!("{}-3", numbers[1].number));
    let orders: Vec<_> = orders.iter().map(|one| (one.state.word(), one.by_partner)).collect();
    assert_eq!(orders, [("succeeded", true), ("failed", true)]);
    assert_eq!(issues(&core), Vec::<String>::new());
    check_under_way(&bench, &core);
    core.close();
    bench.verify();
}

/// While the partner decides or pays, nobody else does, and nothing is cancelled.
#[track_caller]
fn check_under_way(bench: &Bench, core: &Lending) {
    let app = customer(bench, 22);
    let order = ready(&app);
    draw(&app, &order, 1900, 3);
    let noted = (0..200).any(|_| {
        pause(50);
        issues(core) == ["4002: another amount than was drawn"]
    });
    assert!(noted, "{:?}", issues(core));
    assert_eq!(app.order(&order)["order_status"], "4001");
    let cancelled = app.post("loan-cancel", &json!({"orderNo": order}));
    assert_eq!(cancelled.refused(), "没有可取消的提现申请");
    let theirs = write(core, |tx| {
        let waiting =
            origination::drawdowns_in(tx, origination::DrawdownState::Reviewing, first())?;
        let (operator, drawdown) = (OperatorId::from_number(1), waiting[0].id);
        let decided = DecideDrawdown { operator, drawdown, refusal: None };
        let decided = origination::decide_drawdown(tx, &decided);
        let paid = servicing::request_payout(tx, Actor::Platform, waiting[0].application);
        Ok::<_, Fault>((matches!(decided, Err(DrawdownError::WithPartner)), paid.is_err()))
    });
    assert_eq!(theirs, (true, true));
    let other = customer(bench, 23);
    let silent = ready(&other);
    draw(&other, &silent, 1400, 3);
    other.wait_for(&silent, "4002");
    let open = write(core, |tx| payments::in_doubt(tx, first()));
    assert_eq!(open.iter().map(|one| one.by_partner).collect::<Vec<_>>(), [true]);
    // Not even time ends what the partner may be paying out.
    bench.cli_ok(&["clock", "advance", "8d"]);
    bench.cli_ok(&["day-end"]);
    assert_eq!(app.order(&order)["order_status"], "4001");
}

#[test]
fn withdrawals_are_the_partners_on_sqlite() {
    check_withdrawals(Store::Sqlite);
}

#[test]
fn withdrawals_are_the_partners_on_postgres() {
    check_withdrawals(Store::Postgres);
}

/// What contradicts the books is work for people, and moves nothing.
#[track_caller]
fn check_contradictions(store: Store) {
    let bench = lender(store, Way::Http);
    let core = bench.core();
    let noted = |text: &str| {
        let found = (0..200).any(|_| {
            pause(50);
            issues(&core).contains(&text.to_owned())
        });
        assert!(found, "{text}: {:?}", issues(&core));
    };
    // Frozen while it was reviewed, and then approved.
    let app = customer(&bench, 31);
    let order = app.apply(&json!({"amount": 10_600}));
    app.wait_for(&order, "500");
    app.wait_for(&order, "300");
    app.bind(&order);
    app.verify(&order);
    // Paid out, and then not.
    draw(&app, &order, 1800, 3);
    app.wait_for(&order, "4101");
    noted("4102: it was 4101 before");
    assert_eq!(app.order(&order)["order_status"], "4101");
    // Settled there, while all of it is owed here.
    let app = customer(&bench, 32);
    let order = ready(&app);
    draw(&app, &order, 1600, 3);
    noted("4203: the loan is repaying here");
    assert_eq!(app.order(&order)["order_status"], "4101");
    settled(&core);
    let states = write(&core, |tx| {
        let lent = origination::applications_in(tx, origination::State::Lent, first())?;
        let mut states = Vec::new();
        for application in lent {
            states.extend(funding::orders_of(tx, application.id)?);
        }
        Ok::<_, Fault>(states)
    });
    // The first plan is one of a payout that the partner has taken back.
    assert!(
        states
            .iter()
            .filter(|one| one.drawdown.is_some())
            .all(|one| one.state == OrderState::Settled)
    );
    core.close();
    bench.verify();
}

#[test]
fn what_contradicts_the_books_is_work_for_people_on_sqlite() {
    check_contradictions(Store::Sqlite);
}

#[test]
fn what_contradicts_the_books_is_work_for_people_on_postgres() {
    check_contradictions(Store::Postgres);
}

/// Our rules refuse before anybody else hears of it.
#[test]
fn what_the_rules_refuse_is_never_told() {
    let bench = lender(Store::Sqlite, Way::InProcess);
    let core = bench.core();
    let app = known(&bench);
    let rule = |test: lending::credit::Test| {
        write(&core, move |tx| {
            let rule = lending::credit::SaveRule {
                actor: Actor::Platform,
                channel: kernel::Channel::Chaojihua,
                code: "TEST".to_owned(),
                product: None,
                test: test.clone(),
                outcome: lending::credit::Outcome::Refuse,
                enabled: true,
            };
            lending::credit::save_rule(tx, &rule).map_err(|error| Fault::Engine(error.to_string()))
        });
    };
    let yuan = |yuan| kernel::Money::from_yuan(yuan).unwrap();
    rule(lending::credit::Test::Exposure(yuan(500)));
    let order = app.apply(&json!({"amount": 10_000}));
    assert_eq!(app.order(&order)["order_status"], "400");
    assert_eq!(reviewed_none(&core), 0);
    rule(lending::credit::Test::Exposure(yuan(200_000)));
    let order = ready(&app);
    rule(lending::credit::Test::Exposure(yuan(500)));
    app.calculate(&order, 1000, 1).done();
    assert_eq!(app.submit(&order, 1000, 1).said(1, "提现申请已提交")["orderStatus"], "4003");
    let told = write(&core, |tx| {
        let all = origination::applications_in(tx, origination::State::Approved, first())?;
        funding::orders_of(tx, all[0].id)
    });
    assert_eq!(told.iter().map(|one| one.kind.word()).collect::<Vec<_>>(), ["apply"]);
    review(&core, true);
    core.close();
    bench.verify();
}

/// How much the partner was told of applications that are refused.
fn reviewed_none(core: &Lending) -> usize {
    let told = write(core, |tx| {
        let refused = origination::applications_in(tx, origination::State::Refused, first())?;
        funding::orders_of(tx, refused[0].id)
    });
    told.len()
}

/// The back office sees what the partner is told and what does not fit, and closes it; what the
/// partner decides, it does not.
#[test]
fn operators_look_after_what_the_partner_says() {
    let office = crate::office::Office::open(
        Store::Sqlite,
        &[],
        &json!({"borrowers": [crate::office::borrower(1, 1)]}),
    );
    let app = customer(&office.bench, 41);
    let waits = app.apply(&json!({"amount": 10_200}));
    let item = |path: &str| {
        let found = (0..200).find_map(|_| {
            pause(50);
            let items = office.get("senior", path)["items"].clone();
            items.get(0).cloned()
        });
        found.unwrap_or_else(|| panic!("nothing at {path}"))
    };
    let told = item("/funding/orders");
    assert_eq!((&told["kind"], &told["number"]), (&json!("apply"), &json!(waits)));
    let review = format!("/applications/{}/review", told["application_id"]);
    let approve = json!({"verdict": "approve"});
    office.refused("senior", &review, &approve, (409, "with_partner"));
    let again = format!("/funding/orders/{}/again", told["id"].as_str().unwrap());
    office.refused("senior", &again, &json!({}), (409, "not_told_again"));
    office.refused("cashier", &again, &json!({}), (403, "no_right"));
    office.refused("senior", "/funding/orders/1/again", &json!({}), (404, "no_such_funding_order"));
    // More than was asked for: for people.
    let app = customer(&office.bench, 42);
    app.apply(&json!({"amount": 10_700}));
    let issue = item("/funding/issues");
    assert_eq!(issue["detail"], "300: more than was asked for");
    let close = format!("/funding/issues/{}/close", issue["id"].as_str().unwrap());
    office.refused("cashier", &close, &json!({"note": "seen"}), (403, "no_right"));
    office.refused("senior", &close, &json!({"note": ""}), (422, "field_wrong"));
    office.refused("senior", &close, &json!({}), (400, "body_malformed"));
    office.refused(
        "senior",
        "/funding/issues/1/close",
        &json!({"note": "x"}),
        (404, "no_such_issue"),
    );
    let closed = office.post("senior", &close, &json!({"note": "asked them"}), 200);
    assert_eq!(closed["issue"]["note"], "asked them");
    office.refused("senior", &close, &json!({"note": "x"}), (409, "issue_closed"));
    assert_eq!(office.get("senior", "/funding/issues")["items"], json!([]));
    let order = issue["order_id"].as_str().unwrap();
    let all = office.get("senior", "/funding/orders");
    assert!(all["items"].as_array().unwrap().iter().all(|one| one["id"] != *order));
    // Told again, the partner says the same; people decide.
    let again = format!("/funding/orders/{order}/again");
    assert_eq!(office.post("senior", &again, &json!({}), 200)["order"]["state"], "requested");
    assert_eq!(item("/funding/issues")["order_id"], order);
}
