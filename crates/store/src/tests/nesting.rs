//! Parts of a call that are undone alone.

use super::kit::{Answer, Bench, On, Stop, append, count_lines, fault, insert, on_both};
use crate::{Fault, Tx};

on_both! {
    a_refused_part_is_undone_and_the_rest_stays
    parts_may_have_parts
    a_fault_in_a_part_undoes_the_whole_call
    a_panic_in_a_part_undoes_the_whole_call
}

/// Runs a call alone, without grouping, and in a group behind and before others.
#[track_caller]
fn three_ways(on: On, work: fn(&mut Tx<'_>) -> Answer, check: fn(&Bench, Answer)) {
    let alone = on.open_with(|options| options.group = 1);
    let answer = alone.write(work);
    check(&alone, answer);

    let grouped = on.open();
    let answer = grouped.write(work);
    check(&grouped, answer);

    let among = on.open();
    let gate = among.hold();
    let before = among.queue(|tx| {
        append(tx, 900)?;
        Ok(insert(tx, 900)?)
    });
    let answer = among.queue(work);
    let after = among.queue(|tx| {
        append(tx, 901)?;
        Ok(insert(tx, 901)?)
    });
    drop(gate);
    assert_eq!(before.recv().unwrap(), Ok(()));
    assert_eq!(after.recv().unwrap(), Ok(()));
    let answer = answer.recv().unwrap();
    let clean: Answer<_> = among.write(|tx| {
        let lines = tx.execute("DELETE FROM line WHERE line_id >= 900", &[])?;
        let items = tx.execute("DELETE FROM item WHERE item_id >= 900", &[])?;
        Ok((lines, items))
    });
    assert_eq!(clean, Ok((2, 2)), "the others' rows are there");
    assert_eq!(among.db.stats().regrouped, 0);
    check(&among, answer);
}

fn refuse(tx: &mut Tx<'_>, id: i64) -> Answer {
    insert(tx, id)?;
    append(tx, id)?;
    Err(Stop::Refused)
}

fn keep(tx: &mut Tx<'_>, id: i64) -> Answer {
    insert(tx, id)?;
    append(tx, id)?;
    Ok(())
}

fn a_refused_part_is_undone_and_the_rest_stays(on: On) {
    let work = |tx: &mut Tx<'_>| {
        assert_eq!(tx.nested(|_| Ok::<_, Stop>(7))?, Ok(7));
        assert_eq!(tx.nested(|tx| refuse(tx, 50))?, Err(Stop::Refused));
        keep(tx, 1)?;
        assert_eq!(tx.nested(|tx| keep(tx, 2))?, Ok(()));
        let refused = tx.nested(|tx| {
            append(tx, 51)?;
            let sql = "SELECT COUNT(*) AS rows FROM line WHERE line_id < 900";
            let seen = tx.row(sql, &[], |row| row.i64("rows"))?;
            assert_eq!(seen, Some(3), "a call sees what it has appended");
            refuse(tx, 52)
        })?;
        assert_eq!(refused, Err(Stop::Refused));
        assert_eq!(tx.nested(|_| Err::<(), _>(Stop::Refused))?, Err(Stop::Refused));
        assert_eq!(tx.nested(|tx| refuse(tx, 53))?, Err(Stop::Refused));
        keep(tx, 3)
    };
    three_ways(on, work, |bench, answer| {
        assert_eq!(answer, Ok(()));
        assert_eq!(bench.items(), [1, 2, 3]);
        assert_eq!(bench.lines(), [1, 2, 3]);
    });
}

fn parts_may_have_parts(on: On) {
    let work = |tx: &mut Tx<'_>| {
        keep(tx, 1)?;
        let outer = tx.nested(|tx| {
            keep(tx, 2)?;
            assert_eq!(tx.nested(|tx| refuse(tx, 50))?, Err(Stop::Refused));
            assert_eq!(tx.nested(|tx| keep(tx, 3))?, Ok(()));
            keep(tx, 4)
        })?;
        assert_eq!(outer, Ok(()));
        let outer = tx.nested(|tx| {
            assert_eq!(tx.nested(|tx| keep(tx, 51))?, Ok(()));
            assert!(count_lines(tx)? >= 5);
            assert_eq!(tx.nested(|tx| refuse(tx, 52))?, Err(Stop::Refused));
            refuse(tx, 53)
        })?;
        assert_eq!(outer, Err(Stop::Refused));
        keep(tx, 5)
    };
    three_ways(on, work, |bench, answer| {
        assert_eq!(answer, Ok(()));
        assert_eq!(bench.items(), [1, 2, 3, 4, 5]);
        assert_eq!(bench.lines(), [1, 2, 3, 4, 5]);
    });
}

fn a_fault_in_a_part_undoes_the_whole_call(on: On) {
    let work = |tx: &mut Tx<'_>| {
        keep(tx, 1)?;
        let part: Result<Answer, Fault> = tx.nested(|tx| {
            keep(tx, 2)?;
            tx.execute("UPDATE item SET n = -1 WHERE item_id = 2", &[])?;
            Ok(())
        });
        assert!(part.is_ok_and(|part| part.is_err()));
        let _ = tx.nested(|tx| keep(tx, 3));
        Ok(()) // passing over it does not help
    };
    three_ways(on, work, |bench, answer| {
        assert!(matches!(fault(answer), Fault::Constraint(_)));
        assert!(bench.items().is_empty());
        assert!(bench.lines().is_empty());
    });
}

fn a_panic_in_a_part_undoes_the_whole_call(on: On) {
    let work = |tx: &mut Tx<'_>| {
        keep(tx, 1)?;
        tx.nested(|tx| -> Answer {
            keep(tx, 2)?;
            panic!("on purpose")
        })?
    };
    three_ways(on, work, |bench, answer| {
        assert_eq!(fault(answer), Fault::Panicked);
        assert!(bench.items().is_empty());
        assert!(bench.lines().is_empty());
    });
}
