//! Every status and text of the channel: those of document 002 and of its contract page, and ours.

use std::borrow::Cow;

use lending::Fault;
use lending::customers::codes::RequestError;

/// A status and its text.
pub(crate) type Answer = channel_kit::route::Answer<&'static str>;

/// The statuses of the document (通用返回结果字段).
pub(crate) const SUCCESS: &str = "SUCCESS";
/// The call was refused.
pub(crate) const FAILURE: &str = "FAILURE";
/// The call needs a token, and there is no good one.
pub(crate) const TOKEN_ERROR: &str = "TOKEN_ERROR";

/// A call that did not succeed, as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// What went wrong on our side, for the log.
    pub(crate) fault: Option<Fault>,
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self { status: answer.code, message: Cow::Borrowed(answer.msg), fault: None }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::MobileLimited | RequestError::AddressLimited => CODE_TOO_OFTEN.into(),
            RequestError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..BUSY.into() }
    }
}

impl Failure {
    /// A text with a part that varies.
    pub(crate) fn with(answer: Answer, part: &str) -> Self {
        Self { message: Cow::Owned(answer.msg.replace("{}", part)), ..answer.into() }
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $status:ident $msg:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: Answer = Answer { code: $status, msg: $msg };
    )*};
}

answers! {
    // The way in.
    NO_TOKEN = TOKEN_ERROR "登录状态出错, 没有使用合法Token, 有问题请联系客服";
    MALFORMED = FAILURE "参数错误";
    TOO_LARGE = FAILURE "请求报文过大";
    NO_SUCH_ADDRESS = FAILURE "请求地址不存在：{}";
    OTHER_METHOD = FAILURE "请求方式不支持：{}";
    BUSY = FAILURE "系统繁忙，请稍后再试";
    NOT_SERVED = FAILURE "服务暂未开放";
    /// Most calls say nothing when all went well.
    DONE = SUCCESS "";

    // Borrowing.
    BLOCKED = FAILURE "暂时无法申请借款，敬请谅解";
    INCOMPLETE = FAILURE "请先完成认证后，才可以借款";
    OVER_LIMIT = FAILURE "借款额度不能超过可用额度";
    NO_PRODUCT = FAILURE "获取产品配置失败，请联系客服";
    AMOUNT_BELOW = FAILURE "借款额度不能小于产品最低额度";
    AMOUNT_ABOVE = FAILURE "借款额度不能大于产品最高额度";
    DAYS_BELOW = FAILURE "借款时间不能小于产品借款周期下限";
    DAYS_ABOVE = FAILURE "借款时间不能大于产品借款周期上限";
    NO_CARD = FAILURE "请绑定银行卡";
    FROZEN = FAILURE "您的借款仍处于冻结状态，请耐心等待";
    UNFINISHED = FAILURE "您有未完成的借款订单";
    SUBMITTED = SUCCESS "提交成功";
    NO_SUCH_LOAN = FAILURE "借款记录不存在";

    // Repaying on the provider's page.
    LOAN_REPAID = FAILURE "借款已还清";
    PAYING = FAILURE "还款处理中，请稍后再试";
    REPAID = SUCCESS "还款成功";
    COUPON_MISSING = FAILURE "代金券不存在";
    COUPON_USED = FAILURE "代金券已使用";
    COUPON_EXPIRED = FAILURE "代金券已过期";
    COUPON_OTHER = FAILURE "该代金券不能用于还款";
    COUPON_SMALL = FAILURE "还款金额未达到代金券的使用条件";

    // Accounts.
    MOBILE_MISSING = FAILURE "请输入手机号";
    MOBILE_WRONG = FAILURE "请输入可用的手机号码";
    MOBILE_TAKEN = FAILURE "该手机号码已注册";
    PASSWORD_MISSING = FAILURE "请输入密码";
    CODE_MISSING = FAILURE "请输入验证码";
    CODE_WRONG = FAILURE "验证码不正确或已过期（有效期为15分钟）";
    CODE_SENT = SUCCESS "发送短信成功，请查收";
    CODE_TOO_OFTEN = FAILURE "发送短信过于频繁，1分钟后再试";
    TOO_OFTEN = FAILURE "操作过于频繁，请稍后再试";
    LOGIN_WRONG = FAILURE "手机号或密码错误";
    LOGGED_OUT = SUCCESS "成功退出登入";
    OLD_PASSWORD_MISSING = FAILURE "请填写当前密码";
    NEW_PASSWORD_MISSING = FAILURE "请填写新密码";
    REPEATED_PASSWORD_MISSING = FAILURE "请填写确认密码";
    PASSWORD_SHAPE = FAILURE "请使用6~15位数字、字母、特殊符号组合";
    PASSWORDS_DIFFER = FAILURE "新密码与确认密码不一致";
    OLD_PASSWORD_WRONG = FAILURE "当前密码错误，请重试";
    PASSWORD_CHANGED = SUCCESS "密码修改成功";
    ID_TAIL_MISSING = FAILURE "请填写身份证后六位";
    ID_TAIL_WRONG = FAILURE "身份证后六位输入有误，请重新输入";
    SET = SUCCESS "设置成功";

    // What customers tell and prove.
    SAVED = SUCCESS "保存成功";
    PROVEN = SUCCESS "认证成功";
    // What a third party says about a task (docs/channels/wukong.md).
    NEEDS_INPUT = SUCCESS "0006";
    INPUT_TAKEN = SUCCESS "0009";
    ACCEPTED = SUCCESS "0010";
    RUNNING = SUCCESS "0100";
    /// Its text and its code.
    NOT_PROVEN = FAILURE "{}";
    ALREADY_PROVEN = FAILURE "已经认证成功";
    IDENTITY_FIRST = FAILURE "请先完成身份认证";
    NO_SUCH_TASK = FAILURE "认证任务不存在";
    MAILBOX_UNKNOWN = FAILURE "不支持的邮箱类型";
    IDENTITY_PASSED = SUCCESS "pass";
    IDENTITY_NOT_PASSED = SUCCESS "nopass";
    IDENTITY_AGAIN = FAILURE "不能重复认证";
    NO_SUCH_CARD = FAILURE "银行卡不存在";
    /// The provider's text.
    CARD_REFUSED = FAILURE "{}";
    CARD_AGAIN = FAILURE "该银行卡已经认证";
    CARD_UNKNOWN = FAILURE "银行卡号有误或不支持该银行卡";

    // A higher limit.
    RAISE_BASICS = FAILURE "请先完成提额的基础认证";
    RAISE_MORE = FAILURE "提额的更多认证请至少完成2项";
    RAISE_WAITING = FAILURE "您的提额申请正在审核中，请耐心等待";
    RAISE_REQUESTED = SUCCESS "您的提额申请已提交成功，请等待系统审核";

    FEEDBACK_LEFT = SUCCESS "提交反馈成功";
}
