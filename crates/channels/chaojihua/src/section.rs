//! A call as the document describes it: one row for the router, the description and the tests.

use channel_kit::route::Field;
pub(crate) use channel_kit::route::{optional, text};

/// Where the channel stands on the main port.
pub(crate) const PREFIX: &str = "/chaojihua";

/// One call of the document.
pub(crate) type Section = channel_kit::route::Section<u16>;

/// The order, which most calls name.
pub(crate) const ORDER_NO: Field = text("orderNo", "订单号，24位，数字或字符串");

/// The row of a call.
macro_rules! section {
    ($($row:tt)*) => { channel_kit::section_below! { "/chaojihua/cjh-open-api/", crate::section; $($row)* } };
}
pub(crate) use section;

/// A token is needed.
pub(crate) const TOKEN: bool = true;
/// No token is needed.
pub(crate) const GUEST: bool = false;
