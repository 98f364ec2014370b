//! The canonical text of a paper: one line per row, that is kept, hashed, and read back.
//!
//! It can be read by people without a program: a word for the kind of line, then its parts between
//! tabs. Words of a paper hold neither tabs nor line breaks, so that nothing has to be guessed.

use crate::paper::{Align, Block, Paper, Signature, Source, Table, put};
use crate::text::Text;

/// The first line of every canonical text: the form, and its version.
const FORM: &str = "jiehuan-paper\t1";

/// A text that is no canonical text, by the number of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not that of a paper")]
pub struct CanonError {
    /// The line, from 1.
    pub line: usize,
}

impl Paper {
    /// The canonical text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        put(&mut out, format_args!("{FORM}\n"));
        let Source { template, version } = self.source();
        put(&mut out, format_args!("template\t{template}\t{version}\n"));
        for block in self.blocks() {
            write(&mut out, block);
        }
        out
    }

    /// Reads what [`Paper::text`] wrote.
    pub fn parse(text: &str) -> Result<Self, CanonError> {
        let mut lines = text.lines().enumerate();
        let (_, form) = lines.next().ok_or(CanonError { line: 1 })?;
        let source = lines.next().and_then(|(_, line)| read_source(line));
        let source = source.filter(|_| form == FORM).ok_or(CanonError { line: 1 })?;
        let mut blocks = Vec::new();
        for (at, line) in lines {
            read(&mut blocks, line).ok_or(CanonError { line: at + 1 })?;
        }
        Ok(Self { source, blocks })
    }
}

fn write(out: &mut String, block: &Block) {
    match block {
        Block::Title(text) => put(out, format_args!("title\t{}\n", text.marked())),
        Block::Heading { number, text } => {
            put(out, format_args!("heading\t{number}\t{}\n", text.marked()));
        }
        Block::Clause { number, text } => {
            put(out, format_args!("clause\t{number}\t{}\n", text.marked()));
        }
        Block::Paragraph(text) => put(out, format_args!("paragraph\t{}\n", text.marked())),
        Block::Note(text) => put(out, format_args!("note\t{}\n", text.marked())),
        Block::Table(table) => {
            let letters = table.columns.iter().map(|align| match align {
                Align::Left => "left",
                Align::Right => "right",
            });
            put(out, format_args!("table\t{}\n", letters.collect::<Vec<_>>().join("\t")));
            if let Some(head) = &table.head {
                put(out, format_args!("head\t{}\n", cells(head)));
            }
            for row in &table.rows {
                put(out, format_args!("row\t{}\n", cells(row)));
            }
        }
        Block::Signatures(parties) => {
            out.push_str("signatures\n");
            for Signature { role, name, date } in parties {
                let parts = [role, name, date].map(Text::marked);
                put(out, format_args!("signature\t{}\n", parts.join("\t")));
            }
        }
    }
}

fn cells(cells: &[Text]) -> String {
    cells.iter().map(Text::marked).collect::<Vec<_>>().join("\t")
}

fn read_source(line: &str) -> Option<Source> {
    let (template, version) = line.strip_prefix("template\t")?.split_once('\t')?;
    Some(Source { template: template.to_owned(), version: version.parse().ok()? })
}

fn read(blocks: &mut Vec<Block>, line: &str) -> Option<()> {
    let (word, rest) = line.split_once('\t').unwrap_or((line, ""));
    let numbered = || {
        let (number, text) = rest.split_once('\t')?;
        Some((number.to_owned(), Text::unmarked(text)?))
    };
    let texts = || rest.split('\t').map(Text::unmarked).collect::<Option<Vec<_>>>();
    match word {
        "title" => blocks.push(Block::Title(Text::unmarked(rest)?)),
        "heading" => {
            let (number, text) = numbered()?;
            blocks.push(Block::Heading { number, text });
        }
        "clause" => {
            let (number, text) = numbered()?;
            blocks.push(Block::Clause { number, text });
        }
        "paragraph" => blocks.push(Block::Paragraph(Text::unmarked(rest)?)),
        "note" => blocks.push(Block::Note(Text::unmarked(rest)?)),
        "table" => {
            let columns = rest.split('\t').map(|word| match word {
                "left" => Some(Align::Left),
                "right" => Some(Align::Right),
                _ => None,
            });
            let columns = columns.collect::<Option<_>>()?;
            blocks.push(Block::Table(Table { columns, head: None, rows: Vec::new() }));
        }
        "head" | "row" => {
            let Some(Block::Table(table)) = blocks.last_mut() else { return None };
            let cells = texts().filter(|cells| cells.len() == table.columns.len())?;
            match word {
                "row" => table.rows.push(cells),
                _ if table.head.is_none() && table.rows.is_empty() => table.head = Some(cells),
                _ => return None,
            }
        }
        "signatures" if line == word => blocks.push(Block::Signatures(Vec::new())),
        "signature" => {
            let Some(Block::Signatures(parties)) = blocks.last_mut() else { return None };
            let [role, name, date] = <[Text; 3]>::try_from(texts()?).ok()?;
            parties.push(Signature { role, name, date });
        }
        _ => return None,
    }
    Some(())
}
