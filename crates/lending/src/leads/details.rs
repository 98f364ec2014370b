//! What a lead tells about the person who wants a loan: the fields of document 003, as one text
//! that is sealed as a whole.

use kernel::identity::{IdCardNo, Sex};
use kernel::{Mobile, Money, RealName};

use crate::customers::Line;

/// Between the fields of the text; no line, name or number holds it.
const FIELD: char = '\u{1e}';

macro_rules! choices {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$about:meta])* $value:ident = $number:literal $word:literal,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $value,)*
        }

        impl $name {
            /// The value with this number of the document.
            pub const fn from_number(number: i64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$value),)*
                    _ => None,
                }
            }

            /// Its number in the document.
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$value => $number,)*
                }
            }

            /// Its word in the database and for operators.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }

            /// The value with this word.
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    )*};
}

choices! {
    /// Whose loan it is to be (用户类型). Source: document 003, 提交甩单信息.
    CustomerKind {
        /// 上班族.
        Employee = 1 "employee",
        /// 企业.
        Company = 2 "company",
    }
    /// What the loan is secured by (贷款类型). Source: document 003.
    LoanKind {
        /// 信用贷.
        Credit = 1 "credit",
        /// 车贷.
        Car = 2 "car",
        /// 房贷.
        House = 3 "house",
    }
    /// How long the loan is wanted for. Source: document 003.
    Term {
        /// 3个月内.
        Months3 = 1 "3_months",
        /// 6个月.
        Months6 = 2 "6_months",
        /// 1年.
        Year1 = 3 "1_year",
        /// 2年.
        Years2 = 4 "2_years",
        /// 3年.
        Years3 = 5 "3_years",
        /// 4年.
        Years4 = 6 "4_years",
        /// 5年及以上.
        Years5 = 7 "5_years",
    }
    /// For whom the person works (公司类型). Source: document 003.
    CompanyKind {
        /// 国企/事业单位.
        State = 1 "state",
        /// 500强企业.
        Fortune500 = 2 "fortune_500",
        /// 上市公司.
        Listed = 3 "listed",
        /// 民营企业.
        Private = 4 "private",
    }
    /// How the person is paid (工资类型). Source: document 003.
    PayKind {
        /// 打卡.
        ToCard = 1 "to_card",
        /// 网银转账.
        Transfer = 2 "transfer",
        /// 现金.
        Cash = 3 "cash",
        /// 其他.
        Other = 4 "other",
    }
    /// What kind of house the person owns (房屋类型). Source: document 003.
    HouseKind {
        /// 商品住宅.
        Dwelling = 1 "dwelling",
        /// 商住两用.
        Mixed = 2 "mixed",
        /// 商铺.
        Shop = 3 "shop",
        /// 办公楼.
        Office = 4 "office",
        /// 经适/限价房.
        Affordable = 5 "affordable",
        /// 房改/危改房.
        Reformed = 6 "reformed",
        /// 小产权房.
        MinorRights = 7 "minor_rights",
        /// 宅基地/自建房.
        SelfBuilt = 8 "self_built",
    }
    /// What weighs on the house (房屋状态). Source: document 003.
    HouseStatus {
        /// 全款.
        PaidUp = 1 "paid_up",
        /// 按揭.
        OnLoan = 2 "on_loan",
        /// 已抵押.
        Mortgaged = 3 "mortgaged",
        /// 已质押.
        Pledged = 4 "pledged",
    }
}

/// What a lead tells about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 用户姓名.
    pub name: RealName,
    /// 用户性别, as it was told.
    pub sex: Sex,
    /// 身份证号.
    pub id_no: IdCardNo,
    /// 用户手机号.
    pub telephone: Option<Mobile>,
    /// 公司类型.
    pub company_kind: Option<CompanyKind>,
    /// 户口类型, in free words.
    pub house_hold: Option<Line>,
    /// 月收入.
    pub income: Option<Money>,
    /// 工资类型.
    pub pay_kind: Option<PayKind>,
    /// 是否有保险.
    pub has_insurance: Option<bool>,
    /// 是否有公积金.
    pub has_house_fund: Option<bool>,
    /// 信用卡限额.
    pub card_limit: Option<Money>,
    /// 已贷款金额.
    pub owed_elsewhere: Money,
    /// 是否有房子.
    pub has_house: Option<bool>,
    /// 房屋所在地.
    pub house_location: Option<Line>,
    /// 房屋数量.
    pub houses: Option<u32>,
    /// 房屋类型.
    pub house_kind: Option<HouseKind>,
    /// 房屋状态.
    pub house_status: Option<HouseStatus>,
    /// 是否有房贷.
    pub has_house_loan: Option<bool>,
    /// 是否有房本.
    pub has_house_deed: Option<bool>,
    /// 是否接受房贷.
    pub takes_house_mortgage: Option<bool>,
    /// 是否有车.
    pub has_car: Option<bool>,
    /// 车牌号.
    pub car_plate: Option<Line>,
    /// 车数量.
    pub cars: Option<u32>,
    /// 是否接受车贷.
    pub takes_car_mortgage: Option<bool>,
    /// 已贷款公司.
    pub lenders: Option<Line>,
    /// 备注.
    pub remark: Option<Line>,
}

/// What officers see of a person whose lead they do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The first character of the name, and stars.
    pub name: String,
    /// The telephone number with its middle left out.
    pub telephone: Option<String>,
    /// What tells how good the lead is, and not who it is.
    pub sex: Sex,
    /// 公司类型.
    pub company_kind: Option<CompanyKind>,
    /// 月收入.
    pub income: Option<Money>,
    /// 已贷款金额.
    pub owed_elsewhere: Money,
    /// 是否有房子.
    pub has_house: Option<bool>,
    /// 是否有车.
    pub has_car: Option<bool>,
}

impl Details {
    /// What anybody on the exchange may see.
    pub fn masked(&self) -> Masked {
        Masked {
            name: self.name.masked(),
            telephone: self.telephone.as_ref().map(Mobile::masked),
            sex: self.sex,
            company_kind: self.company_kind,
            income: self.income,
            owed_elsewhere: self.owed_elsewhere,
            has_house: self.has_house,
            has_car: self.has_car,
        }
    }

    /// The text that is sealed.
    pub(super) fn to_text(&self) -> String {
        let line = |line: &Option<Line>| line.as_ref().map(|line| line.expose().to_owned());
        let yes = |yes: Option<bool>| yes.map(|yes| i64::from(yes).to_string());
        let money = |money: Option<Money>| money.map(|money| money.fen().to_string());
        let choice = |number: Option<i64>| number.map(|number| number.to_string());
        let sex = match self.sex {
            Sex::Male => "male",
            Sex::Female => "female",
        };
        let fields = [
            Some(self.name.expose().to_owned()),
            Some(sex.to_owned()),
            Some(self.id_no.expose().to_owned()),
            self.telephone.as_ref().map(|telephone| telephone.expose().to_owned()),
            choice(self.company_kind.map(CompanyKind::number)),
            line(&self.house_hold),
            money(self.income),
            choice(self.pay_kind.map(PayKind::number)),
            yes(self.has_insurance),
            yes(self.has_house_fund),
            money(self.card_limit),
            money(Some(self.owed_elsewhere)),
            yes(self.has_house),
            line(&self.house_location),
            choice(self.houses.map(i64::from)),
            choice(self.house_kind.map(HouseKind::number)),
            choice(self.house_status.map(HouseStatus::number)),
            yes(self.has_house_loan),
            yes(self.has_house_deed),
            yes(self.takes_house_mortgage),
            yes(self.has_car),
            line(&self.car_plate),
            choice(self.cars.map(i64::from)),
            yes(self.takes_car_mortgage),
            line(&self.lenders),
            line(&self.remark),
        ];
        let fields: Vec<_> = fields.into_iter().map(Option::unwrap_or_default).collect();
        fields.join(&FIELD.to_string())
    }

    /// Reads what [`Details::to_text`] wrote; anything else is `None`.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut fields = Fields(text.split(FIELD));
        let details = Self {
            name: RealName::parse(fields.next()?)?,
            sex: match fields.next()? {
                "male" => Sex::Male,
                "female" => Sex::Female,
                _ => return None,
            },
            id_no: IdCardNo::parse(fields.next()?)?,
            telephone: fields.opt(Mobile::parse)?,
            company_kind: fields.choice(CompanyKind::from_number)?,
            house_hold: fields.opt(Line::parse)?,
            income: fields.choice(Money::from_fen)?,
            pay_kind: fields.choice(PayKind::from_number)?,
            has_insurance: fields.choice(yes_or_no)?,
            has_house_fund: fields.choice(yes_or_no)?,
            card_limit: fields.choice(Money::from_fen)?,
            owed_elsewhere: fields.choice(Money::from_fen)??,
            has_house: fields.choice(yes_or_no)?,
            house_location: fields.opt(Line::parse)?,
            houses: fields.choice(count)?,
            house_kind: fields.choice(HouseKind::from_number)?,
            house_status: fields.choice(HouseStatus::from_number)?,
            has_house_loan: fields.choice(yes_or_no)?,
            has_house_deed: fields.choice(yes_or_no)?,
            takes_house_mortgage: fields.choice(yes_or_no)?,
            has_car: fields.choice(yes_or_no)?,
            car_plate: fields.opt(Line::parse)?,
            cars: fields.choice(count)?,
            takes_car_mortgage: fields.choice(yes_or_no)?,
            lenders: fields.opt(Line::parse)?,
            remark: fields.opt(Line::parse)?,
        };
        fields.0.next().is_none().then_some(details)
    }
}

fn yes_or_no(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn count(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// The fields of a text, from the first on.
struct Fields<'t>(std::str::Split<'t, char>);

impl<'t> Fields<'t> {
    fn next(&mut self) -> Option<&'t str> {
        self.0.next()
    }

    /// A field that may be empty; `None` if it is not what it should be.
    #[expect(clippy::option_option, reason = "broken, left out, told")]
    fn opt<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
        match self.next()? {
            "" => Some(None),
            text => read(text).map(Some),
        }
    }

    /// The same for a number.
    #[expect(clippy::option_option, reason = "broken, left out, told")]
    fn choice<T>(&mut self, read: impl FnOnce(i64) -> Option<T>) -> Option<Option<T>> {
        self.opt(|text| read(text.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::details;
    use super::*;

    #[test]
    fn what_is_sealed_reads_back_whole() {
        let full = details(1);
        assert_eq!(Details::from_text(&full.to_text()), Some(full.clone()));
        let short = Details {
            telephone: None,
            company_kind: None,
            house_hold: None,
            income: None,
            has_house: None,
            houses: None,
            remark: None,
            ..full
        };
        let text = short.to_text();
        assert_eq!(Details::from_text(&text), Some(short));
        let fields = text.split(FIELD).count();
        assert_eq!(fields, 26, "the fields of document 003 that are about the person");
        assert_eq!(Details::from_text(&format!("{text}{FIELD}")), None);
        assert_eq!(Details::from_text(&text.replacen("male", "x", 1)), None);
        assert_eq!(Details::from_text(""), None);
    }

    #[test]
    fn numbers_are_those_of_the_document() {
        assert_eq!(CustomerKind::from_number(2), Some(CustomerKind::Company));
        assert_eq!(Term::from_number(7).map(Term::word), Some("5_years"));
        assert_eq!(HouseKind::from_number(8), Some(HouseKind::SelfBuilt));
        for number in -1..10 {
            let known = LoanKind::from_number(number);
            assert_eq!(known.is_some(), (1..=3).contains(&number), "{number}");
            assert_eq!(known.map_or(number, LoanKind::number), number);
            assert_eq!(known.and_then(|kind| LoanKind::parse(kind.word())), known);
        }
    }

    #[test]
    fn others_see_no_more_than_what_a_lead_is_worth() {
        let masked = details(1).masked();
        assert_eq!(masked.name, "周**");
        assert_eq!(masked.telephone.as_deref(), Some("139****0001"));
    }
}
