//! What is told in a disclosure and in a contract, as figures; they must agree with each other.

use kernel::id::{ApplicationId, MemberId};
use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Mobile, Money, RealName};
use papers::{Facts, Kind};

use super::{Document, MakeError, NewDocument, make};
use crate::Tx;

/// Who lends, as papers name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lender {
    /// The lender's name.
    pub name: String,
    /// The lender's address.
    pub address: String,
    /// Where customers ask and complain.
    pub service_phone: String,
    /// The court for disputes.
    pub court: String,
    /// Through whom cards are debited.
    pub payment_provider: String,
}

impl Default for Lender {
    /// An invented lender, for demo and bench.
    fn default() -> Self {
        Self {
            name: "借还演示小额贷款有限公司".into(),
            address: "演示地址（不存在）".into(),
            service_phone: "400-000-0000".into(),
            court: "出借人住所地有管辖权的人民法院".into(),
            payment_provider: "演示支付机构（沙箱）".into(),
        }
    }
}

/// Who lends and who borrows.
#[derive(Clone, Debug)]
pub struct Parties {
    /// The lender's name.
    pub lender_name: String,
    /// The lender's address.
    pub lender_address: String,
    /// Where customers complain.
    pub service_phone: String,
    /// Whose papers these are.
    pub member: MemberId,
    /// The borrower's name.
    pub borrower: RealName,
    /// The borrower's id number.
    pub id_card: IdCardNo,
    /// The borrower's mobile number.
    pub mobile: Mobile,
}

/// What a cost is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostKind {
    /// Interest (利息).
    Interest,
    /// Anything else.
    Fee,
}

/// A cost of a loan that is repaid as planned.
#[derive(Clone, Debug)]
pub struct Cost {
    /// What it is.
    pub kind: CostKind,
    /// What it is called.
    pub name: String,
    /// Who gets it (收取方).
    pub collector: String,
    /// How much over the whole loan.
    pub amount: Money,
    /// When it is paid, in words.
    pub when: String,
    /// Its part of the annual cost in percent, such as `12.50`.
    pub annual_percent: String,
}

/// A cost that arises only if something happens (或有成本).
#[derive(Clone, Debug)]
pub struct Contingent {
    /// What it is called.
    pub name: String,
    /// Who gets it.
    pub collector: String,
    /// What has to happen.
    pub when: String,
    /// How much it is then.
    pub rule: String,
}

/// A row of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// Its number, from 1.
    pub number: u32,
    /// When it is due.
    pub due: Date,
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fee: Money,
}

/// A loan as it is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The number that people call it by.
    pub code: String,
    /// What the product is called.
    pub product_name: String,
    /// The day on which it is shown or signed.
    pub day: Date,
    /// The day from which the plan supposes that interest runs.
    pub start: Date,
    /// What is borrowed.
    pub principal: Money,
    /// What the borrower receives.
    pub received: Money,
    /// For how long, in words.
    pub tenor: String,
    /// How it is repaid, in words.
    pub repay_method: String,
    /// The contract's interest a year in percent, such as `12.00`.
    pub rate_percent: String,
    /// The annual cost with everything in percent.
    pub apr_percent: String,
    /// By which method that is computed.
    pub apr_method: String,
    /// The plan.
    pub plan: Vec<PlanLine>,
    /// Every cost if it is kept.
    pub costs: Vec<Cost>,
    /// Every cost if it is not.
    pub contingent: Vec<Contingent>,
}

/// A cost disclosure (综合融资成本明示表).
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// The application.
    pub application: ApplicationId,
    /// Who.
    pub parties: Parties,
    /// What.
    pub offer: Offer,
}

/// A loan contract (借款合同): the offer, and what else is agreed, in words.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The application.
    pub application: ApplicationId,
    /// Who.
    pub parties: Parties,
    /// What.
    pub offer: Offer,
    /// What the money is for.
    pub purpose: String,
    /// The bank of the card.
    pub card_bank: String,
    /// The card that is paid out to; shown masked. `None` only where a paper is looked at before
    /// a card is bound.
    pub card: Option<BankCardNo>,
    /// How days become parts of a year.
    pub day_count: String,
    /// What a payment is used for first.
    pub allocation: String,
    /// The fee for settling early.
    pub settlement_fee: String,
    /// What being late costs.
    pub penalty: String,
    /// The days of grace.
    pub penalty_grace: String,
    /// What the penalty never exceeds.
    pub penalty_cap: String,
    /// The court for disputes.
    pub court: String,
}

/// An authority to debit a card (委托扣款授权书).
#[derive(Clone, Debug)]
pub struct DebitAuthority {
    /// The application.
    pub application: ApplicationId,
    /// Who.
    pub parties: Parties,
    /// The number that people call it by.
    pub code: String,
    /// The number of the contract.
    pub contract_code: String,
    /// The day on which it is signed.
    pub day: Date,
    /// The bank of the card.
    pub card_bank: String,
    /// The card; shown masked. `None` as in a [`Contract`].
    pub card: Option<BankCardNo>,
    /// Through whom.
    pub payment_provider: String,
    /// How often a day one payment is tried.
    pub daily_attempts: u32,
}

/// Sums of an offer.
struct Sums {
    interest: Money,
    fee: Money,
    due: Money,
    costs: Money,
}

/// Makes the cost disclosure of an application.
pub fn disclose(tx: &mut Tx<'_, '_>, what: &Disclosure) -> Result<Document, MakeError> {
    let Disclosure { application, parties, offer } = what;
    let sums = check(offer)?;
    let mut facts = offer_facts(offer, &sums);
    party_facts(&mut facts, parties);
    facts.set_date("shown_on", offer.day);
    facts.set_date("start_on", offer.start);
    facts.set_money("cost_total", sums.costs);
    facts.list("costs");
    for cost in &offer.costs {
        facts.row("costs", &cost_row(cost));
    }
    facts.list("contingent");
    for Contingent { name, collector, when, rule } in &offer.contingent {
        let row = [("name", name), ("collector", collector), ("when", when), ("rule", rule)];
        facts.row("contingent", &row.map(|(name, value)| (name, value.clone())));
    }
    keep(tx, Kind::CostDisclosure, parties.member, *application, facts)
}

/// A card as papers show it.
fn shown(card: Option<&BankCardNo>) -> String {
    card.map_or_else(|| "提现时绑定的银行卡".to_owned(), BankCardNo::masked)
}

/// Makes the loan contract of an application.
pub fn contract(tx: &mut Tx<'_, '_>, what: &Contract) -> Result<Document, MakeError> {
    let facts = contract_facts(what)?;
    keep(tx, Kind::LoanContract, what.parties.member, what.application, facts)
}

/// What a loan contract tells.
pub(crate) fn contract_facts(what: &Contract) -> Result<Facts, MakeError> {
    let sums = check(&what.offer)?;
    let mut facts = offer_facts(&what.offer, &sums);
    party_facts(&mut facts, &what.parties);
    facts.set_date("signed_on", what.offer.day);
    facts.list("fees");
    for cost in what.offer.costs.iter().filter(|cost| cost.kind == CostKind::Fee) {
        facts.row("fees", &cost_row(cost));
    }
    for (name, value) in [
        ("purpose", &what.purpose),
        ("card_bank", &what.card_bank),
        ("card_no", &shown(what.card.as_ref())),
        ("day_count", &what.day_count),
        ("allocation", &what.allocation),
        ("settlement_fee", &what.settlement_fee),
        ("penalty", &what.penalty),
        ("penalty_grace", &what.penalty_grace),
        ("penalty_cap", &what.penalty_cap),
        ("court", &what.court),
    ] {
        facts.set(name, value.as_str());
    }
    Ok(facts)
}

/// Makes the authority to debit a card.
pub fn debit_authority(tx: &mut Tx<'_, '_>, what: &DebitAuthority) -> Result<Document, MakeError> {
    let facts = debit_facts(what);
    keep(tx, Kind::DebitAuthority, what.parties.member, what.application, facts)
}

/// What an authority to debit tells.
pub(crate) fn debit_facts(what: &DebitAuthority) -> Facts {
    let mut facts = Facts::new();
    party_facts(&mut facts, &what.parties);
    facts.set_date("signed_on", what.day);
    for (name, value) in [
        ("code", &what.code),
        ("contract_code", &what.contract_code),
        ("card_bank", &what.card_bank),
        ("card_no", &shown(what.card.as_ref())),
        ("payment_provider", &what.payment_provider),
        ("daily_attempts", &what.daily_attempts.to_string()),
    ] {
        facts.set(name, value.as_str());
    }
    facts
}

/// What the agreement on services tells; it goes with a contract.
pub(crate) fn service_facts(what: &Contract) -> Facts {
    let mut facts = Facts::new();
    party_facts(&mut facts, &what.parties);
    facts.set_date("signed_on", what.offer.day);
    facts.set_money("principal", what.offer.principal);
    for (name, value) in [
        ("code", &what.offer.code),
        ("product_name", &what.offer.product_name),
        ("tenor", &what.offer.tenor),
        ("court", &what.court),
    ] {
        facts.set(name, value.as_str());
    }
    facts
}

/// For what, which data, whether they are sensitive, and how long they are kept.
const PURPOSES: [[&str; 4]; 3] = [
    ["核实身份", "姓名、身份证号码、手机号码、人脸照片的比对结果", "是", "债务清偿后五年"],
    ["审核授信与提现", "用户信息、借款与还款记录、征信信息", "是", "债务清偿后五年"],
    ["放款与扣款", "姓名、身份证号码、银行卡号、银行预留手机号", "是", "债务清偿后五年"],
];

/// What the authority to ask about a customer tells; it goes with an authority to debit.
pub(crate) fn data_facts(what: &DebitAuthority) -> Facts {
    let mut facts = Facts::new();
    party_facts(&mut facts, &what.parties);
    facts.set_date("signed_on", what.day);
    facts.set("code", what.contract_code.as_str());
    facts.list("purposes");
    for [name, data, sensitive, kept] in PURPOSES {
        let row = [("name", name), ("data", data), ("sensitive", sensitive), ("kept", kept)];
        facts.row("purposes", &row.map(|(name, value)| (name, value.to_owned())));
    }
    facts.list("receivers");
    let phone = what.parties.service_phone.as_str();
    for (name, purpose, data) in [
        (what.payment_provider.as_str(), "放款与扣款", "姓名、银行卡号、银行预留手机号"),
        ("依法设立的征信机构与身份核验机构", "核实身份、信用评估", "姓名、身份证号码、人脸照片"),
    ] {
        let row = [("name", name), ("contact", phone), ("purpose", purpose), ("data", data)];
        facts.row("receivers", &row.map(|(name, value)| (name, value.to_owned())));
    }
    facts
}

fn keep(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    member: MemberId,
    application: ApplicationId,
    facts: Facts,
) -> Result<Document, MakeError> {
    make(tx, &NewDocument { kind, member, application: Some(application), loan: None, facts })
}

fn sum(amounts: impl Iterator<Item = Money>) -> Result<Money, MakeError> {
    let mut total = Some(Money::ZERO);
    for amount in amounts {
        total = total.and_then(|total| total.plus(amount));
    }
    total.ok_or(MakeError::Contradiction("a sum is beyond every amount"))
}

/// The sums, if the plan repays the principal and every fen that the borrower pays beyond what
/// they receive stands among the costs.
fn check(offer: &Offer) -> Result<Sums, MakeError> {
    let plan = || offer.plan.iter();
    let principal = sum(plan().map(|line| line.principal))?;
    let interest = sum(plan().map(|line| line.interest))?;
    let fee = sum(plan().map(|line| line.fee))?;
    let costs = sum(offer.costs.iter().map(|cost| cost.amount))?;
    let due = sum([principal, interest, fee].into_iter())?;
    if principal != offer.principal {
        return Err(MakeError::Contradiction("the plan repays another principal"));
    }
    let of_interest = offer.costs.iter().filter(|cost| cost.kind == CostKind::Interest);
    if sum(of_interest.map(|cost| cost.amount))? != interest {
        return Err(MakeError::Contradiction("the costs name another interest than the plan"));
    }
    if due.minus(offer.received) != Some(costs) {
        return Err(MakeError::Contradiction("the costs are not what is paid beyond the receipt"));
    }
    Ok(Sums { interest, fee, due, costs })
}

fn party_facts(facts: &mut Facts, parties: &Parties) {
    facts.set("lender_name", parties.lender_name.as_str());
    facts.set("lender_address", parties.lender_address.as_str());
    facts.set("service_phone", parties.service_phone.as_str());
    facts.set("borrower_name", parties.borrower.expose());
    facts.set("borrower_id_no", parties.id_card.expose());
    facts.set("borrower_mobile", parties.mobile.expose());
}

fn offer_facts(offer: &Offer, sums: &Sums) -> Facts {
    let mut facts = Facts::new();
    for (name, value) in [
        ("code", &offer.code),
        ("product_name", &offer.product_name),
        ("tenor", &offer.tenor),
        ("repay_method", &offer.repay_method),
        ("rate_percent", &offer.rate_percent),
        ("apr_percent", &offer.apr_percent),
        ("apr_method", &offer.apr_method),
    ] {
        facts.set(name, value.as_str());
    }
    for (name, amount) in [
        ("principal", offer.principal),
        ("received", offer.received),
        ("interest_total", sums.interest),
        ("fee_total", sums.fee),
        ("due_total", sums.due),
    ] {
        facts.set_money(name, amount);
    }
    facts.list("plan");
    for line in &offer.plan {
        let total = line.principal.plus(line.interest).and_then(|sum| sum.plus(line.fee));
        facts.row(
            "plan",
            &[
                ("number", line.number.to_string()),
                ("due_on", line.due.to_string()),
                ("principal", papers::grouped(line.principal)),
                ("interest", papers::grouped(line.interest)),
                ("fee", papers::grouped(line.fee)),
                // In range: the sum over all rows is, and it was taken before.
                ("total", papers::grouped(total.unwrap_or(Money::MAX))),
            ],
        );
    }
    facts
}

fn cost_row(cost: &Cost) -> [(&'static str, String); 5] {
    [
        ("name", cost.name.clone()),
        ("collector", cost.collector.clone()),
        ("amount", papers::grouped(cost.amount)),
        ("when", cost.when.clone()),
        ("annual_percent", cost.annual_percent.clone()),
    ]
}
