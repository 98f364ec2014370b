//! Tests of running loans, on both engines: filled below.
