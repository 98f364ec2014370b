//! The one table of settings. Everything that can be configured stands here and nowhere else.

use super::kind::Kind;
use super::profile::Profile;
use super::setting::{Setting, same, split, whole};

/// The key that the document prints for its test system (§3), so that everybody knows it.
pub(super) const DOCUMENTED_APP_KEY: &str = "12345678";

const ON_OUTSIDE_PRODUCTION: [&str; 2] = ["true", "false"];

/// Every setting, in the order in which it is documented and shown.
pub const SETTINGS: &[Setting] = &[
    same(
        "profile",
        Kind::Choice(Profile::WORDS),
        "demo",
        "How the platform is run; it decides the other defaults and what is refused.",
    ),
    same(
        "listen",
        Kind::Socket,
        "127.0.0.1:8080",
        "Address and port of the main door; demo and bench take loopback addresses only.",
    ),
    same("data", Kind::Path, "./data", "Folder for everything that the platform writes."),
    same(
        "keys",
        Kind::Path,
        "{data}/keys",
        "Folder of the key files; back it up apart from the database.",
    ),
    same(
        "database",
        Kind::Database,
        "",
        "PostgreSQL database; with nothing, SQLite in `jiehuan.db` in the data folder.",
    )
    .secret(),
    // The channel futureloan.
    same(
        "futureloan.listen",
        Kind::OptionalSocket,
        "",
        "A port of its own for the channel, next to its place on the main one.",
    ),
    same(
        "futureloan.minimum_loan",
        Kind::Yuan,
        "1000",
        "The smallest amount that a project may ask for, in yuan.",
    ),
    same(
        "futureloan.copyright",
        Kind::Text,
        "Copyright 借还 Jiehuan",
        "The line `copyright` in each of the channel's answers.",
    ),
    same(
        "futureloan.token_minutes",
        whole(1, 1440),
        "5",
        "How long a token is good for after log-in.",
    ),
    same(
        "futureloan.sign_window_minutes",
        whole(1, 60),
        "5",
        "How far the time in a signature may be from now.",
    ),
    split(
        "futureloan.v1",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether the interface v1, which takes no token, is open; production refuses it.",
    ),
    same("futureloan.v2", Kind::Switch, "true", "Whether the interface v2, with a token, is open."),
    same(
        "futureloan.v3",
        Kind::Switch,
        "true",
        "Whether the interface v3, with a token and a signature, is open.",
    ),
    // The channel xianjindai.
    same(
        "xianjindai.listen",
        Kind::OptionalSocket,
        "",
        "A port of its own for the channel, at whose root its addresses stand as documented.",
    ),
    split(
        "xianjindai.app_key",
        Kind::Key,
        [DOCUMENTED_APP_KEY, ""],
        "What apps sign with and encrypt passwords with; without one the channel is closed.",
    )
    .secret(),
    same(
        "xianjindai.signatures",
        Kind::Switch,
        "true",
        "Whether calls must be signed; production refuses to go without.",
    ),
    same(
        "xianjindai.old_signature",
        Kind::Switch,
        "false",
        "Whether the signature of October 2017, which is not over the message, is good too; \
         production refuses it.",
    ),
    same(
        "xianjindai.replay_guard",
        Kind::Switch,
        "true",
        "Whether a pair of timestamp and nonce is good once only.",
    ),
    same(
        "xianjindai.replay_window_minutes",
        whole(0, 1440),
        "10",
        "How far the time of a signed call may be from now; 0 takes any time.",
    ),
    same(
        "xianjindai.marital_spelling",
        Kind::Choice(&["document", "client"]),
        "document",
        "Whether answers say `maritalStatus`, or `martialStatus` as some clients do.",
    ),
    // The channel wukong.
    same(
        "wukong.listen",
        Kind::OptionalSocket,
        "",
        "A port of its own for the channel, at whose root its addresses stand as documented.",
    ),
    same(
        "wukong.app_url",
        Kind::Text,
        "",
        "Where the app is, to which the pages that a browser returns to lead back; with nothing, they say what happened.",
    ),
    same(
        "wukong.llpay_auth_pay_req_data",
        Kind::Choice(&["string", "object"]),
        "string",
        "Whether `req_data` of a payment is a text of JSON, as documented, or an object, for an H5 \
         client that writes it as text itself.",
    ),
    // The channel shuaidan.
    same(
        "shuaidan.listen",
        Kind::OptionalSocket,
        "",
        "A port of its own for the channel, at whose root its addresses stand as documented.",
    ),
    same(
        "shuaidan.sign_key",
        Kind::Key,
        "",
        "What apps sign with; with nothing, signatures are not verified, as documented.",
    )
    .secret(),
    same(
        "shuaidan.lead_fee_yuan",
        whole(0, 100_000),
        "20",
        "What an officer who wins a lead pays the one who told it; 0 for nothing.",
    ),
    same(
        "shuaidan.lead_days",
        whole(1, 3650),
        "90",
        "After so many days what a lead tells of a person is erased, unless they have applied.",
    ),
    // The channel chaojihua.
    same(
        "chaojihua.listen",
        Kind::OptionalSocket,
        "",
        "A port of its own for the channel, at whose root its addresses stand as documented.",
    ),
    same(
        "chaojihua.uniform_codes",
        Kind::Switch,
        "false",
        "Whether every success has `code` 1, also where the document's samples print 0.",
    ),
    same(
        "chaojihua.token_in_query",
        Kind::Switch,
        "false",
        "Whether `?access_token=` is accepted; it stands in the logs of whoever is in between.",
    ),
    same(
        "chaojihua.channel_code",
        Kind::Text,
        "SUISHOU01",
        "What the partner is called in answers (`channel`).",
    ),
    same(
        "chaojihua.funding",
        Kind::Choice(&["on", "off"]),
        "on",
        "Whether the funding partner reviews and pays out, where it is set up; `off`: people do.",
    ),
    // The calculator.
    same(
        "calculator.public",
        Kind::Switch,
        "true",
        "Whether the calculator answers at `/calc`, to anyone who asks.",
    ),
    same(
        "calculator.card_bins",
        Kind::OptionalPath,
        "",
        "Table of card prefixes instead of the shipped one, a CSV file: docs/identity.md.",
    ),
    same(
        "calculator.legal_lines",
        Kind::OptionalPath,
        "",
        "Legal lines instead of the shipped ones, a CSV file: docs/annual-cost.md.",
    ),
    same(
        "calculator.lpr",
        Kind::OptionalPath,
        "",
        "Table of the one-year LPR instead of the shipped one, a CSV file: docs/annual-cost.md.",
    ),
    // The back office.
    same(
        "console.enabled",
        Kind::Switch,
        "true",
        "Whether the back office answers at `/console/api`, to operators who have logged in.",
    ),
    split(
        "h5.enabled",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether the borrower's app for 悟空 answers at `/h5`.",
    ),
    same(
        "h5.pages_url",
        Kind::Text,
        "",
        "Where LianLian's pages begin, to which the app sends browsers; with nothing, the sandbox's.",
    ),
    same(
        "docs.enabled",
        Kind::Switch,
        "true",
        "Whether the API portal answers at `/docs`, to everybody: it says what the documents say.",
    ),
    // Providers and the lender.
    split(
        "providers.sandbox",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether the sandbox stands in for the providers of payments, SMS and checks.",
    ),
    same(
        "providers.mode",
        Kind::Choice(&["in_process", "http"]),
        "http",
        "How providers are reached: the sandbox in this process, or adapters over HTTP.",
    ),
    same(
        "providers.sandbox_listen",
        Kind::Socket,
        "127.0.0.1:8090",
        "Where the sandbox is served over HTTP, with `http` or `jiehuan sandbox`; loopback only.",
    ),
    split(
        "providers.keys",
        Kind::Path,
        ["{data}/sandbox/keys", "{data}/keys/providers"],
        "Folder of the keys for providers: docs/providers.md; the sandbox makes its own.",
    ),
    same(
        "providers.public_url",
        Kind::Text,
        "",
        "Where providers reach us with their news; with nothing, the main door.",
    ),
    same(
        "providers.lianlian_url",
        Kind::Text,
        "",
        "Where LianLian's interfaces begin; with nothing, there are no payments, or the sandbox's.",
    ),
    same("providers.lianlian_partner", Kind::Text, "", "Our number at LianLian (`oid_partner`)."),
    same(
        "providers.aliyun_url",
        Kind::Text,
        "",
        "Where Aliyun's SMS are; with nothing, there are no SMS, or the sandbox's.",
    ),
    same("providers.aliyun_key_id", Kind::Text, "", "Our `AccessKeyId` at Aliyun."),
    same(
        "providers.aliyun_sign_name",
        Kind::Text,
        "借还",
        "The signature that SMS begin with at Aliyun (`SignName`).",
    ),
    same(
        "providers.limu_url",
        Kind::Text,
        "",
        "Where Limu's `/api/gateway` and `/mobile_report/v1` begin; with nothing, there are no reports, or the sandbox's.",
    ),
    same("providers.limu_api_key", Kind::Text, "", "Our `apiKey` at Limu."),
    same(
        "providers.bankcard_url",
        Kind::Text,
        "",
        "Where the check of four elements is; with nothing, there is none, or the sandbox's.",
    ),
    same(
        "providers.faceid_url",
        Kind::Text,
        "",
        "Where FaceID compares faces; with nothing, nobody does, or the sandbox.",
    ),
    same(
        "providers.funding_url",
        Kind::Text,
        "",
        "Where the funding partner's calls begin; with nothing, there is none, or the sandbox's.",
    ),
    same(
        "providers.funding_key_id",
        Kind::Text,
        "",
        "What the funding partner knows us by (`X-Funding-Key`).",
    ),
    same(
        "providers.costs",
        Kind::Text,
        "",
        "What one answered call costs, in fen: `lianlian=20 limu=150 aliyun=4 bankcard=30 faceid=20 funding=10`.",
    ),
    split(
        "lending.auto_debit",
        Kind::Switch,
        ["false", "true"],
        "Whether what is due is debited from cards by itself; off, a loan can be seen to be late.",
    ),
    same(
        "collections.from",
        whole(8, 21),
        "8",
        "The first hour of the day, in Shanghai, in which collectors may contact customers.",
    ),
    same("collections.until", whole(9, 22), "22", "The first hour in which they may not any more."),
    same(
        "collections.per_day",
        whole(1, 3),
        "3",
        "Calls, visits and SMS of collectors to one person in a business day, at most.",
    ),
    same(
        "lending.kept_years",
        whole(5, 30),
        "10",
        "Years after their last loan for which contracts and the identity of an erased customer stay.",
    ),
    split(
        "lender.name",
        Kind::Text,
        ["借还演示小额贷款有限公司", ""],
        "Who lends, in contracts and disclosures; production wants it with `xianjindai.app_key`.",
    ),
    split(
        "lender.address",
        Kind::Text,
        ["演示地址（不存在）", ""],
        "The lender's address, in contracts; production wants it with `xianjindai.app_key`.",
    ),
    split(
        "lender.service_phone",
        Kind::Text,
        ["400-000-0000", ""],
        "Where customers ask and complain; production wants it with `xianjindai.app_key`.",
    ),
    same(
        "lender.court",
        Kind::Text,
        "甲方住所地有管辖权的人民法院",
        "The court for disputes, in contracts, where the lender is 甲方.",
    ),
    split(
        "lender.payment_provider",
        Kind::Text,
        ["演示支付机构（沙箱）", "甲方委托的持牌支付机构"],
        "Through whom cards are debited, in the authority that customers give.",
    ),
    // What only demo and bench may do.
    split(
        "bench.public_administrators",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether anyone may register as an administrator.",
    ),
    split(
        "bench.plain_mobiles",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether mobile numbers can be read in the SQL views.",
    ),
    split(
        "bench.movable_clock",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether the business clock can be moved.",
    ),
    split(
        "bench.fixtures",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether invented people and projects can be loaded.",
    ),
    split(
        "bench.show_sms_codes",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether the SMS sandbox writes its texts, codes among them, into `{data}/sandbox/sms.journal`.",
    ),
    split(
        "bench.session_viewer",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether `/session` of shuaidan shows callers the SMS codes in their own session.",
    ),
    split(
        "bench.beyond_lines",
        Kind::Switch,
        ON_OUTSIDE_PRODUCTION,
        "Whether a loan is paid out that is above a legal line on the day of its contract.",
    ),
    // The HTTP server.
    same("http.body_kib", whole(16, 65_536), "256", "The largest request body, in KiB."),
    same(
        "http.request_seconds",
        whole(1, 300),
        "15",
        "How long a request may take before it is answered as busy.",
    ),
    same(
        "http.header_seconds",
        whole(1, 120),
        "10",
        "How long a connection may wait, idle or half-way, for the head of a request.",
    ),
    same(
        "http.connections",
        whole(1, 65_536),
        "4096",
        "How many connections a port serves at once; more wait.",
    ),
    same(
        "http.tls_certificate",
        Kind::OptionalPath,
        "",
        "Certificate chain for TLS, a PEM file; needs `http.tls_key`.",
    ),
    same(
        "http.tls_key",
        Kind::OptionalPath,
        "",
        "Private key for TLS, a PEM file; needs `http.tls_certificate`.",
    ),
    same(
        "http.trusted_proxies",
        Kind::Addresses,
        "",
        "Proxies whose `X-Forwarded-For` is believed; without them each customer behind a proxy \
         has the proxy's address.",
    ),
    same(
        "http.tls_by_proxy",
        Kind::Switch,
        "false",
        "States that a proxy in front speaks TLS with the customers.",
    ),
    // The store.
    same("store.group", whole(1, 4096), "256", "How many calls at most share one commit."),
    same(
        "store.queue",
        whole(1, 1_000_000),
        "4096",
        "How many calls may wait for the writer; more are answered as busy.",
    ),
    same(
        "store.call_seconds",
        whole(1, 300),
        "5",
        "How long a call may wait for its commit before it is answered as busy.",
    ),
    same("store.readers", whole(1, 64), "2", "How many connections only read."),
    same(
        "store.postgres_writers",
        whole(1, 32),
        "4",
        "How many connections write on PostgreSQL; SQLite has one writer.",
    ),
    same(
        "store.sqlite_cache_mib",
        whole(1, 16_384),
        "24",
        "Page cache of each SQLite connection, in MiB.",
    ),
    // Passwords: Argon2id.
    same(
        "password.memory_kib",
        whole(8192, 1_048_576),
        "19456",
        "Memory of one Argon2id hash, in KiB; production takes 19456 or more.",
    ),
    same(
        "password.passes",
        whole(1, 16),
        "2",
        "Passes of one Argon2id hash; production takes 2 or more.",
    ),
    same("password.concurrent", whole(1, 64), "2", "How many passwords are hashed at once."),
    same(
        "password.waiting",
        whole(0, 100_000),
        "512",
        "How many passwords may wait to be hashed; more are answered as busy.",
    ),
    // Limits against guessing and flooding.
    split(
        "limits.login_failures",
        whole(1, 1000),
        ["50", "5"],
        "Wrong passwords in a row that lock a member out; production takes at most 20.",
    ),
    split("limits.lock_minutes", whole(1, 1440), ["1", "15"], "How long a lock-out lasts."),
    split(
        "limits.address_failures_per_minute",
        whole(1, 1_000_000),
        ["100000", "30"],
        "Wrong log-ins a minute after which an address has to wait.",
    ),
    split(
        "limits.registrations_per_address_per_hour",
        whole(1, 1_000_000_000),
        ["10000000", "60"],
        "Registrations an hour after which an address has to wait.",
    ),
    // Logs, to standard error.
    split(
        "log.format",
        Kind::Choice(&["text", "json"]),
        ["text", "json"],
        "How log lines are written.",
    ),
    same(
        "log.level",
        Kind::Choice(&["error", "warn", "info", "debug"]),
        "info",
        "The least important kind of line that is logged.",
    ),
];

/// The setting of that name.
pub(super) fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
