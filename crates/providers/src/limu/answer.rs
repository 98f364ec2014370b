//! Reading Limu's answers: codes, pictures, and what underwriting looks at in a report.

use std::collections::BTreeMap;

use kernel::Money;
use lending::ports::{DataAnswer, DataReport, DataResult, Facts};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The code of what is finished.
const FINISHED: &str = "0000";

/// An answer. Every part may be missing, and numbers come with quotation marks and without.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow, rename = "resultCode")]
    result_code: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Checked<'a> {
    #[serde(borrow, rename = "resultCode")]
    result_code: Option<&'a RawValue>,
}

/// A text or a number as text; `None` for anything else.
fn text(value: Option<&RawValue>) -> Option<String> {
    let raw = value?.get().trim();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

/// What an answer says of a task. One without a code says nothing.
pub(super) fn said(body: &str) -> DataAnswer {
    let Ok(answer) = serde_json::from_str::<Answer<'_>>(body) else { return DataAnswer::Unknown };
    let Some(code) = text(answer.code) else { return DataAnswer::Unknown };
    let input = answer.input.and_then(|raw| serde_json::from_str::<Input<'_>>(raw.get()).ok());
    let image = input.and_then(|input| text(input.value)).filter(|value| !value.is_empty());
    DataAnswer::Said {
        code,
        message: text(answer.msg).unwrap_or_default(),
        handle: text(answer.token).filter(|token| !token.is_empty()),
        image: image.map(|image| bare_base64(&image)),
    }
}

/// Without the head of a data URL, and without line breaks.
fn bare_base64(image: &str) -> String {
    let bare = image.split_once(',').map_or(image, |(_, bare)| bare);
    bare.chars().filter(|sign| !sign.is_whitespace()).collect()
}

/// The code of a check of name and id number: `R001` and the like.
pub(super) fn result_code(body: &str) -> Option<String> {
    let answer: Answer<'_> = serde_json::from_str(body).ok()?;
    let inner = answer.data.and_then(|data| serde_json::from_str::<Checked<'_>>(data.get()).ok());
    text(inner.and_then(|inner| inner.result_code)).or_else(|| text(answer.result_code))
}

/// What an answer to a fetch has brought.
pub(super) fn result(body: &str) -> DataResult {
    let DataAnswer::Said { code, .. } = said(body) else {
        return DataResult::Not(DataAnswer::Unknown);
    };
    if code != FINISHED {
        return DataResult::Not(said(body));
    }
    let answer: Option<Answer<'_>> = serde_json::from_str(body).ok();
    let data = answer.and_then(|answer| answer.data).filter(|data| data.get() != "null");
    match data {
        Some(data) => DataResult::Got(Box::new(DataReport {
            body: data.get().to_owned(),
            facts: facts(data.get()),
        })),
        None => DataResult::Not(DataAnswer::Unknown),
    }
}

/// An object, member by member, as they were written.
type Part<'a> = BTreeMap<String, &'a RawValue>;

/// A part of a report; one that is missing or not as documented says nothing.
fn part<'a, T: Deserialize<'a> + Default>(of: &Part<'a>, name: &str) -> T {
    of.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// What underwriting looks at. Data that are no report have none of it.
pub(super) fn facts(data: &str) -> Facts {
    let report: Part<'_> = serde_json::from_str(data).unwrap_or_default();
    let checks: Vec<Part<'_>> = part(&report, "basicInfoCheck");
    let check = |name: &str| {
        let is_it = |check: &&Part<'_>| member(check, "item").as_deref() == Some(name);
        let found = checks.iter().find(is_it);
        found.and_then(|check| member(check, "result")).and_then(|result| matches(&result))
    };
    let personas: Part<'_> = part(&report, "personas");
    let risk: Part<'_> = part(&personas, "riskProfile");
    let contacts: Part<'_> = part(&personas, "socialContactProfile");
    let calls: Part<'_> = part(&personas, "callProfile");
    let consumption: Part<'_> = part(&personas, "consumptionProfile");
    let fee = member(&consumption, "avgFeeMonth").and_then(|text| scaled(&text, 2));
    Facts {
        id_matches: check("idcard_match"),
        name_matches: check("name_match"),
        risk_lists: count(&risk, "riskListCnt"),
        overdue_loans: count(&risk, "overdueLoanCnt"),
        multi_lending: count(&risk, "multiLendCnt"),
        risk_calls: count(&risk, "riskCallCnt"),
        contacts: count(&contacts, "contactNumCnt"),
        mutual_contacts: count(&contacts, "interflowContactCnt"),
        contact_area: member(&contacts, "freContactArea").filter(|area| !area.is_empty()),
        average_calls: count(&calls, "avgCallCnt"),
        average_call_seconds: count(&calls, "avgCallTime"),
        silent_days: count(&calls, "silenceCnt"),
        night_calls: count(&calls, "nightCallCnt"),
        night_call_seconds: count(&calls, "nightCallTime"),
        average_fee: fee.and_then(|fen| i64::try_from(fen).ok()).and_then(Money::from_fen),
    }
}

fn member(of: &Part<'_>, name: &str) -> Option<String> {
    text(of.get(name).copied())
}

/// Whether an operator's data match. The page does not say in which words, so a word that is not
/// known says nothing: a match is never guessed, and neither is its contrary.
fn matches(result: &str) -> Option<bool> {
    match result.trim() {
        "匹配" | "匹配成功" | "一致" | "是" | "true" | "1" => Some(true),
        "不匹配" | "匹配失败" | "不一致" | "否" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// A count, or an average rounded half up.
fn count(of: &Part<'_>, name: &str) -> Option<u32> {
    member(of, name).and_then(|text| scaled(&text, 0)).and_then(|number| u32::try_from(number).ok())
}

/// A decimal that is not negative, times 10 to the power of `places`, rounded half up.
fn scaled(text: &str, places: usize) -> Option<u64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    let kept: String = part.chars().chain(std::iter::repeat('0')).take(places).collect();
    let number: u64 = format!("{whole}{kept}").parse().ok()?;
    let is_half = part.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    number.checked_add(u64::from(is_half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> DataAnswer {
        said(body)
    }

    fn answer(code: &str, message: &str, handle: Option<&str>, image: Option<&str>) -> DataAnswer {
        DataAnswer::Said {
            code: code.into(),
            message: message.into(),
            handle: handle.map(Into::into),
            image: image.map(Into::into),
        }
    }

    #[test]
    fn answers_are_read_as_they_come() {
        for (body, wanted) in [
            (
                r#"{"code":"0010","msg":"受理成功","token":"t1"}"#,
                answer("0010", "受理成功", Some("t1"), None),
            ),
            (r#"{"code":"","msg":null,"token":""}"#, answer("", "", None, None)),
            (
                r#"{"code":"0006","msg":"m","token":"t","input":{"type":"qr","value":"iVBO\nRw0="}}"#,
                answer("0006", "m", Some("t"), Some("iVBORw0=")),
            ),
            (
                r#"{"code":"0006","input":{"value":"data:image/png;base64,AAA="}}"#,
                answer("0006", "", None, Some("AAA=")),
            ),
            (r#"{"code":"0006","input":{"value":""}}"#, answer("0006", "", None, None)),
            (r#"{"code":"0006","input":null,"data":7}"#, answer("0006", "", None, None)),
            (r#"{"code":1102,"msg":"x"}"#, answer("1102", "x", None, None)),
            (r#"{"msg":"no code"}"#, DataAnswer::Unknown),
            (r#"{"code":null}"#, DataAnswer::Unknown),
            ("<html>502</html>", DataAnswer::Unknown),
            ("", DataAnswer::Unknown),
        ] {
            assert!(of(body) == wanted, "{body}");
        }
    }

    #[test]
    fn decimals_are_read_without_floats_and_rounded_half_up() {
        for (text, places, wanted) in [
            ("0", 0, Some(0)),
            ("35.49", 0, Some(35)),
            ("35.5", 0, Some(36)),
            ("58.505", 2, Some(5851)),
            ("58.5", 2, Some(5850)),
            ("58", 2, Some(5800)),
            ("-1", 0, None),
            ("1e3", 0, None),
            ("", 0, None),
            (".5", 0, None),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(scaled(text, places), wanted, "{text}");
        }
    }

    #[test]
    fn a_report_gives_what_underwriting_looks_at() {
        let data = r#"{"basicInfoCheck":[{"item":"idcard_match","result":"匹配"},
                {"item":"name_match","result":"不匹配"}],
            "personas":{"riskProfile":{"riskListCnt":1,"overdueLoanCnt":"2","multiLendCnt":3,
                "riskCallCnt":4},
            "socialContactProfile":{"contactNumCnt":60,"interflowContactCnt":"21",
                "freContactArea":"示例市"},
            "callProfile":{"avgCallCnt":101.5,"avgCallTime":"9000.4","silenceCnt":5,
                "nightCallCnt":6,"nightCallTime":7},
            "consumptionProfile":{"avgFeeMonth":"58.505"}}}"#;
        let facts = facts(data);
        let wanted = Facts {
            id_matches: Some(true),
            name_matches: Some(false),
            risk_lists: Some(1),
            overdue_loans: Some(2),
            multi_lending: Some(3),
            risk_calls: Some(4),
            contacts: Some(60),
            mutual_contacts: Some(21),
            contact_area: Some("示例市".into()),
            average_calls: Some(102),
            average_call_seconds: Some(9000),
            silent_days: Some(5),
            night_calls: Some(6),
            night_call_seconds: Some(7),
            average_fee: Money::from_fen(5851),
        };
        assert!(facts == wanted);
        for nothing in ["{}", "[]", "7", r#"{"basicInfoCheck":7,"personas":[]}"#] {
            assert!(super::facts(nothing) == Facts::default(), "{nothing}");
        }
        assert_eq!(matches("未知"), None);
    }
}
