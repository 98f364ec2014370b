//! Every way a call can fail, with the code and the text that the contract page gives it.

use std::borrow::Cow;

use channel_kit::route::Answer;
use lending::Fault;

/// A failed call, as the client sees it: HTTP 200 with a code above 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: u16,
    pub(crate) msg: Cow<'static, str>,
    /// What went wrong on our side, for the log.
    pub(crate) fault: Option<Fault>,
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self { code: answer.code, msg: Cow::Borrowed(answer.msg), fault: None }
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
        Self { msg: Cow::Owned(answer.msg.replace("{}", part)), ..answer.into() }
    }

    /// The authentication step answers without a `data` key.
    pub(crate) fn is_bare(&self) -> bool {
        matches!(self.code, 1003 | 1006)
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $code:literal $msg:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: Answer = Answer { code: $code, msg: $msg };
    )*};
}

answers! {
    // The way in.
    MEDIA_TYPE_MISSING = 1006 "请求头X-Lemonban-Media-Type不存在";
    MEDIA_TYPE_UNKNOWN = 1006 "请求头X-Lemonban-Media-Type的值不支持";
    V1_OFF = 1006 "lemonban.v1已停用";
    V2_OFF = 1006 "lemonban.v2已停用";
    V3_OFF = 1006 "lemonban.v3已停用";
    UNAUTHORISED = 1003 "未授权或token已过期";
    TOKEN_EXPIRED = 1003 "token已过期";
    TOKEN_UNREADABLE = 1003 "无法解析的JSON值，请检查token或Authorization请求头";
    SIGN_WRONG = 1003 "sign验证不通过";
    NO_HANDLER = 1004 "No handler found for {}";
    BUSY = 1005 "服务器繁忙";
    BAD_REQUEST = 2 "参数错误";
    BODY_TOO_LARGE = 2 "请求体过大";
    KEY_MALFORMED = 2 "Idempotency-Key格式错误";
    KEY_REUSED = 2 "幂等键已用于另一个请求";
    NOT_YOURS = 1007 "无权限访问，请检查参数";

    // Members.
    PHONE_EMPTY = 1 "手机号为空";
    LOGIN_PHONE_EMPTY = 1 "手机号码为空";
    PASSWORD_EMPTY = 1 "密码为空";
    PHONE_MALFORMED = 2 "无效的手机格式";
    PASSWORD_LENGTH = 2 "密码格式为8到16位";
    TYPE_UNKNOWN = 2 "不支持的用户类型";
    NICKNAME_LENGTH = 2 "用户昵称长度超过10位";
    PHONE_TAKEN = 2 "账号已存在";
    TOO_MANY_REGISTRATIONS = 2 "注册过于频繁，请稍后再试";
    ACCOUNT_WRONG = 1001 "账号信息错误";
    ACCOUNT_LOCKED = 1001 "密码错误次数过多，账号已锁定，请稍后再试";
    USER_ID_EMPTY = 1 "用户id为空";
    USER_NAME_EMPTY = 1 "用户名为空";
    USER_NAME_BLANK = 1 "用户名不能为空字符串，也不能全部是空格";
    UPDATE_MALFORMED = 2 "数值参数格式错误";
    NO_SUCH_MEMBER = 2 "会员不存在";
    NO_SUCH_USER = 2 "用户不存在";

    // Money.
    MEMBER_ID_EMPTY = 1 "会员id为空";
    AMOUNT_EMPTY = 1 "余额为空";
    AMOUNT_NOT_NUMERIC = 2 "余额必须为数值型";
    NUMBER_MALFORMED = 2 "数字格式化异常";
    NUMBER_WRONG = 2 "数值参数格式不正确";
    RECHARGE_RANGE = 2 "余额必须大于0并且小于或者等于500000";
    // The text as the service was observed to say it; the limit is 500,000.
    WITHDRAW_RANGE = 2 "余额必须大于0并且小于或者等于5000000";
    AMOUNT_TOO_FINE = 2 "余额小数超过两位";
    BALANCE_TOO_LARGE = 2 "余额超过上限";
    INSUFFICIENT = 1002 "余额不足";

    // Projects and bids.
    TITLE_EMPTY = 1 "标题为空";
    LOAN_AMOUNT_EMPTY = 1 "借款金额为空";
    RATE_EMPTY = 1 "利率为空";
    TERM_EMPTY = 1 "借款期限为空";
    DATE_TYPE_EMPTY = 1 "借款日期类型为空";
    BIDDING_DAYS_EMPTY = 1 "竞标期限为空";
    USER_ID_ILLEGAL = 2 "非法的用户id";
    TITLE_LENGTH = 2 "标题长度超过255位";
    LOAN_AMOUNT_RANGE = 2 "借款金额范围错误";
    RATE_RANGE = 2 "借款利率范围错误";
    DATE_TYPE_UNKNOWN = 2 "借款类型不存在";
    MONTHS_RANGE = 2 "借款期限单位为月的项目,期限范围为1到36个月(包含1个月和36个月)";
    DAYS_RANGE = 2 "借款期限单位为天的项目,期限范围为10到45天(包含10天和45天)";
    BIDDING_DAYS_RANGE = 2 "竞标期限为1-10天";
    LOAN_ID_EMPTY = 1 "项目id为空";
    APPROVAL_EMPTY = 1 "approved_or_not为空";
    AUDIT_MALFORMED = 2 "数值格式异常";
    APPROVAL_WRONG = 1 "approved_or_not只能为true或者false";
    NOT_ADMINISTRATOR = 2 "普通会员不能审核项目，请使用管理员账号";
    NO_SUCH_LOAN = 2 "项目不存在";
    NOT_AUDITING = 2 "项目不在审核中状态";
    MEMBER_ID_ILLEGAL = 2 "非法的会员id";
    LOAN_ID_ILLEGAL = 2 "非法的项目id";
    BID_AMOUNT = 2 "充值金额必须大于100，并且可以被100整除";
    NOT_BIDDING = 2 "该项目不在竞标中状态";
    MORE_THAN_REST = 2 "该标可投金额不足,可投金额：{}";
    NOT_REPAYING = 2 "该项目不在还款中状态";
}
