//! What officers have: what they pay in and take out by bank transfers that people have seen.

use kernel::Money;
use kernel::id::MemberId;
use store::Fault;

use super::hold_officer;
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::identity::{Caller, Denied};
use crate::ledger::{self, Account};
use crate::wallet::{self, Move, MoveError};

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The officer has paid it to the platform.
    In,
    /// The platform pays it to the officer.
    Out,
}

/// A bank transfer of an officer's.
#[derive(Clone, Debug)]
pub struct BankTransfer {
    /// Who has seen to it.
    pub actor: Actor,
    /// Whose wallet.
    pub officer: MemberId,
    /// Which way.
    pub direction: Direction,
    /// How much; above zero.
    pub amount: Money,
    /// What the bank calls it.
    pub reference: String,
}

/// Why a transfer was not booked. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The amount is zero.
    #[error("no amount")]
    Nothing,
    /// There is no such officer, or the account is closed.
    #[error("no such officer")]
    NoSuchOfficer,
    /// The wallet does not hold the amount.
    #[error("insufficient balance")]
    Insufficient,
    /// The wallet would hold more than the platform can count.
    #[error("balance too large")]
    TooLarge,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Books a bank transfer into or out of an officer's wallet; what they have afterwards.
pub fn transfer(tx: &mut Tx<'_, '_>, command: &BankTransfer) -> Result<Money, TransferError> {
    let (member, amount) = (command.officer, command.amount);
    if amount == Money::ZERO {
        return Err(TransferError::Nothing);
    }
    if !hold_officer(tx, member)? {
        return Err(TransferError::NoSuchOfficer);
    }
    let change = Move { caller: Caller::Anyone, member, amount };
    let (moved, action) = match command.direction {
        Direction::In => (wallet::recharge(tx, &change), "officer.paid_in"),
        Direction::Out => (wallet::withdraw(tx, &change), "officer.paid_out"),
    };
    let officer = moved.map_err(|error| match error {
        MoveError::Denied(Denied::Fault(fault)) | MoveError::Fault(fault) => fault.into(),
        MoveError::Denied(Denied::NoSuchMember | Denied::NotYours | Denied::Revoked) => {
            TransferError::NoSuchOfficer
        }
        MoveError::Insufficient => TransferError::Insufficient,
        MoveError::TooLarge => TransferError::TooLarge,
    })?;
    let detail = format!("{amount}: {}", command.reference);
    audit::note(tx, command.actor, action, Subject::Member(member), &detail)?;
    Ok(officer.wallet)
}

/// What an officer has: what they can use, and what is held for leads that they work.
pub fn purse(tx: &mut Tx<'_, '_>, officer: MemberId) -> Result<(Money, Money), Fault> {
    let wallet = ledger::balance(tx, Account::Wallet(officer))?.unwrap_or(Money::ZERO);
    let held = ledger::balance(tx, Account::Frozen(officer))?.unwrap_or(Money::ZERO);
    Ok((wallet, held))
}
