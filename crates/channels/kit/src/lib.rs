//! What the channels share: the way from async calls to the core, exact wire values, routes.
//!
//! No protocol's words and no rule about money, states or people live here.

pub mod app;
pub mod body;
pub mod chance;
pub mod cookie;
pub mod decimal;
pub mod digest;
pub mod form;
pub mod news;
pub mod openapi;
pub mod password;
pub mod route;
pub mod scalar;

pub use app::{App, Outside};
pub use decimal::Decimal;
pub use route::{Answer, Field, Mount, Operation};
pub use scalar::Scalar;
