//! Leads as officers submit them: every field, and the message that names a wrong one.

use super::{App, lead, refusal};
use crate::bench::{Bench, Store};
use crate::office::id_no;
use crate::operators::on_both;

on_both! {
    leads_are_taken_in_field_by_field
}

const ALICE: &str = "13800000001";
const TELEPHONE: &str = "13900000001";
const DONE: &str = r#"{"sucessed":true}"#;

/// The form with another value in a field; without the field where there is no value.
fn with(form: &str, name: &str, value: Option<&str>) -> String {
    let is = |pair: &&str| pair.split_once('=').is_some_and(|(known, _)| known == name);
    let mut fields: Vec<_> = form.split('&').filter(|pair| !is(pair)).map(str::to_owned).collect();
    fields.extend(value.map(|value| format!("{name}={value}")));
    fields.join("&")
}

pub(super) fn leads_are_taken_in_field_by_field(store: Store) {
    let bench = Bench::start(store);
    let form = lead(1, TELEPHONE);
    let login_first = "please login first.";
    assert_eq!(refusal(&App::new(&bench).post("/loanrequest/", &form)), login_first);
    let mut app = App::officer(&bench, ALICE);
    let count = |app: &mut App<'_>| {
        let answer = app.send("GET", "/leads/mine", "").json();
        answer["total"].as_i64().unwrap()
    };
    for path in ["/loanrequest/", "/loanrequest", "//loanrequest/"] {
        assert_eq!(app.post(path, &form), DONE, "{path}");
    }
    assert_eq!(count(&mut app), 1, "told three times within a day");
    required(&mut app, &form);
    wrong(&mut app, &form);
    assert_eq!(count(&mut app), 1, "what is refused leaves nothing");
    right(&mut app, &form);
    let shown = app.shown("GET", "/leads/detail?id=1", "");
    let info = &shown["customer_info"];
    for (name, value) in [
        ("name", "周小舟"),
        ("id_no", &*id_no(1)),
        ("telephone", TELEPHONE),
        ("house_hold", "京户"),
        ("income", "600.00"),
        ("debit_card_limit", "10000.00"),
        ("loaned_amount", "100000.00"),
        ("house_location", "北京"),
        ("car_licence", "京Q00000"),
        ("loaned_from_company", "某贷;某某贷;"),
        ("remark", "周末联系"),
    ] {
        assert_eq!(info[name], value, "{name}");
    }
    for (name, value) in [
        ("sex", 1),
        ("company_type", 2),
        ("income_pay_type", 2),
        ("have_secure", 1),
        ("have_house_fund", 1),
        ("have_house", 1),
        ("house_amount", 2),
        ("house_type", 2),
        ("house_status", 2),
        ("house_loan", 2),
        ("have_house_cert", 1),
        ("accept_house_mortgage", 1),
        ("have_car", 2),
        ("car_amount", 2),
        ("accept_car_mortgage", 1),
    ] {
        assert_eq!(info[name], value, "{name}");
    }
    assert_eq!(
        (
            &shown["request_amount"],
            &shown["customerType"],
            &shown["loan_type"],
            &shown["loan_term"]
        ),
        (&"100.00".into(), &2.into(), &2.into(), &2.into())
    );
    bench.verify();
}

fn required(app: &mut App<'_>, form: &str) {
    for name in [
        "request_amount",
        "customerType",
        "loan_type",
        "loan_term",
        "customer_info.name",
        "customer_info.sex",
        "customer_info.id_no",
        "customer_info.loaned_amount",
    ] {
        for value in [None, Some(""), Some(" ")] {
            let said = refusal(&app.post("/loanrequest/", &with(form, name, value)));
            assert_eq!(said, format!("{name} is required."), "{value:?}");
        }
    }
}

fn wrong(app: &mut App<'_>, form: &str) {
    let good = id_no(1);
    let digit = if good.ends_with('1') { '2' } else { '1' };
    let check_digit = format!("{}{digit}", &good[..17]);
    let choices: &[(&str, &[&str])] = &[
        ("request_amount", &["0", "-1", "0.001", "x", "1e400", "99999999999999"]),
        ("customerType", &["0", "3", "x", "1.5"]),
        ("loan_type", &["0", "4", "-1"]),
        ("loan_term", &["0", "8"]),
        ("customer_info.name", &["周", "1", "a%00b", "a%0Ab"]),
        ("customer_info.sex", &["0", "3", "男"]),
        ("customer_info.id_no", &["1", "11010119900230001X", &check_digit, "%E5%8F%B7"]),
        ("customer_info.telephone", &["1", "1380000000", "23800000001"]),
        ("customer_info.company_type", &["0", "5"]),
        ("customer_info.house_hold", &["a%00b"]),
        ("customer_info.income", &["-1", "x", "0.001"]),
        ("customer_info.income_pay_type", &["0", "5"]),
        ("customer_info.have_secure", &["0", "3", "true"]),
        ("customer_info.have_house_fund", &["3"]),
        ("customer_info.debit_card_limit", &["x", "-0.01"]),
        ("customer_info.loaned_amount", &["x", "-1"]),
        ("customer_info.have_house", &["3"]),
        ("customer_info.house_location", &["%01"]),
        ("customer_info.house_amount", &["-1", "x", "0.5", "99999999999"]),
        ("customer_info.house_type", &["0", "9"]),
        ("customer_info.house_status", &["0", "5"]),
        ("customer_info.house_loan", &["3"]),
        ("customer_info.have_house_cert", &["3"]),
        ("customer_info.accept_house_mortgage", &["3"]),
        ("customer_info.have_car", &["3"]),
        ("customer_info.car_licence", &["%1F"]),
        ("customer_info.car_amount", &["x"]),
        ("customer_info.accept_car_mortgage", &["3"]),
        ("customer_info.loaned_from_company", &["a%1Eb"]),
        ("customer_info.remark", &["%00"]),
    ];
    assert_eq!(choices.len(), 30, "every field of the document");
    for (name, values) in choices {
        for value in *values {
            let said = refusal(&app.post("/loanrequest/", &with(form, name, Some(value))));
            assert_eq!(said, format!("{name} is not available."), "{name}={value}");
        }
    }
    let long = "长".repeat(201);
    let said =
        refusal(&app.post("/loanrequest/", &with(form, "customer_info.remark", Some(&long))));
    assert_eq!(said, "customer_info.remark is not available.");
}

fn right(app: &mut App<'_>, form: &str) {
    // Only what must be there; and numbers as clients may write them.
    let short: Vec<_> = form
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap();
            !name.starts_with("customer_info.")
                || ["name", "sex", "id_no", "loaned_amount"].iter().any(|kept| name.ends_with(kept))
        })
        .collect();
    let short = with(&short.join("&"), "customer_info.id_no", Some(&id_no(2)));
    assert_eq!(app.post("/loanrequest/", &short), DONE);
    for term in ["1", "2.0", "3", "4", "5", "6", "7"] {
        assert_eq!(app.post("/loanrequest/", &with(&short, "loan_term", Some(term))), DONE);
    }
    let lower = id_no(9).to_lowercase();
    let lower =
        with(&with(&short, "customer_info.id_no", Some(&lower)), "request_amount", Some("0.01"));
    assert_eq!(app.post("/loanrequest/", &lower), DONE);
}
