//! The one integration binary: the real server on a real socket, on both stores.
//!
//! Run it with `./test` from the root of the repository, which starts the PostgreSQL it needs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on stops here, and says why"
)]

mod bench;
mod calc;
mod chaojihua;
mod commands;
mod crash;
mod crash_lending;
mod exposure;
mod golden;
mod hostile;
mod lender;
mod nodes;
mod office;
mod office_pages;
mod operators;
mod people;
mod portal;
mod postgres;
mod races;
mod samples;
mod shuaidan;
mod story;
mod texts;
mod tidy;
mod tokens;
mod views;
mod wukong;
mod xianjindai;
