//! A call as the document describes it: one row for the router, the description and the tests.

use channel_kit::route::{Field, Operation, Place};

use crate::texts::Answer;

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/wukong";

/// One call of the document.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its path and fields, and the refusals in the order in which they are checked.
    pub(crate) operation: Operation<&'static str>,
    /// Status and text of its success.
    pub(crate) success: Answer,
}

impl Section {
    /// The path below the channel's place.
    pub(crate) fn path(&self) -> &'static str {
        let path = self.operation.path;
        path.strip_prefix(PREFIX).unwrap_or(path)
    }
}

/// A field that must be there.
pub(crate) const fn text(name: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Body, kind: "string", required: true, about }
}

/// A field that may be left out.
pub(crate) const fn optional(name: &'static str, about: &'static str) -> Field {
    Field { required: false, ..text(name, about) }
}

/// A list; a single value is a list of one.
pub(crate) const fn list(name: &'static str, about: &'static str) -> Field {
    Field { kind: "array", ..text(name, about) }
}

/// The same in the query.
pub(crate) const fn asked(field: Field) -> Field {
    Field { place: Place::Query, ..field }
}

/// The two fields of a part of a list.
pub(crate) const OFFSET: Field =
    Field { kind: "integer", ..asked(optional("offset", "开始位置，默认0")) };
pub(crate) const LIMIT: Field = Field {
    kind: "integer",
    ..asked(optional("limit", "返回结果数量，默认10，最大100"))
};

/// The row of a call.
macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal, $summary:literal, $protected:ident;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
        success: $success:expr, $example:literal;
    ) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::section::Section = $crate::section::Section {
            operation: channel_kit::route::Operation {
                method: channel_kit::route::Method::$method,
                path: concat!("/wukong", $path),
                summary: $summary,
                protected: $crate::section::$protected,
                fields: &[$($field),*],
                refusals: &[$($refusal),*],
                example: $example,
            },
            success: $success,
        };
    };
}
pub(crate) use section;

/// A token is needed.
pub(crate) const TOKEN: bool = true;
/// No token is needed.
pub(crate) const GUEST: bool = false;
