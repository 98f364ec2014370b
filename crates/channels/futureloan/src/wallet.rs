//! Money: recharge, withdrawal, investment (§2.1.3, §2.1.4, §2.1.6).

use channel_kit::route::{Method, Operation};
use channel_kit::{Decimal, Scalar};
use kernel::Money;
use kernel::id::{MemberId, ProjectId};
use lending::identity::Member;
use lending::market::{self, BidError, PlaceBid};
use lending::wallet::{self, Move, MoveError};
use lending::{Route, Tx, kept};

use crate::Futureloan;
use crate::call::{self, Call};
use crate::envelope::{Reply, Yuan};
use crate::failure::{
    AMOUNT_EMPTY, AMOUNT_NOT_NUMERIC, AMOUNT_TOO_FINE, BALANCE_TOO_LARGE, BID_AMOUNT, Failure,
    INSUFFICIENT, KEY_REUSED, LOAN_ID_EMPTY, LOAN_ID_ILLEGAL, MEMBER_ID_EMPTY, MEMBER_ID_ILLEGAL,
    MORE_THAN_REST, NO_SUCH_LOAN, NO_SUCH_MEMBER, NOT_BIDDING, NOT_YOURS, NUMBER_MALFORMED,
    NUMBER_WRONG, RECHARGE_RANGE, UPDATE_MALFORMED, USER_ID_EMPTY, WITHDRAW_RANGE,
};
use crate::member::{MEMBER_EXAMPLE, body, denied, member_id};
use crate::wire::{InvestBody, InvestData, MemberData, MoveBody, read};

/// Most that is moved at once, in yuan. Source: document 004 §2.1.3, §2.1.4.
const MOST_YUAN: i64 = 500_000;

pub(crate) static RECHARGE: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/member/recharge",
    summary: "充值 (§2.1.3)",
    protected: true,
    fields: &[
        body("member_id", "integer", true, "会员 id"),
        body("amount", "number", true, "大于0且不超过50万，最多两位小数"),
    ],
    refusals: &[
        USER_ID_EMPTY,
        AMOUNT_EMPTY,
        AMOUNT_NOT_NUMERIC,
        NUMBER_MALFORMED,
        RECHARGE_RANGE,
        AMOUNT_TOO_FINE,
        NOT_YOURS,
        BALANCE_TOO_LARGE,
        KEY_REUSED,
    ],
    example: MEMBER_EXAMPLE,
};

pub(crate) async fn recharge(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (member, amount) = parse_recharge(&read(&call.body)?)?;
    let command = Move { caller: call.caller, member, amount };
    let said = format!("recharge {} {amount}", member.number());
    // Whether there is such a member is not told to others.
    let refuse = |error| refuse_move(error, NOT_YOURS.into());
    let route = Route::home(member.number());
    once(&channel, &call, &said, route, move |tx| {
        let moved = wallet::recharge(tx, &command).map_err(refuse)?;
        Reply::of(&MemberData::from(&moved))
    })
    .await
}

fn parse_recharge(wire: &MoveBody<'_>) -> Result<(MemberId, Money), Failure> {
    if wire.member_id().is_empty() {
        return Err(USER_ID_EMPTY.into());
    }
    let amount = wire.amount();
    if amount == Scalar::Text("".into()) {
        return Err(AMOUNT_EMPTY.into());
    }
    if !amount.text().is_some_and(starts_like_a_number) {
        return Err(AMOUNT_NOT_NUMERIC.into());
    }
    let amount = amount.decimal().ok_or(NUMBER_MALFORMED)?;
    let member = member_id(&wire.member_id()).ok_or(NUMBER_MALFORMED)?;
    if amount.is_not_positive() || amount.is_above(MOST_YUAN) {
        return Err(RECHARGE_RANGE.into());
    }
    Ok((member, amount.to_yuan().ok_or(AMOUNT_TOO_FINE)?))
}

fn starts_like_a_number(text: &str) -> bool {
    let text = text.trim_start();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

pub(crate) static WITHDRAW: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/member/withdraw",
    summary: "提现 (§2.1.4)",
    protected: true,
    fields: &[
        body("member_id", "integer", true, "会员 id"),
        body("amount", "number", true, "大于0且不超过50万，最多两位小数"),
    ],
    refusals: &[
        MEMBER_ID_EMPTY,
        AMOUNT_EMPTY,
        NUMBER_WRONG,
        WITHDRAW_RANGE,
        AMOUNT_TOO_FINE,
        NO_SUCH_MEMBER,
        NOT_YOURS,
        INSUFFICIENT,
        KEY_REUSED,
    ],
    example: MEMBER_EXAMPLE,
};

pub(crate) async fn withdraw(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (member, amount) = parse_withdraw(&read(&call.body)?)?;
    let command = Move { caller: call.caller, member, amount };
    let said = format!("withdraw {} {amount}", member.number());
    let refuse = |error| refuse_move(error, NO_SUCH_MEMBER.into());
    let route = Route::home(member.number());
    once(&channel, &call, &said, route, move |tx| {
        let moved: Member = wallet::withdraw(tx, &command).map_err(refuse)?;
        Reply::of(&MemberData::from(&moved))
    })
    .await
}

fn parse_withdraw(wire: &MoveBody<'_>) -> Result<(MemberId, Money), Failure> {
    if wire.member_id().is_empty() {
        return Err(MEMBER_ID_EMPTY.into());
    }
    if wire.amount().is_empty() {
        return Err(AMOUNT_EMPTY.into());
    }
    let member = member_id(&wire.member_id()).ok_or(NUMBER_WRONG)?;
    let amount = wire.amount().decimal().ok_or(NUMBER_WRONG)?;
    if amount.is_not_positive() || amount.is_above(MOST_YUAN) {
        return Err(WITHDRAW_RANGE.into());
    }
    Ok((member, amount.to_yuan().ok_or(AMOUNT_TOO_FINE)?))
}

fn refuse_move(error: MoveError, no_such_member: Failure) -> Failure {
    match error {
        MoveError::Denied(error) => denied(error, no_such_member),
        MoveError::Insufficient => INSUFFICIENT.into(),
        MoveError::TooLarge => BALANCE_TOO_LARGE.into(),
        MoveError::Fault(fault) => fault.into(),
    }
}

pub(crate) static INVEST: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/member/invest",
    summary: "投资 (§2.1.6)",
    protected: true,
    fields: &[
        body("member_id", "integer", true, "会员 id"),
        body("loan_id", "integer", true, "项目 id"),
        body("amount", "number", true, "100的正整数倍，不超过可投金额"),
    ],
    refusals: &[
        MEMBER_ID_EMPTY,
        LOAN_ID_EMPTY,
        AMOUNT_EMPTY,
        UPDATE_MALFORMED,
        MEMBER_ID_ILLEGAL,
        LOAN_ID_ILLEGAL,
        BID_AMOUNT,
        NO_SUCH_MEMBER,
        NOT_YOURS,
        NO_SUCH_LOAN,
        NOT_BIDDING,
        MORE_THAN_REST,
        INSUFFICIENT,
        BALANCE_TOO_LARGE,
        KEY_REUSED,
    ],
    example: r#"{"id":1,"member_id":1,"loan_id":1,"amount":400.0,"create_time":"2026-01-01 08:00:00","is_valid":1}"#,
};

pub(crate) async fn invest(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (member, project, amount) = parse_invest(&read(&call.body)?)?;
    let command = PlaceBid { caller: call.caller, member, project, amount };
    let said = format!("invest {} {} {amount:?}", member.number(), project.number());
    let route = Route { home: project.number(), order: member.number() };
    once(&channel, &call, &said, route, move |tx| {
        let (bid, _) = market::bid(tx, &command).map_err(refuse_bid)?;
        Reply::of(&InvestData::from(&bid))
    })
    .await
}

fn parse_invest(wire: &InvestBody<'_>) -> Result<(MemberId, ProjectId, Option<Money>), Failure> {
    if wire.member_id().is_empty() {
        return Err(MEMBER_ID_EMPTY.into());
    }
    if wire.loan_id().is_empty() {
        return Err(LOAN_ID_EMPTY.into());
    }
    if wire.amount().is_empty() {
        return Err(AMOUNT_EMPTY.into());
    }
    let number = |scalar: Scalar<'_>| scalar.decimal().as_ref().and_then(Decimal::to_i64);
    let member = number(wire.member_id()).ok_or(UPDATE_MALFORMED)?;
    let loan = number(wire.loan_id()).ok_or(UPDATE_MALFORMED)?;
    let amount = wire.amount().decimal().ok_or(UPDATE_MALFORMED)?;
    if member <= 0 {
        return Err(MEMBER_ID_ILLEGAL.into());
    }
    if loan <= 0 {
        return Err(LOAN_ID_ILLEGAL.into());
    }
    Ok((MemberId::from_number(member), ProjectId::from_number(loan), amount.to_yuan()))
}

fn refuse_bid(error: BidError) -> Failure {
    match error {
        BidError::AmountNotAllowed => BID_AMOUNT.into(),
        BidError::Denied(error) => denied(error, NO_SUCH_MEMBER.into()),
        BidError::NoSuchProject => NO_SUCH_LOAN.into(),
        BidError::NotBidding => NOT_BIDDING.into(),
        BidError::MoreThanRest { rest } => Failure::with(MORE_THAN_REST, &Yuan(rest).text()),
        BidError::Insufficient => INSUFFICIENT.into(),
        BidError::TooLarge => BALANCE_TOO_LARGE.into(),
        BidError::Fault(fault) => fault.into(),
    }
}

/// Runs a use case that moves money: once per idempotency key where the client gave one, with the
/// first answer, success or refusal, for every repeat.
pub(crate) async fn once(
    channel: &Futureloan,
    call: &Call,
    said: &str,
    route: Route,
    mut work: impl FnMut(&mut Tx<'_, '_>) -> Result<Reply, Failure> + Send + 'static,
) -> Result<Reply, Failure> {
    let Some(key) = call.key(said) else { return channel.app.write(route, work).await };
    let door = channel.clone();
    let answer = channel.app.write(route, move |tx| {
        kept::once(tx, &key, &mut work, |result| match result {
            Err(failure) if failure.fault.is_some() => Err(failure),
            result => Ok(door.body(&result)),
        })
    });
    call::kept(answer.await?)
}
