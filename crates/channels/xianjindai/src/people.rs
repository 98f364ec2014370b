//! Who a customer is: checks, profile and contacts (§19, §27, §30 to §35).

use channel_kit::Field;

use crate::failure::{
    ALREADY_VERIFIED, CARD_RIGHT, CENTER_FOUND, CONTACT_SAVED, FIELD_MISSING, FIELD_WRONG,
    ID_NUMBER_WRONG, IDENTITY_REFUSED, IDENTITY_TAKEN, MOBILE_RIGHT, MOBILE_WRONG, NAME_RIGHT,
    NAME_WRONG, NOT_VERIFIED, PROFILE_FOUND, PROFILE_SAVED, STATUS_FOUND, TOO_OFTEN,
};
use crate::section::{optional, section, text};

section! {
    STATUS: "/appCommonApi/getAuthenticationStatus", "获取认证状态信息 (§19)", SESSION;
    fields: [];
    refusals: [];
    success: STATUS_FOUND, Plain, r#"{"realNameAuthStatus":"1","bankCardAuthStatus":"0","customerInfoStatus":"0","mobileAuthStatus":"1","isBlackList":"0","isRisk":"0","authRealName":"…","authNumber":"…","bankCardNumber":"","bankCardMobile":""}"#;
}

section! {
    CENTER: "/appCommonApi/getUserCenterInfo", "获取个人中心统计数据 (§27)", SESSION;
    fields: [];
    refusals: [];
    success: CENTER_FOUND, Plain, r#"{"realName":"…","mobile":"13800000001","availableCredit":"3000.00","totalCredit":"5000.00","totalApplyAmount":"2000.00","totalNeedPayAmount":"2014.00"}"#;
}

section! {
    CARD: "/appCommonApi/authUserBankCard", "银行卡认证 (§30)", SESSION;
    fields: [text("bankCardNo", "银行卡号"), text("mobile", "银行卡预留手机号")];
    refusals: [FIELD_MISSING, FIELD_WRONG, MOBILE_WRONG, TOO_OFTEN, NOT_VERIFIED];
    success: CARD_RIGHT, Plain, r#""""#;
}

section! {
    MOBILE: "/appCommonApi/authUserMobile", "手机实名认证 (§31)", SESSION;
    fields: [];
    refusals: [TOO_OFTEN, NOT_VERIFIED];
    success: MOBILE_RIGHT, Plain, r#""""#;
}

section! {
    NAME: "/appCommonApi/authRealNameInfo", "身份信息认证，即实名认证 (§32)", SESSION;
    fields: [text("realName", "姓名"), text("idCardNo", "身份证号")];
    refusals: [
        FIELD_MISSING, NAME_WRONG, ID_NUMBER_WRONG, ALREADY_VERIFIED, IDENTITY_TAKEN, TOO_OFTEN,
        IDENTITY_REFUSED
    ];
    success: NAME_RIGHT, Plain, r#""0""#;
}

section! {
    PROFILE: "/appCommonApi/getPerfectUserInfo", "完善信息，查看 (§33)", SESSION;
    fields: [];
    refusals: [];
    success: PROFILE_FOUND, Plain, r#"{"education":"5","maritalStatus":"1","registry_province":"110000","registry_city":"110000","registry_detail":"…","house_address_province":"110000","house_address_city":"110000","house_address_county":"110108","house_address_detail":"…","residenceLength":"04","industryType":"3","work_address_province":"110000","work_address_city":"110000","work_address_county":"110108","work_address_detail":"…","workingHours":"04","currentWorkInfo":"…","currentPosition":"…","monthIncome":"10000","payrollDay":"10","relShipList":[{"id":"00000000-0000-8000-8000-000000000000","relType":"6","realName":"…","phoneNum":"13800000002"}]}"#;
}

/// Spelt so by clients that were built from a print of the document.
const MARITAL_OTHERWISE: Field = optional("martialStatus", "婚姻状况，同maritalStatus");

section! {
    SAVE_PROFILE: "/appCommonApi/savePerfectUserInfo", "完善信息，保存 (§34)", SESSION;
    fields: [
        text("education", "学历 1.小学 2.初中 3.中专/高中 4.专科 5.本科 6.硕士研究生 7.博士研究生"),
        text("maritalStatus", "婚姻状况 1.未婚 2.已婚无子女 3.已婚有子女 4.其他"),
        MARITAL_OTHERWISE,
        text("registry_province", "户籍所在省"),
        text("registry_city", "户籍所在市"),
        text("registry_detail", "户籍所在详情"),
        text("house_address_province", "居住省份"),
        text("house_address_city", "居住城市"),
        text("house_address_county", "居住区"),
        text("house_address_detail", "现住址详细地址"),
        text("residenceLength", "居住时长 01：3个月及以下 02：3个月-6个月 03：6个月-1年 04：1年-3年 05：3年以上"),
        text("industryType", "行业 1至14"),
        text("work_address_province", "单位地址-省"),
        text("work_address_city", "单位地址-市"),
        text("work_address_county", "单位地址-区"),
        text("work_address_detail", "单位地址-详细"),
        text("workingHours", "工作时长 01至05"),
        text("currentWorkInfo", "单位名称"),
        text("currentPosition", "职位"),
        text("monthIncome", "月收入"),
        text("payrollDay", "工资发放日（1~31日）"),
    ];
    refusals: [FIELD_MISSING, FIELD_WRONG];
    success: PROFILE_SAVED, Plain, r#""""#;
}

section! {
    CONTACT: "/appCommonApi/saveOrUpdateRelShip", "新增、修改联系人信息 (§35)", SESSION;
    fields: [
        optional("id", "联系人记录ID，操作类型为update时必填"),
        text("operType", "操作类型 add：新建联系人 update：修改联系人"),
        text("relType", "1：父母 2：子女 3：兄弟姐妹 7：配偶 9：祖父母 4：同事 6：朋友"),
        text("realName", "姓名"),
        text("phoneNum", "联系电话"),
    ];
    refusals: [FIELD_MISSING, FIELD_WRONG];
    success: CONTACT_SAVED, Plain, r#""""#;
}
