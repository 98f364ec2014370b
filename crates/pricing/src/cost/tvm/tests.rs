//! The figures of numpy-financial's own tests (`numpy_financial/tests/test_financial.py`), which
//! are those of Google Sheets, of exact decimals, and of the vectors np-* and adobe-*.

use super::When::{Begin, End};
use super::{Annuity, apr, future_value, irr, npv, periods, present_value};
use crate::cost::CostProblem;

#[track_caller]
fn close(found: Option<f64>, want: f64, tolerance: f64) {
    let found = found.unwrap();
    assert!((found - want).abs() <= tolerance * want.abs().max(1.0), "{found} is not {want}");
}

const TENTH: f64 = 0.1 / 12.0;

#[test]
fn payments() {
    close(Annuity::loan(0.08 / 12.0, 60.0, 15_000.0).payment(), -304.145_914_326_205_2, 1e-14); // np-pmt
    close(Annuity::loan(0.0, 60.0, 15_000.0).payment(), -250.0, 0.0); // np-pmt-0
    close(Annuity::loan(0.8, 3.0, 20_000.0).payment(), -19_311.258_278_145_695, 1e-14);
    close(Annuity::loan(0.3, 12.0, 2_000.0).payment(), -626.908_140_170_075_8, 1e-14);
    assert_eq!(Annuity::loan(0.1, 0.0, 100.0).payment(), None);
    assert_eq!(Annuity::loan(f64::NAN, 1.0, 100.0).payment(), None);
}

#[test]
fn parts_of_payments() {
    close(Annuity::loan(TENTH, 60.0, 55_000.0).principal(1), -710.254_125_786_421_8, 1e-14); // np-ppmt
    let special = Annuity::loan(0.23 / 12.0, 60.0, 1e10).principal(1);
    close(special, -90_238_044.232_277_89, 1e-13);
    let loan = Annuity::loan(TENTH, 24.0, 2_000.0);
    // np-ppmt-24
    let parts = [-75.623_186_01, -76.253_379_23, -76.888_824_05, -77.529_564_25];
    let interest = [-16.666_666_67, -16.036_473_45, -15.401_028_62, -14.760_288_42];
    for (period, (part, interest)) in (1..).zip(parts.into_iter().zip(interest)) {
        close(loan.principal(period), part, 1e-10);
        close(loan.interest(period), interest, 1e-9);
    }
    assert_eq!((loan.principal(0), loan.interest(25)), (None, None));
    let begin = Annuity { when: Begin, ..loan };
    close(begin.interest(1), 0.0, 0.0);
    close(begin.principal(2), -75.623_186_01, 1e-9);
    close(begin.principal(4), -76.888_824_05, 1e-9);
    // numpy-financial issue 17
    let long = Annuity { when: Begin, ..Annuity::loan(0.001_988_079_518_355_057, 360.0, 3e5) };
    close(long.interest(2), -594.107_158, 1e-9);
    close(long.interest(3), -592.971_592, 1e-9);
}

#[test]
fn values_and_periods() {
    close(future_value(0.075, 20.0, -2_000.0, 0.0, End), 86_609.362_673_043_0, 1e-14);
    close(future_value(0.075, 20.0, -2_000.0, 0.0, Begin), 93_105.064_874, 1e-10);
    close(future_value(0.1, 5.0, 100.0, 0.0, End), -610.51, 1e-14);
    close(future_value(0.0, 5.0, 100.0, 0.0, End), -500.0, 0.0);
    close(future_value(0.2, 5.0, 100.0, 0.0, Begin), -892.992, 1e-14);
    close(present_value(0.07, 20.0, 12_000.0, 0.0, End), -127_128.170_946_193_93, 1e-14);
    close(periods(0.075, -2_000.0, 0.0, 100_000.0, End), 21.544_944_197_323_34, 1e-13); // np-nper
    close(periods(0.075, -2_000.0, 0.0, 100_000.0, Begin), 20.761_564_41, 1e-9);
    close(periods(0.0, -2_000.0, 0.0, 100_000.0, End), 50.0, 0.0);
    close(periods(0.1, 0.0, -500.0, 1_500.0, End), 11.526_704_61, 1e-9);
    close(periods(0.0, -100.0, 1_000.0, 0.0, End), 10.0, 0.0);
    assert_eq!(periods(0.0, -0.0, 1_000.0, 0.0, End), None);
    assert_eq!(periods(0.1, -10.0, 1_000.0, 0.0, End), None); // interest eats the payment
    let amounts = [-15_000.0, 1_500.0, 2_500.0, 3_500.0, 4_500.0, 6_000.0];
    close(npv(0.05, &amounts), 122.894_854_950_942_69, 1e-13); // np-npv
    assert_eq!(npv(-1.0, &amounts), None);
}

#[track_caller]
fn check_irr(amounts: &[f64], want: f64) {
    let found = irr(amounts).unwrap();
    assert!((found - want).abs() < 5e-5, "{found} is not {want}");
    assert!(npv(found, amounts).unwrap().abs() < 1e-9, "{found}");
}

#[test]
fn internal_rates() {
    check_irr(&[-150_000.0, 15_000.0, 25_000.0, 35_000.0, 45_000.0, 60_000.0], 0.0524); // np-irr-1
    check_irr(&[-100.0, 0.0, 0.0, 74.0], -0.0955);
    check_irr(&[-100.0, 39.0, 59.0, 55.0, 20.0], 0.280_95);
    check_irr(&[-100.0, 100.0, 0.0, 7.0], 0.062_06);
    check_irr(&[0.0, -40_000.0, 5_000.0, 8_000.0, 12_000.0, 30_000.0], 0.1058);
    assert_eq!(irr(&[-1.0, -2.0, -3.0]), Err(CostProblem::OneSided));
    assert_eq!(irr(&[f64::NAN, 1.0]), Err(CostProblem::BadArgument));
    assert_eq!(irr(&[f64::MAX, -1.0]), Err(CostProblem::BadArgument));
}

/// For these two numpy-financial picks −0.0833 and 0.0886 without a word.
#[test]
fn internal_rates_that_are_not_alone() {
    for (amounts, want) in [
        (&[-100.0, 100.0, 0.0, -7.0][..], -0.0833),
        (&[-5.0, 10.5, 1.0, -8.0, 1.0][..], 0.0886),
        (&[-5.0, 10.5, 1.0, -8.0, 1.0, 0.0, 0.0, 0.0][..], 0.0886),
    ] {
        let Err(CostProblem::SeveralRoots { roots }) = irr(amounts) else { panic!("{amounts:?}") };
        assert!(roots.iter().any(|root| (root - want).abs() < 5e-5), "{roots:?}");
        assert!(roots.iter().all(|root| npv(*root, amounts).unwrap().abs() < 1e-6), "{roots:?}");
    }
}

#[test]
fn annual_rate_of_a_loan() {
    // adobe-1, adobe-2: published 0.08515404566 and 0.07161332404, good to about 1e-6.
    for (principal, payment, months, published, exact) in [
        (35_000.0, 269.5, 360, 0.085_154_045_66, 0.085_153_272_37),
        (157_500.0, 960.0, 650, 0.071_613_324_04, 0.071_613_447_85),
    ] {
        let found = apr(principal, payment, months).unwrap().fraction();
        assert!((found - published).abs() < 1e-6 && (found - exact).abs() < 1e-11, "{found}");
    }
    assert_eq!(apr(100.0, 10.0, 0), Err(CostProblem::BadArgument));
    assert_eq!(apr(100.0, 10.0, u32::MAX), Err(CostProblem::BadArgument));
    assert_eq!(apr(-100.0, 10.0, 12), Err(CostProblem::BadArgument));
    assert!(apr(1000.0, 10.0, 12).unwrap().fraction() < 0.0);
}
