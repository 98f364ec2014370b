//! What a setting may hold: reading the text, and saying what is allowed.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use kernel::{Money, Secret};

use super::database;

/// The longest text that a setting takes, in characters; it ends up in every answer.
const LONGEST_TEXT: usize = 200;

/// The shortest key: its first eight bytes encrypt passwords.
const SHORTEST_KEY: usize = channel_xianjindai::KEY_BYTES;

/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// A file or folder.
    Path,
    /// A file, or nothing.
    OptionalPath,
    /// An address and a port.
    Socket,
    /// An address and a port, or nothing.
    OptionalSocket,
    /// A whole number between two bounds, both included.
    Integer {
        /// The smallest number allowed.
        min: u64,
        /// The largest number allowed.
        max: u64,
    },
    /// On or off.
    Switch,
    /// An amount of money above zero, in yuan.
    Yuan,
    /// One of several words.
    Choice(&'static [&'static str]),
    /// A list of addresses without ports.
    Addresses,
    /// The URL of a PostgreSQL database, or nothing.
    Database,
    /// A key that is shared with others, or nothing.
    Key,
}

/// What a setting holds.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Nothing,
    Text(String),
    Path(PathBuf),
    Socket(SocketAddr),
    Integer(u64),
    Switch(bool),
    Yuan(Money),
    Choice(&'static str),
    Addresses(Vec<IpAddr>),
    Database(Secret),
    Key(Secret),
}

impl Kind {
    /// Reads the text of a setting; `None` if it is not allowed.
    pub(super) fn parse(self, text: &str) -> Option<Value> {
        if text.is_empty() && self.may_be_nothing() {
            return Some(Value::Nothing);
        }
        match self {
            Self::Text => {
                let fits = text.chars().count() <= LONGEST_TEXT;
                let plain = !text.chars().any(char::is_control);
                (fits && plain).then(|| Value::Text(text.to_owned()))
            }
            Self::Path | Self::OptionalPath => path(text),
            Self::Socket | Self::OptionalSocket => text.parse().ok().map(Value::Socket),
            Self::Integer { min, max } => integer(text, min, max),
            Self::Switch => text.parse().ok().map(Value::Switch),
            Self::Yuan => {
                let amount = Money::parse_yuan(text).ok()?;
                (amount > Money::ZERO).then_some(Value::Yuan(amount))
            }
            Self::Choice(words) => {
                words.iter().find(|word| **word == text).copied().map(Value::Choice)
            }
            Self::Addresses => addresses(text),
            Self::Database => {
                database::is_url(text).then(|| Value::Database(Secret::new(text.to_owned())))
            }
            Self::Key => {
                let fits = (SHORTEST_KEY..=LONGEST_TEXT).contains(&text.len());
                let plain = text.bytes().all(|b| b.is_ascii_graphic());
                (fits && plain).then(|| Value::Key(Secret::new(text.to_owned())))
            }
        }
    }

    fn may_be_nothing(self) -> bool {
        [Self::OptionalPath, Self::OptionalSocket, Self::Database, Self::Key].contains(&self)
    }
}

impl fmt::Display for Kind {
    /// Says what is allowed, as the object of "takes …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(f, "one line of at most {LONGEST_TEXT} characters"),
            Self::Path => f.write_str("a path"),
            Self::OptionalPath => f.write_str("a path, or nothing"),
            Self::Socket => f.write_str("an address and port such as 127.0.0.1:8080"),
            Self::OptionalSocket => {
                f.write_str("an address and port such as 127.0.0.1:8081, or nothing")
            }
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Switch => f.write_str("true or false"),
            Self::Yuan => {
                write!(f, "yuan from 0.01 to {}, such as 1000 or 99.50", Money::MAX.yuan_part())
            }
            Self::Choice(words) => f.write_str(&words.join(", ")),
            Self::Addresses => f.write_str("IP addresses with commas between them, or nothing"),
            Self::Key => write!(
                f,
                "{SHORTEST_KEY} to {LONGEST_TEXT} letters, digits and signs of ASCII, or nothing"
            ),
            Self::Database => f.write_str("a URL such as postgres://user:password@host/database"),
        }
    }
}

fn path(text: &str) -> Option<Value> {
    let usable = !text.is_empty() && !text.chars().any(char::is_control);
    usable.then(|| Value::Path(PathBuf::from(text)))
}

/// Digits only: neither `+5` nor `5_000`.
fn integer(text: &str, min: u64, max: u64) -> Option<Value> {
    let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok())??;
    (min..=max).contains(&number).then_some(Value::Integer(number))
}

fn addresses(text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Addresses(Vec::new()));
    }
    let list: Option<Vec<IpAddr>> = text.split(',').map(|a| a.trim().parse().ok()).collect();
    list.map(Value::Addresses)
}
