//! The sandbox's checks of people: everything belongs together but what is magic.

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Mobile, RealName};
use lending::ports::{self, CheckOutcome};

/// Names that begin so belong to nobody; no family is called that.
const NAME_MISMATCH: char = '龘';
/// Of names that begin so nobody can say anything.
const NAME_UNKNOWN: char = '靐';

/// Cards with these four digits before the last are bound by a code in an SMS.
const CARD_BY_CODE: &str = "9913";

/// A provider in this process that knows whether data of a person belong together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checks;

/// What one element alone makes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Fine,
    Wrong,
    Unsure,
}

/// Codes that end in 1 do not match, codes that end in 2 cannot be looked up.
fn by_code(code: &str, wrong: &str, unsure: &str) -> Element {
    match code {
        code if code == wrong => Element::Wrong,
        code if code == unsure => Element::Unsure,
        _ => Element::Fine,
    }
}

fn name_element(name: &RealName) -> Element {
    match name.expose().chars().next() {
        Some(NAME_MISMATCH) => Element::Wrong,
        Some(NAME_UNKNOWN) => Element::Unsure,
        Some(_) | None => Element::Fine,
    }
}

/// The three digits of the order within the day, before the check character.
fn id_element(id: &IdCardNo) -> Element {
    by_code(id.expose().get(14..17).unwrap_or_default(), "991", "992")
}

fn card_element(card: &BankCardNo) -> Element {
    by_code(super::card_code(card.expose()), "9911", "9912")
}

fn mobile_element(mobile: &Mobile) -> Element {
    by_code(mobile.expose().get(7..).unwrap_or_default(), "9911", "9912")
}

/// The first element that is wrong is the answer; without one, what cannot be looked up is.
fn judge(elements: &[(Element, &str)]) -> CheckOutcome {
    let wrong = elements.iter().find(|(element, _)| *element == Element::Wrong);
    match wrong {
        Some((_, why)) => CheckOutcome::Mismatch((*why).to_owned()),
        None if elements.iter().any(|(element, _)| *element == Element::Unsure) => {
            CheckOutcome::Unknown
        }
        None => CheckOutcome::Match,
    }
}

impl ports::Checks for Checks {
    fn real_name(&self, name: &RealName, id: &IdCardNo) -> CheckOutcome {
        const WHY: &str = "姓名与身份证号码不一致";
        judge(&[(name_element(name), WHY), (id_element(id), WHY)])
    }

    fn bank_card(
        &self,
        name: &RealName,
        id: &IdCardNo,
        card: &BankCardNo,
        mobile: &Mobile,
    ) -> CheckOutcome {
        const WHY: &str = "持卡人信息不一致";
        judge(&[
            (name_element(name), WHY),
            (id_element(id), WHY),
            (card_element(card), "银行卡号与持卡人不一致"),
            (mobile_element(mobile), "银行预留手机号码不一致"),
        ])
    }

    fn wants_code(&self, card: &BankCardNo, _mobile: &Mobile) -> bool {
        super::card_code(card.expose()) == CARD_BY_CODE
    }

    fn mobile(&self, name: &RealName, id: &IdCardNo, mobile: &Mobile) -> CheckOutcome {
        const WHY: &str = "手机号码与机主信息不一致";
        judge(&[(name_element(name), WHY), (id_element(id), WHY), (mobile_element(mobile), WHY)])
    }
}

#[cfg(test)]
mod tests {
    use lending::ports::Checks as _;

    use super::*;

    #[test]
    fn everything_matches_but_what_is_magic() {
        const GOOD: [&str; 4] =
            ["周小满", "110101199003070011", "6222020200000000012", "13800000001"];
        let check = |[name, id, card, mobile]: [&str; 4]| {
            let (name, id) = (RealName::parse(name).unwrap(), IdCardNo::parse(id).unwrap());
            let (card, mobile) = (BankCardNo::parse(card).unwrap(), Mobile::parse(mobile).unwrap());
            let outcomes = [
                Checks.real_name(&name, &id),
                Checks.bank_card(&name, &id, &card, &mobile),
                Checks.mobile(&name, &id, &mobile),
            ];
            outcomes.map(|outcome| match outcome {
                CheckOutcome::Match => '=',
                CheckOutcome::Mismatch(why) if !why.is_empty() => '!',
                CheckOutcome::Mismatch(_) | CheckOutcome::Unknown => '?',
            })
        };
        let with = |place: usize, text| {
            let mut elements = GOOD;
            elements[place] = text;
            check(elements)
        };
        // what is magic -> real name, bank card, mobile
        assert_eq!(check(GOOD), ['=', '=', '=']);
        assert_eq!(with(0, "龘小满"), ['!', '!', '!']);
        assert_eq!(with(0, "靐小满"), ['?', '?', '?']);
        assert_eq!(with(1, "110101199003079919"), ['!', '!', '!']);
        assert_eq!(with(1, "11010119900307992X"), ['?', '?', '?']);
        assert_eq!(with(2, "6222020200000099112"), ['=', '!', '=']);
        assert_eq!(with(2, "6222020200000099122"), ['=', '?', '=']);
        assert_eq!(with(2, "6222020200000991100"), ['=', '=', '=']);
        assert_eq!(with(3, "13800009911"), ['=', '!', '!']);
        assert_eq!(with(3, "13800009912"), ['=', '?', '?']);
        let wants_code = |card: &str| {
            let (card, mobile) =
                (BankCardNo::parse(card).unwrap(), Mobile::parse(GOOD[3]).unwrap());
            Checks.wants_code(&card, &mobile)
        };
        assert!(wants_code("6222020200000099132") && !wants_code(GOOD[2]));
        // What is wrong outweighs what cannot be looked up.
        assert_eq!(check(["靐小满", GOOD[1], "6222020200000099112", GOOD[3]]), ['?', '!', '?']);
    }
}
