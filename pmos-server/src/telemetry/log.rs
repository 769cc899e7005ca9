//! Lines on stderr.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
};

use tracing::Subscriber;
use tracing_subscriber::{Layer, layer::SubscriberExt as _, registry::LookupSpan, util::SubscriberInitExt as _};

use super::fields::Short;
use crate::config::LogFilter;

/// Begins to log to stderr. A host that logs in its own way does not call this.
pub fn log(filter: &LogFilter) {
    // A process that logs already goes on doing so.
    let _ = tracing_subscriber::registry().with(filter.filter()).with(lines()).try_init();
}

/// The lines themselves.
pub(super) fn lines<S: Subscriber + for<'s> LookupSpan<'s>>() -> impl Layer<S> {
    let lines = tracing_subscriber::fmt::layer().fmt_fields(Short).with_writer(std::io::stderr);
    // Files stay plain. At a terminal there are colours, unless `NO_COLOR` says otherwise.
    let lines = if std::io::stderr().is_terminal() { lines } else { lines.with_ansi(false) };
    // A closed stderr does not end the process; complaining about it there would.
    lines.log_internal_errors(false)
}

/// Tells the operator something on stderr, whatever is logged.
pub(crate) fn tell(text: impl Display) {
    // As above: a reader that is gone is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{text}");
}
