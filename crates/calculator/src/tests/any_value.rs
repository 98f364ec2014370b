//! Any value in any field, and random requests: each is answered or refused, quickly.

use serde_json::{Map, Value, json};

use super::hostile::refused;

/// Every field that a request may have.
const FIELDS: &str = "\
    allocation amortization amount_financed business_date calc_period charges contract \
    daycount days disbursed disbursements down_payment drawdown drawdowns events explain f fee fees \
    first flows freq fv grace_interest grace_interest_rule grace_principal id instalment \
    instalment_multiple_of interest_free interest_free_rule interest_method lender \
    level_basis lpr method mobile month_end n nper paid_instalments pan payment \
    payment_strategy payments payoff_date penalty per periods pmt preclose prepayment \
    principal pv rate rate_changes rate_per_day rate_per_month recalculate received repaid \
    repayments rounding schedule_start settlement_fee settlement_interest shares signed_on \
    smoothing start strategy t term times total unit_periods_per_year upfront_fee when";

pub(super) fn fields() -> Vec<&'static str> {
    FIELDS.split_whitespace().collect()
}

/// A good request of each kind.
fn good() -> Vec<Value> {
    vec![
        json!({"principal": "10000", "rate": "12", "n": 12, "start": "2026-01-31"}),
        json!({"principal": "500", "rate": "36", "days": 14}),
        json!({"principal": "1000", "rate": "24", "n": 3, "method": "flat", "start": "2026-01-01",
            "payments": [["2026-02-01", "100"]], "penalty": "0.05% of overdue amount a day",
            "business_date": "2026-04-01"}),
        json!({"drawdown": "1000", "repayments": "12 x 100"}),
        json!({"amount_financed": "1000", "payments": "12 x 100", "unit_periods_per_year": 12}),
        json!({"contract": "5000", "received": "4500", "repaid": "5010.42", "days": 5}),
        json!({"flows": ["-100", "60", "60"]}),
        json!({"rate": "0.01", "nper": 12, "pv": "1000"}),
        json!({"principal": "35000", "payment": "269.5", "n": 360}),
        json!({"rate": "9", "daycount": "ACT/365", "periods": [["2024-01-01", "2024-02-01"]]}),
        json!({"lpr": ["3.85"]}),
        json!({"total": "0.02", "shares": [1, 1, 1]}),
        json!({"pan": "4111111111111111"}),
        json!({"mobile": "13800000000"}),
        json!({"id": "11010519491231002X"}),
    ]
}

/// Values of every type and size.
fn values() -> Vec<Value> {
    let mut deep = json!("deep");
    for depth in 0..60 {
        deep = if depth % 2 == 0 { json!([deep]) } else { json!({"amount": deep}) };
    }
    vec![
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("x"),
        json!(-1),
        json!(0),
        json!(7),
        json!(u64::MAX),
        json!(1e300),
        json!(-1e-300),
        json!("2026-03-01"),
        json!("12 months"),
        json!("1%"),
        json!("daily"),
        json!("9".repeat(3000)),
        json!("é".repeat(3000)),
        json!("－１ \u{0} \u{202e}\n"),
        json!([null, true, {}, [], -1]),
        json!([["2026-03-01", "5"], ["2026-04-01", "6"]]),
        json!([["fee", "2026-03-01", "5"]]),
        json!([{"on": "2026-03-01", "amount": "5", "count": 4_000_000_000_u32}]),
        json!({"amount": "5", "on": "2026-03-01"}),
        deep,
    ]
}

#[test]
fn any_value_in_any_field_is_answered_or_refused() {
    let mut refusals = 0;
    for base in good() {
        assert_eq!(refused(&base), None, "{base}");
        for field in fields() {
            for value in values() {
                let mut request = base.clone();
                request[field] = value;
                refusals += usize::from(refused(&request).is_some());
            }
        }
    }
    assert!(refusals > 1000, "{refusals}");
}

/// Every field that is asked for is in the list above, so that nothing escapes these tests.
#[test]
fn the_list_of_fields_is_the_whole_list() {
    let mut request = json!({"principal": "1000", "rate": "12", "n": 3});
    for field in fields() {
        request[format!("no_{field}")] = json!(1);
    }
    let answer = super::ask(&request);
    assert_eq!(answer["ignored"].as_array().unwrap().len(), fields().len());
    let sources = [
        include_str!("../loan.rs"),
        include_str!("../flows.rs"),
        include_str!("../figures.rs"),
        include_str!("../people.rs"),
        include_str!("../tvm.rs"),
        include_str!("../read/fees.rs"),
        include_str!("../read/flows.rs"),
        include_str!("../read/rounding.rs"),
        include_str!("../read/rules.rs"),
        include_str!("../read/terms.rs"),
    ];
    let calls = ["amount", "percent", "date", "count", "flag", "list", "text", "word", "value"];
    for source in sources {
        for call in calls {
            for (place, mark) in source.match_indices(&format!(" fields.{call}(\"")) {
                let rest = &source[place + mark.len()..];
                let field = rest.split('"').next().unwrap();
                assert!(fields().contains(&field), "{field}");
            }
        }
    }
}

/// Texts that fit some field.
const TEXTS: &[&str] = &[
    "",
    "0",
    "1000.00",
    "10000000000",
    "0.01",
    "12",
    "36%",
    "25%",
    "2026-01-31",
    "2024-02-29",
    "1900-01-01",
    "2200-12-31",
    "1 month",
    "15 days",
    "52 weeks",
    "flat",
    "one-off",
    "equal-principal",
    "interest-only",
    "ACT/ACT",
    "30E/360",
    "ACT/364",
    "half-even",
    "up",
    "roll",
    "first",
    "last",
    "smooth",
    "daily",
    "none",
    "deferred",
    "defer",
    "fewer",
    "next",
    "once",
    "outstanding",
    "1% of interest",
    "0.05% of overdue amount a day",
    "12 x 100",
    "5 x 250.00 (t=4 f=5/7)",
    "100 after 5 days",
    "0.1/12",
    "-2000",
    "private",
    "platform",
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER",
    "instalment CEIL to 1",
    "settlement",
    "NaN",
];
/// Names of fields in objects inside.
const NAMES: &[&str] = &[
    "on",
    "amount",
    "rate",
    "share",
    "time",
    "base",
    "mode",
    "step",
    "absorb",
    "interest",
    "instalment",
    "due",
    "in_advance",
    "across",
    "sequence",
    "per",
    "grace_days",
    "cap_days",
    "cap_amount",
    "cap_rate",
    "compounds",
    "kind",
    "count",
    "after_days",
    "name",
];
/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A value that often fits some field.
    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => json!(self.below(40)),
            1 => json!(self.below(1_000_000)),
            2 => json!(self.below(2) == 0),
            3..=5 => json!(self.of(TEXTS)),
            6 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let mut map = Map::new();
                for _ in 0..self.below(5) {
                    map.insert((*self.of(NAMES)).to_owned(), self.value(depth - 1));
                }
                map.into()
            }
        }
    }
}

#[test]
fn random_requests_are_answered_or_refused() {
    let mut dice = Dice(20_261_123);
    let good = good();
    let (mut answered, mut all) = (0, 0);
    for _ in 0..20_000 {
        let mut request = dice.of(&good).clone();
        for _ in 0..dice.below(5) {
            let field = *dice.of(&fields());
            request[field] = dice.value(3);
        }
        all += 1;
        answered += usize::from(refused(&request).is_none());
    }
    assert!(answered * 10 > all, "{answered} of {all} say little about answers");
}
