//! One text means the same on both engines, where the two differ by themselves.

use super::kit::{Answer, On, append, fault, insert, on_both};
use crate::{Fault, Param, Tx, params};

on_both! {
    parameters_are_bound_by_number
    a_wrong_number_of_parameters_is_refused
    counts_tell_what_was_changed
    returning_gives_rows
    more_than_one_row_is_a_fault
    row_locks_are_left_out_where_there_are_none
    nulls_and_values_of_each_type_come_back
    truth_values_and_small_integers_are_numbers
    sums_are_cast
    errors_of_constraints_say_so
    readers_cannot_write
    readers_see_what_was_answered
    appended_values_must_fit
}

type Item = (Option<i64>, Option<String>, Option<Vec<u8>>);

fn item(tx: &mut Tx<'_>, id: i64) -> Result<Option<Item>, Fault> {
    tx.row("SELECT n, t, b FROM item WHERE item_id = ?1", params![id], |row| {
        Ok((row.opt_i64("n")?, row.opt_text("t")?, row.opt_blob("b")?))
    })
}

fn parameters_are_bound_by_number(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "INSERT INTO item (item_id, t, b, n) VALUES (?4, ?2, ?1, ?3)";
        tx.execute(sql, params![b"blob".as_slice(), "text", 3_i64, 4_i64])?;
        let sql = "UPDATE item SET n = n + ?2 WHERE item_id = ?1 AND n < ?2 AND n + ?2 > ?2";
        assert_eq!(tx.execute(sql, params![4_i64, 10_i64])?, 1);
        Ok(item(tx, 4)?)
    });
    let wanted = (Some(13), Some("text".to_owned()), Some(b"blob".to_vec()));
    assert_eq!(answer, Ok(Some(wanted)));
}

fn a_wrong_number_of_parameters_is_refused(on: On) {
    let bench = on.open();
    for params in [vec![], vec![Param::I64(1)], vec![Param::I64(1); 3]] {
        let bound: Vec<Option<i64>> =
            params.iter().map(|p| if let Param::I64(n) = p { Some(*n) } else { None }).collect();
        let answer: Answer = bench.write(move |tx| {
            let params: Vec<Param<'_>> = bound.iter().map(|n| Param::from(*n)).collect();
            tx.execute("INSERT INTO item (item_id, n) VALUES (?1, ?2)", &params)?;
            Ok(())
        });
        assert!(matches!(fault(answer), Fault::Engine(_)));
    }
    assert!(bench.items().is_empty());
}

fn counts_tell_what_was_changed(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "INSERT INTO item (item_id, n) VALUES (?1, ?2) ON CONFLICT (item_id) DO NOTHING";
        let first = tx.execute(sql, params![1_i64, 1_i64])?;
        let again = tx.execute(sql, params![1_i64, 2_i64])?;
        insert(tx, 2)?;
        let all = tx.execute("UPDATE item SET n = 5", &[])?;
        let none = tx.execute("UPDATE item SET n = 6 WHERE n = 0", &[])?;
        let gone = tx.execute("DELETE FROM item WHERE item_id = 2", &[])?;
        Ok((first, again, all, none, gone))
    });
    assert_eq!(answer, Ok((1, 0, 2, 0, 1)));
}

fn returning_gives_rows(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "INSERT INTO item (item_id, n) VALUES (?1, ?2)
                   ON CONFLICT (item_id) DO UPDATE SET n = item.n + excluded.n RETURNING n";
        let first = tx.row(sql, params![1_i64, 4_i64], |row| row.i64("n"))?;
        let second = tx.row(sql, params![1_i64, 3_i64], |row| row.i64("n"))?;
        let sql = "UPDATE item SET n = n - ?2 WHERE item_id = ?1 AND n >= ?2 RETURNING n";
        let taken = tx.row(sql, params![1_i64, 5_i64], |row| row.i64("n"))?;
        let refused = tx.row(sql, params![1_i64, 5_i64], |row| row.i64("n"))?;
        Ok((first, second, taken, refused))
    });
    assert_eq!(answer, Ok((Some(4), Some(7), Some(2), None)));
}

fn more_than_one_row_is_a_fault(on: On) {
    let bench = on.open();
    let answer: Answer = bench.write(|tx| {
        insert(tx, 1)?;
        insert(tx, 2)?;
        let swallowed = tx.row("SELECT item_id FROM item", &[], |row| row.i64("item_id"));
        assert!(swallowed.is_err());
        Ok(())
    });
    assert!(matches!(fault(answer), Fault::Corrupt(_)));
    assert!(bench.items().is_empty());
}

fn row_locks_are_left_out_where_there_are_none(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        insert(tx, 1)?;
        let sql = "SELECT n FROM item WHERE item_id = ?1 FOR UPDATE";
        let one = tx.row(sql, params![1_i64], |row| row.i64("n"))?;
        let sql = "SELECT n FROM item
                   WHERE item_id = ?1
                   FOR UPDATE
                   ";
        let other = tx.row(sql, params![1_i64], |row| row.i64("n"))?;
        Ok((one, other))
    });
    assert_eq!(answer, Ok((Some(0), Some(0))));
}

fn nulls_and_values_of_each_type_come_back(on: On) {
    let bench = on.open();
    let blob: Vec<u8> = (0..=255).collect();
    let bytes = blob.clone();
    let answer: Answer<_> = bench.write(move |tx| {
        let sql = "INSERT INTO item (item_id, n, t, b) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, params![1_i64, None::<i64>, None::<&str>, None::<&[u8]>])?;
        tx.execute(sql, params![2_i64, i64::MAX, "借还 '?' 𠮷", &bytes])?;
        tx.execute(sql, params![3_i64, 0_i64, "", [].as_slice()])?;
        Ok([item(tx, 1)?, item(tx, 2)?, item(tx, 3)?])
    });
    let full = (Some(i64::MAX), Some("借还 '?' 𠮷".to_owned()), Some(blob));
    let empty = (Some(0), Some(String::new()), Some(Vec::new()));
    assert_eq!(answer, Ok([Some((None, None, None)), Some(full), Some(empty)]));

    let answer: Answer<i64> = bench.write(|tx| {
        let sql = "SELECT n FROM item WHERE item_id = 1";
        Ok(tx.row(sql, &[], |row| row.i64("n"))?.unwrap_or(0))
    });
    assert_eq!(fault(answer), Fault::Corrupt("n".into()), "NULL is not a number");
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "SELECT t FROM item WHERE item_id = 2";
        Ok(tx.row(sql, &[], |row| row.i64("t"))?)
    });
    assert_eq!(fault(answer), Fault::Corrupt("t".into()), "text is not a number");
}

fn truth_values_and_small_integers_are_numbers(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        insert(tx, 1)?;
        let sql = "SELECT 1 AS found, n > 5 AS more, COUNT(*) OVER () AS rows FROM item";
        Ok(tx.row(sql, &[], |row| Ok((row.i64("found")?, row.i64("more")?, row.i64("rows")?)))?)
    });
    assert_eq!(answer, Ok(Some((1, 0, 1))));
}

fn sums_are_cast(on: On) {
    let bench = on.open();
    let answer: Answer<_> = bench.write(|tx| {
        let sql = "SELECT CAST(SUM(n) AS BIGINT) AS total FROM item";
        let none = tx.row(sql, &[], |row| row.opt_i64("total"))?;
        insert(tx, 1)?;
        insert(tx, 2)?;
        tx.execute("UPDATE item SET n = item_id + 20", &[])?;
        let some = tx.row(sql, &[], |row| row.opt_i64("total"))?;
        Ok((none, some))
    });
    assert_eq!(answer, Ok((Some(None), Some(Some(43)))));
}

fn errors_of_constraints_say_so(on: On) {
    let bench = on.open();
    let constraint = |sql: &'static str| {
        let answer: Answer = bench.write(move |tx| {
            insert(tx, 1)?;
            tx.execute(sql, &[])?;
            Ok(())
        });
        let Fault::Constraint(name) = fault(answer) else { panic!("{sql}") };
        name
    };
    assert!(constraint("INSERT INTO item (item_id, n) VALUES (2, -1)").contains("item_n"));
    constraint("INSERT INTO item (item_id, n) VALUES (1, 1)");
    constraint("INSERT INTO child (child_id, parent_id) VALUES (1, NULL)");
    assert!(bench.items().is_empty());
    assert_eq!(bench.db.stats().retries, 0, "nobody tries again what cannot succeed");
}

fn readers_cannot_write(on: On) {
    let bench = on.open();
    let works: [fn(&mut Tx<'_>) -> Answer; 5] = [
        |tx| Ok(insert(tx, 1)?),
        |tx| Ok(append(tx, 1)?),
        |tx| Ok(tx.next_number("test").map(|_| ())?),
        |tx| Ok(tx.set_number("test", 5)?),
        |tx| {
            let sql = "INSERT INTO item (item_id) VALUES (7) RETURNING item_id";
            Ok(tx.row(sql, &[], |row| row.i64("item_id")).map(|_| ())?)
        },
    ];
    for work in works {
        let answer: Answer = bench.db.read_and_wait(work);
        assert!(matches!(fault(answer), Fault::Engine(_)));
    }
    assert!(bench.items().is_empty());
    assert!(bench.lines().is_empty());
}

fn readers_see_what_was_answered(on: On) {
    let bench = on.open();
    for id in 1..=100 {
        bench.write(move |tx| Ok(insert(tx, id)?)).unwrap();
        assert_eq!(bench.items().len(), usize::try_from(id).unwrap());
    }
    assert_eq!(bench.db.stats().reads, 100);
}

fn appended_values_must_fit(on: On) {
    let bench = on.open();
    let wrong: [&'static [Param<'static>]; 3] = [
        &[Param::I64(1), Param::I64(0), Param::Null],
        &[Param::I64(1), Param::I64(0), Param::Null, Param::Null, Param::Null],
        &[Param::I64(1), Param::I64(0), Param::I64(7), Param::Null],
    ];
    for params in wrong {
        let answer: Answer = bench.write(move |tx| Ok(tx.append(&super::kit::LINE, params)?));
        assert!(matches!(fault(answer), Fault::Engine(_)));
    }
    let blob: &[u8] = &[0, 1, 255];
    let answer: Answer<_> = bench.write(move |tx| {
        tx.append(&super::kit::LINE, params![1_i64, None::<i64>, None::<&str>, None::<&[u8]>])?;
        tx.append(&super::kit::LINE, params![2_i64, 3_i64, "借还", blob])?;
        let sql = "SELECT n, t, b FROM line ORDER BY line_id";
        Ok(tx.rows(sql, &[], |row| {
            Ok((row.opt_i64("n")?, row.opt_text("t")?, row.opt_blob("b")?))
        })?)
    });
    let second = (Some(3), Some("借还".to_owned()), Some(blob.to_vec()));
    assert_eq!(answer, Ok(vec![(None, None, None), second]));
}
