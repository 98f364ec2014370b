//! SHIM until the branch catalog lands: credit lines, rules, coupons.
use crate::Tx;
use kernel::id::{ApplicationId, MemberId, PersonId, ProductId};
use kernel::{Channel, Date, Money};
use store::Fault;
#[derive(Clone, Debug)]
pub struct Applicant {
    pub member: MemberId,
    pub person: PersonId,
    pub born: Date,
    pub region: String,
    pub monthly_income: Option<Money>,
    pub blacklisted: bool,
    pub risky: bool,
    pub report_score: Option<i64>,
}
#[derive(Clone, Debug)]
pub struct Offer {
    pub application: ApplicationId,
    pub channel: Channel,
    pub product: ProductId,
    pub amount: Money,
    pub instalment: Money,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Pass,
    Refer,
    Refuse,
}
#[derive(Clone, Debug)]
pub struct Verdict {
    pub rule: String,
    pub outcome: Outcome,
    pub reason: String,
}
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("i")]
    Insufficient,
    #[error("c")]
    Closed,
    #[error(transparent)]
    Fault(#[from] Fault),
}
pub fn open_line(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), Fault> {
    Ok(())
}
pub fn freeze(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), LineError> {
    Ok(())
}
pub fn unfreeze(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), Fault> {
    Ok(())
}
pub fn use_frozen(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), Fault> {
    Ok(())
}
pub fn give_back(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), Fault> {
    Ok(())
}
pub fn take_again(_: &mut Tx<'_, '_>, _: MemberId, _: Money) -> Result<(), Fault> {
    Ok(())
}
pub fn expire_coupons(_: &mut Tx<'_, '_>, _: Date, _: u32) -> Result<i64, Fault> {
    Ok(0)
}
pub fn decide(_: &mut Tx<'_, '_>, _: &Applicant, _: &Offer) -> Result<Vec<Verdict>, Fault> {
    Ok(vec![])
}
