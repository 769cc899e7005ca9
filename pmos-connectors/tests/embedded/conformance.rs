//! What every flow engine must do.

use std::sync::Arc;

use async_trait::async_trait;
use pmos_connectors::embedded::{EmbeddedConfig, EmbeddedEngine, HttpAnswer, HttpCall, HttpSender, NoAnswer};

/// The suite builds flows and never runs them.
#[derive(Debug)]
struct NoNetwork;

#[async_trait]
impl HttpSender for NoNetwork {
    async fn send(&self, _: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        Err(NoAnswer { reason: "there is no network".to_owned(), perhaps_received: false, temporary: false })
    }
}

pmos_core::engine_suite!(|| EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(NoNetwork)));
