//! Many hands on one thing at once: nothing is filled over, spent twice or decided twice.

use std::fmt::Write as _;
use std::sync::{Barrier, Mutex};

use crate::bench::{Answer, Bench, PASSWORD, Store, fen};

/// Runs the same work on so many threads, all let go at once, and gives the answers.
fn all_at_once(threads: usize, work: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(threads);
    let answers = Mutex::new(Vec::with_capacity(threads));
    std::thread::scope(|scope| {
        for number in 0..threads {
            let (barrier, answers, work) = (&barrier, &answers, &work);
            scope.spawn(move || {
                barrier.wait();
                let answer = work(number);
                answers.lock().unwrap().push(answer);
            });
        }
    });
    answers.into_inner().unwrap()
}

/// So many members, numbered from 1 with mobiles from 13800000001, each with this in the wallet.
fn members(count: u32, kind: u8, first: u32, wallet: &str) -> String {
    let mut text = String::new();
    for id in first..first + count {
        let comma = if id == first { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"id":{id},"mobile_phone":"138{id:08}","pwd":"password1","type":{kind},"reg_name":"会员{id}","leave_amount":{wallet}}}"#
        );
    }
    text
}

fn mobile(id: u32) -> String {
    format!("138{id:08}")
}

fn successes(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.code() == 0).count()
}

#[track_caller]
fn check_bids_fill_exactly(store: Store) {
    let bench = Bench::start(store);
    // Member 1 borrows 30,000, of which 20,000 are bid; members 2 to 11 hold 5,000 each.
    bench.load(&format!(
        r#"{{"members":[{},{}],"loans":[{{"id":1,"member_id":1,"title":"抢标","amount":30000,"loan_rate":12.0,"loan_term":1,"loan_date_type":1,"bidding_days":5,"status":2}}],"invests":[{{"member_id":2,"loan_id":1,"amount":20000}}]}}"#,
        members(1, 1, 1, "0"),
        members(10, 1, 2, "5000"),
    ));
    let tokens: Vec<_> = (2..12).map(|id| (id, bench.login(&mobile(id), PASSWORD))).collect();
    let answers = all_at_once(200, |number| {
        let (id, token) = &tokens[number % tokens.len()];
        let body = format!(r#"{{"member_id":{id},"loan_id":1,"amount":100}}"#);
        bench.call("POST", "/futureloan/member/invest", token, &body)
    });
    assert_eq!(successes(&answers), 100, "10,000 yuan are a hundred bids of 100");
    for answer in answers.iter().filter(|answer| answer.code() != 0) {
        let text = answer.json()["msg"].as_str().unwrap().to_owned();
        let told = text == "该项目不在竞标中状态" || text.starts_with("该标可投金额不足");
        assert!(answer.code() == 2 && told, "{}", answer.text);
    }
    let loan = bench.call("GET", "/futureloan/loans", "", "").data()[0].clone();
    assert_eq!(loan["status"], 3, "{loan}");
    let left: i64 = tokens.iter().map(|(id, token)| bench.balance(token, *id)).sum();
    assert_eq!(left, 10 * 500_000 - 1_000_000, "the bidders paid exactly the rest");
    // The plan repays the whole loan: 30,000 and one month of 12 % a year, 300.00.
    let borrower = bench.login(&mobile(1), PASSWORD);
    assert_eq!(bench.balance(&borrower, 1), 3_000_000);
    let (mut principal, mut interest, mut page) = (0, 0, 1);
    loop {
        let path = format!("/futureloan/loan/1/repayments?pageIndex={page}&pageSize=100");
        let rows = bench.call("GET", &path, &borrower, "").data();
        let rows = rows.as_array().unwrap();
        principal += rows.iter().map(|row| fen(&row["unfinished_principal"])).sum::<i64>();
        interest += rows.iter().map(|row| fen(&row["unfinished_interest"])).sum::<i64>();
        if rows.len() < 100 {
            break;
        }
        page += 1;
    }
    assert_eq!((principal, interest), (3_000_000, 30_000));
    bench.verify();
}

#[track_caller]
fn check_withdrawals_stop_at_zero(store: Store) {
    let bench = Bench::start(store);
    bench.load(&format!(r#"{{"members":[{}]}}"#, members(1, 1, 1, "5000.5")));
    let token = bench.login(&mobile(1), PASSWORD);
    let answers = all_at_once(100, |_| {
        let body = r#"{"member_id":1,"amount":100.25}"#;
        bench.call("POST", "/futureloan/member/withdraw", &token, body)
    });
    // By hand: 49 x 100.25 = 4912.25, 50 x 100.25 = 5012.50 > 5000.50; 88.25 stay.
    assert_eq!(successes(&answers), 49);
    for answer in answers.iter().filter(|answer| answer.code() != 0) {
        assert_eq!((answer.code(), &answer.json()["msg"]), (1002, &"余额不足".into()));
    }
    assert_eq!(bench.balance(&token, 1), 8825);
    bench.verify();
}

/// With room for one waiting call, most of a hundred are told at once that the server is busy;
/// what was answered with success happened, and nothing else.
#[track_caller]
fn check_a_full_queue_is_busy(store: Store) {
    let settings = [("JIEHUAN_STORE_QUEUE", "1"), ("JIEHUAN_STORE_GROUP", "1")];
    let bench = Bench::start_with(store, &settings);
    bench.load(&format!(r#"{{"members":[{}]}}"#, members(1, 1, 1, "0")));
    let token = bench.login(&mobile(1), PASSWORD);
    let answers = all_at_once(100, |_| {
        let body = r#"{"member_id":1,"amount":0.01}"#;
        bench.call("POST", "/futureloan/member/recharge", &token, body)
    });
    for answer in answers.iter().filter(|answer| answer.code() != 0) {
        assert_eq!((answer.code(), &answer.json()["msg"]), (1005, &"服务器繁忙".into()));
    }
    let carried_out = i64::try_from(successes(&answers)).unwrap();
    assert!(
        (1..100).contains(&carried_out),
        "{carried_out} of 100 calls went through a queue of one"
    );
    // The queue may still be full of the last of them.
    let balance = (0..50).find_map(|_| {
        let answer = bench.call("GET", "/futureloan/member/1/info", &token, "");
        (answer.code() == 0).then(|| fen(&answer.data()["leave_amount"]))
    });
    assert_eq!(balance, Some(carried_out));
    bench.verify();
}

#[track_caller]
fn check_one_key_has_one_effect(store: Store) {
    let bench = Bench::start(store);
    bench.load(&format!(r#"{{"members":[{}]}}"#, members(1, 1, 1, "1000")));
    let token = bench.login(&mobile(1), PASSWORD);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("x-lemonban-media-type", "lemonban.v2"),
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("idempotency-key", "recharge-one"),
    ];
    let answers = all_at_once(50, |_| {
        let body = br#"{"member_id":1,"amount":63.07}"#;
        bench.request("POST", "/futureloan/member/recharge", &headers, body)
    });
    for answer in &answers {
        assert_eq!(answer.text, answers[0].text, "every repeat gets the first answer");
    }
    assert_eq!(successes(&answers), 50);
    assert_eq!(bench.balance(&token, 1), 106_307);
    bench.verify();
}

#[track_caller]
fn check_one_audit_wins(store: Store) {
    let bench = Bench::start(store);
    let mut loans = String::new();
    for id in 1..=20 {
        let comma = if id == 1 { "" } else { "," };
        let _ = write!(
            loans,
            r#"{comma}{{"id":{id},"member_id":1,"title":"待审","amount":1000,"loan_rate":12.0,"loan_term":1,"loan_date_type":1,"bidding_days":5,"status":1}}"#
        );
    }
    bench.load(&format!(
        r#"{{"members":[{},{}],"loans":[{loans}]}}"#,
        members(1, 1, 1, "0"),
        members(2, 0, 2, "0"),
    ));
    let tokens = [bench.login(&mobile(2), PASSWORD), bench.login(&mobile(3), PASSWORD)];
    for loan in 1..=20 {
        let answers = all_at_once(2, |number| {
            let body = format!(r#"{{"loan_id":{loan},"approved_or_not":{}}}"#, number == 0);
            bench.call("PATCH", "/futureloan/loan/audit", &tokens[number], &body)
        });
        assert_eq!(successes(&answers), 1, "{answers:?}");
        let loser = answers.iter().find(|answer| answer.code() != 0).unwrap();
        assert_eq!((loser.code(), &loser.json()["msg"]), (2, &"项目不在审核中状态".into()));
    }
    bench.verify();
}

#[test]
fn bids_fill_a_loan_exactly_on_sqlite() {
    check_bids_fill_exactly(Store::Sqlite);
}

#[test]
fn bids_fill_a_loan_exactly_on_postgres() {
    check_bids_fill_exactly(Store::Postgres);
}

#[test]
fn withdrawals_stop_at_zero_on_sqlite() {
    check_withdrawals_stop_at_zero(Store::Sqlite);
}

#[test]
fn withdrawals_stop_at_zero_on_postgres() {
    check_withdrawals_stop_at_zero(Store::Postgres);
}

#[test]
fn one_key_has_one_effect_on_sqlite() {
    check_one_key_has_one_effect(Store::Sqlite);
}

#[test]
fn one_key_has_one_effect_on_postgres() {
    check_one_key_has_one_effect(Store::Postgres);
}

#[test]
fn one_audit_wins_on_sqlite() {
    check_one_audit_wins(Store::Sqlite);
}

#[test]
fn one_audit_wins_on_postgres() {
    check_one_audit_wins(Store::Postgres);
}

#[test]
fn a_full_queue_answers_busy_at_once_on_sqlite() {
    check_a_full_queue_is_busy(Store::Sqlite);
}

#[test]
fn a_full_queue_answers_busy_at_once_on_postgres() {
    check_a_full_queue_is_busy(Store::Postgres);
}
