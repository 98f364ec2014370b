//! Products, quotes and applications (§20 to §23).

use channel_kit::Field;

use crate::failure::{
    ALREADY_APPLIED, AMOUNT_RANGE, AMOUNT_WRONG, APPLIED, BLACKLISTED, DAYS_IN_EQUAL_PARTS,
    FIELD_MISSING, FIELD_WRONG, INTERVAL_RANGE, INTERVAL_UNIT_RANGE, INTERVAL_UNIT_WRONG,
    INTERVAL_WRONG, LIMIT_TOO_LOW, METHOD_RANGE, METHOD_WRONG, MONTHS_BY_DAYS, NO_SUCH_PRODUCT,
    NOT_APPLIED, PRODUCT_OFF, PRODUCTS_FOUND, PROFILE_INCOMPLETE, QUOTED, RATE_RANGE, RATE_WRONG,
    RISKY, TERM_RANGE, TERM_UNIT_RANGE, TERM_UNIT_WRONG, TERM_WRONG,
};
use crate::section::{PHONE_BOOK, optional, section, text};

const PRODUCT_ID: Field = text("productId", "产品id");
const AMOUNT: Field = text("amount", "借贷金额");
const TERM_COUNT: Field = text("termCount", "借贷期限");
const TERM_UNIT: Field = text("termUnit", "借贷期限单位 1：日 2：月");
const INTERVAL: Field = text("repayTermCount", "还款间隔期限");
const INTERVAL_UNIT: Field = text("repayTermUnit", "还款间隔期限单位 1：日 2：月 3：季 4：年");
const METHOD: Field =
    text("repayType", "还款方式 1：一次性还本付息 2：按期还息到期还本 3：等额本息 4：等本等息");
const RATE: Field = text("interestRate", "年化利率，如0.12");
const CONTACTS: Field = Field {
    kind: "array",
    ..text(PHONE_BOOK, "手机通讯录集合：contactName、contactPhone、remark")
};

section! {
    LIST: "/openCommonApi/getLoanProductList", "产品展示接口 (§20)", OPEN;
    fields: [];
    refusals: [];
    success: PRODUCTS_FOUND, Plain, r#"[{"id":"00000000-0000-8000-8000-000000000000","name":"…","amountLimitType":0,"singleMinAmount":500.00,"singleMaxAmount":5000.00,"termUnit":"1","daysLimitType":1,"singleDays":"7,14","monthsLimitType":1,"singleMonths":"1"}]"#;
}

section! {
    DETAILS: "/openCommonApi/getLoanProductDetails", "产品详细信息 (§21)", OPEN;
    fields: [PRODUCT_ID];
    refusals: [FIELD_MISSING, NO_SUCH_PRODUCT];
    success: PRODUCTS_FOUND, Plain, r#"{"id":"00000000-0000-8000-8000-000000000000","name":"…","amountLimitType":"1","singleMinAmount":"","singleMaxAmount":"","singleAmounts":"2000","singleDefaultAmount":"2000.00"}"#;
}

section! {
    QUOTE: "/appCommonApi/getLoanApplyConfirmInfo", "获取申请确认页面信息 (§22)", SESSION;
    fields: [
        PRODUCT_ID, AMOUNT, TERM_COUNT, TERM_UNIT, INTERVAL, INTERVAL_UNIT, METHOD, RATE
    ];
    refusals: [
        FIELD_MISSING, NO_SUCH_PRODUCT, PRODUCT_OFF, AMOUNT_WRONG, AMOUNT_RANGE, RATE_WRONG,
        RATE_RANGE, TERM_WRONG, TERM_UNIT_WRONG, TERM_UNIT_RANGE, TERM_RANGE, INTERVAL_WRONG,
        INTERVAL_UNIT_WRONG, INTERVAL_UNIT_RANGE, INTERVAL_RANGE, MONTHS_BY_DAYS, METHOD_WRONG,
        METHOD_RANGE, DAYS_IN_EQUAL_PARTS
    ];
    success: QUOTED, Plain, r#"{"applyAmount":"5000.00","repayTime":"2026-11-26","replyAmount":"4500.00","totalAmount":"5010.42","totalDueFee":"0","totalDueInterest":"10.42","totalDuePrincipal":"5000.00"}"#;
}

section! {
    APPLY: "/appCommonApi/loanProductApply", "提交贷款申请 (§23)", SESSION;
    fields: [
        PRODUCT_ID, AMOUNT, TERM_COUNT, TERM_UNIT, INTERVAL, INTERVAL_UNIT, METHOD, RATE,
        text("longitude", "所在经度"),
        text("latitude", "所在纬度"),
        text("orderId", "运营商授权验证订单号"),
        text("purpose", "借款用途 15：租房 16：购物 17：教育/培训 18：医美 19：旅游 20：日常娱乐 21：短期资金周转 22：偿还信用卡"),
        text("otherChannels", "其他渠道借款信息 01：无借款 02：有，已结清 03：有，未结清"),
        CONTACTS,
        optional("remark", "备注"),
    ];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_PRODUCT, PRODUCT_OFF, AMOUNT_WRONG, AMOUNT_RANGE,
        RATE_WRONG, RATE_RANGE, TERM_WRONG, TERM_UNIT_WRONG, TERM_UNIT_RANGE, TERM_RANGE,
        INTERVAL_WRONG, INTERVAL_UNIT_WRONG, INTERVAL_UNIT_RANGE, INTERVAL_RANGE, MONTHS_BY_DAYS,
        METHOD_WRONG, METHOD_RANGE, DAYS_IN_EQUAL_PARTS, PROFILE_INCOMPLETE, BLACKLISTED, RISKY,
        ALREADY_APPLIED, LIMIT_TOO_LOW, NOT_APPLIED
    ];
    success: APPLIED, Plain, r#""20005000""#;
}
