//! Collections over loans whose lateness is reckoned by hand.

mod pure;

use kernel::id::{LoanId, MemberId};
use kernel::{Instant, Money};

use super::{
    Breach, Due, Filter, Holder, Item, Kept, LogContact, Outcome, Promise, StopContact, StopKind,
    Way, work_list,
};
use crate::audit::Actor;
use crate::customers::Line;
use crate::operators::{self, Add, LoginName, Operator, Role, Roles};
use crate::servicing::{self, Transferred};
use crate::tests::kit::{Bench, On, all_at_once, fen, on_both, password, refusal, yuan};
use crate::tests::lender::{by_days, shipped};
use crate::{Page, Route};

on_both! {
    the_list_says_what_comes_first
    a_case_has_one_collector
    a_number_is_shown_three_times_a_day_at_most
    two_at_once_do_not_go_beyond_the_limit
    contacts_are_written_down_as_they_were
    who_may_not_be_contacted_is_neither_called_nor_reminded
    promises_are_held_against_what_was_paid
}

fn collector(bench: &Bench, name: &str) -> Operator {
    let command = Add {
        login: LoginName::parse(name).unwrap(),
        name: name.to_owned(),
        roles: Roles::new([Role::Collector]).unwrap(),
        password: password(),
    };
    bench.write(move |tx| operators::add(tx, Actor::Platform, &command)).unwrap()
}

/// A lender where nothing is debited by itself, with a loan of 1,000.00 that is three days late:
/// lent on 1 March for 7 days, and 11 March is three days after 8 March.
fn late(on: On) -> (Bench, MemberId, LoanId) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let member = bench.borrower(1);
    let loan = bench.lend(member, product, by_days(1000, 7));
    bench.days(10);
    (bench, member, loan)
}

fn list(bench: &Bench, filter: Filter) -> Vec<Item> {
    bench.read(move |tx| work_list(tx, filter, Page::new(1, 100).unwrap()))
}

fn ids(items: &[Item]) -> Vec<i64> {
    items.iter().map(|item| item.loan.id.number()).collect()
}

#[track_caller]
fn take(bench: &Bench, by: &Operator, loan: LoanId) {
    let id = by.id;
    bench.write(move |tx| super::assign(tx, (id, id), loan)).unwrap();
}

fn log(by: &Operator, loan: LoanId, outcome: Outcome) -> LogContact {
    let (operator, way) = (by.id, Way::Call);
    LogContact { operator, loan, way, outcome, note: None, follow_up: None, happened_at: None }
}

fn write(bench: &Bench, command: LogContact) -> Result<super::Contact, super::ContactError> {
    bench.write(move |tx| super::log_contact(tx, &command))
}

fn call(bench: &Bench, by: &Operator, loan: LoanId) -> Result<kernel::Mobile, super::CallError> {
    let by = by.clone();
    bench.write(move |tx| super::call(tx, &by, (loan, "逾期提醒")))
}

fn today(bench: &Bench) -> kernel::Date {
    bench.core.clock().now().business.date()
}

/// So many hours later, by both clocks.
fn hours(bench: &Bench, count: i64) {
    let now = bench.core.clock().now().wall;
    bench.core.clock().set(now.plus_millis(count * 3_600_000));
}

fn pay(bench: &Bench, loan: LoanId, amount: Money) {
    let (actor, reference) = (Actor::Platform, "x".to_owned());
    let command = Transferred { actor, loan, amount, reference };
    bench.write(move |tx| servicing::receive_transfer(tx, &command)).unwrap();
}

fn the_list_says_what_comes_first(on: On) {
    let (bench, _, first) = late(on);
    let product = first_product(&bench, first);
    let second = bench.lend(bench.borrower(2), product, by_days(2000, 7));
    bench.days(9);
    // The first is 12 days late, the second 2. 12 days at 0.05 % of 1,000.00 are 6.00, and 7 days at
    // 18 % over 360 are 3.50.
    let all = list(&bench, Filter::default());
    assert_eq!(ids(&all), [first.number(), second.number()]);
    assert_eq!((all[0].days_late, all[0].late), (12, fen(100_950)));
    // 2,000.00, 7.00 of interest and 2 days at 0.05 %: 2.00.
    assert_eq!((all[1].days_late, all[1].late), (2, fen(200_900)));
    let anna = collector(&bench, "anna");
    take(&bench, &anna, first);
    let promise = Promise { amount: yuan(100), by: today(&bench).plus_days(2).unwrap() };
    write(&bench, log(&anna, first, Outcome::Promised(promise))).unwrap();
    // What has been looked at comes behind what nobody has looked at.
    let all = list(&bench, Filter::default());
    assert_eq!(ids(&all), [second.number(), first.number()]);
    assert_eq!(all[1].promise, Some((promise, Kept::Open)));
    assert_eq!(all[1].last_outcome.as_deref(), Some("promised"));
    let of = |holder| Filter { holder, ..Filter::default() };
    assert_eq!(ids(&list(&bench, of(Holder::Of(anna.id)))), [first.number()]);
    assert_eq!(ids(&list(&bench, of(Holder::Nobody))), [second.number()]);
    let with = |due| Filter { due: Some(due), ..Filter::default() };
    assert_eq!(ids(&list(&bench, with(Due::NoContact))), [second.number()]);
    assert!(list(&bench, with(Due::Promise)).is_empty());
    assert!(list(&bench, with(Due::Action)).is_empty());
    // Its day comes, and the day after it is the first thing to do.
    bench.days(2);
    assert_eq!(ids(&list(&bench, with(Due::Promise))), [first.number()]);
    assert!(list(&bench, with(Due::Action)).is_empty());
    bench.days(1);
    let all = list(&bench, Filter::default());
    assert_eq!(ids(&all), [first.number(), second.number()]);
    assert_eq!(all[0].promise, Some((promise, Kept::Broken)));
    assert_eq!(ids(&list(&bench, with(Due::Action))), [first.number()]);
    // 15 and 5 days late are M1; in 16 days the first is M2, 31 days late.
    let bucket = |number| Filter { bucket: Some(number), ..Filter::default() };
    assert_eq!((list(&bench, bucket(1)).len(), list(&bench, bucket(2)).len()), (2, 0));
    bench.days(15);
    assert_eq!(list(&bench, bucket(1)).len(), 2, "30 days late is M1 still");
    bench.days(1);
    assert_eq!(ids(&list(&bench, bucket(2))), [first.number()]);
    assert_eq!(ids(&list(&bench, bucket(1))), [second.number()]);
    let channel = |channel| Filter { channel: Some(channel), ..Filter::default() };
    assert_eq!(list(&bench, channel(kernel::Channel::Xianjindai)).len(), 2);
    assert!(list(&bench, channel(kernel::Channel::Wukong)).is_empty());
    // Nobody may contact the first: it is the last.
    stop(&bench, &anna, all[0].loan.member, None);
    let all = list(&bench, Filter::default());
    assert_eq!(ids(&all), [second.number(), first.number()]);
    assert!(all[1].is_stopped && !all[0].is_stopped);
}

fn first_product(bench: &Bench, loan: LoanId) -> kernel::id::ProductId {
    bench.loan(loan).product
}

fn stop(bench: &Bench, by: &Operator, member: MemberId, until: Option<kernel::Date>) {
    let (operator, kind) = (by.id, StopKind::Dispute);
    let reason = Line::parse("投诉处理中").unwrap();
    let command = StopContact { operator, member, kind, reason, until };
    bench.write(move |tx| super::stop(tx, &command)).unwrap();
}

fn a_case_has_one_collector(on: On) {
    let (bench, _, loan) = late(on);
    let (anna, bo) = (collector(&bench, "anna"), collector(&bench, "bo"));
    let assign = |by: &Operator, to: &Operator, loan: LoanId| {
        let both = (by.id, to.id);
        bench.write(move |tx| super::assign(tx, both, loan))
    };
    let release = |by: &Operator| {
        let by = by.id;
        bench.write(move |tx| super::release(tx, by, loan))
    };
    assert_eq!(refusal(assign(&anna, &anna, LoanId::from_number(99))), "NotFound");
    assert_eq!(refusal(release(&anna)), "NotTheirs");
    // Of two who take it at once, one has it.
    let both = all_at_once(2, |n| assign([&anna, &bo][n], [&anna, &bo][n], loan).is_ok());
    assert_eq!(both.iter().filter(|taken| **taken).count(), 1);
    let (holder, other) = if both[0] { (&anna, &bo) } else { (&bo, &anna) };
    assert_eq!(refusal(assign(other, other, loan)), "Taken");
    assert_eq!(refusal(write(&bench, log(other, loan, Outcome::Refused))), "NotTheirs");
    assert_eq!(refusal(call(&bench, other, loan)), "NotTheirs");
    let nobody = Operator { id: kernel::id::OperatorId::from_number(99), ..anna.clone() };
    assert_eq!(refusal(assign(holder, &nobody, loan)), "NoCollector");
    // One hands on what is one's own; the other lets it go.
    assert_eq!(assign(holder, other, loan).unwrap().holder, Some(other.id));
    assert_eq!(release(other).unwrap().holder, None);
    assign(other, other, loan).unwrap();
    // Who is blocked holds nothing back.
    let id = other.id;
    let blocked = operators::Status::Blocked;
    bench.write(move |tx| operators::set_status(tx, Actor::Platform, id, blocked)).unwrap();
    assert_eq!(assign(holder, holder, loan).unwrap().holder, Some(holder.id));
    pay(&bench, loan, yuan(2000));
    assert_eq!(refusal(assign(holder, holder, loan)), "NotOverdue");
    bench.verify();
}

fn a_number_is_shown_three_times_a_day_at_most(on: On) {
    let (bench, _, loan) = late(on);
    let anna = collector(&bench, "anna");
    assert_eq!(refusal(call(&bench, &anna, loan)), "NotTheirs");
    take(&bench, &anna, loan);
    // An hour before eight.
    hours(&bench, -1);
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(OutsideHours)");
    hours(&bench, 1);
    assert_eq!(call(&bench, &anna, loan).unwrap().expose(), "13800000001");
    // The call that is written down is the one that the number was shown for.
    write(&bench, log(&anna, loan, Outcome::Unreachable)).unwrap();
    call(&bench, &anna, loan).unwrap();
    let sms = LogContact { way: Way::Sms, ..log(&anna, loan, Outcome::Unreachable) };
    write(&bench, sms).unwrap();
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(TooMany)");
    // 13 hours later it is 21:00, and 22:00 is too late.
    hours(&bench, 13);
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(TooMany)");
    hours(&bench, 11);
    assert!(call(&bench, &anna, loan).is_ok(), "the next day, at eight");
    hours(&bench, 14);
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(OutsideHours)");
    let noted = bench.number(
        "SELECT COUNT(*) AS n FROM audit_entry WHERE action = 'personal.shown'
         AND detail = 'call: 逾期提醒'",
    );
    assert_eq!(noted, 3);
    let mut blind = anna.clone();
    blind.roles = Roles::new([Role::Auditor]).unwrap();
    hours(&bench, 12);
    assert_eq!(refusal(call(&bench, &blind, loan)), "Shown(NoRight)");
}

fn two_at_once_do_not_go_beyond_the_limit(on: On) {
    let (bench, member, loan) = late(on);
    let anna = collector(&bench, "anna");
    take(&bench, &anna, loan);
    let shown = all_at_once(6, |n| {
        let by = anna.clone();
        let home = i64::try_from(n).unwrap();
        let shown = bench
            .core
            .write_and_wait(Route::home(home), move |tx| super::call(tx, &by, (loan, "逾期提醒")));
        shown.is_ok()
    });
    assert_eq!(shown.iter().filter(|shown| **shown).count(), 3, "{member:?}");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM collection_call"), 3);
}

fn contacts_are_written_down_as_they_were(on: On) {
    let (bench, member, loan) = late(on);
    let anna = collector(&bench, "anna");
    take(&bench, &anna, loan);
    let now: Instant = bench.core.clock().now().business;
    let at = |millis: i64| Some(now.plus_millis(millis));
    let unreached = || log(&anna, loan, Outcome::Unreachable);
    // Ahead, and more than a week ago.
    for happened_at in [at(1), at(-7 * 86_400_000 - 1)] {
        let command = LogContact { happened_at, ..unreached() };
        assert_eq!(refusal(write(&bench, command)), "BadTime");
    }
    let today = today(&bench);
    let promised = |amount: i64, days: i64| {
        let by = kernel::Date::from_day_number(today.day_number() + days).unwrap();
        log(&anna, loan, Outcome::Promised(Promise { amount: fen(amount), by }))
    };
    for command in [promised(0, 1), promised(100, -1), promised(100, 93)] {
        assert_eq!(refusal(write(&bench, command)), "BadPromise");
    }
    let follow_up = today.minus_days(1);
    assert_eq!(refusal(write(&bench, LogContact { follow_up, ..unreached() })), "BadFollowUp");
    // An hour before eight is outside the hours, whoever says so; a letter has no hours.
    let early = LogContact { happened_at: at(-3_600_000), ..unreached() };
    let contact = write(&bench, early.clone()).unwrap();
    assert_eq!(contact.breach, Some(Breach::OutsideHours));
    assert_eq!((contact.happened_at, contact.logged_at), (now.plus_millis(-3_600_000), now));
    let letter = LogContact { way: Way::Letter, ..early };
    assert_eq!(write(&bench, letter).unwrap().breach, None);
    let note = Line::parse("说下周发工资").unwrap();
    let noted = LogContact { note: Some(note.clone()), ..unreached() };
    let contact = write(&bench, noted).unwrap();
    assert_eq!((contact.note.as_ref(), contact.breach), (Some(&note), None));
    // With the early one these are three calls today, and the next is one too many; a call of the
    // customer is none of ours.
    assert_eq!(write(&bench, unreached()).unwrap().breach, None);
    assert_eq!(write(&bench, unreached()).unwrap().breach, Some(Breach::TooMany));
    let incoming = LogContact { way: Way::Incoming, ..log(&anna, loan, Outcome::SaysPaid) };
    assert_eq!(write(&bench, incoming).unwrap().breach, None);
    let (by_loan, by_member, breaches) = bench.read(move |tx| {
        let page = Page::new(1, 100).unwrap();
        Ok((
            super::contacts_of_loan(tx, loan, page)?,
            super::contacts_of_customer(tx, member, page)?,
            super::breaches(tx, page)?,
        ))
    });
    assert_eq!((by_loan.len(), by_member.len(), breaches.len()), (6, 6, 2));
    assert_eq!(by_loan[0].way, Way::Incoming);
    let noted = "SELECT COUNT(*) AS n FROM audit_entry WHERE action = 'collection.breach'";
    assert_eq!(bench.number(noted), 2);
    let raw = bench.raw_bytes();
    let text = "说下周发工资".as_bytes();
    assert!(!raw.windows(text.len()).any(|window| window == text), "the note lies sealed");
}

fn who_may_not_be_contacted_is_neither_called_nor_reminded(on: On) {
    let (bench, member, loan) = late(on);
    let anna = collector(&bench, "anna");
    take(&bench, &anna, loan);
    // Reminders are sent from nine on.
    hours(&bench, 1);
    let over = today(&bench).minus_days(1);
    let reason = Line::parse("投诉处理中").unwrap();
    let (operator, kind) = (anna.id, StopKind::Hardship);
    let command = StopContact { operator, member, kind, reason, until: over };
    let stopped = bench.write(move |tx| super::stop(tx, &command));
    assert_eq!(refusal(stopped), "Over");
    let last = today(&bench).plus_days(5);
    stop(&bench, &anna, member, last);
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(Stopped)");
    let contact = write(&bench, log(&anna, loan, Outcome::Refused)).unwrap();
    assert_eq!(contact.breach, Some(Breach::Stopped));
    let letter = LogContact { way: Way::Letter, ..log(&anna, loan, Outcome::Refused) };
    assert_eq!(write(&bench, letter).unwrap().breach, Some(Breach::Stopped));
    // On 15 March, 7 days late, a reminder would be sent; the stop ends on the 16th.
    let reminders = "SELECT COUNT(*) AS n FROM reminder";
    let before = bench.number(reminders);
    bench.days(5);
    assert_eq!(bench.number(reminders), before);
    assert_eq!(refusal(call(&bench, &anna, loan)), "Forbidden(Stopped)");
    bench.days(1);
    assert!(call(&bench, &anna, loan).is_ok(), "the last day is over");
    // 15 days late on 23 March: the next reminder.
    bench.days(6);
    assert_eq!(bench.number(reminders), before + 1);
    let by = anna.id;
    stop(&bench, &anna, member, None);
    bench.write(move |tx| super::resume(tx, by, member)).unwrap();
    let again = bench.write(move |tx| super::resume(tx, by, member));
    assert_eq!(refusal(again), "NotStopped");
    assert!(call(&bench, &anna, loan).is_ok());
    let stranger = bench.write(move |tx| super::resume(tx, by, MemberId::from_number(99)));
    assert_eq!(refusal(stranger), "NoSuchCustomer");
}

fn promises_are_held_against_what_was_paid(on: On) {
    let (bench, _, loan) = late(on);
    let anna = collector(&bench, "anna");
    take(&bench, &anna, loan);
    // Paid before the promise: that is not what was promised.
    pay(&bench, loan, yuan(300));
    hours(&bench, 1);
    let promise = Promise { amount: yuan(300), by: today(&bench).plus_days(1).unwrap() };
    let promised = write(&bench, log(&anna, loan, Outcome::Promised(promise))).unwrap();
    assert_eq!(promised.kept, Some(Kept::Open));
    let kept = || {
        let page = Page::new(1, 1).unwrap();
        bench.read(move |tx| super::contacts_of_loan(tx, loan, page)).remove(0).kept
    };
    hours(&bench, 1);
    pay(&bench, loan, yuan(200));
    assert_eq!(kept(), Some(Kept::Open));
    bench.days(1);
    pay(&bench, loan, yuan(100));
    assert_eq!(kept(), Some(Kept::Kept), "on the last day");
    bench.days(1);
    assert_eq!(kept(), Some(Kept::Kept));
}
