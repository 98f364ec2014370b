//! Which approved template a text is, and with which parameters: Aliyun takes no free text.

use serde_json::{Map, Value};

/// Parameters of a template at most; Aliyun has fewer.
const PARAMETERS_MOST: usize = 20;

/// A template that Aliyun has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its code, `SMS_…`.
    pub code: String,
    /// Its text, with parameters in braces: `您的验证码为{code}`.
    pub text: String,
}

/// A template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the templates is not `SMS_… text` with parameters in braces")]
pub struct TemplateError {
    /// Which line, from one.
    pub line: usize,
}

/// The templates, in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct Templates(Vec<(String, Vec<Piece>)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Parameter(String),
}

impl Templates {
    /// Reads a file: a code, a blank and the text on each line; empty lines and those that begin
    /// with `#` say nothing.
    pub fn parse(file: &str) -> Result<Self, TemplateError> {
        let mut all = Vec::new();
        for (number, line) in file.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = TemplateError { line: number.saturating_add(1) };
            let (code, text) = line.split_once(' ').ok_or_else(|| wrong.clone())?;
            let template = Template { code: code.to_owned(), text: text.trim().to_owned() };
            all.push((template.code, pieces(&template.text).ok_or(wrong)?));
        }
        Ok(Self(all))
    }

    /// The first template that a text is, and its parameters as JSON.
    pub(crate) fn find(&self, text: &str) -> Option<(&str, String)> {
        self.0.iter().find_map(|(code, pieces)| {
            let parameters = matched(pieces, text)?;
            Some((code.as_str(), Value::Object(parameters).to_string()))
        })
    }
}

/// Cuts a template into words and parameters; two parameters never touch.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        let touches = before.is_empty() && !pieces.is_empty();
        if !is_name || touches || pieces.len() >= PARAMETERS_MOST.saturating_mul(2) {
            return None;
        }
        if !before.is_empty() {
            pieces.push(Piece::Words(before.to_owned()));
        }
        pieces.push(Piece::Parameter(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// The parameters, if the text is of that template: each reaches to the next words, the last one
/// to the last words.
fn matched(pieces: &[Piece], text: &str) -> Option<Map<String, Value>> {
    let mut parameters = Map::new();
    let mut rest = text;
    let mut open: Option<&str> = None;
    for (place, piece) in pieces.iter().enumerate() {
        match (piece, open) {
            (Piece::Parameter(name), _) => open = Some(name),
            (Piece::Words(words), None) => rest = rest.strip_prefix(words.as_str())?,
            (Piece::Words(words), Some(name)) => {
                let is_last = place.saturating_add(1) == pieces.len();
                let value;
                (value, rest) = if is_last {
                    (rest.strip_suffix(words.as_str())?, "")
                } else {
                    rest.split_once(words.as_str())?
                };
                parameters.insert(name.to_owned(), Value::from(value));
                open = None;
            }
        }
    }
    match open {
        Some(name) => {
            parameters.insert(name.to_owned(), Value::from(rest));
            Some(parameters)
        }
        None => rest.is_empty().then_some(parameters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_finds_its_template_and_its_parameters() {
        let file = "# ours\n\nSMS_1 您的{what}验证码为{code}，5分钟内有效。\nSMS_2 您的{product}已还款{amount}元\nSMS_3 {all}";
        let templates = Templates::parse(file).unwrap();
        let found = |text: &str| templates.find(text).map(|(code, json)| format!("{code} {json}"));
        let code = found("您的注册验证码为012345，5分钟内有效。");
        assert_eq!(code.as_deref(), Some(r#"SMS_1 {"code":"012345","what":"注册"}"#));
        let repaid = found("您的现金贷已还款12元5元").unwrap();
        assert_eq!(repaid, r#"SMS_2 {"amount":"12元5","product":"现金贷"}"#);
        assert_eq!(found("无").as_deref(), Some(r#"SMS_3 {"all":"无"}"#));
        let only = Templates::parse("SMS_1 验证码{code}。").unwrap();
        for other in ["验证码1", "1。", "", "验证马1。"] {
            assert_eq!(only.find(other), None, "{other}");
        }
    }

    #[test]
    fn templates_that_cannot_be_told_apart_are_refused() {
        for bad in ["SMS_1", "SMS_1 {}", "SMS_1 {a", "SMS_1 {a}{b}", "SMS_1 x{a b}"] {
            assert_eq!(Templates::parse(bad).unwrap_err(), TemplateError { line: 1 }, "{bad}");
        }
    }
}
