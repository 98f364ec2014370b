//! Members' own money: paying in and taking out.

use kernel::Money;
use kernel::id::MemberId;
use store::Fault;

use crate::Tx;
use crate::identity::{self, Caller, Denied, Member};
use crate::ledger::{self, Account, Kind, PostError, Transfer};

/// Moves money between a member's wallet and the bank.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Who asks.
    pub caller: Caller,
    /// Whose wallet.
    pub member: MemberId,
    /// How much; limits of a channel have been checked by it.
    pub amount: Money,
}

/// Why money was not moved. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// No such member, or not the caller.
    #[error(transparent)]
    Denied(#[from] Denied),
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

/// Pays in (充值): the bank's money becomes the member's. The member afterwards.
pub fn recharge(tx: &mut Tx<'_, '_>, command: &Move) -> Result<Member, MoveError> {
    let change = (command.amount.debit(), command.amount.credit());
    shift(tx, command, Kind::Recharge, change)
}

/// Takes out (提现): the member's money leaves through the bank. The member afterwards.
pub fn withdraw(tx: &mut Tx<'_, '_>, command: &Move) -> Result<Member, MoveError> {
    let change = (command.amount.credit(), command.amount.debit());
    shift(tx, command, Kind::Withdrawal, change)
}

fn shift(
    tx: &mut Tx<'_, '_>,
    command: &Move,
    kind: Kind,
    (bank, own): (kernel::Change, kernel::Change),
) -> Result<Member, MoveError> {
    let member = identity::acting_for(tx, command.caller, command.member)?;
    let wallet = Account::Wallet(member.id);
    let lines = [(Account::BankClearing, bank), (wallet, own)];
    let transfer = Transfer { kind, subject: member.id.number(), reverses: None, lines: &lines };
    let posted = match ledger::post(tx, &transfer) {
        Ok(posted) => posted,
        Err(PostError::Insufficient(_)) => return Err(MoveError::Insufficient),
        Err(PostError::TooLarge(_)) => return Err(MoveError::TooLarge),
        Err(PostError::AlreadyReversed) => {
            return Err(Fault::Corrupt("already reversed".into()).into());
        }
        Err(PostError::Fault(fault)) => return Err(fault.into()),
    };
    let balance = posted.balance(wallet).ok_or(Fault::Corrupt("balance_fen".into()))?;
    Ok(Member { wallet: balance, ..member })
}
