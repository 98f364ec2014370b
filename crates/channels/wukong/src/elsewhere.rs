//! What third parties know and do: accounts that reports are made of, and payment pages.

use channel_kit::Field;
use kernel::id::MemberId;
use lending::{Fault, Tx};

use crate::section::{asked, optional, section, text};
use crate::texts::{DONE, INPUT_TAKEN, MALFORMED, NEEDS_INPUT, NO_SUCH_LOAN, PROVEN, RUNNING};

/// A third party whose report proves something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// 淘宝.
    Taobao,
    /// 京东.
    Jd,
    /// 学信网.
    Education,
    /// 信用卡账单.
    Bill,
    /// 网银流水.
    Ebank,
}

impl Source {
    const ALL: &[Self] = &[Self::Taobao, Self::Jd, Self::Education, Self::Bill, Self::Ebank];

    /// The document's word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Taobao => "taobao",
            Self::Jd => "jd",
            Self::Education => "education",
            Self::Bill => "bill",
            Self::Ebank => "ebank",
        }
    }

    /// The source with this word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.word() == word)
    }
}

const LM_TOKEN: Field = text("token", "立木token");
const SMS_CODE: Field = text("smscode", "验证码");
const USER_NAME: Field = text("username", "用户帐号");
const PASSWORD: Field = text("password", "用户密码");
const SERVICE_CODE: Field = text("servicecode", "服务密码");

section! {
    AUTH_PAY: Post "/llpay-auth-pay", "用户主动还款（连连认证支付）", TOKEN;
    fields: [text("loan_id", "用户借款ID"), optional("coupon_id", "代金券ID")];
    refusals: [MALFORMED, NO_SUCH_LOAN];
    success: DONE, r#"[{"req_data":"{}"}]"#;
}

section! {
    SIGN: Get "/llpay-sign", "银行卡认证", TOKEN;
    fields: [asked(optional("id_type","证件类型,默认0，即身份证")), asked(text("card_no","银行卡号"))];
    refusals: [MALFORMED];
    success: DONE, r#"[{"req_data":{}}]"#;
}

section! {
    MOBILE: Post "/lm-mobile", "手机认证", TOKEN;
    fields: [SERVICE_CODE];
    refusals: [MALFORMED];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    MOBILE_INPUT: Post "/lm-mobile-input", "手机认证输入验证码", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [MALFORMED];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    MOBILE_CONTINUE: Post "/lm-mobile-continue", "手机认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [MALFORMED];
    success: RUNNING, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    REPORT: Post "/lm-mobile-report", "手机认证（运营商报告采集）", TOKEN;
    fields: [SERVICE_CODE];
    refusals: [MALFORMED];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    REPORT_INPUT: Post "/lm-mobile-report-input", "手机认证输入验证码（运营商报告）", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [MALFORMED];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    JD: Post "/lm-jd", "京东认证", TOKEN;
    fields: [USER_NAME, PASSWORD];
    refusals: [MALFORMED];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    JD_INPUT: Post "/lm-jd-input", "京东认证输入验证码", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [MALFORMED];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    JD_CONTINUE: Post "/lm-jd-continue", "京东认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [MALFORMED];
    success: RUNNING, r#"null"#;
}

section! {
    TAOBAO: Post "/lm-taobao", "淘宝认证", TOKEN;
    fields: [];
    refusals: [MALFORMED];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef","input":"data:image/png;base64,"}]"#;
}

section! {
    TAOBAO_CONTINUE: Post "/lm-taobao-continue", "淘宝认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [MALFORMED];
    success: RUNNING, r#"null"#;
}

section! {
    EDUCATION: Post "/lm-education", "学历认证", TOKEN;
    fields: [USER_NAME, PASSWORD];
    refusals: [MALFORMED];
    success: PROVEN, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    BILL: Post "/lm-bill", "信用卡账单查询", TOKEN;
    fields: [USER_NAME, optional("password", "邮箱密码（QQ邮箱时可不填）")];
    refusals: [MALFORMED];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef","input":"data:image/png;base64,"}]"#;
}

section! {
    BILL_CONTINUE: Post "/lm-bill-continue", "信用卡账单轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [MALFORMED];
    success: RUNNING, r#"null"#;
}

section! {
    BILL_CONTINUE_AS_PRINTED: Post "//lm-bill-continue", "信用卡账单轮询状态 (as the document prints it)", TOKEN;
    fields: [LM_TOKEN];
    refusals: [MALFORMED];
    success: RUNNING, r#"null"#;
}

section! {
    EBANK: Post "/lm-ebank", "网银流水查询", TOKEN;
    fields: [USER_NAME, PASSWORD, text("bank", "银行编号")];
    refusals: [MALFORMED];
    success: PROVEN, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

/// How far the proof of the mobile number is: 0 not begun, 2 under way.
pub(crate) fn phone_state(_: &mut Tx<'_, '_>, _: MemberId) -> Result<u8, Fault> {
    Ok(0)
}

/// Whether a third party has proven something.
pub(crate) fn is_proven(_: &mut Tx<'_, '_>, _: MemberId, _: Source) -> Result<bool, Fault> {
    Ok(false)
}
