//! From the quote to the approved application.
