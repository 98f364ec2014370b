//! The two texts of the legal lines: comma-separated, a header, `#` for comments.

use std::fmt;

use kernel::{Date, Rate};

use super::{AppliesTo, Effect, LegalLine, Limit, Lpr};

/// Rows that are read; there have been six lines and thirteen changes of the LPR in ten years.
const MAX_ROWS: usize = 1_000;

const LINES_HEADER: [&str; 10] = [
    "id",
    "name_zh",
    "name_en",
    "kind",
    "figure",
    "valid_from",
    "valid_to",
    "applies_to",
    "effect",
    "source",
];
const LPR_HEADER: [&str; 4] = ["kind", "date", "percent", "source"];

/// Which of the two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegalFile {
    /// The legal lines.
    Lines,
    /// The LPR.
    Lpr,
}

impl fmt::Display for LegalFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lines => "legal lines",
            Self::Lpr => "LPR table",
        })
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegalFileProblem {
    /// The first row is not the header.
    #[error("the header must be {want}")]
    Header {
        /// The header as it should be.
        want: String,
    },
    /// Too few or too many fields.
    #[error("{found} fields instead of {want}")]
    Fields {
        /// How many there should be.
        want: usize,
        /// How many there are.
        found: usize,
    },
    /// A field that cannot be read.
    #[error("field {name} cannot be read")]
    Field {
        /// The name of the field in the header.
        name: &'static str,
    },
    /// A second line of the same id.
    #[error("the id occurs twice")]
    SameId,
    /// The last day is before the first.
    #[error("valid_to is before valid_from")]
    Reversed,
    /// A date of the LPR table that is not after the one before.
    #[error("the date is not after the one before")]
    NotInOrder,
    /// A check of the LPR that differs from the rate published last.
    #[error("the percent differs from the one published last")]
    CheckDiffers,
    /// No row at all.
    #[error("there are no rows")]
    Empty,
    /// More rows than anybody needs.
    #[error("more than {MAX_ROWS} rows")]
    TooManyRows,
}

/// A text that cannot be used, with the number of the row, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, row {row}: {problem}")]
pub struct LegalFileError {
    /// The text.
    pub file: LegalFile,
    /// The row, comments and empty ones counted.
    pub row: usize,
    /// What is wrong; no `source()`, as it is part of the message.
    pub problem: LegalFileProblem,
}

impl LegalFileError {
    /// The error in Chinese.
    pub fn zh(&self) -> String {
        let file = match self.file {
            LegalFile::Lines => "利率线表",
            LegalFile::Lpr => "LPR 表",
        };
        let problem = match &self.problem {
            LegalFileProblem::Header { want } => format!("表头应为 {want}"),
            LegalFileProblem::Fields { want, found } => format!("应有 {want} 栏，实有 {found} 栏"),
            LegalFileProblem::Field { name } => format!("{name} 栏无法识别"),
            LegalFileProblem::SameId => "id 重复".to_owned(),
            LegalFileProblem::Reversed => "valid_to 早于 valid_from".to_owned(),
            LegalFileProblem::NotInOrder => "日期不晚于上一行".to_owned(),
            LegalFileProblem::CheckDiffers => "核对值与最近公布值不同".to_owned(),
            LegalFileProblem::Empty => "没有数据".to_owned(),
            LegalFileProblem::TooManyRows => format!("超过 {MAX_ROWS} 行"),
        };
        format!("{file}第 {} 行：{problem}", self.row)
    }
}

/// The lines, in the order of the text.
pub(super) fn legal_lines(text: &str) -> Result<Vec<LegalLine>, LegalFileError> {
    let mut lines: Vec<LegalLine> = Vec::new();
    for (row, fields) in rows(text, LegalFile::Lines, LINES_HEADER)? {
        let refuse = |problem| LegalFileError { file: LegalFile::Lines, row, problem };
        let line = legal_line(fields).map_err(|name| refuse(LegalFileProblem::Field { name }))?;
        if line.valid_to.is_some_and(|last| last < line.valid_from) {
            return Err(refuse(LegalFileProblem::Reversed));
        }
        if lines.iter().any(|other| other.id == line.id) {
            return Err(refuse(LegalFileProblem::SameId));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The published rates, and the last day for which they are known.
pub(super) fn lpr_table(text: &str) -> Result<(Vec<Lpr>, Date), LegalFileError> {
    let mut table: Vec<Lpr> = Vec::new();
    let mut known: Option<Date> = None;
    for (row, [kind, date, percent, _source]) in rows(text, LegalFile::Lpr, LPR_HEADER)? {
        let refuse = |problem| LegalFileError { file: LegalFile::Lpr, row, problem };
        let field = |name| refuse(LegalFileProblem::Field { name });
        let published_on = Date::parse(date).ok_or_else(|| field("date"))?;
        let rate = percent_of(percent).ok_or_else(|| field("percent"))?;
        if known.is_some_and(|known| published_on <= known) {
            return Err(refuse(LegalFileProblem::NotInOrder));
        }
        match kind {
            "published" => table.push(Lpr { rate, published_on }),
            "checked" if table.last().is_some_and(|last| last.rate == rate) => {}
            "checked" => return Err(refuse(LegalFileProblem::CheckDiffers)),
            _ => return Err(field("kind")),
        }
        known = Some(published_on);
    }
    let empty = LegalFileError { file: LegalFile::Lpr, row: 1, problem: LegalFileProblem::Empty };
    known.map(|known| (table, known)).ok_or(empty)
}

/// A line, or the name of the field that cannot be read.
fn legal_line(fields: [&str; 10]) -> Result<LegalLine, &'static str> {
    let [id, name_zh, name_en, kind, figure, from, to, applies_to, effect, source] = fields;
    let named = |text: &str, name| if text.is_empty() { Err(name) } else { Ok(text.to_owned()) };
    Ok(LegalLine {
        id: named(id, "id")?,
        name_zh: named(name_zh, "name_zh")?,
        name_en: named(name_en, "name_en")?,
        limit: match kind {
            "fixed" => Limit::Fixed(percent_of(figure).ok_or("figure")?),
            "lpr_multiple" => {
                let times = figure.parse().ok().filter(|times| (1..=1_000).contains(times));
                Limit::LprMultiple(times.ok_or("figure")?)
            }
            _ => return Err("kind"),
        },
        valid_from: Date::parse(from).ok_or("valid_from")?,
        valid_to: match to {
            "" => None,
            day => Some(Date::parse(day).ok_or("valid_to")?),
        },
        applies_to: match applies_to {
            "private" => AppliesTo::Private,
            "institution" => AppliesTo::Institution,
            "platform" => AppliesTo::Platform,
            "all" => AppliesTo::All,
            _ => return Err("applies_to"),
        },
        effect: match effect {
            "unprotected" => Effect::Unprotected,
            "void" => Effect::Void,
            "reduced_on_request" => Effect::ReducedOnRequest,
            "forbidden" => Effect::Forbidden,
            _ => return Err("effect"),
        },
        source: named(source, "source")?,
    })
}

/// The rows after the header, cut into fields; the row numbers count from 1.
fn rows<'a, const N: usize>(
    text: &'a str,
    file: LegalFile,
    header: [&'static str; N],
) -> Result<Vec<(usize, [&'a str; N])>, LegalFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    let mut begun = false;
    for (row, line) in (1..).zip(text.lines()) {
        let refuse = |problem| LegalFileError { file, row, problem };
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        if !begun {
            if fields != header {
                return Err(refuse(LegalFileProblem::Header { want: header.join(",") }));
            }
            begun = true;
            continue;
        }
        if found.len() >= MAX_ROWS {
            return Err(refuse(LegalFileProblem::TooManyRows));
        }
        let count = fields.len();
        let fields = fields
            .try_into()
            .map_err(|_| refuse(LegalFileProblem::Fields { want: N, found: count }))?;
        found.push((row, fields));
    }
    let empty = LegalFileError { file, row: 1, problem: LegalFileProblem::Empty };
    if found.is_empty() { Err(empty) } else { Ok(found) }
}

/// Percent with at most four decimals, exactly, as ppm: `3.85` is 38,500.
fn percent_of(text: &str) -> Option<Rate> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 4 {
        return None;
    }
    format!("{whole}{decimals:0<4}").parse().ok().and_then(Rate::from_ppm)
}
