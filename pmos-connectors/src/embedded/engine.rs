//! The engine itself.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    FlowId, Result, WorkspaceId,
    flow::{Capabilities, Catalog, Document, EngineDescriptor, FlowEngine, FlowLens, Host},
    run::{Edition, Intake, RunDesk, RunOrder, Runner, StepRecord},
};

use super::{
    catalog::CoreCatalog, config::EmbeddedConfig, lens::EmbeddedLens, program::Programs, runner, sender::HttpSender,
};

/// What this engine can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    free_layout: false,
    multiple_triggers: false,
    drafts: true,
    versions: true,
    rollback: true,
    test_step: false,
    live_steps: true,
    cancel_running: true,
    retry_from_failed: false,
    start_with_input: true,
    error_ports: false,
    connections: false,
    dynamic_options: false,
    hard_isolation: false,
};

/// The engine that runs flows inside this process; see the [module](super).
pub struct EmbeddedEngine {
    descriptor: EngineDescriptor,
    config: EmbeddedConfig,
    sender: Arc<dyn HttpSender>,
    lens: EmbeddedLens,
    catalog: CoreCatalog,
    programs: Programs,
}

impl EmbeddedEngine {
    /// An engine whose `http` steps go through `sender`.
    pub fn new(config: EmbeddedConfig, sender: Arc<dyn HttpSender>) -> Self {
        let descriptor = EngineDescriptor {
            name: "embedded".to_owned(),
            title: "PMOS".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES,
        };
        let programs = Programs::new(config.compiled_bytes);
        Self {
            descriptor,
            config,
            sender,
            lens: EmbeddedLens::new(CAPABILITIES),
            catalog: CoreCatalog::new(),
            programs,
        }
    }
}

impl fmt::Display for EmbeddedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.descriptor.name)
    }
}

impl fmt::Debug for EmbeddedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedEngine")
            .field("config", &self.config)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

impl FlowEngine for EmbeddedEngine {
    fn descriptor(&self) -> &EngineDescriptor {
        &self.descriptor
    }

    fn lens(&self) -> &dyn FlowLens {
        &self.lens
    }

    fn host(&self) -> Host<'_> {
        Host::Embedded(self)
    }

    fn catalog(&self) -> &dyn Catalog {
        &self.catalog
    }
}

#[async_trait]
impl Runner for EmbeddedEngine {
    fn intake(&self, workspace: WorkspaceId, flow: FlowId, edition: Edition, document: &Document) -> Option<Intake> {
        match self.programs.get((workspace, flow, edition), document) {
            Ok(program) => {
                let webhook = program.trigger.webhook.as_ref()?;
                Some(Intake { methods: webhook.methods.clone(), raw: webhook.raw })
            }
            // The run will say what is wrong with the flow.
            Err(_) => Some(Intake::default()),
        }
    }

    async fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, desk: &dyn RunDesk) -> Result<()> {
        let compiled = self.programs.get((order.workspace, order.flow, order.edition), &order.document);
        let program = compiled.as_deref().map_err(|issues| &**issues);
        runner::run(program, &order, recorded, desk, &*self.sender, &self.config).await
    }
}
