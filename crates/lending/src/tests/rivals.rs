//! Threads that move money between few members, under both isolations of PostgreSQL: what was
//! accepted is what the balances say, and the isolation makes no difference.

use kernel::id::MemberId;
use store::{Engine, Isolation};

use super::kit::{Bench, On, Random, all_at_once, fen};
use crate::ledger::{self, Account, Kind, PostError, Transfer};
use crate::{Route, Tx};

const THREADS: usize = 4;
const MEMBERS: u32 = 4;
const MOVES: usize = 30;

/// So many fen from one member's wallet to another's.
type Shift = (usize, usize, i64);

fn with_isolation(level: Isolation) -> Bench {
    On::Postgres.open_with(|options, _| {
        if let Engine::Postgres { isolation, .. } = &mut options.engine {
            *isolation = level;
        }
    })
}

/// The movements that one thread tries.
fn movements(thread: usize, most: i64) -> Vec<Shift> {
    let mut random = Random::new(1 + u64::try_from(thread).unwrap());
    let shift = |_| {
        let from = usize::try_from(random.between(0, 3)).unwrap();
        let to = (from + usize::try_from(random.between(1, 3)).unwrap()) % 4;
        (from, to, random.between(1, most))
    };
    (0..MOVES).map(shift).collect()
}

fn shift(bench: &Bench, members: &[MemberId], thread: usize, (from, to, amount): Shift) -> bool {
    let lines = [
        (Account::Wallet(members[from]), fen(amount).debit()),
        (Account::Wallet(members[to]), fen(amount).credit()),
    ];
    let route = Route::home(i64::try_from(thread).unwrap());
    let posted = bench.core.write_and_wait(route, move |tx: &mut Tx<'_, '_>| {
        // Read first, as a use case does: that is what SERIALIZABLE watches.
        ledger::balance(tx, lines[0].0)?;
        let kind = Kind::Payout;
        ledger::post(tx, &Transfer { kind, subject: 0, reverses: None, lines: &lines })
    });
    match posted {
        Ok(_) => true,
        Err(PostError::Insufficient(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Lets the threads move; the balances at the end.
fn balances(level: Isolation, wallet: i64, most: i64) -> Vec<i64> {
    let bench = with_isolation(level);
    let members: Vec<_> = (1..=MEMBERS).map(|n| bench.member(n, wallet)).collect();
    let accepted = all_at_once(THREADS, |thread| {
        let tried = movements(thread, most).into_iter();
        tried.filter(|step| shift(&bench, &members, thread, *step)).collect::<Vec<_>>()
    });
    let mut wanted = vec![wallet * 100; members.len()];
    for (from, to, amount) in accepted.into_iter().flatten() {
        wanted[from] -= amount;
        wanted[to] += amount;
    }
    let found: Vec<_> = members.iter().map(|member| bench.wallet(*member)).collect();
    assert_eq!(found, wanted, "{level:?}");
    bench.verify();
    found
}

#[test]
fn both_isolations_come_to_the_same_balances() {
    // 120 movements of at most 100.00: nobody ever runs out of 40,000.00, so all are accepted.
    let weak = balances(Isolation::ReadCommitted, 40_000, 10_000);
    assert_eq!(weak, balances(Isolation::Serializable, 40_000, 10_000));
}

#[test]
fn tight_balances_are_what_was_accepted() {
    for level in [Isolation::ReadCommitted, Isolation::Serializable] {
        balances(level, 20, 1_500);
    }
}
