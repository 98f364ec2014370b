//! What a call costs at each provider: `providers.costs`.

use std::collections::BTreeMap;

use kernel::Money;
use providers::{aliyun, bankcard, face, funding, lianlian, limu};

/// The most that one call costs, in fen: 1,000 yuan is a slip.
const MOST_FEN: i64 = 100_000;
/// Providers that can be named.
const NAMES: [&str; 6] =
    [lianlian::NAME, limu::NAME, aliyun::NAME, bankcard::NAME, face::NAME, funding::NAME];

/// What an answered call costs, by provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs(BTreeMap<&'static str, Money>);

impl Costs {
    /// Reads `lianlian=20 limu=150`: names with fen, blanks between; `None` if anything is unknown,
    /// too large or named twice.
    pub fn parse(text: &str) -> Option<Self> {
        let mut costs = BTreeMap::new();
        for pair in text.split_whitespace() {
            let (name, fen) = pair.split_once('=')?;
            let name = NAMES.into_iter().find(|known| *known == name)?;
            let fen = fen.parse().ok().filter(|fen| (0..=MOST_FEN).contains(fen))?;
            if costs.insert(name, Money::from_fen(fen)?).is_some() {
                return None;
            }
        }
        Some(Self(costs))
    }

    /// What a call costs at a provider; nothing where none is named.
    pub fn of(&self, provider: &str) -> Money {
        self.0.get(provider).copied().unwrap_or(Money::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_whole_or_not_at_all() {
        let costs = Costs::parse(" lianlian=20  limu=150 ").unwrap();
        assert_eq!((costs.of("lianlian").fen(), costs.of("limu").fen()), (20, 150));
        assert_eq!(costs.of("aliyun"), Money::ZERO);
        assert_eq!(Costs::parse(""), Some(Costs::default()));
        for wrong in
            ["lianlian", "lianlian=", "lianlian=-1", "lianlian=100001", "other=1", "limu=1 limu=1"]
        {
            assert_eq!(Costs::parse(wrong), None, "{wrong}");
        }
    }
}
