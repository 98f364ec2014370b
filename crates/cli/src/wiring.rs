//! The composition root: from a configuration to a running core and its doors.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use channel_chaojihua::Chaojihua;
use channel_futureloan::{Futureloan, MediaSwitches, Settings};
use channel_kit::App;
use channel_kit::password::PasswordLane;
use channel_shuaidan::Shuaidan;
use channel_wukong::{PayData, Wukong};
use channel_xianjindai::Xianjindai;
use console::Console;
use kernel::id::PaymentId;
use kernel::{Channel, Money, Secret};
use lending::identity::password::Cost;
use lending::identity::{Limit, Limits};
use lending::ports::{Checks, Data, Faces, Funding, MoneyOutcome, Payments, Sms, Statements};
use lending::servicing::BeyondLines;
use lending::servicing::payments::{self, Claimed, Direction, Step};
use lending::{Clock, Lending, Policy, Route, Tx, credit, customers, operators, servicing};
use office::Office;
use portal::{Book, Portal, Signing};
use providers::client::Recorder;
use providers::face::{self, FaceId};
use providers::limu::{self, Limu};
use providers::sandbox::{self, Amounts};
use store::{Applied, Db, Engine, Isolation, Options};

use crate::config::{Config, Database, Effective, Origin, Profile, SETTINGS};
use crate::dispatcher::{Lane, MoneyLane, MoneyStep, MoneyTask};
use crate::funding_partner;
use crate::keys::Keys;

/// How long first answers to idempotency keys are kept.
const KEPT_ANSWER_HOURS: u32 = 48;
/// How long a command may work in one transaction: proving or loading a large bench takes time.
const COMMAND_LIMIT: Duration = Duration::from_hours(6);

/// When customers can call, as the page that helps with repaying says; operators who answer at
/// other times put a template of their own in its place.
const SERVICE_HOURS: &str = "每日 9:00 至 18:00";
/// Since when the shipped pages of xianjindai hold.
const PAGES_SINCE: &str = "2026年1月1日";

/// What the core is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Serving many short calls.
    Serving,
    /// A command with one long call.
    Command,
}

/// An open core and the keys that it was opened with.
pub struct Opened {
    /// The core.
    pub lending: Lending,
    /// The keys.
    pub keys: Keys,
    /// Migrations that were applied just now.
    pub applied: Vec<Applied>,
    /// The store under the core, for benches that fill it by themselves.
    pub db: Db,
}

/// Opens the database, the keys and the core. Not from async code: it waits.
pub fn open(config: &Config, purpose: Use) -> anyhow::Result<Opened> {
    open_at(config, purpose, Clock::real())
}

/// [`open`] with a clock of one's own, for benches.
pub fn open_at(config: &Config, purpose: Use, clock: Clock) -> anyhow::Result<Opened> {
    private_folder(&config.data)?;
    if let Database::Sqlite(path) = &config.database {
        private_file(path)?;
    }
    let db = Db::open(options(config, purpose)).context("the database cannot be opened")?;
    let sealed = lending::platform::is_sealed(&db);
    let keys = if sealed { Keys::load(&config.keys)? } else { Keys::load_or_make(&config.keys)? };
    let policy = policy(config);
    let (lending, applied) = Lending::open(db.clone(), clock, &keys.personal, policy)?;
    Ok(Opened { lending, keys, applied, db })
}

fn private_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

/// SQLite gives its journal the mode of the database file.
fn private_file(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.with_context(|| format!("{} cannot be opened", path.display())).map(|_| ())
}

fn options(config: &Config, purpose: Use) -> Options {
    let serving = purpose == Use::Serving;
    let engine = match &config.database {
        Database::Sqlite(path) => {
            Engine::Sqlite { path: path.clone(), cache_mib: config.store.sqlite_cache_mib }
        }
        Database::Postgres(url) => Engine::Postgres {
            url: url.clone(),
            writers: if serving { config.store.postgres_writers } else { 1 },
            isolation: Isolation::ReadCommitted,
        },
    };
    Options {
        engine,
        group: config.store.group,
        queue: config.store.queue,
        readers: if serving { config.store.readers } else { 1 },
        call_limit: if serving { config.store.call_limit } else { COMMAND_LIMIT },
    }
}

fn policy(config: &Config) -> Policy {
    let limits = &config.limits;
    Policy {
        limits: Limits {
            account_failures: Limit {
                attempts: limits.login_failures,
                window_seconds: seconds(limits.lock),
            },
            address_failures: Limit {
                attempts: limits.address_failures_per_minute,
                window_seconds: 60,
            },
            registrations: Limit {
                attempts: limits.registrations_per_address_per_hour,
                window_seconds: 3600,
            },
        },
        minimum_project: config.futureloan.minimum_loan,
        plain_mobiles: config.bench.plain_mobiles,
        kept_answer_hours: KEPT_ANSWER_HOURS,
        customers: customer_rules(config),
        funding: funding_partner::partner(config),
        servicing: servicing::Rules {
            auto_debit: config.lending.auto_debit,
            collections: config.lending.collections,
            beyond_lines: if config.bench.beyond_lines {
                BeyondLines::PaidOut
            } else {
                BeyondLines::Refused
            },
            ..servicing::Rules::default()
        },
        operators: operators::Rules::default(),
        lender: config.lender.clone(),
    }
}

/// Limits around customers: wide outside production, where suites knock often.
fn customer_rules(config: &Config) -> customers::Rules {
    let mut rules = match config.profile {
        Profile::Demo | Profile::Bench => customers::Rules::bench(),
        Profile::Production => customers::Rules::default(),
    };
    rules.codes.shown = config.bench.show_sms_codes;
    rules.codes.shown_in_session = config.bench.session_viewer;
    rules.leads.fee = config.shuaidan.lead_fee;
    rules.leads.kept_days = config.shuaidan.lead_days;
    rules.kept_years = config.lending.kept_years;
    rules
}

/// What a password hash costs.
pub fn cost(config: &Config) -> Cost {
    Cost { memory_kib: config.password.memory_kib, passes: config.password.passes }
}

/// Whole seconds of a setting; settings stay far below the limit.
pub fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// What the channels come with on their first run: products, and the rules that decide about
/// applications. What is there already stays as it is.
pub fn seed(lending: &Lending) -> anyhow::Result<()> {
    for channel in Channel::ALL.iter().copied() {
        lending.seed_products(channel)?;
        lending.write_and_wait(Route::home(0), move |tx| credit::seed_rules(tx, channel))?;
    }
    Ok(())
}

/// Whom the platform talks to.
pub struct Providers {
    /// Who moves money.
    pub payments: Arc<dyn Payments>,
    /// Who says afterwards what money has moved.
    pub statements: Arc<dyn Statements>,
    /// Who sends SMS.
    pub sms: Arc<dyn Sms>,
    /// Who knows whether data of a person belong together.
    pub checks: Arc<dyn Checks>,
    /// Who collects data about customers where they have accounts.
    pub data: Arc<dyn Data>,
    /// Who compares faces.
    pub faces: Arc<dyn Faces>,
    /// Who decides about limits and pays drawdowns out.
    pub funding: Arc<dyn Funding>,
}

/// Drives the orders of a core to a provider.
pub fn money_lane(lending: Lending, provider: Arc<dyn Payments>) -> impl Lane {
    let (claiming, recording) = (lending.clone(), lending);
    let due = move |most| {
        let claimed = claiming.write_and_wait(Route::home(0), move |tx| payments::due(tx, most))?;
        Ok(claimed.into_iter().map(money_task).collect())
    };
    let finish = move |id: PaymentId, outcome: MoneyOutcome| {
        let finish = move |tx: &mut Tx<'_, '_>| payments::finish(tx, id, &outcome);
        recording.write_and_wait(Route::home(id.number()), finish).map(|_| ())
    };
    MoneyLane::new(provider, due, finish)
}

fn money_task(claimed: Claimed) -> MoneyTask {
    let step = match claimed.step {
        Step::Send(Direction::Payout | Direction::Refund) => MoneyStep::PayOut,
        Step::Send(Direction::Debit) => MoneyStep::Debit,
        Step::Query => MoneyStep::Query,
    };
    MoneyTask { id: claimed.id, order: claimed.order, step }
}

/// Whether amounts are magic in the sandbox.
pub const fn amounts(config: &Config) -> Amounts {
    match config.profile {
        Profile::Bench => Amounts::Magic,
        Profile::Demo | Profile::Production => Amounts::Plain,
    }
}

/// The sandbox as every provider. Amounts are magic on a bench only: in a demo an instalment may
/// come to any of them.
pub fn sandbox(config: &Config, recorder: Arc<dyn Recorder>) -> anyhow::Result<Providers> {
    let folder = config.data.join("sandbox");
    let payments = sandbox::Payments::open(&folder.join("payments.journal"), amounts(config))?;
    let sms = if config.bench.show_sms_codes {
        sandbox::Sms::open(&folder.join("sms.journal"))?
    } else {
        sandbox::Sms::in_memory()
    };
    let (payments, sms) = (Arc::new(payments), Arc::new(sms));
    let (checks, data) = (Arc::new(sandbox::Checks), Arc::new(sandbox_limu()));
    let faces = Arc::new(sandbox_faces(recorder));
    let funding = Arc::new(funding_partner::in_process(config)?);
    let statements = Arc::clone(&payments) as Arc<dyn Statements>;
    Ok(Providers { payments, statements, sms, checks, data, faces, funding })
}

/// Limu's twin in this process, behind the adapter that speaks its wire. Key and secret stay in the
/// process, so they are no secret.
pub fn sandbox_limu() -> Limu {
    let api_key = "sandbox".to_owned();
    let api_secret = Secret::new(api_key.clone());
    let twin = sandbox::limu::State::new(api_key.clone(), api_secret.clone());
    let settings = limu::Settings {
        gateway: "sandbox/api/gateway".to_owned(),
        reports: "sandbox/mobile_report/v1".to_owned(),
        api_key,
        api_secret,
        callback: None,
        cost: Money::ZERO,
    };
    Limu::by(settings, Arc::new(sandbox::limu::InProcess::new(twin)))
}

/// `FaceID`'s twin in this process, behind the adapter that speaks its wire.
pub fn sandbox_faces(recorder: Arc<dyn Recorder>) -> FaceId {
    let (api_key, api_secret) = (sandbox_secret(), sandbox_secret());
    let state = sandbox::face::State { api_key: sandbox_secret(), api_secret: sandbox_secret() };
    let settings = face::Settings {
        url: "sandbox/faceid/v2/verify".to_owned(),
        api_key,
        api_secret,
        cost: Money::ZERO,
        timeout: FACE_TIMEOUT,
    };
    FaceId::by(settings, Arc::new(sandbox::face::InProcess::new(state)), recorder)
}

/// It stays in the process, so it is no secret.
fn sandbox_secret() -> Secret {
    Secret::new("sandbox".to_owned())
}

/// How long a comparison of faces may take; shorter than a request.
pub const FACE_TIMEOUT: Duration = Duration::from_secs(10);

/// What every channel holds, over an open core.
pub fn app(config: &Config, opened: &Opened) -> anyhow::Result<App> {
    let lane = &config.password;
    let passwords = PasswordLane::new(cost(config), lane.concurrent, lane.waiting)?;
    Ok(App::new(opened.lending.clone(), Arc::new(passwords)))
}

/// The channel futureloan.
pub fn futureloan(config: &Config, opened: &Opened, app: &App) -> anyhow::Result<Futureloan> {
    let keys = &opened.keys;
    let channel = &config.futureloan;
    let settings = Settings {
        copyright: channel.copyright.clone(),
        token_seconds: seconds(channel.token_life),
        sign_window_seconds: seconds(channel.sign_window),
        media: MediaSwitches { v1: channel.v1, v2: channel.v2, v3: channel.v3 },
        public_administrators: config.bench.public_administrators,
        body_limit: config.http.body_bytes,
        token_key: keys.tokens.to_vec(),
        sign_key: keys.futureloan_sign_pem.clone(),
    };
    Ok(Futureloan::new(app.clone(), settings)?)
}

/// The channel xianjindai, if it has a key to check signatures with.
pub fn xianjindai(config: &Config, app: &App) -> Option<Xianjindai> {
    let channel = &config.xianjindai;
    let settings = channel_xianjindai::Settings {
        app_key: channel.app_key.clone()?,
        signatures: channel.signatures,
        old_signature: channel.old_signature,
        replay_window_minutes: channel.replay_window_minutes,
        replay_guard: channel.replay_guard,
        spells_martial: channel.spells_martial,
        secure_cookie: config.http.tls_certificate.is_some() || config.http.tls_by_proxy,
        body_limit: config.http.body_bytes,
        about: about(config),
    };
    Some(Xianjindai::new(app.clone(), settings))
}

/// What the pages of xianjindai say about the lender.
fn about(config: &Config) -> channel_xianjindai::About {
    channel_xianjindai::About {
        platform_name: config.lender.name.clone(),
        operator_name: config.lender.name.clone(),
        service_phone: config.lender.service_phone.clone(),
        service_hours: SERVICE_HOURS.to_owned(),
        effective_on: PAGES_SINCE.to_owned(),
    }
}

/// Where browsers and providers reach us, without the last slash.
pub fn public_url(config: &Config) -> String {
    match config.providers.public_url.as_str() {
        "" => format!("http://{}", config.listen),
        set => set.trim_end_matches('/').to_owned(),
    }
}

/// The channel wukong.
pub fn wukong(config: &Config, app: &App) -> Wukong {
    let is_object = config.wukong.pay_data_is_object;
    let pay_data = if is_object { PayData::Object } else { PayData::Text };
    let settings = channel_wukong::Settings {
        body_limit: config.http.body_bytes,
        public_url: format!("{}/{}", public_url(config), channel_wukong::CHANNEL.word()),
        app_url: match config.wukong.app_url.as_str() {
            "" if config.h5.enabled => h5::PATH.to_owned(),
            set => set.to_owned(),
        },
        pay_data,
    };
    Wukong::new(app.clone(), settings)
}

/// The channel shuaidan.
pub fn shuaidan(config: &Config, app: &App) -> Shuaidan {
    let settings = channel_shuaidan::Settings {
        sign_key: config.shuaidan.sign_key.clone(),
        session_viewer: config.bench.session_viewer,
        secure_cookie: config.http.tls_certificate.is_some() || config.http.tls_by_proxy,
        body_limit: config.http.body_bytes,
    };
    Shuaidan::new(app.clone(), settings)
}

/// The channel chaojihua.
pub fn chaojihua(config: &Config, app: &App) -> Chaojihua {
    let channel = &config.chaojihua;
    let settings = channel_chaojihua::Settings {
        body_limit: config.http.body_bytes,
        uniform_codes: channel.uniform_codes,
        token_in_query: channel.token_in_query,
        channel_code: channel.channel_code.clone(),
        secure: config.http.tls_certificate.is_some() || config.http.tls_by_proxy,
    };
    Chaojihua::new(app.clone(), settings)
}

/// The portal, with a page for every interface that is served.
pub fn portal(config: &Config, opened: &Opened) -> Portal {
    let version = env!("CARGO_PKG_VERSION");
    let book = |word, description, signing| Book { word, description, signing };
    let public_key = opened.keys.futureloan_public_pem.clone();
    let mut books = vec![book(
        channel_futureloan::CHANNEL.word(),
        channel_futureloan::openapi(version),
        Signing::EncryptedHead(public_key),
    )];
    if config.xianjindai.app_key.is_some() {
        let described = channel_xianjindai::openapi(version);
        books.push(book(channel_xianjindai::CHANNEL.word(), described, Signing::Sha1OverMessage));
    }
    for (word, described) in [
        (channel_wukong::CHANNEL.word(), channel_wukong::openapi(version)),
        (channel_chaojihua::CHANNEL.word(), channel_chaojihua::openapi(version)),
        (channel_shuaidan::CHANNEL.word(), channel_shuaidan::openapi(version)),
    ] {
        books.push(book(word, described, Signing::None));
    }
    if config.console.enabled {
        books.push(book(console::NAME, console::openapi(version), Signing::None));
    }
    Portal::new(books)
}

/// What the borrower's app is told; `sandbox` is where the sandbox over HTTP is.
pub fn h5(config: &Config, sandbox: Option<SocketAddr>) -> h5::Settings {
    let at = sandbox.map(|address| format!("http://{address}{}", crate::sandbox::PATH));
    let pages = at.as_ref().map(|at| format!("{at}/lianlian-pages"));
    let set = config.h5.pages_url.trim_end_matches('/');
    h5::Settings {
        lender: config.lender.name.clone(),
        pages_url: if set.is_empty() { pages.unwrap_or_default() } else { set.to_owned() },
        sandbox_url: at.filter(|_| config.bench.show_sms_codes).unwrap_or_default(),
        has_docs: config.docs.enabled,
    }
}

/// The back office over an open core.
///
/// `sandbox` is where the sandbox over HTTP is, if there is one.
pub fn console(config: &Config, app: &App, sandbox: Option<SocketAddr>) -> Console {
    let version = env!("CARGO_PKG_VERSION");
    let settings = console::Settings {
        body_limit: config.http.body_bytes,
        movable_clock: config.bench.movable_clock,
        version,
        sandbox: sandbox.map(|at| format!("http://{at}{}", crate::sandbox::PATH)),
        shown: config.effective.iter().map(setting).collect(),
    };
    Console::new(app.clone(), settings)
}

/// A setting as operators see it.
fn setting(effective: &Effective) -> console::Setting {
    let known = SETTINGS.iter().find(|known| known.name == effective.name);
    console::Setting {
        name: effective.name,
        value: effective.value_shown.clone(),
        origin: effective.origin.to_string(),
        is_default: effective.origin == Origin::Default,
        about: known.map_or("", |known| known.doc),
    }
}

/// What the log-in page of a demo says.
const DEMO_HINT: &str =
    "演示环境 Demo: demo-reviewer / demo-cashier / demo-admin\n密码 password: demo1234";

/// The pages of the back office.
pub fn office(config: &Config, keys: &Keys, console: &Console) -> Office {
    let settings = office::Settings {
        key: keys.tokens.clone(),
        secure: config.http.tls_certificate.is_some() || config.http.tls_by_proxy,
        body_limit: config.http.body_bytes,
        hint: match config.profile {
            Profile::Demo => DEMO_HINT,
            Profile::Bench | Profile::Production => "",
        },
    };
    Office::new(console, settings)
}
