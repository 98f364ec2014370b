//! What one setting is: its name, what it may hold, and its defaults.

use super::kind::Kind;
use super::profile::Profile;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The dotted name, as in the file: `http.body_kib` is `body_kib` in the table `http`.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// The default in demo and bench. `{data}` stands for the folder of the setting `data`.
    demo: &'static str,
    /// The default in production.
    production: &'static str,
    /// Whether the value holds a password, so that it is masked where it is shown.
    pub secret: bool,
    /// What it is for, in one sentence.
    pub doc: &'static str,
}

impl Setting {
    /// The name of the environment variable: `JIEHUAN_HTTP_BODY_KIB`.
    pub fn variable(&self) -> String {
        format!("JIEHUAN_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// The default as text, with `{data}` not filled in.
    pub const fn default_in(&self, profile: Profile) -> &'static str {
        match profile {
            Profile::Demo | Profile::Bench => self.demo,
            Profile::Production => self.production,
        }
    }

    /// The same, masked where it is shown.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// A setting with the same default everywhere.
pub(super) const fn same(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting { name, kind, demo: default, production: default, secret: false, doc }
}

/// A setting whose default in production is another; `defaults` are demo's and production's.
pub(super) const fn split(
    name: &'static str,
    kind: Kind,
    defaults: [&'static str; 2],
    doc: &'static str,
) -> Setting {
    let [demo, production] = defaults;
    Setting { name, kind, demo, production, secret: false, doc }
}

/// A whole number within limits.
pub(super) const fn whole(min: u64, max: u64) -> Kind {
    Kind::Integer { min, max }
}
