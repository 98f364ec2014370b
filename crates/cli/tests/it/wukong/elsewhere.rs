//! Tasks at data providers in the document's codes, and what they are good for.

use lending::ports::{DataAnswer, DataReport, DataResult, Facts};
use lending::reports::{self, ProviderAnswer};
use lending::{Fault, Lending, Route};
use serde_json::json;

use super::App;
use crate::bench::{Bench, Store};
use crate::lender::eventually;

/// Puts one answer to every step that is due.
#[track_caller]
pub(super) fn answer(core: &Lending, said: &ProviderAnswer) {
    assert!(eventually(|| answer_what_is_due(core, said)), "nothing is due");
}

/// Whether a step was due, which has this answer now.
#[track_caller]
pub(super) fn answer_what_is_due(core: &Lending, said: &ProviderAnswer) -> bool {
    let claimed = core.write_and_wait::<_, Fault>(Route::home(0), |tx| reports::claim_due(tx, 10));
    let claimed = claimed.unwrap();
    for step in &claimed {
        let (said, claim) = (said.clone(), step.claim);
        let work = move |tx: &mut lending::Tx<'_, '_>| reports::advance(tx, claim, &said);
        assert!(core.write_and_wait::<_, Fault>(Route::home(0), work).unwrap());
    }
    !claimed.is_empty()
}

pub(super) fn said(code: &str, message: &str, image: Option<&str>) -> ProviderAnswer {
    ProviderAnswer::Said(DataAnswer::Said {
        code: code.to_owned(),
        message: message.to_owned(),
        handle: Some("their-own-token".to_owned()),
        image: image.map(ToOwned::to_owned),
    })
}

#[track_caller]
pub(super) fn check_tasks(store: Store) {
    // Nobody works on tasks here but the test.
    let bench = Bench::start_with(store, &[("JIEHUAN_PROVIDERS_SANDBOX", "false")]);
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    assert_eq!(app.post("/lm-mobile", "servicecode=123456").refused(), "请先完成身份认证");
    let mail = app.post("/lm-bill", "username=a@example.org&password=x");
    assert_eq!(mail.refused(), "不支持的邮箱类型");
    assert_eq!(app.post("/lm-jd", "username=&password=").refused(), "参数错误");
    let bank = app.post("/lm-ebank", "username=a&password=b&bank=99999999");
    assert_eq!(bank.refused(), "参数错误");
    for path in ["/lm-jd-continue", "/lm-mobile-continue", "/lm-taobao-continue"] {
        assert_eq!(app.post(path, "token=x").refused(), "认证任务不存在", "{path}");
    }
    assert_eq!(app.post("/lm-jd-input", "token=x&smscode=1").refused(), "认证任务不存在");

    // 淘宝: accepted, a picture, running, done.
    let begun = app.post("/lm-taobao", "");
    let token = begun.done("0010")[0]["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 32);
    let form = format!("token={token}");
    let core = bench.core();
    answer(&core, &said("0010", "", None));
    app.post("/lm-taobao-continue", &form).done("0010");
    answer(&core, &said("0006", "", Some("iVBORw0KGgo=")));
    let waits = app.post("/lm-taobao-continue", &form);
    let image = "data:image/png;base64,iVBORw0KGgo=";
    assert_eq!(*waits.done("0006"), json!([{"token": token, "input": image}]));
    // Begun again, it is the same task.
    let again = app.post("/lm-taobao", "");
    assert_eq!(again.done("0006")[0]["token"], token.as_str());
    // It is nobody else's.
    let mut other = App::new(&bench);
    other.sign_up("13800000002", "secret99");
    assert_eq!(other.post("/lm-taobao-continue", &form).refused(), "认证任务不存在");
    let state = |app: &App<'_>| app.get("/auth-common-get?auth_type=taobao").one().clone();
    assert_eq!(state(&app), json!({"taobao": 0}));
    core.close();
    bench.verify();
}

#[test]
fn tasks_speak_the_documents_codes_on_sqlite() {
    check_tasks(Store::Sqlite);
}

#[test]
fn tasks_speak_the_documents_codes_on_postgres() {
    check_tasks(Store::Postgres);
}

#[test]
pub(super) fn a_task_takes_an_input_and_proves_something() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_PROVIDERS_SANDBOX", "false")]);
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    let core = bench.core();
    let prove = |begin: &str, form: &str| {
        let token = app.post(begin, form).done("0010")[0]["token"].as_str().unwrap().to_owned();
        answer(&core, &said("0006", "", None));
        let input = app.post("/lm-jd-input", &format!("token={token}&smscode=123456"));
        assert_eq!(*input.done("0009"), json!({"token": token}));
        let twice = app.post("/lm-jd-input", &format!("token={token}&smscode=123456"));
        assert_eq!(*twice.done("0009"), json!({"token": token}));
        answer(&core, &said("0009", "", None));
        answer(&core, &said("0100", "", None));
        app.post("/lm-jd-continue", &format!("token={token}")).done("0100");
        answer(&core, &said("0000", "", None));
        let report = DataReport { body: String::new(), facts: Facts::default() };
        answer(&core, &ProviderAnswer::Result(DataResult::Got(Box::new(report))));
        app.post("/lm-jd-continue", &format!("token={token}")).done("认证成功");
        assert_eq!(app.post(begin, form).refused(), "已经认证成功");
    };
    assert_eq!(app.get("/quota-apply").refused(), "请先完成提额的基础认证");
    prove("/lm-education", "username=a&password=b");
    prove("/lm-taobao", "");
    assert_eq!(*app.get("/auth-common-get?auth_type=education").one(), json!({"education": 1}));
    assert_eq!(app.get("/quota-apply").refused(), "提额的更多认证请至少完成2项");
    prove("/lm-jd", "username=a&password=b");
    assert_eq!(app.get("/quota-apply").refused(), "提额的更多认证请至少完成2项");
    // An account on file is the second.
    assert_eq!(*app.get("/auth-common-get?auth_type=qq").one(), json!({"qq": ""}));
    app.post("/auth-common", "auth_type=qq&accounts=10001").done("认证成功");
    assert_eq!(*app.get("/auth-common-get?auth_type=qq").one(), json!({"qq": "10001"}));
    for form in ["auth_type=jd&accounts=x", "auth_type=qq&accounts="] {
        assert_eq!(app.post("/auth-common", form).refused(), "参数错误");
    }
    assert_eq!(app.get("/auth-common-get?auth_type=x").refused(), "参数错误");
    app.get("/quota-apply").done("您的提额申请已提交成功，请等待系统审核");
    assert_eq!(app.get("/quota-apply").refused(), "您的提额申请正在审核中，请耐心等待");

    // A task that fails says why, with the provider's code.
    let token =
        app.post("/lm-ebank", "username=a&password=b&bank=03080000").done("0010")[0]["token"]
            .as_str()
            .unwrap()
            .to_owned();
    answer(&core, &said("1103", "账号或密码错误", None));
    let failed = app.post("/lm-jd-continue", &format!("token={token}"));
    assert_eq!(failed.refused(), "账号或密码错误[1103]");
    core.close();
}
