//! The OpenAPI 3.1 description of the calculator.

mod requests;
mod schemas;

use serde_json::{Map, Value, json};

use schemas::reference;

const ABOUT: &str = "Prices loans: schedule, totals, every annual rate, legal lines, and what \
    stands open on a day. Stateless: nothing is kept. Amounts are yuan as text, rates percent as \
    text. The kind of a request is told by its fields. Fields that mean nothing are named in \
    `ignored` of the answer. The same calculator is the command `jiehuan calc`; docs/calc.md has \
    worked examples.";

/// The description. `version` is that of the binary.
pub fn describe(version: &str) -> Value {
    let mut schemas = schemas::all();
    schemas.insert("Request".to_owned(), json!({ "anyOf": schemas::kinds() }));
    schemas.insert("LoanAnswer".to_owned(), loan_answer());
    schemas.insert("FiguresAnswer".to_owned(), figures_answer());
    schemas.insert("Error".to_owned(), error());
    schemas.insert(
        "Answer".to_owned(),
        json!({ "anyOf": [reference("LoanAnswer"), reference("FiguresAnswer")] }),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Jiehuan 借还: loan calculator (贷款计算器)",
            "description": ABOUT,
            "version": version,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "paths": { "/calc": { "post": post(), "get": page() } },
        "components": { "schemas": schemas }
    })
}

fn page() -> Value {
    json!({
        "summary": "The page on which one types terms",
        "operationId": "calc_page",
        "parameters": [parameter("lang", &["zh", "en"], "Language; the browser's by itself.")],
        "responses": { "200": { "description": "The page.", "content": { "text/html": {} } } }
    })
}

fn post() -> Value {
    let one_or_many = |name: &str| {
        json!({ "oneOf": [reference(name),
                          { "type": "array", "maxItems": 100, "items": reference(name) }] })
    };
    let refusal = |about: &str| {
        json!({ "description": about,
                "content": { "application/json": { "schema": reference("Error") } } })
    };
    json!({
        "summary": "Answer one request, or up to 100 in an array",
        "operationId": "calc",
        "description": "Any content type; the body is JSON. In an array a refused request has \
                        its error at its place.",
        "parameters": [
            parameter("format", &["json", "csv"], "CSV has the rows of a single request; \
                                                   `Accept: text/csv` asks for it too."),
            parameter("explain", &["0", "1"], "Whether each figure is explained.")
        ],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": one_or_many("Request"), "examples": examples() } } },
        "responses": {
            "200": { "description": "The answer, or the answers in the order of the requests.",
                "content": {
                    "application/json": { "schema": { "anyOf": [one_or_many("Answer"),
                        { "type": "array", "items": { "anyOf": [reference("Answer"),
                                                                reference("Error")] } }] } },
                    "text/csv": { "schema": { "type": "string" } } } },
            "400": refusal("The body is no JSON, or the query is wrong."),
            "405": refusal("Another method than GET, HEAD, POST or OPTIONS."),
            "413": refusal("The body is longer than `http.body_kib`."),
            "422": refusal("The request cannot be priced; the error names the field."),
            "503": refusal("Too many calculations at once; `retry-after` says when to try again.")
        }
    })
}

fn parameter(name: &str, words: &[&str], about: &str) -> Value {
    json!({ "name": name, "in": "query", "description": about,
            "schema": { "type": "string", "enum": words } })
}

fn examples() -> Value {
    json!({
        "equal_instalment": { "summary": "等额本息 with a fee that is kept back", "value": {
            "principal": "100000.00", "rate": "7.2", "n": 12, "start": "2026-11-23",
            "method": "equal-instalment", "upfront_fee": "1%" } },
        "one_off": { "summary": "90 days by ACT/360", "value": {
            "principal": "5000.00", "rate": "18", "days": 90, "start": "2026-11-23",
            "method": "one-off", "daycount": "ACT/360" } },
        "overdue": { "summary": "What is owed after a missed instalment", "value": {
            "principal": "12000.00", "rate": "12", "n": 12, "start": "2026-01-31",
            "payments": [["2026-02-28", "1066.19"]], "business_date": "2026-04-15",
            "penalty": "0.05% of overdue principal a day" } },
        "split": { "summary": "Three investors", "value": {
            "total": "100.00", "shares": ["1.00", "1.00", "1.00"] } },
        "several": { "summary": "Two at once", "value": [
            { "drawdown": "10000.00", "repayments": "12 x 900.00" },
            { "id": "11010519491231002X" } ] }
    })
}

fn error() -> Value {
    json!({
        "type": "object", "required": ["error"],
        "properties": { "error": {
            "type": "object", "required": ["field", "en", "zh"],
            "properties": {
                "field": { "type": "string", "description":
                    "The field that is wrong: `principal`, `fees[0].share`; `request` for the \
                     whole body." },
                "en": { "type": "string" },
                "zh": { "type": "string" }
            } } },
        "examples": [{ "error": { "field": "n", "en": "n must be between 1 and 3650",
                                  "zh": "n 应在 1 与 3650 之间" } }]
    })
}

fn figures_answer() -> Value {
    json!({ "type": "object", "description":
        "Figures by name: rates end in `_percent`, amounts are yuan as text.",
        "additionalProperties": true })
}

/// Text fields of an object, with what they mean.
fn texts(fields: &[(&str, &str)]) -> Map<String, Value> {
    let field = |(name, about): &(&str, &str)| {
        ((*name).to_owned(), json!({ "type": "string", "description": about }))
    };
    fields.iter().map(field).collect()
}

fn list_of(properties: &Map<String, Value>, about: &str) -> Value {
    json!({ "type": "array", "description": about,
            "items": { "type": "object", "properties": properties } })
}

fn loan_answer() -> Value {
    let mut all = texts(&[
        ("method", "How it is repaid."),
        ("principal", "What is owed: all disbursements, and fees added to them."),
        ("received", "What is received: fees kept back are gone (实际到手)."),
        ("instalment", "The level instalment: that of the first row that repays principal."),
        ("last", "The instalment of the last row."),
        ("interest", "The interest of a loan with a single row."),
        ("total_principal", "Principal of all rows."),
        ("total_interest", "Interest of all rows."),
        ("total_fees", "All fees, those kept back and added too."),
        ("total_penalties", "Penalties of all rows (罚息)."),
        ("total_repaid", "Everything that is paid in rows."),
        ("total_cost", "Interest and fees (总成本)."),
        ("on", "The day in question; this and what follows where the request asks for it."),
        ("due", "What is due and unpaid."),
        ("overdue", "What was due before the day and is unpaid (逾期)."),
        ("excess", "The borrower's credit."),
        ("outstanding_principal", "Principal that a settlement pays."),
        ("interest_to_date", "Interest that a settlement pays."),
        ("payoff_fees", "Fees that a settlement pays."),
        ("payoff_penalties", "Penalties that a settlement pays."),
        ("payoff_total", "What it takes to settle (结清金额)."),
    ]);
    let mut add = |name: &str, schema: Value| all.insert(name.to_owned(), schema);
    add("periods", json!({ "type": "integer", "description": "How many rows there are." }));
    add("rows", rows());
    add("fees", {
        let mut fee = texts(&[("name", "Name."), ("on", "Day."), ("amount", "How much.")]);
        fee.insert("upfront".to_owned(), json!({ "type": "boolean" }));
        list_of(&fee, "Each charge of a fee.")
    });
    add("cost", cost());
    add("legal", {
        let mut line = texts(&[
            ("line", "The line (利率红线)."),
            ("limit_percent", "Its limit."),
            ("figure_percent", "The contract's figure."),
            ("signed_on", "The day of the contract."),
            ("en", "The finding in English."),
            ("zh", "The finding in Chinese."),
        ]);
        line.insert("exceeded".to_owned(), json!({ "type": "boolean" }));
        list_of(&line, "The legal lines of the day on which it was signed.")
    });
    add("repayments", repayments());
    add(
        "explain",
        json!({ "type": "array", "items": { "type": "string" },
        "description": "How each figure came about, where it was asked for." }),
    );
    add("stretches", stretches());
    add(
        "ignored",
        json!({ "type": "array", "items": { "type": "string" },
        "description": "Fields of the request that mean nothing here." }),
    );
    json!({ "type": "object", "properties": all })
}

fn rows() -> Value {
    let mut row = texts(&[
        ("from", "The first day of its period."),
        ("due", "Its due date (还款日)."),
        ("instalment", "Everything that is due with it."),
        ("principal", "The part of principal."),
        ("interest", "Interest."),
        ("fees", "Fees."),
        ("penalties", "Penalties (罚息)."),
        ("balance", "Principal outstanding afterwards (剩余本金)."),
        ("paid", "What has been paid of it."),
        ("outstanding", "What is unpaid of it."),
    ]);
    for (name, about) in
        [("n", "Its number."), ("days", "Days."), ("overdue_days", "Days overdue.")]
    {
        row.insert(name.to_owned(), json!({ "type": "integer", "description": about }));
    }
    list_of(&row, "The schedule (还款计划).")
}

fn cost() -> Value {
    let rates = texts(&[
        ("period_irr_percent", "IRR of one period."),
        ("nominal_percent", "Nominal: IRR of a period, times the periods of a year."),
        ("effective_percent", "Effective: compounded over a year."),
        ("by", "Whether both are by `periods` or by `days`."),
        ("reg_z_apr_percent", "US Regulation Z, Appendix J."),
        ("eu_apr_percent", "EU 2008/48/EC, days/365."),
        ("disclosure_irr_percent", "Chinese disclosure rate, IRR method (内部收益率法), nominal."),
        ("disclosure_irr_compound_percent", "The same, compounded over a year (复利)."),
        ("disclosure_simple_percent", "The same by the simple method (单利)."),
        ("disclosure_simple_label", "The word that has to stand beside it."),
        ("problem", "Why a rate is missing, in English."),
        ("problem_zh", "Why a rate is missing, in Chinese."),
    ]);
    json!({ "type": "object", "description": "Annual rates, percent.", "properties": rates })
}

fn repayments() -> Value {
    let payment = texts(&[
        ("date", "Its day."),
        ("amount", "How much it was."),
        ("principal", "For principal."),
        ("interest", "For interest."),
        ("fees", "For fees."),
        ("penalties", "For penalties."),
        ("excess", "For nothing that was owed."),
        ("principal_balance", "Principal outstanding afterwards."),
    ]);
    list_of(&payment, "What each payment was used for.")
}

fn stretches() -> Value {
    let mut stretch = texts(&[
        ("from", "Its first day."),
        ("to", "The day after its last night."),
        ("balance", "The balance that bears interest."),
        ("rate", "The yearly rate, in percent."),
        ("years", "What part of a year it is, as a fraction."),
        ("factor", "Rate times part of a year."),
        ("interest", "The interest."),
    ]);
    stretch.insert("n".to_owned(), json!({ "type": "integer", "description": "Its row." }));
    list_of(&stretch, "The interest of each stretch of unchanged balance and rate.")
}

#[cfg(test)]
mod tests;
