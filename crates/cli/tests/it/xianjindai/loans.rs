//! Messages, what is due, and repayment (§24 to §29, §36).

use serde_json::{Value, json};

use super::App;
use super::borrower::id_no;
use crate::bench::{Bench, Store, pause};
use crate::people::card_no;

const CENTER: &str = "/appCommonApi/getUserCenterInfo";
const PLAN: &str = "/appCommonApi/getLoanApplyRepayList";
const DONE: &str = "0000 还款成功";

#[track_caller]
fn check_a_loan(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.borrower(1);
    let empty = app.done(CENTER, json!({}));
    assert_eq!((&empty["totalCredit"], &empty["totalApplyAmount"]), (&"".into(), &"0.00".into()));
    assert_eq!(app.due("0"), [] as [Value; 0]);
    let id = app.borrow("1000.00", 14);

    let center = app.done(CENTER, json!({}));
    for (name, want) in [
        ("realName", "周小舟"),
        ("mobile", "13800000001"),
        ("availableCredit", "4000.00"),
        ("totalCredit", "5000.00"),
        ("totalApplyAmount", "1000.00"),
        // 1000 x 0.18 x 14 / 360 = 7.00.
        ("totalNeedPayAmount", "1007.00"),
    ] {
        assert_eq!(center[name], want, "{name}");
    }
    let loan = &app.applications()[0];
    for (name, want) in [
        ("id", json!(id)),
        ("name", json!("周转金")),
        ("code", json!("DAYS-RANGE")),
        ("applyStatus", json!("4")),
        ("applyAmount", json!("1000.00")),
        ("replyAmount", json!("1000.00")),
        ("repayType", json!("1")),
        ("termCount", json!("14")),
        ("termUnit", json!("1")),
        ("interestRate", json!("0.1800")),
        ("penaltyRate", json!("0.0005")),
        ("authTermCount", json!("14")),
        ("useType", json!("21")),
        ("otherChannels", json!("01")),
    ] {
        assert_eq!(loan[name], want, "{name}");
    }
    assert!(loan["releaseDate"].as_i64() >= loan["applyTime"].as_i64(), "{loan}");

    let plan = app.done(PLAN, json!({"loanProductApplyId": id}));
    let row = &plan[0];
    assert_eq!((&row["duePrincipal"], &row["dueAmount"]), (&"1000.00".into(), &"1007.00".into()));
    let due = app.due("2");
    assert_eq!(due.len(), 1);
    assert_eq!(due[0]["id"], row["repayId"]);
    assert_eq!((&due[0]["repayStatus"], &due[0]["duePenalty"]), (&"0".into(), &"0".into()));
    let day = due[0]["dueRepayDate"].as_str().unwrap();
    assert!(day.ends_with(" 23:59:59.0"), "{day}");
    assert_eq!(app.due("1").len() + app.due("3").len(), 0);
    assert_eq!(app.due("0")[0]["id"], due[0]["id"]);
    check_contracts(&app, &due[0], loan);
    // Settled on the day of the payout, no day's interest is owed.
    assert_eq!(app.due("4")[0]["needPayTotalAmount"], "1000.00");

    let messages =
        app.done("/appCommonApi/getCustomMessage", json!({"pageNum": 1, "pageSize": 10}));
    let messages = messages.as_array().unwrap().iter();
    let mut kinds: Vec<_> = messages.map(|m| m["messageType"].as_str().unwrap()).collect();
    kinds.sort_unstable(); // two nodes wrote them, within a second
    assert_eq!(kinds, ["11", "12", "14"]);

    check_refusals(&app, &id, &due[0]["id"]);
    assert_eq!(app.repay(&due[0]["id"], "current"), DONE);
    assert_eq!(app.repay(&due[0]["id"], "current"), "20007001 借款已经全部还完");
    assert_eq!(app.repay(&due[0]["id"], "all"), "20007001 借款已经全部还完");
    assert_eq!(app.due("1")[0]["repayStatus"], "1");
    assert_eq!(app.due("2").len(), 0);
    assert_eq!(app.applications()[0]["applyStatus"], "5");
    let center = app.done(CENTER, json!({}));
    assert_eq!(center["totalNeedPayAmount"], "0.00");
    assert_eq!(center["availableCredit"], "5000.00");
    bench.verify();
}

/// Another's rows and applications are none of theirs, and no other id is one.
#[track_caller]
fn check_refusals(app: &App<'_>, id: &str, row: &Value) {
    let other = App::new(app.bench);
    other.borrower(2);
    assert_eq!(other.repay(row, "current"), "20007004 不属于该用户的借贷还款");
    assert_eq!(other.told(PLAN, json!({"loanProductApplyId": id})), "90004037 借贷申请不存在");
    assert_eq!(other.due("0").len(), 0);
    assert_eq!(app.repay(&json!("x"), "current"), "20007000 还款计划不存在");
    assert_eq!(app.repay(&json!(id), "current"), "20007000 还款计划不存在", "another kind's id");
    assert_eq!(app.repay(row, "some"), "10001000 repayType格式错误");
    assert_eq!(app.repay(&json!(""), "current"), "10001000 id不能为空");
}

/// Contracts open without a session, as pages and, once rendered, as files.
#[track_caller]
fn check_contracts(app: &App<'_>, row: &Value, loan: &Value) {
    let path = |url: &Value| {
        let url = url.as_str().expect("an address").to_owned();
        let (server, path) = url.split_at(url.find("/xianjindai").unwrap());
        assert!(server.starts_with("http://127.0.0.1:"), "{url}");
        path.to_owned()
    };
    let page = app.bench.request("GET", &path(&row["contractUrl"]), &[], b"");
    assert_eq!(page.header("content-type"), Some("text/html;charset=UTF-8"));
    assert!(page.text.contains("借款合同") && page.text.contains("周小舟"), "{}", page.text);
    let contracts = loan["contractInfoList"].as_array().unwrap();
    let names: Vec<_> = contracts.iter().map(|contract| &contract["contractName"]).collect();
    assert_eq!(names, ["综合融资成本明示表", "借款合同", "委托扣款授权书"]);
    let file = format!("{}.pdf", path(&contracts[1]["contractPath"]));
    for _ in 0..400 {
        let pdf = app.bench.request("GET", &file, &[], b"");
        if pdf.header("content-type") == Some("application/pdf") {
            assert!(pdf.bytes.starts_with(b"%PDF-"));
            return;
        }
        pause(50);
    }
    panic!("no file at {file}");
}

#[test]
fn a_loan_is_lent_and_repaid_on_sqlite() {
    check_a_loan(Store::Sqlite);
}

#[test]
fn a_loan_is_lent_and_repaid_on_postgres() {
    check_a_loan(Store::Postgres);
}

#[track_caller]
fn check_rivals(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.borrower(1);
    app.borrow("1000.00", 14);
    let row = app.due("0")[0]["id"].clone();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let one = |n: usize| {
            let (row, cookie, bench) = (row.clone(), app.cookie(), &bench);
            let how = if n.is_multiple_of(2) { "current" } else { "all" };
            scope.spawn(move || {
                let phone = App::new(bench);
                phone.use_cookie(cookie);
                phone.repay(&row, how)
            })
        };
        let running: Vec<_> = (0..8).map(one).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let paid = outcomes.iter().filter(|outcome| *outcome == DONE).count();
    assert_eq!(paid, 1, "{outcomes:?}");
    for outcome in outcomes.iter().filter(|outcome| *outcome != DONE) {
        let late = ["20007006 还款处理中，请稍后查询", "20007001 借款已经全部还完"];
        assert!(late.contains(&outcome.as_str()), "{outcomes:?}");
    }
    assert_eq!(bench.sql("SELECT COUNT(*) FROM repayment"), "1");
    assert_eq!(app.applications()[0]["applyStatus"], "5");
    bench.verify();
}

#[test]
fn of_eight_repayments_one_is_taken_on_sqlite() {
    check_rivals(Store::Sqlite);
}

#[test]
fn of_eight_repayments_one_is_taken_on_postgres() {
    check_rivals(Store::Postgres);
}

#[test]
fn what_is_late_costs_more() {
    let manual = [("JIEHUAN_LENDING_AUTO_DEBIT", "false")];
    let bench = Bench::start_with(Store::Sqlite, &manual);
    let app = App::new(&bench);
    app.borrower(1);
    app.borrow("1000.00", 7);
    bench.cli_ok(&["clock", "advance", "17d"]);
    for _ in 0..400 {
        // The server follows the clock within seconds.
        if !app.due("3").is_empty() {
            break;
        }
        pause(25);
    }
    let late = app.due("3");
    assert_eq!(late.len(), 1);
    // 1000 x 0.18 x 7 / 360 = 3.50, and ten days of 0.05 % on 1000.00 are 5.00.
    for (name, want) in [
        ("dueInterest", "3.50"),
        ("duePenalty", "5.00"),
        ("dueFeeAmount", "0"),
        ("dueTotalAmount", "1008.50"),
        ("needPayTotalAmount", "1008.50"),
    ] {
        assert_eq!(late[0][name], want, "{name}");
    }
    assert_eq!(app.due("2").len(), 0);
    assert_eq!(app.repay(&late[0]["id"], "current"), DONE);
    bench.verify();
}

#[test]
fn a_bank_that_declines_is_named_and_nothing_is_taken() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    // A card of the sandbox from which nothing can be debited.
    app.borrower_with(1, &id_no(1), &card_no(9901));
    app.borrow("1000.00", 14);
    let row = app.due("0")[0]["id"].clone();
    let refused = app.repay(&row, "current");
    assert!(refused.starts_with("9999 还款失败："), "{refused}");
    assert_eq!(app.due("2").len(), 1);
    assert_eq!(bench.sql("SELECT COUNT(*) FROM repayment"), "0");
    // With another card it can.
    let card = json!({"bankCardNo": card_no(2), "mobile": "13800000001"});
    app.done("/appCommonApi/authUserBankCard", card);
    assert_eq!(app.repay(&row, "all"), DONE);
    bench.verify();
}

#[test]
fn an_answer_that_does_not_come_is_no_failure() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.borrower(1);
    // 1000.92 x 0.18 x 14 / 360 = 7.00644, so that 1007.93 is paid: magic for a decline that comes
    // late; the payout's 1000.92 is magic for a late success.
    app.borrow("1000.92", 14);
    let row = app.due("0")[0]["id"].clone();
    assert_eq!(app.due("0")[0]["needPayTotalAmount"], "1007.93");
    let first = app.repay(&row, "current");
    let under_way = "20007006 还款处理中，请稍后查询";
    assert!(first == under_way || first.starts_with("9999 还款失败："), "{first}");
    for _ in 0..400 {
        if bench.sql("SELECT COUNT(*) FROM payment WHERE state = 'failed'") == "1" {
            break;
        }
        pause(25);
    }
    assert_eq!(bench.sql("SELECT COUNT(*) FROM repayment"), "0");
    assert_eq!(app.due("2").len(), 1);
    bench.verify();
}

#[test]
fn earlier_rows_are_paid_first_and_pages_are_cut() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.borrower(1);
    let months = json!({
        "productId": app.product("分期贷"), "amount": "6000", "termCount": "6", "termUnit": "2",
        "repayTermCount": "1", "repayTermUnit": "2", "repayType": "3", "interestRate": "0.18"
    });
    let asked = super::borrower::application(&months);
    assert_eq!(app.done("/appCommonApi/loanProductApply", asked), "20005000");
    assert_eq!(app.applications()[0]["applyStatus"], "0");
    super::borrower::approve(&bench);
    assert_eq!(app.applications()[0]["applyStatus"], "2");
    super::borrower::pay_out(&bench);
    for _ in 0..400 {
        if app.applications()[0]["applyStatus"] == "4" {
            break;
        }
        pause(25);
    }
    let id = app.applications()[0]["id"].clone();
    let page = |number: u32| {
        let asked = json!({"pageNum": number, "pageSize": 4, "loanProductApplyId": id});
        let page = app.call(PLAN, asked).json;
        let rows = page["resultSet"].as_array().unwrap().len();
        let said = ["total", "pages", "isFirstPage", "isLastPage"].map(|key| page[key].to_string());
        (rows, said.join(" "))
    };
    assert_eq!(page(1), (4, "6 2 true false".to_owned()));
    assert_eq!(page(2), (2, "6 2 false true".to_owned()));
    assert_eq!(page(3), (0, "6 2 false true".to_owned()));
    let rows = app.due("0");
    assert_eq!(rows.len(), 6);
    assert_eq!(app.repay(&rows[1]["id"], "current"), "20007003 前期还完才能还下一期");
    assert_eq!(app.repay(&rows[0]["id"], "current"), DONE);
    assert_eq!(app.repay(&rows[0]["id"], "current"), "20007005 当期已经还完");
    assert_eq!(app.due("4").len(), 1, "one row of each loan that can be settled");
    assert_eq!(app.repay(&rows[1]["id"], "current"), DONE);
    // The rest at once, by any row of the loan.
    assert_eq!(app.repay(&rows[5]["id"], "all"), DONE);
    assert_eq!(app.repay(&rows[5]["id"], "all"), "20007001 借款已经全部还完");
    assert_eq!(app.due("1").len(), 6);
    bench.verify();
}
