//! Twins of every sample of document 003: tests/golden/samples/shuaidan.

use super::App;
use super::handing::consent_code;
use crate::bench::{Answer, Bench, Store};
use crate::operators::on_both;
use crate::samples::Twins;

on_both! {
    every_sample_has_a_golden_twin
}

const KEPT: &[&str] = &["sucessed", "success", "message", "errorMessage", "state", "event"];

/// The session that an answer sets.
#[track_caller]
fn session(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a session");
    set.split(';').next().unwrap().to_owned()
}

pub(super) fn every_sample_has_a_golden_twin(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_SHUAIDAN_LEAD_FEE_YUAN", "0")]);
    let mut twins = Twins::of(&bench, "shuaidan", KEPT);
    let sent = twins.play_while("checkmessage", || ());
    twins.know("session", &session(&sent));
    let code = twins.play("session").to_string();
    twins.know("code", &code);
    for name in ["register_failed", "register", "login_failed"] {
        twins.play(name);
    }
    let entered = twins.play_while("login", || ());
    let mut alice = App { bench: &bench, cookie: session(&entered) };
    twins.know("session", &alice.cookie);
    twins.play("loanrequest_failed");
    twins.play("loanrequest");
    let lead = twins.play("leads_mine")["data"][0]["id"].as_i64().unwrap();
    twins.know("lead", &lead.to_string());
    twins.play("leads_detail");
    let mut bob = App::officer(&bench, "13800000002");
    twins.know("taker", &bob.cookie);
    for name in ["leads", "leads_claim", "leads_claimed", "leads_work", "leads_release"] {
        twins.play(name);
    }
    bob.shown("POST", "/leads/claim", &format!("id={lead}"));
    twins.play("leads_consent");
    twins.know("code", &consent_code(&bench, lead));
    twins.play("leads_handover");
    let lead = alice.tell(2, "13900000002");
    bob.shown("POST", "/leads/claim", &format!("id={lead}"));
    twins.know("lead", &lead.to_string());
    twins.play("leads_close");
    let lead = alice.tell(3, "13900000003");
    twins.know("lead", &lead.to_string());
    twins.play("leads_withdraw");
    twins.play("leads_wallet");
    bench.verify();
    // Where nobody can look into a session, a key without a number tells nobody the code.
    let bench = Bench::start_with(store, &[("JIEHUAN_BENCH_SESSION_VIEWER", "false")]);
    let mut twins = twins.on(&bench);
    twins.play("checkmessage_failed");
    twins.all_played();
}
