//! Blacklist and risk: about persons where they are known, about accounts where not yet.

use kernel::Channel;
use kernel::id::{MemberId, OperatorId};

use super::{answer, begin_as, id_no, join, join_on, line, look, verified, verify};
use crate::audit::Actor;
use crate::customers::{
    Finished, Flag, blacklist_person, customers, facts, set_flag, unlist_person,
};
use crate::ports::CheckOutcome;
use crate::tests::kit::{Bench, On, on_both, refusal};
use crate::{Page, customers as people};

on_both! {
    risk_is_noted_and_taken_back
    a_blacklisted_person_is_so_on_every_channel
    a_person_can_be_blacklisted_before_any_account
    what_was_said_of_an_account_follows_the_person
    customers_are_listed_by_channel
}

const OPERATOR: Actor = Actor::Operator(OperatorId::from_number(1));

#[track_caller]
fn flag(bench: &Bench, member: MemberId, flag: Flag) {
    bench.write(move |tx| set_flag(tx, OPERATOR, member, &flag)).unwrap();
}

fn is_listed(bench: &Bench, member: MemberId) -> bool {
    let listed = look(bench, member).blacklisted;
    let facts = bench.read(move |tx| facts(tx, member));
    assert!(facts.is_none_or(|facts| facts.blacklisted == listed));
    listed
}

fn risk_is_noted_and_taken_back(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    flag(&bench, member, Flag::Risky(line("多头借贷")));
    let risky = look(&bench, member);
    assert_eq!(
        (risky.risky, risky.risk_note, risky.blacklisted),
        (true, Some(line("多头借贷")), false)
    );
    assert!(bench.read(move |tx| facts(tx, member)).unwrap().risky);
    flag(&bench, member, Flag::NotRisky);
    let fine = look(&bench, member);
    assert_eq!((fine.risky, fine.risk_note), (false, None));
    let nobody = MemberId::from_number(99);
    let set = bench.write(move |tx| set_flag(tx, OPERATOR, nobody, &Flag::NotRisky));
    assert_eq!(refusal(set), "NoSuchCustomer");
}

fn a_blacklisted_person_is_so_on_every_channel(on: On) {
    let bench = on.open();
    let (here, other) = (verified(&bench, 1), verified(&bench, 2));
    flag(&bench, here, Flag::Blacklisted(line("欺诈")));
    let there = join_on(&bench, Channel::Futureloan, 1);
    assert!(!is_listed(&bench, there), "nobody knows yet who this is");
    verify(&bench, there, 1);
    assert_eq!([here, there, other].map(|m| is_listed(&bench, m)), [true, true, false]);
    flag(&bench, there, Flag::NotBlacklisted);
    assert_eq!([here, there, other].map(|m| is_listed(&bench, m)), [false; 3]);
}

fn a_person_can_be_blacklisted_before_any_account(on: On) {
    let bench = on.open();
    let list = |reason: &'static str| {
        bench.write(move |tx| blacklist_person(tx, OPERATOR, &id_no(1), &line(reason))).unwrap();
    };
    list("失信");
    list("失信被执行人");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM blacklist"), 1);
    let member = verified(&bench, 1);
    assert!(is_listed(&bench, member));
    let unlist = || bench.write(|tx| unlist_person(tx, OPERATOR, &id_no(1))).unwrap();
    assert!(unlist());
    assert!(!is_listed(&bench, member));
    assert!(!unlist());
}

fn what_was_said_of_an_account_follows_the_person(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    flag(&bench, member, Flag::Blacklisted(line("设备异常")));
    assert!(is_listed(&bench, member));
    verify(&bench, member, 1);
    assert!(is_listed(&bench, member));
    let there = join_on(&bench, Channel::Futureloan, 1);
    let check = begin_as(&bench, there, id_no(1)).unwrap();
    assert_eq!(answer(&bench, check.id, CheckOutcome::Match), Finished::Verified);
    assert!(is_listed(&bench, there));
    flag(&bench, member, Flag::NotBlacklisted);
    assert!(!is_listed(&bench, member) && !is_listed(&bench, there));
    // Of an account that is nobody yet, too.
    let stranger = join(&bench, 2);
    flag(&bench, stranger, Flag::Blacklisted(line("设备异常")));
    flag(&bench, stranger, Flag::NotBlacklisted);
    assert!(!is_listed(&bench, stranger));
}

fn customers_are_listed_by_channel(on: On) {
    let bench = on.open();
    let here = [1, 2, 3].map(|n| join(&bench, n));
    let there = join_on(&bench, Channel::Futureloan, 1);
    let page = |channel, number| {
        let page = Page::new(number, 2).unwrap();
        let all = bench.read(move |tx| customers(tx, channel, page));
        all.iter().map(|customer| customer.member).collect::<Vec<_>>()
    };
    assert_eq!(page(super::HERE, 1), here[..2]);
    assert_eq!(page(super::HERE, 2), here[2..]);
    assert_eq!(page(Channel::Futureloan, 1), [there]);
    bench.write(crate::market::wipe).unwrap();
    assert_eq!(page(super::HERE, 1), []);
    assert!(bench.read(move |tx| people::customer(tx, there)).is_none());
}
