//! Cards that customers sign on a page of the payment provider (签约): the provider's signature says
//! what its answer to a question would say.

use kernel::id::MemberId;
use kernel::identity::{BankCardNo, CardBins};
use store::Fault;

use super::checks::{self, BeginBankCard, CardCheckError, FinishError, Finished};
use super::sql::checks as rows;
use crate::Tx;
use crate::identity;
use crate::ports::{CardHolder, CheckOutcome};

/// A customer wants to sign a card.
#[derive(Clone, Debug)]
pub struct BeginSigning {
    /// The customer.
    pub member: MemberId,
    /// The card.
    pub number: BankCardNo,
    /// Whom the provider's agreement about it will name.
    pub holder: String,
}

/// The first half of signing a card: what its page is told.
pub fn begin_signing(
    tx: &mut Tx<'_, '_>,
    command: &BeginSigning,
    bins: &CardBins,
) -> Result<CardHolder, CardCheckError> {
    let member = command.member;
    let account = identity::member(tx, member)?.ok_or(CardCheckError::NoSuchCustomer)?;
    let (number, mobile) = (command.number.clone(), account.mobile);
    let begin = BeginBankCard { member, number, mobile };
    let check = checks::begin_bank_card(tx, &begin, bins)?;
    rows::set_holder(tx, check.id, &command.holder)?;
    let holder = card_holder(tx, member, &command.number)?;
    holder.ok_or(CardCheckError::RealNameFirst)
}

/// The second half: the provider has signed that the card was signed; what came of it. `None` where
/// nobody has begun to within a day.
pub fn signed(tx: &mut Tx<'_, '_>, holder: &str) -> Result<Option<Finished>, Fault> {
    let since = checks::a_day_ago(tx);
    let Some(check) = rows::newest_of_holder(tx, holder, since)? else { return Ok(None) };
    match checks::finish(tx, check, &CheckOutcome::Match) {
        Ok(finished) => Ok(Some(finished)),
        Err(FinishError::NoSuchCheck) => Ok(None),
        Err(FinishError::Fault(fault)) => Err(fault),
    }
}

/// What a provider's page is told about a customer and a card; `None` before the real name is
/// verified.
pub fn card_holder(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    card: &BankCardNo,
) -> Result<Option<CardHolder>, Fault> {
    let Some(customer) = super::customer(tx, member)? else { return Ok(None) };
    let Some(identity) = customer.identity else { return Ok(None) };
    Ok(Some(CardHolder {
        customer: member.number().to_string(),
        name: identity.name,
        id_no: identity.id_no,
        card: card.clone(),
        mobile: customer.mobile,
        registered_at: customer.registered_at,
    }))
}
