//! Customers, as operators look them up and flag them.

use channel_kit::route::Method;
use kernel::id::{MemberId, OperatorId};
use kernel::identity::IdCardNo;
use kernel::{Channel, Mobile, Money};
use lending::audit::{self, Subject};
use lending::customers::{self, Customer, Flag, FlagError, Line};
use lending::ledger::Account;
use lending::operators::{Operator, Right};
use lending::servicing::{self, LoanState};
use lending::{Page, Route as Home, Tx, credit, documents, identity, origination};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_CUSTOMER};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, WHY, body, optional, query};
use crate::reply::{Reply, time};
use crate::values::{self, Sight, opt_time};
use crate::{collections, people};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one), route(&FLAGS, flags), route(&DOCUMENTS, papers)]
}

const CUSTOMER: &str = r#"{"customer":{"id":3,"channel":"xianjindai","mobile_phone":"138****0001","identity":null,"card":null,"mobile_verified":false,"profile_complete":false,"blacklisted":false,"risky":false,"risk_note":null,"blocked":false,"registered_at":"2026-11-25T10:00:00+08:00"}}"#;

impl From<FlagError> for Failure {
    fn from(error: FlagError) -> Self {
        match error {
            FlagError::NoSuchCustomer => NO_SUCH_CUSTOMER.into(),
            FlagError::Fault(fault) => fault.into(),
        }
    }
}

/// The customer of the path.
pub(crate) fn id(call: &Call) -> Result<MemberId, Failure> {
    Ok(call.id().map(MemberId::from_number).ok_or(NO_SUCH_CUSTOMER)?)
}

/// A customer who must be there.
pub(crate) fn load(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Customer, Failure> {
    Ok(customers::customer(tx, id)?.ok_or(NO_SUCH_CUSTOMER)?)
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/customers",
    summary: "Customers 客户 of a channel by number, or the ones with a mobile or id number",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("channel", "string", "the channel; needed but with id_no"),
        query("mobile", "string", "only the account with this mobile number"),
        query("id_no", "string", "only the accounts of the person with this id number"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

/// Which customers are looked for.
#[derive(Clone)]
enum Wanted {
    Channel(Channel),
    Mobile(Channel, Mobile),
    Person(IdCardNo, Option<Channel>),
}

impl Wanted {
    fn find(&self, tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Customer>, Failure> {
        let members = match self {
            Self::Channel(channel) => return Ok(customers::customers(tx, *channel, page)?),
            Self::Mobile(channel, mobile) => {
                identity::find(tx, *channel, mobile)?.into_iter().collect()
            }
            Self::Person(id_no, _) => match customers::find_person(tx, id_no)? {
                Some(person) => customers::accounts_of(tx, person)?,
                None => Vec::new(),
            },
        };
        let mut found = Vec::new();
        for member in members {
            found.extend(customers::customer(tx, member)?);
        }
        if let Self::Person(_, Some(channel)) = self {
            found.retain(|customer| customer.channel == *channel);
        }
        Ok(found)
    }
}

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let wanted = match (call.query("mobile"), call.query("id_no")) {
        (None, None) => Wanted::Channel(values::query_channel(&call)?),
        (Some(text), None) => {
            let mobile = Mobile::parse(text).ok_or_else(|| Failure::field("mobile"))?;
            Wanted::Mobile(values::query_channel(&call)?, mobile)
        }
        (None, Some(text)) => {
            let id_no = IdCardNo::parse(text).ok_or_else(|| Failure::field("id_no"))?;
            Wanted::Person(id_no, call.query("channel").map(values::channel).transpose()?)
        }
        (Some(_), Some(_)) => return Err(Failure::field("id_no")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = wanted.find(tx, page)?;
        let shown: Vec<_> =
            found.iter().map(|customer| people::shown(customer, Sight::Masked)).collect();
        Ok(Reply::list(&shown, page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/customers/{id}",
    summary: "One customer with line, credit, applications and loans; in full for a reason",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_CUSTOMER],
    success: (200, CUSTOMER),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let newest = Page::new(1, Page::MOST).ok_or_else(|| Failure::field("page"))?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let customer = load(tx, id)?;
        let subject = Subject::Member(id);
        let sight = values::sight(tx, operator, subject, ("customer", reason.as_deref()))?;
        let told = match sight {
            Sight::Masked => None,
            Sight::Full => Some(told(tx, id)?),
        };
        let today = tx.at().business.date();
        let credit = identity::member(tx, id)?.map(|member| member.wallet.to_string());
        let line = credit::line(tx, id)?.map(|line| crate::lines::shown(&line));
        let (applications, _) = origination::applications_of(tx, id, newest)?;
        let loans = servicing::loans_of(tx, id)?;
        Ok(Reply::ok(&json!({
            "customer": people::shown(&customer, sight),
            "told": told,
            "phone_book_entries": customers::phone_book_size(tx, id)?,
            "credit": credit,
            "wallet_account_id": Account::Wallet(id).number().number(),
            "line": line,
            "consents": consents(tx, id)?,
            "applications":
                applications.iter().map(crate::applications::shown).collect::<Vec<_>>(),
            "loans":
                loans.iter().map(|loan| crate::loans::shown(loan, today)).collect::<Vec<_>>(),
            "elsewhere": elsewhere(tx, &customer)?,
            "contact_stop": collections::stopped(tx, &customer, sight)?,
            "collection": collections::of_customer(tx, id, sight)?,
        })))
    };
    call.show(&console, read).await
}

/// What a customer has agreed to, and what of it they have taken back.
fn consents(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Vec<Value>, Failure> {
    let all = customers::consents::list(tx, id)?;
    let shown = |consent: &customers::consents::Consent| {
        json!({
            "purpose": consent.purpose.word(),
            "text_version": consent.text_version,
            "given_at": time(consent.given_at),
            "withdrawn_at": opt_time(consent.withdrawn_at),
        })
    };
    Ok(all.iter().map(shown).collect())
}

/// The same person's accounts on other channels, with what they owe there.
fn elsewhere(tx: &mut Tx<'_, '_>, customer: &Customer) -> Result<Vec<Value>, Failure> {
    let Some(identity) = &customer.identity else { return Ok(Vec::new()) };
    let mut accounts = Vec::new();
    for member in customers::accounts_of(tx, identity.person)? {
        if member == customer.member {
            continue;
        }
        let Some(other) = customers::customer(tx, member)? else { continue };
        let loans = servicing::loans_of(tx, member)?;
        let running = loans.iter().filter(|loan| loan.state == LoanState::Repaying);
        let open = running.clone().filter_map(|loan| loan.terms.amount.minus(loan.paid.principal));
        let owed = open.fold(Money::ZERO, |sum, more| sum.plus(more).unwrap_or(Money::MAX));
        accounts.push(json!({
            "customer_id": member.number(),
            "channel": other.channel.word(),
            "loans": loans.len(),
            "running": running.clone().count(),
            "overdue": running.filter(|loan| loan.overdue_since.is_some()).count(),
            "principal": owed.to_string(),
        }));
    }
    Ok(accounts)
}

/// What a customer has told about themselves and others.
fn told(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Value, Failure> {
    let profile = customers::profile(tx, id)?;
    let contacts = customers::contacts(tx, id)?;
    let home = customers::statements::home(tx, id)?;
    let work = customers::statements::work(tx, id)?;
    let relations = customers::statements::relations(tx, id)?;
    let sheet = customers::sheet::told(tx, id)?;
    let sheet: Map<_, _> =
        sheet.into_iter().map(|(name, value)| (name, json!(value.expose()))).collect();
    let known = relations.map(|both| [both.first, both.second]);
    Ok(json!({
        "profile": profile.map(|profile| people::profile(&profile)),
        "contacts": contacts.iter().map(people::contact).collect::<Vec<_>>(),
        "lives": home.map(|home| people::lives(&home)),
        "works": work.map(|work| people::works(&work)),
        "relations":
            known.iter().flatten().map(people::acquaintance).collect::<Vec<_>>(),
        "sheet": sheet,
    }))
}

static FLAGS: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/flags",
    summary: "Set or lift flags: blacklist 黑名单, risk 风险客户, a closed account 冻结",
    access: Access::With(Right::ManageRisk),
    fields: &[
        ID,
        optional("blacklisted", "boolean", "nothing is lent to the person, on no channel"),
        optional("risky", "boolean", "people look at their applications"),
        optional("blocked", "boolean", "the account is closed to its owner"),
        body("reason", "string", "why: 4 to 200 characters, kept sealed"),
    ],
    refusals: &[NO_SUCH_CUSTOMER],
    success: (200, CUSTOMER),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagsBody {
    blacklisted: Option<bool>,
    risky: Option<bool>,
    blocked: Option<bool>,
    reason: String,
}

async fn flags(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: FlagsBody = call.message()?;
    if message.blacklisted.is_none() && message.risky.is_none() && message.blocked.is_none() {
        return Err(Failure::field("blacklisted"));
    }
    let reason = values::reason(&message.reason)?;
    let line = Line::parse(&reason).ok_or_else(|| Failure::field("reason"))?;
    let mut flags = Vec::new();
    flags.extend(
        message
            .blacklisted
            .map(|set| if set { Flag::Blacklisted(line.clone()) } else { Flag::NotBlacklisted }),
    );
    flags.extend(message.risky.map(
        |set| {
            if set { Flag::Risky(line.clone()) } else { Flag::NotRisky }
        },
    ));
    let blocked = message.blocked;
    let set = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        load(tx, id)?;
        for flag in &flags {
            customers::set_flag(tx, operator.actor(), id, flag)?;
        }
        if let Some(blocked) = blocked {
            block(tx, operator.id, id, blocked)?;
        }
        Ok(Reply::ok(&json!({ "customer": people::shown(&load(tx, id)?, Sight::Masked) })))
    };
    // The digest of the body would be one of what is kept sealed.
    call.write_unkeyed(&console, Home::home(id.number()), set).await
}

/// Closes an account to its owner and ends its sessions, or opens it again.
fn block(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    id: MemberId,
    blocked: bool,
) -> Result<(), Failure> {
    identity::set_blocked(tx, id, blocked)?;
    let action = if blocked {
        customers::sessions::close_all(tx, id)?;
        "customer.blocked"
    } else {
        "customer.unblocked"
    };
    let actor = audit::Actor::Operator(operator);
    Ok(audit::note(tx, actor, action, Subject::Member(id), "")?)
}

static DOCUMENTS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/customers/{id}/documents",
    summary: "A customer's contracts and disclosures 合同, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, PAGE, SIZE],
    refusals: &[NO_SUCH_CUSTOMER],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn papers(console: Console, call: Call) -> Result<Reply, Failure> {
    let (id, page) = (id(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        load(tx, id)?;
        let all = documents::of_member(tx, id, page)?;
        Ok(Reply::list(&all.iter().map(crate::documents::shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}
