//! Decision rules, by which applications are decided before people look at them.

use channel_kit::route::Method;
use kernel::id::ProductId;
use kernel::{Channel, Rate};
use lending::credit::{self, Outcome, Rule, RuleError, SaveRule, Test};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_PRODUCT, RULE_UNFIT};
use crate::operation::{Access, Operation, body, optional, query};
use crate::reply::Reply;
use crate::values;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&SAVE, save)]
}

const RULE: &str = r#"{"rule":{"id":"11012345678901234","channel":"xianjindai","code":"VELOCITY","product":null,"test":{"kind":"velocity","most":5,"days":7},"outcome":"refer","enabled":true}}"#;
const TESTS: &str = "what it looks at, by kind: minimum_age and maximum_age with years, region \
                     with prefix, income_ratio with percent, exposure with amount, velocity with \
                     most and days, overdue with loans, report_score with least, blacklist, \
                     risk_flag";

impl From<RuleError> for Failure {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::BadCode => Self::with(RULE_UNFIT, "the code has 1 to 32 letters and digits"),
            RuleError::NoSuchProduct => NO_SUCH_PRODUCT.into(),
            RuleError::BadBound => Self::with(RULE_UNFIT, "its test has no such bound"),
            RuleError::Fault(fault) => fault.into(),
        }
    }
}

/// A test on the wire.
#[derive(Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum TestForm {
    MinimumAge { years: u32 },
    MaximumAge { years: u32 },
    Region { prefix: String },
    IncomeRatio { percent: String },
    Blacklist,
    RiskFlag,
    Exposure { amount: String },
    Velocity { most: u32, days: u32 },
    Overdue { loans: u32 },
    ReportScore { least: i64 },
}

impl TestForm {
    fn of(test: &Test) -> Self {
        match test {
            Test::MinimumAge(years) => Self::MinimumAge { years: *years },
            Test::MaximumAge(years) => Self::MaximumAge { years: *years },
            Test::Region(prefix) => Self::Region { prefix: prefix.clone() },
            Test::IncomeRatio(ppm) => Self::IncomeRatio {
                percent: values::percent(Rate::from_ppm(*ppm).unwrap_or(Rate::MAX)),
            },
            Test::Blacklist => Self::Blacklist,
            Test::RiskFlag => Self::RiskFlag,
            Test::Exposure(amount) => Self::Exposure { amount: amount.to_string() },
            Test::Velocity { most, days } => Self::Velocity { most: *most, days: *days },
            Test::Overdue(loans) => Self::Overdue { loans: *loans },
            Test::ReportScore(least) => Self::ReportScore { least: *least },
        }
    }

    fn read(&self) -> Result<Test, Failure> {
        Ok(match self {
            Self::MinimumAge { years } => Test::MinimumAge(*years),
            Self::MaximumAge { years } => Test::MaximumAge(*years),
            Self::Region { prefix } => Test::Region(prefix.clone()),
            Self::IncomeRatio { percent } => {
                Test::IncomeRatio(values::rate("test.percent", percent)?.ppm())
            }
            Self::Blacklist => Test::Blacklist,
            Self::RiskFlag => Test::RiskFlag,
            Self::Exposure { amount } => Test::Exposure(values::money("test.amount", amount)?),
            Self::Velocity { most, days } => Test::Velocity { most: *most, days: *days },
            Self::Overdue { loans } => Test::Overdue(*loans),
            Self::ReportScore { least } => Test::ReportScore(*least),
        })
    }
}

fn shown(rule: &Rule) -> Value {
    json!({
        "id": rule.id.number().to_string(),
        "channel": rule.channel.word(),
        "code": rule.code,
        "product": rule.product.map(ProductId::number),
        "test": TestForm::of(&rule.test),
        "outcome": match rule.outcome {
            Outcome::Refer => "refer",
            Outcome::Refuse => "refuse",
        },
        "enabled": rule.enabled,
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/rules",
    summary: "The decision rules 决策规则 of a channel, in their order",
    access: Access::With(Right::SeeRecords),
    fields: &[query("channel", "string", "the channel; needed")],
    refusals: &[],
    success: (200, r#"{"items":[]}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let channel: Channel = values::query_channel(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = credit::rules(tx, channel)?;
        Ok(Reply::ok(&json!({ "items": all.iter().map(shown).collect::<Vec<_>>() })))
    };
    call.read(&console, read).await
}

static SAVE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/rules",
    summary: "Save a decision rule: a known code changes it, a new one makes one",
    access: Access::With(Right::ManageRisk),
    fields: &[
        body("channel", "string", "whose applications it looks at"),
        body("code", "string", "its short name"),
        optional("product", "integer", "only applications for this product"),
        body("test", "object", TESTS),
        body("outcome", "string", "refer or refuse"),
        body("enabled", "boolean", "whether it is applied"),
    ],
    refusals: &[RULE_UNFIT, NO_SUCH_PRODUCT],
    success: (200, RULE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaveBody {
    channel: String,
    code: String,
    product: Option<i64>,
    test: TestForm,
    outcome: String,
    enabled: bool,
}

async fn save(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: SaveBody = call.message()?;
    let (channel, test) = (values::channel(&message.channel)?, message.test.read()?);
    let outcome = match message.outcome.as_str() {
        "refer" => Outcome::Refer,
        "refuse" => Outcome::Refuse,
        _ => return Err(Failure::field("outcome")),
    };
    let (code, enabled) = (message.code, message.enabled);
    let product = message.product.map(ProductId::from_number);
    let save = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let (code, test, actor) = (code.clone(), test.clone(), operator.actor());
        let command = SaveRule { actor, channel, code, product, test, outcome, enabled };
        Ok(Reply::ok(&json!({ "rule": shown(&credit::save_rule(tx, &command)?) })))
    };
    call.write(&console, Home::home(0), save).await
}
