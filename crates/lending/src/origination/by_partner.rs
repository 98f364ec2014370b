//! What the funding partner decides, in the place of people: by the same steps, and no more than
//! was asked for.

use kernel::Money;
use kernel::id::DrawdownId;
use store::Fault;

use super::deciding::{self, DecideError, Verdict};
use super::drawing::{self, AMOUNT_STEP, DrawdownState, Word};
use super::{Application, Approved, drawing_sql, sql};
use crate::audit::{self, Subject};
use crate::catalog::{self, NotOffered};
use crate::funding::PARTNER;
use crate::{Tx, origination::QuoteError};

/// What the partner approves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant<'g> {
    /// How much; what was asked for, where it is not said.
    pub(crate) amount: Option<Money>,
    /// For which tenors, in months; those that the product offers, where it is not said.
    pub(crate) tenors: Option<&'g [u32]>,
}

/// Approves an application that waits, for what the partner grants.
pub(crate) fn approve_by_partner(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    grant: &Grant<'_>,
) -> Result<(), DecideError> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let amount = grant.amount.unwrap_or(application.request.amount);
    let not_offered = |why| DecideError::NotOffered(QuoteError::NotOffered(why));
    if !amount.is_multiple_of(AMOUNT_STEP) {
        return Err(not_offered(NotOffered::Amount));
    }
    let mut tenor = application.request.tenor;
    if let Some(tenors) = grant.tenors {
        let first = tenors.first().copied().ok_or(not_offered(NotOffered::Tenor))?;
        if !tenors.iter().all(|months| product.version.months.offers(*months)) {
            return Err(not_offered(NotOffered::Tenor));
        }
        tenor = if tenors.contains(&tenor) { tenor } else { first };
    }
    let verdict = Verdict::Approve(Approved { amount, tenor });
    let quote = deciding::priced(tx, application, &product, &verdict)?;
    if let Some(tenors) = grant.tenors {
        sql::set_tenors(tx, application.id, tenors)?;
    }
    sql::release(tx, application.id)?;
    sql::keep_partner_verdict(tx, application, &verdict)?;
    let decided = deciding::Decided { actor: PARTNER, verdict: &verdict, quote, is_final: true };
    Ok(deciding::take(tx, application, &product, decided)?)
}

/// Refuses an application that waits.
pub(crate) fn refuse_by_partner(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    reason: &str,
) -> Result<(), Fault> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let verdict = Verdict::Refuse(reason.to_owned());
    sql::keep_partner_verdict(tx, application, &verdict)?;
    let decided =
        deciding::Decided { actor: PARTNER, verdict: &verdict, quote: None, is_final: true };
    deciding::take(tx, application, &product, decided)
}

/// Freezes a limit (额度冻结): nothing is drawn on it until it is free again.
pub(crate) fn hold(tx: &mut Tx<'_, '_>, application: &Application) -> Result<(), Fault> {
    if application.held_at.is_some() {
        return Ok(());
    }
    sql::hold(tx, application.id)?;
    audit::note(tx, PARTNER, "application.held", Subject::Application(application.id), "")
}

/// Frees a limit that the partner has frozen.
pub(crate) fn release(tx: &mut Tx<'_, '_>, application: &Application) -> Result<(), Fault> {
    if application.held_at.is_none() {
        return Ok(());
    }
    sql::release(tx, application.id)?;
    audit::note(tx, PARTNER, "application.released", Subject::Application(application.id), "")
}

/// Approves the drawdown that waits on an application, if there is one.
pub(crate) fn approve_drawdown_by_partner(
    tx: &mut Tx<'_, '_>,
    application: &Application,
) -> Result<bool, Fault> {
    let drawdown = drawing_sql::newest_drawdown(tx, application.id)?;
    match drawdown.filter(|drawdown| drawdown.state == DrawdownState::Reviewing) {
        Some(drawdown) => drawing::decide(tx, PARTNER, &drawdown, Word::Yes).map(|()| true),
        None => Ok(false),
    }
}

/// Refuses a drawdown that waits; false where it does not wait any more.
pub(crate) fn refuse_drawdown_by_partner(
    tx: &mut Tx<'_, '_>,
    drawdown: DrawdownId,
    reason: &str,
) -> Result<bool, Fault> {
    let drawdown = drawing_sql::drawdown(tx, drawdown)?;
    match drawdown.filter(|drawdown| drawdown.state == DrawdownState::Reviewing) {
        Some(drawdown) => drawing::decide(tx, PARTNER, &drawdown, Word::No(reason)).map(|()| true),
        None => Ok(false),
    }
}
