//! What belongs to people. These values mask themselves; the whole value comes out only by
//! `.expose()`, so that a search for that word is the privacy audit.

use std::fmt;

use zeroize::Zeroizing;

/// A mainland mobile number: eleven digits, 13… to 19….
///
/// The document of 前程贷 does not say more; the operators' segments are not checked here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads `^1[3-9]\d{9}$`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit());
        let segment = matches!(text.as_bytes(), [b'1', b'3'..=b'9', ..]);
        (digits && segment).then(|| Self(text.to_owned()))
    }

    /// The whole number.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number as it may be shown: `138****0001`.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.get(..3), self.0.get(7..));
        format!("{}****{}", head.unwrap_or_default(), tail.unwrap_or_default())
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A person's name (姓名) as it stands in their id card.
#[derive(Clone, PartialEq, Eq)]
pub struct RealName(String);

impl RealName {
    /// Characters of a name at most; the longest transcribed names in id cards stay below.
    pub const MOST: usize = 30;

    /// Reads a name of 2 to 30 letters, in any script, with `·` between its parts; blanks around
    /// it are passed over. Anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let count = text.chars().count();
        let letters = text.chars().all(|c| c.is_alphabetic() || matches!(c, '·' | '•' | ' '));
        let ends = text.chars().next().zip(text.chars().last());
        let inside = ends.is_some_and(|(a, b)| a.is_alphabetic() && b.is_alphabetic());
        ((2..=Self::MOST).contains(&count) && letters && inside).then(|| Self(text.to_owned()))
    }

    /// The whole name.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The name as it may be shown: its first character, and stars for the rest.
    pub fn masked(&self) -> String {
        let mut signs = self.0.chars();
        let first: String = signs.next().into_iter().collect();
        first + &"*".repeat(signs.count())
    }
}

impl fmt::Debug for RealName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A password, token or key: never shown, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobiles_take_the_documented_shape() {
        for good in ["13800000001", "19912345678"] {
            assert_eq!(Mobile::parse(good).unwrap().expose(), good);
        }
        for bad in
            ["", "12800000001", "1380000000", "138000000011", "1380000000a", "１３８００００００"]
        {
            assert!(Mobile::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn nothing_personal_is_shown() {
        let mobile = Mobile::parse("13800000001").unwrap();
        assert_eq!(format!("{mobile:?}"), "138****0001");
        assert_eq!(format!("{:?}", Secret::new("hunter22".into())), "[secret]");
    }
}
