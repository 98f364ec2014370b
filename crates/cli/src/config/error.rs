//! Where a value came from, and what can be wrong with it.

use std::fmt;
use std::path::PathBuf;

use super::profile::Profile;

/// The longest wrong value that is repeated in an error, in characters.
const LONGEST_SHOWN: usize = 60;

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The default of the profile.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable, by its name.
    Variable(String),
    /// A flag on the command line, such as `--listen` or `--set`.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The file cannot be read or is not TOML.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A `--set` without `=`.
    NotAPair,
    /// There is no such setting.
    UnknownName {
        /// The name as it was given: dotted, or the name of the variable.
        given: String,
        /// Where it was given.
        origin: Origin,
        /// The nearest name that exists, if one is near.
        nearest: Option<String>,
    },
    /// The value is not allowed.
    WrongValue {
        /// The setting.
        name: &'static str,
        /// Where the value was given.
        origin: Origin,
        /// The value, unless the setting is secret.
        given: Option<String>,
        /// What is allowed.
        allowed: String,
    },
    /// The setting was given twice on the command line.
    GivenTwice {
        /// The setting.
        name: &'static str,
    },
    /// The value is possible, but the profile or another setting refuses it.
    Refused {
        /// The setting.
        name: &'static str,
        /// Where the value was given.
        origin: Origin,
        /// The profile.
        profile: Profile,
        /// Why.
        why: &'static str,
    },
    /// The table of settings and the typed configuration disagree; a test rules it out.
    Untyped {
        /// The setting.
        name: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, problem } => write!(f, "file {}: {problem}", path.display()),
            Self::NotAPair => f.write_str("flag --set: takes name=value"),
            Self::UnknownName { given, origin, nearest } => {
                write!(f, "{given} ({origin}): there is no such setting")?;
                nearest.iter().try_for_each(|name| write!(f, "; did you mean {name}?"))
            }
            Self::WrongValue { name, origin, given, allowed } => {
                write!(f, "{name} ({origin}): ")?;
                match given {
                    Some(given) => write!(f, "{} is not allowed", shortened(given))?,
                    None => f.write_str("the value given is not allowed")?,
                }
                write!(f, "; it takes {allowed}")
            }
            Self::GivenTwice { name } => write!(f, "{name}: given twice on the command line"),
            Self::Refused { name, origin, profile, why } => {
                write!(f, "{name} ({origin}): refused in profile {profile}: {why}")
            }
            Self::Untyped { name } => write!(f, "{name}: has no place in the configuration"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The value in quotes, cut to a readable length, control characters escaped.
fn shortened(given: &str) -> String {
    let head: String = given.chars().take(LONGEST_SHOWN).collect();
    let dots = if head.len() < given.len() { "…" } else { "" };
    format!("{head:?}{dots}")
}
