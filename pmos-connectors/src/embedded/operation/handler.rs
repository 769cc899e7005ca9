//! What carries out the steps of one operation.

use std::fmt::Debug;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{OperationDescriptor, StepContext, StepFailure};

/// Carries out the steps of one operation. Whatever it needs, as a client or a pool, it owns.
///
/// The engine makes its steps durable. Before a step begins that reads or writes, its intent is on disk; afterwards its
/// outcome. A recorded step never runs again. When the process dies in between, a step is done again only if that does no
/// harm; of any other the run stops and asks for attention.
#[async_trait]
pub trait OperationHandler: Debug + Send + Sync + 'static {
    /// What people and programs are told of it. Asked once, when the engine is built.
    fn descriptor(&self) -> OperationDescriptor;

    /// What is wrong with the settings of a step beyond what their fields say: the path of each setting and a sentence. Asked
    /// while a flow is edited, so expressions stand there as they were written.
    fn check(&self, settings: &Map<String, Value>) -> Vec<(String, String)> {
        let _ = settings;
        Vec::new()
    }

    /// Whether a step that may change something may be done twice, as when the other side knows the
    /// [idempotency key](StepContext::idempotency_key). The settings are as they were written.
    fn is_repeatable(&self, settings: &Map<String, Value>) -> bool {
        let _ = settings;
        false
    }

    /// What is recorded of the settings. Leave out what is not to be seen by those who may read runs.
    fn shown(&self, settings: &Map<String, Value>) -> Map<String, Value> {
        settings.clone()
    }

    /// Does one try of a step and returns what the step gives. The settings are computed, fit their fields, and hold the
    /// defaults of what was left out.
    ///
    /// When a person stops the run, when the time is over or when the process stops, the future is dropped where it
    /// awaits; what goes on by itself, as on another thread, watches [`StepContext::stopped`]. A panic is a lost answer.
    ///
    /// # Errors
    /// [`StepFailure`] says what happened and what that means for the next try.
    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure>;
}
