//! Figures that the partners' documents print, and figures of public tables that can be checked
//! by hand.

use serde_json::{Value, json};

use super::ask;
use super::hostile::refused;

/// Every wanted field, with its value.
#[track_caller]
fn check(request: &Value, want: &Value) {
    let answer = ask(request);
    for (field, want) in want.as_object().unwrap() {
        assert_eq!(&answer[field], want, "{field} of {request}");
    }
}

/// Document 001, 借款 and 还款: section 26 of the cash loans by days.
#[test]
fn a_cash_loan_of_500_for_14_days_at_36_percent_costs_7() {
    let loan = json!({"principal": "500.00", "rate": "36", "days": 14, "start": "2026-01-01"});
    // 500 x 0.36 x 14 / 360 = 7.00; a year of 360 days is what a loan by days has unless it says so.
    check(&loan, &json!({"method": "one-off", "interest": "7.00", "instalment": "507.00"}));
    let mut by_360 = loan.clone();
    by_360["daycount"] = json!("ACT/360");
    check(&by_360, &json!({"interest": "7.00"}));
}

#[test]
fn what_is_due_of_it_with_a_penalty_of_100_is_607() {
    // The interest is agreed and does not run on: the penalty is there for being late.
    let loan = |on: &str| {
        json!({"principal": "500.00", "rate": "36", "days": 14, "start": "2026-01-01",
            "recalculate": "none", "events": [["penalty", "2026-01-15", "100.00"]],
            "business_date": on})
    };
    check(
        &loan("2026-01-15"),
        &json!({"due": "607.00", "overdue": "0.00", "payoff_total": "607.00"}),
    );
    let want = json!({"due": "607.00", "overdue": "607.00", "outstanding_principal": "500.00",
        "interest_to_date": "7.00", "payoff_penalties": "100.00", "payoff_total": "607.00"});
    check(&loan("2026-01-20"), &want);
}

/// Document 001, section 22.
#[test]
fn of_5000_with_a_tenth_kept_back_4500_are_received_and_the_rate_knows_it() {
    let loan = json!({"principal": "5000.00", "rate": "15", "days": 5, "start": "2026-01-01"});
    // 5000 x 0.15 x 5 / 360 = 10.4166…
    let want = json!({"interest": "10.42", "instalment": "5010.42", "received": "5000.00"});
    check(&loan, &want);
    let mut kept_back = loan.clone();
    kept_back["upfront_fee"] = json!("10%");
    check(
        &kept_back,
        &json!({"interest": "10.42", "instalment": "5010.42", "received": "4500.00",
        "total_fees": "500.00", "total_cost": "510.42"}),
    );
    let (plain, dear) = (ask(&loan), ask(&kept_back));
    // Alone, 10.42 on 5000 for five days are (1.002084)^73 − 1.
    assert_eq!(plain["cost"]["effective_percent"], "16.412962");
    // (5010.42 / 4500)^(365/5) − 1, and simply 510.42 / 4500 x 365 / 5.
    let growth = (5010.42_f64 / 4500.0).powf(73.0) - 1.0;
    assert_eq!(dear["cost"]["effective_percent"], format!("{:.6}", growth * 100.0));
    assert_eq!(dear["cost"]["disclosure_simple_percent"], "828.014667");
    let upfront =
        json!({"contract": "5000.00", "received": "4500.00", "repaid": "5010.42", "days": 5});
    check(
        &upfront,
        &json!({"simple_apr_percent": "828.01", "principal_for_law": "4500.00",
        "effective_percent": dear["cost"]["effective_percent"]}),
    );
}

/// Document 001: 还款方式 1 to 4.
#[test]
fn the_four_methods_of_repayment_are_known_by_their_names() {
    for (name, method) in [
        ("一次性还本付息", "one-off"),
        ("按期还息到期还本", "interest-only"),
        ("等额本息", "equal-instalment"),
        ("等本等息", "flat"),
        ("等额本金", "equal-principal"),
    ] {
        let loan = json!({"principal": "1200", "rate": "12", "n": 12, "method": name});
        check(&loan, &json!({"method": method, "total_principal": "1200.00"}));
    }
}

/// Document 000, loan-calculate: a flat fee each month, as interest and as a fee.
#[track_caller]
fn check_flat(principal: &str, n: u32, monthly: &str, want: (&str, &str, &str)) {
    let (each, whole, cost) = want;
    let as_interest = json!({"principal": principal, "n": n, "method": "flat",
        "rate_per_month": monthly, "start": "2026-01-01"});
    let want_interest =
        json!({"instalment": each, "last": each, "total_repaid": whole, "total_interest": cost});
    check(&as_interest, &want_interest);
    let as_fee = json!({"principal": principal, "n": n, "method": "flat", "rate": "0",
        "start": "2026-01-01", "fees": [{"name": "月费", "time": "each-period", "share": monthly}]});
    let want_fee =
        json!({"instalment": each, "last": each, "total_repaid": whole, "total_fees": cost});
    check(&as_fee, &want_fee);
    // Whatever it is called, it costs the same.
    assert_eq!(ask(&as_interest)["cost"], ask(&as_fee)["cost"]);
}

#[test]
fn a_flat_fee_is_a_share_of_the_whole_principal_every_month() {
    //         principal  n  monthly  each month, all,       fee
    check_flat("990.00", 3, "1.6", ("345.84", "1037.52", "47.52"));
    check_flat("1000.00", 2, "1.8", ("518.00", "1036.00", "36.00"));
    let rows =
        ask(&json!({"principal": "990.00", "n": 3, "method": "flat", "rate_per_month": "1.6"}));
    for row in rows["rows"].as_array().unwrap() {
        assert_eq!((&row["principal"], &row["interest"]), (&json!("330.00"), &json!("15.84")));
    }
}

#[test]
fn where_the_principal_does_not_divide_the_last_month_takes_the_rest() {
    for rounding in [json!(null), json!("last")] {
        let loan = json!({"principal": "1000.00", "n": 3, "method": "flat", "rate_per_month": "1.6",
            "rounding": rounding});
        let answer = ask(&loan);
        let principal: Vec<_> =
            answer["rows"].as_array().unwrap().iter().map(|row| row["principal"].clone()).collect();
        assert_eq!(principal, ["333.33", "333.33", "333.34"]);
        assert_eq!((&answer["instalment"], &answer["last"]), (&json!("349.33"), &json!("349.34")));
    }
}

/// Document 002: 12.00 for 7 days at 5 %, and three fees that are rates, each rounded for itself.
fn small_loan() -> Value {
    json!({"principal": "12.00", "rate": "5", "days": 7, "daycount": "ACT/360",
    "start": "2026-01-01", "recalculate": "none",
    "fees": [
        {"name": "trialFee", "share": "0.8333"},
        {"name": "serviceFee", "share": "0.8333"},
        {"name": "poundage", "share": "0.8333"}
    ]})
}

#[test]
fn the_interest_of_0_31_is_an_accrual_and_three_fees() {
    // 12 x 7 x 0.05 / 360 = 0.01166…, and 12 x 0.008333 = 0.099996 three times.
    let want = json!({"interest": "0.01", "total_fees": "0.30", "total_cost": "0.31",
        "instalment": "12.31"});
    check(&small_loan(), &want);
    for fee in ask(&small_loan())["fees"].as_array().unwrap() {
        assert_eq!(fee["amount"], "0.10");
    }
}

#[test]
fn being_33_days_late_with_12_costs_39_60_at_a_tenth_a_day() {
    let mut late = small_loan();
    late["penalty"] = json!({"rate": "10", "base": "overdue principal", "cap_days": 60});
    // Due on 8 January; 33 days later it is 10 February.
    late["business_date"] = json!("2026-02-10");
    let want = json!({"payoff_penalties": "39.60", "interest_to_date": "0.01", "payoff_fees": "0.30",
        "outstanding_principal": "12.00", "overdue": "51.91", "payoff_total": "51.91"});
    check(&late, &want);
    assert_eq!(ask(&late)["rows"][0]["overdue_days"], 33);
}

#[test]
fn the_fine_stops_after_the_days_of_its_limit() {
    let mut late = small_loan();
    late["penalty"] = json!({"rate": "10", "base": "overdue principal", "cap_days": 33});
    for (on, fine) in [
        ("2026-01-08", "0.00"),
        ("2026-01-09", "1.20"),
        ("2026-02-09", "38.40"),
        ("2026-02-10", "39.60"),
        ("2026-02-11", "39.60"),
        ("2027-02-10", "39.60"),
    ] {
        late["business_date"] = json!(on);
        check(&late, &json!({"payoff_penalties": fine}));
    }
}

/// Figures of every mortgage table: 100 万, 30 年, 4.9 %.
#[test]
fn a_million_over_thirty_years_is_what_the_tables_say() {
    // 1000000 x r x (1 + r)^360 / ((1 + r)^360 − 1) with r = 0.049 / 12 is 5307.2672…
    let level = json!({"principal": "1000000", "rate": "4.9", "n": 360, "start": "2026-01-01",
        "method": "等额本息"});
    check(&level, &json!({"instalment": "5307.27", "periods": 360}));
    // 1000000 / 360 = 2777.78 and 1000000 x 0.049 / 12 = 4083.33; each month 11.34 less.
    let parts = json!({"principal": "1000000", "rate": "4.9", "n": 360, "start": "2026-01-01",
        "method": "等额本金"});
    check(&parts, &json!({"instalment": "6861.11", "periods": 360}));
    let answer = ask(&parts);
    assert_eq!(answer["rows"][1]["instalment"], "6849.77");
    assert_eq!(answer["rows"][359]["balance"], "0.00");
}

#[test]
fn ten_thousand_over_a_year_at_one_percent_a_month_is_888_49() {
    let loan = json!({"principal": "10000", "rate": "12", "n": 12, "start": "2026-01-01"});
    // 100 / (1 − 1.01^−12) = 888.4878…
    check(&loan, &json!({"instalment": "888.49", "last": "888.47", "total_interest": "661.86"}));
    let monthly =
        json!({"principal": "10000", "rate_per_month": "1", "n": 12, "start": "2026-01-01"});
    assert_eq!(ask(&loan), ask(&monthly));
}

#[test]
fn a_loan_without_fees_costs_its_rate() {
    // To six decimals, where no rounding is in the rows: 1200 over 12 months, 1 % a month.
    let loan = json!({"principal": "1200.00", "rate": "12", "n": 12, "start": "2026-01-01",
        "method": "equal-principal"});
    let cost = &ask(&loan)["cost"];
    assert_eq!((&cost["nominal_percent"], &cost["by"]), (&json!("12.000000"), &json!("periods")));
    assert_eq!(cost["effective_percent"], "12.682503");
}

#[test]
fn daily_rates_are_by_the_year_of_the_day_count() {
    // 万分之五 of 10000 for 30 days: 150.00, whatever the year.
    for count in ["ACT/360", "ACT/365", "ACT/364", "30/360"] {
        let loan =
            json!({"principal": "10000", "rate_per_day": "0.05", "days": 30, "daycount": count});
        check(&loan, &json!({"interest": "150.00"}));
    }
}

#[test]
fn the_lines_of_the_law_are_those_of_the_day_of_the_contract() {
    let loan = |rate: &str, signed: &str, lender: &str| {
        let request = json!({"principal": "1200.00", "rate": rate, "n": 12, "start": "2026-01-01",
            "method": "equal-principal", "signed_on": signed, "lender": lender});
        let answer = ask(&request);
        let lines = answer["legal"].as_array().unwrap().iter();
        let told = lines.map(|line| {
            let exceeded = line["exceeded"].as_bool().unwrap();
            format!(
                "{} {}{}",
                line["line"].as_str().unwrap(),
                line["limit_percent"].as_str().unwrap(),
                if exceeded { " exceeded" } else { "" }
            )
        });
        told.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(loan("24", "2016-01-01", "private"), "private-24 24.00, private-36 36.00");
    assert_eq!(
        loan("36.01", "2016-01-01", "private"),
        "private-24 24.00 exceeded, private-36 36.00 exceeded"
    );
    assert_eq!(loan("15.4", "2021-06-01", "private"), "private-lpr4-2021 15.40");
    assert_eq!(loan("12.01", "2026-01-01", "private"), "private-lpr4-2021 12.00 exceeded");
    assert_eq!(loan("24", "2026-01-01", "platform"), "institution-24 24.00, platform-24 24.00");
}

#[test]
fn a_thousand_yuan_is_split_to_the_fen() {
    check(
        &json!({"total": "1000.00", "shares": ["1", "1", "1"]}),
        &json!({"parts": ["333.34", "333.33", "333.33"], "sum": "1000.00"}),
    );
    check(
        &json!({"total": "10.67", "shares": ["300", "300", "400"]}),
        &json!({"parts": ["3.20", "3.20", "4.27"], "sum": "10.67"}),
    );
}

/// The first line of an explanation says how the level came about.
#[test]
fn an_explanation_can_be_checked_with_a_pocket_calculator() {
    #[track_caller]
    fn check(changes: &Value, want: &[&str]) {
        let mut request = json!({"principal": "6000.00", "rate": "12", "n": 6, "start": "2026-01-15",
            "explain": true});
        for (field, value) in changes.as_object().unwrap() {
            request[field] = value.clone();
        }
        let answer = ask(&request);
        let lines: Vec<_> = answer["explain"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        for want in want {
            assert!(lines.contains(want), "{want}\nis not in\n{}", lines.join("\n"));
        }
    }
    let fee = json!([{"amount": "5.00"}]);
    check(
        &json!({"rounding": "last", "fees": fee}),
        &[
            "instalment = 6000.00 / sum of the discount factors of 6 periods, rounded = 1035.29",
            "row 1: 975.29 principal + 60.00 interest + 5.00 fees = 1040.29; balance 6000.00 - 975.29 = 5024.71",
        ],
    );
    check(
        &json!({"grace_principal": 2, "method": "equal-principal"}),
        &["principal of a row = 6000.00 / 4, rounded"],
    );
    check(
        &json!({"method": "flat", "down_payment": "25%"}),
        &["principal of a row = 4500.00 / 6, rounded; interest always on 6000.00"],
    );
    check(&json!({"instalment": "1100.00", "n": null}), &["instalment = 1100.00 (given)"]);
    check(
        &json!({"upfront_fee": "1%"}),
        &[
            "fee upfront fee: 60.00 at disbursement on 2026-01-15",
            "cost = 211.75 interest + 60.00 fees = 271.75 on 5940.00 received",
        ],
    );
    check(
        &json!({"paid_instalments": 1, "payoff_date": "2026-02-25"}),
        &[
            "payment on 2026-02-15: 1035.29 = 975.29 principal + 60.00 interest + 0.00 fees + \
         0.00 penalties + 0.00 excess; 5024.71 of the principal left",
            // 5024.71 x 1 % x 10 / 28 = 17.945…
            "to settle on 2026-02-25: 5024.71 principal + 17.95 interest + 0.00 fees + 0.00 penalties \
         = 5042.66",
        ],
    );
}

#[test]
fn a_spreadsheets_five_figures_give_each_other() {
    // numpy-financial's own examples: fv, pv, rate, and a payment at the beginning.
    let value = |request: Value| ask(&request)["value"].as_str().unwrap().parse::<f64>().unwrap();
    let near =
        |got: f64, want: f64| assert!((got - want).abs() < 1e-6 * want.abs(), "{got} {want}");
    near(value(json!({"rate": "0.075", "nper": 20, "pmt": "-2000", "pv": "0"})), 86_609.362_673);
    near(value(json!({"rate": "0.07", "nper": 20, "pmt": "12000", "fv": "0"})), -127_128.170_946);
    near(value(json!({"nper": 10, "pmt": "0", "pv": "-3500", "fv": "10000"})), 0.110_690_853_7);
    let begin = json!({"rate": "0.1/12", "per": 1, "nper": 60, "pv": "55000", "when": "begin"});
    near(value(begin), -1_158.929_712_39);
    assert_eq!(refused(&json!({"nper": 3, "pmt": "1"})).as_deref(), Some("rate"));
}

#[test]
fn a_fee_on_a_day_of_its_own_lowers_no_rate() {
    let loan = json!({"principal": "100000", "rate": "24.1", "n": 12, "start": "2026-01-15"});
    let mut costlier = loan.clone();
    costlier["fees"] = json!([{"name": "stamp", "amount": "0.01", "on": "2026-01-20"}]);
    let figure = |request: &Value| -> f64 {
        let answer = ask(request);
        answer["legal"][0]["figure_percent"].as_str().unwrap().parse().unwrap()
    };
    assert!(figure(&costlier) >= figure(&loan), "{} {}", figure(&costlier), figure(&loan));
    // Once after a year: nothing is compounded, 24.5 % is 24.5 %.
    let once = json!({"principal": "10000", "rate": "24.5", "days": 365, "daycount": "ACT/365",
        "start": "2026-01-15"});
    assert_eq!(ask(&once)["legal"][0]["figure_percent"], "24.500000");
}

#[test]
fn money_in_several_parts_has_a_rate_too() {
    // By hand: 100 now and 100 after 365 days, 110 and 110 each a year later: 10 %.
    let request = json!({
        "drawdowns": [["2025-01-01", "100"], ["2026-01-01", "100"]],
        "repayments": [["2026-01-01", "110"], ["2027-01-01", "110"]],
    });
    assert_eq!(ask(&request)["apr_percent"], "10.000000");
}
