//! A stored credential. What is secret about it is sealed and never leaves the vault.

use crate::{
    ConnectionId, Timestamp,
    vault::{CredentialKind, HostBinding, Sealed},
    workspace::Label,
};

/// A stored credential without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// What people read.
    pub name: Label,
    /// How it is shown to the service.
    pub kind: CredentialKind,
    /// The only hosts it may be sent to.
    pub hosts: Vec<HostBinding>,
    /// The header, parameter or user name; empty for a bearer token.
    pub secret_name: String,
    /// The last four characters of the secret, to recognise it by; none for short ones.
    pub last_four: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A stored credential with its sealed secret.
#[derive(Debug, Clone)]
pub struct SealedConnection {
    /// What may be seen.
    pub connection: Connection,
    /// What may not.
    pub secret: Sealed,
}
