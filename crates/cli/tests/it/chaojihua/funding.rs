//! Orders that the funding partner decides and pays out, from the wire: no operator does anything.

mod door;
mod outcomes;

use lending::funding::{self, OrderState};
use lending::ledger;
use lending::{Fault, Lending};
use serde_json::json;

use super::{ALICE, App, ID_NO, NAME, first, write};
use crate::bench::{Bench, Store, pause};

/// How the partner is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The twin in the server's own process, which is asked.
    InProcess,
    /// The twin over HTTP, which calls back.
    Http,
}

/// A server with a funding partner.
pub(crate) fn lender(store: Store, way: Way) -> Bench {
    let mode = match way {
        Way::InProcess => "in_process",
        Way::Http => "http",
    };
    Bench::start_with(store, &[("JIEHUAN_PROVIDERS_MODE", mode)])
}

/// An app whose owner has told who they are.
#[track_caller]
pub(crate) fn known(bench: &Bench) -> App<'_> {
    let mut app = App::new(bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    app
}

/// An order that can be drawn on.
#[track_caller]
pub(crate) fn ready(app: &App<'_>) -> String {
    let order = app.apply(&json!({}));
    app.wait_for(&order, "300");
    app.bind(&order);
    app.verify(&order);
    order
}

/// Draws on an order.
#[track_caller]
pub(crate) fn draw(app: &App<'_>, order: &str, amount: i64, months: i64) {
    app.calculate(order, amount, months).done();
    let drawn = app.submit(order, amount, months);
    assert_eq!(drawn.said(1, "提现申请已提交")["orderStatus"], "4001");
}

/// Waits until the partner has answered everything.
#[track_caller]
pub(crate) fn settled(core: &Lending) {
    for _ in 0..400 {
        if write(core, |tx| funding::open_orders(tx, first())).is_empty() {
            return;
        }
        pause(50);
    }
    panic!("open: {:?}", write(core, |tx| funding::open_orders(tx, first())));
}

/// Waits until the partner has said something of the only order, in so high a place.
#[track_caller]
pub(crate) fn waits_for(core: &Lending, number: &str, place: i64) {
    for _ in 0..400 {
        let open = write(core, |tx| funding::open_orders(tx, first()));
        if open.iter().any(|one| one.number == number && one.heard_place >= place) {
            return;
        }
        pause(50);
    }
    panic!("nothing was said of {number}");
}

/// What people have to look at.
#[track_caller]
pub(crate) fn issues(core: &Lending) -> Vec<String> {
    let open = write(core, |tx| funding::open_issues(tx, first()));
    open.into_iter().map(|issue| issue.detail).collect()
}

#[track_caller]
fn check_life(store: Store, way: Way) {
    let bench = lender(store, way);
    let core = bench.core();
    let app = known(&bench);
    let order = ready(&app);
    draw(&app, &order, 3000, 3);
    app.wait_for(&order, "4101");
    settled(&core);
    let body = json!({"orderNo": order, "payType": 1, "period": 1});
    app.post("repay-submit", &body).said(1, "还款成功");
    app.wait_for(&order, "4201");
    app.post("repay-submit", &json!({"orderNo": order, "payType": 2})).said(1, "还款成功");
    app.wait_for(&order, "4203");
    settled(&core);
    assert_eq!(issues(&core), Vec::<String>::new());
    let (told, owed) = write(&core, |tx| {
        let all =
            lending::origination::applications_in(tx, lending::origination::State::Lent, first())?;
        let told = funding::orders_of(tx, all[0].id)?;
        let trial = ledger::trial_balance(tx)?;
        let owed = trial.iter().find(|line| line.account == "funding_partner").unwrap().balance_fen;
        Ok::<_, Fault>((told, owed))
    });
    let words: Vec<_> = told.iter().map(|order| (order.kind.word(), order.state)).collect();
    let done = |kind| (kind, OrderState::Settled);
    assert_eq!(words, ["apply", "withdraw", "plan", "repay", "repay"].map(done));
    assert_eq!(owed, 300_000, "what the partner has paid out is owed to it");
    core.close();
    bench.verify();
}

/// Waits for a status as long as a claim of the dead may last, which is a minute.
#[track_caller]
fn long(app: &App<'_>, order: &str, status: &str) {
    let found = (0..1500).any(|_| {
        pause(60);
        app.order(order)["order_status"] == status
    });
    assert!(found, "{status} did not come: {:?}", app.order(order));
}

/// A server that dies while the partner decides, and while it pays out.
#[track_caller]
fn check_deaths(store: Store, way: Way) {
    let mut bench = lender(store, way);
    let (mut token, mut order) = (String::new(), String::new());
    for step in ["apply", "draw", "repay"] {
        {
            let app = match step {
                "apply" => known(&bench),
                _ => App { token: token.clone(), ..App::new(&bench) },
            };
            match step {
                "apply" => order = app.apply(&json!({})),
                "draw" => {
                    long(&app, &order, "300");
                    app.bind(&order);
                    app.verify(&order);
                    draw(&app, &order, 1000, 1);
                }
                _ => {
                    long(&app, &order, "4101");
                    let all = json!({"orderNo": order, "payType": 2});
                    app.post("repay-submit", &all).said(1, "还款成功");
                }
            }
            token.clone_from(&app.token);
        }
        bench.kill9();
        bench.serve();
    }
    let app = App { token, ..App::new(&bench) };
    long(&app, &order, "4203");
    let core = bench.core();
    let open = || write(&core, |tx| funding::open_orders(tx, first()));
    assert!((0..1500).any(|_| {
        pause(60);
        open().is_empty()
    }));
    assert_eq!(issues(&core), Vec::<String>::new());
    core.close();
    bench.verify();
    // The partner was told of one withdrawal, and nothing twice.
    let journal = bench.folder().join("data/sandbox/funding.journal");
    let journal = std::fs::read_to_string(journal).unwrap();
    let of = |call: &str| journal.matches(&format!("\"call\":\"{call}\"")).count();
    assert_eq!(["apply", "withdraw", "plan", "repay"].map(of), [1; 4], "{journal}");
}

#[test]
fn a_server_that_dies_goes_on_where_it_was_on_sqlite() {
    check_deaths(Store::Sqlite, Way::Http);
}

#[test]
fn a_server_that_dies_goes_on_where_it_was_on_postgres() {
    check_deaths(Store::Postgres, Way::Http);
}

#[test]
fn a_server_that_dies_goes_on_with_a_partner_that_is_asked() {
    check_deaths(Store::Sqlite, Way::InProcess);
}

#[test]
fn an_order_lives_by_the_partners_callbacks_on_sqlite() {
    check_life(Store::Sqlite, Way::Http);
}

#[test]
fn an_order_lives_by_the_partners_callbacks_on_postgres() {
    check_life(Store::Postgres, Way::Http);
}

#[test]
fn an_order_lives_by_questions_to_the_partner_on_sqlite() {
    check_life(Store::Sqlite, Way::InProcess);
}

#[test]
fn an_order_lives_by_questions_to_the_partner_on_postgres() {
    check_life(Store::Postgres, Way::InProcess);
}
