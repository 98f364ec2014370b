//! Vintage curves over a lender whose shares are reckoned by hand.

use kernel::{Date, Money};

use super::{Cohort, curves};
use crate::audit::Actor;
use crate::servicing::{self, Transferred};
use crate::tests::kit::{Bench, On, on_both, yuan};
use crate::tests::lender::{by_days, shipped};

on_both! {
    shares_are_those_of_the_principal_that_was_ever_late
}

fn look(bench: &Bench) -> Vec<Cohort> {
    bench.read(curves)
}

fn month(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn shares_are_those_of_the_principal_that_was_ever_late(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    assert!(look(&bench).is_empty());
    // On 1 March: 1,000.00 and 3,000.00 for 7 days, due on 8 March, and 4,000.00 for 30, due on the
    // 31st. The 3,000.00 are repaid in time.
    let late = bench.lend(bench.borrower(1), product, by_days(1000, 7));
    let good = bench.lend(bench.borrower(2), product, by_days(3000, 7));
    bench.lend(bench.borrower(3), product, by_days(4000, 30));
    let pay = |loan, amount| {
        let (actor, reference) = (Actor::Platform, "x".to_owned());
        let command = Transferred { actor, loan, amount, reference };
        bench.write(move |tx| servicing::receive_transfer(tx, &command)).unwrap();
    };
    pay(good, yuan(3500));
    bench.days(37);
    // On 7 April the first is 30 days late: not yet.
    let march = look(&bench).remove(0);
    assert_eq!((march.month, march.loans, march.principal), (month("2026-03-01"), 3, yuan(8000)));
    assert_eq!(march.late, [Money::ZERO]);
    bench.days(1);
    // 31 days late on 8 April: 1,000.00 of 8,000.00 are 12.5 %.
    let march = look(&bench).remove(0);
    assert_eq!((march.late.as_slice(), march.shares()), ([yuan(1000)].as_slice(), vec![1250]));
    // What is repaid now has been late for ever.
    pay(late, yuan(2000));
    // A loan of April that is written off on 28 April, 13 days late: it counts at once.
    let april = bench.lend(bench.borrower(4), product, by_days(600, 7));
    bench.lend(bench.borrower(5), product, by_days(1200, 14));
    bench.days(20);
    bench.write(move |tx| servicing::write_off(tx, Actor::Platform, april)).unwrap();
    bench.days(3);
    // On 1 May the third is 31 days late: 5,000.00 of 8,000.00. What was written off in its own month
    // counts from the first month on book: 600.00 of 1,800.00 are 33.33 %.
    let all = look(&bench);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].late, [yuan(1000), yuan(5000)]);
    assert_eq!(all[0].shares(), [1250, 6250]);
    assert_eq!((all[1].principal, all[1].late.as_slice()), (yuan(1800), [yuan(600)].as_slice()));
    assert_eq!(all[1].shares(), [3333]);
    // Done again for the same day, nothing changes.
    let today = bench.core.clock().now().business.date();
    bench.write(move |tx| super::keep(tx, today)).unwrap();
    assert_eq!(look(&bench), all);
    // On 1 April 2027 March is out of the months that are shown, and April, the twelfth before it, has
    // twelve on book.
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_days(335));
    assert_eq!(clock.now().business.date(), month("2027-04-01"));
    let all = look(&bench);
    assert_eq!(all.iter().map(|cohort| cohort.month).collect::<Vec<_>>(), [month("2026-04-01")]);
    assert_eq!(all[0].shares(), [3333; 12]);
    bench.verify();
}
