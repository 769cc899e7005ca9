use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject};
use crate::{
    EditId, Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Effect, Facts, Method},
    audit::Subject,
    flow::hosting,
};

/// Takes back a change of an automation's draft, the newest one unless another is named. What others did since stays; when
/// that is not possible it is a conflict.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoEdit {
    /// Which automation.
    pub flow: FlowId,
    /// Which change.
    #[serde(default)]
    pub edit: Option<EditId>,
}

#[async_trait]
impl Action for UndoEdit {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.undo", Method::Post, "/flows/{flow}/undo").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn effect(&self, facts: &Facts<'_>) -> Result<Effect> {
        super::effect_of_edits(facts, self.flow).await
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let edit = match self.edit {
            Some(edit) => cx.read().await?.flows().edit(self.flow, edit).await?,
            None => cx.read().await?.flows().edits_after(self.flow, row.revision.saturating_sub(1), 1).await?.pop(),
        };
        let edit = edit.filter(|edit| !edit.conflict);
        let edit = edit.ok_or_else(|| Error::invalid("edit", "there is no such change that could be taken back"))?;
        let edits =
            serde_json::from_str(edit.inverses.get()).map_err(|cause| Error::internal("read edits").because(cause))?;
        let note = Some(format!("takes back {}", edit.id));
        let request = hosting::EditRequest { base: Some(edit.revision), edits, remains: edit.remains, note };
        hosting::edit(cx, row, &*engine, request).await
    }
}
