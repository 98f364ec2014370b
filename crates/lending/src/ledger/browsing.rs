//! What can be looked up in the books: accounts, their lines, and movements with their postings.

mod sql;

use kernel::id::{BidId, LeadId, LoanId, MemberId, PostingId, ProjectId, TransferId};
use kernel::{Change, Channel, Instant};
use store::Fault;

use super::classes::Class;
use super::totals::{Days, Figures, figures};
use super::{Account, Kind, Side};
use crate::{Page, Tx};

/// Days that a look at movements, or at an account of the platform, may span: a month. Those of
/// other days are not read.
pub const MOST_DAYS: i32 = 31;
/// Lines of one account that are walked through, from the newest backwards.
pub const MOST_LINES: i64 = 10_000;

/// Whose accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// The platform's own.
    Platform,
    /// Members' wallets and what is frozen of them.
    Members,
    /// Projects' escrow.
    Projects,
    /// What is owed on loans.
    Loans,
}

impl Owners {
    /// Everybody who has accounts.
    pub const ALL: &[Self] = &[Self::Platform, Self::Members, Self::Projects, Self::Loans];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Members => "member",
            Self::Projects => "project",
            Self::Loans => "loan",
        }
    }

    /// Those with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|owners| owners.word() == word)
    }

    /// Whose an account is.
    pub const fn of(account: Account) -> Self {
        match account {
            Account::Wallet(_) | Account::Frozen(_) => Self::Members,
            Account::Escrow(_) => Self::Projects,
            Account::LoanPrincipal(_)
            | Account::LoanInterest(_)
            | Account::LoanFee(_)
            | Account::LoanPenalty(_) => Self::Loans,
            Account::BankClearing
            | Account::ProviderClearing
            | Account::FundingPartner
            | Account::InterestIncome
            | Account::FeeIncome
            | Account::PenaltyIncome
            | Account::RecoveryIncome
            | Account::CouponExpense
            | Account::WriteOffLoss => Self::Platform,
        }
    }
}

/// Which accounts are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Whose.
    pub owners: Owners,
    /// Only those of the owner with this number.
    pub owner: Option<i64>,
    /// Only those of this class.
    pub class: Option<Class>,
}

/// An account and what it holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: Account,
    /// Where its owner is a member, if one owns it.
    pub channel: Option<Channel>,
    /// Its balance in fen, credits positive.
    pub balance_fen: i64,
}

/// A page of accounts, by number. Reads no further than the last owner of their kind.
pub fn accounts(tx: &mut Tx<'_, '_>, wanted: &Wanted, page: Page) -> Result<Vec<Standing>, Fault> {
    if wanted.owners != Owners::Platform {
        return sql::accounts(tx, wanted, page);
    }
    let fits = |account: &Account| {
        wanted.class.is_none_or(|class| account.class() == Some(class))
            && wanted.owner.is_none_or(|owner| owner == 0)
    };
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(page.size()).unwrap_or(0);
    let balances = platform_balances(tx)?;
    let standing = |account: Account| Standing {
        account,
        channel: None,
        balance_fen: balance_in(&balances, account),
    };
    Ok(Account::platform().filter(fits).skip(skip).take(size).map(standing).collect())
}

/// What stands in the classes now: those of the platform have one account each, so that their
/// totals are its balance. Adding up the postings of each would walk through all of them.
fn platform_balances(tx: &mut Tx<'_, '_>) -> Result<Vec<Figures>, Fault> {
    let today = tx.at.business.date();
    // A day-end may be a little ahead of the clock.
    let to = today.plus_days(2).unwrap_or(today);
    figures(tx, Days { from: today, to })
}

fn balance_in(balances: &[Figures], account: Account) -> i64 {
    let own = balances.iter().find(|figures| account.class() == Some(figures.class));
    own.map_or(0, Figures::closing_fen)
}

/// One account, if it is open.
pub fn standing(tx: &mut Tx<'_, '_>, account: Account) -> Result<Option<Standing>, Fault> {
    match account.side() {
        Side::Platform => {
            let balance_fen = balance_in(&platform_balances(tx)?, account);
            Ok(Some(Standing { account, channel: None, balance_fen }))
        }
        Side::Stored | Side::Receivable => sql::standing(tx, account),
    }
}

/// A line of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLine {
    /// The posting.
    pub posting: PostingId,
    /// The movement that it belongs to.
    pub movement: Movement,
    /// How much, credits positive.
    pub change: Change,
    /// The balance after it, in fen; accounts of the platform keep none.
    pub balance_fen: Option<i64>,
}

/// A page of an account's lines on some days, the newest first. A stored account's chain is walked
/// backwards through [`MOST_LINES`] at most; of an account of the platform, the postings of the
/// days are read.
pub fn account_lines(
    tx: &mut Tx<'_, '_>,
    account: Account,
    days: Option<Days>,
    page: Page,
) -> Result<Vec<AccountLine>, Fault> {
    match (account.side(), days) {
        (Side::Stored | Side::Receivable, _) => sql::chain(tx, account, days, page),
        (Side::Platform, Some(days)) => sql::platform_lines(tx, account, days, page),
        (Side::Platform, None) => Ok(Vec::new()),
    }
}

/// What a movement is about; a contra entry by people is about what its original is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A member of a channel.
    Member(MemberId, Channel),
    /// A bid on a project.
    Bid(BidId, ProjectId),
    /// A project.
    Project(ProjectId),
    /// A loan.
    Loan(LoanId),
    /// A lead.
    Lead(LeadId),
}

/// A movement without its postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its id.
    pub id: TransferId,
    /// Why money moved.
    pub kind: Kind,
    /// What it is about; unknown for the contra entry of a contra entry.
    pub about: Option<About>,
    /// When, by the business clock.
    pub at: Instant,
    /// The movement that it takes back.
    pub reverses: Option<TransferId>,
}

/// Which movements are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    /// Of these business days.
    pub days: Days,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// About what has this number.
    pub subject: Option<i64>,
}

/// A movement of a list, with how much moved: the sum of its credits, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The movement.
    pub movement: Movement,
    /// How much, in fen.
    pub amount_fen: i64,
}

/// A page of movements, the last booked first. Reads the ids between which those of the days lie.
pub fn movements(tx: &mut Tx<'_, '_>, sought: &Sought, page: Page) -> Result<Vec<Listed>, Fault> {
    sql::movements(tx, sought, page)
}

/// One line of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// The account.
    pub account: Account,
    /// Where its owner is a member, if one owns it.
    pub channel: Option<Channel>,
    /// How much, credits positive.
    pub change: Change,
    /// The account's balance after it, in fen; accounts of the platform keep none.
    pub balance_fen: Option<i64>,
}

/// A movement with everything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The movement.
    pub movement: Movement,
    /// Its lines, by account.
    pub postings: Vec<Posting>,
    /// The contra entry that takes it back.
    pub reversed_by: Option<TransferId>,
}

/// Lines of one movement that are shown: more than any has but a project of very many investors.
const MOST_POSTINGS: u32 = 1_000;

/// One movement.
pub fn movement(tx: &mut Tx<'_, '_>, id: TransferId) -> Result<Option<Whole>, Fault> {
    let Some(movement) = sql::movement(tx, id)? else { return Ok(None) };
    let postings = sql::postings(tx, id, MOST_POSTINGS)?;
    let reversed_by = sql::reversed_by(tx, id)?;
    Ok(Some(Whole { movement, postings, reversed_by }))
}
