//! What is known about a request besides its input.

use std::net::IpAddr;

use crate::{Clock, Error, RequestId, Result};

/// A request, as far as it does not depend on what it asks for.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Its id, in logs and error answers.
    pub id: RequestId,
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// The program it came from, as it calls itself.
    pub user_agent: Option<String>,
    /// The caller's own name for it, so that a repeated one has no second effect.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RequestInfo {
    /// A request of the embedding program itself.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn new(clock: &dyn Clock) -> Result<Self> {
        Ok(Self { id: clock.new_id()?, address: None, user_agent: None, idempotency_key: None })
    }
}

/// A caller's own name for a request: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters"))
    }
}
