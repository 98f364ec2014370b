//! The refusals that no other story of the channel comes to: of each call on leads, of handing
//! over, and what comes too often.

use serde_json::Value;

use super::handing::consent_code;
use super::{App, lead, refusal};
use crate::bench::{Bench, PRODUCTION, Store};
use crate::operators::on_both;
use crate::people::ID_NO;
use crate::wukong;

on_both! {
    leads_of_others_and_what_is_missing
    a_lead_that_cannot_be_handed_over
    what_comes_too_often
}

const ALICE: &str = "13700000001";
const BOB: &str = "13700000002";
const FREE: (&str, &str) = ("JIEHUAN_SHUAIDAN_LEAD_FEE_YUAN", "0");
/// What is done to a lead that one holds, with what else it needs.
const DEEDS: [(&str, &str); 5] = [
    ("work", "&note=已联系"),
    ("release", ""),
    ("close", "&result=won"),
    ("consent", "&channel=wukong"),
    ("handover", "&channel=wukong&securityCode=123456"),
];

pub(super) fn leads_of_others_and_what_is_missing(store: Store) {
    let bench = Bench::start_with(store, &[FREE]);
    let mut guest = App::new(&bench);
    let document: Value = serde_json::from_str(&bench.cli_ok(&["openapi", "shuaidan"])).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/shuaidan").unwrap();
        for (method, _) in
            methods.as_object().unwrap().iter().filter(|_| path.starts_with("/leads"))
        {
            let told = guest.refused(&method.to_uppercase(), path, "");
            assert_eq!(told, "please login first.", "{path}");
            asked += 1;
        }
    }
    assert!(asked >= 11, "{asked}");
    let (mut alice, mut bob) = (App::officer(&bench, ALICE), App::officer(&bench, BOB));
    let lead = alice.tell(1, "13900000001");
    for path in ["", "/mine", "/claimed", "/wallet"] {
        let told = alice.refused("GET", &format!("/leads{path}?offset=x"), "");
        assert_eq!(told, "offset is not available.", "{path}");
    }
    assert_eq!(alice.refused("GET", "/leads/detail", ""), "id is required.");
    assert_eq!(alice.refused("GET", "/leads/detail?id=x", ""), "id is not available.");
    for (deed, more) in DEEDS.into_iter().chain([("withdraw", "")]) {
        let path = format!("/leads/{deed}");
        let mut refused = |form: &str| bob.refused("POST", &path, &format!("{form}{more}"));
        assert_eq!(refused(""), "id is required.", "{deed}");
        assert_eq!(refused("id=x"), "id is not available.", "{deed}");
        assert_eq!(refused("id=999"), "no such lead.", "{deed}");
        assert_eq!(refused(&format!("id={lead}")), "the lead is not yours.", "{deed}");
    }
    let claimed = bob.shown("POST", "/leads/claim", &format!("id={lead}"));
    assert_eq!(claimed["state"], "claimed");
    // What has been handed back is nobody's, what is lost is over.
    bob.shown("POST", "/leads/close", &format!("id={lead}&result=lost"));
    for (deed, more) in DEEDS {
        let told = bob.refused("POST", &format!("/leads/{deed}"), &format!("id={lead}{more}"));
        assert_eq!(told, "the lead is lost.", "{deed}");
    }
    bench.verify();
}

pub(super) fn a_lead_that_cannot_be_handed_over(store: Store) {
    let bench = Bench::start_with(store, &[FREE]);
    let (mut alice, mut bob) = (App::officer(&bench, ALICE), App::officer(&bench, BOB));
    // Nobody can be asked who has told no telephone number.
    let silent = lead(1, "").replace("&customer_info.telephone=", "");
    assert_eq!(alice.post("/loanrequest/", &silent), r#"{"sucessed":true}"#);
    let id = alice.shown("GET", "/leads/mine", "")[0]["id"].as_i64().unwrap();
    bob.shown("POST", "/leads/claim", &format!("id={id}"));
    let to = |id: i64, channel: &str| format!("id={id}&channel={channel}&securityCode=123456");
    for path in ["/leads/consent", "/leads/handover"] {
        let told = bob.refused("POST", path, &to(id, "wukong"));
        assert_eq!(told, "the customer has no telephone.", "{path}");
        assert_eq!(bob.refused("POST", path, &to(id, "futureloan")), "the channel does not lend.");
    }
    // The number is the account of somebody else, whose identity is known.
    let mut other = wukong::App::new(&bench);
    other.sign_up("13900000002", "secret99");
    other.prove("李小明", ID_NO);
    let id = alice.tell(2, "13900000002");
    bob.shown("POST", "/leads/claim", &format!("id={id}"));
    bob.shown("POST", "/leads/consent", &format!("id={id}&channel=wukong"));
    let form = format!("id={id}&channel=wukong&securityCode={}", consent_code(&bench, id));
    let told = bob.refused("POST", "/leads/handover", &form);
    assert_eq!(told, "the telephone belongs to another customer.");
    // What is handed over once is handed over.
    let id = alice.tell(3, "13900000003");
    bob.shown("POST", "/leads/claim", &format!("id={id}"));
    bob.shown("POST", "/leads/consent", &format!("id={id}&channel=wukong"));
    let form = format!("id={id}&channel=wukong&securityCode={}", consent_code(&bench, id));
    bob.shown("POST", "/leads/handover", &form);
    for path in ["/leads/release", "/leads/consent", "/leads/handover"] {
        let told = bob.refused("POST", path, &to(id, "wukong"));
        assert_eq!(told, "the lead has been handed over.", "{path}");
    }
    bench.verify();
}

/// How often a call is answered before it comes too often.
#[track_caller]
fn until_refused(mut call: impl FnMut(u32) -> String, text: &str) -> u32 {
    (0..1_000)
        .find(|n| {
            let told: Value = serde_json::from_str(&call(*n)).unwrap();
            if told["sucessed"] != true {
                assert_eq!(told["errorMessage"], text);
            }
            told["sucessed"] != true
        })
        .unwrap_or_else(|| panic!("never: {text}"))
}

pub(super) fn what_comes_too_often(store: Store) {
    let mut bench = Bench::start_with(store, &[FREE]);
    let (mut alice, mut bob) = (App::officer(&bench, ALICE), App::officer(&bench, BOB));
    let leads: Vec<_> = (1..=21).map(|n| alice.tell(n, &format!("139{n:08}"))).collect();
    // An officer holds twenty leads at once.
    let too_many = "too many leads, please try again later.";
    let claim = |n: u32| {
        let lead = leads[usize::try_from(n).unwrap()];
        bob.send("POST", "/leads/claim", &format!("id={lead}")).text
    };
    assert_eq!(until_refused(claim, too_many), 20);
    let codes = [1, 2].map(|n| {
        let telephone = format!("1360000000{n}");
        let mut app = App::new(&bench);
        (telephone.clone(), app.code(&telephone), app.cookie)
    });
    let cookies = [alice.cookie, bob.cookie];
    let limits = [
        PRODUCTION.as_slice(),
        &[FREE, ("JIEHUAN_LIMITS_REGISTRATIONS_PER_ADDRESS_PER_HOUR", "1")],
    ];
    bench.restart_with(&limits.concat());
    let [mut alice, mut bob] = cookies.map(|cookie| App { bench: &bench, cookie });
    let often = "too many requests, please try again later.";
    let lists = |n: u32| alice.send("GET", ["/leads", "/leads/mine"][usize::from(n == 0)], "").text;
    assert!((200..=300).contains(&until_refused(lists, often)));
    for path in ["/leads", "/leads/mine", "/leads/claimed"] {
        assert_eq!(alice.refused("GET", path, ""), often, "{path}");
    }
    let detail = format!("/leads/detail?id={}", leads[0]);
    let shown = until_refused(|_| bob.send("GET", &detail, "").text, often);
    assert!((30..=60).contains(&shown), "{shown}");
    let told = |n: u32| alice.post("/loanrequest/", &lead(100 + n, "13900000099"));
    assert!((30..=60).contains(&until_refused(told, too_many)));
    // The person behind a lead is asked once a minute.
    let consent = format!("id={}&channel=wukong", leads[0]);
    assert!(
        until_refused(|_| bob.send("POST", "/leads/consent", &consent).text, "send message failed")
            <= 1
    );
    let register = |n: usize| {
        let (telephone, code, cookie) = &codes[n];
        let mut app = App { bench: &bench, cookie: cookie.clone() };
        let form = format!(
            "securityCode={code}&telephone={telephone}&password=123456&confirmPassword=123456"
        );
        app.post("/register", &form)
    };
    register(0);
    assert_eq!(refusal(&register(1)), often);
    let mut guest = App::new(&bench);
    let told: Vec<_> = (0..6).map(|_| refusal(&guest.log_in(ALICE, "654321"))).collect();
    assert_eq!((&*told[0], &*told[5]), ("", often), "{told:?}");
    bench.verify();
}
