//! The three ways to run: what is the default, and what is refused.

use std::fmt;

/// How the platform is run (运行方式).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// To look around on one's own machine: invented people, open administrator, movable clock.
    Demo,
    /// To measure: like demo, with limits that are out of the way.
    Bench,
    /// With real people and real money.
    Production,
}

impl Profile {
    /// The words that the setting `profile` takes.
    pub const WORDS: &'static [&'static str] = &["demo", "bench", "production"];

    /// Reads one of [`Profile::WORDS`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Demo, Self::Bench, Self::Production].into_iter().find(|p| p.word() == word)
    }

    /// The word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Bench => "bench",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
