//! Running loans, on both engines; figures are reckoned by hand beside each test.

mod agreeing;
mod explaining;
mod lives;
mod on_page;
mod payments;
