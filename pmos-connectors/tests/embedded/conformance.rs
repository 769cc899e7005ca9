//! What every flow engine must do.

use std::sync::Arc;

use async_trait::async_trait;
use pmos_connectors::embedded::{EmbeddedConfig, EmbeddedEngine, HttpAnswer, HttpCall, HttpSender, NoAnswer};

/// The suite builds flows and never runs them.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl HttpSender for Nobody {
    async fn send(&self, _: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        Err(NoAnswer { reason: "nobody is there".to_owned(), perhaps_received: false, temporary: false })
    }
}

pmos_core::engine_suite!(|| EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Nobody)));
