//! Tests of the core as a whole; each rule is held on both engines.

pub(crate) mod chaojihua;
mod kept;
pub(crate) mod kit;
pub(crate) mod lender;
mod model;
mod portfolio;
mod rivals;
mod wukong;
