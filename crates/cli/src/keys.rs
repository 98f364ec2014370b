//! The key files: made on the first run, refused later if others could have read them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use kernel::Secret;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::UnwrapErr;
use rsa::traits::PublicKeyParts as _;
use zeroize::Zeroizing;

const PERSONAL: &str = "personal.key";
const TOKENS: &str = "tokens.key";
const SIGN: &str = "futureloan_sign.pem";
const SIGN_PUBLIC: &str = "futureloan_sign.pub.pem";

/// AES-256 takes a key of this many bytes.
const PERSONAL_BYTES: usize = 32;

/// HMAC-SHA-512 gains nothing from a key that is longer than its output.
const TOKENS_BYTES: usize = 64;

/// Size of a new key for signatures, and the least that is taken, in bits.
const SIGN_BITS: usize = 2048;

/// A key file is never larger; whatever is, is something else.
const LARGEST_FILE: u64 = 64 * 1024;

/// The keys of the platform.
pub struct Keys {
    /// Seals personal data; if it is lost, so are they.
    pub personal: Zeroizing<[u8; PERSONAL_BYTES]>,
    /// Signs tokens; 64 bytes.
    pub tokens: Zeroizing<Vec<u8>>,
    /// RSA private key for the signatures of futureloan, PKCS#8 PEM.
    pub futureloan_sign_pem: Secret,
    /// Its public key, SPKI PEM, for the channel's customers.
    pub futureloan_public_pem: String,
}

impl Keys {
    /// Reads the keys for a database that is sealed already: the key that sealed it is never made
    /// anew, because the old one may only be in another place.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(PERSONAL);
        ensure!(
            path.exists(),
            "{} is missing, and the database is sealed with it; put the keys folder back",
            path.display()
        );
        Self::load_or_make(folder)
    }

    /// Reads the keys, and makes those that are missing.
    ///
    /// Processes that start at the same time agree on the same keys.
    pub fn load_or_make(folder: &Path) -> anyhow::Result<Self> {
        let folder_error = || format!("cannot make the folder {}", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(folder_error)?;

        let personal = bytes(folder, PERSONAL, PERSONAL_BYTES)?;
        let personal = Zeroizing::new(<[u8; PERSONAL_BYTES]>::try_from(personal.as_slice())?);
        let tokens = bytes(folder, TOKENS, TOKENS_BYTES)?;
        let sign = read_or_make(&folder.join(SIGN), 0o600, make_sign_key)?;
        let public = public_key(&sign).with_context(|| {
            format!(
                "{} is not an RSA key of at least {SIGN_BITS} bits",
                folder.join(SIGN).display()
            )
        })?;
        let path = folder.join(SIGN_PUBLIC);
        let stored = read_or_make(&path, 0o644, || Ok(Zeroizing::new(public.clone())))?;
        ensure!(
            stored.trim() == public.trim(),
            "{} does not belong to {SIGN}; remove it, and it will be made again",
            path.display()
        );
        Ok(Self {
            personal,
            tokens,
            futureloan_sign_pem: Secret::new(String::clone(&sign)),
            futureloan_public_pem: public,
        })
    }
}

/// An RSA key in a file, and its public half.
pub struct RsaPair {
    /// PKCS#8 PEM.
    pub private_pem: Secret,
    /// SPKI PEM.
    pub public_pem: String,
}

/// Reads an RSA key, and makes it where it is missing. Not for anything that is worth more than the
/// sandbox: who asks decides about its length.
pub fn rsa_pair(folder: &Path, name: &str, bits: usize) -> anyhow::Result<RsaPair> {
    let folder_error = || format!("cannot make the folder {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(folder_error)?;
    let make = || {
        let key = RsaPrivateKey::new(&mut UnwrapErr(SysRng), bits)?;
        Ok(key.to_pkcs8_pem(LineEnding::LF)?)
    };
    let private = read_or_make(&folder.join(name), 0o600, make)?;
    let key = RsaPrivateKey::from_pkcs8_pem(&private)
        .with_context(|| format!("{} is no RSA key", folder.join(name).display()))?;
    let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF)?;
    Ok(RsaPair { private_pem: Secret::new(String::clone(&private)), public_pem })
}

/// Reads a secret that somebody else has made.
pub fn secret_file(folder: &Path, name: &str) -> anyhow::Result<Secret> {
    let path = folder.join(name);
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = read(&path, file, 0o600)?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// Reads a random text, and makes it where it is missing: 32 bytes in base64.
pub fn random_text(folder: &Path, name: &str) -> anyhow::Result<String> {
    Ok(STANDARD.encode(bytes(folder, name, PERSONAL_BYTES)?))
}

/// Random bytes, kept as base64.
fn bytes(folder: &Path, name: &str, length: usize) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let path = folder.join(name);
    let text = read_or_make(&path, 0o600, || {
        let mut bytes = Zeroizing::new(vec![0; length]);
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        Ok(Zeroizing::new(format!("{}\n", STANDARD.encode(&bytes))))
    })?;
    let decoded = STANDARD.decode(text.trim()).ok().map(Zeroizing::new);
    let right = decoded.filter(|bytes| bytes.len() == length);
    right.with_context(|| format!("{} does not hold {length} bytes in base64", path.display()))
}

fn make_sign_key() -> anyhow::Result<Zeroizing<String>> {
    let key = RsaPrivateKey::new(&mut UnwrapErr(SysRng), SIGN_BITS)?;
    Ok(key.to_pkcs8_pem(LineEnding::LF)?)
}

fn public_key(private_pem: &str) -> anyhow::Result<String> {
    let private = RsaPrivateKey::from_pkcs8_pem(private_pem)?;
    ensure!(private.size() >= SIGN_BITS / 8, "too short");
    Ok(private.to_public_key().to_public_key_pem(LineEnding::LF)?)
}

/// Reads the file; if there is none, makes it first, unless another process is quicker.
fn read_or_make(
    path: &Path,
    mode: u32,
    make: impl FnOnce() -> anyhow::Result<Zeroizing<String>>,
) -> anyhow::Result<Zeroizing<String>> {
    match File::open(path) {
        Ok(file) => return read(path, file, mode),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    let text = make()?;
    place(path, mode, &text).with_context(|| format!("cannot write {}", path.display()))?;
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    read(path, file, mode)
}

fn read(path: &Path, file: File, mode: u32) -> anyhow::Result<Zeroizing<String>> {
    let found = file.metadata()?.mode() & 0o777;
    if mode == 0o600 && found & 0o077 != 0 {
        bail!(
            "{path} can be read by others (mode {found:03o}); if nobody has: chmod 600 {path}",
            path = path.display()
        );
    }
    let mut text = Zeroizing::new(String::new());
    let context = || format!("cannot read {}", path.display());
    file.take(LARGEST_FILE).read_to_string(&mut text).with_context(context)?;
    Ok(text)
}

/// Writes the file under another name, then links it into place: it appears complete or not at
/// all, and one that is already there stays.
fn place(path: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().context("the path has no folder")?;
    let name = path.file_name().context("the path has no name")?.to_string_lossy();
    let temporary = folder.join(format!(".{name}.{:016x}", getrandom::u64()?));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static COUNTER: AtomicU32 = AtomicU32::new(0);
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!("jiehuan-keys-{}-{number}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn load(&self) -> Result<Keys, String> {
            Keys::load_or_make(&self.0.join("keys")).map_err(|error| format!("{error:#}"))
        }

        fn file(&self, name: &str) -> PathBuf {
            self.0.join("keys").join(name)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn failure(folder: &Folder) -> String {
        folder.load().err().unwrap()
    }

    #[test]
    fn keys_are_made_once_and_kept_private() {
        let folder = Folder::new();
        let made = folder.load().unwrap();
        let again = folder.load().unwrap();
        assert_eq!(made.personal, again.personal);
        assert_eq!(made.tokens, again.tokens);
        assert_eq!(made.tokens.len(), 64);
        assert_eq!(made.futureloan_sign_pem.expose(), again.futureloan_sign_pem.expose());
        assert!(made.futureloan_sign_pem.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(made.futureloan_public_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));

        assert_eq!(mode(&folder.0.join("keys")), 0o700);
        for (name, wanted) in [(PERSONAL, 0o600), (TOKENS, 0o600), (SIGN, 0o600)] {
            assert_eq!(mode(&folder.file(name)), wanted, "{name}");
        }
        let names = fs::read_dir(folder.0.join("keys")).unwrap().count();
        assert_eq!(names, 4, "temporary files stay behind");
    }

    #[test]
    fn files_that_others_can_read_are_refused() {
        let folder = Folder::new();
        folder.load().unwrap();
        for name in [PERSONAL, TOKENS, SIGN] {
            fs::set_permissions(folder.file(name), PermissionsExt::from_mode(0o640)).unwrap();
            let error = failure(&folder);
            assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");
            fs::set_permissions(folder.file(name), PermissionsExt::from_mode(0o400)).unwrap();
            folder.load().unwrap();
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        let folder = Folder::new();
        folder.load().unwrap();
        let small_key = RsaPrivateKey::new(&mut UnwrapErr(SysRng), 1024).unwrap();
        let small_key = small_key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let short = STANDARD.encode([1; 31]);
        for (name, text, complaint) in [
            (PERSONAL, short.as_str(), "32 bytes"),
            (PERSONAL, "not base64!", "32 bytes"),
            (TOKENS, "", "64 bytes"),
            (SIGN, "", "2048 bits"),
            (SIGN, small_key.as_str(), "2048 bits"),
            (SIGN_PUBLIC, "another", "does not belong"),
        ] {
            let path = folder.file(name);
            let good = fs::read(&path).unwrap();
            fs::write(&path, text).unwrap();
            let error = failure(&folder);
            assert!(error.contains(complaint) && error.contains(name), "{error}");
            fs::write(&path, good).unwrap();
        }
        folder.load().unwrap();
    }

    #[test]
    fn a_lost_public_key_is_made_again() {
        let folder = Folder::new();
        let made = folder.load().unwrap();
        fs::remove_file(folder.file(SIGN_PUBLIC)).unwrap();
        assert_eq!(folder.load().unwrap().futureloan_public_pem, made.futureloan_public_pem);
    }

    #[test]
    fn processes_that_start_at_once_agree() {
        let folder = Folder::new();
        let barrier = Barrier::new(3);
        let load = || {
            barrier.wait();
            let keys = folder.load().unwrap();
            (keys.personal, keys.tokens, keys.futureloan_public_pem)
        };
        let all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(load)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|keys| *keys == all[0]));
    }
}
