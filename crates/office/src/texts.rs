//! The texts of the pages in both languages: one table.

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// For `lang` in HTML.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// In the cookie.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The one of two texts.
    pub(crate) const fn choose<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The text of a word; the word where there is none, which a test forbids.
    pub(crate) fn say(self, word: &'static str) -> &'static str {
        let found = TEXTS.iter().find(|(known, _, _)| *known == word);
        found.map_or(word, |(_, zh, en)| self.choose(zh, en))
    }
}

/// Word, Chinese, English.
#[rustfmt::skip]
pub(crate) const TEXTS: &[(&str, &str, &str)] = &[
    ("brand", "借还", "Jiehuan"),
    ("office", "后台", "Back office"),
    ("skip", "跳到正文", "Skip to the content"),
    ("menu", "菜单", "Menu"),
    ("home", "首页", "Home"),
    ("nav_lending", "信贷业务", "Lending"),
    ("nav_customers", "客户", "Customers"),
    ("nav_offer", "产品与消息", "Products and messages"),
    ("nav_money", "资金", "Money"),
    ("nav_books", "账务", "Books"),
    ("nav_market", "市场", "Market"),
    ("nav_operations", "运营", "Operations"),
    ("books_balanced", "借贷平衡：期初、本期与期末的借方合计均等于贷方合计", "Balanced: opening, movement and closing each come to the same on both sides."),
    ("sheet_balanced", "平衡：资产总计等于负债和所有者权益总计", "Balanced: total assets are total liabilities and equity."),
    ("books_unbalanced", "借贷不平衡：请运行 jiehuan verify", "The two sides differ: run jiehuan verify."),
    ("account_now", "当前余额", "Now"),
    ("account_lines", "按记账顺序由新到旧，最多回溯一万笔", "As they were booked, the newest first; ten thousand lines back at most."),
    ("account_lines_platform", "平台账户不逐笔记余额；一次最多查看 31 天", "The platform's accounts keep no balance by line; 31 days at most are looked at at once."),
    ("taken_back", "已冲正", "Taken back"),
    ("period_closed", "已关账：以下为关账时保存的试算平衡表，此期间不能再记账，差错在未关账期间冲正。", "Closed: this is the trial balance as it was kept. Nothing is posted into the period any more; mistakes are corrected in an open one."),
    ("period_over", "期间已结束。关账后试算平衡表连同摘要一并保存，不可撤销。", "The period is over. Closing keeps its trial balance with a digest and cannot be undone."),
    ("period_running", "期间进行中，以下数字会继续变化。", "The period is running: these figures still change."),
    ("to_accounts", "账户", "Accounts"),
    ("to_lines", "查看明细", "See the lines"),
    ("log_in", "登录", "Log in"),
    ("log_in_title", "登录后台", "Log in to the back office"),
    ("log_out", "退出", "Log out"),
    ("login_name", "登录名", "Login name"),
    ("password", "密码", "Password"),
    ("my_account", "我的账号", "My account"),
    ("language_name", "English", "中文"),
    ("language_switch", "Switch to English", "切换为中文"),
    ("language_other", "en", "zh"),
    ("row_number", "第 {} 期", "Instalment {}"),
    ("row_agreed", "约定", "As agreed"),
    ("row_stands", "现状", "As it stands"),
    ("row_principal", "本金怎么来", "The principal"),
    ("row_rule", "规则", "Rule"),
    ("row_balance_before", "本期前未还本金", "Outstanding before"),
    ("row_balance_after", "本期后未还本金", "Outstanding after"),
    ("row_interest", "利息怎么来", "The interest"),
    ("row_fees", "费用", "Fees"),
    ("row_penalties", "罚息怎么来", "The penalty"),
    ("row_before", "上一期", "The one before"),
    ("row_after", "下一期", "The next one"),
    ("business_day", "业务日", "Business day"),
    ("day_moved", "时钟已拨动", "Moved clock"),
    ("factor_code", "动态码", "Code"),
    ("factor_code_hint", "已启用两步验证时填写", "if your second factor is on"),
    ("factor_title", "用验证器扫描", "Scan this with your authenticator"),
    ("factor_note", "用验证器应用扫描二维码，或手工输入下面的密钥，再在下方填写它显示的六位数字。离开本页后密钥不再显示。", "Scan the picture with an authenticator, or type the key below into it; then enter the six digits that it shows. The key is not shown again."),
    ("factor_lead", "两步验证：登录时除密码外还需验证器上的动态码。", "With a second factor, a log-in needs a code of your authenticator beside the password."),
    ("log_in_hint", "操作员账号由管理员添加；连续输错密码会被锁定。", "Accounts are added by an administrator; wrong passwords lock them."),
    ("busy", "系统繁忙，请稍后再试", "The platform is busy; try again in a moment"),
    ("busy_title", "系统繁忙", "Busy"),
    ("try_again", "重试", "Try again"),
    ("not_found_title", "没有这个页面", "There is no such page"),
    ("not_found", "地址可能有误，或内容已不存在。", "The address may be wrong, or what stood there is gone."),
    ("forbidden_title", "没有权限", "Not allowed"),
    ("forbidden", "您的角色没有查看此页或执行此操作的权限，请联系管理员。", "Your roles do not allow this page or command; ask an administrator."),
    ("foreign_title", "请求来源无法确认", "The request cannot be trusted"),
    ("foreign", "表单不是从本页面提交的，或登录状态已更换。请返回后重新填写。", "The form was not sent from a page of ours, or your log-in has changed. Go back and fill it in again."),
    ("unreadable_title", "提交内容无法识别", "The form cannot be read"),
    ("unreadable", "提交内容过大或已损坏。", "What was sent is too large or broken."),
    ("back_home", "返回首页", "Back to the home page"),
    ("refused_title", "未执行", "Not done"),
    ("filter", "筛选", "Filter"),
    ("filters", "筛选条件", "Filters"),
    ("all_of_them", "不限", "Any"),
    ("export", "导出 CSV", "Export CSV"),
    ("export_xlsx", "导出 Excel", "Export Excel"),
    ("previous", "上一页", "Previous"),
    ("next", "下一页", "Next"),
    ("page_number", "第 {} 页", "Page {}"),
    ("pages", "分页", "Pages"),
    ("empty", "没有记录", "Nothing here"),
    ("empty_hint", "当前条件下没有记录。", "Nothing matches at the moment."),
    ("choose_filter", "请先选择条件", "Choose first"),
    ("choose_filter_hint", "选择渠道或输入查询值后显示。", "Choose a channel, or enter what you look for."),
    ("yes", "是", "Yes"),
    ("no", "否", "No"),
    ("unchanged", "不变", "As it is"),
    ("not_said", "不填", "Not said"),
    ("optional", "选填", "optional"),
    ("send", "提交", "Send"),
    ("cancel", "取消", "Cancel"),
    ("confirm_grave", "此操作涉及资金或不可撤销，请核对后提交。", "This moves money or cannot be taken back: check before you send."),
    ("no_fields", "无需填写，确认后立即执行。", "Nothing to fill in; it is carried out at once."),
    ("done", "已完成：{}", "Done: {}"),
    ("awaited", "需要第二人复核：已提交申请，由另一位同权限操作员同意后，再由您执行。", "A second operator is needed: it has been asked for. Once somebody else with the same right consents, carry it out."),
    ("needs_approval", "超过限额时需要第二人复核；已获同意的复核单号填在此处。", "Above a limit a second operator is needed; the number of their consent goes here."),
    ("carry_out", "凭此复核单执行", "Carry out with this consent"),
    ("wrong_number", "请输入整数", "A whole number, please"),
    ("wrong_json", "不是有效的 JSON", "This is no JSON"),
    ("missing", "此项必填", "This is needed"),
    ("actions", "操作", "Actions"),
    ("more_pages", "相关页面", "More"),
    ("details", "详情", "Details"),
    ("open_it", "查看", "Open"),
    ("mask_title", "个人信息已脱敏", "Personal data is masked"),
    ("unmask", "查看完整信息", "Show in full"),
    ("unmask_reason", "查看原因", "Reason"),
    ("unmask_hint", "查看完整信息会记入审计日志，原因至少 4 个字。", "Showing it in full is noted in the audit trail; the reason has four characters at least."),
    ("unmasked", "以下为完整个人信息，本次查看已记入审计日志。", "Personal data in full; this has been noted in the audit trail."),
    ("document_title", "查看文件", "See a document"),
    ("search", "搜索", "Search"),
    ("search_label", "查找客户、进件、借据或订单", "Find customers, applications, loans or orders"),
    ("search_placeholder", "手机号 / 身份证 / 编号", "Mobile, id number or code"),
    ("scroll_table", "可横向滚动的表格", "Table that scrolls sideways"),
    ("currency", "¥", "¥"),
    ("of_tenor", "期", "over"),
    ("main_navigation", "主导航", "Main navigation"),
    ("breadcrumbs", "位置", "You are here"),
    ("today", "业务日", "Business day"),
    ("tile_to_review", "待审核进件", "To review"),
    ("tile_to_pay_out", "待放款", "To pay out"),
    ("tile_drawdowns", "待审批提现", "Drawdowns"),
    ("tile_raises", "提额申请", "Raises"),
    ("tile_approvals", "待复核", "Second operator"),
    ("tile_consents", "另有 {} 笔已同意待执行", "{} consents to use"),
    ("tile_failed", "放款失败", "Payouts declined"),
    ("tile_orders", "在途支付", "Open payments"),
    ("tile_unknown", "{} 笔结果未知", "{} in doubt"),
    ("tile_day_end", "最近日终", "Last day-end"),
    ("tile_day_failed", "{} 笔失败", "{} failed"),
    ("tile_running", "在贷本金", "Principal lent"),
    ("tile_rate", "近 30 天通过率", "Approval rate"),
    ("tile_decided_note", "{} / {} 已决定进件", "{} of {} decided"),
    ("tile_paid_out", "近 30 天放款", "Paid out"),
    ("tile_repaid", "近 30 天回款", "Repaid"),
    ("thirty_days", "近 30 个业务日", "last 30 business days"),
    ("loans_count", "{} 笔", "{} loans"),
    ("chart_money", "每日放款与回款", "Paid out and repaid by day"),
    ("chart_paid_out", "放款", "Paid out"),
    ("chart_repaid", "回款", "Repaid"),
    ("chart_buckets", "逾期分布", "Overdue by bucket"),
    ("chart_channels", "近 30 天渠道构成", "Channels in the last 30 days"),
    ("chart_empty", "近 30 天没有发生额", "Nothing moved in the last 30 days"),
    ("chart_no_overdue", "没有逾期借据", "Nothing is overdue"),
    ("to_loan", "查看借据", "The loan"),
    ("to_customer", "查看客户", "The customer"),
    ("to_application", "查看进件", "The application"),
    ("asked_title", "申请内容", "What is asked for"),
    ("person_title", "申请人", "Who asks"),
    ("offer_title", "定价与年化成本", "Price and annual cost"),
    ("plan_title", "还款计划", "Plan"),
    ("line_title", "信用额度", "Credit line"),
    ("exposure_title", "本账户借据", "Loans of this account"),
    ("no_name", "未实名客户", "Customer without a proven name"),
    ("flag_blacklisted", "黑名单", "Blacklisted"),
    ("flag_risky", "风险客户", "Risky"),
    ("flag_blocked", "已停用", "Closed"),
    ("account_title", "账户", "Account"),
    ("identity_title", "实名信息", "Identity"),
    ("card_title", "银行卡", "Bank card"),
    ("money_title", "余额", "Credit"),
    ("told_title", "客户所填资料", "Told by the customer"),
    ("terms_title", "借据条件", "Terms"),
    ("timeline_title", "经过", "What happened"),
    ("paid_title", "累计已还", "Paid so far"),
    ("what_if", "假设结清日", "If settled on"),
    ("what_if_send", "试算", "Reckon"),
    ("moment_created", "生成借据", "Loan made"),
    ("moment_paid_out", "放款成功", "Paid out"),
    ("moment_repaid", "还款", "Repaid"),
    ("moment_reversed", "还款（已冲正）", "Repaid, and taken back"),
    ("approval_mine", "等待另一位操作员复核；您可以撤回。", "Another operator has to consent; you can take it back."),
    ("approval_theirs", "请核对后决定是否同意。", "Check it, then consent or reject."),
    ("next_version", "编辑为新版本", "Edit as a new version"),
    ("version_before", "上一版本", "The version before"),
    ("version_what", "产品说明", "What it is"),
    ("version_amounts", "金额与利率", "Amounts and rates"),
    ("version_tenor", "期限与还款", "Tenor and repayment"),
    ("version_late", "逾期", "Being late"),
    ("version_review", "审核", "Review"),
    ("hint_choice", "范围写作 500.00-5000.00，多个值用逗号分隔", "a range as 500.00-5000.00, or values with commas"),
    ("hint_lines", "每行一条", "one on each line"),
    ("hint_fees", "每行一项：名称, 收取方, kept_back 或 each_period, 金额或比例（如 1.00 或 2%）", "one on each line: name, collector, kept_back or each_period, amount or share (1.00 or 2%)"),
    ("wrong_fee", "每行须为四项：名称, 收取方, 时间, 金额或比例", "each line has four parts: name, collector, time, amount or share"),
    ("edit", "编辑", "Edit"),
    ("settle_title", "结清试算", "What settling takes"),
    ("preview_title", "试算结果", "Preview"),
    ("up_to_date", "已是最新", "all done"),
    ("more_to_do", "尚未完成，可再次运行", "more to do; run it again"),
    ("to_case", "催收案件", "Its case"),
    ("case_mine", "由我催收", "Mine"),
    ("case_nobody", "无人催收", "Nobody's"),
    ("case_other", "催收员 {}", "Collector {}"),
    ("case_contacts_today", "今日联系", "Contacts today"),
    ("case_guard", "能否联系", "May be called"),
    ("case_guard_yes", "可联系", "Yes"),
    ("case_hours", "每日 {}:00 至 {}:00", "from {}:00 to {}:00"),
    ("case_take_first", "领取后可拨打并登记催收记录。", "Take it first; then you can call and write contacts down."),
    ("case_rules", "只联系借款人本人：联系人与通讯录不向催收员提供。", "Only the borrower is contacted: contacts and phone book are not shown to collectors."),
    ("stop_notice", "停催：{}，{}。不得就欠款联系该客户。", "Contacts are stopped: {}, {}. Nobody may contact the customer about what they owe."),
    ("stop_until", "至 {}", "until {}"),
    ("stop_no_end", "直至恢复", "until it is lifted"),
    ("flag_stopped", "停催", "Contacts stopped"),
    ("call_number", "拨打号码", "The number"),
    ("call_noted", "本次查看已计入今日联系次数并记入审计日志；通话后请登记结果。", "This counts as a contact of today and is noted in the audit trail; write down what came of it."),
    ("chart_vintage", "账龄曲线（30+ 累计占放款本金）", "Vintage: ever 30+ days late, of principal paid out"),
    ("vintage_axis", "账龄 {} 月", "month {}"),
    ("vintage_empty", "尚无满一个月的放款", "No payout is a month old"),
    ("vintage_table", "各放款月份", "By month of payout"),
    ("vintage_says", "每个放款月份的本金中，曾经逾期超过 30 天（或已核销）的累计占比；账龄按放款后的自然月计，最后一点为进行中的月份，截至最近一次日终。", "Of the principal of each month of payout, the share that has ever been more than 30 days late or was written off, by months of the calendar after the payout; the last point is the month that runs, as of the last day-end."),
    ("flag_erased", "已删除", "Erased"),
    ("erased_notice", "该客户的个人信息已于 {} 删除。", "What was known of this customer was erased on {}."),
    ("erased_kept", "；留存：{}", "; kept: {}"),
];

#[cfg(test)]
mod tests {
    use super::TEXTS;

    #[test]
    fn each_word_stands_once_and_in_both_languages() {
        for (place, (word, zh, en)) in TEXTS.iter().enumerate() {
            assert!(TEXTS.iter().skip(place + 1).all(|(other, _, _)| other != word), "{word}");
            assert!(!zh.is_empty() && !en.is_empty(), "{word}");
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{word}");
        }
    }
}
