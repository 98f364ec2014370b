//! Where the figures of an instalment come from, each with its reckoning.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Facts, Link};
use crate::cells::{self, cell, plain};
use crate::json::{all, at};
use crate::labels::label;
use crate::pages::Page;
use crate::texts::Language;
use crate::words::{self, Tone};
use crate::{PATH, query, shape};

const AGREED: &[&str] = &["number", "from", "due", "principal", "interest", "fee"];
const STANDS: &[&str] = &["principal", "interest", "fee", "penalty", "outstanding", "overdue_days"];

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, answer) = (view.visit, view.answer);
    let number = at(answer, "agreed.number");
    let period = view.say("row_number").replace("{}", &number.to_string());
    page.title = format!("{} · {period}", answer["code"].as_str().unwrap_or_default());
    page.lead = cells::terms(view.language(), &answer["terms"]);
    page.links.extend(neighbours(view));
    let title = view.say("row_agreed");
    page.blocks.push(Block::Facts(shape::facts(visit, title, &answer["agreed"], AGREED)));
    let title = view.say("row_stands");
    page.blocks.push(Block::Facts(shape::facts(visit, title, &answer["stands"], STANDS)));
    page.blocks.push(Block::Facts(principal(view).wide()));
    for (list, title) in
        [("interest", "row_interest"), ("fees", "row_fees"), ("penalties", "row_penalties")]
    {
        let rows = all(answer, list);
        if rows.is_empty() {
            continue;
        }
        let mut table = shape::list(visit, title, rows);
        view.say(title).clone_into(&mut table.title);
        page.blocks.push(Block::Table(table));
    }
    page.blocks.push(Block::Notice(Tone::Plain, interest_rule(view)));
    if !all(answer, "penalties").is_empty() {
        page.blocks.push(Block::Notice(Tone::Plain, late_rule(view)));
    }
    page
}

/// The instalments before and after.
fn neighbours(view: &View<'_>) -> Vec<Link> {
    let number = at(view.answer, "agreed.number").as_u64().unwrap_or(1);
    let to = |number: u64| {
        let id = query::escaped(query::value(view.parts, "id"));
        format!("{PATH}/loans/{id}/rows/{number}")
    };
    let mut links = Vec::new();
    if number > 1 {
        links.push(Link::new(view.say("row_before"), to(number - 1)));
    }
    if view.answer["after"] != "0.00" {
        links.push(Link::new(view.say("row_after"), to(number + 1)));
    }
    links
}

/// How the principal comes about: a rule of the method, and the balances around it.
fn principal(view: &View<'_>) -> Facts {
    let (language, answer) = (view.language(), view.answer);
    let amount = |field: &str, path: &str| cell(language, field, at(answer, path));
    let method = at(answer, "terms.method").as_str().unwrap_or_default();
    let rule = match method {
        "equal_instalment" => language.choose(
            "每期还款额相同：本金 = 每期还款额 − 本期利息，最后一期还清余额",
            "Each instalment is the same: principal is the instalment less its interest; the last repays the rest",
        ),
        "equal_principal" | "flat" => language.choose(
            "本金按期数均分，除不尽的分计入最后一期",
            "The principal in equal parts; odd fen are in the last one",
        ),
        _ => language.choose("本金在最后一期一次偿还", "The principal is repaid with the last instalment"),
    };
    Facts {
        title: view.say("row_principal").to_owned(),
        rows: vec![
            (label(language, "method").to_owned(), plain(words::read(language, "method", method))),
            (view.say("row_rule").to_owned(), plain(rule)),
            (view.say("row_balance_before").to_owned(), amount("balance", "before")),
            (label(language, "principal").to_owned(), amount("principal", "agreed.principal")),
            (view.say("row_balance_after").to_owned(), amount("balance", "after")),
        ],
        is_wide: false,
    }
}

/// How the interest comes about, in a sentence with its figures.
fn interest_rule(view: &View<'_>) -> String {
    let (language, answer) = (view.language(), view.answer);
    let money = |value: &Value| value.as_str().and_then(cells::money).unwrap_or_default();
    let stretches = all(answer, "interest");
    let sums: Vec<_> = stretches
        .iter()
        .map(|stretch| {
            let text = |field: &str| stretch[field].as_str().unwrap_or_default();
            let (balance, amount) = (money(&stretch["balance"]), money(&stretch["amount"]));
            format!("{balance} × {}% × {} = {amount}", text("rate"), text("year_part"))
        })
        .collect();
    let count =
        words::read(language, "day_count", answer["day_count"].as_str().unwrap_or_default());
    if sums.is_empty() {
        let (amount, rate) = (money(at(answer, "terms.amount")), at(answer, "terms.rate"));
        let total = money(at(answer, "agreed.interest"));
        return flat(language, (&amount, rate.as_str().unwrap_or_default(), &total));
    }
    let rule = language.choose(
        "利息 = 未还本金 × 年利率 × 计息天数占比",
        "Interest is the outstanding principal, times the yearly rate, times the part of a year",
    );
    format!("{rule} ({count})：{}", sums.join("; "))
}

fn flat(language: Language, (amount, rate, total): (&str, &str, &str)) -> String {
    let rule = language.choose(
        "等本等息：每期利息 = 借款本金 × 年利率 × 每期占一年的比例",
        "Flat: the interest of each instalment is the principal lent, times the yearly rate, times the part of a year",
    );
    format!("{rule}：{amount} × {rate}% → {total}")
}

/// How the penalty comes about.
fn late_rule(view: &View<'_>) -> String {
    let (language, late) = (view.language(), &view.answer["late"]);
    let base = words::read(language, "base", late["base"].as_str().unwrap_or_default());
    let daily = late["daily"].as_str().unwrap_or_default();
    let mut parts = vec![match language {
        Language::Chinese => format!(
            "罚息 = {base} × 每日 {daily}% × 天数；宽限 {} 天，超过宽限后自到期日起算",
            late["grace_days"]
        ),
        Language::English => format!(
            "The penalty is {base} × {daily}% a day × days; {} days of grace, after which it \
             counts from the due date",
            late["grace_days"]
        ),
    }];
    if let Some(cap) = late["cap_rate"].as_str() {
        parts.push(match language {
            Language::Chinese => format!("连同利息不超过年化 {cap}%"),
            Language::English => format!("with interest at most {cap}% a year"),
        });
    }
    if !late["cap_days"].is_null() {
        parts.push(match language {
            Language::Chinese => format!("最多计 {} 天", late["cap_days"]),
            Language::English => format!("for {} days at most", late["cap_days"]),
        });
    }
    parts.join(language.choose("；", "; "))
}
