//! The paper itself: blocks in order, and the digest of their text.

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

use crate::text::Text;

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// To the left: words.
    Left,
    /// To the right: figures.
    Right,
}

/// A table. Every row has a cell for each column.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    /// One for each column.
    pub columns: Vec<Align>,
    /// The head, if it has one.
    pub head: Option<Vec<Text>>,
    /// The rows.
    pub rows: Vec<Vec<Text>>,
}

/// A party at the foot of a paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// As what, such as 借款人（乙方）.
    pub role: Text,
    /// Who.
    pub name: Text,
    /// When, or how.
    pub date: Text,
}

/// A part of a paper.
#[derive(Clone, PartialEq, Eq)]
pub enum Block {
    /// The title.
    Title(Text),
    /// A heading; articles have a number (第一条), others an empty one.
    Heading {
        /// The number as it is shown.
        number: String,
        /// The heading.
        text: Text,
    },
    /// A numbered clause.
    Clause {
        /// The number as it is shown.
        number: String,
        /// What it says.
        text: Text,
    },
    /// A paragraph.
    Paragraph(Text),
    /// A remark in small print.
    Note(Text),
    /// A table.
    Table(Table),
    /// Who signs.
    Signatures(Vec<Signature>),
}

/// The template that a paper was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The template.
    pub template: String,
    /// Its version.
    pub version: u32,
}

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    /// 64 hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A finished paper. It is about people: `Debug` shows where it comes from and no word of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    pub(crate) source: Source,
    pub(crate) blocks: Vec<Block>,
}

impl Paper {
    /// The template that it was made from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Its parts.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The words of its title.
    pub fn title(&self) -> String {
        let title = self.blocks.iter().find_map(|block| match block {
            Block::Title(text) => Some(text.words()),
            Block::Heading { .. }
            | Block::Clause { .. }
            | Block::Paragraph(_)
            | Block::Note(_)
            | Block::Table(_)
            | Block::Signatures(_) => None,
        });
        title.unwrap_or_default()
    }

    /// The SHA-256 of its canonical text: what proves later that nothing was changed.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.text().as_bytes()).into())
    }
}

impl Digest {
    /// The SHA-256 of bytes, such as those of a PDF.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest that [`Digest`] displays so.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        let digest = Self(bytes);
        (digest.to_string() == text).then_some(digest)
    }
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { template, version } = &self.source;
        write!(f, "Paper({template} {version}, {} blocks)", self.blocks.len())
    }
}

/// Writes formatted text to a string, which takes everything.
pub(crate) fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}
