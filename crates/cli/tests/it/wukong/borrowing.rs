//! A loan from the home page to the last fen, and the texts that refuse one.

use kernel::id::{ApplicationId, OperatorId};
use kernel::identity::{BankCardNo, CardBins, IdCardNo};
use kernel::{Channel, Mobile, Money, RealName};
use lending::audit::Actor;
use lending::credit::{self, CouponKind, Issue};
use lending::customers::{self, BeginBankCard, BeginRealName};
use lending::origination::{self, Approved, Review, Verdict};
use lending::ports::CheckOutcome;
use lending::servicing::{self, BeginRepayment, Meant};
use lending::{Fault, Lending, Tx, identity};
use serde_json::{Value, json};

use super::App;
use crate::bench::{Bench, Store, pause};
use crate::lender::write;
use crate::people::{CARD, ID_NO};

const ALICE: &str = "13800000001";

fn member_of(tx: &mut Tx<'_, '_>) -> Result<kernel::id::MemberId, Fault> {
    let mobile = Mobile::parse(ALICE).unwrap();
    Ok(identity::find(tx, Channel::Wukong, &mobile)?.unwrap())
}

/// The card and the phone, as providers would prove them.
#[track_caller]
pub(crate) fn prove_card_and_phone(core: &Lending) {
    write(core, |tx| {
        let member = member_of(tx)?;
        let number = BankCardNo::parse(CARD).unwrap();
        let begin = BeginBankCard { member, number, mobile: Mobile::parse(ALICE).unwrap() };
        let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
        customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
        Ok::<_, Fault>(())
    });
    prove_phone(core);
}

/// Who the customer is, where no provider answers.
#[track_caller]
pub(super) fn prove_name(core: &Lending) {
    write(core, |tx| {
        let member = member_of(tx)?;
        let (name, id_no) = (RealName::parse("李小明").unwrap(), IdCardNo::parse(ID_NO).unwrap());
        let begin = BeginRealName { member, name, id_no };
        let check = customers::begin_real_name(tx, &begin).unwrap();
        customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
        Ok::<_, Fault>(())
    });
}

#[track_caller]
pub(super) fn prove_phone(core: &Lending) {
    write(core, |tx| {
        let member = member_of(tx)?;
        let check = customers::begin_mobile(tx, member).unwrap();
        customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
        Ok::<_, Fault>(())
    });
}

#[track_caller]
pub(super) fn review(core: &Lending, operator: i64, id: i64, yes: bool) {
    let (operator, application) =
        (OperatorId::from_number(operator), ApplicationId::from_number(id));
    write(core, move |tx| {
        let offer = origination::application(tx, application)?.unwrap().offer();
        let approved = Approved { amount: offer.amount, tenor: offer.tenor };
        let verdict =
            if yes { Verdict::Approve(approved) } else { Verdict::Refuse("不符".into()) };
        let note = "looked at".to_owned();
        origination::review(tx, &Review { operator, application, verdict, note })
    });
}

/// Looks at the home page until it shows a state.
#[track_caller]
pub(crate) fn wait_for(app: &App<'_>, state: &str) -> Value {
    for _ in 0..200 {
        let page = app.get("/home").one().clone();
        if page["state"] == state {
            return page;
        }
        pause(50);
    }
    panic!("{state} did not come: {:?}", app.get("/home").0);
}

fn titles(page: &Value) -> Vec<&str> {
    page["detail"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[track_caller]
pub(super) fn check_loan(store: Store) {
    let bench = Bench::start(store);
    let mut app = App::new(&bench);
    // 首页 for visitors.
    let page = app.get("/home").one().clone();
    assert_eq!((&page["quota"], &page["state"]), (&json!("2000"), &json!("")));
    assert_eq!(page.get("id"), None);
    app.sign_up(ALICE, "secret99");
    let loan = |amount: &str, period: &str, what: &str| {
        app.post(&format!("/loan-{what}"), &format!("amount={amount}&period={period}"))
    };
    assert_eq!(loan("1000", "14", "confirm").refused(), "请先完成认证后，才可以借款");
    assert_eq!(app.get("/loan-contract").refused(), "请先完成认证后，才可以借款");
    app.prove("李小明", ID_NO);
    let core = bench.core();
    prove_card_and_phone(&core);
    let state = json!({"is_identity_auth": 1, "is_profile_auth": 1, "is_bankcard_auth": 1,
        "is_phone_auth": 1});
    assert_eq!(*app.get("/user-auth-state").one(), state);
    for (amount, period, text) in [
        ("", "", "参数错误"),
        ("-1", "14", "参数错误"),
        ("1000.001", "14", "参数错误"),
        ("1000", "x", "参数错误"),
        ("2001", "14", "借款额度不能超过可用额度"),
        ("499.99", "14", "借款额度不能小于产品最低额度"),
        ("1000", "6", "借款时间不能小于产品借款周期下限"),
        ("1000", "31", "借款时间不能大于产品借款周期上限"),
    ] {
        assert_eq!(loan(amount, period, "confirm").refused(), text, "{amount} {period}");
        assert_eq!(loan(amount, period, "submit").refused(), text, "{amount} {period}");
    }
    // 1000 × 14 × 12 % / 360 = 4.67; three fees of 0.05 %.
    let confirmed = loan("1000", "14", "confirm");
    assert_eq!(
        *confirmed.one(),
        json!({"amount": "1000", "period": "14", "bank": "中国建设银行（尾号0012）",
            "arrival_amount": "1000", "interest": "6.17", "accrual": 4.67, "trialFee": 0.5,
            "serviceFee": 0.5, "poundage": 0.5, "otherFee": 1.5,
            "annualized_interest_rate": "0.12"})
    );
    assert_eq!(*loan("1000", "14", "submit").done("提交成功"), Value::Null);
    assert_eq!(loan("1000", "14", "submit").refused(), "您有未完成的借款订单");
    let page = wait_for(&app, "auditing");
    let text = |name: &str| page[name].as_str().unwrap().to_owned();
    assert_eq!(text("quota"), "1000");
    assert_eq!((text("min_quota"), text("max_quota")), ("500".into(), "2000".into()));
    assert_eq!((text("overdue_rate"), text("success_count")), ("0.03".into(), "0".into()));
    assert_eq!(text("mobile"), ALICE);
    assert_eq!(titles(&page), ["auditing", "submit_success"]);
    let content = json!({"quota": 1000, "period": 14, "poundage": 6.17});
    assert_eq!(page["detail"][0]["content"], content);
    assert!(page["detail"][0]["time"].as_str().unwrap().parse::<i64>().is_ok());
    let id: i64 = text("id").parse().unwrap();
    review(&core, 1, id, true);
    wait_for(&app, "reviewing");
    review(&core, 2, id, true);
    let page = wait_for(&app, "review_success");
    assert_eq!(titles(&page), ["audit_success", "auditing", "submit_success"]);
    let passed = json!({"quota": 1000, "period": 14, "poundage": 6.17,
        "bank_name": "中国建设银行", "end_bank_no": "0012"});
    assert_eq!(page["detail"][0]["content"], passed);
    let application = ApplicationId::from_number(id);
    write(&core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    let page = wait_for(&app, "repaying");
    assert_eq!(titles(&page), ["repaying", "granting", "audit_success"]);
    assert_eq!(page["detail"][0]["content"]["repay_amount"], json!(1006.17));
    assert_eq!(page["detail"][1]["content"], json!({"end_bank_no": "0012"}));
    late_and_repaid(&bench, &app, &core, id);
    core.close();
    bench.verify();
}

/// 20 days after the payout the loan is 6 days late, and then it is repaid.
#[track_caller]
fn late_and_repaid(bench: &Bench, app: &App<'_>, core: &Lending, id: i64) {
    bench.cli_ok(&["clock", "advance", "20d"]);
    core.follow_clock().unwrap();
    let page = wait_for(app, "overdue");
    let numbers = json!([1000, 0.03, 500, 2000, 0, id]);
    let shown = ["quota", "overdue_rate", "min_quota", "max_quota", "success_count", "id"];
    assert_eq!(Value::from_iter(shown.map(|name| page[name].clone())), numbers);
    // 1000 × 0.03 % × 6 = 1.80.
    assert_eq!(
        page["detail"],
        json!([{"title": "overdue", "content": {"overdue_day": 6, "overdue_principal": 1006.17,
            "overdue_amount": 1.8, "overdue_rate": "0.0003", "max_overdue": false,
            "limit_overdue_days": 30}}])
    );
    let record = app.get("/repayments-record").done("")[0].clone();
    assert_eq!((&record["loan_id"], &record["quota"]), (&json!(id.to_string()), &json!(1007.97)));
    assert_eq!(record["state"], "overdue");
    write(core, move |tx| {
        let member = member_of(tx)?;
        let application = ApplicationId::from_number(id);
        let loan = servicing::loan_of_application(tx, application)?.unwrap();
        let row = servicing::plan(tx, loan.id)?.first().unwrap().id;
        let begin = BeginRepayment { member, row, meant: Meant::Row, coupon: None };
        servicing::begin_repayment(tx, &begin).map_err(|error| Fault::Engine(error.to_string()))
    });
    let page = wait_for(app, "");
    assert_eq!((&page["quota"], &page["success_count"]), (&json!("2000"), &json!("1")));
    let answer = app.get("/repayments-record?offset=0&limit=1");
    let record = &answer.done("")[0];
    assert_eq!((&record["quota"], &record["state"]), (&json!(1007.97), &json!("finished")));
    assert_eq!(answer.0["has_more"], false);
    let detail = app.get(&format!("/loan-record-detail?loan_id={id}")).one().clone();
    assert_eq!(
        (&detail["quota"], &detail["period"], &detail["bank"], &detail["state"]),
        (&json!(1000), &json!(14), &json!("中国建设银行（尾号0012）"), &json!("finished"))
    );
    let seconds = |name: &str| detail[name].as_str().unwrap().parse::<i64>().unwrap();
    let days = (seconds("planned_repayment_at") - seconds("lending_at")).div_euclid(86_400);
    assert!((13..=14).contains(&days), "{detail}");
    // Nobody else sees it.
    let mut other = App::new(bench);
    other.sign_up("13800000002", "secret99");
    let foreign = other.get(&format!("/loan-record-detail?loan_id={id}"));
    assert_eq!(foreign.refused(), "借款记录不存在");
    let empty = other.get("/loan-record");
    assert_eq!((empty.done(""), &empty.0["has_more"]), (&json!([]), &json!(false)));
    refused_and_frozen(app, core);
}

#[track_caller]
fn refused_and_frozen(app: &App<'_>, core: &Lending) {
    app.post_json("/loan-submit", &json!({"amount": 500, "period": 7})).done("提交成功");
    let id: i64 = wait_for(app, "auditing")["id"].as_str().unwrap().parse().unwrap();
    review(core, 1, id, false);
    let page = wait_for(app, "audit_failure");
    assert_eq!(titles(&page)[0], "audit_failure");
    assert!(page["detail"][0]["content"]["failure_at"].is_string());
    let frozen = app.post("/loan-submit", "amount=500&period=7");
    assert_eq!(frozen.refused(), "您的借款仍处于冻结状态，请耐心等待");
    // 借款记录: newest first, in parts, past the end an empty list.
    let history = app.get("/loan-record");
    let states: Vec<_> =
        history.done("").as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["audit_failure", "finished"]);
    let row = &history.done("")[0];
    assert!(row["loan_id"].is_i64() && row["quota"].is_i64() && row["state_time"].is_string());
    let part = app.get("/1/loan-record?offset=0&limit=1");
    assert_eq!(part.done("").as_array().unwrap().len(), 1);
    assert_eq!(part.0["has_more"], true);
    let beyond = app.get("/loan-record?offset=2");
    assert_eq!((beyond.done(""), &beyond.0["has_more"]), (&json!([]), &json!(false)));
}

#[test]
fn a_loan_lives_and_ends_on_sqlite() {
    check_loan(Store::Sqlite);
}

#[test]
fn a_loan_lives_and_ends_on_postgres() {
    check_loan(Store::Postgres);
}

#[test]
pub(super) fn what_a_customer_has_is_shown_to_them_alone() {
    let bench = Bench::start(Store::Sqlite);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    // Nothing told, nothing proven.
    assert_eq!(
        *app.get("/user-profile").one(),
        json!({"live_area": [], "live_addr": "", "live_time": [], "is_work_auth": 0,
            "is_relation_auth": 0})
    );
    assert_eq!(app.get("/user-work").one()["industry"], "");
    assert_eq!(
        *app.get("/lm-get-identity").one(),
        json!({"real_name": "", "identity_no": "", "state": "nopass"})
    );
    let identity = |name: &str, number: &str| {
        let form = format!("username={name}&identityno={number}");
        app.post("/lm-identity", &form).said().1.to_owned()
    };
    assert_eq!(identity("", ""), "参数错误");
    assert_eq!(identity("李小明", "110101199001010032"), "nopass");
    assert_eq!(identity("龘小明", ID_NO), "nopass");
    app.prove("李小明", ID_NO);
    assert_eq!(identity("李小明", ID_NO), "不能重复认证");
    assert_eq!(
        *app.get("/lm-get-identity").one(),
        json!({"real_name": "李小明", "identity_no": ID_NO, "state": "pass"})
    );
    let work = app.get("/user-work").one().clone();
    assert_eq!(work["company_area"], json!(["福建省", "厦门市", "湖里区"]));
    let relation = app.get("/user-relation").one().clone();
    assert_eq!(relation["linkman_relation_sec"], json!(["同事"]));
    let core = bench.core();
    prove_card_and_phone(&core);
    assert_eq!(
        *app.get("/auth-bankcard-get").one(),
        json!({"id": 1, "bank_name": "中国建设银行", "bank_no": "6217********0012",
            "bank_code": "01050000", "is_default": 1})
    );
    app.put("/set-bankcard-default", "id=1").done("设置成功");
    assert_eq!(app.put("/set-bankcard-default", "id=2").refused(), "银行卡不存在");
    assert_eq!(app.put("/set-bankcard-default", "id=0").refused(), "银行卡不存在");
    assert_eq!(app.put("/set-bankcard-default", "").refused(), "参数错误");
    app.get(&format!("/llpay-cardbin?card_no={CARD}")).done("");
    let wrong = app.get("/llpay-cardbin?card_no=6217000000000000013");
    assert_eq!(wrong.refused(), "银行卡号有误或不支持该银行卡");
    let contract = app.get("/loan-contract");
    assert_eq!(
        *contract.done(""),
        json!({"borrower": "李小明", "id_no": ID_NO, "addr": "福建省厦门市某路1号",
            "mobile": ALICE, "annualized_interest_rate": "0.12", "account_name": "中国建设银行",
            "account_no": CARD})
    );
    coupons(&app, &core);
    core.close();
}

/// A coupon of each kind, 10 and 1020 yuan, good for today.
#[track_caller]
pub(super) fn issue_coupons(core: &Lending) {
    write(core, |tx| {
        let (member, today) = (member_of(tx)?, tx.at().business.date());
        for (kind, yuan) in [(CouponKind::Deduction, 10), (CouponKind::Cash, 1020)] {
            let money = |yuan| Money::from_yuan(yuan).unwrap();
            let issue = Issue {
                actor: Actor::Platform,
                member,
                kind,
                amount: money(yuan),
                min_repayment: money(400),
                min_withdrawal: money(1200),
                last_day: today,
            };
            credit::issue(tx, &issue).map_err(|error| Fault::Engine(error.to_string()))?;
        }
        Ok::<_, Fault>(())
    });
}

#[track_caller]
fn coupons(app: &App<'_>, core: &Lending) {
    let none = app.get("/cash-coupon-get");
    assert_eq!((none.done(""), &none.0["has_more"]), (&json!([]), &json!(false)));
    issue_coupons(core);
    let shown = app.get("/cash-coupon-get?limit=1");
    let coupon = &shown.done("")[0];
    assert_eq!(shown.0["has_more"], true);
    let names =
        ["coupon_id", "coupon_name", "coupon_amount", "min_repayment", "min_withdrawal", "state"];
    let of = |coupon: &Value| Value::from_iter(names.map(|name| coupon[name].clone()));
    assert_eq!(of(coupon), json!([2, 2, 1020, 400, 1200, 0]));
    assert!(coupon["end_at"].is_i64());
    let older = app.get("/cash-coupon-get?offset=1");
    assert_eq!(of(&older.done("")[0]), json!([1, 1, 10, 400, 1200, 0]));
}
