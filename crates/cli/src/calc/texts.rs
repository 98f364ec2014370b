//! The texts of the page in both languages, and which of them is wanted.

use serde_json::{Map, Value};

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// What the address asks for; otherwise Chinese if the browser prefers it, or English.
    pub(super) fn of(asked: Option<&str>, accepted: Option<&str>) -> Self {
        match asked {
            Some("zh") => Self::Chinese,
            Some("en") => Self::English,
            _ => Self::preferred(accepted.unwrap_or_default()),
        }
    }

    /// By the weights of an `Accept-Language`; the first of those with the same weight.
    fn preferred(accepted: &str) -> Self {
        let mut best = (Self::English, 0);
        for range in accepted.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let language = match tag.trim().split('-').next() {
                Some("zh") => Self::Chinese,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight = thousandths(weight.trim());
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// `zh-CN` or `en`.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The text of a word; nothing for one that does not exist.
    pub(super) fn say(self, word: &str) -> &'static str {
        let found = TEXTS.iter().find(|(known, _, _)| *known == word);
        found.map_or("", |(_, zh, en)| match self {
            Self::Chinese => zh,
            Self::English => en,
        })
    }
}

/// `q=0.8` as 800.
fn thousandths(weight: &str) -> u32 {
    let number = weight.strip_prefix("q=").unwrap_or("0");
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}{decimals:0<3.3}").parse().unwrap_or(0)
}

/// All words.
#[cfg(test)]
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(word, _, _)| *word)
}

/// What the script says.
pub(super) fn for_script(language: Language) -> Value {
    let said = SCRIPT.iter().map(|word| ((*word).to_owned(), language.say(word).into()));
    Value::Object(said.collect::<Map<_, _>>())
}

/// The words of the script.
const SCRIPT: &[&str] = &[
    "balance_line",
    "chart_desc",
    "chart_title",
    "exceeded",
    "explain_cost",
    "explain_equal-instalment",
    "explain_equal-principal",
    "explain_flat",
    "explain_interest-only",
    "explain_one-off",
    "fees_part",
    "interest_part",
    "last_note",
    "no_line",
    "offline",
    "principal_part",
    "rows_note",
    "stale",
    "status",
    "tip_row",
    "tip_rows",
    "within",
];

/// Word, Chinese, English.
const TEXTS: &[(&str, &str, &str)] = &[
    // The page.
    ("html_lang", "zh-CN", "en"),
    ("lang", "zh", "en"),
    ("other_lang", "en", "zh"),
    ("other_html_lang", "en", "zh-CN"),
    ("other_name", "English", "中文"),
    ("language", "语言", "Language"),
    ("skip", "跳到结果", "Skip to the results"),
    ("title", "贷款计算器", "Loan calculator"),
    (
        "lead",
        "还款计划、总成本与各种口径的年化利率，精确到分，逐笔可核。",
        "Schedule, total cost and every annual rate, exact to the fen, each figure open to proof.",
    ),
    ("yuan", "元", "¥"),
    ("automatic", "自动", "automatic"),
    (
        "footer",
        "计算在服务器上完成，不保存任何数据；也可用 POST /calc 或命令 jiehuan calc。",
        "Computed on the server; nothing is kept. Also as POST /calc and as the command jiehuan calc.",
    ),
    (
        "noscript",
        "未启用脚本：按“计算”后由服务器显示结果；命令行可用 jiehuan calc。",
        "Without script, the button shows the result; jiehuan calc does the same in a terminal.",
    ),
    // Terms.
    ("terms", "借款条件", "Terms"),
    ("principal", "借款本金", "Principal"),
    ("method", "还款方式", "Repayment method"),
    ("equal_instalment", "等额本息", "Equal instalments"),
    ("equal_principal", "等额本金", "Equal principal"),
    ("interest_only", "按期还息到期还本", "Interest only, principal at the end"),
    ("flat", "等本等息", "Flat interest on the whole principal"),
    ("one_off", "一次性还本付息", "One payment at the end"),
    ("rate", "利率", "Interest rate"),
    ("rate_unit", "利率口径", "Rate per"),
    ("per_year", "年利率", "year"),
    ("per_month", "月利率", "month"),
    ("per_day", "日利率", "day"),
    ("term", "期限", "Term"),
    ("term_unit", "期限单位", "Unit"),
    ("months", "个月", "months"),
    ("years", "年", "years"),
    ("weeks", "周", "weeks"),
    ("days_unit", "天", "days"),
    ("freq", "还款频率", "Paid"),
    ("every_month", "每月", "every month"),
    ("every_quarter", "每季", "every quarter"),
    ("every_half_year", "每半年", "every half-year"),
    ("every_year", "每年", "every year"),
    ("every_week", "每周", "every week"),
    ("every_two_weeks", "每两周", "every two weeks"),
    ("every_day", "每天", "every day"),
    ("every_ten_days", "每 10 天", "every 10 days"),
    ("every_fifteen_days", "每 15 天", "every 15 days"),
    ("every_thirty_days", "每 30 天", "every 30 days"),
    ("start", "起息日", "Start"),
    // Fees.
    ("fees_group", "费用与首付", "Fees and down payment"),
    ("upfront_fee", "放款时费用", "Upfront fee"),
    ("upfront_time", "收取方式", "How it is taken"),
    ("kept_back", "从放款中扣除", "kept back"),
    ("added", "计入本金", "added to the loan"),
    ("period_fee", "每期费用", "Fee per period"),
    ("period_base", "计费基数", "Share of"),
    ("base_loan", "借款本金", "the loan"),
    ("base_outstanding", "剩余本金", "the balance"),
    ("base_principal", "当期本金", "the row's principal"),
    ("base_interest", "当期利息", "the row's interest"),
    ("base_both", "当期本金与利息", "principal and interest"),
    ("down_payment", "首付", "Down payment"),
    ("size_example", "1.5% / 200.00", "1.5% / 200.00"),
    ("down_example", "25% / 5000.00", "25% / 5000.00"),
    (
        "fees_hint",
        "带 % 为比例，否则为金额（元）。",
        "With % a share, otherwise an amount in yuan.",
    ),
    // Grace.
    ("grace_group", "宽限与免息", "Grace and interest-free periods"),
    ("grace_principal", "本金宽限期数", "Principal grace"),
    ("interest_free", "免息期数", "Interest-free"),
    ("interest_free_rule", "免息期利息", "Interest of these periods"),
    ("waive", "免除", "waived"),
    ("defer", "顺延收取", "charged afterwards"),
    ("grace_interest", "付息宽限期数", "Interest grace"),
    ("grace_interest_rule", "宽限期利息", "That interest"),
    ("deferred", "宽限期后收取", "paid after"),
    ("listed", "仍列在各期", "stays in its rows"),
    // Dates.
    ("dates_group", "日期、计息与合规", "Dates, day count and law"),
    ("first", "首期还款日", "First due date"),
    ("daycount", "计息基础", "Day count"),
    ("month_end", "缺日规则（如 31 日）", "The 31st in a short month"),
    ("clamp", "取月末日", "the last day of the month"),
    ("roll", "顺延至次月 1 日", "the first of the next month"),
    ("signed_on", "签约日", "Signed on"),
    ("lender", "出借方", "Lender"),
    ("institution", "金融机构", "institution"),
    ("platform", "金融机构经平台", "by a platform"),
    ("private", "民间借贷", "private"),
    // Rounding.
    ("rounding_group", "取整与固定还款额", "Rounding and given instalment"),
    ("mode", "取整方式", "Rounding"),
    ("half_up", "四舍五入", "half up"),
    ("half_even", "四舍六入五成双", "half to even"),
    ("up", "进一", "up"),
    ("down", "去尾", "down"),
    ("step", "每期还款取整到（元）", "Instalments to"),
    ("absorb", "尾差", "What is left by rounding"),
    ("smooth", "各期均摊，末期找平", "instalments as even as can be"),
    ("last_row", "并入末期", "goes to the last row"),
    ("first_row", "并入首期", "goes to the first row"),
    ("given_instalment", "固定每期还款额", "Given instalment"),
    // Buttons.
    ("explain", "显示计算过程", "Explain each figure"),
    ("calculate", "计算", "Calculate"),
    ("reset", "重置", "Reset"),
    // Results.
    ("results", "计算结果", "Result"),
    ("card_instalment", "每期还款", "Instalment"),
    ("card_interest", "利息合计", "Total interest"),
    ("card_fees", "费用合计", "Total fees"),
    ("card_cost", "总成本", "Total cost"),
    ("card_repaid", "还款合计", "Total repaid"),
    ("card_received", "实际到手", "Received"),
    ("last_note", "末期 {last}", "last {last}"),
    ("rows_note", "共 {count} 期", "{count} rows"),
    (
        "status",
        "每期还款 {instalment} 元，总成本 {cost} 元",
        "Instalment {instalment}, cost {cost}",
    ),
    ("rates", "年化利率", "Annual rates"),
    ("rate_disclosure", "综合年化成本", "Disclosure rate (综合年化)"),
    ("rate_disclosure_note", "内部收益率法，含费用", "IRR method, with fees"),
    ("rate_simple", "单利年化", "Simple rate (单利)"),
    ("rate_simple_note", "总成本 ÷ 实际占用本金", "cost over principal really used"),
    ("rate_nominal", "名义年利率", "Nominal"),
    ("rate_nominal_note", "每期 IRR × 每年期数", "IRR of a period × periods a year"),
    ("rate_effective", "实际年利率", "Effective"),
    ("rate_effective_note", "按年复利", "compounded over a year"),
    ("rate_eu", "欧盟 APRC", "EU APRC"),
    ("rate_eu_note", "2008/48/EC，天数/365", "2008/48/EC, days/365"),
    ("rate_reg_z", "美国 APR", "US APR"),
    ("rate_reg_z_note", "Regulation Z 附录 J", "Regulation Z, Appendix J"),
    ("legal", "利率红线", "Legal lines"),
    ("within", "未超过", "within"),
    ("exceeded", "已超过", "exceeded"),
    ("no_line", "所选日期与出借方没有适用的红线。", "No line applies on that day to that lender."),
    ("schedule", "还款计划", "Schedule"),
    ("head_n", "期", "No."),
    ("head_due", "还款日", "Due"),
    ("head_days", "天数", "Days"),
    ("head_instalment", "还款额", "Instalment"),
    ("head_principal", "本金", "Principal"),
    ("head_interest", "利息", "Interest"),
    ("head_fees", "费用", "Fees"),
    ("head_balance", "剩余本金", "Balance"),
    // Chart.
    ("chart", "还款构成与剩余本金", "What is paid, and what is left"),
    ("chart_label", "按期浏览图表", "Rows of the chart"),
    (
        "chart_hint",
        "方向键逐期查看；下方表格有全部数字。",
        "Arrow keys go from row to row; all figures are in the table below.",
    ),
    (
        "chart_title",
        "每期还款的本金、利息与费用，以及剩余本金",
        "Principal, interest and fees of each row, and the balance",
    ),
    (
        "chart_desc",
        "柱：每期还款构成（左轴）；线：剩余本金（右轴）",
        "Bars: what each row pays (left); line: the balance (right)",
    ),
    ("principal_part", "本金", "Principal"),
    ("interest_part", "利息", "Interest"),
    ("fees_part", "费用", "Fees"),
    ("balance_line", "剩余本金", "Balance"),
    ("tip_row", "第 {n} 期 · {due}", "Row {n} · {due}"),
    ("tip_rows", "第 {from}–{to} 期 · 至 {due}", "Rows {from}–{to} · to {due}"),
    // Explanation.
    ("explained", "计算过程", "How it came about"),
    ("head_from", "起", "From"),
    ("head_to", "止", "To"),
    ("head_formula", "计息余额 × 年利率 × 年数", "Balance × yearly rate × years"),
    (
        "explain_equal-instalment",
        "每期还款 = {principal} ÷ {count} 期贴现因子之和，取整得 {instalment}",
        "instalment = {principal} / sum of the discount factors of {count} periods, rounded = {instalment}",
    ),
    (
        "explain_equal-principal",
        "每期本金 = {principal} ÷ {count}，取整",
        "principal of a row = {principal} / {count}, rounded",
    ),
    (
        "explain_flat",
        "每期本金 = {principal} ÷ {count}，取整；每期利息始终按 {principal} 计算",
        "principal of a row = {principal} / {count}, rounded; interest always on {principal}",
    ),
    (
        "explain_interest-only",
        "每期付息，末期还本",
        "interest with each row, principal with the last",
    ),
    ("explain_one-off", "本金与利息一次付清", "principal and interest with the only row"),
    (
        "explain_cost",
        "总成本 = 利息 {interest} + 费用 {fees} = {cost}，对应实际到手 {received}",
        "cost = interest {interest} + fees {fees} = {cost}, on {received} received",
    ),
    // Refusals.
    ("stale", "（以下为上一次的结果）", "(What follows is the last result.)"),
    (
        "offline",
        "无法连接服务器，请稍后再试。",
        "The server cannot be reached; try again in a moment.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: Option<&str>, accepted: Option<&str>, wanted: &str) {
        assert_eq!(Language::of(asked, accepted).tag(), wanted);
    }

    #[test]
    fn the_address_decides_and_then_the_browser() {
        //    lang        Accept-Language                  language
        check(Some("zh"), Some("en"), "zh-CN");
        check(Some("en"), Some("zh"), "en");
        check(Some("fr"), Some("zh-TW"), "zh-CN");
        check(None, None, "en");
        check(None, Some("zh-CN,zh;q=0.9,en;q=0.8"), "zh-CN");
        check(None, Some("en-GB,en;q=0.9,zh;q=0.8"), "en");
        check(None, Some("fr;q=1, zh;q=0.5, en;q=0.4"), "zh-CN");
        check(None, Some("en;q=0.2, zh;q=0.25"), "zh-CN");
        check(None, Some("zh;q=0, en;q=0.1"), "en");
        check(None, Some("*;q=x,,;;"), "en");
    }

    #[test]
    fn every_word_stands_once_and_in_both_languages() {
        for (place, (word, zh, en)) in TEXTS.iter().enumerate() {
            assert!(!zh.is_empty() && !en.is_empty(), "{word}");
            assert!(!TEXTS[..place].iter().any(|(other, _, _)| other == word), "{word} twice");
            let slots = |text: &str| {
                let mut slots: Vec<_> = text
                    .split('{')
                    .skip(1)
                    .map(|slot| slot.split('}').next())
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|slot| slot.unwrap().to_owned())
                    .collect();
                slots.sort();
                slots.dedup();
                slots
            };
            assert_eq!(slots(zh), slots(en), "{word}");
        }
        for word in SCRIPT {
            assert!(!Language::English.say(word).is_empty(), "{word}");
        }
    }
}
