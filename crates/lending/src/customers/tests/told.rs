//! Profiles, contacts, phone books and consents.

use kernel::id::{ContactId, MemberId};

use super::{HERE, at_second, join, line, look, stands_in_the_clear, verified};
use crate::customers::consents::{self, Purpose};
use crate::customers::phone_book::Entry;
use crate::customers::{
    Contact, ContactError, Education, Industry, MaritalStatus, NewContact, Phone, Place, Profile,
    ProfileField, RegionCode, Relation, TimeSpan, add_contact, contacts, erase_phone_book, facts,
    phone_book, phone_book_size, profile, save_phone_book, save_profile, update_contact,
};
use crate::tests::kit::{Bench, On, START, all_at_once, on_both, refusal, yuan};
use crate::{Fault, Route};

on_both! {
    a_profile_is_kept_as_it_was_told
    a_profile_that_does_not_fit_is_not_kept
    a_profile_is_complete_with_two_contacts
    a_contact_is_added_once
    contacts_are_changed_by_their_owner
    ten_contacts_are_enough
    a_phone_book_is_tidied_and_replaced
    a_large_phone_book_is_cut
    no_phone_book_is_kept_without_consent
    consents_are_kept_and_withdrawn
    what_is_told_stands_nowhere_in_the_clear
}

fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).unwrap()
}

fn place(county: Option<&str>, detail: &str) -> Place {
    Place {
        province: region("990000"),
        city: region("990100"),
        county: county.map(region),
        detail: line(detail),
    }
}

fn sample() -> Profile {
    Profile {
        education: Education::Bachelor,
        marital_status: MaritalStatus::MarriedWithChildren,
        registry: place(None, "示例村一组"),
        home: place(Some("990101"), "示例路1号"),
        residence: TimeSpan::UpToOneYear,
        industry: Industry::Hospital,
        work: place(Some("990102"), "示例街2号"),
        working_time: TimeSpan::MoreThanThreeYears,
        employer: line("示例医院"),
        position: line("护士"),
        monthly_income: yuan(10_000),
        payroll_day: 31,
    }
}

#[track_caller]
fn save(bench: &Bench, member: MemberId, told: &Profile) -> Result<(), String> {
    let told = told.clone();
    let saved = bench.write(move |tx| save_profile(tx, member, &told));
    saved.map_err(|error| format!("{error:?}"))
}

fn kept(bench: &Bench, member: MemberId) -> Option<Profile> {
    bench.read(move |tx| profile(tx, member))
}

fn a_profile_is_kept_as_it_was_told(on: On) {
    let bench = on.open();
    let (member, other) = (verified(&bench, 1), join(&bench, 2));
    assert_eq!(kept(&bench, member), None);
    save(&bench, member, &sample()).unwrap();
    assert_eq!(kept(&bench, member), Some(sample()));
    assert_eq!(kept(&bench, other), None);
    let moved = Profile { residence: TimeSpan::UpToThreeMonths, payroll_day: 1, ..sample() };
    save(&bench, member, &moved).unwrap();
    assert_eq!(kept(&bench, member), Some(moved));
    let facts = bench.read(move |tx| facts(tx, member)).unwrap();
    assert_eq!(facts.monthly_income, Some(yuan(10_000)));
    assert_eq!(facts.working_time, Some(TimeSpan::MoreThanThreeYears));
    let nobody = MemberId::from_number(99);
    assert_eq!(save(&bench, nobody, &sample()), Err("NoSuchCustomer".into()));
}

fn a_profile_that_does_not_fit_is_not_kept(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let elsewhere = || region("980100");
    let check = |field: ProfileField, spoil: &dyn Fn(&mut Profile)| {
        let mut told = sample();
        spoil(&mut told);
        assert_eq!(save(&bench, member, &told), Err(format!("Invalid({field:?})")));
    };
    check(ProfileField::RegistryCity, &|told| told.registry.city = elsewhere());
    check(ProfileField::HomeCity, &|told| told.home.city = elsewhere());
    check(ProfileField::HomeCounty, &|told| told.home.county = Some(elsewhere()));
    check(ProfileField::HomeCounty, &|told| told.home.county = None);
    check(ProfileField::WorkCity, &|told| told.work.city = elsewhere());
    check(ProfileField::WorkCounty, &|told| told.work.county = None);
    check(ProfileField::PayrollDay, &|told| told.payroll_day = 0);
    check(ProfileField::PayrollDay, &|told| told.payroll_day = 32);
    assert_eq!(kept(&bench, member), None);
    for bad in ["", "11000", "1100000", "11000a", "010000", "１１００００"] {
        assert_eq!(RegionCode::parse(bad), None, "{bad}");
    }
}

fn person(relation: Relation, n: u32) -> NewContact {
    let phone = Phone::parse(&format!("137{n:08}")).unwrap();
    NewContact { relation, name: line(&format!("联系人{n}")), phone }
}

fn add(bench: &Bench, member: MemberId, told: &NewContact) -> Result<ContactId, ContactError> {
    let told = told.clone();
    bench.write(move |tx| add_contact(tx, member, &told))
}

fn list(bench: &Bench, member: MemberId) -> Vec<Contact> {
    bench.read(move |tx| contacts(tx, member))
}

fn a_profile_is_complete_with_two_contacts(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let complete = || look(&bench, member).profile_complete;
    add(&bench, member, &person(Relation::Parent, 1)).unwrap();
    add(&bench, member, &person(Relation::Friend, 2)).unwrap();
    assert!(!complete(), "home and work are missing");
    save(&bench, member, &sample()).unwrap();
    assert!(complete());
    let other = join(&bench, 2);
    save(&bench, other, &sample()).unwrap();
    add(&bench, other, &person(Relation::Parent, 1)).unwrap();
    assert!(!look(&bench, other).profile_complete, "one contact");
}

fn a_contact_is_added_once(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let told = person(Relation::Colleague, 1);
    let ids = all_at_once(8, |number| {
        let (told, route) = (told.clone(), Route::home(i64::try_from(number).unwrap()));
        bench.core.write_and_wait(route, move |tx| add_contact(tx, member, &told)).unwrap()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(list(&bench, member), [Contact { id: ids[0], told }]);
    assert_eq!(refusal(add(&bench, member, &person(Relation::Friend, 1))), "Duplicate");
    let own = NewContact {
        phone: Phone::parse("+86 13800000001").unwrap(),
        ..person(Relation::Friend, 3)
    };
    assert_eq!(refusal(add(&bench, member, &own)), "OwnNumber");
    let nobody = MemberId::from_number(99);
    assert_eq!(refusal(add(&bench, nobody, &person(Relation::Friend, 1))), "NoSuchCustomer");
}

fn contacts_are_changed_by_their_owner(on: On) {
    let bench = on.open();
    let (member, other) = (join(&bench, 1), join(&bench, 2));
    let first = add(&bench, member, &person(Relation::Parent, 1)).unwrap();
    let second = add(&bench, member, &person(Relation::Friend, 2)).unwrap();
    let change =
        |member, id, told: NewContact| bench.write(move |tx| update_contact(tx, member, id, &told));
    let new = person(Relation::Spouse, 3);
    assert_eq!(refusal(change(other, first, new.clone())), "NotYours");
    let none = ContactId::from_number(1);
    assert_eq!(refusal(change(member, none, new.clone())), "NoSuchContact");
    assert_eq!(refusal(change(member, first, person(Relation::Parent, 2))), "Duplicate");
    change(member, first, new.clone()).unwrap();
    change(member, second, person(Relation::Sibling, 2)).unwrap();
    let told: Vec<_> = list(&bench, member).into_iter().map(|contact| contact.told).collect();
    assert_eq!(told, [new, person(Relation::Sibling, 2)]);
    assert_eq!(list(&bench, other), []);
}

fn ten_contacts_are_enough(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    for n in 0..10 {
        add(&bench, member, &person(Relation::Friend, n)).unwrap();
    }
    assert_eq!(refusal(add(&bench, member, &person(Relation::Friend, 10))), "TooMany");
    assert!(add(&bench, member, &person(Relation::Friend, 9)).is_ok(), "that one is there");
    assert_eq!(list(&bench, member).len(), 10);
}

#[test]
fn the_value_tables_are_those_of_the_document() {
    // Document 001, §§ 33 to 35: the numbers that each table has, out of 0 to 20.
    fn numbers<T>(from: impl Fn(u32) -> Option<T>, back: impl Fn(T) -> u32) -> Vec<u32> {
        let known = |n: u32| from(n).map(|choice| (n, back(choice)));
        (0..20).filter_map(known).inspect(|(n, same)| assert_eq!(n, same)).map(|(n, _)| n).collect()
    }
    let upto = |n: u32| (1..=n).collect::<Vec<_>>();
    assert_eq!(numbers(Education::from_number, Education::number), upto(7));
    assert_eq!(numbers(MaritalStatus::from_number, MaritalStatus::number), upto(4));
    assert_eq!(numbers(TimeSpan::from_number, TimeSpan::number), upto(5));
    assert_eq!(numbers(Industry::from_number, Industry::number), upto(14));
    let relations = numbers(Relation::from_number, Relation::number);
    assert_eq!(relations, [1, 2, 3, 4, 6, 7, 8, 9], "8 is in a sample only");
}

#[track_caller]
fn agree(bench: &Bench, member: MemberId, purpose: Purpose, version: &'static str) {
    bench.write(move |tx| consents::give(tx, member, purpose, version)).unwrap();
}

fn book(bench: &Bench, member: MemberId, entries: &[(&str, &str)]) -> usize {
    let entries: Vec<_> =
        entries.iter().map(|(name, phone)| ((*name).to_owned(), (*phone).to_owned())).collect();
    bench.write(move |tx| save_phone_book(tx, member, &entries)).unwrap()
}

fn stored(bench: &Bench, member: MemberId) -> Vec<(String, String)> {
    let entries = bench.read(move |tx| phone_book(tx, member));
    let text = |entry: &Entry| {
        let name = entry.name.as_ref().map_or("", |name| name.expose());
        (name.to_owned(), entry.phone.expose().to_owned())
    };
    entries.iter().map(text).collect()
}

fn a_phone_book_is_tidied_and_replaced(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    agree(&bench, member, Purpose::PhoneBook, "1");
    let long = "名".repeat(1000);
    let kept = book(
        &bench,
        member,
        &[
            ("甲", "137 0000 0001"),
            ("甲", "+8613700000001"),
            ("乙", "13700000001"),
            ("坏", "no number"),
            ("空", ""),
            ("\t注\n入\u{0}", "13700000002"),
            ("'; DROP TABLE person; --", "95588"),
            (&long, "010-55500100"),
            ("", "110"),
        ],
    );
    assert_eq!(kept, 6);
    let expected = [
        ("甲", "13700000001"),
        ("乙", "13700000001"),
        ("", "13700000002"),
        ("'; DROP TABLE person; --", "95588"),
        ("", "01055500100"),
        ("", "110"),
    ];
    let expected = expected.map(|(name, phone)| (name.to_owned(), phone.to_owned()));
    assert_eq!(stored(&bench, member), expected);
    assert_eq!(bench.read(move |tx| phone_book_size(tx, member)), 6);
    assert_eq!(book(&bench, member, &[("丙", "13700000003")]), 1);
    assert_eq!(stored(&bench, member), [("丙".to_owned(), "13700000003".to_owned())]);
    let erase = || bench.write(move |tx| erase_phone_book(tx, member)).unwrap();
    assert!(erase());
    assert!(!erase());
    assert_eq!(bench.read(move |tx| phone_book_size(tx, member)), 0);
}

fn a_large_phone_book_is_cut(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    agree(&bench, member, Purpose::PhoneBook, "1");
    let entries: Vec<_> = (0..6_000).map(|n| (format!("人{n}"), format!("137{n:08}"))).collect();
    let saved = entries.clone();
    assert_eq!(bench.write(move |tx| save_phone_book(tx, member, &saved)).unwrap(), 5_000);
    assert_eq!(stored(&bench, member), entries[..5_000]);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM phone_book_part"), 20);
}

fn no_phone_book_is_kept_without_consent(on: On) {
    let bench = on.open();
    let (member, other) = (join(&bench, 1), join(&bench, 2));
    let try_to = |member| {
        let entries = vec![("甲".to_owned(), "13700000001".to_owned())];
        bench.write(move |tx| save_phone_book(tx, member, &entries))
    };
    assert_eq!(refusal(try_to(member)), "NoConsent");
    agree(&bench, other, Purpose::PhoneBook, "1");
    agree(&bench, member, Purpose::PersonalData, "1");
    assert_eq!(refusal(try_to(member)), "NoConsent");
    agree(&bench, member, Purpose::PhoneBook, "1");
    assert_eq!(try_to(member).unwrap(), 1);
    let withdraw = || bench.write(move |tx| consents::withdraw(tx, member, Purpose::PhoneBook));
    assert_eq!(withdraw(), Ok(true));
    assert_eq!(stored(&bench, member), [], "erased with the consent");
    assert_eq!(refusal(try_to(member)), "NoConsent");
    assert_eq!(withdraw(), Ok(false));
    assert_eq!(refusal(try_to(MemberId::from_number(99))), "NoSuchCustomer");
}

fn consents_are_kept_and_withdrawn(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let has = |purpose| bench.read(move |tx| consents::has(tx, member, purpose));
    for purpose in Purpose::ALL {
        assert!(!has(*purpose));
    }
    agree(&bench, member, Purpose::Registration, "2026-01");
    agree(&bench, member, Purpose::Registration, "2026-01");
    agree(&bench, member, Purpose::Registration, "2026-02");
    assert!(has(Purpose::Registration) && !has(Purpose::CreditEnquiry));
    at_second(&bench, 60);
    let withdraw = |purpose| -> Result<bool, Fault> {
        bench.write(move |tx| consents::withdraw(tx, member, purpose))
    };
    assert_eq!(withdraw(Purpose::CreditEnquiry), Ok(false));
    assert_eq!(withdraw(Purpose::Registration), Ok(true));
    assert!(!has(Purpose::Registration));
    agree(&bench, member, Purpose::Registration, "2026-02");
    assert!(has(Purpose::Registration));
    let known = bench.read(move |tx| consents::list(tx, member));
    let later = START.plus_millis(60_000);
    let rows: Vec<_> =
        known.iter().map(|c| (&*c.text_version, c.given_at, c.withdrawn_at)).collect();
    let expected = [
        ("2026-01", START, Some(later)),
        ("2026-02", START, Some(later)),
        ("2026-02", later, None),
    ];
    assert_eq!(rows, expected);
    for purpose in Purpose::ALL {
        agree(&bench, member, *purpose, "3");
        assert!(has(*purpose));
    }
    let nobody = MemberId::from_number(99);
    let given = bench.write(move |tx| consents::give(tx, nobody, Purpose::PhoneBook, "1"));
    assert_eq!(refusal(given), "NoSuchCustomer");
}

fn what_is_told_stands_nowhere_in_the_clear(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    save(&bench, member, &sample()).unwrap();
    add(&bench, member, &person(Relation::Parent, 1)).unwrap();
    agree(&bench, member, Purpose::PhoneBook, "1");
    book(&bench, member, &[("某甲", "13700000009")]);
    let raw = bench.raw_bytes();
    assert!(stands_in_the_clear(&raw, HERE.word()), "what is no secret is there");
    for secret in [
        "示例村",
        "示例路",
        "示例街",
        "示例医院",
        "护士",
        "联系人1",
        "13700000001",
        "某甲",
        "13700000009",
    ] {
        assert!(!stands_in_the_clear(&raw, secret), "{secret}");
    }
}
