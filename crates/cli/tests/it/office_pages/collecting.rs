//! Collections and a person's rights on the pages.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::bench::{Bench, Store, pause};
use crate::office::{borrower, mobile};
use crate::operators::{call, on_both};

on_both! {
    a_collector_works_through_a_case
    a_copy_is_a_file_and_an_erasure_says_what_stays
}

fn api(bench: &Bench, who: &Browser, path: &str, body: &Value) -> Value {
    let method = if body.is_null() { "GET" } else { "POST" };
    let (status, answer) = call(bench, method, path, &who.cookies["jiehuan_console"], body);
    assert!((200..300).contains(&status), "{path}: {answer}");
    answer
}

/// A loan that is paid out, and so many days and hours later.
fn lender(store: Store, days: u32) -> (Bench, Browser) {
    let bench = Bench::start_with(store, &[("JIEHUAN_LENDING_AUTO_DEBIT", "false")]);
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" } ] });
    bench.load(&fixture.to_string());
    let boss = Browser::of(&bench, "boss", "administrator,senior-reviewer,cashier,collector");
    api(&bench, &boss, "/applications/1/review", &json!({ "verdict": "approve" }));
    api(&bench, &boss, "/applications/1/payout", &json!({}));
    for _ in 0..400 {
        if api(&bench, &boss, "/loans/1", &Value::Null)["loan"]["state"] == "repaying" {
            break;
        }
        pause(50);
    }
    let business = api(&bench, &boss, "/clock", &Value::Null)["business"].clone();
    let now: u32 = business.as_str().unwrap()[11..13].parse().unwrap();
    let later = json!({ "days": days, "hours": (24 + 10 - now) % 24 });
    api(&bench, &boss, "/clock/advance", &later);
    for _ in 0..400 {
        let run = api(&bench, &boss, "/day-ends/run", &json!({}));
        if run["up_to_date"] == true || run["waiting"] == true {
            break;
        }
    }
    (bench, boss)
}

fn a_collector_works_through_a_case(store: Store) {
    let (bench, _) = lender(store, 20);
    let mut anna = Browser::of(&bench, "anna", "collector");
    let list = anna.get("/console/collections");
    for seen in ["/console/collections/1", "M1", "今日逾期金额", "导出 CSV"] {
        list.has(seen);
    }
    assert!(!anna.get("/console").text.contains("/console/collections/breaches"));
    let case = anna.get("/console/collections/1");
    for seen in ["无人催收", "领取后可拨打并登记催收记录", "可联系", "0 / 3", "每日 8:00 至 22:00"]
    {
        case.has(seen);
    }
    assert!(!case.text.contains("/console/do/collections/1/call"), "not before it is taken");
    let taken = anna.done("/console/do/collections/1/assign", &[]);
    for seen in [
        "已完成：领取或转派",
        "由我催收",
        "/console/do/collections/1/call",
        "action=\"/console/do/collections/1/contacts\"",
    ] {
        taken.has(seen);
    }
    // The number stands on the answer alone, which no browser keeps, with the form under it.
    let number = anna.fill("/console/do/collections/1/call", &[("reason", "提醒还款")]);
    number.is(200);
    assert_eq!(number.header("cache-control"), "no-store");
    for seen in [&mobile(1), "1 / 3", "登记催收记录"] {
        number.has(seen);
    }
    let wrong = anna.fill(
        "/console/do/collections/1/contacts",
        &[("way", "call"), ("outcome", "promised"), ("promise_day", "2026-01-01")],
    );
    wrong.is(422);
    wrong.has("此项填写不正确");
    let day = anna.get("/console").text;
    let day = day.split("业务日 ").nth(1).unwrap()[..10].to_owned();
    let noted = anna.done(
        "/console/do/collections/1/contacts",
        &[
            ("way", "call"),
            ("outcome", "promised"),
            ("promise_amount", "500.00"),
            ("promise_day", &day),
            ("note", "<script>alert(1)</script>"),
        ],
    );
    for seen in ["待兑现 · ¥500.00", "&#60;script&#62;", "1 / 3"] {
        noted.has(seen);
    }
    assert!(!noted.text.contains("<script>alert"));
    anna.get("/console/loans/1").has("催收记录");
    let stopped = anna.done(
        "/console/do/customers/1/stop-contact",
        &[("kind", "hardship"), ("reason", "客户失业")],
    );
    stopped.has("停催：困难，直至恢复");
    anna.get("/console/collections/1").has("停催期间联系");
    let refused = anna.fill("/console/do/collections/1/call", &[("reason", "提醒还款")]);
    refused.is(409);
    refused.has("该客户处于停催状态");
    bench.verify();
}

fn a_copy_is_a_file_and_an_erasure_says_what_stays(store: Store) {
    let (bench, mut boss) = lender(store, 14);
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    senior.get("/console/customers/1").has("/console/do/customers/1/export");
    let file = senior.fill("/console/do/customers/1/export", &[("reason", "本人申请")]);
    file.is(200);
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"customer-1.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let json: Value = serde_json::from_str(&file.text).unwrap();
    assert!(json["sections"].as_array().unwrap().len() > 8);
    let refused = boss.fill("/console/do/customers/1/erase", &[("reason", "本人申请")]);
    refused.is(409);
    refused.has("尚有未了结事项，不能删除：借据");
    let paid = json!({ "amount": "1007.00", "reference": "x1" });
    api(&bench, &boss, "/loans/1/payments", &paid);
    let done = boss.done("/console/do/customers/1/erase", &[("reason", "本人申请")]);
    for seen in ["已完成：删除个人信息", "依法留存", "已删除", "未实名客户"] {
        done.has(seen);
    }
    assert!(!done.text.contains(&mobile(1)[7..]), "no digit of the number");
    let home = boss.get("/console");
    home.has("账龄曲线");
    boss.get("/console/vintage").has("MOB 12");
    bench.verify();
}
