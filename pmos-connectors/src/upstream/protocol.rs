//! What an adapter says of its engine.

use super::{Endpoint, FaultKind, Received};

/// How the servers of one engine speak, as far as the shared client must know.
pub trait Protocol: Send + Sync + 'static {
    /// The engine's slug, as `n8n`.
    const NAME: &'static str;
    /// What people call it.
    const TITLE: &'static str;
    /// Where its API begins below the address of a server. People paste it along with the address.
    const API_PATH: &'static str;
    /// Answers whenever the server can work.
    const READINESS: Endpoint;

    /// What a response to a call of `endpoint` means.
    ///
    /// # Errors
    /// When it is no answer to work with.
    fn judge(endpoint: &Endpoint, response: &Received<'_>) -> Result<(), Verdict>;

    /// What the server says of a refusal, in its own words, for the log; empty when it says nothing.
    fn said(response: &Received<'_>) -> String;
}

/// What a response means that is no answer to work with.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call failed.
    Fault(FaultKind),
    /// There is nothing at this path: the server is starting, or has no such endpoint. Its readiness tells which.
    NoSuchPath,
}

impl From<FaultKind> for Verdict {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::upstream::Verb;

    /// An engine that there is not.
    #[derive(Debug)]
    pub(in super::super) struct Example;

    impl Protocol for Example {
        const NAME: &'static str = "example";
        const TITLE: &'static str = "Example";
        const API_PATH: &'static str = "/api/v1";
        const READINESS: Endpoint = Endpoint::new(Verb::Get, "/ready");

        fn judge(_: &Endpoint, response: &Received<'_>) -> Result<(), Verdict> {
            match response.status.as_u16() {
                200..=299 => Ok(()),
                _ => Err(response.fault(String::new()).into()),
            }
        }

        fn said(_: &Received<'_>) -> String {
            String::new()
        }
    }
}
