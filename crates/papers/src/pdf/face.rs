//! The font: which glyph a character has, and how wide it is.

use std::sync::LazyLock;

use krilla::text::Font;
use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

/// 文泉驿微米黑, Apache-2.0; see `data/font/README.md`.
static FILE: &[u8] = include_bytes!("../../data/font/wqy-microhei.ttc");

/// A font that can be measured and drawn.
pub(super) struct Face {
    pub(super) font: Font,
    file: FontRef<'static>,
    units_per_em: u32,
}

/// The font, read once; `None` if it cannot be.
pub(super) fn face() -> Option<&'static Face> {
    static FACE: LazyLock<Option<Face>> = LazyLock::new(Face::read);
    FACE.as_ref()
}

/// A glyph and its width, in units of the font.
#[derive(Clone, Copy)]
pub(super) struct Glyph {
    pub(super) id: GlyphId,
    pub(super) advance: u16,
}

impl Face {
    fn read() -> Option<Self> {
        let file = FontRef::from_index(FILE, 0).ok()?;
        let units_per_em = u32::from(file.head().ok()?.units_per_em());
        let font = Font::new(FILE.into(), 0)?;
        (units_per_em > 0).then_some(Self { font, file, units_per_em })
    }

    /// The glyph of a character; `None` where the font has none, as for rare characters of names
    /// (生僻字).
    pub(super) fn glyph(&self, sign: char) -> Option<Glyph> {
        let id = self.file.charmap().map(sign).filter(|id| *id != GlyphId::NOTDEF)?;
        Some(Glyph { id, advance: self.file.hmtx().ok()?.advance(id)? })
    }

    /// The width of a character in thousandths of a point.
    pub(super) fn width(&self, sign: char, size: u32) -> u32 {
        let advance = self.glyph(sign).map_or(0, |glyph| u32::from(glyph.advance));
        (advance * size).div_ceil(self.units_per_em)
    }

    /// A part of an em: what the writer takes as width.
    pub(super) fn em_part(&self, advance: u16) -> f32 {
        f32::from(advance) / self.font.units_per_em()
    }

    /// What is printed for a character: itself, or its number where the font lacks it.
    pub(super) fn printed(&self, sign: char) -> String {
        if self.glyph(sign).is_some() {
            sign.to_string()
        } else {
            format!("〔U+{:04X}〕", u32::from(sign))
        }
    }
}
