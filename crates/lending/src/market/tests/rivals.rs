//! Many who want the same project at once.

use kernel::id::{MemberId, ProjectId};

use crate::Route;
use crate::identity::Caller;
use crate::ledger::Account;
use crate::market::{Audit, BidError, Bidding, Status, abandon, audit, bid, list, repay};
use crate::tests::kit::{Bench, On, all_at_once, bidding, listing, on_both};

on_both! {
    of_two_administrators_one_decides
    bids_at_once_fill_exactly
    bids_and_the_end_of_a_project_do_not_cross
    a_term_is_repaid_once_at_a_time
    movements_of_many_accounts_never_wait_in_a_circle
}

fn route(number: usize) -> Route {
    Route::home(i64::try_from(number).unwrap())
}

fn of_two_administrators_one_decides(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    for _ in 0..4 {
        let command = listing(borrower, 1000, 1);
        let id = bench.write(move |tx| list(tx, &command)).unwrap().id;
        let decide = [Audit::Approve, Audit::Reject];
        let answers = all_at_once(2, |number| {
            let decision = decide[number];
            let work = move |tx: &mut crate::Tx<'_, '_>| audit(tx, Caller::Anyone, id, decision);
            bench.core.write_and_wait(route(number), work).is_ok()
        });
        let status = bench.find_project(id).status;
        match answers[..] {
            [true, false] => assert_eq!(status, Status::Bidding),
            [false, true] => assert_eq!(status, Status::Rejected),
            _ => panic!("{answers:?}"),
        }
    }
    bench.verify();
}

/// Bids wherever the writers are.
fn bid_from(
    bench: &Bench,
    number: usize,
    member: MemberId,
    project: ProjectId,
    yuan: i64,
) -> Result<Bidding, BidError> {
    let command = bidding(member, project, yuan);
    let done = bench.core.write_and_wait(route(number), move |tx| bid(tx, &command));
    done.map(|(_, done)| done)
}

fn bids_at_once_fill_exactly(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    let investors: Vec<_> = (2..8).map(|n| bench.member(n, 1000)).collect();
    let id = bench.project(borrower, 2000, 1);
    // 40 bids of 100 on 2,000.
    let answers =
        all_at_once(40, |number| bid_from(&bench, number, investors[number % 6], id, 100));
    let full = answers.iter().filter(|a| matches!(a, Ok(Bidding::Full))).count();
    let went_on = answers.iter().filter(|a| matches!(a, Ok(Bidding::GoesOn))).count();
    let late = answers.iter().filter(|a| matches!(a, Err(BidError::NotBidding))).count();
    assert_eq!((full, went_on, late), (1, 19, 20));
    assert_eq!(bench.find_project(id).status, Status::Repaying);
    assert_eq!(bench.wallet(borrower), 200_000);
    let left: i64 = investors.iter().map(|member| bench.wallet(*member)).sum();
    assert_eq!(left, 400_000);
    bench.verify();
}

fn bids_and_the_end_of_a_project_do_not_cross(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    let investors: Vec<_> = (2..6).map(|n| bench.member(n, 9000)).collect();
    for _ in 0..5 {
        let id = bench.project(borrower, 1000, 1);
        all_at_once(12, |number| {
            if number == 6 {
                let work = move |tx: &mut crate::Tx<'_, '_>| abandon(tx, id);
                bench.core.write_and_wait(route(number), work).unwrap();
            } else {
                let _ = bid_from(&bench, number, investors[number % 4], id, 100);
            }
        });
        let project = bench.find_project(id);
        let ended = matches!(project.status, Status::Failed | Status::Repaying);
        assert!(ended, "{project:?}");
        bench.verify();
    }
    for member in investors {
        assert_eq!(bench.balance(Account::Frozen(member)), 0);
    }
}

fn a_term_is_repaid_once_at_a_time(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 1000), bench.member(2, 1000));
    let id = bench.project(borrower, 1000, 36);
    bench.bid(investor, id, 1000).unwrap();
    let answers = all_at_once(5, |number| {
        let work = move |tx: &mut crate::Tx<'_, '_>| repay(tx, Caller::Anyone, id);
        bench.core.write_and_wait(route(number), work).unwrap().terms_repaid
    });
    let mut terms = answers;
    terms.sort_unstable();
    assert_eq!(terms, [1, 2, 3, 4, 5]);
    // 10.00 a term.
    assert_eq!(bench.wallet(investor), 5_000);
    bench.verify();
}

/// Each member borrows from all the others, so that every payout, repayment and return touches
/// everybody's accounts. One call per transaction: then its own order of locks is all there is.
fn movements_of_many_accounts_never_wait_in_a_circle(on: On) {
    let bench = on.open_with(|options, _| options.group = 1);
    let members: Vec<_> = (1..=6).map(|n| bench.member(n, 20_000)).collect();
    let crowd = |yuan| {
        let ids: Vec<_> = members.iter().map(|m| bench.project(*m, 1000, 2)).collect();
        // Everybody bids on everything, in another order each.
        all_at_once(6, |number| {
            for step in 0..6 {
                let id = ids[(number * 5 + step) % 6];
                bid_from(&bench, number, members[number], id, yuan).unwrap();
            }
        });
        ids
    };
    for round in 0..3 {
        // 6 x 100 and then the 400 that fill it.
        let ids = crowd(100);
        all_at_once(6, |number| {
            let last = members[(number + round) % 6];
            assert_eq!(bid_from(&bench, number, last, ids[number], 400).unwrap(), Bidding::Full);
        });
        all_at_once(6, |number| {
            for _ in 0..2 {
                let id = ids[number];
                let work = move |tx: &mut crate::Tx<'_, '_>| repay(tx, Caller::Anyone, id);
                bench.core.write_and_wait(route(number), work).unwrap();
            }
        });
        let ids = crowd(100);
        all_at_once(6, |number| {
            let id = ids[number];
            let work = move |tx: &mut crate::Tx<'_, '_>| abandon(tx, id);
            assert!(bench.core.write_and_wait(route(number), work).unwrap());
        });
    }
    assert_eq!(bench.core.stats().retries, 0, "somebody waited in a circle");
    bench.verify();
}
