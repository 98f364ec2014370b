//! A workbook for Excel: amounts and numbers are numbers, instants and days are dates, everything
//! else is text, which Excel takes for nothing else.

use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

use super::Sheet;
use crate::cells;

/// The media type of a workbook.
pub(super) const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The widest column, in characters: longer texts are read in their cell.
const WIDEST: usize = 40;

/// How values are shown.
struct Formats {
    head: Format,
    money: Format,
    instant: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            head: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0x00E8_EDF5))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter),
            money: Format::new().set_num_format("#,##0.00"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }
}

/// The file.
pub(super) fn written(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    // Of what a name may not hold, titles have the slash alone; and it has 31 signs at most.
    let name: String = sheet.title.replace('/', " ").chars().take(31).collect();
    page.set_name(name)?;
    let formats = Formats::new();
    let mut widths: Vec<usize> = Vec::new();
    for (column, head) in (0_u16..).zip(sheet.heads()) {
        page.write_string_with_format(0, column, &head, &formats.head)?;
        widths.push(width(&head));
    }
    for (number, row) in (1_u32..).zip(&sheet.rows) {
        for ((column, (path, value)), widest) in (0_u16..).zip(sheet.cells(row)).zip(&mut widths) {
            let Some(value) = value else { continue };
            let text = sheet.text(path, value);
            *widest = (*widest).max(width(&text));
            write(page, (number, column), (value, &text), &formats)?;
        }
    }
    for (column, width) in (0_u16..).zip(&widths) {
        let width = u8::try_from((*width).min(WIDEST)).unwrap_or(u8::MAX);
        page.set_column_width(column, f64::from(width) + 2.0)?;
    }
    page.set_freeze_panes(1, 0)?;
    if let (Some(last), false) = (u16::try_from(widths.len()).ok(), sheet.rows.is_empty()) {
        let rows = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
        page.autofilter(0, 0, rows, last.saturating_sub(1))?;
    }
    book.save_to_buffer()
}

/// How wide a text is: signs of Chinese take two places.
fn width(text: &str) -> usize {
    text.chars().map(|char| if char.is_ascii() { 1 } else { 2 }).sum()
}

fn write(
    page: &mut Worksheet,
    (row, column): (u32, u16),
    (value, text): (&Value, &str),
    formats: &Formats,
) -> Result<(), XlsxError> {
    if let (Value::Number(_), Ok(number)) = (value, text.parse::<f64>()) {
        // Numbers that a spreadsheet would round are written as text: ids.
        if number.abs() < 1e15 {
            page.write_number(row, column, number)?;
            return Ok(());
        }
    }
    if cells::money(text).is_some()
        && let Ok(amount) = text.parse::<f64>()
    {
        page.write_number_with_format(row, column, amount, &formats.money)?;
        return Ok(());
    }
    let instant = cells::instant(text).unwrap_or_default();
    if let Ok(instant) = ExcelDateTime::parse_from_str(&instant.replace(' ', "T")) {
        page.write_datetime_with_format(row, column, instant, &formats.instant)?;
        return Ok(());
    }
    if let (true, Ok(day)) = (is_day(text), ExcelDateTime::parse_from_str(text)) {
        page.write_datetime_with_format(row, column, day, &formats.day)?;
        return Ok(());
    }
    page.write_string(row, column, text)?;
    Ok(())
}

/// Whether a text is a day as the interface writes one.
fn is_day(text: &str) -> bool {
    let shape = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::json;
    use zip::ZipArchive;

    use super::*;
    use crate::texts::Language;

    fn part(book: &[u8], name: &str) -> String {
        let mut archive = ZipArchive::new(std::io::Cursor::new(book)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn values_are_what_they_are_and_texts_are_no_formulas() {
        let row = vec![
            ("amount".to_owned(), json!("1234567.89")),
            ("reason".to_owned(), json!("=HYPERLINK(\"x\")<&")),
            ("made_at".to_owned(), json!("2026-03-01T12:00:00+08:00")),
            ("due".to_owned(), json!("2026-03-01")),
            ("id".to_owned(), json!(7)),
            ("payment_id".to_owned(), json!("9007199254740993")),
        ];
        let sheet = Sheet::new(Language::English, "Statements/x", vec![row]);
        let book = written(&sheet).unwrap();
        let page = part(&book, "xl/worksheets/sheet1.xml");
        // 2026-03-01 is day 46082 of Excel's count: 46023 for 2026-01-01, and 59 more.
        for cell in [">1234567.89<", ">46082.5<", ">46082<", ">7<"] {
            assert!(page.contains(cell), "{cell} is not in {page}");
        }
        assert!(!page.contains("<f>"), "{page}");
        let texts = part(&book, "xl/sharedStrings.xml");
        assert!(
            texts.contains("=HYPERLINK(&quot;x&quot;)&lt;&amp;")
                || texts.contains("=HYPERLINK(\"x\")&lt;&amp;"),
            "{texts}"
        );
        assert!(texts.contains("9007199254740993"), "{texts}");
        assert!(part(&book, "xl/workbook.xml").contains("Statements x"));
    }

    #[test]
    fn a_long_title_is_cut() {
        let title = "A title that is longer than what Excel takes for a sheet";
        let book = written(&Sheet::new(Language::English, title, Vec::new())).unwrap();
        assert!(part(&book, "xl/workbook.xml").contains("A title that is longer than wha\""));
    }

    #[test]
    fn an_empty_list_is_a_book_too() {
        let book = written(&Sheet::new(Language::Chinese, "借据", Vec::new())).unwrap();
        assert!(part(&book, "xl/workbook.xml").contains("借据"));
    }
}
