use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::hosting,
};

/// Makes the draft of an automation its live version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishFlow {
    /// Which.
    pub flow: FlowId,
    /// Whether its triggers become live too.
    #[serde(default = "yes")]
    pub enable: bool,
    /// What to remember about this version.
    #[serde(default)]
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Action for PublishFlow {
    const SPEC: ActionSpec =
        ActionSpec::write("flows.publish", Method::Post, "/flows/{flow}/publish").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if self.note.as_ref().is_some_and(|note| note.chars().count() > 500) {
            return Err(Error::invalid("note", "must have at most 500 characters"));
        }
        let (row, engine) = find(cx, self.flow).await?;
        hosting::publish(cx, row, &*engine, self.enable, self.note).await
    }
}
