//! The rows of products.

use kernel::id::ProductId;
use kernel::{Channel, Money, Rate};
use pricing::Percent;
use pricing::terms::Size;
use store::{Fault, Param, Row, params};

use super::words::Word;
use super::{Choice, LateRule, Product, ProductFee, Sale, Version};
use crate::{Page, Tx};

/// The series of product numbers.
const SERIES: &str = "product";

/// A query for versions with their products; all of them read the same columns.
macro_rules! select_versions {
    ($which:literal) => {
        concat!(
            "SELECT p.product_id, p.channel, p.code, p.status, v.version, v.name, ",
            "v.description, v.services, v.amount_least_fen, v.amount_most_fen, v.amount_list, ",
            "v.amount_default_fen, v.rate_least_ppm, v.rate_most_ppm, v.rate_list, ",
            "v.rate_default_ppm, v.tenor_units, v.days_least, v.days_most, v.days_list, ",
            "v.days_default, v.months_least, v.months_most, v.months_list, v.months_default, ",
            "v.methods, v.interval_units, v.interval_least, v.interval_most, v.interval_list, ",
            "v.interval_default, v.interval_unit_default, v.day_count, v.penalty_daily_ppm, ",
            "v.penalty_base, v.penalty_grace_days, v.penalty_cap_days, v.penalty_cap_ppm, ",
            "v.settlement_fee_ppm, v.lender, v.review_steps, v.approval_days, v.first_limit_fen ",
            "FROM product p JOIN product_version v ON v.product_id = p.product_id ",
            $which
        )
    };
}

/// A query for the fees of versions; all of them read the same columns.
macro_rules! select_fees {
    ($which:literal) => {
        concat!(
            "SELECT f.product_id, f.version, f.name, f.collector, f.time, f.share_ppm, ",
            "f.amount_fen FROM product_fee f JOIN product p ON p.product_id = f.product_id ",
            $which,
            " ORDER BY f.product_id, f.version, f.position"
        )
    };
}

const ON_SALE: &str = select_versions!(
    "AND v.version = p.version WHERE p.channel = ?1 AND p.status = 'on_sale' ORDER BY p.product_id"
);
const PRODUCTS: &str = select_versions!(
    "AND v.version = p.version WHERE p.channel = ?1 ORDER BY p.product_id DESC LIMIT ?2 OFFSET ?3"
);
const CURRENT: &str = select_versions!("AND v.version = p.version WHERE p.product_id = ?1");
const VERSION: &str = select_versions!("WHERE p.product_id = ?1 AND v.version = ?2");
const VERSIONS: &str =
    select_versions!("WHERE p.product_id = ?1 ORDER BY v.version DESC LIMIT ?2 OFFSET ?3");

const FEES_OF_CHANNEL: &str = select_fees!("WHERE p.channel = ?1 AND f.version = p.version");
const FEES_OF_PRODUCT: &str = select_fees!("WHERE p.product_id = ?1");

pub(super) fn on_sale(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Vec<Product>, Fault> {
    let products = tx.rows(ON_SALE, params![channel.word()], read)?;
    let fees = tx.rows(FEES_OF_CHANNEL, params![channel.word()], read_fee)?;
    Ok(with_fees(products, fees))
}

pub(super) fn products(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<Vec<Product>, Fault> {
    let products = params![channel.word(), page.size(), page.offset()];
    let products = tx.rows(PRODUCTS, products, read)?;
    let fees = tx.rows(FEES_OF_CHANNEL, params![channel.word()], read_fee)?;
    Ok(with_fees(products, fees))
}

pub(super) fn current(tx: &mut Tx<'_, '_>, id: ProductId) -> Result<Option<Product>, Fault> {
    let product = tx.row(CURRENT, params![id], read)?;
    complete(tx, product)
}

pub(super) fn version(
    tx: &mut Tx<'_, '_>,
    id: ProductId,
    number: u32,
) -> Result<Option<Product>, Fault> {
    let product = tx.row(VERSION, params![id, number], read)?;
    complete(tx, product)
}

pub(super) fn versions(
    tx: &mut Tx<'_, '_>,
    id: ProductId,
    page: Page,
) -> Result<Vec<Product>, Fault> {
    let versions = tx.rows(VERSIONS, params![id, page.size(), page.offset()], read)?;
    let fees = tx.rows(FEES_OF_PRODUCT, params![id], read_fee)?;
    Ok(with_fees(versions, fees))
}

fn complete(tx: &mut Tx<'_, '_>, product: Option<Product>) -> Result<Option<Product>, Fault> {
    let Some(product) = product else { return Ok(None) };
    let fees = tx.rows(FEES_OF_PRODUCT, params![product.id], read_fee)?;
    Ok(with_fees(vec![product], fees).pop())
}

/// A fee, and the version that it belongs to.
type FeeOf = ((i64, u32), ProductFee);

fn with_fees(mut products: Vec<Product>, fees: Vec<FeeOf>) -> Vec<Product> {
    for (of, fee) in fees {
        let whose = |product: &&mut Product| (product.id.number(), product.number) == of;
        if let Some(product) = products.iter_mut().find(whose) {
            product.version.fees.push(fee);
        }
    }
    products
}

/// Makes a product without a version; false if there is one of this code.
pub(super) fn insert_product(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    code: &str,
) -> Result<bool, Fault> {
    if lock_product(tx, channel, code)?.is_some() {
        return Ok(false);
    }
    let id = tx.store.next_number(SERIES)?;
    let insert = "INSERT INTO product (product_id, channel, code, version, status, created_at)
        VALUES (?1, ?2, ?3, 1, 'on_sale', ?4) ON CONFLICT DO NOTHING";
    Ok(tx.execute(insert, params![id, channel.word(), code, tx.at.business])? == 1)
}

/// The number and the current version of a product, locked until this call is committed.
pub(super) fn lock_product(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    code: &str,
) -> Result<Option<(ProductId, u32)>, Fault> {
    let select = "SELECT product_id, version FROM product
        WHERE channel = ?1 AND code = ?2 FOR UPDATE";
    tx.row(select, params![channel.word(), code], |row| {
        Ok((ProductId::from_number(row.i64("product_id")?), small(row, "version")?))
    })
}

pub(super) fn set_version(tx: &mut Tx<'_, '_>, id: ProductId, number: u32) -> Result<u64, Fault> {
    tx.execute("UPDATE product SET version = ?2 WHERE product_id = ?1", params![id, number])
}

pub(super) fn set_status(tx: &mut Tx<'_, '_>, id: ProductId, sale: Sale) -> Result<bool, Fault> {
    let status = match sale {
        Sale::OnSale => "on_sale",
        Sale::Withdrawn => "withdrawn",
    };
    let update = "UPDATE product SET status = ?2 WHERE product_id = ?1";
    Ok(tx.execute(update, params![id, status])? == 1)
}

const INSERT_VERSION: &str = "INSERT INTO product_version (product_id, version, name,
        description, services, amount_least_fen, amount_most_fen, amount_list, amount_default_fen,
        rate_least_ppm, rate_most_ppm, rate_list, rate_default_ppm, tenor_units, days_least,
        days_most, days_list, days_default, months_least, months_most, months_list,
        months_default, methods, interval_units, interval_least, interval_most, interval_list,
        interval_default, interval_unit_default, day_count, penalty_daily_ppm, penalty_base,
        penalty_grace_days, penalty_cap_days, penalty_cap_ppm, settlement_fee_ppm, lender,
        review_steps, approval_days, first_limit_fen, saved_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
        ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37,
        ?38, ?39, ?40, ?41)";

pub(super) fn insert_version(
    tx: &mut Tx<'_, '_>,
    id: ProductId,
    number: u32,
    version: &Version,
) -> Result<(), Fault> {
    let Version { late, .. } = version;
    let description = version.description.join("\n");
    let services = version.services.join(",");
    let amounts = Kept::of(&version.amounts, Money::fen);
    let rates = Kept::of(&version.rates, |rate| i64::from(rate.ppm()));
    let days = Kept::of(&version.days, i64::from);
    let months = Kept::of(&version.months, i64::from);
    let intervals = Kept::of(&version.intervals, i64::from);
    let tenor_units = joined(&version.tenor_units);
    let methods = joined(&version.methods);
    let interval_units = joined(&version.interval_units);
    let mut values = vec![id.into(), number.into(), Param::from(&version.name)];
    values.extend([Param::from(&description), (&services).into()]);
    values.extend(amounts.params());
    values.push(version.amount_default.into());
    values.extend(rates.params());
    values.extend([version.rate_default.ppm().into(), Param::from(&tenor_units)]);
    values.extend(days.params());
    values.push(version.days_default.into());
    values.extend(months.params());
    values.extend([
        Param::from(version.months_default),
        (&methods).into(),
        (&interval_units).into(),
    ]);
    values.extend(intervals.params());
    values.extend([
        Param::from(version.interval_default),
        version.interval_unit_default.word().into(),
        version.day_count.word().into(),
        ppm(late.daily)?.into(),
        late.base.word().into(),
        late.grace_days.into(),
        late.cap_days.into(),
        late.cap_rate.map(ppm).transpose()?.into(),
        ppm(version.settlement_fee)?.into(),
        version.lender.word().into(),
        version.review_steps.into(),
        version.approval_days.into(),
        version.first_limit.into(),
        tx.at.business.into(),
    ]);
    tx.execute(INSERT_VERSION, &values)?;
    for (position, fee) in (1_u32..).zip(&version.fees) {
        insert_fee(tx, (id, number, position), fee)?;
    }
    Ok(())
}

fn insert_fee(
    tx: &mut Tx<'_, '_>,
    (id, number, position): (ProductId, u32, u32),
    fee: &ProductFee,
) -> Result<u64, Fault> {
    let (share, amount) = match fee.size {
        Size::Share(share) => (Some(ppm(share)?), None),
        Size::Amount(amount) => (None, Some(amount)),
    };
    let insert = "INSERT INTO product_fee (product_id, version, position, name, collector, time,
            share_ppm, amount_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (name, collector, time) = (&fee.name, &fee.collector, fee.time.word());
    tx.execute(insert, params![id, number, position, name, collector, time, share, amount])
}

/// What may be chosen, as three columns hold it.
struct Kept {
    least: Option<i64>,
    most: Option<i64>,
    list: Option<String>,
}

impl Kept {
    fn of<T: Copy>(choice: &Choice<T>, number: impl Fn(T) -> i64) -> Self {
        match choice {
            Choice::Range { least, most } => {
                Self { least: Some(number(*least)), most: Some(number(*most)), list: None }
            }
            Choice::List(values) => {
                let words: Vec<_> = values.iter().map(|value| number(*value).to_string()).collect();
                Self { least: None, most: None, list: Some(words.join(",")) }
            }
        }
    }

    fn params(&self) -> [Param<'_>; 3] {
        [self.least.into(), self.most.into(), self.list.as_ref().into()]
    }
}

/// The names of the three columns of a choice.
type Columns = [&'static str; 3];

fn choice<T>(
    row: &Row<'_>,
    [least, most, list]: Columns,
    value: impl Fn(i64) -> Option<T>,
) -> Result<Choice<T>, Fault> {
    let value = |number: Option<i64>| number.and_then(&value).ok_or_else(|| corrupt(least));
    match row.opt_text(list)? {
        Some(words) => {
            let values = words.split(',').map(|word| value(word.parse().ok()));
            Ok(Choice::List(values.collect::<Result<_, _>>()?))
        }
        None => Ok(Choice::Range {
            least: value(row.opt_i64(least)?)?,
            most: value(row.opt_i64(most)?)?,
        }),
    }
}

fn joined<T: Word + Copy>(values: &[T]) -> String {
    values.iter().map(|value| value.word()).collect::<Vec<_>>().join(",")
}

fn listed<T: Word>(row: &Row<'_>, column: &'static str) -> Result<Vec<T>, Fault> {
    let words = row.text(column)?;
    words.split(',').map(|word| T::of_word(word).ok_or_else(|| corrupt(column))).collect()
}

fn word<T: Word>(row: &Row<'_>, column: &'static str) -> Result<T, Fault> {
    T::of_word(&row.text(column)?).ok_or_else(|| corrupt(column))
}

/// Texts that were joined; none where nothing was.
fn texts(row: &Row<'_>, column: &'static str, separator: char) -> Result<Vec<String>, Fault> {
    let text = row.text(column)?;
    let parts = text.split(separator).filter(|part| !part.is_empty());
    Ok(parts.map(ToOwned::to_owned).collect())
}

fn read(row: &Row<'_>) -> Result<Product, Fault> {
    let channel = Channel::parse(&row.text("channel")?).ok_or_else(|| corrupt("channel"))?;
    Ok(Product {
        id: ProductId::from_number(row.i64("product_id")?),
        channel,
        code: row.text("code")?,
        number: small(row, "version")?,
        on_sale: row.text("status")? == "on_sale",
        version: read_version(row)?,
    })
}

fn read_version(row: &Row<'_>) -> Result<Version, Fault> {
    let amount_columns = ["amount_least_fen", "amount_most_fen", "amount_list"];
    let count = |number: i64| u32::try_from(number).ok();
    let as_rate = |number: i64| count(number).and_then(Rate::from_ppm);
    Ok(Version {
        name: row.text("name")?,
        description: texts(row, "description", '\n')?,
        services: texts(row, "services", ',')?,
        amounts: choice(row, amount_columns, Money::from_fen)?,
        amount_default: row.money("amount_default_fen")?,
        rates: choice(row, ["rate_least_ppm", "rate_most_ppm", "rate_list"], as_rate)?,
        rate_default: rate(row, "rate_default_ppm")?,
        tenor_units: listed(row, "tenor_units")?,
        days: choice(row, ["days_least", "days_most", "days_list"], count)?,
        days_default: small(row, "days_default")?,
        months: choice(row, ["months_least", "months_most", "months_list"], count)?,
        months_default: small(row, "months_default")?,
        methods: listed(row, "methods")?,
        interval_units: listed(row, "interval_units")?,
        intervals: choice(row, ["interval_least", "interval_most", "interval_list"], count)?,
        interval_default: small(row, "interval_default")?,
        interval_unit_default: word(row, "interval_unit_default")?,
        day_count: word(row, "day_count")?,
        late: LateRule {
            daily: Percent::from_rate(rate(row, "penalty_daily_ppm")?),
            base: word(row, "penalty_base")?,
            grace_days: small(row, "penalty_grace_days")?,
            cap_days: opt_small(row, "penalty_cap_days")?,
            cap_rate: opt_rate(row, "penalty_cap_ppm")?.map(Percent::from_rate),
        },
        settlement_fee: Percent::from_rate(rate(row, "settlement_fee_ppm")?),
        fees: Vec::new(),
        lender: word(row, "lender")?,
        review_steps: small(row, "review_steps")?,
        approval_days: small(row, "approval_days")?,
        first_limit: row.money("first_limit_fen")?,
    })
}

fn read_fee(row: &Row<'_>) -> Result<FeeOf, Fault> {
    let size = match opt_rate(row, "share_ppm")? {
        Some(share) => Size::Share(Percent::from_rate(share)),
        None => Size::Amount(row.money("amount_fen")?),
    };
    let fee = ProductFee {
        name: row.text("name")?,
        collector: row.text("collector")?,
        time: word(row, "time")?,
        size,
    };
    Ok(((row.i64("product_id")?, small(row, "version")?), fee))
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

/// A percentage as its column holds it; [`super::check`] has seen to it that it can.
fn ppm(percent: Percent) -> Result<u32, Fault> {
    percent.to_rate().map(Rate::ppm).ok_or_else(|| corrupt("ppm"))
}

fn small(row: &Row<'_>, column: &str) -> Result<u32, Fault> {
    u32::try_from(row.i64(column)?).map_err(|_| corrupt(column))
}

fn opt_small(row: &Row<'_>, column: &str) -> Result<Option<u32>, Fault> {
    let number = row.opt_i64(column)?;
    number.map(|number| u32::try_from(number).map_err(|_| corrupt(column))).transpose()
}

fn rate(row: &Row<'_>, column: &str) -> Result<Rate, Fault> {
    opt_rate(row, column)?.ok_or_else(|| corrupt(column))
}

fn opt_rate(row: &Row<'_>, column: &str) -> Result<Option<Rate>, Fault> {
    let ppm = opt_small(row, column)?;
    ppm.map(|ppm| Rate::from_ppm(ppm).ok_or_else(|| corrupt(column))).transpose()
}
