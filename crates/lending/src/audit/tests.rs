//! The trail and its chain: what is noted, sealed, found again, and caught when it is changed.

use kernel::id::{LoanId, MemberId, OperatorId};
use sha2::{Digest as _, Sha256};
use store::params;

use super::chain::{Head, Reach, has_settled, head, seal};
use super::{Actor, Entry, Filter, Subject, entries, note};
use crate::ids::IdSource;
use crate::tests::kit::{Bench, On, START, all_at_once, on_both};
use crate::{Fault, Page, Route, ledger};

on_both! {
    what_is_noted_is_found_again
    a_detail_is_one_short_line
    an_entry_is_sealed_when_it_has_settled
    the_chain_is_sha256_over_what_is_documented
    an_entry_that_comes_late_is_sealed_too
    sealers_on_several_nodes_make_one_chain
    what_is_refused_leaves_no_entry
    whatever_is_changed_is_found
    entries_stay_above_the_old_ones_when_the_clock_goes_back
}

const LOAN: Subject = Subject::Loan(LoanId::from_number(7));
const CLERK: Actor = Actor::Operator(OperatorId::from_number(3));

fn noted(bench: &Bench, actor: Actor, action: &'static str, subject: Subject) {
    bench.write(move |tx| note(tx, actor, action, subject, "why")).unwrap();
}

/// Three entries by three actors.
fn three(bench: &Bench) {
    noted(bench, Actor::Platform, "loan.overdue", LOAN);
    noted(bench, CLERK, "loan.written_off", LOAN);
    noted(bench, Actor::Customer(MemberId::from_number(9)), "member.registered", Subject::Platform);
}

fn later(bench: &Bench, seconds: i64) {
    bench.core.clock().set(START.plus_millis(seconds * 1000));
}

fn sealed(bench: &Bench, reach: Reach) -> u64 {
    bench.write(move |tx| seal(tx, reach, 1000)).unwrap()
}

fn read(bench: &Bench, filter: Filter) -> Vec<Entry> {
    let page = Page::new(1, 50).unwrap();
    bench.read(move |tx| entries(tx, filter, page))
}

fn actions(bench: &Bench, filter: Filter) -> Vec<String> {
    read(bench, filter).into_iter().map(|entry| entry.action).collect()
}

fn what_is_noted_is_found_again(on: On) {
    let bench = on.open();
    three(&bench);
    let check = || {
        let all = ["member.registered", "loan.written_off", "loan.overdue"];
        assert_eq!(actions(&bench, Filter::All), all);
        assert_eq!(actions(&bench, Filter::About(LOAN)), all[1..]);
        assert_eq!(actions(&bench, Filter::About(Subject::Platform)), all[..1]);
        let by = Filter::By(OperatorId::from_number(3));
        assert_eq!(actions(&bench, by), ["loan.written_off"]);
        assert!(actions(&bench, Filter::By(OperatorId::from_number(9))).is_empty(), "a customer");
    };
    check();
    later(&bench, 60);
    assert_eq!(sealed(&bench, Reach::New), 3);
    check();
    let first = read(&bench, Filter::All).pop().unwrap();
    assert_eq!((first.noted_at, first.business_at), (START, START));
    assert_eq!((first.actor.kind.as_str(), first.actor.number), ("platform", None));
    noted(&bench, Actor::Provider("sandbox"), "payment.done", LOAN);
    let newest = read(&bench, Filter::About(LOAN)).swap_remove(0);
    assert_eq!(newest.actor.provider.as_deref(), Some("sandbox"));
}

fn a_detail_is_one_short_line(on: On) {
    let bench = on.open();
    let detail = format!("a\nb\0{}", "借".repeat(600));
    bench.write(move |tx| note(tx, CLERK, "x", LOAN, &detail)).unwrap();
    let kept = read(&bench, Filter::All).swap_remove(0).detail;
    assert_eq!(kept, format!("ab{}", "借".repeat(498)));
}

fn an_entry_is_sealed_when_it_has_settled(on: On) {
    let bench = on.open();
    three(&bench);
    later(&bench, 9);
    assert_eq!(sealed(&bench, Reach::New), 0, "another node's may still come in below");
    assert!(!bench.read(has_settled));
    later(&bench, 11);
    assert!(bench.read(has_settled));
    assert_eq!(bench.write(|tx| seal(tx, Reach::New, 2)).unwrap(), 2, "no more than asked for");
    assert_eq!(sealed(&bench, Reach::New), 1);
    assert_eq!(sealed(&bench, Reach::New), 0);
    assert!(!bench.read(has_settled));
    bench.verify();
}

/// The hash of the first link, put together by hand from the form in chain.rs.
fn the_chain_is_sha256_over_what_is_documented(on: On) {
    let bench = on.open();
    noted(&bench, CLERK, "loan.written_off", LOAN);
    let entry = read(&bench, Filter::All).swap_remove(0);
    later(&bench, 60);
    sealed(&bench, Reach::New);
    let mut bytes = vec![0_u8; 32];
    for field in [
        &b"jiehuan audit 1"[..],
        &entry.id.number().to_be_bytes(),
        b"operator",
        &[0, 0, 0, 0, 0, 0, 0, 3],
        b"",
        b"loan.written_off",
        b"loan",
        &[0, 0, 0, 0, 0, 0, 0, 7],
        b"why",
        &1_772_323_200_000_i64.to_be_bytes(),
        &1_772_323_200_000_i64.to_be_bytes(),
    ] {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    let hash = Sha256::digest(&bytes).to_vec();
    assert_eq!(bench.read(head), Some(Head { sequence: 1, hash }));
}

fn an_entry_that_comes_late_is_sealed_too(on: On) {
    let bench = on.open();
    three(&bench);
    later(&bench, 7200);
    noted(&bench, CLERK, "loan.repaid", LOAN);
    later(&bench, 7300);
    assert_eq!(sealed(&bench, Reach::New), 4);
    // A transaction of another node that began an hour ago commits only now.
    let id = IdSource::floor(START.plus_millis(3_600_000));
    bench
        .write(move |tx| {
            let insert = "INSERT INTO audit_entry (entry_id, actor_kind, action, subject_kind,
                detail, noted_at, business_at) VALUES (?1, 'platform', 'late', 'platform', '', 1, 1)";
            tx.execute(insert, params![id])
        })
        .unwrap();
    later(&bench, 7400);
    assert_eq!(sealed(&bench, Reach::New), 0);
    bench.verify();
    assert_eq!(sealed(&bench, Reach::Late), 1);
    bench.verify();
    assert_eq!(bench.read(head).unwrap().sequence, 5);
}

fn sealers_on_several_nodes_make_one_chain(on: On) {
    let bench = on.open();
    for _ in 0..40 {
        three(&bench);
    }
    let nodes: Vec<_> = (0..4).map(|_| bench.another_core()).collect();
    for node in &nodes {
        node.clock().set(START.plus_millis(60_000));
    }
    let counts = all_at_once(4, |n| {
        let work = move |tx: &mut crate::Tx<'_, '_>| seal(tx, Reach::Late, 7);
        (0..10).map(|_| nodes[n].write_and_wait(Route::home(0), work).unwrap()).sum::<u64>()
    });
    assert_eq!(counts.iter().sum::<u64>(), 120, "{counts:?}");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM audit_seal"), 120);
    bench.verify();
    for node in nodes {
        node.close();
    }
}

fn what_is_refused_leaves_no_entry(on: On) {
    let bench = on.open();
    let refused = bench.write(|tx| {
        note(tx, CLERK, "loan.written_off", LOAN, "")?;
        Err::<(), _>(Fault::Corrupt("refused".into()))
    });
    assert!(refused.is_err() && read(&bench, Filter::All).is_empty());
}

fn whatever_is_changed_is_found(on: On) {
    const CHAIN: &str =
        "every link of the audit chain goes on from the one before it with its entry";
    const COMPLETE: &str = "every audit entry stands in the chain, but for the newest";
    let table = [
        (CHAIN, "UPDATE audit_entry SET detail = 'other' WHERE action = 'loan.overdue'"),
        (CHAIN, "UPDATE audit_entry SET actor_id = 4 WHERE actor_kind = 'operator'"),
        (
            CHAIN,
            "UPDATE audit_entry SET actor_kind = 'operator', actor_id = 1
            WHERE actor_kind = 'customer'",
        ),
        (CHAIN, "UPDATE audit_entry SET actor_id = 0 WHERE actor_kind = 'platform'"),
        (CHAIN, "UPDATE audit_entry SET action = 'loan.repaid' WHERE actor_kind = 'operator'"),
        (CHAIN, "UPDATE audit_entry SET provider = 'x' WHERE actor_kind = 'platform'"),
        (CHAIN, "UPDATE audit_entry SET subject_id = 8 WHERE actor_kind = 'operator'"),
        (CHAIN, "UPDATE audit_entry SET subject_kind = 'member' WHERE actor_kind = 'operator'"),
        (CHAIN, "UPDATE audit_entry SET noted_at = noted_at + 1 WHERE actor_kind = 'customer'"),
        (CHAIN, "UPDATE audit_entry SET business_at = 0 WHERE actor_kind = 'customer'"),
        (CHAIN, "DELETE FROM audit_entry WHERE actor_kind = 'customer'"),
        (CHAIN, "DELETE FROM audit_entry WHERE actor_kind = 'platform'"),
        (CHAIN, "UPDATE audit_seal SET sequence = 9 WHERE sequence = 3"),
        (CHAIN, "UPDATE audit_seal SET subject_id = 8 WHERE sequence = 1"),
        (CHAIN, "DELETE FROM audit_seal WHERE sequence = 1"),
        (CHAIN, "DELETE FROM audit_seal WHERE sequence = 2"),
        (
            COMPLETE,
            "INSERT INTO audit_entry (entry_id, actor_kind, action, subject_kind, detail,
            noted_at, business_at) VALUES (1, 'platform', 'x', 'platform', '', 1, 1)",
        ),
    ];
    let bench = on.open();
    three(&bench);
    later(&bench, 60);
    sealed(&bench, Reach::New);
    bench.verify();
    let mut wrong = Vec::new();
    for (check, corruption) in table {
        let found = bench.write(move |tx| {
            assert!(tx.execute(corruption, params![])? > 0, "no row: {corruption}");
            let found = ledger::verify(tx)?.err().map_or("nothing", |difference| difference.check);
            Err::<(), _>(Fault::Corrupt(found.into())) // undoes the corruption
        });
        if found != Err(Fault::Corrupt(check.into())) {
            wrong.push(format!("{corruption}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    bench.verify();
}

fn entries_stay_above_the_old_ones_when_the_clock_goes_back(on: On) {
    let bench = on.open();
    later(&bench, 3600);
    noted(&bench, CLERK, "first", LOAN);
    let node = bench.another_core(); // its clock stands at START, an hour earlier
    node.write_and_wait(Route::home(0), |tx| note(tx, CLERK, "second", LOAN, "")).unwrap();
    let mut all = read(&bench, Filter::All);
    all.sort_by_key(|entry| entry.id);
    let actions: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["first", "second"], "the seal of the first would hide the second");
    node.close();
}
