//! What is kept of calls to providers.

use kernel::Money;

use super::{Kept, NewCall};
use crate::tests::kit::{Bench, On, START, on_both};
use crate::{Page, provider_calls};

on_both! {
    calls_are_listed_and_summed_by_provider
    old_calls_are_forgotten
}

fn call(provider: &'static str, error: Option<&str>, latency_ms: i64, age_days: i64) -> NewCall {
    NewCall {
        provider,
        call: "query",
        error: error.map(str::to_owned),
        latency_ms,
        cost: Money::from_fen(if error.is_none() { 7 } else { 0 }).unwrap(),
        request: "no_order=P1".into(),
        answer: String::new(),
        at: START.plus_days(-age_days),
    }
}

fn listed(bench: &Bench, provider: Option<&'static str>, which: Kept) -> Vec<(String, i64)> {
    let page = Page::new(1, 10).unwrap();
    let found = bench.read(move |tx| provider_calls::calls(tx, provider, which, page));
    found.into_iter().map(|call| (call.provider, call.latency_ms)).collect()
}

fn calls_are_listed_and_summed_by_provider(on: On) {
    let bench = on.open();
    let calls = [
        call("limu", Some("not answered"), 900, 3),
        call("lianlian", None, 10, 2),
        call("lianlian", None, 30, 0),
        call("lianlian", Some("not sent"), 61, 0),
    ];
    bench.write(move |tx| provider_calls::keep(tx, &calls)).unwrap();
    let all = [("lianlian", 61), ("lianlian", 30), ("lianlian", 10), ("limu", 900)];
    let named = |rows: &[(&str, i64)]| -> Vec<(String, i64)> {
        rows.iter().map(|(name, ms)| ((*name).to_owned(), *ms)).collect()
    };
    assert_eq!(listed(&bench, None, Kept::All), named(&all));
    assert_eq!(listed(&bench, Some("limu"), Kept::All), named(&all[3..]));
    assert_eq!(listed(&bench, Some("lianlian"), Kept::Failed), named(&all[..1]));
    let [lianlian, limu] = &bench.read(provider_calls::health)[..] else { panic!("not two") };
    // By hand: the last day has 30 and 61 ms, 91 in all, 45 on average.
    assert_eq!((lianlian.calls, lianlian.failed), (2, 1));
    assert_eq!((lianlian.mean_ms, lianlian.slowest_ms), (45, 61));
    assert_eq!(lianlian.cost.fen(), 14);
    assert!(!lianlian.is_failing() && lianlian.answered_at.is_some(), "the same instant");
    assert_eq!((limu.calls, limu.mean_ms, limu.answered_at), (0, 0, None));
    assert!(limu.is_failing());
}

fn old_calls_are_forgotten(on: On) {
    let bench = on.open();
    let calls = [call("limu", None, 1, 91), call("limu", None, 2, 89)];
    bench.write(move |tx| provider_calls::keep(tx, &calls)).unwrap();
    assert_eq!(bench.write(|tx| provider_calls::prune(tx, 90)).unwrap(), 1);
    assert_eq!(listed(&bench, None, Kept::All), [("limu".to_owned(), 2)]);
}
