//! The adapter against its twin in this process.
