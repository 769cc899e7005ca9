//! A node as a step and back, field by field, so that what is not shown stays where it is.

use std::collections::{BTreeMap, HashMap};

use pmos_core::{
    ConnectionId,
    flow::{OnError, Retry, Step, StepId},
};
use serde_json::{Map, Value, json};

use super::operation;
use crate::n8n::{
    document::{Link, N8nDocument},
    node::{Node, kind_of, place, takes_calls},
    versions::{TypeVersions, version_of},
};

/// The most a node is tried in all, and the longest it waits between tries: the server takes no more.
pub(super) const MAX_TRIES: u32 = 5;
pub(super) const MAX_WAIT_S: u32 = 5;

/// What a document knows of credentials.
pub(super) struct Shelf<'a> {
    by_server_id: HashMap<&'a str, (ConnectionId, &'a Link)>,
    pending: &'a BTreeMap<String, ConnectionId>,
}

impl<'a> Shelf<'a> {
    pub(super) fn of(document: &'a N8nDocument) -> Self {
        let links = document.links.iter().rev().map(|(connection, link)| (link.id.as_str(), (*connection, link)));
        Self { by_server_id: links.collect(), pending: &document.pending }
    }

    /// The connection that a node shows: one that was chosen and is not linked yet, else the first linked credential.
    fn connection(&self, node: &Node, id: &str) -> Option<ConnectionId> {
        if let Some(chosen) = self.pending.get(id) {
            return Some(*chosen);
        }
        node.credentials()?.iter().find_map(|(kind, credential)| {
            let (connection, link) = self.by_server_id.get(credential.get("id")?.as_str()?)?;
            (link.kind == *kind).then_some(*connection)
        })
    }
}

/// A node as a step.
pub(super) fn read(node: &Node, id: StepId, shelf: &Shelf<'_>) -> Step {
    show(node, node.parameters().cloned().unwrap_or_default(), id, shelf)
}

/// A node with these parameters as a step.
pub(super) fn show(node: &Node, parameters: Map<String, Value>, id: StepId, shelf: &Shelf<'_>) -> Step {
    let (operation, settings) = operation::split(parameters);
    Step {
        kind: kind_of(node.node_type()),
        name: node.name().to_owned(),
        piece: node.node_type().to_owned(),
        operation,
        settings,
        connection: shelf.connection(node, id.as_str()),
        skip: node.is_disabled(),
        on_error: if node.continues_on_error() { OnError::Continue } else { OnError::Stop },
        retry: node.tries().map(|(tries, wait_ms)| Retry {
            times: if tries == 0 { 3 } else { tries }.clamp(2, MAX_TRIES) - 1,
            backoff_s: wait_ms.div_ceil(1_000).min(MAX_WAIT_S),
        }),
        timeout_s: None,
        position: node.position(),
        id,
    }
}

/// A node for a new step. `twin` is the version of a node just like it.
pub(super) fn blank(step: &Step, twin: Option<Value>, versions: &dyn TypeVersions) -> Node {
    let version = twin.unwrap_or_else(|| version_of(versions, &step.piece).into());
    let mut node = Map::new();
    node.insert("id".to_owned(), step.id.as_str().into());
    node.insert("name".to_owned(), step.name.as_str().into());
    node.insert("type".to_owned(), step.piece.as_str().into());
    node.insert("typeVersion".to_owned(), version);
    if let Some(position) = step.position {
        node.insert("position".to_owned(), place(position));
    }
    let parameters = operation::join(&step.operation, &step.settings).unwrap_or_default();
    node.insert("parameters".to_owned(), Value::Object(parameters));
    // An id like this was chosen by chance, so it serves as an address that is not guessed.
    if takes_calls(&step.piece)
        && let Ok(id) = step.id.as_str().parse::<uuid::Uuid>()
    {
        node.insert("webhookId".to_owned(), id.hyphenated().to_string().into());
    }
    Node::new(node)
}

/// Writes what differs between two states of a step into its node. Where `memory`, a former state of the node, shows a
/// field as it shall be, the field becomes what it was there to the letter.
pub(super) fn write(node: &mut Node, before: &Step, after: &Step, document: &mut Chosen<'_>, memory: Option<&Node>) {
    let remembered = memory.map(|memory| (memory, read(memory, after.id.clone(), &document.shelf())));
    let mut field = |keys: &[&str], get: &dyn Fn(&Step) -> Value, write: &dyn Fn(&mut Node)| {
        if get(before) == get(after) {
            return;
        }
        match &remembered {
            Some((memory, shown)) if get(shown) == get(after) => {
                for key in keys {
                    node.put(key, memory.get(key).cloned());
                }
            }
            _ => write(node),
        }
    };
    field(&["name"], &|step| step.name.as_str().into(), &|node| node.put("name", Some(after.name.as_str().into())));
    field(&["position"], &|step| json!(step.position), &|node| node.put("position", after.position.map(place)));
    field(&["disabled"], &|step| step.skip.into(), &|node| node.put("disabled", after.skip.then_some(true.into())));
    field(&["onError", "continueOnFail"], &|step| json!(step.on_error), &|node| {
        let goes_on = after.on_error == OnError::Continue;
        node.put("continueOnFail", None);
        node.put("onError", goes_on.then(|| "continueRegularOutput".into()));
    });
    field(&["retryOnFail", "maxTries", "waitBetweenTries"], &|step| json!(step.retry), &|node| {
        node.put("retryOnFail", after.retry.map(|_| true.into()));
        if let Some(Retry { times, backoff_s }) = after.retry {
            node.put("maxTries", Some((times + 1).into()));
            node.put("waitBetweenTries", Some((backoff_s * 1_000).into()));
        }
    });
    field(&["parameters"], &|step| json!([step.operation, step.settings]), &|node| {
        if let Some(parameters) = operation::join(&after.operation, &after.settings) {
            node.put("parameters", Some(Value::Object(parameters)));
        }
    });
    if before.connection != after.connection {
        match remembered {
            Some((memory, shown)) if shown.connection == after.connection && shown.connection.is_some() => {
                document.pending.remove(after.id.as_str());
                node.put("credentials", memory.get("credentials").cloned());
            }
            _ => document.choose(node, &after.id, after.connection),
        }
    }
}

/// The parts of a document in which choices of connections are written down.
pub(super) struct Chosen<'a> {
    pub(super) links: &'a BTreeMap<ConnectionId, Link>,
    pub(super) pending: &'a mut BTreeMap<String, ConnectionId>,
}

impl Chosen<'_> {
    pub(super) fn shelf(&self) -> Shelf<'_> {
        let links = self.links.iter().rev().map(|(connection, link)| (link.id.as_str(), (*connection, link)));
        // What is pending is said of the document as it is, not of a former state of a node.
        Shelf { by_server_id: links.collect(), pending: &NOTHING_PENDING }
    }

    fn choose(&mut self, node: &mut Node, id: &StepId, connection: Option<ConnectionId>) {
        let link = connection.and_then(|connection| self.links.get(&connection));
        set_link(node, self.links, link);
        match connection.filter(|_| link.is_none()) {
            Some(unknown) => self.pending.insert(id.to_string(), unknown),
            None => self.pending.remove(id.as_str()),
        };
    }
}

static NOTHING_PENDING: BTreeMap<String, ConnectionId> = BTreeMap::new();

/// Makes this the one linked credential of a node. Others, of which we know nothing, stay.
pub(in crate::n8n) fn set_link(node: &mut Node, links: &BTreeMap<ConnectionId, Link>, link: Option<&Link>) {
    let mut credentials = node.credentials().cloned().unwrap_or_default();
    let is_linked = |kind: &str, credential: &Value| {
        let id = credential.get("id").and_then(Value::as_str);
        links.values().any(|link| link.kind == kind && Some(link.id.as_str()) == id)
    };
    credentials.retain(|kind, credential| !is_linked(kind, credential));
    if let Some(link) = link {
        credentials.insert(link.kind.clone(), json!({"id": link.id, "name": link.name}));
    }
    let is_needed = !credentials.is_empty();
    node.put("credentials", is_needed.then_some(Value::Object(credentials)));
}
