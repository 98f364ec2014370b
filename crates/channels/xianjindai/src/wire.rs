//! The requests, field for field, in the document's order. Answers are in `answers`, values that
//! both write in `values`.

pub(crate) mod answers;
pub(crate) mod values;

use channel_kit::Scalar;
use serde::Deserialize;
use serde_json::value::RawValue;

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($field:ident $wire:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Deserialize)]
        pub(crate) struct $name<'b> {
            $(#[serde(borrow, default, rename = $wire)] $field: Option<&'b RawValue>,)*
        }

        impl<'b> $name<'b> {
            $(pub(crate) fn $field(&self) -> Scalar<'b> {
                Scalar::from(self.$field)
            })*
        }
    )*};
}

requests! {
    /// §4.2
    LoginBody { username "username", password "password", app_type "appType", token "token" }
    /// §8.2 and §11.2
    SmsCodeBody { code "code", mobile "mobile" }
    /// §9.2 and §12.2
    CheckSmsCodeBody { smscode "smscode", mobile "mobile" }
    /// §10.2 and §14.2
    PasswordBody { password "password", confirm_password "confirmPassword", mobile "mobile" }
    /// §13.2
    ForgotIdentityBody { mobile "mobile", realname "realname", identitycode "identitycode" }
    /// §15.2
    ChangePasswordBody {
        new_password "newPassword", old_password "oldPassword", mobile "mobile",
    }
    /// §16.2
    SuggestionBody { suggestion "suggestion", source "source", mobile "mobile" }
    /// §17.2
    AppVersionBody { app_type "appType" }
    /// §18.2
    LogOutBody { session_id "sessionId" }
    /// §21.2
    DetailsBody { product_id "productId" }
    /// §22.2, and the same fields of §23.2
    OfferBody {
        product_id "productId", amount "amount", term_count "termCount", term_unit "termUnit",
        repay_term_count "repayTermCount", repay_term_unit "repayTermUnit",
        repay_type "repayType", interest_rate "interestRate",
    }
    /// §23.2, what it has beside §22.2
    ApplyBody {
        longitude "longitude", latitude "latitude", order_id "orderId", purpose "purpose",
        other_channels "otherChannels",
    }
    /// §23.2, one of `phonebookList`
    PhonebookEntry {
        contact_name "contactName", contact_phone "contactPhone",
    }
    /// §24.2, §25.1, §28.1, and the pages of §26 and §29
    PageBody { page_num "pageNum", page_size "pageSize" }
    /// §26.1
    RepaymentsBody { condition "condition" }
    /// §29.1
    PlanBody { loan_product_apply_id "loanProductApplyId" }
    /// §30.2
    CardBody { bank_card_no "bankCardNo", mobile "mobile" }
    /// §32.2
    NameBody { real_name "realName", id_card_no "idCardNo" }
    /// §34.2; the second spelling of the marital status is that of clients built from its print
    ProfileBody {
        education "education", marital_status "maritalStatus", martial_status "martialStatus",
        registry_province "registry_province", registry_city "registry_city",
        registry_detail "registry_detail", house_address_province "house_address_province",
        house_address_city "house_address_city", house_address_county "house_address_county",
        house_address_detail "house_address_detail", residence_length "residenceLength",
        industry_type "industryType", work_address_province "work_address_province",
        work_address_city "work_address_city", work_address_county "work_address_county",
        work_address_detail "work_address_detail", working_hours "workingHours",
        current_work_info "currentWorkInfo", current_position "currentPosition",
        month_income "monthIncome", payroll_day "payrollDay",
    }
    /// §35.2
    ContactBody {
        id "id", oper_type "operType", rel_type "relType", real_name "realName",
        phone_num "phoneNum",
    }
    /// §36.2
    RepayBody { id "id", repay_type "repayType" }
}

/// §23.2, the list itself, as it was written.
#[derive(Deserialize)]
pub(crate) struct PhonebookBody<'b> {
    #[serde(borrow, default, rename = "phonebookList")]
    pub(crate) phonebook_list: Option<&'b RawValue>,
}

/// A document of the size that lists of contacts may have at most; more is not looked at.
pub(crate) const MOST_CONTACTS: usize = 5_000;

/// The contacts in a list, of which the first [`MOST_CONTACTS`] are read. `None` if it is no list
/// of objects.
pub(crate) fn contacts(list: &RawValue) -> Option<Vec<PhonebookEntry<'_>>> {
    let mut rows: Vec<&RawValue> = serde_json::from_str(list.get()).ok()?;
    rows.truncate(MOST_CONTACTS);
    let is_object = |row: &&RawValue| row.get().starts_with('{');
    rows.iter()
        .all(is_object)
        .then(|| rows.into_iter().map(|row| serde_json::from_str(row.get()).ok()).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_objects_and_no_more_than_the_limit() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        let one = r#"{"contactName":"小借","contactPhone":13800000002,"x":[]}"#;
        let list = raw(&format!("[{one},{one}]"));
        let contacts_in = contacts(&list).unwrap();
        assert_eq!(contacts_in.len(), 2);
        assert_eq!(contacts_in[0].contact_name().text(), Some("小借"));
        assert_eq!(contacts_in[0].contact_phone().text(), Some("13800000002"));
        assert!(contacts(&raw("[]")).unwrap().is_empty());
        for wrong in ["{}", "\"[]\"", "null", "[1]", "[null]", "[[\"a\",\"b\"]]", "1"] {
            assert!(contacts(&raw(wrong)).is_none(), "{wrong}");
        }
        let many = raw(&format!("[{one}{}]", format!(",{one}").repeat(MOST_CONTACTS)));
        assert_eq!(contacts(&many).unwrap().len(), MOST_CONTACTS);
    }
}
