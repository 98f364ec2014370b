//! Signatures of LianLian itself, and what changes when somebody changes a message.

use super::*;
use crate::keys_of_tests::pair;

/// Messages that LianLian has signed, with its public key; two of the vectors for all providers.
fn vectors() -> Vec<(Verifier, Map<String, Value>, String)> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    let ours = all.into_iter().filter(|vector| vector["provider"] == "lianlian-rsa");
    let read = |vector: Value| {
        let key = Verifier::read(vector["public_key_b64"].as_str().unwrap()).unwrap();
        let message = vector["message"].as_object().unwrap().clone();
        (key, message, vector["canonical"].as_str().unwrap().to_owned())
    };
    ours.map(read).collect()
}

#[test]
fn lianlians_own_messages_are_genuine_and_changed_ones_are_not() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 2);
    for (key, message, expected) in vectors {
        let genuine = fields(&message);
        assert_eq!(canonical(&genuine), expected);
        assert!(key.is_genuine(&genuine));
        for name in message.keys() {
            let mut changed = genuine.clone();
            changed.insert(name.clone(), "1".into());
            assert!(!key.is_genuine(&changed), "{name}");
            changed.remove(name);
            assert!(!key.is_genuine(&changed), "{name} is gone");
        }
        let mut longer = genuine.clone();
        longer.insert("added".into(), String::new());
        assert!(key.is_genuine(&longer), "what is empty is not signed");
        longer.insert("added".into(), "1".into());
        assert!(!key.is_genuine(&longer));
    }
}

#[test]
fn what_is_signed_here_is_genuine_there() {
    let (private, public) = pair();
    let signer = Signer::read(&Secret::new(private)).unwrap();
    let verifier = Verifier::read(&public).unwrap();
    let json = r#"{"b":"二&=","a":"1","sign_type":"RSA","n":null,"e":"","list":[{"x":1}],"i":7}"#;
    let mut message = fields(serde_json::from_str::<Value>(json).unwrap().as_object().unwrap());
    assert_eq!(canonical(&message), "a=1&b=二&=&i=7&sign_type=RSA");
    message.insert("sign".into(), signer.sign(&message).unwrap());
    assert!(verifier.is_genuine(&message));
    // Without padding, as some peers send it.
    let bare = message["sign"].trim_end_matches('=').to_owned();
    message.insert("sign".into(), bare);
    assert!(verifier.is_genuine(&message));
    assert!(!format!("{signer:?}").contains("PRIVATE"));
}

#[test]
fn md5_signatures_are_over_the_string_and_the_key() {
    let key = Secret::new("201408071000001539_sahdisa_20141205".into());
    let mut message = Fields::from([("b".into(), "2".into()), ("a".into(), "1".into())]);
    // printf 'a=1&b=2&key=201408071000001539_sahdisa_20141205' | md5sum
    assert_eq!(md5_sign(&message, &key), "854b91159a9ee3f757d03d308b0daf6e");
    message.insert("sign".into(), md5_sign(&message, &key));
    assert!(md5_is_genuine(&message, &key));
    message.insert("b".into(), "3".into());
    assert!(!md5_is_genuine(&message, &key));
    assert!(!md5_is_genuine(&Fields::new(), &key));
}

#[test]
fn keys_are_read_in_both_forms_and_nonsense_is_refused() {
    let (private, public) = pair();
    let bare = |pem: &str| -> String { pem.lines().filter(|l| !l.starts_with('-')).collect() };
    assert!(Signer::read(&Secret::new(bare(&private))).is_ok());
    assert!(Verifier::read(&bare(&public)).is_ok());
    for bad in ["", "AAAA", "***", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
        let error = Signer::read(&Secret::new(bad.into())).unwrap_err();
        assert_eq!(error.which, "private key");
        assert!(Verifier::read(bad).is_err());
    }
}
