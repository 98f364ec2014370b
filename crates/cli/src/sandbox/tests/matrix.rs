//! Eight ways to go wrong and one to be slow, at each call about money: in the end everything is
//! as on a day without faults.

use std::time::Duration;

use lending::servicing::LoanState;
use providers::sandbox::http::{Fault, FaultKind, Faults};

use super::lender::{Lender, On, card_no};

/// How long a fault may hold an order up.
const SOON: Duration = Duration::from_secs(40);

/// One loan, paid out and settled, with a fault at a call in between.
fn through(lender: &Lender, n: u32, (out, back): (Option<Cell>, Option<Cell>)) -> String {
    let (member, application) = lender.approved(n, &card_no(n, 0));
    let world = &lender.stage.sandbox.world;
    let set = |cell: Option<Cell>| {
        let Some((call, kind)) = cell else { return };
        let fault = |call: &str, kind| Fault { call: call.to_owned(), kind, times: 1 };
        let mut ordered = vec![fault(call, kind)];
        if call.contains("uery") {
            // A notification would come before anybody asks.
            let sent = ["payment.htm", "bankcardrepayment.htm"];
            ordered.extend(sent.map(|call| fault(call, FaultKind::NoCallback)));
        }
        world.set_faults(Faults { ordered, ..Faults::default() });
    };
    // Whatever was ordered at the call has happened.
    let happened = |cell: Option<Cell>| {
        let left = world.faults().ordered;
        cell.is_none_or(|(call, _)| left.iter().all(|fault| fault.call != call))
    };
    set(out);
    let loan = lender.pay_out(application);
    assert!(lender.until_decided(SOON), "{out:?}: {:?}", lender.in_doubt());
    assert!(happened(out), "{out:?}");
    set(back);
    lender.settle(member, loan);
    assert!(lender.until_decided(SOON), "{back:?}: {:?}", lender.in_doubt());
    assert!(happened(back), "{back:?}");
    format!("{:?}", lender.picture(member, loan))
}

type Cell = (&'static str, FaultKind);

fn matrix(on: On, name: &str, out: &[&'static str], back: &[&'static str]) {
    let lender = Lender::open(on, name);
    let fine = through(&lender, 1, (None, None));
    assert!(fine.contains("Settled"), "{fine}");
    let mut n = 1;
    for kind in FaultKind::ALL {
        for call in out {
            n += 1;
            assert_eq!(through(&lender, n, (Some((call, *kind)), None)), fine, "{call} {kind:?}");
        }
        for call in back {
            n += 1;
            assert_eq!(through(&lender, n, (None, Some((call, *kind)))), fine, "{call} {kind:?}");
        }
    }
    lender.stage.sandbox.world.set_faults(Faults::default());
    let entries = lender.stage.sandbox.world.payments().journal().unwrap();
    assert_eq!(entries.len(), usize::try_from(2 * n).unwrap(), "two orders for each loan");
    lender.prove();
    lender.close();
}

#[test]
fn no_fault_at_a_payout_changes_the_end() {
    matrix(On::Sqlite, "payout", &["payment.htm", "queryPayment.htm"], &[]);
}

#[test]
fn no_fault_at_a_debit_changes_the_end() {
    let back = [
        "bankcardbindlist.htm",
        "agreenoauthapply.htm",
        "bankcardrepayment.htm",
        "queryPayment.htm",
        "orderquery.htm",
    ];
    matrix(On::Sqlite, "debit", &[], &back);
}

/// How many loans go through random faults; a night's run sets more.
fn loans() -> u32 {
    let set = std::env::var("JIEHUAN_TEST_PAYMENTS").ok().and_then(|text| text.parse::<u32>().ok());
    set.map_or(30, |payments| payments.div_ceil(2))
}

/// A third of all calls go wrong: none is lost, none is doubled.
fn random(on: On, name: &str) {
    let lender = Lender::open(on, name);
    let fine = through(&lender, 1, (None, None));
    let faults = Faults { per_mille: 333, seed: 20_260_301, ..Faults::default() };
    lender.stage.sandbox.world.set_faults(faults);
    let all: Vec<_> = (2..loans() + 2)
        .map(|n| {
            let (member, application) = lender.approved(n, &card_no(n, 0));
            (member, lender.pay_out(application))
        })
        .collect();
    assert!(lender.until_decided(SOON * 10), "{:?}", lender.in_doubt());
    for (member, loan) in &all {
        lender.settle(*member, *loan);
    }
    assert!(lender.until_decided(SOON * 10), "{:?}", lender.in_doubt());
    lender.stage.sandbox.world.set_faults(Faults::default());
    for (member, loan) in &all {
        assert_eq!(format!("{:?}", lender.picture(*member, *loan)), fine);
    }
    let entries = lender.stage.sandbox.world.payments().journal().unwrap();
    assert_eq!(entries.len(), 2 + 2 * all.len());
    lender.prove();
    lender.close();
}

#[test]
fn under_random_faults_no_payment_is_lost_or_doubled() {
    random(On::Sqlite, "random");
}

#[test]
fn under_random_faults_no_payment_is_lost_or_doubled_on_postgresql() {
    random(On::Postgres, "random");
}

/// While the provider is silent an order is in doubt, for a person to see; when it is back, the
/// order is found and booked once.
#[test]
fn what_a_provider_that_is_down_leaves_is_in_doubt_until_it_is_back() {
    let lender = Lender::open(On::Sqlite, "down");
    let (member, application) = lender.approved(1, &card_no(1, 0));
    lender.stage.fault("*", FaultKind::Lost, u32::MAX);
    let loan = lender.pay_out(application);
    let doubted = |lender: &Lender| lender.in_doubt().len();
    assert!(!lender.until_decided(Duration::from_millis(1500)));
    assert_eq!(doubted(&lender), 1);
    lender.stage.sandbox.world.set_faults(Faults::default());
    assert!(lender.until_decided(SOON));
    assert_eq!(lender.picture(member, loan).state, LoanState::Repaying);
    // A payout to a name that differs waits for a person at LianLian, and is in doubt here.
    let (_, application) = lender.approved(2, &card_no(2, 9909));
    lender.pay_out(application);
    assert!(!lender.until_decided(Duration::from_millis(1500)));
    assert_eq!(doubted(&lender), 1);
    lender.close();
}
