//! The operator's own tables: files that take the place of the shipped ones.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use calculator::{TableProblem, TableTexts, Tables};
use clap::Args;

/// Far more than the largest table that is taken.
const LARGEST_BYTES: u64 = 16 * 1024 * 1024;

/// Where the tables are; the shipped one stands in for each that is not named.
#[derive(Args, Clone, Debug, Default)]
pub struct TableFiles {
    /// Table of card prefixes instead of the shipped one; docs/identity.md has the form
    #[arg(long, value_name = "FILE")]
    pub card_bins: Option<PathBuf>,
    /// Legal lines instead of the shipped ones; docs/annual-cost.md has the form
    #[arg(long, value_name = "FILE")]
    pub legal_lines: Option<PathBuf>,
    /// Table of the one-year LPR instead of the shipped one; docs/annual-cost.md has the form
    #[arg(long, value_name = "FILE")]
    pub lpr: Option<PathBuf>,
}

impl TableFiles {
    /// Reads the tables; an error names the file, and the line if it is one.
    pub fn load(&self) -> anyhow::Result<Arc<Tables>> {
        let read = |file: &Option<PathBuf>| file.as_deref().map(read).transpose();
        let card_bins = read(&self.card_bins)?;
        let legal_lines = read(&self.legal_lines)?;
        let lpr = read(&self.lpr)?;
        let texts = TableTexts {
            card_bins: card_bins.as_deref(),
            legal_lines: legal_lines.as_deref(),
            lpr: lpr.as_deref(),
        };
        let tables = Tables::parse(texts).map_err(|problem| {
            let files: Vec<_> = self.behind(&problem).iter().map(|file| shown(file)).collect();
            let files =
                if files.is_empty() { "the shipped tables".into() } else { files.join(" with ") };
            anyhow::Error::new(problem).context(format!("cannot use {files}"))
        })?;
        Ok(Arc::new(tables))
    }

    /// The files that a problem comes from.
    fn behind(&self, problem: &TableProblem) -> Vec<&Path> {
        let files = match problem {
            TableProblem::CardBins(_) => [self.card_bins.as_deref(), None],
            TableProblem::LegalLines(_) => [self.legal_lines.as_deref(), None],
            TableProblem::Lpr(_) => [self.lpr.as_deref(), None],
            TableProblem::Figure(_) => [self.legal_lines.as_deref(), self.lpr.as_deref()],
        };
        files.into_iter().flatten().collect()
    }
}

/// The text of a file, without a byte order mark.
fn read(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", shown(path));
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    let length = file.take(LARGEST_BYTES.saturating_add(1)).read_to_end(&mut bytes);
    if u64::try_from(length.with_context(cannot)?).is_ok_and(|length| length > LARGEST_BYTES) {
        bail!("cannot use {}: it has more than {LARGEST_BYTES} bytes", shown(path));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = good.filter(|byte| **byte == b'\n').count().saturating_add(1);
        anyhow::anyhow!("cannot use {}: line {line} is not UTF-8 text", shown(path))
    })?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINS: &str = "bin,length,bank_code,bank_name,card_type\n411111,16,OWN,Own,debit\n";
    const LINES: &str = "id,name_zh,name_en,kind,figure,valid_from,valid_to,applies_to,effect,source\n\
                         own,own,own,lpr_multiple,4,2010-01-01,,all,forbidden,own\n";

    /// The error about a file with that content, with its path as `F`.
    #[track_caller]
    fn told(name: &str, content: &[u8], files: fn(PathBuf) -> TableFiles) -> String {
        let name = format!("jiehuan-tables-{}-{name}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        let loaded = files(path.clone()).load();
        std::fs::remove_file(&path).unwrap();
        let told = loaded.map_or_else(|error| format!("{error:#}"), |_| "used".to_owned());
        told.replace(&shown(&path), "F")
    }

    fn bins(path: PathBuf) -> TableFiles {
        TableFiles { card_bins: Some(path), ..TableFiles::default() }
    }

    fn lines(path: PathBuf) -> TableFiles {
        TableFiles { legal_lines: Some(path), ..TableFiles::default() }
    }

    fn lpr(path: PathBuf) -> TableFiles {
        TableFiles { lpr: Some(path), ..TableFiles::default() }
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let good = format!("\u{feff}{BINS}");
        assert_eq!(told("good", good.as_bytes(), bins), "used");
        assert_eq!(
            told("row", format!("{BINS}1,,X,x,debit\n").as_bytes(), bins),
            "cannot use F: line 3 of the card-bin table: the bin must have 2 to 12 digits"
        );
        let gbk = [BINS.as_bytes(), b"622202,19,ICBC,\xb9\xa4,debit\n"].concat();
        assert_eq!(told("gbk", &gbk, bins), "cannot use F: line 3 is not UTF-8 text");
        let broken = LINES.replace(",4,", ",four,");
        assert_eq!(
            told("lines", broken.as_bytes(), lines),
            "cannot use F: legal lines, row 2: field figure cannot be read"
        );
        assert_eq!(
            told("early", LINES.as_bytes(), lines),
            "cannot use F: line own needs the LPR of 2010-01-01, which is earlier than the table"
        );
        assert_eq!(
            told("lpr", b"kind,date,percent,source\npublished,2019-08-20,x,own\n", lpr),
            "cannot use F: LPR table, row 2: field percent cannot be read"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = bins(PathBuf::from("/nonexistent/bins.csv")).load().unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot read /nonexistent/bins.csv: "));
    }
}
