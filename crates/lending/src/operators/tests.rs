//! Operators: log-in and its guards, rights, tokens, the two-person rule.

mod sessions;

use kernel::id::{LoanId, OperatorId};
use kernel::{Money, Secret};

use super::approvals::{
    self, Action, Asked, ConsumeError, DecideError, RequestError, Second, State, Verdict, Which,
    needs_second,
};
use super::{
    Add, AddError, ChangeError, Denied, Door, LogIn, LogInOutcome, LoginName, MakeToken, Operator,
    Right, Role, Roles, Rules, ShowError, Status, Token, TokenDigest,
};
use crate::audit::{self, Actor, Filter, Subject};
use crate::operators;
use crate::tests::kit::{Bench, On, START, all_at_once, on_both, password, refusal, yuan};
use crate::{Fault, Page, Route};

on_both! {
    a_login_name_is_given_once
    the_right_password_logs_in_until_the_token_expires
    failures_lock_the_account_and_a_reset_opens_it
    a_blocked_operator_is_out_at_once
    a_token_of_a_script_lives_by_the_days_and_is_revoked_with_all
    older_log_ins_end_when_there_are_too_many
    nobody_changes_their_own_rights
    roles_count_from_the_next_call_on
    a_changed_password_ends_every_session
    personal_data_needs_a_right_and_a_reason_and_is_noted
    two_operators_approve_and_one_use_is_all
    nobody_approves_their_own_request
    an_approval_is_for_exactly_one_command
    an_approval_expires
    what_is_rejected_stays_rejected
    a_command_that_is_refused_gives_its_approval_back
    the_rule_asks_and_lets_through
    of_many_uses_at_once_one_is_let_through
    nothing_secret_stands_in_the_database
}

fn login(name: &str) -> LoginName {
    LoginName::parse(name).unwrap()
}

fn roles(roles: &[Role]) -> Roles {
    Roles::new(roles.iter().copied()).unwrap()
}

fn digest(n: u8) -> TokenDigest {
    Token::from_random(&[n; 32]).digest()
}

fn adding(name: &str, what: &[Role]) -> Add {
    Add { login: login(name), name: name.to_owned(), roles: roles(what), password: password() }
}

fn added(bench: &Bench, name: &str, what: &[Role]) -> Operator {
    let command = adding(name, what);
    bench.write(move |tx| super::add(tx, Actor::Platform, &command)).unwrap()
}

/// Tries to log in from `address`, with the right password or with a wrong one.
fn enter(bench: &Bench, name: &str, address: &str, right: bool, token: u8) -> String {
    let (name, address) = (login(name), address.to_owned());
    bench
        .write(move |tx| {
            let known = super::find(tx, &name)?.map(|known| known.id);
            let command = LogIn {
                login: name.clone(),
                address: address.clone(),
                agent: Some("tests".into()),
                code: None,
                proven: known.filter(|_| right),
                token: digest(token),
            };
            Ok::<_, Fault>(match super::log_in(tx, &command)? {
                LogInOutcome::In(operator, expires) => {
                    format!("in {} {}", operator.id.number(), expires.millis() - START.millis())
                }
                LogInOutcome::Refused => "refused".into(),
                LogInOutcome::Locked => "locked".into(),
            })
        })
        .unwrap()
}

fn holder(bench: &Bench, token: u8) -> Result<OperatorId, Denied> {
    bench.write(move |tx| super::authenticate(tx, &digest(token)).map(|operator| operator.id))
}

fn later(bench: &Bench, seconds: i64) {
    bench.core.clock().set(START.plus_millis(seconds * 1000));
}

fn actions(bench: &Bench) -> Vec<String> {
    let page = Page::new(1, 100).unwrap();
    let entries = bench.read(move |tx| audit::entries(tx, Filter::All, page));
    entries.into_iter().rev().map(|entry| entry.action).collect()
}

fn a_login_name_is_given_once(on: On) {
    let bench = on.open();
    let first = added(&bench, "anna", &[Role::Cashier]);
    assert_eq!((first.id.number(), first.added_at), (1, START));
    let again = adding("Anna", &[Role::Reviewer]);
    let refused = bench.write(move |tx| super::add(tx, Actor::Platform, &again));
    assert!(matches!(refused, Err(AddError::Taken)));
    let second = added(&bench, "bo", &[Role::Reviewer, Role::Auditor]);
    let id = second.id;
    assert_eq!(bench.read(move |tx| super::operator(tx, id)), Some(second));
    let page = Page::new(1, 10).unwrap();
    let all = bench.read(move |tx| super::operators(tx, page));
    let names: Vec<_> = all.iter().map(|operator| operator.login.text()).collect();
    assert_eq!(names, ["anna", "bo"]);
    for wrong in ["", "a", "1st", "a b", "名字", &"a".repeat(33)] {
        assert_eq!(LoginName::parse(wrong), None, "{wrong}");
    }
    let acceptable =
        |text: &str| super::is_acceptable(&login("password"), &Secret::new(text.into()));
    assert!(acceptable("demo1234") && !acceptable("demo123") && !acceptable("Password"));
}

fn the_right_password_logs_in_until_the_token_expires(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]).id;
    let door = bench.read(|tx| super::approach(tx, &login("anna"), "10.0.0.1"));
    let Door::Open(credentials) = door else { panic!("{door:?}") };
    assert_eq!(credentials.operator, anna);
    assert!(credentials.password.is_of(&Secret::new("password1".into())));
    let nobody = bench.read(|tx| super::approach(tx, &login("bo"), "10.0.0.1"));
    assert!(matches!(nobody, Door::Unknown));
    assert_eq!(enter(&bench, "bo", "10.0.0.1", true, 1), "refused");
    // Eight hours, by the default rules.
    assert_eq!(enter(&bench, "anna", "10.0.0.1", true, 1), "in 1 28800000");
    assert_eq!(holder(&bench, 1).unwrap(), anna);
    assert!(matches!(holder(&bench, 2), Err(Denied::NotLoggedIn)));
    later(&bench, 28_799);
    assert!(holder(&bench, 1).is_ok());
    later(&bench, 28_800);
    assert!(matches!(holder(&bench, 1), Err(Denied::NotLoggedIn)));
    assert_eq!(bench.write(super::prune).unwrap(), 1);
    assert_eq!(enter(&bench, "anna", "10.0.0.1", true, 3), "in 1 57600000");
    bench.write(|tx| super::log_out(tx, &digest(3))).unwrap();
    assert!(matches!(holder(&bench, 3), Err(Denied::NotLoggedIn)));
}

fn failures_lock_the_account_and_a_reset_opens_it(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]).id;
    for _ in 0..3 {
        assert_eq!(enter(&bench, "anna", "10.0.0.1", false, 1), "refused");
    }
    assert_eq!(enter(&bench, "anna", "10.0.0.2", true, 1), "locked");
    let door = bench.read(|tx| super::approach(tx, &login("anna"), "10.0.0.2"));
    assert!(matches!(door, Door::Locked));
    bench.write(move |tx| super::reset_password(tx, Actor::Platform, anna, &password())).unwrap();
    assert_eq!(enter(&bench, "anna", "10.0.0.2", true, 1), "in 1 28800000");
    let refused = actions(&bench).iter().filter(|a| *a == "operator.log_in_refused").count();
    assert_eq!(refused, 3, "what is turned away by a lock-out does not fill the trail");
}

fn a_blocked_operator_is_out_at_once(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]).id;
    enter(&bench, "anna", "a", true, 1);
    let set = |status| {
        bench.write(move |tx| super::set_status(tx, Actor::Platform, anna, status)).unwrap().blocked
    };
    assert!(set(Status::Blocked));
    assert!(matches!(holder(&bench, 1), Err(Denied::NotLoggedIn)));
    assert_eq!(enter(&bench, "anna", "a", true, 2), "refused");
    assert!(!set(Status::Active));
    assert!(matches!(holder(&bench, 1), Err(Denied::NotLoggedIn)), "revoked for good");
    assert!(enter(&bench, "anna", "a", true, 2).starts_with("in "));
    let nobody = OperatorId::from_number(99);
    let refused =
        bench.write(move |tx| super::set_status(tx, Actor::Platform, nobody, Status::Blocked));
    assert!(matches!(refused, Err(ChangeError::NoSuchOperator)));
}

fn a_token_of_a_script_lives_by_the_days_and_is_revoked_with_all(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]).id;
    let command =
        MakeToken { operator: anna, label: "night run".into(), days: 30, token: digest(9) };
    let expires = bench.write(move |tx| super::make_token(tx, Actor::Platform, &command)).unwrap();
    assert_eq!(expires, START.plus_days(30));
    bench.core.clock().set(START.plus_days(29));
    assert_eq!(holder(&bench, 9).unwrap(), anna);
    let revoked = bench.write(move |tx| super::revoke_tokens(tx, Actor::Platform, anna)).unwrap();
    assert_eq!(revoked, 1);
    assert!(matches!(holder(&bench, 9), Err(Denied::NotLoggedIn)));
}

fn older_log_ins_end_when_there_are_too_many(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]).id;
    let command = MakeToken { operator: anna, label: "script".into(), days: 1, token: digest(99) };
    bench.write(move |tx| super::make_token(tx, Actor::Platform, &command)).unwrap();
    for n in 1..=25 {
        later(&bench, i64::from(n));
        enter(&bench, "anna", "a", true, n);
    }
    assert!(holder(&bench, 5).is_err(), "the sixth newest of the old ones");
    assert!(holder(&bench, 6).is_ok() && holder(&bench, 25).is_ok());
    assert!(holder(&bench, 99).is_ok(), "scripts are not counted");
}

fn nobody_changes_their_own_rights(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Administrator]);
    let (id, by) = (anna.id, anna.actor());
    let given = roles(&[Role::Administrator, Role::Cashier]);
    let refused = bench.write(move |tx| super::set_roles(tx, by, id, &given));
    assert!(matches!(refused, Err(ChangeError::Yourself)));
    let refused = bench.write(move |tx| super::set_status(tx, by, id, Status::Blocked));
    assert!(matches!(refused, Err(ChangeError::Yourself)));
    let refused = bench.write(move |tx| super::reset_password(tx, by, id, &password()));
    assert!(matches!(refused, Err(ChangeError::Yourself)));
}

fn roles_count_from_the_next_call_on(on: On) {
    let bench = on.open();
    let (boss, anna) =
        (added(&bench, "boss", &[Role::Administrator]), added(&bench, "anna", &[Role::Auditor]));
    enter(&bench, "anna", "a", true, 1);
    let may = |right| {
        bench.write(move |tx| {
            let operator = super::authenticate(tx, &digest(1))?;
            super::require(&operator, right)
        })
    };
    assert!(may(Right::SeeAudit).is_ok());
    assert!(matches!(may(Right::PayOut), Err(Denied::NoRight(Right::PayOut))));
    let (by, id) = (boss.actor(), anna.id);
    bench.write(move |tx| super::set_roles(tx, by, id, &roles(&[Role::Cashier]))).unwrap();
    assert!(may(Right::PayOut).is_ok() && may(Right::SeeAudit).is_err());
    let page = Page::new(1, 1).unwrap();
    let about = Filter::About(Subject::Operator(id));
    let noted = bench.read(move |tx| audit::entries(tx, about, page)).swap_remove(0);
    assert_eq!(
        (noted.action.as_str(), noted.detail.as_str()),
        ("operator.roles", "auditor -> cashier")
    );
    assert_eq!(noted.actor.number, Some(boss.id.number()));
}

fn a_changed_password_ends_every_session(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]);
    enter(&bench, "anna", "a", true, 1);
    bench.write(move |tx| super::change_password(tx, &anna, &password())).unwrap();
    assert!(matches!(holder(&bench, 1), Err(Denied::NotLoggedIn)));
}

fn personal_data_needs_a_right_and_a_reason_and_is_noted(on: On) {
    let bench = on.open();
    let (cashier, reviewer) =
        (added(&bench, "anna", &[Role::Cashier]), added(&bench, "bo", &[Role::Reviewer]));
    let show = |operator: &Operator, reason: &'static str| {
        let operator = operator.clone();
        let subject = Subject::Loan(LoanId::from_number(1));
        bench.write(move |tx| super::show_personal(tx, &operator, subject, "id_card", reason))
    };
    assert!(matches!(show(&cashier, "dispute 17"), Err(ShowError::NoRight)));
    assert!(matches!(show(&reviewer, "  no "), Err(ShowError::NoReason)));
    let before = actions(&bench).len();
    show(&reviewer, "核实身份").unwrap();
    let page = Page::new(1, 1).unwrap();
    let noted = bench.read(move |tx| audit::entries(tx, Filter::All, page)).swap_remove(0);
    assert_eq!((actions(&bench).len(), noted.action.as_str()), (before + 1, "personal.shown"));
    assert_eq!(noted.detail, "id_card: 核实身份");
}

/// Two cashiers and one who is none.
fn people(bench: &Bench) -> (Operator, Operator, Operator) {
    let add = |name, what: &[Role]| added(bench, name, what);
    (add("anna", &[Role::Cashier]), add("bo", &[Role::Cashier]), add("cy", &[Role::Auditor]))
}

fn payout(amount: i64) -> Asked {
    Asked {
        action: Action::Payout,
        subject: Subject::Loan(LoanId::from_number(7)),
        amount: yuan(amount),
        parameters: "card 3".into(),
    }
}

fn asks(
    bench: &Bench,
    operator: &Operator,
    asked: &Asked,
) -> Result<approvals::Approval, RequestError> {
    let (operator, asked) = (operator.clone(), asked.clone());
    bench.write(move |tx| approvals::request(tx, &operator, &asked, "loan 7 is signed"))
}

fn says(
    bench: &Bench,
    operator: &Operator,
    id: kernel::id::ApprovalId,
    verdict: Verdict,
) -> Result<State, DecideError> {
    let operator = operator.clone();
    bench.write(move |tx| approvals::decide(tx, &operator, id, verdict)).map(|done| done.state)
}

fn uses(
    bench: &Bench,
    operator: &Operator,
    id: kernel::id::ApprovalId,
    asked: &Asked,
) -> Result<State, ConsumeError> {
    let (operator, asked) = (operator.clone(), asked.clone());
    bench.write(move |tx| approvals::consume(tx, &operator, id, &asked)).map(|done| done.state)
}

fn two_operators_approve_and_one_use_is_all(on: On) {
    let rules = Rules::default();
    assert!(!needs_second(&rules, Action::Payout, yuan(50_000)));
    assert!(needs_second(&rules, Action::Payout, Money::from_fen(5_000_001).unwrap()));
    assert!(needs_second(&rules, Action::WriteOff, Money::from_fen(1).unwrap()));
    let bench = on.open();
    let (anna, bo, cy) = people(&bench);
    let asked = payout(60_000);
    assert_eq!(refusal(asks(&bench, &cy, &asked)), "NoRight(PayOut)");
    let approval = asks(&bench, &anna, &asked).unwrap();
    assert_eq!(approval.state, State::Requested);
    let id = approval.id;
    assert_eq!(bench.read(move |tx| approvals::approval(tx, id)), Some(approval));
    assert_eq!(refusal(uses(&bench, &anna, id, &asked)), "NotApproved(Requested)");
    assert_eq!(refusal(says(&bench, &cy, id, Verdict::Approve)), "NoRight(PayOut)");
    assert_eq!(says(&bench, &bo, id, Verdict::Approve).unwrap(), State::Approved);
    assert_eq!(refusal(says(&bench, &bo, id, Verdict::Reject)), "NotWaiting(Approved)");
    assert_eq!(refusal(uses(&bench, &cy, id, &asked)), "NoRight(PayOut)");
    assert_eq!(uses(&bench, &anna, id, &asked).unwrap(), State::Used);
    assert_eq!(refusal(uses(&bench, &anna, id, &asked)), "NotApproved(Used)");
    let done = bench.read(move |tx| approvals::approval(tx, id)).unwrap();
    assert_eq!((done.decided_by, done.used_by), (Some(bo.id), Some(anna.id)));
    let noted = actions(&bench);
    let steps = ["approval.requested", "approval.approved", "approval.used"];
    assert_eq!(noted[noted.len() - 3..], steps);
    let none = kernel::id::ApprovalId::from_number(1);
    assert_eq!(refusal(says(&bench, &bo, none, Verdict::Approve)), "NoSuchApproval");
    assert_eq!(refusal(uses(&bench, &bo, none, &asked)), "NoSuchApproval");
}

fn nobody_approves_their_own_request(on: On) {
    let bench = on.open();
    let (anna, ..) = people(&bench);
    let id = asks(&bench, &anna, &payout(60_000)).unwrap().id;
    assert_eq!(refusal(says(&bench, &anna, id, Verdict::Approve)), "Yourself");
    // Nor does the schema let anybody write that they did.
    let forged = bench.write(move |tx| {
        let update = "UPDATE approval SET state = 'approved', decided_by = requested_by";
        tx.execute(update, store::params![])
    });
    assert!(matches!(forged, Err(Fault::Constraint(_))), "{forged:?}");
    assert_eq!(says(&bench, &anna, id, Verdict::Reject).unwrap(), State::Rejected);
}

fn an_approval_is_for_exactly_one_command(on: On) {
    let bench = on.open();
    let (anna, bo, _) = people(&bench);
    let asked = payout(60_000);
    let id = asks(&bench, &anna, &asked).unwrap().id;
    says(&bench, &bo, id, Verdict::Approve).unwrap();
    for other in [
        Asked { action: Action::Refund, ..asked.clone() },
        Asked { subject: Subject::Loan(LoanId::from_number(8)), ..asked.clone() },
        Asked { subject: Subject::Platform, ..asked.clone() },
        Asked { amount: yuan(60_001), ..asked.clone() },
        Asked { parameters: "card 4".into(), ..asked.clone() },
    ] {
        assert_eq!(refusal(uses(&bench, &anna, id, &other)), "AnotherCommand", "{other:?}");
    }
    let long = Asked { parameters: "x".repeat(4001), ..asked.clone() };
    assert_eq!(refusal(asks(&bench, &anna, &long)), "TooLong");
    assert!(uses(&bench, &bo, id, &asked).is_ok(), "the second operator may carry it out too");
}

fn an_approval_expires(on: On) {
    let bench = on.open();
    let (anna, bo, _) = people(&bench);
    let asked = payout(60_000);
    let (first, second) =
        (asks(&bench, &anna, &asked).unwrap().id, asks(&bench, &anna, &asked).unwrap().id);
    says(&bench, &bo, first, Verdict::Approve).unwrap();
    let page = Page::new(1, 10).unwrap();
    let listed = |which| bench.read(move |tx| approvals::approvals(tx, which, page));
    let ids: Vec<_> = listed(Which::Open).iter().map(|approval| approval.id).collect();
    assert_eq!(ids, [first, second]);
    later(&bench, 72 * 3600);
    assert_eq!(refusal(says(&bench, &bo, second, Verdict::Approve)), "NotWaiting(Expired)");
    assert_eq!(refusal(uses(&bench, &anna, first, &asked)), "NotApproved(Expired)");
    assert!(listed(Which::Open).is_empty());
    let states: Vec<_> = listed(Which::All).iter().map(|a| (a.id, a.state)).collect();
    assert_eq!(states, [(second, State::Expired), (first, State::Expired)]);
}

fn what_is_rejected_stays_rejected(on: On) {
    let bench = on.open();
    let (anna, bo, cy) = people(&bench);
    let asked = payout(60_000);
    let id = asks(&bench, &anna, &asked).unwrap().id;
    assert_eq!(refusal(says(&bench, &cy, id, Verdict::Reject)), "NoRight(PayOut)");
    assert_eq!(says(&bench, &bo, id, Verdict::Reject).unwrap(), State::Rejected);
    assert_eq!(refusal(says(&bench, &bo, id, Verdict::Approve)), "NotWaiting(Rejected)");
    assert_eq!(refusal(uses(&bench, &anna, id, &asked)), "NotApproved(Rejected)");
}

fn a_command_that_is_refused_gives_its_approval_back(on: On) {
    let bench = on.open();
    let (anna, bo, _) = people(&bench);
    let asked = payout(60_000);
    let id = asks(&bench, &anna, &asked).unwrap().id;
    says(&bench, &bo, id, Verdict::Approve).unwrap();
    let (operator, command) = (anna.clone(), asked.clone());
    let refused = bench.write(move |tx| {
        approvals::consume(tx, &operator, id, &command)?;
        Err::<(), _>(ConsumeError::Fault(Fault::Corrupt("the command is refused".into())))
    });
    assert!(refused.is_err());
    assert_eq!(uses(&bench, &anna, id, &asked).unwrap(), State::Used);
}

fn the_rule_asks_and_lets_through(on: On) {
    let bench = on.open();
    let (anna, bo, cy) = people(&bench);
    let rule = |operator: &Operator, asked: &Asked, shown| {
        let (operator, asked) = (operator.clone(), asked.clone());
        bench.write(move |tx| approvals::second(tx, &operator, &asked, shown, "signed"))
    };
    let (small, large) = (payout(50_000), payout(50_001));
    assert_eq!(rule(&anna, &small, None).unwrap(), Second::NotNeeded);
    assert_eq!(refusal(rule(&cy, &small, None)), "NoRight(PayOut)");
    let Second::Awaited(asked) = rule(&anna, &large, None).unwrap() else { panic!("not asked") };
    let refused = refusal(rule(&anna, &large, Some(asked.id)));
    assert_eq!(refused, "Consume(NotApproved(Requested))");
    says(&bench, &bo, asked.id, Verdict::Approve).unwrap();
    let Second::Given(used) = rule(&anna, &large, Some(asked.id)).unwrap() else { panic!() };
    assert_eq!((used.id, used.state), (asked.id, State::Used));
}

fn of_many_uses_at_once_one_is_let_through(on: On) {
    let bench = on.open();
    let (anna, bo, _) = people(&bench);
    let asked = payout(60_000);
    let id = asks(&bench, &anna, &asked).unwrap().id;
    says(&bench, &bo, id, Verdict::Approve).unwrap();
    let through = all_at_once(8, |n| {
        let (anna, asked) = (anna.clone(), asked.clone());
        let route = Route::home(i64::try_from(n).unwrap());
        let consume = move |tx: &mut crate::Tx<'_, '_>| approvals::consume(tx, &anna, id, &asked);
        bench.core.write_and_wait(route, consume).is_ok()
    });
    assert_eq!(through.iter().filter(|done| **done).count(), 1, "{through:?}");
}

fn nothing_secret_stands_in_the_database(on: On) {
    let bench = on.open();
    added(&bench, "anna", &[Role::Cashier]);
    let token = Token::from_random(&[77; 32]);
    let kept = token.digest();
    let command = LogIn {
        login: login("anna"),
        address: "192.0.2.77".into(),
        agent: Some("Browser/7.7".into()),
        code: None,
        proven: Some(OperatorId::from_number(1)),
        token: kept,
    };
    bench.write(move |tx| super::log_in(tx, &command)).unwrap();
    let raw = bench.raw_bytes();
    let has = |text: &str| raw.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        has("anna")
            && !has(token.expose())
            && !has(&"4d".repeat(32))
            && !has("192.0.2.77")
            && !has("Browser/7.7")
    );
}
