//! News of a payment provider about orders: verified, matched with the order, booked once, and
//! acknowledged.

use kernel::id::PaymentId;
use lending::ports::Pages;
use lending::servicing::payments::{self, Heard};
use lending::{Lending, Route};

/// Books news, and says what the provider is answered. News that cannot be matched or booked is not
/// acknowledged: it comes again, and stands in the log. It waits; not from async code.
pub fn hear(lending: &Lending, pages: &dyn Pages, body: &str) -> &'static str {
    let Some(news) = pages.news(body) else {
        tracing::warn!("a notification that the provider has not signed");
        return pages.refusal();
    };
    let route = payments::id_of(&news.order_no).map_or(0, PaymentId::number);
    let order_no = news.order_no.clone();
    let heard = lending.write_and_wait(Route::home(route), move |tx| payments::hear(tx, &news));
    match heard {
        Ok(Heard::Taken) => pages.acknowledgement(),
        Ok(Heard::Strange) => {
            tracing::error!(order_no, "a notification about an order that we do not know so");
            pages.refusal()
        }
        Err(fault) => {
            tracing::warn!(%fault, "a notification could not be booked; it will come again");
            pages.refusal()
        }
    }
}
