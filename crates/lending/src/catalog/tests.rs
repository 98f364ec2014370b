//! What products come to, and which of them may be saved.

mod offer;
