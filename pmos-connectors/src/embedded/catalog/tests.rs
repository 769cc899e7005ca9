use std::collections::BTreeSet;

use pmos_core::flow::{Catalog, StepKind};
use serde_json::{Value, json};

use super::{PieceCatalog, core};
use crate::embedded::{operation::Operations, program::Program};

#[tokio::test]
async fn every_template_can_be_published_as_it_is() {
    let templates = PieceCatalog::new(&[core()]).templates().await.unwrap();
    assert_eq!(templates.len(), 4);
    for template in templates.iter() {
        let issues =
            Program::compile(&template.graph, &Operations::for_tests()).map_or_else(|issues| issues, |_| vec![]);
        assert_eq!(issues, [], "{}", template.name);
    }
}

/// The compiler names the settings it knows when it meets one it does not; they must be those of the catalogue.
#[test]
fn the_form_offers_exactly_the_settings_that_are_understood() {
    let operations = Operations::for_tests();
    // What the registry carries out is compiled from the fields themselves.
    let parts = core().operations.into_iter().filter(|operation| operations.get("core", &operation.name).is_none());
    for operation in parts {
        let settings: Value = json!({"?": 1});
        let step = |id: &str, kind: StepKind, name: &str, settings: &Value| json!({"id": id, "kind": kind, "name": id, "piece": "core", "operation": name, "settings": settings});
        let graph = match operation.kind {
            StepKind::Trigger => json!({"steps": [step("s", StepKind::Trigger, &operation.name, &settings)]}),
            StepKind::Action => json!({
                "steps": [step("t", StepKind::Trigger, "manual", &json!({})), step("s", StepKind::Action, &operation.name, &settings)],
                "edges": [{"from": "t", "port": "next", "to": "s"}],
            }),
        };
        let issues = Program::compile(&serde_json::from_value(graph).unwrap(), &operations).unwrap_err();
        let message = &issues.iter().find(|issue| issue.code == "unknown_setting").unwrap().message;
        let known: BTreeSet<_> = message.split_once("there are: ").unwrap().1.split(", ").collect();
        let offered: BTreeSet<_> = operation.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(offered, known, "{}", operation.name);
    }
}

#[test]
fn every_field_says_how_to_fill_it_in() {
    for operation in core().operations {
        assert!(operation.help.ends_with('.'), "{}", operation.name);
        for field in operation.fields {
            assert!(field.help.is_some_and(|help| help.len() > 10), "{}.{}", operation.name, field.name);
        }
    }
}
