//! Tests of the store; each rule is held on both engines.

mod grouping;
mod kit;
mod limits;
mod migrations;
mod nesting;
mod numbers;
mod rivals;
mod sql;
