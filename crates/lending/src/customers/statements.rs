//! What customers tell in free words (自述): apps that have no tables of values ask so.
//!
//! Document 002 asks for home, work, two people, and accounts elsewhere; every part is told as a
//! whole, and a later telling replaces it.

use kernel::id::MemberId;
use store::Fault;

use super::Line;
use super::sql::{self, statements as rows};
use crate::Tx;

/// Items of a list at most: province, city, district, and room for more.
pub const MOST_ITEMS: usize = 10;

/// Between the fields of a text, and between the items of a field: a line holds neither.
const FIELD: char = '\u{1e}';
const ITEM: char = '\u{1f}';

/// Where somebody lives (居住信息).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Province, city, district, by their names (居住区域).
    pub area: Vec<Line>,
    /// Street and house (详细地址).
    pub address: Line,
    /// For how long, in the app's words (居住时长).
    pub since: Vec<Line>,
}

/// Where somebody works (工作信息).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The industry (从事行业).
    pub industry: Line,
    /// As what (工作岗位).
    pub position: Line,
    /// For whom (单位名称).
    pub employer: Line,
    /// Province, city, district, by their names (单位所在地).
    pub area: Vec<Line>,
    /// Street and house (详细信息).
    pub address: Line,
    /// The employer's telephone, as it was typed (单位电话).
    pub telephone: Line,
}

/// Somebody whom a customer knows (联系人).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// What they are to the customer, in the app's words.
    pub relation: Vec<Line>,
    /// Their name.
    pub name: Line,
    /// Their telephone, as it was typed.
    pub telephone: Line,
}

/// Two people whom a customer knows (人际关系).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    /// The first.
    pub first: Acquaintance,
    /// The second.
    pub second: Acquaintance,
}

/// An account elsewhere that a customer names (通用认证); nobody proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// QQ.
    Qq,
    /// 微信.
    Wechat,
    /// A bank account that is often used (常用银行卡号).
    BankAccount,
}

impl Elsewhere {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Qq, Self::Wechat, Self::BankAccount];

    /// The word of the document, and of the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Qq => "qq",
            Self::Wechat => "wechat",
            Self::BankAccount => "bankcard",
        }
    }

    /// The account with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|account| account.word() == word)
    }
}

const HOME: &str = "home";
const WORK: &str = "work";
const RELATIONS: &str = "relations";

/// Why something was not kept. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// A list has no item, or more than [`MOST_ITEMS`].
    #[error("a list of 1 to {MOST_ITEMS} items")]
    Items,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps where a customer lives.
pub fn tell_home(tx: &mut Tx<'_, '_>, member: MemberId, home: &Home) -> Result<(), TellError> {
    let fields = [many(&home.area), one(&home.address), many(&home.since)];
    tell(tx, member, HOME, &fields)
}

/// Keeps where a customer works.
pub fn tell_work(tx: &mut Tx<'_, '_>, member: MemberId, work: &Work) -> Result<(), TellError> {
    let fields = [
        one(&work.industry),
        one(&work.position),
        one(&work.employer),
        many(&work.area),
        one(&work.address),
        one(&work.telephone),
    ];
    tell(tx, member, WORK, &fields)
}

/// Keeps whom a customer knows.
pub fn tell_relations(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    relations: &Relations,
) -> Result<(), TellError> {
    let Relations { first, second } = relations;
    let fields = [
        many(&first.relation),
        one(&first.name),
        one(&first.telephone),
        many(&second.relation),
        one(&second.name),
        one(&second.telephone),
    ];
    tell(tx, member, RELATIONS, &fields)
}

/// Keeps an account elsewhere.
pub fn tell_account(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    account: Elsewhere,
    name: &Line,
) -> Result<(), TellError> {
    tell(tx, member, account.word(), &[one(name)])
}

/// Where a customer lives, if they told.
pub fn home(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Home>, Fault> {
    let Some(mut told) = told(tx, member, HOME)? else { return Ok(None) };
    Ok(Some(Home { area: told.many()?, address: told.one()?, since: told.many()? }))
}

/// Where a customer works, if they told.
pub fn work(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Work>, Fault> {
    let Some(mut told) = told(tx, member, WORK)? else { return Ok(None) };
    Ok(Some(Work {
        industry: told.one()?,
        position: told.one()?,
        employer: told.one()?,
        area: told.many()?,
        address: told.one()?,
        telephone: told.one()?,
    }))
}

/// Whom a customer knows, if they told.
pub fn relations(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Relations>, Fault> {
    let Some(mut told) = told(tx, member, RELATIONS)? else { return Ok(None) };
    let mut next = || {
        let (relation, name, telephone) = (told.many()?, told.one()?, told.one()?);
        Ok::<_, Fault>(Acquaintance { relation, name, telephone })
    };
    Ok(Some(Relations { first: next()?, second: next()? }))
}

/// An account elsewhere, if the customer named it.
pub fn account(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    account: Elsewhere,
) -> Result<Option<Line>, Fault> {
    let Some(mut told) = told(tx, member, account.word())? else { return Ok(None) };
    told.one().map(Some)
}

type Field<'l> = Vec<&'l Line>;

fn one(line: &Line) -> Field<'_> {
    vec![line]
}

fn many(lines: &[Line]) -> Field<'_> {
    lines.iter().collect()
}

fn tell(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    section: &str,
    fields: &[Field<'_>],
) -> Result<(), TellError> {
    sql::lock(tx, member)?.ok_or(TellError::NoSuchCustomer)?;
    let mut text = String::new();
    for (place, field) in fields.iter().enumerate() {
        if field.is_empty() || field.len() > MOST_ITEMS {
            return Err(TellError::Items);
        }
        if place > 0 {
            text.push(FIELD);
        }
        for (place, line) in field.iter().enumerate() {
            if place > 0 {
                text.push(ITEM);
            }
            text.push_str(line.expose());
        }
    }
    Ok(rows::put(tx, member, section, &text)?)
}

/// The fields of a text that was kept, from the first on.
struct Told {
    fields: std::vec::IntoIter<Vec<Line>>,
}

fn told(tx: &mut Tx<'_, '_>, member: MemberId, section: &str) -> Result<Option<Told>, Fault> {
    let Some(text) = rows::text(tx, member, section)? else { return Ok(None) };
    let field = |field: &str| field.split(ITEM).map(Line::parse).collect::<Option<Vec<_>>>();
    let fields = text.split(FIELD).map(field).collect::<Option<Vec<_>>>();
    let fields = fields.ok_or_else(broken)?.into_iter();
    Ok(Some(Told { fields }))
}

fn broken() -> Fault {
    Fault::Corrupt("customer_statement".into())
}

impl Told {
    fn many(&mut self) -> Result<Vec<Line>, Fault> {
        self.fields.next().ok_or_else(broken)
    }

    fn one(&mut self) -> Result<Line, Fault> {
        self.many()?.into_iter().next().ok_or_else(broken)
    }
}
