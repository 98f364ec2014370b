//! Administrative divisions (行政区划) by their codes of GB/T 2260, those of the past among them.

use std::sync::LazyLock;

/// `code,name,since,until`, sorted by code and year. Source: `crates/kernel/data/README.md`.
const TABLE: &str = include_str!("../../data/regions.csv");

/// What the standard puts where a level has no division of its own; never part of an address.
/// The same goes for every name with 直辖 in it, such as 省直辖县级行政区划.
const PLACEHOLDERS: [&str; 3] = ["市辖区", "县", "市区"];

/// A county, prefecture or province with the names that it had in some year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    province: &'static str,
    prefecture: Option<&'static str>,
    county: Option<&'static str>,
    abolished: bool,
}

impl Region {
    /// The division of that six-digit code, by its name in that year.
    ///
    /// Codes have been used again for other places, so the year matters; outside the years that
    /// the table has, the nearest earlier name stands, else the first. `None` if the code is not
    /// in the table.
    pub fn find(code: &str, year: i16) -> Option<Self> {
        let own = name_of(code, year)?;
        let above = |digits: usize| {
            let head = code.get(..digits)?;
            name_of(&format!("{head:0<6}"), year).map(|row| row.name)
        };
        let is_province = code.ends_with("0000");
        let is_prefecture = code.ends_with("00") && !is_province;
        let prefecture = if is_province { None } else { above(4) };
        let county = (!is_province && !is_prefecture).then_some(own.name);
        Some(Self {
            province: above(2)?,
            prefecture: prefecture.filter(|name| !is_placeholder(name)),
            county: county.filter(|name| !is_placeholder(name)),
            abolished: own.until.is_some(),
        })
    }

    /// The province, municipality or autonomous region (省级).
    pub const fn province(&self) -> &'static str {
        self.province
    }

    /// The prefecture or prefecture-level city (地级); none in municipalities.
    pub const fn prefecture(&self) -> Option<&'static str> {
        self.prefecture
    }

    /// The county, district or county-level city (县级), if the code names one.
    pub const fn county(&self) -> Option<&'static str> {
        self.county
    }

    /// Whether the code no longer stands for this division.
    pub const fn is_abolished(&self) -> bool {
        self.abolished
    }

    /// The names from the province down, without spaces: `广东省汕头市潮阳县`.
    pub fn full_name(&self) -> String {
        let below = [self.prefecture, self.county];
        std::iter::once(self.province).chain(below.into_iter().flatten()).collect()
    }
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name) || name.contains("直辖")
}

/// One name of a code; years are inclusive, and an open end is `None`.
struct Row {
    code: &'static str,
    name: &'static str,
    since: Option<i16>,
    until: Option<i16>,
}

fn name_of(code: &str, year: i16) -> Option<&'static Row> {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| data_lines().filter_map(row).collect());
    let first = ROWS.partition_point(|row| row.code < code);
    let rows = ROWS.get(first..)?.split(|row| row.code != code).next()?;
    rows.iter().rfind(|row| row.since.is_none_or(|since| since <= year)).or(rows.first())
}

fn data_lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
}

fn row(line: &'static str) -> Option<Row> {
    let mut fields = line.split(',');
    let (code, name) = (fields.next()?, fields.next()?);
    let (since, until) = (fields.next()?.parse().ok(), fields.next()?.parse().ok());
    fields.next().is_none().then_some(Row { code, name, since, until })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(code: &str, year: i16, name: &str, abolished: bool) {
        let region = Region::find(code, year).unwrap();
        assert_eq!((region.full_name().as_str(), region.is_abolished()), (name, abolished));
    }

    #[test]
    fn codes_have_the_name_of_their_year() {
        //    code      year  name                      abolished
        check("110000", 2020, "北京市", false);
        check("110105", 2020, "北京市朝阳区", false);
        check("110101", 1984, "北京市东城区", false);
        check("110223", 1990, "北京市通县", true);
        check("310115", 2026, "上海市浦东新区", false);
        check("320500", 2026, "江苏省苏州市", false);
        check("440524", 1984, "广东省汕头市潮阳县", true);
        check("440524", 2026, "广东省汕头市潮阳县", true);
        check("120110", 1990, "天津市东郊区", true);
        check("120110", 1992, "天津市东丽区", false);
        check("429004", 2026, "湖北省仙桃市", false);
        check("500230", 2026, "重庆市丰都县", false);
        check("540481", 2026, "西藏自治区林芝市米林市", false);
        check("653229", 2026, "新疆维吾尔自治区和田地区和安县", false);
        check("710000", 2026, "台湾省", false);
        check("810000", 2026, "香港特别行政区", false);
        check("830000", 2026, "台湾省", false);
        check("320101", 2026, "江苏省南京市", false);
    }

    #[test]
    fn the_levels_of_a_region_are_told_apart() {
        let county = Region::find("440524", 1984).unwrap();
        assert_eq!(county.province(), "广东省");
        assert_eq!(county.prefecture(), Some("汕头市"));
        assert_eq!(county.county(), Some("潮阳县"));
        let district = Region::find("110105", 1984).unwrap();
        assert_eq!((district.prefecture(), district.county()), (None, Some("朝阳区")));
        let city = Region::find("320500", 1984).unwrap();
        assert_eq!((city.prefecture(), city.county()), (Some("苏州市"), None));
    }

    #[test]
    fn unknown_codes_are_no_region() {
        for code in [
            "",
            "1",
            "11",
            "11010",
            "1101050",
            "340524",
            "990000",
            "000000",
            "１１０１０５",
            "北京",
        ] {
            assert!(Region::find(code, 2026).is_none(), "{code}");
        }
    }

    #[test]
    fn the_shipped_table_is_whole() {
        let rows: Vec<Row> = data_lines().filter_map(row).collect();
        assert_eq!(rows.len(), TABLE.lines().count() - 2, "a line does not parse");
        for row in &rows {
            let digits = row.code.len() == 6 && row.code.bytes().all(|b| b.is_ascii_digit());
            assert!(digits && !row.name.is_empty(), "{}", row.code);
            let years = row.since.unwrap_or(i16::MIN) <= row.until.unwrap_or(i16::MAX);
            assert!(years, "{} {}", row.code, row.name);
            assert!(Region::find(row.code, 2026).is_some(), "{} has no province", row.code);
        }
        for pair in rows.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let later = a.code == b.code && a.until.is_some_and(|until| Some(until) < b.since);
            assert!(a.code < b.code || later, "{} {}", b.code, b.name);
        }
    }

    proptest! {
        #[test]
        fn no_code_makes_the_lookup_panic(code in any::<String>(), year in any::<i16>()) {
            let _ = Region::find(&code, year);
        }

        #[test]
        fn every_six_digits_are_answered(code in "[1-8][0-9]{5}", year in 1900_i16..2100) {
            if let Some(region) = Region::find(&code, year) {
                prop_assert!(region.full_name().starts_with(region.province()));
            }
        }
    }
}
