//! Every page that a link leads to: what is on it, and that hostile data stays text.

use std::collections::{BTreeMap, BTreeSet};

use channel_kit::route::Method;
use serde_json::{Value, json};

use super::browser::{Browser, Page, attributes, encoded};
use crate::bench::{Bench, Store, pause};
use crate::office::{borrower, mobile};
use crate::operators::{call, on_both};
use crate::{shuaidan, wukong};

on_both! {
    every_place_is_reached_and_harmless
}

/// What somebody might write wherever people write.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}😀{{7*7}}";

/// Places that this lender has no rows for, so that no link leads there.
const NO_ROWS: &[&str] = &[
    "/day-ends/{day}/failures",
    "/differences/{id}/settle",
    "/drawdowns/{id}/review",
    "/funding/issues/{id}/close",
    "/funding/orders/{id}/again",
    // The page with a secret leads there, once one is set up.
    "/me/second-factor/confirm",
    "/me/second-factor/off",
    "/raises/{id}/decide",
];

const ALL_ROLES: &str = "reviewer,senior-reviewer,cashier,collector,risk-manager,product-manager,\
                         accountant,auditor,administrator";

/// A project that waits for its audit, and one that was lent.
fn market() -> Value {
    let member = |id: u32| {
        json!({ "id": id, "mobile_phone": format!("13700000{id}"), "pwd": "password1", "type": 1,
                "reg_name": "n", "leave_amount": 500 })
    };
    let loan = |id: u32, status: u32| {
        json!({ "id": id, "member_id": 101, "title": "<script>alert(1)</script>\"'", "amount": 1000,
                "loan_rate": 12.0, "loan_term": 2, "loan_date_type": 1, "bidding_days": 5,
                "status": status })
    };
    let bid = json!({ "member_id": 102, "loan_id": 2, "amount": 1000 });
    json!({ "members": [member(101), member(102)], "loans": [loan(1, 1), loan(2, 3)],
            "invests": [bid] })
}

/// A lender with something of everything, and something hostile wherever it can be written.
struct Lender {
    bench: Bench,
    anna: Browser,
    bo: Browser,
}

impl Lender {
    fn open(store: Store) -> Self {
        let bench = Bench::start_with(store, &[("JIEHUAN_LENDING_AUTO_DEBIT", "false")]);
        // The card of the third declines payouts.
        let people: Vec<_> = (1..=7).map(|n| borrower(n, if n == 3 { 9907 } else { n })).collect();
        let apply = |n: u32| json!({ "mobile_phone": mobile(n), "product": "DAYS-RANGE", "amount": "1000.00" });
        let applications: Vec<_> = (1..=7).map(apply).collect();
        bench.load(&json!({ "borrowers": people, "applications": applications }).to_string());
        bench.load(&market().to_string());
        let anna = Browser::of(&bench, "anna", ALL_ROLES);
        let bo = Browser::of(&bench, "bo", ALL_ROLES);
        let lender = Self { bench, anna, bo };
        lender.lend();
        lender.write();
        lender.mean_harm();
        lender.be_late();
        lender
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.post_as(&self.anna, path, body)
    }

    #[track_caller]
    fn post_as(&self, who: &Browser, path: &str, body: &Value) -> Value {
        let token = &who.cookies["jiehuan_console"];
        let (status, answer) = call(&self.bench, "POST", path, token, body);
        assert!((200..300).contains(&status), "{path}: {answer}");
        answer
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        call(&self.bench, "GET", path, &self.anna.cookies["jiehuan_console"], &Value::Null).1
    }

    /// Loans in every state that a day can bring, and an application that is refused.
    fn lend(&self) {
        for id in [1, 2, 3, 7] {
            let yes = json!({ "verdict": "approve", "note": HOSTILE });
            self.post(&format!("/applications/{id}/review"), &yes);
            self.post(&format!("/applications/{id}/payout"), &json!({}));
        }
        let no = json!({ "verdict": "refuse", "reason": HOSTILE, "note": HOSTILE });
        self.post("/applications/4/review", &no);
        for (loan, state) in
            [(1, "repaying"), (2, "repaying"), (3, "payout_failed"), (4, "repaying")]
        {
            let stands = || self.get(&format!("/loans/{loan}"))["loan"]["state"] == state;
            for _ in 0..400 {
                if stands() {
                    break;
                }
                pause(50);
            }
            assert!(stands(), "loan {loan} is not {state}");
        }
        let bank =
            |amount: &str, reference: &str| json!({ "amount": amount, "reference": reference });
        self.post("/loans/1/payments", &bank("100.00", HOSTILE));
        // The last has paid more than they owe.
        self.post("/loans/4/payments", &bank("1100.00", "x1"));
    }

    /// Whatever people write.
    fn write(&self) {
        let message = json!({ "channel": "xianjindai", "kind": "activity",
                              "title": "<b>“x”</b>'\"", "content": HOSTILE });
        self.post("/messages", &message);
        let template = json!({ "channel": "xianjindai", "topic": "approved",
                               "title": "<i>{product}</i>", "text": HOSTILE.replace("{{7*7}}", "") });
        self.post("/templates", &template);
        let version = json!({ "channel": "xianjindai", "app_type": "android", "version": "1.0",
                              "forced": false, "url": "https://example.com/app?b=<script>",
                              "notes": HOSTILE });
        self.post("/app-versions", &version);
        self.post("/customers/1/flags", &json!({ "risky": true, "reason": HOSTILE }));
        let coupon = json!({ "kind": "deduction", "amount": "5.00", "last_day": "2099-01-01" });
        self.post("/customers/1/coupons", &coupon);
        let operator = json!({ "login": "evil", "name": "<script>x</script>\"'",
                               "roles": ["cashier"], "password": "password1" });
        let added = self.post("/operators", &operator);
        self.post(&format!("/operators/{}/block", added["operator"]["id"]), &Value::Null);
    }

    /// What customers and officers write who mean no good: a profile, feedback, a lead.
    fn mean_harm(&self) {
        let form = encoded(&[("x", HOSTILE)]);
        let (_, escaped) = form.split_once('=').unwrap();
        let mut app = wukong::App::new(&self.bench);
        app.sign_up("13800000901", "secret12");
        let lives = format!(
            "live_area[]={escaped}&live_area[]=x&live_addr={escaped}&live_time[]=2%E5%B9%B4%E4%BB%A5%E4%B8%8A"
        );
        app.post("/user-save-profile", &lives).done("保存成功");
        app.post("/feedback", &format!("type=info&content={escaped}")).done("提交反馈成功");
        let mut officer = shuaidan::App::officer(&self.bench, "13500000001");
        shuaidan::tell_hostile(&mut officer, 9, "13900000009", escaped);
    }

    /// Five weeks later, so that a month is over and can be closed: a write-off by two, one that
    /// waits, and what is of the day.
    fn be_late(&self) {
        self.post("/clock/advance", &json!({ "days": 35 }));
        for _ in 0..200 {
            let run = self.post("/day-ends/run", &json!({}));
            if run["up_to_date"] == true || run["waiting"] == true {
                break;
            }
        }
        self.post("/applications/6/review", &json!({ "verdict": "approve" }));
        let today = self.get("/clock")["business_day"].clone();
        self.post(&format!("/statements/{}/ask", today.as_str().unwrap()), &Value::Null);
        let asked = self.post("/loans/2/write-off", &json!({ "reason": HOSTILE }));
        let id = asked["approval"]["id"].as_str().unwrap().to_owned();
        self.post_as(&self.bo, &format!("/approvals/{id}/approve"), &Value::Null);
        self.post("/loans/2/write-off", &json!({ "reason": HOSTILE, "approval": id }));
        self.post_as(&self.bo, "/loans/1/write-off", &json!({ "reason": HOSTILE }));
        // Somebody collects the first, writes something down, and may not contact any more.
        self.post("/collections/1/assign", &json!({}));
        let contact = json!({ "way": "call", "outcome": "disputed", "note": HOSTILE,
                              "happened_at": format!("{} 00:00", today.as_str().unwrap()) });
        self.post("/collections/1/contacts", &contact);
        let stop = json!({ "kind": "dispute", "reason": HOSTILE });
        self.post("/customers/1/stop-contact", &stop);
    }
}

fn every_place_is_reached_and_harmless(store: Store) {
    let Lender { bench, anna: mut browser, .. } = Lender::open(store);
    let mut seen = BTreeMap::new();
    for language in ["zh", "en"] {
        browser.post("/console/language", &[("language", language), ("back", "/console")]).is(303);
        crawl(&mut browser, &mut seen);
    }
    assert!(seen.len() > 80, "{}", seen.len());
    let hostile = seen.values().filter(|(_, hostile)| *hostile).count();
    for path in ["/console/feedback", "/console/audit"] {
        assert!(harmless(path, &browser.get(path)), "{path} shows nothing hostile");
    }
    // People are shown to who gives a reason, and the reason is hostile too.
    let token = &browser.cookies["jiehuan_console"];
    let all = call(&bench, "GET", "/customers?channel=wukong", token, &Value::Null).1;
    let proof = browser.proof();
    for path in [format!("/console/customers/{}", all["items"][0]["id"]), "/console/leads/1".into()]
    {
        let page = browser.post(&path, &[("_proof", &proof), ("reason", HOSTILE)]);
        assert!(harmless(&path, &page), "{path} shows nothing hostile: {}", page.text);
    }
    assert!(hostile >= 8, "what is hostile is shown on {hostile} pages");
    let shapes: BTreeSet<String> = seen.keys().map(|path| shape(path)).collect();
    let mut astray = Vec::new();
    for operation in console::operations() {
        let place = operation.place();
        if matches!(place, "/login" | "/logout" | "/overview" | "/search") {
            continue;
        }
        let before = if operation.method == Method::Get { "/console" } else { "/console/do" };
        let place_shape = format!("{before}{}", place.replace("{id}", "#").replace("{day}", "#"));
        let place_shape = place_shape.replace("{number}", "#");
        if shapes.contains(&place_shape) == NO_ROWS.contains(&place) {
            astray.push(place_shape);
        }
    }
    assert!(astray.is_empty(), "no link leads to these, or one does after all: {astray:?}");
    // Nothing of this was a command.
    bench.verify();
}

/// A path with its numbers taken out.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    // Sessions are told apart by sixteen digits of base 16.
    let is_session = |part: &str| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let is_id = |part: &&str| is_number(part) || is_session(part);
    let parts = path.split('/').map(|part| if is_id(&part) { "#" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Follows every link from the home page on; lists that need a channel are asked for one.
fn crawl(browser: &mut Browser, seen: &mut BTreeMap<String, (u16, bool)>) {
    let mut waiting = vec!["/console".to_owned()];
    for place in ["customers", "products", "rules", "templates"] {
        waiting.push(format!("/console/{place}?channel=xianjindai"));
    }
    for state in ["approved", "refused", "lent"] {
        waiting.push(format!("/console/applications?state={state}"));
    }
    for state in ["overdue", "payout_failed", "written_off"] {
        waiting.push(format!("/console/loans?state={state}"));
    }
    let mut asked = BTreeSet::new();
    // Of each shape of page, a few are enough.
    let mut of_shape: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = waiting.pop() {
        let count = of_shape.entry(shape(&path)).or_default();
        if !path.starts_with("/console") || *count >= 8 || !asked.insert(path.clone()) {
            continue;
        }
        *count += 1;
        let page = browser.get(&path);
        let hostile = harmless(&path, &page);
        seen.insert(path, (page.status, hostile));
        waiting.extend(page.links());
        // A form that stands on another page than its own.
        waiting.extend(
            attributes(&page.text, "<form ", "action")
                .into_iter()
                .filter(|to| to.starts_with("/console/do/") || to.ends_with("/settlement")),
        );
    }
}

/// Checks a page, and says whether something hostile is shown on it, as text.
fn harmless(path: &str, page: &Page) -> bool {
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    let media = page.header("content-type");
    if media.starts_with("text/csv") || media.ends_with("spreadsheetml.sheet") {
        return false;
    }
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
    assert_eq!(page.header("cache-control"), "no-store", "{path}");
    let text = &page.text;
    let scripts = attributes(text, "<script", "src");
    assert_eq!(text.matches("<script").count(), 2, "{path}: no script but our own");
    assert!(scripts.iter().all(|src| src.starts_with("/console/static/")), "{path}: {scripts:?}");
    for inline in ["<style", " style=\"", "javascript:", "<img", "<iframe", "<b>", "<i>"] {
        assert!(!text.contains(inline), "{path} has {inline}");
    }
    for element in text.split('<').filter_map(|rest| rest.split('>').next()) {
        assert!(!element.contains(" on"), "{path}: <{element}>");
    }
    assert_eq!(text.matches("<h1>").count(), 1, "{path}");
    assert_eq!(text.matches("<main").count(), 1, "{path}");
    // Each field has a label, and every mark is there once.
    let marks = attributes(text, "<", "id");
    let unique: BTreeSet<_> = marks.iter().collect();
    assert_eq!(unique.len(), marks.len(), "{path}: {marks:?}");
    let labels: BTreeSet<_> = attributes(text, "<label", "for").into_iter().collect();
    for element in ["<input", "<select", "<textarea"] {
        for mark in attributes(text, element, "id") {
            assert!(labels.contains(&mark), "{path}: {mark} has no label");
        }
    }
    // What is hostile stands there as text, or not at all.
    text.contains("&#60;script&#62;")
}
