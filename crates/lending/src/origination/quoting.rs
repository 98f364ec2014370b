//! The quote (试算): what a loan on offer would cost, to the fen, before anybody signs.

use kernel::id::ProductId;
use kernel::{Channel, Date, Money};
use pricing::cost::{self, AnnualRate};
use pricing::{CheckedTerms, Problem, Schedule};
use store::Fault;

use crate::Tx;
use crate::catalog::{self, NotOffered, Product, Request};

/// Why there is no quote. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// The channel sells no such product.
    #[error("no such product")]
    NoSuchProduct,
    /// The product does not offer what was asked for.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
    /// The terms cannot be priced.
    #[error("the terms cannot be priced: {}", .0.en())]
    Unpriceable(Problem),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a loan costs a year, by methods that are named where the figures are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnualCost {
    /// Nominal, from the internal rate of return by days (IRR 折算的年利率), in percent.
    pub nominal_percent: String,
    /// Effective, compounded (实际年利率), in percent.
    pub effective_percent: String,
    /// Simple (单利), in percent.
    pub simple_percent: String,
}

/// A loan as it would be booked if it were paid out on the day of the quote.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The product, in the version that was priced.
    pub product: Product,
    /// What was asked for.
    pub request: Request,
    /// The terms.
    pub terms: CheckedTerms,
    /// The plan.
    pub schedule: Schedule,
    /// What the customer would receive: the amount less what is kept back (到账金额).
    pub received: Money,
    /// Everything that would be paid back (应还总额): principal, interest and fees of the rows.
    pub repaid: Money,
    /// Fees that are paid with the rows, without those kept back.
    pub row_fees: Money,
    /// What it costs a year.
    pub cost: AnnualCost,
}

impl Quote {
    /// When the last row is due.
    pub fn last_due(&self) -> Option<Date> {
        self.schedule.rows.last().map(|row| row.due)
    }
}

/// Prices a request for a product of a channel, as if it were paid out today.
pub fn quote(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    product: ProductId,
    request: &Request,
) -> Result<Quote, QuoteError> {
    let product = catalog::product(tx, product)?;
    let product = product.filter(|product| product.channel == channel && product.on_sale);
    let product = product.ok_or(QuoteError::NoSuchProduct)?;
    quote_for(product, request, tx.at.business.date())
}

/// Prices a request under a version of a product, from a day on.
pub fn quote_for(product: Product, request: &Request, start: Date) -> Result<Quote, QuoteError> {
    catalog::offers(&product.version, request)?;
    let terms = catalog::terms(&product, request, start).map_err(QuoteError::Unpriceable)?;
    let schedule = terms.schedule().map_err(QuoteError::Unpriceable)?;
    let too_large = || QuoteError::Unpriceable(Problem::range("amount", "0.01", "10000000000.00"));
    let upfront = schedule.fees.iter().filter(|fee| fee.is_upfront());
    let upfront = upfront.map(|fee| fee.amount).try_fold(Money::ZERO, Money::plus);
    let row_fees = schedule.fee_total.minus(upfront.ok_or_else(too_large)?);
    let row_fees = row_fees.ok_or_else(too_large)?;
    let mut received = schedule.received.iter().map(|(_, amount)| *amount);
    let received = received.try_fold(Money::ZERO, Money::plus);
    let repaid = schedule.principal.plus(schedule.interest).and_then(|sum| sum.plus(row_fees));
    let cost = annual_cost(&terms, &schedule)?;
    Ok(Quote {
        request: *request,
        received: received.ok_or_else(too_large)?,
        repaid: repaid.ok_or_else(too_large)?,
        row_fees,
        cost,
        product,
        terms,
        schedule,
    })
}

/// The rates that the law wants shown: by the internal rate of return (内部收益率法), and simple.
fn annual_cost(terms: &CheckedTerms, schedule: &Schedule) -> Result<AnnualCost, QuoteError> {
    let flows = schedule.flows().map_err(QuoteError::Unpriceable)?;
    let yearly = cost::loan::rates(terms, schedule, &flows).yearly.ok();
    let (nominal, effective) = yearly.map(|rates| (rates.nominal, rates.effective)).unzip();
    // Where nothing comes back or nothing is received, there is no rate.
    let shown =
        |rate: Option<AnnualRate>| rate.map_or_else(|| "-".to_owned(), |rate| rate.percent_text(2));
    let simple = cost::loan::simple(terms, schedule).ok();
    Ok(AnnualCost {
        nominal_percent: shown(nominal),
        effective_percent: shown(effective),
        simple_percent: simple.map_or_else(|| "-".to_owned(), |rate| rate.percent_text(2)),
    })
}
