//! The form of the page: its fields with what they hold at first, and the request that they make.

use kernel::Date;
use serde_json::{Map, Value, json};

/// The longest value of a field; more is cut off, and then refused as what it is not.
const LONGEST_VALUE: usize = 40;

/// The fields and what the page offers in them. `start` is the day on which the page is made.
const FIELDS: &[(&str, &str)] = &[
    ("principal", "100000.00"),
    ("method", "equal-instalment"),
    ("rate", "7.2"),
    ("rate_unit", "year"),
    ("term", "12"),
    ("term_unit", "months"),
    ("freq", "1 month"),
    ("start", ""),
    ("upfront_fee", ""),
    ("upfront_time", "kept-back"),
    ("period_fee", ""),
    ("period_base", "loan"),
    ("down_payment", ""),
    ("grace_principal", ""),
    ("interest_free", ""),
    ("interest_free_rule", "waive"),
    ("grace_interest", ""),
    ("grace_interest_rule", "deferred"),
    ("first", ""),
    ("daycount", ""),
    ("month_end", "clamp"),
    ("signed_on", ""),
    ("lender", "institution"),
    ("mode", "half-up"),
    ("step", "0.01"),
    ("absorb", ""),
    ("instalment", ""),
    ("explain", ""),
];

/// What stands in the form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    values: Vec<(&'static str, &'static str, String)>,
}

impl Form {
    /// The form with what a query fills in. Names that it has no field for are passed over.
    pub(super) fn of(query: &[(String, String)], today: Date) -> Self {
        let values = FIELDS.iter().map(|(name, offered)| {
            let given = query.iter().find(|(given, _)| given == name);
            let value = match given {
                Some((_, value)) => value.trim().chars().take(LONGEST_VALUE).collect(),
                None if *name == "start" => today.to_string(),
                None => (*offered).to_owned(),
            };
            (*name, *offered, value)
        });
        Self { values: values.collect() }
    }

    /// What stands in a field; nothing in one that does not exist.
    pub(super) fn value(&self, name: &str) -> &str {
        let found = self.values.iter().find(|(field, _, _)| *field == name);
        found.map_or("", |(_, _, value)| value.as_str())
    }

    /// Fields with what is offered in them.
    pub(super) fn offered() -> impl Iterator<Item = (&'static str, &'static str)> {
        FIELDS.iter().copied()
    }

    /// Whether one of the fields holds something else than what is offered.
    pub(super) fn is_changed(&self, names: &[&str]) -> bool {
        self.values.iter().any(|(name, offered, value)| names.contains(name) && offered != value)
    }

    /// The request that it makes, as the script makes it too.
    pub(super) fn request(&self) -> Value {
        let mut request = Map::new();
        let mut put = |name: &str, value: Value| request.insert(name.to_owned(), value);
        let rate = match self.value("rate_unit") {
            "month" => "rate_per_month",
            "day" => "rate_per_day",
            _ => "rate",
        };
        if !self.value("rate").is_empty() {
            put(rate, self.value("rate").into());
        }
        if !self.value("term").is_empty() {
            let term = format!("{} {}", self.value("term"), self.value("term_unit"));
            let freq = if self.value("method") == "one-off" { &term } else { self.value("freq") };
            put("freq", freq.into());
            put("term", term.as_str().into());
        }
        let always = ["principal", "method", "month_end", "lender"];
        let dates = ["start", "first", "signed_on"];
        let others = ["daycount", "down_payment", "instalment"];
        let counts = ["grace_principal", "grace_interest", "interest_free"];
        for name in always.into_iter().chain(dates).chain(others).chain(counts) {
            if !self.value(name).is_empty() {
                put(name, self.value(name).into());
            }
        }
        for (count, rule) in
            [("interest_free", "interest_free_rule"), ("grace_interest", "grace_interest_rule")]
        {
            if !self.value(count).is_empty() {
                put(rule, self.value(rule).into());
            }
        }
        let mut rounding = json!({ "mode": self.value("mode"), "step": self.value("step") });
        if let (Some(rounding), false) = (rounding.as_object_mut(), self.value("absorb").is_empty())
        {
            rounding.insert("absorb".to_owned(), self.value("absorb").into());
        }
        put("rounding", rounding);
        let fees: Vec<Value> = self.fees().collect();
        if !fees.is_empty() {
            put("fees", fees.into());
        }
        Value::Object(request)
    }

    fn fees(&self) -> impl Iterator<Item = Value> {
        let fees = [
            ("upfront_fee", self.value("upfront_time"), "loan"),
            ("period_fee", "each-period", self.value("period_base")),
        ];
        fees.into_iter().filter(|(name, _, _)| !self.value(name).is_empty()).map(
            |(name, time, base)| match self.value(name).strip_suffix(['%', '％']) {
                Some(share) => json!({ "name": name, "time": time, "base": base,
                                       "share": share.trim() }),
                None => json!({ "name": name, "time": time, "base": base,
                                "amount": self.value(name) }),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &[(&str, &str)], wanted: &str) {
        let query: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let today = Date::parse("2026-11-23").unwrap();
        let mut request = Form::of(&query, today).request();
        let fields = request.as_object_mut().unwrap();
        for usual in ["month_end", "lender", "rounding", "start"] {
            assert!(fields.remove(usual).is_some(), "{usual}");
        }
        assert_eq!(request, serde_json::from_str::<Value>(wanted).unwrap());
    }

    #[test]
    fn what_is_typed_becomes_a_request() {
        check(
            &[],
            r#"{"principal":"100000.00","rate":"7.2","term":"12 months","freq":"1 month",
                "method":"equal-instalment"}"#,
        );
        check(
            &[
                ("rate", "0.05"),
                ("rate_unit", "day"),
                ("term", " 90 "),
                ("term_unit", "days"),
                ("method", "one-off"),
                ("show", "1"),
            ],
            r#"{"principal":"100000.00","rate_per_day":"0.05","term":"90 days","freq":"90 days",
                "method":"one-off"}"#,
        );
        check(
            &[
                ("principal", ""),
                ("rate", ""),
                ("term", ""),
                ("interest_free", "2"),
                ("upfront_fee", "1%"),
                ("period_fee", "5.00"),
            ],
            r#"{"method":"equal-instalment","interest_free":"2","interest_free_rule":"waive",
                "fees":[{"name":"upfront_fee","time":"kept-back","base":"loan","share":"1"},
                        {"name":"period_fee","time":"each-period","base":"loan","amount":"5.00"}]}"#,
        );
    }
}
