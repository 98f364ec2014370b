//! Handing the marks over to the writer of PDF.

use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::PdfError;
use super::breaking::full_width;
use super::face::Face;
use super::layout::{HEIGHT, Mark, SIDE, WIDTH};
use crate::paper::{Paper, Source};
use crate::text::Text;

const BLACK: u8 = 0;
const GREY: u8 = 110;
const LIGHT: u8 = 238;
/// The foot: its rule, its words, their size.
const FOOT_RULE: u32 = HEIGHT - 52_000;
const FOOT: u32 = HEIGHT - 40_000;
const FOOT_SIZE: u32 = 6_500;

pub(super) fn draw(paper: &Paper, sheets: &[Vec<Mark>], face: &Face) -> Result<Vec<u8>, PdfError> {
    let mut document = Document::new_with(SerializeSettings::default());
    let metadata = Metadata::new()
        .title(paper.title())
        .language("zh-CN".to_owned())
        .creator("Jiehuan 借还".to_owned())
        .keywords(vec![format!("SHA-256 {}", paper.digest())]);
    document.set_metadata(metadata);
    let Source { template, version } = paper.source();
    let about = format!("{template} v{version} · SHA-256 {}", paper.digest());
    for (at, sheet) in sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(points(WIDTH), points(HEIGHT));
        let mut page = document.start_page_with(settings.ok_or(PdfError::Writer("page size"))?);
        let mut surface = page.surface();
        for mark in sheet {
            draw_mark(&mut surface, face, mark);
        }
        draw_foot(
            &mut surface,
            face,
            &about,
            &format!("第 {} 页 / 共 {} 页", at + 1, sheets.len()),
        );
        surface.finish();
        page.finish();
    }
    // The writer's own words may quote the text, and are left out.
    document.finish().map_err(|_| PdfError::Writer("the writer refused it"))
}

/// Thousandths of a point as the writer takes them; both halves are exact.
fn points(length: u32) -> f32 {
    let part = |number: u32| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
    part(length / 1000) + part(length % 1000) / 1000.0
}

fn fill(lightness: u8) -> Fill {
    Fill { paint: luma::Color::new(lightness).into(), ..Fill::default() }
}

fn stroke(lightness: u8, width: f32) -> Stroke {
    let opacity = NormalizedF32::ONE;
    Stroke { paint: luma::Color::new(lightness).into(), width, opacity, ..Stroke::default() }
}

fn draw_mark(surface: &mut Surface<'_>, face: &Face, mark: &Mark) {
    match mark {
        Mark::Words { x, y, size, words, strong } => {
            surface.set_fill(Some(fill(BLACK)));
            // The font has one weight: a thin outline makes the strong one.
            surface.set_stroke(strong.then(|| stroke(BLACK, points(*size) * 0.03)));
            draw_words(surface, face, words, (*x, *y), *size);
        }
        Mark::Rule { from, to } => draw_rule(surface, *from, *to),
        Mark::Shade { x, y, width, height } => {
            let rect = Rect::from_xywh(points(*x), points(*y), points(*width), points(*height));
            let mut path = PathBuilder::new();
            if let Some(rect) = rect {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(LIGHT)));
                surface.draw_path(&path);
            }
        }
    }
}

fn draw_rule(surface: &mut Surface<'_>, from: (u32, u32), to: (u32, u32)) {
    let mut path = PathBuilder::new();
    path.move_to(points(from.0), points(from.1));
    path.line_to(points(to.0), points(to.1));
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke(GREY, 0.5)));
        surface.draw_path(&path);
    }
}

fn draw_words(surface: &mut Surface<'_>, face: &Face, words: &str, at: (u32, u32), size: u32) {
    let glyphs: Vec<_> = words
        .char_indices()
        .filter_map(|(from, sign)| {
            let glyph = face.glyph(sign)?;
            let range = from..from + sign.len_utf8();
            let id = GlyphId::new(glyph.id.to_u32());
            let advance = face.em_part(glyph.advance);
            Some(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None))
        })
        .collect();
    if glyphs.is_empty() {
        return; // the writer panics on nothing
    }
    let start = Point::from_xy(points(at.0), points(at.1));
    surface.draw_glyphs(start, &glyphs, face.font.clone(), words, points(size), false);
}

fn draw_foot(surface: &mut Surface<'_>, face: &Face, about: &str, page: &str) {
    draw_rule(surface, (SIDE, FOOT_RULE), (WIDTH - SIDE, FOOT_RULE));
    surface.set_stroke(None);
    surface.set_fill(Some(fill(GREY)));
    draw_words(surface, face, about, (SIDE, FOOT), FOOT_SIZE);
    let width = full_width(face, &Text::plain(page), FOOT_SIZE);
    let x = (WIDTH - SIDE).saturating_sub(width);
    draw_words(surface, face, page, (x, FOOT), FOOT_SIZE);
}
