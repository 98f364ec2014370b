//! A lead as officers submit it (甩单相关接口), field by field as the document lists them.

use kernel::identity::{IdCardNo, Sex};
use kernel::{Mobile, RealName};
use lending::Route;
use lending::leads::{
    self, CompanyKind, CustomerKind, Details, HouseKind, HouseStatus, LoanKind, PayKind, Submit,
    SubmitError, Term,
};

use crate::Shuaidan;
use crate::call::Call;
use crate::envelope::Reply;
use crate::form::{Form, count, line, whole, yes_or_no, yuan};
use crate::section::{FORMAT, SIGN, number, optional, section, text};
use crate::texts::{DONE, Failure, LEADS_LIMITED, LOGIN_FIRST, MISSING, WRONG};

const AMOUNT: &str = "request_amount";
const ID_NO: &str = "customer_info.id_no";

section! {
    LOAN_REQUEST: Post "/loanrequest/", "提交甩单信息", OFFICER;
    fields: [
        number(text(AMOUNT, "请求贷款金额")),
        number(text("customerType", "用户类型 1: 上班族;2: 企业;")),
        number(text("loan_type", "贷款类型 1: 信用贷;2: 车贷;3: 房贷;")),
        number(text("loan_term", "1: 3个月内;2: 6个月;3: 1年;4: 2年;5: 3年;6: 4年;7: 5年及以上;")),
        text("customer_info.name", "用户姓名"),
        number(text("customer_info.sex", "用户性别 1: 男;2: 女;")),
        text(ID_NO, "身份证号"),
        optional("customer_info.telephone", "用户手机号"),
        number(optional(
            "customer_info.company_type",
            "公司类型 1: 国企/事业单位;2: 500强企业;3: 上市公司;4: 民营企业;",
        )),
        optional("customer_info.house_hold", "户口类型"),
        number(optional("customer_info.income", "月收入")),
        number(optional(
            "customer_info.income_pay_type",
            "工资类型 1: 打卡;2: 网银转账;3: 现金;4: 其他;",
        )),
        number(optional("customer_info.have_secure", "是否有保险 1: 是;2: 否;")),
        number(optional("customer_info.have_house_fund", "是否有公积金 1: 是;2: 否;")),
        number(optional("customer_info.debit_card_limit", "信用卡限额")),
        number(text("customer_info.loaned_amount", "已贷款金额")),
        number(optional("customer_info.have_house", "是否有房子 1: 是;2: 否;")),
        optional("customer_info.house_location", "房屋所在地"),
        number(optional("customer_info.house_amount", "房屋数量")),
        number(optional(
            "customer_info.house_type",
            "房屋类型 1: 商品住宅;2: 商住两用;3: 商铺;4: 办公楼;5: 经适/限价房;6: 房改/危改房;7: 小产权房;8: 宅基地/自建房;",
        )),
        number(optional(
            "customer_info.house_status",
            "房屋状态 1: 全款;2: 按揭;3: 已抵押;4: 已质押;",
        )),
        number(optional("customer_info.house_loan", "是否有房贷 1: 是;2: 否;")),
        number(optional("customer_info.have_house_cert", "是否有房本 1: 是;2: 否;")),
        number(optional("customer_info.accept_house_mortgage", "是否接受房贷 1: 是;2: 否;")),
        number(optional("customer_info.have_car", "是否有车 1: 是;2: 否;")),
        optional("customer_info.car_licence", "车牌号"),
        number(optional("customer_info.car_amount", "车数量")),
        number(optional("customer_info.accept_car_mortgage", "是否接受车贷 1: 是;2: 否;")),
        optional("customer_info.loaned_from_company", "已贷款公司"),
        optional("customer_info.remark", "备注"),
        FORMAT,
        SIGN,
    ];
    refusals: [MISSING, WRONG, LEADS_LIMITED];
    success: Sucessed DONE, "null";
}

pub(crate) async fn submit(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let owner = call.officer()?;
    let form = &call.form;
    let command = Submit {
        owner,
        amount: form.needed(AMOUNT, yuan)?,
        customer_kind: form.needed("customerType", choice(CustomerKind::from_number))?,
        loan_kind: form.needed("loan_type", choice(LoanKind::from_number))?,
        term: form.needed("loan_term", choice(Term::from_number))?,
        details: details(form)?,
    };
    let route = Route::home(owner.number());
    let submitted = channel.app.write(route, move |tx| leads::submit(tx, &command)).await;
    submitted.map_err(|error| match error {
        SubmitError::NoAmount => Failure::with(WRONG, AMOUNT),
        SubmitError::ImpossibleIdNo => Failure::with(WRONG, ID_NO),
        SubmitError::NoSuchOfficer => LOGIN_FIRST.into(),
        SubmitError::Limited => LEADS_LIMITED.into(),
        SubmitError::Fault(fault) => fault.into(),
    })?;
    // Told twice is told once, and the client hears the same.
    Ok(Reply::done())
}

fn details(form: &Form) -> Result<Details, Failure> {
    Ok(Details {
        name: form.needed("customer_info.name", RealName::parse)?,
        sex: form.needed("customer_info.sex", sex)?,
        id_no: form.needed(ID_NO, IdCardNo::parse)?,
        telephone: form.optional("customer_info.telephone", Mobile::parse)?,
        company_kind: form
            .optional("customer_info.company_type", choice(CompanyKind::from_number))?,
        house_hold: form.optional("customer_info.house_hold", line)?,
        income: form.optional("customer_info.income", yuan)?,
        pay_kind: form.optional("customer_info.income_pay_type", choice(PayKind::from_number))?,
        has_insurance: form.optional("customer_info.have_secure", yes_or_no)?,
        has_house_fund: form.optional("customer_info.have_house_fund", yes_or_no)?,
        card_limit: form.optional("customer_info.debit_card_limit", yuan)?,
        owed_elsewhere: form.needed("customer_info.loaned_amount", yuan)?,
        has_house: form.optional("customer_info.have_house", yes_or_no)?,
        house_location: form.optional("customer_info.house_location", line)?,
        houses: form.optional("customer_info.house_amount", count)?,
        house_kind: form.optional("customer_info.house_type", choice(HouseKind::from_number))?,
        house_status: form
            .optional("customer_info.house_status", choice(HouseStatus::from_number))?,
        has_house_loan: form.optional("customer_info.house_loan", yes_or_no)?,
        has_house_deed: form.optional("customer_info.have_house_cert", yes_or_no)?,
        takes_house_mortgage: form.optional("customer_info.accept_house_mortgage", yes_or_no)?,
        has_car: form.optional("customer_info.have_car", yes_or_no)?,
        car_plate: form.optional("customer_info.car_licence", line)?,
        cars: form.optional("customer_info.car_amount", count)?,
        takes_car_mortgage: form.optional("customer_info.accept_car_mortgage", yes_or_no)?,
        lenders: form.optional("customer_info.loaned_from_company", line)?,
        remark: form.optional("customer_info.remark", line)?,
    })
}

/// A value by its number.
fn choice<T>(from_number: fn(i64) -> Option<T>) -> impl FnOnce(&str) -> Option<T> {
    move |text| whole(text).and_then(from_number)
}

/// 1 is a man, 2 a woman.
fn sex(text: &str) -> Option<Sex> {
    match whole(text)? {
        1 => Some(Sex::Male),
        2 => Some(Sex::Female),
        _ => None,
    }
}
