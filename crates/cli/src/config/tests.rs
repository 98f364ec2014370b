//! Tables of what is taken, refused and shown.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// What a test gives: a file's text, variables, and `--set` pairs.
#[derive(Clone, Copy, Default)]
struct Sources<'s> {
    file: &'s str,
    variables: &'s [(&'s str, &'s str)],
    set: &'s [&'s str],
}

fn load(sources: Sources<'_>) -> Result<Loaded, Vec<String>> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("jiehuan-config-{}-{number}.toml", std::process::id());
    let path = std::env::temp_dir().join(name);
    if !sources.file.is_empty() {
        std::fs::write(&path, sources.file).unwrap();
    }
    let set = sources.set.iter().map(ToString::to_string).collect();
    let flags = Flags { set, ..Flags::default() };
    let variables = sources.variables.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
    let loaded = load_with(&flags, variables, &path);
    let _ = std::fs::remove_file(&path);
    let shown = path.display().to_string();
    loaded.map_err(|e| e.iter().map(|e| e.to_string().replace(&shown, "F")).collect())
}

fn set<'s>(set: &'s [&'s str]) -> Sources<'s> {
    Sources { set, ..Sources::default() }
}

fn effective<'l>(loaded: &'l Loaded, name: &str) -> &'l Effective {
    loaded.values.iter().find(|value| value.name == name).unwrap()
}

#[test]
fn every_setting_is_sound() {
    let mut variables: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), SETTINGS.len());
    for setting in SETTINGS {
        assert!(setting.doc.ends_with('.'), "{}", setting.name);
        for profile in [Profile::Demo, Profile::Bench, Profile::Production] {
            let default = setting.default_in(profile);
            assert!(setting.kind.parse(default).is_some(), "{} in {profile}", setting.name);
        }
    }
}

#[test]
fn every_profile_starts_with_its_defaults() {
    for profile in Profile::WORDS {
        let pair = format!("profile={profile}");
        let loaded = load(set(&[&pair])).unwrap();
        assert_eq!(loaded.config.profile.word(), *profile);
        assert_eq!(loaded.config.bench.fixtures, *profile != "production");
        assert_eq!(loaded.config.futureloan.v1, *profile != "production");
        assert_eq!(loaded.values.len(), SETTINGS.len());
    }
}

#[test]
fn values_arrive_typed() {
    let loaded = load(set(&[
        "data=/var/lib/jiehuan",
        "futureloan.minimum_loan=99.5",
        "futureloan.token_minutes=7",
        "futureloan.listen=127.0.0.1:0",
        "http.body_kib=16",
        "http.trusted_proxies=10.0.0.2, ::1",
        "log.format=json",
        "log.level=warn",
    ]));
    let config = loaded.unwrap().config;
    assert_eq!(config.keys, PathBuf::from("/var/lib/jiehuan/keys"));
    let Database::Sqlite(file) = config.database else { panic!("not SQLite") };
    assert_eq!(file, PathBuf::from("/var/lib/jiehuan/jiehuan.db"));
    assert_eq!(config.futureloan.minimum_loan.fen(), 9950);
    assert_eq!(config.futureloan.token_life.as_secs(), 420);
    assert_eq!(config.futureloan.listen.map(|listen| listen.port()), Some(0));
    assert_eq!(config.http.body_bytes, 16 * 1024);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.log.format, crate::logs::Format::Json);
    assert_eq!(config.log.level, tracing::Level::WARN);
}

#[test]
fn later_sources_stand_above_earlier_ones() {
    let file = "profile = 'bench'\n[store]\ngroup = 1\nqueue = 1\nreaders = 1\n\
                [http]\ntrusted_proxies = ['10.0.0.2', '10.0.0.3']";
    let variables = [("JIEHUAN_STORE_QUEUE", "2"), ("JIEHUAN_STORE_READERS", "2")];
    let ignored = [("HOME", "/"), ("JIEHUAN_TEST_PG", "x")];
    let variables = [variables, ignored].concat();
    let sources = Sources { file, variables: &variables, set: &["store.readers=3"] };
    let loaded = load(sources).unwrap();
    for (name, value, origin) in [
        ("store.group", "1", "file"),
        ("store.queue", "2", "variable JIEHUAN_STORE_QUEUE"),
        ("store.readers", "3", "flag --set"),
        ("store.call_seconds", "5", "default"),
        ("http.trusted_proxies", "10.0.0.2,10.0.0.3", "file"),
        ("log.format", "text", "default"),
    ] {
        let shown = effective(&loaded, name);
        assert_eq!(shown.value_shown, value, "{name}");
        assert!(shown.origin.to_string().starts_with(origin), "{name}: {}", shown.origin);
    }
    assert_eq!(loaded.config.store.readers, 3);
    assert_eq!(loaded.config.profile, Profile::Bench);
}

#[test]
fn flags_with_names_are_flags() {
    let flags = Flags {
        listen: Some("[::1]:1".into()),
        data: Some("/d".into()),
        profile: Some("bench".into()),
        database: Some("postgres://u:pw@h/d".into()),
        ..Flags::default()
    };
    let loaded = load_with(&flags, std::iter::empty(), Path::new("none")).unwrap();
    let origins = ["listen", "data", "database", "profile"].map(|name| {
        let shown = effective(&loaded, name);
        format!("{} {}", shown.value_shown, shown.origin)
    });
    assert_eq!(
        origins,
        [
            "[::1]:1 flag --listen",
            "/d flag --data",
            "postgres://u:***@h/d flag --database",
            "bench flag --profile"
        ]
    );
}

#[test]
fn the_file_is_named_by_flag_then_variable() {
    let variables = || [("JIEHUAN_CONFIG".to_owned(), "/none/b.toml".to_owned())].into_iter();
    let flag = Flags { config: Some("/none/a.toml".into()), ..Flags::default() };
    let by_flag = load_with(&flag, variables(), Path::new("none")).unwrap_err();
    let by_variable = load_with(&Flags::default(), variables(), Path::new("none")).unwrap_err();
    assert!(by_flag[0].to_string().starts_with("file /none/a.toml: No such file"));
    assert!(by_variable[0].to_string().starts_with("file /none/b.toml: No such file"));
}

#[track_caller]
fn check(sources: Sources<'_>, complaints: &[&str]) {
    let errors = load(sources).err().unwrap_or_default();
    assert_eq!(errors, complaints);
}

#[test]
fn wrong_names_are_errors() {
    let file = |file| Sources { file, ..Sources::default() };
    let variable = |name| [(name, "1")];
    check(
        file("[http]\nbody_kb = 1"),
        &["http.body_kb (file F): there is no such setting; did you mean http.body_kib?"],
    );
    check(
        file("http = 5\n[bench.fixturs]\nx = 1"),
        &[
            "bench.fixturs.x (file F): there is no such setting; did you mean bench.fixtures?",
            "http (file F): there is no such setting",
        ],
    );
    check(
        Sources { variables: &variable("JIEHUAN_LISTN"), ..Sources::default() },
        &["JIEHUAN_LISTN (variable JIEHUAN_LISTN): there is no such setting; \
         did you mean JIEHUAN_LISTEN?"],
    );
    check(
        Sources { variables: &variable("JIEHUAN_ZZZZ"), ..Sources::default() },
        &["JIEHUAN_ZZZZ (variable JIEHUAN_ZZZZ): there is no such setting"],
    );
    check(
        set(&["store.gruop=5", "listen"]),
        &[
            "flag --set: takes name=value",
            "store.gruop (flag --set): there is no such setting; did you mean store.group?",
        ],
    );
    check(
        set(&["store.group=5", "store.group=6"]),
        &["store.group: given twice on the command line"],
    );
}

#[test]
fn wrong_values_are_errors() {
    for (pair, complaint) in [
        ("http.body_kib=15", "\"15\" is not allowed; it takes a whole number from 16 to 65536"),
        ("http.body_kib=+16", "\"+16\" is not allowed; it takes a whole number from 16 to 65536"),
        ("http.body_kib=", "\"\" is not allowed; it takes a whole number from 16 to 65536"),
        ("futureloan.v2=yes", "\"yes\" is not allowed; it takes true or false"),
        ("profile=prod", "\"prod\" is not allowed; it takes demo, bench, production"),
        (
            "listen=localhost",
            "\"localhost\" is not allowed; it takes an address and port such as 127.0.0.1:8080",
        ),
        (
            "futureloan.minimum_loan=0",
            "\"0\" is not allowed; it takes yuan from 0.01 to 10000000000, such as 1000 or 99.50",
        ),
        (
            "futureloan.minimum_loan=1.005",
            "\"1.005\" is not allowed; it takes yuan from 0.01 to 10000000000, such as 1000 or 99.50",
        ),
        (
            "futureloan.copyright=a\nb",
            "\"a\\nb\" is not allowed; it takes one line of at most 200 characters",
        ),
        ("data=", "\"\" is not allowed; it takes a path"),
        (
            "http.trusted_proxies=proxy",
            "\"proxy\" is not allowed; it takes IP addresses with commas between them, or nothing",
        ),
        (
            "xianjindai.app_key=1234567",
            "the value given is not allowed; it takes 8 to 200 letters, digits and signs of \
             ASCII, or nothing",
        ),
        (
            "database=mysql://u:pw@h",
            "the value given is not allowed; it takes a URL such as postgres://user:password@host/database",
        ),
    ] {
        let (name, _) = pair.split_once('=').unwrap();
        check(set(&[pair]), &[&format!("{name} (flag --set): {complaint}")]);
    }
    let file = "[futureloan]\nminimum_loan = 1000.5";
    check(
        Sources { file, ..Sources::default() },
        &["futureloan.minimum_loan (file F): \"1000.5\" is not allowed; \
         it takes yuan from 0.01 to 10000000000, such as 1000 or 99.50"],
    );
    let file = "listen = '127.0.0.1:1'\ndatabase = 'postgres://u:pw@h";
    let error = load(Sources { file, ..Sources::default() }).unwrap_err().join("\n");
    assert!(error.starts_with("file F: line 2: ") && !error.contains("pw"), "{error}");
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let sources = Sources {
        file: "colour = 'red'\n[store]\ngroup = 0",
        variables: &[("JIEHUAN_PROFILE", "production"), ("JIEHUAN_COLOUR", "red")],
        set: &["futureloan.v1=true", "log.level=loud"],
    };
    let errors = load(sources).unwrap_err();
    let names: Vec<_> = errors.iter().map(|e| e.split(' ').next().unwrap()).collect();
    let wanted = ["colour", "JIEHUAN_COLOUR", "store.group", "log.level", "futureloan.v1"];
    assert_eq!(names, wanted, "{errors:#?}");
}

#[test]
fn each_profile_refuses_what_is_not_for_it() {
    const APP_KEY: &str = "xianjindai.app_key=k7Wm2pQx9Z";
    const DOCUMENTED: &str = "xianjindai.app_key=12345678";
    const ADDRESS: &str = "lender.address=A";
    const PHONE: &str = "lender.service_phone=4";
    const REACHABLE: [&str; 2] = ["listen=0.0.0.0:1", "futureloan.listen=[::]:1"];
    for (profile, pairs, refused) in [
        ("demo", &REACHABLE[..1], "listen"),
        ("bench", &REACHABLE[1..], "futureloan.listen"),
        ("demo", &["listen=127.9.9.9:1", "futureloan.listen=[::1]:1"], ""),
        ("demo", &["listen=[::ffff:127.0.0.1]:1"], ""),
        ("demo", &["password.memory_kib=8192", "password.passes=1"], ""),
        ("production", &["futureloan.v1=true"], "futureloan.v1"),
        ("production", &["bench.public_administrators=true"], "bench.public_administrators"),
        ("production", &["bench.plain_mobiles=true"], "bench.plain_mobiles"),
        ("production", &["bench.movable_clock=true"], "bench.movable_clock"),
        ("production", &["bench.fixtures=true"], "bench.fixtures"),
        ("production", &["bench.show_sms_codes=true"], "bench.show_sms_codes"),
        ("production", &["providers.sandbox=true"], "providers.sandbox"),
        ("bench", &["xianjindai.listen=0.0.0.0:1"], "xianjindai.listen"),
        ("bench", &["wukong.listen=0.0.0.0:1"], "wukong.listen"),
        ("bench", &["shuaidan.listen=0.0.0.0:1"], "shuaidan.listen"),
        ("production", &["bench.session_viewer=true"], "bench.session_viewer"),
        ("bench", &["chaojihua.listen=0.0.0.0:1"], "chaojihua.listen"),
        ("bench", &["xianjindai.signatures=false", "xianjindai.old_signature=true"], ""),
        ("production", &[DOCUMENTED, "lender.name=N", ADDRESS, PHONE], "xianjindai.app_key"),
        ("production", &[APP_KEY, "lender.name=N", ADDRESS, PHONE], ""),
        ("production", &[APP_KEY, "lender.name=", ADDRESS, PHONE], "lender.name"),
        ("production", &[APP_KEY, "lender.name=N", "lender.address= ", PHONE], "lender.address"),
        ("production", &["bench.beyond_lines=true"], "bench.beyond_lines"),
        ("production", &["xianjindai.signatures=false"], "xianjindai.signatures"),
        ("production", &["xianjindai.old_signature=true"], "xianjindai.old_signature"),
        ("production", &["password.memory_kib=19455"], "password.memory_kib"),
        ("production", &["password.passes=1"], "password.passes"),
        ("production", &["limits.login_failures=21"], "limits.login_failures"),
        ("production", &["limits.login_failures=20"], ""),
        ("production", &REACHABLE, "listen futureloan.listen"),
        ("production", &["listen=0.0.0.0:1", "http.tls_by_proxy=true"], ""),
        ("production", &["listen=0.0.0.0:1", "http.tls_certificate=c", "http.tls_key=k"], ""),
        ("production", &["listen=0.0.0.0:1", "http.tls_key=k"], "listen http.tls_key"),
        ("demo", &["http.tls_certificate=c"], "http.tls_certificate"),
    ] {
        let profile = format!("profile={profile}");
        let all: Vec<&str> = [profile.as_str()].into_iter().chain(pairs.iter().copied()).collect();
        let errors = load(set(&all)).err().unwrap_or_default();
        let names: Vec<_> = errors.iter().map(|e| e.split(' ').next().unwrap()).collect();
        assert_eq!(names.join(" "), refused, "{all:?}: {errors:?}");
        assert!(
            errors.iter().all(|e| e.contains("(flag --set): refused in profile")),
            "{errors:?}"
        );
    }
}

#[test]
fn what_takes_effect_is_printed_in_columns() {
    let key = "xianjindai.app_key=s3cretkey";
    let loaded = load(set(&["database=postgres://bank:s3cret@db/jiehuan", key])).unwrap();
    let mut out = Vec::new();
    print_effective(&mut out, &loaded).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains("s3cret") && !format!("{loaded:?}").contains("s3cret"));
    assert_eq!(text.lines().count(), SETTINGS.len() + 1);
    let from = |line: &str| columns(&line[..line.rfind("  ").unwrap()]);
    let starts: Vec<usize> = text.lines().map(from).collect();
    assert!(starts.iter().all(|start| *start == starts[0]), "{text}");
    assert!(text.contains("postgres://bank:***@db/jiehuan  flag --set"), "{text}");
}
