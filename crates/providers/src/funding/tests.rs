//! The adapter against its twin in this process.

use std::sync::{Arc, Mutex};

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Instant, Mobile, Money, RealName, Secret};
use lending::ports::{
    BadNews, Funding as _, FundingAnswer, FundingApplication, FundingKind, FundingNews,
    FundingOrder, FundingRepayment, FundingRow, FundingStatus, FundingWithdrawal, SignedCall,
};

use super::{Exchange, Exchanges, FundingPartner, Settings};
use crate::client::CallError;
use crate::sandbox::Amounts;
use crate::sandbox::funding::{InProcess, KEY_ID, Twin};

const NOTIFY: &str = "https://platform.example/providers/funding/notify";
/// 2026-03-01 08:00:00 in Shanghai.
const NOW: Instant = Instant::from_millis(1_772_323_200_000);

fn secret() -> Secret {
    Secret::new("a secret of the test".to_owned())
}

fn twin() -> Twin {
    Twin::open(None, secret(), (Amounts::Magic, 0)).unwrap()
}

fn settings() -> Settings {
    Settings {
        url: "sandbox/funding".to_owned(),
        notify_url: Some(NOTIFY.to_owned()),
        key_id: KEY_ID.to_owned(),
        secret: secret(),
        cost: Money::ZERO,
    }
}

fn partner() -> FundingPartner {
    let way = InProcess::new(twin(), Arc::new(|| NOW));
    FundingPartner::by(settings(), Arc::new(way), Arc::new(|| NOW))
}

fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap()
}

fn application(order_no: &str, amount: i64) -> FundingOrder {
    FundingOrder::Apply(Box::new(FundingApplication {
        order_no: order_no.to_owned(),
        product: "超即花".to_owned(),
        amount: yuan(amount),
        tenors: vec![1, 2, 3, 6, 12],
        rate_ppm: 120_000,
        name: RealName::parse("周小满").unwrap(),
        id_no: IdCardNo::parse("110101199003070011").unwrap(),
        mobile: Mobile::parse("13800000001").unwrap(),
        applied_at: NOW,
    }))
}

fn withdrawal(order_no: &str, withdraw_no: &str, amount: i64) -> FundingOrder {
    FundingOrder::Withdraw(Box::new(FundingWithdrawal {
        order_no: order_no.to_owned(),
        withdraw_no: withdraw_no.to_owned(),
        amount: yuan(amount),
        tenor: 3,
        name: RealName::parse("周小满").unwrap(),
        card: BankCardNo::parse("6217000000000000012").unwrap(),
        mobile: Mobile::parse("13800000001").unwrap(),
    }))
}

fn repayment(order_no: &str, repay_no: &str, principal: i64) -> FundingRepayment {
    FundingRepayment {
        order_no: order_no.to_owned(),
        repay_no: repay_no.to_owned(),
        on: Date::from_ymd(2026, 4, 1).unwrap(),
        principal: yuan(principal),
        interest: yuan(10),
        fee: Money::ZERO,
        penalty: Money::ZERO,
    }
}

#[track_caller]
fn says(answer: FundingAnswer) -> FundingNews {
    let FundingAnswer::Says(news) = answer else { panic!("{answer:?}") };
    news
}

#[track_caller]
fn code(answer: FundingAnswer) -> u32 {
    says(answer).status.code()
}

#[track_caller]
fn mistake(answer: FundingAnswer) -> String {
    let FundingAnswer::Refused(why) = answer else { panic!("{answer:?}") };
    why
}

#[test]
fn an_order_goes_over_the_wire_and_back() {
    let partner = partner();
    assert_eq!(partner.query(FundingKind::Apply, "A1"), FundingAnswer::NoRecord);
    let said = says(partner.tell(&application("A1", 10_300)));
    assert_eq!((said.status, said.place), (FundingStatus::Approved, 2));
    assert_eq!((said.amount, said.tenors), (Some(yuan(10_000)), Some(vec![1, 2, 3])));
    // The same number is the same thing, and not another.
    assert_eq!(code(partner.tell(&application("A1", 10_300))), 300);
    assert_eq!(
        mistake(partner.tell(&application("A1", 10_000))),
        "2002 the number stands for something else"
    );
    for (no, amount, status) in [("A2", 10_400, 400), ("A3", 10_500, 500), ("A4", 10_200, 200)] {
        assert_eq!(code(partner.tell(&application(no, amount))), status);
        assert_eq!(code(partner.query(FundingKind::Apply, no)), status);
        assert!(mistake(partner.tell(&withdrawal(no, "W0", 1000))).starts_with("2003"));
    }
    assert!(mistake(partner.tell(&withdrawal("A1", "W1", 10_100))).starts_with("2003"));
    assert!(mistake(partner.tell(&withdrawal("A9", "W1", 1000))).starts_with("2003"));
    let plan = |principal| FundingOrder::Plan {
        order_no: "A1".to_owned(),
        rows: vec![FundingRow {
            number: 1,
            due: Date::from_ymd(2026, 4, 1).unwrap(),
            principal: yuan(principal),
            interest: yuan(10),
            fee: Money::ZERO,
        }],
    };
    assert!(mistake(partner.tell(&plan(1000))).starts_with("2003"), "nothing is paid out");
    assert_eq!(code(partner.tell(&withdrawal("A1", "W1", 1300))), 4003);
    assert_eq!(code(partner.tell(&withdrawal("A1", "W2", 1200))), 4102);
    let paid = says(partner.tell(&withdrawal("A1", "W2-3", 1200)));
    assert_eq!((paid.status, paid.amount), (FundingStatus::PaidOut, Some(yuan(1200))));
    assert!(mistake(partner.tell(&withdrawal("A1", "W4", 1000))).starts_with("2003"), "paid out");
    assert_eq!(partner.tell(&plan(1200)), FundingAnswer::Taken);
    assert_eq!(partner.tell(&plan(1200)), FundingAnswer::Taken);
    let stands = || code(partner.query(FundingKind::Withdraw, "W2-3"));
    assert_eq!(stands(), 4201);
    assert_eq!(partner.query(FundingKind::Repay, "R1"), FundingAnswer::NoRecord);
    let paid = repayment("A1", "R1", 1200);
    assert_eq!(partner.tell(&FundingOrder::Repay(paid.clone())), FundingAnswer::Taken);
    assert_eq!(partner.query(FundingKind::Repay, "R1"), FundingAnswer::Taken);
    assert_eq!(stands(), 4203);
    assert_eq!(partner.tell(&FundingOrder::Reversal(paid)), FundingAnswer::Taken);
    assert_eq!(stands(), 4201);
}

/// What becomes of an answer and its signature.
type Spoil = Box<dyn Fn(String, String) -> Result<(String, String), CallError> + Send + Sync>;

/// Somebody between the adapter and the twin.
struct Between {
    twin: InProcess,
    spoil: Spoil,
    seen: Mutex<Vec<String>>,
}

impl Exchanges for Between {
    fn exchange(&self, exchange: &Exchange<'_>) -> Result<(String, String), CallError> {
        let nonce = exchange.headers.iter().find(|(name, _)| *name == super::NONCE).unwrap().1;
        self.seen.lock().unwrap().push(nonce.to_owned());
        let (body, signature) = self.twin.exchange(exchange)?;
        (self.spoil)(body, signature)
    }
}

#[test]
fn what_the_partner_has_not_signed_says_nothing() {
    let first = Mutex::new(None::<(String, String)>);
    let spoils: Vec<Spoil> = vec![
        Box::new(|body, _| Ok((body, String::new()))),
        Box::new(|body, signature| Ok((body, signature.to_uppercase()))),
        Box::new(|body, signature| Ok((body.replace("300", "400"), signature))),
        Box::new(|_, _| Err(CallError::NotAnswered)),
        Box::new(|_, _| Err(CallError::Status(503))),
        // The answer to another call, signed for that one.
        Box::new(move |body, signature| {
            let mut first = first.lock().unwrap();
            let before = first.replace((body.clone(), signature.clone()));
            Ok(before.unwrap_or((body, String::new())))
        }),
    ];
    for spoil in spoils {
        let twin = InProcess::new(twin(), Arc::new(|| NOW));
        let way = Arc::new(Between { twin, spoil, seen: Mutex::default() });
        let partner = FundingPartner::by(settings(), Arc::clone(&way) as _, Arc::new(|| NOW));
        for _ in 0..3 {
            assert_eq!(partner.tell(&application("A1", 10_000)), FundingAnswer::Unknown);
            assert_eq!(partner.query(FundingKind::Apply, "A1"), FundingAnswer::Unknown);
        }
        let mut seen = way.seen.lock().unwrap().clone();
        assert_eq!(seen.len(), 6);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6, "a nonce is used once");
    }
}

#[test]
fn the_twin_listens_to_the_platform_only() {
    let late = Arc::new(|| NOW.plus_millis(301_000));
    let other = Settings { secret: Secret::new("another".to_owned()), ..settings() };
    let stranger = Settings { key_id: "stranger".to_owned(), ..settings() };
    for (settings, now) in [
        (other, Arc::new(|| NOW) as crate::lianlian::Now),
        (stranger, Arc::new(|| NOW)),
        (settings(), late),
    ] {
        let way = Arc::new(InProcess::new(twin(), Arc::new(|| NOW)));
        let partner = FundingPartner::by(settings, Arc::clone(&way) as _, now);
        assert_eq!(partner.tell(&application("A1", 10_000)), FundingAnswer::Unknown);
        let right = FundingPartner::by(self::settings(), way, Arc::new(|| NOW));
        assert_eq!(right.query(FundingKind::Apply, "A1"), FundingAnswer::NoRecord);
    }
}

#[test]
fn callbacks_are_read_if_they_are_signed_lately() {
    let (partner, twin) = (partner(), twin());
    let body = r#"{"kind":"apply","number":"A1","status":400,"seq":2,"reason":"综合\n评分"}"#;
    let signed = twin.sign(NOTIFY, body, NOW);
    let call = SignedCall {
        key_id: &signed.key_id,
        timestamp: &signed.timestamp,
        nonce: &signed.nonce,
        signature: &signed.signature,
        body: body.as_bytes(),
    };
    let news = partner.news(&call).unwrap();
    assert_eq!((news.status, news.place), (FundingStatus::Refused, 2));
    assert_eq!(news.reason.as_deref(), Some("综合评分"), "without line ends");
    let elsewhere = twin.sign("https://platform.example/other", body, NOW);
    let elsewhere = SignedCall { nonce: &elsewhere.nonce, signature: &elsewhere.signature, ..call };
    assert_eq!(partner.news(&elsewhere), Err(BadNews::Signature));
    let old = twin.sign(NOTIFY, body, NOW.plus_millis(-300_001));
    let old = SignedCall {
        timestamp: &old.timestamp,
        nonce: &old.nonce,
        signature: &old.signature,
        ..call
    };
    assert_eq!(partner.news(&old), Err(BadNews::Stale));
    let asked_only = Settings { notify_url: None, ..settings() };
    let way = InProcess::new(self::twin(), Arc::new(|| NOW));
    let asked_only = FundingPartner::by(asked_only, Arc::new(way), Arc::new(|| NOW));
    assert_eq!(asked_only.news(&call), Err(BadNews::Signature));
}
