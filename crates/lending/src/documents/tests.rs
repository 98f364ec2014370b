//! Documents: made, confirmed, opened, rendered and proven, on both engines.

use kernel::id::{ApplicationId, DocumentId, LoanId, MemberId};
use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Money, RealName};
use papers::Template;
use store::params;

use super::*;
use crate::Fault;
use crate::identity::Role;
use crate::tests::kit::{Bench, DAY_MS, On, START, fen, mobile, on_both, refusal, yuan};

on_both! {
    a_disclosure_says_what_the_loan_costs
    contradicting_figures_make_no_paper
    the_same_paper_is_kept_once_and_a_changed_one_takes_its_place
    a_confirmation_belongs_to_the_customer_and_keeps_its_first_time
    a_contract_is_sealed_and_opens_by_its_link_until_that_expires
    pdfs_are_rendered_outside_and_kept_once
    a_loan_has_the_documents_of_its_application
    operators_put_templates_in_the_place_of_the_shipped_ones
    whatever_was_changed_is_found
}

const APPLICATION: ApplicationId = ApplicationId::from_number(1);
const OTHER: ApplicationId = ApplicationId::from_number(2);
const LOAN: LoanId = LoanId::from_number(1);

/// A bench with a member, two applications and the loan of the first.
fn bench(on: On) -> (Bench, MemberId) {
    let bench = on.open();
    let member = bench.register(1, Role::Member);
    bench.write(move |tx| lay_ground(tx, member)).unwrap();
    (bench, member)
}

/// Rows that documents refer to. What they say is no matter here.
fn lay_ground(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO product (product_id, channel, code, version, status, created_at)
            VALUES (1, 'xianjindai', 'P1', 1, 'on_sale', 0)",
        params![],
    )?;
    tx.execute(
        "INSERT INTO product_version (product_id, version, name, description, services,
            amount_default_fen, rate_default_ppm, tenor_units, days_default, months_default,
            methods, interval_units, interval_least, interval_most, interval_default,
            interval_unit_default, day_count, penalty_daily_ppm, penalty_base, penalty_grace_days,
            settlement_fee_ppm, lender, review_steps, approval_days, first_limit_fen, saved_at)
            VALUES (1, 1, 'P', '', '', 1, 1, 'day', 1, 1, 'one_off', 'day', 1, 1, 1, 'day', '',
            0, '', 0, 0, '', 0, 1, 1, 0)",
        params![],
    )?;
    for application in [APPLICATION, OTHER] {
        let state = if application == APPLICATION { "lent" } else { "approved" };
        tx.execute(
            "INSERT INTO application (application_id, code, member_id, person_id, product_id,
                version, amount_fen, tenor, tenor_unit, interval_count, interval_unit, method,
                rate_ppm, purpose, other_debts, report_order, state, steps_passed, applied_at)
                VALUES (?1, ?2, ?3, 1, 1, 1, 1, 1, 'day', 1, 'day', 'one_off', 1, '', '', '', ?4,
                0, 0)",
            params![application, &format!("A{}", application.number()), member, state],
        )?;
    }
    tx.execute(
        "INSERT INTO loan (loan_id, application_id, member_id, person_id, product_id, version,
            principal_fen, received_fen, tenor, tenor_unit, interval_count, interval_unit, method,
            rate_ppm, state, created_at, current_row, principal_paid_fen, interest_paid_fen,
            fee_paid_fen, penalty_paid_fen)
            VALUES (?1, ?2, ?3, 1, 1, 1, 1, 1, 1, 'day', 1, 'day', 'one_off', 1, 'paying_out', 0,
            1, 0, 0, 0, 0)",
        params![LOAN, APPLICATION, member],
    )?;
    Ok(())
}

fn parties(member: MemberId) -> Parties {
    Parties {
        lender_name: "借还小额贷款有限公司".into(),
        lender_address: "上海市测试路 1 号".into(),
        service_phone: "400-000-0000".into(),
        member,
        borrower: RealName::parse("测试人").unwrap(),
        // The example of GB 11643 itself.
        id_card: IdCardNo::parse("11010519491231002X").unwrap(),
        mobile: mobile(1),
    }
}

/// Document 001, §22: 5000 with 10.42 of interest pays 5010.42; 4500.00 are received, the rest is
/// a fee of 10 % that is kept back. So the costs are 10.42 + 500.00 = 5010.42 - 4500.00 = 510.42.
fn offer() -> Offer {
    let cost = |kind, name: &str, amount, when: &str, percent: &str| Cost {
        kind,
        name: name.into(),
        collector: "借还小额贷款有限公司".into(),
        amount,
        when: when.into(),
        annual_percent: percent.into(),
    };
    let interest = fen(1042);
    let due = Date::from_ymd(2026, 3, 16).unwrap();
    Offer {
        code: "HT20260301001".into(),
        product_name: "测试产品".into(),
        day: Date::from_ymd(2026, 3, 1).unwrap(),
        start: Date::from_ymd(2026, 3, 1).unwrap(),
        principal: yuan(5000),
        received: yuan(4500),
        tenor: "15 天".into(),
        repay_method: "一次性还本付息".into(),
        rate_percent: "5.00".into(),
        apr_percent: "272.22".into(),
        apr_method: "单利年化".into(),
        plan: vec![PlanLine { number: 1, due, principal: yuan(5000), interest, fee: Money::ZERO }],
        costs: vec![
            cost(CostKind::Interest, "利息", interest, "到期", "5.00"),
            cost(CostKind::Fee, "服务费", yuan(500), "放款时", "267.22"),
        ],
        contingent: vec![Contingent {
            name: "逾期罚息".into(),
            collector: "借还小额贷款有限公司".into(),
            when: "逾期".into(),
            rule: "每日逾期本金的 0.05%".into(),
        }],
    }
}

fn disclosure(member: MemberId, application: ApplicationId) -> Disclosure {
    Disclosure { application, parties: parties(member), offer: offer() }
}

fn loan_contract(member: MemberId) -> Contract {
    let words = |words: &str| words.to_owned();
    Contract {
        application: APPLICATION,
        parties: parties(member),
        offer: offer(),
        purpose: words("日常消费"),
        card_bank: words("测试银行"),
        card: BankCardNo::parse("4111111111111111"),
        day_count: words("实际天数/360"),
        allocation: words("罚息、费用、利息、本金"),
        settlement_fee: words("不收取"),
        penalty: words("每日按逾期本金的 0.05% 计收"),
        penalty_grace: words("无"),
        penalty_cap: words("与利息合计不超过年利率 24%"),
        court: words("甲方住所地人民法院"),
    }
}

fn page_of(bench: &Bench, id: DocumentId) -> String {
    bench.read(move |tx| paper(tx, id)).unwrap().html()
}

fn a_disclosure_says_what_the_loan_costs(on: On) {
    let (bench, member) = bench(on);
    let command = disclosure(member, APPLICATION);
    let document = bench.write(move |tx| disclose(tx, &command)).unwrap();
    assert_eq!((document.kind, document.version), (Kind::CostDisclosure, 1));
    assert_eq!((document.confirmed_at, document.pdf), (None, PdfState::None));
    let page = page_of(&bench, document.id);
    for shown in [
        "<td>利息</td><td>借还小额贷款有限公司</td><td class=\"right\">10.42</td>",
        "<td>服务费</td><td>借还小额贷款有限公司</td><td class=\"right\">500.00</td>",
        "<strong>510.42</strong>",
        "<strong>5,010.42 元</strong>",
        "<strong>4,500.00 元</strong>",
        "<strong>272.22</strong>",
        "单利年化",
        "<td>逾期罚息</td>",
        "<td>2026-03-16</td>",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    let find = bench.read(move |tx| find(tx, document.id));
    assert_eq!(find, Some(document));
}

fn contradicting_figures_make_no_paper(on: On) {
    let (bench, member) = bench(on);
    let check = |change: &dyn Fn(&mut Offer), reason: &'static str| {
        let mut command = disclosure(member, APPLICATION);
        change(&mut command.offer);
        let made = bench.write(move |tx| disclose(tx, &command));
        assert_eq!(made.unwrap_err(), MakeError::Contradiction(reason));
    };
    let beyond = "the costs are not what is paid beyond the receipt";
    check(&|offer| drop(offer.costs.pop()), beyond);
    check(&|offer| offer.received = yuan(4501), beyond);
    check(&|offer| offer.plan[0].fee = fen(1), beyond);
    check(&|offer| offer.principal = yuan(4999), "the plan repays another principal");
    check(
        &|offer| offer.plan[0].interest = fen(1043),
        "the costs name another interest than the plan",
    );
    check(&|offer| offer.costs[1].amount = Money::MAX, "a sum is beyond every amount");
    let facts = Facts::new();
    let kind = Kind::LoanContract;
    let new = NewDocument { kind, member, application: None, loan: None, facts };
    let made = bench.write(move |tx| make(tx, &new));
    assert_eq!(made.unwrap_err(), MakeError::Unfilled(FillError::MissingField("code".into())));
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM document"), 0);
}

fn the_same_paper_is_kept_once_and_a_changed_one_takes_its_place(on: On) {
    let (bench, member) = bench(on);
    let make = |received: i64| {
        let mut command = disclosure(member, APPLICATION);
        command.offer.received = yuan(received);
        command.offer.costs[1].amount = yuan(5000 - received);
        bench.write(move |tx| disclose(tx, &command)).unwrap()
    };
    let first = make(4500);
    assert_eq!(make(4500), first, "the same text");
    let second = make(4600);
    assert!(second.id > first.id && second.digest != first.digest);
    assert!(make(4500).id > second.id, "the first text again is a third document");
    let other = disclosure(member, OTHER);
    let other = bench.write(move |tx| disclose(tx, &other)).unwrap();
    assert_ne!(other.id, first.id, "another application");
    let confirmed = bench.write(move |tx| confirm(tx, member, second.id));
    assert_eq!(refusal(confirmed), "Superseded");
    let newest = bench
        .read(move |tx| newest_of_application(tx, Kind::CostDisclosure, member, APPLICATION))
        .unwrap();
    let confirmed = bench.write(move |tx| confirm(tx, member, newest.id)).unwrap();
    assert_eq!(confirmed.digest, first.digest);
    assert_eq!(bench.read(move |tx| of_application(tx, APPLICATION)).len(), 3);
}

fn a_confirmation_belongs_to_the_customer_and_keeps_its_first_time(on: On) {
    let (bench, member) = bench(on);
    let stranger = bench.register(2, Role::Member);
    let command = disclosure(member, APPLICATION);
    let id = bench.write(move |tx| disclose(tx, &command)).unwrap().id;
    assert_eq!(refusal(bench.write(move |tx| confirm(tx, stranger, id))), "NotYours");
    let none = DocumentId::from_number(7);
    assert_eq!(refusal(bench.write(move |tx| confirm(tx, member, none))), "Unknown");
    let first = bench.write(move |tx| confirm(tx, member, id)).unwrap();
    assert_eq!(first.confirmed_at, Some(START));
    assert_eq!(first.pdf, PdfState::Wanted);
    bench.core.advance_clock(DAY_MS).unwrap();
    let again = bench.write(move |tx| confirm(tx, member, id)).unwrap();
    assert_eq!(again, first, "a repeat changes nothing");
    assert!(stamp(&again).lines[0].contains("2026-03-01 08:00:00"), "Shanghai time");
}

fn a_contract_is_sealed_and_opens_by_its_link_until_that_expires(on: On) {
    let (bench, member) = bench(on);
    let command = loan_contract(member);
    let id = bench.write(move |tx| contract(tx, &command)).unwrap().id;
    let page = page_of(&bench, id);
    for shown in ["测试人", "11010519491231002X", "大写：伍仟元整", "大写：肆仟伍佰元整"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("4111111111111111"), "cards are masked");
    let raw = bench.raw_bytes();
    for hidden in ["测试人", "11010519491231002X", "日常消费"] {
        let hidden = hidden.as_bytes();
        assert!(!raw.windows(hidden.len()).any(|window| window == hidden), "sealed");
    }
    let issue = move |tx: &mut Tx<'_, '_>| issue_link(tx, id, &[5; TOKEN_BYTES], 600);
    let token = bench.write(issue).unwrap().expect("a link").expose().to_owned();
    assert_eq!(token, "05".repeat(32));
    let open = |token: String| bench.read(move |tx| open_link(tx, &token));
    assert_eq!(open(token.clone()).expect("it opens").0.id, id);
    assert!(open("06".repeat(32)).is_none(), "another token");
    assert!(open(token.to_uppercase() + "0").is_none(), "no token at all");
    bench
        .db
        .write_and_wait(0, |tx| tx.execute("UPDATE document_link SET expires_at = 1", params![]))
        .unwrap();
    assert!(open(token).is_none(), "expired");
    assert_eq!(bench.write(prune).unwrap(), 1);
    let none = move |tx: &mut Tx<'_, '_>| {
        issue_link(tx, DocumentId::from_number(7), &[5; TOKEN_BYTES], 600)
    };
    assert!(bench.write(none).unwrap().is_none(), "no such document");
}

fn pdfs_are_rendered_outside_and_kept_once(on: On) {
    let (bench, member) = bench(on);
    let command = loan_contract(member);
    let id = bench.write(move |tx| contract(tx, &command)).unwrap().id;
    assert_eq!(bench.read(|tx| pending_pdfs(tx, 10)).len(), 0, "not confirmed yet");
    bench.write(move |tx| confirm(tx, member, id)).unwrap();
    let pending = bench.read(|tx| pending_pdfs(tx, 10));
    assert_eq!(pending.iter().map(|pdf| pdf.id).collect::<Vec<_>>(), [id]);
    let file = pending[0].render().unwrap();
    assert!(file.starts_with(b"%PDF-"));
    assert!(bench.write(move |tx| fail_pdf(tx, id)).unwrap());
    assert_eq!(bench.read(|tx| pending_pdfs(tx, 10)).len(), 0, "a failure holds nothing up");
    assert_eq!(bench.write(retry_pdfs).unwrap(), 1);
    let kept = file.clone();
    assert!(bench.write(move |tx| store_pdf(tx, id, &kept)).unwrap());
    assert!(!bench.write(move |tx| store_pdf(tx, id, b"late")).unwrap(), "the first one stays");
    assert_eq!(bench.read(move |tx| pdf(tx, id)), Some(file));
    assert_eq!(bench.read(move |tx| find(tx, id)).unwrap().pdf, PdfState::Made);
    assert_eq!(bench.read(|tx| pending_pdfs(tx, 10)).len(), 0);
}

fn a_loan_has_the_documents_of_its_application(on: On) {
    let (bench, member) = bench(on);
    let (first, second) = (disclosure(member, APPLICATION), loan_contract(member));
    let first = bench.write(move |tx| disclose(tx, &first)).unwrap();
    let second = bench.write(move |tx| contract(tx, &second)).unwrap();
    let debit = DebitAuthority {
        application: APPLICATION,
        parties: parties(member),
        code: "SQ1".into(),
        contract_code: "HT20260301001".into(),
        day: Date::from_ymd(2026, 3, 1).unwrap(),
        card_bank: "测试银行".into(),
        card: BankCardNo::parse("4111111111111111"),
        payment_provider: "测试支付".into(),
        daily_attempts: 3,
    };
    let debit = bench.write(move |tx| debit_authority(tx, &debit)).unwrap();
    let other = disclosure(member, OTHER);
    bench.write(move |tx| disclose(tx, &other)).unwrap();
    let documents = bench.read(|tx| of_loan(tx, LOAN));
    assert_eq!(documents, [first.clone(), second.clone(), debit.clone()]);
    assert_eq!(bench.read(|tx| of_application(tx, APPLICATION)), [first, second, debit]);
    assert_eq!(bench.read(|tx| of_loan(tx, LoanId::from_number(9))), []);
}

fn operators_put_templates_in_the_place_of_the_shipped_ones(on: On) {
    let (bench, _) = bench(on);
    let facts = Facts::new()
        .with("service_phone", "400-000-0000")
        .with("service_hours", "9:00-18:00")
        .with("effective_on", "2026-03-01");
    let show = || {
        let facts = facts.clone();
        bench.write(move |tx| page(tx, Kind::RepaymentHelp, &facts)).unwrap()
    };
    let save = |text: &str| {
        let text = text.to_owned();
        bench.write(move |tx| save_template(tx, Actor::Platform, Kind::RepaymentHelp, &text))
    };
    assert!(show().contains("怎样还款"));
    let own = "template: repayment-help\nversion: 5\n\n# 自有页面\n电话 {{service_phone}}";
    assert_eq!(save(own).unwrap(), 5);
    let shown = show();
    assert!(shown.contains("自有页面") && shown.contains("repayment-help v5"), "{shown}");
    assert_eq!(save(own).unwrap_err(), SaveError::OldVersion(5));
    let newer = own.replace("version: 5", "version: 6");
    let unknown = newer.replace("service_phone", "password");
    assert_eq!(save(&unknown).unwrap_err(), SaveError::UnknownFact("password".into()));
    let other = newer.replace("repayment-help", "loan-contract");
    assert_eq!(save(&other).unwrap_err(), SaveError::OtherKind("loan-contract".into()));
    let broken = newer.replace("}}", "");
    let error = Template::parse(&broken).unwrap_err();
    assert_eq!(save(&broken).unwrap_err(), SaveError::Unreadable(error));
    assert!(show().contains("repayment-help v5"), "refusals change nothing");
}

fn whatever_was_changed_is_found(on: On) {
    let (bench, member) = bench(on);
    for application in [APPLICATION, OTHER] {
        let command = disclosure(member, application);
        let id = bench.write(move |tx| disclose(tx, &command)).unwrap().id;
        bench.write(move |tx| confirm(tx, member, id)).unwrap();
        let file = bench.read(|tx| pending_pdfs(tx, 1))[0].render().unwrap();
        bench.write(move |tx| store_pdf(tx, id, &file)).unwrap();
    }
    let counts: Vec<_> =
        bench.read(verify).unwrap().checks.into_iter().map(|(_, count)| count).collect();
    assert_eq!(counts, [2, 2, 2]);
    let second = bench.number("SELECT MAX(document_id) AS n FROM document");
    let run = |sql: &'static str| {
        bench.db.write_and_wait(0, move |tx| tx.execute(sql, params![])).unwrap();
    };
    let check = |change: &'static str, name: &str| {
        run(change);
        let difference = bench.read(verify).unwrap_err();
        assert_eq!((difference.check, difference.row), (name, second));
    };
    let (texts, pdfs, made) = (
        "every document's text has its digest and its template's version",
        "every PDF has its digest",
        "every document that has a PDF is confirmed and has one",
    );
    check(
        "UPDATE document SET confirmed_at = NULL
            WHERE document_id = (SELECT MAX(document_id) FROM document)",
        made,
    );
    check(
        "UPDATE document SET confirmed_at = 1, pdf = 'wanted'
            WHERE document_id = (SELECT MAX(document_id) FROM document)",
        made,
    );
    run("UPDATE document SET pdf = 'made'");
    check(
        "UPDATE document SET version = 2
            WHERE document_id = (SELECT MAX(document_id) FROM document)",
        texts,
    );
    run("UPDATE document SET version = 1");
    bench.read(verify).unwrap();
    check(
        "UPDATE document_pdf SET pdf_sha256 = (SELECT text_sha256 FROM document ORDER BY document_id LIMIT 1)
            WHERE document_id = (SELECT MAX(document_id) FROM document)",
        pdfs,
    );
    // Another's text with its digest opens nowhere but in its own row.
    check(
        "UPDATE document SET
            text_sealed = (SELECT text_sealed FROM document ORDER BY document_id LIMIT 1),
            text_sha256 = (SELECT text_sha256 FROM document ORDER BY document_id LIMIT 1)
            WHERE document_id = (SELECT MAX(document_id) FROM document)",
        texts,
    );
}
