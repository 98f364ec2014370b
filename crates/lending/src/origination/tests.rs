//! Applications, on both engines: taken in, decided, given up, and what rivals do to each other.

mod deciding;
mod rivals;
mod submitting;

use kernel::id::{ApplicationId, MemberId, OperatorId, ProductId};
use kernel::{Channel, Money};

use super::{Application, Approved, DecideError, Review, Submit, Verdict};
use crate::catalog::{Request, Version};
use crate::credit::{self, Line};
use crate::tests::kit::Bench;
use crate::tests::lender::{by_days, shipped};

const CHANNEL: Channel = Channel::Xianjindai;

fn operator(number: i64) -> OperatorId {
    OperatorId::from_number(number)
}

/// [`shipped`] days, with so many steps of review by people.
fn with_steps(steps: u32) -> Version {
    Version { review_steps: steps, ..shipped("DAYS-RANGE") }
}

/// A borrower, and a product of so many steps.
fn opened(bench: &Bench, steps: u32) -> (MemberId, ProductId) {
    (bench.borrower(1), bench.sell("D", with_steps(steps)))
}

fn command(member: MemberId, product: ProductId, request: Request) -> Submit {
    Submit {
        member,
        channel: CHANNEL,
        product,
        request,
        purpose: "16".into(),
        other_debts: "01".into(),
        report_order: String::new(),
        place: String::new(),
    }
}

fn applied(bench: &Bench, steps: u32) -> (MemberId, ProductId, ApplicationId) {
    let (member, product) = opened(bench, steps);
    let application = bench.apply(member, product, by_days(3000, 14)).unwrap();
    (member, product, application)
}

fn decide(
    bench: &Bench,
    who: i64,
    application: ApplicationId,
    verdict: Verdict,
) -> Result<Application, DecideError> {
    let review = Review { operator: operator(who), application, verdict, note: "seen".into() };
    bench.write(move |tx| super::review(tx, &review))
}

fn yes(amount: i64, tenor: u32) -> Verdict {
    Verdict::Approve(Approved { amount: Money::from_yuan(amount).unwrap(), tenor })
}

fn no() -> Verdict {
    Verdict::Refuse("收入不足".into())
}

#[track_caller]
fn find(bench: &Bench, id: ApplicationId) -> Application {
    bench.read(move |tx| super::application(tx, id)).unwrap()
}

/// Frozen and free of the customer's limit, in yuan.
#[track_caller]
fn line(bench: &Bench, member: MemberId) -> (i64, i64) {
    let line: Line = bench.read(move |tx| credit::line(tx, member)).unwrap();
    (line.frozen.yuan_part(), line.available().yuan_part())
}
