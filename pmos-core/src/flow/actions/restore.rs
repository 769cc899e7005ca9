use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject, version};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Effect, Facts, Method},
    audit::Subject,
    flow::hosting,
};

/// Makes the draft of an automation what a published version of it is. The live version stays as it is; the draft of
/// before is in the history and comes back by taking this back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreVersion {
    /// Which automation.
    pub flow: FlowId,
    /// The number of the version.
    pub version: u32,
}

#[async_trait]
impl Action for RestoreVersion {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.restore", Method::Post, "/flows/{flow}/restore").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn effect(&self, facts: &Facts<'_>) -> Result<Effect> {
        super::effect_of_edits(facts, self.flow).await
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let then = version(cx, self.flow, self.version).await?;
        let lens = engine.lens();
        let (now, wanted) = (lens.view(&row.document)?, lens.view(&then)?);
        // What only the version has and no view shows is what going from it to the draft took away.
        let remains = lens.remains(&then, &lens.diff(&wanted, &now))?;
        let note = Some(format!("restores version {}", self.version));
        let edits = lens.diff(&now, &wanted);
        let request = hosting::EditRequest { base: Some(row.revision), edits, remains, note };
        hosting::edit(cx, row, &*engine, request).await
    }
}
