//! Reading requests: fields, terms, rules, flows.

pub(crate) mod fees;
pub(crate) mod fields;
pub(crate) mod flows;
mod rounding;
pub(crate) mod rules;
pub(crate) mod terms;
