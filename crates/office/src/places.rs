//! Where each call of the operator API has its place: its name, the page that leads to it, and the
//! navigation.

use channel_kit::route::{Method, Place};
use console::Operation;

use crate::texts::Language;

/// What a call is called: method, place, Chinese, English.
#[rustfmt::skip]
const TITLES: &[(Method, &str, &str, &str)] = &[
    (Method::Get, "/me", "我的账号", "My account"),
    (Method::Get, "/search", "搜索", "Search"),
    (Method::Post, "/me/password", "修改密码", "Change my password"),
    (Method::Post, "/me/second-factor", "启用两步验证", "Set up a second factor"),
    (Method::Post, "/me/second-factor/confirm", "确认两步验证", "Confirm the second factor"),
    (Method::Post, "/me/second-factor/off", "关闭两步验证", "Turn the second factor off"),
    (Method::Get, "/me/sessions", "登录会话", "Sessions"),
    (Method::Post, "/me/sessions/{id}/end", "结束会话", "End"),
    (Method::Get, "/operators", "操作员", "Operators"),
    (Method::Get, "/operators/names", "操作员姓名", "Names of operators"),
    (Method::Post, "/operators", "新增操作员", "Add an operator"),
    (Method::Post, "/operators/{id}/roles", "变更角色", "Change roles"),
    (Method::Post, "/operators/{id}/block", "停用", "Block"),
    (Method::Post, "/operators/{id}/unblock", "启用", "Unblock"),
    (Method::Post, "/operators/{id}/password", "重置密码", "Reset password"),
    (Method::Post, "/operators/{id}/revoke-tokens", "注销令牌", "Revoke tokens"),
    (Method::Get, "/operators/{id}/sessions", "登录会话", "Sessions"),
    (Method::Post, "/operators/{id}/second-factor/off", "重置两步验证", "Reset second factor"),
    (Method::Get, "/approvals", "双人复核", "Two-person approvals"),
    (Method::Get, "/approvals/{id}", "复核单", "Approval"),
    (Method::Post, "/approvals/{id}/approve", "同意", "Consent"),
    (Method::Post, "/approvals/{id}/reject", "驳回", "Reject"),
    (Method::Get, "/audit", "审计日志", "Audit trail"),
    (Method::Get, "/audit/head", "审计链链尾", "Head of the audit chain"),
    (Method::Get, "/applications", "进件审核", "Applications"),
    (Method::Get, "/applications/{id}", "进件", "Application"),
    (Method::Post, "/applications/{id}/review", "审核", "Review"),
    (Method::Post, "/applications/{id}/payout", "放款", "Pay out"),
    (Method::Get, "/drawdowns", "提现审批", "Drawdowns"),
    (Method::Post, "/drawdowns/{id}/review", "审批", "Decide"),
    (Method::Post, "/customers/{id}/limit-application", "代客授信申请", "Apply for a limit"),
    (Method::Get, "/loans", "借据", "Loans"),
    (Method::Get, "/loans/{id}", "借据", "Loan"),
    (Method::Get, "/loans/{id}/settlement", "结清试算", "What settling takes"),
    (Method::Get, "/loans/{id}/rows/{number}", "明细推导", "Where the figures come from"),
    (Method::Post, "/loans/{id}/payments", "线下还款入账", "Book a bank transfer"),
    (Method::Post, "/loans/{id}/payout/retry", "重新放款", "Pay out again"),
    (Method::Post, "/loans/{id}/payout/abandon", "放弃放款", "Give the payout up"),
    (Method::Post, "/loans/{id}/write-off", "核销", "Write off"),
    (Method::Post, "/loans/{id}/recoveries", "核销收回", "Book a recovery"),
    (Method::Post, "/repayments/{id}/reverse", "冲正", "Reverse"),
    (Method::Get, "/vintage", "账龄曲线", "Vintage curves"),
    (Method::Get, "/collections", "催收工作台", "Collections"),
    (Method::Get, "/collections/breaches", "违规催收", "Breaches"),
    (Method::Get, "/collections/{id}", "催收案件", "Case"),
    (Method::Post, "/collections/{id}/assign", "领取或转派", "Take or hand on"),
    (Method::Post, "/collections/{id}/release", "退回", "Let go"),
    (Method::Post, "/collections/{id}/call", "拨打", "Call"),
    (Method::Post, "/collections/{id}/contacts", "登记催收记录", "Write a contact down"),
    (Method::Post, "/customers/{id}/export", "导出个人信息", "Copy of personal data"),
    (Method::Post, "/customers/{id}/erase", "删除个人信息", "Erase personal data"),
    (Method::Post, "/customers/{id}/stop-contact", "停催", "Stop contacts"),
    (Method::Post, "/customers/{id}/resume-contact", "恢复催收", "Allow contacts again"),
    (Method::Post, "/customers/{id}/refund", "退款", "Refund"),
    (Method::Post, "/officers/{id}/transfers", "信贷员线下充值/提现", "Officer's bank transfer"),
    (Method::Get, "/payments", "在途支付", "Open payments"),
    (Method::Get, "/payments/{id}", "支付订单", "Payment order"),
    (Method::Get, "/statements", "对账单", "Statements"),
    (Method::Get, "/statements/{day}", "对账结果", "Statement"),
    (Method::Post, "/statements/{day}/ask", "请求对账单", "Ask for the statement"),
    (Method::Put, "/statements/{day}", "导入对账单", "Hand in a statement"),
    (Method::Get, "/differences", "对账差异", "Differences"),
    (Method::Post, "/differences/{id}/settle", "核销差异", "Settle"),
    (Method::Get, "/funding/orders", "资金方订单", "Funding partner's orders"),
    (Method::Post, "/funding/orders/{id}/again", "再次通知", "Tell again"),
    (Method::Get, "/funding/issues", "资金方事项", "Funding partner's issues"),
    (Method::Post, "/funding/issues/{id}/close", "关闭", "Close"),
    (Method::Get, "/ledger/trial-balance", "试算平衡表", "Trial balance"),
    (Method::Get, "/ledger/balance-sheet", "资产负债表", "Balance sheet"),
    (Method::Get, "/ledger/income-statement", "利润表", "Income statement"),
    (Method::Get, "/ledger/accounts", "账户", "Accounts"),
    (Method::Get, "/ledger/accounts/{id}", "明细账", "Account"),
    (Method::Get, "/ledger/transfers", "凭证", "Movements"),
    (Method::Get, "/ledger/transfers/{id}", "凭证", "Movement"),
    (Method::Get, "/ledger/periods", "会计期间", "Periods"),
    (Method::Get, "/ledger/periods/{id}", "期间", "Period"),
    (Method::Post, "/ledger/periods/{id}/close", "关账", "Close the period"),
    (Method::Get, "/projects", "借款项目", "Projects"),
    (Method::Get, "/projects/{id}", "项目", "Project"),
    (Method::Get, "/projects/{id}/bids", "投资记录", "Bids"),
    (Method::Get, "/projects/{id}/instalments", "回款计划", "Investors' plans"),
    (Method::Post, "/projects/{id}/audit", "审核", "Audit"),
    (Method::Get, "/members", "会员", "Members"),
    (Method::Get, "/members/{id}", "会员", "Member"),
    (Method::Get, "/providers", "服务商", "Providers"),
    (Method::Get, "/provider-calls", "外部调用", "Calls to providers"),
    (Method::Get, "/documents/{id}", "文件", "Document"),
    (Method::Get, "/documents/{id}/pdf", "PDF", "PDF"),
    (Method::Get, "/customers", "客户", "Customers"),
    (Method::Get, "/customers/{id}", "客户", "Customer"),
    (Method::Post, "/customers/{id}/flags", "标记", "Flags"),
    (Method::Get, "/customers/{id}/documents", "合同与文件", "Documents"),
    (Method::Get, "/customers/{id}/coupons", "代金券", "Coupons"),
    (Method::Post, "/customers/{id}/coupons", "发放代金券", "Give a coupon"),
    (Method::Get, "/customers/{id}/limit", "额度与变更", "Credit line and its changes"),
    (Method::Post, "/customers/{id}/limit", "调额", "Change the limit"),
    (Method::Post, "/customers/{id}/limit/status", "冻结或解冻额度", "Suspend or open the line"),
    (Method::Get, "/raises", "提额申请", "Requests for a raise"),
    (Method::Post, "/raises/{id}/decide", "决定", "Decide"),
    (Method::Get, "/leads", "甩单", "Leads"),
    (Method::Get, "/leads/funnel", "甩单漏斗", "Funnel of leads"),
    (Method::Get, "/leads/{id}", "甩单", "Lead"),
    (Method::Post, "/leads/{id}/erase", "删除个人信息", "Erase personal data"),
    (Method::Get, "/products", "产品", "Products"),
    (Method::Get, "/products/{id}", "产品", "Product"),
    (Method::Post, "/products", "新建或更新产品", "New product or version"),
    (Method::Post, "/products/preview", "试算", "Preview"),
    (Method::Post, "/products/{id}/sale", "上架或下架", "On or off sale"),
    (Method::Post, "/products/seed", "补齐预置产品", "Make the preset products"),
    (Method::Get, "/rules", "决策规则", "Decision rules"),
    (Method::Post, "/rules", "保存规则", "Save a rule"),
    (Method::Get, "/messages", "系统消息", "Messages"),
    (Method::Post, "/messages", "发布系统消息", "New message"),
    (Method::Post, "/messages/{id}/withdraw", "撤回", "Take back"),
    (Method::Get, "/feedback", "意见反馈", "Feedback"),
    (Method::Get, "/app-versions", "应用版本", "App versions"),
    (Method::Post, "/app-versions", "发布版本", "Publish a version"),
    (Method::Get, "/templates", "消息模板", "Message templates"),
    (Method::Post, "/templates", "启用模板", "Put a template in force"),
    (Method::Get, "/day-ends", "日终", "Day-ends"),
    (Method::Get, "/day-ends/{day}/failures", "日终失败", "Failures of a day-end"),
    (Method::Post, "/day-ends/run", "运行日终", "Run day-ends"),
    (Method::Get, "/jobs", "后台任务", "Background work"),
    (Method::Get, "/settings", "设置与开关", "Settings"),
    (Method::Get, "/clock", "业务时钟", "Business clock"),
    (Method::Post, "/clock/advance", "拨动时钟", "Move the clock"),
];

/// The navigation: the text of a group, and the places in it.
pub(crate) const NAVIGATION: &[(&str, &[&str])] = &[
    (
        "nav_lending",
        &["/applications", "/drawdowns", "/loans", "/collections", "/vintage", "/approvals"],
    ),
    ("nav_customers", &["/customers", "/raises", "/leads", "/feedback"]),
    ("nav_offer", &["/products", "/rules", "/templates", "/messages", "/app-versions"]),
    (
        "nav_money",
        &["/payments", "/statements", "/differences", "/funding/orders", "/funding/issues"],
    ),
    (
        "nav_books",
        &[
            "/ledger/trial-balance",
            "/ledger/balance-sheet",
            "/ledger/income-statement",
            "/ledger/accounts",
            "/ledger/transfers",
            "/ledger/periods",
        ],
    ),
    ("nav_market", &["/projects", "/members"]),
    (
        "nav_operations",
        &[
            "/day-ends",
            "/jobs",
            "/clock",
            "/providers",
            "/provider-calls",
            "/audit",
            "/collections/breaches",
            "/operators",
            "/settings",
        ],
    ),
];

/// Commands that move money or cannot be taken back: their buttons say so.
const GRAVE: &[&str] = &[
    "/applications/{id}/payout",
    "/customers/{id}/erase",
    "/customers/{id}/refund",
    "/leads/{id}/erase",
    "/ledger/periods/{id}/close",
    "/loans/{id}/payout/abandon",
    "/loans/{id}/payout/retry",
    "/loans/{id}/write-off",
    "/officers/{id}/transfers",
    "/operators/{id}/block",
    "/repayments/{id}/reverse",
];

/// Calls whose place is the door, or the home page.
pub(crate) fn is_at_the_door(operation: &Operation) -> bool {
    matches!(operation.place(), "/login" | "/logout" | "/overview")
}

/// What a call is called.
pub(crate) fn title(language: Language, operation: &Operation) -> &'static str {
    let (method, place) = (operation.method, operation.place());
    let found = TITLES.iter().find(|(m, p, _, _)| *m == method && *p == place);
    found.map_or(operation.summary, |(_, _, zh, en)| language.choose(zh, en))
}

/// Whether a command is grave.
pub(crate) fn is_grave(operation: &Operation) -> bool {
    GRAVE.contains(&operation.place())
}

/// Whether the answer is a page of a list.
pub(crate) fn is_list(operation: &Operation) -> bool {
    operation.method == Method::Get && operation.success.1.starts_with("{\"items\"")
}

/// The query at a place.
pub(crate) fn query_at(place: &str) -> Option<&'static Operation> {
    let mut all = console::operations().into_iter();
    all.find(|known| known.method == Method::Get && known.place() == place)
}

/// The names of the parts of a path that vary.
pub(crate) fn parts(operation: &Operation) -> impl Iterator<Item = &'static str> {
    let fields = operation.fields.iter().filter(|field| field.place == Place::Path);
    fields.map(|field| field.name)
}

/// The page that leads to a call, by its place; nothing for what stands in the navigation.
///
/// It is the nearest page above it; what has none, stands with the rows of a list.
pub(crate) fn parent(operation: &Operation) -> Option<&'static str> {
    match (operation.method, operation.place()) {
        (_, "/me" | "/search") => return None,
        (_, "/repayments/{id}/reverse" | "/documents/{id}") => return Some("/loans/{id}"),
        (_, "/officers/{id}/transfers") => return Some("/customers/{id}"),
        (Method::Get, place) if NAVIGATION.iter().any(|(_, all)| all.contains(&place)) => {
            return None;
        }
        (Method::Post | Method::Patch | Method::Put, place) if query_at(place).is_some() => {
            return Some(place);
        }
        (_, _) => {}
    }
    let mut place = operation.place();
    while let Some((above, _)) = place.rsplit_once('/') {
        if query_at(above).is_some() {
            return Some(above);
        }
        place = above;
    }
    None
}

/// The calls that a page leads to, in the order of the table.
pub(crate) fn children(place: &str) -> Vec<&'static Operation> {
    let all = console::operations().into_iter();
    all.filter(|known| !is_at_the_door(known) && parent(known) == Some(place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every call of the operator API has its page, its name, and a page that leads to it.
    #[test]
    fn every_call_has_its_place() {
        for operation in console::operations() {
            if is_at_the_door(operation) {
                continue;
            }
            let (method, place) = (operation.method, operation.place());
            let named = TITLES.iter().filter(|(m, p, _, _)| *m == method && *p == place).count();
            assert_eq!(named, 1, "{method:?} {place} has {named} names");
            let navigated = NAVIGATION.iter().any(|(_, all)| all.contains(&place));
            let is_first =
                method == Method::Get && (navigated || matches!(place, "/me" | "/search"));
            let led_to = parent(operation).is_some_and(|above| query_at(above).is_some());
            assert!(is_first || led_to, "nothing leads to {method:?} {place}");
        }
        for (method, place, _, _) in TITLES {
            let all = console::operations();
            let known = all.iter().any(|o| o.method == *method && o.place() == *place);
            assert!(known, "{method:?} {place} is no call");
        }
        for place in NAVIGATION.iter().flat_map(|(_, all)| *all) {
            assert!(query_at(place).is_some(), "{place} is no query");
        }
        for place in GRAVE {
            assert!(TITLES.iter().any(|(_, known, _, _)| known == place), "{place} is no call");
        }
    }
}
