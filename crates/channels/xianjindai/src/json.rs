//! JSON in the one form that is signed: made from the raw text, so that numbers stay as written.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep lists and objects may stand in each other; the document's messages need three.
const DEEPEST: usize = 16;

/// An object's fields, in the order in which they were written.
pub(crate) type Fields<'j> = Vec<(Cow<'j, str>, &'j RawValue)>;

/// Reads one object. `None` if the text is something else or has a field twice: which of two
/// amounts was meant, nobody can say.
pub(crate) fn fields(json: &str) -> Option<Fields<'_>> {
    struct Object;

    impl<'j> Visitor<'j> for Object {
        type Value = Fields<'j>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some((Name(name), value)) = map.next_entry::<Name<'j>, &'j RawValue>()? {
                fields.push((name, value));
            }
            Ok(fields)
        }
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    let fields = reader.deserialize_map(Object).ok()?;
    reader.end().ok()?;
    let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    (!twice).then_some(fields)
}

/// A field's name, borrowed where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Name<'j>(#[serde(borrow)] Cow<'j, str>);

/// What is left of an object or list for the signature.
#[derive(Clone, Copy)]
pub(crate) enum Kept<'k> {
    /// Everything but this field of the outermost object.
    AllBut(&'k str),
    /// What the document knows.
    Documented(&'k Documented<'k>),
}

/// The fields of a message as the document has them.
pub(crate) struct Documented<'d> {
    /// Fields of the message itself with their types.
    pub(crate) fields: &'d [(&'d str, Written)],
    /// Fields of the objects in its lists.
    pub(crate) nested: &'d [&'d str],
}

/// How the original server would write a field that it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// As a string, also where a number was sent.
    Text,
    /// As a whole number, also where it was sent as a string; with this one where it is missing.
    Number(&'static str),
    /// As it was sent.
    AsSent,
}

/// The canonical form: keys sorted at every level, fields that are null left out, no white space,
/// letters of any script as they are, numbers as written. `None` if the text is no such object.
pub(crate) fn canonical(json: &str, kept: Kept<'_>) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    match kept {
        Kept::AllBut(name) => {
            let fields = fields(json)?.into_iter().filter(|(field, _)| field != name).collect();
            object(fields, &mut |value, out| any(value, DEEPEST, None, out), &mut out)?;
        }
        Kept::Documented(documented) => {
            let nested = Some(documented.nested);
            let mut rest: Vec<_> = documented
                .fields
                .iter()
                .filter_map(|(name, written)| match written {
                    Written::Number(default) => Some((*name, *default)),
                    Written::Text | Written::AsSent => None,
                })
                .collect();
            let mut known = Vec::new();
            for (name, value) in fields(json)? {
                let Some((_, written)) = documented.fields.iter().find(|(n, _)| *n == name) else {
                    continue;
                };
                rest.retain(|(n, _)| *n != name);
                known.push((name, retyped(value, *written)?));
            }
            let defaults: Option<Vec<_>> = rest
                .into_iter()
                .map(|(n, d)| Some((Cow::Borrowed(n), RawValue::from_string(d.into()).ok()?)))
                .collect();
            known.extend(defaults?);
            let fields = known.iter().map(|(name, value)| (name.clone(), &**value)).collect();
            object(fields, &mut |value, out| any(value, DEEPEST, nested, out), &mut out)?;
        }
    }
    Some(out)
}

/// A value in the type that the document gives it.
fn retyped(value: &RawValue, written: Written) -> Option<Box<RawValue>> {
    let text = value.get();
    let is_number = text.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit());
    let json = match written {
        Written::Text if is_number => format!("\"{text}\""),
        Written::Number(_) => match text.trim_matches('"') {
            digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.to_owned()
            }
            _ => text.to_owned(),
        },
        Written::Text | Written::AsSent => text.to_owned(),
    };
    RawValue::from_string(json).ok()
}

type Write<'w> = dyn FnMut(&RawValue, &mut String) -> Option<()> + 'w;

fn object(mut fields: Fields<'_>, write: &mut Write<'_>, out: &mut String) -> Option<()> {
    fields.retain(|(_, value)| value.get() != "null");
    fields.sort_by(|(a, _), (b, _)| by_units(a, b));
    out.push('{');
    for (place, (name, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(&name).ok()?);
        out.push(':');
        write(value, out)?;
    }
    out.push('}');
    Some(())
}

/// The original's order of strings: by UTF-16 units.
fn by_units(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

fn any(value: &RawValue, deep: usize, only: Option<&[&str]>, out: &mut String) -> Option<()> {
    let deep = deep.checked_sub(1)?;
    let text = value.get();
    match text.as_bytes().first()? {
        b'{' => {
            let mut fields = fields(text)?;
            if let Some(only) = only {
                fields.retain(|(name, _)| only.contains(&&**name));
            }
            object(fields, &mut |value, out| any(value, deep, only, out), out)
        }
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            out.push('[');
            for (place, value) in values.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                any(value, deep, only, out)?;
            }
            out.push(']');
            Some(())
        }
        b'"' => {
            let text: Cow<'_, str> = serde_json::from_str::<Name<'_>>(text).ok()?.0;
            out.push_str(&serde_json::to_string(&text).ok()?);
            Some(())
        }
        _ => {
            out.push_str(text);
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, want: Option<&str>) {
        assert_eq!(canonical(json, Kept::AllBut("sign")).as_deref(), want, "{json}");
    }

    #[test]
    fn one_form_for_every_way_of_writing() {
        //    as sent                                        as signed
        check("{}", Some("{}"));
        check(r#" { "b" : 1 , "a" : "x" } "#, Some(r#"{"a":"x","b":1}"#));
        check(r#"{"sign":"s","a":null,"b":true}"#, Some(r#"{"b":true}"#));
        check(
            r#"{"a":{"sign":"s","y":null,"x":[1,{"d":1,"c":2}]}}"#,
            Some(r#"{"a":{"sign":"s","x":[1,{"c":2,"d":1}]}}"#),
        );
        check(r#"{"a":500.00,"b":1e400,"c":-0}"#, Some(r#"{"a":500.00,"b":1e400,"c":-0}"#));
        check(r#"{"a":"\u501f\/\u0041\"\\\n\u0001"}"#, Some(r#"{"a":"借/A\"\\\n\u0001"}"#));
        check(r#"{"\u0061":[null, 1]}"#, Some(r#"{"a":[null,1]}"#));
        // U+1F600 stands before U+FF21 in UTF-16, and behind it by code points.
        check("{\"\u{ff21}\":1,\"\u{1f600}\":2}", Some("{\"\u{1f600}\":2,\"\u{ff21}\":1}"));
    }

    #[test]
    fn what_is_no_object_has_no_form() {
        for json in [
            "",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{",
            "{}}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":{\"b\":1,\"b\":2}}",
            "{\"a\":01}",
            "{'a':1}",
            "{\"a\":NaN}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":1,}",
            "{\"a\":1,\"\\u0061\":2}",
        ] {
            check(json, None);
        }
        let deep =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        check(&deep(16), Some(&deep(16)));
        check(&deep(17), None);
        check(&deep(100_000), None);
    }

    #[test]
    fn only_what_is_documented_is_kept_and_typed() {
        let documented = Documented {
            fields: &[
                ("list", Written::AsSent),
                ("name", Written::Text),
                ("pageNum", Written::Number("1")),
                ("pageSize", Written::Number("10")),
            ],
            nested: &["contactName"],
        };
        let json = r#"{"x":1,"name":500.00,"pageNum":"2","list":[{"id":1,"contactName":"a"}]}"#;
        assert_eq!(
            canonical(json, Kept::Documented(&documented)).unwrap(),
            r#"{"list":[{"contactName":"a"}],"name":"500.00","pageNum":2,"pageSize":10}"#
        );
    }
}
