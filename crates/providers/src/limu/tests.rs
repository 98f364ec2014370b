//! The adapter against the pure twin, for every way that a task can take.

use std::fmt::Debug;

use lending::ports::DataReport;

use super::*;
use crate::client::CallError;
use crate::sandbox::limu::{InProcess, State};

const SECRET: &str = "a secret of the sandbox";

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

fn settings(api_secret: &str) -> Settings {
    Settings {
        gateway: "http://sandbox/limu/api/gateway".into(),
        reports: "http://sandbox/limu/mobile_report/v1".into(),
        api_key: "4263571836400842".into(),
        api_secret: secret(api_secret),
        callback: Some("http://here/callback?a=1".into()),
        cost: Money::from_fen(100).unwrap(),
    }
}

fn open() -> (Limu, Arc<InProcess>) {
    let twin = Arc::new(InProcess::new(State::new("4263571836400842".into(), secret(SECRET))));
    (Limu::by(settings(SECRET), Arc::clone(&twin) as _), twin)
}

fn mobile(service_code: &str) -> MobileLogin {
    MobileLogin {
        mobile: Mobile::parse("13800000001").unwrap(),
        service_code: secret(service_code),
        name: RealName::parse("周小满").unwrap(),
        id_no: IdCardNo::parse("110101199003070011").unwrap(),
    }
}

fn account(password: &str) -> AccountLogin {
    AccountLogin { username: secret("someone"), password: secret(password) }
}

fn mailbox(address: &str, password: Option<&str>) -> DataOrder {
    let (address, password) = (secret(address), password.map(secret));
    DataOrder::Bill(MailboxLogin { address, password })
}

#[track_caller]
fn code(answer: &DataAnswer) -> String {
    match answer {
        DataAnswer::Said { code, .. } => code.clone(),
        DataAnswer::Unknown => "?".into(),
    }
}

fn has_image(answer: &DataAnswer) -> bool {
    matches!(answer, DataAnswer::Said { image: Some(image), .. } if image.starts_with("iVBOR"))
}

/// Begins a task that is accepted; its handle.
#[track_caller]
fn begin(limu: &Limu, order: &DataOrder) -> String {
    let answer = limu.start(order);
    assert_eq!(code(&answer), "0010");
    let DataAnswer::Said { handle: Some(handle), .. } = answer else { panic!("no handle") };
    handle
}

/// The codes of so many looks.
fn looks(limu: &Limu, kind: DataKind, handle: &str, count: usize) -> Vec<String> {
    (0..count).map(|_| code(&limu.status(kind, handle))).collect()
}

#[track_caller]
fn got<T: Debug>(result: DataResult, read: impl FnOnce(DataReport) -> T) -> T {
    match result {
        DataResult::Got(report) => read(*report),
        DataResult::Not(answer) => panic!("{answer:?}"),
    }
}

#[test]
fn a_task_goes_through_all_its_codes() {
    let (limu, twin) = open();
    let kind = DataKind::Jd;
    let handle = begin(&limu, &DataOrder::Jd(account("secret1")));
    assert_eq!(looks(&limu, kind, &handle, 3), ["", "0006", "0006"]);
    assert!(
        matches!(limu.result(kind, &handle), DataResult::Not(answer) if code(&answer).is_empty())
    );
    assert_eq!(code(&limu.input(kind, &handle, &secret("123456"))), "0009");
    assert_eq!(code(&limu.input(kind, &handle, &secret("123456"))), "1106", "nothing to enter");
    assert_eq!(looks(&limu, kind, &handle, 4), ["0100", "", "0000", "0000"]);
    let callbacks = twin.with(State::take_callbacks);
    assert_eq!(callbacks.len(), 1, "once");
    assert_eq!(callbacks[0].url, "http://here/callback?a=1");
    assert_eq!(called_back(&callbacks[0].form), Some(handle.clone()));
    let sent = crate::form::read(&callbacks[0].form);
    assert_eq!((sent["bizType"].as_str(), sent["code"].as_str()), ("jd", "0000"));
    assert!(got(limu.result(kind, &handle), |report| report.body.contains("129.90")));
}

#[test]
fn every_kind_comes_to_its_end() {
    let bank = "03080000".to_owned();
    for (order, codes) in [
        (DataOrder::Mobile(mobile("741852")), "_ 0006 | 0100 _ 0000"),
        (DataOrder::MobileReport(mobile("741852")), "_ 0006 | 0100 _ 0000"),
        (DataOrder::Jd(account("secret1")), "_ 0006 | 0100 _ 0000"),
        (DataOrder::Taobao, "_ 0006 0006 0100 _ 0000"),
        (DataOrder::Education(account("secret1")), "_ 0100 _ 0000"),
        (mailbox("a@163.com", Some("secret1")), "_ 0100 _ 0000"),
        (mailbox("a@qq.com", None), "_ 0006 0006 0100 _ 0000"),
        (DataOrder::Ebank { login: account("secret1"), bank }, "_ 0100 _ 0000"),
    ] {
        let (limu, _) = open();
        let kind = order.kind();
        let handle = begin(&limu, &order);
        for wanted in codes.split(' ') {
            if wanted == "|" {
                assert_eq!(code(&limu.input(kind, &handle, &secret("123456"))), "0009");
                continue;
            }
            let answer = limu.status(kind, &handle);
            assert_eq!(code(&answer), wanted.trim_matches('_'), "{kind:?}");
            let scans = matches!(kind, DataKind::Taobao | DataKind::Bill) && wanted == "0006";
            assert_eq!(has_image(&answer), scans, "{kind:?} {wanted}");
        }
        assert!(got(limu.result(kind, &handle), |report| !report.body.is_empty()), "{kind:?}");
    }
}

#[test]
fn reports_of_operators_have_their_facts() {
    let facts_of = |service_code: &str| {
        let (limu, _) = open();
        let handle = begin(&limu, &DataOrder::MobileReport(mobile(service_code)));
        let kind = DataKind::MobileReport;
        looks(&limu, kind, &handle, 2);
        limu.input(kind, &handle, &secret("123456"));
        assert_eq!(looks(&limu, kind, &handle, 3), ["0100", "", "0000"]);
        got(limu.report(&handle), |report| report.facts)
    };
    let good = facts_of("741852");
    assert_eq!((good.id_matches, good.risk_lists, good.contacts), (Some(true), Some(0), Some(86)));
    assert_eq!(good.average_fee, Money::from_fen(5850));
    // 600 - 1 x 20 + 40 + 40: what the core makes of it.
    assert_eq!(lending::reports::score(&good), Some(660));
    let risky = facts_of("980011");
    // 600 - 300 - 160 - 160 - 100 + 40 + 40 is less than nothing.
    assert_eq!(lending::reports::score(&risky), Some(0));
    assert_eq!((risky.risk_lists, risky.overdue_loans), (Some(3), Some(2)));
    let other = facts_of("980012");
    assert_eq!((other.id_matches, other.name_matches), (Some(false), Some(false)));
}

#[test]
fn magic_service_codes_choose_every_failure() {
    let start = |word: &str| {
        let (limu, twin) = open();
        let answer = limu.start(&DataOrder::Mobile(mobile(word)));
        (limu, twin, answer)
    };
    let kind = DataKind::Mobile;
    // Mistakes in the set-up are refused at once.
    for word in ["991001", "991012"] {
        assert_eq!(code(&start(word).2), word[2..], "{word}");
    }
    // service code -> the codes of four looks, before anything is entered
    for (word, codes) in [
        ("991102", ["", "1102", "1102", "1102"]),
        ("991119", ["", "1119", "1119", "1119"]),
        ("993001", ["", "3001", "3001", "3001"]),
        ("980001", ["", "0100", "", "0000"]),
        ("980002", ["", "0006", "0006", "0006"]),
        ("980003", ["", "", "", ""]),
        ("990100", ["", "0006", "0006", "0006"]),
    ] {
        let (limu, _, answer) = start(word);
        let DataAnswer::Said { handle: Some(handle), .. } = answer else { panic!("{word}") };
        assert_eq!(looks(&limu, kind, &handle, 4), codes, "{word}");
    }
    let (limu, _, _) = start("980002");
    let handle = begin(&limu, &DataOrder::Mobile(mobile("980002")));
    looks(&limu, kind, &handle, 2);
    for wanted in ["0006", "0100"] {
        assert_eq!(code(&limu.input(kind, &handle, &secret("1"))), "0009");
        assert_eq!(looks(&limu, kind, &handle, 1), [wanted]);
    }
    let (limu, _, _) = start("980008");
    let handle = begin(&limu, &DataOrder::Mobile(mobile("980008")));
    looks(&limu, kind, &handle, 1);
    assert!(has_image(&limu.status(kind, &handle)), "a picture to read");
}

#[test]
fn magic_inputs_are_wrong() {
    let (limu, _) = open();
    let kind = DataKind::Mobile;
    let handle = begin(&limu, &DataOrder::Mobile(mobile("741852")));
    looks(&limu, kind, &handle, 2);
    assert_eq!(code(&limu.input(kind, &handle, &secret("980002"))), "0009");
    assert_eq!(looks(&limu, kind, &handle, 1), ["0006"], "asked for again");
    limu.input(kind, &handle, &secret("992008"));
    assert_eq!(looks(&limu, kind, &handle, 2), ["2008", "2008"]);
}

#[test]
fn callbacks_are_lost_or_doubled_and_tasks_move_by_themselves() {
    for (word, wanted) in [("980004", 0), ("980005", 2), ("741852", 1)] {
        let (limu, twin) = open();
        begin(&limu, &DataOrder::Education(account(word)));
        for _ in 0..10 {
            twin.with(State::tick);
        }
        assert_eq!(twin.with(State::take_callbacks).len(), wanted, "{word}");
    }
    // One that waits for its customer does not.
    let (limu, twin) = open();
    let handle = begin(&limu, &DataOrder::Jd(account("secret1")));
    for _ in 0..10 {
        twin.with(State::tick);
    }
    assert_eq!(looks(&limu, DataKind::Jd, &handle, 1), ["0006"]);
    assert_eq!(called_back("uid=1&code=0000"), None);
    assert_eq!(called_back("token="), None);
}

#[test]
fn answers_get_lost_and_data_come_late() {
    let (limu, _) = open();
    let order = DataOrder::Education(account("980006"));
    assert_eq!(limu.start(&order), DataAnswer::Unknown);
    begin(&limu, &order);
    let handle = begin(&limu, &DataOrder::Education(account("980007")));
    looks(&limu, DataKind::Education, &handle, 4);
    let first = limu.result(DataKind::Education, &handle);
    assert!(matches!(first, DataResult::Not(answer) if code(&answer).is_empty()));
    assert!(got(limu.result(DataKind::Education, &handle), |report| report.body.contains("本科")));
}

#[test]
fn who_signs_wrongly_is_refused() {
    let twin = Arc::new(InProcess::new(State::new("4263571836400842".into(), secret(SECRET))));
    let wrong = Limu::by(settings("another secret"), Arc::clone(&twin) as _);
    assert_eq!(code(&wrong.start(&DataOrder::Taobao)), "1002");
    let nobody = Settings { api_key: "1".into(), ..settings(SECRET) };
    let nobody = Limu::by(nobody, Arc::clone(&twin) as _);
    assert_eq!(code(&nobody.start(&DataOrder::Taobao)), "1001");
    let limu = Limu::by(settings(SECRET), twin);
    assert_eq!(code(&limu.status(DataKind::Jd, "no such token")), "1105");
    assert_eq!(code(&limu.start(&DataOrder::Jd(account("")))), "1101");
}

#[test]
fn names_are_checked_by_their_numbers() {
    let (limu, _) = open();
    let check = |name: &str, id: &str| {
        let (name, id) = (RealName::parse(name).unwrap(), IdCardNo::parse(id).unwrap());
        limu.real_name(&name, &id)
    };
    assert_eq!(check("周小满", "110101199003070011"), CheckOutcome::Match);
    assert!(matches!(check("龘小满", "110101199003070011"), CheckOutcome::Mismatch(_)));
    assert_eq!(check("靐小满", "110101199003070011"), CheckOutcome::Unknown);
    let area = limu.mobile_area(&Mobile::parse("13800000001").unwrap());
    assert!(area.unwrap().contains("示例省"));
}

/// Somebody who takes a form down and does not answer.
struct Listener(std::sync::Mutex<Vec<Fields>>);

impl Post for Listener {
    fn post(&self, form: &Form<'_>) -> Result<String, CallError> {
        self.0.lock().unwrap().push(form.fields.clone());
        assert!(form.noted.iter().all(|(name, _)| *name == "bizType"), "nothing else is noted");
        Err(CallError::NotAnswered)
    }
}

#[test]
fn calls_carry_the_documented_fields() {
    let listener = Arc::new(Listener(std::sync::Mutex::default()));
    let limu = Limu::by(settings(SECRET), Arc::clone(&listener) as _);
    assert_eq!(limu.start(&DataOrder::Mobile(mobile("741852"))), DataAnswer::Unknown);
    limu.start(&mailbox("a@qq.com", None));
    limu.start(&mailbox("a@163.com", Some("p")));
    limu.status(DataKind::Ebank, "t");
    let sent = listener.0.lock().unwrap();
    let names = |n: usize| sent[n].keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(
        names(0),
        "apiKey callBackUrl identityCardNo identityName method password sign username version"
    );
    // base64 of 741852, by `printf 741852 | base64`
    assert_eq!(sent[0]["password"], "NzQxODUy");
    assert_eq!(
        (sent[0]["method"].as_str(), sent[0]["version"].as_str()),
        ("api.mobile.get", "1.2.0")
    );
    assert_eq!((sent[1]["loginType"].as_str(), sent[1]["bankCode"].as_str()), ("qr|qq", "ALL"));
    assert!(!sent[1].contains_key("password"));
    assert_eq!((sent[2]["loginType"].as_str(), sent[2]["billType"].as_str()), ("normal", "email"));
    assert_eq!(names(3), "apiKey bizType method sign token version");
    assert_eq!(sent[3]["bizType"], "ebank");
}
