//! The queries behind what can be looked up in the books.

use kernel::id::{BidId, LeadId, LoanId, MemberId, PostingId, ProjectId, TransferId};
use kernel::{Change, Channel};
use store::{Fault, Param, Row, params};

use super::super::totals::{self, Days};
use super::super::{Account, Kind};
use super::{
    About, AccountLine, Listed, MOST_LINES, Movement, Owners, Posting, Sought, Standing, Wanted,
};
use crate::{Page, Tx};

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn account(row: &Row<'_>) -> Result<Account, Fault> {
    Account::from_number(row.i64("account_id")?).ok_or_else(|| corrupt("account_id"))
}

fn change(row: &Row<'_>) -> Result<Change, Fault> {
    Change::from_fen(row.i64("amount_fen")?).ok_or_else(|| corrupt("amount_fen"))
}

pub(super) fn accounts(
    tx: &mut Tx<'_, '_>,
    wanted: &Wanted,
    page: Page,
) -> Result<Vec<Standing>, Fault> {
    let (last, kinds) = match wanted.owners {
        Owners::Platform => return Ok(Vec::new()),
        Owners::Members => ("SELECT MAX(member_id) AS last_id FROM member", Some((1_i64, 2_i64))),
        Owners::Projects => ("SELECT MAX(project_id) AS last_id FROM project", Some((3, 3))),
        Owners::Loans => ("SELECT MAX(loan_id) AS last_id FROM loan", Some((11, 14))),
    };
    let kinds = kinds.filter(|(first, last)| {
        wanted.class.is_none_or(|class| (*first..=*last).contains(&class.number))
    });
    let Some(kinds) = kinds else { return Ok(Vec::new()) };
    let (first_kind, last_kind) = wanted.class.map_or(kinds, |class| (class.number, class.number));
    let owners = match wanted.owner {
        Some(owner) => (owner, owner),
        None => (1, tx.row(last, params![], |row| row.opt_i64("last_id"))?.flatten().unwrap_or(0)),
    };
    let first = owners.0.saturating_mul(100);
    let last = owners.1.saturating_mul(100).saturating_add(99);
    let select = "SELECT a.account_id, a.balance_fen, w.channel AS member_channel
        FROM (SELECT account_id, owner_id, balance_fen FROM account
            WHERE account_id >= ?1 AND account_id <= ?2
                AND account_id % 100 >= ?3 AND account_id % 100 <= ?4
            ORDER BY account_id LIMIT ?5 OFFSET ?6) a
        LEFT JOIN member w ON w.member_id = a.owner_id AND a.account_id % 100 <= 2
        ORDER BY a.account_id";
    let params = params![first, last, first_kind, last_kind, page.size(), page.offset()];
    tx.rows(select, params, read_standing)
}

fn read_standing(row: &Row<'_>) -> Result<Standing, Fault> {
    let (account, channel) = (account(row)?, channel(row)?);
    Ok(Standing { account, channel, balance_fen: row.i64("balance_fen")? })
}

/// The channel of the member that the row is about, if it is about one.
fn channel(row: &Row<'_>) -> Result<Option<Channel>, Fault> {
    let word = row.opt_text("member_channel")?;
    let parse = |word: String| Channel::parse(&word).ok_or_else(|| corrupt("channel"));
    word.map(parse).transpose()
}

pub(super) fn standing(tx: &mut Tx<'_, '_>, account: Account) -> Result<Option<Standing>, Fault> {
    let select = "SELECT a.account_id, a.balance_fen, w.channel AS member_channel
        FROM account a LEFT JOIN member w ON w.member_id = a.owner_id AND a.account_id % 100 <= 2
        WHERE a.account_id = ?1";
    tx.row(select, params![account.number()], read_standing)
}

/// What is read of a movement beside its own row: what its original is, and whom it is about.
macro_rules! about {
    () => {
        "o.kind AS original_kind, w.channel AS member_channel, b.project_id AS bid_project_id"
    };
}

/// Where that is found, for a movement that goes by `$row`.
macro_rules! with_about {
    ($row:literal) => {
        concat!(
            " LEFT JOIN transfer o ON o.transfer_id = ",
            $row,
            ".reverses_id LEFT JOIN member w ON w.member_id = ",
            $row,
            ".subject_id AND COALESCE(o.kind, ",
            $row,
            ".kind) IN ('recharge', 'withdrawal', 'refund', 'coupon') LEFT JOIN bid b ON b.bid_id = ",
            $row,
            ".subject_id AND COALESCE(o.kind, ",
            $row,
            ".kind) IN ('bid', 'bid_return') "
        )
    };
}

/// Reads `transfer_id`, `kind`, `subject_id`, `posted_at`, `reverses_id` and what [`about()`] reads.
fn read_movement(row: &Row<'_>) -> Result<Movement, Fault> {
    let parse = |word: &str| Kind::parse(word).ok_or_else(|| corrupt("kind"));
    let kind = parse(&row.text("kind")?)?;
    let original = row.opt_text("original_kind")?.map(|word| parse(&word)).transpose()?;
    Ok(Movement {
        id: TransferId::from_number(row.i64("transfer_id")?),
        kind,
        about: about(row, original.unwrap_or(kind))?,
        at: row.instant("posted_at")?,
        reverses: row.opt_i64("reverses_id")?.map(TransferId::from_number),
    })
}

fn about(row: &Row<'_>, kind: Kind) -> Result<Option<About>, Fault> {
    let subject = row.i64("subject_id")?;
    Ok(match kind {
        Kind::Recharge | Kind::Withdrawal | Kind::Refund | Kind::Coupon => {
            let member = MemberId::from_number(subject);
            channel(row)?.map(|channel| About::Member(member, channel))
        }
        Kind::Bid | Kind::BidReturn => {
            let project = row.opt_i64("bid_project_id")?.map(ProjectId::from_number);
            project.map(|project| About::Bid(BidId::from_number(subject), project))
        }
        Kind::Collection | Kind::Payout | Kind::Repayment | Kind::Distribution => {
            Some(About::Project(ProjectId::from_number(subject)))
        }
        Kind::LoanPayout
        | Kind::Accrual
        | Kind::LoanRepayment
        | Kind::WriteOff
        | Kind::Recovery => Some(About::Loan(LoanId::from_number(subject))),
        Kind::LeadHold | Kind::LeadReturn | Kind::LeadFee => {
            Some(About::Lead(LeadId::from_number(subject)))
        }
        Kind::Reversal => None,
    })
}

fn read_line(row: &Row<'_>) -> Result<AccountLine, Fault> {
    Ok(AccountLine {
        posting: PostingId::from_number(row.i64("posting_id")?),
        movement: read_movement(row)?,
        change: change(row)?,
        balance_fen: row.opt_i64("balance_fen")?,
    })
}

const CHAIN: &str = concat!(
    "WITH RECURSIVE chain (posting_id, transfer_id, amount_fen, balance_fen,
        previous_posting_id, place) AS (
    SELECT p.posting_id, p.transfer_id, p.amount_fen, p.balance_fen, p.previous_posting_id,
        CAST(1 AS BIGINT)
    FROM account a JOIN posting p ON p.posting_id = a.last_posting_id WHERE a.account_id = ?1
    UNION ALL
    SELECT p.posting_id, p.transfer_id, p.amount_fen, p.balance_fen, p.previous_posting_id,
        c.place + 1
    FROM chain c JOIN posting p ON p.posting_id = c.previous_posting_id
    WHERE c.place < CAST(?2 AS BIGINT)
)
SELECT c.posting_id, c.transfer_id, c.amount_fen, c.balance_fen, t.kind, t.subject_id, t.posted_at,
    t.reverses_id, ",
    about!(),
    " FROM chain c JOIN transfer t ON t.transfer_id = c.transfer_id",
    with_about!("t"),
    "WHERE t.posted_at >= ?3 AND t.posted_at < ?4 ORDER BY c.place LIMIT ?5 OFFSET ?6"
);

/// A stored account's lines: its chain from the newest backwards.
pub(super) fn chain(
    tx: &mut Tx<'_, '_>,
    account: Account,
    days: Option<Days>,
    page: Page,
) -> Result<Vec<AccountLine>, Fault> {
    let (start, end) = days.map_or((0, i64::MAX), |days| (days.start(), days.end()));
    // Without days, what stands behind the page need not be walked.
    let most = match days {
        Some(_) => MOST_LINES,
        None => page.offset().saturating_add(page.size()).min(MOST_LINES),
    };
    let params = params![account.number(), most, start, end, page.size(), page.offset()];
    tx.rows(CHAIN, params, read_line)
}

/// Rows of some days in two reaches of ids: first those that are in no total yet, which are the
/// newest, then those between which the days lie. Each reach is read from its end, and no further
/// than the page asks for.
struct Reaches {
    newest: (i64, i64),
    days: Option<(i64, i64)>,
    start: i64,
    end: i64,
}

impl Reaches {
    fn of(tx: &mut Tx<'_, '_>, days: Days) -> Result<Self, Fault> {
        let through = totals::through(tx)?;
        let newest = (through.saturating_add(1), i64::MAX);
        let (start, end) = (days.start(), days.end());
        Ok(Self { newest, days: totals::span(tx, days)?, start, end })
    }
}

macro_rules! sought {
    () => {
        "t.transfer_id >= ?1 AND t.transfer_id <= ?2 AND t.posted_at >= ?3 AND t.posted_at < ?4
            AND (CAST(?5 AS TEXT) = '' OR t.kind = CAST(?5 AS TEXT))
            AND (CAST(?6 AS BIGINT) < 0 OR t.subject_id = CAST(?6 AS BIGINT))"
    };
}

const COUNT_MOVEMENTS: &str = concat!("SELECT COUNT(*) AS n FROM transfer t WHERE ", sought!());

const MOVEMENTS: &str = concat!(
    "SELECT m.transfer_id, m.kind, m.subject_id, m.posted_at, m.reverses_id, ",
    about!(),
    ", (SELECT CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT)
            FROM posting p WHERE p.posting_id > m.transfer_id
            AND p.posting_id <= m.transfer_id + m.lines AND p.amount_fen > 0) AS moved_fen
    FROM (SELECT t.transfer_id, t.kind, t.subject_id, t.posted_at, t.reverses_id, t.lines
        FROM transfer t WHERE ",
    sought!(),
    " ORDER BY t.transfer_id DESC LIMIT ?7 OFFSET ?8) m",
    with_about!("m"),
    "ORDER BY m.transfer_id DESC"
);

pub(super) fn movements(
    tx: &mut Tx<'_, '_>,
    sought: &Sought,
    page: Page,
) -> Result<Vec<Listed>, Fault> {
    let reaches = Reaches::of(tx, sought.days)?;
    let kind = sought.kind.map_or("", Kind::word);
    let subject = sought.subject.unwrap_or(-1);
    let (start, end) = (reaches.start, reaches.end);
    let read = |row: &Row<'_>| {
        Ok(Listed { movement: read_movement(row)?, amount_fen: row.i64("moved_fen")? })
    };
    let (first, last) = reaches.newest;
    let newest = params![first, last, start, end, kind, subject];
    let count = tx.row(COUNT_MOVEMENTS, newest, |row| row.i64("n"))?.unwrap_or(0);
    let (size, offset) = (page.size(), page.offset());
    let newest = params![first, last, start, end, kind, subject, size, offset];
    let mut found = tx.rows(MOVEMENTS, newest, read)?;
    if let (Some((first, last)), Some((size, offset))) = (reaches.days, rest(&found, count, page)) {
        let earlier = params![first, last, start, end, kind, subject, size, offset];
        found.extend(tx.rows(MOVEMENTS, earlier, read)?);
    }
    Ok(found)
}

/// How many rows a page still lacks, and how many of the second reach stand before them.
fn rest<T>(found: &[T], count: i64, page: Page) -> Option<(i64, i64)> {
    let have = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let lacks = page.size().saturating_sub(have);
    (lacks > 0).then(|| (lacks, page.offset().saturating_sub(count).max(0)))
}

macro_rules! postings {
    () => {
        "posting p JOIN transfer t ON t.transfer_id = p.transfer_id
            WHERE p.posting_id >= ?1 AND p.posting_id <= ?2 AND p.account_id = ?3
                AND t.posted_at >= ?4 AND t.posted_at < ?5"
    };
}

const COUNT_LINES: &str = concat!("SELECT COUNT(*) AS n FROM ", postings!());

const LINES: &str = concat!(
    "SELECT m.posting_id, m.transfer_id, m.amount_fen, m.balance_fen, m.kind, m.subject_id,
        m.posted_at, m.reverses_id, ",
    about!(),
    " FROM (SELECT p.posting_id, p.transfer_id, p.amount_fen, p.balance_fen, t.kind, t.subject_id,
            t.posted_at, t.reverses_id FROM ",
    postings!(),
    " ORDER BY p.posting_id DESC LIMIT ?6 OFFSET ?7) m",
    with_about!("m"),
    "ORDER BY m.posting_id DESC"
);

/// The lines of an account of the platform on some days.
pub(super) fn platform_lines(
    tx: &mut Tx<'_, '_>,
    account: Account,
    days: Days,
    page: Page,
) -> Result<Vec<AccountLine>, Fault> {
    let reaches = Reaches::of(tx, days)?;
    let number = account.number();
    let (start, end) = (reaches.start, reaches.end);
    let (first, last) = reaches.newest;
    let newest: &[Param<'_>] = params![first, last, number, start, end];
    let count = tx.row(COUNT_LINES, newest, |row| row.i64("n"))?.unwrap_or(0);
    let newest = params![first, last, number, start, end, page.size(), page.offset()];
    let mut found = tx.rows(LINES, newest, read_line)?;
    if let (Some((first, last)), Some((size, offset))) = (reaches.days, rest(&found, count, page)) {
        let earlier = params![first, last, number, start, end, size, offset];
        found.extend(tx.rows(LINES, earlier, read_line)?);
    }
    Ok(found)
}

pub(super) fn movement(tx: &mut Tx<'_, '_>, id: TransferId) -> Result<Option<Movement>, Fault> {
    let select = concat!(
        "SELECT t.transfer_id, t.kind, t.subject_id, t.posted_at, t.reverses_id, ",
        about!(),
        " FROM transfer t",
        with_about!("t"),
        "WHERE t.transfer_id = ?1"
    );
    tx.row(select, params![id], read_movement)
}

pub(super) fn postings(
    tx: &mut Tx<'_, '_>,
    id: TransferId,
    most: u32,
) -> Result<Vec<Posting>, Fault> {
    let select = "SELECT p.posting_id, p.account_id, p.amount_fen, p.balance_fen,
            w.channel AS member_channel
        FROM transfer t JOIN posting p
            ON p.posting_id > t.transfer_id AND p.posting_id <= t.transfer_id + t.lines
        LEFT JOIN member w ON w.member_id = p.account_id / 100 AND p.account_id % 100 <= 2
        WHERE t.transfer_id = ?1 ORDER BY p.posting_id LIMIT ?2";
    tx.rows(select, params![id, most], |row| {
        Ok(Posting {
            id: PostingId::from_number(row.i64("posting_id")?),
            account: account(row)?,
            channel: channel(row)?,
            change: change(row)?,
            balance_fen: row.opt_i64("balance_fen")?,
        })
    })
}

pub(super) fn reversed_by(
    tx: &mut Tx<'_, '_>,
    id: TransferId,
) -> Result<Option<TransferId>, Fault> {
    let select = "SELECT transfer_id FROM transfer WHERE reverses_id = ?1";
    tx.row(select, params![id], |row| row.i64("transfer_id").map(TransferId::from_number))
}
