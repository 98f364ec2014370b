//! A loan: schedule, totals, annual rates, legal lines, and how it stands.

use kernel::{Date, Money};
use pricing::account::Standing;
use pricing::cost::china::IrrRates;
use pricing::cost::{self, AnnualRate, CostProblem};
use pricing::legal::{Contract, Lender, Verdict};
use pricing::{CheckedTerms, Fault, Method, Problem, Row, Schedule};

use crate::answer::{
    CostAnswer, FeeAnswer, LegalAnswer, LoanAnswer, RepaymentAnswer, RowAnswer, StandingAnswer,
};
use crate::explain;
use crate::read::fields::{Fields, malformed};
use crate::read::{fees, rules, terms};
use crate::{Options, Tables};

/// Decimals of percentages.
pub(crate) const DECIMALS: usize = 6;

/// Answers a request about a loan.
pub(crate) fn answer(fields: &Fields<'_>, options: &Options) -> Result<LoanAnswer, Problem> {
    let terms = terms::terms(fields, options.today)?;
    let life = rules::life(fields, &terms)?;
    let lender = lender(fields)?;
    let signed_on = fields.date("signed_on")?;
    let wants_explanation = fields.flag("explain")?.unwrap_or_default() || options.explain;
    let named = |problem| fees::renamed(fields, problem);
    let checked = terms.check().map_err(named)?;
    let (schedule, stretches) = if wants_explanation {
        checked.explained().map_err(named)?
    } else {
        (checked.schedule().map_err(named)?, Vec::new())
    };
    let standing = match &life {
        None => None,
        Some(life) => {
            let mut events = life.events.clone();
            events.extend(rules::instalments(&schedule.rows, life.paid_instalments));
            let last_due = schedule.rows.last().map_or(options.today, |row| row.due);
            let on = rules::day_in_question(life, last_due);
            Some(checked.standing(&life.rules, &events, on)?)
        }
    };
    let cost = cost(&checked, &schedule)?;
    let signed_on = signed_on.unwrap_or_else(|| checked.terms().start);
    let mut answer = totals(&checked, &schedule)?;
    answer.legal = legal(&cost, &schedule, &options.tables, signed_on, lender);
    answer.cost = cost.answer;
    if wants_explanation {
        answer.explain = explain::lines(&checked, &schedule, &stretches, &answer);
        answer.stretches = stretches.iter().map(explain::stretch).collect();
        answer.explain.extend(standing.iter().flat_map(explain::what_happened));
    }
    if let Some(standing) = &standing {
        tell_standing(&mut answer, &schedule, standing)?;
    }
    Ok(answer)
}

/// Rows and totals of a running loan stand in the place of those that were agreed.
fn tell_standing(
    answer: &mut LoanAnswer,
    agreed: &Schedule,
    standing: &Standing,
) -> Result<(), Problem> {
    let rows = standing.rows.iter();
    answer.rows = rows.clone().map(standing_row).collect::<Option<_>>().ok_or_else(too_large)?;
    answer.periods = answer.rows.len();
    answer.last = answer.rows.last().map_or_else(String::new, |row| row.instalment.clone());
    let principal = sum(rows.clone().map(|row| row.row.principal))?;
    let interest = sum(rows.clone().map(|row| row.row.interest))?;
    let penalties = sum(rows.clone().map(|row| row.penalties))?;
    let in_rows = sum(rows.map(|row| row.row.fees))?;
    let upfront = agreed.fees.iter().filter(|fee| fee.is_upfront());
    let fees = sum(upfront.map(|fee| fee.amount).chain([in_rows]))?;
    answer.total_principal = principal.to_string();
    answer.total_interest = interest.to_string();
    answer.total_fees = fees.to_string();
    answer.total_penalties = penalties.to_string();
    answer.total_repaid = sum([principal, interest, in_rows, penalties].into_iter())?.to_string();
    answer.total_cost = sum([interest, fees, penalties].into_iter())?.to_string();
    answer.standing = Some(told(standing));
    Ok(())
}

pub(crate) fn too_large() -> Problem {
    Problem::new("principal", Fault::TooLarge)
}

fn sum(mut amounts: impl Iterator<Item = Money>) -> Result<Money, Problem> {
    amounts.try_fold(Money::ZERO, Money::plus).ok_or_else(too_large)
}

/// All disbursements as they were received.
fn received(schedule: &Schedule) -> Result<Money, Problem> {
    sum(schedule.received.iter().map(|(_, amount)| *amount))
}

fn totals(checked: &CheckedTerms, schedule: &Schedule) -> Result<LoanAnswer, Problem> {
    let rows: Vec<RowAnswer> =
        schedule.rows.iter().map(row).collect::<Option<_>>().ok_or_else(too_large)?;
    let repays = schedule.rows.iter().find(|row| row.principal > Money::ZERO && row.days() > 0);
    let level = repays.or(schedule.rows.first()).and_then(Row::instalment);
    let last = schedule.rows.last().and_then(Row::instalment);
    let in_rows = sum(schedule.rows.iter().map(|row| row.instalment().unwrap_or(Money::ZERO)))?;
    let interest = schedule.interest;
    let only = (schedule.rows.len() == 1).then(|| interest.to_string());
    let fees = schedule.fees.iter().map(|fee| FeeAnswer {
        name: fee.name.clone(),
        on: fee.on.to_string(),
        amount: fee.amount.to_string(),
        upfront: fee.is_upfront(),
    });
    Ok(LoanAnswer {
        method: method(checked.terms().method),
        principal: checked.principal().to_string(),
        received: received(schedule)?.to_string(),
        instalment: level.unwrap_or(Money::ZERO).to_string(),
        last: last.unwrap_or(Money::ZERO).to_string(),
        interest: only,
        periods: rows.len(),
        total_principal: schedule.principal.to_string(),
        total_interest: interest.to_string(),
        total_fees: schedule.fee_total.to_string(),
        total_penalties: Money::ZERO.to_string(),
        total_repaid: in_rows.to_string(),
        total_cost: interest.plus(schedule.fee_total).ok_or_else(too_large)?.to_string(),
        rows,
        fees: fees.collect(),
        cost: CostAnswer::default(),
        legal: Vec::new(),
        standing: None,
        explain: Vec::new(),
        stretches: Vec::new(),
        ignored: Vec::new(),
    })
}

/// The word for a method, as requests take it.
pub(crate) const fn method(method: Method) -> &'static str {
    match method {
        Method::OneOff => "one-off",
        Method::InterestOnly => "interest-only",
        Method::EqualInstalment => "equal-instalment",
        Method::EqualPrincipal => "equal-principal",
        Method::Flat => "flat",
    }
}

fn row(row: &Row) -> Option<RowAnswer> {
    Some(RowAnswer {
        n: row.number,
        from: row.from.to_string(),
        due: row.due.to_string(),
        days: row.days(),
        instalment: row.instalment()?.to_string(),
        principal: row.principal.to_string(),
        interest: row.interest.to_string(),
        fees: row.fees.to_string(),
        penalties: Money::ZERO.to_string(),
        balance: row.balance.to_string(),
        paid: None,
        outstanding: None,
        overdue_days: None,
    })
}

fn standing_row(standing: &pricing::account::StandingRow) -> Option<RowAnswer> {
    let plain = row(&standing.row)?;
    Some(RowAnswer {
        instalment: standing.row.instalment()?.plus(standing.penalties)?.to_string(),
        penalties: standing.penalties.to_string(),
        paid: Some(standing.paid.to_string()),
        outstanding: Some(standing.outstanding.to_string()),
        overdue_days: Some(standing.overdue_days),
        ..plain
    })
}

fn told(standing: &Standing) -> StandingAnswer {
    let quote = &standing.settlement;
    let repayments = standing.payments.iter().map(|payment| RepaymentAnswer {
        date: payment.on.to_string(),
        amount: payment.amount.to_string(),
        principal: payment.principal.to_string(),
        interest: payment.interest.to_string(),
        fees: payment.fees.to_string(),
        penalties: payment.penalties.to_string(),
        excess: payment.excess.to_string(),
        principal_balance: payment.principal_balance.to_string(),
    });
    StandingAnswer {
        on: standing.on.to_string(),
        due: standing.due.to_string(),
        overdue: standing.overdue.to_string(),
        excess: standing.excess.to_string(),
        outstanding_principal: quote.principal.to_string(),
        interest_to_date: quote.interest.to_string(),
        payoff_fees: quote.fees.to_string(),
        payoff_penalties: quote.penalties.to_string(),
        payoff_total: quote.total.to_string(),
        repayments: repayments.collect(),
    }
}

/// Annual rates as they are written, and the one that is held against the law.
struct Cost {
    answer: CostAnswer,
    nominal: Option<AnnualRate>,
}

fn cost(checked: &CheckedTerms, schedule: &Schedule) -> Result<Cost, Problem> {
    let flows = schedule.flows()?;
    let mut answer = CostAnswer {
        disclosure_simple_label: cost::china::SIMPLE_LABEL_ZH,
        ..CostAnswer::default()
    };
    let text = |rate: AnnualRate| rate.percent_text(DECIMALS);
    let mut problem: Option<CostProblem> = None;
    let mut nominal = None;
    let rates = cost::loan::rates(checked, schedule, &flows);
    answer.by = rates.by.word();
    answer.period_irr_percent = rates.period.map(|rate| rate.percent_text(DECIMALS));
    match rates.yearly {
        Ok(IrrRates { nominal: yearly, effective }) => {
            nominal = Some(yearly);
            answer.nominal_percent = Some(text(yearly));
            answer.effective_percent = Some(text(effective));
            answer.disclosure_irr_percent = Some(text(yearly));
            answer.disclosure_irr_compound_percent = Some(text(effective));
        }
        Err(error) => problem = Some(error),
    }
    match cost::effective_by_days(&flows) {
        Ok(rate) => answer.eu_apr_percent = Some(text(rate)),
        Err(error) => problem = problem.or(Some(error)),
    }
    match cost::reg_z::apr_by_dates(&flows) {
        Ok(apr) => answer.reg_z_apr_percent = Some(text(apr.apr)),
        Err(error) => problem = problem.or(Some(error)),
    }
    match cost::loan::simple(checked, schedule) {
        Ok(rate) => answer.disclosure_simple_percent = Some(rate.percent_text(6)),
        Err(error) => problem = problem.or(Some(error)),
    }
    answer.problem = problem.as_ref().map(ToString::to_string);
    answer.problem_zh = problem.as_ref().map(CostProblem::zh);
    Ok(Cost { answer, nominal })
}

fn lender(fields: &Fields<'_>) -> Result<Lender, Problem> {
    match fields.word("lender")?.as_deref() {
        Some("private") => Ok(Lender::Private),
        None | Some("institution") => Ok(Lender::Institution),
        Some("platform") => Ok(Lender::InstitutionByPlatform),
        Some(_) => {
            let expected = "private, institution or platform";
            Err(malformed("lender", expected, "private、institution 或 platform"))
        }
    }
}

fn legal(
    cost: &Cost,
    schedule: &Schedule,
    tables: &Tables,
    signed_on: Date,
    lender: Lender,
) -> Vec<LegalAnswer> {
    let Some(figure) = cost.nominal else {
        return Vec::new();
    };
    let received = schedule.received.iter().map(|(_, amount)| *amount);
    let received = received.into_iter().try_fold(Money::ZERO, Money::plus).unwrap_or(Money::ZERO);
    let contract = Contract { figure, received, signed_on, lender };
    let findings = tables.legal_lines().check(&contract).unwrap_or_default();
    let told = findings.iter().map(|finding| LegalAnswer {
        line: finding.in_force.line.id.clone(),
        limit_percent: AnnualRate::from_rate(finding.in_force.limit).percent_text(2),
        figure_percent: finding.figure.percent_text(DECIMALS),
        signed_on: finding.signed_on.to_string(),
        exceeded: finding.verdict == Verdict::Exceeded,
        en: finding.to_string(),
        zh: finding.zh(),
    });
    told.collect()
}
