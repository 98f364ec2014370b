//! Tests of applications, on both engines: filled below.
