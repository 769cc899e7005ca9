//! Makes an engine with operations of the embedding program.

use std::sync::Arc;

use pmos_core::Result;

use super::{EmbeddedConfig, EmbeddedEngine, OperationHandler, operation::Operations, sender::HttpSender};

/// Makes an [`EmbeddedEngine`] whose flows have steps of your own.
#[derive(Debug)]
pub struct EmbeddedBuilder {
    config: EmbeddedConfig,
    sender: Arc<dyn HttpSender>,
    pieces: Vec<(String, String)>,
    operations: Vec<(String, Arc<dyn OperationHandler>)>,
}

impl EmbeddedBuilder {
    pub(super) fn new(sender: Arc<dyn HttpSender>) -> Self {
        Self { config: EmbeddedConfig::default(), sender, pieces: Vec::new(), operations: Vec::new() }
    }

    /// How much a run may use.
    pub fn config(self, config: EmbeddedConfig) -> Self {
        Self { config, ..self }
    }

    /// A group of operations, under a slug such as `warehouse` and the title that people read. Flows name it, so it stays as
    /// it is.
    pub fn piece(mut self, name: impl Into<String>, title: impl Into<String>) -> Self {
        self.pieces.push((name.into(), title.into()));
        self
    }

    /// A step of your own, in one of your pieces.
    pub fn operation(mut self, piece: impl Into<String>, handler: impl OperationHandler) -> Self {
        self.operations.push((piece.into(), Arc::new(handler)));
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// `invalid_input` naming the piece, operation or field that makes no sense or whose name is taken.
    pub fn build(self) -> Result<EmbeddedEngine> {
        let mut operations = Operations::new(self.sender, self.config.answer_bytes);
        for (name, title) in self.pieces {
            operations.add_piece(&name, &title)?;
        }
        for (piece, handler) in self.operations {
            operations.add(&piece, handler)?;
        }
        Ok(EmbeddedEngine::with(self.config, operations))
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use pmos_core::{
        Kind,
        flow::{Field, FieldKind, FlowEngine, StepEffect},
    };
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::{
        embedded::{OperationDescriptor, StepContext, StepFailure},
        outbound::Outbound,
    };

    #[derive(Debug)]
    struct Own(OperationDescriptor);

    #[async_trait]
    impl OperationHandler for Own {
        fn descriptor(&self) -> OperationDescriptor {
            self.0.clone()
        }

        async fn run(&self, _: Map<String, Value>, _: &StepContext<'_>) -> Result<Value, StepFailure> {
            Ok(Value::Null)
        }
    }

    fn builder() -> EmbeddedBuilder {
        EmbeddedEngine::builder(Arc::new(Outbound::builder().build().unwrap()))
    }

    fn own(name: &str) -> OperationDescriptor {
        OperationDescriptor::new(name, "Reserve goods", "Takes goods out of the stock.")
    }

    fn field(name: &str, kind: FieldKind) -> Field {
        Field::new(name, "A field", kind)
    }

    #[tokio::test]
    async fn an_operation_of_ones_own_is_in_the_catalogue_under_its_own_name_and_icon() {
        let reserve = own("reserve").icon("box").field(field("sku", FieldKind::Text).required());
        let engine = builder().piece("warehouse", "Warehouse").operation("warehouse", Own(reserve)).build().unwrap();
        let catalog = engine.catalog().for_tests();
        let pieces = catalog.pieces(None).await.unwrap();
        let names: Vec<_> = pieces.iter().map(|piece| (piece.name.as_str(), piece.title.as_str())).collect();
        assert_eq!(names, [("core", "Built in"), ("warehouse", "Warehouse")]);
        let listed = &pieces[1].operations[0];
        assert_eq!((listed.name.as_str(), listed.icon.as_deref()), ("reserve", Some("box")));
        let piece = catalog.piece(None, "warehouse").await.unwrap().unwrap();
        assert_eq!((piece.operations[0].effect, piece.operations[0].fields.len()), (StepEffect::Write, 1));
    }

    #[test]
    fn a_step_of_ones_own_is_checked_as_any_other() {
        let reserve = own("reserve").field(field("sku", FieldKind::Text).required());
        let engine = builder().piece("warehouse", "Warehouse").operation("warehouse", Own(reserve)).build().unwrap();
        let step = |settings: Value| {
            json!({"steps": [
                {"id": "t", "kind": "trigger", "name": "t", "piece": "core", "operation": "manual"},
                {"id": "s", "kind": "action", "name": "s", "piece": "warehouse", "operation": "reserve", "settings": settings},
            ], "edges": [{"from": "t", "port": "next", "to": "s"}]})
        };
        let codes = |settings: Value| {
            let document = engine.lens().create(&serde_json::from_value(step(settings)).unwrap()).unwrap();
            engine.lens().check(&document).into_iter().map(|issue| issue.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(json!({"sku": "A"})), [""; 0]);
        assert_eq!(codes(json!({})), ["required"]);
        assert_eq!(codes(json!({"sku": 4, "colour": "red"})), ["wrong_value", "unknown_setting"]);
    }

    #[rstest]
    #[case::of_core(builder().piece("core", "Mine"), "pieces.core: there is a piece \"core\" already")]
    #[case::twice(builder().piece("a", "A").piece("a", "B"), "pieces.a: there is a piece")]
    #[case::no_slug(builder().piece("My piece", "A"), "pieces.My piece: the name must be a slug")]
    #[case::untitled(builder().piece("a", " "), "pieces.a: needs a title")]
    #[case::in_core(builder().operation("core", Own(own("reserve"))), "operations.core.reserve: there is no piece \"core\" of your own")]
    #[case::nowhere(builder().operation("a", Own(own("reserve"))), "there is no piece \"a\" of your own; add it first")]
    #[case::same_name(builder().piece("a", "A").operation("a", Own(own("x"))).operation("a", Own(own("x"))), "operations.a.x: there is an operation of this name already")]
    #[case::name(with(own("Reserve!")), "the name must be a slug")]
    #[case::says_nothing(with(OperationDescriptor::new("x", "X", "")), "needs a title and a sentence")]
    #[case::secret(with(own("x").field(field("key", FieldKind::Secret))), "operations.a.x.key: everyone who may read a flow")]
    #[case::secrets(with(own("x").field(field("keys", FieldKind::List { of: Box::new(FieldKind::Secret) }))), "operations.a.x.keys: everyone")]
    #[case::dynamic(with(own("x").field(field("f", FieldKind::DynamicGroup { depends_on: vec![] }))), "looks up no options")]
    #[case::dots(with(own("x").field(field("a.b", FieldKind::Text))), "a name without dots")]
    #[case::twins(with(own("x").field(field("f", FieldKind::Text)).field(field("f", FieldKind::Number))), "another field of this name")]
    #[case::default(with(own("x").field(field("f", FieldKind::Number).with_default("four"))), "the default does not fit")]
    fn what_makes_no_sense_is_refused_when_the_engine_is_built(
        #[case] builder: EmbeddedBuilder,
        #[case] expected: &str,
    ) {
        let refused = builder.build().unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid);
        assert!(refused.detail().contains(expected), "{}", refused.detail());
    }

    fn with(descriptor: OperationDescriptor) -> EmbeddedBuilder {
        builder().piece("a", "A").operation("a", Own(descriptor))
    }
}
