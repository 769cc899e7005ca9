use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Effect, Facts, Method},
    audit::Subject,
    flow::{FlowEdit, hosting},
    workspace::Label,
};

/// Gives an automation another name: the edit `rename` on its current revision.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameFlow {
    /// Which.
    pub flow: FlowId,
    /// What people read.
    pub name: Label,
}

#[async_trait]
impl Action for RenameFlow {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.rename", Method::Patch, "/flows/{flow}").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn effect(&self, facts: &Facts<'_>) -> Result<Effect> {
        super::effect_of_edits(facts, self.flow).await
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let edits = vec![FlowEdit::Rename { name: self.name.to_string() }];
        let request = hosting::EditRequest { base: None, edits, remains: None, note: None };
        hosting::edit(cx, row, &*engine, request).await
    }
}
