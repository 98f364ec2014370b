//! What the database says after a blow, read from the raw ledger and taken away entry by entry.

use std::collections::BTreeMap;

use super::{OPENING_FEN, Wish};
use crate::bench::Bench;

/// What the database says.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Balances after each movement, by member and fen.
    pub(super) moves: BTreeMap<(u32, i64), Vec<i64>>,
    pub(super) bids: BTreeMap<i64, (u32, u32, i64)>,
    pub(super) repaid: BTreeMap<u32, u32>,
    pub(super) members: BTreeMap<String, i64>,
}

impl Rows {
    #[track_caller]
    pub(super) fn read(bench: &Bench) -> Self {
        let mut rows = Self::default();
        let moves = "SELECT p.account_id / 100, p.amount_fen, p.balance_fen
            FROM posting p JOIN transfer t ON t.transfer_id = p.transfer_id
            WHERE t.kind IN ('recharge', 'withdrawal') AND p.balance_fen IS NOT NULL
                AND ABS(p.amount_fen) < ";
        for [member, fen, balance] in numbers(&bench.sql(&format!("{moves}{OPENING_FEN}"))) {
            rows.moves.entry((id(member), fen)).or_default().push(balance);
        }
        let bids = "SELECT bid_id, member_id, project_id, amount_fen / 100 FROM bid";
        for [bid, member, loan, yuan] in numbers(&bench.sql(bids)) {
            rows.bids.insert(bid, (id(member), id(loan), yuan));
        }
        let repaid = "SELECT p.project_id, p.terms_repaid, COALESCE(t.repayments, 0)
            FROM project p LEFT JOIN (SELECT subject_id, COUNT(*) AS repayments FROM transfer
                WHERE kind = 'repayment' GROUP BY subject_id) t ON t.subject_id = p.project_id
            WHERE p.terms_repaid > 0 OR t.repayments > 0";
        for [loan, terms, repayments] in numbers(&bench.sql(repaid)) {
            assert_eq!(terms, repayments, "loan {loan}: terms repaid and their movements");
            rows.repaid.insert(id(loan), id(terms));
        }
        let members = "SELECT p.mobile, m.member_id FROM member m
            LEFT JOIN member_plain_mobile p ON p.member_id = m.member_id
            LEFT JOIN member_password w ON w.member_id = m.member_id
            WHERE p.mobile LIKE '139%' OR p.mobile IS NULL OR w.member_id IS NULL";
        for line in bench.sql(members).lines() {
            let (mobile, member) = line.split_once('|').unwrap();
            assert!(!mobile.is_empty(), "half a member: {line}");
            rows.members.insert(mobile.to_owned(), member.parse().unwrap());
        }
        rows
    }

    #[track_caller]
    pub(super) fn take_granted(&mut self, wish: &Wish, figure: i64) {
        match wish {
            Wish::Move { member, fen } => {
                let balances = self.moves.remove(&(*member, *fen));
                assert_eq!(balances, Some(vec![figure]), "{wish:?}: balance after it, as answered");
            }
            Wish::Bid { member, loan, yuan } => {
                let bid = self.bids.remove(&figure);
                assert_eq!(bid, Some((*member, *loan, *yuan)), "{wish:?}: bid {figure}");
            }
            Wish::Repay { loan } => {
                assert!(self.take_term(*loan), "{wish:?}: an answered repayment is lost");
            }
            Wish::Register { mobile } => {
                assert_eq!(self.members.remove(mobile), Some(figure), "{wish:?}: a member is lost");
            }
        }
    }

    #[track_caller]
    pub(super) fn take_if_there(&mut self, wish: &Wish) -> Option<i64> {
        match wish {
            Wish::Move { member, fen } => {
                let balances = self.moves.remove(&(*member, *fen))?;
                assert_eq!(balances.len(), 1, "{wish:?}: done more than once");
                balances.first().copied()
            }
            Wish::Bid { member, loan, yuan } => {
                let like = |bid: &(u32, u32, i64)| *bid == (*member, *loan, *yuan);
                let number = *self.bids.iter().find(|(_, bid)| like(bid))?.0;
                self.bids.remove(&number);
                Some(number)
            }
            Wish::Repay { loan } => self.take_term(*loan).then_some(0),
            Wish::Register { mobile } => self.members.remove(mobile),
        }
    }

    pub(super) fn take_term(&mut self, loan: u32) -> bool {
        match self.repaid.get_mut(&loan) {
            Some(terms) if *terms > 0 => {
                *terms -= 1;
                true
            }
            Some(_) | None => false,
        }
    }

    #[track_caller]
    pub(super) fn assert_empty(mut self) {
        self.repaid.retain(|_, terms| *terms > 0);
        let left = (&self.moves, &self.bids, &self.repaid, &self.members);
        let empty = self.moves.is_empty() && self.bids.is_empty() && self.members.is_empty();
        assert!(empty && self.repaid.is_empty(), "nobody asked for, or asked only once: {left:?}");
    }
}

/// The rows of a client's output, as numbers.
fn numbers<const N: usize>(text: &str) -> Vec<[i64; N]> {
    let row = |line: &str| {
        let numbers: Vec<i64> = line.split('|').map(|word| word.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    };
    text.lines().map(row).collect()
}

fn id(number: i64) -> u32 {
    u32::try_from(number).unwrap()
}
