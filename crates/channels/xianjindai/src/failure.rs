//! Every answer by code and text: those of the document's tables, those of the family of systems
//! behind it (contract page, codes), and ours with the code that stands for anything wrong.

use std::borrow::Cow;

use lending::Fault;
use lending::customers::codes::RequestError;

/// A code and its text. `{}` in the text stands for a part that varies.
pub(crate) type Answer = channel_kit::route::Answer<&'static str>;

/// What stands under `exceptionFlag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// The call was taken; what came of it says the code.
    Taken,
    /// A failed signature, or a failure of ours.
    Failed,
}

impl Flag {
    /// As it stands on the wire. Source: document 001, every table of answers.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Taken => "0000",
            Self::Failed => "9999",
        }
    }
}

/// A call that did not succeed, as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) flag: Flag,
    pub(crate) code: &'static str,
    pub(crate) msg: Cow<'static, str>,
    /// What went wrong on our side, for the log.
    pub(crate) fault: Option<Fault>,
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        let msg = Cow::Borrowed(answer.msg);
        Self { flag: Flag::Taken, code: answer.code, msg, fault: None }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::MobileLimited | RequestError::AddressLimited => TOO_OFTEN.into(),
            RequestError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::failed(BUSY) }
    }
}

impl Failure {
    /// A failed signature, or a failure of ours.
    pub(crate) fn failed(answer: Answer) -> Self {
        Self { flag: Flag::Failed, ..answer.into() }
    }

    /// A text with a part that varies.
    pub(crate) fn with(answer: Answer, part: &str) -> Self {
        Self { msg: Cow::Owned(answer.msg.replace("{}", part)), ..answer.into() }
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
    UNREADABLE = "10001000" "请求报文传输信息有误";
    TOO_LARGE = "10001000" "请求报文过大";
    GZIP_BROKEN = "50001000" "gzip压缩失败，仅能POST可压缩";
    SIGN_MISSING = "10001000" "缺少签名，或缺少timestamp、nonce";
    SIGN_WRONG = "10001000" "签名错误";
    STALE = "10001000" "timestamp超出允许的时间范围";
    REPLAYED = "10001000" "重复的请求，timestamp与nonce已使用过";
    NO_SUCH_ADDRESS = "10001000" "请求地址不存在：{}";
    POST_ONLY = "10001000" "仅支持POST请求：{}";
    SESSION_GONE = "90003000" "请求会话超时";
    NO_RIGHT = "90002000" "无权限访问";
    TOO_OFTEN = "90004000" "规定时间内请求受限";
    BUSY = "9999" "系统繁忙，请稍后再试";
    NOT_SERVED = "9999" "服务暂未开放";
    FIELD_MISSING = "10001000" "{}不能为空";
    FIELD_WRONG = "10001000" "{}格式错误";

    // §4.
    LOGGED_IN = "90000000" "登陆授权成功";
    LOGIN_UNKNOWN = "90001000" "登陆授权失败，账号不存在";
    LOGIN_PASSWORD = "90002000" "登陆授权失败，密码错误";
    LOGIN_LOCKED = "90003000" "登陆授权失败，多次密码错误，账号被锁";
    LOGIN_FAILED = "90009000" "登陆授权失败";

    // §7 to §14.
    CAPTCHA_MADE = "0000" "获取验证码成功";
    SMS_SENT = "20001000" "短信发送成功";
    MOBILE_TAKEN = "10001000" "手机号码已注册";
    MOBILE_UNKNOWN = "10001000" "手机号码未注册";
    MOBILE_WRONG = "10001000" "手机号码格式错误";
    CAPTCHA_WRONG = "10002001" "验证码错误";
    CAPTCHA_OLD = "10002002" "验证码过期";
    SMS_OLD = "20002004" "手机短信验证码超时";
    SMS_WRONG = "20002005" "手机短信验证码错误";
    SMS_RIGHT = "20002006" "手机短信校验成功";
    PASSWORD_SET = "20003000" "密码设置成功";
    PASSWORD_NOT_SET = "20003001" "密码设置失败";
    IDENTITY_RIGHT = "20004000" "身份认证成功";
    IDENTITY_WRONG = "20004001" "身份认证失败";
    PASSWORD_RESET = "20003002" "密码重置成功";
    PASSWORD_NOT_RESET = "20003003" "密码重置失败";

    // §15 to §18.
    ACCOUNT_UNKNOWN = "10001000" "账号不存在";
    PASSWORD_CHANGED = "20003004" "密码重置成功";
    PASSWORD_NOT_CHANGED = "20003005" "密码重置失败";
    PASSWORD_CURRENT = "20003015" "当前密码错误";
    SUGGESTED = "20003006" "意见反馈成功";
    NOT_SUGGESTED = "20003007" "意见反馈失败";
    VERSION_FOUND = "20003008" "版本检测成功";
    VERSION_NOT_FOUND = "20003009" "版本检测失败";
    LOGGED_OUT = "20003010" "退出登录成功";

    // §19, §27, §30 to §35.
    STATUS_FOUND = "0000" "获取认证状态成功";
    // The sample prints the text of §7.
    CENTER_FOUND = "0000" "获取个人中心统计数据成功";
    CARD_RIGHT = "0000" "银行卡认证成功";
    MOBILE_RIGHT = "0000" "手机实名认证成功";
    NAME_RIGHT = "0000" "身份实名认证成功";
    PROFILE_FOUND = "0000" "获取当前登录用户详细信息";
    PROFILE_SAVED = "0000" "完善个人信息成功";
    CONTACT_SAVED = "0000" "完善联系人信息成功";
    /// A check that a provider answered with no, or cannot answer now: why.
    NOT_VERIFIED = "9999" "{}";
    ALREADY_VERIFIED = "20006001" "已通过身份认证";
    IDENTITY_REFUSED = "20006002" "身份认证失败";
    CARD_REFUSED = "20006002" "银行卡认证失败：{}";
    MOBILE_REFUSED = "20006002" "手机实名认证失败：{}";
    IDENTITY_TAKEN = "20006003" "已有账号绑定了该身份信息";
    NAME_WRONG = "20004040" "申请人姓名错误";
    ID_NUMBER_WRONG = "20004042" "证件号码格式错误";
    NO_SUCH_CONTACT = "10001000" "联系人不存在";
    CONTACT_OWN = "10001000" "联系人电话不能是本人手机号码";
    CONTACT_TWICE = "10001000" "联系人电话重复";
    CONTACTS_MANY = "10001000" "联系人数量已达上限";

    // §20 to §23.
    PRODUCTS_FOUND = "0000" "获取产品展示信息成功";
    QUOTED = "0000" "获取产品申请确认信息成功";
    APPLIED = "0000" "提交贷款申请成功";
    NO_SUCH_PRODUCT = "90004026" "产品不存在";
    PRODUCT_OFF = "90004025" "产品失效";
    AMOUNT_WRONG = "20004000" "借贷金额格式错误";
    AMOUNT_RANGE = "20004001" "借贷金额不在允许范围内";
    RATE_WRONG = "20004002" "年化利率格式错误";
    RATE_RANGE = "20004003" "年化利率不在允许范围内";
    TERM_WRONG = "20004004" "借贷期限格式错误";
    TERM_RANGE = "20004005" "借贷期限不在允许范围内";
    TERM_UNIT_WRONG = "20004006" "借贷期限单位错误";
    TERM_UNIT_RANGE = "20004007" "借贷期限单位不在允许范围内";
    INTERVAL_WRONG = "20004008" "还款间隔格式错误";
    INTERVAL_RANGE = "20004009" "还款间隔不在允许范围内";
    INTERVAL_UNIT_WRONG = "20004010" "还款间隔单位错误";
    INTERVAL_UNIT_RANGE = "20004011" "还款间隔单位不在允许范围内";
    MONTHS_BY_DAYS = "20004012" "借贷期限单位选择月，还款间隔单位不支持选择日";
    METHOD_WRONG = "20004013" "还款方式错误";
    METHOD_RANGE = "20004014" "还款方式不在允许范围内";
    DAYS_IN_EQUAL_PARTS = "20004015" "借贷期限单位选择日，还款方式不支持选择等额本息";
    PROFILE_INCOMPLETE = "20004016" "个人信息尚未完善";
    BLACKLISTED = "20004017" "黑名单客户";
    ACCOUNT_CLOSED = "20004022" "该账号已停用";
    UNPRICEABLE = "10001000" "该借贷条件无法试算";
    LIMIT_TOO_LOW = "20004021" "客户可申请额度不足";
    NOT_APPLIED = "20005001" "贷款申请失败";
    ALREADY_APPLIED = "20005009" "当前借贷申请已提交";

    // §24 to §29.
    MESSAGES_FOUND = "0000" "获取当前登录用户消息成功";
    SYSTEM_MESSAGES_FOUND = "0000" "获取系统消息成功";
    REPAYMENTS_FOUND = "0000" "获取还款信息成功";
    APPLICATIONS_FOUND = "0000" "获取我的借款信息成功";
    PLAN_FOUND = "0000" "获取我的借款-每期还款成功";
    NO_SUCH_APPLICATION = "90004037" "借贷申请不存在";
    WITHDRAWN = "0000" "撤销借贷申请成功";
    NOT_WITHDRAWN = "10001000" "借贷申请已处理，不能撤销";
    DISCLOSED = "0000" "获取综合融资成本成功";
    CONFIRMED = "0000" "确认借款条件成功";
    NOT_CONFIRMED = "10001000" "借贷申请已处理，不能确认";
    LINK_GONE = "10001000" "链接不存在或已失效";

    // §36.
    REPAID = "0000" "还款成功";
    NO_SUCH_PLAN = "20007000" "还款计划不存在";
    ALL_REPAID = "20007001" "借款已经全部还完";
    EARLIER_FIRST = "20007003" "前期还完才能还下一期";
    PLAN_NOT_YOURS = "20007004" "不属于该用户的借贷还款";
    ROW_REPAID = "20007005" "当期已经还完";
    NOT_REPAID = "9999" "还款失败：{}";
    /// The money is on its way, by this call or another one: to be looked at later, not paid again.
    REPAYING = "20007006" "还款处理中，请稍后查询";
}
