//! Why flows have no annual cost, in both languages.

use super::MAX_FLOWS;

/// Why there is no rate. `Display` is English, [`CostProblem::zh`] Chinese.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CostProblem {
    /// More flows than [`MAX_FLOWS`].
    #[error("more than {MAX_FLOWS} flows")]
    TooManyFlows,
    /// Fewer than two flows, or two lengths of time, are left once flows of one time are netted.
    #[error("fewer than two flows at different times")]
    NotEnoughFlows,
    /// All money goes the same way.
    #[error("all flows have the same sign: something must be received and something paid")]
    OneSided,
    /// Money goes both ways, but no rate makes it even.
    #[error("no rate makes these flows even")]
    NoRoot,
    /// The flows change their sign more than once, and more than one rate makes them even.
    ///
    /// The roots are fractions (0.12 is 12 %) of the rate that was asked for, smallest first,
    /// at most sixteen of them: per period from [`super::period_rate`] and [`super::tvm::irr`],
    /// per unit period from [`super::reg_z`], otherwise per year.
    #[error("several rates make these flows even: {}", listed(roots))]
    SeveralRoots {
        /// The rates, as fractions.
        roots: Vec<f64>,
    },
    /// The only rate is below −99.99 % or above 10^17 %.
    #[error("the rate is beyond the range of -99.99 % to 10^17 %")]
    RateOutOfRange,
    /// No principal is used for any time, so that nothing can be put in relation to it.
    #[error("no money is outstanding for any time")]
    NoTimePasses,
    /// An argument that is not a number, or a number of periods outside 1 … 10,000.
    #[error("an argument is out of range")]
    BadArgument,
}

impl CostProblem {
    /// The problem in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::TooManyFlows => format!("现金流超过 {MAX_FLOWS} 笔"),
            Self::NotEnoughFlows => "不同时点的现金流不足两笔".to_owned(),
            Self::OneSided => "现金流方向全部相同：必须既有收入又有支出".to_owned(),
            Self::NoRoot => "没有任何利率能使这些现金流的净现值为零".to_owned(),
            Self::SeveralRoots { roots } => {
                format!("有多个利率使这些现金流的净现值为零：{}", listed(roots))
            }
            Self::RateOutOfRange => "利率超出 -99.99 % 至 10^17 % 的范围".to_owned(),
            Self::NoTimePasses => "没有任何本金被占用任何时间".to_owned(),
            Self::BadArgument => "参数超出范围".to_owned(),
        }
    }
}

fn listed(roots: &[f64]) -> String {
    let texts: Vec<_> = roots.iter().map(|root| super::rate::percent_text(*root, 6)).collect();
    texts.join(", ")
}
