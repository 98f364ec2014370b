//! How a running loan treats payments: order of allocation, prepayment, settlement, penalty.

use kernel::Money;

use crate::percent::Percent;
use crate::problem::{Fault, Problem};

/// A part of what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Penalty for being late (罚息, 违约金).
    Penalty,
    /// Fees (费用).
    Fee,
    /// Interest (利息).
    Interest,
    /// Principal (本金).
    Principal,
}

/// What is paid first across several instalments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Across {
    /// All parts of one instalment before the next instalment.
    #[default]
    Instalments,
    /// One part of all instalments before the next part.
    Parts,
}

/// Which instalment comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sequence {
    /// The oldest.
    #[default]
    OldestFirst,
    /// The newest of those that are due. In advance it is the next one in any case.
    NewestFirst,
}

/// In which order a payment is used (冲账顺序): first for what is due, then in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The parts of what is due.
    pub due: [Part; 4],
    /// The parts of what is not due yet, instalment by instalment.
    pub in_advance: [Part; 4],
    /// What is paid first across several instalments that are due.
    pub across: Across,
    /// Which of them comes first.
    pub sequence: Sequence,
}

impl Default for Allocation {
    /// Penalty, fee, interest, principal; the oldest first.
    fn default() -> Self {
        let parts = [Part::Penalty, Part::Fee, Part::Interest, Part::Principal];
        Self {
            due: parts,
            in_advance: parts,
            across: Across::Instalments,
            sequence: Sequence::OldestFirst,
        }
    }
}

/// What early and late payments do to the interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recalculation {
    /// Nothing: interest is due as it stands in the schedule. What is paid beyond what is due
    /// pays the next instalments, with their interest.
    #[default]
    None,
    /// Interest runs day by day on what is really outstanding: what is paid early bears none any
    /// more, what is late goes on bearing it, after the last row too. Whoever repays all principal
    /// early ends the loan, and owes the interest so far and the fee for settling at once.
    Daily,
}

/// What a payment beyond what is due does to the rows that follow, where interest is
/// recalculated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prepayment {
    /// It counts towards the principal of the next instalments.
    #[default]
    NextInstalments,
    /// The instalments that follow get smaller (减少月供).
    SmallerInstalments,
    /// The instalments stay, and end sooner (缩短期限).
    FewerPeriods,
}

/// Up to when a settlement pays interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettlementInterest {
    /// To the day itself: for the days used.
    #[default]
    ToDay,
    /// To the end of the running period.
    ToPeriodEnd,
}

/// What it costs to settle early (提前结清).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Interest of the running period.
    pub interest: SettlementInterest,
    /// A fee, as a share of the principal that is not due yet.
    pub fee: Option<Percent>,
}

/// What a penalty is charged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenaltyBase {
    /// Overdue principal.
    OverduePrincipal,
    /// Overdue principal and interest.
    OverduePrincipalAndInterest,
    /// Everything overdue: principal, interest and fees.
    OverdueAmount,
    /// All principal outstanding, due or not.
    Outstanding,
}

/// How often a penalty is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenaltyTime {
    /// For every day, at a daily rate.
    Daily,
    /// Once for each instalment that is overdue.
    Once,
}

/// Where the counting begins when the days of grace are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GraceCount {
    /// At the due date: grace only spares those who pay within it.
    #[default]
    FromDue,
    /// At the end of the grace.
    FromGraceEnd,
}

/// A penalty for being late (逾期罚息).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Penalty {
    /// The share: per day, or once.
    pub rate: Percent,
    /// Of what.
    pub base: PenaltyBase,
    /// How often.
    pub time: PenaltyTime,
    /// Days after the due date in which nothing is charged.
    pub grace_days: u32,
    /// Where counting begins afterwards.
    pub grace_count: GraceCount,
    /// At most so many days are counted for each instalment.
    pub cap_days: Option<u32>,
    /// At most so much is charged altogether, together with what was told by events; those are
    /// never cut.
    pub cap_amount: Option<Money>,
    /// Penalty and running interest together stay below this yearly rate, counted by days/365 on
    /// the overdue principal, or on all of it where the penalty is charged on that. The interest
    /// is what really runs, by the day count of the terms. Counted over all days up to each day on
    /// which something is paid or asked; what was charged by then is not taken back where the
    /// interest of later days is over the line by itself. Rounded down.
    pub cap_rate: Option<Percent>,
    /// Whether unpaid penalty bears penalty, day by day. The law frowns on it.
    pub compounds: bool,
}

impl Penalty {
    /// Without days of grace and without caps: what the rest is changed from.
    pub const fn new(rate: Percent, base: PenaltyBase, time: PenaltyTime) -> Self {
        Self {
            rate,
            base,
            time,
            grace_days: 0,
            grace_count: GraceCount::FromDue,
            cap_days: None,
            cap_amount: None,
            cap_rate: None,
            compounds: false,
        }
    }
}

/// All rules of a running loan, as product data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// In which order a payment is used.
    pub allocation: Allocation,
    /// What early and late payments do to the interest.
    pub recalculation: Recalculation,
    /// What a prepayment does to the rows that follow.
    pub prepayment: Prepayment,
    /// What it costs to settle early.
    pub settlement: Settlement,
    /// The penalty, if there is one.
    pub penalty: Option<Penalty>,
}

impl Rules {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        for (field, parts) in [
            ("allocation.due", self.allocation.due),
            ("allocation.in_advance", self.allocation.in_advance),
        ] {
            let mut sorted = parts;
            sorted.sort_unstable();
            let all = [Part::Penalty, Part::Fee, Part::Interest, Part::Principal];
            if sorted != all {
                return Err(Problem::new(
                    field,
                    Fault::Malformed {
                        expected: "each of penalty, fee, interest, principal once",
                        expected_zh: "罚息、费用、利息、本金各一次",
                    },
                ));
            }
        }
        let Some(penalty) = self.penalty else { return Ok(()) };
        for (field, days) in [
            ("penalty.grace_days", Some(penalty.grace_days)),
            ("penalty.cap_days", penalty.cap_days),
        ] {
            if days.is_some_and(|days| days > 100_000) {
                return Err(Problem::range(field, "0", "100000"));
            }
        }
        if penalty.compounds && penalty.time == PenaltyTime::Once {
            return Err(Problem::contradiction("penalty.compounds", "penalty.time"));
        }
        // What is charged once has no days to be counted, and no line by days to stay below.
        if penalty.time == PenaltyTime::Once && penalty.cap_days.is_some() {
            return Err(Problem::contradiction("penalty.cap_days", "penalty.time"));
        }
        if penalty.time == PenaltyTime::Once && penalty.cap_rate.is_some() {
            return Err(Problem::contradiction("penalty.cap_rate", "penalty.time"));
        }
        Ok(())
    }
}
