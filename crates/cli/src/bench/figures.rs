//! What was measured, and how it is printed.

use std::fmt::Write as _;
use std::time::Duration;

/// One measurement.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Latencies in microseconds, sorted.
    latencies: Vec<u32>,
    took: Duration,
    failed: u64,
    cpu_micros: Option<u64>,
}

impl Figures {
    pub(super) fn new(mut latencies: Vec<u32>, took: Duration, failed: u64) -> Self {
        latencies.sort_unstable();
        Self { latencies, took, failed, cpu_micros: None }
    }

    /// Adds the server's processor time over the warm-up and the measurement, in hundredths of a
    /// second: what an answer costs, however busy the machine is.
    pub(super) fn with_cpu(mut self, ticks: Option<u64>, warm_up: Duration) -> Self {
        let whole = self.took.saturating_add(warm_up).as_micros();
        let answers = u128::from(self.rate()).saturating_mul(whole).checked_div(1_000_000);
        self.cpu_micros = ticks.zip(answers).and_then(|(ticks, answers)| {
            let micros = u128::from(ticks).saturating_mul(10_000).checked_div(answers)?;
            u64::try_from(micros).ok()
        });
        self
    }

    /// Answers a second.
    fn rate(&self) -> u64 {
        let count = u128::try_from(self.latencies.len()).unwrap_or(0);
        let rate = count.saturating_mul(1_000_000).checked_div(self.took.as_micros());
        rate.and_then(|rate| u64::try_from(rate).ok()).unwrap_or(0)
    }

    /// A latency in microseconds that so many percent of the answers do not pass.
    fn percentile(&self, percent: usize) -> u32 {
        let last = self.latencies.len().saturating_sub(1);
        let index = last.saturating_mul(percent).checked_div(100).unwrap_or(0);
        self.latencies.get(index).copied().unwrap_or(0)
    }
}

/// Everything of one run.
pub(super) struct Report {
    text: String,
    recharge: Option<u64>,
}

/// A figure in thousandths, as text.
fn thousandths(value: u64) -> String {
    format!("{}.{:02}", value / 1000, value % 1000 / 10)
}

impl Report {
    pub(super) fn new(members: u32, clients: u32, seconds: u64, sqlite: bool) -> Self {
        let store = if sqlite { "SQLite" } else { "PostgreSQL" };
        let mut text = format!(
            "{store}, {members} members, {clients} closed-loop clients on the same machine, \
             {seconds} s each\n\n"
        );
        text.push_str("| operation | what | answers/s | p50 ms | p99 ms | server CPU µs | failed | HTTP to it |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        Self { text, recharge: None }
    }

    pub(super) fn add(&mut self, operation: &str, what: &str, figures: &Figures) {
        let rate = figures.rate();
        if operation == "recharge" && what == "HTTP" {
            self.recharge = Some(rate);
        }
        let ratio = self.ratio(operation, what, rate);
        let millis = |percent| thousandths(u64::from(figures.percentile(percent)));
        let (p50, p99, failed) = (millis(50), millis(99), figures.failed);
        let cpu = figures.cpu_micros.map(|micros| micros.to_string()).unwrap_or_default();
        let _ = writeln!(
            self.text,
            "| {operation} | {what} | {rate} | {p50} | {p99} | {cpu} | {failed} | {ratio} |"
        );
    }

    fn ratio(&self, operation: &str, what: &str, rate: u64) -> String {
        match self.recharge {
            Some(recharge) if operation == "recharge" && what != "HTTP" && rate > 0 => {
                thousandths(recharge.saturating_mul(1000).checked_div(rate).unwrap_or(0))
            }
            Some(_) | None => String::new(),
        }
    }

    pub(super) fn pgbench(&mut self, tps: u64, clients: u32) {
        let ratio = self.ratio("recharge", "pgbench", tps);
        let what = format!("(c) pgbench, 2 updates and 3 inserts, {clients} clients");
        let _ = writeln!(self.text, "| recharge | {what} | {tps} | | | | | {ratio} |");
    }

    pub(super) fn memory(&mut self, kib: Option<u64>) {
        let text = kib.map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024));
        let _ = writeln!(self.text, "| | resident memory of the server | {text} | | | | | |");
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}
