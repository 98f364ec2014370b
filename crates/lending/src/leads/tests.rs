//! Leads from their telling to their end, on both engines.

mod handing;

use kernel::id::{LeadId, MemberId};
use kernel::identity::{IdCardNo, Sex};
use kernel::{Channel, Mobile, Money, RealName};

use super::{
    ClaimError, CompanyKind, CustomerKind, Details, Ending, EraseError, EventKind, HeldError,
    HouseKind, HouseStatus, LoanKind, PayKind, Person, State, Submit, SubmitError, Submitted, Term,
    Which,
};
use crate::audit::Actor;
use crate::customers::{self, Line};
use crate::identity::{Register, Role};
use crate::ledger::Account;
use crate::tests::kit::{
    Bench, DAY_MS, On, START, all_at_once, fen, mobile, on_both, password, yuan,
};
use crate::tests::lender::id_no;
use crate::{Page, Route, leads};

on_both! {
    a_lead_told_twice_in_a_day_is_one
    impossible_people_are_refused
    one_of_many_wins_a_lead
    a_won_lead_pays_its_owner
    a_lost_or_released_lead_gives_the_fee_back
    the_same_lead_told_at_once_is_one
    who_asks_for_it_is_erased_at_once
    nobody_does_what_is_not_theirs
    others_see_people_masked
    limits_stand_against_harvesting
    what_a_lead_tells_goes_after_its_days
    nothing_of_a_person_lies_open
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// Everything that document 003 asks for, about invented person `n`.
pub(crate) fn details(n: u32) -> Details {
    Details {
        name: RealName::parse("周小舟").unwrap(),
        sex: Sex::Male,
        id_no: id_no(n),
        telephone: Mobile::parse(&format!("139{n:08}")),
        company_kind: Some(CompanyKind::Listed),
        house_hold: Some(line("京户")),
        income: Some(yuan(600)),
        pay_kind: Some(PayKind::Transfer),
        has_insurance: Some(true),
        has_house_fund: Some(false),
        card_limit: Some(yuan(10_000)),
        owed_elsewhere: yuan(100_000),
        has_house: Some(true),
        house_location: Some(line("北京")),
        houses: Some(2),
        house_kind: Some(HouseKind::Mixed),
        house_status: Some(HouseStatus::OnLoan),
        has_house_loan: Some(false),
        has_house_deed: Some(true),
        takes_house_mortgage: Some(true),
        has_car: Some(false),
        car_plate: Some(line("京Q00000")),
        cars: Some(2),
        takes_car_mortgage: Some(true),
        lenders: Some(line("某贷;某某贷;")),
        remark: Some(line("只在周末接电话")),
    }
}

fn telling(owner: MemberId, n: u32) -> Submit {
    Submit {
        owner,
        amount: yuan(1000),
        customer_kind: CustomerKind::Employee,
        loan_kind: LoanKind::Credit,
        term: Term::Year1,
        details: details(n),
    }
}

impl Bench {
    /// Loan officer `n` with so many yuan in the wallet.
    #[track_caller]
    fn officer(&self, n: u32, balance: i64) -> MemberId {
        let command = Register {
            id: None,
            channel: Channel::Shuaidan,
            mobile: mobile(n),
            nickname: format!("o{n}"),
            role: Role::Member,
            password: password(),
        };
        let officer = self.write(move |tx| customers::register_customer(tx, &command)).unwrap().id;
        if balance > 0 {
            self.recharge(officer, yuan(balance));
        }
        officer
    }

    #[track_caller]
    fn tell(&self, owner: MemberId, n: u32) -> LeadId {
        let command = telling(owner, n);
        match self.write(move |tx| leads::submit(tx, &command)).unwrap() {
            Submitted::New(id) => id,
            Submitted::Known(id) => panic!("{id:?} was known"),
        }
    }

    fn claim(&self, officer: MemberId, lead: LeadId) -> Result<leads::Lead, ClaimError> {
        let route = Route { home: lead.number(), order: officer.number() };
        self.core.write_and_wait(route, move |tx| leads::claim(tx, officer, lead))
    }

    fn close(
        &self,
        officer: MemberId,
        lead: LeadId,
        ending: Ending,
    ) -> Result<leads::Lead, HeldError> {
        self.write(move |tx| leads::close(tx, officer, lead, ending))
    }

    fn history(&self, lead: LeadId) -> Vec<EventKind> {
        let events = self.read(move |tx| leads::events(tx, lead));
        events.into_iter().map(|event| event.kind).collect()
    }

    fn state(&self, lead: LeadId) -> State {
        self.read(move |tx| leads::lead(tx, lead)).unwrap().0.state
    }
}

/// Leads in every state: 1 open, 2 claimed, 3 won, 4 lost, 5 withdrawn, 6 released.
pub(crate) fn exchange(on: On) -> Bench {
    let bench = on.open();
    let (owner, claimer) = (bench.officer(1, 0), bench.officer(2, 1000));
    bench.officer(3, 0);
    let all: Vec<_> = (1..=6).map(|n| bench.tell(owner, n)).collect();
    for lead in [all[1], all[2], all[3], all[5]] {
        bench.claim(claimer, lead).unwrap();
    }
    bench.close(claimer, all[2], Ending::Won).unwrap();
    bench.close(claimer, all[3], Ending::Lost).unwrap();
    let (taken_back, released) = (all[4], all[5]);
    bench.write(move |tx| leads::withdraw(tx, owner, taken_back)).unwrap();
    bench.write(move |tx| leads::release(tx, claimer, released)).unwrap();
    bench
}

fn a_lead_told_twice_in_a_day_is_one(on: On) {
    let bench = on.open();
    let (first, second) = (bench.officer(1, 0), bench.officer(2, 0));
    let lead = bench.tell(first, 1);
    let submit = |command: Submit| bench.write(move |tx| leads::submit(tx, &command)).unwrap();
    let again = Submit { details: Details { remark: None, ..details(1) }, ..telling(first, 1) };
    assert_eq!(submit(again), Submitted::Known(lead));
    // Another amount, kind, term, person or officer is another lead.
    for other in [
        Submit { amount: yuan(1001), ..telling(first, 1) },
        Submit { loan_kind: LoanKind::Car, ..telling(first, 1) },
        Submit { customer_kind: CustomerKind::Company, ..telling(first, 1) },
        Submit { term: Term::Months3, ..telling(first, 1) },
        telling(first, 2),
        telling(second, 1),
    ] {
        assert!(matches!(submit(other), Submitted::New(_)));
    }
    let others = bench.read(move |tx| leads::others(tx, lead));
    assert_eq!(others.len(), 5, "everybody's about the same person");
    bench.core.clock().set(START.plus_millis(i64::try_from(DAY_MS).unwrap() - 1));
    assert_eq!(submit(telling(first, 1)), Submitted::Known(lead));
    bench.core.clock().set(START.plus_days(1));
    assert!(matches!(submit(telling(first, 1)), Submitted::New(_)));
}

fn impossible_people_are_refused(on: On) {
    let bench = on.open();
    let owner = bench.officer(1, 0);
    let submit = |command: Submit| bench.write(move |tx| leads::submit(tx, &command)).unwrap_err();
    let with = |text: &str| Submit {
        details: Details { id_no: IdCardNo::parse(text).unwrap(), ..details(1) },
        ..telling(owner, 1)
    };
    let good = id_no(1).expose().to_owned();
    let wrong_digit = if good.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{wrong_digit}", &good[..17]);
    // No such check digit, no such day, not born yet.
    for text in [&*wrong, "110101199002300018", "110101209901010014"] {
        assert!(matches!(submit(with(text)), SubmitError::ImpossibleIdNo), "{text}");
    }
    let nothing = Submit { amount: Money::ZERO, ..telling(owner, 1) };
    assert!(matches!(submit(nothing), SubmitError::NoAmount));
    let borrower = bench.borrower(9);
    assert!(matches!(submit(telling(borrower, 1)), SubmitError::NoSuchOfficer));
}

fn one_of_many_wins_a_lead(on: On) {
    const OFFICERS: u32 = 100;
    const LEADS: u32 = 10;
    let bench = on.open();
    let owner = bench.officer(1000, 0);
    let all: Vec<_> = (0..LEADS).map(|n| bench.tell(owner, n)).collect();
    let officers: Vec<_> = (0..OFFICERS).map(|n| bench.officer(n + 1, 100)).collect();
    let claims = all_at_once(officers.len(), |n| {
        let officer = officers[n];
        // Each asks for every lead, one after the other, each beginning with another one.
        let mine = (0..all.len()).map(|k| all[(n + k) % all.len()]);
        let won = mine.filter(|lead| match bench.claim(officer, *lead) {
            Ok(claimed) => claimed.claimer == Some(officer),
            Err(ClaimError::NotOpen) => false,
            Err(error) => panic!("{error}"),
        });
        won.collect::<Vec<_>>()
    });
    let mut won: Vec<_> = claims.into_iter().flatten().collect();
    won.sort_unstable();
    assert_eq!(won, all, "each lead is won, by one officer");
    let held: i64 = officers.iter().map(|officer| bench.balance(Account::Frozen(*officer))).sum();
    assert_eq!(held, i64::from(LEADS) * 2000);
    bench.verify();
}

fn a_won_lead_pays_its_owner(on: On) {
    let bench = on.open();
    let (owner, claimer) = (bench.officer(1, 0), bench.officer(2, 30));
    let lead = bench.tell(owner, 1);
    let taken = bench.claim(claimer, lead).unwrap();
    assert_eq!((taken.state, taken.claimer), (State::Claimed, Some(claimer)));
    assert_eq!(bench.read(move |tx| leads::purse(tx, claimer)), (yuan(10), yuan(20)));
    // Ten are left, and another lead costs twenty.
    let other = bench.tell(owner, 2);
    assert!(matches!(
        bench.claim(claimer, other),
        Err(ClaimError::Insufficient { fee }) if fee == yuan(20)
    ));
    assert_eq!(bench.state(other), State::Open);
    let note = line("已电话联系");
    bench.write(move |tx| leads::work(tx, claimer, lead, &note)).unwrap();
    assert_eq!(bench.state(lead), State::Working);
    bench.verify();
    bench.close(claimer, lead, Ending::Won).unwrap();
    assert_eq!(bench.read(move |tx| leads::purse(tx, owner)), (yuan(20), fen(0)));
    assert_eq!(bench.read(move |tx| leads::purse(tx, claimer)), (yuan(10), fen(0)));
    let again = bench.close(claimer, lead, Ending::Won).unwrap_err();
    assert!(matches!(again, HeldError::WrongState(State::Won)));
    assert_eq!(
        bench.history(lead),
        [EventKind::Submitted, EventKind::Claimed, EventKind::Noted, EventKind::Won]
    );
    bench.verify();
}

fn a_lost_or_released_lead_gives_the_fee_back(on: On) {
    let bench = on.open();
    let owner = bench.officer(1, 0);
    let (claimer, next) = (bench.officer(2, 20), bench.officer(3, 20));
    let lead = bench.tell(owner, 1);
    bench.claim(claimer, lead).unwrap();
    bench.write(move |tx| leads::release(tx, claimer, lead)).unwrap();
    assert_eq!(bench.wallet(claimer), 2000);
    assert_eq!(bench.state(lead), State::Open);
    let gone = bench.read(move |tx| leads::seen_by(tx, claimer, lead)).unwrap().1;
    assert!(matches!(gone, Person::Masked(_)), "who gave it up sees no more than others");
    bench.claim(next, lead).unwrap();
    bench.close(next, lead, Ending::Lost).unwrap();
    assert_eq!((bench.wallet(next), bench.wallet(owner)), (2000, 0));
    let lost = bench.read(move |tx| leads::seen_by(tx, next, lead)).unwrap().1;
    assert!(matches!(lost, Person::Masked(_)), "who has lost it sees no more than others");
    assert!(matches!(bench.claim(claimer, lead), Err(ClaimError::NotOpen)));
    bench.verify();
}

fn the_same_lead_told_at_once_is_one(on: On) {
    let bench = on.open();
    let owner = bench.officer(1, 0);
    let told = all_at_once(8, |_| {
        let command = telling(owner, 1);
        bench.write(move |tx| leads::submit(tx, &command)).unwrap()
    });
    let new = told.iter().filter(|told| matches!(told, Submitted::New(_))).count();
    assert_eq!((new, bench.number("SELECT COUNT(*) AS n FROM lead")), (1, 1));
}

fn who_asks_for_it_is_erased_at_once(on: On) {
    let bench = exchange(on);
    let erase =
        |n: i64| bench.write(move |tx| leads::erase(tx, Actor::Platform, LeadId::from_number(n)));
    assert!(matches!(erase(99), Err(EraseError::NoSuchLead)));
    // The second is claimed, and its fee comes back; the third is won, and stays so.
    let before = bench.wallet(MemberId::from_number(2));
    for (n, state) in [(2, State::Expired), (3, State::Won)] {
        let erased = erase(n).unwrap();
        assert_eq!((erased.state, erased.erased_at), (state, Some(START)));
        assert_eq!(erase(n).unwrap().state, state, "again is the same");
        let (_, details) = bench.read(move |tx| leads::lead(tx, LeadId::from_number(n))).unwrap();
        assert_eq!(details, None);
    }
    assert_eq!(bench.wallet(MemberId::from_number(2)), before + 2000);
    bench.verify();
}

fn nobody_does_what_is_not_theirs(on: On) {
    let bench = on.open();
    let (owner, claimer, third) =
        (bench.officer(1, 100), bench.officer(2, 100), bench.officer(3, 100));
    let lead = bench.tell(owner, 1);
    let missing = LeadId::from_number(99);
    assert!(matches!(bench.claim(owner, lead), Err(ClaimError::Own)));
    assert!(matches!(bench.claim(claimer, missing), Err(ClaimError::NoSuchLead)));
    let borrower = bench.borrower(9);
    assert!(matches!(bench.claim(borrower, lead), Err(ClaimError::NoSuchOfficer)));
    bench.claim(claimer, lead).unwrap();
    for officer in [owner, third] {
        let ended = bench.close(officer, lead, Ending::Won).unwrap_err();
        assert!(matches!(ended, HeldError::NotYours));
        let released = bench.write(move |tx| leads::release(tx, officer, lead)).unwrap_err();
        assert!(matches!(released, HeldError::NotYours));
        let note = line("x");
        let noted = bench.write(move |tx| leads::work(tx, officer, lead, &note)).unwrap_err();
        assert!(matches!(noted, HeldError::NotYours));
    }
    let taken = bench.write(move |tx| leads::withdraw(tx, owner, lead)).unwrap_err();
    assert!(matches!(taken, HeldError::WrongState(State::Claimed)));
    let foreign = bench.write(move |tx| leads::withdraw(tx, third, lead)).unwrap_err();
    assert!(matches!(foreign, HeldError::NotYours));
    let nowhere = bench.write(move |tx| leads::withdraw(tx, owner, missing)).unwrap_err();
    assert!(matches!(nowhere, HeldError::NoSuchLead));
    bench.verify();
}

fn others_see_people_masked(on: On) {
    let bench = on.open();
    let (owner, claimer, third) = (bench.officer(1, 0), bench.officer(2, 100), bench.officer(3, 0));
    let lead = bench.tell(owner, 1);
    let seen = |officer| bench.read(move |tx| leads::seen_by(tx, officer, lead)).map(|(_, p)| p);
    let whole = Some(Person::Full(Box::new(details(1))));
    let masked = Some(Person::Masked(details(1).masked()));
    assert_eq!((seen(owner), seen(claimer), seen(third)), (whole.clone(), masked.clone(), masked));
    bench.claim(claimer, lead).unwrap();
    assert_eq!((seen(owner), seen(claimer), seen(third)), (whole.clone(), whole, None));
    let page = Page::new(1, 10).unwrap();
    let listed = |officer, which| bench.read(move |tx| leads::list(tx, officer, which, page)).0;
    assert!(listed(third, Which::Open(None)).is_empty());
    for (officer, which) in [(owner, Which::Told), (claimer, Which::Held)] {
        let list = listed(officer, which);
        assert_eq!(list.len(), 1);
        assert!(matches!(list[0].1, Person::Masked(_)), "lists show nobody in full");
    }
    bench.tell(owner, 2);
    let car = Some(LoanKind::Car);
    assert_eq!(listed(third, Which::Open(Some(LoanKind::Credit))).len(), 1);
    assert!(listed(third, Which::Open(car)).is_empty());
}

fn limits_stand_against_harvesting(on: On) {
    let bench = on.open_with(|_, policy| {
        let rules = &mut policy.customers.leads;
        rules.held_at_once = 2;
        for limits in
            [&mut rules.submitted, &mut rules.looked, &mut rules.shown, &mut rules.claimed]
        {
            limits[0].attempts = 4;
        }
    });
    let (owner, claimer) = (bench.officer(1, 0), bench.officer(2, 1000));
    let all: Vec<_> = (1..=4).map(|n| bench.tell(owner, n)).collect();
    let fifth = telling(owner, 5);
    let fifth = bench.write(move |tx| leads::submit(tx, &fifth)).unwrap_err();
    assert!(matches!(fifth, SubmitError::Limited));
    // What was told before is known, and not counted.
    let known = telling(owner, 1);
    assert_eq!(bench.write(move |tx| leads::submit(tx, &known)).unwrap(), Submitted::Known(all[0]));
    for limit in [leads::admit_look, leads::admit_sight] {
        let within: Vec<_> =
            (0..5).map(|_| bench.write(move |tx| limit(tx, claimer)).unwrap()).collect();
        assert_eq!(within, [true, true, true, true, false]);
        assert!(bench.write(move |tx| limit(tx, owner)).unwrap(), "each officer has their own");
    }
    bench.claim(claimer, all[0]).unwrap();
    bench.claim(claimer, all[1]).unwrap();
    assert!(matches!(bench.claim(claimer, all[2]), Err(ClaimError::Limited)), "two at once");
    bench.close(claimer, all[0], Ending::Lost).unwrap();
    bench.close(claimer, all[1], Ending::Lost).unwrap();
    bench.claim(claimer, all[2]).unwrap();
    bench.close(claimer, all[2], Ending::Lost).unwrap();
    bench.claim(claimer, all[3]).unwrap();
    bench.close(claimer, all[3], Ending::Lost).unwrap();
    bench.core.clock().set(START.plus_millis(3_600_000));
    let sixth = bench.tell(owner, 6);
    bench.claim(claimer, sixth).unwrap();
}

fn what_a_lead_tells_goes_after_its_days(on: On) {
    let bench = exchange(on);
    let expire = || bench.write(leads::expire).unwrap();
    let page = Page::new(1, 10).unwrap();
    bench.core.clock().set(START.plus_days(89));
    assert!(!bench.read(leads::has_expired));
    assert_eq!(expire(), 0);
    let all: Vec<_> = bench.read(move |tx| leads::leads(tx, None, page));
    assert!(all.iter().all(|(_, details)| details.is_some()));
    let (claimer, noted) = (MemberId::from_number(2), LeadId::from_number(2));
    let note = line("客户要考虑");
    bench.write(move |tx| leads::work(tx, claimer, noted, &note)).unwrap();
    bench.core.clock().set(START.plus_days(90));
    assert!(bench.read(leads::has_expired));
    assert_eq!(expire(), 6);
    assert_eq!(expire(), 0);
    let all: Vec<_> = bench.read(move |tx| leads::leads(tx, None, page));
    let states: Vec<_> = all.iter().map(|(lead, _)| lead.state).collect();
    assert!(all.iter().all(|(lead, details)| details.is_none() && lead.erased_at.is_some()));
    let expired = State::Expired;
    // The newest first: released, withdrawn, lost, won, claimed, open.
    assert_eq!(states, [expired, State::Withdrawn, State::Lost, State::Won, expired, expired]);
    let events = bench.read(move |tx| leads::events(tx, noted));
    assert!(events.iter().all(|event| event.note.is_none()));
    assert_eq!(bench.balance(Account::Frozen(claimer)), 0, "what was held came back");
    let held = bench.read(move |tx| leads::seen_by(tx, claimer, noted));
    assert!(matches!(held, Some((_, Person::Erased))));
    let owner =
        bench.read(|tx| leads::seen_by(tx, MemberId::from_number(1), LeadId::from_number(1)));
    assert!(matches!(owner, Some((_, Person::Erased))));
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM lead WHERE id_no_index IS NOT NULL"), 0);
    bench.verify();
}

fn nothing_of_a_person_lies_open(on: On) {
    let bench = exchange(on);
    let (officer, lead) = (MemberId::from_number(2), LeadId::from_number(2));
    let note = line("客户住在某街道三号");
    bench.write(move |tx| leads::work(tx, officer, lead, &note)).unwrap();
    let bytes = bench.raw_bytes();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("claimed"), "the search finds what lies open");
    let told = details(2);
    let telephone = told.telephone.unwrap();
    for text in
        [told.name.expose(), told.id_no.expose(), telephone.expose(), "京Q00000", "某街道三号"]
    {
        assert!(!holds(text), "{text}");
    }
}
