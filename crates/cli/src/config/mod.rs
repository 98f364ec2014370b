//! The configuration: one table of settings, read from defaults, a file, the environment and
//! flags, in rising order. Every value knows where it came from; every mistake is reported.

mod costs;
mod database;
mod docs;
mod error;
mod flags;
mod kind;
mod profile;
mod rules;
mod setting;
mod settings;
mod sources;
mod typed;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;

pub use costs::Costs;
pub use docs::{help_text, page};
pub use error::{ConfigError, Origin};
pub use flags::Flags;
pub use kind::Kind;
pub use profile::Profile;
pub use setting::Setting;
pub use settings::SETTINGS;
pub use typed::{
    Bench, Chaojihua, Config, Database, Futureloan, Http, Limits, Log, Password, ProviderMode,
    Shuaidan, Store, Wukong, Xianjindai,
};

use kind::Value;
use sources::Gathered;
use typed::Values;

/// The file that is read if no other is named and it exists.
const USUAL_FILE: &str = "jiehuan.toml";

/// The configuration, and where each value came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Every setting, in the order of [`SETTINGS`].
    pub values: Vec<Effective>,
}

/// A setting as it takes effect.
#[derive(Clone, Debug)]
pub struct Effective {
    /// The dotted name.
    pub name: &'static str,
    /// The value as it may be shown: passwords are masked.
    pub value_shown: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// The variables of the process that are the platform's, for [`Config::load`].
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, text)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(sources::PREFIX))?;
        Some((name, text.to_string_lossy().into_owned()))
    })
}

impl Config {
    /// Reads and checks the configuration. All mistakes are reported, not only the first.
    pub fn load(
        flags: &Flags,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded, Vec<ConfigError>> {
        load_with(flags, environment, Path::new(USUAL_FILE))
    }
}

fn load_with(
    flags: &Flags,
    environment: impl Iterator<Item = (String, String)>,
    usual_file: &Path,
) -> Result<Loaded, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let mut gathered = sources::gather(flags, environment, usual_file, &mut errors);
    let profile = match gathered.get("profile") {
        Some(given) => Profile::parse(&given.text),
        None => Some(Profile::Demo),
    };
    let (values, effective) = resolve(&mut gathered, profile.unwrap_or(Profile::Demo), &mut errors);
    match values.config() {
        Ok(mut config) => {
            if let Some(profile) = profile {
                errors.extend(refusals(&config, profile, &effective));
            }
            config.effective.clone_from(&effective);
            if errors.is_empty() { Ok(Loaded { config, values: effective }) } else { Err(errors) }
        }
        Err(error) => {
            errors.push(error);
            Err(errors)
        }
    }
}

/// Gives every setting its value. A wrong one is reported and its default stands in for it, so
/// that the checks that follow find the rest of the mistakes.
fn resolve(
    gathered: &mut Gathered,
    profile: Profile,
    errors: &mut Vec<ConfigError>,
) -> (Values, Vec<Effective>) {
    let data = gathered.get("data").map_or("./data", |given| &given.text).to_owned();
    let mut values = Values::default();
    let mut effective = Vec::new();
    for setting in SETTINGS {
        let default = || setting.default_in(profile).replace("{data}", &data);
        let (mut text, origin) = match gathered.remove(setting.name) {
            Some(given) => (given.text, given.origin),
            None => (default(), Origin::Default),
        };
        let mut value = setting.kind.parse(&text);
        if value.is_none() {
            errors.push(sources::wrong_value(setting, origin.clone(), &text));
            text = default();
            value = setting.kind.parse(&text);
        }
        let value_shown = shown(setting, text);
        values.0.insert(setting.name, value.unwrap_or(Value::Nothing));
        effective.push(Effective { name: setting.name, value_shown, origin });
    }
    (values, effective)
}

fn shown(setting: &Setting, text: String) -> String {
    if setting.secret && !text.is_empty() { database::masked(&text) } else { text }
}

fn refusals(config: &Config, profile: Profile, effective: &[Effective]) -> Vec<ConfigError> {
    let origin = |name| effective.iter().find(|e| e.name == name).map(|e| e.origin.clone());
    rules::refusals(config)
        .into_iter()
        .map(|(name, why)| {
            let origin = origin(name).unwrap_or(Origin::Default);
            ConfigError::Refused { name, origin, profile, why }
        })
        .collect()
}

/// Prints every setting with its value and where it came from, in aligned columns.
pub fn print_effective(out: &mut impl Write, loaded: &Loaded) -> io::Result<()> {
    let value = |effective: &Effective| match effective.value_shown.as_str() {
        "" => "-".to_owned(),
        text => text.to_owned(),
    };
    let mut rows = vec![["NAME".to_owned(), "VALUE".to_owned(), "FROM".to_owned()]];
    rows.extend(loaded.values.iter().map(|e| [e.name.to_owned(), value(e), e.origin.to_string()]));
    let width = |column: fn(&[String; 3]) -> &String| rows.iter().map(|r| columns(column(r))).max();
    let names = width(|[name, ..]| name).unwrap_or(0);
    let values = width(|[_, value, _]| value).unwrap_or(0);
    for [name, value, origin] in &rows {
        let gap = values.saturating_sub(columns(value));
        writeln!(out, "{name:names$}  {value}{:gap$}  {origin}", "")?;
    }
    Ok(())
}

/// How many columns a terminal gives the text: Chinese characters take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}
