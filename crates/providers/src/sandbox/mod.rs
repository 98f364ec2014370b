//! The sandbox: payments, SMS and checks in this process, deterministic, with magic numbers for
//! every way in which a provider can fail. `docs/providers.md` is the table for its users.
//!
//! No time and no randomness are in what it decides: the same calls in the same order give the same answers.

mod checks;
pub mod face;
pub mod funding;
pub mod http;
mod journal;
pub mod limu;
mod memory;
mod payments;
mod sms;

pub use checks::Checks;
pub use journal::JournalError;
pub use memory::{Direction, Entry};
pub use payments::{Amounts, Payments, read_journal};
pub use sms::{SentText, Sms, read_texts};

/// The four digits before the check digit of a card, which tell the sandbox what to do with it.
fn card_code(card: &str) -> &str {
    let end = card.len().saturating_sub(1);
    card.get(end.saturating_sub(4)..end).unwrap_or_default()
}
