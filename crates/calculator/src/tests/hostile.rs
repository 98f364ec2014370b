//! Requests that cannot be answered: each is refused at the field that has the problem, in both
//! languages. The longest that can be are answered.

use serde_json::{Map, Value, json};

use super::options;
use crate::answer;

/// The field that a request is refused at, or nothing.
#[track_caller]
pub(super) fn refused(request: &Value) -> Option<String> {
    match answer(request, &options()) {
        Ok(answer) => {
            // What is answered can be written, and shown in every form.
            assert!(serde_json::to_string(&answer).unwrap().len() > 2);
            assert!(!crate::table(&answer).is_empty() && !crate::csv(&answer).is_empty());
            None
        }
        Err(problem) => {
            let (en, zh) = (problem.en(), problem.zh());
            assert!(en.len() > problem.field.len() + 3, "{request}: {en}");
            assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{request}: {zh}");
            Some(problem.field.into_owned())
        }
    }
}

/// A loan of 10000 at 12 % over 12 months from 1 January 2026, changed by the text.
#[track_caller]
fn check(changes: &str, want: &str) {
    let mut request = json!({"principal": "10000", "rate": "12", "n": 12, "start": "2026-01-01"});
    let changes: Map<String, Value> = serde_json::from_str(changes).unwrap();
    for (field, value) in changes {
        request[field] = value;
    }
    assert_eq!(refused(&request).as_deref(), Some(want), "{request}");
}

#[test]
fn amounts_and_rates_out_of_bounds_are_refused_by_name() {
    //    changed fields                                 the field that is named
    check(r#"{"principal": "-1"}"#, "principal");
    check(r#"{"principal": -0.01}"#, "principal");
    check(r#"{"principal": "0"}"#, "principal");
    check(r#"{"principal": "10000000000.01"}"#, "principal");
    check(r#"{"principal": 1e308}"#, "principal");
    check(r#"{"principal": "1e308"}"#, "principal");
    check(r#"{"principal": "NaN"}"#, "principal");
    check(r#"{"principal": "inf"}"#, "principal");
    check(r#"{"principal": "0x10"}"#, "principal");
    check(r#"{"principal": "1000.005"}"#, "principal");
    check(r#"{"principal": "1,5"}"#, "principal");
    check(r#"{"principal": "1,0000"}"#, "principal");
    check(r#"{"principal": "1000."}"#, "principal");
    check(r#"{"principal": ".5"}"#, "principal");
    check(r#"{"principal": "１０００"}"#, "principal");
    check(r#"{"principal": "1 000,00"}"#, "principal");
    check(r#"{"principal": null}"#, "principal");
    check(r#"{"rate": "-1"}"#, "rate");
    check(r#"{"rate": "10000.00000001"}"#, "rate");
    check(r#"{"rate": "1e2"}"#, "rate");
    check(r#"{"rate": "NaN"}"#, "rate");
    check(r#"{"rate": "8,4"}"#, "rate");
    check(r#"{"rate": "0.000000001"}"#, "rate");
    check(r#"{"rate": null}"#, "rate");
    check(r#"{"rate": null, "rate_per_month": "834"}"#, "rate_per_month");
    check(r#"{"rate": null, "rate_per_day": "28", "daycount": "ACT/365"}"#, "rate_per_day");
    check(r#"{"rate": null, "rate_per_day": "0.05", "daycount": "ACT/ACT"}"#, "rate_per_day");
    check(r#"{"upfront_fee": "-1"}"#, "upfront_fee");
    check(r#"{"instalment": "0"}"#, "instalment");
    check(r#"{"down_payment": "-25%"}"#, "down_payment");
    check(r#"{"instalment_multiple_of": "10001"}"#, "instalment_multiple_of");
    check(r#"{"rounding": {"step": "0"}}"#, "rounding.step");
    check(r#"{"rounding": {"interest": {"step": "99999"}}}"#, "rounding.interest.step");
    check(r#"{"principal": "10000000000", "rate": "10000"}"#, "principal");
}

#[test]
fn periods_and_dates_out_of_bounds_are_refused_by_name() {
    check(r#"{"n": 0}"#, "n");
    check(r#"{"n": 3651}"#, "n");
    check(r#"{"n": 100000}"#, "n");
    check(r#"{"n": -12}"#, "n");
    check(r#"{"n": 1.5}"#, "n");
    check(r#"{"n": 4294967296}"#, "n");
    check(r#"{"n": null}"#, "n");
    check(r#"{"n": 100000, "method": "one-off"}"#, "n");
    check(r#"{"n": null, "days": 0}"#, "days");
    check(r#"{"n": null, "days": 120000}"#, "freq");
    check(r#"{"freq": "0 months"}"#, "freq");
    check(r#"{"freq": "4294967295 years"}"#, "freq");
    check(r#"{"freq": "99999999999 days"}"#, "freq");
    check(r#"{"freq": "-3 months"}"#, "freq");
    check(r#"{"freq": "fortnight"}"#, "freq");
    check(r#"{"freq": "1 year", "n": 400}"#, "n");
    check(r#"{"n": null, "term": "13 months", "freq": "2 months"}"#, "term");
    check(r#"{"n": null, "term": "1 year", "freq": "0 days"}"#, "term");
    check(r#"{"start": "2026-02-31"}"#, "start");
    check(r#"{"start": "2025-02-29"}"#, "start");
    check(r#"{"start": "1899-12-31"}"#, "start");
    check(r#"{"start": "2201-01-01"}"#, "start");
    check(r#"{"start": "2200-06-01"}"#, "n");
    check(r#"{"start": "2200-12-01", "n": 1}"#, "freq");
    check(r#"{"start": "20260101"}"#, "start");
    check(r#"{"start": "2026-1-1"}"#, "start");
    check(r#"{"start": 20260101}"#, "start");
    check(r#"{"start": "tomorrow"}"#, "start");
    check(r#"{"first": "2025-12-31"}"#, "first");
    check(r#"{"first": "2026-01-01"}"#, "first");
    check(r#"{"first": "1850-01-01"}"#, "first");
    check(r#"{"signed_on": "1899-01-01"}"#, "signed_on");
    check(r#"{"business_date": "2025-12-31"}"#, "business_date");
    check(r#"{"business_date": "2201-01-01"}"#, "business_date");
    check(r#"{"payments": [["2025-12-31", "1"]]}"#, "payments[0]");
    check(r#"{"payments": [["2026-02-30", "1"]]}"#, "payments[0]");
    check(r#"{"disbursed": "2025-12-31"}"#, "disbursements");
    check(r#"{"rate_changes": [["2026-13-01", "6"]]}"#, "rate_changes[0]");
    check(r#"{"rate_changes": [["2026-03-01", "-6"]]}"#, "rate_changes[0]");
    check(r#"{"rate_changes": [["2025-03-01", "6"]]}"#, "rate_changes");
    check(r#"{"fees": [{"amount": "5", "on": "2099-01-01"}]}"#, "fees[0].on");
}

#[test]
fn options_that_contradict_each_other_are_refused_by_name() {
    check(r#"{"days": 14}"#, "days");
    check(r#"{"n": null, "days": 14, "term": "14 days"}"#, "days");
    check(r#"{"n": null, "days": 14, "freq": "1 week"}"#, "days");
    check(r#"{"term": "12 months"}"#, "term");
    check(r#"{"rate_per_month": "1"}"#, "rate_per_month");
    check(r#"{"rate_per_day": "0.03"}"#, "rate_per_day");
    check(r#"{"grace_principal": 12}"#, "grace_principal");
    check(r#"{"grace_principal": 100}"#, "grace_principal");
    check(r#"{"grace_interest": 12}"#, "grace_interest");
    check(r#"{"grace_principal": 1, "method": "interest-only"}"#, "grace_principal");
    check(r#"{"interest_free": 13}"#, "interest_free");
    check(r#"{"interest_free": 12, "interest_free_rule": "defer"}"#, "interest_free");
    check(r#"{"interest_free": 1, "grace_interest": 1}"#, "interest_free");
    check(r#"{"fees": [{"share": "1", "amount": "5"}]}"#, "fees[0].share");
    check(r#"{"fees": [{"time": "upfront"}]}"#, "fees[0].amount");
    check(r#"{"fees": [{"amount": "5", "time": "added", "on": "2026-03-01"}]}"#, "fees[0].on");
    check(r#"{"fees": [{"share": "5", "time": "added", "base": "interest"}]}"#, "fees[0].base");
    check(r#"{"fees": [{"amount": "5", "time": "sometimes"}]}"#, "fees[0].time");
    check(r#"{"fees": [{"share": "5", "base": "everything"}]}"#, "fees[0].base");
    check(r#"{"fees": "15.00"}"#, "fees");
    check(r#"{"down_payment": "100%"}"#, "down_payment");
    check(r#"{"down_payment": "10000"}"#, "down_payment");
    check(r#"{"upfront_fee": "10000"}"#, "upfront_fee");
    check(r#"{"upfront_fee": "100%", "fees": [{"amount": "1"}], "fee": "1"}"#, "upfront_fee");
    check(r#"{"instalment": "50"}"#, "instalment");
    check(r#"{"instalment": "100", "n": null}"#, "instalment");
    check(r#"{"instalment": "900", "method": "flat"}"#, "instalment");
    check(
        r#"{"disbursements": [["2026-01-01", "4000"], ["2026-02-01", "5000"]]}"#,
        "disbursements",
    );
    check(
        r#"{"disbursements": [["2026-01-01", "10000"], ["2027-02-01", "5000"]]}"#,
        "disbursements",
    );
    check(r#"{"disbursements": []}"#, "disbursements");
    check(
        r#"{"method": "flat", "disbursements": [["2026-01-01", "5000"], ["2026-02-01", "5000"]]}"#,
        "disbursements",
    );
    check(r#"{"events": [["disbursement", "2026-03-01", "5000"]]}"#, "events[0]");
    check(r#"{"method": "flat", "interest_method": "DECLINING_BALANCE"}"#, "method");
    check(r#"{"interest_method": "FLAT", "amortization": "EQUAL_PRINCIPAL"}"#, "interest_method");
    check(r#"{"daycount": "15/360"}"#, "daycount");
    check(r#"{"payoff_date": "2026-03-01", "business_date": "2026-04-01"}"#, "payoff_date");
    check(
        r#"{"method": "flat", "recalculate": "daily", "business_date": "2026-03-01"}"#,
        "recalculate",
    );
    check(
        r#"{"down_payment": "10%", "recalculate": "daily", "business_date": "2026-03-01"}"#,
        "recalculate",
    );
    check(r#"{"penalty": {"rate": "1", "per": "once", "compounds": true}}"#, "penalty.compounds");
    check(r#"{"penalty": {"rate": "1", "per": "once", "cap_days": 3}}"#, "penalty.cap_days");
    check(r#"{"penalty": {"rate": "1", "per": "once", "cap_rate": "24"}}"#, "penalty.cap_rate");
    check(r#"{"rate_changes": [["2026-03-01", "6"], ["2026-03-01", "7"]]}"#, "rate_changes");
    check(r#"{"rounding": "instalment half-up to 10000"}"#, "rounding");
}

#[test]
fn words_that_are_not_known_are_refused_by_name() {
    check(r#"{"method": "balloon"}"#, "method");
    check(r#"{"amortization": "balloon"}"#, "amortization");
    check(r#"{"interest_method": "FLATT"}"#, "interest_method");
    check(r#"{"calc_period": "hourly"}"#, "calc_period");
    check(r#"{"daycount": "BUS/252"}"#, "daycount");
    check(r#"{"month_end": "skip"}"#, "month_end");
    check(r#"{"level_basis": "days"}"#, "level_basis");
    check(r#"{"rounding": "sideways"}"#, "rounding");
    check(r#"{"rounding": {"mode": "sideways"}}"#, "rounding.mode");
    check(r#"{"rounding": {"absorb": "nobody"}}"#, "rounding.absorb");
    check(r#"{"rounding": {"interest": "up"}}"#, "rounding.interest");
    check(r#"{"smoothing": "yes"}"#, "smoothing");
    check(r#"{"explain": 1}"#, "explain");
    check(r#"{"lender": "bank"}"#, "lender");
    check(r#"{"grace_interest_rule": "forget"}"#, "grace_interest_rule");
    check(r#"{"interest_free_rule": "forget"}"#, "interest_free_rule");
    check(r#"{"recalculate": "weekly"}"#, "recalculate");
    check(r#"{"prepayment": "keep"}"#, "prepayment");
    check(r#"{"preclose": "NEVER"}"#, "preclose");
    check(r#"{"allocation": "principal first"}"#, "allocation");
    check(r#"{"allocation": ["penalty", "fee", "interest"]}"#, "allocation");
    check(r#"{"allocation": ["fee", "fee", "interest", "principal"]}"#, "allocation");
    check(r#"{"allocation": {"across": "rows"}}"#, "allocation.across");
    check(r#"{"allocation": {"sequence": "random"}}"#, "allocation.sequence");
    check(r#"{"allocation": {"in_advance": ["fee"]}}"#, "allocation.in_advance");
    check(r#"{"penalty": "0.05% of everything"}"#, "penalty");
    check(r#"{"penalty": "0.05% of overdue principal, weekly"}"#, "penalty");
    check(r#"{"penalty": {"base": "overdue"}}"#, "penalty.rate");
    check(r#"{"penalty": {"rate": "1", "per": "week"}}"#, "penalty.per");
    check(r#"{"penalty": {"rate": "1", "grace_days": 100001}}"#, "penalty.grace_days");
    check(r#"{"penalty": {"rate": "1", "grace_count": "never"}}"#, "penalty.grace_count");
    check(r#"{"penalty": {"rate": "1", "compounds": "no"}}"#, "penalty.compounds");
    check(r#"{"events": [["gift", "2026-03-01", "5"]]}"#, "events[0]");
    check(r#"{"events": [["2026-03-01"]]}"#, "events[0]");
    check(r#"{"events": {"2026-03-01": "5"}}"#, "events");
}

#[track_caller]
fn check_whole(request: &Value, want: &str) {
    assert_eq!(refused(request).as_deref(), Some(want), "{request}");
}

#[test]
fn flows_that_make_no_sense_are_refused_by_name() {
    check_whole(&json!([]), "request");
    check_whole(&json!("loan"), "request");
    check_whole(&json!({}), "principal");
    check_whole(&json!({"unknown": 1}), "principal");
    let drawdown = |text: Value| json!({"drawdown": "1000", "repayments": text});
    for text in [
        "",
        "12 x",
        "x 100",
        "12 x 1,120.00",
        "12 x 1 120.00",
        "100,200,300",
        "100 after tomorrow",
        "100 after 1.00001 years",
        "0 x 100",
        "99999 x 1",
        "1 at instalment x",
    ] {
        check_whole(&drawdown(text.into()), "repayments");
    }
    check_whole(&drawdown("2 x 0".into()), "repayments");
    check_whole(&drawdown(json!({})), "repayments");
    check_whole(&drawdown(json!([["2026-01-01", "1000"]])), "start");
    check_whole(&drawdown(json!([{"count": 3}])), "repayments[0].amount");
    check_whole(
        &drawdown(json!([{"amount": "500", "count": 3, "on": "2026-01-01"}])),
        "repayments[0].count",
    );
    check_whole(
        &drawdown(json!([{"amount": "500", "after_days": 3, "after_weeks": 3}])),
        "repayments[0].after_weeks",
    );
    check_whole(&json!({"drawdown": "1000"}), "repayments");
    check_whole(
        &json!({"amount_financed": "1000", "payments": "12 x 100"}),
        "unit_periods_per_year",
    );
    let financed = |unit: Value, f: Value| json!({"amount_financed": "1000", "payments": "12 x 100", "unit_periods_per_year": unit, "f": f});
    for unit in ["0", "5/0", "0/5", "-12", "1e2", "1.0000001", "x"] {
        check_whole(&financed(unit.into(), Value::Null), "unit_periods_per_year");
    }
    check_whole(&financed(12.into(), "19/0".into()), "f");
    check_whole(&financed(12.into(), "19".into()), "f");
}

#[test]
fn figures_that_make_no_sense_are_refused_by_name() {
    let upfront = |received: &str, repaid: &str, days: u32| json!({"contract": "5000", "received": received, "repaid": repaid, "days": days});
    check_whole(&upfront("4500", "5000", 0), "days");
    check_whole(&upfront("4500", "5000", 4_000_000_000), "days");
    check_whole(&upfront("5001", "6000", 5), "received");
    check_whole(&upfront("0", "5000", 5), "received");
    check_whole(&upfront("4500", "4000", 5), "repaid");
    check_whole(&json!({"flows": []}), "flows");
    check_whole(&json!({"flows": ["1", "NaN"]}), "flows[1]");
    check_whole(&json!({"flows": ["1", "inf"]}), "flows[1]");
    check_whole(&json!({"flows": ["1", "1/0"]}), "flows[1]");
    check_whole(&json!({"flows": ["1", 1e300]}), "flows[1]");
    check_whole(&json!({"flows": ["-100", "230", "-132"]}), "flows");
    check_whole(&json!({"flows": ["100", "1"], "rate": "-1"}), "rate");
    check_whole(&json!({"rate": "0.01", "nper": 0, "pv": "1"}), "nper");
    check_whole(&json!({"rate": "0.01", "nper": 100_000, "pv": "1"}), "nper");
    check_whole(&json!({"rate": "0.01", "nper": 12, "per": 13, "pv": "1"}), "per");
    check_whole(&json!({"rate": "-1", "nper": 12, "pv": "1"}), "rate");
    check_whole(&json!({"nper": 12, "pv": "1"}), "rate");
    check_whole(&json!({"principal": "-5", "payment": "1", "n": 12}), "principal");
    check_whole(&json!({"principal": "5", "payment": "0", "n": 12}), "payment");
    check_whole(&json!({"principal": "5", "payment": "1", "n": 0}), "n");
    let factors =
        |from: &str, to: &str| json!({"rate": "9", "daycount": "ACT/ACT", "periods": [[from, to]]});
    check_whole(&factors("2024-02-01", "2024-01-01"), "periods[0]");
    check_whole(&factors("1024-02-01", "2024-01-01"), "periods[0]");
    check_whole(&json!({"rate": "9", "periods": [["2024-02-01", "2024-03-01"]]}), "daycount");
    check_whole(&json!({"lpr": "3000"}), "lpr");
    check_whole(&json!({"lpr": ["3.85", "x"]}), "lpr[1]");
    check_whole(&json!({"total": "1", "shares": []}), "shares");
    check_whole(&json!({"total": "1", "shares": ["0", "0"]}), "shares");
    check_whole(&json!({"total": "1", "shares": ["1", "-1"]}), "shares[1]");
    check_whole(&json!({"shares": ["1"]}), "total");
    check_whole(&json!({"pan": {}}), "pan");
    check_whole(&json!({"mobile": []}), "mobile");
    check_whole(&json!({"id": true}), "id");
}

#[test]
fn lists_have_an_end() {
    let payment = json!(["2026-02-01", "0.01"]);
    let loan = |count: usize| {
        json!({"principal": "10000", "rate": "12", "n": 12, "start": "2026-01-01",
            "payments": vec![payment.clone(); count]})
    };
    assert_eq!(refused(&loan(1000)), None);
    assert_eq!(refused(&loan(1001)).as_deref(), Some("events"));
    assert_eq!(refused(&loan(4001)).as_deref(), Some("events"));
    assert_eq!(refused(&loan(10_001)).as_deref(), Some("payments"));
    let shares = |count: usize| json!({"total": "1000000", "shares": vec!["1"; count]});
    assert_eq!(refused(&shares(10_000)), None);
    assert_eq!(refused(&shares(10_001)).as_deref(), Some("shares"));
    let series = |count: usize| {
        let payment = json!({"amount": "1", "count": 3650});
        json!({"drawdown": "1000", "repayments": vec![payment; count]})
    };
    assert_eq!(refused(&series(2)), None);
    assert_eq!(refused(&series(4000)).as_deref(), Some("repayments[2]"));
    let words = format!("{}1", "9 x 1 + ".repeat(400));
    assert_eq!(
        refused(&json!({"drawdown": "1000", "repayments": words})).as_deref(),
        Some("repayments")
    );
    let fees = vec![json!({"amount": "0.01"}); 401];
    let request = json!({"principal": "10000", "rate": "12", "n": 12, "fees": fees});
    assert_eq!(refused(&request).as_deref(), Some("fees"));
}

#[test]
fn the_longest_loans_are_answered() {
    for method in ["one-off", "interest-only", "equal-instalment", "equal-principal", "flat"] {
        let request = json!({"principal": "10000000", "rate": "7.3", "n": 3650, "freq": "1 day",
            "method": method, "start": "2026-01-01", "daycount": "ACT/365"});
        assert_eq!(refused(&request), None, "{method}");
    }
    let request = json!({"principal": "10000000", "rate": "7.3", "n": 2000, "start": "2026-01-01"});
    assert_eq!(refused(&request), None);
}

#[test]
fn unknown_fields_are_told_wherever_they_stand() {
    #[track_caller]
    fn check(request: &Value, want: &[&str]) {
        let answer = super::ask(request);
        let mut told: Vec<&str> = answer["ignored"]
            .as_array()
            .map(|list| list.iter().map(|v| v.as_str().unwrap()).collect())
            .unwrap_or_default();
        told.sort_unstable();
        assert_eq!(told, want, "{request}");
    }
    check(&json!({"principal": "1000", "rate": "12", "n": 3}), &[]);
    check(&json!({"principal": "1000", "rate": "12", "n": 3, "note": "mine"}), &[]);
    check(
        &json!({"principal": "1000", "rate": "12", "n": 3, "Rate": "13", "drawdown": "1",
            "fees": [{"amount": "1", "when": "now"}], "penalty": {"rate": "0.05", "cap_day": 30},
            "rounding": {"interest": {"mod": "up"}}, "business_date": "2026-02-28",
            "events": [{"on": "2026-02-01", "amount": "1", "kin": "fee"}],
            "allocation": {"instalments": true}}),
        &[
            "Rate",
            "allocation.instalments",
            "drawdown",
            "events[0].kin",
            "fees[0].when",
            "penalty.cap_day",
            "rounding.interest.mod",
        ],
    );
    check(&json!({"drawdown": "1000", "repayments": "2 x 600", "fee": "1"}), &["fee"]);
    check(&json!({"total": "1", "shares": ["1"], "ties": "last"}), &["ties"]);
    check(&json!({"rate": "0.075", "pmt": "-2000", "fv": "100000", "npr": 3}), &["npr"]);
}
