//! What a customer tells about home and work (完善信息).
//!
//! The value tables are those of document 001, §§ 33 and 34; a number is a row of its table.

use kernel::Money;
use kernel::id::MemberId;
use store::Fault;

use super::sql::told;
use super::{Line, sql};
use crate::Tx;

/// Declares a value table: rows with their number in the document and their word in the database.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$row:meta])* $choice:ident = $number:literal $word:literal)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$row])* $choice,)*
        }

        impl $name {
            /// Every row of the table.
            pub const ALL: &[Self] = &[$(Self::$choice),*];

            /// The row with this number.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$choice),)*
                    _ => None,
                }
            }

            /// Its number in the document.
            pub const fn number(self) -> u32 {
                match self {
                    $(Self::$choice => $number,)*
                }
            }

            pub(in crate::customers) const fn word(self) -> &'static str {
                match self {
                    $(Self::$choice => $word,)*
                }
            }

            pub(in crate::customers) fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }
    )*};
}
pub(super) use choices;

choices! {
    /// The highest school (学历).
    Education {
        /// 小学.
        Primary = 1 "primary"
        /// 初中.
        JuniorHigh = 2 "junior_high"
        /// 中专, 高中.
        SeniorHigh = 3 "senior_high"
        /// 专科.
        College = 4 "college"
        /// 本科.
        Bachelor = 5 "bachelor"
        /// 硕士研究生.
        Master = 6 "master"
        /// 博士研究生.
        Doctor = 7 "doctor"
    }
    /// Marital status (婚姻状况).
    MaritalStatus {
        /// 未婚.
        Single = 1 "single"
        /// 已婚无子女.
        MarriedWithoutChildren = 2 "married_without_children"
        /// 已婚有子女.
        MarriedWithChildren = 3 "married_with_children"
        /// 其他.
        Other = 4 "other"
    }
    /// For how long (居住时长, 工作时长).
    TimeSpan {
        /// 01: 3 个月及以下.
        UpToThreeMonths = 1 "up_to_3_months"
        /// 02: 3 个月-6 个月.
        UpToSixMonths = 2 "up_to_6_months"
        /// 03: 6 个月-1 年.
        UpToOneYear = 3 "up_to_1_year"
        /// 04: 1 年-3 年.
        UpToThreeYears = 4 "up_to_3_years"
        /// 05: 3 年以上.
        MoreThanThreeYears = 5 "more_than_3_years"
    }
    /// The industry that one works in (行业).
    Industry {
        /// 政府机关.
        Government = 1 "government"
        /// 军事机关.
        Military = 2 "military"
        /// 教育、科研、设计机构.
        Education = 3 "education"
        /// 传媒、文化体育.
        Media = 4 "media"
        /// 高新技术制造业.
        HighTech = 5 "high_tech"
        /// 建筑业.
        Construction = 6 "construction"
        /// 传统制造业.
        Manufacturing = 7 "manufacturing"
        /// 金融业.
        Finance = 8 "finance"
        /// 服务业.
        Services = 9 "services"
        /// 零售、商贸、企业.
        Retail = 10 "retail"
        /// 专业服务机构.
        Professional = 11 "professional"
        /// 公共事业.
        Utilities = 12 "utilities"
        /// 医院.
        Hospital = 13 "hospital"
        /// 其他.
        Other = 14 "other"
    }
}

/// The six digits of a province, city or county (行政区划代码, GB/T 2260).
///
/// Apps ship tables of their own, of any year: only the shape is checked, and the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionCode(String);

impl RegionCode {
    /// Reads six digits, the first of them not 0; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        (shape && !text.starts_with('0')).then(|| Self(text.to_owned()))
    }

    /// The six digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    fn is_within(&self, province: &Self) -> bool {
        self.0.get(..2) == province.0.get(..2)
    }
}

/// A place: region and, sealed, the rest of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The province (省).
    pub province: RegionCode,
    /// The city (市).
    pub city: RegionCode,
    /// The county or district (区, 县); the document has none where somebody is registered.
    pub county: Option<RegionCode>,
    /// Street and house (详细地址).
    pub detail: Line,
}

/// What a customer tells about home and work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The highest school.
    pub education: Education,
    /// Marital status.
    pub marital_status: MaritalStatus,
    /// Where they are registered (户籍).
    pub registry: Place,
    /// Where they live (居住地址).
    pub home: Place,
    /// For how long they have lived there.
    pub residence: TimeSpan,
    /// The industry that they work in.
    pub industry: Industry,
    /// Where they work (单位地址).
    pub work: Place,
    /// For how long they have worked there (工作时长).
    pub working_time: TimeSpan,
    /// For whom they work (单位名称).
    pub employer: Line,
    /// As what (职位).
    pub position: Line,
    /// What they earn a month (月收入).
    pub monthly_income: Money,
    /// The day of the month on which they are paid (工资发放日), 1 to 31.
    pub payroll_day: u32,
}

/// A field of a profile, in the order of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileField {
    /// `education`.
    Education,
    /// `maritalStatus`.
    MaritalStatus,
    /// `registry_province`.
    RegistryProvince,
    /// `registry_city`.
    RegistryCity,
    /// `registry_detail`.
    RegistryDetail,
    /// `house_address_province`.
    HomeProvince,
    /// `house_address_city`.
    HomeCity,
    /// `house_address_county`.
    HomeCounty,
    /// `house_address_detail`.
    HomeDetail,
    /// `residenceLength`.
    Residence,
    /// `industryType`.
    Industry,
    /// `work_address_province`.
    WorkProvince,
    /// `work_address_city`.
    WorkCity,
    /// `work_address_county`.
    WorkCounty,
    /// `work_address_detail`.
    WorkDetail,
    /// `workingHours`.
    WorkingTime,
    /// `currentWorkInfo`.
    Employer,
    /// `currentPosition`.
    Position,
    /// `monthIncome`.
    MonthlyIncome,
    /// `payrollDay`.
    PayrollDay,
}

/// Why a profile was not saved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// A field does not fit the others; the first of them.
    #[error("{0:?} does not fit")]
    Invalid(ProfileField),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Saves a profile, all of it or nothing; an earlier one is replaced.
pub fn save_profile(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    profile: &Profile,
) -> Result<(), ProfileError> {
    sql::lock(tx, member)?.ok_or(ProfileError::NoSuchCustomer)?;
    if let Some(field) = misfit(profile) {
        return Err(ProfileError::Invalid(field));
    }
    told::put_profile(tx, member, profile)?;
    Ok(())
}

/// A customer's profile.
pub fn profile(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Profile>, Fault> {
    told::profile(tx, member)
}

/// The first field that does not fit the others.
fn misfit(profile: &Profile) -> Option<ProfileField> {
    let Profile { registry, home, work, .. } = profile;
    let county = |place: &Place| {
        place.county.as_ref().is_some_and(|county| county.is_within(&place.province))
    };
    let checks = [
        (registry.city.is_within(&registry.province), ProfileField::RegistryCity),
        (home.city.is_within(&home.province), ProfileField::HomeCity),
        (county(home), ProfileField::HomeCounty),
        (work.city.is_within(&work.province), ProfileField::WorkCity),
        (county(work), ProfileField::WorkCounty),
        ((1..=31).contains(&profile.payroll_day), ProfileField::PayrollDay),
    ];
    checks.into_iter().find(|(fits, _)| !fits).map(|(_, field)| field)
}
