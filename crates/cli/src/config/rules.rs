//! What each profile refuses, and settings that must agree with each other.

use super::profile::Profile;
use super::settings::DOCUMENTED_APP_KEY;
use super::typed::Config;

/// OWASP's lowest recommendation for Argon2id: 19 MiB and two passes.
const LEAST_MEMORY_KIB: u32 = 19_456;
const LEAST_PASSES: u32 = 2;

/// With more guesses than this a short password falls to a patient guesser.
const MOST_LOGIN_FAILURES: u32 = 20;

/// A setting that is refused, and why.
pub(super) type Refusal = (&'static str, &'static str);

/// Everything that is refused about the configuration.
pub(super) fn refusals(config: &Config) -> Vec<Refusal> {
    let mut refused = match config.profile {
        Profile::Demo | Profile::Bench => outside_production(config),
        Profile::Production => in_production(config),
    };
    match (&config.http.tls_certificate, &config.http.tls_key) {
        (Some(_), None) => refused.push(("http.tls_certificate", "http.tls_key is missing")),
        (None, Some(_)) => refused.push(("http.tls_key", "http.tls_certificate is missing")),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let hours = config.lending.collections;
    if hours.from >= hours.until {
        refused.push(("collections.until", "it is not after collections.from"));
    }
    if config.providers.costs.is_none() {
        let why = "it names providers with whole fen, such as lianlian=20 limu=150";
        refused.push(("providers.costs", why));
    }
    refused
}

fn outside_production(config: &Config) -> Vec<Refusal> {
    const WHY: &str = "anyone may do anything here, so it must not be reached from other machines; \
                       take a loopback address, or the profile production";
    reachable_doors(config).map(|name| (name, WHY)).collect()
}

fn in_production(config: &Config) -> Vec<Refusal> {
    const BENCH: &str = "it is for demo and bench only";
    let mut refused = Vec::new();
    let mut refuse = |name, is_wrong: bool, why| {
        if is_wrong {
            refused.push((name, why));
        }
    };
    let (bench, password) = (&config.bench, &config.password);
    refuse("futureloan.v1", config.futureloan.v1, "it lets anyone act for any member");
    let app = &config.xianjindai;
    let documented = app.app_key.as_ref().is_some_and(|key| key.expose() == DOCUMENTED_APP_KEY);
    refuse("xianjindai.app_key", documented, "everybody knows the key that the document prints");
    refuse("xianjindai.signatures", !app.signatures, "anyone could change what apps send");
    refuse("xianjindai.old_signature", app.old_signature, "it proves nothing about the message");
    refuse("bench.public_administrators", bench.public_administrators, BENCH);
    refuse("bench.plain_mobiles", bench.plain_mobiles, BENCH);
    refuse("bench.movable_clock", bench.movable_clock, BENCH);
    refuse("bench.fixtures", bench.fixtures, BENCH);
    refuse("bench.show_sms_codes", bench.show_sms_codes, BENCH);
    refuse("bench.session_viewer", bench.session_viewer, BENCH);
    refuse("bench.beyond_lines", bench.beyond_lines, BENCH);
    let lender = &config.lender;
    for (name, text) in [
        ("lender.name", &lender.name),
        ("lender.address", &lender.address),
        ("lender.service_phone", &lender.service_phone),
        ("lender.court", &lender.court),
    ] {
        let is_missing = app.app_key.is_some() && text.trim().is_empty();
        refuse(name, is_missing, "contracts name it, and xianjindai.app_key opens the channel");
    }
    for (name, url) in [
        ("providers.lianlian_url", &config.providers.lianlian_url),
        ("providers.aliyun_url", &config.providers.aliyun_url),
        ("providers.bankcard_url", &config.providers.bankcard_url),
        ("providers.limu_url", &config.providers.limu_url),
        ("providers.faceid_url", &config.providers.faceid_url),
        ("providers.funding_url", &config.providers.funding_url),
    ] {
        let is_plain = !url.is_empty() && !url.starts_with("https://");
        refuse(name, is_plain, "what is told to providers would cross the network in the clear");
    }
    refuse("providers.sandbox", config.providers.sandbox, "its money is not real");
    refuse(
        "password.memory_kib",
        password.memory_kib < LEAST_MEMORY_KIB,
        "stolen hashes would be too cheap to guess; take 19456 or more",
    );
    refuse(
        "password.passes",
        password.passes < LEAST_PASSES,
        "stolen hashes would be too cheap to guess; take 2 or more",
    );
    refuse(
        "limits.login_failures",
        config.limits.login_failures > MOST_LOGIN_FAILURES,
        "passwords could be guessed; take 20 or fewer",
    );
    if config.http.tls_certificate.is_none() && !config.http.tls_by_proxy {
        for name in reachable_doors(config) {
            let why = "passwords would cross the network in the clear; set http.tls_certificate \
                       and http.tls_key, or http.tls_by_proxy if a proxy in front speaks TLS";
            refused.push((name, why));
        }
    }
    refused
}

/// The settings of the doors that can be reached from other machines.
fn reachable_doors(config: &Config) -> impl Iterator<Item = &'static str> {
    [
        ("listen", Some(config.listen)),
        ("futureloan.listen", config.futureloan.listen),
        ("xianjindai.listen", config.xianjindai.listen),
        (
            "providers.sandbox_listen",
            config.providers.sandbox.then_some(config.providers.sandbox_listen),
        ),
        ("wukong.listen", config.wukong.listen),
        ("shuaidan.listen", config.shuaidan.listen),
        ("chaojihua.listen", config.chaojihua.listen),
    ]
    .into_iter()
    .filter(|(_, door)| door.is_some_and(|door| !door.ip().to_canonical().is_loopback()))
    .map(|(name, _)| name)
}
