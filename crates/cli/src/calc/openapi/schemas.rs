//! JSON schemas from the tables of requests.

use serde_json::{Map, Value, json};

use super::requests::Holds::{
    self, Amount, Count, Date, Flag, List, Number, Of, Percent, Text, TextOr, Word,
};
use super::requests::{Field, KINDS, PARTS};

/// References to all kinds.
pub(super) fn kinds() -> Value {
    KINDS.iter().map(|(name, ..)| reference(name)).collect()
}

/// The schemas of requests and of what stands in them, by name.
pub(super) fn all() -> Map<String, Value> {
    let objects = KINDS.iter().chain(PARTS).map(|(name, about, fields, needed)| {
        let properties: Map<String, Value> = fields.iter().map(field).collect();
        let schema = json!({ "type": "object", "description": about, "properties": properties,
                             "required": needed });
        ((*name).to_owned(), schema)
    });
    objects.chain(simple().into_iter().map(|(name, schema)| (name.to_owned(), schema))).collect()
}

/// Schemas that are no objects with fixed fields.
fn simple() -> [(&'static str, Value); 8] {
    let pair = |about: &str, second: Value| {
        json!({ "description": about, "type": "array", "minItems": 2, "maxItems": 3,
                "prefixItems": [schema(Date), second] })
    };
    let parts = ["penalty", "fee", "interest", "principal"];
    [
        (
            "Amount",
            json!({ "type": ["string", "number"], "examples": ["1000.00"],
            "description": "Yuan with at most two decimals; text, so that no digit is lost." }),
        ),
        ("Number", json!({ "type": ["string", "number"], "examples": ["0.08/12"] })),
        ("OnDay", pair("A day and an amount: `[\"2024-02-01\", \"500.00\"]`.", schema(Amount))),
        ("RateChange", pair("The first day at a new rate, and the rate.", schema(Percent))),
        ("Period", pair("First day and due date.", schema(Date))),
        ("Part", json!({ "type": "string", "enum": parts })),
        (
            "Payments",
            json!({ "type": "array", "items": { "anyOf": [
            reference("OnDay"), reference("Amount"),
            { "type": "object", "properties": {
                "amount": schema(Amount),
                "count": { "type": "integer", "description": "How many times." },
                "on": schema(Date),
                "after_days": { "type": "integer" },
                "after_weeks": { "type": "integer" },
                "after_months": { "type": "integer" },
                "after_years": { "type": "integer" } }, "required": ["amount"] }
        ] } }),
        ),
        (
            "Event",
            json!({ "description":
            "`[day, amount]` is a repayment; `[kind, day, amount]`, or an object.",
            "anyOf": [reference("OnDay"), { "type": "object", "properties": {
                "kind": { "enum": ["repayment", "settlement", "fee", "penalty", "disbursement"] },
                "on": schema(Date), "amount": schema(Amount) }, "required": ["on", "amount"] }] }),
        ),
    ]
}

fn field((name, holds, about): &Field) -> (String, Value) {
    let mut schema = schema(*holds);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), (*about).into());
    }
    ((*name).to_owned(), schema)
}

/// A reference to a schema.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schema(holds: Holds) -> Value {
    match holds {
        Amount => reference("Amount"),
        Percent => json!({ "type": ["string", "number"], "examples": ["7.2", "7.2%"] }),
        Date => json!({ "type": "string", "format": "date" }),
        Count => json!({ "type": ["integer", "string"], "minimum": 0 }),
        Text => json!({ "type": "string", "maxLength": 2000 }),
        Word(words) => json!({ "type": "string", "examples": words }),
        Flag => json!({ "type": "boolean" }),
        Number => reference("Number"),
        Of(name) => reference(name),
        List(name) => json!({ "type": "array", "maxItems": 4000, "items": reference(name) }),
        TextOr(name) => json!({ "anyOf": [{ "type": "string" }, reference(name)] }),
    }
}
