//! Finds the root of an equation of value, or says that there is none or more than one.
//!
//! Newton's method inside a bracket, with halving where it would leave the bracket or slow down;
//! every loop is bounded.

use super::CostProblem;
use super::equation::{Equation, Reading};

/// `ln(1 + rate)` a little outside the range of rates that are reported (−99.99 % … 10^17 %).
const LOW: f64 = -9.9;
const HIGH: f64 = 35.0;
/// Steps of one search; Newton's method needs about five, halving alone about sixty.
const MAX_STEPS: usize = 200;
/// Roots that are listed.
const MAX_ROOTS: usize = 16;

/// The `x = ln(1 + rate)` at which the equation holds.
pub(super) fn solve(equation: &Equation) -> Result<f64, CostProblem> {
    match equation.sign_changes() {
        0 => Err(CostProblem::OneSided),
        1 if equation.sum() == 0.0 => Ok(0.0),
        1 => within_range(Search::new(equation).root((LOW, HIGH), 0.0, equation.receives_first())),
        _ => several(equation),
    }
}

/// With one change of sign there is exactly one root, maybe outside the range.
fn within_range(x: f64) -> Result<f64, CostProblem> {
    if x - LOW < 1e-6 || HIGH - x < 1e-6 { Err(CostProblem::RateOutOfRange) } else { Ok(x) }
}

fn several(equation: &Equation) -> Result<f64, CostProblem> {
    let mut search = Search::new(equation);
    if equation.sign_changes() % 2 == 1 {
        // The usual loan with several advances: one root, at which money is always owed.
        let rising = equation.receives_first();
        let x = if equation.sum() == 0.0 { 0.0 } else { search.root((LOW, HIGH), 0.0, rising) };
        if equation.owed_throughout(x) && within_range(x).is_ok() {
            return Ok(x);
        }
    }
    let roots = search.all_roots();
    match *roots.as_slice() {
        // An odd number of changes of sign has at least one root, here outside the range.
        [] if equation.sign_changes() % 2 == 1 => Err(CostProblem::RateOutOfRange),
        [] => Err(CostProblem::NoRoot),
        [only] => Ok(only),
        _ => {
            let fractions = roots.iter().map(|root| root.exp_m1()).collect();
            Err(CostProblem::SeveralRoots { roots: fractions })
        }
    }
}

struct Search<'a> {
    equation: &'a Equation,
    factors: Vec<(f64, f64)>,
}

impl<'a> Search<'a> {
    const fn new(equation: &'a Equation) -> Self {
        Self { equation, factors: Vec::new() }
    }

    fn read(&mut self, x: f64) -> Reading {
        self.equation.read(x, &mut self.factors)
    }

    /// The root inside a bracket over which the level changes its sign, upwards if `rising`.
    fn root(&mut self, bracket: (f64, f64), start: f64, rising: bool) -> f64 {
        let (mut low, mut high) = bracket;
        let (mut x, mut step_before) = (start, high - low);
        for _ in 0..MAX_STEPS {
            let reading = self.read(x);
            if reading.level == 0.0 {
                break;
            }
            if (reading.level > 0.0) == rising {
                high = x;
            } else {
                low = x;
            }
            let step = reading.level / reading.slope;
            let next = x - step;
            // Not a number counts as useless.
            let useful = next > low && next < high && 2.0 * step.abs() <= step_before.abs();
            if useful && step.abs() <= (1e-9 * x.abs()).max(1e-15 / self.equation.span()) {
                x = next;
                break;
            }
            let next = if useful { next } else { 0.5 * (low + high) };
            step_before = if useful { step } else { high - low };
            x = next;
            if high - low <= 4e-16 * x.abs() {
                break;
            }
        }
        self.sharpened(x)
    }

    /// Two more steps in full precision where the rate is next to nothing.
    fn sharpened(&self, x: f64) -> f64 {
        let limit = 1e-2 / self.equation.span();
        let mut sharp = x;
        if x.abs() > limit {
            return x;
        }
        for _ in 0..2 {
            let next = sharp - self.equation.step_near_zero(sharp);
            if next.abs() <= 2.0 * limit {
                sharp = next;
            }
        }
        sharp
    }

    /// All roots in the range, in order, by a look at about a thousand points.
    fn all_roots(&mut self) -> Vec<f64> {
        let mut roots = Vec::new();
        let balanced = self.equation.sum() == 0.0;
        let mut before: Option<(f64, Reading)> = None;
        for x in grid(self.equation.span()) {
            if x == 0.0 && balanced {
                roots.push(0.0);
                before = None;
                continue;
            }
            let reading = self.read(x);
            if let Some(left) = before {
                self.look_between(left, (x, reading), &mut roots);
            }
            if reading.level == 0.0 {
                roots.push(x);
            }
            if roots.len() >= MAX_ROOTS {
                break;
            }
            before = Some((x, reading));
        }
        roots.dedup_by(|next, last| (*next - *last).abs() <= 1e-12 * last.abs());
        roots.truncate(MAX_ROOTS);
        roots
    }

    fn look_between(&mut self, left: (f64, Reading), right: (f64, Reading), roots: &mut Vec<f64>) {
        let (from, to) = (left.1.level, right.1.level);
        if from == 0.0 || to == 0.0 {
            return;
        }
        if (from > 0.0) != (to > 0.0) {
            let middle = 0.5 * (left.0 + right.0);
            roots.push(self.root((left.0, right.0), middle, to > 0.0));
            return;
        }
        // The same side at both ends, but first towards zero and then away from it: a dip.
        let sign = from.signum();
        if sign * left.1.slope < 0.0 && sign * right.1.slope > 0.0 {
            self.look_into_dip((left.0, right.0), sign, roots);
        }
    }

    /// Goes to the bottom of a dip; there are two roots below zero, one on it, none above.
    fn look_into_dip(&mut self, ends: (f64, f64), sign: f64, roots: &mut Vec<f64>) {
        let (mut low, mut high) = ends;
        for _ in 0..MAX_STEPS {
            let middle = 0.5 * (low + high);
            let reading = self.read(middle);
            if sign * reading.level < -TOUCH {
                let (down, up) = (sign < 0.0, sign > 0.0);
                roots.push(self.root((ends.0, middle), 0.5 * (ends.0 + middle), down));
                roots.push(self.root((middle, ends.1), 0.5 * (middle + ends.1), up));
                return;
            }
            if sign * reading.slope < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
            if high - low <= 4e-16 * middle.abs() {
                break;
            }
        }
        let bottom = 0.5 * (low + high);
        if self.read(bottom).level.abs() <= TOUCH {
            roots.push(bottom);
        }
    }
}

/// How near to zero counts as touching it: the noise of doubles over many flows.
const TOUCH: f64 = 1e-13;

/// Points from low to high, dense where `x × span` is small and then ever wider.
fn grid(span: f64) -> Vec<f64> {
    let mut outward = vec![1e-7 / span];
    let mut x = 0.0_f64;
    while x < HIGH {
        x = (x + 0.05 / span).max(if x * span > 20.0 { x * 1.03 } else { 0.0 });
        outward.push(x.min(HIGH));
    }
    let below = outward.iter().rev().map(|x| -x).filter(|x| *x > LOW);
    let mut points = vec![LOW];
    points.extend(below);
    points.push(0.0);
    points.extend(&outward);
    points
}
