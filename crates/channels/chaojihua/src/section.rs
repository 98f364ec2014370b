//! A call as the document describes it: one row for the router, the description and the tests.

use channel_kit::route::{Field, Operation, Place};

use crate::texts::Answer;

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/chaojihua";

/// One call.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its path and fields, and the refusals in the order in which they are checked.
    pub(crate) operation: Operation<u16>,
    /// Code and text of its success.
    pub(crate) success: Answer,
}

impl Section {
    /// The path below the channel's place.
    pub(crate) fn path(&self) -> &'static str {
        let path = self.operation.path;
        path.strip_prefix(PREFIX).unwrap_or(path)
    }
}

/// A field that must be there; a number may be a text.
pub(crate) const fn text(name: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Body, kind: "string", required: true, about }
}

/// A field that may be left out.
pub(crate) const fn optional(name: &'static str, about: &'static str) -> Field {
    Field { required: false, ..text(name, about) }
}

/// The order, which most calls name.
pub(crate) const ORDER_NO: Field = text("orderNo", "订单号，24位，数字或字符串");

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
                path: concat!("/chaojihua/cjh-open-api/", $path),
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
