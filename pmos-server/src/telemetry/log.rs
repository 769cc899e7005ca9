//! Lines on stderr.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
};

use super::fields::Short;
use crate::config::LogFilter;

/// Begins to log to stderr. A host that logs in its own way does not call this.
pub fn log(filter: &LogFilter) {
    // Somebody who logs already goes on doing so.
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter.filter()).fmt_fields(Short).with_writer(std::io::stderr);
    // Files stay plain. At a terminal there are colours, unless `NO_COLOR` says otherwise.
    let lines = if std::io::stderr().is_terminal() { lines } else { lines.with_ansi(false) };
    // Nobody may read stderr any more; complaining about it there would end the process.
    let _ = lines.log_internal_errors(false).try_init();
}

/// Tells the operator something on stderr, whatever is logged.
pub(crate) fn tell(text: impl Display) {
    // As above: that nobody reads it is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{text}");
}
