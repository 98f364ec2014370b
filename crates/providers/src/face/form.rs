//! Forms with a file in them (multipart/form-data), written and read.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::hex;

/// A name for a photograph by its first bytes; `None` for what is neither JPEG nor PNG.
pub(super) fn file_name(photo: &[u8]) -> Option<&'static str> {
    match photo {
        [0xFF, 0xD8, 0xFF, ..] => Some("image.jpg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image.png"),
        _ => None,
    }
}

/// The content type and the body of a form with a file: its field, its name and its bytes.
///
/// The boundary is made of a digest of the file, so it does not stand in it.
pub(super) fn multipart(
    fields: &[(&str, &str)],
    (field, name, bytes): (&str, &str, &[u8]),
) -> (String, Vec<u8>) {
    let digest = Sha256::digest(bytes);
    let boundary = hex::lower(digest.get(..16).unwrap_or_default());
    let mut body = Vec::with_capacity(bytes.len().saturating_add(2048));
    for (name, value) in fields {
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// Reads such a form; `None` if it is none. For the twin.
pub(crate) fn read(kind: &str, body: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let boundary = kind.strip_prefix("multipart/form-data;")?.trim().strip_prefix("boundary=")?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let mut parts = BTreeMap::new();
    let mut rest = after(body, mark.as_bytes())?;
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, format!("\r\n{mark}").as_bytes())?;
        let (head, content) = split(part.get(..end)?, b"\r\n\r\n")?;
        let head = String::from_utf8(head.to_vec()).ok()?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        parts.insert(name.to_owned(), content.to_vec());
        rest = after(part.get(end..)?, mark.as_bytes())?;
    }
    rest.starts_with(b"--").then_some(parts)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let place = find(bytes, at)?;
    Some((bytes.get(..place)?, bytes.get(place.checked_add(at.len())?..)?))
}

fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<&'b [u8]> {
    split(bytes, mark).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let photo = [&[0xFF, 0xD8, 0xFF][..], b"\r\n--\r\n\r\nname=\"x\"", &[0, 255]].concat();
        let (kind, body) = multipart(&[("a", "周 小满"), ("b", "")], ("image", "i.jpg", &photo));
        let parts = read(&kind, &body).unwrap();
        assert_eq!(parts["a"], "周 小满".as_bytes());
        assert_eq!(parts["b"], b"");
        assert_eq!(parts["image"], photo);
        assert_eq!(parts.len(), 3);
        assert!(read(&kind, &body[..body.len() - 6]).is_none(), "cut short");
        assert!(read("application/json", &body).is_none());
        assert!(read("multipart/form-data; boundary=else", &body).is_none());
    }

    /// As RFC 7578 has it: a boundary of its own line before each part, and one with two dashes.
    #[test]
    fn the_form_is_as_the_rfc_has_it() {
        let (kind, body) = multipart(&[("k", "v")], ("image", "i.png", b"\x89PNG"));
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let wanted = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"i.png\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\u{1}PNG\r\n--{boundary}--\r\n"
        );
        let wanted =
            wanted.replace('\u{1}', "\u{89}").chars().map(|c| c as u32).collect::<Vec<_>>();
        let found = body.iter().map(|byte| u32::from(*byte)).collect::<Vec<_>>();
        assert_eq!(found, wanted);
    }
}
