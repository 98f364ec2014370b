//! The ledger: accounts and balanced, append-only movements of money.
//!
//! Correction is by contra entries; nothing is ever changed or deleted.

mod accounts;
mod balances;
mod books;
pub mod browsing;
mod classes;
mod digest;
pub mod periods;
mod statement;
mod totals;
mod verify;

#[cfg(test)]
mod tests;

use kernel::id::{PostingId, TransferId};
use kernel::{Change, Money};
use store::{Append, ColumnType, Fault, params};

pub use accounts::{Account, Side};
pub use balances::{TrialLine, take_platform_balances, trial_balance};
pub use books::{BalanceSheet, Entry, IncomeStatement, balance_sheet, income_statement};
pub use classes::{Class, Section};
pub use digest::digest;
pub use statement::{Line as StatementLine, statement};
pub use totals::{Days, Figures, add_totals, figures, first_day};
pub use verify::{Difference, Verified, verify};

use crate::Tx;

/// Why money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A member pays in (充值).
    Recharge,
    /// A member takes out (提现).
    Withdrawal,
    /// A bid is held: wallet to frozen (投资冻结).
    Bid,
    /// A held bid is given back; a contra entry of the bid.
    BidReturn,
    /// A full project collects its bids: frozen to escrow.
    Collection,
    /// The funds go to the borrower: escrow to wallet (放款).
    Payout,
    /// The borrower repays a term: wallet to escrow (还款).
    Repayment,
    /// What was repaid goes to the investors: escrow to wallets (回款).
    Distribution,
    /// A contra entry made by people.
    Reversal,
    /// A loan is paid out to its borrower (放款).
    LoanPayout,
    /// A day's interest, fees and penalties of a loan become due (计提).
    Accrual,
    /// A payment on a loan (还款).
    LoanRepayment,
    /// What is owed on a loan is given up (核销).
    WriteOff,
    /// A payment on a loan that was written off (核销收回).
    Recovery,
    /// A customer's credit goes back to their card (退款).
    Refund,
    /// A coupon for cash becomes a customer's credit (现金券).
    Coupon,
    /// The fee for a lead is held: wallet to frozen (甩单费冻结).
    LeadHold,
    /// A held fee is given back; a contra entry of the hold.
    LeadReturn,
    /// A held fee goes to the lead's owner: frozen to wallet (甩单费).
    LeadFee,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Recharge,
        Self::Withdrawal,
        Self::Bid,
        Self::BidReturn,
        Self::Collection,
        Self::Payout,
        Self::Repayment,
        Self::Distribution,
        Self::Reversal,
        Self::LoanPayout,
        Self::Accrual,
        Self::LoanRepayment,
        Self::WriteOff,
        Self::Recovery,
        Self::Refund,
        Self::Coupon,
        Self::LeadHold,
        Self::LeadReturn,
        Self::LeadFee,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdrawal => "withdrawal",
            Self::Bid => "bid",
            Self::BidReturn => "bid_return",
            Self::Collection => "collection",
            Self::Payout => "payout",
            Self::Repayment => "repayment",
            Self::Distribution => "distribution",
            Self::Reversal => "reversal",
            Self::LoanPayout => "loan_payout",
            Self::Accrual => "accrual",
            Self::LoanRepayment => "loan_repayment",
            Self::WriteOff => "write_off",
            Self::Recovery => "recovery",
            Self::Refund => "refund",
            Self::Coupon => "coupon",
            Self::LeadHold => "lead_hold",
            Self::LeadReturn => "lead_return",
            Self::LeadFee => "lead_fee",
        }
    }

    /// Reads the word in the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// A movement to be posted.
#[derive(Clone, Debug)]
pub struct Transfer<'l> {
    /// Why.
    pub kind: Kind,
    /// The number of what it is about: the member, bid, project or loan, by kind.
    pub subject: i64,
    /// The transfer that it takes back.
    pub reverses: Option<TransferId>,
    /// Its lines: distinct accounts, no zero, summing to zero.
    pub lines: &'l [(Account, Change)],
}

/// A movement that has been posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its id.
    pub id: TransferId,
    /// Balances after it, of the accounts that hold one of members and projects.
    pub balances: Vec<(Account, Money)>,
}

impl Posted {
    /// The balance of an account after the movement, if it took part and stores one.
    pub fn balance(&self, account: Account) -> Option<Money> {
        self.balances.iter().find(|(a, _)| *a == account).map(|(_, balance)| *balance)
    }
}

/// Why a movement was not posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// An account would go below zero.
    #[error("insufficient balance")]
    Insufficient(Account),
    /// An account would pass [`Money::MAX`].
    #[error("balance too large")]
    TooLarge(Account),
    /// The transfer to be reversed has been reversed before.
    #[error("already reversed")]
    AlreadyReversed,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

static TRANSFER: Append = Append {
    table: "transfer",
    columns: &[
        ("transfer_id", ColumnType::I64),
        ("kind", ColumnType::Text),
        ("subject_id", ColumnType::I64),
        ("lines", ColumnType::I64),
        ("reverses_id", ColumnType::I64),
        ("posted_at", ColumnType::I64),
    ],
};

static POSTING: Append = Append {
    table: "posting",
    columns: &[
        ("posting_id", ColumnType::I64),
        ("transfer_id", ColumnType::I64),
        ("account_id", ColumnType::I64),
        ("amount_fen", ColumnType::I64),
        ("balance_fen", ColumnType::I64),
        ("previous_posting_id", ColumnType::I64),
    ],
};

/// Guarded and relative: never below zero, never above 10^12 fen (`Money::MAX`).
const MOVE: &str = "UPDATE account
    SET balance_fen = balance_fen + ?2, previous_posting_id = last_posting_id,
        last_posting_id = ?3
    WHERE account_id = ?1 AND balance_fen + ?2 >= 0 AND balance_fen + ?2 <= 1000000000000
    RETURNING balance_fen, previous_posting_id";

/// The same for what somebody owes: never above zero.
const OWE: &str = "UPDATE account
    SET balance_fen = balance_fen + ?2, previous_posting_id = last_posting_id,
        last_posting_id = ?3
    WHERE account_id = ?1 AND balance_fen + ?2 <= 0 AND balance_fen + ?2 >= -1000000000000
    RETURNING balance_fen, previous_posting_id";

/// Posts a movement: moves the stored balances, in the order of their account numbers so that two
/// movements never wait for each other in a circle, and adds the transfer with its postings.
pub fn post(tx: &mut Tx<'_, '_>, transfer: &Transfer<'_>) -> Result<Posted, PostError> {
    check_balanced(transfer.lines)?;
    if tx.at.business < tx.open_from {
        // Only a clock that was set back gets here: a period is closed when it is over.
        let behind = "the clock of this node stands in a period that is closed";
        return Err(Fault::Constraint(behind.into()).into());
    }
    let count = i64::try_from(transfer.lines.len()).unwrap_or(i64::MAX);
    let id = tx.transfer_ids(count);
    let mut lines = transfer.lines.to_vec();
    lines.sort_by_key(|(account, _)| account.number());
    let mut balances = Vec::with_capacity(lines.len());
    for (index, (account, change)) in (1..).zip(lines) {
        let posting = PostingId::from_number(id.number().saturating_add(index));
        let moved = match account.side() {
            Side::Stored | Side::Receivable => Some(move_balance(tx, account, change, posting)?),
            Side::Platform => None,
        };
        let (balance, previous) = moved.unzip();
        if let (Some(balance), Side::Stored) = (balance, account.side()) {
            let balance = Money::from_fen(balance.fen());
            balances.push((account, balance.ok_or(Fault::Corrupt("balance_fen".into()))?));
        }
        let (balance, previous) = (balance.map(Change::fen), previous.flatten());
        tx.append(
            &POSTING,
            params![posting, id, account.number(), change.fen(), balance, previous],
        )?;
    }
    let (kind, at) = (transfer.kind.word(), tx.at.business);
    tx.append(&TRANSFER, params![id, kind, transfer.subject, count, transfer.reverses, at])?;
    Ok(Posted { id, balances })
}

fn move_balance(
    tx: &mut Tx<'_, '_>,
    account: Account,
    change: Change,
    posting: PostingId,
) -> Result<(Change, Option<i64>), PostError> {
    let number = account.number();
    let is_owed = account.side() == Side::Receivable;
    let update = if is_owed { OWE } else { MOVE };
    let moved = tx.row(update, params![number, change.fen(), posting], |row| {
        let balance = Change::from_fen(row.i64("balance_fen")?);
        let balance = balance.ok_or(Fault::Corrupt("balance_fen".into()))?;
        Ok((balance, row.opt_i64("previous_posting_id")?))
    })?;
    match moved {
        Some(moved) => Ok(moved),
        None if stored(tx, account)?.is_none() => {
            Err(Fault::Corrupt(format!("no account {}", number.number())).into())
        }
        // Of what is owed, no more can be paid than that; and no more be owed than can be counted.
        None if (change < Change::ZERO) != is_owed => Err(PostError::Insufficient(account)),
        None => Err(PostError::TooLarge(account)),
    }
}

fn check_balanced(lines: &[(Account, Change)]) -> Result<(), Fault> {
    let sum = lines.iter().map(|(_, change)| i128::from(change.fen())).sum::<i128>();
    let zero = lines.iter().any(|(_, change)| *change == Change::ZERO);
    let mut accounts: Vec<_> = lines.iter().map(|(account, _)| account.number()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if sum == 0 && !zero && lines.len() >= 2 && accounts.len() == lines.len() {
        Ok(())
    } else {
        Err(Fault::Corrupt("an unbalanced transfer".into()))
    }
}

/// Opens an account with a stored balance of zero.
pub(crate) fn open_account(tx: &mut Tx<'_, '_>, account: Account) -> Result<(), Fault> {
    static ACCOUNT: Append = Append {
        table: "account",
        columns: &[
            ("account_id", ColumnType::I64),
            ("kind", ColumnType::Text),
            ("owner_id", ColumnType::I64),
            ("balance_fen", ColumnType::I64),
        ],
    };
    tx.append(&ACCOUNT, params![account.number(), account.word(), account.owner(), 0_i64])
}

/// The stored balance of an account of a member or project, if it is open.
pub fn balance(tx: &mut Tx<'_, '_>, account: Account) -> Result<Option<Money>, Fault> {
    let balance = stored(tx, account)?;
    let money = balance.map(|balance| Money::from_fen(balance.fen()));
    money.map(|money| money.ok_or(Fault::Corrupt("balance_fen".into()))).transpose()
}

/// What is owed by an account of a loan, if it is open.
pub fn owed(tx: &mut Tx<'_, '_>, account: Account) -> Result<Option<Money>, Fault> {
    let balance = stored(tx, account)?;
    let money = balance.map(|balance| Money::from_fen(balance.reversed().fen()));
    money.map(|money| money.ok_or(Fault::Corrupt("balance_fen".into()))).transpose()
}

fn stored(tx: &mut Tx<'_, '_>, account: Account) -> Result<Option<Change>, Fault> {
    let select = "SELECT balance_fen FROM account WHERE account_id = ?1";
    tx.row(select, params![account.number()], |row| {
        Change::from_fen(row.i64("balance_fen")?).ok_or(Fault::Corrupt("balance_fen".into()))
    })
}

/// Takes a movement back by a contra entry: the same lines, the other way round. At most once.
pub fn reverse(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    subject: i64,
    original: TransferId,
) -> Result<Posted, PostError> {
    let select = "SELECT transfer_id FROM transfer WHERE reverses_id = ?1";
    if !tx.rows(select, params![original], |row| row.i64("transfer_id"))?.is_empty() {
        return Err(PostError::AlreadyReversed);
    }
    let select = "SELECT p.account_id, p.amount_fen FROM transfer t JOIN posting p
        ON p.posting_id > t.transfer_id AND p.posting_id <= t.transfer_id + t.lines
        WHERE t.transfer_id = ?1";
    let lines = tx.rows(select, params![original], |row| {
        let account = Account::from_number(row.i64("account_id")?);
        let change = Change::from_fen(row.i64("amount_fen")?);
        account.zip(change).ok_or(Fault::Corrupt("posting".into()))
    })?;
    let lines: Vec<_> =
        lines.into_iter().map(|(account, change)| (account, change.reversed())).collect();
    post(tx, &Transfer { kind, subject, reverses: Some(original), lines: &lines })
}
