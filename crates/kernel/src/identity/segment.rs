//! Mobile segments (手机号段): to which operator the first digits of a number were assigned.

use std::sync::LazyLock;

use crate::Mobile;

/// `prefix,operator,kind`. Source: `crates/kernel/data/README.md`.
const TABLE: &str = include_str!("../../data/mobile_segments.csv");

/// Prefixes of the table have 3 to 5 digits.
const PREFIX_DIGITS: std::ops::RangeInclusive<usize> = 3..=5;

/// Who runs the network that a segment was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// 中国移动.
    ChinaMobile,
    /// 中国联通.
    ChinaUnicom,
    /// 中国电信.
    ChinaTelecom,
    /// 中国广电.
    ChinaBroadnet,
    /// 北京船舶通信导航有限公司: Inmarsat in China.
    Maritime,
    /// 工业和信息化部应急通信保障中心: the ministry's centre for emergencies.
    Ministry,
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "mobile" => Some(Self::ChinaMobile),
            "unicom" => Some(Self::ChinaUnicom),
            "telecom" => Some(Self::ChinaTelecom),
            "broadnet" => Some(Self::ChinaBroadnet),
            "maritime" => Some(Self::Maritime),
            "ministry" => Some(Self::Ministry),
            _ => None,
        }
    }
}

/// What a segment is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// A customer of the operator itself (基础运营商).
    Physical,
    /// A customer of a reseller in the operator's network (虚拟运营商).
    Virtual,
    /// A card for data (上网卡); some of them can be called as well.
    Data,
    /// A satellite telephone (卫星电话).
    Satellite,
    /// Communication in emergencies (应急通信).
    Emergency,
}

impl SegmentKind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "physical" => Some(Self::Physical),
            "virtual" => Some(Self::Virtual),
            "data" => Some(Self::Data),
            "satellite" => Some(Self::Satellite),
            "emergency" => Some(Self::Emergency),
            _ => None,
        }
    }
}

/// A segment and whom it was assigned to.
///
/// Since 1 December 2019 a number may move to another operator (携号转网): a segment says who gave
/// the number out, not who serves it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The digits that make the segment, 3 to 5 of them.
    pub prefix: &'static str,
    /// The network that it was assigned to.
    pub operator: Operator,
    /// What it is used for.
    pub kind: SegmentKind,
}

impl Mobile {
    /// The segment of the number by its longest known prefix; `None` is no reason to refuse it,
    /// for segments are opened every year.
    pub fn segment(&self) -> Option<Segment> {
        static SEGMENTS: LazyLock<Vec<Segment>> =
            LazyLock::new(|| data_lines().filter_map(segment).collect());
        let mut prefixes = PREFIX_DIGITS.rev().filter_map(|digits| self.expose().get(..digits));
        let known = |prefix| SEGMENTS.iter().find(|segment| segment.prefix == prefix);
        prefixes.find_map(known).copied()
    }
}

fn data_lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| line.starts_with('1'))
}

fn segment(line: &'static str) -> Option<Segment> {
    let mut fields = line.split(',');
    let prefix = fields.next().filter(|prefix| PREFIX_DIGITS.contains(&prefix.len()))?;
    let operator = Operator::parse(fields.next()?)?;
    let kind = SegmentKind::parse(fields.next()?)?;
    fields.next().is_none().then_some(Segment { prefix, operator, kind })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(start: &str, expected: Option<(&str, Operator, SegmentKind)>) {
        let mobile = Mobile::parse(&format!("{start:0<11}")).unwrap();
        let found = mobile.segment().map(|found| (found.prefix, found.operator, found.kind));
        assert_eq!(found, expected, "{start}");
    }

    #[test]
    fn segments_tell_the_operator_and_the_kind() {
        use Operator::{ChinaBroadnet, ChinaMobile, ChinaTelecom, ChinaUnicom, Maritime, Ministry};
        use SegmentKind::{Data, Emergency, Physical, Satellite, Virtual};
        check("138", Some(("138", ChinaMobile, Physical)));
        check("130", Some(("130", ChinaUnicom, Physical)));
        check("199", Some(("199", ChinaTelecom, Physical)));
        check("192", Some(("192", ChinaBroadnet, Physical)));
        check("1348", Some(("134", ChinaMobile, Physical)));
        check("1349", Some(("1349", ChinaTelecom, Satellite)));
        check("1700", Some(("1700", ChinaTelecom, Virtual)));
        check("1703", Some(("1703", ChinaMobile, Virtual)));
        check("1709", Some(("1709", ChinaUnicom, Virtual)));
        check("162", Some(("162", ChinaTelecom, Virtual)));
        check("165", Some(("165", ChinaMobile, Virtual)));
        check("167", Some(("167", ChinaUnicom, Virtual)));
        check("171", Some(("171", ChinaUnicom, Virtual)));
        check("145", Some(("145", ChinaUnicom, Data)));
        check("147", Some(("147", ChinaMobile, Data)));
        check("149", Some(("149", ChinaTelecom, Data)));
        check("17400", Some(("17400", ChinaTelecom, Satellite)));
        check("17412", Some(("17412", Ministry, Emergency)));
        check("1749", Some(("1749", Maritime, Satellite)));
    }

    #[test]
    fn segments_that_nobody_has_are_none() {
        for start in ["154", "140", "146", "148", "160", "179", "194", "17413", "1744"] {
            check(start, None);
        }
    }

    #[test]
    fn the_shipped_table_is_whole() {
        let segments: Vec<Segment> = data_lines().filter_map(segment).collect();
        assert_eq!(segments.len(), TABLE.lines().count() - 2, "a line does not parse");
        assert!(segments.is_sorted_by(|a, b| a.prefix < b.prefix));
        assert!(segments.iter().all(|s| s.prefix.bytes().all(|b| b.is_ascii_digit())));
    }

    proptest! {
        #[test]
        fn a_segment_is_a_prefix_of_its_number(number in "1[3-9][0-9]{9}") {
            let mobile = Mobile::parse(&number).unwrap();
            if let Some(segment) = mobile.segment() {
                prop_assert!(number.starts_with(segment.prefix));
            }
        }
    }
}
