//! What templates may say, and what is made of them.

use super::*;
use crate::{Block, Facts, Paper};

const LOAN: &str = "template: test-loan
version: 3

# 借款合同
// a remark
编号：{{code}}
§ 借款
+ 金额 **{{amount}}** 元。
+ 用途：{{purpose}}
§ 费用
+ {{fees.name}}由{{fees.collector}}收取。

| 期 | 应还 |
|---|--:|
| {{plan.number}} | {{plan.total}} |
| 合计 | {{total}} |

> 本合同一式两份。
~ 出借人 | {{lender}} | {{day}}
~ 借款人 | {{borrower}} | {{day}}
";

fn facts() -> Facts {
    let mut facts = Facts::new();
    for name in ["code", "amount", "purpose", "total", "lender", "borrower", "day"] {
        facts.set(name, format!("<{name}>"));
    }
    facts.row("fees", &[("name", "甲费".into()), ("collector", "甲".into())]);
    facts.row("fees", &[("name", "乙费".into()), ("collector", "乙".into())]);
    facts.row("plan", &[("number", "1".into()), ("total", "500.00".into())]);
    facts
}

#[test]
fn a_filled_template_is_the_paper_it_says() {
    let paper = Template::parse(LOAN).unwrap().fill(&facts()).unwrap();
    let expected = "jiehuan-paper\t1
template\ttest-loan\t3
title\t借款合同
paragraph\t编号：<code>
heading\t第一条\t借款
clause\t1.1\t金额 **<amount>** 元。
clause\t1.2\t用途：<purpose>
heading\t第二条\t费用
clause\t2.1\t甲费由甲收取。
clause\t2.2\t乙费由乙收取。
table\tleft\tright
head\t期\t应还
row\t1\t500.00
row\t合计\t<total>
note\t本合同一式两份。
signatures
signature\t出借人\t<lender>\t<day>
signature\t借款人\t<borrower>\t<day>
";
    assert_eq!(paper.text(), expected);
    assert!(Paper::parse(expected).unwrap() == paper, "it is read back");
    assert_eq!(paper.title(), "借款合同");
    assert!(!format!("{paper:?} {:?}", facts()).contains("<lender>"), "no fact in a log");
}

/// The digest is that of `sha256sum` over the same text.
#[test]
fn the_digest_is_that_of_the_text() {
    let text = "template: t\nversion: 1\n\n# 标题";
    let paper = Template::parse(text).unwrap().fill(&Facts::new()).unwrap();
    assert_eq!(paper.text(), "jiehuan-paper\t1\ntemplate\tt\t1\ntitle\t标题\n");
    let expected = "117aaa02b78c82b5ce5fa661c23bb8a5717385cf6414179204f44215dfe203b2";
    assert_eq!(paper.digest().to_string(), expected);
    assert_eq!(crate::Digest::parse(expected), Some(paper.digest()));
    assert_eq!(crate::Digest::parse(&expected.to_uppercase()), None);
}

#[test]
fn every_fact_is_known_beforehand_and_none_may_be_missing() {
    let template = Template::parse(LOAN).unwrap();
    let names: Vec<_> = template.fields().into_iter().collect();
    assert_eq!(
        names,
        [
            "amount",
            "borrower",
            "code",
            "day",
            "fees.collector",
            "fees.name",
            "lender",
            "plan.number",
            "plan.total",
            "purpose",
            "total"
        ]
    );
    let missing = |facts: &Facts| template.fill(facts).unwrap_err().to_string();
    assert_eq!(missing(&Facts::new()), "the fact `code` is missing");
    let mut half = facts();
    half.row("fees", &[("name", "丙费".into())]);
    assert_eq!(missing(&half), "the fact `fees.collector` is missing");
    let long = facts().with("code", "长".repeat(10_001));
    assert_eq!(template.fill(&long).unwrap_err(), FillError::TooLong("code".into()));
}

#[test]
fn an_empty_list_is_not_a_missing_one() {
    let text = "template: t\nversion: 1\n\n# T\n+ {{fees.name}}\n| {{fees.name}} | {{fees.who}} |";
    let template = Template::parse(text).unwrap();
    let mut facts = Facts::new();
    assert_eq!(template.fill(&facts).unwrap_err(), FillError::MissingField("fees".into()));
    facts.list("fees");
    let paper = template.fill(&facts).unwrap();
    assert_eq!(paper.blocks().len(), 2, "no clause");
    let Some(Block::Table(table)) = paper.blocks().last() else { panic!("a table") };
    let words: Vec<_> = table.rows[0].iter().map(crate::Text::words).collect();
    assert_eq!(words, ["无", "—"]);
}

#[test]
fn facts_cannot_write_the_paper() {
    let text = "template: t\nversion: 1\n\n# T\n{{a}}";
    let facts = Facts::new().with("a", "**x**\n# 甲\trow {{a}}");
    let paper = Template::parse(text).unwrap().fill(&facts).unwrap();
    let last = "paragraph\t\\*\\*x\\*\\* # 甲 row {{a}}\n";
    assert!(paper.text().ends_with(last), "{}", paper.text());
    assert!(Paper::parse(&paper.text()).unwrap() == paper);
}

#[test]
fn a_broken_template_is_refused_with_its_line() {
    #[track_caller]
    fn check(lines: &str, expected: &str) {
        let error = Template::parse(&format!("template: t\nversion: 1\n\n{lines}")).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    check("# T\n{{a", "line 5: `{{a`: a fact is `{{name}}` or `{{list.name}}`");
    check("# T\n{{A}}", "line 5: `{{A}}`: a fact is `{{name}}` or `{{list.name}}`");
    check("# T\n{{a.b.c}}", "line 5: `{{a.b.c}}`: a fact is `{{name}}` or `{{list.name}}`");
    check("# T\n**a", "line 5: `**` is opened and not closed");
    check("# T\n+ {{a.x}}{{b.x}}", "line 5: facts of the list `b` cannot stand here");
    check("# T\n| {{a.x}} | {{b.x}} |", "line 5: facts of the list `b` cannot stand here");
    check("# {{a.x}}", "line 4: facts of the list `a` cannot stand here");
    check("# T\n| a | b |\n| c |", "line 6: a row needs as many columns as the one above it");
    check("# T\n|---|---|", "line 5: a row needs as many columns as the one above it");
    check("# T\n~ a | b", "line 5: a party that signs is `~ role | name | date`");
    check("text", "line 4: a template has one title, before everything else");
    check("# T\n# U", "line 4: a template has one title, before everything else");
    let head = "line 1: the head must be `template: name`, `version: number` and a blank line";
    assert_eq!(Template::parse("# T").unwrap_err().to_string(), head);
    assert_eq!(Template::parse("template: t\nversion: 0\n\n# T").unwrap_err().to_string(), head);
    assert_eq!(
        Template::parse("template: t\nversion: 1\n\n# T\u{7}").unwrap_err().problem,
        TemplateProblem::Unusable
    );
}

#[test]
fn a_damaged_text_is_not_read_as_a_paper() {
    #[track_caller]
    fn check(lines: &str, line: usize) {
        let text = format!("jiehuan-paper\t1\ntemplate\tt\t1\n{lines}");
        assert_eq!(Paper::parse(&text).unwrap_err().line, line);
    }
    check("titel\tT\n", 3);
    check("title\tT\nrow\ta\n", 4);
    check("table\tleft\nrow\ta\tb\n", 4);
    check("table\tleft\nrow\ta\nhead\tb\n", 5);
    check("signatures\nsignature\ta\tb\n", 4);
    check("clause\t1.\n", 3);
    assert_eq!(Paper::parse("").unwrap_err().line, 1);
    assert_eq!(Paper::parse("jiehuan-paper\t2\ntemplate\tt\t1\n").unwrap_err().line, 1);
}

#[test]
fn articles_are_counted_in_chinese() {
    let text = format!("template: t\nversion: 1\n\n# T\n{}", "§ a\n".repeat(21));
    let paper = Template::parse(&text).unwrap().fill(&Facts::new()).unwrap();
    let numbers: Vec<_> =
        paper.text().lines().filter_map(|l| l.split('\t').nth(1)).map(str::to_owned).collect();
    for expected in ["第一条", "第十条", "第十一条", "第二十条", "第二十一条"] {
        assert!(numbers.iter().any(|number| number == expected), "{expected}");
    }
}
