//! Twins of the document's sample answers: the same keys in the same order, values of the same
//! type and look, and people of our own.

use kernel::Channel;
use lending::audit::Actor;
use lending::notices::{self, Publish, SystemKind};
use serde_json::json;

use super::App;
use super::borrower::{BY_DAYS, by_days, id_no, inside, mobile, profile};
use crate::bench::{Bench, Store};
use crate::people::card_no;
use crate::samples;

/// Codes, and the text that goes with them.
const KEPT: &[&str] = &["exceptionFlag", "responseCode", "responseMessage"];

fn shape(json: &str) -> String {
    samples::shape(json, KEPT)
}

/// The shape of an answer whose last object may go on behind the sample's.
fn beginning(json: &str) -> String {
    shape(json).trim_end_matches(['}', ']']).to_owned()
}

#[track_caller]
fn check(app: &App<'_>, path: &str, asked: serde_json::Value, twin: &str) {
    let answer = app.call(path, asked).answer.text;
    assert_eq!(shape(&answer), shape(twin), "{path}: {answer}");
}

const SIGN: &str = "0123456789abcdef0123456789abcdef01234567";
const ID: &str = "00000000-0000-8000-8000-000000000000";

/// The envelope of §7.3 and most others.
fn plain(message: &str, result: &str) -> String {
    format!(
        r#"{{"exceptionFlag":"0000","responseCode":"0000","timestamp":"1795000000000","nonce":"12345678","sign":"{SIGN}","responseMessage":"{message}","resultSet":{result}}}"#
    )
}

/// The envelope of §24.4 and §25.3.
fn sorted(message: &str, rows: &str) -> String {
    format!(
        r#"{{"exceptionFlag":"0000","isFirstPage":true,"isLastPage":true,"nonce":"12345678","pageNum":1,"pageSize":10,"pages":1,"responseCode":"0000","responseMessage":"{message}","resultSet":{rows},"sign":"{SIGN}","timestamp":"1795000000000","total":1}}"#
    )
}

/// The envelope of §26.2, §28.2 and §29.2.
fn paged(message: &str, rows: &str) -> String {
    format!(
        r#"{{"exceptionFlag":"0000","responseCode":"0000","responseMessage":"{message}","timestamp":"1795000000000","nonce":"12345678","sign":"{SIGN}","pageNum":1,"pageSize":2,"total":1,"pages":1,"isFirstPage":true,"isLastPage":true,"resultSet":{rows}}}"#
    )
}

#[test]
fn answers_about_people_look_like_the_samples() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    // §7.3 (§4.3, with its cookie, is in accounts.rs).
    check(&app, "/openApi/getCode", json!({}), &plain("获取验证码成功", r#""o3wt""#));
    // §8.3, with the code of §8.4 instead of 10002000, which no table has.
    let asked = json!({"code": app.captcha(), "mobile": mobile(9)});
    let twin = plain("短信发送成功", r#""""#)
        .replace(r#""responseCode":"0000""#, r#""responseCode":"20001000""#);
    check(&app, "/openApi/getSmsCode", asked, &twin);
    app.customer(1);
    // §32.3, §30.3, §31.3, §34.3, §35.3.
    let asked = json!({"realName": "周小舟", "idCardNo": id_no(1)});
    check(&app, "/appCommonApi/authRealNameInfo", asked, &plain("身份实名认证成功", r#""0""#));
    let asked = json!({"bankCardNo": card_no(1), "mobile": mobile(1)});
    check(&app, "/appCommonApi/authUserBankCard", asked, &plain("银行卡认证成功", r#""""#));
    check(&app, "/appCommonApi/authUserMobile", json!({}), &plain("手机实名认证成功", r#""""#));
    let saved = plain("完善个人信息成功", r#""""#);
    check(&app, "/appCommonApi/savePerfectUserInfo", profile(), &saved);
    let saved = plain("完善联系人信息成功", r#""""#);
    let contact = super::borrower::contact("13900000001");
    check(&app, "/appCommonApi/saveOrUpdateRelShip", contact, &saved);
    // §19.3.
    let twin = r#"{"realNameAuthStatus":"1","bankCardAuthStatus":"1","customerInfoStatus":"1","mobileAuthStatus":"1","isBlackList":"0","isRisk":"0","authRealName":"周某某","authNumber":"110101199003070000","bankCardNumber":"6217000000000000000","bankCardMobile":"13800000001"}"#;
    let twin = plain("获取认证状态成功", twin);
    check(&app, "/appCommonApi/getAuthenticationStatus", json!({}), &twin);
    // §33.3.
    let twin = format!(
        r#"{{"education":"5","maritalStatus":"1","registry_province":"110000","registry_city":"110000","registry_detail":"某","house_address_province":"110000","house_address_city":"110000","house_address_county":"110108","house_address_detail":"某 某","residenceLength":"01","industryType":"3","work_address_province":"110000","work_address_city":"110000","work_address_county":"110108","work_address_detail":"某","workingHours":"01","currentWorkInfo":"某公司","currentPosition":"某 某","monthIncome":"10000","payrollDay":"10","relShipList":[{{"id":"{ID}","relType":"8","realName":"某","phoneNum":"13900000001"}}]}}"#
    );
    let twin = plain("获取当前登录用户详细信息", &twin);
    check(&app, "/appCommonApi/getPerfectUserInfo", json!({}), &twin);
    // §27.3, whose sample has no line either; its text is that of §7.
    let twin = r#"{"realName":"某某某","mobile":"13800000001","availableCredit":"","totalCredit":"","totalApplyAmount":"44900.00","totalNeedPayAmount":"2200.00"}"#;
    let twin = plain("获取个人中心统计数据成功", twin);
    check(&app, "/appCommonApi/getUserCenterInfo", json!({}), &twin);
}

#[test]
fn answers_about_products_look_like_the_samples() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    // §20.3: the channel comes with one product by a range and one by a list as its first two, as
    // the sample has them.
    let list = app.call("/openCommonApi/getLoanProductList", json!({})).answer.text;
    let third = list.match_indices("},{").nth(1).expect("more than two products").0;
    let list = format!("{}}}]}}", &list[..third]);
    let twin = format!(
        r#"[{{"singleMinAmount":500.00,"id":"{ID}","daysLimitType":1,"singleDays":"7,14,30","termUnit":"1","name":"某现金贷","singleMonths":"1","amountLimitType":0,"monthsLimitType":1,"singleMaxAmount":5000.00}},{{"id":"{ID}","daysLimitType":1,"singleDays":"7,14","termUnit":"1","name":"某贷","singleMonths":"1","amountLimitType":1,"singleAmounts":"500,1000,2000","monthsLimitType":1}}]"#
    );
    assert_eq!(shape(&list), shape(&plain("获取产品展示信息成功", &twin)), "{list}");
    // §21.4, with the fields that only its table has.
    let twin = format!(
        r#"{{"id":"{ID}","name":"某现金贷","detailDescription":"描述1;描述2","thirdServiceCode":"","amountLimitType":"1","singleMinAmount":"","singleMaxAmount":"","singleAmounts":"500,1000,2000","singleDefaultAmount":"2000.00","interestRateLimitType":"1","minInterestRate":"","maxInterestRate":"","interestRates":"0.3600","defaultInterestRate":"0.3600","termUnit":"1","repayType":"1","daysLimitType":"1","singleMinDays":"","singleMaxDays":"","singleDays":"7,14","singleDefaultDays":"7","monthsLimitType":"1","singleMinMonths":"","singleMaxMonths":"","singleMonths":"1","singleDefaultMonths":"1","defaultRepayTermCount":"1","defaultRepayTermUnit":"1","repayTermUnit":"1","termUnitData":{{"1":"日","2":"月"}},"repayTermUnitData":{{"1":"日","2":"月","3":"季","4":"年"}},"repayTypeData":{{"1":"一","2":"二","3":"三","4":"四"}},"purposeData":{{"15":"租房","16":"购物","17":"教育/培训","18":"医美","19":"旅游","20":"日常娱乐","21":"短期资金周转","22":"偿还信用卡"}},"otherChannelsData":{{"01":"无借款","02":"有，已结清","03":"有，未结清"}}}}"#
    );
    let asked = json!({"productId": app.product("小额急用")});
    let twin = plain("获取产品展示信息成功", &twin);
    check(&app, "/openCommonApi/getLoanProductDetails", asked, &twin);
    app.customer(1);
    // §22.4.
    let twin = r#"{"applyAmount":"5000","repayTime":"2026-11-26","replyAmount":"4500.00","totalAmount":"5010.42","totalDueFee":"0","totalDueInterest":"10.42","totalDuePrincipal":"5000"}"#;
    let twin = plain("获取产品申请确认信息成功", twin);
    let asked = by_days(&app.product(BY_DAYS), "5000.00", 7);
    check(&app, "/appCommonApi/getLoanApplyConfirmInfo", asked, &twin);
}

#[test]
fn answers_about_loans_look_like_the_samples() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.borrower(1);
    let asked = super::borrower::application(&by_days(&app.product(BY_DAYS), "2000.00", 7));
    // §23.4.
    let twin = plain("提交贷款申请成功", r#""20005000""#);
    check(&app, "/appCommonApi/loanProductApply", asked, &twin);
    // §24.4.
    let twin = format!(
        r#"[{{"id":"{ID}","messageContent":"某","messageTitle":"某","messageType":"99","sendDate":"2026-11-09 01:03:14"}}]"#
    );
    let twin = sorted("获取当前登录用户消息成功", &twin);
    let first = json!({"pageNum": 1, "pageSize": 10});
    check(&app, "/appCommonApi/getCustomMessage", first.clone(), &twin);
    // §25.3; ours has no address where nothing is to be opened, so that one is given here.
    inside(&bench, |tx| {
        let (by, channel, kind) = (Actor::Platform, Channel::Xianjindai, SystemKind::Activity);
        let event_url = "https://example.cn".into();
        let (title, content) = ("系统消息".into(), "系统消息".into());
        notices::publish(tx, &Publish { by, channel, kind, title, content, event_url }).unwrap();
    });
    let twin = format!(
        r#"[{{"eventUrl":"https://www.example.cn","id":"{ID}","messageContent":"某","messageTitle":"某","messageType":"01","sendDate":"2026-11-27 02:37:57"}}]"#
    );
    let twin = sorted("获取系统消息成功", &twin);
    check(&app, "/openCommonApi/getSystemMessage", first, &twin);
    // §28.2. The table has otherChannels and contractInfoList, the sample has neither; it prints
    // null where we know: applyStatus, penaltyRate and useType.
    let twin = format!(
        r#"[{{"loanProductId":"{ID}","id":"{ID}","name":"某","code":"P-R","status":"1","actionStatus":"0","applyStatus":"1","applyAmount":"2000.00","replyAmount":"2000.00","repayType":"1","releaseDate":null,"applyTime":1795000000000,"termCount":"7","termUnit":"1","interestRate":"0.3600","penaltyRate":"0.0005","authTermCount":"7","authTermUnit":"1","useType":"21","otherChannels":"01","contractInfoList":[]}}]"#
    );
    let asked = json!({"pageNum": 1, "pageSize": 2});
    let listed = app.call("/appCommonApi/getLoanApplyInfoList", asked).answer.text;
    let twin = paged("获取我的借款信息成功", &twin);
    assert!(shape(&listed).starts_with(&beginning(&twin)), "{listed}");
    super::borrower::approve(&bench);
    super::borrower::pay_out(&bench);
    for _ in 0..400 {
        if app.applications()[0]["applyStatus"] == "4" {
            break;
        }
        crate::bench::pause(25);
    }
    // §26.2; a contract's address comes behind, where there is a contract.
    let twin = format!(
        r#"[{{"id":"{ID}","productName":"某现金贷","code":"cash20261128002","periodNum":"1","dueRepayDate":"2026-11-13 23:59:59.0","repayStatus":"0","applyAmount":"500.00","duePrincipal":"500.00","dueInterest":"7.00","duePenalty":"0","dueFeeAmount":"0","dueTotalAmount":"607.00","needPayTotalAmount":"607.00"}}]"#
    );
    let asked = json!({"pageNum": 1, "pageSize": 2, "condition": "0"});
    let listed = app.call("/appCommonApi/getRepayInfoList", asked).answer.text;
    let twin = paged("获取还款信息成功", &twin);
    assert!(shape(&listed).starts_with(&beginning(&twin)), "{listed}");
    // §29.2.
    let id = app.applications()[0]["id"].clone();
    let twin = format!(
        r#"[{{"repayId":"{ID}","periodNum":"1","dueRepayDate":"1795000000000","duePrincipal":"500.00","dueInterest":"7.00","fee":"0","dueAmount":"507.00","loanProductApplyId":"{ID}"}}]"#
    );
    let asked = json!({"pageNum": 1, "pageSize": 2, "loanProductApplyId": id});
    check(
        &app,
        "/appCommonApi/getLoanApplyRepayList",
        asked,
        &paged("获取我的借款-每期还款成功", &twin),
    );
    // §36.3.
    let asked = json!({"id": app.due("0")[0]["id"], "repayType": "current"});
    check(&app, "/appCommonApi/gotoRepayment", asked, &plain("还款成功", r#""""#));
}
