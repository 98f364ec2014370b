//! Personal columns of which a copy holds nothing, each with the reason.

/// Table, column (`*` for all of them), and why.
pub const EXEMPT: &[(&str, &str, &str)] = &[
    ("member", "mobile_index", "a keyed digest of what is in the copy"),
    ("member", "mobile_masked", "made of the number that is in the copy"),
    ("person", "id_no_index", "a keyed digest of what is in the copy"),
    ("blacklist", "id_no_index", "a keyed digest of what is in the copy"),
    ("customer_card", "number_index", "a keyed digest of what is in the copy"),
    ("customer_check", "card_index", "a keyed digest of what is in the copy"),
    ("customer_device", "token_index", "a keyed digest of what an app was given"),
    ("customer_contact", "phone_index", "a keyed digest of what is in the copy"),
    ("lead", "id_no_index", "a keyed digest of what is in the copy"),
    ("report_task", "handle_index", "a keyed digest of a provider's number for the task"),
    ("document_pdf", "pdf_sealed", "the same text as that of the document, which is in the copy"),
    ("card_guard", "card_index", "counts by a keyed digest, which lead to nobody"),
    ("attempt_guard", "subject", "counts by a keyed digest; gone within days"),
    ("rate_window", "subject", "counts by a keyed digest; gone within days"),
    ("sms_code", "subject", "a code by a keyed digest; gone within minutes"),
    ("door_proof", "subject", "a proof by a keyed digest; gone within minutes"),
    (
        "kept_answer",
        "answer_sealed",
        "an answer for a repeated call, found by its key alone; gone within two days",
    ),
    ("sms", "*", "the outbox knows no account; it is emptied after weeks"),
    ("bid", "*", "of the market, whose members are no customers of a lender"),
    ("instalment", "*", "of the market, whose members are no customers of a lender"),
    ("operator", "*", "who works for the lender"),
    ("operator_token", "*", "who works for the lender"),
    ("application", "tenors", "what a product offers"),
];
