//! Applications, plans and repayments of a customer (§26, §28, §29, §36).

use crate::failure::{
    ALL_REPAID, APPLICATIONS_FOUND, EARLIER_FIRST, FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION,
    NO_SUCH_PLAN, NOT_REPAID, PLAN_FOUND, PLAN_NOT_YOURS, REPAID, REPAYMENTS_FOUND, ROW_REPAID,
};
use crate::section::{PAGE_NUM, PAGE_SIZE, section, text};

section! {
    REPAYMENTS: "/appCommonApi/getRepayInfoList", "获取还款信息 (§26)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE, text("condition", "查询条件 0：全部 1：已还 2：未还 3：逾期 4：主动")];
    refusals: [FIELD_MISSING, FIELD_WRONG];
    success: REPAYMENTS_FOUND, Paged, r#"[{"id":"00000000-0000-8000-8000-000000000000","productName":"…","code":"…","periodNum":"1","dueRepayDate":"2026-11-13 23:59:59.0","repayStatus":"0","applyAmount":"500.00","duePrincipal":"500.00","dueInterest":"7.00","duePenalty":"100.00","dueFeeAmount":"0","dueTotalAmount":"607.00","needPayTotalAmount":"607.00"}]"#;
}

section! {
    APPLICATIONS: "/appCommonApi/getLoanApplyInfoList", "我的借款，借款信息 (§28)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: APPLICATIONS_FOUND, Paged, r#"[{"loanProductId":"00000000-0000-8000-8000-000000000000","id":"00000000-0000-8000-8000-000000000000","name":"…","code":"…","status":"1","actionStatus":"0","applyStatus":"1","applyAmount":"2000.00","replyAmount":"2000.00","repayType":"1","releaseDate":null,"applyTime":1795000000000,"termCount":"7","termUnit":"1","interestRate":"0.3600","penaltyRate":null,"authTermCount":"7","authTermUnit":"1","useType":"21","otherChannels":"01","contractInfoList":[]}]"#;
}

section! {
    PLAN: "/appCommonApi/getLoanApplyRepayList", "我的借款，每期还款 (§29)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE, text("loanProductApplyId", "申请借款id")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION];
    success: PLAN_FOUND, Paged, r#"[{"repayId":"00000000-0000-8000-8000-000000000000","periodNum":"1","dueRepayDate":"1795000000000","duePrincipal":"500.00","dueInterest":"7.00","fee":"0","dueAmount":"507.00","loanProductApplyId":"00000000-0000-8000-8000-000000000000"}]"#;
}

section! {
    REPAY: "/appCommonApi/gotoRepayment", "还款，按期还款或一次性还清 (§36)", SESSION;
    fields: [text("id", "还款计划id"), text("repayType", "current：按期还款 all：一次性还清")];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_PLAN, PLAN_NOT_YOURS, ALL_REPAID, ROW_REPAID,
        EARLIER_FIRST, NOT_REPAID
    ];
    success: REPAID, Plain, r#""""#;
}
