//! The rows of loans of the portfolio and of their customers, as the core would have left them.

use kernel::{Channel, Date, Instant, Money};
use lending::catalog::Word as _;
use store::ColumnType::{Blob, I64, Text};
use store::{Append, Fault, Tx, Vault, params};

use super::Draft;

static MEMBER: Append = Append {
    table: "member",
    columns: &[
        ("member_id", I64),
        ("channel", Text),
        ("mobile_sealed", Blob),
        ("mobile_index", Blob),
        ("mobile_masked", Text),
        ("nickname", Text),
        ("role", Text),
        ("status", Text),
        ("tokens_revoked_through", I64),
        ("registered_at", I64),
    ],
};

static PERSON: Append = Append {
    table: "person",
    columns: &[
        ("person_id", I64),
        ("id_no_sealed", Blob),
        ("id_no_index", Blob),
        ("name_sealed", Blob),
        ("born_day", I64),
        ("sex", Text),
        ("region", Text),
        ("known_at", I64),
    ],
};

static CUSTOMER: Append = Append {
    table: "customer",
    columns: &[
        ("member_id", I64),
        ("channel", Text),
        ("person_id", I64),
        ("real_name_at", I64),
        ("mobile_at", I64),
        ("registered_at", I64),
    ],
};

static CARD: Append = Append {
    table: "customer_card",
    columns: &[
        ("card_id", I64),
        ("member_id", I64),
        ("number_sealed", Blob),
        ("number_index", Blob),
        ("mobile_sealed", Blob),
        ("bank_code", Text),
        ("bank_name", Text),
        ("verified_at", I64),
    ],
};

static CREDIT_LINE: Append = Append {
    table: "credit_line",
    columns: &[
        ("member_id", I64),
        ("limit_fen", I64),
        ("frozen_fen", I64),
        ("used_fen", I64),
        ("status", Text),
        ("opened_at", I64),
        ("changed_at", I64),
    ],
};

static APPLICATION: Append = Append {
    table: "application",
    columns: &[
        ("application_id", I64),
        ("code", Text),
        ("member_id", I64),
        ("person_id", I64),
        ("product_id", I64),
        ("version", I64),
        ("amount_fen", I64),
        ("tenor", I64),
        ("tenor_unit", Text),
        ("interval_count", I64),
        ("interval_unit", Text),
        ("method", Text),
        ("rate_ppm", I64),
        ("purpose", Text),
        ("other_debts", Text),
        ("report_order", Text),
        ("state", Text),
        ("steps_passed", I64),
        ("approved_amount_fen", I64),
        ("approved_tenor", I64),
        ("applied_at", I64),
        ("decided_at", I64),
    ],
};

static LOAN: Append = Append {
    table: "loan",
    columns: &[
        ("loan_id", I64),
        ("application_id", I64),
        ("member_id", I64),
        ("person_id", I64),
        ("product_id", I64),
        ("version", I64),
        ("principal_fen", I64),
        ("received_fen", I64),
        ("tenor", I64),
        ("tenor_unit", Text),
        ("interval_count", I64),
        ("interval_unit", Text),
        ("method", Text),
        ("rate_ppm", I64),
        ("state", Text),
        ("created_at", I64),
        ("paid_out_at", I64),
        ("start_day", I64),
        ("current_row", I64),
        ("next_due_day", I64),
        ("overdue_since_day", I64),
        ("principal_paid_fen", I64),
        ("interest_paid_fen", I64),
        ("fee_paid_fen", I64),
        ("penalty_paid_fen", I64),
    ],
};

/// The bank card of every customer; made up, with a Luhn digit that holds.
const CARD_NO: &str = "6217000000000000018";
const NAME: &str = "周小舟";

/// Writes loans and their customers, the owners of keys before those who point to them. A read
/// between the tables makes the store send what it has held back.
pub(super) fn write_owners(tx: &mut Tx<'_>, vault: &Vault, drafts: &[Draft]) -> Result<(), Fault> {
    for draft in drafts {
        member(tx, vault, draft)?;
        person(tx, vault, draft)?;
    }
    send(tx, "SELECT COUNT(*) AS n FROM member WHERE member_id < 0")?;
    send(tx, "SELECT COUNT(*) AS n FROM person WHERE person_id < 0")?;
    for draft in drafts {
        let (id, at) = (draft.number, draft.start.start());
        tx.append(&CUSTOMER, params![id, Channel::Xianjindai.word(), id, at, at, at])?;
        application(tx, draft)?;
    }
    send(tx, "SELECT COUNT(*) AS n FROM customer WHERE member_id < 0")?;
    send(tx, "SELECT COUNT(*) AS n FROM application WHERE application_id < 0")?;
    for draft in drafts {
        card(tx, vault, draft)?;
        loan(tx, draft)?;
    }
    send(tx, "SELECT COUNT(*) AS n FROM loan WHERE loan_id < 0")
}

fn send(tx: &mut Tx<'_>, select: &'static str) -> Result<(), Fault> {
    tx.row(select, params![], |row| row.i64("n")).map(|_| ())
}

fn member(tx: &mut Tx<'_>, vault: &Vault, draft: &Draft) -> Result<(), Fault> {
    let id = draft.number;
    let mobile = crate::bench::world::mobile(id.unsigned_abs());
    let sealed = vault.seal("member.mobile", id, &mobile)?;
    let index = vault.blind_index("member.mobile", &mobile);
    let at = draft.start.start();
    let channel = Channel::Xianjindai.word();
    let name = "bench";
    tx.append(
        &MEMBER,
        params![id, channel, &sealed, &index, "139****0000", name, "member", "active", 0_i64, at],
    )
}

fn person(tx: &mut Tx<'_>, vault: &Vault, draft: &Draft) -> Result<(), Fault> {
    let id = draft.number;
    // The shape of an id number, a thousand of each birthday; no two are the same, and hardly one
    // has a check digit that holds.
    let birthday = Date::from_ymd(1960, 1, 1)
        .and_then(|day| day.plus_days(u32::try_from(id.div_euclid(1000)).ok()?))
        .ok_or_else(|| Fault::Corrupt("birthday".into()))?;
    let birthday = birthday.to_string().replace('-', "");
    let id_no = format!("110101{birthday}{:03}0", id.rem_euclid(1000));
    let sealed = vault.seal("person.id_no", id, &id_no)?;
    let index = vault.blind_index("person.id_no", &id_no);
    let name = vault.seal("person.name", id, NAME)?;
    let (born, at) = (draft.start, draft.start.start());
    tx.append(&PERSON, params![id, &sealed, &index, &name, born, "male", "110101", at])
}

fn card(tx: &mut Tx<'_>, vault: &Vault, draft: &Draft) -> Result<(), Fault> {
    let (id, at) = (draft.number, draft.start.start());
    let number = vault.seal("customer_card.number", id, CARD_NO)?;
    let index = vault.blind_index("customer_card.number", CARD_NO);
    let mobile = crate::bench::world::mobile(id.unsigned_abs());
    let mobile = vault.seal("customer_card.mobile", id, &mobile)?;
    tx.append(&CARD, params![id, id, &number, &index, &mobile, "CCB", "建设银行", at])?;
    let (limit, used) = (draft.terms.amount, draft.unpaid());
    tx.append(&CREDIT_LINE, params![id, limit, 0_i64, used, "open", at, at])
}

fn application(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), Fault> {
    let (id, at, terms) = (draft.number, draft.start.start(), &draft.terms);
    let code = format!("bench{id:08}");
    tx.append(
        &APPLICATION,
        params![
            id,
            &code,
            id,
            id,
            draft.product,
            draft.version,
            terms.amount,
            terms.tenor,
            terms.tenor_unit.word(),
            terms.interval_count,
            terms.interval_unit.word(),
            terms.method.word(),
            terms.rate.ppm(),
            "16",
            "01",
            "",
            "lent",
            1_i64,
            terms.amount,
            terms.tenor,
            at,
            at
        ],
    )
}

fn loan(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), Fault> {
    let (id, at, terms) = (draft.number, draft.start.start(), &draft.terms);
    let next = draft.rows.get(draft.paid).map(|row| row.due);
    let paid = draft.paid_parts();
    tx.append(
        &LOAN,
        params![
            id,
            id,
            id,
            id,
            draft.product,
            draft.version,
            terms.amount,
            terms.amount,
            terms.tenor,
            terms.tenor_unit.word(),
            terms.interval_count,
            terms.interval_unit.word(),
            terms.method.word(),
            terms.rate.ppm(),
            "repaying",
            at,
            at,
            draft.start,
            draft.current,
            next,
            draft.late_since,
            paid.0,
            paid.1,
            0_i64,
            0_i64
        ],
    )
}

impl Draft {
    /// Principal and interest that have been paid.
    pub(super) fn paid_parts(&self) -> (Money, Money) {
        let mut rows = self.rows.iter().take(self.paid);
        let sum = rows.try_fold((Money::ZERO, Money::ZERO), |(principal, interest), row| {
            Some((principal.plus(row.principal)?, interest.plus(row.interest)?))
        });
        sum.unwrap_or((Money::ZERO, Money::ZERO))
    }

    /// Principal that has not been paid.
    pub(super) fn unpaid(&self) -> Money {
        self.terms.amount.minus(self.paid_parts().0).unwrap_or(Money::ZERO)
    }

    /// When it was paid out.
    pub(super) fn started(&self) -> Instant {
        self.start.start()
    }
}
