//! Filling a template with facts.

use std::collections::BTreeMap;

use super::parts::{Line, Piece};
use super::{Part, Row, Template};
use crate::facts::Facts;
use crate::paper::{Block, Paper, Signature, Table};
use crate::text::Text;

/// Rows that a list may have; a loan over 30 years by the month has 360.
const MOST_ROWS: usize = 2_000;
/// Characters that a fact may have.
const LONGEST_FACT: usize = 10_000;

/// Why a paper was not made. Names of facts say nothing of what they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The facts lack this one, `list.name` for one of a list.
    #[error("the fact `{0}` is missing")]
    MissingField(String),
    /// A fact is longer, or a list has more rows, than a paper takes.
    #[error("the fact `{0}` is too long")]
    TooLong(String),
}

/// A row of a list.
type Item = BTreeMap<String, String>;

struct Filler<'f> {
    facts: &'f Facts,
    articles: u32,
    clauses: u32,
    blocks: Vec<Block>,
}

impl Template {
    /// The paper that the facts make of it. Facts that it does not name are left out.
    pub fn fill(&self, facts: &Facts) -> Result<Paper, FillError> {
        let mut filler = Filler { facts, articles: 0, clauses: 0, blocks: Vec::new() };
        for part in &self.parts {
            filler.part(part)?;
        }
        Ok(Paper { source: self.source.clone(), blocks: filler.blocks })
    }
}

impl Filler<'_> {
    fn part(&mut self, part: &Part) -> Result<(), FillError> {
        match part {
            Part::Title(line) => {
                let text = self.text(line, None)?;
                self.blocks.push(Block::Title(text));
            }
            Part::Heading(line) => {
                let text = self.text(line, None)?;
                (self.articles, self.clauses) = (0, 0);
                self.blocks.push(Block::Heading { number: String::new(), text });
            }
            Part::Article(line) => {
                let text = self.text(line, None)?;
                (self.articles, self.clauses) = (self.articles + 1, 0);
                let number = format!("第{}条", chinese(self.articles));
                self.blocks.push(Block::Heading { number, text });
            }
            Part::Clause(line) => {
                for text in self.repeated(line)? {
                    self.clauses += 1;
                    let number = match self.articles {
                        0 => format!("{}.", self.clauses),
                        article => format!("{article}.{}", self.clauses),
                    };
                    self.blocks.push(Block::Clause { number, text });
                }
            }
            Part::Paragraph(line) => {
                let texts = self.repeated(line)?;
                self.blocks.extend(texts.into_iter().map(Block::Paragraph));
            }
            Part::Note(line) => {
                let texts = self.repeated(line)?;
                self.blocks.extend(texts.into_iter().map(Block::Note));
            }
            Part::Table { columns, head, rows } => {
                let head = head.as_ref().map(|head| self.cells(head, None)).transpose()?;
                let rows = self.rows(rows)?;
                self.blocks.push(Block::Table(Table { columns: columns.clone(), head, rows }));
            }
            Part::Signatures(parties) => {
                let mut signatures = Vec::new();
                for [role, name, date] in parties {
                    let role = self.text(role, None)?;
                    let name = self.text(name, None)?;
                    signatures.push(Signature { role, name, date: self.text(date, None)? });
                }
                self.blocks.push(Block::Signatures(signatures));
            }
        }
        Ok(())
    }

    /// The line, once or for each row of its list.
    fn repeated(&self, line: &Line) -> Result<Vec<Text>, FillError> {
        match &line.list {
            None => Ok(vec![self.text(line, None)?]),
            Some(list) => {
                let items = self.items(list)?;
                items.iter().map(|item| self.text(line, Some((list, item)))).collect()
            }
        }
    }

    /// A table whose lists are all empty gets one row that says so.
    fn rows(&self, rows: &[Row]) -> Result<Vec<Vec<Text>>, FillError> {
        let mut filled = Vec::new();
        for row in rows {
            match &row.list {
                None => filled.push(self.cells(&row.cells, None)?),
                Some(list) => {
                    for item in self.items(list)? {
                        filled.push(self.cells(&row.cells, Some((list, item)))?);
                    }
                }
            }
        }
        if let (true, Some(row)) = (filled.is_empty(), rows.first()) {
            let words = (0..row.cells.len()).map(|at| if at == 0 { "无" } else { "—" });
            filled.push(words.map(Text::plain).collect());
        }
        Ok(filled)
    }

    fn items(&self, list: &str) -> Result<&[Item], FillError> {
        let items = self.facts.rows(list);
        let items = items.ok_or_else(|| FillError::MissingField(list.to_owned()))?;
        if items.len() > MOST_ROWS {
            return Err(FillError::TooLong(list.to_owned()));
        }
        Ok(items)
    }

    fn cells(&self, cells: &[Line], item: Option<(&str, &Item)>) -> Result<Vec<Text>, FillError> {
        cells.iter().map(|cell| self.text(cell, item)).collect()
    }

    fn text(&self, line: &Line, item: Option<(&str, &Item)>) -> Result<Text, FillError> {
        let mut text = Text::default();
        for (piece, strong) in &line.pieces {
            match piece {
                Piece::Words(words) => text.push(words, *strong),
                Piece::Fact { list, name } => {
                    let (full, value) = match (list, item) {
                        (Some(list), Some((of, item))) if of == list.as_str() => {
                            (format!("{list}.{name}"), item.get(name).map(String::as_str))
                        }
                        (Some(list), _) => (format!("{list}.{name}"), None),
                        (None, _) => (name.clone(), self.facts.value(name)),
                    };
                    let Some(value) = value else { return Err(FillError::MissingField(full)) };
                    if value.chars().count() > LONGEST_FACT {
                        return Err(FillError::TooLong(full));
                    }
                    text.push(value, *strong);
                }
            }
        }
        Ok(text)
    }
}

/// A number up to 99 in Chinese numerals, as articles are counted; beyond that in digits.
fn chinese(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit =
        |n: u32| usize::try_from(n).ok().and_then(|n| DIGITS.get(n)).copied().unwrap_or_default();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones).to_owned(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens @ 2..=9, ones) => format!("{}十{}", digit(tens), digit(ones)),
        _ => number.to_string(),
    }
}
