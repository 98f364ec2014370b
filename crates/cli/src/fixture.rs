//! Fixtures: a bench brought to a known state, through the core and its ledger.

mod borrowers;

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use channel_kit::Scalar;
use kernel::id::{MemberId, ProjectId};
use kernel::{Mobile, Money, Rate, Secret};
use lending::identity::password::{Cost, PasswordHash};
use lending::identity::{self, Caller, Register, RegisterError, Role};
use lending::market::{self, Audit, Bidding, ListProject, PlaceBid, Status, TenorUnit};
use lending::wallet::{self, Move};
use lending::{Fault, Lending, Route, Tx};
use serde::Deserialize;
use serde_json::value::RawValue;

use borrowers::{ApplicationRow, Applying, Borrower, BorrowerRow};

/// The file: see docs/fixtures.md.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'f> {
    #[serde(borrow, default)]
    members: Vec<MemberRow<'f>>,
    #[serde(borrow, default)]
    loans: Vec<LoanRow<'f>>,
    #[serde(borrow, default)]
    invests: Vec<InvestRow<'f>>,
    #[serde(borrow, default)]
    borrowers: Vec<BorrowerRow<'f>>,
    #[serde(borrow, default)]
    applications: Vec<ApplicationRow<'f>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRow<'f> {
    #[serde(borrow)]
    id: Option<&'f RawValue>,
    mobile_phone: Option<&'f RawValue>,
    pwd: Option<&'f RawValue>,
    r#type: Option<&'f RawValue>,
    reg_name: Option<&'f RawValue>,
    leave_amount: Option<&'f RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoanRow<'f> {
    #[serde(borrow)]
    id: Option<&'f RawValue>,
    member_id: Option<&'f RawValue>,
    title: Option<&'f RawValue>,
    amount: Option<&'f RawValue>,
    loan_rate: Option<&'f RawValue>,
    loan_term: Option<&'f RawValue>,
    loan_date_type: Option<&'f RawValue>,
    bidding_days: Option<&'f RawValue>,
    status: Option<&'f RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvestRow<'f> {
    #[serde(borrow)]
    member_id: Option<&'f RawValue>,
    loan_id: Option<&'f RawValue>,
    amount: Option<&'f RawValue>,
}

/// A fixture that has been read and makes sense by itself.
#[derive(Clone, Debug)]
pub struct Fixture {
    members: Vec<FixtureMember>,
    loans: Vec<FixtureLoan>,
    borrowers: Vec<Borrower>,
    applications: Vec<Applying>,
}

#[derive(Clone, Debug)]
struct FixtureMember {
    id: Option<MemberId>,
    mobile: Mobile,
    password: Secret,
    role: Role,
    nickname: String,
    balance: Money,
}

#[derive(Clone, Debug)]
struct FixtureLoan {
    row: usize,
    list: ListProject,
    status: u8,
    bids: Vec<(MemberId, Money)>,
}

/// Why a fixture was not loaded: nothing of it was.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("{0}")]
    Row(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn whole(field: Option<&RawValue>) -> Option<i64> {
    Scalar::from(field).decimal()?.to_i64()
}

fn text(field: Option<&RawValue>) -> Option<String> {
    Scalar::from(field).text().map(ToOwned::to_owned)
}

fn yuan(field: Option<&RawValue>) -> Option<Money> {
    Scalar::from(field).decimal()?.to_yuan()
}

fn small(field: Option<&RawValue>) -> Option<u32> {
    u32::try_from(whole(field)?).ok()
}

/// An id that was chosen; accounts and JavaScript clients can hold what is below this.
fn id(field: Option<&RawValue>) -> Option<i64> {
    whole(field).filter(|id| (1..=1_000_000_000_000).contains(id))
}

/// Reads a fixture; the error names the row and the field.
pub fn parse(json: &str) -> anyhow::Result<Fixture> {
    let file: File<'_> = serde_json::from_str(json).context("the fixture cannot be read")?;
    let lists = [file.members.len(), file.loans.len()];
    let lending = [file.borrowers.len(), file.applications.len()];
    if lists == [0, 0] && lending == [0, 0] {
        bail!("the fixture has neither members nor loans nor borrowers");
    }
    let (borrowers, applications) = parse_lending(&file)?;
    let members = file.members.iter().enumerate().map(|(row, member)| {
        parse_member(member).with_context(|| format!("members[{row}] is wrong"))
    });
    let members = members.collect::<anyhow::Result<_>>()?;
    let loans =
        file.loans.iter().enumerate().map(|(row, loan)| {
            parse_loan(row, loan).with_context(|| format!("loans[{row}] is wrong"))
        });
    let mut loans = loans.collect::<anyhow::Result<Vec<_>>>()?;
    for (row, invest) in file.invests.iter().enumerate() {
        let named = || format!("invests[{row}] is wrong");
        let member = id(invest.member_id).context("member_id").with_context(named)?;
        let loan = id(invest.loan_id).context("loan_id").with_context(named)?;
        let amount = yuan(invest.amount).context("amount").with_context(named)?;
        let on = loans
            .iter_mut()
            .find(|known| known.list.id == Some(ProjectId::from_number(loan)))
            .with_context(|| format!("invests[{row}]: the fixture has no loan {loan}"))?;
        on.bids.push((MemberId::from_number(member), amount));
    }
    Ok(Fixture { members, loans, borrowers, applications })
}

fn parse_lending(file: &File<'_>) -> anyhow::Result<(Vec<Borrower>, Vec<Applying>)> {
    let borrowers = file.borrowers.iter().enumerate().map(|(row, borrower)| {
        borrowers::parse(borrower).with_context(|| format!("borrowers[{row}] is wrong"))
    });
    let borrowers = borrowers.collect::<anyhow::Result<_>>()?;
    let applications = file.applications.iter().enumerate().map(|(row, application)| {
        borrowers::parse_application(application)
            .with_context(|| format!("applications[{row}] is wrong"))
    });
    Ok((borrowers, applications.collect::<anyhow::Result<_>>()?))
}

fn parse_member(row: &MemberRow<'_>) -> anyhow::Result<FixtureMember> {
    Ok(FixtureMember {
        id: match row.id {
            None => None,
            given => Some(MemberId::from_number(id(given).context("id")?)),
        },
        mobile: text(row.mobile_phone)
            .as_deref()
            .and_then(Mobile::parse)
            .context("mobile_phone")?,
        password: Secret::new(text(row.pwd).context("pwd")?),
        role: match row.r#type.map_or(Some(1), |field| whole(Some(field))) {
            Some(0) => Role::Administrator,
            Some(1) => Role::Member,
            Some(_) | None => bail!("type is 0 or 1"),
        },
        nickname: match row.reg_name {
            None => "小柠檬".to_owned(),
            given => text(given).context("reg_name")?,
        },
        balance: match row.leave_amount {
            None => Money::ZERO,
            given => yuan(given).context("leave_amount")?,
        },
    })
}

fn parse_loan(row: usize, loan: &LoanRow<'_>) -> anyhow::Result<FixtureLoan> {
    let percent = Scalar::from(loan.loan_rate).decimal().and_then(|rate| rate.rounded(1));
    let tenths = percent.and_then(|tenths| u32::try_from(tenths).ok()).context("loan_rate")?;
    let status = whole(loan.status).and_then(|status| u8::try_from(status).ok());
    let list = ListProject {
        id: match loan.id {
            None => None,
            given => Some(ProjectId::from_number(id(given).context("id")?)),
        },
        caller: Caller::Anyone,
        borrower: MemberId::from_number(id(loan.member_id).context("member_id")?),
        title: text(loan.title).context("title")?,
        amount: yuan(loan.amount),
        rate: tenths.checked_mul(1000).and_then(Rate::from_ppm),
        tenor_unit: match whole(loan.loan_date_type) {
            Some(1) => Some(TenorUnit::Month),
            Some(2) => Some(TenorUnit::Day),
            Some(_) | None => bail!("loan_date_type is 1 or 2"),
        },
        tenor: small(loan.loan_term),
        bidding_days: loan.bidding_days.map_or(Some(5), |days| small(Some(days))),
    };
    let status = status.filter(|status| (1..=5).contains(status)).context("status is 1 to 5")?;
    Ok(FixtureLoan { row, list, status, bids: Vec::new() })
}

/// Loads a fixture in one transaction: all of it, or nothing. What was loaded, in a line.
pub fn load(lending: &Lending, fixture: Fixture, cost: Cost) -> anyhow::Result<String> {
    // One hash per distinct password: a thousand members with one password take no minute.
    let mut hashes: BTreeMap<String, PasswordHash> = BTreeMap::new();
    let members = fixture.members.iter().map(|member| &member.password);
    for password in members.chain(fixture.borrowers.iter().map(|borrower| &borrower.password)) {
        if !hashes.contains_key(password.expose()) {
            hashes.insert(password.expose().to_owned(), PasswordHash::make(password, cost)?);
        }
    }
    let (members, projects) = (fixture.members.len(), fixture.loans.len());
    let (borrowers, applications) = (fixture.borrowers.len(), fixture.applications.len());
    if borrowers > 0 || applications > 0 {
        crate::wiring::seed(lending)?;
    }
    lending.write_and_wait(Route::home(0), move |tx| load_all(tx, &fixture, &hashes))?;
    let lending = match (borrowers, applications) {
        (0, 0) => String::new(),
        (borrowers, 0) => format!(", {borrowers} borrowers"),
        (borrowers, applications) => {
            format!(", {borrowers} borrowers and {applications} applications")
        }
    };
    Ok(format!("loaded {members} members and {projects} projects{lending}\n"))
}

fn load_all(
    tx: &mut Tx<'_, '_>,
    fixture: &Fixture,
    hashes: &BTreeMap<String, PasswordHash>,
) -> Result<(), LoadError> {
    let mut balances = Vec::new();
    for (row, member) in fixture.members.iter().enumerate() {
        let named = |what: &str| LoadError::Row(format!("members[{row}]: {what}"));
        let password = hashes.get(member.password.expose()).ok_or(Fault::Broken)?.clone();
        let register = Register {
            id: member.id,
            channel: channel_futureloan::CHANNEL,
            mobile: member.mobile.clone(),
            nickname: member.nickname.clone(),
            role: member.role,
            password,
        };
        let registered = identity::register(tx, &register).map_err(|error| match error {
            RegisterError::Taken => named("the id or the mobile number is taken"),
            RegisterError::Fault(fault) => fault.into(),
        })?;
        balances.push((registered.id, member.balance));
    }
    for loan in &fixture.loans {
        load_loan(tx, loan).map_err(|error| named(error, "loans", loan.row))?;
    }
    balances.into_iter().try_for_each(|(member, balance)| settle(tx, member, balance))?;
    for (row, borrower) in fixture.borrowers.iter().enumerate() {
        borrowers::load(tx, borrower, hashes).map_err(|error| named(error, "borrowers", row))?;
    }
    for (row, applying) in fixture.applications.iter().enumerate() {
        borrowers::apply(tx, applying).map_err(|error| named(error, "applications", row))?;
    }
    Ok(())
}

/// An error with the place of its row.
fn named(error: LoadError, list: &str, row: usize) -> LoadError {
    match error {
        LoadError::Row(what) => LoadError::Row(format!("{list}[{row}]: {what}")),
        LoadError::Fault(fault) => fault.into(),
    }
}

fn row(error: impl std::fmt::Display) -> LoadError {
    LoadError::Row(error.to_string())
}

/// Lists a project and takes it to its state, bid by bid.
fn load_loan(tx: &mut Tx<'_, '_>, loan: &FixtureLoan) -> Result<(), LoadError> {
    let project = market::list(tx, &loan.list).map_err(row)?;
    if loan.status == 1 || (loan.status == 5 && loan.bids.is_empty()) {
        if !loan.bids.is_empty() {
            return Err(row("a project that waits for audit has no investments"));
        }
        let reject = |tx| market::audit(tx, Caller::Anyone, project.id, Audit::Reject);
        return if loan.status == 5 { reject(tx).map_err(row) } else { Ok(()) };
    }
    market::audit(tx, Caller::Anyone, project.id, Audit::Approve).map_err(row)?;
    let mut rest = project.amount;
    let mut state = Bidding::GoesOn;
    for (member, amount) in &loan.bids {
        state = place(tx, *member, project.id, *amount)?;
        rest = rest.minus(*amount).unwrap_or(Money::ZERO);
    }
    if matches!(loan.status, 3 | 4) && state == Bidding::GoesOn {
        // What the file's investments leave open, the borrower funds.
        state = place(tx, project.borrower, project.id, rest)?;
    }
    match (loan.status, state) {
        (2, Bidding::GoesOn) | (3, Bidding::Full) => Ok(()),
        (5, Bidding::GoesOn) => market::abandon(tx, project.id).map(|_| ()).map_err(Into::into),
        (4, Bidding::Full) => repay_all(tx, &project),
        (_, _) => Err(row("its investments fill the project, so its status is 3 or 4")),
    }
}

/// Pays in what a bid needs, and bids.
fn place(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    project: ProjectId,
    amount: Money,
) -> Result<Bidding, LoadError> {
    let caller = Caller::Anyone;
    let wallet = identity::acting_for(tx, caller, member).map_err(row)?.wallet;
    if let Some(missing) = amount.minus(wallet).filter(|missing| *missing > Money::ZERO) {
        wallet::recharge(tx, &Move { caller, member, amount: missing }).map_err(row)?;
    }
    let bid = PlaceBid { caller, member, project, amount: Some(amount) };
    market::bid(tx, &bid).map(|(_, state)| state).map_err(row)
}

fn repay_all(tx: &mut Tx<'_, '_>, project: &market::Project) -> Result<(), LoadError> {
    // Twice the amount covers principal and interest: at most 24 % a year for 36 months.
    let amount = project.amount.plus(project.amount).ok_or_else(|| row("amount"))?;
    let (caller, member) = (Caller::Anyone, project.borrower);
    wallet::recharge(tx, &Move { caller, member, amount }).map_err(row)?;
    loop {
        let after = market::repay(tx, caller, project.id).map_err(row)?;
        if after.status == Status::Repaid {
            return Ok(());
        }
    }
}

/// Recharges or withdraws the difference, so that the member ends with the stated balance.
fn settle(tx: &mut Tx<'_, '_>, member: MemberId, balance: Money) -> Result<(), LoadError> {
    let caller = Caller::Anyone;
    let wallet = identity::acting_for(tx, caller, member).map_err(row)?.wallet;
    if let Some(amount) = balance.minus(wallet).filter(|amount| *amount > Money::ZERO) {
        wallet::recharge(tx, &Move { caller, member, amount }).map_err(row)?;
    } else if let Some(amount) = wallet.minus(balance).filter(|amount| *amount > Money::ZERO) {
        wallet::withdraw(tx, &Move { caller, member, amount }).map_err(row)?;
    }
    Ok(())
}
