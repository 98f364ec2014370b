//! Every call of every adapter over the wire, and every magic card.

use kernel::Money;
use lending::ports::{
    CheckOutcome, Checks as _, MoneyOutcome, Payments as _, Sms as _, SmsOutcome, StatementOutcome,
    Statements as _,
};
use providers::client::Outcome;
use providers::lianlian::{CardKind, Failure};
use providers::sandbox::http::FaultKind;

use super::stage::{Stage, card, now, order, person};

const PLAIN: &str = "6222020200000000012";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9/notify";

fn sign(outcome: &MoneyOutcome) -> char {
    match outcome {
        MoneyOutcome::Done => 'D',
        MoneyOutcome::Declined(why) => {
            assert!(!why.is_empty());
            'R'
        }
        MoneyOutcome::Unknown => '?',
        MoneyOutcome::NoRecord => '0',
    }
}

#[test]
fn orders_over_the_wire_end_as_the_table_of_magic_cards_says() {
    let stage = Stage::open(NOWHERE, true);
    let lianlian = &stage.lianlian;
    // card, whether a payout -> the request, three queries, the request again, a query; acted
    let cases = [
        (PLAIN, true, "?DDD?D", 1),
        (PLAIN, false, "?DDD?D", 1),
        ("6222020200000099012", false, "RRRR?R", 0), // no funds
        ("6222020200000099012", true, "?DDD?D", 1),
        ("6222020200000099022", true, "RRRR?R", 0), // the card is no good
        ("6222020200000099032", true, "??DD?D", 1), // takes its time
        ("6222020200000099042", false, "??RR?R", 0),
        ("6222020200000099052", true, "?DDD?D", 1), // the answer is lost
        ("6222020200000099062", false, "?000?D", 1), // the request is lost
        ("6222020200000099072", true, "RRRR?R", 0),
        ("6222020200000099082", true, "?DDD?D", 1), // confirmed by itself
        ("6222020200000099092", true, "????", 0),   // the name differs: a person decides
    ];
    for (number, (card, pays_out, expected, acted)) in cases.into_iter().enumerate() {
        let no = format!("202603010800{number:02}{}", 7000 + number);
        let order = order(&no, 50_000, card);
        let send = || if pays_out { lianlian.pay_out(&order) } else { lianlian.debit(&order) };
        let query = || lianlian.query_order(&order);
        let mut said = vec![send(), query(), query(), query()];
        if expected.len() > 4 {
            said.extend([send(), query()]);
        }
        let said: String = said.iter().map(sign).collect();
        assert_eq!(said, expected, "{card} {pays_out}");
        let entries = stage.sandbox.world.payments().journal().unwrap();
        let found = entries.iter().find(|entry| entry.order_no == no).map_or(0, |e| e.acted);
        assert_eq!(found, acted, "{card} {pays_out}");
    }
    assert_eq!(lianlian.query("20260301080000000"), MoneyOutcome::NoRecord);
    stage.sandbox.stop();
}

#[test]
fn an_order_of_another_amount_is_not_ours() {
    let stage = Stage::open(NOWHERE, true);
    let sent = order("202603010800007001", 50_000, PLAIN);
    stage.lianlian.pay_out(&sent);
    assert_eq!(stage.lianlian.query_order(&sent), MoneyOutcome::Done);
    let other = order("202603010800007001", 50_001, PLAIN);
    assert_eq!(stage.lianlian.query_order(&other), MoneyOutcome::Unknown);
    stage.sandbox.stop();
}

#[test]
fn cards_are_known_listed_and_unbound() {
    let stage = Stage::open(NOWHERE, false);
    let lianlian = &stage.lianlian;
    let bin = lianlian.card_bin(&card(PLAIN)).unwrap().unwrap();
    assert_eq!((bin.bank_name.as_str(), bin.kind), ("中国工商银行", CardKind::Debit));
    assert_eq!(bin.bank_code.len(), 8);
    assert_eq!(lianlian.card_bin(&card("0000000000000000")).unwrap(), None, "5001");
    assert_eq!(lianlian.agreements(&card(PLAIN)).unwrap(), []);
    let declined = lianlian.debit(&order("202603010800007001", 50_000, PLAIN));
    assert_eq!(declined, MoneyOutcome::Declined("银行卡未签约".into()));
    assert_eq!(lianlian.unbind(&card(PLAIN), "A1"), Ok(()), "it is not there any more");
    let rows = [("2026-03-01", Money::from_yuan(5).unwrap())];
    let user = lianlian.user_of(&card(PLAIN));
    let refused = lianlian.authorise(&user, "A1", ("P1", &rows)).unwrap_err();
    assert!(matches!(refused, Failure::Declined { code, .. } if code == "3003"));
    stage.sandbox.stop();
}

#[test]
fn answers_that_are_not_signed_say_nothing() {
    let stage = Stage::open(NOWHERE, true);
    let sent = order("202603010800007001", 50_000, PLAIN);
    for call in ["payment.htm", "queryPayment.htm"] {
        stage.fault(call, FaultKind::BadSignature, 3);
        stage.lianlian.pay_out(&sent);
        assert_eq!(
            stage.lianlian.query_payout(&sent.order_no, None),
            match call {
                "payment.htm" => MoneyOutcome::Done,
                _ => MoneyOutcome::Unknown,
            }
        );
    }
    stage.fault("bankcardbin.htm", FaultKind::BadSignature, 3);
    assert_eq!(stage.lianlian.card_bin(&card(PLAIN)), Err(Failure::Unknown));
    // A question is asked again, and the second answer is good.
    stage.fault("bankcardbin.htm", FaultKind::Broken, 2);
    assert!(stage.lianlian.card_bin(&card(PLAIN)).is_ok());
    stage.sandbox.stop();
}

#[test]
fn records_say_what_happened_and_nobodys_numbers() {
    let stage = Stage::open(NOWHERE, true);
    stage.fault("payment.htm", FaultKind::Broken, 1);
    stage.lianlian.pay_out(&order("202603010800007001", 50_000, PLAIN));
    stage.lianlian.debit(&order("202603010800007002", 50_000, PLAIN));
    let records = stage.records.last(10);
    let calls: Vec<_> = records.iter().rev().map(|record| record.call).collect();
    let expected = ["bankcardbindlist.htm", "agreenoauthapply.htm", "bankcardrepayment.htm"];
    assert_eq!(calls, [&["paymentapi/payment.htm"], &expected[..]].concat());
    assert!(matches!(records[3].outcome, Outcome::Failed(_)) && records[3].cost == Money::ZERO);
    assert_eq!((records[0].outcome, records[0].cost.fen()), (Outcome::Answered, 100));
    assert!(records[0].request.contains("no_order=202603010800007002"));
    for record in &records {
        let text = format!("{} {}", record.request, record.answer);
        for secret in [PLAIN, "周小满", "13800000001"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    stage.sandbox.stop();
}

#[test]
fn texts_are_sent_by_their_template_and_lost_ones_are_unknown() {
    let stage = Stage::open(NOWHERE, false);
    let aliyun = stage.aliyun();
    let mobile = |end: &str| kernel::Mobile::parse(&format!("1380000{end}")).unwrap();
    let text = "验证码012345，请勿告知他人。";
    assert_eq!(aliyun.send(&mobile("0001"), text, "7"), SmsOutcome::Accepted);
    let kept = stage.sandbox.world.sms().texts_to(&mobile("0001"));
    assert_eq!(kept, [r#"【借还】SMS_1 {"code":"012345"}"#]);
    for (end, answer, arrives) in [("9901", 'R', 0), ("9902", '?', 1), ("9903", '?', 0)] {
        let said = match aliyun.send(&mobile(end), text, "7") {
            SmsOutcome::Accepted => 'D',
            SmsOutcome::Refused(_) => 'R',
            SmsOutcome::Unknown => '?',
            SmsOutcome::NoRecord => '0',
        };
        assert_eq!(said, answer, "{end}");
        assert_eq!(stage.sandbox.world.sms().texts_to(&mobile(end)).len(), arrives, "{end}");
    }
    assert!(matches!(aliyun.send(&mobile("0001"), "另一句", "7"), SmsOutcome::Refused(_)));
    stage.fault("*", FaultKind::Broken, 1);
    assert_eq!(aliyun.send(&mobile("0001"), text, "7"), SmsOutcome::Unknown);
    assert_eq!(stage.sandbox.world.sms().texts_to(&mobile("0001")).len(), 2, "not sent again");
    stage.sandbox.stop();
}

#[test]
fn texts_whose_answer_was_lost_are_found_by_their_reference() {
    let stage = Stage::open(NOWHERE, false);
    let aliyun = stage.aliyun();
    let mobile = |end: &str| kernel::Mobile::parse(&format!("1380000{end}")).unwrap();
    let (text, today) = ("验证码012345，请勿告知他人。", now()().date());
    // The answer is lost: it went out. The request is: it did not.
    for (kind, reference, found) in [
        (FaultKind::Silent, "71", SmsOutcome::Accepted),
        (FaultKind::Broken, "72", SmsOutcome::Accepted),
        (FaultKind::Lost, "73", SmsOutcome::NoRecord),
        (FaultKind::Refused, "74", SmsOutcome::NoRecord),
    ] {
        stage.fault("*", kind, 1);
        assert_eq!(aliyun.send(&mobile("0001"), text, reference), SmsOutcome::Unknown, "{kind:?}");
        assert_eq!(aliyun.find(&mobile("0001"), reference, today), found, "{kind:?}");
    }
    let yesterday = today.minus_days(1).unwrap();
    assert_eq!(aliyun.find(&mobile("0001"), "71", yesterday), SmsOutcome::NoRecord);
    assert_eq!(aliyun.find(&mobile("0002"), "71", today), SmsOutcome::NoRecord);
    stage.fault("*", FaultKind::Refused, 9);
    assert_eq!(aliyun.find(&mobile("0001"), "71", today), SmsOutcome::Unknown);
    stage.sandbox.stop();
}

#[test]
fn statements_are_read_page_by_page_and_magic_amounts_differ() {
    let stage = Stage::open(NOWHERE, true);
    let lianlian = &stage.lianlian;
    let day = kernel::Date::from_ymd(2026, 3, 1).unwrap();
    // Of the next day, declined, in order, missing, one yuan too many, twice.
    let orders = [
        ("202603020800007001", 50_000, PLAIN),
        ("202603010800007002", 50_000, "6222020200000099022"),
        ("202603010800007003", 50_000, PLAIN),
        ("202603010800007004", 50_096, PLAIN),
        ("202603010800007005", 50_097, PLAIN),
        ("202603010800007006", 50_098, PLAIN),
    ];
    for (no, fen, card) in orders {
        lianlian.pay_out(&order(no, fen, card));
    }
    lianlian.debit(&order("202603010800007007", 70_000, PLAIN));
    let StatementOutcome::Lines(lines) = lianlian.statement(day) else { panic!("no statement") };
    let short: Vec<_> = lines
        .iter()
        .map(|line| (&line.order_no[14..], line.flow.word(), line.amount.fen()))
        .collect();
    let expected = [
        ("7003", "out", 50_000),
        ("7005", "out", 50_197),
        ("7006", "out", 50_098),
        ("7006", "out", 50_098),
        ("7007", "in", 70_000),
    ];
    assert_eq!(short, expected);
    let far = now()().date().plus_days(9).unwrap();
    assert_eq!(lianlian.statement(far), StatementOutcome::NotYet);
    for kind in [FaultKind::Refused, FaultKind::BadSignature, FaultKind::Broken] {
        stage.fault("statement.htm", kind, 9);
        assert_eq!(lianlian.statement(day), StatementOutcome::Unknown, "{kind:?}");
    }
    stage.sandbox.stop();
}

#[test]
fn four_elements_are_checked_over_the_wire_five_times_a_day() {
    let stage = Stage::open(NOWHERE, false);
    let checks = stage.four_elements();
    let (name, id, mobile) = person();
    let ask = |number: &str| checks.bank_card(&name, &id, &card(number), &mobile);
    let mismatch = CheckOutcome::Mismatch("银行卡号与持卡人不一致".into());
    assert_eq!(ask("6222020200000099112"), mismatch);
    assert_eq!(ask("6222020200000099122"), CheckOutcome::Unknown);
    for _ in 0..5 {
        assert_eq!(ask(PLAIN), CheckOutcome::Match);
    }
    assert_eq!(ask(PLAIN), CheckOutcome::Unknown, "the sixth is not asked");
    let asked = stage.sandbox.world.trace(100).len();
    assert_eq!(asked, 7);
    assert_eq!(checks.real_name(&name, &id), CheckOutcome::Match);
    assert_eq!(checks.mobile(&name, &id, &mobile), CheckOutcome::Match);
    stage.fault("query", FaultKind::Silent, 1);
    assert_eq!(ask("6222020200000000020"), CheckOutcome::Unknown);
    stage.sandbox.stop();
}
