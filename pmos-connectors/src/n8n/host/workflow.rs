//! Workflows of n8n as the flows of the port, and back.

use std::collections::HashSet;

use pmos_core::{
    Error, Result,
    engine::{ExternalId, RemoteFlow, RemoteVersion},
    flow::Document,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::{
    client::{Answer, Content, Fault, Listed, Version},
    document::{N8nDocument, Workflow},
    node::Node,
};

/// A workflow as a document holds it: what a person can change in it. Left out are its name, which travels beside it,
/// its description, and what its triggers remember between runs: n8n keeps both when they are not sent, and writing
/// the memory of a trigger back would make it see things twice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) nodes: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(super) connections: Map<String, Value>,
    #[serde(default)]
    pub(super) settings: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) pin_data: Map<String, Value>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub(super) node_groups: Value,
}

/// The document: the workflow, and beside it what is ours.
#[derive(Serialize, Deserialize)]
struct Envelope<W> {
    workflow: W,
    #[serde(default)]
    links: Map<String, Value>,
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

impl Body {
    pub(super) fn read(document: &Document) -> Result<Self> {
        let envelope: Envelope<Self> =
            document.read().map_err(|cause| Error::invalid("document", "is not a workflow of n8n").because(cause))?;
        Ok(envelope.workflow)
    }

    /// The workflow of a document that was read already.
    pub(super) fn of(document: N8nDocument) -> Result<Self> {
        let Workflow { nodes, connections, mut rest } = document.workflow;
        let mut object = |name| match rest.shift_remove(name) {
            Some(Value::Object(object)) => Ok(object),
            None => Ok(Map::new()),
            Some(_) => Err(Error::invalid("document", "is not a workflow of n8n")),
        };
        let (settings, pin_data) = (object("settings")?, object("pinData")?);
        let nodes = nodes.into_iter().map(Node::into_object).collect();
        Ok(Self {
            nodes,
            connections,
            settings,
            pin_data,
            node_groups: rest.shift_remove("nodeGroups").unwrap_or_default(),
        })
    }

    pub(super) fn write(self) -> Result<Document> {
        Document::write(&Envelope { workflow: self, links: Map::new() })
            .map_err(|cause| Error::internal("write a workflow of n8n").because(cause))
    }

    /// Whether `there` is what was sent as this. n8n gives nodes an id and a webhook id that came without, keeps
    /// settings that are not sent, and knows no difference between 1 and 1.0.
    pub(super) fn is_held_by(&self, there: &Self) -> bool {
        self.nodes.len() == there.nodes.len()
            && self.nodes.iter().zip(&there.nodes).all(|(sent, held)| same_node(sent, held))
            && same_map(&self.connections, &there.connections)
            && self.settings.iter().all(|(name, value)| there.settings.get(name).is_some_and(|held| same(value, held)))
            && same_map(&self.pin_data, &there.pin_data)
            && (same(&self.node_groups, &there.node_groups)
                || is_nothing(&self.node_groups) && is_nothing(&there.node_groups))
    }

    /// Whether a version has the nodes and connections that were sent.
    pub(super) fn is_drawn_as(&self, version: &Version) -> bool {
        self.nodes.len() == version.nodes.len()
            && self.nodes.iter().zip(&version.nodes).all(|(sent, held)| same_node(sent, held))
            && same_map(&self.connections, &version.connections)
    }

    /// Whether this builds on what a change from `before` to `after` did.
    pub(super) fn keeps(&self, after: &Self, before: &Self) -> bool {
        let has = |body: &Self, node| body.nodes.iter().any(|held| same_node(node, held));
        after.nodes.iter().filter(|node| !has(before, node)).all(|node| has(self, node))
            && before.nodes.iter().filter(|node| !has(after, node)).all(|node| !has(self, node))
            && after
                .connections
                .iter()
                .filter(|(name, ways)| before.connections.get(&**name) != Some(*ways))
                .all(|(name, ways)| self.connections.get(name).is_some_and(|held| same(ways, held)))
    }

    /// Which nodes it holds.
    pub(super) fn ids(&self) -> HashSet<&str> {
        self.nodes.iter().filter_map(|node| node.get("id").and_then(Value::as_str)).collect()
    }

    /// Whether both hold the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.is_held_by(other) && other.is_held_by(self)
    }

    /// The path at which the production webhook of this workflow is called, with its method.
    pub(super) fn webhook(&self) -> Option<Webhook> {
        Webhook::of_nodes(&self.nodes)
    }

    /// All of them.
    pub(super) fn webhooks(&self) -> impl Iterator<Item = Webhook> {
        self.nodes.iter().filter_map(Webhook::of)
    }
}

fn same_node(sent: &Map<String, Value>, held: &Map<String, Value>) -> bool {
    sent.iter().all(|(key, value)| held.get(key).is_some_and(|other| same(value, other)))
        && held.keys().all(|key| sent.contains_key(key) || matches!(&**key, "id" | "webhookId"))
}

fn same_map(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => same_map(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

/// A webhook that starts a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Webhook {
    /// The node.
    pub(super) node: String,
    /// What stands behind `/webhook/`.
    pub(super) path: String,
    /// How it is called.
    pub(super) method: String,
}

impl Webhook {
    /// The first of these nodes.
    pub(super) fn of_nodes(nodes: &[Map<String, Value>]) -> Option<Self> {
        nodes.iter().find_map(Self::of)
    }

    pub(super) fn of(node: &Map<String, Value>) -> Option<Self> {
        let text = |key: &str| node.get(key).and_then(Value::as_str);
        let disabled = node.get("disabled").and_then(Value::as_bool).unwrap_or_default();
        if text("type") != Some("n8n-nodes-base.webhook") || disabled {
            return None;
        }
        let parameters = node.get("parameters");
        let given = parameters.and_then(|given| given.get("path")).and_then(Value::as_str).unwrap_or_default();
        let given = given.trim_matches('/');
        let id = text("webhookId").unwrap_or_default();
        let path = match given {
            "" => id.to_owned(),
            // A path with places in it would match those of others; n8n puts the id of the webhook before it.
            given if given.starts_with(':') || given.contains("/:") => format!("{id}/{given}"),
            given => given.to_owned(),
        };
        let method = match parameters.and_then(|given| given.get("httpMethod")) {
            Some(Value::String(method)) => method.clone(),
            Some(Value::Array(methods)) => methods.first().and_then(Value::as_str).unwrap_or("GET").to_owned(),
            _ => "GET".to_owned(),
        };
        (!path.is_empty() && !path.starts_with('=')).then(|| Self {
            node: text("name").unwrap_or_default().to_owned(),
            path,
            method,
        })
    }
}

/// A workflow that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) listed: Listed,
    pub(super) body: Body,
    pub(super) counter: Option<i64>,
    pub(super) active_version: Option<Version>,
}

impl Read {
    pub(super) fn of(answer: &Answer) -> Result<Self, Fault> {
        let Content { version_counter, nodes, connections, node_groups, settings, pin_data, active_version } =
            answer.json()?;
        let body = Body { nodes, connections, settings, pin_data, node_groups };
        Ok(Self { listed: answer.json()?, body, counter: version_counter, active_version })
    }

    /// The flow of the port. `webhooks` is where webhooks of this server are reached.
    pub(super) fn into_flow(self, webhooks: &str) -> Result<RemoteFlow> {
        let stamp = stamp(&self.listed);
        let hook_url = self.body.webhook().map(|hook| format!("{webhooks}/webhook/{}", hook.path));
        let published = match self.active_version {
            Some(version) if self.listed.active => {
                let body = Body {
                    nodes: version.nodes,
                    connections: version.connections,
                    node_groups: version.node_groups,
                    settings: self.body.settings.clone(),
                    pin_data: Map::new(),
                };
                Some(RemoteVersion { id: ExternalId::new(version.id), document: body.write()? })
            }
            _ => None,
        };
        Ok(RemoteFlow {
            id: ExternalId::new(self.listed.id),
            name: self.listed.name,
            document: self.body.write()?,
            stamp,
            enabled: self.listed.active,
            published,
            hook_url,
        })
    }
}

/// Changes with everything that n8n tells in lists as well as alone.
pub(super) fn stamp(listed: &Listed) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    format!(
        "{}|{}|{}|{}",
        text(&listed.updated_at),
        text(&listed.version_id),
        text(&listed.active_version_id),
        u8::from(listed.active)
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn hook(parameters: &Value) -> Option<String> {
        let node =
            json!({"name": "In", "type": "n8n-nodes-base.webhook", "webhookId": "id-1", "parameters": parameters});
        Webhook::of(node.as_object().unwrap()).map(|hook| format!("{} {}", hook.method, hook.path))
    }

    #[rstest]
    #[case(json!({"path": "orders"}), Some("GET orders"))]
    #[case(json!({"path": "/orders/", "httpMethod": "POST"}), Some("POST orders"))]
    #[case(json!({"path": "orders/:id", "httpMethod": ["PUT", "POST"]}), Some("PUT id-1/orders/:id"))]
    #[case(json!({}), Some("GET id-1"))]
    #[case(json!({"path": "={{ 1 }}"}), None)]
    fn a_webhook_is_called_where_n8n_registers_it(#[case] parameters: Value, #[case] expected: Option<&str>) {
        assert_eq!(hook(&parameters).as_deref(), expected);
    }

    #[test]
    fn what_n8n_adds_to_a_workflow_is_no_difference_and_what_it_changes_is() {
        let body = |nodes: Value, settings: Value| -> Body {
            serde_json::from_value(json!({"nodes": nodes, "connections": {}, "settings": settings})).unwrap()
        };
        let sent = body(json!([{"name": "A", "position": [1.0, 2]}]), json!({"timezone": "UTC"}));
        let held = json!([{"name": "A", "position": [1, 2], "id": "x", "webhookId": "y"}]);
        assert!(sent.is_held_by(&body(held.clone(), json!({"timezone": "UTC", "executionOrder": "v1"}))));
        assert!(!sent.is_held_by(&body(held, json!({"timezone": "CET"}))));
        assert!(!sent.is_held_by(&body(json!([{"name": "B", "position": [1, 2]}]), json!({"timezone": "UTC"}))));
        assert!(!sent.is_held_by(&body(json!([]), json!({"timezone": "UTC"}))));
    }
}
