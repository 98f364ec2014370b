//! A loan: schedule, totals, annual rates, legal lines, and how it stands.

use kernel::{Change, Date, Money};
use pricing::account::Standing;
use pricing::calendar::Frequency;
use pricing::cost::{self, AnnualRate, CostProblem, YearFraction};
use pricing::legal::{Contract, Lender, Verdict};
use pricing::{CheckedTerms, Fault, Method, Problem, Row, Schedule};

use crate::answer::{
    CostAnswer, FeeAnswer, LegalAnswer, LoanAnswer, RepaymentAnswer, RowAnswer, StandingAnswer,
};
use crate::explain;
use crate::read::fields::{Fields, malformed};
use crate::read::flows::length;
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
    let period = length(checked.terms().frequency);
    let rates = if let Some((flows, per_year)) = by_periods(checked, schedule, &flows) {
        answer.by = "periods";
        cost::period_rate(&flows).and_then(|rate| {
            answer.period_irr_percent = Some(rate.percent_text(DECIMALS));
            Ok((rate.nominal(per_year), rate.effective(per_year)?))
        })
    } else if let Some(flows) = within_periods(checked, schedule, &flows) {
        answer.by = "periods";
        let rates = cost::china::irr_rates_by_years(&flows, period);
        rates.map(|rates| (rates.nominal, rates.effective))
    } else {
        answer.by = "days";
        let rates = cost::china::irr_rates_by_days(&flows, period);
        rates.map(|rates| (rates.nominal, rates.effective))
    };
    match rates {
        Ok((yearly, effective)) => {
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
    match simple(checked, schedule) {
        Ok(rate) => answer.disclosure_simple_percent = Some(rate.percent_text(6)),
        Err(error) => problem = problem.or(Some(error)),
    }
    answer.problem = problem.as_ref().map(ToString::to_string);
    answer.problem_zh = problem.as_ref().map(CostProblem::zh);
    Ok(Cost { answer, nominal })
}

/// How many periods make a year, and the ends of all of them, where they are equal parts of one.
fn grid(checked: &CheckedTerms, schedule: &Schedule) -> Option<(u32, Vec<Date>)> {
    let terms = checked.terms();
    let (num, den) = match terms.frequency {
        Frequency::Months(_) | Frequency::Weeks(_) => terms.frequency.per_year(),
        Frequency::Days(_) => return None,
    };
    let is_whole = num.checked_rem(den)? == 0 && terms.first_due.is_none();
    let dues = schedule.rows.iter().map(|row| row.due).filter(|due| *due > terms.start);
    let ends = std::iter::once(terms.start).chain(dues).collect();
    is_whole.then_some((num.checked_div(den)?, ends))
}

/// Flows by the number of their period, where they all fall between equal periods, and how many
/// of these make a year.
fn by_periods(
    checked: &CheckedTerms,
    schedule: &Schedule,
    flows: &[(Date, Change)],
) -> Option<(Vec<(u32, Change)>, u32)> {
    let (per_year, ends) = grid(checked, schedule)?;
    let placed = flows.iter().map(|(date, change)| {
        let place = ends.binary_search(date).ok()?;
        Some((u32::try_from(place).ok()?, *change))
    });
    Some((placed.collect::<Option<_>>()?, per_year))
}

/// Flows by parts of a year, where some fall inside equal periods: a day inside is that part of
/// its period, so that a fee on such a day does not change how all others are counted.
fn within_periods(
    checked: &CheckedTerms,
    schedule: &Schedule,
    flows: &[(Date, Change)],
) -> Option<Vec<(YearFraction, Change)>> {
    let (per_year, ends) = grid(checked, schedule)?;
    let placed = flows.iter().map(|(date, change)| {
        let place = ends.partition_point(|end| end <= date).checked_sub(1)?;
        let (begin, end) = (*ends.get(place)?, ends.get(place.checked_add(1)?));
        let (part, of) = match end {
            Some(end) => (begin.days_until(*date), begin.days_until(*end)),
            None => (0, 1),
        };
        let (part, of) = (u32::try_from(part).ok()?, u32::try_from(of).ok()?);
        let parts = u32::try_from(place).ok()?.checked_mul(of)?.checked_add(part)?;
        Some((YearFraction::new(parts, of.checked_mul(per_year)?)?, *change))
    });
    placed.collect()
}

/// The simple method: all interest and fees over the principal that was really received, for the
/// days for which it was outstanding. A fee that is kept back lowers every balance in proportion.
fn simple(
    checked: &CheckedTerms,
    schedule: &Schedule,
) -> Result<cost::china::SimpleRate, CostProblem> {
    let too_many = || CostProblem::BadArgument;
    let received = schedule.received.iter().map(|(_, amount)| *amount);
    let received = received.into_iter().try_fold(Money::ZERO, Money::plus).ok_or_else(too_many)?;
    let owed = checked.principal();
    let cost = schedule.interest.plus(schedule.fee_total).ok_or_else(too_many)?;
    let mut days: Vec<(Date, i64)> =
        checked.terms().advances.iter().map(|(date, amount)| (*date, amount.fen())).collect();
    days.extend(schedule.rows.iter().map(|row| (row.due, row.principal.debit().fen())));
    days.sort_by_key(|(date, _)| *date);
    let mut occupied = Vec::with_capacity(days.len());
    let (mut balance, mut since) = (0_i64, checked.terms().start);
    for (date, change) in days {
        let used = u32::try_from(since.days_until(date)).unwrap_or_default();
        let real = Money::from_fen(balance).and_then(|b| b.share(received.fen(), owed.fen()));
        occupied.push((real.ok_or_else(too_many)?, used));
        balance = balance.saturating_add(change);
        since = date;
    }
    cost::china::simple_rate(cost, &occupied)
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
