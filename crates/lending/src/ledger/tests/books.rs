//! Trial balance, statements and what is looked up, against figures by hand.

use kernel::Date;
use kernel::id::LoanId;

use super::super::browsing::{self, Owners, Sought, Wanted};
use super::super::{
    Account, Class, Days, Kind, PostError, Posted, Section, Transfer, add_totals, balance_sheet,
    figures, first_day, income_statement, open_account, post, reverse, statement,
};
use super::owner;
use crate::tests::kit::{Bench, On, Random, START, fen, on_both, yuan};
use crate::{Fault, Page};

on_both! {
    figures_are_those_by_hand
    statements_are_those_by_hand
    totals_change_no_figure
    totals_of_any_steps_are_the_same
    accounts_are_listed_by_owner_and_class
    lines_are_those_of_the_days
    movements_are_those_of_the_days
}

const LOAN: LoanId = LoanId::from_number(1);

pub(super) fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days { from: day(from), to: day(to) }
}

/// Posts lines (account, fen with credits positive) so many days after the start.
fn book(bench: &Bench, after: i64, kind: Kind, lines: &[(Account, i64)]) -> Posted {
    bench.core.clock().set(START.plus_days(after));
    let change = |amount: i64| kernel::Change::from_fen(amount).unwrap();
    let lines: Vec<_> = lines.iter().map(|(account, fen)| (*account, change(*fen))).collect();
    let posted = bench.write(move |tx| {
        let transfer = Transfer { kind, subject: 1, reverses: None, lines: &lines };
        post(tx, &transfer)
    });
    posted.unwrap()
}

/// One member and one loan from March 1st to April 5th.
///
/// 1 March: the member recharges 100.00. 2 March: 1000.00 is lent, 50.00 of it kept back. 31 March:
/// 12.34 of interest and 1.00 of penalty are earned. 2 April: 500.00 is paid, of which 12.34 and
/// 1.00 for these and 486.66 for principal. 3 April: a coupon of 5.00. 5 April: the rest of the
/// principal, 1000.00 - 486.66 = 513.34, is written off.
fn two_months(on: On) -> Bench {
    let bench = on.open();
    let wallet = Account::Wallet(bench.member(1, 100));
    bench
        .write(|tx| {
            Account::of_loan(LOAN).into_iter().try_for_each(|account| open_account(tx, account))
        })
        .unwrap();
    let (principal, interest) = (Account::LoanPrincipal(LOAN), Account::LoanInterest(LOAN));
    let penalty = Account::LoanPenalty(LOAN);
    let provider = Account::ProviderClearing;
    let lent = [(principal, -100_000), (provider, 95_000), (Account::FeeIncome, 5_000)];
    book(&bench, 1, Kind::LoanPayout, &lent);
    let earned = [
        (interest, -1_234),
        (Account::InterestIncome, 1_234),
        (penalty, -100),
        (Account::PenaltyIncome, 100),
    ];
    book(&bench, 30, Kind::Accrual, &earned);
    let paid = [(provider, -50_000), (interest, 1_234), (penalty, 100), (principal, 48_666)];
    book(&bench, 32, Kind::LoanRepayment, &paid);
    book(&bench, 33, Kind::Coupon, &[(Account::CouponExpense, -500), (wallet, 500)]);
    book(&bench, 35, Kind::WriteOff, &[(principal, 51_334), (Account::WriteOffLoss, -51_334)]);
    bench
}

/// `word opening debit credit closing` of each class, in fen.
fn shown(bench: &Bench, of: Days) -> Vec<String> {
    let found = bench.read(move |tx| figures(tx, of));
    let line = |f: &super::super::Figures| {
        let (opening, debit, credit) = (f.opening_fen, f.debit_fen, f.credit_fen);
        format!("{} {opening} {debit} {credit} {}", f.class.word, f.closing_fen())
    };
    found.iter().map(line).collect()
}

const MARCH: [&str; 9] = [
    "bank_clearing 0 10000 0 -10000",
    "provider_clearing 0 0 95000 95000",
    "loan_interest 0 1234 0 -1234",
    "loan_penalty 0 100 0 -100",
    "loan_principal 0 100000 0 -100000",
    "wallet 0 0 10000 10000",
    "interest_income 0 0 1234 1234",
    "penalty_income 0 0 100 100",
    "fee_income 0 0 5000 5000",
];

const APRIL: [&str; 11] = [
    "bank_clearing -10000 0 0 -10000",
    "provider_clearing 95000 50000 0 45000",
    "loan_interest -1234 0 1234 0",
    "loan_penalty -100 0 100 0",
    "loan_principal -100000 0 100000 0",
    "wallet 10000 0 500 10500",
    "interest_income 1234 0 0 1234",
    "penalty_income 100 0 0 100",
    "fee_income 5000 0 0 5000",
    "coupon_expense 0 500 0 -500",
    "write_off_loss 0 51334 0 -51334",
];

fn figures_are_those_by_hand(on: On) {
    let bench = two_months(on);
    assert_eq!(shown(&bench, days("2026-03-01", "2026-03-31")), MARCH);
    assert_eq!(shown(&bench, days("2026-04-01", "2026-04-30")), APRIL);
    assert_eq!(shown(&bench, days("2026-01-01", "2026-02-28")), Vec::<String>::new());
    // A single day: what was before it is opening, what comes after it is not there.
    let second = shown(&bench, days("2026-03-02", "2026-03-02"));
    let want = [
        "bank_clearing -10000 0 0 -10000",
        "provider_clearing 0 0 95000 95000",
        "loan_principal 0 100000 0 -100000",
        "wallet 10000 0 0 10000",
        "fee_income 0 0 5000 5000",
    ];
    assert_eq!(second, want);
    assert_eq!(bench.read(first_day), Some(day("2026-03-01")));
}

fn statements_are_those_by_hand(on: On) {
    let bench = two_months(on);
    let income = |from: &str, to: &str| {
        let of = days(from, to);
        let statement = bench.read(move |tx| income_statement(tx, of));
        let entries = statement.entries.iter().filter(|entry| entry.amount_fen != 0);
        let entries: Vec<_> = entries.map(|e| (e.class.word, e.amount_fen)).collect();
        assert_eq!(statement.entries.len(), 6);
        (entries, statement.income_fen, statement.expense_fen, statement.profit_fen())
    };
    let march = income("2026-03-01", "2026-03-31");
    let earned = vec![("interest_income", 1_234), ("penalty_income", 100), ("fee_income", 5_000)];
    assert_eq!(march, (earned, 6_334, 0, 6_334));
    let april = income("2026-04-01", "2026-04-30");
    let spent = vec![("coupon_expense", 500), ("write_off_loss", 51_334)];
    assert_eq!(april, (spent, 0, 51_834, -51_834));
    let sheet = |on: &str| {
        let on = day(on);
        let sheet = bench.read(move |tx| balance_sheet(tx, on));
        assert!(sheet.is_balanced(), "{sheet:?}");
        let amount = |word: &str| {
            let found = sheet.entries.iter().find(|entry| entry.class.word == word);
            found.unwrap().amount_fen
        };
        let assets = ["bank_clearing", "provider_clearing", "loan_principal"].map(amount);
        let earned = (sheet.earlier_profit_fen, sheet.year_profit_fen);
        (assets, sheet.asset_fen, sheet.liability_fen, earned)
    };
    // 100.00 - 950.00 + 12.34 + 1.00 + 1000.00 = 163.34 = 100.00 owed to the member + 63.34 earned.
    assert_eq!(sheet("2026-03-31"), ([10_000, -95_000, 100_000], 16_334, 10_000, (0, 6_334)));
    // 100.00 - 450.00 = -350.00 = 105.00 - 455.00.
    let april = ([10_000, -45_000, 0], -35_000, 10_500, (0, -45_500));
    assert_eq!(sheet("2026-04-30"), april);
    let next_year = ([10_000, -45_000, 0], -35_000, 10_500, (-45_500, 0));
    assert_eq!(sheet("2027-01-10"), next_year);
    assert_eq!(sheet("2025-12-31"), ([0, 0, 0], 0, 0, (0, 0)));
    let sections: Vec<_> = Class::ALL.iter().map(|class| class.section).collect();
    assert!(sections.windows(2).all(|pair| pair[0] <= pair[1]), "{sections:?}");
    assert_eq!(Section::Asset.natural(-5), 5);
}

fn totals_change_no_figure(on: On) {
    let bench = two_months(on);
    let step = |most: u32| add_totals(&bench.core, most).unwrap();
    let same = || {
        assert_eq!(shown(&bench, days("2026-03-01", "2026-03-31")), MARCH);
        assert_eq!(shown(&bench, days("2026-04-01", "2026-04-30")), APRIL);
        assert_eq!(bench.read(first_day), Some(day("2026-03-01")));
    };
    // What is younger than ten minutes is left: the write-off.
    assert_eq!(step(2), 2);
    same();
    assert_eq!((step(100), step(100)), (3, 0));
    same();
    bench.core.clock().set(START.plus_days(36));
    assert_eq!(step(100), 1);
    same();
    let number = |select| bench.number(select);
    assert_eq!(number("SELECT COUNT(*) AS n FROM ledger_day"), 6);
    // 2 + 3 + 4 + 4 + 2 + 2 postings.
    let postings = "SELECT CAST(SUM(postings) AS BIGINT) AS n FROM ledger_total";
    assert_eq!(number(postings), 17);
}

fn totals_of_any_steps_are_the_same(on: On) {
    let bench = on.open();
    let mut random = Random::new(28);
    let accounts: Vec<_> = (1..=4).map(|n| Account::Wallet(bench.member(n, 100))).collect();
    let mut wall = START;
    for _ in 0..60 {
        wall = wall.plus_millis(random.between(1, 12 * 3_600_000));
        bench.core.clock().set(wall);
        let (from, to) = (random.pick(&accounts), random.pick(&accounts));
        if from != to {
            let moved = super::shift(&bench, from, to, fen(random.between(1, 3_000)));
            assert!(moved.is_ok() || matches!(moved, Err(PostError::Insufficient(_))));
        }
        if random.percent(40) {
            let most = u32::try_from(random.between(1, 5)).unwrap();
            add_totals(&bench.core, most).unwrap();
        }
    }
    // The check compares them with every posting.
    bench.verify();
    let last = wall.date();
    let found = bench.read(move |tx| figures(tx, Days { from: day("2026-03-01"), to: last }));
    let wallet = found.iter().find(|f| f.class.word == "wallet").unwrap();
    assert_eq!(wallet.closing_fen(), 40_000);
    assert_eq!(found.iter().map(super::super::Figures::closing_fen).sum::<i64>(), 0);
}

fn accounts_are_listed_by_owner_and_class(on: On) {
    let bench = two_months(on);
    let list = |owners, owner, class: Option<&str>, number, size| {
        let class = class.map(|word| Class::parse(word).unwrap());
        let page = Page::new(number, size).unwrap();
        let wanted = Wanted { owners, owner, class };
        let found = bench.read(move |tx| browsing::accounts(tx, &wanted, page));
        let text =
            found.iter().map(|s| format!("{} {}", s.account.number().number(), s.balance_fen));
        text.collect::<Vec<_>>()
    };
    assert_eq!(list(Owners::Members, None, None, 1, 20), ["101 10500", "102 0"]);
    assert_eq!(list(Owners::Members, None, Some("frozen"), 1, 20), ["102 0"]);
    assert_eq!(list(Owners::Members, None, Some("escrow"), 1, 20), [""; 0]);
    assert_eq!(list(Owners::Members, Some(1), None, 2, 1), ["102 0"]);
    // No loan is listed as such here, but its number can be asked for.
    assert_eq!(list(Owners::Loans, None, None, 1, 20), [""; 0]);
    let loan = ["111 0", "112 0", "113 0", "114 0"];
    assert_eq!(list(Owners::Loans, Some(1), None, 1, 20), loan);
    for owner in [0, 2, i64::MAX] {
        assert_eq!(list(Owners::Loans, Some(owner), None, 1, 20), [""; 0], "{owner}");
    }
    assert_eq!(list(Owners::Members, None, None, i64::MAX, 100), [""; 0]);
    let platform = list(Owners::Platform, None, None, 1, 20);
    assert_eq!(platform.len(), 9);
    assert_eq!(platform[..2], ["51 -10000", "52 45000"]);
    assert_eq!(list(Owners::Platform, None, None, 2, 8), ["72 -51334"]);
    assert_eq!(list(Owners::Platform, None, Some("fee_income"), 1, 8), ["62 5000"]);
    let stands = |number| {
        bench.read(move |tx| match Account::from_number(number) {
            Some(account) => browsing::standing(tx, account),
            None => Ok(None),
        })
    };
    assert_eq!(stands(52).unwrap().balance_fen, 45_000);
    assert_eq!(stands(101).unwrap().balance_fen, 10_500);
    assert_eq!((stands(1), stands(901), stands(99), stands(-1)), (None, None, None, None));
}

fn lines_are_those_of_the_days(on: On) {
    let bench = two_months(on);
    let lines = |account, of: Option<Days>, number, size| {
        let page = Page::new(number, size).unwrap();
        let found = bench.read(move |tx| browsing::account_lines(tx, account, of, page));
        let text = found.iter().map(|line| {
            let (kind, balance) = (line.movement.kind.word(), line.balance_fen);
            format!(
                "{kind} {} {}",
                line.change.fen(),
                balance.map_or("-".into(), |b| b.to_string())
            )
        });
        text.collect::<Vec<_>>()
    };
    let principal = Account::LoanPrincipal(LOAN);
    let all = ["write_off 51334 0", "loan_repayment 48666 -51334", "loan_payout -100000 -100000"];
    assert_eq!(lines(principal, None, 1, 20), all);
    assert_eq!(lines(principal, None, 2, 2), all[2..]);
    assert_eq!(lines(principal, None, i64::MAX, 100), [""; 0]);
    assert_eq!(lines(principal, Some(days("2026-04-01", "2026-04-04")), 1, 20), all[1..2]);
    assert_eq!(lines(principal, Some(days("2026-03-01", "2026-04-30")), 2, 1), all[1..2]);
    // An account of the platform, before and after its lines are in the totals.
    let (april, month) = (days("2026-04-01", "2026-04-30"), days("2026-03-02", "2026-04-02"));
    for most in [0, 2, 100] {
        add_totals(&bench.core, most).unwrap();
        let provider = |of, number, size| lines(Account::ProviderClearing, Some(of), number, size);
        assert_eq!(provider(april, 1, 20), ["loan_repayment -50000 -"]);
        let both = ["loan_repayment -50000 -", "loan_payout 95000 -"];
        assert_eq!(provider(month, 1, 20), both, "{most}");
        assert_eq!(
            (provider(month, 1, 1), provider(month, 2, 1)),
            (vec![both[0].to_owned()], vec![both[1].to_owned()],)
        );
        assert_eq!(provider(month, i64::MAX, 100), [""; 0]);
    }
    // The older statement of a wallet says the same.
    let wallet = Account::Wallet(owner(Account::from_number(101).unwrap()));
    let page = Page::new(1, 20).unwrap();
    let before = bench.read(move |tx| statement(tx, wallet, page));
    assert_eq!(lines(wallet, None, 1, 20), ["coupon 500 10500", "recharge 10000 10000"]);
    assert_eq!(before.len(), 2);
}

fn movements_are_those_of_the_days(on: On) {
    let bench = two_months(on);
    let whole = days("2026-03-01", "2026-04-05");
    let list = |sought: Sought, number, size| {
        let page = Page::new(number, size).unwrap();
        let found = bench.read(move |tx| browsing::movements(tx, &sought, page));
        let text = found.iter().map(|l| format!("{} {}", l.movement.kind.word(), l.amount_fen));
        text.collect::<Vec<_>>()
    };
    let all = [
        "write_off 51334",
        "coupon 500",
        "loan_repayment 50000",
        "accrual 1334",
        "loan_payout 100000",
        "recharge 10000",
    ];
    for most in [0, 2, 100] {
        add_totals(&bench.core, most).unwrap();
        let sought = Sought { days: whole, kind: None, subject: None };
        assert_eq!(list(sought, 1, 20), all, "{most}");
        for size in 1..=6 {
            let pages: Vec<_> = (1..=7).flat_map(|number| list(sought, number, size)).collect();
            assert_eq!(pages, all, "{most} {size}");
        }
        let of_kind = Sought { kind: Some(Kind::Accrual), ..sought };
        assert_eq!(list(of_kind, 1, 20), ["accrual 1334"]);
        assert_eq!(list(Sought { subject: Some(7), ..sought }, 1, 20), [""; 0]);
        assert_eq!(list(Sought { subject: Some(1), ..sought }, 1, 20), all);
        let april = Sought { days: days("2026-04-03", "2026-04-04"), ..sought };
        assert_eq!(list(april, 1, 20), ["coupon 500"]);
        assert_eq!(list(sought, i64::MAX, 100), [""; 0]);
    }
    let page = Page::new(1, 1).unwrap();
    let sought = Sought { days: whole, kind: Some(Kind::Coupon), subject: None };
    let coupon = bench.read(move |tx| browsing::movements(tx, &sought, page))[0].movement.clone();
    let contra = bench.write(move |tx| reverse(tx, Kind::Reversal, 1, coupon.id)).unwrap().id;
    let find = |id| bench.read(move |tx| browsing::movement(tx, id)).unwrap();
    let (back, original) = (find(contra), find(coupon.id));
    assert_eq!((back.movement.reverses, original.reversed_by), (Some(coupon.id), Some(contra)));
    let member = kernel::id::MemberId::from_number(1);
    let about = browsing::About::Member(member, kernel::Channel::Futureloan);
    assert_eq!(back.movement.about, Some(about));
    assert_eq!(original.postings.len(), 2);
    assert_eq!(original.postings[1].balance_fen, Some(10_500));
    let nothing = kernel::id::TransferId::from_number(1);
    let none = bench.read(move |tx| Ok::<_, Fault>(browsing::movement(tx, nothing)?.is_none()));
    assert!(none);
    assert_eq!(
        bench.balance(Account::Wallet(owner(Account::from_number(101).unwrap()))),
        yuan(100).fen()
    );
}
