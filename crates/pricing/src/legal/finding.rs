//! What came out when a contract was held against a line.

use std::fmt;

use kernel::{Date, Money};

use super::{Contract, Effect, InForce};
use crate::cost::AnnualRate;

/// On which side of a line a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// On the line or below.
    Within,
    /// Above.
    Exceeded,
}

/// One line, one contract, one verdict. `Display` is English, [`Finding::zh`] Chinese.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding<'a> {
    /// The line and its limit on the day of the contract.
    pub in_force: InForce<'a>,
    /// The contract's figure.
    pub figure: AnnualRate,
    /// The day on which the contract was made.
    pub signed_on: Date,
    /// The principal that was received.
    pub received: Money,
    /// What the line allows in a year on that principal, rounded half up to the fen; `None`
    /// where it is more than any amount.
    pub allowed_a_year: Option<Money>,
    /// The outcome.
    pub verdict: Verdict,
}

impl<'a> Finding<'a> {
    pub(super) fn new(in_force: InForce<'a>, contract: &Contract) -> Self {
        let ppm = f64::from(in_force.limit.ppm());
        // Half a ppm is where the figure, rounded half up to a ppm, leaves the line.
        let above = contract.figure.fraction() * 1e6 >= ppm + 0.5;
        Self {
            in_force,
            figure: contract.figure,
            signed_on: contract.signed_on,
            received: contract.received,
            allowed_a_year: contract.received.share(i64::from(in_force.limit.ppm()), 1_000_000),
            verdict: if above { Verdict::Exceeded } else { Verdict::Within },
        }
    }

    /// The finding as a sentence in Chinese.
    pub fn zh(&self) -> String {
        let line = self.in_force.line;
        let (figure, limit) = self.figures();
        let side = match self.verdict {
            Verdict::Within => "未超过",
            Verdict::Exceeded => "超过",
        };
        let lpr = self.in_force.lpr.map_or_else(String::new, |used| {
            let base = AnnualRate::from_rate(used.lpr.rate).percent_text(2);
            let published = used.lpr.published_on;
            let carried = used.carried_from;
            let carried = carried
                .map_or_else(String::new, |day| format!("，LPR 表核对至 {day}，此后按未变动计"));
            format!("（{} × {base} %，{published} 公布{carried}）", used.times)
        });
        let effect = match (self.verdict, line.effect) {
            (Verdict::Within, _) => "",
            (Verdict::Exceeded, Effect::Unprotected) => "；超过部分不受保护",
            (Verdict::Exceeded, Effect::Void) => "；超过部分无效",
            (Verdict::Exceeded, Effect::ReducedOnRequest) => "；超过部分可请求调减",
            (Verdict::Exceeded, Effect::Forbidden) => "；监管禁止超过",
        };
        format!(
            "{}：{} 订立的合同，年利率 {figure} %，{side}上限 {limit} %{lpr}{effect}；依据：{}",
            line.name_zh, self.signed_on, line.source
        )
    }

    fn figures(&self) -> (String, String) {
        let limit = AnnualRate::from_rate(self.in_force.limit);
        (self.figure.percent_text(4), limit.percent_text(2))
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.in_force.line;
        let (figure, limit) = self.figures();
        let side = match self.verdict {
            Verdict::Within => "is within",
            Verdict::Exceeded => "exceeds",
        };
        let (name, signed_on) = (&line.name_en, self.signed_on);
        write!(f, "{name}: {figure} % of the contract of {signed_on} {side} {limit} %")?;
        if let Some(used) = self.in_force.lpr {
            let base = AnnualRate::from_rate(used.lpr.rate).percent_text(2);
            write!(f, " ({} x {base} %, published on {}", used.times, used.lpr.published_on)?;
            if let Some(day) = used.carried_from {
                write!(f, "; the LPR is known until {day} and taken as unchanged since")?;
            }
            f.write_str(")")?;
        }
        let effect = match (self.verdict, line.effect) {
            (Verdict::Within, _) => "",
            (Verdict::Exceeded, Effect::Unprotected) => "; the excess is not protected",
            (Verdict::Exceeded, Effect::Void) => "; the excess is void",
            (Verdict::Exceeded, Effect::ReducedOnRequest) => "; the excess is reduced on request",
            (Verdict::Exceeded, Effect::Forbidden) => "; lending above it is forbidden",
        };
        write!(f, "{effect}; {}", line.source)
    }
}
