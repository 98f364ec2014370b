//! Text of a paper: runs of plain and strong words, in which nothing is invisible.

/// Words of one weight.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub words: String,
    /// Whether they are emphasised, as the law wants of terms that weigh on the customer.
    pub strong: bool,
}

/// A line of text. Neighbouring spans differ in weight, and none is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Span>);

impl Text {
    /// Text of one weight.
    pub fn plain(words: &str) -> Self {
        let mut text = Self::default();
        text.push(words, false);
        text
    }

    /// Appends words; control characters become spaces, and marks that turn the direction of
    /// reading around are left out: what is read is what is there.
    pub fn push(&mut self, words: &str, strong: bool) {
        let words = visible(words);
        if words.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.strong == strong => last.words.push_str(&words),
            _ => self.0.push(Span { words, strong }),
        }
    }

    /// Appends another text.
    pub fn append(&mut self, other: &Self) {
        for span in &other.0 {
            self.push(&span.words, span.strong);
        }
    }

    /// The spans in order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words without their weight.
    pub fn words(&self) -> String {
        self.0.iter().map(|span| span.words.as_str()).collect()
    }

    /// One line that [`Text::unmarked`] reads back: strong words between `**`, and a backslash
    /// before each `*` and `\` of the words themselves.
    pub(crate) fn marked(&self) -> String {
        let mut out = String::new();
        for span in &self.0 {
            let mark = if span.strong { "**" } else { "" };
            out.push_str(mark);
            for sign in span.words.chars() {
                if matches!(sign, '*' | '\\') {
                    out.push('\\');
                }
                out.push(sign);
            }
            out.push_str(mark);
        }
        out
    }

    /// Reads what [`Text::marked`] writes; `None` if a `**` is left open.
    pub(crate) fn unmarked(line: &str) -> Option<Self> {
        let mut text = Self::default();
        let mut words = String::new();
        let mut strong = false;
        let mut signs = line.chars().peekable();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => words.push(signs.next()?),
                '*' if signs.next_if_eq(&'*').is_some() => {
                    text.push(&words, strong);
                    words.clear();
                    strong = !strong;
                }
                _ => words.push(sign),
            }
        }
        text.push(&words, strong);
        (!strong).then_some(text)
    }
}

fn visible(words: &str) -> String {
    let turns = |sign: char| matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hides = |sign: char| matches!(sign, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let breaks = |sign: char| sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
    let kept = words.chars().filter(|sign| !turns(*sign) && !hides(*sign));
    kept.map(|sign| if breaks(sign) { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_whatever_the_words_are() {
        let mut text = Text::plain("一*二**三\\");
        text.push("**重要**\\*", true);
        text.push("尾", false);
        let line = text.marked();
        assert_eq!(line, r"一\*二\*\*三\\**\*\*重要\*\*\\\***尾");
        assert!(Text::unmarked(&line).unwrap() == text);
        assert!(Text::unmarked("**open").is_none(), "a mark that is left open");
        assert!(Text::unmarked("end\\").is_none(), "a backslash with nothing behind it");
    }

    #[test]
    fn nothing_invisible_gets_into_a_text() {
        let words = "甲\u{202e}乙\n丙\u{200b}丁\t戊\u{2028}";
        assert_eq!(Text::plain(words).words(), "甲乙 丙丁 戊 ");
    }
}
