//! Templates: plain text that a lawyer can read, checked whole before anything is made from it.
//!
//! The head names the template; a blank line ends it. Then each line is a part of the paper by its
//! first signs: `# ` the title, `## ` a heading, `§ ` an article (numbered 第一条, 第二条 …), `+ ` a
//! clause (numbered within its article), `> ` a note, `| a | b |` a row of a table, `~ role | name
//! | date` a party that signs, `// ` a remark that is left out; anything else is a paragraph.
//! `**words**` are strong. `{{name}}` is a fact; a line with facts `{{list.name}}` comes once for
//! each row of that list. A row `|---|--:|` ends a table's head and says how its columns stand.

mod fill;
mod parts;

use std::collections::BTreeSet;

use crate::paper::{Align, Source};
use parts::Line;

pub use fill::FillError;

/// The longest template; the longest shipped one has 6 KiB.
const LONGEST: usize = 128 * 1024;

/// A template that has been checked.
#[derive(Clone, Debug)]
pub struct Template {
    source: Source,
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Clone, Debug)]
enum Part {
    Title(Line),
    Heading(Line),
    Article(Line),
    Clause(Line),
    Paragraph(Line),
    Note(Line),
    Table { columns: Vec<Align>, head: Option<Vec<Line>>, rows: Vec<Row> },
    Signatures(Vec<[Line; 3]>),
}

/// A row of a table; with a list it comes once for each of the list's rows.
#[derive(Clone, Debug)]
struct Row {
    cells: Vec<Line>,
    list: Option<String>,
}

/// Why a text is no template, by the number of its line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: TemplateProblem,
}

/// What can be wrong with a line of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// The text is too long, or has a line with a control character.
    #[error("the text is longer than a template may be, or holds control characters")]
    Unusable,
    /// The head does not consist of `template: name` and `version: 1`.
    #[error("the head must be `template: name`, `version: number` and a blank line")]
    Head,
    /// `{{` without `}}`, or a name that is not made of a-z, 0-9 and `_`, with one dot at most.
    #[error("`{{{{{0}`: a fact is `{{{{name}}}}` or `{{{{list.name}}}}`")]
    Fact(String),
    /// `**` is opened and not closed.
    #[error("`**` is opened and not closed")]
    Strong,
    /// A line has facts of two lists, or of a list where it cannot be repeated.
    #[error("facts of the list `{0}` cannot stand here")]
    List(String),
    /// A row has other columns than the one above.
    #[error("a row needs as many columns as the one above it")]
    Columns,
    /// A party that signs needs three parts.
    #[error("a party that signs is `~ role | name | date`")]
    Signature,
    /// There is no title, or a second one.
    #[error("a template has one title, before everything else")]
    Title,
}

impl Template {
    /// Reads and checks a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let bad = |line, problem| TemplateError { line, problem };
        let control = |sign: char| sign.is_control() && sign != '\n';
        if text.len() > LONGEST || text.contains(control) {
            return Err(bad(1, TemplateProblem::Unusable));
        }
        let source = parse_head(text).ok_or_else(|| bad(1, TemplateProblem::Head))?;
        let mut parts = Vec::new();
        for (at, line) in text.lines().enumerate().skip(3) {
            let line = line.trim();
            if line.is_empty() {
                parts.push(None); // ends a table or a block of signatures
            } else if !line.starts_with("//") {
                parts::read(&mut parts, line).map_err(|problem| bad(at + 1, problem))?;
            }
        }
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let titles = parts.iter().filter(|part| matches!(part, Part::Title(_))).count();
        if titles != 1 || !matches!(parts.first(), Some(Part::Title(_))) {
            return Err(bad(4, TemplateProblem::Title));
        }
        Ok(Self { source, parts })
    }

    /// Its name and version.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The names of all facts that it needs, `list.name` for those of lists.
    pub fn fields(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for part in &self.parts {
            match part {
                Part::Title(line)
                | Part::Heading(line)
                | Part::Article(line)
                | Part::Clause(line)
                | Part::Paragraph(line)
                | Part::Note(line) => line.collect_fields(&mut names),
                Part::Table { head, rows, .. } => {
                    let cells = head.iter().flatten().chain(rows.iter().flat_map(|row| &row.cells));
                    cells.for_each(|cell| cell.collect_fields(&mut names));
                }
                Part::Signatures(parties) => {
                    parties.iter().flatten().for_each(|line| line.collect_fields(&mut names));
                }
            }
        }
        names
    }
}

fn parse_head(text: &str) -> Option<Source> {
    let mut lines = text.lines();
    let template = lines.next()?.strip_prefix("template: ")?.trim();
    let version = lines.next()?.strip_prefix("version: ")?.trim().parse().ok()?;
    let named = !template.is_empty()
        && template.len() <= 40
        && template.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let ended = lines.next().is_none_or(|line| line.trim().is_empty());
    (named && ended && version > 0).then(|| Source { template: template.to_owned(), version })
}

#[cfg(test)]
mod tests;
