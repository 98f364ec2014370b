//! What stands under `resultSet`, field for field, in the order of the document's tables.

use serde::Serialize;

use super::values::YuanNumber;

/// §19.3
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusData {
    pub(crate) real_name_auth_status: &'static str,
    pub(crate) bank_card_auth_status: &'static str,
    pub(crate) customer_info_status: &'static str,
    pub(crate) mobile_auth_status: &'static str,
    pub(crate) is_black_list: &'static str,
    pub(crate) is_risk: &'static str,
    pub(crate) auth_real_name: String,
    pub(crate) auth_number: String,
    pub(crate) bank_card_number: String,
    pub(crate) bank_card_mobile: String,
}

/// §20.3, one product, in the order of the samples; limits that do not apply are left out, as in
/// them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_min_amount: Option<YuanNumber>,
    pub(crate) id: String,
    pub(crate) days_limit_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_min_days: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_max_days: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_days: Option<String>,
    pub(crate) term_unit: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_min_months: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_max_months: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_months: Option<String>,
    pub(crate) amount_limit_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_amounts: Option<String>,
    pub(crate) months_limit_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) single_max_amount: Option<YuanNumber>,
}

/// §21.3, in the order of the sample; limits that do not apply are empty, as in it. The last two
/// and `repayTermUnit` stand in the table only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DetailsData {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) detail_description: String,
    pub(crate) third_service_code: String,
    pub(crate) amount_limit_type: &'static str,
    pub(crate) single_min_amount: String,
    pub(crate) single_max_amount: String,
    pub(crate) single_amounts: String,
    pub(crate) single_default_amount: String,
    pub(crate) interest_rate_limit_type: &'static str,
    pub(crate) min_interest_rate: String,
    pub(crate) max_interest_rate: String,
    pub(crate) interest_rates: String,
    pub(crate) default_interest_rate: String,
    pub(crate) term_unit: String,
    pub(crate) repay_type: String,
    pub(crate) days_limit_type: &'static str,
    pub(crate) single_min_days: String,
    pub(crate) single_max_days: String,
    pub(crate) single_days: String,
    pub(crate) single_default_days: String,
    pub(crate) months_limit_type: &'static str,
    pub(crate) single_min_months: String,
    pub(crate) single_max_months: String,
    pub(crate) single_months: String,
    pub(crate) single_default_months: String,
    pub(crate) default_repay_term_count: String,
    pub(crate) default_repay_term_unit: String,
    pub(crate) repay_term_unit: String,
    pub(crate) term_unit_data: &'static Words,
    pub(crate) repay_term_unit_data: &'static Words,
    pub(crate) repay_type_data: &'static Words,
    pub(crate) purpose_data: &'static Words,
    pub(crate) other_channels_data: &'static Words,
}

/// A dictionary of the document: codes and their words.
#[derive(Debug)]
pub(crate) struct Words(&'static [(&'static str, &'static str)]);

impl Words {
    /// Whether it has a code; "1" is "01".
    pub(crate) fn has(&self, code: &str) -> bool {
        let plain = |text: &str| text.trim_start_matches('0').to_owned();
        !code.is_empty() && self.0.iter().any(|(known, _)| plain(known) == plain(code))
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Source: document 001 §21.4.
pub(crate) static TERM_UNITS: Words = Words(&[("1", "日"), ("2", "月")]);
/// Source: document 001 §21.4.
pub(crate) static REPAY_TERM_UNITS: Words =
    Words(&[("1", "日"), ("2", "月"), ("3", "季"), ("4", "年")]);
/// Source: document 001 §21.4.
pub(crate) static REPAY_TYPES: Words = Words(&[
    ("1", "一次性还本付息"),
    ("2", "按期还息到期还本"),
    ("3", "等额本息"),
    ("4", "等本等息"),
]);
/// Source: document 001 §23.2. The sample's "01" is none of them.
pub(crate) static PURPOSES: Words = Words(&[
    ("15", "租房"),
    ("16", "购物"),
    ("17", "教育/培训"),
    ("18", "医美"),
    ("19", "旅游"),
    ("20", "日常娱乐"),
    ("21", "短期资金周转"),
    ("22", "偿还信用卡"),
]);
/// Source: document 001 §23.2.
pub(crate) static OTHER_CHANNELS: Words =
    Words(&[("01", "无借款"), ("02", "有，已结清"), ("03", "有，未结清")]);

/// §22.3, in the order of the sample
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteData {
    pub(crate) apply_amount: String,
    pub(crate) repay_time: String,
    pub(crate) reply_amount: String,
    pub(crate) total_amount: String,
    pub(crate) total_due_fee: String,
    pub(crate) total_due_interest: String,
    pub(crate) total_due_principal: String,
}

/// §17.3 has a text where we have something to tell: the version that was published last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionData {
    pub(crate) version: String,
    pub(crate) url: String,
    pub(crate) forced: &'static str,
    pub(crate) notes: String,
}

/// §24.3, one message
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageData {
    pub(crate) id: String,
    pub(crate) message_content: String,
    pub(crate) message_title: String,
    pub(crate) message_type: &'static str,
    pub(crate) send_date: String,
}

/// §25.2, one message
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SystemMessageData {
    pub(crate) event_url: String,
    pub(crate) id: String,
    pub(crate) message_content: String,
    pub(crate) message_title: String,
    pub(crate) message_type: &'static str,
    pub(crate) send_date: String,
}

/// §26.2, one row of a plan
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepaymentData {
    pub(crate) id: String,
    pub(crate) product_name: String,
    pub(crate) code: String,
    pub(crate) period_num: String,
    pub(crate) due_repay_date: String,
    pub(crate) repay_status: &'static str,
    pub(crate) apply_amount: String,
    pub(crate) due_principal: String,
    pub(crate) due_interest: String,
    pub(crate) due_penalty: String,
    pub(crate) due_fee_amount: String,
    pub(crate) due_total_amount: String,
    pub(crate) need_pay_total_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contract_url: Option<String>,
}

/// §27.3
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CenterData {
    pub(crate) real_name: String,
    pub(crate) mobile: String,
    pub(crate) available_credit: String,
    pub(crate) total_credit: String,
    pub(crate) total_apply_amount: String,
    pub(crate) total_need_pay_amount: String,
}

/// §28.2, one application, in the order of the sample, which has more than the table
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationData {
    pub(crate) loan_product_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) status: &'static str,
    pub(crate) action_status: &'static str,
    pub(crate) apply_status: &'static str,
    pub(crate) apply_amount: String,
    pub(crate) reply_amount: Option<String>,
    pub(crate) repay_type: &'static str,
    pub(crate) release_date: Option<i64>,
    pub(crate) apply_time: i64,
    pub(crate) term_count: String,
    pub(crate) term_unit: &'static str,
    pub(crate) interest_rate: String,
    pub(crate) penalty_rate: Option<String>,
    pub(crate) auth_term_count: Option<String>,
    pub(crate) auth_term_unit: Option<&'static str>,
    pub(crate) use_type: Option<String>,
    pub(crate) other_channels: Option<String>,
    pub(crate) contract_info_list: Vec<ContractData>,
}

/// §28.2, one contract
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContractData {
    pub(crate) contract_name: String,
    pub(crate) contract_path: String,
}

/// Ours: what a loan costs, and the paper that says so in full
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisclosureData {
    pub(crate) apply_amount: String,
    pub(crate) reply_amount: String,
    pub(crate) total_due_interest: String,
    pub(crate) total_fee: String,
    pub(crate) term_count: String,
    pub(crate) confirmed: &'static str,
    #[serde(flatten)]
    pub(crate) paper: ContractData,
}

/// §29.2, one row of a plan
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanData {
    pub(crate) repay_id: String,
    pub(crate) period_num: String,
    pub(crate) due_repay_date: String,
    pub(crate) due_principal: String,
    pub(crate) due_interest: String,
    pub(crate) fee: String,
    pub(crate) due_amount: String,
    pub(crate) loan_product_apply_id: String,
}

/// §33.3
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileData {
    pub(crate) education: String,
    #[serde(flatten)]
    pub(crate) marital_status: MaritalData,
    #[serde(rename = "registry_province")]
    pub(crate) registry_province: String,
    #[serde(rename = "registry_city")]
    pub(crate) registry_city: String,
    #[serde(rename = "registry_detail")]
    pub(crate) registry_detail: String,
    #[serde(rename = "house_address_province")]
    pub(crate) house_address_province: String,
    #[serde(rename = "house_address_city")]
    pub(crate) house_address_city: String,
    #[serde(rename = "house_address_county")]
    pub(crate) house_address_county: String,
    #[serde(rename = "house_address_detail")]
    pub(crate) house_address_detail: String,
    pub(crate) residence_length: String,
    pub(crate) industry_type: String,
    #[serde(rename = "work_address_province")]
    pub(crate) work_address_province: String,
    #[serde(rename = "work_address_city")]
    pub(crate) work_address_city: String,
    #[serde(rename = "work_address_county")]
    pub(crate) work_address_county: String,
    #[serde(rename = "work_address_detail")]
    pub(crate) work_address_detail: String,
    pub(crate) working_hours: String,
    pub(crate) current_work_info: String,
    pub(crate) current_position: String,
    pub(crate) month_income: String,
    pub(crate) payroll_day: String,
    pub(crate) rel_ship_list: Vec<ContactData>,
}

/// §33.3, the marital status under the document's key or under that of clients built from its
/// print (`xianjindai.marital_spelling`).
#[derive(Serialize)]
pub(crate) enum MaritalData {
    #[serde(rename = "maritalStatus")]
    Document(String),
    #[serde(rename = "martialStatus")]
    Client(String),
}

/// §33.3, one contact
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactData {
    pub(crate) id: String,
    pub(crate) rel_type: String,
    pub(crate) real_name: String,
    pub(crate) phone_num: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_those_of_the_document() {
        assert_eq!(serde_json::to_string(&TERM_UNITS).unwrap(), r#"{"1":"日","2":"月"}"#);
        assert!(PURPOSES.has("15") && !PURPOSES.has("01") && !PURPOSES.has(""));
        assert!(OTHER_CHANNELS.has("1") && OTHER_CHANNELS.has("01") && !OTHER_CHANNELS.has("0"));
    }

    #[test]
    fn the_marital_status_has_two_spellings() {
        let one = |status| serde_json::to_string(&status).unwrap();
        assert_eq!(one(MaritalData::Document("1".into())), r#"{"maritalStatus":"1"}"#);
        assert_eq!(one(MaritalData::Client("1".into())), r#"{"martialStatus":"1"}"#);
    }
}
