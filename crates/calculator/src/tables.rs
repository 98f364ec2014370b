//! The tables behind the answers: issuer prefixes of cards, legal lines, and the LPR.
//!
//! They come as texts; no file is read here.

use std::error::Error;
use std::fmt;

use kernel::identity::{CardBinProblem, CardBins};
use pricing::legal::{
    LegalFile, LegalFileError, LegalLines, LegalProblem, Lender, SHIPPED_LINES, SHIPPED_LPR,
};

/// An operator's own tables as texts; the shipped one stands in for each that is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableTexts<'a> {
    /// Issuer prefixes of cards; `docs/identity.md` has the form.
    pub card_bins: Option<&'a str>,
    /// Legal lines; `docs/annual-cost.md` has the form.
    pub legal_lines: Option<&'a str>,
    /// The one-year LPR; `docs/annual-cost.md` has the form.
    pub lpr: Option<&'a str>,
}

/// The tables that answers are made with. The LPR reaches back to the first day of every line
/// that is a multiple of it.
#[derive(Clone, Debug)]
pub struct Tables {
    /// An operator's own; `None` for the shipped one.
    card_bins: Option<CardBins>,
    legal_lines: LegalLines,
}

impl Tables {
    /// The tables that come with the platform.
    ///
    /// # Errors
    /// A mistake in the shipped data, which a test excludes.
    pub fn shipped() -> Result<Self, TableProblem> {
        Self::parse(TableTexts::default())
    }

    /// Reads an operator's own tables.
    ///
    /// # Errors
    /// The first problem of the first table that has one.
    pub fn parse(texts: TableTexts<'_>) -> Result<Self, TableProblem> {
        let card_bins = texts.card_bins.map(CardBins::parse).transpose();
        let card_bins = card_bins.map_err(TableProblem::CardBins)?;
        let lines = texts.legal_lines.unwrap_or(SHIPPED_LINES);
        let legal_lines = LegalLines::parse(lines, texts.lpr.unwrap_or(SHIPPED_LPR));
        let legal_lines = legal_lines.map_err(|problem| match problem.file {
            LegalFile::Lines => TableProblem::LegalLines(problem),
            LegalFile::Lpr => TableProblem::Lpr(problem),
        })?;
        // A line without a figure would silence every other line of its day.
        for line in legal_lines.lines() {
            for lender in [Lender::Private, Lender::Institution, Lender::InstitutionByPlatform] {
                legal_lines.on(line.valid_from, lender).map_err(TableProblem::Figure)?;
            }
        }
        Ok(Self { card_bins, legal_lines })
    }

    /// Issuer prefixes of cards.
    pub(crate) fn card_bins(&self) -> &CardBins {
        self.card_bins.as_ref().unwrap_or_else(|| CardBins::shipped())
    }

    /// Legal lines, and the LPR they refer to.
    pub(crate) const fn legal_lines(&self) -> &LegalLines {
        &self.legal_lines
    }
}

/// Why tables cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableProblem {
    /// A line of the card-bin table.
    CardBins(CardBinProblem),
    /// A row of the legal lines.
    LegalLines(LegalFileError),
    /// A row of the LPR table.
    Lpr(LegalFileError),
    /// A legal line that has no figure on its first day.
    Figure(LegalProblem),
}

impl fmt::Display for TableProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CardBins(problem) => problem.fmt(f),
            Self::LegalLines(problem) | Self::Lpr(problem) => problem.fmt(f),
            Self::Figure(problem) => problem.fmt(f),
        }
    }
}

/// No `source()`: the problem is the whole message.
impl Error for TableProblem {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::Date;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Options, answer};

    const BINS: &str = "bin,length,bank_code,bank_name,card_type\n411111,16,OWN,自有银行,prepaid\n";
    const LINES: &str =
        "id,name_zh,name_en,kind,figure,valid_from,valid_to,applies_to,effect,source
own-5,自定上限,own limit,fixed,5,2020-01-01,,all,forbidden,own
own-lpr,自定倍数,own multiple,lpr_multiple,2,2020-01-01,,all,forbidden,own
";
    const LPR: &str = "kind,date,percent,source\npublished,2019-12-20,9.00,own\n";

    #[track_caller]
    fn ask(texts: TableTexts<'_>, request: &Value) -> Value {
        let tables = Arc::new(Tables::parse(texts).unwrap());
        let today = Date::parse("2026-01-31").unwrap();
        let options = Options { today, explain: false, tables };
        serde_json::to_value(answer(request, &options).unwrap()).unwrap()
    }

    #[test]
    fn a_card_is_looked_up_in_the_operators_own_table() {
        let own = TableTexts { card_bins: Some(BINS), ..TableTexts::default() };
        let card = json!({"pan": "4111111111111111"});
        let answer = ask(own, &card);
        assert_eq!(answer["bank_code"], "OWN");
        assert_eq!(answer["bank"], "自有银行");
        assert_eq!(answer["type"], "prepaid");
        assert_ne!(ask(TableTexts::default(), &card)["bank_code"], "OWN");
        // The whole table is replaced: what is shipped is not known any more.
        let shipped = json!({"pan": "6222020000000000000"});
        assert_eq!(ask(TableTexts::default(), &shipped)["bank_code"], "ICBC");
        assert_eq!(ask(own, &shipped)["bank_code"], Value::Null);
    }

    #[test]
    fn a_loan_is_held_against_the_operators_own_lines_and_lpr() {
        //    lines      LPR        each line with its limit
        check(None, None, &[("private-lpr4-2021", "12.00")]);
        check(Some(LINES), None, &[("own-5", "5.00"), ("own-lpr", "6.00")]);
        check(None, Some(LPR), &[("private-lpr4-2021", "36.00")]);
        check(Some(LINES), Some(LPR), &[("own-5", "5.00"), ("own-lpr", "18.00")]);
    }

    #[track_caller]
    fn check(legal_lines: Option<&str>, lpr: Option<&str>, wanted: &[(&str, &str)]) {
        let loan = json!({
            "principal": "10000.00", "rate": "15", "n": 12, "start": "2026-01-15",
            "lender": "private",
        });
        let answer = ask(TableTexts { card_bins: None, legal_lines, lpr }, &loan);
        let found = answer["legal"].as_array().unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|line| (line["line"].as_str().unwrap(), line["limit_percent"].as_str().unwrap()))
            .collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line() {
        let broken = BINS.replace("prepaid", "gold");
        let texts = TableTexts { card_bins: Some(&broken), ..TableTexts::default() };
        refuse(texts, "line 2 of the card-bin table: the card type must be");
        let broken = LINES.replace("fixed", "about");
        let texts = TableTexts { legal_lines: Some(&broken), ..TableTexts::default() };
        refuse(texts, "legal lines, row 2: field kind cannot be read");
        let broken = LPR.replace("9.00", "nine");
        let texts = TableTexts { lpr: Some(&broken), ..TableTexts::default() };
        refuse(texts, "LPR table, row 2: field percent cannot be read");
        let late = LPR.replace("2019-12-20", "2024-12-20");
        let texts = TableTexts { lpr: Some(&late), ..TableTexts::default() };
        refuse(texts, "line private-lpr4-2020 needs the LPR of 2020-08-20, which is earlier");
    }

    #[track_caller]
    fn refuse(texts: TableTexts<'_>, wanted: &str) {
        let told = Tables::parse(texts).unwrap_err().to_string();
        assert!(told.starts_with(wanted), "{told}");
    }
}
