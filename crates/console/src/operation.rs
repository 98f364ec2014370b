//! What the back office says about each of its calls: one table for the router and the description.

use channel_kit::route::{Field, Method, Place};
use lending::operators::Right;

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: the log-in.
    Open,
    /// Any operator who has logged in.
    LoggedIn,
    /// Operators with this right.
    With(Right),
}

/// A way that a call can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The word for programs.
    pub code: &'static str,
    /// The sentence for people. `{}` stands for a part that varies.
    pub message: &'static str,
}

/// One call of the back office.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path as the router knows it, with `{id}` for parts that vary.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Who may make it.
    pub access: Access,
    /// Its fields, in the order in which they are told.
    pub fields: &'static [Field],
    /// Every refusal of its own, in the order in which they are checked.
    pub refusals: &'static [Refusal],
    /// Status and body of a success: an example in JSON, or the media type of another body.
    pub success: (u16, &'static str),
}

impl Operation {
    /// Its path behind `/console/api`.
    pub fn place(&self) -> &'static str {
        self.path.strip_prefix(BASE).unwrap_or(self.path)
    }

    /// The word of the right that it asks for beyond a log-in.
    pub const fn right(&self) -> Option<&'static str> {
        match self.access {
            Access::Open | Access::LoggedIn => None,
            Access::With(right) => Some(right.word()),
        }
    }

    /// Whether it shows personal data in full for a reason.
    pub fn shows_people(&self) -> bool {
        self.fields.contains(&WHY)
    }
}

/// Where every call begins.
pub const BASE: &str = "/console/api";

pub(crate) const fn body(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Body, kind, required: true, about }
}

/// A field of the body that may be left out.
pub(crate) const fn optional(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Body, kind, required: false, about }
}

pub(crate) const fn query(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Query, kind, required: false, about }
}

/// The number in the path.
pub(crate) const ID: Field =
    Field { name: "id", place: Place::Path, kind: "string", required: true, about: "its number" };

/// The approval that a command above a threshold is repeated with.
pub(crate) const APPROVAL: Field =
    optional("approval", "string", "the id of the second operator's approval");
/// Why personal data is to be shown in full.
pub(crate) const WHY: Field = query(
    "reason",
    "string",
    "shows personal data in full; needs the right see_personal_data and is noted with the reason",
);

/// The page of a list.
pub(crate) const PAGE: Field = query("page", "integer", "which page, from 1 on");
/// Rows of a page.
pub(crate) const SIZE: Field = query("size", "integer", "rows of a page, at most 100");
