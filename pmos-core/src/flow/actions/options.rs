use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ConnectionId, Page, Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::{FieldOption, OptionsQuestion, hosting},
};

/// Looks up the options of a field that depend on other settings or on an account.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOptions {
    /// The engine.
    pub engine: String,
    /// The piece; of a step what `forms` of its automation says, if it says something.
    pub piece: String,
    /// The operation.
    pub operation: String,
    /// The path of the field in the settings, as `channel`, `filters.rows.0.column` or, for what a locator's list
    /// holds, `channel.value`.
    pub field: String,
    /// The settings as they stand.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// The stored credential to look with.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// What was typed to narrow the list.
    #[serde(default)]
    pub search: Option<String>,
}

#[async_trait]
impl Action for GetOptions {
    const SPEC: ActionSpec =
        ActionSpec::read("pieces.options", Method::Post, "/engines/{engine}/options").role(Role::Member).agents();
    type Output = Page<FieldOption>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = super::engine(cx, &self.engine)?;
        let question = OptionsQuestion {
            piece: self.piece,
            operation: self.operation,
            field: self.field,
            settings: self.settings,
            connection: self.connection,
            search: self.search,
        };
        let credential = match question.connection {
            Some(connection) => hosting::credential(cx, &**engine, connection).await?,
            None => None,
        };
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::none()).await?;
        let at = outward.tenancy(&scope, &**engine).await?;
        outward.catalog(&**engine).options(at.as_ref(), &question, credential.as_ref()).await.map(Page::whole)
    }
}
