//! A large portfolio of running loans, written straight into an empty database: what a day-end is
//! measured on. Everything that `verify` asks of a loan holds for each of them.

mod books;
mod rows;

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use kernel::id::{LoanId, PlanRowId};
use kernel::{Channel, Date, Instant, Money};
use lending::Page;
use lending::catalog::{self, IntervalUnit, Product, Request, TenorUnit};
use lending::servicing::{PlanRow, earned};
use lending::{Fault, Lending};
use store::{Db, Vault, params};

/// Loans that are written in one transaction.
const AT_ONCE: i64 = 10_000;
/// The oldest loans have run for so many days: two to three rows of their plans are behind them.
const OLDEST_DAYS: i64 = 92;
/// Of a hundred loans of which something was due before the day, so many have not paid the last
/// of it: two in a hundred of all.
const LATE_IN_HUNDRED: i64 = 3;

/// What is lent: product, months, yuan.
const SHAPES: [(&str, u32, i64); 6] = [
    ("MONTHS-LEVEL", 3, 3000),
    ("MONTHS-LEVEL", 6, 8000),
    ("MONTHS-LEVEL", 12, 12_000),
    ("MONTHS-FLAT", 6, 6000),
    ("MONTHS-FLAT", 12, 10_000),
    ("MONTHS-INTEREST", 6, 5000),
];

/// A loan of the portfolio, before it is written.
#[derive(Clone, Debug)]
struct Draft {
    number: i64,
    product: i64,
    version: i64,
    terms: Request,
    start: Date,
    rows: Vec<PlanRow>,
    /// So many rows have been paid, each on its day.
    paid: usize,
    /// The row that the last day-end was in.
    current: u32,
    /// Since when it is late.
    late_since: Option<Date>,
    /// Interest that is booked through the day before.
    booked: Money,
    yesterday: Date,
}

/// What is lent, priced for each day on which a loan may have begun.
struct Prices {
    day: Date,
    products: BTreeMap<String, Product>,
    known: BTreeMap<(usize, Date), Vec<PlanRow>>,
}

/// Writes so many loans that run on a day, whose day-ends are finished through the day before.
pub(super) fn fill(
    lending: &Lending,
    db: &Db,
    vault: &[u8; 32],
    (loans, day): (i64, Date),
) -> anyhow::Result<()> {
    let there = lending.read_and_wait::<_, Fault>(|tx| {
        let page = Page::new(1, 1).ok_or(Fault::Corrupt("page".into()))?;
        lending::identity::members(tx, page)
    })?;
    if !there.is_empty() {
        bail!("the database is in use: the bench needs an empty one");
    }
    lending.seed_products(Channel::Xianjindai)?;
    let products =
        lending.read_and_wait::<_, Fault>(|tx| catalog::on_sale(tx, Channel::Xianjindai))?;
    let products = products.into_iter().map(|product| (product.code.clone(), product)).collect();
    let mut prices = Prices { day, products, known: BTreeMap::new() };
    let mut next = 1_i64;
    let mut posting = 1_i64;
    while next <= loans {
        let last = next.saturating_add(AT_ONCE).saturating_sub(1).min(loans);
        let drafts = (next..=last).map(|number| prices.draft(number));
        let drafts = drafts.collect::<anyhow::Result<Vec<_>>>()?;
        let vault = Vault::new(vault);
        posting = db.write_and_wait(0, move |tx| -> Result<i64, Fault> {
            rows::write_owners(tx, &vault, &drafts)?;
            drafts.iter().try_fold(posting, |posting, draft| books::write(tx, draft, posting))
        })?;
        next = last.saturating_add(1);
    }
    let yesterday = day.minus_days(1).context("the day before")?;
    db.write_and_wait(0, move |tx| -> Result<(), Fault> {
        for series in ["member", "person", "application", "loan"] {
            tx.set_number(series, loans)?;
        }
        let insert = "INSERT INTO day_end (business_day, phase, loans, through_id, worked, failed,
                started_at, finished_at) VALUES (?1, 'done', ?2, 0, ?2, 0, ?3, ?3)";
        tx.execute(insert, params![yesterday, loans, yesterday.start()]).map(|_| ())
    })?;
    Ok(())
}

impl Prices {
    fn draft(&mut self, number: i64) -> anyhow::Result<Draft> {
        // Multiples of primes: no part of the mix goes with another.
        let shape = usize::try_from(number.wrapping_mul(7919).rem_euclid(6))?;
        let age = number.wrapping_mul(6151).rem_euclid(OLDEST_DAYS).saturating_add(1);
        let late = number.wrapping_mul(4523).rem_euclid(100) < LATE_IN_HUNDRED;
        let start = self.day.minus_days(u32::try_from(age)?).context("start")?;
        let (code, months, yuan) = SHAPES.get(shape).context("shape")?;
        let product = self.products.get(*code).context("product")?;
        let terms = Request {
            amount: Money::from_yuan(*yuan).context("amount")?,
            rate: product.version.rate_default,
            tenor: *months,
            tenor_unit: TenorUnit::Month,
            interval_count: 1,
            interval_unit: IntervalUnit::Month,
            method: *product.version.methods.first().context("method")?,
        };
        let (id, version) = (product.id.number(), i64::from(product.number));
        let rows = match self.known.get(&(shape, start)) {
            Some(rows) => rows.clone(),
            None => {
                let rows = plan(product, &terms, start)?;
                self.known.insert((shape, start), rows.clone());
                rows
            }
        };
        let behind = rows.iter().filter(|row| row.due < self.day).count();
        let paid = if late { behind.saturating_sub(1) } else { behind };
        let yesterday = self.day.minus_days(1).context("the day before")?;
        let booked = match start < self.day {
            true => earned(&rows, yesterday).context("interest")?,
            false => Money::ZERO,
        };
        let due = rows.iter().filter(|row| row.due <= yesterday).count();
        let current = u32::try_from(due.saturating_add(1).min(rows.len()))?;
        let late_since = rows.get(paid).map(|row| row.due).filter(|due| *due < yesterday);
        Ok(Draft {
            number,
            product: id,
            version,
            terms,
            start,
            rows,
            paid,
            current,
            late_since,
            booked,
            yesterday,
        })
    }
}

fn plan(product: &Product, terms: &Request, start: Date) -> anyhow::Result<Vec<PlanRow>> {
    let checked = catalog::terms(product, terms, start);
    let checked = checked.map_err(|problem| anyhow::anyhow!(problem.en()))?;
    let schedule = checked.schedule().map_err(|problem| anyhow::anyhow!(problem.en()))?;
    let mut before = Money::ZERO;
    let mut rows = Vec::with_capacity(schedule.rows.len());
    for row in schedule.rows {
        rows.push(PlanRow {
            id: PlanRowId::from_number(i64::from(row.number)),
            loan: LoanId::from_number(0),
            number: row.number,
            from: row.from,
            due: row.due,
            principal: row.principal,
            interest: row.interest,
            fee: row.fees,
            interest_before: before,
        });
        before = before.plus(row.interest).context("interest")?;
    }
    Ok(rows)
}

/// Ten o'clock on a business day: customers may be reminded.
pub(super) fn morning(day: Date) -> Instant {
    day.start().plus_millis(10 * 3_600_000)
}
