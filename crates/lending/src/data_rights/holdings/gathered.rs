//! What was gathered about somebody, told to them, or told by others.

use super::Ending::{Erased, Figures};
use super::Kind::{At, Number, Sealed, Text, Yuan};
use super::{Column, Holding};

#[rustfmt::skip]
pub(super) const GATHERED: &[Holding] = &[
    Holding {
        table: "report_task",
        select: "SELECT t.task_id AS row_key, t.kind, t.token, t.state, t.message_sealed, t.begun_at, \
            t.finished_at FROM report_task t WHERE t.member_id = ?1 ORDER BY t.task_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Erased },
            Column { name: "token", kind: Text, ending: Erased },
            Column { name: "state", kind: Text, ending: Erased },
            Column { name: "message_sealed", kind: Sealed("report_task.message"), ending: Erased },
            Column { name: "begun_at", kind: At, ending: Erased },
            Column { name: "finished_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "provider_report",
        select: "SELECT t.task_id AS row_key, t.kind, t.body_sealed, t.id_matches, t.name_matches, \
            t.risk_lists, t.overdue_loans, t.multi_lending, t.risk_calls, t.contacts, \
            t.mutual_contacts, t.contact_area_sealed, t.average_calls, t.average_call_seconds, \
            t.silent_days, t.night_calls, t.night_call_seconds, t.average_fee_fen, t.received_at \
            FROM provider_report t WHERE t.member_id = ?1 ORDER BY t.task_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Erased },
            Column { name: "body_sealed", kind: Sealed("provider_report.body"), ending: Erased },
            Column { name: "id_matches", kind: Number, ending: Erased },
            Column { name: "name_matches", kind: Number, ending: Erased },
            Column { name: "risk_lists", kind: Number, ending: Erased },
            Column { name: "overdue_loans", kind: Number, ending: Erased },
            Column { name: "multi_lending", kind: Number, ending: Erased },
            Column { name: "risk_calls", kind: Number, ending: Erased },
            Column { name: "contacts", kind: Number, ending: Erased },
            Column { name: "mutual_contacts", kind: Number, ending: Erased },
            Column { name: "contact_area_sealed", kind: Sealed("provider_report.contact_area"), ending: Erased },
            Column { name: "average_calls", kind: Number, ending: Erased },
            Column { name: "average_call_seconds", kind: Number, ending: Erased },
            Column { name: "silent_days", kind: Number, ending: Erased },
            Column { name: "night_calls", kind: Number, ending: Erased },
            Column { name: "night_call_seconds", kind: Number, ending: Erased },
            Column { name: "average_fee_fen", kind: Yuan, ending: Erased },
            Column { name: "received_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "message",
        select: "SELECT t.message_id AS row_key, t.topic, t.title, t.content_sealed, t.sent_at, \
            t.read_at FROM message t WHERE t.member_id = ?1 ORDER BY t.message_id LIMIT ?2",
        columns: &[
            Column { name: "topic", kind: Text, ending: Erased },
            Column { name: "title", kind: Text, ending: Erased },
            Column { name: "content_sealed", kind: Sealed("message.content"), ending: Erased },
            Column { name: "sent_at", kind: At, ending: Erased },
            Column { name: "read_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "feedback",
        select: "SELECT t.feedback_id AS row_key, t.mobile_sealed, t.suggestion_sealed, t.source, \
            t.left_at FROM feedback t WHERE t.member_id = ?1 ORDER BY t.feedback_id LIMIT ?2",
        columns: &[
            Column { name: "mobile_sealed", kind: Sealed("feedback.mobile"), ending: Erased },
            Column { name: "suggestion_sealed", kind: Sealed("feedback.suggestion"), ending: Erased },
            Column { name: "source", kind: Text, ending: Erased },
            Column { name: "left_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "lead",
        select: "SELECT t.lead_id AS row_key, t.details_sealed, t.submitted_at FROM lead t WHERE \
            t.customer_id = ?1 ORDER BY t.lead_id LIMIT ?2",
        columns: &[
            Column { name: "details_sealed", kind: Sealed("lead.details"), ending: Erased },
            Column { name: "submitted_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "lead_event",
        select: "SELECT t.event_id AS row_key, t.kind, t.note_sealed, t.happened_at FROM lead_event t \
            JOIN lead d ON d.lead_id = t.lead_id WHERE d.customer_id = ?1 ORDER BY t.event_id \
            LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Figures },
            Column { name: "note_sealed", kind: Sealed("lead_event.note"), ending: Erased },
            Column { name: "happened_at", kind: At, ending: Figures },
        ],
    },
];
