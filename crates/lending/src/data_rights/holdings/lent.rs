//! What somebody applied for, was lent and has paid.

use super::Ending::{Erased, Figures, Law};
use super::Kind::{At, Change, Day, Number, Sealed, Text, Yuan};
use super::{Column, Holding};

#[rustfmt::skip]
pub(super) const LENT: &[Holding] = &[
    Holding {
        table: "application",
        select: "SELECT t.application_id AS row_key, t.code, t.amount_fen, t.tenor, t.tenor_unit, \
            t.method, t.purpose, t.other_debts, t.place_sealed, t.state, t.approved_amount_fen, \
            t.refusal, t.held_at, t.applied_at, t.decided_at FROM application t WHERE \
            t.member_id = ?1 ORDER BY t.application_id LIMIT ?2",
        columns: &[
            Column { name: "code", kind: Text, ending: Figures },
            Column { name: "amount_fen", kind: Yuan, ending: Figures },
            Column { name: "tenor", kind: Number, ending: Figures },
            Column { name: "tenor_unit", kind: Text, ending: Figures },
            Column { name: "method", kind: Text, ending: Figures },
            Column { name: "purpose", kind: Text, ending: Erased },
            Column { name: "other_debts", kind: Text, ending: Erased },
            Column { name: "place_sealed", kind: Sealed("application.place"), ending: Erased },
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "approved_amount_fen", kind: Yuan, ending: Figures },
            Column { name: "refusal", kind: Text, ending: Erased },
            Column { name: "held_at", kind: At, ending: Figures },
            Column { name: "applied_at", kind: At, ending: Figures },
            Column { name: "decided_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "application_decision",
        select: "SELECT t.decision_id AS row_key, t.verdict, t.rule, t.reason, t.decided_at FROM \
            application_decision t JOIN application a ON a.application_id = t.application_id \
            WHERE a.member_id = ?1 ORDER BY t.decision_id LIMIT ?2",
        columns: &[
            Column { name: "verdict", kind: Text, ending: Figures },
            Column { name: "rule", kind: Text, ending: Figures },
            Column { name: "reason", kind: Text, ending: Erased },
            Column { name: "decided_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "document",
        select: "SELECT t.document_id AS row_key, t.kind, t.version, t.text_sealed, t.made_at, \
            t.confirmed_at FROM document t WHERE t.member_id = ?1 ORDER BY t.document_id LIMIT \
            ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Law },
            Column { name: "version", kind: Number, ending: Law },
            Column { name: "text_sealed", kind: Sealed("document.text"), ending: Law },
            Column { name: "made_at", kind: At, ending: Law },
            Column { name: "confirmed_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "loan",
        select: "SELECT t.loan_id AS row_key, t.principal_fen, t.received_fen, t.tenor, t.tenor_unit, \
            t.state, t.paid_out_at, t.overdue_since_day, t.principal_paid_fen, \
            t.interest_paid_fen, t.fee_paid_fen, t.penalty_paid_fen, t.closed_at FROM loan t \
            WHERE t.member_id = ?1 ORDER BY t.loan_id LIMIT ?2",
        columns: &[
            Column { name: "principal_fen", kind: Yuan, ending: Figures },
            Column { name: "received_fen", kind: Yuan, ending: Figures },
            Column { name: "tenor", kind: Number, ending: Figures },
            Column { name: "tenor_unit", kind: Text, ending: Figures },
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "paid_out_at", kind: At, ending: Figures },
            Column { name: "overdue_since_day", kind: Day, ending: Figures },
            Column { name: "principal_paid_fen", kind: Yuan, ending: Figures },
            Column { name: "interest_paid_fen", kind: Yuan, ending: Figures },
            Column { name: "fee_paid_fen", kind: Yuan, ending: Figures },
            Column { name: "penalty_paid_fen", kind: Yuan, ending: Figures },
            Column { name: "closed_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "plan_row",
        select: "SELECT t.plan_row_id AS row_key, t.number, t.from_day, t.due_day, t.principal_fen, \
            t.interest_fen, t.fee_fen, t.interest_before_fen FROM plan_row t JOIN loan l ON \
            l.loan_id = t.loan_id WHERE l.member_id = ?1 ORDER BY t.plan_row_id LIMIT ?2",
        columns: &[
            Column { name: "number", kind: Number, ending: Figures },
            Column { name: "from_day", kind: Day, ending: Figures },
            Column { name: "due_day", kind: Day, ending: Figures },
            Column { name: "principal_fen", kind: Yuan, ending: Figures },
            Column { name: "interest_fen", kind: Yuan, ending: Figures },
            Column { name: "fee_fen", kind: Yuan, ending: Figures },
            Column { name: "interest_before_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "payment",
        select: "SELECT t.payment_id AS row_key, t.order_no, t.direction, t.purpose, t.amount_fen, \
            t.state, t.requested_at, t.settled_at FROM payment t WHERE t.member_id = ?1 ORDER BY \
            t.payment_id LIMIT ?2",
        columns: &[
            Column { name: "order_no", kind: Text, ending: Figures },
            Column { name: "direction", kind: Text, ending: Figures },
            Column { name: "purpose", kind: Text, ending: Figures },
            Column { name: "amount_fen", kind: Yuan, ending: Figures },
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "requested_at", kind: At, ending: Figures },
            Column { name: "settled_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "repayment",
        select: "SELECT t.repayment_id AS row_key, t.source, t.on_day, t.amount_fen, t.principal_fen, \
            t.interest_fen, t.fee_fen, t.penalty_fen, t.excess_fen, t.coupon_fen, t.made_at FROM \
            repayment t JOIN loan l ON l.loan_id = t.loan_id WHERE l.member_id = ?1 ORDER BY \
            t.repayment_id LIMIT ?2",
        columns: &[
            Column { name: "source", kind: Text, ending: Figures },
            Column { name: "on_day", kind: Day, ending: Figures },
            Column { name: "amount_fen", kind: Yuan, ending: Figures },
            Column { name: "principal_fen", kind: Yuan, ending: Figures },
            Column { name: "interest_fen", kind: Yuan, ending: Figures },
            Column { name: "fee_fen", kind: Yuan, ending: Figures },
            Column { name: "penalty_fen", kind: Yuan, ending: Figures },
            Column { name: "excess_fen", kind: Yuan, ending: Figures },
            Column { name: "coupon_fen", kind: Yuan, ending: Figures },
            Column { name: "made_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "vintage_late",
        select: "SELECT t.loan_id AS row_key, t.late_day, t.principal_fen FROM vintage_late t JOIN \
            loan l ON l.loan_id = t.loan_id WHERE l.member_id = ?1 ORDER BY t.loan_id LIMIT ?2",
        columns: &[
            Column { name: "late_day", kind: Day, ending: Figures },
            Column { name: "principal_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "collection_case",
        select: "SELECT t.loan_id AS row_key, t.last_contact_at, t.last_outcome, t.next_action_day, \
            t.promised_at, t.promise_day, t.promise_fen FROM collection_case t JOIN loan l ON \
            l.loan_id = t.loan_id WHERE l.member_id = ?1 ORDER BY t.loan_id LIMIT ?2",
        columns: &[
            Column { name: "last_contact_at", kind: At, ending: Figures },
            Column { name: "last_outcome", kind: Text, ending: Figures },
            Column { name: "next_action_day", kind: Day, ending: Figures },
            Column { name: "promised_at", kind: At, ending: Figures },
            Column { name: "promise_day", kind: Day, ending: Figures },
            Column { name: "promise_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "collection_contact",
        select: "SELECT t.contact_id AS row_key, t.way, t.outcome, t.promise_day, t.promise_fen, \
            t.note_sealed, t.follow_up_day, t.happened_at FROM collection_contact t WHERE \
            t.member_id = ?1 ORDER BY t.contact_id LIMIT ?2",
        columns: &[
            Column { name: "way", kind: Text, ending: Figures },
            Column { name: "outcome", kind: Text, ending: Figures },
            Column { name: "promise_day", kind: Day, ending: Figures },
            Column { name: "promise_fen", kind: Yuan, ending: Figures },
            Column { name: "note_sealed", kind: Sealed("collection_contact.note"), ending: Erased },
            Column { name: "follow_up_day", kind: Day, ending: Figures },
            Column { name: "happened_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "credit_line",
        select: "SELECT t.member_id AS row_key, t.limit_fen, t.frozen_fen, t.used_fen, t.status, \
            t.opened_at FROM credit_line t WHERE t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "limit_fen", kind: Yuan, ending: Figures },
            Column { name: "frozen_fen", kind: Yuan, ending: Figures },
            Column { name: "used_fen", kind: Yuan, ending: Figures },
            Column { name: "status", kind: Text, ending: Figures },
            Column { name: "opened_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "credit_line_change",
        select: "SELECT t.change_id AS row_key, t.before_fen, t.after_fen, t.reason, t.changed_at \
            FROM credit_line_change t WHERE t.member_id = ?1 ORDER BY t.change_id LIMIT ?2",
        columns: &[
            Column { name: "before_fen", kind: Yuan, ending: Figures },
            Column { name: "after_fen", kind: Yuan, ending: Figures },
            Column { name: "reason", kind: Text, ending: Erased },
            Column { name: "changed_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "credit_raise",
        select: "SELECT t.raise_id AS row_key, t.state, t.before_fen, t.after_fen, t.reason, \
            t.requested_at, t.decided_at FROM credit_raise t WHERE t.member_id = ?1 ORDER BY \
            t.raise_id LIMIT ?2",
        columns: &[
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "before_fen", kind: Yuan, ending: Figures },
            Column { name: "after_fen", kind: Yuan, ending: Figures },
            Column { name: "reason", kind: Text, ending: Erased },
            Column { name: "requested_at", kind: At, ending: Figures },
            Column { name: "decided_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "coupon",
        select: "SELECT t.coupon_id AS row_key, t.kind, t.amount_fen, t.worth_fen, t.state, \
            t.last_day, t.issued_at FROM coupon t WHERE t.member_id = ?1 ORDER BY t.coupon_id \
            LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Figures },
            Column { name: "amount_fen", kind: Yuan, ending: Figures },
            Column { name: "worth_fen", kind: Yuan, ending: Figures },
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "last_day", kind: Day, ending: Figures },
            Column { name: "issued_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "funding_order",
        select: "SELECT t.funding_order_id AS row_key, t.kind, t.number, t.state, t.heard, t.reason, \
            t.requested_at FROM funding_order t JOIN application a ON a.application_id = \
            t.application_id WHERE a.member_id = ?1 ORDER BY t.funding_order_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Figures },
            Column { name: "number", kind: Text, ending: Figures },
            Column { name: "state", kind: Text, ending: Figures },
            Column { name: "heard", kind: Number, ending: Figures },
            Column { name: "reason", kind: Text, ending: Figures },
            Column { name: "requested_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "funding_issue",
        select: "SELECT t.funding_issue_id AS row_key, t.status, t.detail, t.noted_at FROM \
            funding_issue t JOIN funding_order f ON f.funding_order_id = t.funding_order_id JOIN \
            application a ON a.application_id = f.application_id WHERE a.member_id = ?1 ORDER BY \
            t.funding_issue_id LIMIT ?2",
        columns: &[
            Column { name: "status", kind: Number, ending: Figures },
            Column { name: "detail", kind: Text, ending: Figures },
            Column { name: "noted_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "account",
        select: "SELECT t.account_id AS row_key, t.kind, t.balance_fen FROM account t WHERE \
            t.owner_id = ?1 AND t.kind IN ('wallet', 'frozen') ORDER BY t.account_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Figures },
            Column { name: "balance_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "posting",
        select: "SELECT t.posting_id AS row_key, t.amount_fen, t.balance_fen FROM posting t JOIN \
            account o ON o.account_id = t.account_id WHERE o.owner_id = ?1 AND o.kind IN \
            ('wallet', 'frozen') ORDER BY t.posting_id LIMIT ?2",
        columns: &[
            Column { name: "amount_fen", kind: Change, ending: Figures },
            Column { name: "balance_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "statement_line",
        select: "SELECT t.number AS row_key, t.statement_day, t.order_no, t.direction, t.amount_fen \
            FROM statement_line t JOIN payment y ON y.order_no = t.order_no WHERE y.member_id = \
            ?1 ORDER BY t.number LIMIT ?2",
        columns: &[
            Column { name: "statement_day", kind: Day, ending: Figures },
            Column { name: "order_no", kind: Text, ending: Figures },
            Column { name: "direction", kind: Text, ending: Figures },
            Column { name: "amount_fen", kind: Yuan, ending: Figures },
        ],
    },
    Holding {
        table: "statement_difference",
        select: "SELECT t.difference_id AS row_key, t.kind, t.ours_fen, t.theirs_fen, t.state FROM \
            statement_difference t JOIN payment y ON y.payment_id = t.payment_id WHERE \
            y.member_id = ?1 ORDER BY t.difference_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Figures },
            Column { name: "ours_fen", kind: Yuan, ending: Figures },
            Column { name: "theirs_fen", kind: Yuan, ending: Figures },
            Column { name: "state", kind: Text, ending: Figures },
        ],
    },
];
