//! People whom a customer names as contacts (联系人).

use kernel::id::{ContactId, MemberId};
use store::Fault;

use super::profile::choices;
use super::sql::told;
use super::{Line, Phone, sql};
use crate::{Tx, identity};

/// Contacts of one customer at most; apps ask for two to five.
const MOST: usize = 10;

choices! {
    /// What a contact is to the customer (与申请人关系). Source: document 001, § 35.2.
    Relation {
        /// 父母.
        Parent = 1 "parent"
        /// 子女.
        Child = 2 "child"
        /// 兄弟姐妹.
        Sibling = 3 "sibling"
        /// 同事.
        Colleague = 4 "colleague"
        /// 朋友.
        Friend = 6 "friend"
        /// 配偶.
        Spouse = 7 "spouse"
        /// In the sample of § 33, but in no table.
        Other = 8 "other"
        /// 祖父母.
        Grandparent = 9 "grandparent"
    }
}

/// Somebody whom a customer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// What they are to the customer.
    pub relation: Relation,
    /// Their name.
    pub name: Line,
    /// Their telephone number.
    pub phone: Phone,
}

/// A contact as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its number.
    pub id: ContactId,
    /// Whom the customer named.
    pub told: NewContact,
}

/// Why a contact was not saved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// There is no such contact.
    #[error("no such contact")]
    NoSuchContact,
    /// It is another customer's.
    #[error("not the caller's own")]
    NotYours,
    /// The number is the customer's own.
    #[error("the customer's own number")]
    OwnNumber,
    /// Another contact of the customer has the number.
    #[error("the number is there already")]
    Duplicate,
    /// As many as may be are there.
    #[error("too many contacts")]
    TooMany,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Adds a contact; its number. The same contact twice is one.
pub fn add_contact(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    contact: &NewContact,
) -> Result<ContactId, ContactError> {
    sql::lock(tx, member)?.ok_or(ContactError::NoSuchCustomer)?;
    refuse_own(tx, member, contact)?;
    let known = told::contacts(tx, member)?;
    if let Some(same) = known.iter().find(|known| known.told.phone == contact.phone) {
        return if same.told == *contact { Ok(same.id) } else { Err(ContactError::Duplicate) };
    }
    if known.len() >= MOST {
        return Err(ContactError::TooMany);
    }
    Ok(told::insert_contact(tx, member, contact)?)
}

/// Changes a contact of the customer's own.
pub fn update_contact(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    id: ContactId,
    contact: &NewContact,
) -> Result<(), ContactError> {
    sql::lock(tx, member)?.ok_or(ContactError::NoSuchCustomer)?;
    let owner = told::owner_of_contact(tx, id)?.ok_or(ContactError::NoSuchContact)?;
    if owner != member {
        return Err(ContactError::NotYours);
    }
    refuse_own(tx, member, contact)?;
    let known = told::contacts(tx, member)?;
    if known.iter().any(|known| known.id != id && known.told.phone == contact.phone) {
        return Err(ContactError::Duplicate);
    }
    Ok(told::update_contact(tx, id, contact)?)
}

/// The contacts of a customer, in the order in which they were named.
pub fn contacts(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Contact>, Fault> {
    told::contacts(tx, member)
}

fn refuse_own(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    contact: &NewContact,
) -> Result<(), ContactError> {
    let account = identity::member(tx, member)?.ok_or(ContactError::NoSuchCustomer)?;
    if account.mobile.expose() == contact.phone.expose() {
        return Err(ContactError::OwnNumber);
    }
    Ok(())
}
