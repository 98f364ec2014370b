//! Providers: adapters of the ports of the core, and the sandbox that stands in for them.

pub mod aliyun;
pub mod bankcard;
pub mod client;
pub mod face;
mod form;
pub mod funding;
mod hex;
pub mod lianlian;
pub mod limu;
pub mod post;
mod random;
pub mod sandbox;

#[cfg(test)]
mod keys_of_tests;
