//! Copies and erasures, held against every column of the schema.

use std::collections::BTreeSet;

use kernel::id::{LoanId, MemberId};
use kernel::{Channel, Date};
use store::params;

use super::{Held, Kept, Open, Why, erase, export};
use crate::audit::{Actor, Subject};
use crate::customers::consents::{self, Purpose};
use crate::customers::sessions::{self, Device, OpenSession, SessionKey};
use crate::customers::{self, Flag, Line};
use crate::notices::{self, LeaveFeedback};
use crate::operators::{self, Add, LoginName, Operator, Role, Roles};
use crate::origination::{self, Review, Verdict};
use crate::ports::MoneyOutcome;
use crate::servicing::{self, Transferred};
use crate::tests::kit::{Bench, On, mobile, on_both, password, refusal, yuan};
use crate::tests::lender::{REVIEWER, by_days, card_no, id_no, shipped};

on_both! {
    who_was_never_lent_anything_goes_entirely
    what_laws_ask_for_stays_for_ten_years
    another_account_keeps_the_person
    nobody_is_erased_while_something_is_open
    a_copy_holds_what_was_told_and_is_noted
}

const PRIVACY: &str = include_str!("../../../../privacy.toml");

/// Tables that are no part of an erasure, each named in [`super::exempt`], those of
/// operators, and the numbers of one engine.
const EMPTY_THEMSELVES: &[&str] = &[
    "sms",
    "kept_answer",
    "sms_code",
    "rate_window",
    "attempt_guard",
    "door_proof",
    "number_series",
    "operator_token",
    "operator_second_factor",
];

/// Every table with its columns, the key first, as the classes of privacy have them.
fn tables() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in PRIVACY.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            tables.push((name, Vec::new()));
        } else if let Some((column, _)) = line.split_once(" = ")
            && let Some((_, columns)) = tables.last_mut()
        {
            columns.push(column);
        }
    }
    tables
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Where any of these texts stands, in the clear or sealed: tables with the column.
fn found(bench: &Bench, secrets: &[String]) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for (table, columns) in tables() {
        if EMPTY_THEMSELVES.contains(&table) {
            continue;
        }
        let key = columns[0];
        for column in columns {
            let is_digest = ["_index", "digest", "_hash", "hash", "subject"]
                .iter()
                .any(|end| column.ends_with(end));
            if is_digest || column.ends_with("_sha256") {
                continue;
            }
            let texts = if let Some(name) = column.strip_suffix("_sealed") {
                let label = leaked(format!("{table}.{name}"));
                let select = leaked(format!(
                    "SELECT {key} AS k, {column} AS v FROM {table} WHERE {column} IS NOT NULL"
                ));
                bench.read(move |tx| {
                    let vault = tx.vault;
                    tx.rows(select, params![], |row| {
                        let bytes = vault.open_bytes(label, row.i64("k")?, &row.blob("v")?)?;
                        Ok(String::from_utf8_lossy(&bytes).into_owned())
                    })
                })
            } else {
                let select = leaked(format!(
                    "SELECT CAST({column} AS TEXT) AS v FROM {table} WHERE {column} IS NOT NULL"
                ));
                bench.read(move |tx| tx.rows(select, params![], |row| row.text("v")))
            };
            if texts.iter().any(|text| secrets.iter().any(|secret| text.contains(secret))) {
                places.insert(format!("{table}.{column}"));
            }
        }
    }
    places
}

/// Whatever is personal about borrower 1 in these tests.
fn secrets() -> Vec<String> {
    let mut all: Vec<String> = [
        "周小舟",
        "周大舟",
        "13900000001",
        "某街道",
        "某公司",
        "SECRETFRIEND",
        "SECRETFEEDBACK",
        "SECRETRISK",
        "SECRETREASON",
        "116.40,39.90",
        "SECRETDEVICE",
    ]
    .map(String::from)
    .to_vec();
    all.extend([
        mobile(1).expose().to_owned(),
        id_no(1).expose().to_owned(),
        card_no(1).expose().to_owned(),
    ]);
    all
}

fn operator(bench: &Bench) -> Operator {
    let command = Add {
        login: LoginName::parse("anna").unwrap(),
        name: "Anna".into(),
        roles: Roles::new([Role::Reviewer]).unwrap(),
        password: password(),
    };
    bench.write(move |tx| operators::add(tx, Actor::Platform, &command)).unwrap()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// Borrower 1 with everything that one can tell, and an application that was refused.
fn told(bench: &Bench) -> MemberId {
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    bench
        .write(move |tx| {
            consents::give(tx, member, Purpose::PhoneBook, "1").unwrap();
            let book = [("SECRETFRIEND".to_owned(), "13900000009".to_owned())];
            customers::save_phone_book(tx, member, &book).unwrap();
            let key = SessionKey::parse(&"AB".repeat(16)).unwrap();
            let kind = sessions::DeviceKind::Android;
            let device = Some(Device { kind, token: line("SECRETDEVICE") });
            sessions::open(tx, &OpenSession { member, key, device }).unwrap();
            let feedback = LeaveFeedback {
                channel: Channel::Xianjindai,
                member: Some(member),
                mobile: mobile(1),
                suggestion: "SECRETFEEDBACK".into(),
                source: "1".into(),
            };
            notices::leave_feedback(tx, &feedback).unwrap();
            let risky = Flag::Risky(line("SECRETRISK"));
            customers::set_flag(tx, Actor::Platform, member, &risky).unwrap();
            Ok::<_, crate::Fault>(())
        })
        .unwrap();
    let application = bench.apply(member, product, by_days(600, 7)).unwrap();
    let verdict = Verdict::Refuse("SECRETREASON".into());
    let note = "SECRETREASON".into();
    let review = Review { operator: REVIEWER, application, verdict, note };
    bench.write(move |tx| origination::review(tx, &review)).unwrap();
    member
}

fn erased(bench: &Bench, member: MemberId) -> Result<super::Erased, super::EraseError> {
    bench.write(move |tx| erase(tx, Actor::Platform, member))
}

fn whys(kept: &[Kept]) -> Vec<Why> {
    kept.iter().map(|kept| kept.why).collect()
}

fn who_was_never_lent_anything_goes_entirely(on: On) {
    let bench = on.open();
    let member = told(&bench);
    let before = found(&bench, &secrets());
    for place in [
        "application.place_sealed",
        "application.refusal",
        "application_decision.reason",
        "customer.risk_note_sealed",
        "customer_card.number_sealed",
        "customer_check.asked_sealed",
        "customer_contact.name_sealed",
        "customer_device.token_sealed",
        "customer_profile.employer_sealed",
        "feedback.suggestion_sealed",
        "member.mobile_sealed",
        "message.content_sealed",
        "person.name_sealed",
        "phone_book_part.part_sealed",
    ] {
        assert!(before.contains(place), "the search finds nothing in {place}: {before:?}");
    }
    assert_eq!(refusal(erased(&bench, MemberId::from_number(99))), "NoSuchCustomer");
    let done = erased(&bench, member).unwrap();
    assert_eq!(whys(&done.kept), [Why::Books, Why::EmptiesItself]);
    assert_eq!(found(&bench, &secrets()), BTreeSet::new());
    // What the table of holdings says is gone is gone, or says nothing.
    let copy = bench.read(move |tx| super::held(tx, member));
    for section in copy {
        let holding = super::holdings::all().find(|known| known.table == section.table).unwrap();
        for (name, held) in section.rows.iter().flatten() {
            let column = holding.columns.iter().find(|column| column.name == *name).unwrap();
            let says_nothing = *held == Held::Nothing
                || *held == Held::Text(String::new())
                || *held == Held::Text(super::sql::NO_MOBILE.to_owned());
            let may_say = column.ending == super::holdings::Ending::Figures;
            assert!(says_nothing || may_say, "{}.{name} is {held:?}", section.table);
        }
    }
    // Again it is the same, and the books are clean.
    assert_eq!(erased(&bench, member).unwrap(), done);
    bench.verify();
    let session = bench.read(move |tx| {
        sessions::find(tx, Channel::Xianjindai, &SessionKey::parse(&"AB".repeat(16)).unwrap())
    });
    assert!(session.is_none());
    let known = bench.read(move |tx| customers::customer(tx, member)).unwrap();
    assert!(known.blocked && known.identity.is_none() && known.erased_at.is_some());
    // Number and identity are free: the same person can come again.
    let again = bench.borrower(1);
    assert_ne!(again, member);
    bench.verify();
}

/// Borrower 1, who has borrowed and repaid.
fn settled(bench: &Bench) -> (MemberId, LoanId) {
    let member = told(bench);
    bench
        .write(move |tx| customers::set_flag(tx, Actor::Platform, member, &Flag::NotRisky))
        .unwrap();
    let product = bench.sell("E", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 7));
    pay(bench, loan, 1000, 350);
    (member, loan)
}

/// So many yuan and fen by a transfer. 1,000.00 for 7 days at 18 % over 360 cost 3.50.
fn pay(bench: &Bench, loan: LoanId, yuan: i64, fen: i64) {
    bench.days(7);
    let amount = kernel::Money::from_fen(yuan * 100 + fen).unwrap();
    let (actor, reference) = (Actor::Platform, "x".to_owned());
    let command = Transferred { actor, loan, amount, reference };
    bench.write(move |tx| servicing::receive_transfer(tx, &command)).unwrap();
}

fn what_laws_ask_for_stays_for_ten_years(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let (member, loan) = settled(&bench);
    assert_eq!(bench.loan(loan).state, servicing::LoanState::Settled);
    let done = erased(&bench, member).unwrap();
    // Settled on 8 March 2026.
    let until = Date::parse("2036-03-08");
    assert_eq!(done.kept[0], Kept { why: Why::Law, until });
    assert_eq!(whys(&done.kept), [Why::Law, Why::Books, Why::EmptiesItself]);
    let left = found(&bench, &secrets());
    let tables: BTreeSet<_> =
        left.iter().map(|place| place.split('.').next().unwrap().to_owned()).collect();
    let want = ["customer_card", "customer_check", "document", "person"].map(String::from);
    assert_eq!(tables, BTreeSet::from(want), "{left:?}");
    bench.verify();
    // The person can come again, and is the same one.
    let person = bench.loan(loan).person;
    let again = bench.borrower(1);
    let known = bench.read(move |tx| customers::customer(tx, again)).unwrap();
    assert_eq!(known.identity.unwrap().person, person);
    erased(&bench, again).unwrap();
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_days(3652));
    assert_eq!(clock.now().business.date().to_string(), "2036-03-07");
    assert_eq!(erased(&bench, member).unwrap(), done);
    assert!(!found(&bench, &secrets()).is_empty());
    clock.set(clock.now().wall.plus_days(1));
    let after = erased(&bench, member).unwrap();
    assert_eq!((after.at, whys(&after.kept)), (done.at, vec![Why::Books, Why::EmptiesItself]));
    assert_eq!(found(&bench, &secrets()), BTreeSet::new());
    assert_eq!(bench.loan(loan).terms.amount, yuan(1000), "the books stay");
    bench.verify();
}

fn another_account_keeps_the_person(on: On) {
    let bench = on.open();
    let member = told(&bench);
    // The same person on another channel, whom nobody will lend to.
    let other = bench
        .write(move |tx| {
            let command = crate::identity::Register {
                id: None,
                channel: Channel::Wukong,
                mobile: mobile(2),
                nickname: "x".into(),
                role: crate::identity::Role::Member,
                password: password(),
            };
            let other = customers::register_customer(tx, &command).unwrap().id;
            let name = kernel::RealName::parse("周小舟").unwrap();
            let begin = customers::BeginRealName { member: other, name, id_no: id_no(1) };
            let check = customers::begin_real_name(tx, &begin).unwrap();
            customers::finish(tx, check.id, &crate::ports::CheckOutcome::Match).unwrap();
            let listed = Flag::Blacklisted(line("拒绝出借"));
            customers::set_flag(tx, Actor::Platform, other, &listed).unwrap();
            Ok::<_, crate::Fault>(other)
        })
        .unwrap();
    let done = erased(&bench, member).unwrap();
    let want = [Why::Blacklist, Why::OtherAccount, Why::Books, Why::EmptiesItself];
    assert_eq!(whys(&done.kept), want);
    let known = bench.read(move |tx| customers::customer(tx, other)).unwrap();
    assert_eq!(known.identity.unwrap().id_no, id_no(1));
    // When that goes too, so does the person; the blacklist still knows the number's digest.
    erased(&bench, other).unwrap();
    assert_eq!(erased(&bench, member).unwrap(), done);
    assert_eq!(found(&bench, &secrets()), BTreeSet::new());
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM blacklist"), 1);
    bench.verify();
}

fn nobody_is_erased_while_something_is_open(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let application = bench.apply(member, product, by_days(1000, 7)).unwrap();
    let open = |what: Open| assert_eq!(refusal(erased(&bench, member)), format!("Open({what:?})"));
    open(Open::Application);
    bench.approve(application);
    open(Open::Application);
    let (loan, _) = bench.order_payout(application);
    open(Open::Loan);
    bench.answer(&MoneyOutcome::Done);
    open(Open::Loan);
    // Ten yuan too much are the customer's.
    pay(&bench, loan.id, 1010, 350);
    open(Open::Wallet);
    bench.write(move |tx| servicing::refund(tx, Actor::Platform, member, yuan(10))).unwrap();
    open(Open::Payment);
    bench.answer(&MoneyOutcome::Done);
    assert!(erased(&bench, member).is_ok());
    // Nothing of a refusal stays behind.
    let noted = "SELECT COUNT(*) AS n FROM audit_entry WHERE action = 'customer.erased'";
    assert_eq!(bench.number(noted), 1);
    bench.verify();
}

fn a_copy_holds_what_was_told_and_is_noted(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let (member, _) = settled(&bench);
    let anna = operator(&bench);
    let copy = |by: Operator, reason: &'static str, member: MemberId| {
        bench.write(move |tx| export(tx, &by, (member, reason)))
    };
    let nobody = MemberId::from_number(99);
    assert_eq!(refusal(copy(anna.clone(), "本人申请", nobody)), "NoSuchCustomer");
    assert_eq!(refusal(copy(anna.clone(), "x", member)), "Shown(NoReason)");
    let blind = Operator { roles: Roles::new([Role::Cashier]).unwrap(), ..anna.clone() };
    assert_eq!(refusal(copy(blind, "本人申请", member)), "Shown(NoRight)");
    let sections = copy(anna, "本人申请", member).unwrap();
    let texts: Vec<&str> = sections
        .iter()
        .flat_map(|section| section.rows.iter().flatten())
        .filter_map(|(_, held)| match held {
            Held::Text(text) => Some(text.as_str()),
            Held::Nothing
            | Held::Number(_)
            | Held::Fen(_)
            | Held::Day(_)
            | Held::At(_)
            | Held::Bytes(_) => None,
        })
        .collect();
    // A device's token opens something, and is no part of a copy; the risk note was taken back.
    for secret in secrets() {
        let is_out = secret == "SECRETDEVICE" || secret == "SECRETRISK";
        let is_in = texts.iter().any(|text| text.contains(&secret));
        assert_eq!(is_in, !is_out, "{secret}");
    }
    let tables: Vec<_> = sections.iter().map(|section| section.table).collect();
    for table in ["loan", "plan_row", "repayment", "document", "consent", "payment"] {
        assert!(tables.contains(&table), "{tables:?}");
    }
    let entries = bench.read(move |tx| {
        let about = crate::audit::Filter::About(Subject::Member(member));
        crate::audit::entries(tx, about, crate::Page::new(1, 2).unwrap())
    });
    assert_eq!(entries[0].action, "customer.exported");
    assert_eq!(entries[1].detail, "export: 本人申请");
}
