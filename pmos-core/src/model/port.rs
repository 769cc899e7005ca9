//! What speaks to models.

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{ModelEndpoint, ModelEvent, ModelFault, Prompt};

/// The answer of a model while it is written. Dropping it closes the connection. It ends with [`ModelEvent::Finished`] or a fault.
pub type ModelStream = BoxStream<'static, Result<ModelEvent, ModelFault>>;

/// The wire to models of every provider. It keeps nothing of one workspace for another, reads no key from anywhere but the
/// endpoint, and repeats nothing by itself.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ChatModel: fmt::Debug + Send + Sync {
    /// Asks `model` and streams its answer.
    ///
    /// # Errors
    /// What the provider refused before it began to answer.
    async fn stream(&self, endpoint: &ModelEndpoint, model: &str, prompt: Prompt) -> Result<ModelStream, ModelFault>;

    /// The names of the models that an endpoint has, in the provider's order.
    ///
    /// # Errors
    /// What the provider refused.
    async fn models(&self, endpoint: &ModelEndpoint) -> Result<Vec<String>, ModelFault>;
}
