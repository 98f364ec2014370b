//! Every fault at the calls that move no money: a question is answered rightly or not at all, and what
//! was not answered can be asked again.

use lending::ports::{CheckOutcome, Checks as _};
use providers::lianlian::Failure;
use providers::sandbox::http::FaultKind;

use super::stage::{Stage, card, person};

const PLAIN: &str = "6222020200000000012";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9/notify";

/// Whether the caller gets no answer, or one that is not signed.
fn is_mute(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Lost
            | FaultKind::Silent
            | FaultKind::Refused
            | FaultKind::Broken
            | FaultKind::BadSignature
    )
}

#[test]
fn no_fault_makes_a_wrong_answer_of_a_question() {
    let stage = Stage::open(NOWHERE, true);
    let lianlian = &stage.lianlian;
    let (bin, signed) = (lianlian.card_bin(&card(PLAIN)), lianlian.agreements(&card(PLAIN)));
    assert!(
        bin.as_ref().is_ok_and(Option::is_some) && signed.as_ref().is_ok_and(|it| it.len() == 1)
    );
    for kind in FaultKind::ALL {
        // A question is asked three times; only a signature that is wrong is no reason to.
        let is_unsigned = *kind == FaultKind::BadSignature;
        stage.fault("bankcardbin.htm", *kind, 1);
        let wanted = if is_unsigned { Err(Failure::Unknown) } else { bin.clone() };
        assert_eq!(lianlian.card_bin(&card(PLAIN)), wanted, "{kind:?}");
        stage.fault("bankcardbin.htm", *kind, 3);
        let wanted = if is_mute(*kind) { Err(Failure::Unknown) } else { bin.clone() };
        assert_eq!(lianlian.card_bin(&card(PLAIN)), wanted, "{kind:?} for good");
        stage.fault("bankcardbindlist.htm", *kind, 1);
        let wanted = if is_unsigned { Err(Failure::Unknown) } else { signed.clone() };
        assert_eq!(lianlian.agreements(&card(PLAIN)), wanted, "{kind:?}");
        assert_eq!(lianlian.agreements(&card(PLAIN)), signed, "{kind:?}");
    }
    stage.sandbox.stop();
}

#[test]
fn an_agreement_ends_once_however_often_it_is_ended() {
    let stage = Stage::open(NOWHERE, true);
    let lianlian = &stage.lianlian;
    for kind in FaultKind::ALL {
        let signed = lianlian.agreements(&card(PLAIN)).unwrap();
        let [agreement] = &signed[..] else { panic!("not one") };
        stage.fault("bankcardunbind.htm", *kind, 1);
        let wanted = if is_mute(*kind) { Err(Failure::Unknown) } else { Ok(()) };
        assert_eq!(lianlian.unbind(&card(PLAIN), &agreement.no_agree), wanted, "{kind:?}");
        assert_eq!(lianlian.unbind(&card(PLAIN), &agreement.no_agree), Ok(()), "{kind:?}");
    }
    stage.sandbox.stop();
}

#[test]
fn no_fault_at_the_check_of_a_card_says_anything_about_it() {
    let stage = Stage::open(NOWHERE, false);
    let (name, id, mobile) = person();
    for kind in FaultKind::ALL {
        // Each process counts its checks of a card; this is another one.
        let checks = stage.four_elements();
        let ask = || checks.bank_card(&name, &id, &card(PLAIN), &mobile);
        stage.fault("query", *kind, 1);
        // Its answers are not signed.
        let is_silent = is_mute(*kind) && *kind != FaultKind::BadSignature;
        let wanted = if is_silent { CheckOutcome::Unknown } else { CheckOutcome::Match };
        assert_eq!(ask(), wanted, "{kind:?}");
        assert_eq!(ask(), CheckOutcome::Match, "{kind:?}");
    }
    stage.sandbox.stop();
}
