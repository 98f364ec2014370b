//! What is on offer (§20, §21).

use kernel::id::ProductId;
use kernel::{Money, Rate};
use lending::catalog::{self, Choice, IntervalUnit, Method, Product, TenorUnit, Version};

use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{FIELD_MISSING, Failure, NO_SUCH_PRODUCT, PRODUCT_OFF, PRODUCTS_FOUND};
use crate::ids::{self, Kind};
use crate::section::{section, text};
use crate::wire::DetailsBody;
use crate::wire::answers::{
    DetailsData, OTHER_CHANNELS, PURPOSES, ProductData, REPAY_TERM_UNITS, REPAY_TYPES, TERM_UNITS,
};
use crate::wire::values::{self, YuanNumber, several};
use crate::{CHANNEL, Xianjindai};

section! {
    LIST: "/openCommonApi/getLoanProductList", "产品展示接口 (§20)", OPEN;
    fields: [];
    refusals: [];
    success: PRODUCTS_FOUND, Plain, r#"[{"id":"00000000-0000-8000-8000-000000000000","name":"…","amountLimitType":0,"singleMinAmount":500.00,"singleMaxAmount":5000.00,"termUnit":"1","daysLimitType":1,"singleDays":"7,14","monthsLimitType":1,"singleMonths":"1"}]"#;
}

pub(crate) async fn list(channel: Xianjindai, _: Call) -> Result<Reply, Failure> {
    let products = channel.app.read(|tx| catalog::on_sale(tx, CHANNEL)).await?;
    let products: Vec<_> = products.iter().map(listed).collect();
    Reply::of(&products)
}

/// Source: document 001 §20.3 (限制类型 0: 区间 1: 固定值).
const fn limit_type<T>(choice: &Choice<T>) -> (u8, &'static str) {
    match choice {
        Choice::Range { .. } => (0, "0"),
        Choice::List(_) => (1, "1"),
    }
}

/// Least, most and list, as texts; what does not apply is none.
fn limits<T: Copy, L, V>(
    choice: &Choice<T>,
    limit: fn(T) -> L,
    value: fn(T) -> V,
) -> (Option<L>, Option<L>, Option<String>)
where
    V: ToString,
{
    match choice {
        Choice::Range { least, most } => (Some(limit(*least)), Some(limit(*most)), None),
        Choice::List(values) => {
            let values: Vec<_> = values.iter().map(|one| value(*one).to_string()).collect();
            (None, None, Some(values.join(",")))
        }
    }
}

fn number(number: u32) -> String {
    number.to_string()
}

fn listed(product: &Product) -> ProductData {
    let version = &product.version;
    let (single_min_amount, single_max_amount, single_amounts) =
        limits(&version.amounts, YuanNumber, values::short);
    let (single_min_days, single_max_days, single_days) = limits(&version.days, number, number);
    let (single_min_months, single_max_months, single_months) =
        limits(&version.months, number, number);
    ProductData {
        single_min_amount,
        id: ids::text(Kind::Product, product.id.number()),
        days_limit_type: limit_type(&version.days).0,
        single_min_days,
        single_max_days,
        single_days,
        term_unit: several(&version.tenor_units, tenor_unit),
        name: version.name.clone(),
        single_min_months,
        single_max_months,
        single_months,
        amount_limit_type: limit_type(&version.amounts).0,
        single_amounts,
        months_limit_type: limit_type(&version.months).0,
        single_max_amount,
    }
}

/// Source: document 001 §21.4.
pub(crate) fn tenor_unit(unit: TenorUnit) -> String {
    tenor_unit_word(unit).to_owned()
}

pub(crate) const fn tenor_unit_word(unit: TenorUnit) -> &'static str {
    match unit {
        TenorUnit::Day => "1",
        TenorUnit::Month => "2",
    }
}

fn interval_unit(unit: IntervalUnit) -> String {
    let word = match unit {
        IntervalUnit::Day => "1",
        IntervalUnit::Month => "2",
        IntervalUnit::Quarter => "3",
        IntervalUnit::Year => "4",
    };
    word.to_owned()
}

/// Source: document 001 §21.4; it has no equal parts of principal (等额本金), and no product of
/// the channel should.
pub(crate) const fn method_word(method: Method) -> &'static str {
    match method {
        Method::OneOff => "1",
        Method::InterestOnly => "2",
        Method::EqualInstalment => "3",
        Method::Flat => "4",
        Method::EqualPrincipal => "5",
    }
}

fn method(method: Method) -> String {
    method_word(method).to_owned()
}

section! {
    DETAILS: "/openCommonApi/getLoanProductDetails", "产品详细信息 (§21)", OPEN;
    fields: [text("productId", "产品id")];
    refusals: [FIELD_MISSING, NO_SUCH_PRODUCT, PRODUCT_OFF];
    success: PRODUCTS_FOUND, Plain, r#"{"id":"00000000-0000-8000-8000-000000000000","name":"…","amountLimitType":"1","singleMinAmount":"","singleMaxAmount":"","singleAmounts":"2000","singleDefaultAmount":"2000.00"}"#;
}

pub(crate) async fn details(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: DetailsBody<'_> = call.read()?;
    let id = values::required(&body.product_id(), "productId")?;
    let id = ids::number(Kind::Product, &id).map(ProductId::from_number).ok_or(NO_SUCH_PRODUCT)?;
    let product = channel.app.read(move |tx| catalog::product(tx, id)).await?;
    let product = product.filter(|product| product.channel == CHANNEL).ok_or(NO_SUCH_PRODUCT)?;
    if !product.on_sale {
        return Err(PRODUCT_OFF.into());
    }
    Reply::of(&detailed(&product))
}

fn detailed(product: &Product) -> DetailsData {
    let version: &Version = &product.version;
    let amounts = limits::<Money, _, _>(&version.amounts, values::yuan, values::short);
    let rates = limits::<Rate, _, _>(&version.rates, values::rate, values::rate);
    let days = limits(&version.days, number, number);
    let months = limits(&version.months, number, number);
    DetailsData {
        id: ids::text(Kind::Product, product.id.number()),
        name: version.name.clone(),
        detail_description: version.description.join(";"),
        third_service_code: version.services.join(","),
        amount_limit_type: limit_type(&version.amounts).1,
        single_min_amount: amounts.0.unwrap_or_default(),
        single_max_amount: amounts.1.unwrap_or_default(),
        single_amounts: amounts.2.unwrap_or_default(),
        single_default_amount: values::yuan(version.amount_default),
        interest_rate_limit_type: limit_type(&version.rates).1,
        min_interest_rate: rates.0.unwrap_or_default(),
        max_interest_rate: rates.1.unwrap_or_default(),
        interest_rates: rates.2.unwrap_or_default(),
        default_interest_rate: values::rate(version.rate_default),
        term_unit: several(&version.tenor_units, tenor_unit),
        repay_type: several(&version.methods, method),
        days_limit_type: limit_type(&version.days).1,
        single_min_days: days.0.unwrap_or_default(),
        single_max_days: days.1.unwrap_or_default(),
        single_days: days.2.unwrap_or_default(),
        single_default_days: number(version.days_default),
        months_limit_type: limit_type(&version.months).1,
        single_min_months: months.0.unwrap_or_default(),
        single_max_months: months.1.unwrap_or_default(),
        single_months: months.2.unwrap_or_default(),
        single_default_months: number(version.months_default),
        default_repay_term_count: number(version.interval_default),
        default_repay_term_unit: interval_unit(version.interval_unit_default),
        repay_term_unit: several(&version.interval_units, interval_unit),
        term_unit_data: &TERM_UNITS,
        repay_term_unit_data: &REPAY_TERM_UNITS,
        repay_type_data: &REPAY_TYPES,
        purpose_data: &PURPOSES,
        other_channels_data: &OTHER_CHANNELS,
    }
}
