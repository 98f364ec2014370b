//! What the digits of a person's numbers say: id cards, bank cards, mobile segments; no register is asked.
//!
//! Shape and truth are kept apart: `parse` takes the shape, and a question such as
//! [`IdCardNo::check`] says whether the digits can be true. Every table is shipped as data in
//! `crates/kernel/data`, where its sources stand; `docs/identity.md` is the reader's page.

mod bank_card;
mod card_bin;
mod id_card;
mod region;
mod segment;

pub use bank_card::{BankCardNo, luhn};
pub use card_bin::{CardBin, CardBinProblem, CardBins, CardType, RowProblem};
pub use id_card::{IdCardNo, IdFacts, IdProblem, Sex, full_years};
pub use region::Region;
pub use segment::{Operator, Segment, SegmentKind};
