//! Files of lines that survive the death of the process: appended, synced, checked, locked.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened, read or written.
    #[error("the sandbox's journal {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line that is not the last one is not as it was written.
    #[error("line {line} of the sandbox's journal {path} is damaged")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which of its lines, counted from the end of what was known.
        line: usize,
    },
}

/// A file of lines, each with a digest in front of it.
///
/// What follows the last whole line is the trace of a process that died while it was writing: the
/// line was never acknowledged to anybody, and is cut off. Several processes may share a file: all
/// work is done between [`Journal::lock`] and the end of what it returns.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// How far the file has been read, in bytes: always the end of a whole line.
    read: u64,
}

impl Journal {
    /// Opens a file, and makes it and its folder where they are missing.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let open = || {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut options = File::options();
            options.read(true).append(true).create(true).mode(0o600).open(path)
        };
        let file = open().map_err(|source| failed(path, source))?;
        Ok(Self { path: path.to_owned(), file, read: 0 })
    }

    /// Keeps other processes out, and hands the lines that have been added since the last time to
    /// `line`, which says whether it understands one.
    pub(super) fn lock(
        &mut self,
        line: impl FnMut(&str) -> bool,
    ) -> Result<Locked<'_>, JournalError> {
        self.file.lock().map_err(|source| failed(&self.path, source))?;
        let locked = Locked { journal: self };
        locked.journal.catch_up(line)?;
        Ok(locked)
    }

    fn catch_up(&mut self, mut line: impl FnMut(&str) -> bool) -> Result<(), JournalError> {
        let mut text = Vec::new();
        let mut tail = || {
            self.file.seek(SeekFrom::Start(self.read))?;
            self.file.read_to_end(&mut text)
        };
        tail().map_err(|source| failed(&self.path, source))?;
        let mut lines = text.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, whole)) = lines.next() {
            let known = unseal(whole).is_some_and(&mut line);
            if known {
                let bytes = u64::try_from(whole.len()).unwrap_or(u64::MAX);
                self.read = self.read.saturating_add(bytes);
            } else if lines.peek().is_none() {
                let cut = self.file.set_len(self.read).and_then(|()| self.file.sync_data());
                cut.map_err(|source| failed(&self.path, source))?;
            } else {
                let line = number.saturating_add(1);
                return Err(JournalError::Damaged { path: self.path.clone(), line });
            }
        }
        Ok(())
    }
}

/// A journal that no other process can use until this is dropped.
#[derive(Debug)]
pub(super) struct Locked<'j> {
    journal: &'j mut Journal,
}

impl Locked<'_> {
    /// Adds a line; when this returns, it survives the death of the process and of the machine.
    pub(super) fn append(&mut self, line: &str) -> Result<(), JournalError> {
        let whole = seal(line);
        let journal = &mut *self.journal;
        let written = journal.file.write_all(whole.as_bytes());
        let synced = written.and_then(|()| journal.file.sync_data());
        // After a failure the next reader decides what became of the line.
        synced.map_err(|source| failed(&journal.path, source))?;
        let bytes = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        journal.read = journal.read.saturating_add(bytes);
        Ok(())
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Where this fails, the system unlocks the file when it is closed.
        let _ = self.journal.file.unlock();
    }
}

fn failed(path: &Path, source: io::Error) -> JournalError {
    JournalError::File { path: path.to_owned(), source }
}

fn digest(line: &str) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(line.as_bytes()).iter().take(4) {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

fn seal(line: &str) -> String {
    format!("{} {line}\n", digest(line))
}

/// What was written, if it is whole.
fn unseal(whole: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(whole).ok()?.strip_suffix('\n')?;
    let (sum, line) = line.split_once(' ')?;
    (sum == digest(line)).then_some(line)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A folder that is removed when it is dropped.
    pub(in crate::sandbox) struct Folder(pub(in crate::sandbox) PathBuf);

    impl Folder {
        pub(in crate::sandbox) fn new(name: &str) -> Self {
            let name = format!("sandbox_{name}_{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[track_caller]
    fn lines(path: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut journal = Journal::open(path).unwrap();
        let all = |line: &str| {
            found.push(line.to_owned());
            true
        };
        drop(journal.lock(all).unwrap());
        found
    }

    #[test]
    fn lines_survive_and_a_torn_one_is_cut_off_at_every_byte() {
        let folder = Folder::new("journal");
        let path = folder.0.join("deep/a.journal");
        let mut journal = Journal::open(&path).unwrap();
        for line in ["one", "two 2", "三"] {
            journal.lock(|_| true).unwrap().append(line).unwrap();
        }
        assert_eq!(lines(&path), ["one", "two 2", "三"]);
        let whole = std::fs::read(&path).unwrap();
        let second = seal("one").len() + seal("two 2").len();
        for end in second..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(lines(&path), ["one", "two 2"], "{end}");
            assert_eq!(std::fs::read(&path).unwrap(), &whole[..second], "{end}");
        }
        Journal::open(&path).unwrap().lock(|_| true).unwrap().append("四").unwrap();
        assert_eq!(lines(&path), ["one", "two 2", "四"]);
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_no_torn_one() {
        let folder = Folder::new("damaged");
        let path = folder.0.join("a.journal");
        std::fs::write(
            &path,
            [seal("one"), seal("two").replace("two", "tvo"), seal("three")].concat(),
        )
        .unwrap();
        let problem = Journal::open(&path).unwrap().lock(|_| true).unwrap_err();
        assert!(matches!(problem, JournalError::Damaged { line: 2, .. }), "{problem:?}");
    }

    #[test]
    fn processes_that_share_a_file_see_each_others_lines() {
        let folder = Folder::new("shared");
        let path = folder.0.join("a.journal");
        let (mut first, mut second) =
            (Journal::open(&path).unwrap(), Journal::open(&path).unwrap());
        first.lock(|_| true).unwrap().append("one").unwrap();
        let mut seen = Vec::new();
        let note = |line: &str| {
            seen.push(line.to_owned());
            true
        };
        second.lock(note).unwrap().append("two").unwrap();
        assert_eq!(seen, ["one"]);
        let mut seen = Vec::new();
        let note = |line: &str| {
            seen.push(line.to_owned());
            true
        };
        drop(first.lock(note).unwrap());
        assert_eq!(seen, ["two"], "one's own lines are known");
    }
}
