use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    cluster::Hint,
    store::UnitOfWork,
};

/// Deletes the workspace with everything in it. This cannot be undone.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteWorkspace {
    /// The name of the workspace, typed again.
    pub confirm: String,
}

#[async_trait]
impl Action for DeleteWorkspace {
    const SPEC: ActionSpec = ActionSpec::destroy("workspace.delete", Method::Delete, "/")
        .channels(Channels::HANDS)
        .changes_rights()
        .step_up()
        .empty();
    type Output = ();

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        kept_here(cx)?;
        let profile = Context::found(cx.write().await?.workspace().get().await?)?;
        if self.confirm.trim() != profile.name.as_str() {
            return Err(Error::invalid("confirm", format!("type the name of the workspace: {}", profile.name)));
        }
        delete(cx.write().await?).await?;
        cx.about(Subject::new("workspace", profile.id));
        cx.hint(Hint::WorkspaceGone(profile.id));
        Ok(())
    }
}

/// Deletes the workspace of a unit; `false` when it is gone already.
pub(crate) async fn delete(unit: &mut dyn UnitOfWork) -> Result<bool> {
    let tenancies = unit.engines().tenancies().await?;
    if !tenancies.is_empty() {
        let engines: Vec<_> = tenancies.into_iter().map(|tenancy| tenancy.engine).collect();
        let message =
            "The workspace is connected to remote engines. Disconnect them first, so that nothing is left there.";
        return Err(Error::conflict("engines_connected", message).with("engines", engines));
    }
    unit.workspace().delete().await
}
