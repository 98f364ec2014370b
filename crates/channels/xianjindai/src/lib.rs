//! 现金贷 (xianjindai): the cash-loan app of document 001, as a door to the core.

mod cipher;
mod gzip;
mod ids;
mod json;
mod sign;
