//! Comma-separated values: with the mark by which spreadsheets know UTF-8, and lines as RFC 4180
//! has them.

use super::Sheet;

/// The file.
pub(super) fn written(sheet: &Sheet) -> String {
    let heads: Vec<_> = sheet.heads().map(|head| quoted(&head)).collect();
    let mut file = format!("\u{feff}{}\r\n", heads.join(","));
    for row in &sheet.rows {
        let cells = sheet.cells(row).map(|(path, value)| {
            value.map_or_else(String::new, |value| quoted(&sheet.text(path, value)))
        });
        file.push_str(&cells.collect::<Vec<_>>().join(","));
        file.push_str("\r\n");
    }
    file
}

/// A cell that a spreadsheet takes for text, whatever somebody has written into it.
fn quoted(text: &str) -> String {
    let is_number = text.strip_prefix('-').unwrap_or(text);
    let is_number = !is_number.is_empty()
        && is_number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_in_a_cell_is_a_formula() {
        for (text, cell) in [
            ("plain", "\"plain\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+86", "\"'+86\""),
            ("-1.50", "\"-1.50\""),
            ("-1+x", "\"'-1+x\""),
            ("@x", "\"'@x\""),
            ("a,b\nc", "\"a,b\nc\""),
        ] {
            assert_eq!(quoted(text), cell);
        }
    }
}
