//! What an operator sees: the commands, the settings and their refusals.

use crate::bench::{Bench, PASSWORD, Store, both};

/// Two members, one of them an administrator of the market.
const PEOPLE: &str = r#"{"members":[
{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小借","leave_amount":100},
{"id":9,"mobile_phone":"13800000009","pwd":"password1","type":0,"reg_name":"小管","leave_amount":0}]}"#;

/// Runs a command that must be refused, and gives what it said.
#[track_caller]
fn refused(bench: &Bench, arguments: &[&str]) -> String {
    let output = bench.cli(arguments);
    assert!(!output.status.success(), "jiehuan {} was not refused", arguments.join(" "));
    assert!(output.status.code().is_some(), "jiehuan ended by a signal");
    let said = both(&output);
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn version_names_the_program_and_its_number() {
    let bench = Bench::prepare(Store::Sqlite, &[]);
    let printed = bench.cli_ok(&["version"]);
    assert!(
        printed.contains("jiehuan") && printed.contains(env!("CARGO_PKG_VERSION")),
        "{printed}"
    );
}

#[test]
fn config_shows_each_setting_and_where_it_comes_from() {
    let bench = Bench::prepare(Store::Sqlite, &[("JIEHUAN_FUTURELOAN_MINIMUM_LOAN", "300")]);
    let printed = bench.cli_ok(&["config"]);
    let line = printed.lines().find(|line| line.contains("minimum_loan"));
    let line = line.unwrap_or_else(|| panic!("no minimum_loan:\n{printed}"));
    assert!(line.contains("300"), "{line}");
    assert!(line.contains("JIEHUAN_FUTURELOAN_MINIMUM_LOAN"), "names its origin: {line}");
}

#[test]
fn an_unknown_setting_is_an_error_that_names_it() {
    let bench = Bench::prepare(Store::Sqlite, &[("JIEHUAN_LISTN", "127.0.0.1:1")]);
    for command in [&["config"][..], &["verify"], &["serve"]] {
        let said = refused(&bench, command);
        assert!(said.contains("JIEHUAN_LISTN"), "{command:?}: {said}");
    }
}

#[test]
fn a_bad_value_is_an_error_that_names_the_setting() {
    let table = [
        ("JIEHUAN_LISTEN", "nowhere"),
        ("JIEHUAN_FUTURELOAN_MINIMUM_LOAN", "many"),
        ("JIEHUAN_PASSWORD_PASSES", "-1"),
        ("JIEHUAN_PROFILE", "tuesday"),
    ];
    for (name, value) in table {
        let bench = Bench::prepare(Store::Sqlite, &[(name, value)]);
        let said = refused(&bench, &["config"]);
        assert!(said.contains(name), "{name}={value}: {said}");
    }
}

#[test]
fn production_refuses_what_is_meant_for_a_bench() {
    // The weak passwords of a bench are refused too, so they are not the reason here.
    let production = [
        ("JIEHUAN_PROFILE", "production"),
        ("JIEHUAN_PASSWORD_MEMORY_KIB", "19456"),
        ("JIEHUAN_PASSWORD_PASSES", "2"),
    ];
    for (name, value) in [
        ("JIEHUAN_FUTURELOAN_V1", "true"),
        ("JIEHUAN_BENCH_FIXTURES", "true"),
        ("JIEHUAN_BENCH_MOVABLE_CLOCK", "true"),
        ("JIEHUAN_BENCH_PLAIN_MOBILES", "true"),
        ("JIEHUAN_BENCH_PUBLIC_ADMINISTRATORS", "true"),
        ("JIEHUAN_PASSWORD_MEMORY_KIB", "8192"),
    ] {
        let mut settings = production.to_vec();
        settings.push((name, value));
        let said = refused(&Bench::prepare(Store::Sqlite, &settings), &["serve"]);
        assert!(said.contains(name), "{name}: {said}");
    }

    let bench = Bench::prepare(Store::Sqlite, &production);
    bench.cli_ok(&["migrate"]);
    let file = bench.folder().join("people.json");
    std::fs::write(&file, PEOPLE).unwrap();
    refused(&bench, &["fixture", "load", file.to_str().unwrap()]);
    refused(&bench, &["fixture", "reset"]);
    refused(&bench, &["clock", "advance", "1d"]);
    bench.verify();
}

#[test]
fn a_fixture_that_is_wrong_changes_nothing() {
    let bench = Bench::start(Store::Sqlite);
    let table = [
        "",
        "{",
        "[]",
        r#"{"membres":[]}"#,
        r#"{"members":[{"id":1,"mobile_phone":"1","pwd":"password1","type":1,"reg_name":"x","leave_amount":0}]}"#,
        r#"{"invests":[{"member_id":1,"loan_id":1,"amount":400}]}"#,
    ];
    for (number, text) in table.iter().enumerate() {
        let file = bench.folder().join(format!("{number}.json"));
        std::fs::write(&file, text).unwrap();
        refused(&bench, &["fixture", "load", file.to_str().unwrap()]);
    }
    let loans = bench.call("GET", "/futureloan/loans", "", "").data();
    assert_eq!(loans.as_array().unwrap().len(), 0);
    bench.verify();
}

#[track_caller]
fn check_a_fresh_database(store: Store) {
    let mut bench = Bench::prepare(store, &[]);
    bench.cli_ok(&["migrate"]);
    bench.cli_ok(&["migrate"]); // a second time finds nothing to do
    bench.verify();
    bench.serve();
    bench.load(PEOPLE);
    let token = bench.login("13800000001", PASSWORD);
    assert_eq!(bench.balance(&token, 1), 10_000);
    bench.restart();
    assert_eq!(bench.balance(&token, 1), 10_000, "tokens and money outlive a restart");
    bench.verify();
}

#[test]
fn migrate_serve_and_restart_keep_the_books_on_sqlite() {
    check_a_fresh_database(Store::Sqlite);
}

#[test]
fn migrate_serve_and_restart_keep_the_books_on_postgres() {
    check_a_fresh_database(Store::Postgres);
}

#[track_caller]
fn check_revoke_and_block(store: Store) {
    let bench = Bench::start(store);
    bench.load(PEOPLE);
    let token = bench.login("13800000001", PASSWORD);
    let info = |token: &str| bench.call("GET", "/futureloan/member/1/info", token, "");
    assert_eq!(info(&token).code(), 0);
    bench.cli_ok(&["member", "revoke", "--mobile", "13800000001"]);
    assert_eq!(info(&token).code(), 1003, "a revoked token is worth nothing");
    let again = bench.login("13800000001", PASSWORD);
    assert_eq!(info(&again).code(), 0, "a new token is good at once");
    bench.cli_ok(&["member", "block", "--mobile", "13800000001"]);
    assert_eq!(info(&again).code(), 1003, "blocking ends all tokens");
    let login = r#"{"mobile_phone":"13800000001","pwd":"password1"}"#;
    let answer = bench.call("POST", "/futureloan/member/login", "", login);
    assert_eq!(answer.code(), 1001, "a blocked member cannot log in: {}", answer.text);
    refused(&bench, &["member", "block", "--mobile", "13899999999"]);
}

#[test]
fn revoked_and_blocked_members_are_out_on_sqlite() {
    check_revoke_and_block(Store::Sqlite);
}

#[test]
fn revoked_and_blocked_members_are_out_on_postgres() {
    check_revoke_and_block(Store::Postgres);
}

#[test]
fn nothing_of_a_person_reaches_the_log() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_LOG_LEVEL", "debug")]);
    bench.load(PEOPLE);
    let token = bench.login("13800000001", PASSWORD);
    let update = r#"{"member_id":1,"reg_name":"无名之人"}"#;
    bench.call("PATCH", "/futureloan/member/update", &token, update).data();
    let body = r#"{"mobile_phone":"13800000001","pwd":"password9"}"#;
    bench.call("POST", "/futureloan/member/login", "", body);
    let log = bench.log();
    for secret in ["13800000001", "password1", "password9", &token, "无名之人"] {
        assert!(!log.contains(secret), "the log shows {secret}:\n{log}");
    }
}

#[test]
fn a_sealed_database_gets_no_new_key() {
    let mut bench = Bench::prepare(Store::Sqlite, &[("JIEHUAN_KEYS", "lost-keys")]);
    bench.cli_ok(&["migrate"]);
    let keys = bench.folder().join("lost-keys");
    std::fs::rename(&keys, bench.folder().join("elsewhere")).unwrap();
    let told = refused(&bench, &["verify"]);
    assert!(told.contains("personal.key is missing"), "{told}");
    assert!(!keys.join("personal.key").exists(), "a key was made beside a sealed database");
    std::fs::rename(bench.folder().join("elsewhere"), &keys).unwrap();
    bench.serve();
    bench.verify();
}

#[test]
fn the_channel_may_have_a_port_of_its_own() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_FUTURELOAN_LISTEN", "127.0.0.1:0")]);
    bench.load(PEOPLE);
    let own = bench.printed_address("前程贷 (futureloan)");
    let answer = ureq::get(format!("{own}/loans"))
        .header("X-Lemonban-Media-Type", "lemonban.v2")
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert!(answer.starts_with(r#"{"code":0,"msg":"OK","data":[]"#), "{answer}");
}

/// Small, so that what `docs/performance.md` is measured with cannot rot: every loan is worked on,
/// and the books are clean afterwards.
#[test]
fn a_day_end_over_a_made_portfolio_leaves_clean_books() {
    for store in [Store::Sqlite, Store::Postgres] {
        let bench = Bench::prepare(store, &[]);
        let printed = bench.cli_ok(&["bench", "day-end", "--loans", "300", "--verify"]);
        assert!(printed.lines().any(|line| line.starts_with("| 300 |")), "{printed}");
    }
}
