//! What can be measured from outside, in the text format of Prometheus.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the request times, in seconds: half a millisecond to the time limit.
const BOUNDS: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// Asked at each scrape: name, help and value of figures that live elsewhere.
pub type Figures = Arc<dyn Fn() -> Vec<Figure> + Send + Sync>;

/// A figure that is asked for at each scrape.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name, without `_total`.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// How much.
    pub value: Value,
}

/// How much, and whether it can only rise.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Rises from the start of the process on.
    Counter(u64),
    /// Goes up and down.
    Gauge(i64),
}

type RouteLabels = [(&'static str, Arc<str>); 2];
type AnswerLabels = [(&'static str, Arc<str>); 3];

/// All metrics; clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<AnswerLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

/// A request that is being served; leaving scope ends it.
pub struct InFlight(Gauge);

impl Metrics {
    /// Fresh metrics. `gauges` is asked at each scrape; figures without it: `Arc::new(Vec::new)`.
    pub fn new(figures: Figures) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let make: fn() -> Histogram = || Histogram::new(BOUNDS);
        let seconds = Family::new_with_constructor(make);
        let in_flight = Gauge::default();
        registry.register("jiehuan_requests", "Requests answered", requests.clone());
        registry.register("jiehuan_request_seconds", "Time to the answer", seconds.clone());
        registry.register("jiehuan_requests_in_flight", "Being served", in_flight.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("jiehuan_build", "The binary", build);
        registry.register_collector(Box::new(Outside(figures)));
        Self { registry: Arc::new(registry), requests, seconds, in_flight }
    }

    /// Counts a request as being served.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answer. `route` is the pattern, `code` the channel's own or the HTTP status.
    pub fn answered(&self, channel: &str, route: &str, code: &str, took: Duration) {
        let (channel, route): (Arc<str>, Arc<str>) = (channel.into(), route.into());
        let labels = [("channel", Arc::clone(&channel)), ("route", Arc::clone(&route))];
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
        let labels = [("channel", channel), ("route", route), ("code", code.into())];
        self.requests.get_or_create(&labels).inc();
    }

    /// All figures as text; see [`CONTENT_TYPE`].
    pub fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("metrics could not be written");
        }
        text
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Figures that are asked for at each scrape.
struct Outside(Figures);

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Collector for Outside {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let memory = resident_kib().map(|kib| Figure {
            name: "process_resident_memory_bytes",
            help: "Memory in use.",
            value: Value::Gauge(i64::from(kib).saturating_mul(1024)),
        });
        for Figure { name, help, value } in (self.0)().into_iter().chain(memory) {
            match value {
                Value::Counter(value) => {
                    let counter = ConstCounter::new(value);
                    let kind = counter.metric_type();
                    counter.encode(encoder.encode_descriptor(name, help, None, kind)?)?;
                }
                Value::Gauge(value) => {
                    let gauge = ConstGauge::new(value);
                    let kind = gauge.metric_type();
                    gauge.encode(encoder.encode_descriptor(name, help, None, kind)?)?;
                }
            }
        }
        Ok(())
    }
}

/// The resident memory in KiB, where the system has /proc.
fn resident_kib() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_text() {
        let figure = |name, value| Figure { name, help: "Figure.", value };
        let metrics = Metrics::new(Arc::new(move || {
            vec![
                figure("jiehuan_store_queue", Value::Gauge(7)),
                figure("jiehuan_store_calls", Value::Counter(u64::from(u32::MAX) + 1)),
            ]
        }));
        let took = Duration::from_millis(3);
        metrics.answered("futureloan", "/futureloan/loan/{id}", "0", took);
        metrics.answered("futureloan", "/futureloan/loan/{id}", "0", took);
        let _one = metrics.begin();
        drop(metrics.begin());

        let text = metrics.text();
        let labels = "channel=\"futureloan\",route=\"/futureloan/loan/{id}\"";
        for line in [
            format!("jiehuan_requests_total{{{labels},code=\"0\"}} 2"),
            format!("jiehuan_request_seconds_bucket{{le=\"0.0025\",{labels}}} 0"),
            format!("jiehuan_request_seconds_bucket{{le=\"0.005\",{labels}}} 2"),
            "jiehuan_requests_in_flight 1".to_owned(),
            "jiehuan_store_queue 7".to_owned(),
            "jiehuan_store_calls_total 4294967296".to_owned(),
            format!("jiehuan_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(text.lines().any(|l| l == line), "{line} not in:\n{text}");
        }
        let memory = text.lines().find(|l| l.starts_with("process_resident_memory_bytes "));
        assert_eq!(memory.is_some(), cfg!(target_os = "linux"));
    }
}
