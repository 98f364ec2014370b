//! Who a customer is (§16, §17, §19, §30 to §35), and what is for everybody (§5 to §7, §25).

use kernel::Channel;
use lending::audit::Actor;
use lending::notices::{self, Publish, PublishVersion, SystemKind};
use serde_json::{Value, json};

use super::App;
use super::borrower::{contact, id_no, inside, mobile, profile};
use crate::bench::{Bench, Store};
use crate::people::card_no;

const STATUS: &str = "/appCommonApi/getAuthenticationStatus";
const NAME: &str = "/appCommonApi/authRealNameInfo";
const CARD: &str = "/appCommonApi/authUserBankCard";
const MOBILE: &str = "/appCommonApi/authUserMobile";
const PROFILE: &str = "/appCommonApi/getPerfectUserInfo";
const SAVE: &str = "/appCommonApi/savePerfectUserInfo";
const CONTACT: &str = "/appCommonApi/saveOrUpdateRelShip";

fn name(name: &str, id_no: &str) -> Value {
    json!({"realName": name, "idCardNo": id_no})
}

fn card(number: &str, mobile: &str) -> Value {
    json!({"bankCardNo": number, "mobile": mobile})
}

#[track_caller]
fn check_proofs(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.customer(1);
    let first = "9999 请先完成身份信息认证";
    assert_eq!(app.told(CARD, card(&card_no(1), &mobile(1))), first);
    assert_eq!(app.told(MOBILE, json!({})), first);
    let status = |app: &App<'_>| {
        let status = app.done(STATUS, json!({}));
        let names = ["realName", "bankCard", "mobile"];
        names.map(|name| status[format!("{name}AuthStatus")].as_str().unwrap().to_owned()).concat()
    };
    assert_eq!(status(&app), "000");
    let known = id_no(1);
    let wrong = format!("{}{}", &known[..17], if known.ends_with('1') { "2" } else { "1" });
    for (asked, want) in [
        (name("", &id_no(1)), "10001000 realName不能为空"),
        (name("周小舟", ""), "10001000 idCardNo不能为空"),
        (name("1", &id_no(1)), "20004040 申请人姓名错误"),
        (name("周小舟", "x"), "20004042 证件号码格式错误"),
        // Right in shape, but not in its check digit.
        (name("周小舟", &wrong), "20004042 证件号码格式错误"),
        // Magic for the sandbox: no such person, and nobody knows.
        (name("龘小舟", &id_no(1)), "20006002 身份认证失败"),
        (name("靐小舟", &id_no(1)), "9999 暂时无法认证，请稍后再试"),
    ] {
        assert_eq!(app.told(NAME, asked.clone()), want, "{asked}");
    }
    assert_eq!(status(&app), "000");
    // Whether the mobile number is proven stands in the answer.
    assert_eq!(app.done(NAME, name("周小舟", &id_no(1))), "0");
    assert_eq!(app.told(NAME, name("周小舟", &id_no(1))), "20006001 已通过身份认证");
    let other = App::new(&bench);
    other.customer(2);
    assert_eq!(other.told(NAME, name("周小舟", &id_no(1))), "20006003 已有账号绑定了该身份信息");
    assert_eq!(other.told(NAME, name("周大舟", &id_no(2))), "0000 身份实名认证成功");

    for (asked, want) in [
        (card("", &mobile(1)), "10001000 bankCardNo不能为空"),
        (card(&card_no(1), ""), "10001000 mobile不能为空"),
        (card("12", &mobile(1)), "10001000 bankCardNo格式错误"),
        (card("6217000000000000000", &mobile(1)), "10001000 bankCardNo格式错误"),
        (card(&card_no(1), "1"), "10001000 手机号码格式错误"),
        (card(&card_no(9911), &mobile(1)), "20006002 银行卡认证失败：银行卡号与持卡人不一致"),
        (card(&card_no(9912), &mobile(1)), "9999 暂时无法认证，请稍后再试"),
        (card(&card_no(1), &mobile(1)), "0000 银行卡认证成功"),
        (card(&card_no(1), &mobile(1)), "20006001 已通过身份认证"),
        // Another card takes its place.
        (card(&card_no(3), &mobile(3)), "0000 银行卡认证成功"),
    ] {
        assert_eq!(app.told(CARD, asked.clone()), want, "{asked}");
    }
    assert_eq!(app.told(MOBILE, json!({})), "0000 手机实名认证成功");
    assert_eq!(app.told(MOBILE, json!({})), "20006001 已通过身份认证");
    assert_eq!(status(&app), "111");
    let shown = app.done(STATUS, json!({}));
    assert_eq!(shown["authRealName"], "周小舟");
    assert_eq!(shown["authNumber"], id_no(1));
    assert_eq!(shown["bankCardNumber"], card_no(3));
    assert_eq!(shown["bankCardMobile"], mobile(3));
    assert_eq!(shown["customerInfoStatus"], "0");
    bench.verify();
}

#[test]
fn people_prove_who_they_are_on_sqlite() {
    check_proofs(Store::Sqlite);
}

#[test]
fn people_prove_who_they_are_on_postgres() {
    check_proofs(Store::Postgres);
}

#[track_caller]
fn check_profiles(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.customer(1);
    let empty = app.done(PROFILE, json!({}));
    assert_eq!((&empty["education"], &empty["relShipList"]), (&"".into(), &json!([])));
    for (field, value, want) in [
        ("education", "0", "10001000 education格式错误"),
        ("education", "", "10001000 education不能为空"),
        ("maritalStatus", "5", "10001000 maritalStatus格式错误"),
        ("registry_city", "320100", "10001000 registry_city格式错误"),
        ("house_address_county", "11", "10001000 house_address_county格式错误"),
        ("residenceLength", "06", "10001000 residenceLength格式错误"),
        ("industryType", "15", "10001000 industryType格式错误"),
        ("monthIncome", "-1", "10001000 monthIncome格式错误"),
        ("monthIncome", "1e30", "10001000 monthIncome格式错误"),
        ("payrollDay", "32", "10001000 payrollDay格式错误"),
        ("currentWorkInfo", "\n", "10001000 currentWorkInfo不能为空"),
    ] {
        let mut told = profile();
        told[field] = value.into();
        assert_eq!(app.told(SAVE, told), want, "{field} {value}");
    }
    assert_eq!(app.done(PROFILE, json!({}))["education"], "", "nothing was saved");
    assert_eq!(app.done(SAVE, profile()), "");
    // Clients that were built from a print of the document spell it so.
    let mut told = profile();
    told["martialStatus"] = "3".into();
    told.as_object_mut().unwrap().remove("maritalStatus");
    told["monthIncome"] = "12000.50".into();
    assert_eq!(app.done(SAVE, told.clone()), "");

    let mut saved = app.done(PROFILE, json!({}));
    let contacts = saved.as_object_mut().unwrap().remove("relShipList").unwrap();
    assert_eq!(contacts, json!([]));
    told["maritalStatus"] = "3".into();
    told.as_object_mut().unwrap().remove("martialStatus");
    assert_eq!(saved, told);

    for (field, value, want) in [
        ("operType", "x", "10001000 operType格式错误"),
        ("relType", "5", "10001000 relType格式错误"),
        ("realName", "", "10001000 realName不能为空"),
        ("phoneNum", "x", "10001000 phoneNum格式错误"),
        ("phoneNum", "13800000001", "10001000 联系人电话不能是本人手机号码"),
        ("operType", "update", "10001000 id不能为空"),
    ] {
        let mut told = contact("13900000001");
        told[field] = value.into();
        assert_eq!(app.told(CONTACT, told), want, "{field} {value}");
    }
    assert_eq!(app.done(CONTACT, contact("13900000001")), "");
    assert_eq!(app.done(CONTACT, contact("13900000001")), "", "the same twice is one");
    let known = app.done(PROFILE, json!({}))["relShipList"].clone();
    assert_eq!(known.as_array().unwrap().len(), 1);
    let mut update = contact("13900000009");
    update["operType"] = "update".into();
    update["id"] = known[0]["id"].clone();
    update["relType"] = "07".into();
    let other = App::new(&bench);
    other.customer(2);
    assert_eq!(other.told(CONTACT, update.clone()), "90002000 无权限访问");
    assert_eq!(app.done(CONTACT, update.clone()), "");
    let known = app.done(PROFILE, json!({}))["relShipList"].clone();
    assert_eq!((&known[0]["relType"], &known[0]["phoneNum"]), (&"7".into(), &"13900000009".into()));
    update["id"] = "x".into();
    assert_eq!(app.told(CONTACT, update), "10001000 联系人不存在");
    let mut twice = contact("13900000009");
    twice["realName"] = "周中舟".into();
    assert_eq!(app.told(CONTACT, twice), "10001000 联系人电话重复");
    bench.verify();
}

#[test]
fn profiles_are_kept_as_told_on_sqlite() {
    check_profiles(Store::Sqlite);
}

#[test]
fn profiles_are_kept_as_told_on_postgres() {
    check_profiles(Store::Postgres);
}

#[test]
fn the_marital_status_can_be_spelt_as_clients_do() {
    let settings = [("JIEHUAN_XIANJINDAI_MARITAL_SPELLING", "client")];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    let app = App::new(&bench);
    app.customer(1);
    app.done(SAVE, profile());
    let saved = app.done(PROFILE, json!({}));
    assert_eq!((&saved["martialStatus"], &saved["maritalStatus"]), (&"1".into(), &Value::Null));
}

#[test]
fn opinions_and_versions_and_messages_to_everybody() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.customer(1);
    let suggest = |suggestion: &str, source: &str, n: u32| {
        let body = json!({"suggestion": suggestion, "source": source, "mobile": mobile(n)});
        app.told("/appApi/commitSuggestion", body)
    };
    assert_eq!(suggest("很好用", "2", 1), "20003006 意见反馈成功");
    assert_eq!(suggest("", "2", 1), "10001000 suggestion不能为空");
    assert_eq!(suggest("很好用", "", 1), "10001000 source不能为空");
    assert_eq!(suggest("很好用", "2", 2), "10001000 账号不存在");
    assert_eq!(suggest(&"好".repeat(1001), "2", 1), "20003007 意见反馈失败");
    assert_eq!(suggest("很好用", &"2".repeat(31), 1), "20003007 意见反馈失败");
    let other = App::new(&bench);
    other.customer(2);
    assert_eq!(suggest("很好用", "2", 2), "90002000 无权限访问");
    assert_eq!(bench.sql("SELECT COUNT(*) FROM feedback"), "1");

    let version = "/appApi/appVersionDetection";
    let detected = app.call(version, json!({"appType": "2"}));
    assert_eq!(detected.expect("0000", "20003008", "版本检测成功"), "");
    assert_eq!(app.told(version, json!({"appType": "4"})), "20003009 版本检测失败");
    assert_eq!(app.told(version, json!({})), "10001000 appType不能为空");
    inside(&bench, |tx| {
        let command = PublishVersion {
            by: Actor::Platform,
            channel: Channel::Xianjindai,
            app_type: "2".into(),
            version: "2.1.0".into(),
            url: "https://example.cn/app".into(),
            forced: true,
            notes: "修复问题".into(),
        };
        notices::publish_version(tx, &command).unwrap();
        for (kind, title) in [(SystemKind::Activity, "活动"), (SystemKind::Announcement, "公告")]
        {
            let (by, channel, content) = (Actor::Platform, Channel::Xianjindai, "内容".into());
            let (title, event_url) = (title.into(), String::new());
            notices::publish(tx, &Publish { by, channel, kind, title, content, event_url })
                .unwrap();
        }
    });
    let detected = app.call(version, json!({"appType": "02"}));
    let found = detected.expect("0000", "20003008", "版本检测成功");
    assert_eq!((&found["version"], &found["forced"]), (&"2.1.0".into(), &"1".into()));
    assert_eq!(app.call(version, json!({"appType": "1"})).json["resultSet"], "");

    // Nobody has to be logged in to read what is for everybody.
    app.forget_cookie();
    let page = app.call("/openCommonApi/getSystemMessage", json!({"pageNum": 1, "pageSize": 1}));
    assert_eq!(page.json["total"], 2);
    assert_eq!(page.json["resultSet"][0]["messageType"], "1");
    assert_eq!(page.json["resultSet"][0]["messageTitle"], "公告");
    let wrong = json!({"pageNum": 0, "pageSize": 1});
    assert_eq!(app.told("/openCommonApi/getSystemMessage", wrong), "10001000 pageNum格式错误");
}

#[test]
fn pages_and_pictures_are_for_everybody() {
    let bench = Bench::start(Store::Sqlite);
    for (path, title) in [("registrationProtocol", "用户注册协议"), ("loanHelp", "还款帮助")]
    {
        for method in ["GET", "POST"] {
            let page = bench.request(method, &format!("/xianjindai/open/{path}"), &[], b"");
            assert_eq!(page.status, 200);
            assert_eq!(page.header("content-type"), Some("text/html;charset=UTF-8"));
            assert!(
                page.text.contains(title) && page.text.contains("400-000-0000"),
                "{}",
                page.text
            );
        }
    }
    let image = |method| bench.request(method, "/xianjindai/openApi/getCodeImage", &[], b"");
    let (first, second) = (image("GET"), image("POST"));
    assert_eq!(first.header("content-type"), Some("image/png"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert!(first.bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_ne!(first.bytes, second.bytes);
    assert_eq!(bench.sql("SELECT COUNT(*) FROM captcha"), "2", "each shows a captcha of its own");
    for token in ["x", &"0".repeat(64), &format!("{}.pdf", "0".repeat(64))] {
        let gone = bench.request("GET", &format!("/xianjindai/contract/{token}"), &[], b"");
        let gone = super::opened(gone);
        assert_eq!(gone.outcome(), ("0000", "10001000", "链接不存在或已失效"), "{token}");
    }
}
