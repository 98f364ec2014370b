//! Bank card numbers (银行卡号): shape, mask and the Luhn sum of ISO/IEC 7812-1.

use std::fmt;

/// A bank card number, by its shape only: 12 to 19 digits.
///
/// ISO/IEC 7812-1 ends at 19; shorter numbers than 12 are in no table of issuers. Not every Chinese
/// card obeys Luhn, so that is a question apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BankCardNo(String);

impl BankCardNo {
    /// Reads 12 to 19 digits without spaces; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = (12..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        shape.then(|| Self(text.to_owned()))
    }

    /// Whether the last digit is the Luhn check digit (校验位) of the others.
    pub fn passes_luhn(&self) -> bool {
        luhn(&self.0)
    }

    /// The whole number.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number as it may be shown: the first and the last four, `6222**********0123`.
    pub fn masked(&self) -> String {
        let tail = self.0.len().saturating_sub(4);
        let (head, last) = (self.0.get(..4), self.0.get(tail..));
        let stars = "*".repeat(tail.saturating_sub(4));
        format!("{}{stars}{}", head.unwrap_or_default(), last.unwrap_or_default())
    }
}

impl fmt::Debug for BankCardNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Whether the digits, of whatever number, pass the Luhn sum (ISO/IEC 7812-1, annex B).
///
/// From the right, every second digit is doubled and its own digits added; the sum ends in 0.
/// Text that is empty, or has anything but the digits 0 to 9, does not pass.
pub fn luhn(digits: &str) -> bool {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut doubled = false;
    let sum = digits.bytes().rev().fold(0, |sum, byte| {
        let digit = byte - b'0';
        let added = match (doubled, digit) {
            (false, _) => digit,
            (true, 0..=4) => digit * 2,
            (true, _) => digit * 2 - 9,
        };
        doubled = !doubled;
        (sum + added) % 10
    });
    sum == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(digits: &str, passes: bool) {
        assert_eq!(luhn(digits), passes, "{digits}");
    }

    #[test]
    fn luhn_takes_the_published_numbers_and_no_others() {
        // Test numbers of the card schemes, and the example of ISO/IEC 7812-1's explainers.
        check("4111111111111111", true);
        check("5555555555554444", true);
        check("378282246310005", true);
        check("79927398713", true);
        check("79927398710", false);
        check("4111111111111112", false);
        check("0", true);
        check("18", true);
        check("1", false);
    }

    #[test]
    fn luhn_refuses_what_is_not_digits() {
        for text in
            ["", " ", "４１１１１１１１１１１１１１１１", "4111-1111", "0\u{0}", "٠", "-0", "+0"]
        {
            check(text, false);
        }
        check(&"0".repeat(100_000), true);
    }

    #[test]
    fn bank_cards_have_12_to_19_digits() {
        for length in 0..=40 {
            let text = "6".repeat(length);
            assert_eq!(BankCardNo::parse(&text).is_some(), (12..=19).contains(&length), "{length}");
        }
        for bad in ["622200000000 0123", "６２２２０００００１２３", "62220000012３", "银行卡号银"]
        {
            assert!(BankCardNo::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_ends_of_a_card_are_shown() {
        let shown = |text: &str| format!("{:?}", BankCardNo::parse(text).unwrap());
        assert_eq!(shown("622200000000000123"), "6222**********0123");
        assert_eq!(shown("622200000123"), "6222****0123");
        assert_eq!(shown("6222000000000000123"), "6222***********0123");
    }

    fn with_check_digit(body: &str) -> String {
        let candidates = (0..10).map(|digit| format!("{body}{digit}"));
        candidates.into_iter().find(|digits| luhn(digits)).unwrap()
    }

    proptest! {
        #[test]
        fn one_wrong_digit_breaks_the_luhn_sum(
            body in "[0-9]{11,18}", place in 0_usize..11, other in 1_u8..10,
        ) {
            let mut digits = with_check_digit(&body).into_bytes();
            digits[place] = (digits[place] - b'0' + other) % 10 + b'0';
            prop_assert!(!luhn(std::str::from_utf8(&digits).unwrap()));
        }

        #[test]
        fn two_swapped_digits_break_the_luhn_sum_but_for_09_and_90(
            body in "[0-9]{11,18}", place in 0_usize..11,
        ) {
            let mut digits = with_check_digit(&body).into_bytes();
            let (left, right) = (digits[place], digits[place + 1]);
            digits.swap(place, place + 1);
            let blind = left == right || matches!((left, right), (b'0', b'9') | (b'9', b'0'));
            prop_assert_eq!(luhn(std::str::from_utf8(&digits).unwrap()), blind);
        }

        #[test]
        fn no_text_makes_a_card_panic(text in any::<String>()) {
            luhn(&text);
            if let Some(card) = BankCardNo::parse(&text) {
                prop_assert_eq!(card.masked().len(), text.len());
            }
        }
    }
}
