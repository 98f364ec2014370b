//! Investors' plans: pure arithmetic over a project's terms and its bids.

use kernel::{Date, Money};

use super::{Project, TenorUnit};

/// Parts per million, times months of a year.
const MONTHLY: i64 = 12_000_000;
/// Parts per million, times days of a year of interest. Source: contract page, day loans /360.
const DAILY: i64 = 360_000_000;

/// One row of a plan to be: for which bid (its place in the list), which term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedInstalment {
    /// Place of the bid in the list given.
    pub bid: usize,
    /// Which term, from 1.
    pub term: u32,
    /// Part of the bid that comes back.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// When it is due.
    pub due: Date,
}

/// The plans of all investors of a full project.
///
/// A tenor in months pays `amount x rate / 12` each month and the principal with the last; a tenor
/// in days pays once, `amount x rate / 360 x days` and the principal. The interest of the whole
/// project is rounded half up to the fen, once per term, and split over the bids by the largest
/// remainder, so that the parts always sum to what the borrower pays. `None` if a figure does not
/// fit, which the limits of projects exclude.
pub fn plan(project: &Project, bids: &[Money], full_on: Date) -> Option<Vec<PlannedInstalment>> {
    let ppm = i64::from(project.rate.ppm());
    let interest = match project.tenor_unit {
        TenorUnit::Month => project.amount.share(ppm, MONTHLY)?,
        TenorUnit::Day => {
            project.amount.share(ppm.checked_mul(i64::from(project.tenor))?, DAILY)?
        }
    };
    let shares = interest.split(bids)?;
    let last = project.terms();
    let mut rows = Vec::new();
    for term in 1..=last {
        let due = match project.tenor_unit {
            TenorUnit::Month => full_on.plus_months(term)?,
            TenorUnit::Day => full_on.plus_days(project.tenor)?,
        };
        for (bid, (amount, interest)) in bids.iter().zip(&shares).enumerate() {
            let principal = if term == last { *amount } else { Money::ZERO };
            rows.push(PlannedInstalment { bid, term, principal, interest: *interest, due });
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use kernel::id::{MemberId, ProjectId};
    use kernel::{Instant, Rate};
    use proptest::prelude::*;

    use super::super::Status;
    use super::*;

    fn project(amount: Money, rate_ppm: u32, tenor: u32, tenor_unit: TenorUnit) -> Project {
        Project {
            id: ProjectId::from_number(1),
            borrower: MemberId::from_number(1),
            title: "tuition".into(),
            amount,
            raised: amount,
            rate: Rate::from_ppm(rate_ppm).unwrap(),
            tenor,
            tenor_unit,
            bidding_days: 5,
            status: Status::Bidding,
            terms_repaid: 0,
            created_at: Instant::from_millis(0),
            bidding_started_at: None,
            bidding_ends_at: None,
            full_at: None,
        }
    }

    /// Writes a plan as text: `term bid principal+interest due`.
    #[track_caller]
    fn check(yuan: i64, rate_ppm: u32, tenor: (u32, TenorUnit), bids: &[i64], want: &[&str]) {
        let amount = Money::from_yuan(yuan).unwrap();
        let bids: Vec<_> = bids.iter().map(|bid| Money::from_yuan(*bid).unwrap()).collect();
        let full_on = Date::parse("2026-01-31").unwrap();
        let rows = plan(&project(amount, rate_ppm, tenor.0, tenor.1), &bids, full_on).unwrap();
        let text: Vec<_> = rows
            .iter()
            .map(|r| format!("{} {} {}+{} {}", r.term, r.bid, r.principal, r.interest, r.due))
            .collect();
        assert_eq!(text, want);
    }

    #[test]
    fn plans_by_hand() {
        // 6300 x 12.0 % / 12 = 63.00 a month; one investor.
        check(
            6300,
            120_000,
            (2, TenorUnit::Month),
            &[6300],
            &["1 0 0.00+63.00 2026-02-28", "2 0 6300.00+63.00 2026-03-31"],
        );
        // 1000 x 12.8 % / 12 = 10.666… → 10.67; weights 300 : 300 : 400 give 3.201, 3.201, 4.268;
        // down to 3.20, 3.20, 4.26, one fen left, to the largest remainder .8: 4.27.
        check(
            1000,
            128_000,
            (1, TenorUnit::Month),
            &[300, 300, 400],
            &[
                "1 0 300.00+3.20 2026-02-28",
                "1 1 300.00+3.20 2026-02-28",
                "1 2 400.00+4.27 2026-02-28",
            ],
        );
        // 1000 x 18.0 % / 360 x 10 = 5.00; halves 2.50.
        check(
            1000,
            180_000,
            (10, TenorUnit::Day),
            &[500, 500],
            &["1 0 500.00+2.50 2026-02-10", "1 1 500.00+2.50 2026-02-10"],
        );
    }

    proptest! {
        #[test]
        fn plans_repay_every_bid_and_sum_to_what_is_due(
            hundreds in proptest::collection::vec(1_i64..=5_000, 1..60),
            rate_ppm in 1_000_u32..=240_000,
            tenor in 1_u32..=36,
        ) {
            let bids: Vec<_> = hundreds.iter().map(|h| Money::from_yuan(h * 100).unwrap()).collect();
            let amount = Money::from_yuan(hundreds.iter().sum::<i64>() * 100).unwrap();
            let project = project(amount, rate_ppm, tenor, TenorUnit::Month);
            let rows = plan(&project, &bids, Date::parse("2026-01-31").unwrap()).unwrap();
            let monthly = amount.share(i64::from(rate_ppm), MONTHLY).unwrap();
            for term in 1..=tenor {
                let of_term = rows.iter().filter(|row| row.term == term);
                let interest: i64 = of_term.map(|row| row.interest.fen()).sum();
                prop_assert_eq!(interest, monthly.fen());
            }
            for (index, bid) in bids.iter().enumerate() {
                let of_bid = rows.iter().filter(|row| row.bid == index);
                prop_assert_eq!(of_bid.map(|row| row.principal.fen()).sum::<i64>(), bid.fen());
            }
        }
    }
}
