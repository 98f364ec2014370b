//! A call as the document describes it: one row for the router, the description and the tests.

use channel_kit::route::Field;
pub(crate) use channel_kit::route::{asked, optional, text};

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/wukong";

/// One call of the document.
pub(crate) type Section = channel_kit::route::Section<&'static str>;

/// A list; a single value is a list of one.
pub(crate) const fn list(name: &'static str, about: &'static str) -> Field {
    Field { kind: "array", ..text(name, about) }
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
    ($($row:tt)*) => { channel_kit::section_below! { "/wukong", crate::section; $($row)* } };
}
pub(crate) use section;

/// A token is needed.
pub(crate) const TOKEN: bool = true;
/// No token is needed.
pub(crate) const GUEST: bool = false;
