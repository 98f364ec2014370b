//! Proofs of the engine: a second, naive implementation that it must agree with, and properties
//! that every schedule has. Nothing here is part of the library.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "the figures drawn here are small, and an overflow fails the test"
)]

mod civil;
mod draw;
mod oracle;
mod properties;
mod ratio;
