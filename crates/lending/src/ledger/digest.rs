//! A digest of everything that was ever booked: two databases in which the same happened have the
//! same one, whatever ids their rows have and in which order they came.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use store::{Fault, params};

use super::Account;
use crate::Tx;

/// Movements that are read with one statement.
const AT_ONCE: u32 = 2000;

/// A line of a movement, with what its movement says.
struct Read {
    transfer: i64,
    kind: String,
    subject: i64,
    day: String,
    account: i64,
    amount: i64,
}

/// The digest of the ledger: SHA-256 over the sorted digests of all movements.
///
/// A movement counts with its kind, its subject, its business day and its lines; loans go by the
/// code of their application, members by the blind index of their mobile number, which is the same
/// wherever the key is.
pub fn digest(tx: &mut Tx<'_, '_>) -> Result<String, Fault> {
    let mut names = Names::default();
    let mut movements: Vec<[u8; 32]> = Vec::new();
    let mut after = 0;
    loop {
        let lines = lines(tx, after)?;
        let Some(last) = lines.last() else { break };
        after = last.transfer;
        for movement in lines.chunk_by(|line, next| line.transfer == next.transfer) {
            let text = names.text(tx, movement)?;
            movements.push(Sha256::digest(text.as_bytes()).into());
        }
    }
    movements.sort_unstable();
    let mut whole = Sha256::new();
    for movement in &movements {
        whole.update(movement);
    }
    Ok(hex(&whole.finalize()))
}

fn lines(tx: &mut Tx<'_, '_>, after: i64) -> Result<Vec<Read>, Fault> {
    let select = "SELECT t.transfer_id, t.kind, t.subject_id, t.posted_at, p.account_id,
            p.amount_fen
        FROM (SELECT transfer_id, kind, subject_id, lines, posted_at FROM transfer
            WHERE transfer_id > ?1 ORDER BY transfer_id LIMIT ?2) t
        JOIN posting p ON p.posting_id > t.transfer_id AND p.posting_id <= t.transfer_id + t.lines
        ORDER BY t.transfer_id, p.account_id";
    tx.rows(select, params![after, AT_ONCE], |row| {
        Ok(Read {
            transfer: row.i64("transfer_id")?,
            kind: row.text("kind")?,
            subject: row.i64("subject_id")?,
            day: row.instant("posted_at")?.date().to_string(),
            account: row.i64("account_id")?,
            amount: row.i64("amount_fen")?,
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

/// What loans and members are called, as far as it was asked.
#[derive(Default)]
struct Names {
    loans: BTreeMap<i64, String>,
    members: BTreeMap<i64, String>,
}

impl Names {
    /// A movement in words; its lines sorted by what they are called.
    fn text(&mut self, tx: &mut Tx<'_, '_>, movement: &[Read]) -> Result<String, Fault> {
        let Some(first) = movement.first() else { return Ok(String::new()) };
        let mut lines = Vec::with_capacity(movement.len());
        for line in movement {
            let account = Account::from_number(line.account);
            let account = account.ok_or(Fault::Corrupt("account_id".into()))?;
            let owner = match account {
                Account::Wallet(member) | Account::Frozen(member) => {
                    self.member(tx, member.number())?
                }
                Account::Escrow(project) => project.number().to_string(),
                Account::LoanPrincipal(loan)
                | Account::LoanInterest(loan)
                | Account::LoanFee(loan)
                | Account::LoanPenalty(loan) => self.loan(tx, loan.number())?,
                Account::BankClearing
                | Account::ProviderClearing
                | Account::FundingPartner
                | Account::InterestIncome
                | Account::FeeIncome
                | Account::PenaltyIncome
                | Account::RecoveryIncome
                | Account::CouponExpense
                | Account::WriteOffLoss => String::new(),
            };
            lines.push(format!("{} {owner} {}", account.word(), line.amount));
        }
        lines.sort_unstable();
        let subject = match first.kind.as_str() {
            "loan_payout" | "accrual" | "loan_repayment" | "write_off" | "recovery" => {
                self.loan(tx, first.subject)?
            }
            "recharge" | "withdrawal" | "refund" => self.member(tx, first.subject)?,
            // Of a loan or a member, whom its lines name; bids have time-ordered ids.
            "reversal" | "bid" | "bid_return" => String::new(),
            _ => first.subject.to_string(),
        };
        Ok(format!("{} {subject} {}\n{}", first.kind, first.day, lines.join("\n")))
    }

    fn loan(&mut self, tx: &mut Tx<'_, '_>, id: i64) -> Result<String, Fault> {
        if let Some(known) = self.loans.get(&id) {
            return Ok(known.clone());
        }
        let select = "SELECT a.code FROM loan l
            JOIN application a ON a.application_id = l.application_id WHERE l.loan_id = ?1";
        let code = tx.row(select, params![id], |row| row.text("code"))?;
        let code = code.ok_or(Fault::Corrupt("loan".into()))?;
        self.loans.insert(id, code.clone());
        Ok(code)
    }

    fn member(&mut self, tx: &mut Tx<'_, '_>, id: i64) -> Result<String, Fault> {
        if let Some(known) = self.members.get(&id) {
            return Ok(known.clone());
        }
        let select = "SELECT channel, mobile_index FROM member WHERE member_id = ?1";
        let name = tx.row(select, params![id], |row| {
            Ok(format!("{} {}", row.text("channel")?, hex(&row.blob("mobile_index")?)))
        })?;
        let name = name.ok_or(Fault::Corrupt("member".into()))?;
        self.members.insert(id, name.clone());
        Ok(name)
    }
}
