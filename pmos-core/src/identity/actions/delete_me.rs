use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::own_account;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    store::Removal,
    vault::Secret,
};

/// Deletes one's own account, with its sessions, memberships and keys.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteMe {
    /// The password of the account.
    pub password: Secret,
}

#[async_trait]
impl Action for DeleteMe {
    const SPEC: ActionSpec = ActionSpec::destroy("me.delete", Method::Delete, "/api/v1/me")
        .person()
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let (accounts, person) = own_account(cx)?;
        cx.about(Subject::new("user", person.id));
        let account = accounts.prove(&person.email, self.password, Self::SPEC.name, cx.request()).await?;
        let unit = cx.system().await?;
        if account.person.super_admin && unit.accounts().count_super_admins().await? == 1 {
            let message = "You are the only one who runs this instance. Make another person a super admin first.";
            return Err(Error::conflict("last_super_admin", message));
        }
        if let Removal::LastAdmin(workspace) = unit.accounts().remove(person.id).await? {
            cx.abandon();
            let profile = cx.outward(Intent::none()).await?.workspaces().profile(workspace).await?;
            let name = profile.map_or_else(String::new, |profile| profile.name.to_string());
            let message = format!("You are the last admin of {name}. Make another member one, or delete it first.");
            return Err(Error::conflict("last_admin", message).with("workspace", workspace));
        }
        cx.end_session();
        Ok(())
    }
}
