//! Calls that share a commit: all of them are there, and none harms another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::kit::{Answer, Bench, On, Stop, append, count_lines, fault, insert, on_both};
use crate::{Fault, params};

on_both! {
    calls_share_commits
    a_bad_call_harms_nobody
    a_bad_call_alone_has_no_effect
    a_statement_that_is_not_understood_harms_nobody
    a_failing_read_harms_nobody
    appended_rows_of_others_outlive_an_undone_reader
    a_refused_appended_row_harms_nobody
    a_failed_commit_is_answered_as_failed_to_all
    calls_of_a_group_see_each_other_in_order
    refusals_are_passed_on
    a_panicking_answer_stops_nobody
}

fn calls_share_commits(on: On) {
    let bench = on.open();
    let before = bench.db.stats();
    let gate = bench.hold();
    let threads: Vec<_> = (1..=200)
        .map(|id| {
            let db = bench.db.clone();
            std::thread::spawn(move || {
                let key = u64::try_from(id).unwrap();
                db.write_and_wait(key, move |tx| -> Answer { Ok(insert(tx, id)?) })
            })
        })
        .collect();
    while bench.db.stats().waiting < 200 {
        std::thread::yield_now();
    }
    drop(gate);
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(bench.items(), (1..=200).collect::<Vec<_>>());
    let stats = bench.db.stats();
    assert_eq!(stats.calls - before.calls, 201);
    // The gate's call by itself, then 64 + 64 + 64 + 8.
    assert_eq!(stats.groups - before.groups, 5);
    assert_eq!((stats.regrouped, stats.retries, stats.waiting), (0, 0, 0));
}

/// Queues good calls around a bad one, runs them as one group, and gives the bad one's answer.
#[track_caller]
fn among_good_ones(
    bench: &Bench,
    bad: impl FnMut(&mut crate::Tx<'_>) -> Answer + Send + 'static,
) -> Answer {
    let gate = bench.hold();
    let first = bench.queue(|tx| {
        append(tx, 101)?;
        Ok(insert(tx, 1)?)
    });
    let bad = bench.queue(bad);
    let last = bench.queue(|tx| {
        append(tx, 102)?;
        Ok(insert(tx, 2)?)
    });
    drop(gate);
    assert_eq!(first.recv().unwrap(), Ok(()));
    assert_eq!(last.recv().unwrap(), Ok(()));
    assert_eq!(bench.items(), [1, 2]);
    assert_eq!(bench.lines(), [101, 102]);
    bad.recv().unwrap()
}

fn violate(tx: &mut crate::Tx<'_>) -> Result<(), Fault> {
    tx.execute("INSERT INTO item (item_id, n) VALUES (51, -1)", &[]).map(|_| ())
}

fn a_bad_call_harms_nobody(on: On) {
    let bench = on.open();
    let gate = bench.hold();
    let good: Vec<_> = (1..=3).map(|id| bench.queue(move |tx| Ok(insert(tx, id)?))).collect();
    let refusing = bench.queue(|tx| {
        insert(tx, 50)?;
        append(tx, 50)?;
        Err::<(), _>(Stop::Refused)
    });
    let panicking = bench.queue(|tx| -> Answer {
        insert(tx, 50)?;
        append(tx, 50)?;
        panic!("on purpose")
    });
    let violating = bench.queue(|tx| {
        insert(tx, 50)?;
        append(tx, 50)?;
        Ok(violate(tx)?)
    });
    let swallowing = bench.queue(|tx| {
        insert(tx, 50)?;
        append(tx, 50)?;
        assert!(violate(tx).is_err());
        assert_eq!(insert(tx, 52), Err(Fault::Broken), "nothing works after an error");
        assert_eq!(append(tx, 52), Err(Fault::Broken));
        Ok(())
    });
    let more: Vec<_> = (4..=6).map(|id| bench.queue(move |tx| Ok(insert(tx, id)?))).collect();
    drop(gate);
    for answer in good.into_iter().chain(more) {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    assert_eq!(refusing.recv().unwrap(), Err(Stop::Refused));
    assert_eq!(fault(panicking.recv().unwrap()), Fault::Panicked);
    assert!(matches!(fault(violating.recv().unwrap()), Fault::Constraint(_)));
    assert!(matches!(fault(swallowing.recv().unwrap()), Fault::Constraint(_)));
    assert_eq!(bench.items(), (1..=6).collect::<Vec<_>>());
    assert!(bench.lines().is_empty());
    let stats = bench.db.stats();
    assert_eq!((stats.groups, stats.regrouped, stats.panics), (2, 0, 1));
}

fn a_bad_call_alone_has_no_effect(on: On) {
    let bench = on.open_with(|options| options.group = 1);
    let refused: Answer = bench.write(|tx| {
        insert(tx, 50)?;
        Err(Stop::Refused)
    });
    assert_eq!(refused, Err(Stop::Refused));
    let panicked: Answer = bench.write(|tx| {
        insert(tx, 50)?;
        panic!("on purpose")
    });
    assert_eq!(fault(panicked), Fault::Panicked);
    let swallowed: Answer = bench.write(|tx| {
        insert(tx, 50)?;
        let _ = violate(tx);
        Ok(())
    });
    assert!(matches!(fault(swallowed), Fault::Constraint(_)));
    assert!(bench.items().is_empty());
    assert_eq!(bench.db.stats().retries, 0);
}

fn a_statement_that_is_not_understood_harms_nobody(on: On) {
    let bench = on.open();
    let answer = among_good_ones(&bench, |tx| {
        // The first statement of its call, so that nothing of it has been sent before.
        tx.execute("INSERT INTO no_such_table (a) VALUES (1)", &[])?;
        Ok(())
    });
    assert!(matches!(fault(answer), Fault::Engine(_)));
    assert_eq!(bench.db.stats().regrouped, 0);
}

fn a_failing_read_harms_nobody(on: On) {
    let bench = on.open();
    let answer = among_good_ones(&bench, |tx| {
        tx.rows("SELECT no_such_column FROM item", &[], |_| Ok(()))?;
        Ok(())
    });
    assert!(matches!(fault(answer), Fault::Engine(_)));
}

fn appended_rows_of_others_outlive_an_undone_reader(on: On) {
    let bench = on.open();
    let answer = among_good_ones(&bench, |tx| {
        append(tx, 150)?;
        // On PostgreSQL this sends the rows of the call before, too, and inside the savepoint.
        assert_eq!(count_lines(tx)?, 2);
        append(tx, 151)?;
        Err(Stop::Refused)
    });
    assert_eq!(answer, Err(Stop::Refused));
    assert_eq!(bench.db.stats().regrouped, 0);
}

fn a_refused_appended_row_harms_nobody(on: On) {
    let bench = on.open();
    let bad_line = |tx: &mut crate::Tx<'_>| {
        tx.append(&super::kit::LINE, params![150_i64, -1_i64, None::<&str>, None::<&[u8]>])
    };
    let answer = among_good_ones(&bench, move |tx| Ok(bad_line(tx)?));
    assert!(matches!(fault(answer), Fault::Constraint(_)));

    // The call that reads the table after the bad row is not the guilty one.
    let gate = bench.hold();
    let guilty = bench.queue(move |tx| Ok(bad_line(tx)?));
    let reading = bench.queue(|tx| {
        insert(tx, 3)?;
        Ok(count_lines(tx)?)
    });
    drop(gate);
    assert!(matches!(fault(guilty.recv().unwrap()), Fault::Constraint(_)));
    assert_eq!(reading.recv().unwrap(), Ok(2));
    assert_eq!(bench.items(), [1, 2, 3]);
}

fn a_failed_commit_is_answered_as_failed_to_all(on: On) {
    let bench = on.open();
    let before = bench.db.stats();
    let gate = bench.hold();
    let first = bench.queue(|tx| Ok(insert(tx, 1)?));
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let guilty = bench.queue(move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        // The key is looked at by the commit.
        tx.execute("INSERT INTO child (child_id, parent_id) VALUES (1, 1)", &[])?;
        Ok(())
    });
    let refusing = bench.queue(|_| Err::<(), _>(Stop::Refused));
    let last = bench.queue(|tx| Ok(append(tx, 2)?));
    drop(gate);
    for answer in [first, guilty, refusing, last] {
        assert!(matches!(fault(answer.recv().unwrap()), Fault::Constraint(_)));
    }
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(bench.items().is_empty() && bench.lines().is_empty());
    assert_eq!(bench.db.stats().groups - before.groups, 1, "only the gate's");

    // The same alone; then all is well again.
    let alone: Answer = bench.write(|tx| {
        tx.execute("INSERT INTO child (child_id, parent_id) VALUES (1, 1)", &[])?;
        Ok(())
    });
    assert!(matches!(fault(alone), Fault::Constraint(_)));
    bench
        .write(|tx| {
            tx.execute("INSERT INTO child (child_id, parent_id) VALUES (1, 1)", &[])?;
            tx.execute("INSERT INTO parent (parent_id) VALUES (1)", &[])?;
            Ok(insert(tx, 3)?)
        })
        .unwrap();
    assert_eq!(bench.items(), [3]);
}

fn calls_of_a_group_see_each_other_in_order(on: On) {
    let bench = on.open();
    bench.write(|tx| Ok(insert(tx, 1)?)).unwrap();
    let gate = bench.hold();
    let answers: Vec<_> = (1..=20)
        .map(|_| {
            bench.queue(|tx| {
                let id = count_lines(tx)?;
                append(tx, id)?;
                let sql = "UPDATE item SET n = n + 1 WHERE item_id = 1 RETURNING n";
                Ok(tx.row(sql, &[], |row| row.i64("n"))?)
            })
        })
        .collect();
    drop(gate);
    for (answer, n) in answers.into_iter().zip(1..) {
        assert_eq!(answer.recv().unwrap(), Ok(Some(n)));
    }
    assert_eq!(bench.lines(), (0..20).collect::<Vec<_>>());
}

fn refusals_are_passed_on(on: On) {
    let bench = on.open();
    let before = bench.db.stats();
    let gate = bench.hold();
    let answers: Vec<_> = (0..5).map(|_| bench.queue(|_| Err::<(), _>(Stop::Refused))).collect();
    drop(gate);
    for answer in answers {
        assert_eq!(answer.recv().unwrap(), Err(Stop::Refused));
    }
    assert_eq!(bench.db.stats().groups - before.groups, 1, "nothing to commit but the gate's");
}

fn a_panicking_answer_stops_nobody(on: On) {
    let bench = on.open();
    bench.db.write(0, |tx| -> Answer { Ok(insert(tx, 1)?) }, |_| panic!("on purpose"));
    bench.write(|tx| Ok(insert(tx, 2)?)).unwrap();
    assert_eq!(bench.items(), [1, 2]);
    assert_eq!(bench.db.stats().panics, 1);
}
