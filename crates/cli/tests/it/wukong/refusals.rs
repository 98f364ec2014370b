//! The refusals that no other story of the channel comes to: of loans, payments and accounts, and
//! what comes too often.

use kernel::id::{ApplicationId, MemberId, ProductId};
use kernel::{Channel, Money};
use lending::audit::Actor;
use lending::catalog::{self, Sale};
use lending::credit::{self, CouponKind, Issue};
use lending::customers::codes::Purpose;
use lending::customers::{self, Flag, Line};

use lending::servicing::{self, BeginRepayment, Meant};
use lending::{Fault, Lending};
use serde_json::{Value, json};

use super::borrowing::{prove_card_and_phone, review, wait_for};
use super::outage::order_faults;
use super::{App, sms_code};
use crate::bench::{Bench, PRODUCTION, Store};
use crate::chaojihua;
use crate::lender::{self, broken, eventually, free_port, write};
use crate::operators::on_both;
use crate::people::{ID_NO, card_no};

on_both! {
    loans_and_what_they_need
    payments_and_coupons
    what_comes_too_often
}

const ALICE: &str = "13800000001";
const TOO_OFTEN: &str = "操作过于频繁，请稍后再试";

#[track_caller]
fn member(core: &Lending) -> MemberId {
    lender::member(core, Channel::Wukong, ALICE)
}

fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap()
}

#[track_caller]
fn sell(core: &Lending, product: ProductId, sale: Sale) {
    assert!(write(core, move |tx| catalog::set_on_sale(tx, Actor::Platform, product, sale)));
}

#[track_caller]
fn flag(core: &Lending, flag: &Flag) {
    let (member, flag) = (member(core), flag.clone());
    write(core, move |tx| customers::set_flag(tx, Actor::Platform, member, &flag).map_err(broken));
}

pub(super) fn loans_and_what_they_need(store: Store) {
    let bench = Bench::start(store);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    let core = bench.core();
    let both = |amount: &str, text: &str| {
        for path in ["/loan-confirm", "/loan-submit"] {
            let answer = app.post(path, &format!("amount={amount}&period=14"));
            assert_eq!(answer.refused(), text, "{path} {amount}");
        }
    };
    both("1000", "请先完成认证后，才可以借款");
    app.prove("李小明", ID_NO);
    prove_card_and_phone(&core);
    flag(&core, &Flag::Blacklisted(Line::parse("某因").unwrap()));
    both("1000", "暂时无法申请借款，敬请谅解");
    flag(&core, &Flag::NotBlacklisted);
    let on_sale = write(&core, |tx| catalog::on_sale(tx, Channel::Wukong));
    for product in &on_sale {
        sell(&core, product.id, Sale::Withdrawn);
    }
    both("1000", "获取产品配置失败，请联系客服");
    assert_eq!(app.get("/loan-contract").refused(), "获取产品配置失败，请联系客服");
    for product in &on_sale {
        sell(&core, product.id, Sale::OnSale);
    }
    // A line of more than the product lends at once.
    let who = member(&core);
    write(&core, move |tx| {
        if credit::line(tx, who)?.is_none() {
            credit::open_line(tx, who, yuan(2000))?;
        }
        credit::change_limit(tx, Actor::Platform, who, yuan(5000), "某因").map_err(broken)
    });
    both("2000.01", "借款额度不能大于产品最高额度");
    core.close();
    for path in ["/loan-record-detail", "/loan-record-detail?loan_id=x"] {
        assert_eq!(app.get(path).refused(), "参数错误", "{path}");
    }
    for path in ["/user-save-work", "/user-save-relation"] {
        assert_eq!(app.post(path, "industry=").refused(), "参数错误", "{path}");
    }
    let form = format!("mobile={ALICE}&code=123456&password=12345");
    let short = app.put("/forget-password", &form);
    assert_eq!(short.refused(), "请使用6~15位数字、字母、特殊符号组合");
    let large = format!("type=info&content={}", "a".repeat(300_000));
    assert_eq!(app.post("/feedback", &large).refused(), "请求报文过大");
    bench.verify();
}

/// Lends 1,000 for two weeks; the loan as the app knows it.
#[track_caller]
fn lend(app: &App<'_>, core: &Lending) -> i64 {
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let id: i64 = wait_for(app, "auditing")["id"].as_str().unwrap().parse().unwrap();
    review(core, 1, id, true);
    review(core, 2, id, true);
    let application = ApplicationId::from_number(id);
    write(core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    wait_for(app, "repaying");
    id
}

/// Debits the customer's card for all of a loan, with a coupon by its place.
#[track_caller]
fn debit(core: &Lending, loan: i64, coupon: Option<usize>) {
    let who = member(core);
    write(core, move |tx| {
        let loan = servicing::loan_of_application(tx, ApplicationId::from_number(loan))?.unwrap();
        let row = servicing::plan(tx, loan.id)?.first().unwrap().id;
        let mut coupons = credit::coupons(tx, who, lending::Page::new(1, 10).unwrap())?;
        coupons.reverse();
        let coupon = coupon.map(|place| coupons[place - 1].id);
        let begin = BeginRepayment { member: who, row, meant: Meant::Row, coupon };
        servicing::begin_repayment(tx, &begin).map_err(broken)
    });
}

pub(super) fn payments_and_coupons(store: Store) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let settings = [
        ("JIEHUAN_PROVIDERS_MODE", "http"),
        ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &*listen),
        ("JIEHUAN_CHAOJIHUA_FUNDING", "off"),
    ];
    let bench = Bench::start_with(store, &settings);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    app.prove("李小明", ID_NO);
    let core = bench.core();
    prove_card_and_phone(&core);
    assert_eq!(app.get("/llpay-cardbin").refused(), "参数错误");
    // No bank has cards that begin so; the digit is Luhn's.
    let unknown = app.get("/llpay-cardbin?card_no=1000000000000008");
    assert_eq!(unknown.refused(), "查询不到该卡信息");
    locked(&bench, &app);
    let who = member(&core);
    write(&core, move |tx| {
        let today = tx.at().business.date();
        for (kind, amount, least, days) in [
            (CouponKind::Deduction, 10, 400, 60),
            (CouponKind::Deduction, 10, 400, 0),
            (CouponKind::Cash, 10, 0, 60),
            (CouponKind::Deduction, 10, 5000, 60),
            (CouponKind::Deduction, 2000, 400, 60),
        ] {
            let issue = Issue {
                actor: Actor::Platform,
                member: who,
                kind,
                amount: yuan(amount),
                min_repayment: yuan(least),
                min_withdrawal: Money::ZERO,
                last_day: today.plus_days(days).unwrap(),
            };
            credit::issue(tx, &issue).map_err(broken)?;
        }
        Ok::<_, Fault>(())
    });
    let first = lend(&app, &core);
    debit(&core, first, Some(1));
    wait_for(&app, "");
    let second = lend(&app, &core);
    bench.cli_ok(&["clock", "advance", "25h"]);
    core.follow_clock().unwrap();
    let pay = |coupon: &str| {
        let form = format!("loan_id={second}{coupon}");
        app.post("/llpay-auth-pay", &form).said().1.to_owned()
    };
    // The server follows the clock in a moment.
    assert!(eventually(|| app.get("/cash-coupon-get").done("")[3]["state"] == 2));
    assert_eq!(pay("&coupon_id=1"), "代金券已使用");
    assert_eq!(pay("&coupon_id=2"), "代金券已过期");
    assert_eq!(pay("&coupon_id=3"), "该代金券不能用于还款");
    assert_eq!(pay("&coupon_id=4"), "还款金额未达到代金券的使用条件");
    assert_eq!(pay("&coupon_id=6"), "代金券不存在");
    assert_eq!(pay("&coupon_id=x"), "参数错误");
    // A coupon that pays all of it leaves nothing to sign.
    let paid = app.post("/llpay-auth-pay", &format!("loan_id={second}&coupon_id=5"));
    assert_eq!(*paid.done("还款成功"), Value::Null);
    assert_eq!(wait_for(&app, "")["success_count"], "2");
    // The provider is silent about a debit: nothing else is begun.
    let third = lend(&app, &core);
    order_faults(port, &json!({"ordered": [{"call": "*", "kind": "refused", "times": 1000}]}));
    debit(&core, third, None);
    let again = app.post("/llpay-auth-pay", &format!("loan_id={third}"));
    assert_eq!(again.refused(), "还款处理中，请稍后再试");
    core.close();
    bench.verify();
}

/// Three mismatches lock a card, on whatever channel they were.
#[track_caller]
fn locked(bench: &Bench, app: &App<'_>) {
    // The sandbox looks at the four digits before the last one.
    let card = card_no(9911);
    let mut elsewhere = chaojihua::App::new(bench);
    elsewhere.log_in(ALICE);
    elsewhere.tell("李小明", ID_NO);
    let order = elsewhere.apply(&json!({}));
    let body = chaojihua::card(&order, &card, ALICE);
    for _ in 0..3 {
        let refused = elsewhere.post("bank-card-bind", &body);
        assert!(refused.refused().starts_with("绑卡失败："), "{:?}", refused.json);
    }
    assert_eq!(app.get(&format!("/llpay-sign?card_no={card}")).refused(), TOO_OFTEN);
}

pub(super) fn what_comes_too_often(store: Store) {
    let mut bench = Bench::start(store);
    let mut app = App::new(&bench);
    let mut other = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    app.prove("李小明", ID_NO);
    other.sign_up("13800000002", "secret99");
    let forgot = |app: &App<'_>, code: &str| {
        let form = format!("mobile={ALICE}&code={code}&password=secret97&card_mantissa=000000");
        app.put("/forget-password", &form).refused().to_owned()
    };
    let code = |app: &App<'_>| {
        let sent = app.post("/send-mobile-code/forget-password", &format!("mobile={ALICE}"));
        assert_eq!(*sent.done("发送短信成功，请查收"), Value::Null);
        sms_code(app.bench, ALICE, Purpose::PasswordReset)
    };
    for _ in 0..5 {
        let code = code(&app);
        assert_eq!(forgot(&app, &code), "身份证后六位输入有误，请重新输入");
    }
    let last = code(&app);
    let (first, second) = (app.token, other.token);
    let limits =
        [PRODUCTION.as_slice(), &[("JIEHUAN_LIMITS_REGISTRATIONS_PER_ADDRESS_PER_HOUR", "1")]];
    bench.restart_with(&limits.concat());
    let (app, other) = (App { bench: &bench, token: first }, App { bench: &bench, token: second });
    assert_eq!(forgot(&app, &last), TOO_OFTEN);
    let sent = app.post("/send-mobile-code/forget-password", &format!("mobile={ALICE}"));
    assert_eq!(sent.refused(), "发送短信过于频繁，1分钟后再试");
    // Nobody checks names here; five tries are counted all the same.
    let identity = || {
        let form = "username=王小红&identityno=110101199001010023";
        other.post("/lm-identity", form).refused().to_owned()
    };
    for _ in 0..5 {
        assert_eq!(identity(), "系统繁忙，请稍后再试");
    }
    assert_eq!(identity(), TOO_OFTEN);
    let change = || {
        let form = "old_password=secret90&new_password=secret98&repeat_password=secret98";
        app.put("/password", form).refused().to_owned()
    };
    let told: Vec<_> = (0..6).map(|_| change()).collect();
    assert_eq!(told[0], "当前密码错误，请重试");
    assert_eq!(told[5], TOO_OFTEN, "{told:?}");
    let sign_up = |n: u32| {
        let form = format!("mobile=1390000000{n}&code=123456&password=secret99");
        App::new(&bench).post("/signup", &form).refused().to_owned()
    };
    let told = [1, 2].map(sign_up);
    assert_eq!(told[1], TOO_OFTEN, "{told:?}");
    bench.verify();
}
