//! Limu's signature: SHA-1 over the sorted fields with the secret behind them.

use std::collections::BTreeMap;

use sha1::{Digest as _, Sha1};

use crate::hex;

/// The field that holds it; it is no part of what is signed.
pub(crate) const SIGN: &str = "sign";

/// `sha1(k=v&k=v + secret)` in lower-case hex: sorted by name, values as they are.
pub(crate) fn sign(fields: &BTreeMap<String, String>, secret: &str) -> String {
    let signed = fields.iter().filter(|(name, _)| name.as_str() != SIGN);
    let pairs: Vec<_> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    hex::lower(&Sha1::digest(pairs.join("&") + secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `signatures.json` has none of Limu, so this one is of the page's rule and `sha1sum`:
    /// `printf 'apiKey=4263571836400842&method=api.identity.idcheck&name=示例人&version=1.2.0secret' | sha1sum`
    #[test]
    fn the_signature_is_what_sha1sum_says() {
        let fields = [
            ("version", "1.2.0"),
            ("sign", "not a part"),
            ("name", "示例人"),
            ("method", "api.identity.idcheck"),
            ("apiKey", "4263571836400842"),
        ];
        let fields: BTreeMap<String, String> =
            fields.map(|(name, value)| (name.into(), value.into())).into();
        assert_eq!(sign(&fields, "secret"), "071ad3087a6fd5445f9f87f0dee38f30eba1d364");
    }
}
