//! The document of this engine: a workflow as the server keeps it, and what of the workspace's credentials is known.

use std::collections::{BTreeMap, HashSet};

use pmos_core::{ConnectionId, Error, Result, flow::Document};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::node::{Node, place, takes_calls};

/// A workflow with what else the lens must know.
///
/// ```json
/// {"workflow": {"nodes": [], "connections": {}, "settings": {}},
///  "links": {"con_…": {"id": "G1c…", "type": "httpHeaderAuth", "name": "Billing"}}}
/// ```
///
/// `workflow` is what the server takes in a `PUT`, without the name, which is no part of the document. `links` are the
/// credentials that the workspace may name; other credentials of a node stay in it and are not shown. `pending` are
/// choices of connections that are not linked yet, by node id. Unknown keys are kept everywhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct N8nDocument {
    pub(super) workflow: Workflow,
    pub(super) links: BTreeMap<ConnectionId, Link>,
    pub(super) pending: BTreeMap<String, ConnectionId>,
    rest: Map<String, Value>,
}

/// A credential at the server that the workspace may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The server's id of it.
    pub id: String,
    /// Its kind, as `httpHeaderAuth`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people read.
    pub name: String,
}

/// The parts of a workflow that the view shows, and the rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Workflow {
    pub(super) nodes: Vec<Node>,
    /// By the name of the node they lead from.
    pub(super) connections: Map<String, Value>,
    /// `settings`, `pinData`, `staticData`, `nodeGroups` and whatever else there is.
    pub(super) rest: Map<String, Value>,
}

impl N8nDocument {
    /// Wraps a workflow as the server gave it, reduced to what it takes back.
    ///
    /// # Errors
    /// When it has no nodes or no connections in the form a workflow has them.
    pub fn of(workflow: Map<String, Value>) -> Result<Self> {
        Ok(Self { workflow: Workflow::of(workflow)?, ..Self::default() })
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is not one of this engine's.
    pub fn read(document: &Document) -> Result<Self> {
        let mut object: Map<String, Value> = document.read().map_err(|cause| unreadable().because(cause))?;
        let workflow = match object.shift_remove("workflow") {
            Some(Value::Object(workflow)) => Workflow::of(workflow)?,
            _ => return Err(unreadable().because("there is no workflow in it")),
        };
        Ok(Self { workflow, links: part(&mut object, "links")?, pending: part(&mut object, "pending")?, rest: object })
    }

    /// Writes it down.
    ///
    /// # Errors
    /// Never, as far as we know; the JSON library thinks it could.
    pub fn write(&self) -> Result<Document> {
        Document::write(self).map_err(|cause| Error::internal("write a workflow").because(cause))
    }

    /// The workflow, in the form the server takes it.
    pub fn workflow(&self) -> Result<Value> {
        serde_json::to_value(&self.workflow).map_err(|cause| Error::internal("write a workflow").because(cause))
    }

    /// Makes these the credentials that the workspace may name, and writes choices that were waiting for them into their
    /// nodes.
    pub fn link(&mut self, known: impl IntoIterator<Item = (ConnectionId, Link)>) {
        self.links = known.into_iter().collect();
        let ids = super::mapping::ids(&self.workflow.nodes);
        for (node, id) in self.workflow.nodes.iter_mut().zip(ids) {
            if let Some(chosen) = self.pending.get(&id)
                && let Some(link) = self.links.get(chosen)
            {
                super::mapping::set_link(node, &self.links, Some(link));
                self.pending.remove(&id);
            }
        }
    }

    /// Takes out by what nodes are called from outside; [`complete`](Self::complete) gives them addresses of their own.
    pub(super) fn forget_addresses(&mut self) {
        for node in self.workflow.nodes.iter_mut().filter(|node| takes_calls(node.node_type())) {
            node.put("webhookId", None);
            node.paths_mut().for_each(|path| *path = "".into());
        }
    }

    /// Adds what the server wants and was not decided: a `webhookId` for every new node that is called from outside, since
    /// without one its address would hang on its name, and a place for every node that has none. Nodes that the server
    /// holds already, by id in `held`, stay as they are.
    ///
    /// The lens knows no randomness, so the sender of a workflow calls this first with a source of fresh ids.
    ///
    /// # Errors
    /// When the source has none.
    pub fn complete(&mut self, held: &HashSet<&str>, mut fresh: impl FnMut() -> Result<Uuid>) -> Result<()> {
        let mut free = self.workflow.nodes.iter().filter_map(Node::position).map(|place| place.x).fold(0.0, f64::max);
        for node in &mut self.workflow.nodes {
            let is_missing = node.get("webhookId").and_then(Value::as_str).is_none_or(str::is_empty);
            if is_missing && takes_calls(node.node_type()) && !held.contains(node.id()) {
                let id = Value::from(fresh()?.to_string());
                // As the editor does it: what has no path yet is called by the id.
                node.paths_mut().filter(|path| path.as_str() == Some("")).for_each(|path| path.clone_from(&id));
                node.put("webhookId", Some(id));
            }
            if node.position().is_none() {
                free += 220.0;
                node.put("position", Some(place(pmos_core::flow::Position { x: free, y: 0.0 })));
            }
        }
        Ok(())
    }
}

impl Workflow {
    fn of(mut object: Map<String, Value>) -> Result<Self> {
        let Some(Value::Array(nodes)) = object.shift_remove("nodes") else {
            return Err(unreadable().because("its nodes are no list"));
        };
        let nodes = nodes.into_iter().map(|node| match node {
            Value::Object(node) => Ok(Node::new(node)),
            _ => Err(unreadable().because("a node is no object")),
        });
        let nodes = nodes.collect::<Result<_>>()?;
        let connections = match object.shift_remove("connections") {
            Some(Value::Object(connections)) => connections,
            None => Map::new(),
            Some(_) => return Err(unreadable().because("its connections are no object")),
        };
        Ok(Self { nodes, connections, rest: object })
    }
}

fn part<T: serde::de::DeserializeOwned + Default>(object: &mut Map<String, Value>, key: &str) -> Result<T> {
    let Some(value) = object.shift_remove(key) else { return Ok(T::default()) };
    serde_json::from_value(value).map_err(|cause| unreadable().because(cause))
}

fn unreadable() -> Error {
    Error::internal("read a workflow")
}

impl Serialize for N8nDocument {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("workflow", &self.workflow)?;
        if !self.links.is_empty() {
            map.serialize_entry("links", &self.links)?;
        }
        if !self.pending.is_empty() {
            map.serialize_entry("pending", &self.pending)?;
        }
        self.rest.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl Serialize for Workflow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("nodes", &self.nodes)?;
        map.serialize_entry("connections", &self.connections)?;
        self.rest.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl Serialize for Node {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object().serialize(serializer)
    }
}
