//! Running loans by hand: what no vector covers.

use kernel::Money;

use super::tests::{date, monthly, paid, yuan};
use super::*;
use crate::Percent;
use crate::calendar::Frequency;
use crate::daycount::DayCount;
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::terms::{Grace, Method, Size, Terms};

const BOTH: [Recalculation; 2] = [Recalculation::None, Recalculation::Daily];

pub(super) fn percent(text: &str) -> Percent {
    Percent::parse(text).unwrap()
}

pub(super) fn settled(on: &str, amount: &str) -> Event {
    Event { on: date(on), what: What::Settled(yuan(amount)) }
}

/// 3 x (1000 + 30), due on the first of February, March and April.
pub(super) fn flat() -> Terms {
    Terms { method: Method::Flat, ..monthly("3000", "12", "2023-01-01", 3) }
}

/// 1000 + 30, 1000 + 20, 1000 + 10.
fn falling() -> Terms {
    Terms { method: Method::EqualPrincipal, ..flat() }
}

/// 1000 for 30 days at 36 %, ACT/360: a yuan a day.
fn thirty_days() -> Terms {
    Terms {
        method: Method::OneOff,
        frequency: Frequency::Days(30),
        day_count: DayCount::Act360,
        ..monthly("1000", "36", "2023-01-01", 1)
    }
}

pub(super) fn stand(terms: &Terms, rules: &Rules, events: &[Event], on: &str) -> Standing {
    terms.clone().check().unwrap().standing(rules, events, date(on)).unwrap()
}

pub(super) fn by(recalculation: Recalculation) -> Rules {
    Rules { recalculation, ..Rules::default() }
}

/// What is unpaid of each row.
fn unpaid(standing: &Standing) -> String {
    let rows = standing.rows.iter().map(|row| row.outstanding.to_string());
    rows.collect::<Vec<_>>().join(" ")
}

/// `principal+interest` of each row.
pub(super) fn rows(standing: &Standing) -> String {
    let rows =
        standing.rows.iter().map(|row| format!("{}+{}", row.row.principal, row.row.interest));
    rows.collect::<Vec<_>>().join(" ")
}

/// Principal, interest, fees, penalties of a quote.
pub(super) fn parts(quote: &Quote) -> String {
    format!("{} {} {} {}", quote.principal, quote.interest, quote.fees, quote.penalties)
}

#[track_caller]
fn check_order(sequence: Sequence, across: Across, due: [Part; 4], want: &str) {
    let allocation = Allocation { due, across, sequence, ..Allocation::default() };
    let rules = Rules { allocation, ..Rules::default() };
    let standing = stand(&flat(), &rules, &[paid("2023-03-02", "1500")], "2023-03-02");
    assert_eq!(unpaid(&standing), want);
}

#[test]
fn due_instalments_are_paid_in_the_order_of_the_rules() {
    let usual = Allocation::default().due;
    let principal_first = [Part::Principal, Part::Interest, Part::Fee, Part::Penalty];
    // 1500 for 2 x (30 + 1000), of which 560 stay: row by row, or all interest first.
    check_order(Sequence::OldestFirst, Across::Instalments, usual, "0.00 560.00 1030.00");
    check_order(Sequence::NewestFirst, Across::Instalments, usual, "560.00 0.00 1030.00");
    check_order(Sequence::OldestFirst, Across::Parts, usual, "0.00 560.00 1030.00");
    check_order(Sequence::NewestFirst, Across::Parts, usual, "560.00 0.00 1030.00");
    // All principal first: 1000 of one row and 500 of the other, and no interest.
    check_order(Sequence::OldestFirst, Across::Parts, principal_first, "30.00 530.00 1030.00");
    check_order(Sequence::NewestFirst, Across::Parts, principal_first, "530.00 30.00 1030.00");
    // Principal before interest, but row by row: 1000 + 30, then 470 of 1000.
    check_order(Sequence::OldestFirst, Across::Instalments, principal_first, "0.00 560.00 1030.00");
}

#[test]
fn partial_payments_leave_the_rest_overdue() {
    // 500 are 30 of interest and 470 of principal; 530 stay.
    let events = [paid("2023-02-01", "500")];
    let standing = stand(&flat(), &Rules::default(), &events, "2023-02-11");
    assert_eq!((standing.overdue, standing.due), (yuan("530"), yuan("530")));
    assert_eq!((standing.rows[0].paid, standing.rows[0].overdue_days), (yuan("500"), 10));
    assert_eq!(standing.payments[0].principal_balance, yuan("2530"));
    // On the due date itself it is due, and not overdue.
    let standing = stand(&flat(), &Rules::default(), &events, "2023-02-01");
    assert_eq!((standing.overdue, standing.due), (Money::ZERO, yuan("530")));
}

#[test]
fn what_nothing_is_owed_for_is_credit() {
    // All three instalments in advance are 3090.
    let standing = stand(&flat(), &Rules::default(), &[paid("2023-01-10", "3500")], "2023-01-10");
    assert_eq!((standing.excess, unpaid(&standing).as_str()), (yuan("410"), "0.00 0.00 0.00"));
    // Before anything is disbursed there is nothing to pay.
    for recalculation in BOTH {
        let mut terms = flat();
        terms.method = Method::EqualInstalment;
        terms.advances[0].0 = date("2023-01-10");
        let events = [paid("2023-01-05", "100"), settled("2023-01-06", "200")];
        let standing = stand(&terms, &by(recalculation), &events, "2023-01-31");
        assert_eq!((standing.excess, standing.payments.len()), (yuan("300"), 2));
        assert_eq!(standing.settlement.principal, yuan("3000"));
    }
}

#[test]
fn listed_interest_is_not_overdue_within_its_grace() {
    let grace = Grace { interest: 2, ..Grace::default() };
    let base = monthly("1200", "12", "2023-01-01", 4);
    let terms = Terms { method: Method::EqualPrincipal, grace, ..base };
    // 300 each, with 12, 9, 6, 3 of interest; the first two are due with the third, on 1 April.
    let events = [paid("2023-02-01", "300"), paid("2023-03-01", "300")];
    for recalculation in BOTH {
        let standing = stand(&terms, &by(recalculation), &events, "2023-03-15");
        assert_eq!((standing.due, standing.rows[0].overdue_days), (Money::ZERO, 0));
        assert_eq!(unpaid(&standing), "12.00 9.00 306.00 303.00");
        let standing = stand(&terms, &by(recalculation), &events, "2023-04-02");
        assert_eq!((standing.overdue, standing.rows[0].overdue_days), (yuan("327"), 1));
        // A settlement pays the listed interest too: 12 + 9 + 14/31 of 6.
        let quote = stand(&terms, &by(recalculation), &events, "2023-03-15").settlement;
        assert_eq!(parts(&quote), "600.00 23.71 0.00 0.00");
    }
    let late = stand(&terms, &Rules::default(), &[], "2023-03-15");
    assert_eq!((late.overdue, late.rows[0].overdue_days), (yuan("600"), 42));
}

#[test]
fn settling_early_costs_a_share_of_what_is_not_due() {
    let settlement = Settlement { fee: Some(percent("2")), ..Settlement::default() };
    let flat_rules = Rules { settlement, ..by(Recalculation::None) };
    // Half of February of 30, and 2 % of 2000.
    let quote = stand(&flat(), &flat_rules, &[paid("2023-02-01", "1030")], "2023-02-15").settlement;
    assert_eq!(parts(&quote), "2000.00 15.00 40.00 0.00");
    // Half of February of 20. On the due date 1000 of the 2000 is due, and the fee is 2 % of 1000.
    for recalculation in BOTH {
        let rules = Rules { settlement, ..by(recalculation) };
        let quote =
            |on: &str| stand(&falling(), &rules, &[paid("2023-02-01", "1030")], on).settlement;
        assert_eq!(parts(&quote("2023-02-15")), "2000.00 10.00 40.00 0.00");
        assert_eq!(parts(&quote("2023-03-01")), "2000.00 20.00 20.00 0.00");
        // 20 and 10; by days March costs 20 too, because the 1000 of 1 March are late.
        let interest = if recalculation == Recalculation::Daily { "40.00" } else { "30.00" };
        assert_eq!(parts(&quote("2023-04-01")), format!("2000.00 {interest} 0.00 0.00"));
    }
}

#[test]
fn settling_spares_the_fees_of_later_periods() {
    let fee = Fee {
        name: "service".into(),
        time: FeeTime::EachPeriod,
        size: Size::Amount(yuan("5")),
        base: FeeBase::Loan,
    };
    let terms = Terms { fees: vec![fee], ..falling() };
    for recalculation in BOTH {
        let first = paid("2023-02-01", "1035");
        let quote = |on: &str| stand(&terms, &by(recalculation), &[first], on).settlement;
        assert_eq!(parts(&quote("2023-02-15")), "2000.00 10.00 0.00 0.00");
        assert_eq!(parts(&quote("2023-03-01")), "2000.00 20.00 5.00 0.00");
        let events = [first, settled("2023-02-15", "2010")];
        let standing = stand(&terms, &by(recalculation), &events, "2023-06-01");
        assert!(standing.rows.iter().all(|row| row.outstanding == Money::ZERO));
        assert_eq!(standing.rows[1].row.fees, Money::ZERO);
        // What is charged afterwards is owed for itself, and does not undo the settlement.
        let events = [
            first,
            settled("2023-02-15", "2010"),
            Event { on: date("2023-05-01"), what: What::Fee(yuan("8")) },
        ];
        let standing = stand(&terms, &by(recalculation), &events, "2023-06-01");
        assert_eq!((standing.overdue, standing.settlement.total), (yuan("8"), yuan("8")));
        let events = [events[0], events[1], events[2], paid("2023-06-01", "9")];
        let standing = stand(&terms, &by(recalculation), &events, "2023-06-01");
        assert_eq!((standing.overdue, standing.excess), (Money::ZERO, yuan("1")));
    }
}

#[test]
fn too_little_does_not_settle() {
    let events = |amount: &str| [paid("2023-02-01", "1030"), settled("2023-02-15", amount)];
    // As scheduled: 20 and 1000 of March, 10 and 979.99 of April in advance.
    let none = by(Recalculation::None);
    let standing = stand(&falling(), &none, &events("2009.99"), "2023-02-15");
    let used = &standing.payments[1];
    assert_eq!((used.principal, used.interest), (yuan("1979.99"), yuan("30")));
    assert_eq!(unpaid(&standing), "0.00 0.00 20.01");
    // By days: all principal, and of the interest all but a fen, which is due at once.
    let daily = by(Recalculation::Daily);
    let standing = stand(&falling(), &daily, &events("2009.99"), "2023-02-16");
    assert_eq!((standing.overdue, standing.settlement.total), (yuan("0.01"), yuan("0.01")));
    // By days: principal, of which 1000 stays, and the interest so far.
    let standing = stand(&falling(), &daily, &events("1000"), "2023-02-15");
    assert_eq!(parts(&standing.settlement), "1000.00 10.00 0.00 0.00");
}

#[test]
fn one_payment_is_settled_early_for_the_days_used() {
    for recalculation in BOTH {
        // A yuan a day, for ten days.
        let quote = stand(&thirty_days(), &by(recalculation), &[], "2023-01-11").settlement;
        assert_eq!(parts(&quote), "1000.00 10.00 0.00 0.00");
        let events = [settled("2023-01-11", "1010")];
        let standing = stand(&thirty_days(), &by(recalculation), &events, "2023-03-01");
        assert_eq!(rows(&standing), "1000.00+10.00");
        assert_eq!((standing.due, standing.excess), (Money::ZERO, Money::ZERO));
        // On the first day nothing has been earned; to the end of the period, everything.
        let quote = stand(&thirty_days(), &by(recalculation), &[], "2023-01-01").settlement;
        assert_eq!(parts(&quote), "1000.00 0.00 0.00 0.00");
        let settlement = Settlement { interest: SettlementInterest::ToPeriodEnd, fee: None };
        let rules = Rules { settlement, ..by(recalculation) };
        let quote = stand(&thirty_days(), &rules, &[], "2023-01-02").settlement;
        assert_eq!(parts(&quote), "1000.00 30.00 0.00 0.00");
    }
}

#[test]
fn whoever_repays_all_principal_owes_the_rest_at_once() {
    // Ten days cost 10 and the fee is 30; 1005 leave 35 of them unpaid, and nothing runs on.
    let settlement = Settlement { fee: Some(percent("3")), ..Settlement::default() };
    let rules = Rules { settlement, ..by(Recalculation::Daily) };
    let events = [paid("2023-01-11", "1005")];
    for on in ["2023-01-11", "2023-04-01"] {
        let standing = stand(&thirty_days(), &rules, &events, on);
        assert_eq!((standing.due, standing.settlement.total), (yuan("35"), yuan("35")));
        assert_eq!(standing.payments[0].principal, yuan("1000"));
    }
}

#[test]
fn late_principal_bears_interest_after_the_last_row() {
    // 30 days and ten more, a yuan a day.
    let daily = by(Recalculation::Daily);
    let standing = stand(&thirty_days(), &daily, &[], "2023-02-10");
    assert_eq!((rows(&standing).as_str(), standing.overdue), ("1000.00+40.00", yuan("1040")));
    // 540 pay the 40 and 500 of the principal; ten days more of 500 are 5.
    let events = [paid("2023-02-10", "540")];
    let standing = stand(&thirty_days(), &daily, &events, "2023-02-20");
    assert_eq!(parts(&standing.settlement), "500.00 5.00 0.00 0.00");
    let events = [paid("2023-02-10", "540"), paid("2023-02-20", "506")];
    let standing = stand(&thirty_days(), &daily, &events, "2023-03-20");
    assert_eq!((standing.due, standing.excess), (Money::ZERO, yuan("1")));
    // As scheduled, nothing runs on.
    let standing = stand(&thirty_days(), &by(Recalculation::None), &[], "2023-02-10");
    assert_eq!(standing.overdue, yuan("1030"));
}

#[track_caller]
fn check_prepayment(method: Method, first: &str, prepayment: Prepayment, want: &str) {
    let terms = Terms { method, ..monthly("1200", "12", "2023-01-01", 4) };
    let rules = Rules { prepayment, ..by(Recalculation::Daily) };
    let standing = stand(&terms, &rules, &[paid("2023-02-01", first)], "2023-02-01");
    assert_eq!(rows(&standing), want);
}

#[test]
fn prepayments_change_the_rows_by_the_strategy() {
    use Prepayment::{FewerPeriods, NextInstalments, SmallerInstalments};
    // 300 a month and 1 %; 300 more on 1 February leave 600: as 2 x 300, 3 x 200, or a month
    // without principal.
    let method = Method::EqualPrincipal;
    check_prepayment(method, "612", FewerPeriods, "600.00+12.00 300.00+6.00 300.00+3.00");
    let smaller = "600.00+12.00 200.00+6.00 200.00+4.00 200.00+2.00";
    check_prepayment(method, "612", SmallerInstalments, smaller);
    let next = "600.00+12.00 0.00+6.00 300.00+6.00 300.00+3.00";
    check_prepayment(method, "612", NextInstalments, next);
    // Interest only: 1 % of 900 from then on, whatever the strategy.
    for prepayment in [FewerPeriods, SmallerInstalments, NextInstalments] {
        let want = "300.00+12.00 0.00+9.00 0.00+9.00 900.00+9.00";
        check_prepayment(Method::InterestOnly, "312", prepayment, want);
    }
    // The instalment is 1200 x 0.01 / (1 - 1.01^-4) = 307.54; 300 more leave 604.46.
    let method = Method::EqualInstalment;
    let fewer = "595.54+12.00 301.50+6.04 302.96+3.03";
    check_prepayment(method, "607.54", FewerPeriods, fewer);
    // 604.46 x 0.01 / (1 - 1.01^-3) = 205.53.
    let smaller = "595.54+12.00 199.49+6.04 201.48+4.05 203.49+2.03";
    check_prepayment(method, "607.54", SmallerInstalments, smaller);
    // 301.50 less 300 in March, then as before.
    let next = "595.54+12.00 1.50+6.04 301.51+6.03 301.45+3.01";
    check_prepayment(method, "607.54", NextInstalments, next);
}

#[test]
fn a_new_rate_keeps_the_term_that_prepayments_have_left() {
    // 1200 in 12 instalments at 0 %: 100 a month. 600 more on 1 February leave 500: five months.
    // At 12 % from 1 March on, 400 are left over four months: 400 x 0.01 / (1 - 1.01^-4) = 102.51.
    let rate_changes = vec![(date("2023-03-01"), percent("12"))];
    let terms = Terms { rate_changes, ..monthly("1200", "0", "2023-01-01", 12) };
    let rules = Rules { prepayment: Prepayment::FewerPeriods, ..by(Recalculation::Daily) };
    let standing = stand(&terms, &rules, &[paid("2023-02-01", "700")], "2023-02-01");
    let want = "700.00+0.00 100.00+0.00 98.51+4.00 99.50+3.01 100.49+2.02 101.50+1.02";
    assert_eq!(rows(&standing), want);
}

#[test]
fn money_to_come_is_neither_settled_nor_prepaid() {
    // 100 now and 100 on 15 February, interest only: 1.00, then 0.4828 + 1.0345, then 2.00.
    let mut terms = monthly("100", "12", "2024-01-01", 3);
    terms.method = Method::InterestOnly;
    terms.advances.push((date("2024-02-15"), yuan("100")));
    for recalculation in BOTH {
        // 9 of 31 days of 1.00.
        let quote = stand(&terms, &by(recalculation), &[], "2024-01-10").settlement;
        assert_eq!(parts(&quote), "100.00 0.29 0.00 0.00");
        let events = [settled("2024-01-10", "100.29")];
        let standing = stand(&terms, &by(recalculation), &events, "2024-05-01");
        let principal: i64 = standing.rows.iter().map(|row| row.row.principal.fen()).sum();
        assert_eq!((principal, standing.due), (10_000, Money::ZERO));
        // A payment is no settlement: the second part still comes. It repays no more than 100.
        let standing =
            stand(&terms, &by(recalculation), &[paid("2024-01-10", "150")], "2024-02-20");
        assert_eq!(standing.payments[0].principal, yuan("100"));
        assert_eq!(standing.settlement.principal, yuan("100"));
    }
    // In advance: 1.00 + 1.52 + 2.00 of interest and 100; 45.48 are credit.
    let none = by(Recalculation::None);
    let standing = stand(&terms, &none, &[paid("2024-01-10", "150")], "2024-01-10");
    assert_eq!(standing.excess, yuan("45.48"));
}

#[test]
fn equal_parts_that_grow_stand_as_they_are_scheduled() {
    // 100 a month; with 250 more on 1 March 400 + 250 are left over four: 162.50.
    let mut terms = monthly("600", "12", "2024-01-01", 6);
    terms.method = Method::EqualPrincipal;
    terms.advances.push((date("2024-03-01"), yuan("250")));
    let want = "100.00+6.00 100.00+5.00 162.50+6.50 162.50+4.88 162.50+3.25 162.50+1.63";
    for recalculation in BOTH {
        assert_eq!(rows(&stand(&terms, &by(recalculation), &[], "2024-01-01")), want);
    }
}
