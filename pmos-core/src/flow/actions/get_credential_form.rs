use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::CredentialForm,
};

/// Shows what a credential of some kind consists of, for kinds that a remote engine keeps; pieces name them in `auth`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCredentialForm {
    /// The engine.
    pub engine: String,
    /// The engine's name of the kind.
    pub kind: String,
}

#[async_trait]
impl Action for GetCredentialForm {
    const SPEC: ActionSpec =
        ActionSpec::read("connections.form", Method::Get, "/engines/{engine}/credentials/{kind}").role(Role::Viewer);
    type Output = CredentialForm;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = super::engine(cx, &self.engine)?;
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::none()).await?;
        let at = outward.tenancy(&scope, &**engine).await?;
        Context::found(outward.catalog(&**engine).credential_kind(at.as_ref(), &self.kind).await?)
    }
}
