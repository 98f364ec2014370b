//! A lender to test with: invented borrowers who have proven everything, products, paid-out loans.

use kernel::id::{ApplicationId, LoanId, MemberId, OperatorId, PaymentId, ProductId};
use kernel::identity::{BankCardNo, CardBins, IdCardNo};
use kernel::{Channel, Money, Rate, RealName};

use super::kit::{Bench, mobile, password};
use crate::audit::Actor;
use crate::catalog::{self, IntervalUnit, Request, SaveProduct, TenorUnit, Version};
use crate::customers::{
    self, BeginBankCard, BeginRealName, Education, Finished, Industry, Line, MaritalStatus,
    NewContact, Phone, Place, Profile, RegionCode, Relation, TimeSpan,
};
use crate::identity::{Register, Role};
use crate::origination::{self, Approved, Review, Submit, Verdict};
use crate::ports::{CheckOutcome, MoneyOutcome};
use crate::servicing::payments::{self, PaymentState, Step};
use crate::servicing::{self, Loan};
use crate::{Fault, Tx};
use pricing::Method;

/// The reviewer of these tests.
pub(crate) const REVIEWER: OperatorId = OperatorId::from_number(1);

/// An invented id number with a valid check digit, of somebody born in 1990.
pub(crate) fn id_no(n: u32) -> IdCardNo {
    let body = format!("110101{}{:02}{:02}{:03}", 1990, n / 28 % 12 + 1, n % 28 + 1, n / 336 % 999);
    // GB 11643: weights 2^(18 - place) mod 11.
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * ((1 << (17 - place)) % 11))
        .sum();
    let check = char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]);
    IdCardNo::parse(&format!("{body}{check}")).unwrap()
}

/// An invented debit card with a valid Luhn digit.
pub(crate) fn card_no(n: u32) -> BankCardNo {
    (0..10)
        .map(|last| BankCardNo::parse(&format!("621700{n:012}{last}")).unwrap())
        .find(BankCardNo::passes_luhn)
        .unwrap()
}

fn text(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn place() -> Place {
    let code = |code: &str| RegionCode::parse(code).unwrap();
    Place {
        province: code("110000"),
        city: code("110100"),
        county: Some(code("110101")),
        detail: text("某街道 1 号"),
    }
}

fn profile() -> Profile {
    Profile {
        education: Education::Bachelor,
        marital_status: MaritalStatus::Single,
        registry: place(),
        home: place(),
        residence: TimeSpan::MoreThanThreeYears,
        industry: Industry::HighTech,
        work: place(),
        working_time: TimeSpan::UpToThreeYears,
        employer: text("某公司"),
        position: text("职员"),
        monthly_income: Money::from_yuan(12_000).unwrap(),
        payroll_day: 10,
    }
}

/// One after the other, everything that a loan needs, answered by a provider that agrees.
fn prove(tx: &mut Tx<'_, '_>, member: MemberId, n: u32) {
    let name = RealName::parse("周小舟").unwrap();
    let begin = BeginRealName { member, name, id_no: id_no(n) };
    let check = customers::begin_real_name(tx, &begin).unwrap();
    assert_eq!(customers::finish(tx, check.id, &CheckOutcome::Match).unwrap(), Finished::Verified);
    let begin = BeginBankCard { member, number: card_no(n), mobile: mobile(n) };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
    assert_eq!(customers::finish(tx, check.id, &CheckOutcome::Match).unwrap(), Finished::Verified);
    let check = customers::begin_mobile(tx, member).unwrap();
    assert_eq!(customers::finish(tx, check.id, &CheckOutcome::Match).unwrap(), Finished::Verified);
    customers::save_profile(tx, member, &profile()).unwrap();
    for (relation, phone) in [(Relation::Parent, "13900000001"), (Relation::Friend, "13900000002")]
    {
        let phone = Phone::parse(phone).unwrap();
        let contact = NewContact { relation, name: text("周大舟"), phone };
        customers::add_contact(tx, member, &contact).unwrap();
    }
}

/// 500.00 for so many days at 18 %, repaid at once.
pub(crate) fn by_days(amount: i64, days: u32) -> Request {
    Request {
        amount: Money::from_yuan(amount).unwrap(),
        rate: Rate::from_ppm(180_000).unwrap(),
        tenor: days,
        tenor_unit: TenorUnit::Day,
        interval_count: days,
        interval_unit: IntervalUnit::Day,
        method: Method::OneOff,
    }
}

/// So many months at a rate, paid monthly.
pub(crate) fn by_months(amount: i64, months: u32, rate_ppm: u32, method: Method) -> Request {
    Request {
        amount: Money::from_yuan(amount).unwrap(),
        rate: Rate::from_ppm(rate_ppm).unwrap(),
        tenor: months,
        tenor_unit: TenorUnit::Month,
        interval_count: 1,
        interval_unit: IntervalUnit::Month,
        method,
    }
}

/// The shipped version of a product with this code.
pub(crate) fn shipped(code: &str) -> Version {
    let seeds = catalog::seeds(Channel::Xianjindai);
    seeds.into_iter().find(|seed| seed.code == code).unwrap().version
}

impl Bench {
    /// Borrower `n`, who has proven everything.
    #[track_caller]
    pub(crate) fn borrower(&self, n: u32) -> MemberId {
        let command = Register {
            id: None,
            channel: Channel::Xianjindai,
            mobile: mobile(n),
            nickname: format!("b{n}"),
            role: Role::Member,
            password: password(),
        };
        self.write(move |tx| {
            let member = customers::register_customer(tx, &command)
                .map_err(|error| Fault::Engine(error.to_string()))?;
            prove(tx, member.id, n);
            Ok::<_, Fault>(member.id)
        })
        .unwrap()
    }

    /// Puts a product on sale.
    #[track_caller]
    pub(crate) fn sell(&self, code: &str, version: Version) -> ProductId {
        let (actor, channel) = (Actor::Platform, Channel::Xianjindai);
        let command = SaveProduct { actor, channel, code: code.to_owned(), version };
        self.write(move |tx| catalog::save(tx, &command)).unwrap().id
    }

    /// Applies.
    pub(crate) fn apply(
        &self,
        member: MemberId,
        product: ProductId,
        request: Request,
    ) -> Result<ApplicationId, origination::SubmitError> {
        let command = Submit {
            member,
            channel: Channel::Xianjindai,
            product,
            request,
            purpose: "16".into(),
            other_debts: "01".into(),
            report_order: String::new(),
            place: "116.40,39.90".into(),
        };
        self.write(move |tx| origination::submit(tx, &command)).map(|done| done.application.id)
    }

    /// Confirms what is offered.
    pub(crate) fn confirm(
        &self,
        member: MemberId,
        id: ApplicationId,
    ) -> Result<origination::Disclosed, origination::ConfirmOfferError> {
        self.write(move |tx| origination::confirm_offer(tx, member, id))
    }

    /// The one step of review: yes, to all of it.
    #[track_caller]
    pub(crate) fn approve(&self, id: ApplicationId) {
        self.write(move |tx| {
            let application = origination::application(tx, id)?.unwrap();
            let offer = application.offer();
            let approved = Approved { amount: offer.amount, tenor: offer.tenor };
            let verdict = Verdict::Approve(approved);
            let review =
                Review { operator: REVIEWER, application: id, verdict, note: "fine".into() };
            origination::review(tx, &review)
        })
        .unwrap();
    }

    /// Orders the payout.
    #[track_caller]
    pub(crate) fn order_payout(&self, id: ApplicationId) -> (Loan, PaymentId) {
        self.write(move |tx| servicing::request_payout(tx, Actor::Platform, id)).unwrap()
    }

    /// Takes every order that is due and answers each so.
    #[track_caller]
    pub(crate) fn answer(&self, outcome: &MoneyOutcome) -> Vec<(PaymentId, Step, PaymentState)> {
        let due = self.write(|tx| payments::due(tx, 1000)).unwrap();
        let answer = |order: payments::Claimed| {
            let outcome = outcome.clone();
            let state = self.write(move |tx| payments::finish(tx, order.id, &outcome)).unwrap();
            (order.id, order.step, state)
        };
        due.into_iter().map(answer).collect()
    }

    /// A loan that was applied for, approved and paid out today.
    #[track_caller]
    pub(crate) fn lend(&self, member: MemberId, product: ProductId, request: Request) -> LoanId {
        let application = self.apply(member, product, request).unwrap();
        self.approve(application);
        let (loan, _) = self.order_payout(application);
        self.answer(&MoneyOutcome::Done);
        loan.id
    }

    #[track_caller]
    pub(crate) fn loan(&self, id: LoanId) -> Loan {
        self.read(move |tx| servicing::loan(tx, id)).unwrap()
    }

    /// Lets so many days pass, each with its day-end.
    #[track_caller]
    pub(crate) fn days(&self, count: u32) {
        for _ in 0..count {
            self.core.clock().set(self.core.clock().now().wall.plus_days(1));
            let run = servicing::day_end::run(&self.core, None, |_| true).unwrap();
            assert_eq!(run.failed, 0, "{run:?}");
        }
    }
}
