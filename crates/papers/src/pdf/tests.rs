//! What a PDF holds, as far as it can be told without a program that shows it.

use super::layout::{HEIGHT, Mark, SIDE, WIDTH, lay_out};
use super::*;
use crate::shipped::tests::sample;
use crate::{Facts, Kind, Template};

/// How often some bytes stand in a file.
fn count(file: &[u8], bytes: &[u8]) -> usize {
    file.windows(bytes.len()).filter(|window| window == &bytes).count()
}

fn paper(lines: &str, facts: &Facts) -> Paper {
    let text = format!("template: t\nversion: 1\n\n# T\n{lines}");
    Template::parse(&text).unwrap().fill(facts).unwrap()
}

#[test]
fn the_same_paper_is_the_same_bytes() {
    let stamp = Stamp { lines: vec!["借款人于 2026-03-01 08:00:00 确认".into()] };
    let first = sample(Kind::LoanContract, 3).pdf_with(&stamp).unwrap();
    let second = sample(Kind::LoanContract, 3).pdf_with(&stamp).unwrap();
    assert!(first == second, "two renderings differ");
    assert!(first.starts_with(b"%PDF-1."), "the file's first line");
    assert!(first.trim_ascii_end().ends_with(b"%%EOF"), "the file's last line");
    assert!(first.len() < 300_000, "only the glyphs that are used: {} bytes", first.len());
    let other = sample(Kind::LoanContract, 4).pdf_with(&stamp).unwrap();
    assert!(first != other, "another paper is another file");
}

#[test]
fn a_pdf_has_the_pages_that_were_laid_out() {
    for rows in [1, 60] {
        let paper = sample(Kind::CostDisclosure, rows);
        let sheets = lay_out(&paper, &Stamp::default(), face::face().unwrap());
        let file = paper.pdf().unwrap();
        assert_eq!(count(&file, b"/Type/Page/") + count(&file, b"/Type /Page\n"), sheets.len());
        assert!(sheets.len() >= rows / 20, "{rows} rows on {} pages", sheets.len());
    }
}

#[test]
fn nothing_stands_outside_the_margins() {
    let face = face::face().unwrap();
    let long = "长".repeat(5_000);
    let facts = Facts::new().with("a", long).with("b", "b".repeat(300));
    let mut papers: Vec<_> = Kind::ALL.into_iter().map(|kind| sample(kind, 30)).collect();
    papers.push(paper("| {{a}} | {{b}} |\n| x | y |\n+ {{a}}\n~ {{a}} | {{b}} | {{b}}", &facts));
    papers.push(paper(
        "|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|\n|{{a}}|{{b}}|c|d|e|f|g|h|i|j|k|l|m|n|o|p|",
        &facts,
    ));
    for paper in papers {
        let title = paper.title();
        for mark in lay_out(&paper, &Stamp::default(), face).iter().flatten() {
            let (left, right, bottom) = match mark {
                Mark::Words { x, y, size, words, .. } => {
                    let width: u32 = words.chars().map(|sign| face.width(sign, *size)).sum();
                    (*x, x + width, *y)
                }
                Mark::Rule { from, to } => (from.0, to.0, to.1),
                Mark::Shade { x, y, width, height } => (*x, x + width, y + height),
            };
            assert!(left >= SIDE && right <= WIDTH - SIDE + 3_000, "{title}: {left}-{right}");
            assert!(bottom <= HEIGHT - 52_000, "{title}: {bottom}");
        }
    }
}

/// All words of a paper are on its sheets, once and in order.
#[test]
fn every_word_is_printed() {
    let paper = sample(Kind::DataAuthority, 2);
    let sheets = lay_out(&paper, &Stamp::default(), face::face().unwrap());
    let printed: String = sheets
        .iter()
        .flatten()
        .filter_map(|mark| match mark {
            Mark::Words { words, .. } => Some(words.as_str()),
            Mark::Rule { .. } | Mark::Shade { .. } => None,
        })
        .collect();
    let squeeze =
        |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
    let printed = squeeze(&printed);
    for block in paper.blocks() {
        if let crate::Block::Clause { number, text } = block {
            let words = squeeze(&format!("{number}{}", text.words()));
            assert!(printed.contains(&words), "{words}");
        }
    }
}

#[test]
fn rare_characters_are_told_and_do_no_harm() {
    let paper = paper("{{a}}", &Facts::new().with("a", "张\u{20bb7}三 \u{fffff}"));
    let rare: Vec<_> = paper.unprintable().into_iter().collect();
    assert_eq!(rare, ['\u{20bb7}', '\u{fffff}']);
    assert!(paper.pdf().unwrap().starts_with(b"%PDF"));
}
