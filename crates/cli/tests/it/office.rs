//! The lender from the operators' side of the wire: who may do what, two people where it is about
//! much, money that moves once, and people who stay masked.

mod books;
mod collecting;
mod keeping;

use serde_json::{Value, json};

use crate::bench::{Bench, Store, both, pause};
use crate::operators::{add, call, keyed, log_in, on_both, refused};
use crate::people::{card_no_with, id_no_with};

on_both! {
    an_application_is_reviewed_and_paid_out
    a_large_payout_needs_two_people_and_happens_once
    an_overdue_loan_is_written_off_by_two_and_recovered
    a_repayment_is_taken_back_by_two
    a_declined_payout_is_tried_again_or_given_up
    the_command_line_works_on_day_ends
}

/// An invented id number with a valid check character, of somebody born in 1990.
pub(crate) fn id_no(n: u32) -> String {
    id_no_with(&format!("11010119900101{n:03}"))
}

/// An invented debit card with a valid Luhn digit; the sandbox looks at the last four of `n`.
fn card_no(n: u32) -> String {
    card_no_with(&format!("621700{n:012}"))
}

/// The mobile number of borrower `n`.
pub(crate) fn mobile(n: u32) -> String {
    format!("1380000{n:04}")
}

/// A borrower of a fixture.
pub(crate) fn borrower(n: u32, card: u32) -> Value {
    json!({ "mobile_phone": mobile(n), "pwd": "password1", "real_name": "周小舟", "id_no": id_no(n),
            "bank_card": card_no(card), "monthly_income": "50000.00" })
}

/// One operator of each kind, by the role's word; the second cashier is `cashier2`.
pub(crate) struct Office {
    pub(crate) bench: Bench,
    tokens: Vec<(&'static str, String)>,
}

const STAFF: &[(&str, &str)] = &[
    ("reviewer", "reviewer"),
    ("senior", "senior-reviewer"),
    ("senior2", "senior-reviewer"),
    ("cashier", "cashier"),
    ("cashier2", "cashier"),
    ("collector", "collector"),
    ("risk", "risk-manager"),
    ("risk2", "risk-manager"),
    ("product", "product-manager"),
    ("accountant", "accountant"),
    ("auditor", "auditor"),
    ("boss", "administrator"),
];

impl Office {
    pub(crate) fn open(store: Store, settings: &[(&str, &str)], fixture: &Value) -> Self {
        let bench = Bench::start_with(store, settings);
        if !fixture.is_null() {
            bench.load(&fixture.to_string());
        }
        let staff = STAFF.iter().map(|(login, role)| {
            add(&bench, login, role);
            (*login, log_in(&bench, login, "password1"))
        });
        let tokens = staff.collect();
        Self { bench, tokens }
    }

    pub(crate) fn token(&self, who: &str) -> &str {
        &self.tokens.iter().find(|(login, _)| *login == who).unwrap().1
    }

    #[track_caller]
    pub(crate) fn get(&self, who: &str, path: &str) -> Value {
        let (status, answer) = call(&self.bench, "GET", path, self.token(who), &Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    #[track_caller]
    pub(crate) fn post(&self, who: &str, path: &str, body: &Value, status: u16) -> Value {
        let (got, answer) = call(&self.bench, "POST", path, self.token(who), body);
        assert_eq!(got, status, "{path}: {answer}");
        answer
    }

    #[track_caller]
    pub(crate) fn refused(&self, who: &str, path: &str, body: &Value, want: (u16, &str)) {
        let got = refused(&self.bench, "POST", path, self.token(who), body);
        assert_eq!(got, (want.0, want.1.to_owned()), "{who} {path}");
    }

    /// The id of the approval that a command waits for.
    #[track_caller]
    pub(crate) fn awaited(&self, who: &str, path: &str, body: &Value) -> String {
        let answer = self.post(who, path, body, 202);
        assert_eq!(answer["approval"]["state"], "requested");
        answer["approval"]["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn consent(&self, who: &str, approval: &str) {
        self.post(who, &format!("/approvals/{approval}/approve"), &Value::Null, 200);
    }

    /// Waits until something about a record is as it should be.
    #[track_caller]
    fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let answer = self.get("boss", path);
            if is_so(&answer) {
                return answer;
            }
            pause(50);
        }
        panic!("{path} stays so: {}", self.get("boss", path));
    }

    /// Reviews the application by one step and pays it out; the loan.
    #[track_caller]
    fn lend(&self, application: i64) -> i64 {
        let path = format!("/applications/{application}");
        self.post("senior", &format!("{path}/review"), &json!({ "verdict": "approve" }), 200);
        let made = self.post("cashier", &format!("{path}/payout"), &json!({}), 201);
        made["loan_id"].as_i64().unwrap()
    }

    #[track_caller]
    fn loan_is(&self, loan: i64, state: &str) -> Value {
        self.until(&format!("/loans/{loan}"), |answer| answer["loan"]["state"] == state)
    }

    /// Lets days pass, each with its day-end.
    #[track_caller]
    fn days(&self, days: u32) {
        self.post("boss", "/clock/advance", &json!({ "days": days }), 200);
        for _ in 0..400 {
            let run = self.post("boss", "/day-ends/run", &json!({}), 200);
            assert_eq!(run["failed"], 0, "{run}");
            if run["up_to_date"] == true || run["waiting"] == true {
                return;
            }
        }
        panic!("the day-ends come to no end");
    }
}

const FINE: Value = Value::Null;

fn an_application_is_reviewed_and_paid_out(store: Store) {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let office = Office::open(store, &[], &fixture);
    let list = office.get("reviewer", "/applications");
    let id = list["items"][0]["id"].as_i64().unwrap();
    let path = format!("/applications/{id}");
    let (review, payout) = (format!("{path}/review"), format!("{path}/payout"));
    let one = office.get("reviewer", &path);
    assert_eq!(one["customer"]["mobile_phone"], "138****0001");
    assert!(one["customer"]["identity"]["name"].as_str().unwrap().contains('*'));
    assert_eq!(one["application"]["asked"]["amount"], "1000.00");
    // By hand: 1000.00 x 18 % x 14 / 360 = 7.00.
    assert_eq!(one["offer"]["rows"][0]["interest"], "7.00");
    assert_eq!(one["offer"]["repaid"], "1007.00");

    let yes = json!({ "verdict": "approve", "note": "合格" });
    office.refused("cashier", &review, &yes, (403, "no_right"));
    office.refused("boss", &review, &yes, (403, "no_right"));
    // The only step is the last one: a first reviewer may refuse there, and not approve.
    office.refused("reviewer", &review, &yes, (403, "no_right"));
    for (body, code) in [
        (json!({ "verdict": "approve", "amount": "1000.01" }), "more_than_asked"),
        (json!({ "verdict": "approve", "amount": "0" }), "field_wrong"),
        (json!({ "verdict": "approve", "amount": "1e3" }), "field_wrong"),
        (json!({ "verdict": "approve", "tenor": 15 }), "not_offered"),
        (json!({ "verdict": "refuse" }), "field_wrong"),
        (json!({ "verdict": "refuse", "reason": "x", "tenor": 7 }), "field_wrong"),
        (json!({ "verdict": "perhaps" }), "field_wrong"),
    ] {
        office.refused("senior", &review, &body, (422, code));
    }
    office.refused("cashier", &payout, &json!({}), (409, "not_payable"));
    let approved = office.post("senior", &review, &yes, 200);
    assert_eq!(approved["application"]["state"], "approved");
    assert_eq!(approved["application"]["approved"]["amount"], "1000.00");
    office.refused("senior2", &review, &yes, (409, "not_reviewing"));

    office.refused("senior", &payout, &json!({}), (403, "no_right"));
    let bearer = office.token("cashier");
    let pay = || keyed(&office.bench, "POST", &payout, bearer, (&json!({}), Some("pay-1")));
    let first = pay();
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(pay().text, first.text, "the key is carried out once");
    office.refused("cashier", &payout, &json!({}), (409, "not_payable"));
    let loan = first.json()["loan_id"].as_i64().unwrap();
    let loan = office.loan_is(loan, "repaying");
    assert_eq!(loan["loan"]["received"], "1000.00");
    assert_eq!(loan["rows"][0]["outstanding"], "1007.00");
    assert_eq!(loan["payments"][0]["state"], "succeeded");
    let order = format!("/payments/{}", loan["payments"][0]["id"].as_str().unwrap());
    assert_eq!(office.get("cashier", &order)["payment"]["amount"], "1000.00");
    assert_eq!(office.get("cashier", "/payments")["items"], json!([]));
    let line = office.get("risk", &format!("/customers/{}/limit", loan["loan"]["customer_id"]));
    assert_eq!(line["line"]["used"], "1000.00");
    assert_eq!(line["line"]["frozen"], "0.00");
    office.bench.verify();
}

/// A product for loans above the threshold of payouts.
fn large_product(office: &Office) {
    let list = office.get("product", "/products?channel=xianjindai");
    let items = list["items"].as_array().unwrap();
    let known = items.iter().find(|product| product["code"] == "DAYS-RANGE").unwrap();
    let mut version = known["version"].clone();
    version["amounts"] = json!({ "least": "1000.00", "most": "100000.00" });
    version["first_limit"] = json!("100000.00");
    let body = json!({ "channel": "xianjindai", "code": "LARGE", "version": version });
    office.post("product", "/products", &body, 200);
}

fn a_large_payout_needs_two_people_and_happens_once(store: Store) {
    let fixture = json!({ "borrowers": [borrower(1, 1), borrower(2, 2)] });
    let office = Office::open(store, &[], &fixture);
    large_product(&office);
    office.bench.load(
        &json!({ "applications": [
            { "mobile_phone": mobile(1), "product": "LARGE", "amount": "60000.00" },
            { "mobile_phone": mobile(2), "product": "LARGE", "amount": "60000.00" },
        ] })
        .to_string(),
    );
    let list = office.get("senior", "/applications");
    let ids: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|a| a["id"].as_i64().unwrap()).collect();
    for id in &ids {
        let review = format!("/applications/{id}/review");
        office.post("senior", &review, &json!({ "verdict": "approve" }), 200);
    }
    let payout = format!("/applications/{}/payout", ids[0]);
    let other = format!("/applications/{}/payout", ids[1]);
    let reason = json!({ "reason": "大额放款" });
    let approval = office.awaited("cashier", &payout, &reason);
    let with = |approval: &str| json!({ "approval": approval });
    assert_eq!(office.get("boss", "/loans?state=paying_out")["items"], json!([]), "nothing yet");
    office.refused("cashier", &payout, &with(&approval), (409, "approval_not_good"));
    let approve = format!("/approvals/{approval}/approve");
    office.refused("cashier", &approve, &FINE, (409, "own_request"));
    office.refused("senior", &approve, &FINE, (403, "no_right"));
    office.consent("cashier2", &approval);
    for odd in ["", "1", "x", "-1", "99999999999999999999"] {
        office.refused("cashier", &payout, &with(odd), (404, "no_such_approval"));
    }
    office.refused("cashier", &other, &with(&approval), (409, "approval_for_another"));
    office.refused("senior", &payout, &with(&approval), (403, "no_right"));

    // Ten at once: one of them carries it out.
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let pay =
            || call(&office.bench, "POST", &payout, office.token("cashier"), &with(&approval));
        let running: Vec<_> = (0..10).map(|_| scope.spawn(pay)).collect();
        running.into_iter().map(|run| run.join().unwrap().0).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    office.refused("cashier", &payout, &with(&approval), (409, "not_payable"));
    office.refused("cashier", &other, &with(&approval), (409, "approval_for_another"));
    let used = office.get("boss", &format!("/approvals/{approval}"));
    assert_eq!(used["approval"]["state"], "used");
    assert_eq!(used["approval"]["amount"], "60000.00");
    office.until("/loans", |loans| loans["items"].as_array().unwrap().len() == 1);
    let rejected = office.awaited("cashier2", &other, &json!({}));
    office.post("cashier", &format!("/approvals/{rejected}/reject"), &FINE, 200);
    office.refused("cashier2", &other, &with(&rejected), (409, "approval_not_good"));
    office.bench.verify();
}

fn an_overdue_loan_is_written_off_by_two_and_recovered(store: Store) {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let settings = [("JIEHUAN_LENDING_AUTO_DEBIT", "false")];
    let office = Office::open(store, &settings, &fixture);
    let loan = office.lend(1);
    office.loan_is(loan, "repaying");
    let path = format!("/loans/{loan}");
    let (write_off, recoveries) = (format!("{path}/write-off"), format!("{path}/recoveries"));
    let why = json!({ "reason": "无法联系" });
    office.refused("risk", &write_off, &why, (409, "not_overdue"));
    office.refused("collector", &recoveries, &json!({"amount": "1.00"}), (409, "not_written_off"));
    let before = office.get("boss", "/clock");
    office.days(54);
    let after = office.get("boss", "/clock");
    assert_ne!(before["business_day"], after["business_day"], "the server's clock follows at once");
    let days = office.get("boss", "/day-ends?size=100");
    // The day of the payout, and the 54 after it.
    assert_eq!(days["items"].as_array().unwrap().len(), 55);
    assert_eq!(days["items"][0]["day"], after["business_day"]);
    let failures = format!("/day-ends/{}/failures", after["business_day"].as_str().unwrap());
    assert_eq!(office.get("boss", &failures)["items"], json!([]));
    // Due after 14 days, so 40 days late: M2.
    let late = office.get("collector", &path);
    assert_eq!(late["loan"]["bucket"], "M2");
    assert_eq!(late["rows"][0]["overdue_days"], 40);
    // By hand: 0.05 % of 1000.00 for 40 days is 20.00; 24 % a year on interest and penalty
    // together caps it: 54 days of 1000.00 x 24 % / 365 are 35.50, less 7.00 is more than 20.00.
    assert_eq!(late["rows"][0]["penalty"], "20.00");
    assert_eq!(office.get("boss", "/loans?state=overdue")["items"][0]["id"], loan);

    office.refused("cashier", &write_off, &why, (403, "no_right"));
    office.refused("risk", &write_off, &json!({ "reason": "x" }), (422, "field_wrong"));
    let approval = office.awaited("risk", &write_off, &why);
    office.consent("risk2", &approval);
    let other = json!({ "reason": "另一原因", "approval": approval });
    office.refused("risk", &write_off, &other, (409, "approval_for_another"));
    let again = json!({ "reason": "无法联系", "approval": approval });
    let done = office.post("risk", &write_off, &again, 200);
    assert_eq!(done["lost"], "1027.00");
    assert_eq!(office.get("boss", &path)["loan"]["state"], "written_off");
    office.refused("cashier", &recoveries, &json!({ "amount": "1.00" }), (403, "no_right"));
    office.refused("collector", &recoveries, &json!({ "amount": "0.00" }), (422, "field_wrong"));
    office.post("collector", &recoveries, &json!({ "amount": "100.00" }), 201);
    let told = office.get("boss", &format!("/audit?subject=loan&subject_id={loan}"));
    let told: Vec<_> = told["items"].as_array().unwrap().iter().map(|e| &e["action"]).collect();
    for action in ["loan.written_off", "operator.reason", "approval.used", "loan.recovered"] {
        assert!(told.contains(&&json!(action)), "{action}: {told:?}");
    }
    office.bench.verify();
}

fn a_repayment_is_taken_back_by_two(store: Store) {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let settings = [("JIEHUAN_LENDING_AUTO_DEBIT", "true")];
    let office = Office::open(store, &settings, &fixture);
    let loan = office.lend(1);
    office.loan_is(loan, "repaying");
    office.days(14);
    let settled = office.loan_is(loan, "settled");
    let repayment = &settled["repayments"][0];
    assert_eq!(repayment["amount"], "1007.00");
    let path = format!("/repayments/{}/reverse", repayment["id"].as_str().unwrap());
    let why = json!({ "reason": "银行退票" });
    office.refused("senior", &path, &why, (403, "no_right"));
    office.refused("cashier", "/repayments/1/reverse", &why, (404, "no_such_repayment"));
    let approval = office.awaited("cashier", &path, &why);
    office.consent("cashier2", &approval);
    let again = json!({ "reason": "银行退票", "approval": approval });
    let reversed = office.post("cashier", &path, &again, 200);
    assert_eq!(reversed["repayment"]["reversed"], true);
    office.refused("cashier", &path, &again, (409, "already_reversed"));
    assert_eq!(office.get("boss", &format!("/loans/{loan}"))["loan"]["state"], "repaying");
    let customer = settled["loan"]["customer_id"].as_i64().unwrap();
    let refund = format!("/customers/{customer}/refund");
    office.refused("cashier", &refund, &json!({ "amount": "5.00" }), (409, "credit_too_small"));
    office.refused("cashier", &refund, &json!({ "amount": "-5.00" }), (422, "field_wrong"));
    let large = office.awaited("cashier", &refund, &json!({ "amount": "1000.01" }));
    let with = json!({ "amount": "1000.02", "approval": large });
    office.consent("cashier2", &large);
    office.refused("cashier", &refund, &with, (409, "approval_for_another"));
    // Refused by the core: the approval is as it was.
    let with = json!({ "amount": "1000.01", "approval": large });
    office.refused("cashier", &refund, &with, (409, "credit_too_small"));
    let kept = office.get("boss", &format!("/approvals/{large}"));
    assert_eq!(kept["approval"]["state"], "approved");
    office.bench.verify();
}

fn a_declined_payout_is_tried_again_or_given_up(store: Store) {
    // Cards that end in 9907 before the check digit decline payouts: docs/providers.md.
    let fixture = json!({ "borrowers": [borrower(1, 9907)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let office = Office::open(store, &[], &fixture);
    let loan = office.lend(1);
    let failed = office.loan_is(loan, "payout_failed");
    assert_eq!(failed["payments"][0]["state"], "failed");
    assert_eq!(failed["rows"], json!([]));
    let path = format!("/loans/{loan}/payout");
    let (retry, abandon) = (format!("{path}/retry"), format!("{path}/abandon"));
    office.refused("senior", &retry, &json!({}), (403, "no_right"));
    office.refused("senior", &abandon, &json!({}), (403, "no_right"));
    office.post("cashier", &retry, &json!({}), 201);
    office.until(&format!("/loans/{loan}"), |answer| {
        answer["payments"].as_array().unwrap().iter().all(|payment| payment["state"] == "failed")
            && answer["payments"].as_array().unwrap().len() == 2
            && answer["loan"]["state"] == "payout_failed"
    });
    office.post("cashier", &abandon, &json!({}), 200);
    office.refused("cashier", &abandon, &json!({}), (409, "not_payable"));
    office.refused("cashier", &retry, &json!({}), (409, "not_payable"));
    let customer = failed["loan"]["customer_id"].as_i64().unwrap();
    let line = office.get("risk", &format!("/customers/{customer}/limit"));
    assert_eq!((&line["line"]["used"], &line["line"]["frozen"]), (&json!("0.00"), &json!("0.00")));
    office.bench.verify();
}

fn the_command_line_works_on_day_ends(store: Store) {
    let fixture = json!({ "borrowers": [borrower(1, 1)], "applications": [
        { "mobile_phone": mobile(1), "product": "DAYS-RANGE", "amount": "1000.00" },
    ] });
    let settings = [("JIEHUAN_LENDING_AUTO_DEBIT", "false")];
    let mut office = Office::open(store, &settings, &fixture);
    let loan = office.lend(1);
    office.loan_is(loan, "repaying");
    office.bench.stop();
    office.bench.cli_ok(&["day-end"]);
    office.bench.cli_ok(&["clock", "advance", "20d"]);
    let output = office.bench.cli(&["day-end"]);
    assert!(output.status.success(), "{}", both(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains(": 20 loans in ") && printed.contains(" loans/s"), "{printed}");
    assert!(output.stderr.is_empty(), "a progress bar is for terminals");
    office.bench.serve();
    let late = office.get("boss", &format!("/loans/{loan}"));
    assert_eq!(late["rows"][0]["overdue_days"], 6);
    assert_eq!(late["loan"]["bucket"], "M1");
    office.bench.verify();
}

#[test]
fn the_clock_stands_where_the_switch_is_off() {
    let settings = [("JIEHUAN_BENCH_MOVABLE_CLOCK", "false")];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    add(&bench, "boss", "administrator");
    let boss = log_in(&bench, "boss", "password1");
    let got = refused(&bench, "POST", "/clock/advance", &boss, &json!({ "days": 1 }));
    assert_eq!(got, (409, "clock_fixed".to_owned()));
    let (_, clock) = call(&bench, "GET", "/clock", &boss, &Value::Null);
    assert_eq!(clock["movable"], false);
}
