//! A call as a section of the document describes it, and the pieces that descriptions are made of.

use channel_kit::route::{Field, Method, Operation};
pub(crate) use channel_kit::route::{optional, text};

use crate::envelope::Order;
use crate::failure::Answer;
use crate::json::Written;

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/xianjindai";

/// Bytes of a submitted application at most: 5,000 contacts of 400 bytes. Everything else stays
/// within the platform's limit.
const PHONE_BOOK_BYTES: usize = 2 * 1024 * 1024;

/// One section of the document.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its path and fields, and the refusals in the order in which they are checked.
    pub(crate) operation: Operation<&'static str>,
    /// Code and text of its success.
    pub(crate) success: Answer,
    /// The order of the keys in its answer.
    pub(crate) order: Order,
}

impl Section {
    /// The path below the channel's place.
    pub(crate) fn path(&self) -> &'static str {
        let path = self.operation.path;
        path.strip_prefix(PREFIX).unwrap_or(path)
    }

    /// Whether bodies may be raw gzip (GZIP 压缩：是).
    pub(crate) fn is_gzip(&self) -> bool {
        let path = self.path();
        ["/appApi/", "/appCommonApi/", "/openCommonApi/"].iter().any(|area| path.starts_with(area))
    }

    /// Whether it may be called without a signature: §4 is so in the document's sample.
    pub(crate) fn is_login(&self) -> bool {
        self.order == Order::Login
    }

    /// The longest body, when other calls take so much.
    pub(crate) fn body_limit(&self, usual: usize) -> usize {
        let has_phone_book = self.operation.fields.iter().any(|f| f.name == PHONE_BOOK);
        if has_phone_book { usual.max(PHONE_BOOK_BYTES) } else { usual }
    }

    /// Its fields as the original server would write them again to check a signature.
    pub(crate) fn documented(&self) -> Vec<(&'static str, Written)> {
        let written = |field: &Field| match (field.kind, field.name) {
            ("integer", "pageNum") => Written::Number("1"),
            ("integer", _) => Written::Number("10"),
            ("string", _) => Written::Text,
            (_, _) => Written::AsSent,
        };
        let fields = self.operation.fields.iter().filter(|field| field.name != "sign");
        fields.map(|field| (field.name, written(field))).collect()
    }
}

/// The list of contacts in §23.
pub(crate) const PHONE_BOOK: &str = "phonebookList";
/// The fields of the objects in lists of requests; §23 has the only one.
pub(crate) const NESTED: &[&str] = &["contactName", "contactPhone", "remark"];

/// Page and rows of it; both may be left out.
pub(crate) const PAGE_NUM: Field =
    Field { kind: "integer", ..optional("pageNum", "当前页数，缺省为1") };
pub(crate) const PAGE_SIZE: Field = Field {
    kind: "integer",
    ..optional("pageSize", "每页显示信息数，缺省为10，最大100")
};
pub(crate) const TIMESTAMP: Field = text("timestamp", "毫秒数时间戳");
pub(crate) const NONCE: Field = text("nonce", "8位随机数");
pub(crate) const SIGN: Field = text("sign", "验签");

/// The section of a call, with the three fields of the signature before its own.
macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident: $path:literal, $summary:literal, $protected:ident;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
        success: $success:expr, $order:ident, $example:literal;
    ) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::section::Section = $crate::section::Section {
            operation: channel_kit::route::Operation {
                method: channel_kit::route::Method::Post,
                path: concat!("/xianjindai", $path),
                summary: $summary,
                protected: $crate::section::$protected,
                fields: &[
                    $crate::section::TIMESTAMP,
                    $crate::section::NONCE,
                    $crate::section::SIGN,
                    $($field),*
                ],
                refusals: &[$($refusal),*],
                example: $example,
            },
            success: $success,
            order: $crate::envelope::Order::$order,
        };
    };
}
pub(crate) use section;

/// A session is needed.
pub(crate) const SESSION: bool = true;
/// No session is needed.
pub(crate) const OPEN: bool = false;

/// A page for people (§5, §6).
pub(crate) const fn page(
    method: Method,
    path: &'static str,
    summary: &'static str,
) -> Operation<&'static str> {
    Operation {
        method,
        path,
        summary,
        protected: OPEN,
        fields: &[],
        refusals: &[],
        example: "null",
    }
}
