//! The papers of a loan: the contract (借款合同) and the authority to debit (委托扣款授权书).

use store::Fault;

use crate::customers::Card;
use crate::documents::{self, Contract, DebitAuthority, Document};
use crate::origination::{self, Application, Quote, phrases, unmade};
use crate::{Tx, catalog::Version};

/// What is behind the code of the contract in that of the authority to debit (代扣).
const AUTHORITY_SUFFIX: &str = "-DK";
/// Debits of one amount a day at most: the day-end orders one.
const DAILY_ATTEMPTS: u32 = 1;

/// What both papers of a loan tell.
pub(super) struct Agreed {
    pub(super) contract: Contract,
    pub(super) authority: DebitAuthority,
}

/// What is agreed with a loan; without a card only where it is looked at before.
pub(super) fn agreed(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
    card: Option<&Card>,
) -> Result<Agreed, Fault> {
    let parties = origination::parties(tx, application.member)?;
    let offer = origination::offer(tx, quote, &application.code)?;
    let lender = tx.policy.lender.clone();
    let Version { late, day_count, .. } = &quote.product.version;
    let card_bank = card.map_or_else(|| "开户银行".to_owned(), |card| card.bank_name.clone());
    let card = card.map(|card| card.number.clone());
    let authority = DebitAuthority {
        application: application.id,
        parties: parties.clone(),
        code: format!("{}{AUTHORITY_SUFFIX}", application.code),
        contract_code: application.code.clone(),
        day: offer.day,
        card_bank: card_bank.clone(),
        card: card.clone(),
        payment_provider: lender.payment_provider,
        daily_attempts: DAILY_ATTEMPTS,
    };
    let contract = Contract {
        application: application.id,
        parties,
        offer,
        purpose: phrases::purpose(quote.product.channel, &application.purpose).to_owned(),
        card_bank,
        card,
        day_count: phrases::day_count(*day_count).to_owned(),
        allocation: phrases::ALLOCATION.to_owned(),
        settlement_fee: phrases::settlement_fee(&quote.product.version),
        penalty: phrases::penalty(late),
        penalty_grace: phrases::grace(late),
        penalty_cap: phrases::penalty_cap(late),
        court: lender.court,
    };
    Ok(Agreed { contract, authority })
}

/// Makes both papers and concludes them with the disclosure that the customer has confirmed: it
/// tells everything that they agree to (docs/decisions/0023).
pub(super) fn agree(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    (quote, card): (&Quote, &Card),
    disclosure: &Document,
) -> Result<(), Fault> {
    let Agreed { contract, authority } = agreed(tx, application, quote, Some(card))?;
    let contract = documents::contract(tx, &contract).map_err(unmade)?;
    let authority = documents::debit_authority(tx, &authority).map_err(unmade)?;
    for paper in [contract, authority] {
        documents::conclude(tx, paper, disclosure)?;
    }
    Ok(())
}
