//! Reading the lines of a template.

use std::collections::BTreeSet;

use super::{Part, Row, TemplateProblem};
use crate::paper::Align;

/// A line of a template: words and facts, each plain or strong.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) pieces: Vec<(Piece, bool)>,
    /// The list whose rows repeat it.
    pub(super) list: Option<String>,
}

/// Words, or a fact by its name.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Words(String),
    /// A fact of its own, or of a list.
    Fact {
        list: Option<String>,
        name: String,
    },
}

impl Line {
    pub(super) fn collect_fields(&self, names: &mut BTreeSet<String>) {
        for (piece, _) in &self.pieces {
            if let Piece::Fact { list, name } = piece {
                let list = list.as_ref().map_or_else(String::new, |list| format!("{list}."));
                names.insert(format!("{list}{name}"));
            }
        }
    }
}

/// Adds a line to the parts; `None` among them is a blank line.
pub(super) fn read(parts: &mut Vec<Option<Part>>, line: &str) -> Result<(), TemplateProblem> {
    let part = if let Some(rest) = line.strip_prefix("## ") {
        Part::Heading(once(parse(rest)?)?)
    } else if let Some(rest) = line.strip_prefix("# ") {
        Part::Title(once(parse(rest)?)?)
    } else if let Some(rest) = line.strip_prefix("§ ") {
        Part::Article(once(parse(rest)?)?)
    } else if let Some(rest) = line.strip_prefix("+ ") {
        Part::Clause(parse(rest)?)
    } else if let Some(rest) = line.strip_prefix("> ") {
        Part::Note(parse(rest)?)
    } else if let Some(rest) = line.strip_prefix('|') {
        return read_row(parts, rest);
    } else if let Some(rest) = line.strip_prefix("~ ") {
        let said = rest.split('|').map(|said| once(parse(said.trim())?));
        let said: Vec<_> = said.collect::<Result<_, _>>()?;
        let signer = <[Line; 3]>::try_from(said).map_err(|_| TemplateProblem::Signature)?;
        if let Some(Some(Part::Signatures(others))) = parts.last_mut() {
            others.push(signer);
            return Ok(());
        }
        Part::Signatures(vec![signer])
    } else {
        Part::Paragraph(parse(line)?)
    };
    parts.push(Some(part));
    Ok(())
}

fn read_row(parts: &mut Vec<Option<Part>>, rest: &str) -> Result<(), TemplateProblem> {
    let rest = rest.strip_suffix('|').unwrap_or(rest);
    let cells: Vec<_> = rest.split('|').map(str::trim).collect();
    let is_rule =
        cells.iter().all(|cell| cell.len() >= 3 && cell.trim_matches(['-', ':']).is_empty());
    let table = match parts.last_mut() {
        Some(Some(Part::Table { columns, head, rows })) => Some((columns, head, rows)),
        _ => None,
    };
    if is_rule {
        let Some((columns, head, rows)) = table else { return Err(TemplateProblem::Columns) };
        let only = rows.pop().filter(|_| rows.is_empty() && head.is_none());
        let only = only.filter(|row| row.cells.len() == cells.len() && row.list.is_none());
        *head = Some(only.ok_or(TemplateProblem::Columns)?.cells);
        let align = |cell: &&str| if cell.ends_with(':') { Align::Right } else { Align::Left };
        *columns = cells.iter().map(align).collect();
        return Ok(());
    }
    let cells: Vec<_> = cells.into_iter().map(parse).collect::<Result<_, _>>()?;
    let mut lists = cells.iter().filter_map(|cell| cell.list.clone());
    let list = lists.next();
    if let Some(other) = lists.find(|other| Some(other) != list.as_ref()) {
        return Err(TemplateProblem::List(other));
    }
    let row = Row { cells, list };
    match table {
        Some((columns, _, _)) if columns.len() != row.cells.len() => {
            return Err(TemplateProblem::Columns);
        }
        Some((_, _, rows)) => rows.push(row),
        None => {
            let columns = vec![Align::Left; row.cells.len()];
            parts.push(Some(Part::Table { columns, head: None, rows: vec![row] }));
        }
    }
    Ok(())
}

/// A line that comes once and has no facts of a list.
fn once(line: Line) -> Result<Line, TemplateProblem> {
    line.list.map_or_else(
        || Ok(Line { pieces: line.pieces, list: None }),
        |list| Err(TemplateProblem::List(list)),
    )
}

fn parse(text: &str) -> Result<Line, TemplateProblem> {
    let mut line = Line { pieces: Vec::new(), list: None };
    let runs: Vec<_> = text.split("**").collect();
    if runs.len().is_multiple_of(2) {
        return Err(TemplateProblem::Strong);
    }
    for (at, run) in runs.into_iter().enumerate() {
        let strong = !at.is_multiple_of(2);
        let mut rest = run;
        while let Some((words, behind)) = rest.split_once("{{") {
            line.push_words(words, strong);
            let (name, behind) = behind
                .split_once("}}")
                .ok_or_else(|| TemplateProblem::Fact(behind.chars().take(20).collect()))?;
            line.push_fact(name, strong)?;
            rest = behind;
        }
        line.push_words(rest, strong);
    }
    Ok(line)
}

impl Line {
    fn push_words(&mut self, words: &str, strong: bool) {
        if !words.is_empty() {
            self.pieces.push((Piece::Words(words.to_owned()), strong));
        }
    }

    fn push_fact(&mut self, text: &str, strong: bool) -> Result<(), TemplateProblem> {
        let named = |name: &str| {
            let mut bytes = name.bytes();
            bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
                && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let (list, name) = match text.split_once('.') {
            Some((list, name)) => (Some(list.to_owned()), name),
            None => (None, text),
        };
        if !named(name) || !list.as_deref().is_none_or(named) {
            return Err(TemplateProblem::Fact(format!("{text}}}}}")));
        }
        if let Some(list) = &list {
            if self.list.as_ref().is_some_and(|known| known != list) {
                return Err(TemplateProblem::List(list.clone()));
            }
            self.list = Some(list.clone());
        }
        self.pieces.push((Piece::Fact { list, name: name.to_owned() }, strong));
        Ok(())
    }
}
