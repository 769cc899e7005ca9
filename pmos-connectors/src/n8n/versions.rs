//! Which version a new node is of.

use std::fmt;

use serde_json::Number;

/// Knows the newest version of types of nodes; the catalogue of a server does. Existing nodes keep the version they have.
pub trait TypeVersions: fmt::Debug + Send + Sync {
    /// The version a new node of this type gets, if the type is known.
    fn newest(&self, node_type: &str) -> Option<Number>;
}

/// Versions that every supported server has, for when its catalogue was not read yet. Of the nodes that flows are mostly
/// made of; others are taken to be of version 1, which every type has.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownVersions;

impl TypeVersions for KnownVersions {
    fn newest(&self, node_type: &str) -> Option<Number> {
        let version = match node_type.strip_prefix("n8n-nodes-base.")? {
            "webhook" | "code" => 2.0,
            "merge" | "splitInBatches" => 3.0,
            "set" => 3.4,
            "switch" => 3.2,
            "httpRequest" => 4.2,
            "googleSheets" => 4.5,
            "if" | "filter" | "formTrigger" | "slack" => 2.2,
            "gmail" | "emailSend" => 2.1,
            "scheduleTrigger" | "executeWorkflow" => 1.2,
            "respondToWebhook" | "executeWorkflowTrigger" | "wait" => 1.1,
            _ => return None,
        };
        Number::from_f64(version)
    }
}

/// The version of a new node.
pub(super) fn version_of(versions: &dyn TypeVersions, node_type: &str) -> Number {
    let version = versions.newest(node_type).or_else(|| KnownVersions.newest(node_type));
    whole(version.unwrap_or_else(|| Number::from(1)))
}

/// A whole version as a whole number, as the editor writes it.
#[expect(clippy::cast_possible_truncation, reason = "versions are small")]
fn whole(version: Number) -> Number {
    match version.as_f64() {
        Some(value) if value.fract() == 0.0 && value.abs() < 1e9 => Number::from(value as i64),
        _ => version,
    }
}
