//! `jiehuan serve`: everything at once.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener as TcpProbe, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc;

use anyhow::Context as _;
use axum::Router;
use axum::response::Response;
use calculator::Tables;
use channel_chaojihua::Chaojihua;
use channel_futureloan::Futureloan;
use channel_kit::{App, Mount, Outside};
use channel_shuaidan::Shuaidan;
use channel_wukong::Wukong;
use channel_xianjindai::Xianjindai;
use lending::{Fault, Lending, Page, identity};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{operator, print};
use crate::config::{Config, Database, Profile};
use crate::dispatcher::Dispatcher;
use crate::edge::{self, Door, Edge};
use crate::listen::{self, ListenOptions};
use crate::metrics::{Figure, Metrics, Value};
use crate::{calc, fixture, jobs, logs, partners, wiring};

/// What a first run of the demo profile finds.
const DEMO: &str = include_str!("../demo.json");
/// The demo accounts, for the greeting; they stand in `demo.json`.
const DEMO_ACCOUNTS: &str = "  demo accounts (password demo1234)
    13800000001  market administrator
    13800000002  borrower
    13800000003  investor
    13800000004  investor
  demo operators of the back office, at /console (password demo1234)
    demo-reviewer  reviews applications, first and last step
    demo-cashier   pays out and takes back
    demo-admin     everything, also as the second one
";

/// Said at start while anybody can read the codes in their own session.
const SESSION_VIEWER: &str =
    "  WARNING bench.session_viewer is on: /shuaidan/session shows callers the SMS codes of their
  own session, so that nobody there proves to hold a telephone number
";

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let config = &with_port(config)?;
    logs::init(config.log.format, config.log.level)?;
    let tables = config.calculator.tables.load()?;
    let opened = wiring::open(config, wiring::Use::Serving)?;
    let lending = opened.lending.clone();
    match config.profile {
        Profile::Demo => {
            fill_demo(config)?;
            wiring::seed(&lending)?;
        }
        Profile::Bench => wiring::seed(&lending)?,
        Profile::Production => {}
    }
    let (stop_jobs, stopped) = mpsc::channel();
    let core = lending.clone();
    let jobs = std::thread::Builder::new()
        .name("jobs".into())
        .spawn(move || jobs::run(&core, &stopped))?;
    let mut dispatcher = Dispatcher::default();
    let reached = partners::reach(config, &lending, &mut dispatcher)?;
    let sandbox = reached.sandbox.as_ref().map(|sandbox| sandbox.address);
    let out = Out { outside: reached.outside, news: reached.doors, sandbox };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(config, &opened, (tables, out)));
    // The doors are shut and their calls answered; now what was accepted is finished.
    drop(stop_jobs);
    let _ = jobs.join();
    dispatcher.stop();
    if let Some(sandbox) = reached.sandbox {
        sandbox.stop();
    }
    reached.calls.stop();
    lending.close();
    served?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The same with a port in the place of 0: what providers and browsers are told must be known before
/// the doors open.
fn with_port(config: &Config) -> anyhow::Result<Config> {
    let mut config = config.clone();
    if config.listen.port() == 0 {
        config.listen = TcpProbe::bind(config.listen).and_then(|free| free.local_addr())?;
    }
    Ok(config)
}

/// Demo members and projects in every state, on the first run only.
fn fill_demo(config: &Config) -> anyhow::Result<()> {
    // A handle of its own: loading everything is one call, and longer than a server's may be.
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    let first = Page::new(1, 1).context("page")?;
    let members = lending.read_and_wait::<_, Fault>(move |tx| identity::members(tx, first))?;
    if members.is_empty() {
        fixture::load(&lending, fixture::parse(DEMO)?, wiring::cost(config))?;
    }
    let filled = operator::fill_demo(config, &lending);
    lending.close();
    filled
}

/// The ways out of the platform, and back in.
struct Out {
    outside: Outside,
    /// The doors at which providers tell news.
    news: Vec<Door>,
    /// Where the sandbox over HTTP is.
    sandbox: Option<SocketAddr>,
}

async fn serve(
    config: &Config,
    opened: &wiring::Opened,
    (tables, out): (Arc<Tables>, Out),
) -> anyhow::Result<()> {
    // Before the first door opens: who sees us serve may stop us, and is to find us listening.
    let stop_asked = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let sandbox = out.sandbox;
    let ports = ports(config, opened, (tables, out))?;
    let tls = match (&config.http.tls_certificate, &config.http.tls_key) {
        (Some(certificate), Some(key)) => Some(listen::tls(certificate, key)?),
        (_, _) => None,
    };
    let options = ListenOptions {
        header_limit: config.http.header_limit,
        connections: config.http.connections,
        tls,
    };
    let (stop, stopping) = watch::channel(false);
    let mut servers = Vec::new();
    let mut bound = Vec::new();
    for Port { address, router, path, what } in ports {
        let (listener, at) = bind(address)?;
        bound.push((at, path, what));
        servers.push(spawn(listener, router, options.clone(), stopping.clone()));
    }
    greet(config, &bound, sandbox)?;
    wait_for(stop_asked).await;
    tracing::info!("stopping: finishing what was accepted");
    let _ = stop.send(true);
    for server in servers {
        server.await??;
    }
    Ok(())
}

/// A port that is served.
struct Port {
    address: SocketAddr,
    router: Router,
    /// Where its first address is, and whose it is.
    path: &'static str,
    what: &'static str,
}

/// The main port with every door, and the ports that channels have of their own.
fn ports(
    config: &Config,
    opened: &wiring::Opened,
    (tables, out): (Arc<Tables>, Out),
) -> anyhow::Result<Vec<Port>> {
    let Out { outside, news, sandbox } = out;
    let app = wiring::app(config, opened)?.with_outside(outside);
    let edge = edge(config, &app);
    let futureloan = wiring::futureloan(config, opened, &app)?;
    let xianjindai = wiring::xianjindai(config, &app);
    let mut doors = vec![futureloan_door(&futureloan)];
    doors.extend(xianjindai.as_ref().map(|channel| xianjindai_door(channel, Mount::Prefixed)));
    let wukong = wiring::wukong(config, &app);
    doors.push(wukong_door(&wukong, Mount::Prefixed));
    let shuaidan = wiring::shuaidan(config, &app);
    doors.push(shuaidan_door(&shuaidan, Mount::Prefixed));
    let chaojihua = wiring::chaojihua(config, &app);
    doors.push(chaojihua_door(&chaojihua, Mount::Prefixed));
    if config.calculator.public {
        doors.push(calc::door(config.http.body_bytes, tables));
    }
    if config.console.enabled {
        doors.extend(office_doors(config, opened, &app, sandbox));
    }
    if config.docs.enabled {
        let portal = wiring::portal(config, opened);
        let busy = Arc::new(portal::busy);
        doors.push(Door { name: portal::NAME, router: portal.router(), busy });
    }
    if config.h5.enabled {
        let router = h5::router(&wiring::h5(config, sandbox));
        doors.push(Door { name: h5::NAME, router, busy: Arc::new(h5::busy) });
    }
    doors.extend(news);
    let main = edge::compose(doors, edge.clone());
    let (path, what) = ("/futureloan", "all channels");
    let mut ports = vec![Port { address: config.listen, router: main, path, what }];
    if let Some(address) = config.futureloan.listen {
        let router = edge::compose(vec![futureloan_door(&futureloan)], edge.clone());
        ports.push(Port { address, router, path, what: "前程贷 (futureloan)" });
    }
    if let (Some(address), Some(channel)) = (config.xianjindai.listen, &xianjindai) {
        let router = edge::compose(vec![xianjindai_door(channel, Mount::Root)], edge.clone());
        ports.push(Port { address, router, path: "/", what: "现金贷 (xianjindai)" });
    }
    if let Some(address) = config.wukong.listen {
        let door = wukong_door(&wukong, Mount::Root);
        let router = edge::compose(vec![door], edge.clone());
        ports.push(Port { address, router, path: "/home", what: "悟空 (wukong)" });
    }
    if let Some(address) = config.shuaidan.listen {
        let door = shuaidan_door(&shuaidan, Mount::Root);
        let router = edge::compose(vec![door], edge.clone());
        ports.push(Port { address, router, path: "/login", what: "第一甩单 (shuaidan)" });
    }
    if let Some(address) = config.chaojihua.listen {
        let door = chaojihua_door(&chaojihua, Mount::Root);
        let router = edge::compose(vec![door], edge);
        ports.push(Port { address, router, path: "/cjh-open-api", what: "超即花 (chaojihua)" });
    }
    Ok(ports)
}

/// The back office: its interface and its pages.
fn office_doors(
    config: &Config,
    opened: &wiring::Opened,
    app: &App,
    sandbox: Option<SocketAddr>,
) -> Vec<Door> {
    let console = wiring::console(config, app, sandbox);
    let office = wiring::office(config, &opened.keys, &console);
    let (router, pages) = (console.router(), office.router());
    vec![
        Door { name: console::NAME, router, busy: Arc::new(move || console.busy()) },
        Door { name: office::NAME, router: pages, busy: Arc::new(move || office.busy()) },
    ]
}

/// The door of a channel, whose name in log and metrics is its word.
fn door<C: Clone + Send + Sync + 'static>(
    name: &'static str,
    router: Router,
    (channel, busy): (&C, fn(&C) -> Response),
) -> Door {
    let channel = channel.clone();
    Door { name, router, busy: Arc::new(move || busy(&channel)) }
}

fn futureloan_door(channel: &Futureloan) -> Door {
    let name = channel_futureloan::CHANNEL.word();
    door(name, channel.router(), (channel, Futureloan::busy))
}

fn xianjindai_door(channel: &Xianjindai, mount: Mount) -> Door {
    let name = channel_xianjindai::CHANNEL.word();
    door(name, channel.router(mount), (channel, Xianjindai::busy))
}

fn wukong_door(channel: &Wukong, mount: Mount) -> Door {
    let name = channel_wukong::CHANNEL.word();
    door(name, channel.router(mount), (channel, Wukong::busy))
}

fn shuaidan_door(channel: &Shuaidan, mount: Mount) -> Door {
    let name = channel_shuaidan::CHANNEL.word();
    door(name, channel.router(mount), (channel, Shuaidan::busy))
}

fn chaojihua_door(channel: &Chaojihua, mount: Mount) -> Door {
    let name = channel_chaojihua::CHANNEL.word();
    door(name, channel.router(mount), (channel, Chaojihua::busy))
}

fn spawn(
    listener: TcpListener,
    router: Router,
    options: ListenOptions,
    stopping: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<anyhow::Result<()>> {
    tokio::spawn(listen::serve(listener, router, options, stopping))
}

fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = listen::bind(address)?;
    let at = listener.local_addr()?;
    Ok((listener, at))
}

fn edge(config: &Config, app: &App) -> Edge {
    let core = app.lending().clone();
    let ready = app.clone();
    Edge {
        metrics: Metrics::new(Arc::new(move || figures(&core))),
        ready: Arc::new(move || {
            let app = ready.clone();
            Box::pin(async move { app.read::<_, Fault>(lending::platform::ping).await.is_ok() })
        }),
        request_limit: config.http.request_limit,
        trusted_proxies: config.http.trusted_proxies.clone(),
        index: index(config),
    }
}

/// The addresses on the front page.
fn index(config: &Config) -> Vec<(String, String)> {
    let calculator = (calc::PATH, "贷款计算器, the loan calculator: docs/calc.md");
    let everywhere = [
        ("/futureloan", "前程贷 (futureloan): docs/channels/futureloan.md"),
        ("/xianjindai", "现金贷 (xianjindai): docs/channels/xianjindai.md"),
        ("/wukong", "悟空 (wukong): docs/channels/wukong.md"),
        ("/shuaidan", "第一甩单 (shuaidan): docs/channels/shuaidan.md"),
        ("/chaojihua", "超即花 (chaojihua): docs/channels/chaojihua.md"),
        ("/healthz", "the process is up"),
        ("/readyz", "the database answers"),
        ("/metrics", "figures for Prometheus"),
    ];
    let mut index: Vec<_> =
        everywhere.iter().map(|(path, what)| ((*path).to_owned(), (*what).to_owned())).collect();
    if config.xianjindai.app_key.is_none() {
        index.retain(|(path, _)| path != "/xianjindai");
    }
    if config.calculator.public {
        index.insert(1, (calculator.0.to_owned(), calculator.1.to_owned()));
    }
    if config.h5.enabled {
        let what = "悟空借款, the borrower's app: docs/h5.md";
        index.insert(0, (h5::PATH.to_owned(), what.to_owned()));
    }
    if config.docs.enabled {
        let what = "接口文档, every interface with its fields, codes and examples";
        index.insert(0, (portal::PATH.to_owned(), what.to_owned()));
    }
    if config.console.enabled {
        let what = "后台, the back office, for operators: docs/operators.md";
        index.push((office::PATH.to_owned(), what.to_owned()));
        index.push((console::BASE.to_owned(), "the same for scripts".to_owned()));
    }
    index
}

/// What the store has done, for the metrics page.
fn figures(lending: &Lending) -> Vec<Figure> {
    let stats = lending.stats();
    let waiting = i64::try_from(stats.waiting).unwrap_or(i64::MAX);
    let counter = |name, help, count| Figure { name, help, value: Value::Counter(count) };
    vec![
        counter("jiehuan_store_groups", "Transactions committed by the writers.", stats.groups),
        counter("jiehuan_store_calls", "Calls answered by the writers.", stats.calls),
        counter("jiehuan_store_reads", "Calls answered by the readers.", stats.reads),
        counter("jiehuan_store_turned_away", "Calls refused by a full queue.", stats.turned_away),
        counter("jiehuan_store_expired", "Calls whose time ran out unrun.", stats.expired),
        counter("jiehuan_store_regrouped", "Groups run again call by call.", stats.regrouped),
        counter("jiehuan_store_retries", "Transactions tried again.", stats.retries),
        counter("jiehuan_store_panics", "Calls that panicked.", stats.panics),
        Figure {
            name: "jiehuan_store_waiting",
            help: "Calls waiting for a writer now.",
            value: Value::Gauge(waiting),
        },
    ]
}

/// An open port: its address, the path of its first address, and whose it is.
type Bound = (SocketAddr, &'static str, &'static str);

/// Says where to look; on standard output, for people.
fn greet(config: &Config, bound: &[Bound], sandbox: Option<SocketAddr>) -> anyhow::Result<()> {
    let scheme = if config.http.tls_key.is_some() { "https" } else { "http" };
    let mut text = String::from("Jiehuan 借还 is serving\n");
    for (address, path, what) in bound {
        let _ = writeln!(text, "  {scheme}://{address}{path}  {what}");
    }
    let pages = [
        (config.calculator.public, calc::PATH, "贷款计算器, the loan calculator"),
        (config.console.enabled, office::PATH, "后台, the back office, for operators"),
        (config.docs.enabled, portal::PATH, "接口文档, the API portal"),
        (config.h5.enabled, h5::PATH, "悟空借款, the borrower's app"),
    ];
    if let Some((address, ..)) = bound.first() {
        for (_, path, what) in pages.into_iter().filter(|(is_there, ..)| *is_there) {
            let _ = writeln!(text, "  {scheme}://{address}{path}  {what}");
        }
    }
    if let Some(address) = sandbox {
        let path = crate::sandbox::PATH;
        let _ = writeln!(text, "  http://{address}{path}  the providers' sandbox, their pages");
    }
    let database = match &config.database {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let _ = writeln!(text, "  profile {}, database {database}", config.profile.word());
    let _ = writeln!(
        text,
        "  public key of lemonban.v3: {}/futureloan_sign.pub.pem",
        config.keys.display()
    );
    let switches = switches(config);
    if !switches.is_empty() {
        let _ = writeln!(text, "  bench switches that are on: {}", switches.join(", "));
    }
    if config.bench.session_viewer {
        text.push_str(SESSION_VIEWER);
    }
    if config.profile == Profile::Demo {
        text.push_str(DEMO_ACCOUNTS);
    }
    print(&text)
}

fn switches(config: &Config) -> Vec<&'static str> {
    let bench = &config.bench;
    [
        ("futureloan.v1", config.futureloan.v1),
        ("xianjindai.old_signature", config.xianjindai.old_signature),
        ("xianjindai.signatures=false", !config.xianjindai.signatures),
        ("bench.public_administrators", bench.public_administrators),
        ("bench.plain_mobiles", bench.plain_mobiles),
        ("bench.movable_clock", bench.movable_clock),
        ("bench.fixtures", bench.fixtures),
        ("bench.show_sms_codes", bench.show_sms_codes),
        ("bench.session_viewer", bench.session_viewer),
        ("bench.beyond_lines", bench.beyond_lines),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
    .collect()
}

async fn wait_for((mut terminate, mut interrupt): (Signal, Signal)) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
