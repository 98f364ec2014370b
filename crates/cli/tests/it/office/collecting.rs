//! Collections and a person's rights, over the wire.

use serde_json::{Value, json};

use super::{Office, borrower, mobile};
use crate::bench::Store;
use crate::operators::{add, call, log_in, on_both};

on_both! {
    a_late_loan_is_taken_called_about_and_noted
    a_customer_gets_a_copy_and_is_erased
}

/// What no call may answer to a client's mistake.
#[track_caller]
fn is_refused(office: &Office, who: &str, path: &str, body: &Value, want: (u16, &str)) {
    let (status, answer) = call(&office.bench, "POST", path, office.token(who), body);
    assert_eq!((status, answer["error"]["code"].as_str()), (want.0, Some(want.1)), "{path} {body}");
}

/// Moves the business clock on to so many o'clock, today or tomorrow.
fn at_hour(office: &Office, hour: u32) {
    let clock = office.get("boss", "/clock");
    let business = clock["business"].as_str().unwrap();
    let now: u32 = business[11..13].parse().unwrap();
    let hours = (24 + hour - now) % 24;
    office.post("boss", "/clock/advance", &json!({ "hours": hours.max(1) }), 200);
    if hours == 0 {
        office.post("boss", "/clock/advance", &json!({ "hours": 23 }), 200);
    }
}

fn late(store: Store) -> (Office, i64) {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let office = Office::open(store, &[("JIEHUAN_LENDING_AUTO_DEBIT", "false")], &fixture);
    let loan = office.lend(1);
    office.loan_is(loan, "repaying");
    (office, loan)
}

fn a_late_loan_is_taken_called_about_and_noted(store: Store) {
    let (office, loan) = late(store);
    assert_eq!(office.get("collector", "/collections")["items"], json!([]));
    let path = format!("/collections/{loan}");
    let act = |verb: &str| format!("{path}/{verb}");
    is_refused(&office, "collector", &act("assign"), &json!({}), (409, "not_overdue"));
    office.days(17);
    // 14 days at 18 % over 360 are 7.00; 3 days late at 0.05 % of 1,000.00 are 1.50.
    let list = office.get("collector", "/collections?bucket=M1&assigned=nobody&due=no_contact");
    let row = &list["items"][0];
    assert_eq!((row["id"].as_i64(), row["days_late"].as_i64()), (Some(loan), Some(3)));
    assert_eq!((row["late_today"].as_str(), row["bucket"].as_str()), (Some("1008.50"), Some("M1")));
    for query in [
        "bucket=M0",
        "bucket=1",
        "bucket=M1x",
        "bucket=M%E5%80%9F",
        "due=x",
        "assigned=x",
        "channel=x",
        "page=0",
        "size=-1",
    ] {
        let (status, answer) = call(
            &office.bench,
            "GET",
            &format!("/collections?{query}"),
            office.token("collector"),
            &Value::Null,
        );
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (422, Some("field_wrong")),
            "{query}"
        );
    }
    office.refused("reviewer", &act("assign"), &json!({}), (403, "no_right"));
    is_refused(&office, "collector", "/collections/99/assign", &json!({}), (404, "no_such_loan"));
    is_refused(&office, "collector", "/collections/x/assign", &json!({}), (404, "no_such_loan"));
    let contact = json!({ "way": "call", "outcome": "unreachable" });
    is_refused(&office, "collector", &act("contacts"), &contact, (409, "not_your_case"));
    is_refused(
        &office,
        "collector",
        &act("call"),
        &json!({ "reason": "提醒还款" }),
        (409, "not_your_case"),
    );
    for operator in [-1, 0, 99, i64::MAX] {
        let body = json!({ "operator": operator });
        is_refused(&office, "collector", &act("assign"), &body, (422, "field_wrong"));
    }
    let taken = office.post("collector", &act("assign"), &json!({}), 200);
    assert_eq!(taken["case"]["mine"], true);
    add(&office.bench, "other", "collector");
    let other = log_in(&office.bench, "other", "password1");
    let (status, answer) = call(&office.bench, "POST", &act("assign"), &other, &json!({}));
    assert_eq!((status, answer["error"]["code"].as_str()), (409, Some("case_taken")));
    hostile_contacts(&office, &act("contacts"));
    calls(&office, &act("call"));
    notes(&office, loan, &other);
    stops(&office, loan);
    let released = office.post("collector", &act("release"), &json!({}), 200);
    assert_eq!(released["case"]["holder_id"], Value::Null);
    office.bench.verify();
}

fn hostile_contacts(office: &Office, path: &str) {
    let with = |changes: Value| {
        let mut body = json!({ "way": "call", "outcome": "refused" });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for changes in [
        json!({ "way": "pigeon" }),
        json!({ "outcome": "paid" }),
        json!({ "outcome": "promised" }),
        json!({ "outcome": "promised", "promise_amount": "1.00" }),
        json!({ "outcome": "promised", "promise_amount": "0", "promise_day": "2099-01-01" }),
        json!({ "outcome": "promised", "promise_amount": "1.00", "promise_day": "2099-01-01" }),
        json!({ "outcome": "promised", "promise_amount": "1.00", "promise_day": "2020-01-01" }),
        json!({ "outcome": "promised", "promise_amount": "1e9", "promise_day": "2026-13-40" }),
        json!({ "promise_amount": "1.00", "promise_day": "2099-01-01" }),
        json!({ "follow_up": "yesterday" }),
        json!({ "follow_up": "2020-01-01" }),
        json!({ "follow_up": "9999-12-31" }),
        json!({ "happened_at": "2020-01-01 10:00" }),
        json!({ "happened_at": "9999-12-31 23:59" }),
        json!({ "happened_at": "2026-01-01 25:00" }),
        json!({ "happened_at": "2026-01-01 1:1" }),
        json!({ "happened_at": "now" }),
        json!({ "note": "a\u{0}b" }),
        json!({ "note": "字".repeat(201) }),
    ] {
        is_refused(office, "collector", path, &with(changes), (422, "field_wrong"));
    }
    for body in [
        json!({}),
        json!([]),
        json!({ "way": "call" }),
        with(json!({ "way": 1 })),
        with(json!({ "note": { "a": 1 } })),
        with(json!({ "third_party": "13900000001" })),
    ] {
        is_refused(office, "collector", path, &body, (400, "body_malformed"));
    }
}

/// Three numbers a day, in the hours; each is noted.
fn calls(office: &Office, path: &str) {
    let why = json!({ "reason": "提醒还款" });
    for body in [json!({ "reason": "x" }), json!({ "reason": "字".repeat(201) })] {
        is_refused(office, "collector", path, &body, (422, "field_wrong"));
    }
    at_hour(office, 23);
    is_refused(office, "collector", path, &why, (409, "outside_hours"));
    at_hour(office, 10);
    for used in 1..=3 {
        let shown = office.post("collector", path, &why, 200);
        assert_eq!(
            (shown["mobile_phone"].as_str(), shown["used"].as_i64()),
            (Some("13800000001"), Some(used))
        );
    }
    is_refused(office, "collector", path, &why, (409, "too_many_contacts"));
    let noted = "SELECT COUNT(*) FROM audit_entry WHERE action = 'personal.shown' \
                 AND detail = 'call: 提醒还款'";
    assert_eq!(office.bench.sql(noted).trim(), "3");
}

/// A promise with a note, which only its collector sees, and others for a reason.
fn notes(office: &Office, loan: i64, other: &str) {
    let path = format!("/collections/{loan}");
    let day = office.get("boss", "/clock")["business_day"].clone();
    let promised = json!({ "way": "call", "outcome": "promised", "promise_amount": "500.00",
                           "promise_day": day, "note": "SECRETNOTE" });
    let made = office.post("collector", &format!("{path}/contacts"), &promised, 201);
    assert_eq!(made["contact"]["promise"]["kept"], "open");
    assert_eq!(made["contact"]["breach"], Value::Null);
    // In the night before, by who logs it: it stands there, and auditors see it.
    let night = format!("{} 07:00", day.as_str().unwrap());
    let early = json!({ "way": "visit", "outcome": "refused", "happened_at": night });
    let made = office.post("collector", &format!("{path}/contacts"), &early, 201);
    assert_eq!(made["contact"]["breach"], "outside_hours");
    let breaches = office.get("boss", "/collections/breaches");
    assert_eq!(breaches["items"].as_array().unwrap().len(), 1);
    office.refused(
        "collector",
        "/collections/1/assign",
        &json!({ "x": 1 }),
        (400, "body_malformed"),
    );
    let own = office.get("collector", &path);
    assert_eq!(own["contacts"][0]["note"], "SECRETNOTE");
    assert_eq!(own["guard"]["breach"], "too_many");
    let see = |place: &str| call(&office.bench, "GET", place, other, &Value::Null).1;
    assert_eq!(see(&path)["contacts"][0]["note"], Value::Null);
    let full = see(&format!("{path}?reason=%E4%BB%A3%E7%8F%AD%E8%B7%9F%E8%BF%9B"));
    assert_eq!(full["contacts"][0]["note"], "SECRETNOTE");
    let on_loan = office.get("cashier", &format!("/loans/{loan}"));
    assert_eq!(on_loan["collection"].as_array().unwrap().len(), 2);
    assert!(!on_loan.to_string().contains("SECRETNOTE"));
    let on_customer = office.get("cashier", "/customers/1");
    assert_eq!(on_customer["collection"].as_array().unwrap().len(), 2);
    // Nothing of the people whom the customer has named.
    assert!(!own.to_string().contains("1390"), "{own}");
    let mine = office.get("collector", "/collections?assigned=me");
    assert_eq!(mine["items"][0]["promise"]["amount"], "500.00");
    let due = office.get("collector", "/collections?due=promise");
    assert_eq!(due["items"].as_array().unwrap().len(), 1);
}

fn stops(office: &Office, loan: i64) {
    let (stop, resume) = ("/customers/1/stop-contact", "/customers/1/resume-contact");
    let why = json!({ "kind": "dispute", "reason": "客户投诉" });
    for (body, want) in [
        (json!({ "kind": "x", "reason": "客户投诉" }), (422, "field_wrong")),
        (json!({ "kind": "death", "reason": "x" }), (422, "field_wrong")),
        (
            json!({ "kind": "death", "reason": "客户投诉", "until": "2020-01-01" }),
            (422, "field_wrong"),
        ),
        (json!({ "kind": "death", "reason": "客户投诉", "until": "soon" }), (422, "field_wrong")),
        (json!({ "kind": "death" }), (400, "body_malformed")),
    ] {
        is_refused(office, "collector", stop, &body, want);
    }
    is_refused(office, "collector", "/customers/99/stop-contact", &why, (404, "no_such_customer"));
    let reason = json!({ "reason": "投诉已结" });
    is_refused(office, "risk", resume, &reason, (409, "not_stopped"));
    office.post("collector", stop, &why, 200);
    office.refused("collector", resume, &reason, (403, "no_right"));
    at_hour(office, 10);
    let call = json!({ "reason": "提醒还款" });
    let path = format!("/collections/{loan}/call");
    is_refused(office, "collector", &path, &call, (409, "contact_stopped"));
    assert_eq!(office.get("collector", "/collections")["items"][0]["stopped"], true);
    let shown = office.get("cashier", "/customers/1");
    assert_eq!(
        (shown["contact_stop"]["kind"].as_str(), &shown["contact_stop"]["reason"]),
        (Some("dispute"), &Value::Null)
    );
    office.post("risk", resume, &reason, 200);
    office.post("collector", &path, &call, 200);
}

fn a_customer_gets_a_copy_and_is_erased(store: Store) {
    let (office, loan) = late(store);
    let (export, erase) = ("/customers/1/export", "/customers/1/erase");
    let why = json!({ "reason": "本人申请" });
    for path in [export, erase] {
        let who = if path == export { "reviewer" } else { "boss" };
        office.refused("cashier", path, &why, (403, "no_right"));
        for (body, want) in [
            (json!({}), (400, "body_malformed")),
            (json!({ "reason": "x" }), (422, "field_wrong")),
            (json!({ "reason": "a\u{0}bcd" }), (422, "field_wrong")),
            (json!({ "reason": "本人申请", "all": true }), (400, "body_malformed")),
        ] {
            is_refused(&office, who, path, &body, want);
        }
        let nobody = path.replace('1', "99");
        is_refused(&office, who, &nobody, &why, (404, "no_such_customer"));
        let absurd = path.replace('1', "99999999999999999999");
        is_refused(&office, who, &absurd, &why, (404, "no_such_customer"));
    }
    office.refused("boss", export, &why, (403, "no_right"));
    office.refused("reviewer", erase, &why, (403, "no_right"));
    let copy = office.post("reviewer", export, &why, 200);
    let rows = |table: &str| {
        let sections = copy["sections"].as_array().unwrap();
        let found = sections.iter().find(|section| section["table"] == table);
        found.unwrap_or_else(|| panic!("no {table} in {copy}"))["rows"].clone()
    };
    assert_eq!(rows("person")[0]["id_no_sealed"], super::id_no(1));
    assert_eq!(rows("person")[0]["name_sealed"], "周小舟");
    assert_eq!(rows("member")[0]["mobile_sealed"], mobile(1));
    assert_eq!(rows("loan")[0]["principal_fen"], "1000.00");
    assert!(rows("document")[0]["text_sealed"].as_str().unwrap().contains("周小舟"));
    assert_eq!(copy["labels"]["id_no_sealed"]["zh"], "身份证号");
    assert!(copy["not_included"].as_array().unwrap().len() > 10);
    is_refused(&office, "boss", erase, &why, (409, "something_open"));
    let paid = json!({ "amount": "1007.00", "reference": "x1" });
    office.days(14);
    office.post("collector", &format!("/loans/{loan}/payments"), &paid, 201);
    office.loan_is(loan, "settled");
    let done = office.post("boss", erase, &why, 200);
    assert_eq!(done["kept"][0]["why"], "law");
    assert_eq!(office.post("boss", erase, &why, 200), done);
    let shown = office.get("cashier", "/customers/1");
    assert_eq!(
        (&shown["customer"]["mobile_phone"], &shown["customer"]["identity"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(shown["customer"]["erased_at"], done["erased_at"]);
    let found = office.get("cashier", &format!("/search?q={}", mobile(1)));
    assert_eq!(found["customers"], json!([]));
    let curves = office.get("cashier", "/vintage");
    assert_eq!(curves["months"][0]["principal"], "1000.00");
    office.bench.verify();
}
