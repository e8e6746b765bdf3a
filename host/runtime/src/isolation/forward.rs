//! The log of a child: what would be logged there is sent to the host, which has the log.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Hears of a line: its level, from 1 for an error to 5 for a trace, and its text.
pub type Hear = Box<dyn Fn(u8, String) + Send + Sync>;

/// Sends events on; knows nothing of spans.
pub struct Forward {
    most: u8,
    hear: Hear,
}

impl Forward {
    /// Sends on what is at most of this level.
    pub fn new(most: u8, hear: Hear) -> Self {
        Self { most, hear }
    }
}

/// The number of a level.
pub fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// The same of a filter.
pub fn most_that_is_heard() -> u8 {
    tracing::level_filters::LevelFilter::current().into_level().map_or(0, number)
}

/// Puts a line of a child into the log of the host.
pub fn log(plugin: &str, level: u8, text: &str) {
    match level {
        1 => tracing::error!(plugin, "{text}"),
        2 => tracing::warn!(plugin, "{text}"),
        3 => tracing::info!(plugin, "{text}"),
        4 => tracing::debug!(plugin, "{text}"),
        _ => tracing::trace!(plugin, "{text}"),
    }
}

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && number(*metadata.level()) <= self.most
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        (self.hear)(number(*event.metadata().level()), line.0);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// The message, and what stands beside it.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a text does not fail. The host says itself which plugin it is.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            "plugin" => Ok(()),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
