//! The parts of the binary: configuration, keys, the HTTP server, what stands around the
//! channels, and the commands.

mod bench;
pub mod calc;
mod call_book;
pub mod commands;
pub mod config;
pub mod dispatcher;
pub mod edge;
pub mod fixture;
pub mod funding_door;
pub mod funding_partner;
pub mod jobs;
pub mod keys;
pub mod lianlian_door;
pub mod limu_door;
pub mod listen;
pub mod logs;
pub mod metrics;
pub mod partners;
pub mod sandbox;
pub mod wiring;
