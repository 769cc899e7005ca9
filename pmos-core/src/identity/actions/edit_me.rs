use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Me, own_account};
use crate::{
    Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    identity::Person,
    workspace::Label,
};

/// Changes one's own account.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMe {
    /// What others read.
    pub name: Label,
}

#[async_trait]
impl Action for EditMe {
    const SPEC: ActionSpec =
        ActionSpec::write("me.edit", Method::Patch, "/api/v1/me").person().channels(Channels::HANDS).changes_rights();
    type Output = Me;

    async fn run(self, cx: &mut Context<'_>) -> Result<Me> {
        let (_, person) = own_account(cx)?;
        let person = Person { name: self.name, ..person };
        cx.about(Subject::new("user", person.id));
        let me = Me::of(person.clone(), cx.outward(Intent::none()).await?.workspaces()).await?;
        cx.system().await?.accounts().set_name(person.id, &person.name).await?;
        Ok(me)
    }
}
