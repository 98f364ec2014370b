//! Handing leads over to a lending channel, the codes that it takes, and the whole funnel.

use kernel::id::{LeadId, MemberId};
use kernel::{Channel, Mobile, Secret};
use pricing::Method;

use super::{details, exchange, telling};
use crate::audit::Actor;
use crate::customers::codes::{RequestError, Verdict};
use crate::customers::consents::{self, Purpose};
use crate::customers::session_codes::{self, CodeName, Place, RequestSessionCode};
use crate::customers::sessions::SessionKey;
use crate::leads::{
    AskConsent, ConsentError, Ending, EraseError, EventKind, HandOver, HandOverError, HandedOver,
    HeldError, State, Submitted,
};
use crate::tests::kit::{Bench, On, START, mobile, on_both, password, yuan};
use crate::tests::lender::{by_months, shipped};
use crate::{Fault, Tx, customers, leads};

on_both! {
    a_lead_becomes_an_application_with_consent
    the_funnel_counts_every_step
    codes_are_bound_to_their_session
}

fn ask(bench: &Bench, officer: MemberId, lead: LeadId, to: Channel) -> Result<(), ConsentError> {
    let code = Secret::new("123456".into());
    let command = AskConsent { officer, lead, to, code, address: "192.0.2.1".into() };
    bench.write(move |tx| leads::ask_consent(tx, &command))
}

fn hand_over(
    bench: &Bench,
    officer: MemberId,
    lead: LeadId,
    code: &str,
) -> Result<HandedOver, HandOverError> {
    let command = HandOver {
        officer,
        lead,
        to: Channel::Xianjindai,
        code: Secret::new(code.into()),
        password: password(),
    };
    bench.write(move |tx| leads::hand_over(tx, &command))
}

fn a_lead_becomes_an_application_with_consent(on: On) {
    let bench = on.open();
    let (owner, claimer) = (bench.officer(101, 0), bench.officer(102, 100));
    // Somebody who is a customer of the lender already.
    let borrower = bench.borrower(7);
    let mut told = telling(owner, 7);
    told.details.telephone = Some(mobile(7));
    let told = bench.write(move |tx| leads::submit(tx, &told)).unwrap();
    let Submitted::New(lead) = told else { panic!("new") };
    let to = Channel::Xianjindai;
    assert!(matches!(ask(&bench, claimer, lead, to), Err(ConsentError::Held(HeldError::NotYours))));
    bench.claim(claimer, lead).unwrap();
    assert!(matches!(ask(&bench, claimer, lead, Channel::Futureloan), Err(ConsentError::NoLender)));
    // Without a code nobody is handed over.
    assert!(matches!(hand_over(&bench, claimer, lead, "123456"), Ok(HandedOver::WrongCode)));
    ask(&bench, claimer, lead, to).unwrap();
    assert!(matches!(ask(&bench, claimer, lead, to), Err(ConsentError::Limited)));
    assert!(matches!(hand_over(&bench, claimer, lead, "000000"), Ok(HandedOver::WrongCode)));
    assert!(!bench.read(move |tx| consents::has(tx, borrower, Purpose::HandOver)));
    let Ok(HandedOver::Done(handed)) = hand_over(&bench, claimer, lead, "123456") else {
        panic!("the code is right")
    };
    assert_eq!((handed.customer, handed.application), (Some(borrower), None));
    assert!(bench.read(move |tx| consents::has(tx, borrower, Purpose::HandOver)));
    let again = hand_over(&bench, claimer, lead, "123456");
    assert!(matches!(again, Err(HandOverError::Held(HeldError::HandedOver))));
    // It can only be won now, and is when the person applies.
    assert!(matches!(bench.close(claimer, lead, Ending::Lost), Err(HeldError::HandedOver)));
    let released = bench.write(move |tx| leads::release(tx, claimer, lead)).unwrap_err();
    assert!(matches!(released, HeldError::HandedOver));
    let product = bench.sell("MONTHS-LEVEL", shipped("MONTHS-LEVEL"));
    let request = by_months(3000, 6, 180_000, Method::EqualInstalment);
    let application = bench.apply(borrower, product, request).unwrap();
    let (won, _) = bench.read(move |tx| leads::lead(tx, lead)).unwrap();
    assert_eq!((won.state, won.application), (State::Won, Some(application)));
    assert_eq!(bench.wallet(owner), 2000);
    assert_eq!(
        bench.history(lead),
        [
            EventKind::Submitted,
            EventKind::Claimed,
            EventKind::ConsentAsked,
            EventKind::HandedOver,
            EventKind::Applied,
            EventKind::Won
        ]
    );
    // What became an application stays.
    bench.core.clock().set(START.plus_days(400));
    assert_eq!(bench.write(leads::expire).unwrap(), 0);
    let erased = bench.write(move |tx| leads::erase(tx, Actor::Platform, lead)).unwrap_err();
    assert!(matches!(erased, EraseError::Applied));
    bench.verify();
}

fn the_funnel_counts_every_step(on: On) {
    let bench = exchange(on);
    let funnel = bench.read(leads::funnel);
    let counted: Vec<_> = funnel.states.iter().map(|(state, n)| (state.word(), *n)).collect();
    assert_eq!(
        counted,
        [
            ("open", 2),
            ("claimed", 1),
            ("working", 0),
            ("won", 1),
            ("lost", 1),
            ("withdrawn", 1),
            ("expired", 0)
        ]
    );
    assert_eq!((funnel.submitted, funnel.handed_over, funnel.applied, funnel.lent), (6, 0, 0, 0));
    assert_eq!((funnel.fees_held, funnel.fees_paid), (yuan(20), yuan(20)));
    // Somebody who has no account at the lender gets one, that nobody knows the password of.
    let (officer, lead) = (MemberId::from_number(2), LeadId::from_number(2));
    ask(&bench, officer, lead, Channel::Xianjindai).unwrap();
    let handed = hand_over(&bench, officer, lead, "123456").unwrap();
    let HandedOver::Done(handed) = handed else { panic!("{handed:?}") };
    let customer = handed.customer.unwrap();
    let customer = bench.read(move |tx| customers::customer(tx, customer)).unwrap();
    assert_eq!((customer.channel, customer.identity), (Channel::Xianjindai, None));
    assert_eq!(Some(customer.mobile), details(2).telephone);
    assert!(!customer.mobile_verified, "the code proves a consent, not an account");
    assert_eq!(bench.read(leads::funnel).handed_over, 1);
    bench.verify();
}

fn codes_are_bound_to_their_session(on: On) {
    let bench = on.open_with(|_, policy| policy.customers.codes.shown_in_session = true);
    let place = |session: u8, name: &str| Place {
        channel: Channel::Shuaidan,
        session: SessionKey::from_random([session; 16]),
        name: CodeName::parse(name).unwrap(),
    };
    let request = |place: Place, mobile: Option<Mobile>| {
        let code = Secret::new("135790".into());
        let command = RequestSessionCode { place, mobile, code, address: "192.0.2.1".into() };
        bench.write(move |tx| session_codes::request(tx, &command))
    };
    let name = "regist_13800000001";
    request(place(1, name), Some(mobile(1))).unwrap();
    // A code that cannot be sent is kept all the same.
    request(place(1, "1"), None).unwrap();
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM sms"), 1);
    let limited = request(place(2, name), Some(mobile(1)));
    assert!(matches!(limited, Err(RequestError::MobileLimited)));
    let shown = |place: Place| {
        let shown = bench.read(move |tx| session_codes::shown(tx, &place));
        shown.map(|code| code.expose().to_owned())
    };
    assert_eq!(shown(place(1, name)).as_deref(), Some("135790"));
    assert_eq!(shown(place(1, "1")).as_deref(), Some("135790"));
    assert_eq!(shown(place(2, name)), None);
    let check = |place: Place, code: &str| {
        let code = Secret::new(code.into());
        let check = move |tx: &mut Tx<'_, '_>| session_codes::check(tx, &place, &mobile(1), &code);
        bench.write::<_, Fault>(check).unwrap()
    };
    assert_eq!(check(place(2, name), "135790"), Verdict::Wrong);
    assert_eq!(check(place(1, "1"), "000000"), Verdict::Wrong);
    assert_eq!(check(place(1, name), "135790"), Verdict::Right);
    assert_eq!(check(place(1, name), "135790"), Verdict::Wrong, "once");
    assert_eq!(shown(place(1, name)), None);
}
