//! Faults on demand: what the sandbox is to do wrong at which call, and how often.

use std::time::Duration;

/// How long a delayed answer takes: longer than suites like, shorter than clients wait.
pub(super) const DELAY: Duration = Duration::from_millis(120);

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The answer takes its time.
    Delay,
    /// The request is lost on its way: nothing is done, nothing is said.
    Lost,
    /// It is done, and the answer is lost.
    Silent,
    /// It is refused with 503, and not done.
    Refused,
    /// It is done, and the answer is 502.
    Broken,
    /// It is done, and the signature of the answer is bad; of the notification too, the first time.
    BadSignature,
    /// The notification is lost, for good.
    NoCallback,
    /// The notification comes twice.
    TwoCallbacks,
    /// After the notification comes one that says that the order is still under way.
    StaleCallback,
}

impl FaultKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Delay,
        Self::Lost,
        Self::Silent,
        Self::Refused,
        Self::Broken,
        Self::BadSignature,
        Self::NoCallback,
        Self::TwoCallbacks,
        Self::StaleCallback,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Lost => "lost",
            Self::Silent => "silent",
            Self::Refused => "refused",
            Self::Broken => "broken",
            Self::BadSignature => "bad_signature",
            Self::NoCallback => "no_callback",
            Self::TwoCallbacks => "two_callbacks",
            Self::StaleCallback => "stale_callback",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// A fault that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At which call, by the last part of its path; `*` is any.
    pub call: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many more times.
    pub times: u32,
}

/// What the sandbox is to do wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Those that were ordered, in this order.
    pub ordered: Vec<Fault>,
    /// Of a thousand calls, so many go wrong at random.
    pub per_mille: u64,
    /// Where chance stands; the same number gives the same faults.
    pub seed: u64,
}

impl Faults {
    /// What goes wrong with this call.
    pub(super) fn take(&mut self, call: &str) -> Option<FaultKind> {
        let fits =
            |fault: &&mut Fault| fault.times > 0 && (fault.call == call || fault.call == "*");
        if let Some(fault) = self.ordered.iter_mut().find(fits) {
            fault.times = fault.times.saturating_sub(1);
            let kind = fault.kind;
            self.ordered.retain(|fault| fault.times > 0);
            return Some(kind);
        }
        if self.per_mille == 0 || self.next() % 1000 >= self.per_mille {
            return None;
        }
        let count = u64::try_from(FaultKind::ALL.len()).unwrap_or(1);
        let place = usize::try_from(self.next() % count).unwrap_or_default();
        FaultKind::ALL.get(place).copied()
    }

    /// SplitMix64: good enough for chance, and the same everywhere.
    const fn next(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_faults_come_as_often_as_ordered_and_chance_repeats_itself() {
        let fault = |call: &str, kind, times| Fault { call: call.into(), kind, times };
        let ordered = vec![
            fault("a", FaultKind::Lost, 1),
            fault("*", FaultKind::Delay, 2),
            fault("b", FaultKind::Silent, 0),
        ];
        let mut faults = Faults { ordered, ..Faults::default() };
        let taken = ["b", "a", "b", "b", "a"].map(|call| faults.take(call));
        let (lost, delay) = (Some(FaultKind::Lost), Some(FaultKind::Delay));
        assert_eq!(taken, [delay, lost, delay, None, None]);
        let mut one = Faults { per_mille: 300, seed: 7, ..Faults::default() };
        let mut other = one.clone();
        let first: Vec<_> = (0..1000).map(|_| one.take("a")).collect();
        let second: Vec<_> = (0..1000).map(|_| other.take("a")).collect();
        assert_eq!(first, second);
        let wrong = first.iter().flatten().count();
        assert!((250..350).contains(&wrong), "{wrong}");
        for kind in FaultKind::ALL {
            assert!(first.contains(&Some(*kind)), "{kind:?}");
            assert_eq!(FaultKind::parse(kind.word()), Some(*kind));
        }
    }
}
