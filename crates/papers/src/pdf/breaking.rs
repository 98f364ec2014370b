//! Breaking text into lines: Chinese breaks anywhere, but not before closing punctuation nor after
//! opening punctuation; words and figures stay whole where they fit.

use super::face::Face;
use crate::text::Text;

/// What may not begin a line (行首禁则).
const NOT_FIRST: &str = "，。、；：？！）》」』】〕〉”’％‰℃°·…—～,.;:?!)]}%";
/// What may not end one (行尾禁则).
const NOT_LAST: &str = "（《「『【〔〈“‘￥¥$([{";

/// Characters of one weight on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) words: String,
    pub(super) strong: bool,
    pub(super) width: u32,
}

/// A line, from left to right.
pub(super) type Line = Vec<Run>;

struct Sign {
    is: char,
    strong: bool,
    width: u32,
}

/// The lines of a text that is `width` wide; at least one.
pub(super) fn break_lines(face: &Face, text: &Text, size: u32, width: u32) -> Vec<Line> {
    let signs = measured(face, text, size);
    let mut lines = Vec::new();
    let mut rest = signs.as_slice();
    loop {
        let (line, behind) = rest.split_at(line_end(rest, width));
        lines.push(runs(line));
        let spaces = behind.iter().take_while(|sign| sign.is == ' ').count();
        rest = behind.get(spaces..).unwrap_or_default();
        if rest.is_empty() {
            return lines;
        }
    }
}

/// How wide a text is on one line.
pub(super) fn full_width(face: &Face, text: &Text, size: u32) -> u32 {
    measured(face, text, size).iter().map(|sign| sign.width).sum()
}

/// How wide a line is.
pub(super) fn line_width(line: &[Run]) -> u32 {
    line.iter().map(|run| run.width).sum()
}

fn measured(face: &Face, text: &Text, size: u32) -> Vec<Sign> {
    let mut signs = Vec::new();
    for span in text.spans() {
        for printed in span.words.chars().map(|sign| face.printed(sign)) {
            let measure = |is| Sign { is, strong: span.strong, width: face.width(is, size) };
            signs.extend(printed.chars().map(measure));
        }
    }
    signs
}

/// How many signs go on the next line: at least one, if there is one.
fn line_end(signs: &[Sign], width: u32) -> usize {
    let mut used = 0;
    let mut last_chance = 0;
    let mut before = None;
    for (at, sign) in signs.iter().enumerate() {
        if before.is_some_and(|before| may_break(before, sign.is)) {
            last_chance = at;
        }
        used += sign.width;
        // A space at the end of a line may hang over.
        if used > width && sign.is != ' ' {
            let end = if last_chance > 0 { last_chance } else { at };
            return end.max(1);
        }
        before = Some(sign.is);
    }
    signs.len()
}

fn may_break(before: char, after: char) -> bool {
    let within_word = before.is_ascii_graphic() && after.is_ascii_graphic();
    let forbidden = NOT_FIRST.contains(after) || NOT_LAST.contains(before);
    before == ' ' || !(within_word || forbidden || after == ' ')
}

fn runs(signs: &[Sign]) -> Line {
    let mut line = Line::new();
    for Sign { is, strong, width } in signs {
        match line.last_mut() {
            Some(run) if run.strong == *strong => {
                run.words.push(*is);
                run.width += width;
            }
            _ => line.push(Run { words: is.to_string(), strong: *strong, width: *width }),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At 10 points a Chinese character of this font is 10 points wide.
    #[track_caller]
    fn check(words: &str, characters: u32, expected: &[&str]) {
        let face = super::super::face::face().unwrap();
        let lines = break_lines(face, &Text::plain(words), 10_000, characters * 10_000);
        let lines: Vec<String> =
            lines.iter().map(|line| line.iter().map(|run| run.words.as_str()).collect()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_break_where_chinese_breaks() {
        check("甲乙丙丁戊", 3, &["甲乙丙", "丁戊"]);
        check("甲乙丙，丁", 3, &["甲乙", "丙，丁"]);
        check("甲乙（丙）", 3, &["甲乙", "（丙）"]);
        check("甲乙丙。）丁", 3, &["甲乙", "丙。）", "丁"]);
        check("", 3, &[""]);
    }

    #[test]
    fn figures_and_words_stay_whole_if_they_fit() {
        check("金额1,000.00元", 5, &["金额", "1,000.00元"]);
        check("an agreement", 4, &["an ", "agreeme", "nt"]);
        check("，，，，", 2, &["，，", "，，"]);
    }

    #[test]
    fn a_character_that_the_font_lacks_is_printed_as_its_number() {
        check("王\u{20bb7}", 10, &["王〔U+20BB7〕"]);
    }
}
