//! Loans of a bench, made through the core: customers who have proven everything, approved
//! applications, and orders to pay them out that wait for a server.

use anyhow::{Context as _, bail};
use kernel::id::{MemberId, OperatorId};
use kernel::identity::{BankCardNo, CardBins, IdCardNo};
use kernel::{Channel, Mobile, Money, RealName, Secret};
use lending::audit::Actor;
use lending::catalog::{self, IntervalUnit, Product, Request, TenorUnit};
use lending::customers::{
    self, BeginBankCard, BeginRealName, Education, Industry, Line, MaritalStatus, NewContact,
    Phone, Place, Profile, RegionCode, Relation, TimeSpan,
};
use lending::identity::password::PasswordHash;
use lending::identity::{Register, Role};
use lending::origination::{self, Approved, Review, Submit, Verdict};
use lending::ports::CheckOutcome;
use lending::{Fault, Route, Tx, servicing};

use super::world::PASSWORD;
use crate::config::{self, Config};
use crate::wiring;

/// Why a loan was not made.
#[derive(Debug, thiserror::Error)]
enum MakeError {
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn refused(error: impl std::fmt::Display) -> MakeError {
    MakeError::Refused(error.to_string())
}

fn need<T>(value: Option<T>, what: &str) -> Result<T, MakeError> {
    value.ok_or_else(|| refused(what))
}

/// Makes the loans, each of a customer of its own.
pub(crate) fn make(config: &Config, count: u32) -> anyhow::Result<String> {
    if config.profile == config::Profile::Production {
        bail!("bench-loans invents people: not in the production profile");
    }
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    lending.seed_products(Channel::Xianjindai)?;
    let products =
        lending.read_and_wait::<_, Fault>(|tx| catalog::on_sale(tx, Channel::Xianjindai))?;
    let password = PasswordHash::make(&Secret::new(PASSWORD.into()), wiring::cost(config))?;
    for number in 1..=count {
        let place = usize::try_from(number)?.checked_rem(products.len()).context("no products")?;
        let product = products.get(place).context("no products")?.clone();
        let password = password.clone();
        lending
            .write_and_wait(Route::home(0), move |tx| one(tx, number, &product, &password))
            .with_context(|| format!("loan {number}"))?;
    }
    lending.close();
    Ok(format!("{count} loans, their payouts ordered\n"))
}

fn one(
    tx: &mut Tx<'_, '_>,
    number: u32,
    product: &Product,
    password: &PasswordHash,
) -> Result<(), MakeError> {
    let register = Register {
        id: None,
        channel: Channel::Xianjindai,
        mobile: mobile(number)?,
        nickname: format!("b{number}"),
        role: Role::Member,
        password: password.clone(),
    };
    let member = customers::register_customer(tx, &register).map_err(refused)?.id;
    prove(tx, member, number)?;
    let request = request(product, number)?;
    let submit = Submit {
        member,
        channel: Channel::Xianjindai,
        product: product.id,
        request,
        purpose: "16".into(),
        other_debts: "01".into(),
        report_order: String::new(),
        place: String::new(),
    };
    let application = origination::submit(tx, &submit).map_err(refused)?.application;
    let approved = Approved { amount: request.amount, tenor: request.tenor };
    let review = Review {
        operator: OperatorId::from_number(1),
        application: application.id,
        verdict: Verdict::Approve(approved),
        note: "bench".into(),
    };
    origination::review(tx, &review).map_err(refused)?;
    servicing::request_payout(tx, Actor::Platform, application.id).map_err(refused)?;
    Ok(())
}

fn request(product: &Product, number: u32) -> Result<Request, MakeError> {
    let version = &product.version;
    let unit = *need(version.tenor_units.first(), "no tenor")?;
    let tenor = match unit {
        TenorUnit::Day => version.days_default,
        TenorUnit::Month => version.months_default,
    };
    // A list takes its own amounts; in a range each loan has another. Of four, one each is answered
    // late, acted on without an answer, and lost on its way, by the sandbox's magic fen.
    let fen = [0, 92, 94, 95].get(usize::try_from(number.rem_euclid(4)).unwrap_or(0));
    let yuan = 2000_i64.saturating_add(i64::from(number));
    let own = Money::from_fen(yuan.saturating_mul(100).saturating_add(fen.copied().unwrap_or(0)));
    let own = own.filter(|amount| version.amounts.offers(*amount));
    Ok(Request {
        amount: own.unwrap_or(version.amount_default),
        rate: version.rate_default,
        tenor,
        tenor_unit: unit,
        interval_count: version.interval_default,
        interval_unit: if unit == TenorUnit::Day { IntervalUnit::Day } else { IntervalUnit::Month },
        method: *need(version.methods.first(), "no method")?,
    })
}

fn mobile(number: u32) -> Result<Mobile, MakeError> {
    need(Mobile::parse(&super::world::mobile(u64::from(number))), "too many loans")
}

/// Everything that a loan needs, answered by a provider that agrees.
fn prove(tx: &mut Tx<'_, '_>, member: MemberId, number: u32) -> Result<(), MakeError> {
    let name = need(RealName::parse("周小舟"), "name")?;
    let begin = BeginRealName { member, name, id_no: id_no(number)? };
    let check = customers::begin_real_name(tx, &begin).map_err(refused)?;
    customers::finish(tx, check.id, &CheckOutcome::Match).map_err(refused)?;
    let begin = BeginBankCard { member, number: card_no(number)?, mobile: mobile(number)? };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).map_err(refused)?;
    customers::finish(tx, check.id, &CheckOutcome::Match).map_err(refused)?;
    let check = customers::begin_mobile(tx, member).map_err(refused)?;
    customers::finish(tx, check.id, &CheckOutcome::Match).map_err(refused)?;
    customers::save_profile(tx, member, &profile()?).map_err(refused)?;
    for (relation, phone) in [(Relation::Parent, "13800000001"), (Relation::Friend, "13800000002")]
    {
        let phone = need(Phone::parse(phone), "phone")?;
        let contact = NewContact { relation, name: text("周大舟")?, phone };
        customers::add_contact(tx, member, &contact).map_err(refused)?;
    }
    Ok(())
}

/// An invented id number of somebody born in 1990, with the check digit that holds.
fn id_no(number: u32) -> Result<IdCardNo, MakeError> {
    let day = number.checked_rem(28).and_then(|day| day.checked_add(1));
    let (day, serial) = (need(day, "day")?, number.div_euclid(28));
    let body =
        format!("1101011990{:02}{day:02}{:03}", serial.div_euclid(999).min(11) + 1, serial % 999);
    "0123456789X"
        .chars()
        .filter_map(|check| IdCardNo::parse(&format!("{body}{check}")))
        .find(|id_no| id_no.check().is_ok())
        .ok_or_else(|| refused("id number"))
}

/// An invented card with the Luhn digit that holds.
fn card_no(number: u32) -> Result<BankCardNo, MakeError> {
    let cards = (0..10).filter_map(|last| BankCardNo::parse(&format!("621700{number:012}{last}")));
    need(cards.into_iter().find(BankCardNo::passes_luhn), "card")
}

fn text(text: &str) -> Result<Line, MakeError> {
    need(Line::parse(text), "text")
}

fn place() -> Result<Place, MakeError> {
    let code = |code: &str| need(RegionCode::parse(code), "region");
    Ok(Place {
        province: code("110000")?,
        city: code("110100")?,
        county: Some(code("110101")?),
        detail: text("某街道 1 号")?,
    })
}

fn profile() -> Result<Profile, MakeError> {
    Ok(Profile {
        education: Education::Bachelor,
        marital_status: MaritalStatus::Single,
        registry: place()?,
        home: place()?,
        residence: TimeSpan::MoreThanThreeYears,
        industry: Industry::HighTech,
        work: place()?,
        working_time: TimeSpan::UpToThreeYears,
        employer: text("某公司")?,
        position: text("职员")?,
        monthly_income: need(Money::from_yuan(12_000), "income")?,
        payroll_day: 10,
    })
}
