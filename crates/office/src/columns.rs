//! Which fields of a list are shown, and in which order; any other list shows what it has.

/// Place of a list, or the field that holds it, and its fields. A dot goes into an object.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "/applications",
        &["code", "asked", "approved", "state", "customer_id", "product", "applied_at", "loan_id"],
    ),
    ("applications", &["code", "asked", "approved", "state", "refusal", "applied_at", "loan_id"]),
    (
        "/loans",
        &[
            "code",
            "terms",
            "state",
            "bucket",
            "customer_id",
            "next_due",
            "overdue_since",
            "paid_out_at",
        ],
    ),
    ("loans", &["code", "terms", "state", "bucket", "next_due", "paid.principal", "paid_out_at"]),
    (
        "/payments",
        &[
            "id",
            "purpose",
            "amount",
            "state",
            "customer_id",
            "loan_id",
            "attempts",
            "requested_at",
            "next_attempt_at",
        ],
    ),
    (
        "payments",
        &["id", "purpose", "amount", "state", "reason", "attempts", "requested_at", "settled_at"],
    ),
    (
        "/approvals",
        &[
            "id",
            "action",
            "subject",
            "amount",
            "state",
            "reason",
            "requested_by",
            "requested_at",
            "decided_by",
        ],
    ),
    (
        "/customers",
        &[
            "id",
            "channel",
            "identity.name",
            "mobile_phone",
            "identity.id_no",
            "card.bank",
            "blacklisted",
            "risky",
            "blocked",
            "registered_at",
        ],
    ),
    (
        "/collections",
        &[
            "code",
            "bucket",
            "days_late",
            "late_today",
            "holder_id",
            "last_outcome",
            "promise",
            "next_action",
            "stopped",
            "last_contact_at",
            "customer_id",
            "channel",
        ],
    ),
    (
        "/collections/breaches",
        &["at", "breach", "way", "outcome", "operator_id", "loan_id", "customer_id", "logged_at"],
    ),
    (
        "collection",
        &[
            "at",
            "way",
            "outcome",
            "promise",
            "note",
            "follow_up",
            "breach",
            "operator_id",
            "loan_id",
        ],
    ),
    ("elsewhere", &["customer_id", "channel", "loans", "running", "overdue", "principal"]),
    ("offer_rows", &["number", "due", "principal", "interest", "fee"]),
    ("fees", &["name", "collector", "time", "share", "amount"]),
    ("decisions", &["at", "step", "verdict", "rule", "reason", "operator_id"]),
    (
        "rows",
        &[
            "number",
            "due",
            "principal",
            "interest",
            "fee",
            "penalty",
            "outstanding",
            "overdue_days",
        ],
    ),
    ("row_interest", &["from", "to", "nights", "balance", "rate", "year_part", "amount"]),
    ("row_penalties", &["from", "to", "days", "base", "daily", "amount"]),
    ("row_fees", &["name", "amount"]),
    ("plan", &["number", "from", "due", "principal", "interest", "fee"]),
    (
        "repayments",
        &["at", "source", "amount", "parts", "excess", "settles", "payment_id", "reversed"],
    ),
    ("documents", &["id", "kind", "version", "made_at", "confirmed_at", "pdf"]),
    (
        "/products",
        &[
            "id",
            "code",
            "version.name",
            "number",
            "on_sale",
            "version.rates",
            "version.amounts",
            "version.methods",
        ],
    ),
    (
        "/statements",
        &["day", "state", "theirs", "ours", "open_differences", "attempts", "compared_at"],
    ),
    (
        "/differences",
        &["day", "kind", "order_no", "payment_id", "ours", "theirs", "state", "reason", "found_at"],
    ),
    ("/rules", &["code", "test", "outcome", "product", "enabled"]),
    ("/audit", &["at", "actor", "action", "subject", "detail"]),
    ("/operators", &["id", "login", "name", "roles", "second_factor", "blocked", "added_at"]),
    ("/me/sessions", &["made_at", "address", "agent", "label", "expires_at", "current"]),
    ("/operators/{id}/sessions", &["made_at", "address", "agent", "label", "expires_at"]),
    ("consents", &["purpose", "text_version", "given_at", "withdrawn_at"]),
    ("/jobs", &["job", "waiting", "next_at"]),
    ("/settings", &["name", "value", "about", "origin"]),
    ("/day-ends", &["day", "phase", "loans", "worked", "failed"]),
    ("/ledger/trial-balance", TRIAL_BALANCE),
    ("trial_balance", TRIAL_BALANCE),
    ("/ledger/balance-sheet", &["section", "code", "account", "amount"]),
    ("/ledger/income-statement", &["section", "code", "account", "amount"]),
    ("/ledger/accounts", &["id", "code", "account", "owner", "side", "balance"]),
    (
        "/ledger/accounts/{id}",
        &["at", "transfer_id", "movement", "subject", "debits", "credits", "side", "balance"],
    ),
    ("/ledger/transfers", &["id", "movement", "subject", "amount", "at", "reverses"]),
    (
        "postings",
        &["account_id", "code", "account", "owner", "debits", "credits", "side", "balance"],
    ),
    ("/ledger/periods", &["id", "state", "transfers", "closed_by", "closed_at"]),
    ("/projects", PROJECTS),
    ("projects", PROJECTS),
    ("project_terms", &["number", "due", "principal", "interest", "instalments", "paid_at"]),
    (
        "/projects/{id}/instalments",
        &["number", "bid_id", "due", "principal", "interest", "paid_at"],
    ),
    ("/projects/{id}/bids", &["id", "investor_id", "amount", "state", "bid_at"]),
    ("bids", &["id", "project_id", "investor_id", "amount", "state", "bid_at"]),
    ("member_bids", &["id", "project_id", "amount", "state", "bid_at"]),
    ("/members", &["id", "mobile_phone", "wallet", "frozen_money", "blocked", "registered_at"]),
];

const TRIAL_BALANCE: &[&str] = &[
    "code",
    "account",
    "opening_debit",
    "opening_credit",
    "debits",
    "credits",
    "closing_debit",
    "closing_credit",
];

const PROJECTS: &[&str] = &[
    "id",
    "title",
    "borrower_id",
    "amount",
    "raised",
    "rate",
    "state",
    "created_at",
    "bidding_ends_at",
];

/// Which order of a list a click on the head of a column asks for, and which a second click: place,
/// field, and the words.
const ORDERS: &[(&str, &str, &str, &str)] = &[
    ("/applications", "applied_at", "oldest", "newest"),
    ("/applications", "asked", "largest", "oldest"),
    ("/loans", "code", "oldest", "newest"),
    ("/loans", "terms", "largest", "oldest"),
    ("/loans", "next_due", "next_due", "oldest"),
    ("/loans", "overdue_since", "longest_overdue", "oldest"),
];

/// The orders that the head of a column asks for.
pub(crate) fn orders(list: &str, field: &str) -> Option<(&'static str, &'static str)> {
    let found = ORDERS.iter().find(|(place, known, _, _)| *place == list && *known == field);
    found.map(|(_, _, first, second)| (*first, *second))
}

/// The fields of a list that are shown; `None` where nobody has chosen.
pub(crate) fn of(list: &str) -> Option<&'static [&'static str]> {
    COLUMNS.iter().find(|(known, _)| *known == list).map(|(_, fields)| *fields)
}
