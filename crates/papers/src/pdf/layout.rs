//! Where everything stands: blocks become marks on sheets of A4.

use super::Stamp;
use super::breaking::{Line, break_lines, full_width, line_width};
use super::face::Face;
use super::tables;
use crate::paper::{Block, Paper, Signature};
use crate::text::Text;

/// A4 in thousandths of a point.
pub(super) const WIDTH: u32 = 595_276;
pub(super) const HEIGHT: u32 = 841_890;
/// Margins: left and right, above, and below, where the foot stands.
pub(super) const SIDE: u32 = 62_000;
const TOP: u32 = 60_000;
const BOTTOM: u32 = 72_000;
/// What is between the margins.
pub(super) const INNER: u32 = WIDTH - 2 * SIDE;

const TITLE: u32 = 17_000;
const HEADING: u32 = 12_000;
const BODY: u32 = 10_500;
const SMALL: u32 = 8_500;

/// Something on a sheet; lengths run from its upper left corner.
pub(super) enum Mark {
    /// Words; `y` is their base line.
    Words { x: u32, y: u32, size: u32, words: String, strong: bool },
    /// A straight line.
    Rule { from: (u32, u32), to: (u32, u32) },
    /// An area of light grey.
    Shade { x: u32, y: u32, width: u32, height: u32 },
}

/// A sheet that is being filled from above.
pub(super) struct Sheets<'f> {
    pub(super) face: &'f Face,
    done: Vec<Vec<Mark>>,
    current: Vec<Mark>,
    /// How far the current sheet is filled.
    pub(super) y: u32,
}

/// The sheets of a paper.
pub(super) fn lay_out(paper: &Paper, stamp: &Stamp, face: &Face) -> Vec<Vec<Mark>> {
    let mut sheets = Sheets { face, done: Vec::new(), current: Vec::new(), y: TOP };
    for block in paper.blocks() {
        sheets.block(block);
    }
    sheets.stamp(stamp);
    sheets.done.push(sheets.current);
    sheets.done
}

/// From one base line to the next.
pub(super) const fn leading(size: u32) -> u32 {
    size * 8 / 5
}

impl Sheets<'_> {
    /// How much of the sheet is left.
    pub(super) fn left(&self) -> u32 {
        (HEIGHT - BOTTOM).saturating_sub(self.y)
    }

    /// Whether nothing stands on the sheet yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.current.is_empty()
    }

    /// Begins another sheet.
    pub(super) fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.y = TOP;
    }

    /// Turns to another sheet if so much is not left on this one.
    pub(super) fn need(&mut self, height: u32) {
        if height > self.left() && !self.is_fresh() {
            self.turn();
        }
    }

    /// Leaves a space, unless the sheet has just begun.
    fn space(&mut self, height: u32) {
        if !self.is_fresh() {
            self.y += height;
        }
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.current.push(mark);
    }

    /// Writes one line whose upper edge is at `y`.
    pub(super) fn write(&mut self, line: &Line, x: u32, y: u32, size: u32) {
        let base = y + (leading(size) - size) / 2 + size * 88 / 100;
        let mut x = x;
        for run in line {
            let words = run.words.clone();
            self.mark(Mark::Words { x, y: base, size, words, strong: run.strong });
            x += run.width;
        }
    }

    /// Writes lines one below the other, over as many sheets as they take.
    fn lines(&mut self, lines: &[Line], x: u32, size: u32) {
        for line in lines {
            self.need(leading(size));
            self.write(line, x, self.y, size);
            self.y += leading(size);
        }
    }

    fn text(&mut self, text: &Text, x: u32, size: u32) {
        let lines = break_lines(self.face, text, size, WIDTH - SIDE - x);
        self.lines(&lines, x, size);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(text) => {
                let lines = break_lines(self.face, text, TITLE, INNER);
                for line in &lines {
                    let x = SIDE + INNER.saturating_sub(line_width(line)) / 2;
                    self.lines(std::slice::from_ref(line), x, TITLE);
                }
                self.y += 10_000;
            }
            Block::Heading { number, text } => {
                // Not alone at the foot of a sheet.
                self.space(9_000);
                self.need(leading(HEADING) + 2 * leading(BODY));
                let mut heading = Text::default();
                heading.push(number, true);
                heading.push(if number.is_empty() { "" } else { "　" }, true);
                heading.push(&text.words(), true);
                self.text(&heading, SIDE, HEADING);
                self.y += 2_000;
            }
            Block::Clause { number, text } => self.clause(number, text),
            Block::Paragraph(text) => {
                self.text(text, SIDE, BODY);
                self.y += 3_000;
            }
            Block::Note(text) => {
                self.text(text, SIDE, SMALL);
                self.y += 3_000;
            }
            Block::Table(table) => {
                self.space(4_000);
                tables::lay_out(self, table);
                self.y += 8_000;
            }
            Block::Signatures(parties) => {
                self.space(16_000);
                for party in parties {
                    self.signature(party);
                }
            }
        }
    }

    fn clause(&mut self, number: &str, text: &Text) {
        let number = Text::plain(number);
        let hang = (full_width(self.face, &number, BODY) + 8_000).max(30_000);
        let numbers = break_lines(self.face, &number, BODY, INNER);
        self.need(leading(BODY));
        for line in numbers.iter().take(1) {
            self.write(line, SIDE, self.y, BODY);
        }
        self.text(text, SIDE + hang, BODY);
        self.y += 3_000;
    }

    fn signature(&mut self, party: &Signature) {
        let mut who = party.role.clone();
        who.push("：", false);
        who.push(&party.name.words(), true);
        self.need(2 * leading(BODY) + 6_000);
        self.text(&who, SIDE, BODY);
        self.text(&party.date, SIDE, SMALL);
        self.y += 8_000;
    }

    /// A frame around the lines, where they fit on one sheet.
    fn stamp(&mut self, stamp: &Stamp) {
        if stamp.lines.is_empty() {
            return;
        }
        let inset = 8_000;
        let broken = stamp
            .lines
            .iter()
            .flat_map(|line| break_lines(self.face, &Text::plain(line), SMALL, INNER - 2 * inset));
        let lines: Vec<_> = broken.collect();
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let height = count.saturating_mul(leading(SMALL)).saturating_add(2 * inset);
        self.space(12_000);
        self.need(height);
        let framed = height <= self.left();
        if framed {
            let (left, right, top) = (SIDE, WIDTH - SIDE, self.y);
            self.frame(left, right, top, top + height);
        }
        self.y += inset;
        self.lines(&lines, SIDE + inset, SMALL);
    }

    /// Four rules.
    pub(super) fn frame(&mut self, left: u32, right: u32, top: u32, bottom: u32) {
        for (from, to) in [
            ((left, top), (right, top)),
            ((left, bottom), (right, bottom)),
            ((left, top), (left, bottom)),
            ((right, top), (right, bottom)),
        ] {
            self.mark(Mark::Rule { from, to });
        }
    }
}
