//! What the partner is told, and what becomes of what it says.
