//! Numbers of people and cards: whether they can be true, and what they tell.

use kernel::Mobile;
use kernel::identity::{
    BankCardNo, CardType, IdCardNo, IdProblem, Operator, Region, SegmentKind, Sex, luhn,
};
use pricing::Problem;
use serde_json::{Value, json};

use crate::Tables;
use crate::read::fields::Fields;

/// `id`: a citizen's number by GB 11643.
pub(crate) fn id_number(fields: &Fields<'_>) -> Result<Value, Problem> {
    let text = fields.needed("id", fields.text("id")?)?;
    let parsed = IdCardNo::parse(&text).or_else(|| IdCardNo::upgrade(&text));
    let Some(number) = parsed else {
        let reason = "an id number has 17 digits and then a digit or X";
        let reason_zh = "身份证号应为 17 位数字加 1 位数字或 X";
        return Ok(json!({ "valid": false, "reason": reason, "reason_zh": reason_zh }));
    };
    Ok(match number.check() {
        Err(problem) => {
            let reason_zh = match problem {
                IdProblem::CheckDigit => "身份证号校验码不符",
                IdProblem::BirthYear => "身份证号中的出生年份超出范围",
                IdProblem::NoSuchDay => "身份证号中的出生日期不存在",
            };
            json!({ "valid": false, "reason": problem.to_string(), "reason_zh": reason_zh })
        }
        Ok(facts) => {
            let sex = match facts.sex {
                Sex::Female => "F",
                Sex::Male => "M",
            };
            let region = facts.region.as_ref().map(Region::full_name);
            json!({
                "valid": true,
                "birth": facts.born.to_string(),
                "sex": sex,
                "region": region,
            })
        }
    })
}

/// `pan`: a card number by Luhn, with its bank where the table knows it.
pub(crate) fn card_number(fields: &Fields<'_>, tables: &Tables) -> Result<Value, Problem> {
    let text = digits_of(&fields.needed("pan", fields.text("pan")?)?);
    let card = BankCardNo::parse(&text);
    let bin = card.as_ref().and_then(|card| tables.card_bins().find(card));
    Ok(json!({
        "luhn_valid": luhn(&text),
        "bank": bin.map(|bin| bin.bank_name.as_str()),
        "bank_code": bin.map(|bin| bin.bank_code.as_str()),
        "type": bin.map(|bin| card_type(bin.card_type)),
    }))
}

/// `mobile`: a mainland number with its operator.
pub(crate) fn mobile(fields: &Fields<'_>) -> Result<Value, Problem> {
    let text = digits_of(&fields.needed("mobile", fields.text("mobile")?)?);
    let text = text.strip_prefix("+86").unwrap_or(&text);
    let mobile = Mobile::parse(text);
    let segment = mobile.as_ref().and_then(Mobile::segment);
    let operator = segment.as_ref().map(|segment| operator(segment.operator));
    Ok(json!({
        "valid": mobile.is_some(),
        "operator": operator.map(|(word, _)| word),
        "operator_zh": operator.map(|(_, name)| name),
        "kind": segment.as_ref().map(|segment| kind(segment.kind)),
    }))
}

/// The words of the card-bin table.
const fn card_type(card: CardType) -> &'static str {
    match card {
        CardType::Debit => "debit",
        CardType::Credit => "credit",
        CardType::QuasiCredit => "quasi-credit",
        CardType::Prepaid => "prepaid",
    }
}

/// The words of the table of segments, and names.
const fn operator(operator: Operator) -> (&'static str, &'static str) {
    match operator {
        Operator::ChinaMobile => ("mobile", "中国移动"),
        Operator::ChinaUnicom => ("unicom", "中国联通"),
        Operator::ChinaTelecom => ("telecom", "中国电信"),
        Operator::ChinaBroadnet => ("broadnet", "中国广电"),
        Operator::Maritime => ("maritime", "海事卫星"),
        Operator::Ministry => ("ministry", "工业和信息化部"),
    }
}

const fn kind(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Physical => "physical",
        SegmentKind::Virtual => "virtual",
        SegmentKind::Data => "data",
        SegmentKind::Satellite => "satellite",
        SegmentKind::Emergency => "emergency",
    }
}

/// A number as people write it, without the spaces and dashes between its groups.
fn digits_of(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}
