//! Accounts: log-in, registration and passwords (§4, §7 to §15, §18).

use crate::failure::{
    ACCOUNT_UNKNOWN, CAPTCHA_MADE, CAPTCHA_OLD, CAPTCHA_WRONG, FIELD_MISSING, FIELD_WRONG,
    IDENTITY_RIGHT, IDENTITY_WRONG, LOGGED_IN, LOGGED_OUT, LOGIN_FAILED, LOGIN_LOCKED,
    LOGIN_PASSWORD, LOGIN_UNKNOWN, MOBILE_TAKEN, MOBILE_UNKNOWN, MOBILE_WRONG, NO_RIGHT,
    PASSWORD_CHANGED, PASSWORD_CURRENT, PASSWORD_NOT_CHANGED, PASSWORD_NOT_RESET, PASSWORD_NOT_SET,
    PASSWORD_RESET, PASSWORD_SET, SMS_NOT_SENT, SMS_OLD, SMS_RIGHT, SMS_SENT, SMS_WRONG, TOO_OFTEN,
};
use crate::section::{section, text};

const MOBILE: channel_kit::Field = text("mobile", "手机号码");

section! {
    LOGIN: "/security/login", "登陆接口 (§4)", OPEN;
    fields: [
        text("username", "登录用户名，即手机号码"),
        text("password", "密码，des加密或明文"),
        text("appType", "终端类型 1 安卓 2 IOS 3 其他"),
        text("token", "终端设备token"),
    ];
    refusals: [LOGIN_FAILED, LOGIN_LOCKED, LOGIN_UNKNOWN, LOGIN_PASSWORD];
    success: LOGGED_IN, Login, r#""0123456789ABCDEF0123456789ABCDEF""#;
}

section! {
    CODE: "/openApi/getCode", "获取验证码 (§7)", OPEN;
    fields: [];
    refusals: [TOO_OFTEN];
    success: CAPTCHA_MADE, Plain, r#""k7fm""#;
}

section! {
    SMS_CODE: "/openApi/getSmsCode", "获取手机验证码 (§8)", OPEN;
    fields: [text("code", "校验码，见§7"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, CAPTCHA_WRONG, CAPTCHA_OLD, MOBILE_TAKEN, TOO_OFTEN, SMS_NOT_SENT
    ];
    success: SMS_SENT, Plain, r#""""#;
}

section! {
    CHECK_SMS_CODE: "/openApi/checkSmsCode", "校验手机验证码 (§9)", OPEN;
    fields: [text("smscode", "手机短信验证码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_TAKEN, SMS_OLD, SMS_WRONG];
    success: SMS_RIGHT, Plain, r#""""#;
}

section! {
    REGISTER: "/openApi/userRegister", "设置密码，即注册 (§10)", OPEN;
    fields: [
        text("password", "密码，des加密或明文"),
        text("confirmPassword", "确认密码，des加密或明文"),
        MOBILE,
    ];
    refusals: [FIELD_MISSING, MOBILE_WRONG, PASSWORD_NOT_SET, TOO_OFTEN, MOBILE_TAKEN];
    success: PASSWORD_SET, Plain, r#""""#;
}

section! {
    FORGOT_SMS_CODE: "/openApi/forgetPwdGetSmsCode", "忘记密码请求手机验证码 (§11)", OPEN;
    fields: [text("code", "校验码，见§7"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, CAPTCHA_WRONG, CAPTCHA_OLD, MOBILE_UNKNOWN, TOO_OFTEN,
        SMS_NOT_SENT
    ];
    success: SMS_SENT, Plain, r#""""#;
}

section! {
    FORGOT_CHECK_SMS_CODE: "/openApi/forgetPwdCheckSmsCode", "忘记密码校验手机验证码 (§12)", OPEN;
    fields: [text("smscode", "手机短信验证码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, SMS_OLD, SMS_WRONG];
    success: SMS_RIGHT, Plain, r#""""#;
}

section! {
    /// The document prints only the folder as its address.
    FORGOT_IDENTITY: "/openApi/", "忘记密码身份认证 (§13)", OPEN;
    fields: [MOBILE, text("realname", "真实姓名"), text("identitycode", "身份证号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, TOO_OFTEN, IDENTITY_WRONG];
    success: IDENTITY_RIGHT, Plain, r#""""#;
}

section! {
    /// The same under a name like its neighbours'.
    FORGOT_IDENTITY_NAMED: "/openApi/forgetPwdCheckIdentity", "忘记密码身份认证 (§13, our address)", OPEN;
    fields: [MOBILE, text("realname", "真实姓名"), text("identitycode", "身份证号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, TOO_OFTEN, IDENTITY_WRONG];
    success: IDENTITY_RIGHT, Plain, r#""""#;
}

section! {
    RESET_PASSWORD: "/openApi/userResetPwd", "重置密码 (§14)", OPEN;
    fields: [text("password", "密码"), text("confirmPassword", "确认密码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, PASSWORD_NOT_RESET, MOBILE_UNKNOWN];
    success: PASSWORD_RESET, Plain, r#""""#;
}

section! {
    CHANGE_PASSWORD: "/appApi/modifyPwd", "修改密码 (§15)", SESSION;
    fields: [text("newPassword", "新密码"), text("oldPassword", "当前密码"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, ACCOUNT_UNKNOWN, NO_RIGHT, PASSWORD_NOT_CHANGED,
        PASSWORD_CURRENT
    ];
    success: PASSWORD_CHANGED, Plain, r#""""#;
}

section! {
    LOG_OUT: "/appApi/quitMobileLogin", "退出登录 (§18)", SESSION;
    fields: [text("sessionId", "sessionId，登录时的resultSet")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_RIGHT];
    success: LOGGED_OUT, Plain, r#""""#;
}
