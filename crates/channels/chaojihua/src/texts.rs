//! Every code and text of the channel: those of document 000 and of its contract page, and ours.

use std::borrow::Cow;

use axum::http::StatusCode;
use lending::Fault;
use lending::customers::codes::RequestError;

/// A code and its text.
pub(crate) type Answer = channel_kit::route::Answer<u16>;

/// The code of a success.
pub(crate) const SUCCESS: u16 = 1;
/// The code of a refusal; two samples of successes print it too.
pub(crate) const FAILURE: u16 = 0;

/// A call that did not succeed, as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) message: Cow<'static, str>,
    /// What went wrong on our side, for the log.
    pub(crate) fault: Option<Fault>,
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self { status: StatusCode::OK, message: Cow::Borrowed(answer.msg), fault: None }
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

    /// The same with a status of HTTP other than 200.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $code:ident $msg:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: Answer = Answer { code: $code, msg: $msg };
    )*};
}

answers! {
    // The way in.
    NO_TOKEN = FAILURE "登录已失效，请重新登录";
    NOT_JSON = FAILURE "请求报文不是合法的JSON";
    NOT_OBJECT = FAILURE "参数错误";
    TOO_LARGE = FAILURE "请求报文过大";
    NO_SUCH_ADDRESS = FAILURE "请求地址不存在：{}";
    OTHER_METHOD = FAILURE "请求方式不支持：{}";
    FIELD_MISSING = FAILURE "缺少参数：{}";
    FIELD_WRONG = FAILURE "参数错误：{}";
    BUSY = FAILURE "系统繁忙，请稍后再试";
    TOO_OFTEN = FAILURE "操作过于频繁，请稍后再试";
    /// What most samples of successes print.
    DONE = SUCCESS "Success";
    /// What 用户信息 prints.
    DONE_IN_CAPITALS = SUCCESS "SUCCESS";
    /// 还款计划 prints a success with 0.
    DONE_WITH_ZERO = FAILURE "Success";

    // Accounts.
    CODE_SENT = SUCCESS "获取成功";
    CODE_TOO_OFTEN = FAILURE "获取验证码过于频繁，请稍后再试";
    CODE_WRONG = FAILURE "验证码错误或已过期";
    BLOCKED = FAILURE "账号已被停用";

    // Orders.
    NO_SUCH_ORDER = FAILURE "订单不存在";
    APPLIED = SUCCESS "申请已提交";
    IDENTITY_FIRST = FAILURE "请先完善用户信息";
    APPLIED_ALREADY = FAILURE "您有未完成的订单，请勿重复申请";
    NO_PRODUCT = FAILURE "产品不存在或已下架";
    AMOUNT_WRONG = FAILURE "申请金额超出可申请范围";
    LINE_TOO_SMALL = FAILURE "可用额度不足";
    REFUSED = FAILURE "暂时无法申请，敬请谅解";

    // Who a customer is.
    SAVED = SUCCESS "保存成功";
    IDENTITY_WRONG = FAILURE "身份信息有误：{}";
    IDENTITY_DIFFERS = FAILURE "身份信息与已认证的不一致";
    IDENTITY_TAKEN = FAILURE "该身份信息已绑定其他账号";

    // Cards.
    BOUND = SUCCESS "绑卡成功";
    CARD_CODE_SENT = SUCCESS "验证码发送成功";
    CARD_WRONG = FAILURE "银行卡号有误";
    CARD_UNKNOWN = FAILURE "不支持该银行卡";
    CARD_OTHER_BANK = FAILURE "银行卡与所选银行不一致";
    CARD_REFUSED = FAILURE "绑卡失败：{}";
    CARD_LOCKED = FAILURE "该银行卡验证失败次数过多，请稍后再试";

    // Faces.
    FACE_SENT = FAILURE "提交成功";
    PHOTO_WRONG = FAILURE "图片格式有误，仅支持JPEG或PNG";
    PHOTO_TOO_LARGE = FAILURE "图片过大";
    FACE_DIFFERENT = FAILURE "活体校验未通过";
    FACE_REFUSED = FAILURE "活体校验失败，请重新拍摄";
    NOTHING_TO_DRAW = FAILURE "订单当前不可提现";

    // Drawing.
    LOAN_AMOUNT_WRONG = FAILURE "借款金额不在可借范围内";
    PERIOD_WRONG = FAILURE "借款期数不可选";
    DRAWN = SUCCESS "提现申请已提交";
    /// The document's text, and what is missing.
    UNMET = FAILURE "审批提现前置条件不符合：{}";
    DRAWN_ALREADY = FAILURE "提现申请已提交，请勿重复提交";
    CANCELLED = SUCCESS "取消成功";
    NOT_CANCELLED = FAILURE "没有可取消的提现申请";

    // Repaying.
    NOT_PAID_OUT = FAILURE "订单尚未放款";
    REPAID = SUCCESS "还款成功";
    REPAYING = SUCCESS "还款处理中";
    REPAYING_ALREADY = FAILURE "还款处理中，请勿重复提交";
    SETTLED = FAILURE "借款已结清";
    ROW_PAID = FAILURE "当期已还清";
    EARLIER_FIRST = FAILURE "请先还清前期";
    NO_SUCH_PERIOD = FAILURE "期数不存在";
    NOT_REPAID = FAILURE "还款失败：{}";

    LINK_GONE = FAILURE "页面不存在或已过期";
}
