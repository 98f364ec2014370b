//! The figures of an answer as markup, for browsers without script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use calculator::{Answer, LoanAnswer};

use super::Refusal;
use super::texts::Language;
use kernel::html::escape;

/// Markup by the place where it stands.
type Blocks = BTreeMap<&'static str, String>;

/// Stands where no figure is yet.
const NOTHING: &str = "—";
const HIDDEN: &str = " hidden";
const FIGURES: [&str; 12] = [
    "instalment",
    "total_interest",
    "total_fees",
    "total_cost",
    "total_repaid",
    "received",
    "disclosure_irr_percent",
    "disclosure_simple_percent",
    "nominal_percent",
    "effective_percent",
    "eu_apr_percent",
    "reg_z_apr_percent",
];

/// The places of a page without an answer.
pub(super) fn empty() -> Blocks {
    let mut blocks: Blocks = FIGURES.iter().map(|name| (*name, NOTHING.to_owned())).collect();
    for hidden in ["alert_hidden", "problem_hidden", "explained_hidden"] {
        blocks.insert(hidden, HIDDEN.to_owned());
    }
    blocks
}

/// Puts an answer into its places, or says why there is none.
pub(super) fn fill(blocks: &mut Blocks, answer: &Result<Answer, Refusal>, language: Language) {
    match answer {
        Ok(Answer::Loan(loan)) => fill_loan(blocks, loan, language),
        // The form asks for loans only.
        Ok(Answer::Flows(_) | Answer::Figures(_)) => {}
        Err(refusal) => {
            let text = match language {
                Language::Chinese => &refusal.zh,
                Language::English => &refusal.en,
            };
            let label = language.say(&refusal.field);
            let text =
                if label.is_empty() { text.clone() } else { text.replace(&refusal.field, label) };
            blocks.insert("alert", escape(&text));
            blocks.remove("alert_hidden");
        }
    }
}

fn fill_loan(blocks: &mut Blocks, loan: &LoanAnswer, language: Language) {
    let amounts = [
        ("instalment", &loan.instalment),
        ("total_interest", &loan.total_interest),
        ("total_fees", &loan.total_fees),
        ("total_cost", &loan.total_cost),
        ("total_repaid", &loan.total_repaid),
        ("received", &loan.received),
    ];
    for (name, amount) in amounts {
        blocks.insert(name, grouped(amount));
    }
    let cost = &loan.cost;
    let rates = [
        ("disclosure_irr_percent", &cost.disclosure_irr_percent),
        ("disclosure_simple_percent", &cost.disclosure_simple_percent),
        ("nominal_percent", &cost.nominal_percent),
        ("effective_percent", &cost.effective_percent),
        ("eu_apr_percent", &cost.eu_apr_percent),
        ("reg_z_apr_percent", &cost.reg_z_apr_percent),
    ];
    for (name, rate) in rates {
        blocks.insert(name, rate.as_ref().map_or_else(|| NOTHING.to_owned(), |r| format!("{r} %")));
    }
    let note = if loan.rows.len() > 1 && loan.last != loan.instalment {
        language.say("last_note").replace("{last}", &grouped(&loan.last))
    } else {
        language.say("rows_note").replace("{count}", &loan.rows.len().to_string())
    };
    blocks.insert("last_note", escape(&note));
    let problem = match language {
        Language::Chinese => &cost.problem_zh,
        Language::English => &cost.problem,
    };
    if let Some(problem) = problem {
        blocks.insert("problem", escape(problem));
        blocks.remove("problem_hidden");
    }
    blocks.insert("legal_lines", legal(loan, language));
    blocks.insert("rows", rows(loan));
    if !loan.explain.is_empty() {
        explain(blocks, loan, language);
    }
}

fn legal(loan: &LoanAnswer, language: Language) -> String {
    if loan.legal.is_empty() {
        return format!("<li>{}</li>", escape(language.say("no_line")));
    }
    let line = |line: &calculator::answer::LegalAnswer| {
        let (class, word) =
            if line.exceeded { ("badge exceeded", "exceeded") } else { ("badge", "within") };
        let text = match language {
            Language::Chinese => &line.zh,
            Language::English => &line.en,
        };
        let (badge, text) = (escape(language.say(word)), escape(text));
        format!("<li><span class=\"{class}\">{badge}</span><span>{text}</span></li>")
    };
    loan.legal.iter().map(line).collect()
}

fn rows(loan: &LoanAnswer) -> String {
    let mut text = String::new();
    for row in &loan.rows {
        let amounts = [&row.instalment, &row.principal, &row.interest, &row.fees, &row.balance];
        let _ = write!(text, "<tr><th scope=\"row\">{}</th><td>{}</td>", row.n, row.due);
        let _ = write!(text, "<td>{}</td>", row.days);
        for amount in amounts {
            let _ = write!(text, "<td>{}</td>", grouped(amount));
        }
        text.push_str("</tr>");
    }
    text
}

fn explain(blocks: &mut Blocks, loan: &LoanAnswer, language: Language) {
    let count = loan.rows.iter().filter(|row| row.days > 0).count().to_string();
    let filled = |word: &str, slots: &[(&str, &str)]| {
        let text = slots.iter().fold(language.say(word).to_owned(), |text, (slot, value)| {
            text.replace(&format!("{{{slot}}}"), value)
        });
        escape(&text)
    };
    let (principal, instalment) = (grouped(&loan.principal), grouped(&loan.instalment));
    let slots = [("principal", principal.as_str()), ("instalment", &instalment), ("count", &count)];
    blocks.insert("method_line", filled(&format!("explain_{}", loan.method), &slots));
    let slots = [
        ("interest", &*grouped(&loan.total_interest)),
        ("fees", &*grouped(&loan.total_fees)),
        ("cost", &*grouped(&loan.total_cost)),
        ("received", &*grouped(&loan.received)),
    ];
    blocks.insert("cost_line", filled("explain_cost", &slots));
    let mut text = String::new();
    for part in &loan.stretches {
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{} × {} % × {}</td>\
             <td>{}</td></tr>",
            part.n,
            part.from,
            part.to,
            grouped(&part.balance),
            part.rate,
            part.years,
            grouped(&part.interest)
        );
    }
    blocks.insert("stretches", text);
    blocks.remove("explained_hidden");
}

/// `1234567.89` as `1,234,567.89`.
fn grouped(amount: &str) -> String {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && whole.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if decimals.is_empty() { text } else { format!("{text}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        for (amount, wanted) in [
            ("0.00", "0.00"),
            ("999.99", "999.99"),
            ("1000.00", "1,000.00"),
            ("-1234567.89", "-1,234,567.89"),
            ("12", "12"),
        ] {
            assert_eq!(grouped(amount), wanted);
        }
    }
}
