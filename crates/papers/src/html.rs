//! A paper as a page for a phone's screen, a browser and its printer: no script, nothing from
//! elsewhere, every word escaped.

use std::fmt;

use kernel::html::escape;

use crate::paper::{Align, Block, Paper, Signature, Source, Table, put};
use crate::pdf::Stamp;
use crate::text::Text;

const STYLE: &str = include_str!("../data/paper.css");

impl Paper {
    /// The whole page. The digest stands at its foot.
    pub fn html(&self) -> String {
        self.html_with(&Stamp::default())
    }

    /// The same, with what happened to the paper behind its text.
    pub fn html_with(&self, stamp: &Stamp) -> String {
        let mut out = String::new();
        let title = self.title();
        put(
            &mut out,
            format_args!(
                "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <meta name=\"color-scheme\" content=\"light dark\">\n\
                 <meta name=\"referrer\" content=\"no-referrer\">\n\
                 <meta name=\"robots\" content=\"noindex, noarchive\">\n\
                 <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
                escape(&title)
            ),
        );
        for block in self.blocks() {
            write(&mut out, block);
        }
        if !stamp.lines.is_empty() {
            out.push_str("<aside>\n");
            for line in &stamp.lines {
                put(&mut out, format_args!("<p>{}</p>\n", escape(line)));
            }
            out.push_str("</aside>\n");
        }
        let Source { template, version } = self.source();
        put(
            &mut out,
            format_args!(
                "</main>\n<footer><p>{} v{version}</p><p>SHA-256 <code>{}</code></p></footer>\n\
                 </body>\n</html>\n",
                escape(template),
                self.digest()
            ),
        );
        out
    }
}

fn write(out: &mut String, block: &Block) {
    match block {
        Block::Title(text) => put(out, format_args!("<h1>{}</h1>\n", Words(text))),
        Block::Heading { number, text } if number.is_empty() => {
            put(out, format_args!("<h2>{}</h2>\n", Words(text)));
        }
        Block::Heading { number, text } => {
            put(out, format_args!("<h2><b>{}</b> {}</h2>\n", escape(number), Words(text)));
        }
        Block::Clause { number, text } => put(
            out,
            format_args!(
                "<p class=\"clause\"><span>{}</span><span>{}</span></p>\n",
                escape(number),
                Words(text)
            ),
        ),
        Block::Paragraph(text) => put(out, format_args!("<p>{}</p>\n", Words(text))),
        Block::Note(text) => put(out, format_args!("<p class=\"note\">{}</p>\n", Words(text))),
        Block::Table(table) => write_table(out, table),
        Block::Signatures(parties) => {
            out.push_str("<section class=\"signatures\">\n");
            for Signature { role, name, date } in parties {
                put(
                    out,
                    format_args!(
                        "<p><span>{}</span><strong>{}</strong><small>{}</small></p>\n",
                        Words(role),
                        Words(name),
                        Words(date)
                    ),
                );
            }
            out.push_str("</section>\n");
        }
    }
}

fn write_table(out: &mut String, table: &Table) {
    out.push_str("<div class=\"table\"><table>\n");
    if let Some(head) = &table.head {
        out.push_str("<thead>");
        write_row(out, table, head, "th");
        out.push_str("</thead>\n");
    }
    out.push_str("<tbody>\n");
    for row in &table.rows {
        write_row(out, table, row, "td");
        out.push('\n');
    }
    out.push_str("</tbody></table></div>\n");
}

fn write_row(out: &mut String, table: &Table, cells: &[Text], tag: &str) {
    out.push_str("<tr>");
    for (cell, align) in cells.iter().zip(&table.columns) {
        let class = match align {
            Align::Left => "",
            Align::Right => " class=\"right\"",
        };
        put(out, format_args!("<{tag}{class}>{}</{tag}>", Words(cell)));
    }
    out.push_str("</tr>");
}

/// Text with its strong words marked.
struct Words<'t>(&'t Text);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.spans().iter().try_for_each(|span| {
            let words = escape(&span.words);
            if span.strong { write!(f, "<strong>{words}</strong>") } else { write!(f, "{words}") }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, Template};

    #[test]
    fn facts_are_words_and_never_markup() {
        let text = "template: t\nversion: 1\n\n# {{a}}\n**{{a}}**\n| {{a}} |\n~ {{a}} | {{a}} | x";
        let facts = Facts::new().with("a", "<script src='//x'>\"&</title>");
        let page = Template::parse(text).unwrap().fill(&facts).unwrap();
        let page = page.html_with(&Stamp { lines: vec!["</main><script>".into()] });
        let escaped = "&lt;script src=&#39;//x&#39;&gt;&quot;&amp;&lt;/title&gt;";
        assert_eq!(page.matches(escaped).count(), 6, "title, heading, text, cell, role, name");
        assert!(page.contains(&format!("<p><strong>{escaped}</strong></p>")));
        assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn a_page_brings_everything_along() {
        let text = "template: t\nversion: 1\n\n# 标题";
        let paper = Template::parse(text).unwrap().fill(&Facts::new()).unwrap();
        let page = paper.html();
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"));
        for foreign in ["http:", "https:", "url(", "@import", "src=", "href="] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert!(page.contains(&paper.digest().to_string()));
        assert!(page.contains("@media print") && page.contains("prefers-color-scheme: dark"));
    }
}
