//! The flags of the command line that set something.

use std::path::PathBuf;

/// Flags that every command takes. They stand above the environment and the file.
///
/// Deliberately without `Debug`: a database URL may hold a password.
#[derive(Clone, Default, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct Flags {
    /// Configuration file [default: jiehuan.toml here, if it exists] [env: `JIEHUAN_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port of the main door
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Folder for everything that the platform writes
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// `PostgreSQL` database; if it has a password, set `JIEHUAN_DATABASE` instead: flags are public
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// How the platform is run: demo, bench or production
    #[arg(long, global = true, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Any setting by its name, such as `http.body_kib=512`; see `jiehuan config`
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

impl Flags {
    /// The flags with a name of their own: setting, value, flag.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &str, &'static str)> {
        [
            ("listen", &self.listen, "--listen"),
            ("data", &self.data, "--data"),
            ("database", &self.database, "--database"),
            ("profile", &self.profile, "--profile"),
        ]
        .into_iter()
        .filter_map(|(name, text, flag)| text.as_deref().map(|text| (name, text, flag)))
    }
}
