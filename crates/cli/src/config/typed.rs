//! The configuration as the rest of the program sees it: plain structs, checked values.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use kernel::{Money, Secret};

use super::costs::Costs;
use super::error::ConfigError;
use super::kind::Value;
use super::profile::Profile;
use crate::calc::TableFiles;
use crate::logs;

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// Every setting as it takes effect, for people who look.
    pub effective: Vec<super::Effective>,
    /// How the platform is run.
    pub profile: Profile,
    /// The main door.
    pub listen: SocketAddr,
    /// Folder for everything that the platform writes.
    pub data: PathBuf,
    /// Folder of the key files.
    pub keys: PathBuf,
    /// Where the data is kept.
    pub database: Database,
    /// The channel futureloan.
    pub futureloan: Futureloan,
    /// The channel xianjindai.
    pub xianjindai: Xianjindai,
    /// The channel wukong.
    pub wukong: Wukong,
    /// The channel shuaidan.
    pub shuaidan: Shuaidan,
    /// The channel chaojihua.
    pub chaojihua: Chaojihua,
    /// The calculator.
    pub calculator: Calculator,
    /// The back office.
    pub console: Console,
    /// The API portal.
    pub docs: Docs,
    /// The borrower's app.
    pub h5: H5,
    /// Settings `providers.*`.
    pub providers: Providers,
    /// Settings `lending.*`.
    pub lending: Lending,
    /// Settings `lender.*`.
    pub lender: lending::documents::Lender,
    /// What only demo and bench may do.
    pub bench: Bench,
    /// The HTTP server.
    pub http: Http,
    /// The store.
    pub store: Store,
    /// Password hashes.
    pub password: Password,
    /// Limits against guessing and flooding.
    pub limits: Limits,
    /// Log lines.
    pub log: Log,
}

/// Where the data is kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// In this file.
    Sqlite(PathBuf),
    /// At this URL, which may hold a password.
    Postgres(Secret),
}

/// Settings `futureloan.*`.
#[derive(Clone, Debug)]
pub struct Futureloan {
    /// A port of its own.
    pub listen: Option<SocketAddr>,
    /// The smallest amount a project may ask for; above zero.
    pub minimum_loan: Money,
    /// The line in each answer.
    pub copyright: String,
    /// How long a token is good for; from `token_minutes`.
    pub token_life: Duration,
    /// How far a signature's time may be from now; from `sign_window_minutes`.
    pub sign_window: Duration,
    /// Whether the interface without a token is open.
    pub v1: bool,
    /// Whether the interface with a token is open.
    pub v2: bool,
    /// Whether the interface with a token and a signature is open.
    pub v3: bool,
}

/// Settings `xianjindai.*`.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Xianjindai {
    /// A port of its own.
    pub listen: Option<SocketAddr>,
    /// What apps sign with; without one the channel is closed.
    pub app_key: Option<Secret>,
    /// Calls must be signed.
    pub signatures: bool,
    /// The signature of October 2017 is good too.
    pub old_signature: bool,
    /// A pair of timestamp and nonce is good once.
    pub replay_guard: bool,
    /// How far a call's time may be from now; 0 takes any time.
    pub replay_window_minutes: u32,
    /// Answers spell `martialStatus`; from `marital_spelling`.
    pub spells_martial: bool,
}

/// Settings `wukong.*`.
#[derive(Clone, Debug)]
pub struct Wukong {
    /// A port of its own.
    pub listen: Option<SocketAddr>,
    /// Where the app is, to which the provider's pages lead back.
    pub app_url: String,
    /// `req_data` is an object; from `llpay_auth_pay_req_data`.
    pub pay_data_is_object: bool,
}

/// Settings `shuaidan.*`.
#[derive(Clone, Debug)]
pub struct Shuaidan {
    /// A port of its own.
    pub listen: Option<SocketAddr>,
    /// What apps sign with; without one signatures are not verified.
    pub sign_key: Option<Secret>,
    /// What whoever wins a lead pays its owner; from `lead_fee_yuan`.
    pub lead_fee: Money,
    /// After so many days what a lead tells of a person is erased.
    pub lead_days: u32,
}

/// Settings `chaojihua.*`.
#[derive(Clone, Debug)]
pub struct Chaojihua {
    /// A port of its own.
    pub listen: Option<SocketAddr>,
    /// Every success says 1.
    pub uniform_codes: bool,
    /// A token may stand in the query.
    pub token_in_query: bool,
    /// What the partner is called in answers.
    pub channel_code: String,
    /// The funding partner reviews and pays out, where it is set up.
    pub funding: bool,
}

/// Settings `calculator.*`.
#[derive(Clone, Debug)]
pub struct Calculator {
    /// It answers at `/calc`, to anyone who asks.
    pub public: bool,
    /// Tables instead of the shipped ones; from `card_bins`, `legal_lines` and `lpr`.
    pub tables: TableFiles,
}

/// How providers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderMode {
    /// In this process: only the sandbox is.
    InProcess,
    /// Over HTTP.
    Http,
}

/// Settings `providers.*`.
#[derive(Clone, Debug)]
pub struct Providers {
    /// The sandbox stands in for them.
    pub sandbox: bool,
    /// How they are reached.
    pub mode: ProviderMode,
    /// Where the sandbox is served over HTTP.
    pub sandbox_listen: SocketAddr,
    /// Folder of what we sign with.
    pub keys: PathBuf,
    /// Where they reach us; empty for the main door.
    pub public_url: String,
    /// Where LianLian is; empty for none.
    pub lianlian_url: String,
    /// Our number there.
    pub lianlian_partner: String,
    /// Where Limu is; empty for none.
    pub limu_url: String,
    /// Our key there.
    pub limu_api_key: String,
    /// Where Aliyun's SMS are; empty for none.
    pub aliyun_url: String,
    /// Our key's id there.
    pub aliyun_key_id: String,
    /// What our texts begin with.
    pub aliyun_sign_name: String,
    /// Where the check of four elements is; empty for none.
    pub bankcard_url: String,
    /// Where faces are compared; empty for nowhere.
    pub faceid_url: String,
    /// Where the funding partner is; empty for none.
    pub funding_url: String,
    /// What it knows us by.
    pub funding_key_id: String,
    /// What calls cost; nothing where the text says none of it.
    pub costs: Option<Costs>,
}

/// Settings `lending.*`.
#[derive(Clone, Copy, Debug)]
pub struct Lending {
    /// What is due is debited by itself.
    pub auto_debit: bool,
    /// Years for which laws ask who a customer was.
    pub kept_years: u32,
    /// When and how often collectors may contact people: settings `collections.*`.
    pub collections: lending::collections::Rules,
}

/// Settings `console.*`.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// It answers at `/console/api`.
    pub enabled: bool,
}

/// Settings `h5.*`.
#[derive(Clone, Debug)]
pub struct H5 {
    /// It answers at `/h5`.
    pub enabled: bool,
    /// Where the payment provider's pages begin; empty for the sandbox's.
    pub pages_url: String,
}

/// Settings `docs.*`.
#[derive(Clone, Copy, Debug)]
pub struct Docs {
    /// It answers at `/docs`.
    pub enabled: bool,
}

/// Settings `bench.*`; all false in production.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Bench {
    /// Anyone may register as an administrator.
    pub public_administrators: bool,
    /// Mobile numbers can be read in the SQL views.
    pub plain_mobiles: bool,
    /// The business clock can be moved.
    pub movable_clock: bool,
    /// Invented people and projects can be loaded.
    pub fixtures: bool,
    /// The SMS sandbox writes codes and numbers into a file, in the clear.
    pub show_sms_codes: bool,
    /// Callers of shuaidan may look into their own session.
    pub session_viewer: bool,
    /// Loans above a legal line are paid out.
    pub beyond_lines: bool,
}

/// Settings `http.*`.
#[derive(Clone, Debug)]
pub struct Http {
    /// The largest request body in bytes; from `body_kib`.
    pub body_bytes: usize,
    /// How long a request may take; from `request_seconds`.
    pub request_limit: Duration,
    /// How long a connection may wait for the head of a request; from `header_seconds`.
    pub header_limit: Duration,
    /// How many connections a port serves at once.
    pub connections: usize,
    /// Certificate chain; set if and only if `tls_key` is.
    pub tls_certificate: Option<PathBuf>,
    /// Private key; set if and only if `tls_certificate` is.
    pub tls_key: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// A proxy in front speaks TLS with the customers.
    pub tls_by_proxy: bool,
}

/// Settings `store.*`.
#[derive(Clone, Debug)]
pub struct Store {
    /// How many calls at most share one commit.
    pub group: usize,
    /// How many calls may wait for the writer.
    pub queue: usize,
    /// How long a call may wait for its commit; from `call_seconds`.
    pub call_limit: Duration,
    /// How many connections only read.
    pub readers: usize,
    /// How many connections write on PostgreSQL.
    pub postgres_writers: usize,
    /// Page cache of each SQLite connection, in MiB.
    pub sqlite_cache_mib: u32,
}

/// Settings `password.*`.
#[derive(Clone, Debug)]
pub struct Password {
    /// Memory of one Argon2id hash, in KiB.
    pub memory_kib: u32,
    /// Passes of one Argon2id hash.
    pub passes: u32,
    /// How many are hashed at once.
    pub concurrent: usize,
    /// How many may wait.
    pub waiting: usize,
}

/// Settings `limits.*`.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Wrong passwords in a row that lock a member out.
    pub login_failures: u32,
    /// How long a lock-out lasts; from `lock_minutes`.
    pub lock: Duration,
    /// Wrong log-ins a minute after which an address has to wait.
    pub address_failures_per_minute: u32,
    /// Registrations an hour after which an address has to wait.
    pub registrations_per_address_per_hour: u32,
}

/// Settings `log.*`.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// How lines are written.
    pub format: logs::Format,
    /// The least important kind of line that is logged.
    pub level: tracing::Level,
}

/// The values by setting; complete when the configuration is built.
#[derive(Default)]
pub(super) struct Values(pub(super) BTreeMap<&'static str, Value>);

/// Reads one value out of a [`Value`], whose kind the caller knows from the table.
macro_rules! take {
    ($values:expr, $name:literal, $variant:ident) => {
        match $values.0.get($name) {
            Some(Value::$variant(value)) => Ok(value.clone()),
            Some(_) | None => Err(ConfigError::Untyped { name: $name }),
        }
    };
    ($values:expr, $name:literal, optional $variant:ident) => {
        match $values.0.get($name) {
            Some(Value::$variant(value)) => Ok(Some(value.clone())),
            Some(Value::Nothing) => Ok(None),
            Some(_) | None => Err(ConfigError::Untyped { name: $name }),
        }
    };
}

impl Values {
    fn number<T: TryFrom<u64>>(&self, name: &'static str) -> Result<T, ConfigError> {
        let Some(Value::Integer(number)) = self.0.get(name) else {
            return Err(ConfigError::Untyped { name });
        };
        T::try_from(*number).map_err(|_| ConfigError::Untyped { name })
    }

    fn seconds(&self, name: &'static str) -> Result<Duration, ConfigError> {
        self.number(name).map(Duration::from_secs)
    }

    fn minutes(&self, name: &'static str) -> Result<Duration, ConfigError> {
        self.number::<u64>(name).map(|minutes| Duration::from_secs(minutes.saturating_mul(60)))
    }

    /// Builds the configuration. Fails only if the table lacks a setting or its kind is another.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let data: PathBuf = take!(self, "data", Path)?;
        let profile = Profile::parse(take!(self, "profile", Choice)?);
        let url: Option<Secret> = take!(self, "database", optional Database)?;
        Ok(Config {
            effective: Vec::new(),
            profile: profile.ok_or(ConfigError::Untyped { name: "profile" })?,
            listen: take!(self, "listen", Socket)?,
            keys: take!(self, "keys", Path)?,
            database: url.map_or(Database::Sqlite(data.join("jiehuan.db")), Database::Postgres),
            data,
            futureloan: self.futureloan()?,
            xianjindai: self.xianjindai()?,
            wukong: Wukong {
                listen: take!(self, "wukong.listen", optional Socket)?,
                app_url: take!(self, "wukong.app_url", Text)?,
                pay_data_is_object: take!(self, "wukong.llpay_auth_pay_req_data", Choice)?
                    == "object",
            },
            shuaidan: self.shuaidan()?,
            chaojihua: Chaojihua {
                listen: take!(self, "chaojihua.listen", optional Socket)?,
                uniform_codes: take!(self, "chaojihua.uniform_codes", Switch)?,
                token_in_query: take!(self, "chaojihua.token_in_query", Switch)?,
                channel_code: take!(self, "chaojihua.channel_code", Text)?,
                funding: take!(self, "chaojihua.funding", Choice)? == "on",
            },
            calculator: self.calculator()?,
            console: Console { enabled: take!(self, "console.enabled", Switch)? },
            h5: H5 {
                enabled: take!(self, "h5.enabled", Switch)?,
                pages_url: take!(self, "h5.pages_url", Text)?,
            },
            docs: Docs { enabled: take!(self, "docs.enabled", Switch)? },
            providers: self.providers()?,
            lending: Lending {
                auto_debit: take!(self, "lending.auto_debit", Switch)?,
                kept_years: self.number("lending.kept_years")?,
                collections: lending::collections::Rules {
                    from: self.number("collections.from")?,
                    until: self.number("collections.until")?,
                    per_day: self.number("collections.per_day")?,
                },
            },
            lender: self.lender()?,
            bench: self.bench()?,
            http: self.http()?,
            store: self.store()?,
            password: self.password()?,
            limits: self.limits()?,
            log: self.log()?,
        })
    }

    fn futureloan(&self) -> Result<Futureloan, ConfigError> {
        Ok(Futureloan {
            listen: take!(self, "futureloan.listen", optional Socket)?,
            minimum_loan: take!(self, "futureloan.minimum_loan", Yuan)?,
            copyright: take!(self, "futureloan.copyright", Text)?,
            token_life: self.minutes("futureloan.token_minutes")?,
            sign_window: self.minutes("futureloan.sign_window_minutes")?,
            v1: take!(self, "futureloan.v1", Switch)?,
            v2: take!(self, "futureloan.v2", Switch)?,
            v3: take!(self, "futureloan.v3", Switch)?,
        })
    }

    fn xianjindai(&self) -> Result<Xianjindai, ConfigError> {
        Ok(Xianjindai {
            listen: take!(self, "xianjindai.listen", optional Socket)?,
            app_key: take!(self, "xianjindai.app_key", optional Key)?,
            signatures: take!(self, "xianjindai.signatures", Switch)?,
            old_signature: take!(self, "xianjindai.old_signature", Switch)?,
            replay_guard: take!(self, "xianjindai.replay_guard", Switch)?,
            replay_window_minutes: self.number("xianjindai.replay_window_minutes")?,
            spells_martial: take!(self, "xianjindai.marital_spelling", Choice)? == "client",
        })
    }

    fn calculator(&self) -> Result<Calculator, ConfigError> {
        Ok(Calculator {
            public: take!(self, "calculator.public", Switch)?,
            tables: TableFiles {
                card_bins: take!(self, "calculator.card_bins", optional Path)?,
                legal_lines: take!(self, "calculator.legal_lines", optional Path)?,
                lpr: take!(self, "calculator.lpr", optional Path)?,
            },
        })
    }

    fn shuaidan(&self) -> Result<Shuaidan, ConfigError> {
        const FEE: &str = "shuaidan.lead_fee_yuan";
        let fee = Money::from_yuan(self.number(FEE)?);
        Ok(Shuaidan {
            listen: take!(self, "shuaidan.listen", optional Socket)?,
            sign_key: take!(self, "shuaidan.sign_key", optional Key)?,
            lead_fee: fee.ok_or(ConfigError::Untyped { name: FEE })?,
            lead_days: self.number("shuaidan.lead_days")?,
        })
    }

    fn lender(&self) -> Result<lending::documents::Lender, ConfigError> {
        Ok(lending::documents::Lender {
            name: take!(self, "lender.name", Text)?,
            address: take!(self, "lender.address", Text)?,
            service_phone: take!(self, "lender.service_phone", Text)?,
            court: take!(self, "lender.court", Text)?,
            payment_provider: take!(self, "lender.payment_provider", Text)?,
        })
    }

    fn providers(&self) -> Result<Providers, ConfigError> {
        let mode = match take!(self, "providers.mode", Choice)? {
            "http" => ProviderMode::Http,
            _ => ProviderMode::InProcess,
        };
        Ok(Providers {
            sandbox: take!(self, "providers.sandbox", Switch)?,
            mode,
            sandbox_listen: take!(self, "providers.sandbox_listen", Socket)?,
            keys: take!(self, "providers.keys", Path)?,
            public_url: take!(self, "providers.public_url", Text)?,
            lianlian_url: take!(self, "providers.lianlian_url", Text)?,
            limu_url: take!(self, "providers.limu_url", Text)?,
            limu_api_key: take!(self, "providers.limu_api_key", Text)?,
            lianlian_partner: take!(self, "providers.lianlian_partner", Text)?,
            aliyun_url: take!(self, "providers.aliyun_url", Text)?,
            aliyun_key_id: take!(self, "providers.aliyun_key_id", Text)?,
            aliyun_sign_name: take!(self, "providers.aliyun_sign_name", Text)?,
            bankcard_url: take!(self, "providers.bankcard_url", Text)?,
            faceid_url: take!(self, "providers.faceid_url", Text)?,
            funding_url: take!(self, "providers.funding_url", Text)?,
            funding_key_id: take!(self, "providers.funding_key_id", Text)?,
            costs: Costs::parse(&take!(self, "providers.costs", Text)?),
        })
    }

    fn bench(&self) -> Result<Bench, ConfigError> {
        Ok(Bench {
            public_administrators: take!(self, "bench.public_administrators", Switch)?,
            plain_mobiles: take!(self, "bench.plain_mobiles", Switch)?,
            movable_clock: take!(self, "bench.movable_clock", Switch)?,
            fixtures: take!(self, "bench.fixtures", Switch)?,
            show_sms_codes: take!(self, "bench.show_sms_codes", Switch)?,
            session_viewer: take!(self, "bench.session_viewer", Switch)?,
            beyond_lines: take!(self, "bench.beyond_lines", Switch)?,
        })
    }

    fn http(&self) -> Result<Http, ConfigError> {
        Ok(Http {
            body_bytes: self.number::<usize>("http.body_kib")?.saturating_mul(1024),
            request_limit: self.seconds("http.request_seconds")?,
            header_limit: self.seconds("http.header_seconds")?,
            connections: self.number("http.connections")?,
            tls_certificate: take!(self, "http.tls_certificate", optional Path)?,
            tls_key: take!(self, "http.tls_key", optional Path)?,
            trusted_proxies: take!(self, "http.trusted_proxies", Addresses)?,
            tls_by_proxy: take!(self, "http.tls_by_proxy", Switch)?,
        })
    }

    fn store(&self) -> Result<Store, ConfigError> {
        Ok(Store {
            group: self.number("store.group")?,
            queue: self.number("store.queue")?,
            call_limit: self.seconds("store.call_seconds")?,
            readers: self.number("store.readers")?,
            postgres_writers: self.number("store.postgres_writers")?,
            sqlite_cache_mib: self.number("store.sqlite_cache_mib")?,
        })
    }

    fn password(&self) -> Result<Password, ConfigError> {
        Ok(Password {
            memory_kib: self.number("password.memory_kib")?,
            passes: self.number("password.passes")?,
            concurrent: self.number("password.concurrent")?,
            waiting: self.number("password.waiting")?,
        })
    }

    fn limits(&self) -> Result<Limits, ConfigError> {
        const REGISTRATIONS: &str = "limits.registrations_per_address_per_hour";
        Ok(Limits {
            login_failures: self.number("limits.login_failures")?,
            lock: self.minutes("limits.lock_minutes")?,
            address_failures_per_minute: self.number("limits.address_failures_per_minute")?,
            registrations_per_address_per_hour: self.number(REGISTRATIONS)?,
        })
    }

    fn log(&self) -> Result<Log, ConfigError> {
        let format = logs::Format::parse(take!(self, "log.format", Choice)?);
        let level: Option<tracing::Level> = take!(self, "log.level", Choice)?.parse().ok();
        Ok(Log {
            format: format.ok_or(ConfigError::Untyped { name: "log.format" })?,
            level: level.ok_or(ConfigError::Untyped { name: "log.level" })?,
        })
    }
}
