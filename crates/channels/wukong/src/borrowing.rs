//! Borrowing: what a loan would cost, asking for it, and the facts of its contract.

use lending::catalog::wukong::{POUNDAGE, SERVICE_FEE, TRIAL_FEE, fee};
use lending::customers::statements;
use lending::origination::{self, Ask, AskError, Confirmed, Outside};
use lending::{Fault, Route, customers};
use serde::Serialize;

use crate::call::Call;
use crate::envelope::Reply;
use crate::home::tail;
use crate::numbers::{Figure, fraction, yuan};
use crate::section::{section, text};
use crate::texts::{
    AMOUNT_ABOVE, AMOUNT_BELOW, BLOCKED, DAYS_ABOVE, DAYS_BELOW, DONE, FROZEN, Failure, INCOMPLETE,
    MALFORMED, NO_CARD, NO_PRODUCT, OVER_LIMIT, SUBMITTED, UNFINISHED,
};
use crate::{CHANNEL, Wukong};

section! {
    CONFIRM: Post "/loan-confirm", "借款确认", TOKEN;
    fields: [text("amount", "借款额度"), text("period", "借款期限")];
    refusals: [
        BLOCKED, INCOMPLETE, MALFORMED, OVER_LIMIT, NO_PRODUCT, AMOUNT_BELOW, AMOUNT_ABOVE,
        DAYS_BELOW, DAYS_ABOVE, NO_CARD
    ];
    success: DONE,
        r#"[{"amount":"1000","period":"14","bank":"招商银行（尾号0000）","arrival_amount":"1000","interest":"6.17","accrual":4.67,"trialFee":0.5,"serviceFee":0.5,"poundage":0.5,"otherFee":1.5,"annualized_interest_rate":"0.12"}]"#;
}

#[derive(Serialize)]
struct Cost {
    amount: String,
    period: String,
    bank: String,
    arrival_amount: String,
    interest: String,
    accrual: Figure,
    #[serde(rename = "trialFee")]
    trial_fee: Figure,
    #[serde(rename = "serviceFee")]
    service_fee: Figure,
    poundage: Figure,
    #[serde(rename = "otherFee")]
    other_fee: Figure,
    annualized_interest_rate: String,
}

impl Cost {
    /// `None` for sums that are no money.
    fn of(confirmed: &Confirmed) -> Option<Self> {
        let Confirmed { quote, card } = confirmed;
        let schedule = &quote.schedule;
        let of = |name| fee(schedule, name);
        let (trial, service, poundage) = (of(TRIAL_FEE)?, of(SERVICE_FEE)?, of(POUNDAGE)?);
        let others = trial.plus(service)?.plus(poundage)?;
        let number = |amount| Figure::Number(yuan(amount));
        Some(Self {
            amount: yuan(quote.request.amount),
            period: quote.request.tenor.to_string(),
            bank: format!("{}（尾号{}）", card.bank_name, tail(card)),
            arrival_amount: yuan(quote.received),
            interest: yuan(quote.repaid.minus(schedule.principal)?),
            accrual: number(schedule.interest),
            trial_fee: number(trial),
            service_fee: number(service),
            poundage: number(poundage),
            other_fee: number(others),
            annualized_interest_rate: fraction(quote.request.rate),
        })
    }
}

pub(crate) async fn confirm(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let ask = ask(&call)?;
    let confirmed = channel.app.read(move |tx| origination::confirm(tx, &ask)).await;
    let cost = Cost::of(&confirmed.map_err(refused)?);
    Reply::one(&cost.ok_or(Fault::Corrupt("quote".into()))?)
}

fn ask(call: &Call) -> Result<Ask, Failure> {
    let days = call.fields.whole("period").and_then(|days| u32::try_from(days).ok());
    Ok(Ask { member: call.member()?, channel: CHANNEL, amount: call.fields.yuan("amount"), days })
}

fn refused(error: AskError) -> Failure {
    match error {
        AskError::Blocked => BLOCKED.into(),
        AskError::Incomplete => INCOMPLETE.into(),
        AskError::Malformed => MALFORMED.into(),
        AskError::OverLimit => OVER_LIMIT.into(),
        AskError::NoProduct => NO_PRODUCT.into(),
        AskError::Outside(Outside::AmountBelow) => AMOUNT_BELOW.into(),
        AskError::Outside(Outside::AmountAbove) => AMOUNT_ABOVE.into(),
        AskError::Outside(Outside::DaysBelow) => DAYS_BELOW.into(),
        AskError::Outside(Outside::DaysAbove) => DAYS_ABOVE.into(),
        AskError::NoCard => NO_CARD.into(),
        AskError::Frozen => FROZEN.into(),
        AskError::Unfinished => UNFINISHED.into(),
        AskError::Fault(fault) => fault.into(),
    }
}

section! {
    SUBMIT: Post "/loan-submit", "提交借款确认", TOKEN;
    fields: [text("amount", "借款额度"), text("period", "借款期限")];
    refusals: [
        BLOCKED, INCOMPLETE, MALFORMED, OVER_LIMIT, NO_PRODUCT, AMOUNT_BELOW, AMOUNT_ABOVE,
        DAYS_BELOW, DAYS_ABOVE, NO_CARD, FROZEN, UNFINISHED
    ];
    success: SUBMITTED, "null";
}

pub(crate) async fn submit(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let ask = ask(&call)?;
    let route = Route::home(ask.member.number());
    let submitted = channel.app.write(route, move |tx| origination::submit_one(tx, &ask)).await;
    submitted.map_err(refused)?;
    Ok(Reply::done())
}

section! {
    CONTRACT: Get "/loan-contract", "借款合同", TOKEN;
    fields: [];
    refusals: [INCOMPLETE, NO_PRODUCT];
    success: DONE,
        r#"{"borrower":"王晓明","id_no":"11010119900101004X","addr":"福建省厦门市某路1号","mobile":"13800000001","annualized_interest_rate":"0.12","account_name":"招商银行","account_no":"6214830000000000"}"#;
}

#[derive(Serialize)]
struct Contract {
    borrower: String,
    id_no: String,
    addr: String,
    mobile: String,
    annualized_interest_rate: String,
    account_name: String,
    account_no: String,
}

pub(crate) async fn contract(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let known = channel.app.read(move |tx| {
        let customer = customers::customer(tx, member)?;
        let home = statements::home(tx, member)?;
        let product = origination::active_product(tx, CHANNEL)?;
        Ok::<_, Fault>((customer, home, product))
    });
    let (customer, home, product) = known.await?;
    let customer = customer.ok_or(INCOMPLETE)?;
    let (identity, home) = customer.identity.zip(home).ok_or(INCOMPLETE)?;
    let card = customer.card.ok_or(INCOMPLETE)?;
    let product = product.ok_or(NO_PRODUCT)?;
    let mut addr: String = home.area.iter().map(customers::Line::expose).collect();
    addr.push_str(home.address.expose());
    Reply::object(&Contract {
        borrower: identity.name.expose().to_owned(),
        id_no: identity.id_no.expose().to_owned(),
        addr,
        mobile: customer.mobile.expose().to_owned(),
        annualized_interest_rate: fraction(product.version.rate_default),
        account_name: card.bank_name,
        account_no: card.number.expose().to_owned(),
    })
}
