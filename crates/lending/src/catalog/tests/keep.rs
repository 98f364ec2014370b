//! Products and their versions in the database.

use kernel::Channel;
use pricing::Percent;
use pricing::terms::Size;

use super::super::{
    Choice, FeeTime, Product, ProductFee, Sale, SaveProduct, Version, on_sale, product, products,
    save, save_beyond_lines, seeds, set_on_sale, version, versions,
};
use super::offer::anything;
use crate::Page;
use crate::audit::Actor;
use crate::tests::kit::{Bench, On, all_at_once, fen, on_both, yuan};

on_both! {
    what_is_saved_is_read_again
    versions_follow_each_other
    products_are_taken_off_sale
    products_that_come_with_a_channel_are_made_once
    two_saves_at_once_are_two_versions
}

const CHANNEL: Channel = Channel::Xianjindai;

pub(super) fn command(code: &str, version: Version) -> SaveProduct {
    SaveProduct { actor: Actor::Platform, channel: CHANNEL, code: code.into(), version }
}

#[track_caller]
fn saved(bench: &Bench, code: &str, version: Version) -> Product {
    let command = command(code, version);
    bench.write(move |tx| save_beyond_lines(tx, &command)).unwrap()
}

fn page() -> Page {
    Page::new(1, 100).unwrap()
}

/// With every field set, and lists where [`anything`] has ranges.
fn full() -> Version {
    let fee =
        |time, size| ProductFee {
            name: "管理费".into(), collector: "平台".into(), time, size
        };
    let share = Percent::parse("0.1234").unwrap();
    Version {
        services: vec!["face".into(), "gps".into()],
        amounts: Choice::List(vec![yuan(500), fen(100_001)]),
        amount_default: fen(100_001),
        days: Choice::List(vec![14, 7]),
        intervals: Choice::List(vec![7, 1]),
        fees: vec![
            fee(FeeTime::KeptBack, Size::Share(share)),
            fee(FeeTime::EachPeriod, Size::Amount(fen(199))),
        ],
        settlement_fee: share,
        ..anything()
    }
}

fn what_is_saved_is_read_again(on: On) {
    let bench = on.open();
    for (code, want) in [("A", anything()), ("B", full())] {
        let made = saved(&bench, code, want.clone());
        assert_eq!((made.number, made.on_sale, made.code.as_str()), (1, true, code));
        assert_eq!(made.version, want);
        let read = bench.read(move |tx| product(tx, made.id)).unwrap();
        assert_eq!(read, made);
    }
    let all = bench.read(|tx| on_sale(tx, CHANNEL));
    assert_eq!(all.iter().map(|p| p.version.clone()).collect::<Vec<_>>(), [anything(), full()]);
    assert_eq!(bench.read(|tx| on_sale(tx, Channel::Futureloan)), []);
}

fn versions_follow_each_other(on: On) {
    let bench = on.open();
    let first = saved(&bench, "A", full());
    let dearer =
        Version { amounts: Choice::List(vec![yuan(700)]), amount_default: yuan(700), ..full() };
    let second = saved(&bench, "A", dearer.clone());
    assert_eq!((second.id, second.number), (first.id, 2));
    // Saved as it is, it stays what it is.
    assert_eq!(saved(&bench, "A", dearer), second);
    let id = first.id;
    assert_eq!(bench.read(move |tx| version(tx, id, 1)), Some(first.clone()));
    assert_eq!(bench.read(move |tx| version(tx, id, 3)), None);
    assert_eq!(bench.read(move |tx| product(tx, id)), Some(second.clone()));
    assert_eq!(bench.read(move |tx| versions(tx, id, page())), [second.clone(), first]);
    assert_eq!(bench.read(|tx| on_sale(tx, CHANNEL)), [second]);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM product_version"), 2);
}

fn products_are_taken_off_sale(on: On) {
    let bench = on.open();
    let (first, second) = (saved(&bench, "A", anything()), saved(&bench, "B", anything()));
    let id = first.id;
    let set = |id, sale| bench.write(move |tx| set_on_sale(tx, Actor::Platform, id, sale)).unwrap();
    assert!(set(id, Sale::Withdrawn));
    assert_eq!(bench.read(|tx| on_sale(tx, CHANNEL)), std::slice::from_ref(&second));
    let off = Product { on_sale: false, ..first.clone() };
    assert_eq!(bench.read(move |tx| product(tx, id)), Some(off.clone()));
    assert_eq!(bench.read(|tx| products(tx, CHANNEL, page())), [second.clone(), off]);
    // A new version does not put it on sale again.
    let again = saved(&bench, "A", full());
    assert!(!again.on_sale);
    assert!(set(id, Sale::OnSale));
    assert_eq!(bench.read(|tx| on_sale(tx, CHANNEL)).len(), 2);
    assert!(!set(kernel::id::ProductId::from_number(99), Sale::OnSale));
}

fn products_that_come_with_a_channel_are_made_once(on: On) {
    let bench = on.open();
    let wanted = u32::try_from(seeds(CHANNEL).len()).unwrap();
    assert_eq!(bench.core.seed_products(CHANNEL).unwrap(), wanted);
    assert!(wanted >= 4);
    // What operators have changed stays.
    let command = command("DAYS-RANGE", anything());
    bench.write(move |tx| save_beyond_lines(tx, &command)).unwrap();
    assert_eq!(bench.core.seed_products(CHANNEL).unwrap(), 0);
    let sold = bench.read(|tx| on_sale(tx, CHANNEL));
    assert_eq!(sold.first().map(|product| product.number), Some(2));
    for (product, seed) in sold.iter().zip(seeds(CHANNEL)).skip(1) {
        assert_eq!(product.version, seed.version);
    }
    assert_eq!(bench.core.seed_products(Channel::Futureloan).unwrap(), 0);
}

fn two_saves_at_once_are_two_versions(on: On) {
    let bench = on.open();
    let cores = [bench.another_core(), bench.another_core()];
    let answers = all_at_once(8, |n| {
        let amount = yuan(1000 + i64::try_from(n).unwrap());
        let command = command("A", Version { amount_default: amount, ..anything() });
        let route = crate::Route::home(i64::try_from(n).unwrap());
        let answer = cores[n % 2].write_and_wait(route, move |tx| save_beyond_lines(tx, &command));
        answer.unwrap().number
    });
    let mut numbers = answers;
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(bench.number("SELECT version AS n FROM product"), 8);
    for core in cores {
        core.close();
    }
}

#[test]
fn what_is_above_a_line_is_not_saved() {
    let bench = On::Sqlite.open();
    let above = command("A", anything());
    let refused = bench.write(move |tx| save(tx, &above)).unwrap_err().to_string();
    assert!(
        refused.starts_with("above a legal line: total cost of an institution's loan"),
        "{refused}"
    );
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM product"), 0);
}
