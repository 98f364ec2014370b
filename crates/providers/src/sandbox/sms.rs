//! The sandbox's SMS provider: keeps what it was given instead of sending it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use kernel::Mobile;
use lending::ports::{self, SmsOutcome};

use super::journal::{Journal, JournalError};

/// Texts that are kept in memory.
const KEPT: usize = 1000;

/// A text that a customer would have got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentText {
    /// On which telephone.
    pub mobile: Mobile,
    /// What it says.
    pub text: String,
}

/// An SMS provider in this process.
#[derive(Debug)]
pub struct Sms {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    texts: VecDeque<SentText>,
    /// Only on a bench: texts and numbers in the clear.
    journal: Option<Journal>,
}

/// Every text in a journal, in the order in which they came.
pub fn read_texts(path: &Path) -> Result<Vec<SentText>, JournalError> {
    let mut texts = Vec::new();
    let mut take = |line: &str| {
        let text = parse(line);
        let known = text.is_some();
        texts.extend(text);
        known
    };
    drop(Journal::open(path)?.lock(&mut take)?);
    Ok(texts)
}

impl Sms {
    /// A provider that keeps the last texts in memory, and nothing on disk.
    pub fn in_memory() -> Self {
        Self { state: Mutex::new(State { texts: VecDeque::new(), journal: None }) }
    }

    /// A provider that also writes texts and numbers into a file, in the clear: for suites that
    /// look for the codes they were sent.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let mut journal = Journal::open(path)?;
        drop(journal.lock(|line| parse(line).is_some())?);
        let journal = Some(journal);
        Ok(Self { state: Mutex::new(State { texts: VecDeque::new(), journal }) })
    }

    /// The last texts of this process to a number, the newest first.
    pub fn texts_to(&self, mobile: &Mobile) -> Vec<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let to_them = state.texts.iter().rev().filter(|sent| sent.mobile == *mobile);
        to_them.map(|sent| sent.text.clone()).collect()
    }

    fn keep(&self, mobile: &Mobile, text: &str) -> Result<(), JournalError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(journal) = &mut state.journal {
            let line = format!("{} {}", mobile.expose(), escape(text));
            journal.lock(|line| parse(line).is_some())?.append(&line)?;
        }
        if state.texts.len() >= KEPT {
            state.texts.pop_front();
        }
        state.texts.push_back(SentText { mobile: mobile.clone(), text: text.to_owned() });
        Ok(())
    }
}

impl ports::Sms for Sms {
    fn send(&self, to: &Mobile, text: &str, _: &str) -> SmsOutcome {
        let suffix = to.expose().get(7..).unwrap_or_default();
        match suffix {
            "9901" => SmsOutcome::Refused("手机号码不可用".to_owned()),
            "9903" => SmsOutcome::Unknown,
            _ => match self.keep(to, text) {
                Ok(()) if suffix != "9902" => SmsOutcome::Accepted,
                Ok(()) | Err(_) => SmsOutcome::Unknown,
            },
        }
    }
}

/// One line of a text.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(line: &str) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        text.push(match sign {
            '\\' => match signs.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(text)
}

fn parse(line: &str) -> Option<SentText> {
    let (mobile, text) = line.split_once(' ')?;
    Some(SentText { mobile: Mobile::parse(mobile)?, text: unescape(text)? })
}

#[cfg(test)]
mod tests {
    use lending::ports::Sms as _;

    use super::super::journal::tests::Folder;
    use super::*;

    fn mobile(text: &str) -> Mobile {
        Mobile::parse(text).unwrap()
    }

    #[test]
    fn texts_are_kept_and_magic_numbers_are_refused_or_lost() {
        let sms = Sms::in_memory();
        let refused = SmsOutcome::Refused("手机号码不可用".into());
        // number, what the platform is told, whether the customer gets it
        for (number, told, arrives) in [
            ("13800000001", SmsOutcome::Accepted, true),
            ("13800009901", refused, false),
            ("13800009902", SmsOutcome::Unknown, true),
            ("13800009903", SmsOutcome::Unknown, false),
            ("13899019904", SmsOutcome::Accepted, true),
        ] {
            let number = mobile(number);
            assert_eq!(sms.send(&number, "一", "1"), told, "{number:?}");
            assert_eq!(sms.texts_to(&number).len(), usize::from(arrives), "{number:?}");
        }
        let number = mobile("13800000001");
        sms.send(&number, "二", "1");
        assert_eq!(sms.texts_to(&number), ["二", "一"]);
        for _ in 0..KEPT {
            sms.send(&mobile("13800000002"), "三", "1");
        }
        assert!(sms.texts_to(&number).is_empty(), "bounded");
    }

    #[test]
    fn a_bench_finds_the_texts_of_a_process_that_died() {
        let folder = Folder::new("sms");
        let path = folder.0.join("sms.journal");
        let number = mobile("13800000001");
        let text = "验证码\n123456\\n\r，五分钟内有效";
        Sms::open(&path).unwrap().send(&number, text, "1");
        let torn = [std::fs::read(&path).unwrap(), b"0123abcd 138000".to_vec()].concat();
        std::fs::write(&path, torn).unwrap();
        let again = Sms::open(&path).unwrap();
        assert!(again.texts_to(&number).is_empty(), "of another process");
        again.send(&number, "", "1");
        let texts: Vec<_> = read_texts(&path).unwrap();
        let expected =
            [text, ""].map(|text| SentText { mobile: number.clone(), text: text.into() });
        assert_eq!(texts, expected);
    }
}
