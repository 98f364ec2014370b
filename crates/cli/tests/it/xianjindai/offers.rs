//! Products, quotes and applications (§20 to §23).

use kernel::Channel;
use kernel::Rate;
use kernel::id::OperatorId;
use lending::audit::Actor;
use lending::catalog::{self, Choice, FeeTime, IntervalUnit, Method, ProductFee, Sale, TenorUnit};
use lending::customers::{self, Flag, Line};
use lending::identity;
use lending::origination::{self, Approved, Review, State, Verdict};
use lending::servicing;
use pricing::Percent;
use pricing::terms::Size;
use serde_json::{Value, json};

use super::App;
use super::borrower::{BY_DAYS, application, by_days, inside, mobile, sell};
use crate::bench::{Bench, Store};
use crate::lender::first as first_page;
use crate::people::{card_no, id_no_of};

const QUOTE: &str = "/appCommonApi/getLoanApplyConfirmInfo";
const APPLY: &str = "/appCommonApi/loanProductApply";

fn with(base: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut changed = base.clone();
    changed[name] = value.into();
    changed
}

#[test]
fn a_quote_is_what_the_document_shows() {
    let bench = Bench::start(Store::Sqlite);
    // Document 001 §22.4: 5000 pays 10.42 of interest, and 10 % are kept back. Its dates are five
    // days apart: 5000 x 0.15 x 5 / 360 = 10.4166…
    sell(&bench, "样例", |version| {
        version.days = Choice::List(vec![5]);
        version.days_default = 5;
        version.rates = Choice::List(vec![Rate::from_ppm(150_000).unwrap()]);
        version.rate_default = Rate::from_ppm(150_000).unwrap();
        version.fees = vec![ProductFee {
            name: "服务费".into(),
            collector: "出借人".into(),
            time: FeeTime::KeptBack,
            size: Size::Share(Percent::parse("10").unwrap()),
        }];
    });
    let app = App::new(&bench);
    app.customer(1);
    let asked = with(&by_days(&app.product("样例"), "5000.00", 5), "interestRate", "0.15");
    let quote = app.done(QUOTE, asked);
    for (name, want) in [
        ("applyAmount", "5000"),
        ("replyAmount", "4500.00"),
        ("totalAmount", "5010.42"),
        ("totalDueFee", "0"),
        ("totalDueInterest", "10.42"),
        ("totalDuePrincipal", "5000"),
    ] {
        assert_eq!(quote[name], want, "{name}");
    }
    // 1000 x 0.18 x 14 / 360 = 7.00, by numbers instead of texts, units without zeros.
    let product = app.product(BY_DAYS);
    let asked = json!({
        "productId": product, "amount": 1000, "termCount": 14, "termUnit": 1, "repayTermCount": 14,
        "repayTermUnit": "1", "repayType": 1, "interestRate": 0.18
    });
    let quote = app.done(QUOTE, asked);
    assert_eq!(
        (&quote["totalDueInterest"], &quote["totalAmount"]),
        (&"7.00".into(), &"1007.00".into())
    );
}

#[test]
fn every_code_of_a_quote_has_its_case() {
    let bench = Bench::start(Store::Sqlite);
    sell(&bench, "多样", |version| {
        version.tenor_units = vec![TenorUnit::Day, TenorUnit::Month];
        version.months = Choice::List(vec![3, 6]);
        version.months_default = 3;
        version.methods = vec![Method::OneOff, Method::EqualInstalment];
        version.interval_units = vec![IntervalUnit::Day, IntervalUnit::Month];
    });
    let app = App::new(&bench);
    app.borrower(1);
    let product = app.product("多样");
    let good = by_days(&product, "1000.00", 14);
    app.done(QUOTE, good.clone());
    let months = json!({
        "productId": product, "amount": "1000", "termCount": "3", "termUnit": "2",
        "repayTermCount": "1", "repayTermUnit": "2", "repayType": "3", "interestRate": "0.18"
    });
    app.done(QUOTE, months.clone());
    // field, values, code and text; in the order of the document's table
    for (base, field, values, want) in [
        (&good, "amount", &["abc", "-1", "10.001", "一千"][..], "20004000 借贷金额格式错误"),
        (&good, "amount", &["499.99", "5000.01", "0", "1e30"], "20004001 借贷金额不在允许范围内"),
        (&good, "interestRate", &["x", "-0.1", "18%"], "20004002 年化利率格式错误"),
        (&good, "interestRate", &["0.19", "18", "0", "1e9"], "20004003 年化利率不在允许范围内"),
        (&good, "termCount", &["x", "1.5", "-7"], "20004004 借贷期限格式错误"),
        (&good, "termCount", &["8", "0", "99999999999"], "20004005 借贷期限不在允许范围内"),
        (&good, "termUnit", &["3", "0", "x"], "20004006 借贷期限单位错误"),
        (&good, "repayTermCount", &["x", "0.5"], "20004008 还款间隔格式错误"),
        (&good, "repayTermCount", &["31", "0"], "20004009 还款间隔不在允许范围内"),
        (&good, "repayTermUnit", &["5", "00", "月"], "20004010 还款间隔单位错误"),
        (&good, "repayTermUnit", &["3", "4"], "20004011 还款间隔单位不在允许范围内"),
        (&months, "repayTermUnit", &["1"], "20004012 借贷期限单位选择月，还款间隔单位不支持选择日"),
        (&good, "repayType", &["5", "0", "x"], "20004013 还款方式错误"),
        (&good, "repayType", &["2", "04"], "20004014 还款方式不在允许范围内"),
        (&good, "repayType", &["3"], "20004015 借贷期限单位选择日，还款方式不支持选择等额本息"),
        (&months, "repayTermCount", &["2"], "20004009 还款间隔不在允许范围内"),
        (&good, "productId", &["x", "00000000-0000-8000-8000-000000000000"], "90004026 产品不存在"),
    ] {
        for value in values {
            let asked = with(base, field, *value);
            assert_eq!(app.told(QUOTE, asked.clone()), want, "{field} {value}");
            // §23 says the same.
            assert_eq!(app.told(APPLY, application(&asked)), want, "{field} {value}");
        }
    }
    let by_days_only = by_days(&app.product(BY_DAYS), "1000", 14);
    let months = with(&by_days_only, "termUnit", "2");
    assert_eq!(app.told(QUOTE, months), "20004007 借贷期限单位不在允许范围内");
    for field in good.as_object().unwrap().keys() {
        for nothing in [json!(""), json!(null)] {
            let want = format!("10001000 {field}不能为空");
            assert_eq!(app.told(QUOTE, with(&good, field, nothing)), want);
        }
    }
    assert_eq!(app.applications().len(), 0, "nothing was booked");
    bench.verify();
}

#[test]
fn a_product_is_shown_as_long_as_it_is_sold() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.borrower(1);
    let details = "/openCommonApi/getLoanProductDetails";
    let product = app.product(BY_DAYS);
    let shown = app.done(details, json!({"productId": product}));
    assert_eq!(shown["singleMinAmount"], "500.00");
    assert_eq!(shown["defaultInterestRate"], "0.1800");
    assert_eq!(shown["singleDays"], "7,14,30");
    assert_eq!(shown["purposeData"]["21"], "短期资金周转");
    assert_eq!(shown["otherChannelsData"]["03"], "有，未结清");
    inside(&bench, |tx| {
        let sold = catalog::on_sale(tx, Channel::Xianjindai).unwrap();
        let product = sold.iter().find(|product| product.code == "DAYS-RANGE").unwrap();
        catalog::set_on_sale(tx, Actor::Platform, product.id, Sale::Withdrawn).unwrap();
    });
    let asked = by_days(&product, "1000", 14);
    assert_eq!(app.told(details, json!({"productId": product})), "90004025 产品失效");
    assert_eq!(app.told(QUOTE, asked.clone()), "90004025 产品失效");
    assert_eq!(app.told(APPLY, application(&asked)), "90004025 产品失效");
    assert_eq!(app.told(details, json!({"productId": "x"})), "90004026 产品不存在");
    assert_eq!(app.told(details, json!({})), "10001000 productId不能为空");
}

#[track_caller]
fn check_applications(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.customer(1);
    let asked = application(&by_days(&app.product(BY_DAYS), "1000", 14));
    assert_eq!(app.told(APPLY, asked.clone()), "20004016 个人信息尚未完善");
    let app = App::new(&bench);
    app.borrower(2);
    for (field, values) in [
        ("purpose", &["2", "23", "x", "租房"][..]),
        ("otherChannels", &["0", "4", "x"]),
        ("longitude", &["1\u{7}"]),
    ] {
        for value in values {
            let want = format!("10001000 {field}格式错误");
            assert_eq!(app.told(APPLY, with(&asked, field, *value)), want, "{value}");
        }
    }
    for list in [json!({}), json!("x"), json!([1])] {
        let wrong = with(&asked, "phonebookList", list);
        assert_eq!(app.told(APPLY, wrong), "10001000 phonebookList格式错误");
    }
    for field in ["longitude", "latitude", "orderId", "purpose", "otherChannels"] {
        let want = format!("10001000 {field}不能为空");
        assert_eq!(app.told(APPLY, with(&asked, field, "")), want);
    }
    // Eight at once are one application.
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let one = |_| {
            let (cookie, asked, bench) = (app.cookie(), asked.clone(), &bench);
            scope.spawn(move || {
                let phone = App::new(bench);
                phone.use_cookie(cookie);
                phone.told(APPLY, asked)
            })
        };
        let running: Vec<_> = (0..8).map(one).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let taken = outcomes.iter().filter(|outcome| *outcome == "0000 提交贷款申请成功").count();
    assert_eq!(taken, 1, "{outcomes:?}");
    let rest = outcomes.iter().filter(|outcome| *outcome == "20005009 当前借贷申请已提交").count();
    assert_eq!(rest, 7, "{outcomes:?}");
    let mine = app.applications();
    assert_eq!(mine.len(), 1);
    assert_eq!((&mine[0]["applyStatus"], &mine[0]["useType"]), (&"0".into(), &"21".into()));
    assert_eq!(bench.sql("SELECT COUNT(*) FROM phone_book_part"), "1");

    // The limit that the first application has opened is 5000.00, of which 1000.00 are kept.
    let more = json!({
        "productId": app.product("分期贷"), "amount": "4000.01", "termCount": "3", "termUnit": "2",
        "repayTermCount": "1", "repayTermUnit": "2", "repayType": "3", "interestRate": "0.18"
    });
    assert_eq!(app.told(APPLY, application(&more)), "20004021 客户可申请额度不足");
    // As in the document's sample: purpose 01, which its table does not have, and no phone book.
    let mut sample = application(&with(&more, "amount", "4000"));
    sample["purpose"] = "01".into();
    sample.as_object_mut().unwrap().remove("phonebookList");
    assert_eq!(app.told(APPLY, sample), "0000 提交贷款申请成功");
    assert_eq!(app.applications().len(), 2);

    // Taken back, the limit is free and the application is refused no more.
    let back = "/appCommonApi/cancelLoanApply";
    let id = mine[0]["id"].clone();
    let other = App::new(&bench);
    other.borrower(3);
    let theirs = json!({"loanProductApplyId": id});
    assert_eq!(other.told(back, theirs.clone()), "90004037 借贷申请不存在");
    assert_eq!(app.told(back, theirs.clone()), "0000 撤销借贷申请成功");
    assert_eq!(app.told(back, theirs), "10001000 借贷申请已处理，不能撤销");
    assert_eq!(app.applications()[1]["applyStatus"], "3");
    assert_eq!(app.told(APPLY, asked), "0000 提交贷款申请成功");
    bench.verify();
}

#[test]
fn applications_are_taken_once_on_sqlite() {
    check_applications(Store::Sqlite);
}

#[test]
fn applications_are_taken_once_on_postgres() {
    check_applications(Store::Postgres);
}

#[test]
fn some_people_are_lent_nothing() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    let product = app.product(BY_DAYS);
    let asked = application(&by_days(&product, "1000", 14));
    // Who is under age is refused by a rule; that is an answer to a good application.
    let year = bench.sql("SELECT CAST(strftime('%Y', 'now') AS INTEGER) - 17");
    app.borrower_with(1, &id_no_of(year.parse().unwrap(), 1), &card_no(1));
    assert_eq!(app.told(APPLY, asked.clone()), "0000 提交贷款申请成功");
    assert_eq!(app.applications()[0]["applyStatus"], "3");
    assert_eq!(app.applications()[0]["replyAmount"], Value::Null);
    let center = app.done("/appCommonApi/getUserCenterInfo", json!({}));
    assert_eq!(center["availableCredit"], center["totalCredit"]);

    let app = App::new(&bench);
    app.borrower(2);
    inside(&bench, |tx| {
        let mobile = kernel::Mobile::parse(&mobile(2)).unwrap();
        let member = identity::find(tx, Channel::Xianjindai, &mobile).unwrap().unwrap();
        let flag = Flag::Blacklisted(Line::parse("测试").unwrap());
        customers::set_flag(tx, Actor::Platform, member, &flag).unwrap();
    });
    assert_eq!(app.told(APPLY, asked), "20004017 黑名单客户");
    assert_eq!(bench.sql("SELECT COUNT(*) FROM phone_book_part"), "1", "nothing of theirs is kept");
    let status = app.done("/appCommonApi/getAuthenticationStatus", json!({}));
    assert_eq!(status["isBlackList"], "1");
    bench.verify();
}

#[test]
fn a_changed_offer_is_confirmed_before_it_is_paid_out() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.borrower(1);
    let asked = application(&by_days(&app.product(BY_DAYS), "1000", 14));
    assert_eq!(app.told(APPLY, asked), "0000 提交贷款申请成功");
    let id = json!({"loanProductApplyId": app.applications()[0]["id"]});
    let cost = "/appCommonApi/getCostDisclosure";
    let first = app.done(cost, id.clone());
    // The application itself is the customer's word to what §22 has shown.
    assert_eq!((&first["totalDueInterest"], &first["confirmed"]), (&"7.00".into(), &"1".into()));
    inside(&bench, |tx| {
        let waiting = origination::applications_in(tx, State::Reviewing, first_page()).unwrap();
        let amount = kernel::Money::from_yuan(600).unwrap();
        let verdict = Verdict::Approve(Approved { amount, tenor: 7 });
        let (operator, application) = (OperatorId::from_number(1), waiting[0].id);
        let review = Review { operator, application, verdict, note: "收入偏低".into() };
        origination::review(tx, &review).unwrap();
    });
    let changed = app.done(cost, id.clone());
    // 600 x 0.18 x 7 / 360 = 2.10.
    assert_eq!(
        (&changed["applyAmount"], &changed["totalDueInterest"]),
        (&"600".into(), &"2.10".into())
    );
    assert_eq!(changed["confirmed"], "0");
    assert_eq!(app.applications()[0]["actionStatus"], "1");
    let pay_out = |bench: &Bench| {
        inside(bench, |tx| {
            let approved = origination::applications_in(tx, State::Approved, first_page()).unwrap();
            servicing::request_payout(tx, Actor::Platform, approved[0].id).is_ok()
        })
    };
    assert!(!pay_out(&bench), "nothing is paid out that was not agreed to");
    let confirm = "/appCommonApi/confirmLoanApply";
    let other = App::new(&bench);
    other.borrower(2);
    assert_eq!(other.told(confirm, id.clone()), "90004037 借贷申请不存在");
    assert_eq!(other.told(cost, id.clone()), "90004037 借贷申请不存在");
    assert_eq!(app.told(confirm, id.clone()), "0000 确认借款条件成功");
    assert_eq!(app.told(confirm, id.clone()), "0000 确认借款条件成功", "a repeat changes nothing");
    assert_eq!(app.applications()[0]["actionStatus"], "0");
    assert!(pay_out(&bench));
    assert_eq!(app.told(confirm, id), "10001000 借贷申请已处理，不能确认");
    bench.verify();
}
