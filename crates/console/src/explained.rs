//! Where the figures of an instalment come from.

use channel_kit::route::{Field, Method, Place};
use lending::Tx;
use lending::catalog::Word as _;
use lending::operators::{Operator, Right};
use lending::servicing::{self, ExplainError, Explained, Loan};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_LOAN, NO_SUCH_ROW};
use crate::loans::{self, planned, standing};
use crate::operation::{Access, ID, Operation};
use crate::product_form::LateForm;
use crate::reply::Reply;
use crate::values;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&ROW, row)]
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::NotFound => NO_SUCH_LOAN.into(),
            ExplainError::NoSuchRow => NO_SUCH_ROW.into(),
            ExplainError::Fault(fault) => fault.into(),
        }
    }
}

const NUMBER: Field = Field {
    name: "number",
    place: Place::Path,
    kind: "integer",
    required: true,
    about: "the number of the instalment, from 1 on",
};

static ROW: Operation = Operation {
    method: Method::Get,
    path: "/console/api/loans/{id}/rows/{number}",
    summary: "How the figures of an instalment came about 明细推导",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, NUMBER],
    refusals: &[NO_SUCH_LOAN, NO_SUCH_ROW],
    success: (
        200,
        r#"{"code":"cash20261125001","terms":{"amount":"1000.00","rate":"18","tenor":14,"tenor_unit":"day","interval":14,"interval_unit":"day","method":"one_off"},"agreed":{"id":70001,"number":1,"from":"2026-11-25","due":"2026-12-09","principal":"1000.00","interest":"7.00","fee":"0.00"},"stands":{"id":70001,"number":1,"due":"2026-12-09","principal":"1000.00","interest":"7.00","fee":"0.00","penalty":"0.00","outstanding":"1007.00","overdue_days":0},"before":"1000.00","after":"0.00","day_count":"act_360","interest":[{"from":"2026-11-25","to":"2026-12-09","nights":14,"balance":"1000.00","rate":"18","year_part":"14/360","amount":"7.00"}],"fees":[],"late":{"daily":"0.05","base":"overdue_principal","grace_days":1,"cap_days":null,"cap_rate":"24"},"penalties":[]}"#,
    ),
};

async fn row(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let number: u32 = call.path("number").and_then(|text| text.parse().ok()).ok_or(NO_SUCH_ROW)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let explained = servicing::explain(tx, id, number)?;
        let loan = loans::load(tx, id)?;
        Ok(Reply::ok(&told(&loan, &explained)))
    };
    call.read(&console, read).await
}

fn told(loan: &Loan, explained: &Explained) -> Value {
    let interest: Vec<_> = explained
        .interest
        .iter()
        .map(|stretch| {
            json!({
                "from": stretch.from.to_string(),
                "to": stretch.to.to_string(),
                "nights": stretch.from.days_until(stretch.to),
                "balance": stretch.balance.to_string(),
                "rate": stretch.rate.to_string(),
                "year_part": explained.year_part(stretch),
                "amount": stretch.interest.to_string(),
            })
        })
        .collect();
    let fees = explained.fees.iter();
    let fees: Vec<_> =
        fees.map(|fee| json!({ "name": fee.name, "amount": fee.amount.to_string() })).collect();
    let penalties: Vec<_> = explained
        .penalties
        .iter()
        .map(|late| {
            json!({
                "from": late.from.to_string(),
                "to": late.to.to_string(),
                "days": late.from.days_until(late.to),
                "base": late.base.map(|base| base.to_string()),
                "daily": explained.version.late.daily.to_string(),
                "amount": late.charged.to_string(),
            })
        })
        .collect();
    json!({
        "code": loan.code,
        "terms": values::terms(&loan.terms),
        "agreed": planned(&explained.row.row),
        "stands": standing(&explained.row),
        "before": explained.balances.0.to_string(),
        "after": explained.balances.1.to_string(),
        "day_count": explained.version.day_count.word(),
        "interest": interest,
        "fees": fees,
        "late": json!(LateForm::of(&explained.version.late)),
        "penalties": penalties,
    })
}
