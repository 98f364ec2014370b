//! Limits: of the queue, and of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::kit::{Answer, Bench, On, append, fault, insert, on_both};
use crate::{Fault, Tx};

on_both! {
    a_full_queue_turns_away_at_once
    closing_finishes_what_was_accepted
    a_dropped_store_finishes_what_was_accepted
    a_call_whose_time_ran_out_is_never_run
    a_long_read_is_ended_and_the_others_survive
    a_long_write_is_ended_and_the_others_survive
    a_long_first_read_is_ended_and_the_others_survive
    a_long_read_of_a_reader_is_ended
    time_used_up_by_one_call_is_not_held_against_a_later_one
}

fn a_full_queue_turns_away_at_once(on: On) {
    let bench = on.open_with(|options| options.queue = 3);
    let gate = bench.hold();
    let accepted: Vec<_> = (1..=3).map(|id| bench.queue(move |tx| Ok(insert(tx, id)?))).collect();
    let turned_away = bench.queue(|tx| Ok(insert(tx, 4)?));
    // The answer is there although the writer is still held up.
    assert_eq!(fault(turned_away.try_recv().unwrap()), Fault::Busy);
    assert_eq!(bench.db.stats().turned_away, 1);
    assert_eq!(bench.db.stats().waiting, 3);
    drop(gate);
    for answer in accepted {
        assert_eq!(answer.recv().unwrap(), Ok(()));
    }
    assert_eq!(bench.items(), [1, 2, 3]);
}

fn closing_finishes_what_was_accepted(on: On) {
    let bench = on.open_with(|options| options.queue = 3);
    let gate = bench.hold();
    let accepted: Vec<_> = (1..=3).map(|id| bench.queue(move |tx| Ok(insert(tx, id)?))).collect();
    let db = bench.db.clone();
    let closing = std::thread::spawn(move || db.close());
    loop {
        let answer = bench.queue(|tx| Ok(insert(tx, 4)?)).try_recv().unwrap();
        if fault(answer) == Fault::Closed {
            break;
        }
        std::thread::yield_now();
    }
    assert!(!closing.is_finished());
    drop(gate);
    closing.join().unwrap();
    for answer in accepted {
        assert_eq!(answer.try_recv().unwrap(), Ok(()), "answered before close() came back");
    }
    let read: Answer<_> =
        bench.db.read_and_wait(|tx| Ok(tx.rows("SELECT 1 AS n", &[], |_| Ok(()))?));
    assert_eq!(fault(read), Fault::Closed);
    bench.db.close(); // once more is no harm
    let again = crate::Db::open(bench.options.clone()).unwrap();
    let sql = "SELECT item_id FROM item";
    let read = again.read_and_wait(move |tx| tx.rows(sql, &[], |row| row.i64("item_id")));
    assert_eq!(read.unwrap().len(), 3);
    again.close();
}

fn a_dropped_store_finishes_what_was_accepted(on: On) {
    let bench = on.open();
    let other = crate::Db::open(bench.options.clone()).unwrap();
    let (sender, answers) = std::sync::mpsc::channel();
    for id in 1..=3 {
        let sender = sender.clone();
        let work = move |tx: &mut Tx<'_>| -> Answer { Ok(insert(tx, id)?) };
        other.write(0, work, move |answer| sender.send(answer).unwrap());
    }
    drop((other, sender));
    assert_eq!(answers.iter().collect::<Vec<_>>(), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(bench.items(), [1, 2, 3]);
}

/// Waits for a time to pass during which nobody answers.
#[track_caller]
fn nothing_for(time: Duration, answer: &std::sync::mpsc::Receiver<Answer>) {
    assert!(answer.recv_timeout(time).is_err());
}

fn a_call_whose_time_ran_out_is_never_run(on: On) {
    let limit = Duration::from_millis(500);
    let bench = on.open_with(|options| options.call_limit = limit);
    let ran = Arc::new(AtomicBool::new(false));
    let gate = bench.hold();
    let late: Vec<_> = (0..2)
        .map(|_| {
            let ran = Arc::clone(&ran);
            bench.queue(move |_| {
                ran.store(true, Ordering::Relaxed);
                Ok(())
            })
        })
        .collect();
    nothing_for(limit + Duration::from_millis(50), &late[0]);
    let timely = bench.queue(|tx| Ok(insert(tx, 1)?));
    drop(gate);
    for answer in late {
        assert_eq!(fault(answer.recv().unwrap()), Fault::Expired);
    }
    assert_eq!(timely.recv().unwrap(), Ok(()));
    assert!(!ran.load(Ordering::Relaxed));
    assert_eq!(bench.db.stats().expired, 2);
}

fn with_short_limit(on: On) -> Bench {
    on.open_with(|options| options.call_limit = Duration::from_secs(1))
}

/// Runs a call that takes too long between two good ones. How often it and the first are run.
#[track_caller]
fn too_long(bench: &Bench, mut long: impl FnMut(&mut Tx<'_>) -> Answer + Send + 'static) {
    let began = Instant::now();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let gate = bench.hold();
    let first = bench.queue(|tx| {
        append(tx, 1)?;
        Ok(insert(tx, 1)?)
    });
    let long = bench.queue(move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        long(tx)
    });
    let last = bench.queue(|tx| {
        append(tx, 2)?;
        Ok(insert(tx, 2)?)
    });
    drop(gate);
    assert_eq!(fault(long.recv().unwrap()), Fault::Expired);
    assert_eq!(first.recv().unwrap(), Ok(()));
    assert_eq!(last.recv().unwrap(), Ok(()));
    assert_eq!(runs.load(Ordering::Relaxed), 1, "it had its time");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(bench.items(), [1, 2]);
    assert_eq!(bench.lines(), [1, 2]);
}

fn a_long_read_is_ended_and_the_others_survive(on: On) {
    let bench = with_short_limit(on);
    too_long(&bench, |tx| {
        insert(tx, 50)?;
        let sql = "WITH RECURSIVE counting (n) AS
                     (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 1000000000)
                   SELECT MAX(n) AS n FROM counting";
        tx.row(sql, &[], |row| row.i64("n"))?;
        Ok(())
    });
    assert_eq!(bench.db.stats().regrouped, 0);
}

fn a_long_write_is_ended_and_the_others_survive(on: On) {
    let bench = with_short_limit(on);
    // SQLite gives the whole transaction up for this one.
    too_long(&bench, |tx| {
        let sql = "WITH RECURSIVE counting (n) AS
                     (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 1000000000)
                   INSERT INTO item (item_id, n) SELECT n + 100, n FROM counting";
        tx.execute(sql, &[])?;
        Ok(())
    });
}

fn a_long_first_read_is_ended_and_the_others_survive(on: On) {
    let bench = with_short_limit(on);
    // Before the first write there is no savepoint to go back to.
    too_long(&bench, |tx| {
        tx.row(LONG, &[], |row| row.i64("n"))?;
        Ok(())
    });
    assert_eq!(bench.db.stats().regrouped, 1);
}

const LONG: &str = "SELECT MAX(n) AS n FROM (WITH RECURSIVE counting (n) AS
    (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 1000000000)
    SELECT n FROM counting) AS counted";

fn a_long_read_of_a_reader_is_ended(on: On) {
    let bench = with_short_limit(on);
    let answer: Answer<_> = bench.db.read_and_wait(|tx| Ok(tx.row(LONG, &[], |row| row.i64("n"))?));
    assert_eq!(fault(answer), Fault::Expired);
    assert!(bench.items().is_empty());
}

fn time_used_up_by_one_call_is_not_held_against_a_later_one(on: On) {
    let bench = with_short_limit(on);
    let answer: Answer<_> = bench.write(|tx| Ok(tx.row(LONG, &[], |row| row.i64("n"))?));
    assert_eq!(fault(answer), Fault::Expired);
    // Long enough for SQLite to look at the clock.
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "WITH RECURSIVE counting (n) AS
                     (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 50000)
                   SELECT MAX(n) AS n FROM counting";
        Ok(tx.row(sql, &[], |row| row.i64("n"))?)
    });
    assert_eq!(answer, Ok(Some(50_000)));
}
