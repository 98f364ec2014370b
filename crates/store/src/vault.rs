//! Sealing of personal columns, and blind indexes to look them up by.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Fault;

/// The first byte of every sealed value: which key and method sealed it.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Seals values with AES-256-GCM, bound to their column and row, and makes blind indexes.
///
/// Both keys are derived from one master key, so that only one has to be kept safe.
pub struct Vault {
    cipher: Aes256Gcm,
    index_key: Zeroizing<[u8; 32]>,
}

fn derive(master: &[u8], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // HMAC takes keys of any length; the error arm does not exist for it.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(master) {
        mac.update(purpose);
        out.copy_from_slice(&mac.finalize().into_bytes());
    }
    out
}

impl Vault {
    /// A vault over a master key of 32 random bytes.
    pub fn new(master: &[u8; 32]) -> Self {
        let seal = derive(master, b"jiehuan seal v1");
        let cipher = Aes256Gcm::new(&(*seal).into());
        Self { cipher, index_key: derive(master, b"jiehuan index v1") }
    }

    /// Seals a text for one column of one row; it opens nowhere else.
    pub fn seal(&self, column: &'static str, row: i64, plain: &str) -> Result<Vec<u8>, Fault> {
        self.seal_bytes(column, row, plain.as_bytes())
    }

    /// Seals bytes that are no text, such as a file.
    pub fn seal_bytes(
        &self,
        column: &'static str,
        row: i64,
        plain: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Fault::Sealed("no randomness"))?;
        let place = place(column, row);
        let payload = Payload { msg: plain, aad: &place };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Fault::Sealed(column))?;
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Vault::seal`] made for the same column and row.
    pub fn open(&self, column: &'static str, row: i64, sealed: &[u8]) -> Result<String, Fault> {
        let plain = self.open_bytes(column, row, sealed)?;
        String::from_utf8(plain).map_err(|_| Fault::Sealed(column))
    }

    /// Opens what [`Vault::seal_bytes`] made for the same column and row.
    pub fn open_bytes(
        &self,
        column: &'static str,
        row: i64,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let (version, rest) = sealed.split_first().ok_or(Fault::Sealed(column))?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Fault::Sealed(column))?;
        if *version != VERSION {
            return Err(Fault::Sealed(column));
        }
        let place = place(column, row);
        let payload = Payload { msg: body, aad: &place };
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), payload);
        plain.map_err(|_| Fault::Sealed(column))
    }

    /// A keyed digest by which a sealed value can be found, 16 bytes. The same text gives another
    /// index in another column.
    pub fn blind_index(&self, column: &'static str, plain: &str) -> Vec<u8> {
        let mut text = Vec::with_capacity(column.len() + 1 + plain.len());
        text.extend_from_slice(column.as_bytes());
        text.push(0);
        text.extend_from_slice(plain.as_bytes());
        let digest = derive(&*self.index_key, &text);
        digest.iter().take(16).copied().collect()
    }
}

fn place(column: &'static str, row: i64) -> Vec<u8> {
    let mut place = column.as_bytes().to_vec();
    place.push(0);
    place.extend_from_slice(&row.to_be_bytes());
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_values_open_only_in_their_place() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal("member.mobile", 1, "13800000001").unwrap();
        assert_eq!(vault.open("member.mobile", 1, &sealed).unwrap(), "13800000001");
        assert!(vault.open("member.mobile", 2, &sealed).is_err(), "another row");
        assert!(vault.open("member.name", 1, &sealed).is_err(), "another column");
        assert!(Vault::new(&[8; 32]).open("member.mobile", 1, &sealed).is_err(), "another key");
        assert!(vault.open("member.mobile", 1, &sealed[..5]).is_err(), "cut short");
        assert_ne!(sealed, vault.seal("member.mobile", 1, "13800000001").unwrap(), "fresh nonce");
    }

    #[test]
    fn bytes_are_sealed_as_texts_are() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal_bytes("document_pdf.pdf", 1, &[0, 255, 128]).unwrap();
        assert_eq!(vault.open_bytes("document_pdf.pdf", 1, &sealed).unwrap(), [0, 255, 128]);
        assert!(vault.open("document_pdf.pdf", 1, &sealed).is_err(), "no text");
        assert!(vault.open_bytes("document_pdf.pdf", 2, &sealed).is_err(), "another row");
        let text = vault.seal("member.mobile", 1, "13800000001").unwrap();
        assert_eq!(vault.open_bytes("member.mobile", 1, &text).unwrap(), b"13800000001");
    }

    #[test]
    fn blind_indexes_repeat_and_differ_by_column() {
        let vault = Vault::new(&[7; 32]);
        let index = vault.blind_index("member.mobile", "13800000001");
        assert_eq!(index.len(), 16);
        assert_eq!(index, vault.blind_index("member.mobile", "13800000001"));
        assert_ne!(index, vault.blind_index("member.mobile", "13800000002"));
        assert_ne!(index, vault.blind_index("officer.mobile", "13800000001"));
    }
}
