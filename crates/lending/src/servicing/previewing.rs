//! Papers as they would be (合同预览), behind addresses that expire: written when they are opened,
//! and kept only once they are concluded.

use kernel::Secret;
use kernel::id::{ApplicationId, MemberId};
use store::{Fault, params};

use super::agreeing::{self, Agreed};
use crate::Tx;
use crate::documents::{self, Facts, Kind, MakeError, Stamp};
use crate::origination::{self, Application, Quote, quote_for, unmade};
use crate::{catalog, customers};

/// Where the token of an address is blinded.
const TOKEN: &str = "preview_link.token";
/// Random bytes of an address; nobody can guess them.
pub const PREVIEW_BYTES: usize = 32;

/// A paper that can be looked at before it is concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preview {
    /// The authority to debit (委托代扣协议).
    DebitAuthority,
    /// The agreement on the lender's services (居间服务协议).
    ServiceAgreement,
    /// The loan contract (借款合同).
    LoanContract,
    /// The authority to ask about the customer (数据查询授权书).
    DataAuthority,
}

impl Preview {
    const ALL: &[Self] =
        &[Self::DebitAuthority, Self::ServiceAgreement, Self::LoanContract, Self::DataAuthority];

    const fn kind(self) -> Kind {
        match self {
            Self::DebitAuthority => Kind::DebitAuthority,
            Self::ServiceAgreement => Kind::ServiceAgreement,
            Self::LoanContract => Kind::LoanContract,
            Self::DataAuthority => Kind::DataAuthority,
        }
    }
}

/// Makes an address by which one paper of a customer's application can be read for so many seconds
/// by the wall; `random` becomes its secret part. `None` where the application is not theirs.
pub fn preview_link(
    tx: &mut Tx<'_, '_>,
    (member, application): (MemberId, ApplicationId),
    paper: Preview,
    random: &[u8; PREVIEW_BYTES],
    life_seconds: u32,
) -> Result<Option<Secret>, Fault> {
    let own = origination::application(tx, application)?;
    if own.is_none_or(|own| own.member != member) {
        return Ok(None);
    }
    let token = documents::Digest(*random).to_string();
    let index = tx.vault.blind_index(TOKEN, &token);
    let ends = tx.at.wall.plus_millis(i64::from(life_seconds).saturating_mul(1000));
    let insert = "INSERT INTO preview_link (token_index, application_id, paper, expires_at)
        VALUES (?1, ?2, ?3, ?4)";
    tx.execute(insert, params![&index, application, paper.kind().word(), ends])?;
    Ok(Some(Secret::new(token)))
}

/// Forgets addresses that have expired; how many.
pub fn prune_previews(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    tx.execute("DELETE FROM preview_link WHERE expires_at <= ?1", params![tx.at.wall])
}

/// The page behind an address: the concluded paper where there is one, or what it would say today.
/// `None` for a wrong or an expired address.
pub fn open_preview(tx: &mut Tx<'_, '_>, token: &str) -> Result<Option<String>, Fault> {
    let index = tx.vault.blind_index(TOKEN, token);
    let select = "SELECT application_id, paper FROM preview_link
        WHERE token_index = ?1 AND expires_at > ?2";
    let found = tx.row(select, params![&index, tx.at.wall], |row| {
        Ok((ApplicationId::from_number(row.i64("application_id")?), row.text("paper")?))
    })?;
    let Some((application, word)) = found else { return Ok(None) };
    let paper = Preview::ALL.iter().copied().find(|paper| paper.kind().word() == word);
    let paper = paper.ok_or(Fault::Corrupt("preview_link.paper".into()))?;
    let application = origination::application(tx, application)?;
    let application = application.ok_or(Fault::Corrupt("preview_link".into()))?;
    page(tx, &application, paper).map(Some)
}

fn page(tx: &mut Tx<'_, '_>, application: &Application, paper: Preview) -> Result<String, Fault> {
    let (kind, member) = (paper.kind(), application.member);
    let newest = documents::newest_of_application(tx, kind, member, application.id)?;
    if let Some(concluded) = newest.filter(|newest| newest.confirmed_at.is_some()) {
        let text = documents::paper(tx, concluded.id)?;
        let text = text.ok_or(Fault::Corrupt("document.text".into()))?;
        return Ok(text.html_with(&documents::stamp(&concluded)));
    }
    let quote = quote(tx, application)?;
    let made = facts(tx, application, &quote, paper)
        .and_then(|facts| documents::fill(tx, kind, &facts))
        .map_err(unmade)?;
    let line = "本页为预览，供您在提现申请前阅读；以提现申请提交后订立的文本为准。";
    Ok(made.html_with(&Stamp { lines: vec![line.to_owned()] }))
}

/// What is drawn, or was last asked the price of, or the whole limit.
fn quote(tx: &mut Tx<'_, '_>, application: &Application) -> Result<Quote, Fault> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let mut request = application.offer();
    if application.drawn.is_none()
        && let Some((amount, tenor)) = origination::last_told(tx, application.id)?
    {
        (request.amount, request.tenor) = (amount, tenor);
    }
    let quote = quote_for(product, &request, tx.at.business.date());
    quote.map_err(|error| Fault::Corrupt(format!("previewed: {error}")))
}

fn facts(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
    paper: Preview,
) -> Result<Facts, MakeError> {
    let card = customers::payout_card(tx, application.member)?;
    let Agreed { contract, authority } = agreeing::agreed(tx, application, quote, card.as_ref())?;
    match paper {
        Preview::LoanContract => documents::contract_facts(&contract),
        Preview::DebitAuthority => Ok(documents::debit_facts(&authority)),
        Preview::ServiceAgreement => Ok(documents::service_facts(&contract)),
        Preview::DataAuthority => Ok(documents::data_facts(&authority)),
    }
}
