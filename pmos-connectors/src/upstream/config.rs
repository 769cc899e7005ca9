//! Settings that every adapter has.

use std::time::Duration;

use pmos_core::vault::Secret;

/// A server that the operator runs, and what opens it. It is reached at exactly this address, wherever that is.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its address, as `http://127.0.0.1:5678`.
    pub base_url: String,
    /// Where its webhooks are reached from outside, when that is another address.
    pub webhook_url: Option<String>,
    /// The address of its owner's account.
    pub owner_email: Option<String>,
    /// The password of that account.
    pub owner_password: Option<Secret>,
    /// A key of the owner.
    pub api_key: Option<Secret>,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Looking up, connecting and the TLS handshake.
    pub connect: Duration,
    /// A call with all its repetitions.
    pub total: Duration,
    /// How long to wait for a published flow to be live, or for a stopped one to be gone.
    pub settle: Duration,
    /// The pause between two looks while waiting.
    pub look: Duration,
    /// How long the start of a run may wait for the socket over which its steps are told.
    pub socket: Duration,
    /// How long a call may go without an answer before others are told that the server hangs.
    pub patience: Duration,
    /// How long a server that failed is left alone before it is tried again.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            total: Duration::from_secs(30),
            settle: Duration::from_secs(3),
            look: Duration::from_millis(50),
            socket: Duration::from_secs(1),
            patience: Duration::from_secs(4),
            rest: Duration::from_secs(2),
        }
    }
}
