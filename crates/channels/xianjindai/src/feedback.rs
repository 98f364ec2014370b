//! What the app itself asks for: opinions and versions (§16, §17).

use crate::failure::{
    ACCOUNT_UNKNOWN, FIELD_MISSING, FIELD_WRONG, MOBILE_WRONG, NO_RIGHT, NOT_SUGGESTED, SUGGESTED,
    VERSION_FOUND, VERSION_NOT_FOUND,
};
use crate::section::{section, text};

section! {
    SUGGESTION: "/appApi/commitSuggestion", "意见反馈 (§16)", SESSION;
    fields: [text("suggestion", "意见"), text("source", "来源"), text("mobile", "手机号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, ACCOUNT_UNKNOWN, NO_RIGHT, NOT_SUGGESTED];
    success: SUGGESTED, Plain, r#""""#;
}

section! {
    APP_VERSION: "/appApi/appVersionDetection", "版本检测 (§17)", OPEN;
    fields: [text("appType", "App类型 1 安卓 2 IOS 3 其他")];
    refusals: [FIELD_MISSING, FIELD_WRONG, VERSION_NOT_FOUND];
    success: VERSION_FOUND, Plain, r#""""#;
}
