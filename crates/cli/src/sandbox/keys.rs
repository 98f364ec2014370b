//! The keys of the sandbox, made on the first run: both sides of each, in one folder.

use std::path::Path;

use kernel::Secret;
use providers::sandbox::http;

use crate::keys;

/// What both sides sign with.
pub struct Keys {
    /// The twins' side.
    pub world: http::Keys,
    /// The platform's private key at LianLian.
    pub merchant_private: Secret,
    /// LianLian's public key.
    pub lianlian_public: String,
    /// What names of users are made with.
    pub user_key: Secret,
}

/// Reads the keys in a folder, and makes those that are missing. Processes that start at the same
/// time agree on the same keys.
pub fn load_keys(folder: &Path) -> anyhow::Result<Keys> {
    let merchant = keys::rsa_pair(folder, "merchant.pem", SANDBOX_BITS)?;
    let lianlian = keys::rsa_pair(folder, "lianlian.pem", SANDBOX_BITS)?;
    let text = |name: &str| keys::random_text(folder, name).map(Secret::new);
    Ok(Keys {
        world: http::Keys {
            merchant_public: merchant.public_pem,
            lianlian_private: lianlian.private_pem,
            aliyun_secret: text("aliyun.key")?,
            bankcard: text("bankcard.key")?,
            limu: text("limu.key")?,
            face: (text("faceid.key")?, text("faceid.secret")?),
            funding: text("funding.key")?,
        },
        merchant_private: merchant.private_pem,
        lianlian_public: lianlian.public_pem,
        user_key: text("users.key")?,
    })
}

/// LianLian's keys have 1024 bits.
const SANDBOX_BITS: usize = 1024;
