//! The sandbox's payments: every magic number, duplicates, and what survives a death.

use kernel::identity::BankCardNo;
use kernel::{Mobile, RealName};
use lending::ports::Payments as _;

use super::super::journal::tests::Folder;
use super::*;

const PLAIN_CARD: &str = "6222020200000000012";

fn order(order_no: &str, fen: i64, card: &str) -> MoneyOrder {
    MoneyOrder {
        order_no: order_no.into(),
        amount: Money::from_fen(fen).unwrap(),
        card: BankCardNo::parse(card).unwrap(),
        name: RealName::parse("周小满").unwrap(),
        mobile: Mobile::parse("13800000001").unwrap(),
    }
}

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

/// The answers to a request, three queries, and the same request again; then how often the order
/// was received and acted on.
#[track_caller]
fn walk(payments: &Payments, order: &MoneyOrder, direction: Direction) -> (String, u64, u64) {
    let send = || match direction {
        Direction::PayOut => payments.pay_out(order),
        Direction::Debit => payments.debit(order),
    };
    let query = || payments.query(&order.order_no);
    let outcomes = [send(), query(), query(), query(), send()];
    let entries = payments.journal().unwrap();
    let entry = entries.iter().find(|entry| entry.order_no == order.order_no).unwrap();
    assert_eq!((entry.direction, entry.amount), (direction, order.amount));
    (outcomes.iter().map(sign).collect(), entry.received, entry.acted)
}

#[test]
fn magic_amounts_and_cards_choose_what_happens() {
    let [sold, closed, later, never] = [
        "6222020200000099012",
        "6222020200000099022",
        "6222020200000099032",
        "6222020200000099042",
    ];
    let [silent, lost, no_payout] =
        ["6222020200000099052", "6222020200000099062", "6222020200000099072"];
    let (out, debit) = (Direction::PayOut, Direction::Debit);
    let payments = Payments::in_memory(Amounts::Magic);
    // fen, card, direction -> request, three queries, request again; received, acted
    let cases = [
        (50_000, PLAIN_CARD, out, ("DDDDD", 2, 1)),
        (50_000, PLAIN_CARD, debit, ("DDDDD", 2, 1)),
        (50_090, PLAIN_CARD, debit, ("DDDDD", 2, 1)),
        (50_091, PLAIN_CARD, out, ("RRRRR", 2, 0)),
        (50_092, PLAIN_CARD, debit, ("??DDD", 2, 1)),
        (50_093, PLAIN_CARD, out, ("??RRR", 2, 0)),
        (50_094, PLAIN_CARD, out, ("?DDDD", 2, 1)),
        (50_095, PLAIN_CARD, debit, ("?000D", 1, 1)),
        (50_096, PLAIN_CARD, debit, ("DDDDD", 2, 1)),
        (50_000, sold, debit, ("RRRRR", 2, 0)),
        (50_000, sold, out, ("DDDDD", 2, 1)),
        (50_000, closed, debit, ("RRRRR", 2, 0)),
        (50_000, closed, out, ("RRRRR", 2, 0)),
        (50_000, later, out, ("??DDD", 2, 1)),
        (50_000, never, debit, ("??RRR", 2, 0)),
        (50_000, silent, debit, ("?DDDD", 2, 1)),
        (50_000, lost, out, ("?000D", 1, 1)),
        (50_000, no_payout, out, ("RRRRR", 2, 0)),
        (50_000, no_payout, debit, ("DDDDD", 2, 1)),
        // The amount comes first.
        (50_091, later, out, ("RRRRR", 2, 0)),
    ];
    for (number, (fen, card, direction, expected)) in cases.into_iter().enumerate() {
        let order = order(&format!("P{number}"), fen, card);
        let (outcomes, received, acted) = walk(&payments, &order, direction);
        assert_eq!((outcomes.as_str(), received, acted), expected, "{fen} {card} {direction:?}");
    }
    let plain = Payments::in_memory(Amounts::Plain);
    assert_eq!(walk(&plain, &order("P1", 50_091, PLAIN_CARD), debit), ("DDDDD".into(), 2, 1));
    assert_eq!(walk(&plain, &order("P2", 50_091, closed), debit), ("RRRRR".into(), 2, 0));
}

#[test]
fn an_order_that_says_something_else_is_not_acted_on() {
    let payments = Payments::in_memory(Amounts::Magic);
    assert_eq!(payments.pay_out(&order("P1", 50_000, PLAIN_CARD)), MoneyOutcome::Done);
    assert_eq!(payments.pay_out(&order("P1", 60_000, PLAIN_CARD)), MoneyOutcome::Unknown);
    assert_eq!(payments.debit(&order("P1", 50_000, PLAIN_CARD)), MoneyOutcome::Unknown);
    assert_eq!(payments.query("P1"), MoneyOutcome::Done);
    let entry = payments.journal().unwrap().remove(0);
    assert_eq!((entry.received, entry.acted, entry.differed), (3, 1, 2));
    assert_eq!(entry.amount, Money::from_fen(50_000).unwrap());
}

#[test]
fn numbers_that_no_provider_takes_are_declined() {
    let payments = Payments::in_memory(Amounts::Magic);
    for bad in ["", "P 1", "P1\n", "订单", &"9".repeat(65)] {
        assert_eq!(sign(&payments.debit(&order(bad, 100, PLAIN_CARD))), 'R', "{bad}");
        assert_eq!(payments.query(bad), MoneyOutcome::NoRecord, "{bad}");
    }
    assert!(payments.journal().unwrap().is_empty());
}

/// Opens the file anew for each step, as after a SIGKILL; cuts or spoils its end in between.
#[test]
fn nothing_is_paid_twice_over_deaths_and_torn_lines() {
    let folder = Folder::new("payments");
    let path = folder.0.join("sandbox/payments.journal");
    let open = || Payments::open(&path, Amounts::Magic).unwrap();
    assert_eq!(open().pay_out(&order("P1", 50_000, PLAIN_CARD)), MoneyOutcome::Done);
    assert_eq!(open().pay_out(&order("P1", 50_000, PLAIN_CARD)), MoneyOutcome::Done);
    assert_eq!(open().debit(&order("P2", 50_092, PLAIN_CARD)), MoneyOutcome::Unknown);
    assert_eq!(open().query("P2"), MoneyOutcome::Unknown);
    assert_eq!(open().query("P2"), MoneyOutcome::Done);
    let before = std::fs::read(&path).unwrap();
    assert_eq!(open().pay_out(&order("P3", 70_000, PLAIN_CARD)), MoneyOutcome::Done);
    let whole = std::fs::read(&path).unwrap();
    for end in before.len()..whole.len() {
        std::fs::write(&path, &whole[..end]).unwrap();
        let payments = open();
        assert_eq!(payments.query("P3"), MoneyOutcome::NoRecord, "torn at {end}: not done");
        assert_eq!(payments.pay_out(&order("P3", 70_000, PLAIN_CARD)), MoneyOutcome::Done);
        let entries = read_journal(&path).unwrap();
        let shown: Vec<_> =
            entries.iter().map(|e| (e.order_no.as_str(), e.received, e.acted)).collect();
        assert_eq!(shown, [("P1", 2, 1), ("P2", 1, 1), ("P3", 1, 1)], "torn at {end}");
    }
    // A line that was whole, and whose bytes did not all reach the disk.
    let mut spoilt = whole.clone();
    let last = spoilt.len() - 2;
    spoilt[last] = 0;
    std::fs::write(&path, &spoilt).unwrap();
    assert_eq!(open().query("P3"), MoneyOutcome::NoRecord);
    let mut spoilt = whole;
    spoilt[12] = 0;
    std::fs::write(&path, &spoilt).unwrap();
    let problem = Payments::open(&path, Amounts::Magic).unwrap_err();
    assert!(matches!(problem, JournalError::Damaged { line: 1, .. }), "{problem:?}");
}

#[test]
fn many_who_send_one_order_at_once_pay_it_once() {
    let folder = Folder::new("rivals");
    let path = folder.0.join("payments.journal");
    // Two openings of one file are two processes to it.
    let nodes = [0, 1].map(|_| Payments::open(&path, Amounts::Magic).unwrap());
    std::thread::scope(|scope| {
        for number in 0..8 {
            let node = &nodes[number % 2];
            scope.spawn(move || {
                for round in 0..10 {
                    let order = order(&format!("P{round}"), 50_000, PLAIN_CARD);
                    assert_eq!(node.pay_out(&order), MoneyOutcome::Done);
                }
            });
        }
    });
    let entries = read_journal(&path).unwrap();
    assert_eq!(entries.len(), 10);
    for entry in entries {
        assert_eq!((entry.received, entry.acted), (8, 1), "{}", entry.order_no);
    }
}

#[test]
fn what_cannot_be_written_down_is_not_done() {
    let folder = Folder::new("unwritable");
    let problem = Payments::open(&folder.0, Amounts::Magic).unwrap_err();
    assert!(matches!(problem, JournalError::File { .. }), "{problem:?}");
}
