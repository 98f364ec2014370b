//! Applications, on both engines: see the tests of the whole lender.
