//! Several writers on PostgreSQL that want the same rows, and connections that break.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use super::kit::{Answer, Bench, On, Stop, append, fault, insert};
use crate::{Engine, Fault, Isolation, Tx, params};

fn with_writers(count: usize, level: Isolation) -> Bench {
    On::Postgres.open_with(|options| {
        if let Engine::Postgres { writers, isolation, .. } = &mut options.engine {
            (*writers, *isolation) = (count, level);
        }
    })
}

fn add(tx: &mut Tx<'_>, id: i64) -> Answer {
    let sql = "UPDATE item SET n = n + 1 WHERE item_id = ?1";
    assert_eq!(tx.execute(sql, params![id])?, 1);
    Ok(())
}

#[track_caller]
fn balance(bench: &Bench, id: i64) -> i64 {
    let read = bench.db.read_and_wait(move |tx| {
        tx.row("SELECT n FROM item WHERE item_id = ?1", params![id], |row| row.i64("n"))
    });
    read.unwrap().unwrap()
}

#[test]
fn calls_that_lock_each_other_out_are_run_again() {
    let bench = with_writers(2, Isolation::ReadCommitted);
    bench.write(|tx| Ok(insert(tx, 1).and_then(|()| insert(tx, 2))?)).unwrap();
    let meet = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    std::thread::scope(|scope| {
        for (key, first, second) in [(0, 1, 2), (1, 2, 1)] {
            let (meet, runs, db) = (Arc::clone(&meet), Arc::clone(&runs), &bench.db);
            scope.spawn(move || {
                let mut attempts = 0;
                let answer = db.write_and_wait(key, move |tx| {
                    attempts += 1;
                    add(tx, first)?;
                    if attempts == 1 {
                        meet.wait(); // now each has what the other wants
                    }
                    add(tx, second)?;
                    runs.fetch_add(1, Ordering::Relaxed);
                    Answer::Ok(attempts)
                });
                answer.unwrap()
            });
        }
    });
    assert_eq!((balance(&bench, 1), balance(&bench, 2)), (2, 2));
    // One of them, or both where they give up waiting at the same time.
    assert!((1..10).contains(&bench.db.stats().retries), "{:?}", bench.db.stats());
    assert!(runs.load(Ordering::Relaxed) >= 2);
}

/// Adds 1 to one row 1,000 times, on four threads and as many writers.
fn hot_row(bench: &Bench) {
    bench.write(|tx| Ok(insert(tx, 1)?)).unwrap();
    std::thread::scope(|scope| {
        for key in 0..4 {
            scope.spawn(move || {
                for _ in 0..250 {
                    // Where the machine is busy all attempts may meet a rival: that is told, has
                    // changed nothing, and is asked for again.
                    while let Err(told) = bench.db.write_and_wait(key, |tx| add(tx, 1)) {
                        assert!(matches!(told, Stop::Fault(Fault::Conflict(_))), "{told:?}");
                    }
                }
            });
        }
    });
    assert_eq!(balance(bench, 1), 1000);
}

#[test]
fn a_hot_row_loses_nothing_and_seldom_retries() {
    let bench = with_writers(4, Isolation::ReadCommitted);
    hot_row(&bench);
    assert!(bench.db.stats().retries < 100, "{:?}", bench.db.stats());
}

#[test]
fn a_hot_row_loses_nothing_when_serializable() {
    hot_row(&with_writers(4, Isolation::Serializable));
}

#[test]
fn a_commit_that_conflicts_is_run_again_and_answers_anew() {
    let bench = with_writers(2, Isolation::Serializable);
    bench.write(|tx| Ok(insert(tx, 1).and_then(|()| insert(tx, 2))?)).unwrap();
    let meet = Arc::new(Barrier::new(2));
    let mut answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = [(0, 1), (1, 2)]
            .into_iter()
            .map(|(key, mine)| {
                let (meet, db) = (Arc::clone(&meet), &bench.db);
                scope.spawn(move || {
                    let mut attempts = 0;
                    db.write_and_wait(key, move |tx| -> Answer<_> {
                        attempts += 1;
                        // Each decides on the sum and changes only its own part of it.
                        let sql = "SELECT CAST(SUM(n) AS BIGINT) AS total FROM item";
                        let total = tx.row(sql, &[], |row| row.i64("total"))?;
                        add(tx, mine)?;
                        if attempts == 1 {
                            meet.wait(); // only the commit is left
                        }
                        Ok(total)
                    })
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    answers.sort_by_key(|answer| answer.clone().ok());
    assert_eq!(answers, [Ok(Some(0)), Ok(Some(1))], "one after the other");
    // PostgreSQL may find both guilty, and then the same two meet again.
    assert!((1..10).contains(&bench.db.stats().retries), "{:?}", bench.db.stats());
}

#[test]
fn locked_reads_decide_on_the_present() {
    let bench = with_writers(4, Isolation::ReadCommitted);
    bench.write(|tx| Ok(insert(tx, 1)?)).unwrap();
    std::thread::scope(|scope| {
        for key in 0..4 {
            let db = &bench.db;
            scope.spawn(move || {
                for _ in 0..50 {
                    let answer: Answer = db.write_and_wait(key, |tx| {
                        let sql = "SELECT n FROM item WHERE item_id = 1 FOR UPDATE";
                        let n = tx.row(sql, &[], |row| row.i64("n"))?.unwrap();
                        tx.execute("UPDATE item SET n = ?1 WHERE item_id = 1", params![n + 1])?;
                        Ok(())
                    });
                    answer.unwrap();
                }
            });
        }
    });
    assert_eq!(balance(&bench, 1), 200);
}

/// Ends all connections of the store from outside.
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Ends them from inside a call.
fn kill(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(KILL).await.unwrap();
        // The signal is sent; wait until the connections are gone.
        let count = "SELECT 1 FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()
                       AND backend_type = 'client backend'";
        while !client.query(count, &[]).await.unwrap().is_empty() {}
    });
}

#[test]
fn a_connection_killed_between_calls_is_made_again() {
    let bench = with_writers(2, Isolation::ReadCommitted);
    for round in 0..5 {
        let id = round * 10;
        bench.admin(KILL);
        bench.db.write_and_wait(0, move |tx| -> Answer { Ok(insert(tx, id)?) }).unwrap();
        bench.admin(KILL);
        bench.db.write_and_wait(1, move |tx| -> Answer { Ok(insert(tx, id + 1)?) }).unwrap();
        kill(&bench.url());
        bench.db.write_and_wait(0, move |tx| -> Answer { Ok(append(tx, id)?) }).unwrap();
        bench.admin(KILL);
        assert_eq!(bench.items().len(), usize::try_from(2 * round + 2).unwrap());
    }
    assert_eq!(bench.lines(), [0, 10, 20, 30, 40]);
}

#[test]
fn a_connection_killed_within_a_call_loses_nothing() {
    let bench = with_writers(1, Isolation::ReadCommitted);
    let (url, mut runs) = (bench.url(), 0);
    let gate = bench.hold();
    let first = bench.queue(|tx| Ok(insert(tx, 1)?));
    let struck = bench.queue(move |tx| {
        runs += 1;
        insert(tx, 2)?;
        if runs == 1 {
            kill(&url);
        }
        insert(tx, 3)?;
        Ok(runs)
    });
    let last = bench.queue(|tx| Ok(insert(tx, 4)?));
    drop(gate);
    assert_eq!(first.recv().unwrap(), Ok(()));
    assert_eq!(struck.recv().unwrap(), Ok(2));
    assert_eq!(last.recv().unwrap(), Ok(()));
    assert_eq!(bench.items(), [1, 2, 3, 4]);

    // The same alone, where only a lost connection is a reason to try again.
    let (url, mut runs) = (bench.url(), 0);
    let alone = bench.write(move |tx| {
        runs += 1;
        insert(tx, 5)?;
        if runs == 1 {
            kill(&url);
        }
        insert(tx, 6)?;
        Ok(runs)
    });
    assert_eq!(alone, Ok(2));
    assert_eq!(bench.items(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_connection_killed_before_the_commit_leaves_it_open_whether_it_happened() {
    let bench = with_writers(1, Isolation::ReadCommitted);
    let (url, mut runs) = (bench.url(), 0);
    let answer: Answer = bench.write(move |tx| {
        runs += 1;
        assert_eq!(runs, 1, "nobody may run it again");
        insert(tx, 1)?;
        kill(&url);
        Ok(())
    });
    assert!(matches!(fault(answer), Fault::CommitUnknown(_)));
    bench.write(|tx| Ok(insert(tx, 2)?)).unwrap();
    assert_eq!(bench.items(), [2]);
}

#[test]
fn a_wrong_address_is_an_error_at_start() {
    let mut options = with_writers(1, Isolation::ReadCommitted).options.clone();
    let Engine::Postgres { url, .. } = &mut options.engine else { panic!() };
    *url = kernel::Secret::new("postgres://nobody@127.0.0.1:1/nothing".into());
    assert!(matches!(crate::Db::open(options.clone()), Err(Fault::Engine(_))));
    let Engine::Postgres { url, .. } = &mut options.engine else { panic!() };
    *url = kernel::Secret::new("not an address".into());
    assert!(matches!(crate::Db::open(options), Err(Fault::Engine(_))));
}
