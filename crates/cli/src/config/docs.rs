//! The table of settings as documentation.

use std::fmt::Write as _;

use super::profile::Profile;
use super::setting::Setting;
use super::settings::SETTINGS;

/// What stands above the tables of docs/configuration.md.
const INTRODUCTION: &str = "\
# Configuration

<!-- Made from the table of settings by `UPDATE_DOCS=1 cargo test -p jiehuan --lib config`. -->

Nothing has to be configured: without any setting the platform runs as a demo on this machine.

A value comes from, in rising order:

1. the default of the profile;
2. the configuration file, TOML: `--config FILE`, or the variable `JIEHUAN_CONFIG`, or `jiehuan.toml` in the current folder if it exists;
3. the environment: the variable beside each setting below;
4. the command line: `--listen`, `--data`, `--database`, `--profile`, and `--set NAME=VALUE` for every setting.

`jiehuan config` prints every value that takes effect and where it came from; passwords are masked.
An unknown name or a value that is not allowed stops the start, wherever it stands, and all mistakes are reported at once.
Variables that begin with `JIEHUAN_TEST_` belong to the test suites and are ignored.
Relative paths start at the current folder.

```toml
profile = \"production\"
listen = \"0.0.0.0:8443\"

[http]
tls_certificate = \"/etc/jiehuan/chain.pem\"
tls_key = \"/etc/jiehuan/key.pem\"
trusted_proxies = [\"10.0.0.2\"]

[futureloan]
minimum_loan = \"1000.00\" # an amount with decimals stands in quotes
```

The password of the database belongs in `JIEHUAN_DATABASE` or in a file that only the platform can read: the command line is public on the machine.

## What a profile refuses

- demo and bench listen on loopback addresses only (`listen`, `futureloan.listen`, `xianjindai.listen`, `wukong.listen`, `shuaidan.listen`, `chaojihua.listen`, `providers.sandbox_listen`).
- production refuses `futureloan.v1`, `xianjindai.old_signature`, the key that the document prints as `xianjindai.app_key`, `xianjindai.signatures` switched off, every `bench.*` switch, `providers.sandbox`, addresses of providers that do not begin with `https://`, `password.memory_kib` below 19456, `password.passes` below 2 and `limits.login_failures` above 20.
- production refuses an address that other machines can reach, unless `http.tls_certificate` and `http.tls_key` are set or `http.tls_by_proxy` is true.
- production with `xianjindai.app_key` refuses an empty `lender.name`, `lender.address`, `lender.service_phone` or `lender.court`: contracts name them.
- `http.tls_certificate` and `http.tls_key` are set both or not at all.
- `collections.from` is before `collections.until`.

## Settings

Where two defaults are given, the first is that of demo and bench, the second that of production.
";

/// The headings of the groups, by the part of the name before the dot.
const HEADINGS: &[(&str, &str)] = &[
    ("", "General"),
    ("futureloan", "Channel futureloan"),
    ("xianjindai", "Channel xianjindai"),
    ("wukong", "Channel wukong"),
    ("shuaidan", "Channel shuaidan"),
    ("chaojihua", "Channel chaojihua"),
    ("calculator", "Calculator"),
    ("console", "Back office"),
    ("docs", "API portal"),
    ("h5", "Borrower's app"),
    ("providers", "Providers"),
    ("collections", "Collections"),
    ("lending", "Lending"),
    ("lender", "Lender in contracts"),
    ("bench", "Demo and bench"),
    ("http", "HTTP"),
    ("store", "Store"),
    ("password", "Passwords"),
    ("limits", "Limits"),
    ("log", "Logs"),
];

/// The page docs/configuration.md.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (group, heading) in HEADINGS {
        let _ = write!(page, "\n### {heading}\n\n");
        page.push_str("| Setting | Variable | Takes | Default | |\n|---|---|---|---|---|\n");
        for setting in SETTINGS.iter().filter(|setting| group_of(setting) == *group) {
            let (name, variable) = (setting.name, setting.variable());
            let (takes, default) = (setting.kind, defaults(setting, "`"));
            let _ = writeln!(
                page,
                "| `{name}` | `{variable}` | {takes} | {default} | {} |",
                setting.doc
            );
        }
    }
    page
}

/// All settings as text for `--help`.
pub fn help_text() -> String {
    let mut text = String::from("Settings, for --set, the file and the environment:\n");
    for setting in SETTINGS {
        let default = defaults(setting, "");
        let doc = setting.doc.replace('`', "");
        let _ = write!(text, "\n  {} [{}]\n", setting.name, setting.variable());
        let _ = writeln!(text, "      {doc} Takes {}. Default: {default}", setting.kind);
    }
    text
}

fn group_of(setting: &Setting) -> &'static str {
    setting.name.split_once('.').map_or("", |(group, _)| group)
}

fn defaults(setting: &Setting, quote: &str) -> String {
    let text = |profile| match setting.default_in(profile) {
        "" => "nothing".to_owned(),
        default => format!("{quote}{}{quote}", default.replace("{data}", "<data>")),
    };
    let (demo, production) = (text(Profile::Demo), text(Profile::Production));
    if demo == production { demo } else { format!("{demo}, {production}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_heading() {
        for setting in SETTINGS {
            assert!(
                HEADINGS.iter().any(|(group, _)| *group == group_of(setting)),
                "{}",
                setting.name
            );
            assert!(help_text().contains(setting.name));
        }
    }

    #[test]
    fn the_page_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let page_on_disk = std::fs::read_to_string(path).unwrap();
        assert!(page_on_disk == page(), "docs/configuration.md is stale: run with UPDATE_DOCS=1");
    }
}
