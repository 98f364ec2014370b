//! `verify` finds what somebody has changed behind the core's back.

use std::fmt::Debug;

use kernel::Money;

use super::super::{Difference, take_platform_balances, verify};
use super::{funding_corruption, lead_corruption, loan_corruption, periods};
use crate::audit::{self, Actor, Reach, Subject};
use crate::identity::Caller;
use crate::market::{self, TenorUnit};
use crate::tests::kit::{Bench, On, START, listing, on_both, yuan};
use crate::wallet::{self, Move};
use crate::{Fault, Tx};

on_both! {
    every_corruption_is_found_by_its_check
    every_check_is_in_the_table
}

/// The check that must find it, and what is done to the rows.
///
/// Members 1 to 5 have the wallets 101 to 501; members 1 and 2 bid 400 and 600 on project 1, which
/// is member 1's own and of which one term of two is repaid. Project 2 was given up, project 3
/// takes bids, project 4 runs for days. Member 4 recharged and withdrew 100, then 50.
const CORRUPTIONS: &[(&str, &str)] = &[
    (TRANSFERS, "UPDATE posting SET amount_fen = amount_fen + 1 WHERE account_id = 51"),
    (TRANSFERS, "DELETE FROM posting WHERE account_id = 51"),
    (TRANSFERS, "UPDATE transfer SET lines = 3 WHERE kind = 'recharge'"),
    (
        TRANSFERS,
        "DELETE FROM posting WHERE transfer_id IN
            (SELECT transfer_id FROM transfer WHERE kind = 'withdrawal')",
    ),
    (POSTINGS, "DELETE FROM transfer WHERE kind = 'withdrawal'"),
    (POSTINGS, "UPDATE posting SET account_id = 54 WHERE account_id = 51"),
    (POSTINGS, "UPDATE posting SET balance_fen = 0 WHERE account_id = 51"),
    (POSTINGS, "UPDATE posting SET balance_fen = NULL WHERE account_id = 201"),
    (POSTINGS, "DELETE FROM account WHERE account_id = 103"),
    (CHAIN, "UPDATE posting SET balance_fen = balance_fen + 1 WHERE account_id = 201"),
    (CHAIN, "UPDATE posting SET previous_posting_id = NULL WHERE account_id = 201"),
    (CHAIN, "UPDATE posting SET previous_posting_id = 1 WHERE account_id = 201"),
    (CHAIN, "UPDATE posting SET account_id = 501 WHERE account_id = 301 AND amount_fen < 0"),
    (
        FORK,
        "UPDATE posting SET previous_posting_id = NULL
            WHERE account_id = 401 AND balance_fen = 5000",
    ),
    (BALANCES, "UPDATE account SET balance_fen = balance_fen + 1 WHERE account_id = 201"),
    (
        BALANCES,
        "UPDATE account SET last_posting_id = NULL, previous_posting_id = NULL
            WHERE account_id = 103",
    ),
    (BALANCES, "UPDATE account SET last_posting_id = 1 WHERE account_id = 103"),
    (BALANCES, "UPDATE account SET previous_posting_id = NULL WHERE account_id = 201"),
    (
        BALANCES,
        "UPDATE account SET
            last_posting_id = (SELECT MIN(posting_id) FROM posting
                WHERE account_id = 401 AND balance_fen = 0),
            previous_posting_id = (SELECT MIN(posting_id) FROM posting WHERE account_id = 401)
            WHERE account_id = 401",
    ),
    (OWNERS, "UPDATE account SET owner_id = 2 WHERE account_id = 301"),
    (OWNERS, "UPDATE account SET kind = 'frozen' WHERE account_id = 301"),
    (
        OWNERS,
        "INSERT INTO account (account_id, kind, owner_id, balance_fen)
            VALUES (99901, 'wallet', 999, 0)",
    ),
    (CONTRA, "UPDATE transfer SET reverses_id = NULL WHERE kind = 'bid_return'"),
    (CONTRA, "UPDATE transfer SET kind = 'bid' WHERE kind = 'bid_return'"),
    (CONTRA, "UPDATE transfer SET reverses_id = 1 WHERE kind = 'bid_return'"),
    (
        CONTRA,
        "UPDATE transfer SET reverses_id = (SELECT MIN(transfer_id) FROM transfer)
            WHERE kind = 'bid_return'",
    ),
    (SNAPSHOTS, "UPDATE platform_balance SET balance_fen = balance_fen + 1"),
    (SNAPSHOTS, "UPDATE platform_balance SET through_posting_id = through_posting_id / 2"),
    (MEMBERS, "DELETE FROM account WHERE account_id = 502"),
    (RECHARGES, "UPDATE transfer SET kind = 'withdrawal' WHERE kind = 'recharge'"),
    (RECHARGES, "UPDATE transfer SET subject_id = 3 WHERE kind = 'withdrawal'"),
    (RECHARGES, "UPDATE transfer SET kind = 'recharge' WHERE kind = 'payout'"),
    (FROZEN, "UPDATE bid SET amount_fen = amount_fen - 10000 WHERE state = 'held'"),
    (FROZEN, "UPDATE bid SET state = 'returned' WHERE state = 'held'"),
    (FROZEN, "UPDATE bid SET state = 'held' WHERE state = 'lent'"),
    (BIDS, "UPDATE bid SET amount_fen = amount_fen + 10000 WHERE state = 'returned'"),
    (BIDS, "UPDATE bid SET state = 'lent' WHERE state = 'returned'"),
    (BIDS, "UPDATE bid SET transfer_id = 1 WHERE state = 'lent'"),
    (BIDS, "UPDATE bid SET member_id = 3 WHERE bid_id = 1"),
    (BIDS, "UPDATE transfer SET kind = 'distribution' WHERE kind = 'bid' AND subject_id = 1"),
    (BIDS, "DELETE FROM bid WHERE state = 'returned'"),
    (PROJECTS, "UPDATE project SET raised_fen = raised_fen + 10000 WHERE status = 'bidding'"),
    (PROJECTS, "UPDATE project SET amount_fen = raised_fen WHERE status = 'bidding'"),
    (PROJECTS, "UPDATE project SET status = 'repaying' WHERE status = 'bidding'"),
    (PROJECTS, "UPDATE project SET status = 'bidding' WHERE status = 'repaying'"),
    (PROJECTS, "UPDATE project SET status = 'bidding' WHERE status = 'failed'"),
    (PROJECTS, "UPDATE project SET amount_fen = amount_fen + 10000 WHERE project_id = 1"),
    (PROJECTS, "UPDATE bid SET project_id = 2 WHERE state = 'held'"),
    (PAYOUTS, "UPDATE project SET borrower_id = 2 WHERE project_id = 1"),
    (PAYOUTS, "UPDATE project SET full_at = NULL WHERE project_id = 1"),
    (PAYOUTS, "UPDATE transfer SET kind = 'payout' WHERE kind = 'collection'"),
    (PAYOUTS, "UPDATE transfer SET subject_id = 2 WHERE kind = 'payout' AND subject_id = 1"),
    (PLANS, "DELETE FROM instalment WHERE term = 2"),
    (PLANS, "DELETE FROM instalment WHERE bid_id = 2"),
    (
        PLANS,
        "UPDATE instalment SET principal_fen = principal_fen + 1 WHERE bid_id = 1 AND term = 2",
    ),
    (PLANS, "UPDATE instalment SET principal_fen = 20000 WHERE bid_id = 1"),
    (PLANS, "UPDATE instalment SET term = 3 WHERE term = 2"),
    (PLANS, "UPDATE instalment SET instalment_id = instalment_id + 50 WHERE term = 2"),
    (PLANS, "UPDATE instalment SET project_id = 2 WHERE term = 2"),
    (PLANS, "UPDATE instalment SET bid_id = 77 WHERE bid_id = 1"),
    (PLANS, "UPDATE project SET tenor = 3 WHERE project_id = 1"),
    (PLANS, "UPDATE project SET tenor_unit = 'day' WHERE project_id = 1"),
    (PLANS, "UPDATE project SET tenor_unit = 'month' WHERE project_id = 4"),
    (INTEREST, "UPDATE project SET rate_ppm = 130000 WHERE project_id = 1"),
    (INTEREST, "UPDATE project SET tenor = 11 WHERE project_id = 4"),
    (INTEREST, "UPDATE instalment SET interest_fen = interest_fen + 1 WHERE project_id = 4"),
    (
        INTEREST,
        "UPDATE instalment SET interest_fen = interest_fen + CASE bid_id WHEN 1 THEN 5 ELSE -5 END
            WHERE project_id = 1",
    ),
    (TERMS, "UPDATE project SET terms_repaid = 0 WHERE project_id = 1"),
    (TERMS, "UPDATE project SET terms_repaid = 1 WHERE project_id = 2"),
    (TERMS, "UPDATE instalment SET paid_at = NULL"),
    (TERMS, "UPDATE instalment SET paid_at = 1 WHERE bid_id = 1"),
    (TERMS, "UPDATE project SET status = 'repaid', closed_at = 1 WHERE project_id = 1"),
    (GIVEN, "UPDATE transfer SET subject_id = 2 WHERE kind = 'distribution'"),
    (GIVEN, "UPDATE transfer SET kind = 'repayment' WHERE kind = 'distribution'"),
    (REPAID, "UPDATE transfer SET subject_id = 2 WHERE kind = 'repayment'"),
    (DUE, "UPDATE instalment SET due_on = '2026-04-02' WHERE project_id = 1 AND term = 1"),
    (DUE, "UPDATE instalment SET due_on = '2026-03-12' WHERE project_id = 4"),
    (DUE, "UPDATE project SET full_at = full_at + 86400000 WHERE project_id = 1"),
    (AUDIT_CHAIN, "UPDATE audit_entry SET detail = 'nothing' WHERE action = 'project.approved'"),
    (AUDIT_CHAIN, "DELETE FROM audit_entry WHERE action = 'project.given_back'"),
    (
        AUDIT_ALL,
        "INSERT INTO audit_entry (entry_id, actor_kind, action, subject_kind, detail, noted_at,
            business_at) VALUES (1, 'platform', 'project.approved', 'platform', '', 1, 1)",
    ),
];

const TRANSFERS: &str = "every transfer has its lines, and they sum to zero";
const POSTINGS: &str = "every posting belongs to a transfer and to an account";
const CHAIN: &str = "every posting goes on from the one before it in its account";
const FORK: &str = "no two postings go on from the same one";
const BALANCES: &str = "every stored balance is the sum of its postings and that of its last one";
const OWNERS: &str = "every account is what its number says and belongs to somebody";
const CONTRA: &str = "every contra entry takes back the whole of one transfer";
const SNAPSHOTS: &str = "every snapshot of a platform account is the sum of its postings";
const MEMBERS: &str = "every member has a wallet and a frozen account";
const RECHARGES: &str = "every recharge and withdrawal is between its member's wallet and the bank";
const FROZEN: &str = "what is frozen is what is held by bids and for leads";
const BIDS: &str = "every bid has frozen its money, and has it back if it was returned";
const PROJECTS: &str = "every project stands where its bids say, and its escrow is empty";
const PAYOUTS: &str = "every full project was collected and paid out to its borrower";
const PLANS: &str = "every lent bid has a plan that repays it, and no other bid has one";
const INTEREST: &str =
    "every term bears the interest of its project's rate, and every bid its share";
const TERMS: &str = "the terms that are repaid are those whose instalments are paid";
const GIVEN: &str = "what every investor was given is what their paid instalments say";
const REPAID: &str = "what every borrower has repaid is what the paid instalments say";
const DUE: &str = "every term is due so many months or days after its project was full";
const AUDIT_CHAIN: &str =
    "every link of the audit chain goes on from the one before it with its entry";
const AUDIT_ALL: &str = "every audit entry stands in the chain, but for the newest";
const TRIAL: &str = "the trial balance sums to zero";

/// Books in which every check has something to look at.
fn books(on: On) -> Bench {
    let bench = on.open();
    let members: Vec<_> = (1..=5).map(|n| bench.member(n, 0)).collect();
    for member in &members[..3] {
        bench.recharge(*member, yuan(2000));
    }
    for amount in [100, 50] {
        let amount: Money = yuan(amount);
        let command = Move { caller: Caller::Anyone, member: members[3], amount };
        bench.recharge(members[3], amount);
        bench.write(move |tx| wallet::withdraw(tx, &command)).unwrap();
    }
    let project = bench.project(members[0], 1000, 2);
    bench.bid(members[0], project, 400).unwrap();
    bench.bid(members[1], project, 600).unwrap();
    bench.write(move |tx| market::repay(tx, Caller::Anyone, project)).unwrap();
    let project = bench.project(members[0], 1000, 2);
    bench.bid(members[1], project, 300).unwrap();
    bench.write(move |tx| market::abandon(tx, project)).unwrap();
    let project = bench.project(members[0], 1000, 2);
    bench.bid(members[2], project, 500).unwrap();
    let mut days = listing(members[0], 1000, 10);
    days.tenor_unit = Some(TenorUnit::Day);
    let project = bench
        .write(move |tx| {
            let project = market::list(tx, &days)?.id;
            let approve = market::Audit::Approve;
            market::audit(tx, Caller::Anyone, project, approve).unwrap();
            Ok::<_, market::ListError>(project)
        })
        .unwrap();
    bench.bid(members[2], project, 1000).unwrap();
    for action in ["project.approved", "project.given_back"] {
        let note = move |tx: &mut Tx<'_, '_>| {
            audit::note(tx, Actor::Platform, action, Subject::Platform, "")
        };
        bench.write(note).unwrap();
    }
    bench.core.clock().set(START.plus_days(1));
    bench.write(take_platform_balances).unwrap();
    bench.write(|tx| audit::seal(tx, Reach::New, 100)).unwrap();
    bench
}

/// A way out that undoes the corruption.
enum Found {
    Difference(Option<Difference>),
    Fault(Fault),
}

impl From<Fault> for Found {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What `verify` finds after a corruption, which is then undone.
fn after<C: Copy + Debug + Send + 'static>(
    bench: &Bench,
    corruption: C,
    corrupt: fn(&mut Tx<'_, '_>, C) -> Result<(), Fault>,
) -> Option<Difference> {
    let found = bench.write(move |tx: &mut Tx<'_, '_>| {
        corrupt(tx, corruption)?;
        Err::<(), _>(Found::Difference(verify(tx)?.err()))
    });
    match found {
        Err(Found::Difference(difference)) => difference,
        Err(Found::Fault(fault)) => panic!("{corruption:?}: {fault}"),
        Ok(()) => None,
    }
}

/// Every corruption is found, each by its own check, in books that are clean but for it.
#[track_caller]
pub(super) fn each_is_found<C: Copy + Debug + Send + 'static>(
    bench: &Bench,
    corruptions: &[(&'static str, C)],
    corrupt: fn(&mut Tx<'_, '_>, C) -> Result<(), Fault>,
) {
    bench.verify();
    let mut wrong = Vec::new();
    for (check, corruption) in corruptions {
        let found = after(bench, *corruption, corrupt).map(|difference| difference.check);
        if found != Some(check) {
            wrong.push(format!("{corruption:?}\n    {check}\n    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    bench.verify();
}

/// Carries out a statement that must find a row.
pub(super) fn change_rows(tx: &mut Tx<'_, '_>, statement: &'static str) -> Result<(), Fault> {
    assert!(tx.execute(statement, store::params![])? > 0, "no row: {statement}");
    Ok(())
}

fn every_corruption_is_found_by_its_check(on: On) {
    each_is_found(&books(on), CORRUPTIONS, change_rows);
}

fn every_check_is_in_the_table(on: On) {
    let verified = books(on).read(verify).unwrap();
    // Those of loans, leads, the funding partner, the books and documents have tables of their own.
    let others = [
        loan_corruption::checks(),
        lead_corruption::checks(),
        funding_corruption::checks(),
        periods::checks(),
    ];
    let others = others.concat();
    for (check, rows) in verified.checks {
        let is_document = check.starts_with("every document") || check.starts_with("every PDF");
        if is_document || others.contains(&check) {
            continue;
        }
        assert!(rows > 0, "nothing to look at: {check}");
        // The last net cannot be reached: another check finds it first. It has its own test.
        assert!(check == TRIAL || CORRUPTIONS.iter().any(|(name, _)| *name == check), "{check}");
    }
}
