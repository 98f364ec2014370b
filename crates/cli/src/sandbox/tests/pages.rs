//! The pages as a browser sees them: signing a card, paying, and what comes back.

use kernel::{Date, Money};
use lending::ports::{CardHolder, MoneyOutcome, Pages as _, PayPage, Payments as _};
use providers::lianlian::{PAY_PATH, SIGN_PATH};

use super::stage::{Stage, card, order, person};

const PLAIN: &str = "6222020200000000012";

/// What a browser gets: the status, where it is sent, and the page.
struct Seen {
    status: u16,
    location: String,
    body: String,
}

fn post(url: &str, fields: &[(&str, &str)]) -> Seen {
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let agent: ureq::Agent = config.max_redirects_will_error(false).build().into();
    let mut answer = agent.post(url).send_form(fields.iter().copied()).unwrap();
    let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
    Seen {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default(),
        body: answer.body_mut().read_to_string().unwrap(),
    }
}

fn token(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

/// Plain text of an escape.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn shown(stage: &Stage, path: &str, req_data: &str) -> Seen {
    let url = format!("{}/{path}", stage.sandbox.url("lianlian-pages"));
    post(&url, &[("req_data", req_data)])
}

fn holder() -> CardHolder {
    let (name, id_no, mobile) = person();
    CardHolder {
        customer: "7".to_owned(),
        name,
        id_no,
        card: card(PLAIN),
        mobile,
        registered_at: Date::from_ymd(2026, 1, 2).unwrap().start(),
    }
}

fn decide(stage: &Stage, page: &Seen, code: &str, deed: &str) -> Seen {
    let url = format!("{}/done.htm", stage.sandbox.url("lianlian-pages"));
    post(&url, &[("token", token(&page.body)), ("code", code), ("deed", deed)])
}

#[test]
fn a_card_is_signed_on_the_page_and_debited_afterwards() {
    let stage = Stage::open("http://127.0.0.1:9/", false);
    let holder = holder();
    let number = holder.card.clone();
    let form = stage.lianlian.sign(&holder, "http://127.0.0.1:9/back?x=1").unwrap();
    assert!(form.contains("20260102000000"), "{form}");
    let seen = shown(&stage, SIGN_PATH, &form);
    assert!(seen.status == 200 && seen.body.contains("签约银行卡") && !seen.body.contains(PLAIN));
    assert!(decide(&stage, &seen, "000000", "agree").body.contains("1900"));
    assert!(decide(&stage, &seen, "000009", "agree").body.contains("1901"));
    let back = decide(&stage, &seen, "123456", "agree");
    assert_eq!(back.status, 303);
    let (url, result) = back.location.split_once("&result=").unwrap();
    assert_eq!(url, "http://127.0.0.1:9/back?x=1&status=0000");
    let result = unescape(result);
    let returned = stage.lianlian.read_return("0000", &result).unwrap();
    assert_eq!(returned.user, stage.lianlian.user_of(&number));
    assert_eq!(stage.lianlian.read_return("1005", &result), None);
    assert_eq!(stage.lianlian.read_return("0000", &result.replace("A0", "A1")), None);
    let agreements = stage.lianlian.agreements(&number).unwrap();
    assert_eq!(agreements[0].no_agree, returned.no_agree);
    assert!(decide(&stage, &seen, "123456", "agree").body.contains("8901"), "once only");
    let order = order("202603010800007001", 50_000, PLAIN);
    assert_eq!(stage.lianlian.debit(&order), MoneyOutcome::Unknown);
    assert_eq!(stage.lianlian.query_order(&order), MoneyOutcome::Done);
    stage.lianlian.unbind(&number, &returned.no_agree).unwrap();
    assert!(stage.lianlian.agreements(&number).unwrap().is_empty());
    // Somebody changes what the platform has signed.
    let changed = form.replace("\"0\"", "\"1\"");
    assert!(shown(&stage, SIGN_PATH, &changed).body.contains("1001"));
    stage.sandbox.stop();
}

#[test]
fn a_payment_on_the_page_moves_money_once() {
    let stage = Stage::open("http://127.0.0.1:9/", false);
    let order_no = "202603010800007001";
    let amount = Money::parse_yuan("123.45").unwrap();
    let page = PayPage {
        holder: holder(),
        order_no: order_no.to_owned(),
        amount,
        valid_minutes: 120,
        notify_url: "http://127.0.0.1:9/notify".to_owned(),
        return_url: "http://127.0.0.1:9/back".to_owned(),
    };
    let form = stage.lianlian.pay(&page).unwrap();
    let cancelled = decide(&stage, &shown(&stage, PAY_PATH, &form), "", "cancel");
    assert_eq!(cancelled.location, "http://127.0.0.1:9/back?status=1005&result=");
    let [first, second] = [shown(&stage, PAY_PATH, &form), shown(&stage, PAY_PATH, &form)];
    assert!(first.body.contains("123.45"));
    let paid = decide(&stage, &first, "123456", "agree");
    assert!(paid.location.starts_with("http://127.0.0.1:9/back?status=0000&result="));
    assert!(decide(&stage, &second, "123456", "agree").body.contains("2007"), "paid already");
    assert_eq!(stage.lianlian.query_debit(order_no, Some(amount)), MoneyOutcome::Done);
    let entry = stage.sandbox.world.payments().journal().unwrap().remove(0);
    assert_eq!((entry.acted, entry.amount), (1, amount));
    let overview = ureq::get(format!("http://{}/sandbox", stage.sandbox.address)).call();
    let overview = overview.unwrap().body_mut().read_to_string().unwrap();
    assert!(overview.contains("done.htm") && overview.contains("&quot;no_order&quot;"));
    stage.sandbox.stop();
}

#[test]
fn faults_are_ordered_by_json_and_by_the_form_of_the_page() {
    let stage = Stage::open("http://127.0.0.1:9/", true);
    let url = format!("http://{}/sandbox/faults", stage.sandbox.address);
    let json = r#"{"ordered":[{"call":"payment.htm","kind":"silent","times":2}],"seed":7}"#;
    assert_eq!(ureq::post(&url).send(json).unwrap().status().as_u16(), 204);
    let added = post(&url, &[("call", "*"), ("kind", "delay"), ("times", "1")]);
    assert_eq!((added.status, added.location.as_str()), (303, "/sandbox"));
    let shown = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    let expected = r#"{"ordered":[{"call":"payment.htm","kind":"silent","times":2},{"call":"*","kind":"delay","times":1}],"per_mille":0,"seed":7}"#;
    assert_eq!(shown, expected);
    for bad in [r#"{"ordered":[{"call":"x","kind":"y","times":1}]}"#, "{", r#"{"x":1}"#] {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent: ureq::Agent = config.into();
        assert_eq!(agent.post(&url).send(bad).unwrap().status().as_u16(), 400, "{bad}");
    }
    stage.sandbox.stop();
}
