//! A lead becomes an application of 悟空: the person agrees by a code, applies for themselves, and
//! the fee goes to who told of them.

use kernel::Channel;
use kernel::id::LeadId;
use lending::customers::codes::Purpose;
use lending::leads;
use serde_json::{Value, json};

use super::App;
use crate::bench::{Bench, Store};
use crate::operators::{add, call, log_in, on_both};
use crate::people::ID_NO;
use crate::wukong;
use crate::wukong::borrowing::prove_card_and_phone;

on_both! {
    a_lead_becomes_an_application
}

/// Who wants a loan; invented.
const PERSON: &str = "13800000001";

/// What the person was sent; benches can look at it.
#[track_caller]
pub(super) fn consent_code(bench: &Bench, lead: i64) -> String {
    let core = bench.core();
    let lead = LeadId::from_number(lead);
    let sent =
        core.read_and_wait(move |tx| leads::last_consent_code(tx, lead, Channel::Wukong)).unwrap();
    core.close();
    sent.expect("a code was sent").expose().to_owned()
}

pub(super) fn a_lead_becomes_an_application(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "cashier", "cashier");
    let cashier = log_in(&bench, "cashier", "password1");
    let mut alice = App::officer(&bench, "13700000001");
    let mut bob = App::officer(&bench, "13700000002");
    let path = "/customers?channel=shuaidan&mobile=13700000002";
    let (_, found) = call(&bench, "GET", path, &cashier, &Value::Null);
    let path = format!("/officers/{}/transfers", found["items"][0]["id"]);
    let body = json!({"direction": "in", "amount": "50.00", "reference": "B-1"});
    assert_eq!(call(&bench, "POST", &path, &cashier, &body).0, 201);

    let told =
        super::lead(1, PERSON).replace(&crate::office::id_no(1), ID_NO).replace("周小舟", "李小明");
    assert_eq!(alice.post("/loanrequest/", &told), r#"{"sucessed":true}"#);
    let lead = alice.shown("GET", "/leads/mine", "")[0]["id"].as_i64().unwrap();
    let to = format!("id={lead}&channel=wukong");
    assert_eq!(bob.refused("POST", "/leads/consent", &to), "the lead is not yours.");
    bob.shown("POST", "/leads/claim", &format!("id={lead}"));
    for (channel, text) in [
        ("futureloan", "the channel does not lend."),
        ("nobody", "channel is not available."),
        ("", "channel is required."),
    ] {
        let form = format!("id={lead}&channel={channel}");
        assert_eq!(bob.refused("POST", "/leads/consent", &form), text);
    }
    let early = format!("{to}&securityCode=123456");
    assert_eq!(bob.refused("POST", "/leads/handover", &early), "captcha is not avalible.");
    bob.shown("POST", "/leads/consent", &to);
    let code = consent_code(&bench, lead);
    let wrong = if code == "100000" { "100001" } else { "100000" };
    let with = |code: &str| format!("{to}&securityCode={code}");
    assert_eq!(bob.refused("POST", "/leads/handover", &with(wrong)), "captcha is not avalible.");
    let handed = bob.shown("POST", "/leads/handover", &with(&code));
    assert!(handed["handed_over_at"].is_string() && handed["applied_at"].is_null(), "{handed}");
    let handed_over = "the lead has been handed over.";
    assert_eq!(bob.refused("POST", "/leads/handover", &with(&code)), handed_over);
    let lost = format!("id={lead}&result=lost");
    assert_eq!(bob.refused("POST", "/leads/close", &lost), handed_over);
    apply(&bench);

    // The application has won the lead, and paid its fee.
    let won = bob.shown("GET", &format!("/leads/detail?id={lead}"), "");
    assert_eq!(won["state"], "won");
    assert!(won["applied_at"].is_string());
    assert_eq!(alice.shown("GET", "/leads/wallet", "")["balance"], "20.00");
    let (_, funnel) = call(&bench, "GET", "/leads/funnel", &cashier, &Value::Null);
    assert_eq!((&funnel["handed_over"], &funnel["applied"]), (&json!(1), &json!(1)));
    let path = format!("/leads/{lead}");
    let (_, one) = call(&bench, "GET", &path, &cashier, &Value::Null);
    assert!(one["lead"]["application_id"].is_i64(), "{one}");
    bench.verify();
}

/// The person sets a password of their own, proves who they are, and applies.
fn apply(bench: &Bench) {
    let mut app = wukong::App::new(bench);
    let form = format!("mobile={PERSON}");
    app.post("/send-mobile-code/forget-password", &form).done("发送短信成功，请查收");
    let sent = wukong::sms_code(bench, PERSON, Purpose::PasswordReset);
    let core = bench.core();
    let form = format!("mobile={PERSON}&code={sent}&password=secret99&card_mantissa=000000");
    app.put("/forget-password", &form).done("设置成功");
    let form = format!("mobile={PERSON}&password=secret99");
    app.post("/login", &form).one()["token"].as_str().unwrap().clone_into(&mut app.token);
    app.prove("李小明", ID_NO);
    prove_card_and_phone(&core);
    core.close();
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
}
