use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Effect, Facts, Method},
    audit::Subject,
    flow::{FlowEdit, hosting},
};

/// Changes an automation by a list of edits against a base revision, all or none.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditFlow {
    /// Which.
    pub flow: FlowId,
    /// The revision that the edits were made on.
    pub base: String,
    /// The edits, in order.
    pub edits: Vec<FlowEdit>,
    /// What to remember about them.
    #[serde(default)]
    pub note: Option<String>,
}

#[async_trait]
impl Action for EditFlow {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.edit", Method::Post, "/flows/{flow}/edits").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn effect(&self, facts: &Facts<'_>) -> Result<Effect> {
        super::effect_of_edits(facts, self.flow).await
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let base: u64 = self
            .base
            .parse()
            .map_err(|_| Error::invalid("base", "must be the revision of the automation as you have it"))?;
        if self.note.as_ref().is_some_and(|note| note.chars().count() > 500) {
            return Err(Error::invalid("note", "must have at most 500 characters"));
        }
        let (row, engine) = find(cx, self.flow).await?;
        let request = hosting::EditRequest { base: Some(base), edits: self.edits, remains: None, note: self.note };
        hosting::edit(cx, row, &*engine, request).await
    }
}
