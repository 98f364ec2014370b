//! The home page: what waits today, and how the business goes.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::vintage;
use crate::blocks::{Block, Tile};
use crate::cells;
use crate::charts::{self, Chart, Pair};
use crate::json::{all, at};
use crate::pages::Page;
use crate::texts::Language;
use crate::visit::Visit;
use crate::words::{self, Tone};
use crate::{Office, pages};

/// `GET /console`.
pub(crate) async fn page(State(office): State<Office>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let visit = match Visit::open(&office, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let answer = visit.get(&office, "/overview", &[]).await;
    if !answer.status.is_success() {
        return match console::operations().into_iter().find(|known| known.place() == "/overview") {
            Some(overview) => pages::refused(&office, &visit, overview, &answer),
            None => pages::busy(visit.language),
        };
    }
    let providers = visit.get(&office, "/providers", &[]).await.json();
    let mut page = made(&visit, &answer.json(), &providers);
    // Whoever sees the overview sees the curves; without them the page stands all the same.
    let curves = visit.get(&office, "/vintage", &[]).await;
    if curves.status.is_success() {
        let chart = vintage::chart(visit.language, &curves.json());
        page.blocks.push(Block::Chart(chart));
    }
    pages::shown(&office, &visit, StatusCode::OK, &page)
}

fn made(visit: &Visit, overview: &Value, providers: &Value) -> Page {
    let language = visit.language;
    let mut page = Page::new(language.say("home"));
    let today = overview["today"].as_str().unwrap_or_default();
    page.lead = format!("{} {today}", language.say("today"));
    let mut queues = tiles(language, overview);
    queues.push(health(language, providers));
    page.blocks.push(Block::Tiles(queues));
    page.blocks.push(Block::Tiles(figures(language, overview)));
    page.blocks.push(Block::Chart(money(language, overview)));
    page.blocks.push(Block::Chart(buckets(language, overview)));
    page.blocks.push(Block::Chart(channels(language, overview)));
    page
}

/// A queue: its label, its size, where it is, and how it looks when there is something in it.
struct Queue(&'static str, &'static str, &'static str, Tone);

const QUEUES: &[Queue] = &[
    Queue("tile_to_review", "to_review", "/console/applications?state=reviewing", Tone::Waiting),
    Queue("tile_to_pay_out", "to_pay_out", "/console/applications?state=approved", Tone::Waiting),
    Queue("tile_drawdowns", "drawdowns", "/console/drawdowns", Tone::Waiting),
    Queue("tile_raises", "raises", "/console/raises", Tone::Waiting),
    Queue("tile_approvals", "approvals", "/console/approvals", Tone::Waiting),
    Queue("tile_failed", "failed_payouts", "/console/loans?state=payout_failed", Tone::Bad),
];

fn tiles(language: Language, overview: &Value) -> Vec<Tile> {
    let mut tiles: Vec<_> = QUEUES
        .iter()
        .map(|Queue(label, field, href, tone)| {
            let size = at(&overview["queues"], field).as_i64().unwrap_or(0);
            Tile {
                label: language.say(label).to_owned(),
                value: cells::grouped(&size.to_string()),
                note: note(language, field, &overview["queues"]),
                href: (*href).to_owned(),
                tone: if size == 0 { Tone::Faint } else { *tone },
            }
        })
        .collect();
    tiles.push(orders(language, &overview["orders"]));
    tiles.push(day_end(language, &overview["day_end"]));
    tiles
}

/// Consents that nobody has used yet.
fn note(language: Language, field: &str, queues: &Value) -> String {
    match queues["consents"].as_i64() {
        Some(consents @ 1..) if field == "approvals" => {
            language.say("tile_consents").replace("{}", &consents.to_string())
        }
        Some(_) | None => String::new(),
    }
}

/// Orders to the provider: those whose answer was lost are what matters.
fn orders(language: Language, orders: &Value) -> Tile {
    let count = |field: &str| orders[field].as_i64().unwrap_or(0);
    let (under_way, unknown) = (count("requested") + count("sent"), count("unknown"));
    let note = language.say("tile_unknown").replace("{}", &unknown.to_string());
    Tile {
        label: language.say("tile_orders").to_owned(),
        value: (under_way + unknown).to_string(),
        note: if unknown > 0 { note } else { String::new() },
        href: "/console/payments".to_owned(),
        tone: match (unknown, under_way) {
            (1.., _) => Tone::Bad,
            (_, 1..) => Tone::Running,
            (_, _) => Tone::Faint,
        },
    }
}

fn day_end(language: Language, day_end: &Value) -> Tile {
    let phase = day_end["phase"].as_str().unwrap_or_default();
    let failed = day_end["failed"].as_i64().unwrap_or(0);
    let (reads, tone) = words::word(language, "phase", phase).unwrap_or(("—", Tone::Faint));
    let value = if failed > 0 {
        language.say("tile_day_failed").replace("{}", &failed.to_string())
    } else {
        reads.to_owned()
    };
    Tile {
        label: language.say("tile_day_end").to_owned(),
        value,
        note: day_end["day"].as_str().unwrap_or_default().to_owned(),
        href: "/console/day-ends".to_owned(),
        tone: if failed > 0 { Tone::Bad } else { tone },
    }
}

/// Whether the providers answer; those that were never called say nothing.
fn health(language: Language, providers: &Value) -> Tile {
    let all = all(providers, "items");
    let failing = all.iter().filter(|provider| provider["failing"] == true);
    let names: Vec<_> = failing.filter_map(|provider| provider["provider"].as_str()).collect();
    let (value, tone) = match (names.len(), all.len()) {
        (_, 0) => ("—".to_owned(), Tone::Faint),
        (0, _) => (language.say("tile_providers_good").to_owned(), Tone::Good),
        (some, _) => {
            (language.say("tile_providers_bad").replace("{}", &some.to_string()), Tone::Bad)
        }
    };
    Tile {
        label: language.say("tile_providers").to_owned(),
        value,
        note: names.join(language.choose("、", ", ")),
        href: "/console/providers".to_owned(),
        tone,
    }
}

fn figures(language: Language, overview: &Value) -> Vec<Tile> {
    let running = &overview["running"];
    let decided = &overview["decided"];
    let count = |field: &str| decided[field].as_i64().unwrap_or(0);
    let (approved, decided) = (count("approved"), count("approved") + count("refused"));
    let rate = (approved * 1000).checked_div(decided);
    let rate = rate.map_or("—".to_owned(), |rate| format!("{}.{}%", rate / 10, rate % 10));
    let of = language.say("tile_decided_note");
    let sum = |field: &str| -> i64 {
        let days = all(overview, "days");
        days.iter().filter_map(|day| fen(&day[field])).sum()
    };
    let tile = |label: &'static str, value: String, note: String, href: &str| Tile {
        label: language.say(label).to_owned(),
        value,
        note,
        href: href.to_owned(),
        tone: Tone::Plain,
    };
    let loans = language.say("loans_count").replace("{}", &running["loans"].to_string());
    let note = of.replacen("{}", &approved.to_string(), 1).replacen("{}", &decided.to_string(), 1);
    let days = language.say("thirty_days").to_owned();
    vec![
        tile("tile_running", amount(&running["principal"]), loans, "/console/loans"),
        tile("tile_rate", rate, note, "/console/applications?state=approved"),
        tile("tile_paid_out", shown(sum("paid_out")), days.clone(), "/console/loans"),
        tile("tile_repaid", shown(sum("repaid")), days, "/console/loans?state=settled"),
    ]
}

fn amount(value: &Value) -> String {
    value.as_str().and_then(cells::money).unwrap_or_else(|| "—".to_owned())
}

/// An amount of the interface in fen, for the height of a bar; nothing is booked from it.
fn fen(value: &Value) -> Option<i64> {
    let (yuan, fen) = value.as_str()?.split_once('.')?;
    let yuan: i64 = yuan.parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen.parse().ok()?)
}

/// Fen as an amount.
fn shown(fen: i64) -> String {
    let text = format!("{}.{:02}", fen / 100, fen % 100);
    cells::money(&text).unwrap_or(text)
}

/// What was paid out and repaid, day by day.
fn money(language: Language, overview: &Value) -> Chart {
    let days = all(overview, "days");
    let names = (language.say("chart_paid_out"), language.say("chart_repaid"));
    let pairs: Vec<_> = days
        .iter()
        .map(|day| {
            let text = day["day"].as_str().unwrap_or_default();
            let title = |name: &str, field: &str| format!("{text} {name} {}", amount(&day[field]));
            Pair {
                label: text.get(5..).unwrap_or(text).to_owned(),
                one: fen(&day["paid_out"]).unwrap_or(0),
                two: fen(&day["repaid"]).unwrap_or(0),
                title: (title(names.0, "paid_out"), title(names.1, "repaid")),
            }
        })
        .collect();
    let legend = (names.0.to_owned(), names.1.to_owned());
    let title = language.say("chart_money").to_owned();
    let mut chart = charts::paired(title, legend, &pairs);
    let total = |of: fn(&Pair) -> i64| shown(pairs.iter().map(of).sum());
    let (one, two) = (total(|pair| pair.one), total(|pair| pair.two));
    chart.summary = format!("{} {one}, {} {two}", names.0, names.1);
    if pairs.iter().all(|pair| pair.one == 0 && pair.two == 0) {
        chart.empty = Some(language.say("chart_empty").to_owned());
    }
    chart
}

/// What is overdue, by bucket.
fn buckets(language: Language, overview: &Value) -> Chart {
    let title = language.say("chart_buckets").to_owned();
    let empty = language.say("chart_no_overdue");
    lying(language, (title, empty), &overview["buckets"], |row| {
        row["bucket"].as_str().unwrap_or_default().to_owned()
    })
}

/// Where the loans of the last days came from.
fn channels(language: Language, overview: &Value) -> Chart {
    let title = language.say("chart_channels").to_owned();
    let empty = language.say("chart_empty");
    lying(language, (title, empty), &overview["channels"], |row| {
        let channel = row["channel"].as_str().unwrap_or_default();
        words::read(language, "channel", channel).to_owned()
    })
}

fn lying(
    language: Language,
    (title, empty): (String, &str),
    rows: &Value,
    name: impl Fn(&Value) -> String,
) -> Chart {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let bars: Vec<_> = rows
        .iter()
        .map(|row| {
            let loans = language.say("loans_count").replace("{}", &row["loans"].to_string());
            let said = format!("{} · {loans}", amount(&row["principal"]));
            (name(row), fen(&row["principal"]).unwrap_or(0), said)
        })
        .collect();
    let mut chart = charts::lying(title, &bars);
    let summary = bars.iter().map(|(name, _, said)| format!("{name} {said}"));
    chart.summary = summary.collect::<Vec<_>>().join(", ");
    if bars.is_empty() {
        chart.empty = Some(empty.to_owned());
    }
    chart
}
