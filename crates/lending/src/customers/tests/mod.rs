//! Customers: who they are, what they prove and tell, and what guards their doors.

mod checks;
mod doors;
mod flags;
mod passwords;
mod told;

use std::fmt::Write as _;

use kernel::id::{CheckId, MemberId};
use kernel::identity::{BankCardNo, CardBins, IdCardNo, luhn};
use kernel::{Channel, RealName};

use super::{
    BeginBankCard, BeginRealName, CardCheckError, Check, Customer, Finished, Line, RealNameError,
    begin_bank_card, begin_mobile, begin_real_name, customer, finish, register_customer,
};
use crate::identity::{Register, Role};
use crate::ports::CheckOutcome;
use crate::tests::kit::{Bench, START, mobile, registration};

/// The channel of most of them.
const HERE: Channel = Channel::Xianjindai;

/// An invented person of 1990-01-01, in a region that does not exist; even numbers are women.
fn id_no(n: u32) -> IdCardNo {
    let body = format!("99010119900101{n:03}");
    let numbers = "0123456789X".chars().map(|check| format!("{body}{check}"));
    let mut valid = numbers.filter_map(|text| IdCardNo::parse(&text));
    valid.find(|number| number.check().is_ok()).unwrap()
}

fn with_luhn(body: &str) -> BankCardNo {
    let mut numbers = (0..10).map(|check| format!("{body}{check}"));
    BankCardNo::parse(&numbers.find(|number| luhn(number)).unwrap()).unwrap()
}

/// An invented debit card of 工商银行 with 19 digits.
fn card_no(n: u32) -> BankCardNo {
    with_luhn(&format!("622202{n:012}"))
}

fn name() -> RealName {
    RealName::parse("示例人").unwrap()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// Registers customer `n` of a channel.
#[track_caller]
fn join_on(bench: &Bench, channel: Channel, n: u32) -> MemberId {
    let command = Register { channel, ..registration(n, Role::Member) };
    bench.write(move |tx| register_customer(tx, &command)).unwrap().id
}

#[track_caller]
fn join(bench: &Bench, n: u32) -> MemberId {
    join_on(bench, HERE, n)
}

fn begin_as(bench: &Bench, member: MemberId, id_no: IdCardNo) -> Result<Check, RealNameError> {
    let command = BeginRealName { member, name: name(), id_no };
    bench.write(move |tx| begin_real_name(tx, &command))
}

fn begin_card(bench: &Bench, member: MemberId, n: u32) -> Result<Check, CardCheckError> {
    let command = BeginBankCard { member, number: card_no(n), mobile: mobile(900 + n) };
    bench.write(move |tx| begin_bank_card(tx, &command, CardBins::shipped()))
}

#[track_caller]
fn answer(bench: &Bench, check: CheckId, outcome: CheckOutcome) -> Finished {
    bench.write(move |tx| finish(tx, check, &outcome)).unwrap()
}

fn mismatch() -> CheckOutcome {
    CheckOutcome::Mismatch("信息不一致".into())
}

/// Registers customer `n` and verifies them as person `n`.
#[track_caller]
fn verified(bench: &Bench, n: u32) -> MemberId {
    let member = join(bench, n);
    verify(bench, member, n);
    member
}

#[track_caller]
fn verify(bench: &Bench, member: MemberId, n: u32) {
    let check = begin_as(bench, member, id_no(n)).unwrap();
    assert_eq!(answer(bench, check.id, CheckOutcome::Match), Finished::Verified);
}

#[track_caller]
fn look(bench: &Bench, member: MemberId) -> Customer {
    bench.read(move |tx| customer(tx, member)).unwrap()
}

/// Sets the clock to so many seconds after the start.
fn at_second(bench: &Bench, seconds: i64) {
    bench.core.clock().set(START.plus_millis(seconds * 1000));
}

/// Asks about the account's mobile number and answers.
#[track_caller]
fn verify_mobile(bench: &Bench, member: MemberId) {
    let check = bench.write(move |tx| begin_mobile(tx, member)).unwrap();
    assert_eq!(answer(bench, check.id, CheckOutcome::Match), Finished::Verified);
}

/// Whether a text stands somewhere in the database, as it is or as PostgreSQL writes bytes.
fn stands_in_the_clear(raw: &[u8], text: &str) -> bool {
    let mut hex = String::new();
    for byte in text.bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    let holds = |text: &str| raw.windows(text.len()).any(|window| window == text.as_bytes());
    holds(text) || holds(&hex)
}
