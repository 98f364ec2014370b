//! A photograph in a data URL: read within bounds, and looked at before anybody else sees it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The largest photograph, in bytes; face providers take no larger ones.
pub(crate) const PHOTO_MOST: usize = 4 * 1024 * 1024;
/// The longest body with one: in base64 four bytes stand for three, and there are other fields.
pub(crate) const BODY_MOST: usize = PHOTO_MOST / 3 * 4 + 64 * 1024;
/// The most dots across and down.
const DOTS_MOST: u32 = 10_000;

/// What is wrong with a photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhotoProblem {
    /// No data URL of a JPEG or PNG, or no picture in it.
    Wrong,
    /// Too many bytes or dots.
    TooLarge,
}

/// Reads `data:image/jpg;base64,…`; the base64 alone will do.
pub(crate) fn read(text: &str) -> Result<Vec<u8>, PhotoProblem> {
    let data = match text.strip_prefix("data:") {
        None => text,
        Some(rest) => {
            let (kind, data) = rest.split_once(',').ok_or(PhotoProblem::Wrong)?;
            let kinds = ["image/jpg;base64", "image/jpeg;base64", "image/png;base64"];
            if !kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
                return Err(PhotoProblem::Wrong);
            }
            data
        }
    };
    let room = base64::decoded_len_estimate(data.len());
    if room > PHOTO_MOST.saturating_add(3) {
        return Err(PhotoProblem::TooLarge);
    }
    let photo = BASE64_STANDARD.decode(data.trim()).map_err(|_| PhotoProblem::Wrong)?;
    if photo.len() > PHOTO_MOST {
        return Err(PhotoProblem::TooLarge);
    }
    let (width, height) = size(&photo).ok_or(PhotoProblem::Wrong)?;
    if width == 0 || height == 0 {
        return Err(PhotoProblem::Wrong);
    }
    if width > DOTS_MOST || height > DOTS_MOST {
        return Err(PhotoProblem::TooLarge);
    }
    Ok(photo)
}

/// Dots across and down, as the picture's own head tells them.
fn size(photo: &[u8]) -> Option<(u32, u32)> {
    if let Some(rest) = photo.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        // A length, the word, then width and height (PNG 3rd edition, 11.2.1).
        let head = rest.get(4..)?.strip_prefix(b"IHDR")?;
        return Some((four(head.get(..4)?)?, four(head.get(4..8)?)?));
    }
    jpeg_size(photo.strip_prefix(b"\xff\xd8")?)
}

fn four(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

/// Walks over the segments to the frame's head (ITU T.81, B.2.2).
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let (&[0xff, marker], behind) = rest.split_first_chunk::<2>()? else { return None };
        match marker {
            // Filling, and marks that stand alone.
            0xff => rest = rest.get(1..)?,
            0x01 | 0xd0..=0xd7 => rest = behind,
            // The picture itself begins or ends, and no head has come.
            0xd9 | 0xda => return None,
            _ => {
                let two = |at: usize| {
                    let bytes = behind.get(at..at.checked_add(2)?)?;
                    bytes.try_into().ok().map(u16::from_be_bytes)
                };
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    return Some((u32::from(two(5)?), u32::from(two(3)?)));
                }
                let length = usize::from(two(0)?);
                rest = behind.get(length.max(2)..)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a JPEG of 4 by 3 dots, behind a comment.
    pub(crate) const JPEG: &[u8] =
        b"\xff\xd8\xff\xfe\x00\x06face\xff\xc0\x00\x0b\x08\x00\x03\x00\x04\x01\x01\x11\x00\xff\xd9";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x04\x00\x00\x00\x03";

    fn url(kind: &str, bytes: &[u8]) -> String {
        format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))
    }

    #[test]
    fn pictures_are_looked_at() {
        assert_eq!(size(JPEG), Some((4, 3)));
        assert_eq!(size(PNG), Some((4, 3)));
        for kind in ["image/jpg", "image/jpeg", "image/png"] {
            assert_eq!(read(&url(kind, JPEG)).as_deref(), Ok(JPEG));
        }
        assert_eq!(read(&BASE64_STANDARD.encode(PNG)).as_deref(), Ok(PNG));
        for bad in [
            String::new(),
            "data:image/jpg;base64".to_owned(),
            "data:image/jpg;base64,/9j/....".to_owned(),
            url("image/gif", JPEG),
            url("image/jpg", b"GIF89a"),
            url("image/jpg", &JPEG[..6]),
            url("image/png", &PNG[..18]),
        ] {
            assert_eq!(read(&bad), Err(PhotoProblem::Wrong), "{bad}");
        }
        let large = vec![0; PHOTO_MOST + 4];
        assert_eq!(read(&url("image/jpg", &large)), Err(PhotoProblem::TooLarge));
        let mut wide = PNG.to_vec();
        wide[16] = 1;
        assert_eq!(read(&url("image/png", &wide)), Err(PhotoProblem::TooLarge));
    }
}
