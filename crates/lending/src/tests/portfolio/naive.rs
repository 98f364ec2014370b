//! A lender in plain arithmetic: what a loan owes is played again from its events by formulas of
//! its own, which know nothing of the core's.
//!
//! Figures are fen in 128 bits, days are numbers. Only the calendar is the kernel's.

use kernel::Date;

/// How a loan is repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// So many days, all at once, by real days / 360.
    Days(u32),
    /// Months with the same instalment.
    Level(u32),
    /// Months with interest on the whole amount.
    Flat(u32),
    /// Months of interest, the principal with the last.
    Interest(u32),
}

/// What a loan was made under.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) method: Method,
    pub(super) principal: i128,
    /// A year.
    pub(super) rate_ppm: i128,
    /// Kept back from the payout, of the principal.
    pub(super) kept_ppm: i128,
    /// With each row, of the principal.
    pub(super) fee_ppm: i128,
    /// A day.
    pub(super) penalty_ppm: i128,
    /// Whether interest that is late bears the penalty too.
    pub(super) on_interest: bool,
    pub(super) grace: i64,
    /// The penalty stays below this, a year of 365 days, on the principal that is late.
    pub(super) cap_ppm: i128,
    /// For settling early, of the principal that is not due.
    pub(super) early_ppm: i128,
}

/// Money that came in for a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) day: i64,
    pub(super) amount: i128,
    pub(super) settles: bool,
    /// From the customer's credit, not from the card.
    pub(super) by_wallet: bool,
}

/// A row of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) from: i64,
    pub(super) due: i64,
    pub(super) principal: i128,
    pub(super) interest: i128,
    pub(super) fee: i128,
}

/// The parts, in the order in which a payment is used for them.
const PENALTY: usize = 0;
const FEE: usize = 1;
const INTEREST: usize = 2;
const PRINCIPAL: usize = 3;
/// Penalty, fee, interest, principal.
pub(super) type Parts = [i128; 4];

#[derive(Clone, Copy, Debug)]
struct Open {
    row: Row,
    left: Parts,
    /// The penalty has been counted up to here.
    counted: Option<i64>,
    base_days: i128,
    principal_days: i128,
    penalty: i128,
}

/// A loan as it stands.
#[derive(Clone, Debug)]
pub(super) struct State {
    rows: Vec<Open>,
    terms: Terms,
    /// What has been paid.
    pub(super) paid: Parts,
    /// What each event left over.
    pub(super) excess: Vec<i128>,
    settled: bool,
    day: i64,
}

/// Half a fen up.
fn half_up(number: i128, divisor: i128) -> i128 {
    (2 * number + divisor) / (2 * divisor)
}

impl Terms {
    pub(super) fn received(&self) -> i128 {
        self.principal - half_up(self.principal * self.kept_ppm, 1_000_000)
    }

    /// A level instalment: P / (v + v^2 + … + v^n), by eighteen decimals.
    fn level(&self, months: u32) -> i128 {
        const ONE: i128 = 1_000_000_000_000_000_000;
        let growth = ONE + self.rate_ppm * ONE / 12_000_000;
        let mut discount = ONE;
        let mut annuity = 0;
        for _ in 0..months {
            discount = discount * ONE / growth;
            annuity += discount;
        }
        half_up(self.principal * ONE, annuity)
    }

    /// The plan.
    pub(super) fn rows(&self, start: i64) -> Vec<Row> {
        let (p, fee) = (self.principal, half_up(self.principal * self.fee_ppm, 1_000_000));
        let begin = Date::from_day_number(start).unwrap();
        let after = |months: u32| begin.plus_months(months).unwrap().day_number();
        let months = match self.method {
            Method::Days(days) => {
                let interest = half_up(p * self.rate_ppm * i128::from(days), 360_000_000);
                let due = start + i64::from(days);
                return vec![Row { from: start, due, principal: p, interest, fee }];
            }
            Method::Level(months) | Method::Flat(months) | Method::Interest(months) => months,
        };
        let interest_of = |base: i128| half_up(base * self.rate_ppm, 12_000_000);
        let (level, n) = (self.level(months), i128::from(months));
        let mut left = p;
        let row = |number: u32| {
            let (principal, interest) = match self.method {
                Method::Level(_) => (level - interest_of(left), interest_of(left)),
                Method::Flat(_) => {
                    let interest = interest_of(p);
                    (half_up(p + interest * n, n) - interest, interest)
                }
                Method::Interest(_) | Method::Days(_) => (0, interest_of(p)),
            };
            let principal = if number == months { left } else { principal };
            left -= principal;
            Row { from: after(number - 1), due: after(number), principal, interest, fee }
        };
        (1..=months).map(row).collect()
    }

    /// What a lender has earned of the plan by a day, as it is booked: rows that are due in full,
    /// of the running one the share of its days.
    fn booked(rows: &[Row], day: i64) -> i128 {
        let share = |row: &Row| {
            let days = i128::from((day - row.from).clamp(0, row.due - row.from));
            half_up(row.interest * days, i128::from(row.due - row.from))
        };
        rows.iter().map(share).sum()
    }

    /// What a settlement costs in interest: the same, but of the running row by the balance that
    /// the plan has in it.
    fn earned(&self, rows: &[Row], day: i64) -> i128 {
        let mut sum = 0;
        let mut balance = self.principal;
        for row in rows.iter().take_while(|row| row.from < day) {
            let (used, days) = (i128::from(day - row.from), i128::from(row.due - row.from));
            sum += if row.due <= day {
                row.interest
            } else {
                match self.method {
                    Method::Days(_) => half_up(balance * self.rate_ppm * used, 360_000_000),
                    Method::Flat(_) => half_up(row.interest * used, days),
                    Method::Level(_) | Method::Interest(_) => {
                        half_up(balance * self.rate_ppm * used, 12_000_000 * days)
                    }
                }
            };
            balance -= row.principal;
        }
        sum
    }
}

/// Plays a loan from its start to a day.
pub(super) fn play(terms: &Terms, start: i64, events: &[Event], day: i64) -> State {
    let open = |row: Row| Open {
        row,
        left: [0, row.fee, row.interest, row.principal],
        counted: None,
        base_days: 0,
        principal_days: 0,
        penalty: 0,
    };
    let rows = terms.rows(start).into_iter().map(open).collect();
    let mut state =
        State { rows, terms: *terms, paid: [0; 4], excess: Vec::new(), settled: false, day: start };
    for event in events {
        state.charge(event.day);
        let quote = state.settlement();
        if event.settles && !state.settled && event.amount >= quote {
            state.settle(event.amount - quote);
        } else {
            state.pay(event.amount);
        }
    }
    state.charge(day);
    state
}

impl State {
    /// Counts penalties up to a day.
    fn charge(&mut self, day: i64) {
        self.day = day;
        let terms = self.terms;
        for open in &mut self.rows {
            let interest = if terms.on_interest { open.left[INTEREST] } else { 0 };
            let base = open.left[PRINCIPAL] + interest;
            if base == 0 || day <= open.row.due + terms.grace {
                continue;
            }
            let days = i128::from(day - open.counted.unwrap_or(open.row.due));
            open.counted = Some(day);
            open.base_days += base * days;
            open.principal_days += open.left[PRINCIPAL] * days;
            let whole = half_up(open.base_days * terms.penalty_ppm, 1_000_000);
            let most = open.principal_days * terms.cap_ppm / 365_000_000;
            let more = (whole.min(most) - open.penalty).max(0);
            open.penalty += more;
            open.left[PENALTY] += more;
        }
    }

    fn pay(&mut self, amount: i128) {
        let (mut left, day) = (amount, self.day);
        for only_due in [true, false] {
            for open in &mut self.rows {
                if only_due && open.row.due > day {
                    continue;
                }
                for (part, paid) in open.left.iter_mut().zip(&mut self.paid) {
                    let used = left.min(*part);
                    *part -= used;
                    *paid += used;
                    left -= used;
                }
            }
        }
        self.excess.push(left);
    }

    fn settle(&mut self, excess: i128) {
        let parts = self.quote();
        for (paid, part) in self.paid.iter_mut().zip(parts) {
            *paid += part;
        }
        for open in &mut self.rows {
            open.left = [0; 4];
        }
        self.settled = true;
        self.excess.push(excess);
    }

    /// What it takes to settle on the day, by parts.
    fn quote(&self) -> Parts {
        let principal = self.terms.principal - self.paid[PRINCIPAL];
        let interest = if self.settled {
            0
        } else {
            (self.terms.earned(&self.plan(), self.day) - self.paid[INTEREST]).max(0)
        };
        let (mut fee, mut principal_due) = (0, 0);
        for open in self.rows.iter().filter(|open| open.row.due <= self.day) {
            fee += open.left[FEE];
            principal_due += open.left[PRINCIPAL];
        }
        fee += half_up((principal - principal_due) * self.terms.early_ppm, 1_000_000);
        let penalty = self.rows.iter().map(|open| open.left[PENALTY]).sum();
        [penalty, fee, interest, principal]
    }

    fn plan(&self) -> Vec<Row> {
        self.rows.iter().map(|open| open.row).collect()
    }

    /// What it takes to settle on the day.
    pub(super) fn settlement(&self) -> i128 {
        self.quote().iter().sum()
    }

    /// What is due by the day and unpaid.
    pub(super) fn due(&self) -> i128 {
        let due = self.rows.iter().filter(|open| open.row.due <= self.day);
        due.map(|open| open.left.iter().sum::<i128>()).sum()
    }

    /// The oldest row that is not paid: its number, its due day, and what is unpaid of it.
    pub(super) fn next(&self) -> Option<(u32, i64, i128)> {
        (1..).zip(&self.rows).find_map(|(number, open)| {
            let left: i128 = open.left.iter().sum();
            (left > 0).then_some((number, open.row.due, left))
        })
    }

    /// Whether nothing is owed any more.
    pub(super) fn is_over(&self) -> bool {
        self.next().is_none()
    }

    /// What the lender has booked as income of it by the day: penalty, fee, interest.
    pub(super) fn booked(&self) -> [i128; 3] {
        let [penalty, fee, interest, _] = self.paid;
        if self.is_over() {
            return [penalty, fee, interest];
        }
        let plan = self.plan();
        let charged: i128 = self.rows.iter().map(|open| open.penalty).sum();
        let due: i128 = plan.iter().filter(|row| row.due <= self.day).map(|row| row.fee).sum();
        [charged.max(penalty), due.max(fee), Terms::booked(&plan, self.day).max(interest)]
    }

    /// What it owes in the books: penalty, fee, interest, principal.
    pub(super) fn owed(&self) -> Parts {
        let [penalty, fee, interest] = self.booked();
        let booked = [penalty, fee, interest, self.terms.principal];
        let mut owed = [0; 4];
        for ((owed, booked), paid) in owed.iter_mut().zip(booked).zip(self.paid) {
            *owed = booked - paid;
        }
        owed
    }
}

/// The formulas against figures from outside the program.
#[test]
fn the_naive_lender_reckons_as_people_do() {
    let terms = Terms {
        method: Method::Level(12),
        principal: 1_000_000,
        rate_ppm: 120_000,
        kept_ppm: 10_000,
        fee_ppm: 0,
        penalty_ppm: 500,
        on_interest: false,
        grace: 1,
        cap_ppm: 240_000,
        early_ppm: 0,
    };
    let start = Date::from_ymd(2026, 1, 31).unwrap().day_number();
    let rows = terms.rows(start);
    // 10,000 at 1 % a month over 12: 888.49, by any table of annuities; first 100.00 of interest.
    assert_eq!((rows[0].interest, rows[0].principal), (10_000, 78_849));
    assert_eq!(rows.iter().map(|row| row.principal).sum::<i128>(), 1_000_000);
    assert_eq!(rows[0].due - start, 28, "28 February stands in for the 31st");
    assert_eq!(terms.received(), 990_000);
    let days = Terms { method: Method::Days(14), rate_ppm: 180_000, principal: 100_000, ..terms };
    // 1000 x 0.18 x 14 / 360 = 7.00; three days late: 3 x 0.50; a day late: nothing.
    let late = play(&days, 0, &[], 17);
    assert_eq!((late.due(), late.booked()), (100_850, [150, 0, 700]));
    assert_eq!(play(&days, 0, &[], 15).due(), 100_700);
    // After ten days a settlement costs 5.00.
    assert_eq!(play(&days, 0, &[], 10).settlement(), 100_500);
    // The cap: 24 % over 365 days on 1000 are 0.6575 a day, three days 1.97.
    let dear = Terms { penalty_ppm: 800, ..days };
    assert_eq!(play(&dear, 0, &[], 17).booked()[0], 197);
    let part = Event { day: 16, amount: 50_000, settles: false, by_wallet: false };
    // 1.00 of penalty and 7.00 of interest, the rest is principal; 508.00 of principal are left,
    // three days of them 0.762 beside the 1.00 that was charged.
    let paid = play(&days, 0, &[part], 19);
    assert_eq!(paid.paid, [100, 0, 700, 49_200]);
    assert_eq!(paid.booked()[0], 176);
}
