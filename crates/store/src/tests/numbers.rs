//! Series of numbers.

use std::collections::BTreeSet;

use super::kit::{Answer, Bench, On, on_both};
use crate::Engine;

on_both! {
    numbers_are_given_once
    a_chosen_number_moves_the_series_on
    chosen_numbers_do_not_make_others_come_twice
}

fn several_writers(on: On) -> Bench {
    on.open_with(|options| {
        if let Engine::Postgres { writers, .. } = &mut options.engine {
            *writers = 3;
        }
    })
}

fn next(bench: &Bench, key: u64, series: &'static str) -> i64 {
    let answer: Answer<_> = bench.db.write_and_wait(key, move |tx| Ok(tx.next_number(series)?));
    answer.unwrap()
}

fn set(bench: &Bench, number: i64) {
    let answer: Answer = bench.write(move |tx| Ok(tx.set_number("test", number)?));
    answer.unwrap();
}

/// Draws numbers on several threads and writers; all of them.
fn draw(bench: &Bench, each: usize) -> Vec<i64> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|key| {
                scope.spawn(move || (0..each).map(|_| next(bench, key, "test")).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn numbers_are_given_once(on: On) {
    let bench = several_writers(on);
    assert_eq!(next(&bench, 0, "test"), 1);
    assert_eq!(next(&bench, 1, "test"), 2);
    assert_eq!(next(&bench, 0, "other"), 1, "each series for itself");
    let drawn = draw(&bench, 50);
    let different: BTreeSet<_> = drawn.iter().copied().collect();
    assert_eq!(different.len(), 300);
    assert!(different.iter().all(|number| *number > 2));
}

fn a_chosen_number_moves_the_series_on(on: On) {
    let bench = on.open();
    set(&bench, 7); // the first use of the series
    assert_eq!(next(&bench, 0, "test"), 8);
    set(&bench, 3);
    assert!(next(&bench, 0, "test") > 8, "it does not go back");
    set(&bench, 50);
    assert_eq!(next(&bench, 0, "test"), 51);
    set(&bench, 5_000_000_000);
    assert_eq!(next(&bench, 0, "test"), 5_000_000_001);
    set(&bench, 0);
    assert_eq!(next(&bench, 0, "test"), 1, "0 starts again");
}

fn chosen_numbers_do_not_make_others_come_twice(on: On) {
    let bench = several_writers(on);
    let chosen: Vec<i64> = (1..=50).map(|n| n * 4).collect();
    let drawn = std::thread::scope(|scope| {
        let setting = scope.spawn(|| chosen.iter().for_each(|number| set(&bench, *number)));
        let drawn = draw(&bench, 30);
        setting.join().unwrap();
        drawn
    });
    let different: BTreeSet<_> = drawn.iter().copied().collect();
    assert_eq!(different.len(), drawn.len());
    assert!(next(&bench, 0, "test") > 200);
}
