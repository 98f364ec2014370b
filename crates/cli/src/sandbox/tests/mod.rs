//! The adapters against the sandbox over HTTP: each call, each fault, and money in the end.

mod adapters;
mod lender;
mod matrix;
mod pages;
mod partner;
mod partner_matrix;
mod questions;
mod reports_matrix;
mod stage;
