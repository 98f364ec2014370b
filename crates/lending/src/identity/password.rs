//! Passwords: Argon2id. Slow on purpose: callers run it off their async threads, a few at a time.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Secret;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB; 19456 is the least that OWASP recommends for two passes.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

/// A stored password: the PHC text of an Argon2id hash.
#[derive(Clone, Debug)]
pub struct PasswordHash(Secret);

/// A hash could not be made: the cost is out of range or there is no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

fn argon2(cost: Cost) -> Result<Argon2<'static>, HashError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl PasswordHash {
    /// Hashes a password with a fresh salt.
    pub fn make(password: &Secret, cost: Cost) -> Result<Self, HashError> {
        let hash = argon2(cost)?.hash_password(password.expose().as_bytes());
        hash.map(|hash| Self(Secret::new(hash.to_string()))).map_err(|_| HashError)
    }

    /// Takes a hash as it stands in the database.
    pub(crate) fn from_stored(text: Secret) -> Self {
        Self(text)
    }

    /// Whether the password is the right one. The cost is the one in the hash.
    pub fn is_of(&self, password: &Secret) -> bool {
        let Ok(hash) = phc::PasswordHash::new(self.0.expose()) else { return false };
        Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok()
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_opens_and_no_other() {
        let cost = Cost { memory_kib: 64, passes: 1 };
        let secret = |text: &str| Secret::new(text.to_owned());
        let hash = PasswordHash::make(&secret("password1"), cost).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hash.is_of(&secret("password1")));
        assert!(!hash.is_of(&secret("password2")));
        let again = PasswordHash::make(&secret("password1"), cost).unwrap();
        assert_ne!(hash.expose(), again.expose(), "salts differ");
        assert!(!PasswordHash::from_stored(secret("nonsense")).is_of(&secret("password1")));
    }
}
