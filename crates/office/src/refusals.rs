//! What refusals of the operator API say in Chinese; their English is the interface's own.

use console::Operation;

use crate::texts::Language;

/// A refusal as it is read: in English as it came, in Chinese from the table.
pub(crate) fn read(
    language: Language,
    operation: &Operation,
    (code, message): (&str, &str),
) -> String {
    let all = console::refusals(operation);
    let part = all
        .iter()
        .filter(|known| known.code == code)
        .find_map(|known| console::part_of(known, message))
        .unwrap_or_default();
    let found = REFUSALS.iter().find(|(known, _)| *known == code);
    match (language, found) {
        (Language::Chinese, Some((_, zh))) => zh.replace("{}", &shown(part)),
        (Language::Chinese, None) | (Language::English, _) if !message.is_empty() => {
            sentence(message)
        }
        (_, _) => language.say("busy").to_owned(),
    }
}

/// The field that a refusal is about.
pub(crate) fn field<'m>(operation: &Operation, code: &str, message: &'m str) -> Option<&'m str> {
    if code != "field_wrong" {
        return None;
    }
    let all = console::refusals(operation);
    all.iter().filter(|known| known.code == code).find_map(|known| console::part_of(known, message))
}

/// A part of a refusal: a word in Chinese where it is one, otherwise as it came.
fn shown(part: &str) -> String {
    let word = crate::words::word(Language::Chinese, "", part);
    word.map_or_else(|| part.to_owned(), |(reads, _)| reads.to_owned())
}

/// A sentence begins with a capital letter.
fn sentence(message: &str) -> String {
    let mut signs = message.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// Code and Chinese text; `{}` stands for the part that varies.
#[rustfmt::skip]
const REFUSALS: &[(&str, &str)] = &[
    ("no_such_call", "没有这个页面"),
    ("wrong_method", "此地址不接受该方法"),
    ("not_logged_in", "请先登录"),
    ("no_right", "您的角色没有所需权限：{}"),
    ("body_too_large", "提交内容过大"),
    ("body_broken", "提交内容未完整到达"),
    ("body_malformed", "提交内容无法识别：{}"),
    ("query_malformed", "地址参数无法识别"),
    ("key_malformed", "幂等键格式不正确"),
    ("key_reused", "该幂等键已用于另一请求"),
    ("field_wrong", "此项填写不正确"),
    ("busy", "系统繁忙，请稍后再试"),
    ("log_in_refused", "登录名或密码错误，或账号已停用"),
    ("locked", "密码错误次数过多，请稍后再试或联系管理员重置"),
    ("no_such_instalment", "该借据没有这一期"),
    ("second_factor_on", "两步验证已启用"),
    ("second_factor_not_on", "两步验证未启用或尚未设置"),
    ("code_wrong", "动态码错误、已过期或已使用过"),
    ("no_such_session", "没有这个会话"),
    ("old_password_wrong", "原密码不正确"),
    ("no_such_operator", "没有该操作员"),
    ("login_taken", "登录名已被占用"),
    ("yourself", "不能对自己的账号执行此操作"),
    ("no_such_customer", "没有该客户"),
    ("no_such_application", "没有该进件"),
    ("no_such_loan", "没有该借据"),
    ("no_such_repayment", "没有该还款"),
    ("no_such_payment", "没有该支付订单"),
    ("no_such_product", "没有该产品"),
    ("no_such_lead", "没有该甩单"),
    ("no_such_officer", "没有该信贷员，或其账号已停用"),
    ("no_such_document", "没有该文件"),
    ("no_such_message", "没有展示中的该消息"),
    ("no_such_statement", "当日没有对账单"),
    ("no_such_difference", "没有待处理的该差异"),
    ("not_begun", "该日尚未开始"),
    ("statement_unfit", "第 {} 行不符合格式：订单号,in|out,金额,服务商单号"),
    ("with_partner", "由资金方决定"),
    ("no_such_funding_order", "没有该资金方订单"),
    ("not_told_again", "资金方未判为有误，或已另有决定"),
    ("no_such_issue", "没有该事项"),
    ("issue_closed", "该事项已处理"),
    ("not_reviewing", "该进件不在待审核状态"),
    ("same_reviewer", "各审核步骤须由不同的人完成"),
    ("no_such_drawdown", "没有该提现"),
    ("customer_refused", "不向该客户放款"),
    ("no_identity", "客户身份尚未核实"),
    ("open_application", "该产品已有进行中的申请"),
    ("line_too_small", "额度不足"),
    ("more_than_asked", "超过申请金额，或超过上一步批准的金额"),
    ("not_offered", "产品不提供：{}"),
    ("not_payable", "当前状态不能放款"),
    ("no_card", "客户没有绑定银行卡"),
    ("not_disclosed", "客户尚未确认年化成本披露"),
    ("above_legal_line_today", "合同将超过今日有效的法定上限：{}"),
    ("not_running", "该借据不接受还款：未放款、已结清或已关闭"),
    ("coupon_expired", "最后有效日已过"),
    ("payment_under_way", "该借据有另一笔支付在途"),
    ("not_overdue", "该借据未逾期"),
    ("not_written_off", "该借据未核销"),
    ("already_reversed", "该还款已冲正"),
    ("loan_closed", "该借据已关闭"),
    ("later_first", "须先冲正之后的还款"),
    ("excess_used", "客户已使用由此产生的余额"),
    ("lead_applied", "该甩单已生成进件"),
    ("wallet_too_small", "信贷员钱包余额不足"),
    ("wallet_too_large", "信贷员钱包余额将超上限"),
    ("credit_too_small", "客户余额不足"),
    ("product_unfit", "产品设置有矛盾：{}"),
    ("no_annual_rate", "无法与法定上限比较：{}"),
    ("above_legal_line", "该产品可能产生超过法定上限的借款：{}"),
    ("late_above_legal_line", "逾期成本超过法定上限：{}"),
    ("rule_unfit", "规则无法保存：{}"),
    ("no_credit_line", "客户尚无额度"),
    ("no_such_raise", "没有待处理的该提额申请"),
    ("not_higher", "同意的额度不高于现有额度"),
    ("below_use", "低于已冻结或已使用的金额：{}"),
    ("text_unfit", "文本不符合要求：{}"),
    ("version_taken", "该版本已发布"),
    ("no_pdf", "该文件没有 PDF：{}"),
    ("no_such_account", "没有该账户"),
    ("no_such_transfer", "没有该凭证"),
    ("too_many_days", "一次最多查看 {} 天"),
    ("no_such_period", "该期间没有凭证"),
    ("period_closed", "该期间已关账"),
    ("earlier_period_open", "须先关账：{}"),
    ("period_not_over", "该期间尚未结束满十分钟"),
    ("day_ends_open", "该期间的日终尚未全部完成，最近完成：{}"),
    ("no_such_project", "没有该项目"),
    ("not_auditing", "该项目不在待审核状态"),
    ("no_such_member", "没有该会员"),
    ("clock_fixed", "业务时钟不可拨动：bench.movable_clock 未开启"),
    ("approval_for_another", "该复核单属于另一操作"),
    ("approval_not_good", "该复核单不可用：{}"),
    ("no_such_approval", "没有该复核单"),
    ("approval_not_waiting", "该复核单{}"),
    ("own_request", "不能复核自己的申请"),
    ("case_taken", "已由其他催收员领取"),
    ("not_your_case", "请先领取该案件"),
    ("contact_stopped", "该客户处于停催状态，不得联系"),
    ("outside_hours", "当前不在规定的催收时段：{}"),
    ("too_many_contacts", "该客户今日已达联系上限：{} 次"),
    ("not_stopped", "该客户未停催"),
    ("something_open", "尚有未了结事项，不能删除：{}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_reads_in_chinese() {
        for operation in console::operations() {
            for refusal in console::refusals(operation) {
                let known = REFUSALS.iter().find(|(code, _)| *code == refusal.code);
                let (_, zh) = known.unwrap_or_else(|| panic!("no Chinese for {}", refusal.code));
                assert!(!zh.contains("{}") || refusal.message.contains("{}"), "{}", refusal.code);
            }
        }
    }
}
