//! A lender whose money goes through the adapters, the sandbox and the dispatcher.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::id::{ApplicationId, LoanId, MemberId, OperatorId, PlanRowId, ProductId};
use kernel::identity::{BankCardNo, CardBins, IdCardNo};
use kernel::{Channel, Mobile, Money, Rate, RealName, Secret};
use lending::audit::Actor;
use lending::catalog::{self, IntervalUnit, Request, SaveProduct, TenorUnit};
use lending::customers::{
    self, BeginBankCard, BeginRealName, Education, Industry, Line, MaritalStatus, NewContact,
    Phone, Place, Profile, RegionCode, Relation, TimeSpan,
};
use lending::funding::Partner;
use lending::identity::password::{Cost, PasswordHash};
use lending::identity::{Limit, Limits, Register, Role};
use lending::ledger::{self, Account};
use lending::origination::{self, Approved, Review, Submit, Verdict};
use lending::ports::CheckOutcome;
use lending::servicing::payments::{self, Payment};
use lending::servicing::{self, BeginRepayment, LoanState, Meant};
use lending::{Clock, Fault, Lending, Page, Policy, Route, Tx, operators};
use pricing::Method;
use store::{Db, Engine, Isolation, Options};
use tokio::sync::watch;

use super::stage::{Folder, Stage, port};
use crate::dispatcher::{Dispatcher, LaneOptions, Waker};
use crate::listen::{self, ListenOptions};
use crate::{lianlian_door, wiring};

/// How long a test waits for what must come.
const SOON: Duration = Duration::from_mins(1);

/// Which engine.
#[derive(Clone, Copy)]
pub(super) enum On {
    Sqlite,
    Postgres,
}

/// What a loan comes to, compared with the loan of a day without faults.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) state: LoanState,
    pub(super) owed: Vec<Option<Money>>,
    pub(super) wallet: Option<Money>,
    pub(super) paid: Vec<Money>,
    pub(super) orders: Vec<(&'static str, Money)>,
}

pub(super) struct Lender {
    pub(super) core: Lending,
    pub(super) stage: Stage,
    pub(super) dispatcher: Option<Dispatcher>,
    product: ProductId,
    /// On PostgreSQL, its name.
    database: Option<String>,
    stop: watch::Sender<bool>,
    _folder: Folder,
}

impl Lender {
    pub(super) fn open(on: On, name: &str) -> Self {
        let folder = Folder::new();
        std::fs::create_dir_all(&folder.0).unwrap();
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(format!("sandbox_{name}_{}", std::process::id())),
        };
        let core = core(database.as_deref(), &folder, Partner::Off);
        let (listener, url) = port();
        let stage = Stage::open(&format!("{url}{}", lianlian_door::PATH), true);
        let mut dispatcher = Dispatcher::default();
        let lane = wiring::money_lane(core.clone(), Arc::clone(&stage.lianlian) as _);
        let period = Duration::from_millis(5);
        let options = LaneOptions { parallel: 8, period, call_limit: Duration::from_secs(20) };
        dispatcher.start("payments", lane, options).unwrap();
        let stop = news(listener, &stage, &core, dispatcher.waker());
        let version = catalog::seeds(Channel::Xianjindai)
            .into_iter()
            .find(|seed| seed.code == "DAYS-RANGE")
            .unwrap()
            .version;
        let save = move |tx: &mut Tx<'_, '_>| {
            let (actor, channel) = (Actor::Platform, Channel::Xianjindai);
            let version = version.clone();
            catalog::save(tx, &SaveProduct { actor, channel, code: "D".to_owned(), version })
                .map_err(|error| Fault::Engine(error.to_string()))
        };
        let product = core.write_and_wait(Route::home(0), save).unwrap().id;
        let dispatcher = Some(dispatcher);
        Self { core, stage, dispatcher, product, database, stop, _folder: folder }
    }

    /// Runs a use case and waits.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_, '_>) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.core.write_and_wait(Route::home(0), move |tx| work(tx)).unwrap()
    }

    /// Runs a query and waits.
    pub(super) fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_, '_>) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.core.read_and_wait(move |tx| work(tx)).unwrap()
    }

    /// An approved application of borrower `n`.
    pub(super) fn approved(&self, n: u32, card: &str) -> (MemberId, ApplicationId) {
        let (product, card) = (self.product, BankCardNo::parse(card).unwrap());
        self.write(move |tx| {
            let member = customer(tx, n, &card);
            let application = apply(tx, member, product);
            Ok((member, application))
        })
    }

    /// Orders the payout; the dispatcher pays it.
    pub(super) fn pay_out(&self, application: ApplicationId) -> LoanId {
        let loan = self.write(move |tx| {
            let ordered = servicing::request_payout(tx, Actor::Platform, application);
            ordered.map(|(loan, _)| loan.id).map_err(|error| Fault::Engine(error.to_string()))
        });
        self.dispatcher.as_ref().unwrap().wake();
        loan
    }

    /// Orders the debit of all that is owed.
    pub(super) fn settle(&self, member: MemberId, loan: LoanId) {
        self.write(move |tx| {
            let row = PlanRowId::from_number(loan.number() * 10_000 + 1);
            let command = BeginRepayment { member, row, meant: Meant::Settlement, coupon: None };
            let begun = servicing::begin_repayment(tx, &command);
            begun.map(|_| ()).map_err(|error| Fault::Engine(error.to_string()))
        });
        self.dispatcher.as_ref().unwrap().wake();
    }

    /// Orders that are not decided.
    pub(super) fn in_doubt(&self) -> Vec<Payment> {
        self.read(|tx| payments::in_doubt(tx, Page::new(1, 1000).unwrap()))
    }

    /// Lets time pass until every order is decided, or until so much of it has passed.
    pub(super) fn until_decided(&self, most: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < most.min(SOON) {
            if self.in_doubt().is_empty() {
                return true;
            }
            let clock = self.core.clock();
            clock.set(clock.now().wall.plus_millis(1000));
            self.dispatcher.as_ref().unwrap().wake();
            std::thread::park_timeout(Duration::from_millis(15));
        }
        false
    }

    pub(super) fn picture(&self, member: MemberId, id: LoanId) -> Picture {
        self.read(move |tx| {
            let loan = servicing::loan(tx, id)?.unwrap();
            let accounts = [
                Account::LoanPrincipal(id),
                Account::LoanInterest(id),
                Account::LoanFee(id),
                Account::LoanPenalty(id),
            ];
            let mut owed = Vec::new();
            for account in accounts {
                owed.push(ledger::owed(tx, account)?);
            }
            let wallet = ledger::balance(tx, Account::Wallet(member))?;
            let paid = servicing::repayments(tx, id)?.iter().map(|it| it.amount).collect();
            let orders = payments::payments_of(tx, id)?;
            let orders = orders.iter().map(|it| (it.state.word(), it.amount)).collect();
            Ok(Picture { state: loan.state, owed, wallet, paid, orders })
        })
    }

    /// The books are clean, and the provider has moved each order's money once.
    pub(super) fn prove(&self) {
        let verified = self.read(ledger::verify);
        assert!(verified.is_ok(), "{verified:?}");
        for entry in self.stage.sandbox.world.payments().journal().unwrap() {
            assert_eq!((entry.acted, entry.differed), (1, 0), "{entry:?}");
        }
    }

    /// Stops everybody, the provider last; a database of PostgreSQL is dropped.
    pub(super) fn close(mut self) {
        self.dispatcher.take().unwrap().stop();
        let _ = self.stop.send(true);
        self.stage.sandbox.stop();
        self.core.close();
        if let Some(name) = self.database {
            psql(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// A core over a database of its own, at a clock that the test moves.
pub(super) fn core(database: Option<&str>, folder: &Folder, funding: Partner) -> Lending {
    let engine = match database {
        None => Engine::Sqlite { path: folder.0.join("test.db"), cache_mib: 8 },
        Some(name) => {
            psql(&format!("CREATE DATABASE {name} TEMPLATE template0"));
            let server = server();
            let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
            let (url, isolation) = (Secret::new(url), Isolation::ReadCommitted);
            Engine::Postgres { url, writers: 2, isolation }
        }
    };
    let (group, queue, readers) = (64, 1000, 1);
    let db = Db::open(Options { engine, group, queue, readers, call_limit: SOON }).unwrap();
    let limit = Limit { attempts: 10_000, window_seconds: 60 };
    let policy = Policy {
        limits: Limits { account_failures: limit, address_failures: limit, registrations: limit },
        minimum_project: Money::from_yuan(1000).unwrap(),
        plain_mobiles: false,
        kept_answer_hours: 1,
        customers: customers::Rules::default(),
        funding,
        servicing: servicing::Rules::default(),
        operators: operators::Rules::default(),
        lender: lending::documents::Lender::default(),
    };
    // 2026-03-01 08:00:00 in Shanghai.
    let clock = Clock::standing_at(kernel::Instant::from_millis(1_772_323_200_000));
    Lending::open(db, clock, &[7; 32], policy).unwrap().0
}

fn server() -> String {
    std::env::var("JIEHUAN_TEST_POSTGRES").expect("run ./test, which starts a PostgreSQL")
}

pub(super) fn psql(statement: &str) {
    let arguments = ["-X", &server(), "-v", "ON_ERROR_STOP=1", "-qAtc", statement];
    let done = std::process::Command::new("psql").args(arguments).output();
    let done = done.expect("psql is installed: run ./test");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The door for news, on threads of its own.
fn news(listener: TcpListener, stage: &Stage, core: &Lending, wake: Waker) -> watch::Sender<bool> {
    let door = lianlian_door::door(Arc::clone(&stage.lianlian), core.clone(), wake);
    let (stop, stopping) = watch::channel(false);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = ListenOptions { header_limit: SOON, connections: 64, tls: None };
        let served = listen::serve(listener, door.router, options, stopping);
        runtime.block_on(served).unwrap();
    });
    stop
}

/// An invented id number with a valid check digit. GB 11643: weights 2^(18 - place) mod 11.
pub(super) fn id_no(n: u32) -> IdCardNo {
    let body = format!("1101011990{:02}{:02}{:03}", n / 28 % 12 + 1, n % 28 + 1, n / 336 % 900);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let check = char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]);
    IdCardNo::parse(&format!("{body}{check}")).unwrap()
}

/// An invented debit card with a valid Luhn digit; `code` stands before it.
pub(super) fn card_no(n: u32, code: u32) -> String {
    let numbers = (0..10).map(|last| format!("621700{n:08}{code:04}{last}"));
    let fits = |number: &String| BankCardNo::parse(number).unwrap().passes_luhn();
    numbers.into_iter().find(fits).unwrap()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn place() -> Place {
    let code = |code: &str| RegionCode::parse(code).unwrap();
    Place {
        province: code("110000"),
        city: code("110100"),
        county: Some(code("110101")),
        detail: line("某街道 1 号"),
    }
}

fn customer(tx: &mut Tx<'_, '_>, n: u32, card: &BankCardNo) -> MemberId {
    let mobile = Mobile::parse(&format!("138{n:08}")).unwrap();
    let cost = Cost { memory_kib: 64, passes: 1 };
    let command = Register {
        id: None,
        channel: Channel::Xianjindai,
        mobile: mobile.clone(),
        nickname: format!("b{n}"),
        role: Role::Member,
        password: PasswordHash::make(&Secret::new("password1".into()), cost).unwrap(),
    };
    let member = customers::register_customer(tx, &command).unwrap().id;
    let name = RealName::parse("周小舟").unwrap();
    let begin = BeginRealName { member, name, id_no: id_no(n) };
    let check = customers::begin_real_name(tx, &begin).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    let begin = BeginBankCard { member, number: card.clone(), mobile };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    let check = customers::begin_mobile(tx, member).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    let profile = Profile {
        education: Education::Bachelor,
        marital_status: MaritalStatus::Single,
        registry: place(),
        home: place(),
        residence: TimeSpan::MoreThanThreeYears,
        industry: Industry::HighTech,
        work: place(),
        working_time: TimeSpan::UpToThreeYears,
        employer: line("某公司"),
        position: line("职员"),
        monthly_income: Money::from_yuan(12_000).unwrap(),
        payroll_day: 10,
    };
    customers::save_profile(tx, member, &profile).unwrap();
    for (relation, phone) in [(Relation::Parent, "13900000001"), (Relation::Friend, "13900000002")]
    {
        let phone = Phone::parse(phone).unwrap();
        let contact = NewContact { relation, name: line("周大舟"), phone };
        customers::add_contact(tx, member, &contact).unwrap();
    }
    member
}

/// 1,000.00 for 14 days, approved as asked.
fn apply(tx: &mut Tx<'_, '_>, member: MemberId, product: ProductId) -> ApplicationId {
    let request = Request {
        amount: Money::from_yuan(1000).unwrap(),
        rate: Rate::from_ppm(180_000).unwrap(),
        tenor: 14,
        tenor_unit: TenorUnit::Day,
        interval_count: 14,
        interval_unit: IntervalUnit::Day,
        method: Method::OneOff,
    };
    let command = Submit {
        member,
        channel: Channel::Xianjindai,
        product,
        request,
        purpose: "16".into(),
        other_debts: "01".into(),
        report_order: String::new(),
        place: "116.40,39.90".into(),
    };
    let application = origination::submit(tx, &command).unwrap().application;
    let offer = application.offer();
    let approved = Approved { amount: offer.amount, tenor: offer.tenor };
    let (operator, id) = (OperatorId::from_number(1), application.id);
    let verdict = Verdict::Approve(approved);
    let review = Review { operator, application: id, verdict, note: "fine".into() };
    origination::review(tx, &review).unwrap();
    id
}
