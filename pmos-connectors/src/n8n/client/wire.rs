//! What n8n sends, as far as it is read. Everything unknown is left out, everything optional may be missing.

use pmos_core::Timestamp;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Answers of the API of n8n's own screens.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Wrapped<T> {
    /// What was asked for.
    pub(in crate::n8n) data: T,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "T: DeserializeOwned"))]
pub(in crate::n8n) struct Page<T> {
    /// What is on it.
    pub(in crate::n8n) data: Vec<T>,
    /// Where the next one begins.
    #[serde(default)]
    pub(in crate::n8n) next_cursor: Option<String>,
}

/// Which project an object belongs to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Shared {
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    id: Option<String>,
}

impl Shared {
    /// The project.
    pub(in crate::n8n) fn project(&self) -> Option<&str> {
        self.project_id.as_deref().or(self.id.as_deref())
    }
}

/// A workflow as it stands in lists, without what it is made of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Listed {
    pub(in crate::n8n) id: String,
    #[serde(default)]
    pub(in crate::n8n) name: String,
    #[serde(default)]
    pub(in crate::n8n) active: bool,
    #[serde(default)]
    pub(in crate::n8n) active_version_id: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) version_id: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) updated_at: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) is_archived: bool,
    #[serde(default)]
    pub(in crate::n8n) shared: Vec<Shared>,
}

/// What a workflow is made of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Content {
    #[serde(default)]
    pub(in crate::n8n) version_counter: Option<i64>,
    pub(in crate::n8n) nodes: Vec<Map<String, Value>>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) connections: Map<String, Value>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) node_groups: Value,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) settings: Map<String, Value>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) pin_data: Map<String, Value>,
    #[serde(default)]
    pub(in crate::n8n) active_version: Option<Version>,
}

/// A version of the graph of a workflow.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Version {
    #[serde(rename = "versionId")]
    pub(in crate::n8n) id: String,
    pub(in crate::n8n) nodes: Vec<Map<String, Value>>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) connections: Map<String, Value>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::n8n) node_groups: Value,
}

/// A version in the history of a workflow.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct HistoryEntry {
    pub(in crate::n8n) version_id: String,
}

/// An execution.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Execution {
    #[serde(deserialize_with = "number")]
    pub(in crate::n8n) id: u64,
    #[serde(default)]
    pub(in crate::n8n) mode: String,
    #[serde(default)]
    pub(in crate::n8n) status: String,
    #[serde(default)]
    pub(in crate::n8n) created_at: Option<Timestamp>,
    #[serde(default)]
    pub(in crate::n8n) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(in crate::n8n) stopped_at: Option<Timestamp>,
    pub(in crate::n8n) workflow_id: String,
    #[serde(default)]
    pub(in crate::n8n) workflow_version_id: Option<String>,
    #[serde(default, deserialize_with = "number_or_none")]
    pub(in crate::n8n) retry_of: Option<u64>,
    #[serde(default)]
    pub(in crate::n8n) data: Option<ExecutionData>,
    #[serde(default)]
    pub(in crate::n8n) workflow_data: Option<Snapshot>,
}

/// What happened in an execution.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct ExecutionData {
    #[serde(default)]
    pub(in crate::n8n) result_data: ResultData,
}

/// What its nodes did.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct ResultData {
    #[serde(default)]
    pub(in crate::n8n) run_data: Map<String, Value>,
    #[serde(default)]
    pub(in crate::n8n) last_node_executed: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) error: Option<Value>,
}

/// One pass of a node.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct NodeRun {
    #[serde(default)]
    pub(in crate::n8n) start_time: Option<i64>,
    #[serde(default)]
    pub(in crate::n8n) execution_time: Option<f64>,
    #[serde(default)]
    pub(in crate::n8n) execution_index: Option<u64>,
    #[serde(default)]
    pub(in crate::n8n) execution_status: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) error: Option<Value>,
    #[serde(default)]
    pub(in crate::n8n) source: Vec<Option<Source>>,
    #[serde(default)]
    pub(in crate::n8n) data: Option<Map<String, Value>>,
}

/// Where the input of a pass came from.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Source {
    #[serde(rename = "previousNode")]
    pub(in crate::n8n) node: String,
    #[serde(default, rename = "previousNodeOutput")]
    pub(in crate::n8n) output: usize,
    #[serde(default, rename = "previousNodeRun")]
    pub(in crate::n8n) run: usize,
}

/// The workflow as it was when it ran.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Snapshot {
    #[serde(default)]
    pub(in crate::n8n) nodes: Vec<Map<String, Value>>,
}

/// A credential, without its values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct CredentialEntry {
    pub(in crate::n8n) id: String,
    pub(in crate::n8n) name: String,
    #[serde(rename = "type")]
    pub(in crate::n8n) kind: String,
    #[serde(default)]
    pub(in crate::n8n) shared: Vec<Shared>,
    #[serde(default)]
    pub(in crate::n8n) home_project: Option<Shared>,
    #[serde(default)]
    pub(in crate::n8n) data: Option<Value>,
}

/// What a try of a credential found.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Tried {
    pub(in crate::n8n) status: String,
    #[serde(default)]
    pub(in crate::n8n) message: String,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct User {
    pub(in crate::n8n) id: String,
    #[serde(default)]
    pub(in crate::n8n) email: String,
    #[serde(default)]
    pub(in crate::n8n) is_pending: bool,
    #[serde(default)]
    pub(in crate::n8n) invite_accept_url: Option<String>,
}

/// A user that was invited.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Invited {
    pub(in crate::n8n) user: User,
}

/// A link that carries a token.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Link {
    pub(in crate::n8n) link: String,
}

/// An object of which only the id matters.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Identified {
    pub(in crate::n8n) id: String,
}

/// A key; what opens with it is shown once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct ApiKey {
    pub(in crate::n8n) id: String,
    #[serde(default)]
    pub(in crate::n8n) label: String,
    #[serde(default, rename = "rawApiKey")]
    pub(in crate::n8n) raw: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) expires_at: Option<i64>,
}

/// A list of keys.
#[derive(Deserialize)]
pub(in crate::n8n) struct ApiKeys {
    #[serde(default)]
    pub(in crate::n8n) items: Vec<ApiKey>,
}

/// The key for MCP; all but its end are asterisks when it was shown before.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct McpKey {
    pub(in crate::n8n) api_key: String,
}

/// What a key may do.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Discovered {
    #[serde(default)]
    pub(in crate::n8n) scopes: Vec<String>,
}

/// What the server tells those who signed in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct ServerSettings {
    #[serde(default)]
    pub(in crate::n8n) version_cli: Option<String>,
}

/// The run that was started.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct Started {
    #[serde(default)]
    pub(in crate::n8n) execution_id: Option<String>,
}

/// What is told over the socket of n8n's own editor.
#[derive(Debug, Deserialize)]
pub(in crate::n8n) struct Pushed {
    #[serde(rename = "type")]
    pub(in crate::n8n) kind: String,
    pub(in crate::n8n) data: PushedData,
    /// How much it was as it came.
    #[serde(skip)]
    pub(in crate::n8n) bytes: usize,
}

/// About which run, and what of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::n8n) struct PushedData {
    #[serde(deserialize_with = "number")]
    pub(in crate::n8n) execution_id: u64,
    #[serde(default)]
    pub(in crate::n8n) node_name: Option<String>,
    #[serde(default)]
    pub(in crate::n8n) data: Option<NodeRun>,
}

fn or_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl NumberOrText {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let given = NumberOrText::deserialize(deserializer)?;
    given.number().ok_or_else(|| serde::de::Error::custom("expected a number"))
}

fn number_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<NumberOrText>::deserialize(deserializer)?.and_then(|given| given.number()))
}
