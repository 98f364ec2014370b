//! Providers: adapters of the ports of the core, and the sandbox that stands in for them.

pub mod client;
pub mod lianlian;
mod random;
pub mod sandbox;

#[cfg(test)]
mod keys_of_tests;
