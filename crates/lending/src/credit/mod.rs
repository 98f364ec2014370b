//! Credit (授信): what a customer may owe, by which rules applications are decided, and coupons.

mod coupons;
mod decisions;
mod lines;
mod raises;
mod rules;
mod sql;

#[cfg(test)]
mod tests;

pub use coupons::{
    Coupon, CouponKind, CouponState, Issue, IssueError, NotReserved, Purpose, Reserve,
    ReserveError, coupon_count, coupons, expire_due, issue, release, reserve, use_reserved,
};
pub use decisions::{
    Rule, RuleError, SaveRule, decide, default_rules, rules, save_rule, seed_rules,
};
pub use lines::{
    ChangeError, FreezeError, Line, LineChange, LineStatus, change_limit, changes, freeze,
    give_back, line, open_line, set_line_status, unfreeze, use_again, use_frozen,
};
pub use raises::{
    DecideRaise, DecideRaiseError, Proven, Raise, RaiseError, RaiseState, decide_raise, raise,
    request_raise, waiting_raises,
};
pub use rules::{Applicant, Decision, History, Offer, Outcome, Test, Verdict, outcome};
