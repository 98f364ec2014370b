//! Log lines: to standard error, as text for people or as JSON for machines, times in UTC.

use std::io::{self, IsTerminal as _};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry;

/// The crates whose lines follow the configured level. Everybody else's stop at info.
const OURS: [&str; 14] = [
    "jiehuan",
    "kernel",
    "store",
    "lending",
    "channel_kit",
    "channel_chaojihua",
    "channel_futureloan",
    "channel_shuaidan",
    "channel_wukong",
    "channel_xianjindai",
    "console",
    "office",
    "portal",
    "providers",
];

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

impl Format {
    /// Reads `text` or `json`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Begins to log to standard error, panics included. Once a process.
pub fn init(format: Format, level: Level) -> anyhow::Result<()> {
    tracing::subscriber::set_global_default(subscriber(format, level, io::stderr))?;
    // The message of a panic may quote what people typed; the place is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}

fn subscriber<W>(format: Format, level: Level, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let others = LevelFilter::from_level(level.min(Level::INFO));
    let targets = Targets::new().with_default(others).with_targets(OURS.map(|name| (name, level)));
    let lines = fmt::layer().with_writer(writer).with_target(false);
    match format {
        Format::Text => {
            let lines = lines.with_ansi(io::stderr().is_terminal());
            Box::new(registry().with(targets).with(lines))
        }
        Format::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            Box::new(registry().with(targets).with(lines))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What was logged, for tests.
    #[derive(Clone, Default)]
    pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }

        pub(crate) fn subscriber(&self) -> Box<dyn Subscriber + Send + Sync> {
            subscriber(Format::Json, Level::INFO, self.clone())
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Captured {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn logged(format: Format, level: Level) -> String {
        let captured = Captured::default();
        let subscriber = subscriber(format, level, captured.clone());
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::error_span!("request", request_id = "r1").entered();
            tracing::info!(status = 200, "request");
            tracing::debug!("detail");
            tracing::debug!(target: "hyper::proto", "noise");
        });
        captured.text()
    }

    #[test]
    fn json_lines_have_fields_span_and_utc_time() {
        let text = logged(Format::Json, Level::INFO);
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["message"], "request");
        assert_eq!(line["status"], 200);
        assert_eq!(line["span"]["request_id"], "r1");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn debug_is_ours_alone() {
        let text = logged(Format::Text, Level::DEBUG);
        assert!(text.contains("detail") && text.contains("status=200"), "{text}");
        assert!(!text.contains("noise"), "{text}");
        assert_eq!(logged(Format::Text, Level::WARN), "");
    }
}
