//! The tables that suites of this channel look into, read with the engines' own clients.

use crate::bench::{Bench, PASSWORD, Store};

/// What each view offers, in this order.
const VIEWS: &[(&str, &str)] = &[
    ("member", "id, reg_name, pwd, mobile_phone, type, leave_amount, reg_time"),
    (
        "loan",
        "id, member_id, title, amount, loan_rate, loan_term, loan_date_type, bidding_days, \
         create_time, bidding_start_time, full_time, status",
    ),
    ("invest", "id, member_id, loan_id, amount, create_time, is_valid"),
    (
        "financelog",
        "id, create_time, pay_member_id, income_member_id, amount, income_member_money, \
         pay_member_money, status",
    ),
    (
        "repayment",
        "id, invest_id, create_time, terms, unfinished_principal, unfinished_interest, \
         repayment_date, actual_repayment_date, status",
    ),
];

const FIXTURE: &str = r#"{"members":[
{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小借","leave_amount":0},
{"id":2,"mobile_phone":"13800000002","pwd":"password1","type":1,"reg_name":"小贷","leave_amount":2000.5}],
"loans":[{"id":1,"member_id":1,"title":"学费","amount":1000,"loan_rate":12.0,"loan_term":2,"loan_date_type":1,"bidding_days":5,"status":2}]}"#;

#[track_caller]
fn check(store: Store, prefix: &str) {
    let bench = Bench::start(store);
    bench.load(FIXTURE);
    let token = bench.login("13800000002", PASSWORD);
    let recharge = r#"{"member_id":2,"amount":99.5}"#;
    bench.call("POST", "/futureloan/member/recharge", &token, recharge).data();
    let invest = r#"{"member_id":2,"loan_id":1,"amount":1000}"#;
    let invested = bench.call("POST", "/futureloan/member/invest", &token, invest).data();
    for (view, columns) in VIEWS {
        bench.sql(&format!("SELECT {columns} FROM {prefix}{view}"));
    }
    // Both engines print numbers their own way; compare them as hundredths.
    let number = |sql: &str| bench.sql(&sql.replace("FROM ", &format!("FROM {prefix}")));
    let member = "SELECT CAST(ROUND(leave_amount * 100) AS INTEGER) FROM member WHERE id = 2";
    assert_eq!(number(member), "110000");
    assert_eq!(number("SELECT status FROM loan WHERE id = 1"), "3");
    let id = invested["id"].as_u64().expect("an id is a number").to_string();
    assert_eq!(number("SELECT id FROM invest WHERE loan_id = 1 AND is_valid = 1"), id);
    let plan = "SELECT COUNT(*), CAST(ROUND(SUM(unfinished_principal) * 100) AS INTEGER), \
                CAST(ROUND(SUM(unfinished_interest) * 100) AS INTEGER) FROM repayment";
    assert_eq!(number(plan), "2|100000|2000"); // two months of 1000 x 12 % / 12 = 10.00
    let recharged = "SELECT COUNT(*) FROM financelog WHERE income_member_id = 2 \
                     AND CAST(ROUND(amount * 100) AS INTEGER) = 9950 AND status = 1";
    assert_eq!(number(recharged), "1");
    // The borrower got 1,000.00 and pays the first 10.00; the investor had 1,100.00 left.
    let borrower = bench.login("13800000001", PASSWORD);
    bench.call("POST", "/futureloan/loan/1/repay", &borrower, "").data();
    let money = "SELECT CAST(ROUND(income_member_money * 100) AS INTEGER), \
                 CAST(ROUND(pay_member_money * 100) AS INTEGER), status FROM financelog \
                 WHERE pay_member_id = 1 AND income_member_id = 2";
    assert_eq!(number(money), "111000|99000|1");
    let bid = money.replace("pay_member_id = 1 AND income_member_id = 2", "pay_member_id = 2");
    assert_eq!(number(&bid), "100000|110000|1");
    // The password column shows one fixed mask, and the mobile number is open on a bench.
    assert_eq!(number("SELECT COUNT(DISTINCT pwd) FROM member"), "1");
    assert!(!number("SELECT pwd FROM member WHERE id = 2").contains("argon2"));
    assert_eq!(number("SELECT mobile_phone FROM member WHERE id = 2"), "13800000002");
}

#[test]
fn suites_can_read_the_tables_they_know_on_sqlite() {
    check(Store::Sqlite, "futureloan_");
}

#[test]
fn suites_can_read_the_tables_they_know_on_postgres() {
    check(Store::Postgres, "futureloan.");
}
