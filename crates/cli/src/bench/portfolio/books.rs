//! The ledger of loans of the portfolio: the payout, each paid row, and the interest of the days.

use kernel::{Date, Money};
use store::ColumnType::{I64, Text};
use store::{Append, Fault, Tx, params};

use super::Draft;

static ACCOUNT: Append = Append {
    table: "account",
    columns: &[
        ("account_id", I64),
        ("kind", Text),
        ("owner_id", I64),
        ("balance_fen", I64),
        ("last_posting_id", I64),
        ("previous_posting_id", I64),
    ],
};

static TRANSFER: Append = Append {
    table: "transfer",
    columns: &[
        ("transfer_id", I64),
        ("kind", Text),
        ("subject_id", I64),
        ("lines", I64),
        ("posted_at", I64),
    ],
};

static POSTING: Append = Append {
    table: "posting",
    columns: &[
        ("posting_id", I64),
        ("transfer_id", I64),
        ("account_id", I64),
        ("amount_fen", I64),
        ("balance_fen", I64),
        ("previous_posting_id", I64),
    ],
};

static PLAN_ROW: Append = Append {
    table: "plan_row",
    columns: &[
        ("plan_row_id", I64),
        ("loan_id", I64),
        ("number", I64),
        ("from_day", I64),
        ("due_day", I64),
        ("principal_fen", I64),
        ("interest_fen", I64),
        ("fee_fen", I64),
        ("interest_before_fen", I64),
    ],
};

static PAYMENT: Append = Append {
    table: "payment",
    columns: &[
        ("payment_id", I64),
        ("order_no", Text),
        ("direction", Text),
        ("member_id", I64),
        ("loan_id", I64),
        ("card_id", I64),
        ("amount_fen", I64),
        ("purpose", Text),
        ("state", Text),
        ("attempt_at", I64),
        ("attempts", I64),
        ("requested_at", I64),
        ("settled_at", I64),
    ],
};

static REPAYMENT: Append = Append {
    table: "repayment",
    columns: &[
        ("repayment_id", I64),
        ("loan_id", I64),
        ("settles", I64),
        ("source", Text),
        ("on_day", I64),
        ("amount_fen", I64),
        ("principal_fen", I64),
        ("interest_fen", I64),
        ("fee_fen", I64),
        ("penalty_fen", I64),
        ("excess_fen", I64),
        ("transfer_id", I64),
        ("made_at", I64),
    ],
};

const PRINCIPAL: i64 = 11;
const INTEREST: i64 = 12;
const PROVIDER: i64 = 52;
const INTEREST_INCOME: i64 = 61;

/// An account of a loan with its chain of postings.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    number: i64,
    balance: i64,
    last: Option<i64>,
    previous: Option<i64>,
}

/// A loan's own ledger while it is being written.
struct Books {
    loan: i64,
    next: i64,
    principal: Chain,
    interest: Chain,
}

/// Writes the books of a loan; ids begin at `next`. The first that is free after them.
pub(super) fn write(tx: &mut Tx<'_>, draft: &Draft, next: i64) -> Result<i64, Fault> {
    let loan = draft.number;
    let chain = |kind: i64| Chain {
        number: loan.saturating_mul(100).saturating_add(kind),
        ..Chain::default()
    };
    let (principal, interest) = (chain(PRINCIPAL), chain(INTEREST));
    let mut books = Books { loan, next, principal, interest };
    let lent = draft.terms.amount.fen();
    let payout = [(PRINCIPAL, lent.saturating_neg()), (PROVIDER, lent)];
    books.post(tx, "loan_payout", draft.start, &payout)?;
    pay_out(tx, draft)?;
    let mut booked = Money::ZERO;
    for row in draft.rows.iter().take(draft.paid) {
        books.accrue(tx, row.due, row.interest)?;
        booked = booked.plus(row.interest).unwrap_or(booked);
        let (principal, interest) = (row.principal.fen(), row.interest.fen());
        let amount = principal.saturating_add(interest);
        let lines =
            [(PROVIDER, amount.saturating_neg()), (PRINCIPAL, principal), (INTEREST, interest)];
        let lines: Vec<_> = lines.into_iter().filter(|(_, fen)| *fen != 0).collect();
        let transfer = books.post(tx, "loan_repayment", row.due, &lines)?;
        let at = row.due.start();
        tx.append(
            &REPAYMENT,
            params![
                transfer, loan, 0_i64, "card", row.due, amount, principal, interest, 0_i64, 0_i64,
                0_i64, transfer, at
            ],
        )?;
    }
    let rest = draft.booked.minus(booked).unwrap_or(Money::ZERO);
    books.accrue(tx, draft.yesterday, rest)?;
    plan(tx, draft)?;
    books.close(tx)?;
    Ok(books.next)
}

impl Books {
    fn accrue(&mut self, tx: &mut Tx<'_>, on: Date, interest: Money) -> Result<(), Fault> {
        let fen = interest.fen();
        if fen == 0 {
            return Ok(());
        }
        let lines = [(INTEREST_INCOME, fen), (INTEREST, fen.saturating_neg())];
        self.post(tx, "accrual", on, &lines).map(|_| ())
    }

    fn post(
        &mut self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        on: Date,
        lines: &[(i64, i64)],
    ) -> Result<i64, Fault> {
        let transfer = self.next;
        for (account, fen) in lines {
            self.next = self.next.saturating_add(1);
            let posting = self.next;
            let chain = match *account {
                PRINCIPAL => &mut self.principal,
                INTEREST => &mut self.interest,
                platform => {
                    tx.append(
                        &POSTING,
                        params![posting, transfer, platform, *fen, None::<i64>, None::<i64>],
                    )?;
                    continue;
                }
            };
            chain.balance = chain.balance.saturating_add(*fen);
            (chain.previous, chain.last) = (chain.last, Some(posting));
            tx.append(
                &POSTING,
                params![posting, transfer, chain.number, *fen, chain.balance, chain.previous],
            )?;
        }
        self.next = self.next.saturating_add(1);
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        tx.append(&TRANSFER, params![transfer, kind, self.loan, count, on.start()])?;
        Ok(transfer)
    }

    /// The accounts as they stand: the member's two, and the loan's four.
    fn close(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let empty = Chain::default();
        for (kind, word, chain) in [
            (1, "wallet", &empty),
            (2, "frozen", &empty),
            (PRINCIPAL, "loan_principal", &self.principal),
            (INTEREST, "loan_interest", &self.interest),
            (13, "loan_fee", &empty),
            (14, "loan_penalty", &empty),
        ] {
            let number = self.loan.saturating_mul(100).saturating_add(kind);
            let (balance, last, previous) = (chain.balance, chain.last, chain.previous);
            tx.append(&ACCOUNT, params![number, word, self.loan, balance, last, previous])?;
        }
        Ok(())
    }
}

fn pay_out(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), Fault> {
    let (id, amount, at) = (draft.number, draft.terms.amount, draft.started());
    let order_no = format!("bench{id}");
    tx.append(
        &PAYMENT,
        params![
            id,
            &order_no,
            "payout",
            id,
            id,
            id,
            amount,
            "payout",
            "succeeded",
            at,
            1_i64,
            at,
            at
        ],
    )
}

fn plan(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), Fault> {
    let first = draft.number.saturating_mul(10_000);
    for row in &draft.rows {
        let id = first.saturating_add(i64::from(row.number));
        tx.append(
            &PLAN_ROW,
            params![
                id,
                draft.number,
                row.number,
                row.from,
                row.due,
                row.principal,
                row.interest,
                row.fee,
                row.interest_before
            ],
        )?;
    }
    Ok(())
}
