//! A lender of 超即花 whose funding partner is the sandbox's twin over HTTP.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use kernel::id::{ApplicationId, LoanId, MemberId, PlanRowId};
use kernel::identity::{BankCardNo, CardBins};
use kernel::{Channel, Mobile, Money, RealName, Secret};
use lending::audit::Actor;
use lending::customers::{self, BeginBankCard, BeginRealName};
use lending::funding::{self, Partner};
use lending::identity::password::{Cost, PasswordHash};
use lending::identity::{Register, Role};
use lending::ledger::{self, Account};
use lending::origination::{self, BeginFace, Draw, PlaceOrder, State};
use lending::ports::{CheckOutcome, FaceOutcome, Funding, MoneyOutcome};
use lending::servicing::payments;
use lending::servicing::{self, BeginRepayment, LoanState, Meant};
use lending::{Fault, Lending, Page, Route, Tx};
use providers::client::{Kept, Limits};
use providers::funding::{FundingPartner, Settings};
use providers::sandbox::Amounts;
use providers::sandbox::funding::KEY_ID;
use providers::sandbox::http::{Options, World};
use tokio::sync::watch;

use super::super::{Sandbox, load_keys};
use super::lender::{On, card_no, core, id_no, psql};
use super::stage::{Folder, TIMEOUT, now, port};
use crate::dispatcher::{Dispatcher, FundingLane, LaneOptions, Waker};
use crate::funding_door;
use crate::listen::{self, ListenOptions};

const HERE: Channel = Channel::Chaojihua;
/// How long a test waits for what must come.
const SOON: Duration = Duration::from_secs(40);

/// What an order comes to, compared with the order of a day without faults.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    state: LoanState,
    owed: Vec<Option<Money>>,
    wallet: Option<Money>,
    paid: Vec<Money>,
    payments: Vec<(&'static str, Money, bool)>,
    told: Vec<(&'static str, &'static str, Option<u32>)>,
}

pub(super) struct Lender {
    pub(super) core: Lending,
    pub(super) sandbox: Sandbox,
    pub(super) dispatcher: Option<Dispatcher>,
    pub(super) partner: Arc<dyn Funding>,
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
            On::Postgres => Some(format!("partner_{name}_{}", std::process::id())),
        };
        let core = core(database.as_deref(), &folder, Partner::On);
        core.seed_products(HERE).unwrap();
        let (listener, url) = port();
        let keys = load_keys(&folder.0.join("keys")).unwrap();
        let options = Options {
            folder: Some(folder.0.join("memory")),
            amounts: Amounts::Magic,
            shows_texts: false,
            signs_on_sight: true,
            callback_after_ms: 5,
            callback_again_ms: 100,
        };
        let secret = keys.world.funding.clone();
        let world = Arc::new(World::open(options, keys.world).unwrap());
        let sandbox =
            Sandbox::start(world, "127.0.0.1:0".parse().unwrap(), now(), TIMEOUT * 2).unwrap();
        let settings = Settings {
            url: sandbox.url("funding"),
            notify_url: Some(format!("{url}{}", funding_door::PATH)),
            key_id: KEY_ID.to_owned(),
            secret,
            cost: Money::ZERO,
        };
        let limits = Limits { timeout: TIMEOUT, failures: u32::MAX, ..Limits::default() };
        let partner: Arc<dyn Funding> =
            Arc::new(FundingPartner::new(settings, limits, Arc::new(Kept::default()), now()));
        let mut dispatcher = Dispatcher::default();
        let lane = FundingLane::new(core.clone(), Arc::clone(&partner));
        dispatcher.start("funding", lane, lane_options()).unwrap();
        let stop = news(listener, &partner, &core, dispatcher.waker());
        let dispatcher = Some(dispatcher);
        Self { core, sandbox, dispatcher, partner, database, stop, _folder: folder }
    }

    /// The same with a dispatcher again, after the one before it has died.
    pub(super) fn revived(mut self) -> Self {
        let mut dispatcher = Dispatcher::default();
        dispatcher.start("funding", self.lane(), lane_options()).unwrap();
        self.dispatcher = Some(dispatcher);
        self
    }

    fn lane(&self) -> FundingLane {
        FundingLane::new(self.core.clone(), Arc::clone(&self.partner))
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_, '_>) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.core.write_and_wait(Route::home(0), move |tx| work(tx)).unwrap()
    }

    pub(super) fn wake(&self) {
        if let Some(dispatcher) = &self.dispatcher {
            dispatcher.wake();
        }
    }

    /// An order of customer `n`, which the partner is to decide.
    pub(super) fn order(&self, n: u32) -> (MemberId, ApplicationId) {
        let placed = self.write(move |tx| {
            let member = customer(tx, n);
            let (actor, amount) = (Actor::Customer(member), Money::from_yuan(10_000));
            let order = PlaceOrder { actor, member, channel: HERE, product: None, amount };
            let placed = origination::place_order(tx, &order);
            let placed = placed.map_err(|error| Fault::Engine(error.to_string()))?;
            Ok((member, placed.application.id))
        });
        self.wake();
        placed
    }

    /// Draws 1,000.00 for three months.
    pub(super) fn draw(&self, member: MemberId, application: ApplicationId) {
        self.write(move |tx| {
            static FACES: AtomicU32 = AtomicU32::new(0);
            let mut random = [7; 16];
            random[..4].copy_from_slice(&FACES.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let begin = BeginFace { member, application, digest: b"photo", random };
            let face = origination::begin_face(tx, &begin);
            let face = face.map_err(|error| Fault::Engine(error.to_string()))?;
            origination::finish_face(tx, face.id, &FaceOutcome::Same)?;
            let (amount, months) = (Money::from_yuan(1000), Some(3));
            let draw = Draw { member, application, amount, months };
            let failed = |error: origination::DrawError| Fault::Engine(error.to_string());
            origination::tell_quote(tx, &draw).map_err(failed)?;
            origination::draw(tx, &draw).map(|_| ()).map_err(failed)
        });
        self.wake();
    }

    /// The customer pays all that is owed; the bank says yes at once.
    pub(super) fn repay(&self, member: MemberId, loan: LoanId) {
        self.write(move |tx| {
            let row = PlanRowId::from_number(loan.number() * 10_000 + 1);
            let command = BeginRepayment { member, row, meant: Meant::Settlement, coupon: None };
            let begun = servicing::begin_repayment(tx, &command);
            begun.map_err(|error| Fault::Engine(error.to_string()))?;
            let orders = payments::payments_of(tx, loan)?;
            payments::finish(tx, orders[0].id, &MoneyOutcome::Done).map(|_| ())
        });
        self.wake();
    }

    /// Lets time pass until something is so.
    pub(super) fn until(&self, is: impl Fn(&Self) -> bool) -> bool {
        let began = Instant::now();
        while began.elapsed() < SOON {
            if is(self) {
                return true;
            }
            self.pass(1000);
            std::thread::park_timeout(Duration::from_millis(15));
        }
        false
    }

    pub(super) fn pass(&self, millis: i64) {
        let clock = self.core.clock();
        clock.set(clock.now().wall.plus_millis(millis));
        self.wake();
    }

    pub(super) fn state(&self, application: ApplicationId) -> State {
        self.write(move |tx| Ok(origination::application(tx, application)?.unwrap().state))
    }

    pub(super) fn loan(&self, application: ApplicationId) -> Option<servicing::Loan> {
        self.write(move |tx| servicing::loan_of_application(tx, application))
    }

    pub(super) fn runs(&self, application: ApplicationId) -> bool {
        self.loan(application).is_some_and(|loan| loan.state == LoanState::Repaying)
    }

    /// Whether the partner has answered everything about an application.
    pub(super) fn is_settled(&self, application: ApplicationId) -> bool {
        let told = self.write(move |tx| funding::orders_of(tx, application));
        told.iter().all(|order| !order.state.is_open())
    }

    /// How often the partner has been told something by a call, of what the application is about.
    pub(super) fn told(&self, call: &str, application: ApplicationId) -> usize {
        let orders = self.write(move |tx| funding::orders_of(tx, application));
        let numbers: Vec<_> = orders.iter().map(|order| format!("\"{}\"", order.number)).collect();
        let trace = self.sandbox.world.trace(500);
        let about = |entry: &&providers::sandbox::http::Entry| {
            entry.call == call && numbers.iter().any(|number| entry.asked.contains(number))
        };
        trace.iter().filter(about).count()
    }

    pub(super) fn picture(&self, member: MemberId, application: ApplicationId) -> Picture {
        self.write(move |tx| {
            let loan = servicing::loan_of_application(tx, application)?.unwrap();
            let mut owed = Vec::new();
            for account in Account::of_loan(loan.id) {
                owed.push(ledger::owed(tx, account)?);
            }
            let paid = servicing::repayments(tx, loan.id)?;
            let orders = payments::payments_of(tx, loan.id)?;
            let orders = orders.iter().map(|it| (it.state.word(), it.amount, it.by_partner));
            let mut told = funding::orders_of(tx, application)?;
            told.sort_by_key(|order| order.kind);
            // What it says of a running loan may come later, or never.
            let heard = |order: &funding::Order| order.heard.map(|heard| heard.code().min(4101));
            let told = told.iter().map(|it| (it.kind.word(), it.state.word(), heard(it)));
            Ok(Picture {
                state: loan.state,
                owed,
                wallet: ledger::balance(tx, Account::Wallet(member))?,
                paid: paid.iter().map(|it| it.amount).collect(),
                payments: orders.collect(),
                told: told.collect(),
            })
        })
    }

    /// The books are clean, nobody has to look at anything, and the partner was told everything
    /// once and has paid out once for each order.
    pub(super) fn prove(&self, orders: usize) {
        let verified = self.core.read_and_wait(ledger::verify).unwrap();
        assert!(verified.is_ok(), "{verified:?}");
        let issues = self.write(|tx| funding::open_issues(tx, Page::new(1, 100).unwrap()));
        assert!(issues.is_empty(), "{issues:?}");
        let paid = self.sandbox.world.funding_paid((now())());
        let mut of: Vec<_> = paid.iter().map(|paid| paid.order.clone()).collect();
        of.sort();
        of.dedup();
        assert_eq!((paid.len(), of.len()), (orders, orders));
        assert!(paid.iter().all(|paid| Some(paid.amount) == Money::from_yuan(1000)));
    }

    /// Stops everybody, the partner last; a database of PostgreSQL is dropped.
    pub(super) fn close(mut self) {
        if let Some(dispatcher) = self.dispatcher.take() {
            dispatcher.stop();
        }
        let _ = self.stop.send(true);
        self.sandbox.stop();
        self.core.close();
        if let Some(name) = self.database {
            psql(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn lane_options() -> LaneOptions {
    let period = Duration::from_millis(5);
    LaneOptions { parallel: 8, period, call_limit: Duration::from_secs(20) }
}

/// The door for callbacks, on threads of its own.
fn news(
    listener: TcpListener,
    partner: &Arc<dyn Funding>,
    core: &Lending,
    wake: Waker,
) -> watch::Sender<bool> {
    let door = funding_door::door(Arc::clone(partner), core.clone(), wake);
    let (stop, stopping) = watch::channel(false);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = ListenOptions { header_limit: SOON, connections: 64, tls: None };
        let served = listen::serve(listener, door.router, options, stopping);
        runtime.block_on(served).unwrap();
    });
    stop
}

/// A customer whose name and card are proven.
fn customer(tx: &mut Tx<'_, '_>, n: u32) -> MemberId {
    let mobile = Mobile::parse(&format!("138{n:08}")).unwrap();
    let cost = Cost { memory_kib: 64, passes: 1 };
    let command = Register {
        id: None,
        channel: HERE,
        mobile: mobile.clone(),
        nickname: format!("c{n}"),
        role: Role::Member,
        password: PasswordHash::make(&Secret::new("password1".into()), cost).unwrap(),
    };
    let member = customers::register_customer(tx, &command).unwrap().id;
    let name = RealName::parse("周小舟").unwrap();
    let begin = BeginRealName { member, name, id_no: id_no(n) };
    let check = customers::begin_real_name(tx, &begin).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    let number = BankCardNo::parse(&card_no(n, 0)).unwrap();
    let begin = BeginBankCard { member, number, mobile };
    let check = customers::begin_bank_card(tx, &begin, CardBins::shipped()).unwrap();
    customers::finish(tx, check.id, &CheckOutcome::Match).unwrap();
    member
}
