//! Compressed bodies: the raw gzip of the original apps, and HTTP's own content coding.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use axum::http::{HeaderMap, header};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// The first bytes of every gzip stream.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How an answer is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    Plain,
    /// By gzip, and a header says so.
    Coded,
    /// By gzip, and nothing says so: the original's way, for requests that came like that.
    Raw,
}

/// Why a body could not be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GzipError {
    /// It is no gzip, or of a coding that is not spoken.
    Broken,
    /// It is longer than the limit.
    TooLarge,
}

impl Packing {
    /// How the answer to a request is to be packed. `sniff` says that the call is one of those
    /// whose bodies may be gzip without a word about it.
    pub(crate) fn of(headers: &HeaderMap, body: &[u8], sniff: bool) -> Self {
        let says_nothing = !headers.contains_key(header::CONTENT_ENCODING);
        if sniff && says_nothing && body.starts_with(&MAGIC) {
            Self::Raw
        } else if sniff && accepts_gzip(headers) {
            Self::Coded
        } else {
            Self::Plain
        }
    }
}

/// What a body holds, of which at most `limit` bytes are unpacked.
pub(crate) fn unpack<'b>(
    headers: &HeaderMap,
    body: &'b [u8],
    packing: Packing,
    limit: usize,
) -> Result<Cow<'b, [u8]>, GzipError> {
    match headers.get(header::CONTENT_ENCODING).map(|coding| coding.as_bytes().trim_ascii()) {
        Some(coding) if coding.eq_ignore_ascii_case(b"gzip") => inflate(body, limit),
        Some(b"" | b"identity") => Ok(body.into()),
        Some(_) => Err(GzipError::Broken),
        None if packing == Packing::Raw => inflate(body, limit),
        None => Ok(body.into()),
    }
}

/// Whether a client wants to be answered in gzip. A weight of zero says that it does not.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = fields.filter_map(|field| field.to_str().ok()).flat_map(|f| f.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.split_once('=').map_or("1", |(_, weight)| weight.trim());
        let is_zero = weight.bytes().all(|sign| matches!(sign, b'0' | b'.'));
        name.trim().eq_ignore_ascii_case("gzip") && !is_zero
    })
}

fn inflate<'b>(body: &[u8], limit: usize) -> Result<Cow<'b, [u8]>, GzipError> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    let read = GzDecoder::new(body).take(most).read_to_end(&mut plain);
    read.map_err(|_| GzipError::Broken)?;
    if plain.len() > limit { Err(GzipError::TooLarge) } else { Ok(plain.into()) }
}

/// An answer in gzip; `None` if memory fails.
pub(crate) fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(
        headers: [(&'static str, &'static str); 1],
        body: &[u8],
        sniff: bool,
        want: Result<Packing, GzipError>,
    ) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_static(value));
        }
        let packing = Packing::of(&map, body, sniff);
        let got = unpack(&map, body, packing, 100);
        if let Ok(plain) = &got {
            assert_eq!(&**plain, b"{\"a\":1}");
        }
        assert_eq!(got.map(|_| packing), want, "{headers:?} {sniff}");
    }

    #[test]
    fn bodies_are_read_as_they_come() {
        let plain = b"{\"a\":1}".as_slice();
        let packed = &*pack(plain).unwrap();
        let none = [("x", "")];
        let coded = [("content-encoding", "GZIP")];
        let accepting = |value| [("accept-encoding", value)];
        //    headers, body, on a gzip path, how it is answered
        check(none, plain, true, Ok(Packing::Plain));
        check(none, packed, true, Ok(Packing::Raw));
        check(coded, packed, true, Ok(Packing::Plain));
        check(coded, packed, false, Ok(Packing::Plain));
        check(accepting("gzip"), plain, true, Ok(Packing::Coded));
        check(accepting("br, GZIP;q=0.5"), plain, true, Ok(Packing::Coded));
        check(accepting("gzip;q=0"), plain, true, Ok(Packing::Plain));
        check(accepting("gzip;q=0.000"), plain, true, Ok(Packing::Plain));
        check(accepting("br"), plain, true, Ok(Packing::Plain));
        check(accepting("gzip"), plain, false, Ok(Packing::Plain));
        check(accepting("gzip"), packed, true, Ok(Packing::Raw));
        check(coded, plain, true, Err(GzipError::Broken));
        check([("content-encoding", "br")], plain, true, Err(GzipError::Broken));
        check(none, &packed[..packed.len() - 1], true, Err(GzipError::Broken));
        check(none, &MAGIC, true, Err(GzipError::Broken));
    }

    #[test]
    fn a_small_body_cannot_become_a_large_one() {
        let bomb = pack(&vec![b' '; 50_000_000]).unwrap();
        // Fifty times smaller than what is in it, and small enough to be a body.
        assert!(bomb.len() < 1_000_000, "{}", bomb.len());
        assert_eq!(inflate(&bomb, 1_000_000), Err(GzipError::TooLarge));
        assert_eq!(inflate(&pack(&[b' '; 100]).unwrap(), 100).map(|plain| plain.len()), Ok(100));
    }
}
