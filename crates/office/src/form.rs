//! Forms from the table of calls: a field for each field, and the message from what was typed.

use channel_kit::route::{Field, Place};
use console::Operation;
use serde_json::{Map, Value};

use crate::blocks::{Choice, Input, Kind};
use crate::labels::label;
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::{version, words};

/// Names of fields that hold amounts, rates or other numbers with a point.
const DECIMALS: &[&str] = &["amount", "limit", "min_repayment", "min_withdrawal", "promise_amount"];
const PASSWORDS: &[&str] = &["password", "old", "new"];
const LONG: &[&str] = &["content", "csv", "notes", "note", "reason", "sms_text", "text"];

/// What is wrong with a form before anybody is asked: field and text.
pub(crate) type Wrong = (String, String);

/// The fields of a command's body, as they are filled in.
pub(crate) fn inputs(
    language: Language,
    operation: &Operation,
    typed: &[(String, String)],
    wrong: Option<&Wrong>,
) -> Vec<Input> {
    let fields = operation.fields.iter().filter(|field| field.place == Place::Body);
    let mut inputs = Vec::new();
    for field in fields {
        if is_version(field) {
            inputs.extend(version::inputs(language, typed, wrong));
        } else {
            inputs.push(input(language, (operation, field), typed, wrong));
        }
    }
    inputs
}

/// The day of a command's path.
pub(crate) fn day(language: Language, name: &str, day: &str) -> Input {
    Input {
        form: "field",
        name: name.to_owned(),
        label: label(language, name).to_owned(),
        hint: String::new(),
        kind: Kind::Day,
        value: day.to_owned(),
        choices: Vec::new(),
        is_required: true,
        error: None,
    }
}

/// Whether a field holds the whole version of a product.
fn is_version(field: &Field) -> bool {
    field.name == "version" && field.kind == "object"
}

/// The fields of a query by which a list is narrowed down.
pub(crate) fn filters(
    language: Language,
    operation: &Operation,
    asked: &[(String, String)],
    wrong: Option<&Wrong>,
) -> Vec<Input> {
    let fields = operation.fields.iter().filter(|field| is_filter(field));
    fields
        .map(|field| {
            let mut input = input(language, (operation, field), asked, wrong);
            if input.kind == Kind::Text {
                input.kind = Kind::Line;
            }
            input
        })
        .collect()
}

/// Whether a field narrows a list down. What names a person is no part of an address, which the
/// browser and proxies keep: people are looked for by a form.
pub(crate) fn is_filter(field: &Field) -> bool {
    let is_other = matches!(field.name, "page" | "size" | "reason" | "mobile" | "id_no" | "q");
    field.place == Place::Query && !is_other
}

fn input(
    language: Language,
    (operation, field): (&Operation, &Field),
    typed: &[(String, String)],
    wrong: Option<&Wrong>,
) -> Input {
    let value = query::value(typed, field.name).to_owned();
    let is_typed =
        |word: &str| typed.iter().any(|(name, value)| name == field.name && value == word);
    let words = console::choices(operation, field);
    let kind = kind(field, words.is_some());
    let mut choices = Vec::new();
    // What is asked for by default is the first of the words.
    let has_default = field.place == Place::Query && field.about.contains("(the default)");
    if kind == Kind::Select && !field.required && !has_default {
        let any = match (field.place, field.kind) {
            (Place::Query, _) => language.say("all_of_them"),
            (_, "boolean") => language.say("unchanged"),
            (_, _) => language.say("not_said"),
        };
        choices.push(Choice {
            value: String::new(),
            text: any.to_owned(),
            is_chosen: value.is_empty(),
        });
    }
    if field.kind == "boolean" {
        for (word, text) in [("true", "yes"), ("false", "no")] {
            let text = language.say(text).to_owned();
            choices.push(Choice { value: word.to_owned(), text, is_chosen: is_typed(word) });
        }
    }
    choices.extend(words.into_iter().flatten().map(|word| Choice {
        value: word.to_owned(),
        text: words::read(language, field.name, word).to_owned(),
        is_chosen: is_typed(word),
    }));
    Input {
        form: if field.place == Place::Query { "filter" } else { "field" },
        name: field.name.to_owned(),
        label: name(language, operation, field).to_owned(),
        hint: hint(language, field),
        kind,
        value: if kind == Kind::Password { String::new() } else { value },
        choices,
        is_required: field.required,
        error: wrong.filter(|(name, _)| name == field.name).map(|(_, text)| text.clone()),
    }
}

/// What a field is called; a few mean another thing in a form than in an answer.
fn name(language: Language, operation: &Operation, field: &Field) -> &'static str {
    match (operation.place(), field.name) {
        ("/loans/{id}/settlement", "on") => language.say("what_if"),
        ("/collections", "due") => language.choose("待办", "To do"),
        ("/collections/{id}/assign", "operator") => language.choose("转派给", "Collector"),
        ("/me/second-factor/confirm" | "/me/second-factor/off", "code") => {
            language.choose("动态码", "Code of the authenticator")
        }
        (_, "order") if field.place == Place::Query => language.choose("排序", "Order"),
        (_, "blocked") => language.choose("停用账户", "Account closed"),
        (_, "suspended") => language.choose("冻结额度", "Suspend the line"),
        (_, name) => label(language, name),
    }
}

fn kind(field: &Field, has_words: bool) -> Kind {
    match (field.kind, field.name) {
        ("array", _) => Kind::Boxes,
        ("object", _) => Kind::Text,
        ("boolean", _) => Kind::Select,
        ("integer", _) => Kind::Whole,
        _ if has_words => Kind::Select,
        (_, "code") if field.about.starts_with("the six digits") => Kind::Whole,
        (_, name) if PASSWORDS.contains(&name) => Kind::Password,
        (_, "last_day" | "on" | "from" | "to" | "promise_day" | "follow_up" | "until") => Kind::Day,
        (_, name) if DECIMALS.contains(&name) => Kind::Decimal,
        (_, name) if LONG.contains(&name) => Kind::Text,
        (_, _) => Kind::Line,
    }
}

fn hint(language: Language, field: &Field) -> String {
    if field.name == "approval" {
        return language.say("needs_approval").to_owned();
    }
    match language {
        Language::English => field.about.to_owned(),
        Language::Chinese => chinese(field.about).to_owned(),
    }
}

/// What the table says of fields, in Chinese; nothing where the label says it all.
#[rustfmt::skip]
const HINTS: &[(&str, &str)] = &[
    ("yuan, above zero", "单位元，大于零"),
    ("yuan, if less than was asked for; only with approve", "单位元；少批时填写，仅限批准"),
    ("if other than was asked for; only with approve", "改期限时填写，仅限批准"),
    ("what the customer is told; needed with refuse", "告知客户的原因，拒绝时必填"),
    ("for the file, at most 500 characters", "内部备注，最多 500 字"),
    ("for the second operator", "供复核人参考"),
    ("why: 4 to 200 characters", "4 至 200 字"),
    ("why: 4 to 200 characters, kept sealed", "4 至 200 字，加密保存"),
    ("why: 4 to 200 characters, noted in the audit trail", "4 至 200 字，记入审计日志"),
    ("the new limit in yuan", "新额度，单位元"),
    ("the new limit in yuan; without it, the request is refused", "新额度，单位元；不填即拒绝"),
    ("8 to 64 characters", "8 至 64 个字符"),
    ("first password, 8 to 64 characters", "初始密码，8 至 64 个字符"),
    ("login name: 2 to 32 small letters, digits and .-_", "2 至 32 位小写字母、数字或 .-_"),
    ("name to be shown by, at most 40 characters", "显示名称，最多 40 字"),
    ("a line for each order: order_no,in|out,yuan,provider_no", "每笔一行：订单号,in|out,金额（元）,服务商单号"),
    ("what came of it, 1 to 500 characters", "处理结果，1 至 500 字"),
    ("what the bank calls it", "银行回单上的流水号"),
    ("what it looks at, by kind: minimum_age and maximum_age with years, region with prefix, income_ratio with percent, exposure with amount, velocity with most and days, overdue with loans, report_score with least, blacklist, risk_flag", "JSON 格式，如 {\"kind\": \"minimum_age\", \"years\": 18}；各类型的参数见 docs/console.md"),
    ("nothing is lent to the person, on no channel", "所有渠道都不向此人放款"),
    ("people look at their applications", "其申请一律转人工"),
    ("the account is closed to its owner", "本人不能再登录"),
    ("whether nothing new can be drawn", "冻结后不能再提现"),
    ("the least repayment, in yuan; 0 without it", "单位元，不填为 0"),
    ("the least withdrawal, in yuan; 0 without it", "单位元，不填为 0"),
    ("yuan, in hundreds; as much as there can be if not said", "单位元，百元整数；不填为最高"),
    ("the first on sale if not said", "不填为首个在售产品"),
    ("may hold {product}, {amount}, {due}, {days}, {reason}", "可用 {product} {amount} {due} {days} {reason}"),
    ("its short name: a known one makes the next version", "已有代码则生成下一版本"),
    ("its short name", "规则代码"),
    ("only applications for this product", "仅限此产品编号，不填为全部"),
    ("the first day, as 2026-11-01", "默认当月或最近一周"),
    ("the last day; today if not said", "不填为今日"),
    ("the day at whose end; today if not said", "不填为今日"),
    ("only those of the member, project or loan with this number", "会员、客户、项目或借据编号"),
    ("only those about the thing with this number", "会员、项目、借据等的编号"),
    ("so many days", "向前拨动的天数"),
    ("my password", "您的登录密码"),
    ("the six digits that the authenticator shows", "验证器显示的六位数字"),
    ("and so many hours", "另加小时"),
    ("and so many minutes", "另加分钟"),
    ("the collector's number; oneself if not said", "催收员编号，不填为本人"),
    ("call, sms, letter, visit, or incoming: the customer came to us", "如何联系；客户来电不计次数"),
    ("yuan; with promised, and only then", "单位元，仅限承诺还款"),
    ("YYYY-MM-DD, three months ahead at most; with promised", "仅限承诺还款，最远三个月"),
    ("YYYY-MM-DD: when to look at it again", "不填则在承诺日次日提醒"),
    ("YYYY-MM-DD hh:mm, a week ago at most; now if not said", "补登时填写，如 2026-11-25 10:30，最早一周前；不填为现在"),
    ("what else there is to say; kept sealed", "加密保存"),
    ("YYYY-MM-DD: the last day; until it is lifted if not said", "最后一日；不填则直到恢复"),
];

fn chinese(about: &str) -> &'static str {
    HINTS.iter().find(|(known, _)| *known == about).map_or("", |(_, zh)| *zh)
}

/// The message of a command from what was typed.
pub(crate) fn message(
    language: Language,
    operation: &Operation,
    typed: &Pairs,
) -> Result<Value, Wrong> {
    let mut message = Map::new();
    for field in operation.fields.iter().filter(|field| field.place == Place::Body) {
        if is_version(field) {
            message.insert(field.name.to_owned(), version::read(language, typed)?);
        } else if let Some(value) = value(language, field, typed)? {
            message.insert(field.name.to_owned(), value);
        }
    }
    Ok(Value::Object(message))
}

fn value(language: Language, field: &Field, typed: &Pairs) -> Result<Option<Value>, Wrong> {
    let wrong = |text| (field.name.to_owned(), language.say(text).to_owned());
    if field.kind == "array" {
        let all = typed.iter().filter(|(name, _)| name == field.name);
        return Ok(Some(Value::Array(all.map(|(_, value)| value.as_str().into()).collect())));
    }
    let raw = query::value(typed, field.name);
    // A password is taken as it was typed.
    let text = if PASSWORDS.contains(&field.name) { raw } else { raw.trim() };
    if text.is_empty() {
        return if field.required { Err(wrong("missing")) } else { Ok(None) };
    }
    match field.kind {
        "integer" => {
            let number: i64 = text.parse().map_err(|_| wrong("wrong_number"))?;
            Ok(Some(number.into()))
        }
        "boolean" => Ok(Some((text == "true").into())),
        "object" => serde_json::from_str(text).map(Some).map_err(|_| wrong("wrong_json")),
        _ => Ok(Some(text.replace("\r\n", "\n").into())),
    }
}

#[cfg(test)]
mod tests {
    use channel_kit::route::Method;

    use super::*;

    fn operation(place: &str) -> &'static Operation {
        let mut all = console::operations().into_iter();
        all.find(|known| known.method == Method::Post && known.place() == place).unwrap()
    }

    fn typed(text: &str) -> Pairs {
        query::read(text)
    }

    #[test]
    fn a_message_holds_what_was_typed_and_no_more() {
        let (zh, review) = (Language::Chinese, operation("/applications/{id}/review"));
        let made = message(zh, review, &typed("verdict=approve&tenor=14&note=&amount=+1000+&x=1"));
        let want = serde_json::json!({ "verdict": "approve", "tenor": 14, "amount": "1000" });
        assert_eq!(made, Ok(want));
        let wrong = message(zh, review, &typed("verdict=approve&tenor=1.5")).unwrap_err();
        assert_eq!(wrong, ("tenor".to_owned(), "请输入整数".to_owned()));
        assert_eq!(message(zh, review, &typed("")).unwrap_err().0, "verdict");
        let roles = operation("/operators/{id}/roles");
        let made = message(zh, roles, &typed("roles=cashier&roles=auditor"));
        assert_eq!(made, Ok(serde_json::json!({ "roles": ["cashier", "auditor"] })));
    }

    #[test]
    fn passwords_are_never_written_back() {
        let add = operation("/operators");
        let shown = inputs(Language::English, add, &typed("login=anna&password=secret12"), None);
        assert!(shown.iter().any(|input| input.value == "anna"));
        assert!(shown.iter().all(|input| !input.value.contains("secret12")));
    }

    #[test]
    fn hints_are_those_of_the_table() {
        let all = console::operations();
        for (about, _) in HINTS {
            let known = all.iter().flat_map(|o| o.fields).any(|field| field.about == *about);
            assert!(known, "no field says {about}");
        }
    }
}
