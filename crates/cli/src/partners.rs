//! Whom the platform talks to, by the configuration: the sandbox in this process, the sandbox over
//! HTTP, or the providers themselves; each only as far as it is set up.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use channel_kit::Outside;
use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Mobile, Money, RealName, Secret};
use lending::funding::Partner;
use lending::ports::{
    CheckOutcome, Checks, Data, Faces, Funding, Pages, Payments, Sms, Statements,
};
use lending::{Clock, Lending};
use providers::aliyun::{self, Aliyun, Templates};
use providers::bankcard::{self, FourElements, Nobody};
use providers::client::{Limits, Recorder};
use providers::face::{self, FaceId};
use providers::lianlian::{self, LianLian, Now};
use providers::limu::{self, Limu};
use providers::sandbox::Checks as SandboxChecks;
use providers::sandbox::http::{KEY_ID, LIMU_KEY, Options, PARTNER, World};

use crate::call_book::CallBook;
use crate::config::{Config, ProviderMode};
use crate::dispatcher::{Dispatcher, FundingLane, LaneOptions, ReportLane, SmsLane, StatementLane};
use crate::edge::Door;
use crate::sandbox::{self, Sandbox};
use crate::{funding_door, funding_partner, keys, lianlian_door, limu_door, wiring};

/// How long a lost answer of the sandbox keeps its caller waiting: longer than callers wait.
const SILENCE: Duration = Duration::from_secs(20);
/// How long after an order the sandbox tells what became of it.
const CALLBACK_AFTER_MS: i64 = 1_000;
/// How long after a notification that was not acknowledged it comes again; LianLian's two minutes.
const CALLBACK_AGAIN_MS: i64 = 120_000;
/// What the sandbox's SMS provider has approved: the codes, and anything else.
const SANDBOX_TEMPLATES: &str =
    "SMS_1 您的{what}验证码为{code}，{minutes}分钟内有效，请勿告知他人。
SMS_2 {text}";

/// What the platform has reached.
pub struct Reached {
    /// The ways out, for channels.
    pub outside: Outside,
    /// The doors at which providers tell news.
    pub doors: Vec<Door>,
    /// The sandbox over HTTP, if it runs in this process; it ends after the dispatcher.
    pub sandbox: Option<Sandbox>,
    /// The book of all calls; it ends after whoever calls.
    pub calls: CallBook,
}

/// Starts whatever talks to providers. Without a provider, what is meant for it waits, and
/// questions about people are not answered.
pub fn reach(
    config: &Config,
    lending: &Lending,
    dispatcher: &mut Dispatcher,
) -> anyhow::Result<Reached> {
    let calls = CallBook::start(lending)?;
    let found = match (config.providers.mode, config.providers.sandbox) {
        (ProviderMode::InProcess, false) => Found::default(),
        (ProviderMode::InProcess, true) => {
            let direct = wiring::sandbox(config, calls.recorder())?;
            Found {
                payments: Some(direct.payments),
                statements: Some(direct.statements),
                sms: Some(direct.sms),
                checks: Some(direct.checks),
                data: Some(direct.data),
                faces: Some(direct.faces),
                funding: Some(direct.funding),
                ..Found::default()
            }
        }
        (ProviderMode::Http, _) => over_http(config, calls.recorder())?,
    };
    if let Some(sms) = found.sms {
        dispatcher.start("sms", SmsLane::new(lending.clone(), sms), LaneOptions::default())?;
    }
    if let Some(payments) = found.payments {
        let money = wiring::money_lane(lending.clone(), payments);
        dispatcher.start("payments", money, LaneOptions::default())?;
    }
    if let Some(statements) = found.statements {
        let statements = StatementLane::new(lending.clone(), statements);
        let options = LaneOptions { parallel: 1, ..LaneOptions::default() };
        dispatcher.start("statements", statements, options)?;
    }
    if let Some(data) = found.data {
        let reports = ReportLane::new(lending.clone(), data);
        dispatcher.start("reports", reports, LaneOptions::default())?;
    }
    let funding = found.funding.filter(|_| lending.policy().funding == Partner::On);
    if let Some(funding) = &funding {
        let lane = FundingLane::new(lending.clone(), Arc::clone(funding));
        dispatcher.start("funding", lane, LaneOptions::default())?;
    }
    let wake = dispatcher.waker();
    let door = |lianlian| lianlian_door::door(lianlian, lending.clone(), Arc::clone(&wake));
    let pages = found.lianlian.clone().map(|lianlian| lianlian as Arc<dyn Pages>);
    let mut doors: Vec<Door> = found.lianlian.into_iter().map(door).collect();
    if found.limu_calls_back {
        doors.push(limu_door::door(lending.clone(), Arc::clone(&wake)));
    }
    if let Some(funding) = funding {
        doors.push(funding_door::door(funding, lending.clone(), Arc::clone(&wake)));
    }
    let outside =
        Outside { checks: found.checks, faces: found.faces, pages, wake: Arc::clone(&wake) };
    Ok(Reached { outside, doors, sandbox: found.sandbox, calls })
}

/// The providers that are set up.
#[derive(Default)]
struct Found {
    payments: Option<Arc<dyn Payments>>,
    statements: Option<Arc<dyn Statements>>,
    sms: Option<Arc<dyn Sms>>,
    checks: Option<Arc<dyn Checks>>,
    data: Option<Arc<dyn Data>>,
    faces: Option<Arc<dyn Faces>>,
    funding: Option<Arc<dyn Funding>>,
    lianlian: Option<Arc<LianLian>>,
    limu_calls_back: bool,
    sandbox: Option<Sandbox>,
}

/// What the platform signs with, whoever is on the other side.
struct OurKeys {
    merchant: Secret,
    lianlian_public: String,
    users: Secret,
    aliyun: Secret,
    bankcard: Secret,
    limu: Secret,
}

/// Limu knows the register of id numbers; everything else is asked elsewhere.
struct Register {
    limu: Arc<Limu>,
    others: Arc<dyn Checks>,
}

impl Checks for Register {
    fn real_name(&self, name: &RealName, id: &IdCardNo) -> CheckOutcome {
        self.limu.real_name(name, id)
    }

    fn bank_card(
        &self,
        name: &RealName,
        id: &IdCardNo,
        card: &BankCardNo,
        mobile: &Mobile,
    ) -> CheckOutcome {
        self.others.bank_card(name, id, card, mobile)
    }

    fn mobile(&self, name: &RealName, id: &IdCardNo, mobile: &Mobile) -> CheckOutcome {
        self.others.mobile(name, id, mobile)
    }

    fn wants_code(&self, card: &BankCardNo, mobile: &Mobile) -> bool {
        self.others.wants_code(card, mobile)
    }
}

fn over_http(config: &Config, recorder: Arc<dyn Recorder>) -> anyhow::Result<Found> {
    let settings = &config.providers;
    if !settings.sandbox && knows_nobody(config) {
        return Ok(Found::default());
    }
    let keys = our_keys(config)?;
    let sandbox = match (settings.sandbox, settings.lianlian_url.is_empty()) {
        (true, true) => Some(sandbox_beside(config)?),
        (_, _) => None,
    };
    let url = |set: &str, twin: &str| match &sandbox {
        Some(sandbox) if set.is_empty() => sandbox.url(twin),
        Some(_) | None => set.to_owned(),
    };
    let now = now();
    let mut found = Found::default();
    let base = url(&settings.lianlian_url, "lianlian");
    if !base.is_empty() {
        let settings = lianlian_settings(config, &keys, base);
        let lianlian = LianLian::new(settings, Arc::clone(&recorder), Arc::clone(&now))?;
        let lianlian = Arc::new(lianlian);
        found.payments = Some(Arc::clone(&lianlian) as _);
        // LianLian itself hands out files; operators hand those in.
        found.statements = config.providers.sandbox.then(|| Arc::clone(&lianlian) as _);
        found.lianlian = Some(lianlian);
    }
    let base = url(&settings.aliyun_url, "aliyun/");
    if !base.is_empty() {
        let settings = aliyun_settings(config, &keys, base)?;
        let sms = Aliyun::new(settings, Arc::clone(&recorder), Arc::clone(&now));
        found.sms = Some(Arc::new(sms));
    }
    let nobody: Arc<dyn Checks> =
        if settings.sandbox { Arc::new(SandboxChecks) } else { Arc::new(Nobody) };
    let mut others = Arc::clone(&nobody);
    let base = url(&settings.limu_url, "limu");
    if !base.is_empty() {
        let settings = limu_settings(config, &keys, &base);
        let limu = Arc::new(Limu::new(settings, limu::limits(), Arc::clone(&recorder)));
        found.data = Some(Arc::clone(&limu) as _);
        found.limu_calls_back = true;
        others = Arc::new(Register { limu, others: nobody });
        found.checks = Some(Arc::clone(&others));
    }
    let base = url(&settings.bankcard_url, "bankcard/verifybankcard4/query");
    if !base.is_empty() {
        let limits = Limits::default();
        let settings = bankcard::Settings {
            url: base,
            key: keys.bankcard,
            cost: cost(config, bankcard::NAME),
            limits,
        };
        found.checks =
            Some(Arc::new(FourElements::new(settings, Arc::clone(&recorder), now, others)));
    }
    let base = url(&settings.faceid_url, "face/faceid/v2/verify");
    if !base.is_empty() {
        let faces = FaceId::new(faceid_settings(config, base)?, Arc::clone(&recorder));
        found.faces = Some(Arc::new(faces));
    }
    let base = url(&settings.funding_url, "funding");
    if !base.is_empty() && funding_partner::partner(config) == Partner::On {
        found.funding = Some(funding_partner::over_http(config, base, recorder)?);
    }
    found.sandbox = sandbox;
    Ok(found)
}

/// Whether no provider has an address.
fn knows_nobody(config: &Config) -> bool {
    let settings = &config.providers;
    [
        &settings.lianlian_url,
        &settings.aliyun_url,
        &settings.bankcard_url,
        &settings.limu_url,
        &settings.faceid_url,
        &settings.funding_url,
    ]
    .iter()
    .all(|url| url.is_empty())
}

fn our_keys(config: &Config) -> anyhow::Result<OurKeys> {
    let folder = &config.providers.keys;
    if config.providers.sandbox {
        let both = sandbox::load_keys(folder)?;
        return Ok(OurKeys {
            merchant: both.merchant_private,
            lianlian_public: both.lianlian_public,
            users: both.user_key,
            aliyun: both.world.aliyun_secret,
            bankcard: both.world.bankcard,
            limu: both.world.limu,
        });
    }
    // A provider that is not set up needs no key.
    let set = |url: &str, name: &str| -> anyhow::Result<Secret> {
        if url.is_empty() {
            Ok(Secret::new(String::new()))
        } else {
            keys::secret_file(folder, name)
        }
    };
    let settings = &config.providers;
    Ok(OurKeys {
        merchant: set(&settings.lianlian_url, "merchant.pem")?,
        lianlian_public: if settings.lianlian_url.is_empty() {
            String::new()
        } else {
            text_file(&folder.join("lianlian.pub.pem"))?
        },
        users: set(&settings.lianlian_url, "users.key")?,
        aliyun: set(&settings.aliyun_url, "aliyun.key")?,
        bankcard: set(&settings.bankcard_url, "bankcard.key")?,
        limu: set(&settings.limu_url, "limu.key")?,
    })
}

/// What an answered call costs at a provider, as configured.
pub fn cost(config: &Config, provider: &str) -> Money {
    config.providers.costs.as_ref().map_or(Money::ZERO, |costs| costs.of(provider))
}

fn text_file(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn lianlian_settings(config: &Config, keys: &OurKeys, url: String) -> lianlian::Settings {
    let settings = &config.providers;
    let public = wiring::public_url(config);
    let partner = if settings.sandbox { PARTNER } else { settings.lianlian_partner.as_str() };
    lianlian::Settings {
        url,
        notify_url: format!("{public}{}", lianlian_door::PATH),
        partner: partner.to_owned(),
        private_key: keys.merchant.clone(),
        public_key: keys.lianlian_public.clone(),
        user_key: keys.users.clone(),
        business: "101001".to_owned(),
        goods: "借款".to_owned(),
        cost: cost(config, lianlian::NAME),
        limits: Limits::default(),
    }
}

fn limu_settings(config: &Config, keys: &OurKeys, base: &str) -> limu::Settings {
    let settings = &config.providers;
    let base = base.trim_end_matches('/');
    let api_key = if settings.sandbox { LIMU_KEY } else { settings.limu_api_key.as_str() };
    limu::Settings {
        gateway: format!("{base}/api/gateway"),
        reports: format!("{base}/mobile_report/v1"),
        api_key: api_key.to_owned(),
        api_secret: keys.limu.clone(),
        callback: Some(format!("{}{}", wiring::public_url(config), limu_door::PATH)),
        cost: cost(config, limu::NAME),
    }
}

fn aliyun_settings(
    config: &Config,
    keys: &OurKeys,
    url: String,
) -> anyhow::Result<aliyun::Settings> {
    let settings = &config.providers;
    let path = settings.keys.join("aliyun_templates.txt");
    let templates = if settings.sandbox && !path.exists() {
        SANDBOX_TEMPLATES.to_owned()
    } else {
        text_file(&path)?
    };
    let context = || path.display().to_string();
    let key_id = if settings.sandbox { KEY_ID } else { settings.aliyun_key_id.as_str() };
    Ok(aliyun::Settings {
        url,
        region: "cn-hangzhou".to_owned(),
        key_id: key_id.to_owned(),
        key_secret: keys.aliyun.clone(),
        sign_name: settings.aliyun_sign_name.clone(),
        templates: Templates::parse(&templates).with_context(context)?,
        cost: cost(config, aliyun::NAME),
        limits: Limits::default(),
    })
}

/// The sandbox of a server in the same process. Of several on one machine the later ones take any
/// port.
fn sandbox_beside(config: &Config) -> anyhow::Result<Sandbox> {
    let address = config.providers.sandbox_listen;
    start_sandbox(config, address).or_else(|error| {
        tracing::warn!(%error, %address, "the sandbox takes another port");
        start_sandbox(config, SocketAddr::new(address.ip(), 0))
    })
}

fn faceid_settings(config: &Config, url: String) -> anyhow::Result<face::Settings> {
    let folder = &config.providers.keys;
    Ok(face::Settings {
        url,
        api_key: keys::secret_file(folder, "faceid.key")?,
        api_secret: keys::secret_file(folder, "faceid.secret")?,
        cost: cost(config, face::NAME),
        timeout: wiring::FACE_TIMEOUT,
    })
}

/// The sandbox over HTTP, with what it remembers in the data folder.
pub fn start_sandbox(config: &Config, address: SocketAddr) -> anyhow::Result<Sandbox> {
    let options = Options {
        folder: Some(config.data.join("sandbox")),
        amounts: wiring::amounts(config),
        shows_texts: config.bench.show_sms_codes,
        // 现金贷 has no page on which a card is signed.
        signs_on_sight: true,
        callback_after_ms: CALLBACK_AFTER_MS,
        callback_again_ms: CALLBACK_AGAIN_MS,
    };
    let keys = sandbox::load_keys(&config.providers.keys)?;
    let world = Arc::new(World::open(options, keys.world)?);
    Sandbox::start(world, address, now(), SILENCE)
}

/// The wall's clock.
pub fn now() -> Now {
    let clock = Clock::real();
    Arc::new(move || clock.now().wall)
}
