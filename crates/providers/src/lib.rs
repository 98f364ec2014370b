//! Providers: adapters of the ports of the core, and the sandbox that stands in for them.

pub mod aliyun;
pub mod bankcard;
pub mod client;
mod form;
pub mod lianlian;
mod random;
pub mod sandbox;

#[cfg(test)]
mod keys_of_tests;
