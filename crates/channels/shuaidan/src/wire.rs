//! What the calls below `/leads` show: the document's own names and numbers where it has them.

use kernel::identity::Sex;
use kernel::{Change, Instant, Money, RealName};
use lending::customers::Line;
use lending::leads::{
    CompanyKind, Details, Event, HouseKind, HouseStatus, Lead, Masked, PayKind, Person,
};
use lending::ledger::StatementLine;
use serde::Serialize;

/// A lead.
#[derive(Serialize)]
pub(crate) struct LeadRow {
    id: i64,
    state: &'static str,
    /// Yuan, as an exact decimal in a text.
    request_amount: String,
    #[serde(rename = "customerType")]
    customer_type: i64,
    loan_type: i64,
    loan_term: i64,
    fee: String,
    mine: bool,
    claimed_by_me: bool,
    submitted_at: String,
    claimed_at: Option<String>,
    closed_at: Option<String>,
    handed_over_at: Option<String>,
    applied_at: Option<String>,
    customer_info: Option<CustomerInfo>,
}

/// What is seen of the person; nothing any more where it was erased.
#[derive(Serialize)]
#[serde(untagged)]
enum CustomerInfo {
    Masked(MaskedInfo),
    Full(Box<FullInfo>),
}

#[derive(Serialize)]
struct MaskedInfo {
    masked: bool,
    name: String,
    sex: i64,
    telephone: Option<String>,
    company_type: Option<i64>,
    income: Option<String>,
    loaned_amount: String,
    have_house: Option<i64>,
    have_car: Option<i64>,
}

#[derive(Serialize)]
struct FullInfo {
    masked: bool,
    name: String,
    sex: i64,
    id_no: String,
    telephone: Option<String>,
    company_type: Option<i64>,
    house_hold: Option<String>,
    income: Option<String>,
    income_pay_type: Option<i64>,
    have_secure: Option<i64>,
    have_house_fund: Option<i64>,
    debit_card_limit: Option<String>,
    loaned_amount: String,
    have_house: Option<i64>,
    house_location: Option<String>,
    house_amount: Option<u32>,
    house_type: Option<i64>,
    house_status: Option<i64>,
    house_loan: Option<i64>,
    have_house_cert: Option<i64>,
    accept_house_mortgage: Option<i64>,
    have_car: Option<i64>,
    car_licence: Option<String>,
    car_amount: Option<u32>,
    accept_car_mortgage: Option<i64>,
    loaned_from_company: Option<String>,
    remark: Option<String>,
}

/// A line in a lead's history.
#[derive(Serialize)]
pub(crate) struct EventRow {
    event: &'static str,
    mine: bool,
    note: Option<String>,
    at: String,
}

/// A lead with its history.
#[derive(Serialize)]
pub(crate) struct Whole {
    #[serde(flatten)]
    pub(crate) lead: LeadRow,
    pub(crate) events: Vec<EventRow>,
}

/// What an officer has, and how it came about.
#[derive(Serialize)]
pub(crate) struct Purse {
    pub(crate) balance: String,
    pub(crate) held: String,
    pub(crate) movements: Vec<Movement>,
}

/// A movement of an officer's wallet.
#[derive(Serialize)]
pub(crate) struct Movement {
    kind: &'static str,
    amount: String,
    balance: String,
    at: String,
}

impl LeadRow {
    pub(crate) fn of(lead: &Lead, person: Option<&Person>, me: kernel::id::MemberId) -> Self {
        let at = |instant: Option<Instant>| instant.map(Instant::shanghai_text);
        Self {
            id: lead.id.number(),
            state: lead.state.word(),
            request_amount: lead.amount.to_string(),
            customer_type: lead.customer_kind.number(),
            loan_type: lead.loan_kind.number(),
            loan_term: lead.term.number(),
            fee: lead.fee.to_string(),
            mine: lead.owner == me,
            claimed_by_me: lead.claimer == Some(me),
            submitted_at: lead.submitted_at.shanghai_text(),
            claimed_at: at(lead.claimed_at),
            closed_at: at(lead.closed_at),
            handed_over_at: at(lead.handed_over_at),
            applied_at: at(lead.applied_at),
            customer_info: person.and_then(CustomerInfo::of),
        }
    }
}

impl CustomerInfo {
    fn of(person: &Person) -> Option<Self> {
        match person {
            Person::Full(details) => Some(Self::Full(Box::new(FullInfo::of(details)))),
            Person::Masked(masked) => Some(Self::Masked(MaskedInfo::of(masked))),
            Person::Erased => None,
        }
    }
}

const fn sex(sex: Sex) -> i64 {
    match sex {
        Sex::Male => 1,
        Sex::Female => 2,
    }
}

fn yes(yes: Option<bool>) -> Option<i64> {
    yes.map(|yes| if yes { 1 } else { 2 })
}

fn yuan(amount: Option<Money>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

fn words(line: Option<&Line>) -> Option<String> {
    line.map(|line| line.expose().to_owned())
}

fn whole_name(name: &RealName) -> String {
    name.expose().to_owned()
}

impl MaskedInfo {
    fn of(masked: &Masked) -> Self {
        Self {
            masked: true,
            name: masked.name.clone(),
            sex: sex(masked.sex),
            telephone: masked.telephone.clone(),
            company_type: masked.company_kind.map(CompanyKind::number),
            income: yuan(masked.income),
            loaned_amount: masked.owed_elsewhere.to_string(),
            have_house: yes(masked.has_house),
            have_car: yes(masked.has_car),
        }
    }
}

impl FullInfo {
    fn of(details: &Details) -> Self {
        Self {
            masked: false,
            name: whole_name(&details.name),
            sex: sex(details.sex),
            id_no: details.id_no.expose().to_owned(),
            telephone: details.telephone.as_ref().map(|mobile| mobile.expose().to_owned()),
            company_type: details.company_kind.map(CompanyKind::number),
            house_hold: words(details.house_hold.as_ref()),
            income: yuan(details.income),
            income_pay_type: details.pay_kind.map(PayKind::number),
            have_secure: yes(details.has_insurance),
            have_house_fund: yes(details.has_house_fund),
            debit_card_limit: yuan(details.card_limit),
            loaned_amount: details.owed_elsewhere.to_string(),
            have_house: yes(details.has_house),
            house_location: words(details.house_location.as_ref()),
            house_amount: details.houses,
            house_type: details.house_kind.map(HouseKind::number),
            house_status: details.house_status.map(HouseStatus::number),
            house_loan: yes(details.has_house_loan),
            have_house_cert: yes(details.has_house_deed),
            accept_house_mortgage: yes(details.takes_house_mortgage),
            have_car: yes(details.has_car),
            car_licence: words(details.car_plate.as_ref()),
            car_amount: details.cars,
            accept_car_mortgage: yes(details.takes_car_mortgage),
            loaned_from_company: words(details.lenders.as_ref()),
            remark: words(details.remark.as_ref()),
        }
    }
}

impl EventRow {
    pub(crate) fn of(event: &Event, me: kernel::id::MemberId) -> Self {
        Self {
            event: event.kind.word(),
            mine: event.officer == Some(me),
            note: words(event.note.as_ref()),
            at: event.at.shanghai_text(),
        }
    }
}

/// A change with its sign: `-20.00`.
fn signed(change: Change) -> String {
    let sign = if change < Change::ZERO { "-" } else { "" };
    let amount = Money::from_fen(change.fen().saturating_abs()).unwrap_or(Money::MAX);
    format!("{sign}{amount}")
}

impl Movement {
    pub(crate) fn of(line: &StatementLine) -> Self {
        Self {
            kind: line.kind.word(),
            amount: signed(line.change),
            balance: line.balance.to_string(),
            at: line.at.shanghai_text(),
        }
    }
}
