//! The back office: the JSON interface for operators and scripts.
