//! Products (产品): what a channel lends on which terms, in versions that are never changed.

pub mod chaojihua;
mod check;
mod offer;
mod seeds;
mod sql;
mod words;
mod worst;
pub mod wukong;

#[cfg(test)]
mod tests;

use kernel::id::ProductId;
use kernel::{Channel, Money, Rate};
use pricing::Problem;
pub use pricing::account::PenaltyBase;
pub use pricing::daycount::DayCount;
pub use pricing::legal::Lender;
pub use pricing::terms::Size;
pub use pricing::{Method, Percent};
use store::Fault;

use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};
pub use offer::{NotOffered, Request, heaviest_month, offers, rules, terms};
pub use seeds::seeds;
pub use words::Word;
pub use worst::{Excess, LateExcess, NoFinding, findings};

/// What may be chosen: anything in a range, or one of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// From `least` to `most`, both included.
    Range {
        /// The least.
        least: T,
        /// The most.
        most: T,
    },
    /// One of these; never empty.
    List(Vec<T>),
}

impl<T: Ord + Copy> Choice<T> {
    /// Whether a value may be chosen.
    pub fn offers(&self, value: T) -> bool {
        match self {
            Self::Range { least, most } => *least <= value && value <= *most,
            Self::List(values) => values.contains(&value),
        }
    }

    /// The least and the most that may be chosen; `None` for an empty list.
    pub fn least_and_most(&self) -> Option<(T, T)> {
        match self {
            Self::Range { least, most } => Some((*least, *most)),
            Self::List(values) => {
                let least = values.iter().min().copied()?;
                values.iter().max().copied().map(|most| (least, most))
            }
        }
    }
}

/// What a tenor (借款期限) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenorUnit {
    /// Days.
    Day,
    /// Months.
    Month,
}

/// What the interval between two payments (还款间隔) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalUnit {
    /// Days.
    Day,
    /// Months.
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

/// When a fee of a product is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeTime {
    /// Kept back from the payout (预扣).
    KeptBack,
    /// With each row of the plan.
    EachPeriod,
}

/// A fee of a product: a share of the principal, or an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFee {
    /// What it is called.
    pub name: String,
    /// Who gets it (收取方).
    pub collector: String,
    /// When.
    pub time: FeeTime,
    /// How much.
    pub size: Size,
}

/// What being late costs (罚息).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateRule {
    /// The rate for each day.
    pub daily: Percent,
    /// Of what.
    pub base: PenaltyBase,
    /// Days after the due date in which nothing is charged if it is paid within them.
    pub grace_days: u32,
    /// At most so many days are counted for each row.
    pub cap_days: Option<u32>,
    /// Interest and penalty together stay below this yearly rate.
    pub cap_rate: Option<Percent>,
}

/// Everything that a version of a product says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What customers know it by.
    pub name: String,
    /// Sentences for the customer.
    pub description: Vec<String>,
    /// Codes of services of third parties that the app is to run.
    pub services: Vec<String>,
    /// Amounts.
    pub amounts: Choice<Money>,
    /// The amount that is offered first.
    pub amount_default: Money,
    /// Interest a year.
    pub rates: Choice<Rate>,
    /// The rate that is offered first.
    pub rate_default: Rate,
    /// Units of the tenor, at least one.
    pub tenor_units: Vec<TenorUnit>,
    /// Tenors in days.
    pub days: Choice<u32>,
    /// The tenor in days that is offered first.
    pub days_default: u32,
    /// Tenors in months.
    pub months: Choice<u32>,
    /// The tenor in months that is offered first.
    pub months_default: u32,
    /// Methods of repayment, at least one.
    pub methods: Vec<Method>,
    /// Units of the interval between payments, at least one.
    pub interval_units: Vec<IntervalUnit>,
    /// Counts of that unit.
    pub intervals: Choice<u32>,
    /// The count that is offered first.
    pub interval_default: u32,
    /// The unit that is offered first.
    pub interval_unit_default: IntervalUnit,
    /// How days become parts of a year.
    pub day_count: DayCount,
    /// What being late costs.
    pub late: LateRule,
    /// A fee for settling early, as a share of the principal that is not due yet.
    pub settlement_fee: Percent,
    /// Fees.
    pub fees: Vec<ProductFee>,
    /// Who lends, for the legal lines.
    pub lender: Lender,
    /// Steps of review by people after the automatic rules, 0 to 2.
    pub review_steps: u32,
    /// Days after which an approval that was not paid out lapses.
    pub approval_days: u32,
    /// The limit that a new customer of the product is given.
    pub first_limit: Money,
}

impl Version {
    /// What is offered first: every default, with the first unit and method; nothing for a version
    /// that has no units or methods, which is never saved.
    pub fn first_request(&self) -> Option<Request> {
        let tenor_unit = *self.tenor_units.first()?;
        Some(Request {
            amount: self.amount_default,
            rate: self.rate_default,
            tenor: match tenor_unit {
                TenorUnit::Day => self.days_default,
                TenorUnit::Month => self.months_default,
            },
            tenor_unit,
            interval_count: self.interval_default,
            interval_unit: self.interval_unit_default,
            method: *self.methods.first()?,
        })
    }
}

/// A product as it is offered now, or the version that a loan was made under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its number.
    pub id: ProductId,
    /// Where it is sold.
    pub channel: Channel,
    /// The operators' own short name.
    pub code: String,
    /// The version.
    pub number: u32,
    /// Whether it can be applied for.
    pub on_sale: bool,
    /// What the version says.
    pub version: Version,
}

/// Saves a product, or its next version.
#[derive(Clone, Debug)]
pub struct SaveProduct {
    /// Who does.
    pub actor: Actor,
    /// Where it is sold.
    pub channel: Channel,
    /// The operators' own short name: a new one makes a new product.
    pub code: String,
    /// What it says.
    pub version: Version,
}

/// Why a product was not saved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// What it says does not go together.
    #[error(transparent)]
    Unfit(#[from] Problem),
    /// What it offers cannot be held against the legal lines.
    #[error("no annual rate: {0}")]
    NoFigure(NoFinding),
    /// A loan that it offers would be above a legal line in force.
    #[error("above a legal line: {}", .0.finding)]
    AboveLine(Box<Excess>),
    /// Being late would cost more than a legal line in force allows.
    #[error("being late costs more than {} allows", .0.line)]
    LateAboveLine(Box<LateExcess>),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Saves a product, if it is sound and below the legal lines of today; on sale at once. Saved
/// again as it is, it keeps its version.
///
/// A line is held against every loan that the version allows, whatever the law does above it: a
/// lender who is to be trusted does not offer what a court would cut down.
pub fn save(tx: &mut Tx<'_, '_>, command: &SaveProduct) -> Result<Product, SaveError> {
    hold_against_lines(tx, command)?;
    Ok(keep(tx, command, "product.saved", "within the legal lines")?)
}

/// What [`save`] would make, or refuse, without saving it: its number is 0.
pub fn preview(tx: &mut Tx<'_, '_>, command: &SaveProduct) -> Result<Product, SaveError> {
    hold_against_lines(tx, command)?;
    Ok(Product {
        id: ProductId::from_number(0),
        channel: command.channel,
        code: command.code.clone(),
        number: 0,
        on_sale: false,
        version: command.version.clone(),
    })
}

/// Refuses what is unsound or above a legal line of today.
fn hold_against_lines(tx: &mut Tx<'_, '_>, command: &SaveProduct) -> Result<(), SaveError> {
    check::check(command)?;
    let today = tx.at.business.date();
    let version = &command.version;
    if let Some(excess) = worst::dearest(version, today).map_err(SaveError::NoFigure)? {
        return Err(SaveError::AboveLine(Box::new(excess)));
    }
    if let Some(excess) = worst::late(version, today).map_err(SaveError::NoFigure)? {
        return Err(SaveError::LateAboveLine(Box::new(excess)));
    }
    Ok(())
}

/// [`save`] without the legal lines, for benches that replay what a document shows: its examples
/// cost 36 % a year and keep fees back. What it passes is written into the audit trail.
pub fn save_beyond_lines(tx: &mut Tx<'_, '_>, command: &SaveProduct) -> Result<Product, SaveError> {
    check::check(command)?;
    let excess = worst::dearest(&command.version, tx.at.business.date());
    let passed = match excess.map_err(SaveError::NoFigure)? {
        Some(excess) => excess.finding.to_string(),
        None => "within the legal lines".to_owned(),
    };
    Ok(keep(tx, command, "product.saved_beyond_lines", &passed)?)
}

fn keep(
    tx: &mut Tx<'_, '_>,
    command: &SaveProduct,
    action: &'static str,
    detail: &str,
) -> Result<Product, Fault> {
    let made = sql::insert_product(tx, command.channel, &command.code)?;
    let locked = sql::lock_product(tx, command.channel, &command.code)?;
    let (id, number) = locked.ok_or_else(|| Fault::Corrupt("product".into()))?;
    let number = if made {
        number
    } else {
        let known = sql::version(tx, id, number)?;
        if let Some(known) = known.filter(|known| known.version == command.version) {
            return Ok(known);
        }
        number.checked_add(1).ok_or_else(|| Fault::Corrupt("product.version".into()))?
    };
    sql::insert_version(tx, id, number, &command.version)?;
    sql::set_version(tx, id, number)?;
    audit::note(
        tx,
        command.actor,
        action,
        Subject::Product(id),
        &format!("version {number}; {detail}"),
    )?;
    sql::version(tx, id, number)?.ok_or_else(|| Fault::Corrupt("product_version".into()))
}

/// Whether a product can be applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    /// It can.
    OnSale,
    /// It cannot any more; what has been lent goes on.
    Withdrawn,
}

/// Puts a product on sale or takes it off. Whether there is such a product.
pub fn set_on_sale(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    product: ProductId,
    sale: Sale,
) -> Result<bool, Fault> {
    if !sql::set_status(tx, product, sale)? {
        return Ok(false);
    }
    let action = match sale {
        Sale::OnSale => "product.on_sale",
        Sale::Withdrawn => "product.withdrawn",
    };
    audit::note(tx, actor, action, Subject::Product(product), "")?;
    Ok(true)
}

/// What a channel sells now, in the order in which the products were made.
pub fn on_sale(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Vec<Product>, Fault> {
    sql::on_sale(tx, channel)
}

/// A product as it is offered now, whether it is on sale or not.
pub fn product(tx: &mut Tx<'_, '_>, id: ProductId) -> Result<Option<Product>, Fault> {
    sql::current(tx, id)
}

/// A product as a certain version of it says, which a loan may have been made under.
pub fn version(tx: &mut Tx<'_, '_>, id: ProductId, number: u32) -> Result<Option<Product>, Fault> {
    sql::version(tx, id, number)
}

/// All versions of a product, the newest first.
pub fn versions(tx: &mut Tx<'_, '_>, id: ProductId, page: Page) -> Result<Vec<Product>, Fault> {
    sql::versions(tx, id, page)
}

/// The products of a channel, on sale or not, the newest first; for operators.
pub fn products(tx: &mut Tx<'_, '_>, channel: Channel, page: Page) -> Result<Vec<Product>, Fault> {
    sql::products(tx, channel, page)
}

/// Makes the products that a channel comes with, as far as it has none of that code; how many.
pub fn seed(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<u32, SaveError> {
    let mut made: u32 = 0;
    for command in seeds(channel) {
        if sql::lock_product(tx, channel, &command.code)?.is_none() {
            save(tx, &command)?;
            made = made.saturating_add(1);
        }
    }
    Ok(made)
}
