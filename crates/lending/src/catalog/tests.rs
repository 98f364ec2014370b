//! What products come to, which of them may be saved, and how they are kept.

mod check;
mod keep;
mod offer;
