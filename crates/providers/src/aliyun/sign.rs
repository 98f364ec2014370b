//! Aliyun's signature of RPC calls, version 1.0: HMAC-SHA1 over the verb and the sorted parameters.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Secret;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::form;

/// The parameters of a call, by name.
pub type Params = BTreeMap<String, String>;

/// What is signed; the parameters are escaped twice.
pub fn string_to_sign(verb: &str, params: &Params) -> String {
    let mut signed = params.clone();
    signed.remove("Signature");
    format!("{verb}&%2F&{}", form::escape(&form::write(&signed)))
}

/// The signature; `None` for a key that HMAC does not take.
pub fn signature(verb: &str, params: &Params, secret: &Secret) -> Option<String> {
    let key = format!("{}&", secret.expose());
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(string_to_sign(verb, params).as_bytes());
    Some(BASE64.encode(mac.finalize().into_bytes()))
}

/// Whether the parameters carry their signature.
pub(crate) fn is_genuine(verb: &str, params: &Params, secret: &Secret) -> bool {
    let given = params.get("Signature").map(String::as_bytes).unwrap_or_default();
    signature(verb, params, secret).is_some_and(|it| bool::from(it.as_bytes().ct_eq(given)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn aliyuns_own_examples_are_signed_as_printed() {
        let all: Vec<Value> = serde_json::from_str(include_str!("../vectors.json")).unwrap();
        let ours: Vec<_> = all.iter().filter(|v| v["provider"] == "aliyun-rpc").collect();
        assert_eq!(ours.len(), 2);
        for vector in ours {
            let params = vector["params"].as_object().unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let mut params: Params = params.iter().map(|(k, v)| (k.clone(), text(v))).collect();
            let secret = Secret::new(text(&vector["secret"]));
            assert_eq!(string_to_sign("GET", &params), vector["string_to_sign"]);
            let sign = signature("GET", &params, &secret).unwrap();
            assert_eq!(sign, vector["sign"]);
            params.insert("Signature".into(), sign);
            assert!(is_genuine("GET", &params, &secret));
            assert!(!is_genuine("POST", &params, &secret));
            params.insert("Format".into(), "X".into());
            assert!(!is_genuine("GET", &params, &secret));
        }
    }
}
