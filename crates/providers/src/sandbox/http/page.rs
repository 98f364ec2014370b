//! The sandbox's own page: what came in and went out, and a form for faults.

use std::fmt::Write as _;

use kernel::html::escape;

use super::{Entry, FaultKind, Faults, Way};

/// Entries on the page.
pub(super) const ENTRIES: usize = 100;

/// A whole page; the body is HTML.
pub(super) fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · 沙箱</title>\
         <style>body{{font-family:sans-serif;margin:2rem;max-width:70rem}}\
         td{{border-top:1px solid #ccc;padding:.3rem;vertical-align:top;word-break:break-all}}\
         pre{{white-space:pre-wrap;margin:0;font-size:.8rem}}</style>\
         <h1>{title}</h1><p><small>借还 Jiehuan 沙箱: 不是真的，没有钱会动。</small></p>{body}</html>\n"
    )
}

pub(super) fn overview(entries: &[Entry], faults: &Faults) -> String {
    let mut body = String::from("<h2>故障</h2>");
    for fault in &faults.ordered {
        let (call, kind, times) = (escape(&fault.call), fault.kind.word(), fault.times);
        let _ = write!(body, "<p>{call}: {kind} × {times}</p>"); // a String takes everything
    }
    let _ = write!(body, "<p>随机: {}‰</p>", faults.per_mille);
    body.push_str(
        "<form method=\"post\" action=\"/sandbox/faults\"><input name=\"call\" value=\"*\"> \
         <select name=\"kind\">",
    );
    for kind in FaultKind::ALL {
        let _ = write!(body, "<option>{}</option>", kind.word());
    }
    body.push_str(
        "</select> <input name=\"times\" value=\"1\" size=\"4\"> <button>添加</button></form>\
         <h2>收到与发出</h2><table>",
    );
    for entry in entries {
        let way = match entry.way {
            Way::In => "收",
            Way::Out => "发",
        };
        let _ = write!(
            body,
            "<tr><td>{}<td>{way}<td>{}<td>{}<td><pre>{}</pre><td><pre>{}</pre>",
            entry.at.shanghai_text(),
            escape(&entry.call),
            entry.fault.map_or("", FaultKind::word),
            escape(&entry.asked),
            escape(&entry.said),
        );
    }
    body.push_str("</table>");
    frame("沙箱", &body)
}
