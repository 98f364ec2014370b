//! The values that every part of Jiehuan speaks in: money, rates, ids, days and people.
//!
//! Nothing here knows a database, a wire format, a clock or an async runtime.
#![warn(clippy::as_conversions, clippy::float_arithmetic)]

pub mod channel;
pub mod html;
pub mod id;
pub mod identity;
pub mod money;
pub mod person;
pub mod rate;
pub mod time;

pub use channel::Channel;
pub use money::{Change, Money, MoneyError};
pub use person::{Mobile, RealName, Secret};
pub use rate::Rate;
pub use time::{Date, Instant, Moment};
