//! Who somebody is, what they told, and what the account knows of them.

use super::Ending::{Erased, Figures, Guard, Law};
use super::Kind::{At, Bytes, Day, Number, Sealed, Text, Yuan};
use super::{Column, Holding};

#[rustfmt::skip]
pub(super) const ACCOUNT: &[Holding] = &[
    Holding {
        table: "member",
        select: "SELECT t.member_id AS row_key, t.channel, t.mobile_sealed, t.nickname, t.status, \
            t.registered_at FROM member t WHERE t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "channel", kind: Text, ending: Figures },
            Column { name: "mobile_sealed", kind: Sealed("member.mobile"), ending: Erased },
            Column { name: "nickname", kind: Text, ending: Erased },
            Column { name: "status", kind: Text, ending: Figures },
            Column { name: "registered_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "member_plain_mobile",
        select: "SELECT t.member_id AS row_key, t.mobile FROM member_plain_mobile t WHERE t.member_id \
            = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "mobile", kind: Text, ending: Erased },
        ],
    },
    Holding {
        table: "customer",
        select: "SELECT t.member_id AS row_key, t.real_name_at, t.mobile_at, \
            t.blacklist_reason_sealed, t.risk_note_sealed, t.erased_at FROM customer t WHERE \
            t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "real_name_at", kind: At, ending: Figures },
            Column { name: "mobile_at", kind: At, ending: Figures },
            Column { name: "blacklist_reason_sealed", kind: Sealed("customer.blacklist_reason"), ending: Erased },
            Column { name: "risk_note_sealed", kind: Sealed("customer.risk_note"), ending: Erased },
            Column { name: "erased_at", kind: At, ending: Figures },
        ],
    },
    Holding {
        table: "person",
        select: "SELECT t.person_id AS row_key, t.id_no_sealed, t.name_sealed, t.born_day, t.sex, \
            t.region, t.known_at FROM person t JOIN customer c ON c.person_id = t.person_id \
            WHERE c.member_id = ?1 ORDER BY t.person_id LIMIT ?2",
        columns: &[
            Column { name: "id_no_sealed", kind: Sealed("person.id_no"), ending: Law },
            Column { name: "name_sealed", kind: Sealed("person.name"), ending: Law },
            Column { name: "born_day", kind: Day, ending: Law },
            Column { name: "sex", kind: Text, ending: Law },
            Column { name: "region", kind: Text, ending: Law },
            Column { name: "known_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "blacklist",
        select: "SELECT t.blacklist_id AS row_key, t.reason_sealed, t.listed_at FROM blacklist t JOIN \
            person p ON p.id_no_index = t.id_no_index JOIN customer c ON c.person_id = \
            p.person_id WHERE c.member_id = ?1 ORDER BY t.blacklist_id LIMIT ?2",
        columns: &[
            Column { name: "reason_sealed", kind: Sealed("blacklist.reason"), ending: Guard },
            Column { name: "listed_at", kind: At, ending: Guard },
        ],
    },
    Holding {
        table: "contact_stop",
        select: "SELECT t.person_id AS row_key, t.kind, t.reason_sealed, t.until_day, t.set_at FROM \
            contact_stop t JOIN customer c ON c.person_id = t.person_id WHERE c.member_id = ?1 \
            ORDER BY t.person_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Law },
            Column { name: "reason_sealed", kind: Sealed("contact_stop.reason"), ending: Law },
            Column { name: "until_day", kind: Day, ending: Law },
            Column { name: "set_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "customer_card",
        select: "SELECT t.card_id AS row_key, t.number_sealed, t.mobile_sealed, t.bank_code, \
            t.bank_name, t.verified_at, t.replaced_at FROM customer_card t WHERE t.member_id = \
            ?1 ORDER BY t.card_id LIMIT ?2",
        columns: &[
            Column { name: "number_sealed", kind: Sealed("customer_card.number"), ending: Law },
            Column { name: "mobile_sealed", kind: Sealed("customer_card.mobile"), ending: Law },
            Column { name: "bank_code", kind: Text, ending: Law },
            Column { name: "bank_name", kind: Text, ending: Law },
            Column { name: "verified_at", kind: At, ending: Law },
            Column { name: "replaced_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "customer_check",
        select: "SELECT t.check_id AS row_key, t.kind, t.asked_sealed, t.outcome, t.reason_sealed, \
            t.holder, t.begun_at, t.finished_at FROM customer_check t WHERE t.member_id = ?1 \
            ORDER BY t.check_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Law },
            Column { name: "asked_sealed", kind: Sealed("customer_check.asked"), ending: Law },
            Column { name: "outcome", kind: Text, ending: Law },
            Column { name: "reason_sealed", kind: Sealed("customer_check.reason"), ending: Law },
            Column { name: "holder", kind: Text, ending: Law },
            Column { name: "begun_at", kind: At, ending: Law },
            Column { name: "finished_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "face_check",
        select: "SELECT t.face_check_id AS row_key, t.flow_no, t.photo_digest, t.result, t.asked_at \
            FROM face_check t WHERE t.member_id = ?1 ORDER BY t.face_check_id LIMIT ?2",
        columns: &[
            Column { name: "flow_no", kind: Text, ending: Law },
            Column { name: "photo_digest", kind: Bytes, ending: Law },
            Column { name: "result", kind: Text, ending: Law },
            Column { name: "asked_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "consent",
        select: "SELECT t.consent_id AS row_key, t.purpose, t.text_version, t.given_at, \
            t.withdrawn_at FROM consent t WHERE t.member_id = ?1 ORDER BY t.consent_id LIMIT ?2",
        columns: &[
            Column { name: "purpose", kind: Text, ending: Law },
            Column { name: "text_version", kind: Text, ending: Law },
            Column { name: "given_at", kind: At, ending: Law },
            Column { name: "withdrawn_at", kind: At, ending: Law },
        ],
    },
    Holding {
        table: "customer_device",
        select: "SELECT t.device_id AS row_key, t.kind, t.first_seen_at, t.last_seen_at FROM \
            customer_device t WHERE t.member_id = ?1 ORDER BY t.device_id LIMIT ?2",
        columns: &[
            Column { name: "kind", kind: Text, ending: Erased },
            Column { name: "first_seen_at", kind: At, ending: Erased },
            Column { name: "last_seen_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "customer_session",
        select: "SELECT t.member_id AS row_key, t.opened_at, t.seen_at FROM customer_session t WHERE \
            t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "opened_at", kind: At, ending: Erased },
            Column { name: "seen_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "customer_profile",
        select: "SELECT t.member_id AS row_key, t.education, t.marital_status, t.registry_province, \
            t.registry_city, t.registry_detail_sealed, t.home_province, t.home_city, \
            t.home_county, t.home_detail_sealed, t.residence, t.industry, t.work_province, \
            t.work_city, t.work_county, t.work_detail_sealed, t.working_time, t.employer_sealed, \
            t.position_sealed, t.monthly_income_fen, t.payroll_day, t.saved_at FROM \
            customer_profile t WHERE t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "education", kind: Text, ending: Erased },
            Column { name: "marital_status", kind: Text, ending: Erased },
            Column { name: "registry_province", kind: Text, ending: Erased },
            Column { name: "registry_city", kind: Text, ending: Erased },
            Column { name: "registry_detail_sealed", kind: Sealed("customer_profile.registry_detail"), ending: Erased },
            Column { name: "home_province", kind: Text, ending: Erased },
            Column { name: "home_city", kind: Text, ending: Erased },
            Column { name: "home_county", kind: Text, ending: Erased },
            Column { name: "home_detail_sealed", kind: Sealed("customer_profile.home_detail"), ending: Erased },
            Column { name: "residence", kind: Text, ending: Erased },
            Column { name: "industry", kind: Text, ending: Erased },
            Column { name: "work_province", kind: Text, ending: Erased },
            Column { name: "work_city", kind: Text, ending: Erased },
            Column { name: "work_county", kind: Text, ending: Erased },
            Column { name: "work_detail_sealed", kind: Sealed("customer_profile.work_detail"), ending: Erased },
            Column { name: "working_time", kind: Text, ending: Erased },
            Column { name: "employer_sealed", kind: Sealed("customer_profile.employer"), ending: Erased },
            Column { name: "position_sealed", kind: Sealed("customer_profile.position"), ending: Erased },
            Column { name: "monthly_income_fen", kind: Yuan, ending: Erased },
            Column { name: "payroll_day", kind: Number, ending: Erased },
            Column { name: "saved_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "customer_contact",
        select: "SELECT t.contact_id AS row_key, t.relation, t.name_sealed, t.phone_sealed, \
            t.added_at FROM customer_contact t WHERE t.member_id = ?1 ORDER BY t.contact_id \
            LIMIT ?2",
        columns: &[
            Column { name: "relation", kind: Text, ending: Erased },
            Column { name: "name_sealed", kind: Sealed("customer_contact.name"), ending: Erased },
            Column { name: "phone_sealed", kind: Sealed("customer_contact.phone"), ending: Erased },
            Column { name: "added_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "phone_book_part",
        select: "SELECT t.part_id AS row_key, t.entries, t.part_sealed, t.saved_at FROM \
            phone_book_part t WHERE t.member_id = ?1 ORDER BY t.part_id LIMIT ?2",
        columns: &[
            Column { name: "entries", kind: Number, ending: Erased },
            Column { name: "part_sealed", kind: Sealed("phone_book_part.part"), ending: Erased },
            Column { name: "saved_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "customer_statement",
        select: "SELECT t.statement_id AS row_key, t.section, t.text_sealed, t.saved_at FROM \
            customer_statement t WHERE t.member_id = ?1 ORDER BY t.statement_id LIMIT ?2",
        columns: &[
            Column { name: "section", kind: Text, ending: Erased },
            Column { name: "text_sealed", kind: Sealed("customer_statement.text"), ending: Erased },
            Column { name: "saved_at", kind: At, ending: Erased },
        ],
    },
    Holding {
        table: "customer_sheet",
        select: "SELECT t.member_id AS row_key, t.text_sealed, t.saved_at FROM customer_sheet t WHERE \
            t.member_id = ?1 ORDER BY t.member_id LIMIT ?2",
        columns: &[
            Column { name: "text_sealed", kind: Sealed("customer_sheet.text"), ending: Erased },
            Column { name: "saved_at", kind: At, ending: Erased },
        ],
    },
];
