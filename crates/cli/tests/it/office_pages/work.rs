//! The work of a day, done on the pages alone.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::bench::{Bench, Store, pause};
use crate::office::{borrower, mobile};
use crate::operators::{call, on_both};

on_both! {
    an_application_becomes_a_loan
    a_large_payout_waits_for_a_second_person
    refusals_stand_at_the_form
    people_are_shown_in_full_for_a_reason
    lists_are_exported
    things_are_found
    a_product_gets_its_next_version
    a_form_that_is_sent_twice_is_done_once
}

fn lender(store: Store, applications: &Value) -> Bench {
    let bench = Bench::start(store);
    let fixture =
        json!({ "borrowers": [borrower(1, 1), borrower(2, 2)], "applications": applications });
    bench.load(&fixture.to_string());
    bench
}

fn small(n: u32) -> Value {
    json!({ "mobile_phone": mobile(n), "product": "DAYS-RANGE", "amount": "1000.00" })
}

fn token(browser: &Browser) -> &str {
    &browser.cookies["jiehuan_console"]
}

/// Waits until a page says something.
#[track_caller]
fn until(browser: &mut Browser, path: &str, text: &str) {
    for _ in 0..200 {
        if browser.get(path).text.contains(text) {
            return;
        }
        pause(50);
    }
    panic!("no {text} on {path}");
}

fn an_application_becomes_a_loan(store: Store) {
    let bench = lender(store, &json!([small(1)]));
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    let mut cashier = Browser::of(&bench, "cashier", "cashier");
    let home = senior.get("/console");
    home.has("<span class=\"tile-label\">待审核进件</span><span class=\"tile-value\">1</span>");
    senior.get("/console/applications").has("/console/applications/1");
    let review = senior.get("/console/applications/1");
    // By hand: 1000.00 x 18 % x 14 / 360 = 7.00.
    for seen in ["¥1,007.00", "¥7.00", "BLACKLIST", "EXPOSURE", "138****0001", "待审核", "18.25%"]
    {
        review.has(seen);
    }
    review.has("action=\"/console/do/applications/1/review\"");
    assert!(!cashier.get("/console/applications/1").text.contains("/do/applications/1/review"));
    let done = senior
        .done("/console/do/applications/1/review", &[("verdict", "approve"), ("note", "合格")]);
    done.has("已完成：审核");
    done.has("已批准");
    assert!(
        !senior.get("/console/applications/1").text.contains("已完成：审核"),
        "it is said once"
    );

    let loan = cashier.done("/console/do/applications/1/payout", &[]);
    loan.has("已完成：放款");
    until(&mut cashier, "/console/loans/1", "还款中");
    let loan = cashier.get("/console/loans/1");
    for seen in ["放款成功", "¥1,000.00", "¥1,007.00", "假设结清日"] {
        loan.has(seen);
    }
    loan.has("href=\"/console/loans/1/rows/1\"><bdi>¥7.00</bdi></a>");
    let figure = cashier.get("/console/loans/1/rows/1");
    figure.is(200);
    figure.has("¥1,000.00 × 18% × 14/360 = ¥7.00");
    for nothing in ["0", "2", "-1", "x", "99999999999999999999", "1%2F.."] {
        cashier.get(&format!("/console/loans/1/rows/{nothing}")).is(404);
    }
    cashier.get("/console/loans/99/rows/1").is(404);
    let clock = call(&bench, "GET", "/clock", token(&cashier), &Value::Null).1;
    let day = clock["business_day"].as_str().unwrap();
    let asked = cashier.get(&format!("/console/loans/1/settlement?on={day}"));
    asked.is(200);
    asked.has("¥1,000.00");
    let wrong = cashier.get("/console/loans/1/settlement?on=2001-01-01");
    wrong.is(422);
    wrong.has("此项填写不正确");
    let home = cashier.get("/console");
    home.has("¥1,000.00");
    home.has("<rect class=\"series-one\"");
    bench.verify();
}

/// A product for loans above the threshold of payouts.
fn large(bench: &Bench) {
    let product = Browser::of(bench, "product", "product-manager");
    let list = call(bench, "GET", "/products?channel=xianjindai", token(&product), &Value::Null).1;
    let items = list["items"].as_array().unwrap();
    let mut version = items.iter().find(|p| p["code"] == "DAYS-RANGE").unwrap()["version"].clone();
    version["amounts"] = json!({ "least": "1000.00", "most": "100000.00" });
    version["first_limit"] = json!("100000.00");
    let body = json!({ "channel": "xianjindai", "code": "LARGE", "version": version });
    assert_eq!(call(bench, "POST", "/products", token(&product), &body).0, 200);
}

fn a_large_payout_waits_for_a_second_person(store: Store) {
    let bench = lender(store, &json!([]));
    large(&bench);
    let large = json!({ "mobile_phone": mobile(1), "product": "LARGE", "amount": "60000.00" });
    bench.load(&json!({ "applications": [large] }).to_string());
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    let mut anna = Browser::of(&bench, "anna", "cashier");
    let mut bo = Browser::of(&bench, "bo", "cashier");
    senior.done("/console/do/applications/1/review", &[("verdict", "approve")]);
    let waits = anna.done("/console/do/applications/1/payout", &[("reason", "大额 & 加急")]);
    waits.has("需要第二人复核");
    waits.has("¥60,000.00");
    waits.has("大额 &#38; 加急");
    assert!(!waits.text.contains("/approve\""), "nobody consents to their own");
    let list = bo.get("/console/approvals");
    let place = list.links().into_iter().find(|to| to.starts_with("/console/approvals/")).unwrap();
    let consent = bo.get(&place);
    let approve = consent.links().into_iter().find(|to| to.ends_with("/approve")).unwrap();
    bo.done(&approve, &[]).has("已批准");
    let agreed = anna.get(&place);
    let carry = agreed.links().into_iter().find(|to| to.contains("/payout?approval=")).unwrap();
    let form = anna.get(&carry);
    let approval = place.rsplit('/').next().unwrap();
    form.has(&format!("value=\"{approval}\""));
    anna.done(&carry, &[("approval", approval), ("reason", "大额 & 加急")]).has("借据");
    until(&mut anna, "/console/loans/1", "还款中");
    bo.get(&place).has("已使用");
    bench.verify();
}

fn refusals_stand_at_the_form(store: Store) {
    let bench = lender(store, &json!([small(1)]));
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    let path = "/console/do/applications/1/review";
    let refused =
        senior.fill(path, &[("verdict", "approve"), ("amount", "1000.01"), ("note", "“x\"<")]);
    refused.is(422);
    refused.has("超过申请金额");
    refused.has("value=\"1000.01\"");
    refused.has("“x&#34;&#60;");
    let refused = senior.fill(path, &[("verdict", "refuse")]);
    refused.is(422);
    refused.has("此项填写不正确");
    refused.has("<option value=\"refuse\" selected>");
    let refused = senior.fill(path, &[("verdict", "approve"), ("tenor", "many")]);
    refused.is(422);
    refused.has("请输入整数");
    senior.fill("/console/do/applications/9/review", &[("verdict", "approve")]).is(404);
    senior.get("/console/applications/9").is(404);
    senior.get("/console/applications/x").is(404);
    senior.get("/console/nothing/here").is(404);
    senior.get("/console/loans?page=0").is(422);
    senior.get("/console/loans?state=%00").is(422);
    senior.get("/console/loans?state=lost").is(422);
    senior.get("/console/customers").has("选择渠道");
    let still = senior.get("/console/applications/1");
    still.has("待审核");
}

fn people_are_shown_in_full_for_a_reason(store: Store) {
    let bench = lender(store, &json!([]));
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    let mut cashier = Browser::of(&bench, "cashier", "cashier");
    let mut auditor = Browser::of(&bench, "auditor", "auditor");
    let path = "/console/customers/1";
    let masked = senior.get(&format!("{path}?reason=curious"));
    masked.has("138****0001");
    assert!(!masked.text.contains(&mobile(1)), "an address is no reason");
    assert!(!cashier.get(path).text.contains("name=\"reason\""));
    let proof = senior.proof();
    let short = senior.post(path, &[("_proof", &proof), ("reason", "x")]);
    short.is(422);
    assert!(!short.text.contains(&mobile(1)));
    senior.post(path, &[("reason", "核对联系电话")]).is(403);
    let full = senior.post(path, &[("_proof", &proof), ("reason", "核对联系电话")]);
    full.is(200);
    full.has(&mobile(1));
    full.has("已记入审计日志");
    assert_eq!(full.header("cache-control"), "no-store");
    auditor.get("/console/audit").has("核对联系电话");
    let theirs = cashier.proof();
    cashier.post(path, &[("_proof", &theirs), ("reason", "核对联系电话")]).is(403);
}

fn lists_are_exported(store: Store) {
    let bench = lender(store, &json!([small(1), small(2)]));
    let mut browser = Browser::of(&bench, "anna", "cashier");
    let file = browser.get("/console/export/applications?state=reviewing");
    file.is(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("applications.csv"));
    let lines: Vec<_> = file.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 3, "{}", file.text);
    assert!(file.text.starts_with('\u{feff}') && lines[0].contains("\"编号\""));
    assert!(lines[1].contains("\"1000.00\"") && lines[1].contains("\"待审核\""));
    let people = browser.get("/console/export/customers?channel=xianjindai");
    people.has("138****0001");
    assert!(!people.text.contains(&mobile(1)));
    browser.get("/console/export/applications?state=lost").is(422);
    let book = browser.get("/console/export/applications?as=xlsx");
    book.is(200);
    assert!(book.header("content-type").ends_with("spreadsheetml.sheet"));
    assert!(book.text.starts_with("PK\u{3}\u{4}"), "a workbook is a zip file");
    browser.get("/console/export/applications?state=lost&as=xlsx").is(422);
}

fn things_are_found(store: Store) {
    let bench = lender(store, &json!([small(1)]));
    let mut browser = Browser::of(&bench, "anna", "cashier");
    let proof = browser.proof();
    browser.post("/console/search", &[("q", "1")]).is(403);
    let by_address = browser.get(&format!("/console/search?q={}", mobile(1)));
    by_address.is(200);
    assert!(!by_address.text.contains("138****0001"), "nobody is found by an address");
    let mut found =
        |what: &str| browser.post("/console/search", &[("_proof", &proof), ("q", what)]);
    let by_mobile = found(&mobile(1));
    assert_eq!((by_mobile.status, by_mobile.header("location")), (303, "/console/customers/1"));
    assert_eq!(found(&crate::office::id_no(2)).header("location"), "/console/customers/2");
    assert_eq!(found("138****0002").header("location"), "/console/customers/2");
    let number = found("1");
    number.has("/console/customers/1");
    number.has("/console/applications/1");
    let code = number.text.split("cash").nth(1).unwrap().get(..11).unwrap().to_owned();
    assert_eq!(found(&format!("cash{code}")).header("location"), "/console/applications/1");
    for nothing in ["19999999999", "no-such", "😀", "-1", "99999999999999999999"] {
        found(nothing).has("没有记录");
    }
    for odd in [String::new(), "a\0b".to_owned(), "x".repeat(65)] {
        found(&odd).is(422);
    }
    // Who was looked for by a whole number is noted, and nothing of the number.
    let mut auditor = Browser::of(&bench, "auditor", "auditor");
    let trail = call(&bench, "GET", "/audit", token(&auditor), &Value::Null).1;
    let sought = |what: &str, subject: &Value| {
        let all = trail["items"].as_array().unwrap().iter();
        let own = all.filter(|entry| {
            entry["action"] == "personal.sought"
                && entry["detail"] == what
                && entry["subject"]["id"] == *subject
        });
        own.count()
    };
    assert_eq!((sought("mobile", &json!(1)), sought("id_no", &json!(2))), (1, 1));
    assert_eq!(sought("mobile", &Value::Null), 1, "nobody has 19999999999");
    assert!(!auditor.get("/console/audit").text.contains(&mobile(1)));
}

fn a_product_gets_its_next_version(store: Store) {
    let bench = lender(store, &json!([]));
    let mut product = Browser::of(&bench, "product", "product-manager");
    let page = product.get("/console/products/1");
    page.has("编辑为新版本");
    let form = product.get("/console/do/products?from=1");
    form.has("\u{5468}\u{8f6c}\u{91d1}");
    let bearer = token(&product).to_owned();
    // The form as it is filled in, with a field that differs.
    let filled = product.get("/console/do/products?from=1").fields();
    let with = |name: &str, value: &str| -> Vec<(String, String)> {
        let differs = |(known, was): &(String, String)| {
            let is_it = known == name;
            (known.clone(), if is_it { value.to_owned() } else { was.clone() })
        };
        filled.iter().map(differs).collect()
    };
    let mut send = |place: &str, fields: &[(String, String)]| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        product.fill(place, &fields)
    };
    let next = with("version.description", "下一版");
    let preview = send("/console/do/products/preview", &next);
    preview.is(200);
    preview.has("试算结果");
    preview.has("¥1,007.00");
    preview.has("下一版");
    let before = call(&bench, "GET", "/products/1", &bearer, &Value::Null).1;
    assert_eq!(before["product"]["number"], 1, "a preview saves nothing");
    let dear = with("version.rates", "40");
    for place in ["/console/do/products/preview", "/console/do/products"] {
        let refused = send(place, &dear);
        refused.is(422);
        refused.has("产品设置有矛盾");
    }
    let refused = send("/console/do/products", &with("version.days", "7, soon"));
    refused.is(422);
    refused.has("请输入整数");
    let refused = send("/console/do/products", &with("version.first_limit", "much"));
    refused.is(422);
    refused.has("<span class=\"error\">此项填写不正确</span>");
    send("/console/do/products", &next).is(303);
    let after = call(&bench, "GET", "/products/1", &bearer, &Value::Null).1;
    assert_eq!(after["product"]["number"], 2);
    let (mut was, is) = (before["product"]["version"].clone(), &after["product"]["version"]);
    was["description"] = json!(["下一版"]);
    assert_eq!(&was, is, "everything else is as it was");
}

fn a_form_that_is_sent_twice_is_done_once(store: Store) {
    let bench = lender(store, &json!([]));
    let mut writer = Browser::of(&bench, "writer", "product-manager");
    let path = "/console/do/messages";
    let form = writer.get(path);
    let (proof, once) = (form.hidden("_proof"), form.hidden("_once"));
    let fields = [
        ("_proof", proof.as_str()),
        ("_once", once.as_str()),
        ("channel", "xianjindai"),
        ("kind", "activity"),
        ("title", "一次"),
        ("content", "只发一次"),
    ];
    writer.post(path, &fields).is(303);
    writer.post(path, &fields).is(303);
    let all = call(&bench, "GET", "/messages", token(&writer), &Value::Null).1;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
}
