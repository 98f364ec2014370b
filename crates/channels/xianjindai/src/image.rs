//! Pictures of captchas: our addition to §7, for apps that show them.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use channel_kit::chance;
use channel_kit::route::{Method, Operation};

use crate::call::{self, address_of};
use crate::envelope::Manner;
use crate::failure::{BUSY, Failure};
use crate::section::page;
use crate::{Xianjindai, pages, proof};

pub(crate) static IMAGE: [Operation<&'static str>; 2] = [
    page(Method::Get, "/xianjindai/openApi/getCodeImage", "图形验证码图片，PNG (§7, our address)"),
    page(Method::Post, "/xianjindai/openApi/getCodeImage", "图形验证码图片，PNG (§7, our address)"),
];

/// Dots of the picture across and down.
const WIDTH: usize = 128;
const HEIGHT: usize = 48;
/// Dots of a glyph, and how much they are enlarged.
const ROWS: usize = 7;
const SCALE: usize = 4;
/// Dots from one sign to the next.
const PITCH: usize = 30;
/// Shades of paper and ink.
const PAPER: u8 = 0xf4;
const INK: u8 = 0x30;
/// Random bytes in a picture: two for each of four signs, the others for spots.
const NOISE: usize = 248;

/// The signs as columns of seven dots, the lowest bit on top: a common font of 5 by 7.
const GLYPHS: [(char, [u8; 5]); 32] = [
    ('a', [0x7e, 0x11, 0x11, 0x11, 0x7e]),
    ('b', [0x7f, 0x49, 0x49, 0x49, 0x36]),
    ('c', [0x3e, 0x41, 0x41, 0x41, 0x22]),
    ('d', [0x7f, 0x41, 0x41, 0x22, 0x1c]),
    ('e', [0x7f, 0x49, 0x49, 0x49, 0x41]),
    ('f', [0x7f, 0x09, 0x09, 0x09, 0x01]),
    ('g', [0x3e, 0x41, 0x49, 0x49, 0x7a]),
    ('h', [0x7f, 0x08, 0x08, 0x08, 0x7f]),
    ('i', [0x00, 0x41, 0x7f, 0x41, 0x00]),
    ('j', [0x20, 0x40, 0x41, 0x3f, 0x01]),
    ('k', [0x7f, 0x08, 0x14, 0x22, 0x41]),
    ('m', [0x7f, 0x02, 0x0c, 0x02, 0x7f]),
    ('n', [0x7f, 0x04, 0x08, 0x10, 0x7f]),
    ('p', [0x7f, 0x09, 0x09, 0x09, 0x06]),
    ('q', [0x3e, 0x41, 0x51, 0x21, 0x5e]),
    ('r', [0x7f, 0x09, 0x19, 0x29, 0x46]),
    ('s', [0x46, 0x49, 0x49, 0x49, 0x31]),
    ('t', [0x01, 0x01, 0x7f, 0x01, 0x01]),
    ('u', [0x3f, 0x40, 0x40, 0x40, 0x3f]),
    ('v', [0x1f, 0x20, 0x40, 0x20, 0x1f]),
    ('w', [0x3f, 0x40, 0x38, 0x40, 0x3f]),
    ('x', [0x63, 0x14, 0x08, 0x14, 0x63]),
    ('y', [0x07, 0x08, 0x70, 0x08, 0x07]),
    ('z', [0x61, 0x51, 0x49, 0x45, 0x43]),
    ('2', [0x42, 0x61, 0x51, 0x49, 0x46]),
    ('3', [0x21, 0x41, 0x45, 0x4b, 0x31]),
    ('4', [0x18, 0x14, 0x12, 0x7f, 0x10]),
    ('5', [0x27, 0x45, 0x45, 0x45, 0x39]),
    ('6', [0x3c, 0x4a, 0x49, 0x49, 0x30]),
    ('7', [0x01, 0x71, 0x09, 0x05, 0x03]),
    ('8', [0x36, 0x49, 0x49, 0x49, 0x36]),
    ('9', [0x06, 0x49, 0x49, 0x29, 0x1e]),
];

pub(crate) fn route() -> MethodRouter<Xianjindai> {
    get(image).post(image)
}

async fn image(State(channel): State<Xianjindai>, request: Request) -> Response {
    let address = address_of(request.extensions());
    match made(&channel, address).await {
        Ok(response) => response,
        Err(failure) => channel.respond(Manner::PLAIN, call::NOTHING, &Err(failure)),
    }
}

async fn made(channel: &Xianjindai, address: String) -> Result<Response, Failure> {
    let text = proof::new_captcha(channel, address).await?;
    let png = picture(&text, &chance::bytes()?).ok_or_else(|| Failure::failed(BUSY))?;
    let mut response = png.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    pages::guard(headers);
    Ok(response)
}

/// Draws a text: signs moved a little, and spots, so that no two pictures are alike.
fn picture(text: &str, noise: &[u8; NOISE]) -> Option<Vec<u8>> {
    let mut dots = vec![PAPER; WIDTH * HEIGHT];
    let mut noise = noise.iter().copied();
    for (place, sign) in text.chars().enumerate() {
        let (_, columns) = GLYPHS.iter().find(|(known, _)| *known == sign)?;
        let right = PITCH * place + 6 + usize::from(noise.next()? % 6);
        let down = 2 + usize::from(noise.next()? % 16);
        draw(&mut dots, *columns, (right, down));
    }
    while let (Some(x), Some(y)) = (noise.next(), noise.next()) {
        let (x, y) = (usize::from(x) % WIDTH, usize::from(y) % HEIGHT);
        if let Some(dot) = dots.get_mut(y * WIDTH + x) {
            *dot = if *dot == PAPER { INK } else { PAPER };
        }
    }
    packed(&dots)
}

fn draw(dots: &mut [u8], columns: [u8; 5], (right, down): (usize, usize)) {
    for (column, bits) in columns.iter().enumerate() {
        for row in (0..ROWS).filter(|row| bits >> row & 1 == 1) {
            for part in 0..SCALE {
                let start = (down + row * SCALE + part) * WIDTH + right + column * SCALE;
                if let Some(line) = dots.get_mut(start..start + SCALE) {
                    line.fill(INK);
                }
            }
        }
    }
}

fn packed(dots: &[u8]) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let size = (u32::try_from(WIDTH).ok()?, u32::try_from(HEIGHT).ok()?);
    let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(dots).ok()?;
    writer.finish().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_a_captcha_can_be_drawn_and_stays_within_the_picture() {
        for sign in proof::SIGNS.iter().copied().map(char::from) {
            for byte in [0_u8, 0xff, 0x55] {
                let text: String = std::iter::repeat_n(sign, 4).collect();
                let png = picture(&text, &[byte; NOISE]).unwrap();
                assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{sign}");
                // Moved as far as can be, the last sign is whole: nothing is cut off.
                let (_, columns) = GLYPHS.iter().find(|(known, _)| *known == sign).unwrap();
                let ink: u32 = columns.iter().map(|bits| bits.count_ones()).sum();
                let mut dots = vec![PAPER; WIDTH * HEIGHT];
                draw(&mut dots, *columns, (PITCH * 3 + 6 + 5, 2 + 15));
                dots.retain(|dot| *dot == INK);
                assert_eq!(dots.len(), ink as usize * SCALE * SCALE, "{sign}");
            }
        }
        assert_eq!(picture("l0o1", &[0; NOISE]), None, "signs that look alike are not drawn");
        assert_ne!(picture("aaaa", &[1; NOISE]), picture("aaaa", &[2; NOISE]));
    }
}
