//! The engine itself.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    FlowId, Result, WorkspaceId,
    flow::{Capabilities, Catalog, Document, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host, fill_in},
    run::{Edition, Intake, RunContext, RunOrder, Runner, StepRecord},
    schedule::Schedule,
};
use serde_json::Value;

use super::{
    builder::EmbeddedBuilder,
    catalog::PieceCatalog,
    computing::Computing,
    config::EmbeddedConfig,
    lens::EmbeddedLens,
    operation::Operations,
    program::{Program, Programs},
    runner,
    sender::HttpSender,
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
    operations: Arc<Operations>,
    lens: EmbeddedLens,
    catalog: PieceCatalog,
    programs: Programs,
    computing: Computing,
}

impl EmbeddedEngine {
    /// An engine whose `http` steps go through `sender`.
    pub fn new(config: EmbeddedConfig, sender: Arc<dyn HttpSender>) -> Self {
        let operations = Operations::new(sender, config.answer_bytes);
        Self::with(config, operations)
    }

    /// An engine with steps of your own. Its `http` steps go through `sender`.
    pub fn builder(sender: Arc<dyn HttpSender>) -> EmbeddedBuilder {
        EmbeddedBuilder::new(sender)
    }

    pub(super) fn with(config: EmbeddedConfig, operations: Operations) -> Self {
        let descriptor = EngineDescriptor {
            name: "embedded".to_owned(),
            title: "PMOS".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES,
        };
        let (programs, operations) = (Programs::new(config.compiled_bytes), Arc::new(operations));
        Self {
            descriptor,
            config,
            lens: EmbeddedLens::new(CAPABILITIES, Arc::clone(&operations)),
            catalog: PieceCatalog::new(operations.pieces()),
            operations,
            programs,
            computing: Computing::new(),
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
            .field("operations", &self.operations)
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

    fn catalog(&self) -> Guarded<'_, dyn Catalog> {
        Guarded::new(&self.catalog)
    }
}

#[async_trait]
impl Runner for EmbeddedEngine {
    fn intake(&self, workspace: WorkspaceId, flow: FlowId, edition: Edition, document: &Document) -> Option<Intake> {
        match self.programs.get((workspace, flow, edition), document, &self.operations) {
            Ok(program) => {
                let webhook = program.trigger.webhook.as_ref()?;
                let (methods, origins) = (webhook.methods.clone(), webhook.origins.clone());
                Some(Intake { methods, origins, raw: webhook.raw })
            }
            // The run will say what is wrong with the flow.
            Err(_) => Some(Intake::default()),
        }
    }

    fn filled_in(&self, document: &Document, input: Value) -> Result<Value> {
        match document.read().ok().and_then(|graph| Program::compile(&graph, &self.operations).ok()) {
            Some(program) if !program.trigger.questions.is_empty() => {
                fill_in(&program.trigger.questions, input, "input")
            }
            // Without questions any input is taken; what is wrong with the flow is said by the run.
            _ => Ok(input),
        }
    }

    fn schedule(&self, document: &Document) -> Option<Schedule> {
        Program::compile(&document.read().ok()?, &self.operations).ok()?.trigger.schedule
    }

    async fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, context: &dyn RunContext) -> Result<()> {
        let key = (order.workspace, order.flow, order.edition);
        let compiled = self.programs.get(key, &order.document, &self.operations);
        let program = compiled.as_deref().map_err(|issues| &**issues);
        runner::run(program, &order, recorded, context, &self.config, &self.computing).await
    }
}

#[cfg(test)]
mod tests {
    use pmos_core::Id;
    use serde_json::{Value, json};

    use super::*;
    use crate::embedded::{HttpAnswer, HttpCall, NoAnswer};

    #[derive(Debug)]
    struct NoNetwork;

    #[async_trait]
    impl HttpSender for NoNetwork {
        async fn send(&self, _: HttpCall) -> Result<HttpAnswer, NoAnswer> {
            Err(NoAnswer { reason: "there is no network".to_owned(), perhaps_received: false, temporary: false })
        }
    }

    fn intake(engine: &EmbeddedEngine, edition: Edition, operation: &str, settings: &Value) -> Option<Intake> {
        let step = json!({"id": "t", "kind": "trigger", "name": "t", "piece": "core", "operation": operation, "settings": settings});
        let document = Document::write(&json!({"steps": [step]})).unwrap();
        let (workspace, flow) = (WorkspaceId::from_uuid(uuid::Uuid::nil()), FlowId::from_uuid(uuid::Uuid::nil()));
        engine.intake(workspace, flow, edition, &document)
    }

    #[test]
    fn a_webhook_says_what_it_takes() {
        let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(NoNetwork));
        let settings = json!({"methods": ["POST", "PUT"], "origins": ["https://App.example.com:443/"], "raw": true});
        let taken = Intake {
            methods: vec!["POST".to_owned(), "PUT".to_owned()],
            origins: vec!["https://app.example.com".to_owned()],
            raw: true,
        };
        assert_eq!(intake(&engine, Edition::Version(1), "webhook", &settings), Some(taken.clone()));
        // What was compiled for an edition stays: an edition names one exact text.
        assert_eq!(intake(&engine, Edition::Version(1), "webhook", &json!({})), Some(taken));
        assert_eq!(intake(&engine, Edition::Version(2), "webhook", &json!({})), Some(Intake::default()));
        assert_eq!(intake(&engine, Edition::Draft(1), "manual", &json!({})), None);
    }
}
