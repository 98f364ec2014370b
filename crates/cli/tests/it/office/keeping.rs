//! What operators keep: customers, lines, products, rules, texts, documents; and hostile input.

use kernel::id::{DocumentId, MemberId};
use lending::credit::{self, Proven};
use lending::documents::{self, Kind, NewDocument};
use lending::{Fault, Route};
use serde_json::{Value, json};

use super::{FINE, Office, borrower, id_no, mobile};
use crate::bench::Store;
use crate::operators::{call, on_both, refused};

on_both! {
    customers_stay_masked_without_a_reason
    limits_change_by_one_or_by_two
    requests_for_a_higher_limit_are_decided_once
    products_are_saved_below_the_lines_only
    rules_and_texts_are_kept
    documents_are_shown_for_a_reason
    hostile_calls_are_refused_in_words
}

fn open(store: Store) -> Office {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    Office::open(store, &[], &fixture)
}

fn customers_stay_masked_without_a_reason(store: Store) {
    let office = open(store);
    let (phone, number) = (mobile(1), id_no(1));
    let by_mobile = format!("/customers?channel=xianjindai&mobile={phone}");
    let found = office.get("cashier", &by_mobile);
    let id = found["items"][0]["id"].as_i64().unwrap();
    let by_id_no = office.get("cashier", &format!("/customers?id_no={number}"));
    assert_eq!(by_id_no["items"], found["items"]);
    assert_eq!(office.get("cashier", "/customers?channel=xianjindai")["items"], found["items"]);
    let nobody = format!("/customers?id_no={}", id_no(2));
    assert_eq!(office.get("cashier", &nobody)["items"], json!([]));
    assert_eq!(
        office.get("cashier", &format!("/customers?id_no={number}&channel=futureloan"))["items"],
        json!([])
    );

    let path = format!("/customers/{id}");
    let masked = office.get("cashier", &path).to_string();
    for personal in
        [phone.as_str(), &number, "周小舟", "示例路", "13900000001", "62170000000000000"]
    {
        assert!(!masked.contains(personal), "{personal}: {masked}");
    }
    // "dispute" as a reason: the right is needed, and so is a reason that is one.
    let full = format!("{path}?reason=dispute");
    let got = refused(&office.bench, "GET", &full, office.token("cashier"), &Value::Null);
    assert_eq!(got, (403, "no_right".to_owned()));
    let short = format!("{path}?reason=x");
    let got = refused(&office.bench, "GET", &short, office.token("collector"), &Value::Null);
    assert_eq!(got, (422, "field_wrong".to_owned()));
    let shown = office.get("collector", &full);
    assert_eq!(shown["customer"]["mobile_phone"], json!(phone));
    assert_eq!(shown["customer"]["identity"]["id_no"], json!(number));
    assert_eq!(shown["told"]["contacts"].as_array().unwrap().len(), 2);
    let told = office.get("boss", &format!("/audit?subject=member&subject_id={id}"));
    assert_eq!(told["items"][0]["action"], "personal.shown");
    assert_eq!(told["items"][0]["detail"], "customer: dispute");

    let flags = format!("{path}/flags");
    let listed = json!({ "blacklisted": true, "reason": "欺诈嫌疑" });
    office.refused("senior", &flags, &listed, (403, "no_right"));
    office.refused("risk", &flags, &json!({ "reason": "欺诈嫌疑" }), (422, "field_wrong"));
    office.refused("risk", &flags, &json!({ "risky": true, "reason": "" }), (422, "field_wrong"));
    let after = office.post("risk", &flags, &listed, 200);
    assert_eq!(after["customer"]["blacklisted"], true);
    let all = json!({ "blacklisted": false, "risky": true, "blocked": true, "reason": "重新核实" });
    let after = office.post("risk", &flags, &all, 200);
    let customer = &after["customer"];
    assert_eq!(
        [&customer["blacklisted"], &customer["risky"], &customer["blocked"]],
        [false, true, true]
    );
    let told = office.get("boss", &format!("/audit?subject=member&subject_id={id}"));
    assert!(!told.to_string().contains("欺诈"), "reasons of flags are sealed");
    assert!(told.to_string().contains("customer.blocked"));
    office.bench.verify();
}

fn limits_change_by_one_or_by_two(store: Store) {
    let office = open(store);
    let limit = "/customers/1/limit";
    let to = |limit: &str| json!({ "limit": limit, "reason": "收入提高" });
    office.refused("cashier", limit, &to("6000.00"), (403, "no_right"));
    office.refused("risk", limit, &to("999.99"), (409, "below_use"));
    let raised = office.post("risk", limit, &to("25000.00"), 200);
    assert_eq!(raised["line"]["limit"], "25000.00", "a difference of 20,000 is for one");
    let approval = office.awaited("risk", limit, &to("45000.01"));
    let other = json!({ "limit": "45000.02", "reason": "收入提高", "approval": approval });
    office.consent("senior", &approval);
    office.refused("risk", limit, &other, (409, "approval_for_another"));
    let same = json!({ "limit": "45000.01", "reason": "收入提高", "approval": approval });
    office.post("risk", limit, &same, 200);
    let line = office.get("risk", limit);
    assert_eq!(line["changes"][0]["before"], "25000.00");
    assert_eq!(line["changes"][0]["reason"], "收入提高");
    let suspend = json!({ "suspended": true, "reason": "贷后异常" });
    let line = office.post("risk", &format!("{limit}/status"), &suspend, 200);
    assert_eq!(line["line"]["suspended"], true);
    office.refused("risk", "/customers/99/limit", &to("6000.00"), (404, "no_such_customer"));
    office.bench.verify();
}

/// Asks for a higher limit, as an app would once enough is proven; the request's number.
#[track_caller]
fn ask_for_more(office: &Office) -> i64 {
    let core = office.bench.core();
    let proven = Proven { education: true, taobao: true, others: 2 };
    let asked = core.write_and_wait(Route::home(1), move |tx| {
        credit::request_raise(tx, MemberId::from_number(1), proven)
    });
    core.close();
    asked.unwrap().id.number()
}

fn requests_for_a_higher_limit_are_decided_once(store: Store) {
    let office = open(store);
    assert_eq!(office.get("cashier", "/raises")["items"], json!([]));
    let id = ask_for_more(&office);
    let waiting = office.get("cashier", "/raises");
    assert_eq!(waiting["items"][0]["id"], id);
    assert_eq!(waiting["items"][0]["before"], "5000.00");
    let path = format!("/raises/{id}/decide");
    let to = |limit: &str| json!({ "limit": limit, "reason": "资料齐全" });
    office.refused("cashier", &path, &to("6000.00"), (403, "no_right"));
    office.refused("risk", &path, &to("x"), (422, "field_wrong"));
    office.refused("risk", &path, &to("5000.00"), (409, "not_higher"));
    office.refused("risk", "/raises/7/decide", &to("6000.00"), (404, "no_such_raise"));
    // A difference of more than 20,000 is for two.
    let approval = office.awaited("risk", &path, &to("25000.01"));
    office.consent("senior", &approval);
    let two = json!({ "limit": "25000.01", "reason": "资料齐全", "approval": approval });
    let granted = office.post("risk", &path, &two, 200);
    assert_eq!(
        (&granted["raise"]["state"], &granted["raise"]["after"]),
        (&json!("granted"), &json!("25000.01"))
    );
    assert_eq!(office.get("risk", "/customers/1/limit")["line"]["limit"], "25000.01");
    office.refused("risk", &path, &to("26000.00"), (404, "no_such_raise"));
    let second = ask_for_more(&office);
    let no = json!({ "reason": "资料不足" });
    let refused = office.post("risk", &format!("/raises/{second}/decide"), &no, 200);
    assert_eq!(
        (&refused["raise"]["state"], &refused["raise"]["after"]),
        (&json!("refused"), &Value::Null)
    );
    assert_eq!(office.get("cashier", "/raises")["items"], json!([]));
    assert_eq!(office.get("risk", "/customers/1/limit")["line"]["limit"], "25000.01");
    office.bench.verify();
}

fn products_are_saved_below_the_lines_only(store: Store) {
    let office = open(store);
    let list = office.get("cashier", "/products?channel=xianjindai");
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    let save = |code: &Value, version: &Value| json!({ "channel": "xianjindai", "code": code, "version": version });
    // Saved as it was shown, each product is what it was: the form is complete in both directions.
    for product in items {
        let again =
            office.post("product", "/products", &save(&product["code"], &product["version"]), 200);
        assert_eq!(&again["product"], product);
    }
    let known = items.iter().find(|product| product["code"] == "DAYS-RANGE").unwrap();
    let changed = |field: &str, value: Value| {
        let mut version = known["version"].clone();
        version[field] = value;
        save(&known["code"], &version)
    };
    office.refused("cashier", "/products", &changed("days_default", json!(7)), (403, "no_right"));
    let fees =
        json!([{ "name": "服务费", "collector": "平台", "time": "kept_back", "share": "10" }]);
    let dear = changed("fees", fees);
    let (status, answer) = call(&office.bench, "POST", "/products", office.token("product"), &dear);
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("above_legal_line")), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("exceeds"), "{answer}");
    let mut late = known["version"]["late"].clone();
    late["cap_rate"] = Value::Null;
    late["daily"] = json!("1");
    for (body, code) in [
        (changed("late", late), "late_above_legal_line"),
        (changed("days_default", json!(8)), "product_unfit"),
        (changed("rate_default", json!("18.00001")), "field_wrong"),
        (changed("amounts", json!(["a"])), "field_wrong"),
        (changed("methods", json!(["wish"])), "field_wrong"),
        (
            changed("fees", json!([{ "name": "a", "collector": "b", "time": "kept_back" }])),
            "field_wrong",
        ),
    ] {
        office.refused("product", "/products", &body, (422, code));
    }
    let odd = changed("amounts", json!({ "least": "1.00", "most": "2.00", "usual": "1.00" }));
    office.refused("product", "/products", &odd, (400, "body_malformed"));
    office.refused(
        "product",
        "/products",
        &changed("colour", json!("red")),
        (400, "body_malformed"),
    );
    let next = office.post("product", "/products", &changed("days_default", json!(7)), 200);
    assert_eq!(next["product"]["number"], 2);
    let path = format!("/products/{}", known["id"]);
    assert_eq!(
        office.get("cashier", &format!("{path}?version=1"))["product"]["version"],
        known["version"]
    );
    let off = office.post("product", &format!("{path}/sale"), &json!({ "on_sale": false }), 200);
    assert_eq!(off["product"]["on_sale"], false);
    let seeded = office.post("product", "/products/seed", &json!({ "channel": "xianjindai" }), 200);
    assert_eq!(seeded["made"], 0);
}

fn rules_and_texts_are_kept(store: Store) {
    let office = open(store);
    let rules = office.get("cashier", "/rules?channel=xianjindai");
    for rule in rules["items"].as_array().unwrap() {
        let mut body = rule.clone();
        body.as_object_mut().unwrap().remove("id");
        let same = office.post("risk", "/rules", &body, 200);
        assert_eq!(&same["rule"], rule, "the form is complete in both directions");
    }
    let rule = |test: Value| {
        json!({ "channel": "xianjindai", "code": "REGION", "test": test,
                                     "outcome": "refer", "enabled": true })
    };
    office.post("risk", "/rules", &rule(json!({ "kind": "region", "prefix": "11" })), 200);
    office.refused(
        "risk",
        "/rules",
        &rule(json!({ "kind": "region", "prefix": "x" })),
        (422, "rule_unfit"),
    );
    office.refused("risk", "/rules", &rule(json!({ "kind": "stars" })), (400, "body_malformed"));
    office.refused("product", "/rules", &rule(json!({ "kind": "blacklist" })), (403, "no_right"));

    let message = json!({ "channel": "xianjindai", "kind": "announcement", "title": "公告", "content": "系统维护" });
    office.refused("risk", "/messages", &message, (403, "no_right"));
    let id = office.post("product", "/messages", &message, 201)["id"].as_str().unwrap().to_owned();
    let empty =
        json!({ "channel": "xianjindai", "kind": "announcement", "title": " ", "content": "x" });
    office.refused("product", "/messages", &empty, (422, "text_unfit"));
    let nul =
        json!({ "channel": "xianjindai", "kind": "activity", "title": "a\u{0}", "content": "x" });
    office.refused("product", "/messages", &nul, (422, "field_wrong"));
    let withdraw = format!("/messages/{id}/withdraw");
    office.post("product", &withdraw, &FINE, 200);
    office.refused("product", &withdraw, &FINE, (404, "no_such_message"));
    let list = office.get("cashier", "/messages");
    assert_eq!((&list["total"], list["items"][0]["withdrawn_at"].is_string()), (&json!(1), true));

    let version = json!({ "channel": "xianjindai", "app_type": "1", "version": "2.1.0",
                          "url": "https://example.cn/app", "forced": false, "notes": "" });
    office.post("product", "/app-versions", &version, 201);
    office.refused("product", "/app-versions", &version, (409, "version_taken"));
    assert_eq!(office.get("cashier", "/app-versions")["items"][0]["version"], "2.1.0");
    let template = json!({ "channel": "xianjindai", "topic": "repaid", "title": "已还款",
                           "text": "您已还款{amount}元。" });
    assert_eq!(office.post("product", "/templates", &template, 201)["version"], 1);
    let odd = json!({ "channel": "xianjindai", "topic": "repaid", "title": "x", "text": "{name}" });
    office.refused("product", "/templates", &odd, (422, "text_unfit"));
    let texts = office.get("cashier", "/templates?channel=xianjindai");
    assert!(texts["items"].as_array().unwrap().iter().any(|t| t["title"] == "已还款"));
    assert_eq!(office.get("cashier", "/feedback"), json!({ "items": [], "size": 20, "total": 0 }));
}

/// A confirmed document with its PDF, as the jobs leave it.
fn document(office: &Office) -> i64 {
    let core = office.bench.core();
    let member = MemberId::from_number(1);
    let kind = Kind::RegistrationAgreement;
    let id = core.write_and_wait(Route::home(1), move |tx| {
        let mut facts = documents::Facts::new();
        for field in kind.shipped().unwrap().fields() {
            facts.set(&field, "示例");
        }
        let new = NewDocument { kind, member, application: None, loan: None, facts };
        let made = documents::make(tx, &new).unwrap();
        documents::confirm(tx, member, made.id).unwrap();
        Ok::<DocumentId, Fault>(made.id)
    });
    let id = id.unwrap();
    let pending = core.read_and_wait(|tx| documents::pending_pdfs(tx, 1)).unwrap();
    for pdf in pending {
        let file = pdf.render().unwrap();
        core.write_and_wait(Route::home(1), move |tx| documents::store_pdf(tx, pdf.id, &file))
            .unwrap();
    }
    core.close();
    id.number()
}

fn documents_are_shown_for_a_reason(store: Store) {
    let office = open(store);
    let id = document(&office);
    let list = office.get("cashier", "/customers/1/documents");
    assert_eq!(list["items"][0]["id"], id.to_string());
    assert_eq!(list["items"][0]["pdf"], "made");
    let path = format!("/documents/{id}");
    for (who, query, want) in [
        ("cashier", "?reason=dispute", (403, "no_right")),
        ("collector", "", (422, "field_wrong")),
        ("collector", "?reason=abc", (422, "field_wrong")),
    ] {
        let got =
            refused(&office.bench, "GET", &format!("{path}{query}"), office.token(who), &FINE);
        assert_eq!(got, (want.0, want.1.to_owned()), "{who} {query}");
    }
    let bearer = format!("Bearer {}", office.token("collector"));
    let open = |path: &str| {
        let path = format!("/console/api{path}?reason=dispute");
        office.bench.request("GET", &path, &[("authorization", &bearer)], b"")
    };
    let page = open(&path);
    assert_eq!(page.header("content-type"), Some("text/html;charset=UTF-8"));
    assert!(page.text.contains("<html") && page.text.contains("示例"), "{}", page.text);
    assert!(
        page.header("content-security-policy").is_some_and(|p| p.contains("default-src 'none'"))
    );
    let pdf = open(&format!("{path}/pdf"));
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    let told = office.get("boss", "/audit?subject=member&subject_id=1");
    assert_eq!(told["items"][0]["detail"], format!("document {id}: dispute"));
    assert_eq!(told["items"][1]["action"], "personal.shown");
}

/// Who calls, method, path, body, and the status and code of the refusal.
type Case = (&'static str, &'static str, &'static str, Value, (u16, &'static str));

fn about_loans() -> Vec<Case> {
    vec![
        ("senior", "GET", "/applications?state=odd", FINE, (422, "field_wrong")),
        ("senior", "GET", "/applications/0", FINE, (404, "no_such_application")),
        ("senior", "GET", "/applications/99999999999999999999", FINE, (404, "no_such_application")),
        ("senior", "GET", "/applications/1%27--", FINE, (404, "no_such_application")),
        ("senior", "POST", "/applications/1/review", json!([]), (400, "body_malformed")),
        (
            "senior",
            "POST",
            "/applications/1/review",
            json!({ "verdict": 1 }),
            (400, "body_malformed"),
        ),
        (
            "senior",
            "POST",
            "/applications/1/review",
            json!({ "verdict": "approve", "note": "\u{0}" }),
            (422, "field_wrong"),
        ),
        (
            "senior",
            "POST",
            "/applications/1/review",
            json!({ "verdict": "refuse", "reason": "x".repeat(201) }),
            (422, "field_wrong"),
        ),
        ("cashier", "POST", "/applications/9/payout", json!({}), (404, "no_such_application")),
        (
            "cashier",
            "POST",
            "/applications/1/payout",
            json!({ "amount": "1" }),
            (400, "body_malformed"),
        ),
        ("boss", "GET", "/loans?state=odd", FINE, (422, "field_wrong")),
        ("boss", "GET", "/loans/-1", FINE, (404, "no_such_loan")),
        ("cashier", "POST", "/loans/9/payout/retry", FINE, (404, "no_such_loan")),
        ("cashier", "POST", "/loans/9/payout/abandon", FINE, (404, "no_such_loan")),
        (
            "risk",
            "POST",
            "/loans/9/write-off",
            json!({ "reason": "理由充分" }),
            (404, "no_such_loan"),
        ),
        (
            "collector",
            "POST",
            "/loans/9/recoveries",
            json!({ "amount": "1" }),
            (404, "no_such_loan"),
        ),
    ]
}

fn about_the_rest() -> Vec<Case> {
    vec![
        ("boss", "GET", "/payments?state=all", FINE, (422, "field_wrong")),
        ("boss", "GET", "/payments/1", FINE, (404, "no_such_payment")),
        ("boss", "GET", "/products", FINE, (422, "field_wrong")),
        ("boss", "GET", "/products?channel=moon", FINE, (422, "field_wrong")),
        ("boss", "GET", "/products/9", FINE, (404, "no_such_product")),
        ("boss", "GET", "/products/1?version=9999999999", FINE, (404, "no_such_product")),
        (
            "product",
            "POST",
            "/products/9/sale",
            json!({ "on_sale": true }),
            (404, "no_such_product"),
        ),
        ("boss", "GET", "/customers", FINE, (422, "field_wrong")),
        ("boss", "GET", "/customers?mobile=1&channel=xianjindai", FINE, (422, "field_wrong")),
        ("boss", "GET", "/customers?mobile=13800000001&id_no=1", FINE, (422, "field_wrong")),
        ("boss", "GET", "/customers/9", FINE, (404, "no_such_customer")),
        ("boss", "GET", "/customers/9/limit", FINE, (404, "no_such_customer")),
        ("boss", "GET", "/customers/9/documents", FINE, (404, "no_such_customer")),
        (
            "cashier",
            "POST",
            "/customers/9/refund",
            json!({ "amount": "1" }),
            (404, "no_such_customer"),
        ),
        (
            "risk",
            "POST",
            "/customers/1/limit",
            json!({ "limit": "1e9", "reason": "理由充分" }),
            (422, "field_wrong"),
        ),
        ("collector", "GET", "/documents/1?reason=dispute", FINE, (404, "no_such_document")),
        ("boss", "GET", "/day-ends/2026-02-30/failures", FINE, (422, "field_wrong")),
        ("senior", "POST", "/day-ends/run", FINE, (403, "no_right")),
        ("senior", "POST", "/clock/advance", json!({ "days": 1 }), (403, "no_right")),
        ("boss", "POST", "/clock/advance", json!({}), (422, "field_wrong")),
        ("boss", "POST", "/clock/advance", json!({ "days": 401 }), (422, "field_wrong")),
        (
            "boss",
            "POST",
            "/clock/advance",
            json!({ "days": u32::MAX, "hours": u32::MAX }),
            (422, "field_wrong"),
        ),
        ("boss", "POST", "/clock/advance", json!({ "days": -1 }), (400, "body_malformed")),
    ]
}

fn hostile_calls_are_refused_in_words(store: Store) {
    let office = open(store);
    for (who, method, path, body, (status, code)) in
        about_loans().into_iter().chain(about_the_rest())
    {
        let got = refused(&office.bench, method, path, office.token(who), &body);
        assert_eq!(got, (status, code.to_owned()), "{who} {method} {path}");
    }
    assert_eq!(office.get("boss", "/applications")["items"][0]["state"], "reviewing");
    office.bench.verify();
}
