//! The core's books against the fold over the events.

use std::collections::BTreeMap;

use kernel::id::{LoanId, MemberId};

use super::{Fate, Known, Run};
use crate::servicing::{self, LoanState};
use crate::{credit, ledger};

/// Accounts of the platform, by their words, credits positive.
type Totals = BTreeMap<&'static str, i128>;

impl Run {
    #[track_caller]
    pub(super) fn compare(&self) {
        let mut totals = Totals::new();
        let mut used: BTreeMap<MemberId, i128> = BTreeMap::new();
        let mut frozen: BTreeMap<MemberId, i128> = BTreeMap::new();
        for (member, amount, _) in self.waiting.values() {
            *frozen.entry(*member).or_default() += amount;
        }
        for (loan, known) in &self.loans {
            let principal = known.terms.principal;
            match known.fate {
                Fate::PayingOut | Fate::PayoutFailed => {
                    *frozen.entry(known.member).or_default() += principal;
                }
                Fate::Abandoned => {}
                Fate::Lent | Fate::WrittenOff => {
                    *used.entry(known.member).or_default() += self.loan(*loan, known, &mut totals);
                }
            }
        }
        for (member, wallet) in &self.wallets {
            let balance = i128::from(self.bench.wallet(*member));
            assert_eq!(balance, *wallet, "credit of {member:?}, seed {}", self.seed);
        }
        for member in self.payers.keys() {
            let own = *member;
            let Some(line) = self.bench.read(move |tx| credit::line(tx, own)) else { continue };
            let wanted = |sums: &BTreeMap<MemberId, i128>| sums.get(member).copied().unwrap_or(0);
            let is = (i128::from(line.used.fen()), i128::from(line.frozen.fen()));
            assert_eq!(is, (wanted(&used), wanted(&frozen)), "{member:?}, seed {}", self.seed);
        }
        totals.insert("wallet", self.wallets.values().sum());
        totals.insert("bank_clearing", -self.bank);
        totals.insert("provider_clearing", self.provider);
        for line in self.bench.read(ledger::trial_balance) {
            let wanted = totals.get(line.account.as_str()).copied().unwrap_or(0);
            let (is, seed) = (i128::from(line.balance_fen), self.seed);
            assert_eq!(is, wanted, "{}, seed {seed}", line.account);
        }
    }

    /// Compares a loan that was paid out, and adds it to the totals; what of its credit line is in
    /// use.
    #[track_caller]
    fn loan(&self, id: LoanId, known: &Known, totals: &mut Totals) -> i128 {
        let today = self.today();
        let is_given_up = known.fate == Fate::WrittenOff;
        let stands = known.stands(if is_given_up { known.given_up } else { today });
        let (owed, booked, paid) = (stands.owed(), stands.booked(), stands.paid);
        let mut add = |account, amount| *totals.entry(account).or_default() += amount;
        add("penalty_income", booked[0]);
        add("fee_income", booked[1] + known.terms.principal - known.terms.received());
        add("interest_income", booked[2]);
        add("recovery_income", known.recovered);
        let loss: i128 = owed.iter().sum();
        let owed = if is_given_up { [0; 4] } else { owed };
        add("write_off_loss", if is_given_up { -loss } else { 0 });
        let accounts = ["loan_penalty", "loan_fee", "loan_interest", "loan_principal"];
        for (account, owed) in accounts.into_iter().zip(owed) {
            add(account, -owed);
        }
        let (loan, in_books) = self.bench.read(move |tx| {
            let mut in_books = [0; 4];
            let [principal, interest, fee, penalty] = ledger::Account::of_loan(id);
            for (place, account) in in_books.iter_mut().zip([penalty, fee, interest, principal]) {
                *place = i128::from(ledger::owed(tx, account)?.unwrap().fen());
            }
            Ok((servicing::loan(tx, id)?.unwrap(), in_books))
        });
        let what = format!("loan {}, seed {}: {known:?}", id.number(), self.seed);
        assert_eq!(in_books, owed, "owed (penalty, fee, interest, principal) on {what}");
        let parts = [loan.paid.penalty, loan.paid.fee, loan.paid.interest, loan.paid.principal];
        assert_eq!(parts.map(|part| i128::from(part.fen())), paid, "paid on {what}");
        let state = match known.fate {
            Fate::WrittenOff => LoanState::WrittenOff,
            _ if stands.is_over() => LoanState::Settled,
            _ => LoanState::Repaying,
        };
        assert_eq!(loan.state, state, "{what}");
        let next = stands.next().map(|(_, due, _)| due).filter(|_| !is_given_up);
        assert_eq!(loan.next_due.map(kernel::Date::day_number), next, "next due of {what}");
        let late = next.filter(|due| *due < today);
        assert_eq!(loan.overdue_since.map(kernel::Date::day_number), late, "late since, {what}");
        known.terms.principal - paid[3]
    }
}
