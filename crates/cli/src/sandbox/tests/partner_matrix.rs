//! Each way to go wrong at each call to the funding partner, and with its callbacks: in the end
//! everything is as on a day without faults.

use lending::funding;
use lending::origination::State;
use providers::sandbox::http::{Fault, FaultKind, Faults};

use super::lender::On;
use super::partner::Lender;

const CALLS: [&str; 5] = ["apply", "withdraw", "repay-plan", "repay", "query"];

fn faults(call: &str, kind: FaultKind) -> Faults {
    let fault = |call: &str, kind| Fault { call: call.to_owned(), kind, times: 1 };
    let mut ordered = vec![fault(call, kind)];
    if call == "query" {
        // A callback would come before anybody asks.
        ordered.extend(["apply", "withdraw"].map(|call| fault(call, FaultKind::NoCallback)));
    }
    Faults { ordered, ..Faults::default() }
}

/// One order, from the application to the settled loan.
fn through(lender: &Lender, n: u32, fault: Option<(&str, FaultKind)>) -> String {
    let world = &lender.sandbox.world;
    world.set_faults(fault.map(|(call, kind)| faults(call, kind)).unwrap_or_default());
    let (member, application) = lender.order(n);
    assert!(lender.until(|it| it.state(application) == State::Approved), "{fault:?}");
    lender.draw(member, application);
    assert!(lender.until(|it| it.runs(application)), "{fault:?}");
    lender.repay(member, lender.loan(application).unwrap().id);
    assert!(lender.until(|it| it.is_settled(application)), "{fault:?}");
    let left = world.faults().ordered;
    let happened = fault.is_none_or(|(call, _)| left.iter().all(|fault| fault.call != call));
    assert!(happened, "{fault:?}: {left:?}");
    // Nothing is told twice but what was lost on its way.
    for told in ["apply", "withdraw", "repay-plan", "repay"] {
        let lost = fault.is_some_and(|(call, kind)| {
            call == told && matches!(kind, FaultKind::Lost | FaultKind::Refused)
        });
        assert_eq!(lender.told(told, application), 1 + usize::from(lost), "{told} {fault:?}");
    }
    format!("{:?}", lender.picture(member, application))
}

fn matrix(on: On, name: &str, calls: &[&str]) {
    let lender = Lender::open(on, name);
    let fine = through(&lender, 1, None);
    assert!(fine.contains("Settled"), "{fine}");
    let mut n = 1;
    for kind in FaultKind::ALL {
        for call in calls {
            n += 1;
            assert_eq!(through(&lender, n, Some((call, *kind))), fine, "{call} {kind:?}");
        }
    }
    lender.prove(usize::try_from(n).unwrap());
    lender.close();
}

#[test]
fn no_fault_at_the_partner_changes_the_end_of_an_order() {
    matrix(On::Sqlite, "matrix", &CALLS[..2]);
}

#[test]
fn no_fault_in_reports_to_the_partner_changes_the_end() {
    matrix(On::Sqlite, "reports", &CALLS[2..]);
}

/// A third of all calls go wrong.
fn random(on: On, name: &str) {
    let lender = Lender::open(on, name);
    let fine = through(&lender, 1, None);
    let faults = Faults { per_mille: 333, seed: 20_261_126, ..Faults::default() };
    lender.sandbox.world.set_faults(faults);
    let orders: Vec<_> = (2..14).map(|n| lender.order(n)).collect();
    for (member, application) in &orders {
        assert!(lender.until(|it| it.state(*application) == State::Approved));
        lender.draw(*member, *application);
    }
    for (member, application) in &orders {
        assert!(lender.until(|it| it.runs(*application)));
        lender.repay(*member, lender.loan(*application).unwrap().id);
    }
    for (member, application) in &orders {
        assert!(lender.until(|it| it.is_settled(*application)));
        assert_eq!(format!("{:?}", lender.picture(*member, *application)), fine);
    }
    lender.prove(orders.len() + 1);
    lender.close();
}

#[test]
fn under_random_faults_no_order_is_lost_or_paid_twice() {
    random(On::Sqlite, "random");
}

#[test]
fn under_random_faults_no_order_is_lost_or_paid_twice_on_postgresql() {
    random(On::Postgres, "random");
}

/// Whoever dies between the claim and the answer leaves an order that is asked for, and not told
/// again: whether it had been told or not.
fn deaths(on: On, name: &str) {
    let mut lender = Lender::open(on, name);
    let fine = through(&lender, 1, None);
    // Nobody works but the test, which dies.
    lender.dispatcher.take().unwrap().stop();
    for (n, was_told) in [(2, false), (3, true)] {
        let (member, application) = lender.order(n);
        let die = |lender: &Lender| {
            let claimed = lender.write(|tx| funding::claim_due(tx, 8));
            assert_eq!(claimed.len(), 1);
            if was_told {
                claimed[0].step.put(&*lender.partner);
            }
        };
        die(&lender);
        assert!(lender.write(|tx| funding::claim_due(tx, 8)).is_empty(), "it is somebody's");
        let mut next = lender.revived();
        assert!(next.until(|it| it.state(application) == State::Approved));
        next.dispatcher.take().unwrap().stop();
        next.draw(member, application);
        die(&next);
        let mut next = next.revived();
        assert!(next.until(|it| it.runs(application)));
        next.repay(member, next.loan(application).unwrap().id);
        assert!(next.until(|it| it.is_settled(application)));
        assert_eq!(format!("{:?}", next.picture(member, application)), fine);
        next.dispatcher.take().unwrap().stop();
        lender = next;
    }
    lender.prove(3);
    lender.close();
}

#[test]
fn a_death_between_claim_and_answer_loses_and_doubles_nothing() {
    deaths(On::Sqlite, "deaths");
}

#[test]
fn a_death_between_claim_and_answer_loses_and_doubles_nothing_on_postgresql() {
    deaths(On::Postgres, "deaths");
}

/// While the partner is down orders wait, for people to see; nothing is refused, and nobody has to
/// do anything when it is back.
#[test]
fn orders_wait_for_a_partner_that_is_down() {
    let lender = Lender::open(On::Sqlite, "down");
    lender.sandbox.world.set_faults(Faults {
        ordered: vec![Fault { call: "*".into(), kind: FaultKind::Refused, times: u32::MAX }],
        ..Faults::default()
    });
    let (member, application) = lender.order(1);
    for _ in 0..20 {
        lender.pass(1000);
        std::thread::park_timeout(std::time::Duration::from_millis(15));
    }
    assert_eq!(lender.state(application), State::Reviewing);
    let open = lender.write(|tx| funding::open_orders(tx, lending::Page::new(1, 10).unwrap()));
    assert_eq!(open.len(), 1);
    assert!(open[0].attempts > 1, "{open:?}");
    lender.sandbox.world.set_faults(Faults::default());
    assert!(lender.until(|it| it.state(application) == State::Approved));
    lender.draw(member, application);
    assert!(lender.until(|it| it.runs(application)));
    assert!(lender.until(|it| it.is_settled(application)));
    lender.prove(1);
    lender.close();
}
