//! One loan at a time, in 悟空's terms: what the contract of document 002 says, on both engines.

use kernel::id::{ApplicationId, MemberId, OperatorId};
use kernel::identity::CardBins;
use kernel::{Channel, Money, Rate, RealName};
use pricing::Percent;
use pricing::terms::Size;

use super::kit::{Bench, DAY_MS, On, mobile, on_both, password};
use super::lender::{card_no, id_no};
use crate::audit::Actor;
use crate::catalog::wukong::{POUNDAGE, SERVICE_FEE, TRIAL_FEE, fee};
use crate::catalog::{self, Choice, LateRule, SaveProduct, Version};
use crate::credit::{self, DecideRaise, DecideRaiseError, Proven, RaiseError, RaiseState};
use crate::customers::sessions::{self, OpenSession, SessionKey};
use crate::customers::statements::{
    self, Acquaintance, Elsewhere, Home, Relations, TellError, Work,
};
use crate::customers::{
    self, BeginBankCard, BeginRealName, Flag, IdentityProof, Line, set_default_card,
};
use crate::identity::{Register, Role};
use crate::origination::{
    self, Approved, Ask, AskError, Outside, Review, State, Verdict, confirm, submit_one,
};
use crate::ports::{CheckOutcome, MoneyOutcome};
use crate::servicing::{self, BeginRepayment, LoanState, Meant, Which};
use crate::{Fault, Page, Tx};

const HERE: Channel = Channel::Wukong;
/// Two reviewers: 初审, 复审.
const FIRST: OperatorId = OperatorId::from_number(1);
const SECOND: OperatorId = OperatorId::from_number(2);

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

fn home() -> Home {
    let area = ["福建省", "厦门市", "集美区"].map(line).to_vec();
    Home { area, address: line("某路 1 号"), since: vec![line("2年以上")] }
}

fn work() -> Work {
    Work {
        industry: line("制造业"),
        position: line("职员"),
        employer: line("某公司"),
        area: vec![line("福建省"), line("厦门市")],
        address: line("某路 2 号"),
        telephone: line("0592-5550100"),
    }
}

fn relations() -> Relations {
    let someone = |name: &str, telephone: &str| Acquaintance {
        relation: vec![line("朋友")],
        name: line(name),
        telephone: line(telephone),
    };
    let (first, second) = (someone("王一", "13900000001"), someone("王二", "13900000002"));
    Relations { first, second }
}

fn prove_card(tx: &mut Tx<'_, '_>, member: MemberId, n: u32) {
    let begin = BeginBankCard { member, number: card_no(n), mobile: mobile(1) };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
}

fn prove(tx: &mut Tx<'_, '_>, member: MemberId, n: u32) {
    let name = RealName::parse("周小舟").unwrap();
    let begin = BeginRealName { member, name, id_no: id_no(n) };
    let check = customers::begin_real_name(tx, &begin).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    prove_card(tx, member, n);
    let check = customers::begin_mobile(tx, member).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    statements::tell_home(tx, member, &home()).unwrap();
    statements::tell_work(tx, member, &work()).unwrap();
    statements::tell_relations(tx, member, &relations()).unwrap();
}

#[track_caller]
fn customer(bench: &Bench, n: u32) -> MemberId {
    let command = Register {
        id: None,
        channel: HERE,
        mobile: mobile(n),
        nickname: format!("w{n}"),
        role: Role::Member,
        password: password(),
    };
    bench.write(move |tx| customers::register_customer(tx, &command)).unwrap().id
}

#[track_caller]
fn borrower(bench: &Bench, n: u32) -> MemberId {
    let member = customer(bench, n);
    bench
        .write(move |tx| {
            prove(tx, member, n);
            Ok::<_, Fault>(())
        })
        .unwrap();
    member
}

fn ask(member: MemberId, amount: i64, days: u32) -> Ask {
    Ask { member, channel: HERE, amount: Money::from_fen(amount), days: Some(days) }
}

fn confirmed(bench: &Bench, ask: Ask) -> Result<origination::Confirmed, AskError> {
    bench.core.read_and_wait(move |tx| confirm(tx, &ask))
}

fn submitted(bench: &Bench, ask: Ask) -> Result<ApplicationId, AskError> {
    bench.write(move |tx| submit_one(tx, &ask)).map(|done| done.application.id)
}

#[track_caller]
fn decide(bench: &Bench, operator: OperatorId, id: ApplicationId, yes: bool) {
    bench
        .write(move |tx| {
            let offer = origination::application(tx, id)?.unwrap().offer();
            let approved = Approved { amount: offer.amount, tenor: offer.tenor };
            let verdict =
                if yes { Verdict::Approve(approved) } else { Verdict::Refuse("不符".into()) };
            let note = "looked at".to_owned();
            origination::review(tx, &Review { operator, application: id, verdict, note })
        })
        .unwrap();
}

/// A loan of person `n` for 14 days that was paid out, of the shipped product.
#[track_caller]
pub(super) fn lend(bench: &Bench, n: u32, amount: Money) {
    let member = borrower(bench, n);
    let id = submitted(bench, ask(member, amount.fen(), 14)).unwrap();
    decide(bench, FIRST, id, true);
    decide(bench, SECOND, id, true);
    bench.order_payout(id);
    bench.answer(&MoneyOutcome::Done);
}

/// Sells a product that the legal lines would not let through: the document's figures.
#[track_caller]
fn sell(bench: &Bench, version: Version) {
    let (actor, channel, code) = (Actor::Platform, HERE, "DAYS".to_owned());
    let command = SaveProduct { actor, channel, code, version };
    bench.write(move |tx| catalog::save_beyond_lines(tx, &command)).unwrap();
}

/// A bench that lends what no lender may: the document's samples are beyond every legal line.
fn beyond_lines(on: On) -> Bench {
    on.open_with(|_, policy| policy.servicing.beyond_lines = servicing::BeyondLines::PaidOut)
}

fn shipped() -> Version {
    catalog::seeds(HERE).into_iter().next().unwrap().version
}

/// Three fees and a fine of 10 % a day, as in the document's samples.
fn documented(rate_ppm: u32, each_fee: Size, amounts: (i64, i64), cap_days: u32) -> Version {
    let rate = Rate::from_ppm(rate_ppm).unwrap();
    let mut version = shipped();
    version.rates = Choice::List(vec![rate]);
    version.rate_default = rate;
    version.amounts = Choice::Range { least: fen(amounts.0), most: fen(amounts.1) };
    version.amount_default = fen(amounts.0);
    version.days = Choice::Range { least: 1, most: 60 };
    for fee in &mut version.fees {
        fee.size = each_fee;
    }
    let daily = Percent::from_rate(Rate::from_ppm(100_000).unwrap());
    version.late = LateRule { daily, cap_days: Some(cap_days), ..version.late };
    version
}

fn percent(ppm: u32) -> Percent {
    Percent::from_rate(Rate::from_ppm(ppm).unwrap())
}

/// Document 002, 借款确认: interest 0.31 = accrual 0.01 + trialFee 0.1 + serviceFee 0.1 + poundage
/// 0.1, otherFee 0.3. Here of 100 yuan for 4 days at 1 %: 100 × 4 × 1 % / 360 = 0.0111, rounded
/// 0.01; each fee 0.1 %. (The sample's own 1 yuan at 100 % has no annual rate: 10²⁰ % is no rate.)
fn the_documents_loan_costs_what_it_prints(on: On) {
    let bench = beyond_lines(on);
    sell(&bench, documented(10_000, Size::Share(percent(1000)), (10_000, 200_000), 33));
    let member = borrower(&bench, 1);
    let quote = confirmed(&bench, ask(member, 10_000, 4)).unwrap().quote;
    assert_eq!(quote.schedule.interest, fen(1));
    for name in [TRIAL_FEE, SERVICE_FEE, POUNDAGE] {
        assert_eq!(fee(&quote.schedule, name), Some(fen(10)), "{name}");
    }
    assert_eq!(quote.row_fees, fen(30));
    assert_eq!(quote.repaid, fen(10_031));
    assert_eq!(quote.received, fen(10_000));
    // What is confirmed is what is booked.
    let id = submitted(&bench, ask(member, 10_000, 4)).unwrap();
    decide(&bench, FIRST, id, true);
    decide(&bench, SECOND, id, true);
    let (loan, _) = bench.order_payout(id);
    bench.answer(&MoneyOutcome::Done);
    let plan = bench.read(move |tx| servicing::plan(tx, loan.id));
    let row = plan.first().unwrap();
    assert_eq!((row.principal, row.interest, row.fee), (fen(10_000), fen(1), fen(30)));
}

/// Document 002, 首页: `overdue_day` 33, `overdue_principal` 12.31 = 12 + 0.31, `overdue_amount` 39.6 =
/// 12 × 0.10 × 33. Interest is 12 × 1 × 30 % / 360 = 0.01, and each fee an amount of 0.10.
fn the_documents_fine_is_what_it_prints(on: On) {
    let bench = beyond_lines(on);
    let version = documented(300_000, Size::Amount(fen(10)), (1200, 200_000), 40);
    sell(&bench, version);
    let member = borrower(&bench, 1);
    let id = submitted(&bench, ask(member, 1200, 1)).unwrap();
    decide(&bench, FIRST, id, true);
    decide(&bench, SECOND, id, true);
    bench.order_payout(id);
    bench.answer(&MoneyOutcome::Done);
    let due = |bench: &Bench| {
        let rows = bench.read(move |tx| servicing::due_rows_of(tx, member, Which::All));
        rows.into_iter().next().unwrap().row
    };
    let pass = |days| bench.core.clock().set(bench.core.clock().now().wall.plus_days(days));
    pass(34);
    let late = due(&bench);
    assert_eq!(late.overdue_days, 33);
    let agreed = late.principal.plus(late.interest).unwrap().plus(late.fee).unwrap();
    assert_eq!(agreed, fen(1231));
    assert_eq!(late.penalty, fen(3960));
    assert_eq!(late.outstanding, fen(5191));
    // The cap: 40 days at 1.20, and no more.
    pass(20);
    let late = due(&bench);
    assert_eq!((late.overdue_days, late.penalty), (53, fen(4800)));
}

fn refusals_come_in_the_documents_order(on: On) {
    let bench = on.open();
    let stranger = customer(&bench, 9);
    assert!(matches!(confirmed(&bench, ask(stranger, 0, 0)), Err(AskError::Incomplete)));
    let member = borrower(&bench, 1);
    let nothing = Ask { member, channel: HERE, amount: None, days: None };
    assert!(matches!(confirmed(&bench, nothing), Err(AskError::Malformed)));
    assert!(matches!(confirmed(&bench, ask(member, 0, 7)), Err(AskError::Malformed)));
    assert!(matches!(confirmed(&bench, ask(member, 100_000, 0)), Err(AskError::Malformed)));
    // Nothing is sold yet.
    assert!(matches!(confirmed(&bench, ask(member, 100_000, 7)), Err(AskError::NoProduct)));
    bench.write(|tx| catalog::seed(tx, HERE)).unwrap();
    let outside =
        |bound| move |error: &AskError| matches!(error, AskError::Outside(b) if *b == bound);
    let refused = |amount, days| confirmed(&bench, ask(member, amount, days)).unwrap_err();
    assert!(matches!(refused(200_001, 99), AskError::OverLimit));
    assert!(outside(Outside::AmountBelow)(&refused(49_999, 99)));
    assert!(outside(Outside::DaysBelow)(&refused(50_000, 6)));
    assert!(outside(Outside::DaysAbove)(&refused(50_000, 31)));
    let raised = bench.write(move |tx| {
        let line = credit::open_line(tx, member, fen(200_000))?;
        credit::change_limit(tx, Actor::Platform, member, fen(300_000), "test")
            .map(|_| line)
            .map_err(|error| Fault::Engine(error.to_string()))
    });
    raised.unwrap();
    assert!(outside(Outside::AmountAbove)(&refused(200_001, 99)));
    assert!(confirmed(&bench, ask(member, 200_000, 30)).is_ok());
    // Blocked comes first of all.
    let flag = Flag::Blacklisted(line("test"));
    bench.write(move |tx| customers::set_flag(tx, Actor::Platform, member, &flag)).unwrap();
    assert!(matches!(confirmed(&bench, nothing), Err(AskError::Blocked)));
    // Another channel's customer is none of ours.
    let other = bench.borrower(7);
    assert!(matches!(confirmed(&bench, ask(other, 50_000, 7)), Err(AskError::Blocked)));
}

fn one_loan_is_open_at_a_time(on: On) {
    let bench = on.open();
    bench.write(|tx| catalog::seed(tx, HERE)).unwrap();
    let member = borrower(&bench, 1);
    let available = |bench: &Bench| {
        bench.read(move |tx| {
            let product = origination::active_product(tx, HERE)?;
            origination::available(tx, member, product.as_ref())
        })
    };
    assert_eq!(available(&bench), fen(200_000));
    let id = submitted(&bench, ask(member, 100_000, 14)).unwrap();
    assert_eq!(available(&bench), fen(100_000));
    let again = || submitted(&bench, ask(member, 50_000, 7));
    assert!(matches!(again(), Err(AskError::Unfinished)));
    decide(&bench, FIRST, id, true);
    assert!(matches!(again(), Err(AskError::Unfinished)));
    decide(&bench, SECOND, id, true);
    assert!(matches!(again(), Err(AskError::Unfinished)));
    let (loan, _) = bench.order_payout(id);
    assert!(matches!(again(), Err(AskError::Unfinished)));
    bench.answer(&MoneyOutcome::Declined("余额不足".into()));
    assert!(matches!(again(), Err(AskError::Unfinished)));
    bench.write(move |tx| servicing::retry_payout(tx, Actor::Platform, loan.id)).unwrap();
    bench.answer(&MoneyOutcome::Done);
    assert!(matches!(again(), Err(AskError::Unfinished)));
    let row = bench.read(move |tx| servicing::plan(tx, loan.id)).first().unwrap().id;
    let begin = BeginRepayment { member, row, meant: Meant::Row, coupon: None };
    bench.write(move |tx| servicing::begin_repayment(tx, &begin)).unwrap();
    bench.answer(&MoneyOutcome::Done);
    assert_eq!(bench.loan(loan.id).state, LoanState::Settled);
    // Settled: the limit is free again, and so is the customer.
    assert_eq!(available(&bench), fen(200_000));
    let second = again().unwrap();
    // Refused: frozen for a day, and the limit comes back at once.
    decide(&bench, FIRST, second, false);
    assert_eq!(available(&bench), fen(200_000));
    assert!(matches!(again(), Err(AskError::Frozen)));
    assert!(confirmed(&bench, ask(member, 50_000, 7)).is_ok());
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_millis(i64::try_from(DAY_MS).unwrap() - 1));
    assert!(matches!(again(), Err(AskError::Frozen)));
    clock.set(clock.now().wall.plus_millis(1));
    let third = again().unwrap();
    let application = bench.read(move |tx| origination::application(tx, third)).unwrap();
    assert_eq!(application.state, State::Reviewing);
}

fn what_is_told_is_kept_as_it_was_told(on: On) {
    let bench = on.open();
    let (member, other) = (customer(&bench, 1), customer(&bench, 2));
    let complete = |bench: &Bench| {
        bench.read(move |tx| customers::customer(tx, member)).unwrap().profile_complete
    };
    let known = bench.read(move |tx| statements::home(tx, member));
    assert_eq!(known, None);
    bench.write(move |tx| statements::tell_home(tx, member, &home())).unwrap();
    bench.write(move |tx| statements::tell_work(tx, member, &work())).unwrap();
    assert!(!complete(&bench));
    bench.write(move |tx| statements::tell_relations(tx, member, &relations())).unwrap();
    assert!(complete(&bench));
    assert_eq!(bench.read(move |tx| statements::home(tx, member)), Some(home()));
    assert_eq!(bench.read(move |tx| statements::work(tx, member)), Some(work()));
    assert_eq!(bench.read(move |tx| statements::relations(tx, member)), Some(relations()));
    assert_eq!(bench.read(move |tx| statements::home(tx, other)), None);
    // The newest telling counts, and there is one row of it.
    let moved = Home { address: line("新路 3 号"), ..home() };
    let told = moved.clone();
    bench.write(move |tx| statements::tell_home(tx, member, &told)).unwrap();
    assert_eq!(bench.read(move |tx| statements::home(tx, member)), Some(moved));
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM customer_statement"), 3);
    let bare = Home { area: Vec::new(), ..home() };
    let refused = bench.write(move |tx| statements::tell_home(tx, member, &bare));
    assert!(matches!(refused, Err(TellError::Items)));
    let account = line("wx_abc");
    bench
        .write(move |tx| statements::tell_account(tx, member, Elsewhere::Wechat, &account))
        .unwrap();
    let named = bench.read(move |tx| statements::account(tx, member, Elsewhere::Wechat));
    assert_eq!(named, Some(line("wx_abc")));
    assert_eq!(bench.read(move |tx| statements::account(tx, member, Elsewhere::Qq)), None);
}

fn a_raise_is_asked_for_once_and_decided_by_somebody(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    let request = |education, taobao, others| {
        let proven = Proven { education, taobao, others };
        bench.write(move |tx| credit::request_raise(tx, member, proven))
    };
    bench.write(|tx| catalog::seed(tx, HERE)).unwrap();
    assert!(matches!(request(true, false, 6), Err(RaiseError::BasicsFirst)));
    assert!(matches!(request(false, true, 6), Err(RaiseError::BasicsFirst)));
    assert!(matches!(request(true, true, 1), Err(RaiseError::MoreFirst)));
    let raise = request(true, true, 2).unwrap();
    assert_eq!((raise.state, raise.before), (RaiseState::Requested, fen(200_000)));
    assert!(matches!(request(true, true, 2), Err(RaiseError::Waiting)));
    let page = Page::new(1, 10).unwrap();
    assert_eq!(bench.read(move |tx| credit::waiting_raises(tx, page)), vec![raise.clone()]);
    let decide = |id, limit: Option<i64>| {
        let reason = "looked at".to_owned();
        let command = DecideRaise { operator: FIRST, raise: id, limit: limit.map(fen), reason };
        bench.write(move |tx| credit::decide_raise(tx, &command))
    };
    assert!(matches!(decide(raise.id, Some(200_000)), Err(DecideRaiseError::NotHigher)));
    let granted = decide(raise.id, Some(300_000)).unwrap();
    assert_eq!((granted.state, granted.after), (RaiseState::Granted, Some(fen(300_000))));
    assert!(matches!(decide(raise.id, None), Err(DecideRaiseError::NotWaiting)));
    let line = bench.read(move |tx| credit::line(tx, member)).unwrap();
    assert_eq!(line.limit, fen(300_000));
    // Decided: the next one may be asked for.
    let next = request(true, true, 2).unwrap();
    assert_eq!(decide(next.id, None).unwrap().state, RaiseState::Refused);
    assert_eq!(bench.read(move |tx| credit::waiting_raises(tx, page)), vec![]);
}

fn a_token_lives_thirty_days_used_or_not(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    let key = SessionKey::from_random([7; 16]);
    let opened = OpenSession { member, key: key.clone(), device: None };
    let expires = bench.write(move |tx| {
        sessions::open(tx, &opened).map_err(|error| Fault::Engine(error.to_string()))?;
        Ok::<_, Fault>(sessions::expiry(tx))
    });
    let expires = expires.unwrap();
    let start = bench.core.clock().now().wall;
    assert_eq!(expires, start.plus_days(30));
    let is_open = || {
        let key = key.clone();
        bench.read(move |tx| sessions::find(tx, HERE, &key)).is_some()
    };
    assert!(is_open());
    bench.core.clock().set(expires.plus_millis(-1));
    bench.write(customers::prune).unwrap();
    assert!(is_open());
    bench.core.clock().set(expires);
    assert!(!is_open());
    bench.write(customers::prune).unwrap();
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM customer_session"), 0);
}

fn six_characters_of_an_id_number_prove_it(on: On) {
    let bench = on.open_with(|_, policy| policy.customers.checks.identity_proofs = 3);
    borrower(&bench, 1);
    customer(&bench, 2);
    let try_tail = |n: u32, tail: &str| {
        let (mobile, tail) = (mobile(n), tail.to_owned());
        bench.write(move |tx| customers::prove_id_tail(tx, HERE, &mobile, &tail)).unwrap()
    };
    let number = id_no(1);
    let tail = number.expose()[12..].to_lowercase();
    assert_eq!(try_tail(1, &tail[1..]), IdentityProof::Wrong);
    assert_eq!(try_tail(1, "000000"), IdentityProof::Wrong);
    assert_eq!(try_tail(1, &tail), IdentityProof::Right);
    assert_eq!(try_tail(1, &tail), IdentityProof::Limited);
    assert_eq!(try_tail(2, ""), IdentityProof::Right);
    assert_eq!(try_tail(3, &tail), IdentityProof::Unknown);
}

fn any_card_that_was_proven_can_be_the_one(on: On) {
    let bench = on.open();
    let (member, other) = (borrower(&bench, 1), borrower(&bench, 2));
    bench
        .write(move |tx| {
            prove_card(tx, member, 3);
            Ok::<_, Fault>(())
        })
        .unwrap();
    let active = || bench.read(move |tx| customers::payout_card(tx, member)).unwrap().number;
    let cards = bench.read(move |tx| customers::cards(tx, member));
    assert_eq!(
        cards.iter().map(|card| &card.number).collect::<Vec<_>>(),
        [&card_no(1), &card_no(3)]
    );
    assert_eq!(active(), card_no(3));
    let first = cards[0].id;
    bench.write(move |tx| set_default_card(tx, member, first)).unwrap();
    assert_eq!(active(), card_no(1));
    bench.write(move |tx| set_default_card(tx, member, first)).unwrap();
    assert!(bench.write(move |tx| set_default_card(tx, other, first)).is_err());
    assert_eq!(active(), card_no(1));
}

/// Under the legal lines, whoever is late: nothing of the document's own terms is.
#[test]
fn the_shipped_product_passes_the_legal_lines() {
    let bench = On::Sqlite.open();
    assert_eq!(bench.write(|tx| catalog::seed(tx, HERE)).unwrap(), 1);
    let version = documented(1_000_000, Size::Share(percent(1000)), (10_000, 200_000), 33);
    let (actor, channel, code) = (Actor::Platform, HERE, "DOCUMENT".to_owned());
    let command = SaveProduct { actor, channel, code, version };
    let refused = bench.write(move |tx| catalog::save(tx, &command));
    assert!(matches!(refused, Err(catalog::SaveError::AboveLine(_))));
    // 1000 yuan for 14 days at 12 %: 1000 × 14 × 12 % / 360 = 4.67; three fees of 0.05 %: 0.50.
    let member = borrower(&bench, 1);
    let quote = confirmed(&bench, ask(member, 100_000, 14)).unwrap().quote;
    assert_eq!((quote.schedule.interest, quote.row_fees), (fen(467), fen(150)));
}

on_both! {
    the_documents_loan_costs_what_it_prints
    the_documents_fine_is_what_it_prints
    refusals_come_in_the_documents_order
    one_loan_is_open_at_a_time
    what_is_told_is_kept_as_it_was_told
    a_raise_is_asked_for_once_and_decided_by_somebody
    a_token_lives_thirty_days_used_or_not
    six_characters_of_an_id_number_prove_it
    any_card_that_was_proven_can_be_the_one
}
