//! Gathers what the file, the environment and the command line say, each with its origin.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, Origin};
use super::flags::Flags;
use super::setting::Setting;
use super::settings::{SETTINGS, setting};

/// The variable that names the configuration file.
pub(super) const FILE_VARIABLE: &str = "JIEHUAN_CONFIG";

/// What every variable of the platform begins with.
pub(super) const PREFIX: &str = "JIEHUAN_";

/// Variables of the test suites, which are no business of the configuration.
const TEST_PREFIX: &str = "JIEHUAN_TEST_";

/// A value as it was given.
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// What was given, by setting; later sources replace earlier ones.
pub(super) type Gathered = BTreeMap<&'static str, Given>;

/// Gathers from the file, then the environment, then the flags.
///
/// `usual_file` is read if no file is named and it exists.
pub(super) fn gather(
    flags: &Flags,
    environment: impl Iterator<Item = (String, String)>,
    usual_file: &Path,
    errors: &mut Vec<ConfigError>,
) -> Gathered {
    let mut variables = Vec::new();
    let mut file = None;
    for (name, text) in environment {
        if name == FILE_VARIABLE {
            file = Some(PathBuf::from(text));
        } else if name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX) {
            variables.push((name, text));
        }
    }
    let named = flags.config.clone().or(file);
    let usual = || usual_file.is_file().then(|| usual_file.to_owned());

    let mut gathered = Gathered::new();
    if let Some(path) = named.or_else(usual) {
        read_file(&path, &mut gathered, errors);
    }
    for (name, text) in variables {
        match SETTINGS.iter().find(|setting| setting.variable() == name) {
            Some(setting) => {
                gathered.insert(setting.name, Given { text, origin: Origin::Variable(name) });
            }
            None => errors.push(unknown(&name, Origin::Variable(name.clone()), Setting::variable)),
        }
    }
    read_flags(flags, &mut gathered, errors);
    gathered
}

fn read_file(path: &Path, gathered: &mut Gathered, errors: &mut Vec<ConfigError>) {
    let parsed =
        std::fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|text| {
            // Not the error's own text: it quotes the line, which may hold a password.
            text.parse::<toml::Table>().map_err(|error| {
                let before =
                    error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                format!("line {}: {}", before.matches('\n').count() + 1, error.message())
            })
        });
    match parsed {
        Ok(table) => read_table(&table, "", path, gathered, errors),
        Err(problem) => errors.push(ConfigError::File { path: path.to_owned(), problem }),
    }
}

fn read_table(
    table: &toml::Table,
    prefix: &str,
    path: &Path,
    gathered: &mut Gathered,
    errors: &mut Vec<ConfigError>,
) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        let origin = Origin::File(path.to_owned());
        let known = setting(&name);
        match (known, value) {
            (None, toml::Value::Table(inner)) => {
                read_table(inner, &format!("{name}."), path, gathered, errors);
            }
            (None, _) => errors.push(unknown(&name, origin, |s| s.name.to_owned())),
            (Some(setting), value) => match text_of(value) {
                Some(text) => {
                    gathered.insert(setting.name, Given { text, origin });
                }
                None => errors.push(wrong_value(setting, origin, &value.to_string())),
            },
        }
    }
}

/// The text of a value in the file. An amount with decimals must be in quotes: a bare one has
/// already been through a float.
fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(on.to_string()),
        toml::Value::Array(list) => {
            let list: Option<Vec<&str>> = list.iter().map(toml::Value::as_str).collect();
            list.map(|list| list.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn read_flags(flags: &Flags, gathered: &mut Gathered, errors: &mut Vec<ConfigError>) {
    let mut seen = Vec::new();
    let pairs = flags.set.iter().filter_map(|pair| {
        let Some((name, text)) = pair.split_once('=') else {
            errors.push(ConfigError::NotAPair);
            return None;
        };
        Some((name, text, "--set"))
    });
    let all: Vec<_> = flags.named().chain(pairs).collect();
    for (name, text, flag) in all {
        let origin = Origin::Flag(flag);
        match setting(name) {
            None => errors.push(unknown(name, origin, |s| s.name.to_owned())),
            Some(setting) if seen.contains(&setting.name) => {
                errors.push(ConfigError::GivenTwice { name: setting.name });
            }
            Some(setting) => {
                seen.push(setting.name);
                gathered.insert(setting.name, Given { text: text.to_owned(), origin });
            }
        }
    }
}

/// The error for a value that the setting does not take.
pub(super) fn wrong_value(setting: &Setting, origin: Origin, given: &str) -> ConfigError {
    ConfigError::WrongValue {
        name: setting.name,
        origin,
        given: (!setting.secret).then(|| given.to_owned()),
        allowed: setting.kind.to_string(),
    }
}

/// The error for a name that does not exist, with the nearest that does.
fn unknown(given: &str, origin: Origin, spell: impl Fn(&Setting) -> String) -> ConfigError {
    let own_part = given.trim_start_matches(PREFIX);
    // A third of the letters wrong is no slip of the finger any more.
    let farthest = own_part.len().div_euclid(3);
    let nearest = SETTINGS
        .iter()
        .map(|setting| {
            let name = spell(setting);
            (strsim::damerau_levenshtein(own_part, name.trim_start_matches(PREFIX)), name)
        })
        .filter(|(distance, _)| *distance <= farthest)
        .min()
        .map(|(_, name)| name);
    ConfigError::UnknownName { given: given.to_owned(), origin, nearest }
}
