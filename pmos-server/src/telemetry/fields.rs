//! Fields in a line of the log.

use std::fmt;

use tracing::{
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, FormattedFields, format::Writer},
};

/// Fields as `name=value`, without those whose names have a dot. These follow the semantic conventions of OpenTelemetry
/// and are for traces; most of them say again what stands in the line already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short;

impl<'w> FormatFields<'w> for Short {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        Line::write(writer, true, fields)
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let is_empty = current.fields.is_empty();
        Line::write(current.as_writer(), is_empty, fields)
    }
}

struct Line<'w> {
    writer: Writer<'w>,
    is_empty: bool,
    written: fmt::Result,
}

impl<'w> Line<'w> {
    fn write(writer: Writer<'w>, is_empty: bool, fields: impl RecordFields) -> fmt::Result {
        let mut line = Self { writer, is_empty, written: Ok(()) };
        fields.record(&mut line);
        line.written
    }
}

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        if self.written.is_err() || name.contains('.') {
            return;
        }
        let gap = if self.is_empty { "" } else { " " };
        self.is_empty = false;
        self.written = match name {
            "message" => write!(self.writer, "{gap}{value:?}"),
            name => write!(self.writer, "{gap}{name}={value:?}"),
        };
    }
}
