//! Limits that are drawn on later, in 超即花's terms: what the contract of document 000 says, on
//! both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::id::{ApplicationId, MemberId};
use kernel::identity::CardBins;
use kernel::{Channel, Date, Money, Rate, RealName};
use pricing::Method;

use super::kit::{Bench, On, all_at_once, mobile, on_both, password, yuan};
use super::lender::{by_months, card_no, id_no, shipped};
use crate::audit::Actor;
use crate::catalog::{self, Choice, Product, Request};
use crate::credit::{self, Outcome, SaveRule, Test};
use crate::customers::{self, BeginBankCard, BeginRealName, Line, sheet};
use crate::documents;
use crate::identity::{Register, Role};
use crate::origination::{
    self, BeginFace, Draw, DrawError, Drawdown, DrawdownState, FaceError, FaceResult, Missing,
    PlaceOrder, State, SubmitError, quote_for,
};
use crate::ports::{CheckOutcome, FaceOutcome, MoneyOutcome};
use crate::servicing::{self, PayOutError, Preview};
use crate::{Fault, Tx};

pub(crate) const HERE: Channel = Channel::Chaojihua;

#[track_caller]
pub(crate) fn customer(bench: &Bench, n: u32) -> MemberId {
    let command = Register {
        id: None,
        channel: HERE,
        mobile: mobile(n),
        nickname: format!("c{n}"),
        role: Role::Member,
        password: password(),
    };
    let proven = bench.write(move |tx| {
        let member = customers::register_customer(tx, &command)
            .map_err(|error| Fault::Engine(error.to_string()))?;
        let name = RealName::parse("周小舟").unwrap();
        let begin = BeginRealName { member: member.id, name, id_no: id_no(n) };
        let check = customers::begin_real_name(tx, &begin).unwrap();
        customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
        Ok::<_, Fault>(member.id)
    });
    proven.unwrap()
}

#[track_caller]
fn seeded(on: On) -> Bench {
    let bench = on.open();
    bench.core.seed_products(HERE).unwrap();
    bench
}

pub(crate) fn order(member: MemberId, amount: Option<i64>) -> PlaceOrder {
    let amount = amount.map(yuan);
    PlaceOrder { actor: Actor::Customer(member), member, channel: HERE, product: None, amount }
}

pub(crate) fn placed(bench: &Bench, order: PlaceOrder) -> Result<ApplicationId, SubmitError> {
    bench.write(move |tx| origination::place_order(tx, &order)).map(|done| done.application.id)
}

pub(crate) fn bind(tx: &mut Tx<'_, '_>, member: MemberId, n: u32) {
    let begin = BeginBankCard { member, number: card_no(n), mobile: mobile(n) };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
}

pub(crate) fn compare(
    tx: &mut Tx<'_, '_>,
    (member, application): (MemberId, ApplicationId),
    outcome: &FaceOutcome,
) -> Result<FaceResult, FaceError> {
    static FACES: AtomicU32 = AtomicU32::new(0);
    let mut random = [7; 16];
    random[..4].copy_from_slice(&FACES.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let begin = BeginFace { member, application, digest: b"photo", random };
    let check = origination::begin_face(tx, &begin)?;
    Ok(origination::finish_face(tx, check.id, outcome)?)
}

pub(crate) fn wants(
    member: MemberId,
    application: ApplicationId,
    amount: i64,
    months: u32,
) -> Draw {
    Draw { member, application, amount: Some(yuan(amount)), months: Some(months) }
}

pub(crate) fn told(bench: &Bench, draw: Draw) -> Result<origination::Quote, DrawError> {
    bench.write(move |tx| origination::tell_quote(tx, &draw))
}

pub(crate) fn drawn(bench: &Bench, draw: Draw) -> Result<Drawdown, DrawError> {
    bench.write(move |tx| origination::draw(tx, &draw))
}

#[track_caller]
fn missing(bench: &Bench, draw: Draw) -> Missing {
    match drawn(bench, draw) {
        Err(DrawError::Missing(missing)) => missing,
        other => panic!("{other:?}"),
    }
}

/// An approved limit whose owner has a card and has shown their face.
#[track_caller]
pub(crate) fn ready(bench: &Bench, member: MemberId, n: u32) -> ApplicationId {
    let application = placed(bench, order(member, None)).unwrap();
    bench.approve(application);
    bench
        .write(move |tx| {
            bind(tx, member, n);
            compare(tx, (member, application), &FaceOutcome::Same).unwrap();
            Ok::<_, Fault>(())
        })
        .unwrap();
    application
}

/// A product of the document's figures: flat, at a yearly rate that the legal lines refuse.
fn documented(rate_ppm: u32) -> Product {
    let mut version = catalog::seeds(HERE).into_iter().next().unwrap().version;
    let rate = Rate::from_ppm(rate_ppm).unwrap();
    (version.rates, version.rate_default) = (Choice::List(vec![rate]), rate);
    version.amounts = Choice::Range { least: yuan(100), most: yuan(50_000) };
    let id = kernel::id::ProductId::from_number(1);
    Product { id, channel: HERE, code: "X".into(), number: 1, on_sale: true, version }
}

/// The arithmetic facts of the contract of document 000.
#[test]
fn the_documents_figures_are_what_it_prints() {
    let start = Date::from_ymd(2020, 7, 6).unwrap();
    let quote = |amount, months, rate| {
        let request: Request = by_months(amount, months, rate, Method::Flat);
        quote_for(documented(rate), &request, start).unwrap()
    };
    // 990 over 3 at 1.6 % a month: 330 + 15.84 = 345.84 a month, 1037.52 in all, fee 47.52.
    let figures = quote(990, 3, 192_000);
    for (number, row) in (1..).zip(&figures.schedule.rows) {
        let parts = (row.number, row.principal, row.interest, row.instalment());
        let fen = |fen| Money::from_fen(fen).unwrap();
        assert_eq!(parts, (number, yuan(330), fen(1584), Some(fen(34_584))));
    }
    assert_eq!(figures.repaid, Money::from_fen(103_752).unwrap());
    assert_eq!(figures.schedule.interest, Money::from_fen(4752).unwrap());
    // The document's days: 6 August, September and October 2020, at midnight in Shanghai.
    let days: Vec<_> = figures.schedule.rows.iter().map(|row| row.due.start().millis()).collect();
    assert_eq!(days, [1_596_643_200_000, 1_599_321_600_000, 1_601_913_600_000]);
    // 1000 over 2 at 1.8 %: 36 fee, 1036 in all.
    let figures = quote(1000, 2, 216_000);
    assert_eq!((figures.schedule.interest, figures.repaid), (yuan(36), yuan(1036)));
    // Where the principal does not divide, the last tenor takes the rest.
    let figures = quote(1000, 3, 192_000);
    let parts: Vec<_> = figures.schedule.rows.iter().map(|row| row.principal.fen()).collect();
    assert_eq!(parts, [33_333, 33_333, 33_334]);
}

/// What is shipped is below the legal lines, and the document's own rates are not.
fn the_documents_rates_are_refused_when_saved(on: On) {
    let bench = seeded(on);
    let refused = bench.write(|tx| {
        let version = documented(192_000).version;
        let (actor, channel, code) = (Actor::Platform, HERE, "DOC".to_owned());
        Ok::<_, Fault>(matches!(
            catalog::save(tx, &catalog::SaveProduct { actor, channel, code, version }),
            Err(catalog::SaveError::AboveLine(_))
        ))
    });
    assert!(refused.unwrap());
}

fn a_limit_is_drawn_on_in_order(on: On) {
    let bench = seeded(on);
    let member = customer(&bench, 1);
    let application = placed(&bench, order(member, None)).unwrap();
    let draw = wants(member, application, 1000, 3);
    assert_eq!(missing(&bench, draw), Missing::Approval);
    bench.approve(application);
    assert_eq!(missing(&bench, draw), Missing::Card);
    bench
        .write(move |tx| {
            bind(tx, member, 1);
            Ok::<_, Fault>(())
        })
        .unwrap();
    assert_eq!(missing(&bench, draw), Missing::Face);
    let face = |outcome: FaceOutcome| {
        bench.write(move |tx| compare(tx, (member, application), &outcome)).unwrap()
    };
    face(FaceOutcome::Unknown);
    assert_eq!(missing(&bench, draw), Missing::Face);
    face(FaceOutcome::Same);
    face(FaceOutcome::Different);
    assert_eq!(missing(&bench, draw), Missing::Face, "the last word counts");
    face(FaceOutcome::Same);
    face(FaceOutcome::Unknown);
    for (amount, months, what) in [
        (yuan(50_100), 3, Missing::Amount),
        (yuan(900), 3, Missing::Amount),
        (Money::from_fen(100_050).unwrap(), 3, Missing::Amount),
        (yuan(1000), 4, Missing::Tenor),
    ] {
        let amount = Some(amount);
        assert_eq!(missing(&bench, Draw { amount, months: Some(months), ..draw }), what);
    }
    assert_eq!(missing(&bench, draw), Missing::Disclosure);
    told(&bench, wants(member, application, 1000, 6)).unwrap();
    assert_eq!(missing(&bench, draw), Missing::Disclosure, "other terms were told");
    let quote = told(&bench, draw).unwrap();
    let stranger = customer(&bench, 2);
    let theirs = Draw { member: stranger, ..draw };
    assert!(matches!(drawn(&bench, theirs), Err(DrawError::NoSuchApplication)));
    // Nobody pays out what is not drawn.
    let early = bench.write(move |tx| servicing::request_payout(tx, Actor::Platform, application));
    assert!(matches!(early, Err(PayOutError::NotApproved)));
    let drawdown = drawn(&bench, draw).unwrap();
    assert_eq!(drawdown.state, DrawdownState::Approved);
    assert_eq!(drawdown.withdraw_no.len(), 16);
    assert!(matches!(drawn(&bench, draw), Err(DrawError::AlreadyDrawn)));
    // The whole limit is frozen until the loan is made.
    let line = || bench.read(move |tx| credit::line(tx, member)).unwrap();
    assert_eq!((line().frozen, line().used), (yuan(50_000), Money::ZERO));
    bench.verify();
    let (loan, _) = bench.order_payout(application);
    assert_eq!((line().frozen, line().used), (yuan(1000), Money::ZERO));
    bench.verify();
    bench.answer(&MoneyOutcome::Done);
    assert_eq!((line().frozen, line().used), (Money::ZERO, yuan(1000)));
    let loan = bench.loan(loan.id);
    assert_eq!((loan.terms.amount, loan.terms.tenor), (yuan(1000), 3));
    let plan = bench.write(move |tx| servicing::plan(tx, loan.id)).unwrap();
    let booked: Vec<_> = plan.iter().map(|row| (row.principal, row.interest)).collect();
    let priced: Vec<_> =
        quote.schedule.rows.iter().map(|row| (row.principal, row.interest)).collect();
    assert_eq!(booked, priced, "what is told is what is booked");
    bench.verify();
}

/// One person's debts in 现金贷 and 悟空 count against their limit in 超即花.
fn exposure_counts_over_channels(on: On) {
    let bench = seeded(on);
    let product = bench.sell("CASH", shipped("MONTHS-LEVEL"));
    let elsewhere = bench.borrower(1);
    bench.lend(elsewhere, product, by_months(3000, 3, 180_000, Method::EqualInstalment));
    bench.core.seed_products(Channel::Wukong).unwrap();
    super::wukong::lend(&bench, 1, yuan(1000));
    let member = customer(&bench, 1);
    rule(&bench, Test::Exposure(yuan(13_000)));
    let too_much = placed(&bench, order(member, Some(9_100))).unwrap();
    let state =
        |id| bench.write(move |tx| origination::application(tx, id)).unwrap().unwrap().state;
    assert_eq!(state(too_much), State::Refused, "3000 + 1000 + 9100 is more than 13000");
    let enough = placed(&bench, order(member, Some(9_000))).unwrap();
    assert_eq!(state(enough), State::Reviewing);
    bench.verify();
}

#[track_caller]
fn rule(bench: &Bench, test: Test) {
    let rule = SaveRule {
        actor: Actor::Platform,
        channel: HERE,
        code: "EXPOSURE".to_owned(),
        product: None,
        test,
        outcome: Outcome::Refuse,
        enabled: true,
    };
    bench.write(move |tx| credit::save_rule(tx, &rule)).unwrap();
}

/// Of many drawdowns and orders at once there is one.
fn rivals_draw_once(on: On) {
    let bench = seeded(on);
    let member = customer(&bench, 1);
    let orders = all_at_once(4, |_| placed(&bench, order(member, Some(1000))));
    let taken: Vec<_> = orders.into_iter().filter_map(Result::ok).collect();
    assert_eq!(taken.len(), 1);
    bench.approve(taken[0]);
    let application = taken[0];
    bench
        .write(move |tx| {
            bind(tx, member, 1);
            compare(tx, (member, application), &FaceOutcome::Same).unwrap();
            Ok::<_, Fault>(())
        })
        .unwrap();
    let draw = wants(member, application, 1000, 1);
    told(&bench, draw).unwrap();
    let draws = all_at_once(4, |_| drawn(&bench, draw));
    assert_eq!(draws.iter().filter(|draw| draw.is_ok()).count(), 1);
    for refused in draws.iter().filter_map(|draw| draw.as_ref().err()) {
        assert!(matches!(refused, DrawError::AlreadyDrawn), "{refused:?}");
    }
    bench.verify();
}

fn a_limit_that_lapses_takes_its_drawdown_with_it(on: On) {
    let bench = seeded(on);
    let member = customer(&bench, 1);
    let application = ready(&bench, member, 1);
    let pass = |days| bench.core.clock().set(bench.core.clock().now().wall.plus_days(days));
    let draw = wants(member, application, 1000, 1);
    told(&bench, draw).unwrap();
    // On its last day it is drawn; the drawdown has days of its own.
    pass(6);
    drawn(&bench, draw).unwrap();
    pass(6);
    let lapse = || bench.write(move |tx| origination::lapse(tx, application)).unwrap();
    assert!(!lapse());
    pass(1);
    assert!(lapse());
    let drawdown = bench.read(move |tx| origination::newest_drawdown(tx, application)).unwrap();
    assert_eq!(drawdown.state, DrawdownState::Cancelled);
    assert_eq!(bench.read(move |tx| credit::line(tx, member)).unwrap().frozen, Money::ZERO);
    bench.verify();
    // An undrawn one lapses as well, and nothing is drawn on it then.
    let application = ready(&bench, member, 2);
    told(&bench, wants(member, application, 1000, 1)).unwrap();
    pass(8);
    assert_eq!(missing(&bench, wants(member, application, 1000, 1)), Missing::Time);
    bench.verify();
}

fn faces_are_counted_and_pages_expire(on: On) {
    let bench = seeded(on);
    let member = customer(&bench, 1);
    let application = ready(&bench, member, 1);
    let most = bench.policy.customers.checks.per_customer;
    for _ in 1..most.min(50) {
        bench.write(move |tx| compare(tx, (member, application), &FaceOutcome::Same)).unwrap();
    }
    if most <= 50 {
        let once_more =
            bench.write(move |tx| compare(tx, (member, application), &FaceOutcome::Same));
        assert!(matches!(once_more, Err(FaceError::TooManyAttempts)));
    }
    let link = move |member| {
        move |tx: &mut Tx<'_, '_>| {
            let paper = Preview::LoanContract;
            servicing::preview_link(tx, (member, application), paper, &[9; 32], 60)
        }
    };
    let stranger = customer(&bench, 2);
    assert!(bench.write(link(stranger)).unwrap().is_none());
    let token = bench.write(link(member)).unwrap().unwrap().expose().to_owned();
    let open = |token: &str| {
        let token = token.to_owned();
        bench.write(move |tx| servicing::open_preview(tx, &token)).unwrap()
    };
    assert!(open(&token).unwrap().contains("周小舟"));
    assert_eq!(open("9"), None);
    let now = bench.core.clock().now().wall;
    bench.core.clock().set(now.plus_millis(60_000));
    assert_eq!(open(&token), None);
    assert_eq!(bench.write(servicing::prune_previews).unwrap(), 1);
    // A preview is not kept among the customer's papers.
    let papers = bench.write(move |tx| documents::of_application(tx, application)).unwrap();
    assert!(papers.is_empty());
}

fn what_is_told_is_kept_beside_what_was(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    let tell = |fields: Vec<(&'static str, &str)>| {
        let fields: Vec<_> =
            fields.into_iter().map(|(name, text)| (name, Line::parse(text).unwrap())).collect();
        bench.write(move |tx| sheet::tell(tx, member, &fields)).unwrap();
    };
    tell(vec![("degree", "40"), ("houseCity", "北京市")]);
    tell(vec![("degree", "30")]);
    let told = bench.write(move |tx| sheet::told(tx, member)).unwrap();
    let told: Vec<_> = told.iter().map(|(name, line)| (name.as_str(), line.expose())).collect();
    assert_eq!(told, [("degree", "30"), ("houseCity", "北京市")]);
    let customer = bench.read(move |tx| customers::customer(tx, member));
    assert!(customer.unwrap().profile_complete);
}

on_both! {
    the_documents_rates_are_refused_when_saved
    a_limit_is_drawn_on_in_order
    exposure_counts_over_channels
    rivals_draw_once
    a_limit_that_lapses_takes_its_drawdown_with_it
    faces_are_counted_and_pages_expire
    what_is_told_is_kept_beside_what_was
}
