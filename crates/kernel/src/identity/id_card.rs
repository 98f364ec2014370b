//! Citizen identification numbers (公民身份号码) after GB 11643-1999: shape, check digit and facts.

use std::fmt;

use crate::Date;
use crate::identity::Region;

/// The years in which a birth date is taken as possible. Source: `docs/identity.md`.
const BIRTH_YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// Numbers are given out since the trial regulations on resident identity cards
/// (居民身份证试行条例) of 6 April 1984; who was born before got the region's code of then.
const FIRST_NUMBERS: i16 = 1984;

/// A citizen identification number (公民身份号码) of 18 places, by its shape only.
///
/// Whether it can be true is what [`IdCardNo::check`] says.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdCardNo(String);

impl IdCardNo {
    /// Reads 17 digits and a digit or `X`; `x` is taken as `X`, anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (last, body) = text.as_bytes().split_last()?;
        let shape = body.len() == 17
            && body.iter().all(u8::is_ascii_digit)
            && matches!(last, b'0'..=b'9' | b'X' | b'x');
        shape.then(|| Self(text.to_ascii_uppercase()))
    }

    /// The 18 places of a first-generation number (一代身份证) of 15 digits: the year gets its
    /// `19`, and the check digit is added.
    ///
    /// GB 11643-1989 kept the sequence numbers 996 to 999 for people over a hundred years of age,
    /// born before 1900; their later number cannot be computed, and is `None`.
    pub fn upgrade(text: &str) -> Option<Self> {
        let digits = text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit());
        let (region, rest) = digits.then(|| text.split_at_checked(6)).flatten()?;
        if matches!(rest.get(6..), Some("996" | "997" | "998" | "999")) {
            return None;
        }
        let body = format!("{region}19{rest}");
        let check = CHECK_DIGITS.chars().nth(usize::from(remainder(&body)))?;
        Some(Self(format!("{body}{check}")))
    }

    /// What the number says, if it can be true: check digit, then birth date.
    ///
    /// A region that the table does not know is no problem: regions are founded and abolished.
    /// Whether the day of birth is in the past is [`IdFacts::age_on`]'s affair.
    pub fn check(&self) -> Result<IdFacts, IdProblem> {
        let (body, check) = self.0.split_at_checked(17).unwrap_or_default();
        let expected = CHECK_DIGITS.chars().nth(usize::from(remainder(body)));
        if check.chars().next() != expected {
            return Err(IdProblem::CheckDigit);
        }
        let born = self.born()?;
        let odd = body.bytes().last().is_some_and(|digit| digit % 2 == 1);
        let sex = if odd { Sex::Male } else { Sex::Female };
        let code = body.get(..6).unwrap_or_default();
        let region = Region::find(code, born.year().max(FIRST_NUMBERS));
        Ok(IdFacts { born, sex, region })
    }

    /// The whole number.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number as it may be shown: `1101**********002X`.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.get(..4), self.0.get(14..));
        format!("{}**********{}", head.unwrap_or_default(), tail.unwrap_or_default())
    }

    fn born(&self) -> Result<Date, IdProblem> {
        let year = self.0.get(6..10).and_then(|text| text.parse().ok());
        let month = self.0.get(10..12).and_then(|text| text.parse().ok());
        let day = self.0.get(12..14).and_then(|text| text.parse().ok());
        let (Some(year), Some(month), Some(day)) = (year, month, day) else {
            return Err(IdProblem::NoSuchDay);
        };
        if !BIRTH_YEARS.contains(&year) {
            return Err(IdProblem::BirthYear);
        }
        Date::from_ymd(year, month, day).ok_or(IdProblem::NoSuchDay)
    }
}

impl fmt::Debug for IdCardNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The check digit for each remainder of [`remainder`].
const CHECK_DIGITS: &str = "10X98765432";

/// The weighted sum of 17 digits modulo 11, by the pure system MOD 11-2 of ISO 7064: each digit
/// weighs twice as much as the one to its right. Source: GB 11643-1999, with 附录 B.
fn remainder(body: &str) -> u8 {
    body.bytes().fold(0, |sum, digit| (sum + digit.wrapping_sub(b'0') % 11) * 2 % 11)
}

/// Why an id number cannot be true. The order is the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdProblem {
    /// The check digit (校验码) does not belong to the other 17.
    #[error("the check digit of the id number is wrong")]
    CheckDigit,
    /// The year of birth is before 1800 or after 2200.
    #[error("the year of birth in the id number is out of range")]
    BirthYear,
    /// The day of birth is not in the calendar.
    #[error("the day of birth in the id number does not exist")]
    NoSuchDay,
}

/// Sex (性别) as the sequence number of an id number tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 女: an even sequence number.
    Female,
    /// 男: an odd sequence number.
    Male,
}

/// What an id number says about a person; never shown as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct IdFacts {
    /// The day of birth (出生日期).
    pub born: Date,
    /// The sex (性别).
    pub sex: Sex,
    /// Where the person was first registered (地址码), if the table knows the code.
    pub region: Option<Region>,
}

impl IdFacts {
    /// The age in full years on that day, as [`full_years`] counts.
    pub fn age_on(&self, day: Date) -> Option<u16> {
        full_years(self.born, day)
    }
}

impl fmt::Debug for IdFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdFacts").finish_non_exhaustive()
    }
}

/// Age in full years (周岁) on a day; `None` before birth.
///
/// A year of age is reached on the birthday itself, the last day of the period by 民法典 §§ 201
/// and 202; where the year has no 29 February, its last day of February stands in (§ 202: 没有对应日的,
/// 月末日为期间的最后一日). Criminal law counts from the day after (法释〔2006〕1号 § 2: 从周岁生日的
/// 第二天起算): who needs that reading asks about the day before.
pub fn full_years(born: Date, day: Date) -> Option<u16> {
    if day < born {
        return None;
    }
    let birthday = Date::from_ymd(day.year(), born.month(), born.day())
        .or_else(|| Date::from_ymd(day.year(), 2, 28))?;
    let years = day.year() - born.year() - i16::from(day < birthday);
    u16::try_from(years).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    /// An invented person: the check digit is computed, so that no real number is written down.
    fn invented(body: &str) -> IdCardNo {
        let check = CHECK_DIGITS.chars().nth(remainder(body).into()).unwrap();
        IdCardNo::parse(&format!("{body}{check}")).unwrap()
    }

    #[track_caller]
    fn check(number: &str, expected: Result<(&str, Sex, Option<&str>), IdProblem>) {
        let facts = IdCardNo::parse(number).unwrap().check();
        let names = facts.as_ref().ok().and_then(|f| f.region).map(|region| region.full_name());
        let facts = facts.map(|f| (f.born.to_string(), f.sex, names.as_deref()));
        let expected = expected.map(|(born, sex, region)| (born.to_owned(), sex, region));
        assert_eq!(facts, expected, "{number}");
    }

    #[test]
    fn published_specimens_say_who_they_are() {
        // Specimens of GB 11643 and of its explanations; no person has these numbers.
        let (chaoyang, chaoyang_county) = ("北京市朝阳区", "广东省汕头市潮阳县");
        check("11010519491231002X", Ok(("1949-12-31", Sex::Female, Some(chaoyang))));
        check("11010519491231002x", Ok(("1949-12-31", Sex::Female, Some(chaoyang))));
        check("440524188001010014", Ok(("1880-01-01", Sex::Male, Some(chaoyang_county))));
        check("440524188001010015", Err(IdProblem::CheckDigit));
    }

    #[test]
    fn an_unknown_region_does_not_make_a_number_wrong() {
        check("34052419800101001X", Ok(("1980-01-01", Sex::Male, None)));
        assert_eq!(invented("99999920000101001").check().unwrap().region, None);
    }

    #[test]
    fn the_day_of_birth_must_be_in_the_calendar() {
        //   date        problem
        let table = [
            ("20000229", None),
            ("19000229", Some(IdProblem::NoSuchDay)),
            ("20010229", Some(IdProblem::NoSuchDay)),
            ("20000431", Some(IdProblem::NoSuchDay)),
            ("20001301", Some(IdProblem::NoSuchDay)),
            ("20000001", Some(IdProblem::NoSuchDay)),
            ("20000100", Some(IdProblem::NoSuchDay)),
            ("18000101", None),
            ("17991231", Some(IdProblem::BirthYear)),
            ("22001231", None),
            ("22010101", Some(IdProblem::BirthYear)),
            ("00000000", Some(IdProblem::BirthYear)),
            ("99999999", Some(IdProblem::BirthYear)),
        ];
        for (day, problem) in table {
            assert_eq!(invented(&format!("110105{day}001")).check().err(), problem, "{day}");
        }
    }

    #[test]
    fn the_check_digit_is_judged_before_the_day() {
        let wrong = invented("11010520001301001").expose().to_owned();
        let last = if wrong.ends_with('0') { "1" } else { "0" };
        check(&format!("{}{last}", &wrong[..17]), Err(IdProblem::CheckDigit));
    }

    #[test]
    fn only_eighteen_places_are_an_id_number() {
        let bad = [
            "",
            "11010519491231002",
            "11010519491231002XX",
            "X1010519491231002X",
            "1101051949123100XX",
            "11010519491231002Y",
            " 11010519491231002",
            "11010519491231002Ｘ",
            "１１０１０５１９４９１２３１００２Ｘ",
            "１１０１０５",
            "北京市朝阳区",
        ];
        for text in bad {
            assert!(IdCardNo::parse(text).is_none(), "{text}");
            assert!(IdCardNo::upgrade(text).is_none(), "{text}");
        }
        assert!(IdCardNo::parse(&"1".repeat(1_000_000)).is_none());
    }

    #[test]
    fn nothing_of_a_person_is_shown() {
        let number = IdCardNo::parse("11010519491231002X").unwrap();
        assert_eq!(format!("{number:?}"), "1101**********002X");
        assert_eq!(format!("{:?}", number.check().unwrap()), "IdFacts { .. }");
        for problem in [IdProblem::CheckDigit, IdProblem::BirthYear, IdProblem::NoSuchDay] {
            assert!(!problem.to_string().contains(|c: char| c.is_ascii_digit()));
        }
    }

    #[test]
    fn first_generation_numbers_get_their_century_and_check_digit() {
        let upgraded =
            |text: &str| IdCardNo::upgrade(text).map(|number| number.expose().to_owned());
        assert_eq!(upgraded("110105491231002").as_deref(), Some("11010519491231002X"));
        assert_eq!(upgraded("340524800101001").as_deref(), Some("34052419800101001X"));
        for centenarian in ["996", "997", "998", "999"] {
            assert_eq!(upgraded(&format!("110105800101{centenarian}")), None);
        }
        assert!(upgraded("110105800101995").is_some());
        assert_eq!(upgraded("11010549123100X"), None);
        assert_eq!(upgraded("1101054912310021"), None);
    }

    #[test]
    fn a_year_of_age_is_full_on_the_birthday() {
        // born, day, age
        let table = [
            ("1949-12-31", "1949-12-31", Some(0)),
            ("1949-12-31", "1949-12-30", None),
            ("2008-11-23", "2026-11-22", Some(17)),
            ("2008-11-23", "2026-11-23", Some(18)),
            ("2008-11-23", "2026-11-24", Some(18)),
            ("2004-02-29", "2022-02-27", Some(17)),
            ("2004-02-29", "2022-02-28", Some(18)),
            ("2004-02-29", "2024-02-28", Some(19)),
            ("2004-02-29", "2024-02-29", Some(20)),
            ("2004-02-28", "2024-02-28", Some(20)),
            ("1880-01-01", "2026-11-23", Some(146)),
        ];
        for (born, day, age) in table {
            assert_eq!(full_years(date(born), date(day)), age, "{born} {day}");
        }
        let facts = IdCardNo::parse("11010519491231002X").unwrap().check().unwrap();
        assert_eq!(facts.age_on(date("2026-11-23")), Some(76));
    }

    proptest! {
        #[test]
        fn one_wrong_place_breaks_the_check_digit(
            body in "[1-8][0-9]{16}", place in 0_usize..18, other in "[0-9X]",
        ) {
            let mut text = invented(&body).expose().to_owned();
            prop_assume!(text[place..=place] != other);
            text.replace_range(place..=place, &other);
            let refused = IdCardNo::parse(&text)
                .is_none_or(|number| number.check() == Err(IdProblem::CheckDigit));
            prop_assert!(refused);
        }

        #[test]
        fn two_swapped_places_break_the_check_digit(
            body in "[1-8][0-9]{16}", place in 0_usize..17,
        ) {
            let mut text = invented(&body).expose().as_bytes().to_owned();
            prop_assume!(text[place] != text[place + 1]);
            text.swap(place, place + 1);
            let refused = IdCardNo::parse(std::str::from_utf8(&text).unwrap())
                .is_none_or(|number| number.check() == Err(IdProblem::CheckDigit));
            prop_assert!(refused);
        }

        #[test]
        fn an_upgraded_number_holds_the_old_one_and_its_check_digit(
            region in "[1-8][0-9]{5}", year in 0_i16..100, month in 1_i8..=12, day in 1_i8..=28,
            sequence in 0_u16..996,
        ) {
            let old = format!("{region}{year:02}{month:02}{day:02}{sequence:03}");
            let new = IdCardNo::upgrade(&old).unwrap();
            prop_assert_eq!(format!("{}{}", &new.expose()[..6], &new.expose()[8..17]), old);
            let facts = new.check().unwrap();
            prop_assert_eq!(Some(facts.born), Date::from_ymd(1900 + year, month, day));
            prop_assert_eq!(facts.sex == Sex::Male, sequence % 2 == 1);
        }

        #[test]
        fn no_text_makes_an_id_number_panic(text in any::<String>()) {
            let _ = IdCardNo::upgrade(&text);
            if let Some(number) = IdCardNo::parse(&text) {
                let _ = number.check();
            }
        }

        #[test]
        fn no_eighteen_places_make_the_check_panic(text in "[0-9]{17}[0-9Xx]") {
            let _ = IdCardNo::parse(&text).unwrap().check();
        }
    }
}
