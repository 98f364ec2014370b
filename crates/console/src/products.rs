//! Products and their versions, held against the legal lines whenever one is saved.

use channel_kit::route::Method;
use kernel::id::ProductId;
use lending::audit::{self, Subject};
use lending::catalog::{self, Product, Sale, SaveError, SaveProduct};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx, origination};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::failure::{
    ABOVE_LEGAL_LINE, Failure, LATE_ABOVE_LINE, NO_ANNUAL_RATE, NO_SUCH_PRODUCT, PRODUCT_UNFIT,
};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, body, query};
use crate::product_form::VersionForm;
use crate::reply::Reply;
use crate::values;
use crate::{Console, applications};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&ONE, one),
        route(&SAVE, save),
        route(&PREVIEW, preview),
        route(&SALE, sale),
        route(&SEED, seed),
    ]
}

const PRODUCT: &str = r#"{"product":{"id":1,"channel":"xianjindai","code":"DAYS-RANGE","number":1,"on_sale":true,"version":{"name":"周转金","description":["到期一次还本付息。"],"services":[],"amounts":{"least":"500.00","most":"5000.00"},"amount_default":"1000.00","rates":["18"],"rate_default":"18","tenor_units":["day"],"days":[7,14,30],"days_default":14,"months":[1],"months_default":1,"methods":["one_off"],"interval_units":["day"],"intervals":{"least":1,"most":30},"interval_default":14,"interval_unit_default":"day","day_count":"act_360","late":{"daily":"0.05","base":"overdue_principal","grace_days":1,"cap_days":null,"cap_rate":"24"},"settlement_fee":"0","fees":[],"lender":"institution","review_steps":1,"approval_days":7,"first_limit":"5000.00"}}}"#;

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Unfit(problem) => Self::with(PRODUCT_UNFIT, &problem.en()),
            SaveError::NoFigure(why) => Self::with(NO_ANNUAL_RATE, &why.to_string()),
            SaveError::AboveLine(excess) => {
                let finding = &excess.finding;
                Self::with(ABOVE_LEGAL_LINE, &format!("{finding} ({})", finding.zh()))
            }
            SaveError::LateAboveLine(excess) => {
                let figure = excess
                    .figure
                    .map_or("without a cap".to_owned(), |figure| format!("{figure} % a year"));
                let (line, line_zh) = (excess.line, excess.line_zh);
                let limit = values::percent(excess.limit);
                let what = format!("{figure}, {line} ({line_zh}): {limit} %");
                Self::with(LATE_ABOVE_LINE, &what)
            }
            SaveError::Fault(fault) => fault.into(),
        }
    }
}

fn shown(product: &Product) -> Value {
    json!({
        "id": product.id.number(),
        "channel": product.channel.word(),
        "code": product.code,
        "number": product.number,
        "on_sale": product.on_sale,
        "version": VersionForm::of(&product.version),
    })
}

fn id(call: &Call) -> Result<ProductId, Failure> {
    Ok(call.id().map(ProductId::from_number).ok_or(NO_SUCH_PRODUCT)?)
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/products",
    summary: "The products 产品 of a channel, on sale or not, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[query("channel", "string", "the channel; needed"), PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let (channel, page) = (values::query_channel(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = catalog::products(tx, channel, page)?;
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/products/{id}",
    summary: "One product as it is offered now, or an earlier version of it",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, query("version", "integer", "an earlier version")],
    refusals: &[NO_SUCH_PRODUCT],
    success: (200, PRODUCT),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let number = call.query_number("version")?;
    let number = number.map(|number| u32::try_from(number).map_err(|_| NO_SUCH_PRODUCT));
    let number = number.transpose()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let product = match number {
            Some(number) => catalog::version(tx, id, number)?,
            None => catalog::product(tx, id)?,
        };
        Ok(Reply::ok(&json!({ "product": shown(&product.ok_or(NO_SUCH_PRODUCT)?) })))
    };
    call.read(&console, read).await
}

static SAVE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/products",
    summary: "Save a product, or the next version of one 产品; on sale at once",
    access: Access::With(Right::ManageProducts),
    fields: &[
        body("channel", "string", "where it is sold"),
        body("code", "string", "its short name: a known one makes the next version"),
        body("version", "object", "everything that it says, as docs/operators.md has it"),
    ],
    refusals: &[PRODUCT_UNFIT, NO_ANNUAL_RATE, ABOVE_LEGAL_LINE, LATE_ABOVE_LINE],
    success: (200, PRODUCT),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaveBody {
    channel: String,
    code: String,
    version: VersionForm,
}

async fn save(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: SaveBody = call.message()?;
    let (channel, code) = (values::channel(&message.channel)?, message.code);
    let version = message.version.read()?;
    let save = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let (code, version) = (code.clone(), version.clone());
        let command = SaveProduct { actor: operator.actor(), channel, code, version };
        Ok(Reply::ok(&json!({ "product": shown(&catalog::save(tx, &command)?) })))
    };
    call.write(&console, Home::home(0), save).await
}

static PREVIEW: Operation = Operation {
    method: Method::Post,
    path: "/console/api/products/preview",
    summary: "What a version would be 试算: its first offer with plan and annual cost; saves nothing",
    access: Access::With(Right::ManageProducts),
    fields: SAVE.fields,
    refusals: SAVE.refusals,
    success: (
        200,
        r#"{"offer":{"product":"周转金","terms":{"amount":"1000.00","rate":"18","tenor":14,"tenor_unit":"day","interval":14,"interval_unit":"day","method":"one_off"},"received":"1000.00","repaid":"1007.00","annual_cost":{"nominal_percent":"18.25","effective_percent":"20.00","simple_percent":"18.25"},"rows":[{"number":1,"due":"2026-12-09","principal":"1000.00","interest":"7.00","fee":"0.00"}]}}"#,
    ),
};

async fn preview(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: SaveBody = call.message()?;
    let (channel, code) = (values::channel(&message.channel)?, message.code);
    let version = message.version.read()?;
    let preview = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let (code, version) = (code.clone(), version.clone());
        let command = SaveProduct { actor: operator.actor(), channel, code, version };
        let product = catalog::preview(tx, &command)?;
        let day = tx.at().business.date();
        let offer = product.version.first_request();
        let offer = offer.and_then(|first| origination::quote_for(product, &first, day).ok());
        Ok(Reply::ok(&json!({ "offer": offer.map(|quote| applications::offer(&quote)) })))
    };
    call.read(&console, preview).await
}

static SALE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/products/{id}/sale",
    summary: "Put a product on sale 上架 or take it off 下架; what was lent goes on",
    access: Access::With(Right::ManageProducts),
    fields: &[ID, body("on_sale", "boolean", "whether it can be applied for")],
    refusals: &[NO_SUCH_PRODUCT],
    success: (200, PRODUCT),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaleBody {
    on_sale: bool,
}

async fn sale(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: SaleBody = call.message()?;
    let sale = if message.on_sale { Sale::OnSale } else { Sale::Withdrawn };
    let set = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        if !catalog::set_on_sale(tx, operator.actor(), id, sale)? {
            return Err(NO_SUCH_PRODUCT.into());
        }
        let product = catalog::product(tx, id)?.ok_or(NO_SUCH_PRODUCT)?;
        Ok(Reply::ok(&json!({ "product": shown(&product) })))
    };
    call.write(&console, Home::home(0), set).await
}

static SEED: Operation = Operation {
    method: Method::Post,
    path: "/console/api/products/seed",
    summary: "Make the products that a channel comes with, as far as they are not there",
    access: Access::With(Right::ManageProducts),
    fields: &[body("channel", "string", "the channel")],
    refusals: &[PRODUCT_UNFIT, NO_ANNUAL_RATE, ABOVE_LEGAL_LINE, LATE_ABOVE_LINE],
    success: (200, r#"{"made":5}"#),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedBody {
    channel: String,
}

async fn seed(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: SeedBody = call.message()?;
    let channel = values::channel(&message.channel)?;
    let seed = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let made = catalog::seed(tx, channel)?;
        let detail = format!("{} {made}", channel.word());
        audit::note(tx, operator.actor(), "product.seeded", Subject::Platform, &detail)?;
        Ok(Reply::ok(&json!({ "made": made })))
    };
    call.write(&console, Home::home(0), seed).await
}
