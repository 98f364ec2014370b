//! The answers' outer shape: keys in the order of each section's sample, signed over what is sent.

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use lending::Page;
use serde::Serialize;

use crate::failure::{Answer, BUSY, Failure, Flag};
use crate::gzip::{self, Packing};
use crate::sign::{self, Scheme, Stamp};
use crate::{CHANNEL, Xianjindai};

/// The order of the keys; the samples have four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// §4.3.
    Login,
    /// §7.3 and most others; every refusal.
    Plain,
    /// §24.3 and §25.2: by name.
    Sorted,
    /// §26.2, §28.2 and §29.2.
    Paged,
}

impl Order {
    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Login => &[
                "timestamp",
                "sign",
                "responseMessage",
                "responseCode",
                "exceptionFlag",
                "nonce",
                "resultSet",
            ],
            Self::Plain => &[
                "exceptionFlag",
                "responseCode",
                "timestamp",
                "nonce",
                "sign",
                "responseMessage",
                "resultSet",
            ],
            Self::Sorted => &[
                "exceptionFlag",
                "isFirstPage",
                "isLastPage",
                "nonce",
                "pageNum",
                "pageSize",
                "pages",
                "responseCode",
                "responseMessage",
                "resultSet",
                "sign",
                "timestamp",
                "total",
            ],
            Self::Paged => &[
                "exceptionFlag",
                "responseCode",
                "responseMessage",
                "timestamp",
                "nonce",
                "sign",
                "pageNum",
                "pageSize",
                "total",
                "pages",
                "isFirstPage",
                "isLastPage",
                "resultSet",
            ],
        }
    }
}

/// What a handler answers when all went well.
#[derive(Debug)]
pub(crate) struct Reply {
    /// JSON of `resultSet`.
    result: String,
    page: Option<Paging>,
    cookie: Option<HeaderValue>,
}

/// The keys beside `resultSet` that say which page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Paging {
    number: i64,
    size: i64,
    total: i64,
    pages: i64,
}

impl Reply {
    /// Nothing to say but that it was done: an empty text.
    pub(crate) fn done() -> Self {
        Self { result: "\"\"".to_owned(), page: None, cookie: None }
    }

    /// Renders what stands under `resultSet`.
    pub(crate) fn of(result: &impl Serialize) -> Result<Self, Failure> {
        let result = serde_json::to_string(result).map_err(|_| Failure::failed(BUSY))?;
        Ok(Self { result, page: None, cookie: None })
    }

    /// One page of `total` rows.
    pub(crate) fn page(rows: &impl Serialize, page: Page, total: i64) -> Result<Self, Failure> {
        let (number, size) = (page.number(), page.size());
        let pages = total.div_euclid(size) + i64::from(total.rem_euclid(size) > 0);
        Ok(Self { page: Some(Paging { number, size, total, pages }), ..Self::of(rows)? })
    }

    /// Sets a cookie with it.
    pub(crate) fn with_cookie(self, cookie: HeaderValue) -> Self {
        Self { cookie: Some(cookie), ..self }
    }
}

/// How a client is to be answered, found out while its request is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) packing: Packing,
    pub(crate) scheme: Scheme,
}

impl Manner {
    /// Until more is known.
    pub(crate) const PLAIN: Self = Self { packing: Packing::Plain, scheme: Scheme::Whole };
}

/// What stands in an envelope.
struct Envelope<'e> {
    flag: Flag,
    code: &'e str,
    msg: &'e str,
    timestamp: String,
    nonce: String,
    page: Option<Paging>,
    result: &'e str,
}

impl Envelope<'_> {
    /// JSON of what stands under a key; `None` if it is not in this envelope.
    fn value(&self, key: &str) -> Option<String> {
        let text = |text: &str| serde_json::to_string(text).ok();
        let of_page = |value: fn(Paging) -> String| self.page.map(value);
        match key {
            "exceptionFlag" => text(self.flag.word()),
            "responseCode" => text(self.code),
            "responseMessage" => text(self.msg),
            "timestamp" => text(&self.timestamp),
            "nonce" => text(&self.nonce),
            "resultSet" => Some(self.result.to_owned()),
            "pageNum" => of_page(|page| page.number.to_string()),
            "pageSize" => of_page(|page| page.size.to_string()),
            "total" => of_page(|page| page.total.to_string()),
            "pages" => of_page(|page| page.pages.to_string()),
            "isFirstPage" => of_page(|page| (page.number == 1).to_string()),
            "isLastPage" => of_page(|page| (page.number >= page.pages).to_string()),
            _ => None,
        }
    }

    fn json(&self, order: Order, sign: Option<&str>) -> String {
        let mut out = String::from("{");
        for key in order.keys() {
            let value = match *key {
                "sign" => sign.map(|sign| format!("\"{sign}\"")),
                other => self.value(other),
            };
            if let Some(value) = value {
                let comma = if out.len() > 1 { "," } else { "" };
                let _ = write!(out, "{comma}\"{key}\":{value}"); // a String takes everything
            }
        }
        out.push('}');
        out
    }
}

impl Xianjindai {
    /// The body of an answer, signed.
    fn body(&self, scheme: Scheme, order: Order, mut envelope: Envelope<'_>) -> String {
        envelope.timestamp = self.app.lending().clock().now().wall.millis().to_string();
        envelope.nonce = nonce();
        let unsigned = envelope.json(order, None);
        let stamp = Stamp { timestamp: &envelope.timestamp, nonce: &envelope.nonce };
        let sign = sign::make(&self.settings.app_key, scheme, stamp, &unsigned);
        envelope.json(order, sign.as_deref())
    }

    /// The answer to a call; a fault is logged here, once.
    pub(crate) fn respond(
        &self,
        manner: Manner,
        (success, order): (Answer, Order),
        result: &Result<Reply, Failure>,
    ) -> Response {
        let (timestamp, nonce) = (String::new(), String::new());
        let (code, body, cookie) = match result {
            Ok(reply) => {
                let (flag, code, msg) = (Flag::Taken, success.code, success.msg);
                let (page, result) = (reply.page, &*reply.result);
                let envelope = Envelope { flag, code, msg, timestamp, nonce, page, result };
                (code, self.body(manner.scheme, order, envelope), reply.cookie.clone())
            }
            Err(failure) => {
                if let Some(fault) = &failure.fault {
                    channel_kit::app::log_fault(CHANNEL.word(), fault);
                }
                let (flag, code, msg, result) = (failure.flag, failure.code, &*failure.msg, "\"\"");
                let envelope = Envelope { flag, code, msg, timestamp, nonce, page: None, result };
                let order = if order == Order::Login { order } else { Order::Plain };
                (code, self.body(manner.scheme, order, envelope), None)
            }
        };
        let mut response = packed(body, manner.packing);
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        headers.insert(header::CONTENT_TYPE, json);
        if let Some(cookie) = cookie {
            headers.insert(header::SET_COOKIE, cookie);
        }
        // For the edge: log field and metric label; it is taken off before sending.
        headers.insert("x-answer-code", HeaderValue::from_static(code));
        response
    }
}

fn packed(body: String, packing: Packing) -> Response {
    let gzip = |body: &str| gzip::pack(body.as_bytes());
    match packing {
        Packing::Plain => body.into_response(),
        Packing::Raw => match gzip(&body) {
            Some(packed) => packed.into_response(),
            None => body.into_response(),
        },
        Packing::Coded => match gzip(&body) {
            Some(packed) => {
                let coded = [(header::CONTENT_ENCODING, "gzip"), (header::VARY, "accept-encoding")];
                (coded, packed).into_response()
            }
            None => body.into_response(),
        },
    }
}

/// Eight random digits. Their only use is to make two answers differ.
fn nonce() -> String {
    format!("{:08}", getrandom::u64().unwrap_or_default() % 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: i64, number: i64, size: i64, want: [&str; 6]) {
        let page = Page::new(number, size).unwrap();
        let reply = Reply::page(&["a"], page, rows).unwrap();
        let envelope = Envelope {
            flag: Flag::Taken,
            code: "0000",
            msg: "m",
            timestamp: "1".into(),
            nonce: "2".into(),
            page: reply.page,
            result: &reply.result,
        };
        let keys = ["pageNum", "pageSize", "total", "pages", "isFirstPage", "isLastPage"];
        assert_eq!(keys.map(|key| envelope.value(key).unwrap()), want);
        // §26.2, §24.3: the order of the samples.
        let [num, size, total, pages, first, last] = want;
        assert_eq!(
            envelope.json(Order::Paged, Some("s")),
            format!(
                "{{\"exceptionFlag\":\"0000\",\"responseCode\":\"0000\",\"responseMessage\":\"m\",\
                 \"timestamp\":\"1\",\"nonce\":\"2\",\"sign\":\"s\",\"pageNum\":{num},\
                 \"pageSize\":{size},\"total\":{total},\"pages\":{pages},\"isFirstPage\":{first},\
                 \"isLastPage\":{last},\"resultSet\":[\"a\"]}}"
            )
        );
    }

    #[test]
    fn pages_are_counted_as_the_samples_count_them() {
        //    rows, page, size    pageNum size total pages first last
        check(1, 1, 2, ["1", "2", "1", "1", "true", "true"]); // §26.2
        check(8, 1, 2, ["1", "2", "8", "4", "true", "false"]); // §28.2
        check(8, 4, 2, ["4", "2", "8", "4", "false", "true"]);
        check(9, 5, 2, ["5", "2", "9", "5", "false", "true"]);
        check(0, 1, 10, ["1", "10", "0", "0", "true", "true"]);
        check(1, 3, 10, ["3", "10", "1", "1", "false", "true"]);
    }

    #[test]
    fn every_order_has_the_documents_keys() {
        for order in [Order::Login, Order::Plain, Order::Sorted, Order::Paged] {
            let mut keys = order.keys().to_vec();
            keys.sort_unstable();
            let paged = matches!(order, Order::Sorted | Order::Paged);
            assert_eq!(keys.len(), if paged { 13 } else { 7 });
            if order == Order::Sorted {
                assert_eq!(keys, order.keys());
            }
        }
    }

    #[test]
    fn nonces_are_eight_digits() {
        for _ in 0..100 {
            let nonce = nonce();
            assert!(nonce.len() == 8 && nonce.bytes().all(|b| b.is_ascii_digit()), "{nonce}");
        }
    }
}
