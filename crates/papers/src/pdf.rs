//! A paper as a PDF of A4 pages, with the font in it: the same paper is the same bytes.
//!
//! Lengths are whole thousandths of a point until they reach the writer, so that a page breaks
//! where it breaks on every machine.

mod breaking;
mod draw;
mod face;
mod layout;
mod tables;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::paper::Paper;

/// What happened to a paper, in lines that are printed behind its text in a frame: who confirmed
/// it and when. It is no part of the text, and so not of the digest.
#[derive(Clone, Default)]
pub struct Stamp {
    /// The lines.
    pub lines: Vec<String>,
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The font that comes with the platform cannot be read.
    #[error("the font cannot be read")]
    Font,
    /// The writer of PDF failed.
    #[error("the PDF cannot be written: {0}")]
    Writer(&'static str),
}

impl Paper {
    /// The PDF.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        self.pdf_with(&Stamp::default())
    }

    /// The same, with what happened to the paper behind its text.
    pub fn pdf_with(&self, stamp: &Stamp) -> Result<Vec<u8>, PdfError> {
        let face = face::face().ok_or(PdfError::Font)?;
        let sheets = layout::lay_out(self, stamp, face);
        draw::draw(self, &sheets, face)
    }

    /// The characters that the font lacks, each once: the PDF shows their numbers instead, and
    /// somebody may want to know.
    pub fn unprintable(&self) -> BTreeSet<char> {
        let text = self.text();
        let lacks = |sign: &char| face::face().is_none_or(|face| face.glyph(*sign).is_none());
        text.chars().filter(|sign| !sign.is_control()).filter(lacks).collect()
    }
}
