//! Personal texts that are no names or numbers of their own kind: lines, and phones of any shape.

use std::fmt;

use kernel::Mobile;

/// One line of personal text: an address, an employer, a note. Masked wherever it is printed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line(String);

impl Line {
    /// Characters of a line at most: the longest addresses in use stay below 100.
    pub const MOST: usize = 200;

    /// Reads one line of 1 to [`Line::MOST`] characters without control characters; blanks around
    /// it are passed over. Anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().nth(Self::MOST).is_none();
        let one_line = !text.contains(char::is_control);
        (fits && one_line).then(|| Self(text.to_owned()))
    }

    /// The whole text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[line]")
    }
}

/// A telephone number of any shape: mobile, landline, abroad. Masked wherever it is printed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Digits of a number; ITU-T E.164 ends at 15, extensions may follow, and 110 is the shortest.
    const DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

    /// Reads 3 to 20 digits with an optional `+` before them; blanks, hyphens, dots and
    /// parentheses between them are left out, and so is China's code before a mobile number, so
    /// that one number is one text. Anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut number = String::new();
        for sign in text.trim().chars() {
            match sign {
                '+' if number.is_empty() => number.push('+'),
                '0'..='9' if number.len() <= *Self::DIGITS.end() => number.push(sign),
                ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {}
                _ => return None,
            }
        }
        for code in ["+86", "0086", "86"] {
            let rest = number.strip_prefix(code).and_then(Mobile::parse);
            if let Some(mobile) = rest {
                return Some(Self(mobile.expose().to_owned()));
            }
        }
        let digits = number.strip_prefix('+').unwrap_or(&number).len();
        Self::DIGITS.contains(&digits).then_some(Self(number))
    }

    /// The whole number.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number as it may be shown: its last two digits.
    pub fn masked(&self) -> String {
        let tail = self.0.len().saturating_sub(2);
        format!("****{}", self.0.get(tail..).unwrap_or_default())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_bounded_length() {
        let line = |text: &str| Line::parse(text).map(|line| line.expose().to_owned());
        assert_eq!(line(" 示例路1号 ").as_deref(), Some("示例路1号"));
        assert_eq!(line(&"字".repeat(200)).map(|line| line.chars().count()), Some(200));
        for bad in ["", "  ", "a\nb", "a\u{0}b", "a\tb", &"字".repeat(201)] {
            assert_eq!(line(bad), None, "{bad:?}");
        }
        assert_eq!(format!("{:?}", Line::parse("示例路1号").unwrap()), "[line]");
    }

    #[test]
    fn phones_of_any_shape_are_brought_to_digits() {
        // as written             as kept
        let table = [
            ("13800000001", Some("13800000001")),
            ("+86 138-0000-0001", Some("13800000001")),
            ("008613800000001", Some("13800000001")),
            ("8613800000001", Some("13800000001")),
            ("+8601055500100", Some("+8601055500100")),
            ("+1 (555) 010-0100", Some("+15550100100")),
            ("(010) 5550.0100", Some("01055500100")),
            ("110", Some("110")),
            ("11", None),
            ("", None),
            ("+", None),
            ("1+10", None),
            ("138000000０1", None),
            ("name", None),
            ("12345678901234567890", Some("12345678901234567890")),
            ("123456789012345678901", None),
            ("+12345678901234567890", Some("+12345678901234567890")),
            ("+123456789012345678901", None),
        ];
        for (text, kept) in table {
            let phone = Phone::parse(text);
            assert_eq!(phone.as_ref().map(Phone::expose), kept, "{text:?}");
        }
        assert!(Phone::parse(&"1".repeat(1_000_000)).is_none());
        assert_eq!(format!("{:?}", Phone::parse("13800000042").unwrap()), "****42");
    }
}
