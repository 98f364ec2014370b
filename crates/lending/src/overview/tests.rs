//! The overview over a small lender whose figures are reckoned by hand.

use kernel::Channel;
use pricing::Method;

use super::{Bucket, DAYS, Decided, Overview, Share, Standing};
use crate::origination::{self, Review, Verdict};
use crate::ports::MoneyOutcome;
use crate::tests::kit::{Bench, On, on_both, yuan};
use crate::tests::lender::{REVIEWER, by_days, by_months, shipped};

on_both! {
    nothing_is_nothing
    everything_is_counted_once
}

fn look(bench: &Bench) -> Overview {
    bench.read(super::overview)
}

fn nothing_is_nothing(on: On) {
    let overview = look(&on.open());
    assert_eq!(overview.running, Standing::NOTHING);
    assert_eq!(overview.days.len(), usize::try_from(DAYS).unwrap());
    assert_eq!(overview.days.last().unwrap().day, overview.today);
    assert!(overview.buckets.is_empty() && overview.channels.is_empty());
    assert!(overview.day_end.is_none() && overview.orders.oldest.is_none());
}

fn everything_is_counted_once(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let short = bench.sell("D", shipped("DAYS-RANGE"));
    let long = bench.sell("F", shipped("MONTHS-FLAT"));
    let late = bench.borrower(1);
    bench.lend(late, short, by_days(1000, 7));
    // Due after 7 days; 33 days on it is 26 days late, M1, and out of the days that are shown.
    bench.days(33);
    bench.lend(bench.borrower(2), long, by_months(3000, 3, 120_000, Method::Flat));
    let waiting = bench.apply(bench.borrower(3), short, by_days(600, 7)).unwrap();
    let refused = bench.apply(bench.borrower(4), short, by_days(700, 7)).unwrap();
    let review = Review {
        operator: REVIEWER,
        application: refused,
        verdict: Verdict::Refuse("收入不足".into()),
        note: String::new(),
    };
    bench.write(move |tx| origination::review(tx, &review)).unwrap();
    let payable = bench.apply(bench.borrower(5), short, by_days(800, 7)).unwrap();
    bench.approve(payable);

    let overview = look(&bench);
    let queues = overview.queues;
    assert_eq!((queues.to_review, queues.to_pay_out, queues.failed_payouts), (1, 1, 0));
    assert_eq!(overview.running, Standing { loans: 2, principal: yuan(4000) });
    let standing = Standing { loans: 1, principal: yuan(1000) };
    assert_eq!(overview.buckets, [Bucket { number: 1, standing }]);
    let paid_out: Vec<_> = overview.days.iter().map(|day| day.paid_out.fen()).collect();
    assert_eq!(paid_out.iter().sum::<i64>(), 300_000, "the first loan is too long ago");
    assert_eq!(paid_out.last(), Some(&300_000));
    let channel = Channel::Xianjindai;
    assert_eq!(overview.channels, [Share { channel, loans: 1, principal: yuan(3000) }]);
    assert_eq!(overview.decided, Decided { approved: 2, refused: 1 });
    assert_eq!(overview.day_end.unwrap().day, overview.today);

    // An order under way, one that is in doubt, and a payout that was declined.
    bench.approve(waiting);
    bench.order_payout(payable);
    bench.order_payout(waiting);
    let ordered = look(&bench);
    assert_eq!((ordered.orders.requested, ordered.queues.to_pay_out), (2, 0));
    assert!(ordered.orders.oldest.is_some());
    bench.answer(&MoneyOutcome::Unknown);
    assert_eq!(look(&bench).orders.unknown, 2);

    // 1000.00 + 3.50 for 7 days at 18 %, and 26 days late at 0.05 % a day: 13.00.
    let loan = bench.read(move |tx| crate::servicing::loans_of(tx, late)).remove(0);
    let row = kernel::id::PlanRowId::from_number(loan.id.number() * 10_000 + 1);
    let meant = crate::servicing::Meant::Row;
    let command = crate::servicing::BeginRepayment { member: late, row, meant, coupon: None };
    bench.write(move |tx| crate::servicing::begin_repayment(tx, &command)).unwrap();
    bench.answer(&MoneyOutcome::Done);
    let after = look(&bench);
    assert_eq!(after.days.last().unwrap().repaid.fen(), 101_650);
    assert!(after.buckets.is_empty(), "nobody is late any more");
    bench.verify();
}
