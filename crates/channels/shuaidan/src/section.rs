//! A call of the channel: one row for the router, the description and the tests.

use channel_kit::route::{Field, Operation};
pub(crate) use channel_kit::route::{asked, optional, text};

use crate::envelope::Spelling;
use crate::texts::Answer;

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/shuaidan";

/// What a call must carry besides its own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// `format` and `sign`, as the document's calls do.
    Document,
    /// `sign` where signatures are verified: the calls that are ours.
    Ours,
    /// Nothing: a page that people look at.
    Bare,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its path and fields, and the refusals in the order in which they are checked.
    pub(crate) operation: Operation<bool>,
    /// How its envelope spells success.
    pub(crate) spelling: Spelling,
    /// What it must carry besides its own fields.
    pub(crate) manner: Manner,
    /// What its success says.
    pub(crate) success: Answer,
}

impl Section {
    /// The path below the channel's place, without a stroke at its end.
    pub(crate) fn path(&self) -> &'static str {
        let path = self.operation.path;
        path.strip_prefix(PREFIX).unwrap_or(path).trim_end_matches('/')
    }
}

/// A number.
pub(crate) const fn number(field: Field) -> Field {
    Field { kind: "number", ..field }
}

pub(crate) const FORMAT: Field = text("format", "返回格式，现阶段请使用json");
pub(crate) const SIGN: Field = text("sign", "签名；未配置密钥时不校验");
/// The number of a lead.
pub(crate) const LEAD: Field = Field { kind: "integer", ..text("id", "甩单编号") };
/// The two fields of a part of a list.
pub(crate) const OFFSET: Field =
    Field { kind: "integer", ..asked(optional("offset", "开始位置，默认0")) };
pub(crate) const LIMIT: Field =
    Field { kind: "integer", ..asked(optional("limit", "返回数量，默认20，最大100")) };

/// The row of a call of the document.
macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal, $summary:literal, $protected:ident;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
        success: $spelling:ident $success:expr, $example:literal;
    ) => {
        $crate::section::section! {
            @ $(#[$doc])* $name: $method $path, $summary, $protected, Document;
            [$($field),*] [$($refusal),*] $spelling $success, $example;
        }
    };
    (
        bare
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal, $summary:literal;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
    ) => {
        $crate::section::section! {
            @ $(#[$doc])* $name: $method $path, $summary, GUEST, Bare;
            [$($field),*] [$($refusal),*] Success $crate::texts::DONE, "null";
        }
    };
    (
        ours
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal, $summary:literal;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
        example: $example:literal;
    ) => {
        $crate::section::section! {
            @ $(#[$doc])* $name: $method $path, $summary, OFFICER, Ours;
            [$($field),*] [$($refusal),*] Sucessed $crate::texts::DONE, $example;
        }
    };
    (
        @ $(#[$doc:meta])* $name:ident: $method:ident $path:literal, $summary:literal,
            $protected:ident, $manner:ident;
        [$($field:expr),*] [$($refusal:expr),*] $spelling:ident $success:expr, $example:literal;
    ) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::section::Section = $crate::section::Section {
            operation: channel_kit::route::Operation {
                method: channel_kit::route::Method::$method,
                path: concat!("/shuaidan", $path),
                summary: $summary,
                protected: $crate::section::$protected,
                fields: &[$($field),*],
                refusals: &[$($refusal),*],
                example: $example,
            },
            spelling: $crate::envelope::Spelling::$spelling,
            manner: $crate::section::Manner::$manner,
            success: $success,
        };
    };
}
pub(crate) use section;

/// An officer who has logged in is needed.
pub(crate) const OFFICER: bool = true;
/// Nobody in particular is needed.
pub(crate) const GUEST: bool = false;
