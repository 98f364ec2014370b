//! Movements of money, statements, balances.

mod books;
mod corruption;
mod funding_corruption;
mod lead_corruption;
mod loan_corruption;
mod periods;

use kernel::id::{MemberId, TransferId};
use kernel::{Change, Money};

use super::verify::is_balanced;
use super::{
    Account, Kind, PostError, Posted, Transfer, post, reverse, statement, take_platform_balances,
    trial_balance,
};
use crate::identity::Caller;
use crate::tests::kit::{Bench, On, Random, START, all_at_once, fen, on_both, refusal, yuan};
use crate::wallet::{Move, recharge};
use crate::{Fault, Page, Route};

on_both! {
    a_movement_changes_both_balances
    no_balance_goes_below_zero
    no_balance_passes_the_most
    crooked_movements_are_faults
    a_movement_is_reversed_once
    two_reversals_at_once_are_one
    statements_walk_the_chain
    the_trial_balance_sums_to_zero
    snapshots_change_no_balance
    a_clock_set_back_posts_behind_the_snapshots
    random_movements_conserve_money
}

/// Moves money between two accounts.
fn shift(bench: &Bench, from: Account, to: Account, amount: Money) -> Result<Posted, PostError> {
    post_lines(bench, vec![(from, amount.debit()), (to, amount.credit())])
}

fn post_lines(bench: &Bench, lines: Vec<(Account, Change)>) -> Result<Posted, PostError> {
    bench.write(move |tx| {
        post(tx, &Transfer { kind: Kind::Payout, subject: 0, reverses: None, lines: &lines })
    })
}

fn two(bench: &Bench) -> (Account, Account) {
    (Account::Wallet(bench.member(1, 100)), Account::Wallet(bench.member(2, 0)))
}

fn a_movement_changes_both_balances(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    let posted = shift(&bench, first, second, fen(3_333)).unwrap();
    assert_eq!(posted.balance(first), Some(fen(6_667)));
    assert_eq!(posted.balance(second), Some(fen(3_333)));
    assert_eq!(posted.balance(Account::BankClearing), None);
    assert_eq!((bench.balance(first), bench.balance(second)), (6_667, 3_333));
    bench.verify();
}

fn no_balance_goes_below_zero(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    let refused = shift(&bench, first, second, fen(10_001)).unwrap_err();
    assert!(matches!(refused, PostError::Insufficient(account) if account == first));
    // The second account is moved first; that must be undone as well.
    let refused = shift(&bench, second, first, fen(1)).unwrap_err();
    assert!(matches!(refused, PostError::Insufficient(account) if account == second));
    assert_eq!((bench.balance(first), bench.balance(second)), (10_000, 0));
    shift(&bench, first, second, fen(10_000)).unwrap();
    assert_eq!((bench.balance(first), bench.balance(second)), (0, 10_000));
    bench.verify();
}

fn no_balance_passes_the_most(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    bench.recharge(owner(second), Money::MAX);
    let refused = shift(&bench, first, second, fen(1)).unwrap_err();
    assert!(matches!(refused, PostError::TooLarge(account) if account == second));
    assert_eq!(bench.balance(second), Money::MAX.fen());
    bench.verify();
}

fn owner(account: Account) -> MemberId {
    MemberId::from_number(account.owner())
}

fn crooked_movements_are_faults(on: On) {
    let bench = on.open();
    let (a, b) = two(&bench);
    let nobody = Account::Wallet(MemberId::from_number(99));
    let (plus, minus) = (fen(5).credit(), fen(5).debit());
    // what is wrong, its lines
    let crooked: [(&str, Vec<(Account, Change)>); 7] = [
        ("no line", vec![]),
        ("one line", vec![(a, plus)]),
        ("no sum of zero", vec![(a, minus), (b, fen(4).credit())]),
        ("a zero", vec![(a, Change::ZERO), (b, Change::ZERO)]),
        ("a zero among others", vec![(a, minus), (Account::BankClearing, plus), (b, Change::ZERO)]),
        ("an account twice", vec![(a, minus), (a, plus)]),
        ("no such account", vec![(a, minus), (nobody, plus)]),
    ];
    for (what, lines) in crooked {
        let refused = post_lines(&bench, lines).unwrap_err();
        assert!(matches!(refused, PostError::Fault(Fault::Corrupt(_))), "{what}: {refused:?}");
    }
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM transfer"), 1, "the recharge");
    bench.verify();
}

fn take_back(bench: &Bench, original: TransferId) -> Result<Posted, PostError> {
    bench.write(move |tx| reverse(tx, Kind::Reversal, 0, original))
}

fn a_movement_is_reversed_once(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    let original = shift(&bench, first, second, fen(4_000)).unwrap().id;
    let contra = take_back(&bench, original).unwrap();
    assert_eq!((bench.balance(first), bench.balance(second)), (10_000, 0));
    assert_eq!(refusal(take_back(&bench, original)), "AlreadyReversed");
    // A contra entry is a movement too.
    take_back(&bench, contra.id).unwrap();
    assert_eq!((bench.balance(first), bench.balance(second)), (6_000, 4_000));
    let nothing = take_back(&bench, TransferId::from_number(1));
    assert!(matches!(nothing, Err(PostError::Fault(Fault::Corrupt(_)))));
    // What has been spent cannot be taken back.
    let spent = shift(&bench, first, second, fen(1_000)).unwrap().id;
    shift(&bench, second, first, fen(5_000)).unwrap();
    assert!(matches!(take_back(&bench, spent), Err(PostError::Insufficient(_))));
    bench.verify();
}

fn two_reversals_at_once_are_one(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    shift(&bench, first, second, fen(5_000)).unwrap();
    let original = shift(&bench, first, second, fen(1_000)).unwrap().id;
    let answers = all_at_once(8, |number| {
        let route = Route::home(i64::try_from(number).unwrap());
        let work = move |tx: &mut crate::Tx<'_, '_>| reverse(tx, Kind::Reversal, 0, original);
        bench.core.write_and_wait(route, work).is_ok()
    });
    assert_eq!(answers.iter().filter(|done| **done).count(), 1);
    assert_eq!((bench.balance(first), bench.balance(second)), (5_000, 5_000));
    bench.verify();
}

fn statements_walk_the_chain(on: On) {
    let bench = on.open();
    let (first, second) = two(&bench);
    for amount in 1..=11 {
        shift(&bench, first, second, fen(amount)).unwrap();
    }
    let page = |number, size| {
        let page = Page::new(number, size).unwrap();
        let lines = bench.read(move |tx| statement(tx, second, page));
        lines.iter().map(|line| (line.change.fen(), line.balance.fen())).collect::<Vec<_>>()
    };
    // By hand: 1 + … + 11 = 66, then downwards by 11, 10, 9 ….
    assert_eq!(page(1, 4), [(11, 66), (10, 55), (9, 45), (8, 36)]);
    assert_eq!(page(3, 4), [(3, 6), (2, 3), (1, 1)]);
    assert_eq!(page(4, 4), []);
    for (number, size) in [(i64::MAX, 100), (i64::MAX, i64::MAX), (1 << 40, 3)] {
        assert_eq!(page(number, size), [], "page {number}");
    }
    let page = Page::new(1, 20).unwrap();
    let lines = bench.read(move |tx| statement(tx, first, page));
    let last = lines.last().unwrap();
    assert_eq!((lines.len(), last.kind, last.subject), (12, Kind::Recharge, first.owner()));
    assert_eq!((last.at, last.change.fen()), (START, 10_000));
    assert!(bench.read(move |tx| statement(tx, Account::BankClearing, page)).is_empty());
}

/// The lines of the trial balance as `kind accounts fen`.
fn trial(bench: &Bench) -> Vec<String> {
    let lines = bench.read(trial_balance);
    assert!(is_balanced(&lines), "{lines:?}");
    let text = lines.iter().map(|l| format!("{} {} {}", l.account, l.accounts, l.balance_fen));
    text.collect()
}

fn the_trial_balance_sums_to_zero(on: On) {
    let bench = on.open();
    assert_eq!(trial(&bench), ["bank_clearing 1 0"]);
    let (_, second) = two(&bench);
    let member = owner(second);
    bench.recharge(member, yuan(50));
    let project = bench.project(member, 1000, 1);
    bench.recharge(member, yuan(200));
    bench.bid(member, project, 200).unwrap();
    // 100 + 50 + 200 came in; 200 of them are frozen.
    let want = ["escrow 1 0", "frozen 2 20000", "wallet 2 15000", "bank_clearing 1 -35000"];
    assert_eq!(trial(&bench), want);
    let mut crooked = bench.read(trial_balance);
    crooked[2].balance_fen += 1;
    assert!(!is_balanced(&crooked));
}

fn snapshots_change_no_balance(on: On) {
    let bench = on.open();
    let take = || bench.write(take_platform_balances).unwrap();
    let snapshots =
        || bench.number("SELECT COUNT(*) AS n FROM platform_balance WHERE account_id = 51");
    take();
    assert_eq!(snapshots(), 0, "nothing has been posted");
    let member = bench.member(1, 100);
    let before = trial(&bench);
    take();
    assert_eq!(snapshots(), 0, "what is young may not have settled");
    let minute = 60_000;
    bench.core.clock().set(START.plus_millis(11 * minute));
    take();
    take();
    assert_eq!(snapshots(), 1);
    assert_eq!(trial(&bench), before);
    bench.recharge(member, yuan(1));
    bench.core.clock().set(START.plus_millis(22 * minute));
    bench.recharge(member, yuan(2));
    take();
    assert_eq!(snapshots(), 2);
    assert_eq!(
        bench.number("SELECT CAST(SUM(balance_fen) AS BIGINT) AS n FROM platform_balance"),
        -10_000 - 10_100
    );
    assert_eq!(trial(&bench)[2], "bank_clearing 1 -10300");
    bench.verify();
}

fn a_clock_set_back_posts_behind_the_snapshots(on: On) {
    let bench = on.open();
    let member = bench.member(1, 100);
    bench.core.clock().set(START.plus_days(1));
    bench.recharge(member, yuan(1));
    bench.core.clock().set(START.plus_days(2));
    bench.write(take_platform_balances).unwrap();
    // Another start, its clock three days behind.
    let other = bench.another_core();
    other.clock().set(START.plus_days(-1));
    let command = Move { caller: Caller::Anyone, member, amount: yuan(2) };
    other.write_and_wait(Route::home(0), move |tx| recharge(tx, &command)).unwrap();
    other.close();
    assert_eq!(trial(&bench)[1..], ["wallet 1 10300", "bank_clearing 1 -10300"]);
    bench.verify();
}

fn random_movements_conserve_money(on: On) {
    let bench = on.open();
    let mut random = Random::new(7);
    let accounts: Vec<_> = (1..=6).map(|n| Account::Wallet(bench.member(n, 100))).collect();
    let mut posted = 0;
    for _ in 0..300 {
        let mut left = accounts.clone();
        let mut lines = Vec::new();
        let mut sum = 0;
        for _ in 0..random.between(1, 4) {
            let index = usize::try_from(random.between(0, 100)).unwrap() % left.len();
            let fen = random.between(-6_000, 6_000);
            lines.push((left.swap_remove(index), Change::from_fen(fen).unwrap()));
            sum += fen;
        }
        lines.push((left[0], Change::from_fen(-sum).unwrap()));
        lines.retain(|(_, change)| *change != Change::ZERO);
        posted += i32::from(post_lines(&bench, lines).is_ok());
        let total = "SELECT CAST(SUM(balance_fen) AS BIGINT) AS n FROM account";
        assert_eq!(bench.number(total), 60_000);
    }
    assert!(posted > 50, "{posted} of 300 were posted");
    bench.verify();
}
