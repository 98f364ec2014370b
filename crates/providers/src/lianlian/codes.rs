//! What LianLian's codes say about the order that was asked for.
//!
//! A code that does not stand here is unknown: the order is asked for, and a person sees it.

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The order is accepted; nothing is paid yet.
    Accepted,
    /// The order waits until it is confirmed.
    Confirm,
    /// Refused before anything moved, for good.
    Declined,
    /// There is no such order.
    NoRecord,
    /// Nobody can say: query, and never send again.
    Unknown,
}

/// Codes and what they say. Source: contracts/providers.md, LianLian.
const CODES: &[(&str, Code)] = &[
    ("0000", Code::Accepted),
    ("1001", Code::Declined), // our signature is bad: nothing was looked at
    ("1002", Code::Unknown),  // the order number was received before
    ("1003", Code::Declined),
    ("1004", Code::Declined), // a parameter is bad
    ("1005", Code::Declined), // failed
    ("1100", Code::Declined), // the card is bad
    ("1108", Code::Declined), // elements do not belong together, to 1114
    ("1109", Code::Declined),
    ("1113", Code::Declined),
    ("1114", Code::Declined),
    ("1900", Code::Declined), // the SMS code is wrong
    ("1901", Code::Declined), // the SMS code has expired
    ("2005", Code::Unknown),
    ("2007", Code::Unknown), // paid already
    ("2008", Code::Unknown), // in progress
    ("3001", Code::Declined),
    ("3003", Code::Declined), // no agreement
    ("3009", Code::Declined), // signed already
    ("4002", Code::Confirm),  // the same card within 24 hours
    ("4003", Code::Confirm),  // the name differs
    ("4004", Code::Confirm),
    ("4005", Code::Declined), // we may not
    ("4006", Code::Unknown),
    ("4007", Code::Unknown),
    ("4009", Code::Unknown),
    ("5001", Code::Declined), // an unknown bin
    ("5006", Code::Declined), // our balance
    ("6001", Code::Declined), // the card's balance
    ("8901", Code::NoRecord),
    ("9910", Code::Declined), // risk
    ("9999", Code::Unknown),
];

/// What a code says.
pub fn of(code: &str) -> Code {
    CODES.iter().find(|(known, _)| *known == code).map_or(Code::Unknown, |(_, says)| *says)
}

/// What a state of an order (`result_pay`) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Paid.
    Done,
    /// Not paid, and will not be.
    Declined,
    /// Under way, or a state that nobody knows.
    Open,
}

/// States and what they say; WAITING, PROCESSING, APPLY and CHECK are open.
///
/// A refund of a debit (`REFUND`) was a payment once, and does not undo itself: it is left to a
/// person. A payout that was refunded (`CANCEL`) has come back.
pub fn state(result_pay: &str) -> State {
    match result_pay {
        "SUCCESS" => State::Done,
        "FAILURE" | "CLOSED" | "CANCEL" => State::Declined,
        _ => State::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of the provider says which codes must never lead to a second payment.
    #[test]
    fn what_must_be_queried_is_unknown() {
        for code in ["1002", "2005", "4006", "4007", "4009", "9999", "", "7777"] {
            assert_eq!(of(code), Code::Unknown, "{code}");
        }
        assert_eq!(of("0000"), Code::Accepted, "accepted is not paid");
        assert_eq!(of("8901"), Code::NoRecord);
        for code in ["4002", "4003", "4004"] {
            assert_eq!(of(code), Code::Confirm);
        }
        let mut seen: Vec<_> = CODES.iter().map(|(code, _)| *code).collect();
        seen.dedup();
        assert_eq!(seen.len(), CODES.len(), "each once, in order");
        assert!(seen.is_sorted());
    }

    #[test]
    fn only_final_states_are_final() {
        for (word, says) in [
            ("SUCCESS", State::Done),
            ("FAILURE", State::Declined),
            ("CLOSED", State::Declined),
            ("CANCEL", State::Declined),
            ("APPLY", State::Open),
            ("CHECK", State::Open),
            ("PROCESSING", State::Open),
            ("WAITING", State::Open),
            ("REFUND", State::Open),
            ("", State::Open),
        ] {
            assert_eq!(state(word), says, "{word}");
        }
    }
}
