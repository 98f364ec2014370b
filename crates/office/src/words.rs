//! The words that stand for states and choices: how they read, and how they look.

use crate::texts::Language;

/// How a word looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to say.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Somebody has to do something.
    Waiting,
    /// Not as it should be.
    Bad,
    /// Under way by itself.
    Running,
    /// Over.
    Faint,
}

impl Tone {
    /// The class of the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
            Self::Running => "running",
            Self::Faint => "faint",
        }
    }
}

/// How a word of a field reads; `None` for a text that is no such word.
pub(crate) fn word(language: Language, field: &str, word: &str) -> Option<(&'static str, Tone)> {
    let own = WORDS.iter().find(|(of, known, ..)| *of == field && *known == word);
    let found =
        own.or_else(|| WORDS.iter().find(|(of, known, ..)| of.is_empty() && *known == word));
    found.map(|(_, _, zh, en, tone)| (language.choose(zh, en), *tone))
}

/// The same for words of fields that are known to hold words; the word itself where it is unknown.
pub(crate) fn read<'w>(language: Language, field: &str, text: &'w str) -> &'w str {
    word(language, field, text).map_or(text, |(reads, _)| reads)
}

/// Whether texts of a field are words of the table rather than of people.
pub(crate) fn holds_words(field: &str) -> bool {
    WORD_FIELDS.contains(&field)
}

const WORD_FIELDS: &[&str] = &[
    "action",
    "base",
    "channel",
    "day_count",
    "direction",
    "event",
    "interval_unit",
    "interval_unit_default",
    "interval_units",
    "kind",
    "lender",
    "method",
    "methods",
    "outcome",
    "pdf",
    "phase",
    "purpose",
    "rights",
    "roles",
    "source",
    "state",
    "subject",
    "tenor_unit",
    "tenor_units",
    "time",
    "topic",
    "verdict",
    "which",
];

use Tone::{Bad, Faint, Good, Plain, Running, Waiting};

/// Field (empty: any), word, Chinese, English, tone.
#[rustfmt::skip]
pub(crate) const WORDS: &[(&str, &str, &str, &str, Tone)] = &[
    // States.
    ("", "reviewing", "待审核", "To review", Waiting),
    ("", "approved", "已批准", "Approved", Good),
    ("", "refused", "已拒绝", "Refused", Bad),
    ("", "lapsed", "已失效", "Lapsed", Faint),
    ("", "withdrawn", "已撤回", "Withdrawn", Faint),
    ("", "lent", "已放款", "Lent", Good),
    ("", "cancelled", "已取消", "Cancelled", Faint),
    ("", "paying_out", "放款中", "Paying out", Running),
    ("", "payout_failed", "放款失败", "Payout failed", Bad),
    ("", "repaying", "还款中", "Repaying", Running),
    ("", "overdue", "逾期", "Overdue", Bad),
    ("", "settled", "已结清", "Settled", Good),
    ("", "written_off", "已核销", "Written off", Faint),
    ("", "requested", "待处理", "Requested", Waiting),
    ("", "sent", "已发送", "Sent", Running),
    ("", "unknown", "结果未知", "Unknown", Bad),
    ("", "succeeded", "成功", "Succeeded", Good),
    ("", "failed", "失败", "Failed", Bad),
    ("", "rejected", "已驳回", "Rejected", Bad),
    ("", "used", "已使用", "Used", Faint),
    ("", "expired", "已过期", "Expired", Faint),
    ("", "open", "待处理", "Open", Waiting),
    ("", "all", "全部", "All", Plain),
    ("", "claimed", "已认领", "Claimed", Running),
    ("", "working", "跟进中", "Working", Running),
    ("", "won", "已成交", "Won", Good),
    ("", "lost", "未成交", "Lost", Faint),
    ("", "granted", "已同意", "Granted", Good),
    ("", "issued", "已发放", "Issued", Good),
    ("", "usable", "可用", "Usable", Good),
    ("", "reserved", "占用中", "Reserved", Running),
    ("", "done", "完成", "Done", Good),
    ("", "accrue", "计提", "Accrual", Running),
    ("", "lapse", "失效处理", "Lapsing", Running),
    ("", "expire", "过期处理", "Expiry", Running),
    ("", "debit", "代扣", "Debits", Running),
    ("", "remind", "提醒", "Reminders", Running),
    // Verdicts.
    ("", "approve", "批准", "Approve", Good),
    ("", "refuse", "拒绝", "Refuse", Bad),
    ("", "pass", "通过", "Pass", Good),
    ("", "refer", "转人工", "Refer", Waiting),
    // Channels.
    ("channel", "futureloan", "前程贷", "Futureloan", Plain),
    ("channel", "xianjindai", "现金贷", "Xianjindai", Plain),
    ("channel", "shuaidan", "第一甩单", "Shuaidan", Plain),
    ("channel", "wukong", "悟空", "Wukong", Plain),
    ("channel", "chaojihua", "超即花", "Chaojihua", Plain),
    // Money.
    ("action", "payout", "放款", "Payout", Plain),
    ("action", "reversal", "冲正", "Reversal", Plain),
    ("action", "refund", "退款", "Refund", Plain),
    ("action", "write_off", "核销", "Write-off", Plain),
    ("action", "limit_change", "调额", "Limit change", Plain),
    ("purpose", "payout", "放款", "Payout", Plain),
    ("purpose", "instalment", "按期还款", "Instalment", Plain),
    ("purpose", "settlement", "提前结清", "Settlement", Plain),
    ("purpose", "amount", "还款", "Amount", Plain),
    ("purpose", "refund", "退款", "Refund", Plain),
    ("direction", "payout", "付出", "Out", Plain),
    ("direction", "debit", "扣款", "Debit", Plain),
    ("direction", "refund", "退款", "Refund", Plain),
    ("direction", "in", "转入", "In", Plain),
    ("direction", "out", "转出", "Out", Plain),
    ("source", "card", "银行卡", "Card", Plain),
    ("source", "wallet", "账户余额", "Credit", Plain),
    ("source", "bank", "银行转账", "Bank transfer", Plain),
    ("source", "recovery", "核销收回", "Recovery", Plain),
    // Terms.
    ("", "one_off", "一次性还本付息", "One payment", Plain),
    ("", "interest_only", "先息后本", "Interest first", Plain),
    ("", "equal_instalment", "等额本息", "Equal instalments", Plain),
    ("", "equal_principal", "等额本金", "Equal principal", Plain),
    ("", "flat", "等本等息", "Flat", Plain),
    ("", "day", "天", "days", Plain),
    ("", "month", "个月", "months", Plain),
    ("", "quarter", "个季度", "quarters", Plain),
    ("", "year", "年", "years", Plain),
    ("", "30_360", "30/360", "30/360", Plain),
    ("", "30e_360", "30E/360", "30E/360", Plain),
    ("", "act_360", "实际/360", "Actual/360", Plain),
    ("", "act_365", "实际/365", "Actual/365", Plain),
    ("", "act_364", "实际/364", "Actual/364", Plain),
    ("", "act_act", "实际/实际", "Actual/actual", Plain),
    ("", "act_act_isda", "实际/实际 ISDA", "Actual/actual ISDA", Plain),
    ("", "overdue_principal", "逾期本金", "Overdue principal", Plain),
    ("", "overdue_principal_and_interest", "逾期本息", "Overdue principal and interest", Plain),
    ("", "overdue_amount", "逾期金额", "Overdue amount", Plain),
    ("", "outstanding", "剩余本金", "Outstanding principal", Plain),
    ("", "private", "自然人", "A private person", Plain),
    ("", "institution", "持牌机构", "A licensed institution", Plain),
    ("lender", "platform", "平台", "The platform", Plain),
    ("", "kept_back", "放款时扣收", "Kept back at the payout", Plain),
    ("", "each_period", "每期收取", "With each period", Plain),
    // Things.
    ("", "platform", "平台", "Platform", Plain),
    ("", "member", "客户", "Customer", Plain),
    ("", "customer", "客户", "Customer", Plain),
    ("", "application", "进件", "Application", Plain),
    ("", "loan", "借据", "Loan", Plain),
    ("", "payment", "支付订单", "Order", Plain),
    ("", "product", "产品", "Product", Plain),
    ("", "operator", "操作员", "Operator", Plain),
    ("", "provider", "服务商", "Provider", Plain),
    ("", "lead", "甩单", "Lead", Plain),
    ("", "repayment", "还款", "Repayment", Plain),
    // Documents.
    ("kind", "loan-contract", "借款合同", "Loan contract", Plain),
    ("kind", "debit-authority", "代扣授权书", "Debit authority", Plain),
    ("kind", "data-authority", "数据授权书", "Data authority", Plain),
    ("kind", "registration-agreement", "注册协议", "Registration agreement", Plain),
    ("kind", "repayment-help", "还款帮助", "Repayment help", Plain),
    ("kind", "cost-disclosure", "年化成本披露", "Cost disclosure", Plain),
    ("kind", "service-agreement", "服务协议", "Service agreement", Plain),
    ("pdf", "none", "无", "None", Plain),
    ("pdf", "wanted", "生成中", "Wanted", Plain),
    ("pdf", "made", "已生成", "Made", Plain),
    ("pdf", "failed", "生成失败", "Failed", Plain),
    // Messages.
    ("", "activity", "活动", "Activity", Plain),
    ("", "announcement", "公告", "Announcement", Plain),
    ("", "deduction", "还款抵扣", "Deduction", Plain),
    ("", "cash", "现金", "Cash", Plain),
    ("topic", "submitted", "已提交", "Submitted", Plain),
    ("topic", "approved", "已批准", "Approved", Plain),
    ("topic", "refused", "已拒绝", "Refused", Plain),
    ("topic", "paid_out", "已放款", "Paid out", Plain),
    ("topic", "due_soon", "即将到期", "Due soon", Plain),
    ("topic", "repaid", "已还款", "Repaid", Plain),
    ("topic", "overdue", "逾期", "Overdue", Plain),
    ("topic", "other", "其他", "Other", Plain),
    // Tests of the decision rules.
    ("kind", "minimum_age", "最低年龄", "Minimum age", Plain),
    ("kind", "maximum_age", "最高年龄", "Maximum age", Plain),
    ("kind", "region", "地区", "Region", Plain),
    ("kind", "income_ratio", "收入负债比", "Debt to income", Plain),
    ("kind", "blacklist", "黑名单", "Blacklist", Plain),
    ("kind", "risk_flag", "风险标记", "Risk flag", Plain),
    ("kind", "exposure", "敞口", "Exposure", Plain),
    ("kind", "velocity", "申请频率", "Velocity", Plain),
    ("kind", "overdue", "逾期次数", "Overdue loans", Plain),
    ("kind", "report_score", "报告评分", "Score of reports", Plain),
    // Roles and rights.
    ("", "reviewer", "初审员", "Reviewer", Plain),
    ("", "senior-reviewer", "终审员", "Senior reviewer", Plain),
    ("", "cashier", "出纳", "Cashier", Plain),
    ("", "collector", "催收员", "Collector", Plain),
    ("", "risk-manager", "风控经理", "Risk manager", Plain),
    ("", "product-manager", "产品经理", "Product manager", Plain),
    ("", "auditor", "审计员", "Auditor", Plain),
    ("", "administrator", "系统管理员", "Administrator", Plain),
    ("", "see_records", "查看记录", "See records", Plain),
    ("", "see_personal_data", "查看个人信息", "See personal data", Plain),
    ("", "review_applications", "初审", "Review applications", Plain),
    ("", "review_final", "终审", "Decide at the last step", Plain),
    ("", "pay_out", "放款", "Pay out", Plain),
    ("", "reverse", "冲正退款", "Reverse and refund", Plain),
    ("", "collect", "催收", "Collect", Plain),
    ("", "write_off", "核销", "Write off", Plain),
    ("", "change_limit", "调整额度", "Change limits", Plain),
    ("", "manage_risk", "管理风控", "Manage risk", Plain),
    ("", "manage_products", "管理产品", "Manage products", Plain),
    ("", "manage_messages", "管理消息", "Manage messages", Plain),
    ("", "run_day_end", "运行日终", "Run day-ends", Plain),
    ("", "see_audit", "查看审计", "See the audit trail", Plain),
    ("", "manage_operators", "管理操作员", "Manage operators", Plain),
];
