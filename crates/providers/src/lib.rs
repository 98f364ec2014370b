//! Providers: adapters of the ports of the core, and the sandbox that stands in for them.

pub mod sandbox;
