//! Pairs of keys for the tests of this crate, made once in each process.

use std::sync::OnceLock;

use getrandom::SysRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::UnwrapErr;

/// A private key and its public one, PEM; 1024 bits, as LianLian's are.
pub(crate) fn pair() -> (String, String) {
    static PAIR: OnceLock<(String, String)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let private = RsaPrivateKey::new(&mut UnwrapErr(SysRng), 1024).unwrap();
        let public = private.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
        (private.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(), public)
    })
    .clone()
}
