//! The pages, as HTML. Everything on them works without a script but the making of calls.

use std::fmt::Write as _;

use kernel::html::escape;
use serde::de::IgnoredAny;

use crate::book::{Book, Field, Operation, Signing};
use crate::postman::example_body;

/// Head, navigation and foot around a body.
fn frame(title: &str, books: &[Book], here: &str, body: &str) -> String {
    let mut links = String::new();
    for book in books {
        let current = if book.word == here { " aria-current=\"page\"" } else { "" };
        let name = escape(&short_title(book));
        let _ = write!(links, "<a href=\"/docs/{}\"{current}>{name}</a>", book.word);
    }
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" href=\"/docs/portal.css\">\
         <script src=\"/docs/portal.js\" defer></script></head>\
         <body><a class=\"skip\" href=\"#main\">跳到正文 · to the content</a>\
         <header><a class=\"brand\" href=\"/docs\">借还 <span>接口文档 · API</span></a>\
         <nav aria-label=\"接口 · interfaces\">{links}</nav></header>{body}</body></html>",
        title = escape(title)
    )
}

/// A text in which words between backticks are code.
fn prose(text: &str) -> String {
    let mut parts = text.split('`');
    let mut written = parts.next().map(escape).unwrap_or_default();
    let mut is_code = true;
    for part in parts {
        let part = escape(part);
        if is_code {
            let _ = write!(written, "<code>{part}</code>");
        } else {
            written.push_str(&part);
        }
        is_code = !is_code;
    }
    written
}

/// `前程贷 (futureloan)` of `前程贷 (futureloan) on Jiehuan`.
fn short_title(book: &Book) -> String {
    book.info("title").replace(" on Jiehuan", "")
}

/// A page with a sentence.
pub(crate) fn message(text: &str) -> String {
    let body = format!("<main id=\"main\" class=\"front\"><h1>{}</h1></main>", escape(text));
    frame(text, &[], "", &body)
}

/// The front page: every interface with its downloads.
pub(crate) fn front(books: &[Book]) -> String {
    let mut cards = String::new();
    for book in books {
        let _ = write!(
            cards,
            "<li><h2><a href=\"/docs/{word}\">{title}</a></h2><p>{about}</p>\
             <p class=\"meta\">{count} 个接口 · calls</p>{downloads}</li>",
            word = book.word,
            title = escape(&short_title(book)),
            about = prose(&book.info("description")),
            count = book.operations().len(),
            downloads = downloads(book),
        );
    }
    let body = format!(
        "<main id=\"main\" class=\"front\"><h1>接口文档 <span>API portal</span></h1>\
         <p class=\"lead\">由程序中的接口表生成，示例取自测试中的真实对话。\
         <span lang=\"en\">Made from the tables that the server routes by; the examples are \
         conversations that tests have had with it.</span></p><ul class=\"cards\">{cards}</ul></main>"
    );
    frame("借还 接口文档 · API portal", books, "", &body)
}

fn downloads(book: &Book) -> String {
    format!(
        "<p class=\"downloads\"><a href=\"/docs/{word}/openapi.json\">OpenAPI 3.1</a>\
         <a href=\"/docs/{word}/postman.json\">Postman</a></p>",
        word = book.word
    )
}

/// The page of an interface.
pub(crate) fn of(book: &Book, books: &[Book]) -> String {
    let operations = book.operations();
    let (mut list, mut sections) = (String::new(), String::new());
    for operation in &operations {
        let _ = write!(
            list,
            "<li><a href=\"#{anchor}\"><b class=\"m {class}\">{method}</b> \
             <span>{summary}</span><code>{path}</code></a></li>",
            anchor = anchor(operation),
            class = operation.method.to_lowercase(),
            method = operation.method,
            summary = escape(&operation.summary),
            path = escape(&operation.path),
        );
        sections.push_str(&section(operation));
    }
    let signing = match book.signing {
        Signing::None => "none",
        Signing::Sha1OverMessage => "sha1",
        Signing::EncryptedHead(_) => "rsa",
    };
    let cookie = book.scheme().is_some_and(|(_, _, place)| place == "cookie");
    let body = format!(
        "<div class=\"layout\"><aside><label for=\"filter\">筛选 · filter</label>\
         <input id=\"filter\" type=\"search\" autocomplete=\"off\"><ul class=\"calls\">{list}</ul></aside>\
         <main id=\"main\" data-signing=\"{signing}\" data-cookie=\"{cookie}\">\
         <h1>{title} <span>{version}</span></h1><p class=\"lead\">{about}</p>{downloads}\
         {who}{everywhere}{sections}</main></div>",
        title = escape(&short_title(book)),
        version = escape(&book.info("version")),
        about = prose(&book.info("description")),
        downloads = downloads(book),
        who = who(book, cookie),
        everywhere = everywhere(book),
    );
    frame(&format!("{} · 借还", short_title(book)), books, book.word, &body)
}

/// Who calls, and with which key: what the script signs with. It is kept nowhere.
fn who(book: &Book, cookie: bool) -> String {
    let mut inputs = String::new();
    if !cookie {
        inputs.push_str(
            "<label>令牌 · token<input id=\"token\" autocomplete=\"off\" spellcheck=\"false\"></label>",
        );
    }
    let mut after = String::new();
    match &book.signing {
        Signing::None => {}
        Signing::Sha1OverMessage => inputs.push_str(
            "<label>应用密钥 · app key<input id=\"app-key\" type=\"password\" \
             autocomplete=\"off\"></label>",
        ),
        Signing::EncryptedHead(key) => {
            let _ = write!(
                after,
                "<details><summary>v3 公钥 · public key</summary><pre id=\"public-key\">{}</pre></details>",
                escape(key)
            );
        }
    }
    let note = if cookie {
        "会话由登录接口写入 Cookie，浏览器自动携带。<span lang=\"en\">The session is a cookie that the \
         log-in sets.</span>"
    } else {
        "只留在本页，不会保存。<span lang=\"en\">Stays on this page.</span>"
    };
    format!(
        "<section class=\"who\"><h2>在线调试 <span>try it</span></h2><div class=\"row\">{inputs}</div>\
         <p class=\"meta\">{note}</p>{after}<noscript><p>在线调试需要 JavaScript。 · Making calls from \
         here needs JavaScript.</p></noscript></section>"
    )
}

fn everywhere(book: &Book) -> String {
    let mut text = String::new();
    for (name, title) in [
        ("x-answers-everywhere", "任何接口都可能返回 · from any call"),
        ("x-answers-protected", "需登录的接口 · from calls that need a caller"),
    ] {
        let rows = book.everywhere(name);
        if !rows.is_empty() {
            let _ = write!(
                text,
                "<details class=\"codes\"><summary>{title} ({})</summary>{}</details>",
                rows.len(),
                answers(&rows)
            );
        }
    }
    text
}

fn anchor(operation: &Operation) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    let path: String = operation.path.chars().map(plain).collect();
    format!("{}{}", operation.method.to_lowercase(), path)
}

fn section(operation: &Operation) -> String {
    let lock =
        if operation.is_protected { "<span class=\"lock\">需登录 · caller</span>" } else { "" };
    let note = if operation.note.is_empty() {
        String::new()
    } else {
        format!("<p>{}</p>", prose(&operation.note))
    };
    format!(
        "<section class=\"call\" id=\"{anchor}\"><h2><b class=\"m {class}\">{method}</b> \
         <code>{path}</code>{lock}</h2><p class=\"summary\">{summary}</p>{note}{fields}{codes}\
         {examples}{attempt}</section>",
        anchor = anchor(operation),
        class = operation.method.to_lowercase(),
        method = operation.method,
        path = escape(&operation.path),
        summary = escape(&operation.summary),
        fields = fields(&operation.fields),
        codes = format_args!(
            "<details class=\"codes\"><summary>返回 · answers ({})</summary>{}</details>",
            operation.answers.len(),
            answers(&operation.answers)
        ),
        examples = examples(operation),
        attempt = attempt(operation),
    )
}

fn fields(fields: &[Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for field in fields {
        let required = if field.is_required { "是 · yes" } else { "" };
        let _ = write!(
            rows,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{required}</td><td>{}</td></tr>",
            escape(&field.name),
            escape(&field.place),
            escape(&field.kind),
            escape(&field.about),
        );
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"字段 · fields\"><table><thead>\
         <tr><th scope=\"col\">字段 · field</th><th scope=\"col\">位置 · in</th><th scope=\"col\">类型 · type</th>\
         <th scope=\"col\">必填 · required</th><th scope=\"col\">说明 · meaning</th></tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}

fn answers(rows: &[(String, String)]) -> String {
    let mut text = String::new();
    for (code, message) in rows {
        let _ = write!(
            text,
            "<tr><td><code>{}</code></td><td>{}</td></tr>",
            escape(code),
            escape(message)
        );
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"返回码 · codes\"><table><thead><tr>\
         <th scope=\"col\">码 · code</th><th scope=\"col\">文本 · text</th></tr></thead>\
         <tbody>{text}</tbody></table></div>"
    )
}

/// JSON with line breaks, its members in the order in which they were written; any other text as it
/// is.
fn pretty(text: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let (mut written, mut depth, mut inside, mut escaped) = (String::new(), 0_usize, false, false);
    let mut last = ' ';
    for sign in text.chars() {
        if inside {
            inside = sign != '"' || escaped;
            escaped = sign == '\\' && !escaped;
            written.push(sign);
        } else if !sign.is_whitespace() {
            if matches!(sign, '}' | ']') {
                depth = depth.saturating_sub(1);
                if !matches!(last, '{' | '[') {
                    break_line(&mut written, depth);
                }
            } else if matches!(last, '{' | '[' | ',') {
                break_line(&mut written, depth);
            }
            written.push(sign);
            match sign {
                '"' => inside = true,
                '{' | '[' => depth = depth.saturating_add(1),
                ':' => written.push(' '),
                _ => {}
            }
            last = sign;
        }
    }
    written
}

fn break_line(written: &mut String, depth: usize) {
    written.push('\n');
    written.push_str(&"  ".repeat(depth));
}

/// What tests have sent and got, or else the example of the description.
fn examples(operation: &Operation) -> String {
    let (title, request, answer) = match (&operation.recorded, &operation.example) {
        (Some(recorded), _) => {
            let line = format!("{} {}", operation.method, recorded.path);
            let request = if recorded.request.is_empty() {
                line
            } else {
                format!("{line}\n\n{}", pretty(&recorded.request))
            };
            ("示例（录自测试）· recorded from a test", request, pretty(&recorded.answer))
        }
        (None, Some(example)) => (
            "示例 · example",
            String::new(),
            serde_json::to_string_pretty(example).unwrap_or_default(),
        ),
        (None, None) => return String::new(),
    };
    let request = if request.is_empty() {
        String::new()
    } else {
        format!("<pre tabindex=\"0\">{}</pre>", escape(&request))
    };
    format!(
        "<details class=\"example\"><summary>{title}</summary>{request}<pre tabindex=\"0\">{}</pre></details>",
        escape(&answer)
    )
}

/// The form by which the script makes a call.
fn attempt(operation: &Operation) -> String {
    let mut inputs = String::new();
    for field in operation.fields.iter().filter(|field| field.place != "body") {
        let first = field.kind.split(" | ").collect::<Vec<_>>();
        let value = if field.place == "header" {
            first.get(1).or_else(|| first.first()).copied().unwrap_or_default()
        } else {
            ""
        };
        let _ = write!(
            inputs,
            "<label>{name}<input data-in=\"{place}\" name=\"{name}\" value=\"{value}\" \
             autocomplete=\"off\"></label>",
            name = escape(&field.name),
            place = escape(&field.place),
            value = escape(value),
        );
    }
    let body = if operation.media.is_empty() {
        String::new()
    } else {
        format!(
            "<label>请求体 · body ({})<textarea name=\"body\" rows=\"8\" spellcheck=\"false\">{}</textarea></label>",
            escape(&operation.media),
            escape(&example_body(operation))
        )
    };
    format!(
        "<details class=\"try\"><summary>试一试 · try it</summary><form data-method=\"{method}\" \
         data-path=\"{path}\" data-media=\"{media}\" data-protected=\"{protected}\">\
         <div class=\"row\">{inputs}</div>{body}<button type=\"submit\">发送 · send</button>\
         <p class=\"status\" role=\"status\"></p><pre class=\"answer\" tabindex=\"0\" hidden></pre></form></details>",
        method = operation.method,
        path = escape(&operation.path),
        media = escape(&operation.media),
        protected = operation.is_protected,
    )
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn json_keeps_its_order_when_it_is_spread() {
        let text = r#"{"z":[],"a":[{"k":"x,{\"y\"}:"},1],"m":{}}"#;
        let spread = "{\n  \"z\": [],\n  \"a\": [\n    {\n      \"k\": \"x,{\\\"y\\\"}:\"\n    },\n    1\n  ],\n  \"m\": {}\n}";
        assert_eq!(pretty(text), spread);
        for plain in ["", "amount=1000&period=14", "{", "<html>"] {
            assert_eq!(pretty(plain), plain);
        }
    }
}
