//! The answer for a loan, field by field, in the order in which it is written.
//!
//! Amounts are yuan as text, rates percent as text: no reader can lose a digit of them.

use serde::Serialize;

/// Everything that is told about a loan.
#[derive(Debug, Serialize)]
pub struct LoanAnswer {
    /// How it is repaid.
    pub method: &'static str,
    /// What is owed: all disbursements, and fees added to them.
    pub principal: String,
    /// What is received: fees kept back are gone.
    pub received: String,
    /// The level instalment: that of the first row that repays principal.
    pub instalment: String,
    /// The instalment of the last row.
    pub last: String,
    /// The interest of a loan with a single row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// How many rows there are.
    pub periods: usize,
    /// Principal of all rows.
    pub total_principal: String,
    /// Interest of all rows.
    pub total_interest: String,
    /// All fees, those kept back and added too.
    pub total_fees: String,
    /// Penalties of all rows.
    pub total_penalties: String,
    /// Everything that is paid in rows.
    pub total_repaid: String,
    /// Interest, fees and penalties: what the loan costs.
    pub total_cost: String,
    /// The rows.
    pub rows: Vec<RowAnswer>,
    /// Each charge of a fee.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeAnswer>,
    /// Annual rates.
    pub cost: CostAnswer,
    /// The legal lines of the day on which it was signed.
    pub legal: Vec<LegalAnswer>,
    /// How it stands on a day, where the request tells of payments or of a day.
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    pub standing: Option<StandingAnswer>,
    /// How each figure came about, in sentences, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<String>,
    /// The interest of each stretch of unchanged balance and rate, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<StretchAnswer>,
    /// Fields of the request that mean nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

/// A row.
#[derive(Debug, Serialize)]
pub struct RowAnswer {
    /// Its number, from 1.
    pub n: u32,
    /// The first day of its period.
    pub from: String,
    /// Its due date.
    pub due: String,
    /// The days of its period.
    pub days: i32,
    /// Everything that is due with it.
    pub instalment: String,
    /// The part of principal.
    pub principal: String,
    /// Interest.
    pub interest: String,
    /// Fees.
    pub fees: String,
    /// Penalties.
    pub penalties: String,
    /// Principal outstanding afterwards.
    pub balance: String,
    /// What has been paid of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<String>,
    /// What is unpaid of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outstanding: Option<String>,
    /// For how many days it has been overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue_days: Option<i32>,
}

/// The interest of a stretch of unchanged balance and rate.
#[derive(Debug, Serialize)]
pub struct StretchAnswer {
    /// The row that charges it.
    pub n: u32,
    /// Its first day.
    pub from: String,
    /// The day after its last night.
    pub to: String,
    /// The balance that bears interest.
    pub balance: String,
    /// The yearly rate, in percent.
    pub rate: String,
    /// What part of a year it is, as a fraction.
    pub years: String,
    /// Rate times part of a year, to twelve decimals.
    pub factor: String,
    /// The interest.
    pub interest: String,
}

/// A charge of a fee.
#[derive(Debug, Serialize)]
pub struct FeeAnswer {
    /// What it is called.
    pub name: String,
    /// The day on which it is paid.
    pub on: String,
    /// How much.
    pub amount: String,
    /// Whether it is settled with the disbursement.
    pub upfront: bool,
}

/// Annual rates, in percent.
#[derive(Debug, Default, Serialize)]
pub struct CostAnswer {
    /// IRR of one period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_irr_percent: Option<String>,
    /// Nominal: IRR of a period, times the periods of a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal_percent: Option<String>,
    /// Effective: compounded over a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_percent: Option<String>,
    /// Whether both are by equal periods or by days.
    pub by: &'static str,
    /// US Regulation Z, Appendix J.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reg_z_apr_percent: Option<String>,
    /// EU 2008/48/EC, days/365.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eu_apr_percent: Option<String>,
    /// The Chinese disclosure rate by the IRR method (内部收益率法).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure_irr_percent: Option<String>,
    /// The same compounded over a year (复利), the stricter reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure_irr_compound_percent: Option<String>,
    /// The same by the simple method (单利).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure_simple_percent: Option<String>,
    /// The word that has to stand beside it.
    pub disclosure_simple_label: &'static str,
    /// Why a rate is missing, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Why a rate is missing, in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem_zh: Option<String>,
}

/// A legal line and the contract's side of it.
#[derive(Debug, Serialize)]
pub struct LegalAnswer {
    /// The line.
    pub line: String,
    /// Its limit.
    pub limit_percent: String,
    /// The contract's figure.
    pub figure_percent: String,
    /// The day of the contract.
    pub signed_on: String,
    /// Whether the figure is above the limit.
    pub exceeded: bool,
    /// The finding as a sentence, in English.
    pub en: String,
    /// The finding as a sentence, in Chinese.
    pub zh: String,
}

/// How a loan stands on a day.
#[derive(Debug, Serialize)]
pub struct StandingAnswer {
    /// The day.
    pub on: String,
    /// What is due and unpaid.
    pub due: String,
    /// What was due before the day and is unpaid.
    pub overdue: String,
    /// The borrower's credit.
    pub excess: String,
    /// Principal that a settlement pays.
    pub outstanding_principal: String,
    /// Interest that a settlement pays.
    pub interest_to_date: String,
    /// Fees that a settlement pays.
    pub payoff_fees: String,
    /// Penalties that a settlement pays.
    pub payoff_penalties: String,
    /// What it takes to settle on the day.
    pub payoff_total: String,
    /// What each payment was used for.
    pub repayments: Vec<RepaymentAnswer>,
}

/// What a payment was used for.
#[derive(Debug, Serialize)]
pub struct RepaymentAnswer {
    /// Its day.
    pub date: String,
    /// How much it was.
    pub amount: String,
    /// For principal.
    pub principal: String,
    /// For interest.
    pub interest: String,
    /// For fees.
    pub fees: String,
    /// For penalties.
    pub penalties: String,
    /// For nothing that was owed.
    pub excess: String,
    /// Principal outstanding afterwards.
    pub principal_balance: String,
}
