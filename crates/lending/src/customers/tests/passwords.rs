//! Signing up, and new passwords: what has to be proven first.

use kernel::{RealName, Secret};

use super::{HERE, at_second, id_no, join, name, verified};
use crate::customers::codes::{CheckCode, Purpose, RequestCode, Verdict, check, request};
use crate::customers::sessions::{OpenSession, SessionKey, find, open};
use crate::customers::{
    IdentityProof, PasswordChange, ProveIdentity, ResetPassword, change_password, prove_identity,
    reset_password, sign_up,
};
use crate::identity::password::PasswordHash;
use crate::identity::{Door, LogIn, LogInOutcome, Register, Role, approach, log_in};
use crate::tests::kit::{Bench, COST, On, mobile, on_both, password, refusal, registration};

on_both! {
    signing_up_needs_the_proof_of_the_number
    a_forgotten_password_needs_the_number_and_the_identity
    proving_an_identity_is_limited
    a_password_is_changed_with_the_old_one
}

#[track_caller]
fn prove(bench: &Bench, n: u32, purpose: Purpose) {
    let code = || Secret::new("123456".into());
    let ask = RequestCode {
        channel: HERE,
        mobile: mobile(n),
        purpose,
        code: code(),
        address: "a".into(),
    };
    bench.write(move |tx| request(tx, &ask)).unwrap();
    let guess = CheckCode { channel: HERE, mobile: mobile(n), purpose, code: code() };
    assert_eq!(bench.write(move |tx| check(tx, &guess)), Ok(Verdict::Right));
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::make(&Secret::new(text.into()), COST).unwrap()
}

fn is_password(bench: &Bench, n: u32, text: &str) -> bool {
    match bench.read(move |tx| approach(tx, HERE, &mobile(n), "z")) {
        Door::Open(kept) => kept.password.is_of(&Secret::new(text.into())),
        Door::Locked | Door::Unknown => false,
    }
}

fn signing_up_needs_the_proof_of_the_number(on: On) {
    let bench = on.open();
    let sign = |n: u32| {
        let command = Register { channel: HERE, ..registration(n, Role::Member) };
        bench.write(move |tx| sign_up(tx, &command))
    };
    assert_eq!(refusal(sign(1)), "NotProven");
    prove(&bench, 1, Purpose::PasswordReset);
    assert_eq!(refusal(sign(1)), "NotProven", "for something else");
    at_second(&bench, 60);
    prove(&bench, 1, Purpose::Registration);
    assert_eq!(refusal(sign(2)), "NotProven", "another number");
    let member = sign(1).unwrap();
    assert_eq!(super::look(&bench, member.id).mobile, mobile(1));
    assert_eq!(refusal(sign(1)), "Taken");
    at_second(&bench, 120);
    prove(&bench, 1, Purpose::Registration);
    assert_eq!(refusal(sign(1)), "Taken", "even with a proof");
    bench.verify();
}

fn a_forgotten_password_needs_the_number_and_the_identity(on: On) {
    let bench = on.open();
    let (plain, known) = (join(&bench, 1), verified(&bench, 2));
    let key = || SessionKey::from_random([7; 16]);
    let session = OpenSession { member: known, key: key(), device: None };
    bench.write(move |tx| open(tx, &session)).unwrap();
    for _ in 0..3 {
        let command = LogIn {
            channel: HERE,
            mobile: mobile(2),
            address: "a".into(),
            proven: None,
            token_seconds: 0,
        };
        bench.write(move |tx| log_in(tx, &command)).unwrap();
    }
    assert!(!is_password(&bench, 2, "password1"), "locked");
    let reset = |n: u32| {
        let command =
            ResetPassword { channel: HERE, mobile: mobile(n), password: hash("password2") };
        bench.write(move |tx| reset_password(tx, &command))
    };
    let show = |n: u32, name: RealName, person: u32| {
        let command =
            ProveIdentity { channel: HERE, mobile: mobile(n), name, id_no: id_no(person) };
        bench.write(move |tx| prove_identity(tx, &command)).unwrap()
    };
    assert_eq!(refusal(reset(3)), "NoSuchCustomer");
    assert_eq!(refusal(reset(1)), "NotProven");
    prove(&bench, 1, Purpose::PasswordReset);
    assert_eq!(reset(1).unwrap(), plain);
    assert!(is_password(&bench, 1, "password2"));
    assert_eq!(refusal(reset(1)), "NotProven", "used up");

    prove(&bench, 2, Purpose::PasswordReset);
    assert_eq!(refusal(reset(2)), "IdentityNotProven");
    let other = RealName::parse("别的人").unwrap();
    assert_eq!(show(9, name(), 2), IdentityProof::Unknown);
    assert_eq!(show(2, other, 2), IdentityProof::Wrong);
    assert_eq!(show(2, name(), 3), IdentityProof::Wrong);
    assert_eq!(show(1, name(), 1), IdentityProof::Wrong, "not verified");
    assert_eq!(refusal(reset(2)), "IdentityNotProven");
    assert!(bench.read(move |tx| find(tx, HERE, &key())).is_some());
    assert_eq!(show(2, name(), 2), IdentityProof::Right);
    assert_eq!(reset(2).unwrap(), known);
    assert!(is_password(&bench, 2, "password2"), "not locked any more");
    assert!(bench.read(move |tx| find(tx, HERE, &key())).is_none(), "the session has ended");
}

fn proving_an_identity_is_limited(on: On) {
    let bench = on.open();
    verified(&bench, 2);
    let show = |person: u32| {
        let (name, id_no) = (name(), id_no(person));
        let command = ProveIdentity { channel: HERE, mobile: mobile(2), name, id_no };
        bench.write(move |tx| prove_identity(tx, &command)).unwrap()
    };
    assert_eq!([3, 4, 5, 6, 7].map(show), [IdentityProof::Wrong; 5]);
    assert_eq!(show(2), IdentityProof::Limited);
    at_second(&bench, 86_400);
    assert_eq!(show(2), IdentityProof::Right);
}

fn a_password_is_changed_with_the_old_one(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let change = |right: bool, old: PasswordHash, new: &str| {
        let log_in = LogIn {
            channel: HERE,
            mobile: mobile(1),
            address: "a".into(),
            proven: right.then_some(member),
            token_seconds: 0,
        };
        let new = hash(new);
        bench.write(move |tx| change_password(tx, &log_in, &old, &new)).unwrap()
    };
    assert_eq!(change(false, password(), "password2"), PasswordChange::Refused);
    assert_eq!(change(true, password(), "password2"), PasswordChange::Changed);
    assert!(is_password(&bench, 1, "password2"));
    assert_eq!(change(true, password(), "password3"), PasswordChange::Refused, "no more");
    for _ in 0..3 {
        assert_eq!(change(false, password(), "password3"), PasswordChange::Refused);
    }
    assert_eq!(change(false, password(), "password3"), PasswordChange::Locked);
    let outcome = bench.write(move |tx| {
        let command = LogIn {
            channel: HERE,
            mobile: mobile(1),
            address: "b".into(),
            proven: Some(member),
            token_seconds: 0,
        };
        log_in(tx, &command)
    });
    assert!(matches!(outcome, Ok(LogInOutcome::Locked)), "as after failed log-ins");
}
