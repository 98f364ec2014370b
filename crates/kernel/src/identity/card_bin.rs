//! Which bank issued a card: issuer prefixes (卡 BIN, 发卡行标识代码) from a table an operator can replace.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::identity::BankCardNo;

/// The table that comes with the program. Source: `crates/kernel/data/README.md`.
const SHIPPED: &str = include_str!("../../data/card_bins.csv");

/// The first line of every table.
const HEADER: &str = "bin,length,bank_code,bank_name,card_type";

/// ISO/IEC 7812-1 has prefixes of 6 or 8 digits; Chinese tables go from 2 up to 10.
const BIN_DIGITS: std::ops::RangeInclusive<usize> = 2..=12;

/// Banks are told apart by an abbreviation such as `ICBC`; none in use is longer than 16.
const BANK_CODE_LENGTH: usize = 16;

/// The longest registered name of a Chinese bank has under 40 characters.
const BANK_NAME_LENGTH: usize = 40;

/// Thirty times what is shipped: a larger file is no table of Chinese issuers.
const MAX_ROWS: usize = 50_000;

/// What kind of card (卡种) a prefix stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardType {
    /// 借记卡, 储蓄卡: spends what is on the account.
    Debit,
    /// 贷记卡, 信用卡: spends what the bank lends.
    Credit,
    /// 准贷记卡: spends a deposit first, and then a small overdraft.
    QuasiCredit,
    /// 预付卡: spends what was loaded onto it; it belongs to nobody's account.
    Prepaid,
}

impl CardType {
    /// Reads the word of the table: `debit`, `credit`, `quasi-credit` or `prepaid`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "debit" => Some(Self::Debit),
            "credit" => Some(Self::Credit),
            "quasi-credit" => Some(Self::QuasiCredit),
            "prepaid" => Some(Self::Prepaid),
            _ => None,
        }
    }
}

/// One row of the table: an issuer's prefix and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardBin {
    /// The first digits of the card number.
    pub bin: String,
    /// How many digits the whole number has; `None` if the table leaves it open.
    pub length: Option<u8>,
    /// The bank's abbreviation, such as `ICBC`.
    pub bank_code: String,
    /// The bank's name in Chinese, such as 中国工商银行.
    pub bank_name: String,
    /// Debit, credit, or in between.
    pub card_type: CardType,
}

/// A table of issuer prefixes.
#[derive(Clone, Debug)]
pub struct CardBins {
    /// By prefix; within one prefix no two rows have the same length.
    rows: BTreeMap<String, Vec<CardBin>>,
}

impl CardBins {
    /// The table that comes with the program, read once.
    pub fn shipped() -> &'static Self {
        // A test reads the shipped text; it cannot fail here.
        static TABLE: LazyLock<CardBins> = LazyLock::new(|| {
            CardBins::parse(SHIPPED).unwrap_or_else(|_| CardBins { rows: BTreeMap::new() })
        });
        &TABLE
    }

    /// Reads an operator's table: UTF-8 text, one row a line, fields between commas, no quotes.
    ///
    /// The first line is `bin,length,bank_code,bank_name,card_type`; empty lines and lines that
    /// begin with `#` are skipped. The first line that is wrong ends the reading.
    pub fn parse(csv: &str) -> Result<Self, CardBinProblem> {
        let mut rows: BTreeMap<String, Vec<CardBin>> = BTreeMap::new();
        let mut count: Option<usize> = None;
        let mut line = 0;
        for text in csv.trim_start_matches('\u{feff}').lines().map(str::trim) {
            line += 1;
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let at = |problem| CardBinProblem { line, problem };
            let Some(count) = count.as_mut() else {
                count = (text == HEADER).then_some(0);
                count.ok_or(at(RowProblem::Header))?;
                continue;
            };
            *count += 1;
            if *count > MAX_ROWS {
                return Err(at(RowProblem::TooMany));
            }
            let row = row(text).map_err(at)?;
            let same_bin = rows.entry(row.bin.clone()).or_default();
            if same_bin.iter().any(|other| other.length == row.length) {
                return Err(at(RowProblem::Duplicate));
            }
            same_bin.push(row);
        }
        let headed = count.is_some();
        headed.then_some(Self { rows }).ok_or(CardBinProblem { line, problem: RowProblem::Header })
    }

    /// The row with the longest prefix of that card number whose length, if given, fits it.
    ///
    /// A row that gives the length goes before one with the same prefix that does not.
    pub fn find(&self, card: &BankCardNo) -> Option<&CardBin> {
        let number = card.expose();
        let prefixes = BIN_DIGITS.rev().filter_map(|digits| number.get(..digits));
        prefixes.filter_map(|prefix| self.rows.get(prefix)).find_map(|rows| {
            let fits = |row: &&CardBin| row.length.map(usize::from) == Some(number.len());
            rows.iter().find(fits).or_else(|| rows.iter().find(|row| row.length.is_none()))
        })
    }

    /// How many rows the table has.
    pub fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// Whether the table has no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn row(line: &str) -> Result<CardBin, RowProblem> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [bin, length, bank_code, bank_name, card_type] = fields.as_slice() else {
        return Err(RowProblem::Fields { found: fields.len() });
    };
    if !BIN_DIGITS.contains(&bin.len()) || !bin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(RowProblem::Bin);
    }
    let digits = length.parse().ok().filter(|digits| (12..=19).contains(digits));
    if digits.is_none() && !length.is_empty() {
        return Err(RowProblem::Length);
    }
    let code = (1..=BANK_CODE_LENGTH).contains(&bank_code.len());
    if !code || !bank_code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(RowProblem::BankCode);
    }
    let name = (1..=BANK_NAME_LENGTH).contains(&bank_name.chars().count());
    if !name || bank_name.contains(|c: char| c.is_control() || c == '"') {
        return Err(RowProblem::BankName);
    }
    Ok(CardBin {
        bin: (*bin).to_owned(),
        length: digits,
        bank_code: (*bank_code).to_owned(),
        bank_name: (*bank_name).to_owned(),
        card_type: CardType::parse(card_type).ok_or(RowProblem::CardType)?,
    })
}

/// Where and why a table of issuer prefixes cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the card-bin table: {problem}")]
pub struct CardBinProblem {
    /// The line of the file, from 1; 0 if the file is empty.
    pub line: usize,
    /// What is wrong with it.
    pub problem: RowProblem,
}

/// What can be wrong with a line of the table. The order is the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// The first line is missing or other than documented.
    #[error("the first line must be \"{HEADER}\"")]
    Header,
    /// More rows than are taken.
    #[error("at most {MAX_ROWS} rows are taken")]
    TooMany,
    /// Not five fields.
    #[error("five fields between commas are needed, {found} are there")]
    Fields {
        /// How many there are.
        found: usize,
    },
    /// The prefix is not 2 to 12 digits.
    #[error("the bin must have 2 to 12 digits")]
    Bin,
    /// The length is neither empty nor 12 to 19.
    #[error("the length must be empty or 12 to 19")]
    Length,
    /// The bank's code is not 1 to 16 letters or digits.
    #[error("the bank code must have 1 to 16 letters or digits")]
    BankCode,
    /// The bank's name is not 1 to 40 characters, or has a quote in it.
    #[error("the bank name must have 1 to 40 characters and no quote")]
    BankName,
    /// The card type is none of the four words.
    #[error("the card type must be debit, credit, quasi-credit or prepaid")]
    CardType,
    /// The same prefix with the same length stands further up.
    #[error("the same bin with the same length stands further up")]
    Duplicate,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(table: &'a CardBins, number: &str) -> Option<(&'a str, &'a str, CardType)> {
        let row = table.find(&BankCardNo::parse(number).unwrap())?;
        Some((row.bin.as_str(), row.bank_code.as_str(), row.card_type))
    }

    #[test]
    fn the_shipped_table_is_whole() {
        let table = CardBins::parse(SHIPPED).unwrap();
        assert_eq!(table.len(), SHIPPED.lines().count() - 2);
        assert_eq!(CardBins::shipped().len(), table.len());
        assert!(!CardBins::shipped().is_empty());
    }

    #[test]
    fn the_shipped_table_knows_the_large_issuers() {
        // Invented numbers: the account digits are all zero.
        let table = [
            ("6222020000000000000", Some(("622202", "ICBC", CardType::Debit))),
            ("6228480000000000000", Some(("622848", "ABC", CardType::Debit))),
            ("6217000000000000000", Some(("621700", "CCB", CardType::Debit))),
            ("6225880000000000", Some(("622588", "CMB", CardType::Debit))),
            ("0000000000000000", None),
            ("622202000000", None),
        ];
        for (number, expected) in table {
            assert_eq!(found(CardBins::shipped(), number), expected, "{number}");
        }
    }

    #[test]
    fn the_longest_prefix_whose_length_fits_wins() {
        let table = CardBins::parse(concat!(
            "bin,length,bank_code,bank_name,card_type\n",
            "62,,A,甲银行,debit\n",
            "6222,19,B,乙银行,credit\n",
            "6222,16,C,丙银行,prepaid\n",
            "62220,16,D,丁银行,quasi-credit\n",
            "62220,,E,戊银行,debit\n",
        ))
        .unwrap();
        let cases = [
            ("6222100000000000000", Some(("6222", "B", CardType::Credit))),
            ("6222100000000000", Some(("6222", "C", CardType::Prepaid))),
            ("62221000000000000", Some(("62", "A", CardType::Debit))),
            ("6222000000000000", Some(("62220", "D", CardType::QuasiCredit))),
            ("6222000000000000000", Some(("62220", "E", CardType::Debit))),
            ("6100000000000000", None),
        ];
        for (number, expected) in cases {
            assert_eq!(found(&table, number), expected, "{number}");
        }
    }

    #[track_caller]
    fn check(rows: &str, line: usize, problem: RowProblem) {
        let result = CardBins::parse(&format!("{HEADER}\n{rows}"));
        assert_eq!(result.err(), Some(CardBinProblem { line, problem }), "{rows}");
    }

    #[test]
    fn a_wrong_line_is_named_with_its_reason() {
        let good = "622202,19,ICBC,中国工商银行,debit";
        check("622202,19,ICBC,中国工商银行", 2, RowProblem::Fields { found: 4 });
        check(&format!("{good},more"), 2, RowProblem::Fields { found: 6 });
        check(&format!("# note\n\n{good}\n6,19,A,甲,debit"), 5, RowProblem::Bin);
        check("６２２２０２,19,A,甲,debit", 2, RowProblem::Bin);
        check("6222021234567,19,A,甲,debit", 2, RowProblem::Bin);
        check("622202,11,A,甲,debit", 2, RowProblem::Length);
        check("622202,-19,A,甲,debit", 2, RowProblem::Length);
        check("622202,99999999999999999999,A,甲,debit", 2, RowProblem::Length);
        check("622202,19,,甲,debit", 2, RowProblem::BankCode);
        check("622202,19,工行,甲,debit", 2, RowProblem::BankCode);
        check("622202,19,A,,debit", 2, RowProblem::BankName);
        check(&format!("622202,19,A,{},debit", "甲".repeat(41)), 2, RowProblem::BankName);
        check("622202,19,A,\"甲\",debit", 2, RowProblem::BankName);
        check("622202,19,A,甲,DC", 2, RowProblem::CardType);
        check(&format!("{good}\n{good}"), 3, RowProblem::Duplicate);
        let rows: Vec<_> = (0..=MAX_ROWS).map(|n| format!("{n:06},19,A,甲,debit")).collect();
        check(&rows.join("\n"), MAX_ROWS + 2, RowProblem::TooMany);
    }

    #[test]
    fn a_table_begins_with_its_header() {
        let problem = |csv| CardBins::parse(csv).unwrap_err();
        assert_eq!(problem(""), CardBinProblem { line: 0, problem: RowProblem::Header });
        assert_eq!(problem("# a\n\n"), CardBinProblem { line: 2, problem: RowProblem::Header });
        assert_eq!(problem("622202,19,ICBC,中国工商银行,debit").problem, RowProblem::Header);
        assert_eq!(
            problem("bin\n").to_string(),
            "line 1 of the card-bin table: the first line must be \
             \"bin,length,bank_code,bank_name,card_type\""
        );
    }

    #[test]
    fn tables_from_a_spreadsheet_are_read() {
        let csv = format!("\u{feff}{HEADER}\r\n 622202 , ,ICBC,中国工商银行, debit\r\n");
        assert_eq!(CardBins::parse(&csv).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_table_panic(text in any::<String>(), rows in "[0-9,a-z\n]{0,80}") {
            let _ = CardBins::parse(&text);
            let _ = CardBins::parse(&format!("{HEADER}\n{text}"));
            let _ = CardBins::parse(&format!("{HEADER}\n{rows}"));
        }

        #[test]
        fn a_found_row_is_a_prefix_of_the_number(number in "[3-69][0-9]{11,18}") {
            if let Some(row) = CardBins::shipped().find(&BankCardNo::parse(&number).unwrap()) {
                prop_assert!(number.starts_with(&row.bin));
                prop_assert_eq!(row.length.map(usize::from), Some(number.len()));
            }
        }
    }
}
