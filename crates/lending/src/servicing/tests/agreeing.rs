//! What is quoted is what is disclosed, signed, booked and earned, and nothing else is paid out.

use kernel::id::{ApplicationId, LoanId, MemberId, ProductId};
use kernel::{Channel, Date, Instant, Money};
use pricing::terms::Size;
use pricing::{Method, Percent};
use store::params;

use crate::audit::Actor;
use crate::catalog::{self, Choice, FeeTime, ProductFee, Request, SaveProduct, Version};
use crate::customers::{self, BeginBankCard, consents};
use crate::documents::{self, Kind, PdfState};
use crate::ledger::{self, Account};
use crate::origination::{self, Approved, Quote, Review, Verdict};
use crate::ports::{CheckOutcome, MoneyOutcome};
use crate::servicing::{self, BeginRepayment, BeyondLines, LoanState, Meant, PayOutError, PlanRow};
use crate::tests::kit::{Bench, On, START, fen, mobile, on_both, refusal, yuan};
use crate::tests::lender::{REVIEWER, by_days, by_months, card_no, shipped};

on_both! {
    figures_of_the_shipped_products_agree_to_the_fen
    figures_with_fees_agree_to_the_fen
    a_changed_offer_is_confirmed_before_it_is_paid_out
    a_disclosure_of_other_figures_does_not_count
    a_loan_that_a_legal_line_has_come_down_on_is_not_paid_out
    what_stands_against_a_payout_is_told_in_order
    papers_are_concluded_with_the_customer_s_confirmation
    another_card_needs_other_papers
}

/// The lines of the canonical text of the newest paper of a kind.
#[track_caller]
fn lines(bench: &Bench, id: ApplicationId, kind: Kind) -> Vec<String> {
    let papers = bench.read(move |tx| documents::of_application(tx, id));
    let newest = papers.into_iter().rfind(|paper| paper.kind == kind).unwrap();
    let paper = bench.read(move |tx| documents::paper(tx, newest.id)).unwrap();
    paper.text().lines().map(str::to_owned).collect()
}

fn with_commas(amount: Money) -> String {
    let text = amount.to_string();
    let (whole, rest) = text.split_once('.').unwrap();
    let digits: Vec<char> = whole.chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().collect()).collect();
    format!("{}.{rest}", groups.join(",").chars().rev().collect::<String>())
}

/// The rows of the plan as papers print them.
fn printed(quote: &Quote) -> Vec<String> {
    let line = |row: &pricing::Row| {
        let amounts = [row.principal, row.interest, row.fees, row.instalment().unwrap()];
        let amounts = amounts.map(with_commas).join("\t");
        format!("row\t{}\t{}\t{amounts}", row.number, row.due)
    };
    quote.schedule.rows.iter().map(line).collect()
}

/// What was posted to an account, as income: positive.
fn income(bench: &Bench, account: Account) -> i64 {
    bench.read(move |tx| {
        let select = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS n FROM posting
            WHERE account_id = ?1";
        Ok(tx.row(select, params![account.number()], |row| row.i64("n"))?.unwrap())
    })
}

/// Pays every row of a loan in advance, which spares no interest.
fn pay_all(bench: &Bench, member: MemberId, loan: LoanId, rows: &[PlanRow]) {
    for row in rows {
        let command = BeginRepayment { member, row: row.id, meant: Meant::Row, coupon: None };
        bench.write(move |tx| servicing::begin_repayment(tx, &command)).unwrap();
        bench.answer(&MoneyOutcome::Done);
    }
    assert_eq!(bench.loan(loan).state, LoanState::Settled);
}

/// Quote = disclosure = contract = loan = plan = ledger; the quote.
#[track_caller]
fn agree(bench: &Bench, member: MemberId, product: ProductId, request: Request) -> Quote {
    let channel = Channel::Xianjindai;
    let priced =
        move |tx: &mut crate::Tx<'_, '_>| origination::quote(tx, channel, product, &request);
    let quote = bench.write(priced).unwrap();
    let (interest, fees) = (quote.schedule.interest, quote.schedule.fee_total);
    let earned =
        [Account::InterestIncome, Account::FeeIncome].map(|account| income(bench, account));
    let application = bench.apply(member, product, request).unwrap();
    // The disclosure, as figures and as it is printed.
    let disclosed = bench.read(move |tx| origination::disclosure_of(tx, application)).unwrap();
    assert_eq!((disclosed.amount, disclosed.tenor), (request.amount, request.tenor));
    assert_eq!((disclosed.received, disclosed.interest), (quote.received, interest));
    assert_eq!((disclosed.fees, disclosed.start), (fees, START.date()));
    let shown = lines(bench, application, Kind::CostDisclosure);
    let total = with_commas(interest.plus(fees).unwrap());
    let apr = &quote.cost.nominal_percent;
    let sum = format!("row\t**合计**\t\t**{total}**\t\t**{apr}**");
    assert!(shown.contains(&sum), "{sum} in {shown:#?}");
    for line in printed(&quote) {
        assert!(shown.contains(&line), "{line} in {shown:#?}");
    }
    // The contract: the same plan.
    bench.approve(application);
    let (loan, _) = bench.order_payout(application);
    let signed = lines(bench, application, Kind::LoanContract);
    for line in printed(&quote) {
        assert!(signed.contains(&line), "{line} in {signed:#?}");
    }
    let received = format!("人民币 **{} 元**", with_commas(quote.received));
    assert!(signed.iter().any(|line| line.contains(&received)), "{received} in {signed:#?}");
    // The loan and its plan.
    bench.answer(&MoneyOutcome::Done);
    let loan = bench.loan(loan.id);
    assert_eq!((loan.terms, loan.received), (request, quote.received));
    let plan = bench.read(move |tx| servicing::plan(tx, loan.id));
    let booked: Vec<_> =
        plan.iter().map(|row| (row.due, row.principal, row.interest, row.fee)).collect();
    let quoted = quote.schedule.rows.iter();
    let quoted: Vec<_> =
        quoted.map(|row| (row.due, row.principal, row.interest, row.fees)).collect();
    assert_eq!(booked, quoted);
    // The ledger, at the payout and at the end.
    let owed = bench.read(move |tx| ledger::owed(tx, Account::LoanPrincipal(loan.id)));
    assert_eq!(owed, Some(request.amount));
    pay_all(bench, member, loan.id, &plan);
    let paid = bench.loan(loan.id).paid;
    assert_eq!((paid.principal, paid.interest), (request.amount, interest));
    assert_eq!(paid.total(), Some(quote.repaid));
    let grown = [Account::InterestIncome, Account::FeeIncome].map(|account| income(bench, account));
    assert_eq!(grown[0] - earned[0], interest.fen());
    assert_eq!(grown[1] - earned[1], fees.fen());
    bench.verify();
    quote
}

fn figures_of_the_shipped_products_agree_to_the_fen(on: On) {
    let bench = on.open();
    let level = by_months(10_000, 3, 180_000, Method::EqualInstalment);
    let flat = by_months(3000, 3, 120_000, Method::Flat);
    let interest = by_months(2000, 3, 150_000, Method::InterestOnly);
    // Interest by hand: 1000 x 0.18 x 14 / 360; 500 x 0.18 x 7 / 360; 10,000 in three instalments
    // at 1.5 % a month, each 10,000 x 0.015 / (1 - 1.015^-3) = 3433.83, of which 3 x 3433.83 -
    // 10,000 = 301.49 or a fen beside it; 3 x 1 % of 3000; 3 x 1.25 % of 2000.
    for (n, (code, request, wanted)) in [
        ("DAYS-RANGE", by_days(1000, 14), 700),
        ("DAYS-FIXED", by_days(500, 7), 175),
        ("MONTHS-LEVEL", level, 30_149),
        ("MONTHS-FLAT", flat, 9000),
        ("MONTHS-INTEREST", interest, 7500),
    ]
    .into_iter()
    .enumerate()
    {
        let member = bench.borrower(u32::try_from(n).unwrap() + 1);
        let product = bench.sell(code, shipped(code));
        let quote = agree(&bench, member, product, request);
        assert!((quote.schedule.interest.fen() - wanted).abs() <= 1, "{code}: {quote:?}");
        assert_eq!(quote.received, request.amount);
    }
}

fn fee(name: &str, time: FeeTime, size: Size) -> ProductFee {
    ProductFee { name: name.into(), collector: format!("{name}收取方"), time, size }
}

/// [`shipped`] with a tenth kept back and 15.00 with each row: far above 24 %.
fn with_fees() -> Version {
    let tenth = Size::Share(Percent::parse("10").unwrap());
    let fees = vec![
        fee("服务费", FeeTime::KeptBack, tenth),
        fee("账户管理费", FeeTime::EachPeriod, Size::Amount(yuan(15))),
    ];
    Version { fees, settlement_fee: Percent::parse("1").unwrap(), ..shipped("MONTHS-FLAT") }
}

fn sell_beyond_lines(bench: &Bench, version: Version) -> ProductId {
    let (actor, channel) = (Actor::Platform, Channel::Xianjindai);
    let command = SaveProduct { actor, channel, code: "FEES".into(), version };
    bench.write(move |tx| catalog::save_beyond_lines(tx, &command)).unwrap().id
}

/// 3000.00 less 300.00; three times 1030.00 with 15.00 of fee. 90.00 + 300.00 + 45.00 = 435.00.
fn figures_with_fees_agree_to_the_fen(on: On) {
    let bench = on.open_with(|_, policy| policy.servicing.beyond_lines = BeyondLines::PaidOut);
    let member = bench.borrower(1);
    let product = sell_beyond_lines(&bench, with_fees());
    let request = by_months(3000, 3, 120_000, Method::Flat);
    let quote = agree(&bench, member, product, request);
    assert_eq!((quote.received, quote.repaid), (yuan(2700), yuan(3135)));
    assert_eq!((quote.schedule.interest, quote.schedule.fee_total), (yuan(90), yuan(345)));
    let shown = lines(&bench, ApplicationId::from_number(1), Kind::CostDisclosure).join("\n");
    for wanted in [
        "row\t服务费\t服务费收取方\t300.00\t放款时从借款中扣收\t",
        "row\t账户管理费\t账户管理费收取方\t45.00\t随每期还款支付\t",
        "row\t利息\t借还演示小额贷款有限公司\t90.00\t随每期还款支付\t",
        "**435.00**",
        "**2,700.00 元**",
        "**3,135.00 元**",
        "row\t提前还清手续费\t借还演示小额贷款有限公司\t提前还清全部借款\t提前归还的未到期本金的 1%",
        "row\t逾期罚息\t",
        "内部收益率（IRR）",
    ] {
        assert!(shown.contains(wanted), "{wanted} in {shown}");
    }
    let passed = "SELECT COUNT(*) AS n FROM audit_entry WHERE action = 'loan.beyond_lines'";
    assert_eq!(bench.number(passed), 1);
}

fn pay_out(bench: &Bench, id: ApplicationId) -> Result<(), PayOutError> {
    bench.write(move |tx| servicing::request_payout(tx, Actor::Platform, id)).map(|_| ())
}

fn approve_as(bench: &Bench, id: ApplicationId, amount: i64, tenor: u32) {
    let verdict = Verdict::Approve(Approved { amount: yuan(amount), tenor });
    let review = Review { operator: REVIEWER, application: id, verdict, note: "less".into() };
    bench.write(move |tx| origination::review(tx, &review)).unwrap();
}

fn a_changed_offer_is_confirmed_before_it_is_paid_out(on: On) {
    let bench = on.open();
    let (member, other) = (bench.borrower(1), bench.borrower(2));
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    for (number, (amount, tenor)) in [(2000, 14), (3000, 7)].into_iter().enumerate() {
        let application = bench.apply(member, product, by_days(3000, 14)).unwrap();
        let first = bench.read(move |tx| origination::disclosure_of(tx, application)).unwrap();
        assert_eq!(first.document.confirmed_at, Some(START), "by applying");
        approve_as(&bench, application, amount, tenor);
        assert_eq!(refusal(pay_out(&bench, application)), "NotDisclosed");
        let told = "SELECT COUNT(*) AS n FROM message WHERE topic = 'other'";
        assert_eq!(bench.number(told), i64::try_from(number).unwrap() + 1);
        let second = bench.read(move |tx| origination::disclosure_of(tx, application)).unwrap();
        assert_eq!((second.amount, second.tenor), (yuan(amount), tenor));
        assert_eq!(second.document.confirmed_at, None);
        assert_ne!(second.document.id, first.document.id);
        assert_eq!(refusal(bench.confirm(other, application)), "NoSuchApplication");
        let confirmed = bench.confirm(member, application).unwrap();
        assert_eq!(confirmed.document.id, second.document.id);
        assert_eq!(bench.confirm(member, application).unwrap(), confirmed, "once");
        pay_out(&bench, application).unwrap();
        assert_eq!(refusal(bench.confirm(member, application)), "TooLate");
        bench.answer(&MoneyOutcome::Done);
        let loans = bench.read(move |tx| servicing::loans_of(tx, member));
        let loan = loans.last().unwrap();
        assert_eq!((loan.terms.amount, loan.terms.tenor), (yuan(amount), tenor));
        let plan = bench.read({
            let id = loan.id;
            move |tx| servicing::plan(tx, id)
        });
        assert_eq!(plan[0].interest, second.interest);
        pay_all(&bench, member, loan.id, &plan);
    }
    bench.verify();
}

/// Somebody changes what was disclosed behind the core's back.
fn a_disclosure_of_other_figures_does_not_count(on: On) {
    let bench = on.open();
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let application = bench.apply(member, product, by_days(1000, 14)).unwrap();
    bench.approve(application);
    for (change, undo) in [
        ("interest_fen = interest_fen + 1", "interest_fen = interest_fen - 1"),
        ("received_fen = received_fen - 1", "received_fen = received_fen + 1"),
        ("tenor = 7", "tenor = 14"),
        ("fee_fen = 1", "fee_fen = 0"),
    ] {
        let set = |what: &str| {
            let update: &'static str =
                Box::leak(format!("UPDATE application_disclosure SET {what}").into_boxed_str());
            bench.db.write_and_wait(0, move |tx| tx.execute(update, params![])).unwrap();
        };
        set(change);
        assert_eq!(refusal(pay_out(&bench, application)), "NotDisclosed", "{change}");
        set(undo);
    }
    pay_out(&bench, application).unwrap();
}

/// Private lending may cost four times the one-year LPR: 12.4 % while that is 3.10 %, and 12 % from
/// 2025-05-20 on, when it is 3.00 %. By the month, the rate of the contract is the figure.
fn a_loan_that_a_legal_line_has_come_down_on_is_not_paid_out(on: On) {
    let bench = on.open();
    let noon = |day: &str| Date::parse(day).unwrap().start().plus_millis(43_200_000);
    let set = |at: Instant| bench.core.clock().set(at);
    set(noon("2025-05-18"));
    let rate = kernel::Rate::from_ppm(123_000).unwrap();
    let private = Version {
        lender: pricing::legal::Lender::Private,
        rates: Choice::List(vec![rate]),
        rate_default: rate,
        late: catalog::LateRule {
            cap_rate: Some(Percent::parse("12").unwrap()),
            ..shipped("MONTHS-LEVEL").late
        },
        ..shipped("MONTHS-LEVEL")
    };
    let product = bench.sell("P", private);
    let request = by_months(5000, 3, 123_000, Method::EqualInstalment);
    let member = bench.borrower(1);
    let (first, second) = (bench.apply(member, product, request), bench.borrower(2));
    let (first, second) = (first.unwrap(), bench.apply(second, product, request).unwrap());
    bench.approve(first);
    bench.approve(second);
    pay_out(&bench, first).unwrap();
    set(noon("2025-05-20"));
    let refused = pay_out(&bench, second).unwrap_err();
    let PayOutError::AboveLegalLine(finding) = refused else { panic!("{refused}") };
    assert_eq!(finding.in_force.line.id, "private-lpr4-2021");
    assert_eq!(finding.in_force.limit.ppm(), 120_000);
    assert_eq!(finding.figure.percent_text(2), "12.30");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM loan"), 1);
}

fn what_stands_against_a_payout_is_told_in_order(on: On) {
    let bench = on.open();
    let member = bench.borrower(1);
    let product = sell_beyond_lines(&bench, with_fees());
    let request = by_months(3000, 3, 120_000, Method::Flat);
    assert_eq!(refusal(pay_out(&bench, ApplicationId::from_number(9))), "NotFound");
    let application = bench.apply(member, product, request).unwrap();
    assert_eq!(refusal(pay_out(&bench, application)), "NotApproved");
    // Everything that follows is wrong, and the first is told until it is mended.
    let no_card = "UPDATE customer_card SET replaced_at = 0";
    bench.db.write_and_wait(0, move |tx| tx.execute(no_card, params![])).unwrap();
    approve_as(&bench, application, 2000, 3);
    assert_eq!(refusal(pay_out(&bench, application)), "NotDisclosed");
    bench.confirm(member, application).unwrap();
    let above = pay_out(&bench, application).unwrap_err();
    assert!(matches!(above, PayOutError::AboveLegalLine(_)), "{above}");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM loan"), 0);
    let within = bench.sell("D", shipped("DAYS-RANGE"));
    let cardless = bench.borrower(2);
    let application = bench.apply(cardless, within, by_days(1000, 14)).unwrap();
    bench.approve(application);
    bench.db.write_and_wait(0, move |tx| tx.execute(no_card, params![])).unwrap();
    assert_eq!(refusal(pay_out(&bench, application)), "NoCard");
    let lapsed = START.plus_days(7);
    bench.core.clock().set(lapsed);
    assert_eq!(refusal(pay_out(&bench, application)), "NotApproved");
    assert_eq!(refusal(bench.confirm(cardless, application)), "TooLate");
}

fn papers_are_concluded_with_the_customer_s_confirmation(on: On) {
    let bench = on.open();
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let application = bench.apply(member, product, by_days(1000, 14)).unwrap();
    bench.approve(application);
    let later = START.plus_millis(3_600_000);
    bench.core.clock().set(later);
    let (loan, _) = bench.order_payout(application);
    let papers = bench.read(move |tx| documents::of_loan(tx, loan.id));
    let kinds: Vec<_> = papers.iter().map(|paper| paper.kind).collect();
    assert_eq!(kinds, [Kind::CostDisclosure, Kind::LoanContract, Kind::DebitAuthority]);
    let disclosure = &papers[0];
    assert_eq!((disclosure.confirmed_at, disclosure.confirmed_with), (Some(START), None));
    for paper in &papers[1..] {
        assert_eq!(paper.confirmed_at, Some(later));
        assert_eq!(paper.confirmed_with, Some(disclosure.id));
        let stamp = documents::stamp(paper).lines.concat();
        assert!(stamp.contains(&disclosure.id.number().to_string()), "{stamp}");
    }
    assert!(papers.iter().all(|paper| paper.pdf == PdfState::Wanted));
    let given = bench.read(move |tx| consents::list(tx, member));
    let given: Vec<_> = given.iter().map(|consent| (consent.purpose, consent.given_at)).collect();
    assert_eq!(given, [(consents::Purpose::Disclosure, START)]);
    let contract = lines(&bench, application, Kind::LoanContract).join("\n");
    for wanted in ["借款用途：购物。", "实际天数/360", "18.00%", "14 天", "不收取", "周小舟"]
    {
        assert!(contract.contains(wanted), "{wanted} in {contract}");
    }
    bench.verify();
}

fn another_card_needs_other_papers(on: On) {
    let bench = on.open();
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let application = bench.apply(member, product, by_days(1000, 14)).unwrap();
    bench.approve(application);
    let (loan, _) = bench.order_payout(application);
    let count = "SELECT COUNT(*) AS n FROM document WHERE kind <> 'cost-disclosure'";
    let again = |answer: &MoneyOutcome| {
        bench.answer(answer);
        bench.write(move |tx| servicing::retry_payout(tx, Actor::Platform, loan.id)).unwrap();
        bench.number(count)
    };
    let declined = MoneyOutcome::Declined("closed".into());
    assert_eq!(again(&declined), 2, "the same card, the same papers");
    bench.answer(&declined);
    let begin = BeginBankCard { member, number: card_no(77), mobile: mobile(1) };
    bench
        .write(move |tx| {
            let bins = kernel::identity::CardBins::shipped();
            let check = customers::begin_bank_card(tx, &begin, bins).unwrap();
            customers::finish(tx, check.id, &CheckOutcome::Match)
        })
        .unwrap();
    assert_eq!(again(&declined), 4);
    let last = card_no(77).expose().chars().skip(15).collect::<String>();
    let contract = lines(&bench, application, Kind::LoanContract).join("\n");
    assert!(contract.contains(&last), "{last} in {contract}");
    bench.answer(&MoneyOutcome::Done);
    assert_eq!(bench.loan(loan.id).paid.total(), Some(fen(0)));
    bench.verify();
}
