//! The exchange: officers find leads, claim, work and close them, and hand them over. These calls
//! are ours; they use the session of the document's.

use channel_kit::chance;
use kernel::id::{LeadId, MemberId};
use kernel::{Channel, Secret};
use lending::customers::Line;
use lending::leads::{
    self, AskConsent, ClaimError, ConsentError, Ending, HandOver, HandOverError, HandedOver,
    HeldError, Lead, LoanKind, Which,
};
use lending::ledger::{self, Account};
use lending::{Fault, Page, Route, Tx};

use crate::Shuaidan;
use crate::account::new_code;
use crate::call::Call;
use crate::envelope::Reply;
use crate::form::whole;
use crate::section::{LEAD, LIMIT, OFFSET, asked, number, optional, section, text};
use crate::texts::{
    CAPTCHA, Failure, HANDED_OVER, INSUFFICIENT, LEADS_LIMITED, LOGIN_FIRST, MISSING, NO_LENDER,
    NO_SUCH_LEAD, NO_TELEPHONE, NOT_OPEN, NOT_YOURS, OWN_LEAD, SEND_FAILED, SOMEBODY_ELSE,
    TOO_OFTEN, WRONG, WRONG_STATE,
};
use crate::wire::{EventRow, LeadRow, Movement, Purse, Whole};

impl From<HeldError> for Failure {
    fn from(error: HeldError) -> Self {
        match error {
            HeldError::NoSuchLead => NO_SUCH_LEAD.into(),
            HeldError::NotYours => NOT_YOURS.into(),
            HeldError::WrongState(state) => Self::with(WRONG_STATE, state.word()),
            HeldError::HandedOver => HANDED_OVER.into(),
            HeldError::Fault(fault) => fault.into(),
        }
    }
}

section! {
    ours
    OPEN: Get "/leads", "可接的甩单，最新在前，已脱敏";
    fields: [number(asked(optional("loan_type", "贷款类型 1: 信用贷;2: 车贷;3: 房贷;"))), OFFSET, LIMIT];
    refusals: [WRONG, TOO_OFTEN];
    example: r#"[{"id":1,"state":"open","request_amount":"1000.00","customerType":1,"loan_type":1,"loan_term":3,"fee":"20.00","mine":false,"claimed_by_me":false,"submitted_at":"2026-11-25 10:00:00","claimed_at":null,"closed_at":null,"handed_over_at":null,"applied_at":null,"customer_info":{"masked":true,"name":"周**","sex":1,"telephone":"139****0001","company_type":3,"income":"600.00","loaned_amount":"0.00","have_house":1,"have_car":2}}]"#;
}

pub(crate) async fn open(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let kind = |text: &str| whole(text).and_then(LoanKind::from_number);
    let kind = call.form.optional("loan_type", kind)?;
    list(channel, call, Which::Open(kind)).await
}

section! {
    ours
    TOLD: Get "/leads/mine", "我提交的甩单";
    fields: [OFFSET, LIMIT];
    refusals: [WRONG, TOO_OFTEN];
    example: "[]";
}

pub(crate) async fn told(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    list(channel, call, Which::Told).await
}

section! {
    ours
    HELD: Get "/leads/claimed", "我接的甩单";
    fields: [OFFSET, LIMIT];
    refusals: [WRONG, TOO_OFTEN];
    example: "[]";
}

pub(crate) async fn held(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    list(channel, call, Which::Held).await
}

async fn list(channel: Shuaidan, call: Call, which: Which) -> Result<Reply, Failure> {
    let (me, page) = (call.officer()?, call.part()?);
    let looked = move |tx: &mut Tx<'_, '_>| leads::admit_look(tx, me);
    if !channel.app.write(Route::home(me.number()), looked).await? {
        return Err(TOO_OFTEN.into());
    }
    let read = move |tx: &mut Tx<'_, '_>| leads::list(tx, me, which, page);
    let (leads, total) = channel.app.read(read).await?;
    let rows: Vec<_> =
        leads.iter().map(|(lead, person)| LeadRow::of(lead, Some(person), me)).collect();
    Reply::part(&rows, total)
}

section! {
    ours
    /// In full for its owner and its holder, masked for others while it is open.
    DETAIL: Get "/leads/detail", "甩单详情与经过";
    fields: [asked(LEAD)];
    refusals: [MISSING, WRONG, TOO_OFTEN, NO_SUCH_LEAD];
    example: "null";
}

pub(crate) async fn detail(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let (me, id) = (call.officer()?, call.lead()?);
    let looked = move |tx: &mut Tx<'_, '_>| leads::admit_sight(tx, me);
    if !channel.app.write(Route::home(me.number()), looked).await? {
        return Err(TOO_OFTEN.into());
    }
    let seen = channel.app.read::<_, Fault>(move |tx| {
        let Some((lead, person)) = leads::seen_by(tx, me, id)? else { return Ok(None) };
        // What happened is for those who see the person.
        let events = if lead.is_shown_to(me) { leads::events(tx, id)? } else { Vec::new() };
        Ok(Some((lead, person, events)))
    });
    let (lead, person, events) = seen.await?.ok_or(NO_SUCH_LEAD)?;
    let events = events.iter().map(|event| EventRow::of(event, me)).collect();
    Reply::shown(&Whole { lead: LeadRow::of(&lead, Some(&person), me), events })
}

section! {
    ours
    CLAIM: Post "/leads/claim", "接单：冻结甩单费";
    fields: [LEAD];
    refusals: [MISSING, WRONG, NO_SUCH_LEAD, OWN_LEAD, NOT_OPEN, LEADS_LIMITED, INSUFFICIENT];
    example: r#"{"id":1,"state":"claimed","request_amount":"1000.00","customerType":1,"loan_type":1,"loan_term":3,"fee":"20.00","mine":false,"claimed_by_me":true,"submitted_at":"2026-11-25 10:00:00","claimed_at":"2026-11-25 10:05:00","closed_at":null,"handed_over_at":null,"applied_at":null,"customer_info":null}"#;
}

pub(crate) async fn claim(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let (me, id) = (call.officer()?, call.lead()?);
    // Claims of one lead meet, and officers are locked in the order of their numbers.
    let route = Route { home: id.number(), order: me.number() };
    let claimed = channel.app.write(route, move |tx| leads::claim(tx, me, id)).await;
    let lead = claimed.map_err(|error| match error {
        ClaimError::NoSuchOfficer => LOGIN_FIRST.into(),
        ClaimError::NoSuchLead => NO_SUCH_LEAD.into(),
        ClaimError::Own => OWN_LEAD.into(),
        ClaimError::NotOpen => NOT_OPEN.into(),
        ClaimError::Limited => LEADS_LIMITED.into(),
        ClaimError::Insufficient { fee } => Failure::with(INSUFFICIENT, &fee.to_string()),
        ClaimError::Fault(fault) => Failure::from(fault),
    })?;
    Reply::shown(&LeadRow::of(&lead, None, me))
}

section! {
    ours
    WORK: Post "/leads/work", "跟进记录";
    fields: [LEAD, text("note", "跟进内容，1至200字")];
    refusals: [MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE];
    example: "null";
}

pub(crate) async fn work(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let note = call.form.needed("note", Line::parse)?;
    change(channel, call, move |tx, me, id| leads::work(tx, me, id, &note)).await
}

section! {
    ours
    RELEASE: Post "/leads/release", "退单：退回甩单费，其他人可再接";
    fields: [LEAD];
    refusals: [MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE, HANDED_OVER];
    example: "null";
}

pub(crate) async fn release(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    change(channel, call, leads::release).await
}

section! {
    ours
    CLOSE: Post "/leads/close", "结单：成单则支付甩单费，失单则退回";
    fields: [LEAD, text("result", "won: 成单; lost: 失单")];
    refusals: [MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE, HANDED_OVER];
    example: "null";
}

pub(crate) async fn close(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let ending = call.form.needed("result", |word| match word {
        "won" => Some(Ending::Won),
        "lost" => Some(Ending::Lost),
        _ => None,
    })?;
    change(channel, call, move |tx, me, id| leads::close(tx, me, id, ending)).await
}

section! {
    ours
    WITHDRAW: Post "/leads/withdraw", "撤回自己的甩单";
    fields: [LEAD];
    refusals: [MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE];
    example: "null";
}

pub(crate) async fn withdraw(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    change(channel, call, leads::withdraw).await
}

/// What an officer does to a lead.
async fn change(
    channel: Shuaidan,
    call: Call,
    mut work: impl FnMut(&mut Tx<'_, '_>, MemberId, LeadId) -> Result<Lead, HeldError> + Send + 'static,
) -> Result<Reply, Failure> {
    let (me, id) = (call.officer()?, call.lead()?);
    // It may move the money of two officers.
    let route = Route::project(id.number());
    let lead = channel.app.write(route, move |tx| work(tx, me, id)).await?;
    Reply::shown(&LeadRow::of(&lead, None, me))
}

section! {
    ours
    /// The code goes to the person, who tells it to the officer if they agree.
    CONSENT: Post "/leads/consent", "转介授权：向客户发送验证码";
    fields: [LEAD, text("channel", "转介的放款渠道，如 xianjindai")];
    refusals: [
        MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE, HANDED_OVER, NO_LENDER, NO_TELEPHONE,
        SEND_FAILED
    ];
    example: "null";
}

pub(crate) async fn consent(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let (officer, lead) = (call.officer()?, call.lead()?);
    let to = call.form.needed("channel", Channel::parse)?;
    let command = AskConsent { officer, lead, to, code: new_code()?, address: call.address };
    let route = Route::project(lead.number());
    let asked = channel.app.write(route, move |tx| leads::ask_consent(tx, &command)).await;
    asked.map_err(|error| match error {
        ConsentError::Held(error) => error.into(),
        ConsentError::NoLender => NO_LENDER.into(),
        ConsentError::NoTelephone => NO_TELEPHONE.into(),
        ConsentError::Limited => SEND_FAILED.into(),
        ConsentError::Fault(fault) => Failure::from(fault),
    })?;
    channel.app.wake();
    Ok(Reply::done())
}

section! {
    ours
    /// The person gets an account at the channel, and applies there for themselves.
    HAND_OVER: Post "/leads/handover", "转介：客户同意后交给放款渠道";
    fields: [
        LEAD,
        text("channel", "转介的放款渠道，如 xianjindai"),
        text("securityCode", "客户收到的验证码"),
    ];
    refusals: [
        MISSING, WRONG, NO_SUCH_LEAD, NOT_YOURS, WRONG_STATE, HANDED_OVER, NO_LENDER, NO_TELEPHONE,
        SOMEBODY_ELSE, CAPTCHA
    ];
    example: "null";
}

pub(crate) async fn hand_over(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let (officer, lead) = (call.officer()?, call.lead()?);
    let to = call.form.needed("channel", Channel::parse)?;
    let code = Secret::new(call.form.required("securityCode")?.to_owned());
    let password = channel.app.passwords().hash(nobody_knows()?).await?;
    let command = HandOver { officer, lead, to, code, password };
    let route = Route::project(lead.number());
    let handed = channel.app.write(route, move |tx| leads::hand_over(tx, &command)).await;
    match handed {
        Ok(HandedOver::Done(lead)) => Reply::shown(&LeadRow::of(&lead, None, officer)),
        Ok(HandedOver::WrongCode | HandedOver::ExpiredCode) => Err(CAPTCHA.into()),
        Err(HandOverError::Held(error)) => Err(error.into()),
        Err(HandOverError::NoLender) => Err(NO_LENDER.into()),
        Err(HandOverError::NoTelephone) => Err(NO_TELEPHONE.into()),
        Err(HandOverError::SomebodyElse) => Err(SOMEBODY_ELSE.into()),
        Err(HandOverError::Fault(fault)) => Err(fault.into()),
    }
}

/// A password of 128 random bits.
fn nobody_knows() -> Result<Secret, Failure> {
    Ok(Secret::new(format!("{:032x}", u128::from_be_bytes(chance::bytes()?))))
}

section! {
    ours
    WALLET: Get "/leads/wallet", "我的余额、冻结的甩单费与明细";
    fields: [OFFSET, LIMIT];
    refusals: [WRONG];
    example: r#"{"balance":"80.00","held":"20.00","movements":[{"kind":"lead_hold","amount":"-20.00","balance":"80.00","at":"2026-11-25 10:05:00"}]}"#;
}

pub(crate) async fn wallet(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let (me, page): (_, Page) = (call.officer()?, call.part()?);
    let read = move |tx: &mut Tx<'_, '_>| {
        let (balance, held) = leads::purse(tx, me)?;
        Ok::<_, Fault>((balance, held, ledger::statement(tx, Account::Wallet(me), page)?))
    };
    let (balance, held, lines) = channel.app.read(read).await?;
    Reply::shown(&Purse {
        balance: balance.to_string(),
        held: held.to_string(),
        movements: lines.iter().map(Movement::of).collect(),
    })
}
