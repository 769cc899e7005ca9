//! Trying a credential.

use async_trait::async_trait;

use super::actions::TestResult;
use crate::vault::Credential;

/// Asks an external service whether it takes a credential. What goes wrong is an answer, not an error.
#[async_trait]
pub trait Prober: std::fmt::Debug + Send + Sync {
    /// Asks `url` by GET, with the credential.
    async fn probe(&self, url: &str, credential: Credential) -> TestResult;
}
