//! A program without the feature `otlp` exports no traces; settings that name a collector are refused before.

use axum::http::HeaderMap;
use tracing::Span;

use crate::{Fault, config::Settings};

/// Nothing is exported.
pub(crate) struct Traces;

impl Traces {
    #[expect(clippy::unnecessary_wraps, reason = "it may fail where traces are exported")]
    pub(super) fn begin(_: &Settings) -> Result<Self, Fault> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "it depends where traces are exported")]
    pub(super) fn are_exported(&self) -> bool {
        false
    }

    #[expect(clippy::unused_async, reason = "it waits where traces are exported")]
    pub(crate) async fn end(self) {}
}

/// No request is a part of a trace.
pub(crate) fn take_up(_: &Span, _: &HeaderMap) {}
