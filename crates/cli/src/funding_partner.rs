//! The funding partner behind 超即花, by the configuration: whether there is one, and how it is
//! reached.

use std::sync::Arc;

use kernel::{Money, Secret};
use lending::funding::Partner;
use lending::ports::Funding;
use providers::client::{Limits, Recorder};
use providers::funding::{FundingPartner, NAME, Settings};
use providers::sandbox::funding::{InProcess, KEY_ID, Twin};

use crate::config::{Config, ProviderMode};
use crate::{funding_door, keys, partners, sandbox, wiring};

/// Whether a funding partner reviews and pays out: where the setting says so, and one is set up.
pub fn partner(config: &Config) -> Partner {
    let settings = &config.providers;
    let has_address = !settings.funding_url.is_empty();
    let is_set_up = match settings.mode {
        ProviderMode::InProcess => settings.sandbox,
        // The sandbox beside us is there unless the others are elsewhere.
        ProviderMode::Http => has_address || (settings.sandbox && settings.lianlian_url.is_empty()),
    };
    if config.chaojihua.funding && is_set_up { Partner::On } else { Partner::Off }
}

/// The partner over HTTP, at an address. Nothing is called.
pub fn over_http(
    config: &Config,
    url: String,
    recorder: Arc<dyn Recorder>,
) -> anyhow::Result<Arc<dyn Funding>> {
    let providers = &config.providers;
    let (key_id, secret) = if providers.sandbox {
        (KEY_ID.to_owned(), sandbox::load_keys(&providers.keys)?.world.funding)
    } else {
        (providers.funding_key_id.clone(), keys::secret_file(&providers.keys, "funding.key")?)
    };
    let notify_url = Some(format!("{}{}", wiring::public_url(config), funding_door::PATH));
    let cost = partners::cost(config, NAME);
    let settings = Settings { url, notify_url, key_id, secret, cost };
    Ok(Arc::new(FundingPartner::new(settings, Limits::default(), recorder, partners::now())))
}

/// The partner's twin in this process, behind the adapter that speaks its wire. It calls nobody
/// back, so it is asked; it never takes its time. Its key stays in the process, so it is no secret.
pub fn in_process(config: &Config) -> anyhow::Result<FundingPartner> {
    let path = config.data.join("sandbox").join("funding.journal");
    let secret = Secret::new("sandbox".to_owned());
    let twin = Twin::open(Some(&path), secret.clone(), (wiring::amounts(config), 0))?;
    let settings = Settings {
        url: "sandbox/funding".to_owned(),
        notify_url: None,
        key_id: KEY_ID.to_owned(),
        secret,
        cost: Money::ZERO,
    };
    let way = Arc::new(InProcess::new(twin, partners::now()));
    Ok(FundingPartner::by(settings, way, partners::now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[track_caller]
    fn by(settings: &[&str]) -> Partner {
        let set = settings.iter().map(ToString::to_string).collect();
        let flags = Flags { set, ..Flags::default() };
        partner(&Config::load(&flags, std::iter::empty()).unwrap().config)
    }

    /// Production without an address has no partner; anything else has the sandbox's, if it is there.
    #[test]
    fn there_is_a_partner_where_one_is_set_up() {
        const AT: &str = "providers.funding_url=https://partner.example/funding";
        const SANDBOX_AT: &str = "providers.lianlian_url=http://127.0.0.1:1/sandbox/lianlian";
        for (settings, wanted) in [
            (["profile=demo"].as_slice(), Partner::On),
            (&["profile=bench"], Partner::On),
            (&["profile=bench", "chaojihua.funding=off"], Partner::Off),
            (&["profile=bench", "providers.mode=in_process"], Partner::On),
            (&["profile=bench", "providers.sandbox=false"], Partner::Off),
            (&["profile=bench", SANDBOX_AT], Partner::Off),
            (&["profile=bench", SANDBOX_AT, AT], Partner::On),
            (&["profile=production"], Partner::Off),
            (&["profile=production", AT], Partner::On),
            (&["profile=production", AT, "chaojihua.funding=off"], Partner::Off),
        ] {
            assert_eq!(by(settings), wanted, "{settings:?}");
        }
    }
}
