//! The life of projects: listing, audit, bids, payout, repayment, failure.

mod rivals;

use kernel::id::{MemberId, ProjectId};
use kernel::{Money, Rate};

use super::{
    Audit, BidState, Bidding, ListProject, PlaceBid, Status, TenorUnit, abandon, audit, bid,
    bids_of, fail_project, finance_log, instalments_of, list, project, projects,
    projects_past_bidding, repay,
};
use crate::identity::{Caller, Role, revoke_tokens};
use crate::ledger::{Account, Kind};
use crate::tests::kit::{
    Bench, DAY_MS, On, START, bearer, bidding, listing, on_both, refusal, yuan,
};
use crate::{Page, Tx};

on_both! {
    listings_are_refused_in_order
    figures_on_the_edge_are_listed
    chosen_numbers_raise_the_series
    audits_are_refused_in_order
    bids_are_refused_in_order
    repayments_are_refused_in_order
    a_project_lives_from_listing_to_the_last_term
    a_project_in_days_is_repaid_at_once
    own_projects_may_be_funded
    a_term_without_interest_moves_nothing
    a_project_fails_after_its_bidding_days
    an_abandoned_project_gives_its_bids_back
    very_many_bids_are_given_back_bit_by_bit
    plans_are_shown_to_borrower_and_investors
    pages_go_through_all_projects
}

fn all() -> Page {
    Page::new(1, 100).unwrap()
}

fn listings_are_refused_in_order(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    // Everything is wrong; one after the other is put right.
    let mut command = ListProject {
        id: Some(ProjectId::from_number(5)),
        caller: bearer(borrower),
        borrower: MemberId::from_number(99),
        title: String::new(),
        amount: None,
        rate: None,
        tenor_unit: None,
        tenor: None,
        bidding_days: None,
    };
    let check = |command: &ListProject, want: &str| {
        let command = command.clone();
        assert_eq!(refusal(bench.write(move |tx| list(tx, &command))), want);
    };
    check(&command, "Denied(NoSuchMember)");
    command.borrower = borrower;
    command.caller = bearer(MemberId::from_number(98));
    check(&command, "Denied(NotYours)");
    command.caller = bearer(borrower);
    for amount in [None, Some(Money::ZERO), Money::from_yuan(900), Money::from_fen(100_001)] {
        command.amount = amount;
        check(&command, "AmountNotOffered");
    }
    command.amount = Money::from_yuan(1000);
    for ppm in [0, 240_001] {
        command.rate = Rate::from_ppm(ppm);
        check(&command, "RateNotOffered");
    }
    command.rate = Rate::from_ppm(240_000);
    check(&command, "UnitNotOffered");
    let units = [(TenorUnit::Month, [0, 37], "Month"), (TenorUnit::Day, [9, 46], "Day")];
    for (unit, tenors, word) in units {
        command.tenor_unit = Some(unit);
        for tenor in [None, Some(tenors[0]), Some(tenors[1])] {
            command.tenor = tenor;
            check(&command, &format!("TenorNotOffered({word})"));
        }
    }
    command.tenor = Some(10);
    for days in [None, Some(0), Some(11)] {
        command.bidding_days = days;
        check(&command, "BiddingDaysNotOffered");
    }
    command.bidding_days = Some(1);
    let good = command.clone();
    bench.write(move |tx| list(tx, &good)).unwrap();
    check(&command, "Taken");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM project"), 1);
    bench.verify();
}

fn figures_on_the_edge_are_listed(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    //  amount       rate     unit   tenor days
    for (amount, rate, unit, tenor, days) in [
        (1000, 1, TenorUnit::Month, 1, 1),
        (1000, 240_000, TenorUnit::Month, 36, 10),
        (10_000_000_000, 1, TenorUnit::Day, 10, 1),
        (10_000_000_000, 240_000, TenorUnit::Day, 45, 10),
    ] {
        let command = ListProject {
            rate: Rate::from_ppm(rate),
            tenor_unit: Some(unit),
            bidding_days: Some(days),
            ..listing(borrower, amount, tenor)
        };
        let listed = bench.write(move |tx| list(tx, &command)).unwrap();
        let read = bench.find_project(listed.id);
        assert_eq!(format!("{listed:?}"), format!("{read:?}"));
        assert_eq!((read.status, read.rest()), (Status::Auditing, yuan(amount)));
    }
    bench.verify();
}

fn chosen_numbers_raise_the_series(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    let choose = |id: Option<i64>| {
        let id = id.map(ProjectId::from_number);
        let command = ListProject { id, ..listing(borrower, 1000, 1) };
        bench.write(move |tx| list(tx, &command)).map(|project| project.id.number())
    };
    assert_eq!(choose(Some(20)).unwrap(), 20);
    assert!(choose(None).unwrap() > 20);
    assert_eq!(choose(Some(3)).unwrap(), 3);
    assert!(refusal(choose(Some(0))).starts_with("Fault"));
    assert!(choose(None).unwrap() > 21);
}

fn audits_are_refused_in_order(on: On) {
    let bench = on.open();
    let administrator = bench.register(1, Role::Administrator);
    let member = bench.member(2, 0);
    let command = listing(member, 1000, 1);
    let id = bench.write(move |tx| list(tx, &command)).unwrap().id;
    let nothing = ProjectId::from_number(99);
    let try_as = |caller: Caller, project: ProjectId, decision: Audit| {
        bench.write(move |tx| audit(tx, caller, project, decision))
    };
    let refuse = |caller, project| refusal(try_as(caller, project, Audit::Approve));
    bench.write(move |tx| revoke_tokens(tx, administrator, 300)).unwrap();
    let revoked = Caller::Bearer { member: administrator, expires: START.seconds() };
    assert_eq!(refuse(revoked, nothing), "Revoked");
    assert_eq!(refuse(bearer(MemberId::from_number(99)), nothing), "Revoked");
    assert_eq!(refuse(bearer(member), nothing), "NotAdministrator");
    assert_eq!(refuse(bearer(administrator), nothing), "NoSuchProject");
    try_as(bearer(administrator), id, Audit::Reject).unwrap();
    assert_eq!(bench.find_project(id).status, Status::Rejected);
    assert_eq!(refuse(bearer(administrator), id), "NotAuditing");
    let approved = bench.project(member, 1000, 1);
    let project = bench.find_project(approved);
    assert_eq!(project.bidding_started_at, Some(START));
    assert_eq!(project.bidding_ends_at, Some(START.plus_days(5)));
    for decision in [Audit::Approve, Audit::Reject] {
        let again = try_as(Caller::Anyone, approved, decision);
        assert_eq!(refusal(again), "NotAuditing");
    }
    bench.verify();
}

fn bids_are_refused_in_order(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 450));
    let open = bench.project(borrower, 1000, 1);
    let command = listing(borrower, 1000, 1);
    let waiting = bench.write(move |tx| list(tx, &command)).unwrap().id;
    let check = |command: &PlaceBid, want: &str| {
        let command = command.clone();
        assert_eq!(refusal(bench.write(move |tx| bid(tx, &command))), want);
    };
    let mut command = PlaceBid {
        caller: bearer(borrower),
        member: MemberId::from_number(99),
        project: ProjectId::from_number(99),
        amount: None,
    };
    for amount in [None, Some(0), Some(9_999), Some(15_000), Some(10_001)] {
        command.amount = amount.and_then(Money::from_fen);
        check(&command, "AmountNotAllowed");
    }
    command.amount = Some(yuan(1100));
    check(&command, "Denied(NoSuchMember)");
    command.member = investor;
    check(&command, "Denied(NotYours)");
    command.caller = bearer(investor);
    check(&command, "NoSuchProject");
    command.project = waiting;
    check(&command, "NotBidding");
    command.project = open;
    check(&command, "MoreThanRest { rest: 1000.00 }");
    command.amount = Some(yuan(1000));
    check(&command, "Insufficient");
    command.amount = Some(yuan(400));
    let good = command.clone();
    bench.write(move |tx| bid(tx, &good)).unwrap();
    command.amount = Some(yuan(700));
    check(&command, "MoreThanRest { rest: 600.00 }");
    assert_eq!(bench.wallet(investor), 5_000);
    assert_eq!(bench.balance(Account::Frozen(investor)), 40_000);
    // To the last moment of the fifth day.
    bench.core.advance_clock(5 * DAY_MS - 1).unwrap();
    command.amount = Some(yuan(100));
    check(&command, "Insufficient");
    bench.core.advance_clock(1).unwrap();
    check(&command, "NotBidding");
    bench.verify();
}

fn repayments_are_refused_in_order(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 5000));
    let id = bench.project(borrower, 1000, 1);
    let refuse = |caller, project| refusal(bench.write(move |tx| repay(tx, caller, project)));
    assert_eq!(refuse(bearer(investor), ProjectId::from_number(99)), "NoSuchProject");
    assert_eq!(refuse(bearer(investor), id), "Denied(NotYours)");
    assert_eq!(refuse(bearer(borrower), id), "NotRepaying");
    bench.bid(investor, id, 1000).unwrap();
    // 1000.00 came in, 1010.00 are due.
    assert_eq!(refuse(bearer(borrower), id), "Insufficient");
    bench.recharge(borrower, yuan(10));
    let paid = bench.write(move |tx| repay(tx, bearer(borrower), id)).unwrap();
    assert_eq!((paid.status, paid.terms_repaid), (Status::Repaid, 1));
    assert_eq!(refuse(bearer(borrower), id), "NotRepaying");
    assert_eq!((bench.wallet(borrower), bench.wallet(investor)), (0, 501_000));
    bench.verify();
}

/// The plan as `bid term principal+interest due`, paid ones with a star.
fn plan(bench: &Bench, project: ProjectId) -> Vec<String> {
    let work =
        move |tx: &mut Tx<'_, '_>| Ok(instalments_of(tx, Caller::Anyone, project, all()).unwrap());
    let rows = bench.read(work).unwrap();
    let text = |i: &super::Instalment| {
        let paid = if i.paid_at.is_some() { " *" } else { "" };
        let id = i.id.number();
        assert_eq!(id, i.bid.number() * 100 + i64::from(i.term));
        format!("{id} {}+{} {}{paid}", i.principal, i.interest, i.due)
    };
    rows.iter().map(text).collect()
}

fn a_project_lives_from_listing_to_the_last_term(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 100);
    let investors = [2, 3, 4].map(|n| bench.member(n, 1000));
    let command = ListProject { rate: Rate::from_ppm(128_000), ..listing(borrower, 1000, 2) };
    let id = bench.write(move |tx| list(tx, &command)).unwrap().id;
    bench.write(move |tx| audit(tx, Caller::Anyone, id, Audit::Approve)).unwrap();
    assert_eq!(bench.bid(investors[0], id, 300).unwrap(), Bidding::GoesOn);
    assert_eq!(bench.bid(investors[1], id, 300).unwrap(), Bidding::GoesOn);
    assert_eq!(bench.find_project(id).rest(), yuan(400));
    bench.core.advance_clock(2 * DAY_MS).unwrap();
    assert_eq!(bench.bid(investors[2], id, 400).unwrap(), Bidding::Full);
    let full = bench.find_project(id);
    assert_eq!((full.status, full.raised), (Status::Repaying, yuan(1000)));
    assert_eq!(full.full_at, Some(START.plus_days(2)));
    assert_eq!(bench.wallet(borrower), 110_000);
    for (member, left) in investors.into_iter().zip([70_000, 70_000, 60_000]) {
        assert_eq!(bench.wallet(member), left);
        assert_eq!(bench.balance(Account::Frozen(member)), 0);
    }
    // 1000.00 x 12.8 % / 12 = 10.666… → 10.67 a month, of which 3 : 3 : 4 are 3.201, 3.201, 4.268:
    // 3.20, 3.20, 4.26 and the fen that is left to the largest remainder, 4.27. Full on the
    // 3rd of March.
    let term = ["101 0.00+3.20", "201 0.00+3.20", "301 0.00+4.27"].map(str::to_owned);
    let last = ["102 300.00+3.20", "202 300.00+3.20", "302 400.00+4.27"];
    let open: Vec<_> = term.iter().map(|row| format!("{row} 2026-04-03")).collect();
    let last: Vec<_> = last.iter().map(|row| format!("{row} 2026-05-03")).collect();
    assert_eq!(plan(&bench, id), [open.clone(), last.clone()].concat());
    bench.verify();

    let pay = || bench.write(move |tx| repay(tx, bearer(borrower), id)).unwrap();
    assert_eq!((pay().terms_repaid, bench.wallet(borrower)), (1, 110_000 - 1_067));
    assert_eq!(investors.map(|m| bench.wallet(m)), [70_320, 70_320, 60_427]);
    let paid: Vec<_> = open.iter().map(|row| format!("{row} *")).collect();
    assert_eq!(plan(&bench, id), [paid.clone(), last.clone()].concat());
    bench.verify();
    assert_eq!(pay().status, Status::Repaid);
    // 1100.00 - 2 x 10.67 - 1000.00 = 78.66
    assert_eq!(bench.wallet(borrower), 7_866);
    assert_eq!(investors.map(|m| bench.wallet(m)), [100_640, 100_640, 100_854]);
    assert_eq!(bench.balance(Account::Escrow(id)), 0);
    assert!(plan(&bench, id).iter().all(|row| row.ends_with('*')));
    let bids = bench.read(move |tx| Ok(bids_of(tx, Caller::Anyone, investors[0], all()).unwrap()));
    assert_eq!((bids.len(), bids[0].state, bids[0].amount), (1, BidState::Lent, yuan(300)));
    bench.verify();

    let log = |member, caller| {
        let log = bench.read(move |tx| Ok(finance_log(tx, caller, member, all())));
        let log = log.map_err(|error| error.to_string())?;
        let number = |id: Option<MemberId>| id.map_or(0, MemberId::number);
        let text = log.iter().map(|m| {
            let (from, to) = (number(m.payer), number(m.payee));
            format!("{} {from}>{to} {} {}", m.line.kind.word(), m.amount, m.line.balance)
        });
        Ok::<Vec<_>, String>(text.collect())
    };
    let want = [
        "distribution 1>2 303.20 1006.40",
        "distribution 1>2 3.20 703.20",
        "bid 2>1 300.00 700.00",
        "recharge 0>2 1000.00 1000.00",
    ];
    assert_eq!(log(investors[0], bearer(investors[0])).unwrap(), want);
    let want = [
        "repayment 1>0 1010.67 78.66",
        "repayment 1>0 10.67 1089.33",
        "payout 0>1 1000.00 1100.00",
        "recharge 0>1 100.00 100.00",
    ];
    assert_eq!(log(borrower, bearer(borrower)).unwrap(), want);
    assert_eq!(log(borrower, bearer(investors[0])).unwrap_err(), "not the caller's own");
}

fn a_project_in_days_is_repaid_at_once(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 100), bench.member(2, 1000));
    let unit = Some(TenorUnit::Day);
    let rate = Rate::from_ppm(129_000);
    let command = ListProject { tenor_unit: unit, rate, ..listing(borrower, 1000, 45) };
    let id = bench.write(move |tx| list(tx, &command)).unwrap().id;
    bench.write(move |tx| audit(tx, Caller::Anyone, id, Audit::Approve)).unwrap();
    bench.bid(investor, id, 1000).unwrap();
    // 1000.00 x 12.9 % / 360 x 45 = 16.125 → 16.13; 1 March + 45 days = 15 April.
    assert_eq!(plan(&bench, id), ["101 1000.00+16.13 2026-04-15"]);
    let paid = bench.write(move |tx| repay(tx, bearer(borrower), id)).unwrap();
    assert_eq!(paid.status, Status::Repaid);
    assert_eq!((bench.wallet(borrower), bench.wallet(investor)), (8_387, 101_613));
    bench.verify();
}

fn own_projects_may_be_funded(on: On) {
    let bench = on.open();
    let (borrower, other) = (bench.member(1, 1000), bench.member(2, 1000));
    let id = bench.project(borrower, 1000, 1);
    bench.bid(borrower, id, 500).unwrap();
    bench.bid(other, id, 500).unwrap();
    assert_eq!(bench.wallet(borrower), 150_000);
    bench.write(move |tx| repay(tx, bearer(borrower), id)).unwrap();
    // 10.00 interest, half of it to themselves.
    assert_eq!((bench.wallet(borrower), bench.wallet(other)), (99_500, 100_500));
    bench.verify();
}

fn a_term_without_interest_moves_nothing(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 1000));
    // 1000.00 at 0.0001 % a year: 0.00008 a month.
    let command = ListProject { rate: Rate::from_ppm(1), ..listing(borrower, 1000, 2) };
    let id = bench.write(move |tx| list(tx, &command)).unwrap().id;
    bench.write(move |tx| audit(tx, Caller::Anyone, id, Audit::Approve)).unwrap();
    bench.bid(investor, id, 1000).unwrap();
    for (terms, left) in [(1, 100_000), (2, 0)] {
        let paid = bench.write(move |tx| repay(tx, bearer(borrower), id)).unwrap();
        assert_eq!((paid.terms_repaid, bench.wallet(borrower)), (terms, left));
    }
    assert_eq!(bench.wallet(investor), 100_000);
    bench.verify();
}

fn end(bench: &Bench, project: ProjectId) -> bool {
    bench.write(move |tx| fail_project(tx, project)).unwrap()
}

fn a_project_fails_after_its_bidding_days(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 1000));
    let id = bench.project(borrower, 1000, 1);
    bench.bid(investor, id, 300).unwrap();
    bench.bid(investor, id, 200).unwrap();
    let over = || bench.read(|tx| projects_past_bidding(tx, 10));
    bench.core.advance_clock(5 * DAY_MS - 1).unwrap();
    assert_eq!((over(), end(&bench, id)), (vec![], false));
    bench.core.advance_clock(1).unwrap();
    assert_eq!(over(), [id]);
    assert!(end(&bench, id));
    assert!(!end(&bench, id), "it has ended");
    assert!(!end(&bench, ProjectId::from_number(99)));
    assert_eq!(over(), []);
    let failed = bench.find_project(id);
    assert_eq!((failed.status, failed.raised), (Status::Failed, Money::ZERO));
    assert_eq!(bench.wallet(investor), 100_000);
    let bids = bench.read(move |tx| Ok(bids_of(tx, Caller::Anyone, investor, all()).unwrap()));
    assert!(bids.iter().all(|bid| bid.state == BidState::Returned));
    let log = bench.read(move |tx| Ok(finance_log(tx, Caller::Anyone, investor, all()).unwrap()));
    let kinds: Vec<_> = log.iter().map(|m| m.line.kind).collect();
    let returns = [Kind::BidReturn, Kind::BidReturn, Kind::Bid, Kind::Bid, Kind::Recharge];
    assert_eq!(kinds, returns);
    assert_eq!((log[0].payer, log[0].payee), (None, Some(investor)));
    assert_eq!(refusal(bench.bid(investor, id, 100)), "NotBidding");
    bench.verify();
}

fn an_abandoned_project_gives_its_bids_back(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 2000));
    let give_up = |id| bench.write(move |tx| abandon(tx, id)).unwrap();
    let id = bench.project(borrower, 1000, 1);
    bench.bid(investor, id, 300).unwrap();
    assert!(give_up(id));
    assert!(!give_up(id));
    assert_eq!(bench.find_project(id).status, Status::Failed);
    assert_eq!(bench.wallet(investor), 200_000);
    let full = bench.project(borrower, 1000, 1);
    bench.bid(investor, full, 1000).unwrap();
    assert!(!give_up(full));
    let command = listing(borrower, 1000, 1);
    let waiting = bench.write(move |tx| list(tx, &command)).unwrap().id;
    assert!(!give_up(waiting));
    assert!(!give_up(ProjectId::from_number(99)));
    bench.verify();
}

fn very_many_bids_are_given_back_bit_by_bit(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    let investors = [3, 2].map(|n| bench.member(n, 60_000));
    let id = bench.project(borrower, 200_000, 1);
    bench
        .write(move |tx| {
            for n in 0..1001 {
                bid(tx, &bidding(investors[n % 2], id, 100))?;
            }
            Ok::<_, super::BidError>(())
        })
        .unwrap();
    assert!(bench.write(move |tx| abandon(tx, id)).unwrap());
    let part = bench.find_project(id);
    assert_eq!((part.status, part.raised), (Status::Bidding, yuan(50_100)));
    assert_eq!(refusal(bench.bid(borrower, id, 100)), "NotBidding", "nobody bids any more");
    bench.verify();
    assert_eq!(bench.read(|tx| projects_past_bidding(tx, 10)), [id], "the job goes on with it");
    assert!(end(&bench, id) && end(&bench, id));
    assert!(!end(&bench, id));
    let failed = bench.find_project(id);
    assert_eq!((failed.status, failed.raised), (Status::Failed, Money::ZERO));
    assert_eq!(investors.map(|m| bench.wallet(m)), [6_000_000, 6_000_000]);
    bench.verify();
}

fn plans_are_shown_to_borrower_and_investors(on: On) {
    let bench = on.open();
    let (borrower, investor) = (bench.member(1, 0), bench.member(2, 1000));
    let stranger = bench.register(3, Role::Administrator);
    let id = bench.project(borrower, 1000, 3);
    bench.bid(investor, id, 1000).unwrap();
    let look = |caller, id| {
        let look = bench.read(move |tx| Ok(instalments_of(tx, caller, id, all())));
        look.map(|rows| rows.map(|rows| rows.len())).map_err(|error| error.to_string())
    };
    assert_eq!(look(bearer(borrower), id), Ok(Some(3)));
    assert_eq!(look(bearer(investor), id), Ok(Some(3)));
    assert_eq!(look(Caller::Anyone, id), Ok(Some(3)));
    assert_eq!(look(bearer(stranger), id), Err("not the caller's own".into()));
    assert_eq!(look(bearer(stranger), ProjectId::from_number(99)), Ok(None));
}

fn pages_go_through_all_projects(on: On) {
    let bench = on.open();
    let borrower = bench.member(1, 0);
    let ids: Vec<_> = (0..5).map(|_| bench.project(borrower, 1000, 1)).collect();
    let page = |number, size| {
        let page = Page::new(number, size).unwrap();
        let found = bench.read(move |tx| projects(tx, page));
        found.iter().map(|project| project.id).collect::<Vec<_>>()
    };
    assert_eq!(page(1, 2), ids[..2]);
    assert_eq!(page(3, 2), ids[4..]);
    assert_eq!(page(1, 1_000_000), ids);
    for number in [4, 1 << 40, i64::MAX] {
        assert_eq!(page(number, 2), []);
        assert_eq!(page(number, i64::MAX), [], "{number}");
    }
    assert!(bench.read(|tx| project(tx, ProjectId::from_number(99))).is_none());
}
