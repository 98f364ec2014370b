//! What is on sale in the portfolio, and who buys it.

use kernel::id::ProductId;
use kernel::{Money, Rate};
use pricing::account::PenaltyBase;
use pricing::terms::Size;
use pricing::{Method as Repaid, Percent};

use super::naive::{Method, Terms};
use crate::audit::Actor;
use crate::catalog::{self, FeeTime, LateRule, ProductFee, Request, SaveProduct, Version};
use crate::tests::kit::{Bench, Random};
use crate::tests::lender::{by_days, by_months, shipped};
use kernel::Channel;

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payer {
    OnTime,
    Late,
    Partial,
    Early,
    Never,
}

/// Of a hundred customers so many of each.
pub(super) const PAYERS: &[Payer] = &[
    Payer::OnTime,
    Payer::OnTime,
    Payer::OnTime,
    Payer::Late,
    Payer::Late,
    Payer::Partial,
    Payer::Partial,
    Payer::Early,
    Payer::Never,
];

/// A product, and what the naive lender knows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnSale {
    pub(super) product: ProductId,
    kind: Kind,
    pub(super) least: i64,
    most: i64,
    terms: Terms,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Days,
    Level,
    Flat,
    Interest,
}

/// What the products that we ship say about being late, by hand: 0.05 % a day on principal, a
/// day of grace, below 24 % a year.
const PLAIN: Terms = Terms {
    method: Method::Days(7),
    principal: 0,
    rate_ppm: 180_000,
    kept_ppm: 0,
    fee_ppm: 0,
    penalty_ppm: 500,
    on_interest: false,
    grace: 1,
    cap_ppm: 240_000,
    early_ppm: 0,
};

fn percent(ppm: u32) -> Percent {
    Percent::from_rate(Rate::from_ppm(ppm).unwrap())
}

fn fee(time: FeeTime, ppm: u32) -> ProductFee {
    let (name, collector) = ("服务费".to_owned(), "本公司".to_owned());
    ProductFee { name, collector, time, size: Size::Share(percent(ppm)) }
}

/// Puts everything on sale: five products as they are shipped, and three with more to reckon.
pub(super) fn open(bench: &Bench) -> Vec<OnSale> {
    let sell = |code: &str, version: Version| {
        let version = Version { first_limit: Money::from_yuan(20_000).unwrap(), ..version };
        let (actor, channel) = (Actor::Platform, Channel::Xianjindai);
        let command = SaveProduct { actor, channel, code: code.to_owned(), version };
        bench.write(move |tx| catalog::save_beyond_lines(tx, &command)).unwrap().id
    };
    let as_shipped = |code: &str, kind, (least, most), rate_ppm| OnSale {
        product: sell(code, shipped(code)),
        kind,
        least,
        most,
        terms: Terms { rate_ppm, ..PLAIN },
    };
    let mut on_sale = vec![
        as_shipped("DAYS-RANGE", Kind::Days, (500, 5000), 180_000),
        as_shipped("DAYS-FIXED", Kind::Days, (500, 500), 180_000),
        as_shipped("MONTHS-LEVEL", Kind::Level, (1000, 9000), 180_000),
        as_shipped("MONTHS-FLAT", Kind::Flat, (1000, 9000), 120_000),
        as_shipped("MONTHS-INTEREST", Kind::Interest, (2000, 9000), 150_000),
    ];
    let kept = Version { fees: vec![fee(FeeTime::KeptBack, 12_345)], ..shipped("MONTHS-FLAT") };
    on_sale.push(OnSale {
        product: sell("KEPT", kept),
        kind: Kind::Flat,
        least: 1000,
        most: 9000,
        terms: Terms { rate_ppm: 120_000, kept_ppm: 12_345, ..PLAIN },
    });
    let fees = vec![fee(FeeTime::EachPeriod, 1234)];
    let each = Version { fees, settlement_fee: percent(15_000), ..shipped("MONTHS-LEVEL") };
    on_sale.push(OnSale {
        product: sell("EACH", each),
        kind: Kind::Level,
        least: 1000,
        most: 9000,
        terms: Terms { fee_ppm: 1234, early_ppm: 15_000, ..PLAIN },
    });
    let late = LateRule {
        daily: percent(900),
        base: PenaltyBase::OverduePrincipalAndInterest,
        grace_days: 3,
        cap_days: None,
        cap_rate: Some(percent(300_000)),
    };
    let dear = Version { late, ..shipped("DAYS-RANGE") };
    on_sale.push(OnSale {
        product: sell("DEAR", dear),
        kind: Kind::Days,
        least: 500,
        most: 5000,
        terms: Terms { penalty_ppm: 900, on_interest: true, grace: 3, cap_ppm: 300_000, ..PLAIN },
    });
    on_sale
}

impl OnSale {
    /// Something that it offers, as the core is asked for it, and as the naive lender sees it.
    pub(super) fn wish(&self, random: &mut Random) -> (Request, Terms) {
        let yuan = random.between(self.least, self.most);
        let (days, months) = (random.pick(&[7, 14]), random.pick(&[3, 6, 12]));
        let rate = u32::try_from(self.terms.rate_ppm).unwrap();
        let (request, method) = match self.kind {
            Kind::Days => (by_days(yuan, days), Method::Days(days)),
            Kind::Level => {
                (by_months(yuan, months, rate, Repaid::EqualInstalment), Method::Level(months))
            }
            Kind::Flat => (by_months(yuan, months, rate, Repaid::Flat), Method::Flat(months)),
            Kind::Interest => {
                (by_months(yuan, months, rate, Repaid::InterestOnly), Method::Interest(months))
            }
        };
        let principal = i128::from(request.amount.fen());
        (request, Terms { method, principal, ..self.terms })
    }
}
