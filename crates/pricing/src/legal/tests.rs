//! Lines by date, verdicts, and texts that are refused.

use kernel::{Date, Money, Rate};
use proptest::prelude::*;

use super::{Contract, Finding, LegalFile, LegalLines, Lender, Verdict, law_principal};
use crate::cost::AnnualRate;
use crate::cost::china::simple_rate;

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn money(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn percent(ppm: u32) -> AnnualRate {
    AnnualRate::from_rate(Rate::from_ppm(ppm).unwrap())
}

#[track_caller]
fn check_lines(day: &str, lender: Lender, want: &str) {
    let shipped = LegalLines::shipped().unwrap();
    let lines = shipped.on(date(day), lender).unwrap();
    let text = |line: &super::InForce<'_>| {
        format!("{} {}", line.line.id, AnnualRate::from_rate(line.limit).percent_text(2))
    };
    assert_eq!(lines.iter().map(text).collect::<Vec<_>>().join(", "), want, "{day}");
}

#[test]
fn lines_follow_the_day_of_the_contract() {
    let private = |day, want| check_lines(day, Lender::Private, want);
    private("2015-08-31", "");
    private("2015-09-01", "private-24 24.00, private-36 36.00");
    private("2020-08-19", "private-24 24.00, private-36 36.00");
    // cn-lpr4: 4 × 3.85 and 4 × 3.00
    private("2020-08-20", "private-lpr4-2020 15.40");
    private("2021-12-19", "private-lpr4-2021 15.40");
    private("2021-12-20", "private-lpr4-2021 15.20");
    private("2025-05-19", "private-lpr4-2021 12.40");
    private("2025-05-20", "private-lpr4-2021 12.00");
    let institution = |day, want| check_lines(day, Lender::Institution, want);
    institution("2017-08-03", "");
    institution("2017-08-04", "institution-24 24.00");
    institution("2026-11-23", "institution-24 24.00");
    let platform = |day, want| check_lines(day, Lender::InstitutionByPlatform, want);
    platform("2025-09-30", "institution-24 24.00");
    platform("2025-10-01", "institution-24 24.00, platform-24 24.00");
}

#[test]
fn the_lpr_is_the_last_one_published() {
    let shipped = LegalLines::shipped().unwrap();
    for (day, ppm) in [
        ("2019-08-20", 42_500),
        ("2019-09-19", 42_500),
        ("2019-10-21", 42_000),
        ("2019-12-31", 41_500),
        ("2020-03-20", 40_500),
        ("2021-04-20", 38_500),
        ("2022-01-19", 38_000),
        ("2022-01-20", 37_000),
        ("2022-08-22", 36_500),
        ("2023-06-20", 35_500),
        ("2023-08-21", 34_500),
        ("2024-07-21", 34_500),
        ("2024-07-22", 33_500),
        ("2024-10-21", 31_000),
        ("2026-02-24", 30_000),
    ] {
        assert_eq!(shipped.lpr_on(date(day)).unwrap().rate.ppm(), ppm, "{day}");
    }
    assert_eq!(shipped.lpr_on(date("2019-08-19")), None);
    assert_eq!(shipped.lpr_known_until(), date("2026-02-24"));
}

#[track_caller]
fn check(figure: AnnualRate, signed_on: &str, lender: Lender, want: &[Verdict]) {
    let shipped = LegalLines::shipped().unwrap();
    let received = money("1000");
    let contract = Contract { figure, received, signed_on: date(signed_on), lender };
    let verdicts: Vec<_> = shipped.check(&contract).unwrap().iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, want);
}

#[test]
fn a_figure_on_the_line_is_within_it() {
    use Verdict::{Exceeded, Within};
    check(percent(240_000), "2018-01-01", Lender::Private, &[Within, Within]);
    check(percent(240_001), "2018-01-01", Lender::Private, &[Exceeded, Within]);
    check(percent(360_001), "2018-01-01", Lender::Private, &[Exceeded, Exceeded]);
    check(percent(154_000), "2020-08-20", Lender::Private, &[Within]);
    check(percent(154_001), "2020-08-20", Lender::Private, &[Exceeded]);
    check(percent(240_000), "2026-01-01", Lender::Institution, &[Within]);
    check(percent(240_001), "2026-01-01", Lender::InstitutionByPlatform, &[Exceeded, Exceeded]);
    check(percent(990_000), "2000-01-01", Lender::Private, &[]);
}

#[test]
fn interest_taken_up_front_is_no_principal() {
    // seed-001-kantou: 5000 on paper, 500 kept back, 5010.42 after 5 days.
    let received = law_principal(money("5000"), money("500")).unwrap();
    assert_eq!(received, money("4500"));
    assert_eq!(law_principal(money("5000"), money("5000.01")), None);
    let cost = money("5010.42").minus(received).unwrap();
    let figure = simple_rate(cost, &[(received, 5)]).unwrap().annual();
    let shipped = LegalLines::shipped().unwrap();
    let signed_on = date("2021-05-01");
    let contract = Contract { figure, received, signed_on, lender: Lender::Private };
    let findings = shipped.check(&contract).unwrap();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.allowed_a_year, Some(money("693"))); // 4500 × 15.4 %
    assert_eq!(
        finding.to_string(),
        "four times the one-year LPR at the making of the contract: 828.0147 % of the contract of \
         2021-05-01 exceeds 15.40 % (4 x 3.85 %, published on 2020-04-20); the excess is not \
         protected; 法释〔2020〕17号 第二十五条"
    );
    assert_eq!(
        finding.zh(),
        "合同成立时一年期LPR的四倍：2021-05-01 订立的合同，年利率 828.0147 %，超过上限 15.40 %\
         （4 × 3.85 %，2020-04-20 公布）；超过部分不受保护；依据：法释〔2020〕17号 第二十五条"
    );
}

#[test]
fn a_day_beyond_the_table_says_so() {
    let shipped = LegalLines::shipped().unwrap();
    let contract = Contract {
        figure: percent(100_000),
        received: money("1"),
        signed_on: date("2026-11-23"),
        lender: Lender::Private,
    };
    let findings = shipped.check(&contract).unwrap();
    let carried = |finding: &Finding<'_>| finding.in_force.lpr.unwrap().carried_from;
    assert_eq!(carried(&findings[0]), Some(date("2026-02-24")));
    assert!(findings[0].to_string().contains("known until 2026-02-24"), "{}", findings[0]);
    assert!(findings[0].zh().contains("核对至 2026-02-24"), "{}", findings[0].zh());
}

const LINES: &str = "id,name_zh,name_en,kind,figure,valid_from,valid_to,applies_to,effect,source\n";
const LPR: &str = "kind,date,percent,source\npublished,2020-01-01,4,x\n";

#[track_caller]
fn check_refused(lines: &str, lpr: &str, file: LegalFile, want: &str) {
    let error = LegalLines::parse(lines, lpr).unwrap_err();
    assert_eq!(error.file, file);
    assert_eq!(error.to_string(), want);
    assert!(!error.zh().is_empty());
}

#[test]
fn unusable_texts_name_the_row() {
    let lines = |row: &str, want: &str| {
        check_refused(&format!("# text\n{LINES}{row}\n"), LPR, LegalFile::Lines, want);
    };
    lines("", "legal lines, row 1: there are no rows");
    lines("a,b", "legal lines, row 3: 2 fields instead of 10");
    let row = |kind: &str, from: &str, to: &str| format!("a,b,c,{kind},{from},{to},all,void,s");
    lines(
        &row("fixed,24.00001", "2020-01-01", ""),
        "legal lines, row 3: field figure cannot be read",
    );
    lines(&row("fixed,-1", "2020-01-01", ""), "legal lines, row 3: field figure cannot be read");
    lines(
        &row("lpr_multiple,0", "2020-01-01", ""),
        "legal lines, row 3: field figure cannot be read",
    );
    lines(&row("x,1", "2020-01-01", ""), "legal lines, row 3: field kind cannot be read");
    lines(&row("fixed,1", "2020-1-1", ""), "legal lines, row 3: field valid_from cannot be read");
    lines(&row("fixed,1", "2020-01-01", "?"), "legal lines, row 3: field valid_to cannot be read");
    let reversed = row("fixed,1", "2020-01-02", "2020-01-01");
    lines(&reversed, "legal lines, row 3: valid_to is before valid_from");
    let good = row("fixed,1", "2020-01-01", "");
    lines(&format!("{good}\n{good}"), "legal lines, row 4: the id occurs twice");
    lines(&good.replace("all", "us"), "legal lines, row 3: field applies_to cannot be read");
    lines(&good.replace("void", "us"), "legal lines, row 3: field effect cannot be read");
    lines(&good.replace("a,b", "a,"), "legal lines, row 3: field name_zh cannot be read");
    let good = format!("\u{feff}{LINES}{good}\r\n");
    let lpr = |text: &str, want: &str| check_refused(&good, text, LegalFile::Lpr, want);
    lpr("", "LPR table, row 1: there are no rows");
    lpr("x\n", "LPR table, row 1: the header must be kind,date,percent,source");
    lpr(
        &format!("{LPR}published,2020-01-01,4,x"),
        "LPR table, row 3: the date is not after the one before",
    );
    lpr(
        &format!("{LPR}checked,2020-02-01,3,x"),
        "LPR table, row 3: the percent differs from the one published last",
    );
    lpr(&format!("{LPR}guessed,2020-02-01,4,x"), "LPR table, row 3: field kind cannot be read");
    lpr(&LPR.repeat(2).replace(",4,", ",10001,"), "LPR table, row 2: field percent cannot be read");
    let many = (0..1001).fold(String::new(), |text, day| {
        let day = date("2020-01-02").plus_days(day).unwrap();
        text + "published," + &day.to_string() + ",4,x\n"
    });
    lpr(&format!("{LPR}{many}"), "LPR table, row 1002: more than 1000 rows");
    assert!(LegalLines::parse(&good, LPR).is_ok());
}

#[test]
fn an_operators_line_may_need_an_earlier_lpr() {
    let row = "a,b,c,lpr_multiple,4,2000-01-01,,all,void,s\n";
    let lines = LegalLines::parse(&format!("{LINES}{row}"), LPR).unwrap();
    let problem = lines.on(date("2019-01-01"), Lender::Private).unwrap_err();
    let want = "line a needs the LPR of 2019-01-01, which is earlier than the table";
    assert_eq!(problem.to_string(), want);
    assert_eq!(problem.zh(), "利率线 a 需要 2019-01-01 的 LPR，早于 LPR 表的起始日");
    let row = row.replace(",4,2", ",1000,2");
    let lines = LegalLines::parse(&format!("{LINES}{row}"), &LPR.replace(",4,", ",11,")).unwrap();
    let problem = lines.on(date("2020-01-01"), Lender::Private).unwrap_err();
    assert_eq!(problem.to_string(), "line a is beyond any rate");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(lines in ".{0,200}", rows in "[a-z0-9,.\n-]{0,200}") {
        let _ = LegalLines::parse(&lines, &rows);
        let _ = LegalLines::parse(&format!("{LINES}{rows}"), &format!("{LPR}{rows}"));
    }
}
