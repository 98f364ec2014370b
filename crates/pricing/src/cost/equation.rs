//! The equation of value: flows, discounted, sum to nothing.
//!
//! With `x = ln(1 + rate)` a flow at time `t` is worth `amount × e^(−x t)`, under Reg Z also
//! divided by `1 + f i` for the odd part `f` of a unit period. What is solved is not the sum but
//! `ln(received) − ln(paid)`: it has the same roots, is nearly a straight line in `x`, and does
//! not depend on the date to which is discounted, so that nothing overflows.

use kernel::Change;

use super::moment::Moment;
use super::{CostProblem, MAX_FLOWS};

/// One flow, with the time since the flow before it.
struct Term {
    amount: f64,
    /// The place of that time in `Equation::gaps`.
    gap: usize,
    /// Time since the first flow.
    at: f64,
    fraction: f64,
}

/// Flows in order of time.
pub(super) struct Equation {
    terms: Vec<Term>,
    /// The different times between neighbours: for monthly dates four, 28 to 31 days.
    gaps: Vec<f64>,
    /// All amounts together; exact when it is zero.
    sum: f64,
    span: f64,
    odd: bool,
}

/// The equation at one `x`.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// `ln(received) − ln(paid)`, of what each is worth at `x`.
    pub level: f64,
    /// Its derivative.
    pub slope: f64,
}

/// One side of the equation on the way through the flows: its worth, and minus (forwards: plus)
/// the derivative of it.
#[derive(Default)]
struct Side {
    worth: f64,
    turn: f64,
}

impl Side {
    fn carry(&mut self, gap: f64, factor: f64) {
        self.turn = (self.turn + gap * self.worth) * factor;
        self.worth *= factor;
    }

    fn add(&mut self, worth: f64, turn: f64) {
        self.worth += worth;
        self.turn += worth * turn;
    }

    fn relative(&self) -> f64 {
        self.turn / self.worth
    }
}

impl Equation {
    /// From flows that [`netted`] has put in order.
    pub(super) fn new<T: Moment>(flows: &[(T, i64)]) -> Result<Self, CostProblem> {
        let sum = flows.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
        let mut before = flows.first().map(|(at, _)| *at);
        let steps = flows.iter().map(|(at, amount)| {
            let gap = before.map_or(0.0, |before| before.until(*at));
            before = Some(*at);
            (gap, at.fraction(), float(*amount))
        });
        Self::from_steps(steps, float(sum))
    }

    /// From the time since the flow before, the odd fraction, and the amount of each flow.
    pub(super) fn from_steps(
        steps: impl Iterator<Item = (f64, f64, f64)>,
        sum: f64,
    ) -> Result<Self, CostProblem> {
        let mut gaps: Vec<f64> = Vec::new();
        let (mut terms, mut at, mut end, mut odd) = (Vec::new(), 0.0, 0.0, false);
        for (gap, fraction, amount) in steps {
            at += gap;
            let known = gaps.iter().position(|known| known.to_bits() == gap.to_bits());
            let place = known.unwrap_or_else(|| {
                gaps.push(gap);
                gaps.len().saturating_sub(1)
            });
            odd |= fraction > 0.0;
            end = at + fraction;
            terms.push(Term { amount, gap: place, at, fraction });
        }
        let first = terms.first().map_or(0.0, |term| term.fraction);
        if terms.len() < 2 || end - first <= 0.0 {
            return Err(CostProblem::NotEnoughFlows);
        }
        Ok(Self { terms, gaps, sum, span: end - first, odd })
    }

    /// The time from the first flow to the last.
    pub(super) fn span(&self) -> f64 {
        self.span
    }

    /// All amounts together; exactly zero if a rate of zero solves the equation.
    pub(super) fn sum(&self) -> f64 {
        self.sum
    }

    /// Whether money is received first.
    pub(super) fn receives_first(&self) -> bool {
        self.terms.first().is_some_and(|term| term.amount > 0.0)
    }

    /// How often the sign changes from flow to flow; there are at most so many roots.
    pub(super) fn sign_changes(&self) -> usize {
        let after = self.terms.iter().skip(1);
        let pairs = self.terms.iter().zip(after);
        pairs.filter(|(one, next)| (one.amount > 0.0) != (next.amount > 0.0)).count()
    }

    /// Reads level and slope at `x`; `factors` is room to work in.
    pub(super) fn read(&self, x: f64, factors: &mut Vec<(f64, f64)>) -> Reading {
        factors.clear();
        factors.extend(self.gaps.iter().map(|gap| (*gap, (-x.abs() * gap).exp())));
        let (mut received, mut paid) = (Side::default(), Side::default());
        let step = |term: &Term| factors.get(term.gap).copied().unwrap_or((0.0, 1.0));
        // Discounted to the first flow or, where that would grow, to the last: factors stay ≤ 1.
        if x >= 0.0 {
            let mut odd = Odd::at(x);
            for term in self.terms.iter().rev() {
                let (weight, turn) = if self.odd { odd.of(term.fraction) } else { (1.0, 0.0) };
                received.add(term.amount.max(0.0) * weight, turn);
                paid.add((-term.amount).max(0.0) * weight, turn);
                let (gap, factor) = step(term);
                received.carry(gap, factor);
                paid.carry(gap, factor);
            }
            let slope = paid.relative() - received.relative();
            return Reading { level: received.worth.ln() - paid.worth.ln(), slope };
        }
        let mut odd = Odd::at(x);
        for term in &self.terms {
            let (gap, factor) = step(term);
            received.carry(gap, factor);
            paid.carry(gap, factor);
            let (weight, turn) = if self.odd { odd.of(term.fraction) } else { (1.0, 0.0) };
            received.add(term.amount.max(0.0) * weight, -turn);
            paid.add((-term.amount).max(0.0) * weight, -turn);
        }
        let slope = received.relative() - paid.relative();
        Reading { level: received.worth.ln() - paid.worth.ln(), slope }
    }

    /// The Newton step of the plain sum at an `x` near zero, where its digits would cancel.
    ///
    /// The sum of the amounts is exact, and what the discount changes is summed by itself.
    pub(super) fn step_near_zero(&self, x: f64) -> f64 {
        let rate = x.exp_m1();
        let (mut value, mut slope) = (self.sum, 0.0);
        for term in &self.terms {
            let change = (-x * term.at - (term.fraction * rate).ln_1p()).exp_m1();
            let odd = term.fraction * (1.0 + rate) / (1.0 + term.fraction * rate);
            value += term.amount * change;
            slope -= term.amount * (1.0 + change) * (term.at + odd);
        }
        value / slope
    }

    /// Whether the debt at growth `x` never changes sides before the last flow; if `x` is a root
    /// it is then the only one (Soper 1959, Teichroew, Robichek and Montalbano 1965).
    pub(super) fn owed_throughout(&self, x: f64) -> bool {
        if self.odd {
            return false;
        }
        let sign = if self.receives_first() { 1.0 } else { -1.0 };
        let growth: Vec<_> = self.gaps.iter().map(|gap| (x * gap).exp()).collect();
        let mut owed = 0.0;
        let before_last = self.terms.len().saturating_sub(1);
        self.terms.iter().take(before_last).all(|term| {
            let factor = growth.get(term.gap).copied().unwrap_or(1.0);
            owed = owed * factor + sign * term.amount;
            owed > 0.0
        })
    }
}

/// Discount of the odd part of a unit period, remembered while the part stays the same.
struct Odd {
    rate: f64,
    fraction: f64,
    found: (f64, f64),
}

impl Odd {
    fn at(x: f64) -> Self {
        Self { rate: x.exp_m1(), fraction: 0.0, found: (1.0, 0.0) }
    }

    /// `1 / (1 + f i)`, and minus its derivative in `x` over itself.
    fn of(&mut self, fraction: f64) -> (f64, f64) {
        if fraction.to_bits() != self.fraction.to_bits() {
            let weight = 1.0 / (1.0 + fraction * self.rate);
            self.fraction = fraction;
            self.found = (weight, fraction * (1.0 + self.rate) * weight);
        }
        self.found
    }
}

/// The flows in order of time, netted where the time is the same, without zeros.
pub(super) fn netted<T: Moment>(flows: &[(T, Change)]) -> Result<Vec<(T, i64)>, CostProblem> {
    if flows.len() > MAX_FLOWS {
        return Err(CostProblem::TooManyFlows);
    }
    let mut sorted = flows.to_vec();
    sorted.sort_by_key(|(at, _)| *at);
    let mut net: Vec<(T, i64)> = Vec::with_capacity(sorted.len());
    for (at, amount) in sorted {
        match net.last_mut() {
            // 10,000 amounts of at most 10^12 fen: no overflow.
            Some((last, sum)) if *last == at => *sum = sum.saturating_add(amount.fen()),
            _ => net.push((at, amount.fen())),
        }
    }
    net.retain(|(_, amount)| *amount != 0);
    Ok(net)
}

/// A whole number as a double, exact up to 2^53: the upper and the lower 32 bits by themselves.
pub(super) fn float(value: i64) -> f64 {
    let upper = i32::try_from(value.div_euclid(1 << 32)).unwrap_or(0);
    let lower = u32::try_from(value.rem_euclid(1 << 32)).unwrap_or(0);
    f64::from(upper) * 4_294_967_296.0 + f64::from(lower)
}
