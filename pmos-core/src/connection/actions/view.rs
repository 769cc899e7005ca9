//! A connection as people get it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ConnectionId, FlowId, Result, Timestamp, action::Context, connection::Connection, vault::HostBinding,
    workspace::Label,
};

/// A stored credential without its secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// What people read.
    pub name: Label,
    /// How it is shown to the service; for an engine outside its own name of the kind.
    pub kind: String,
    /// The only hosts it may be sent to.
    pub hosts: Vec<HostBinding>,
    /// The engine that keeps it; ours are used by the embedded engine.
    pub engine: String,
    /// The header, parameter or user name.
    pub secret_name: Option<String>,
    /// The last four characters of a long secret.
    pub last_four: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The automations that use it.
    pub used_by: Vec<UsedBy>,
}

/// The engine whose steps use our own connections.
pub(super) const EMBEDDED: &str = "embedded";

/// An automation that uses a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsedBy {
    /// The automation.
    pub id: FlowId,
    /// What people read.
    pub name: Label,
}

pub(super) async fn view(cx: &mut Context<'_>, connection: Connection) -> Result<ConnectionView> {
    let using = cx.read().await?.flows().using(connection.id).await?;
    Ok(ConnectionView {
        id: connection.id,
        name: connection.name,
        kind: connection.kind.as_str().to_owned(),
        hosts: connection.hosts,
        engine: EMBEDDED.to_owned(),
        secret_name: (!connection.secret_name.is_empty()).then_some(connection.secret_name),
        last_four: connection.last_four,
        created_at: connection.created_at,
        updated_at: connection.updated_at,
        used_by: using.into_iter().map(|(id, name)| UsedBy { id, name }).collect(),
    })
}
