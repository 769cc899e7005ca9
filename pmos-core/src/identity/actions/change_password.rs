use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Me, own_account};
use crate::{
    Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    vault::Secret,
};

/// Sets a new password and ends all other sessions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub current: Secret,
    /// The password from now on, at least 12 characters.
    pub new: Secret,
}

#[async_trait]
impl Action for ChangePassword {
    const SPEC: ActionSpec = ActionSpec::write("me.password", Method::Post, "/api/v1/me/password")
        .person()
        .channels(Channels::HANDS)
        .changes_rights();
    type Output = Me;

    async fn run(self, cx: &mut Context<'_>) -> Result<Me> {
        let (accounts, person) = own_account(cx)?;
        cx.about(Subject::new("user", person.id));
        let hash = accounts.new_password(&person, self.current, self.new, Self::SPEC.name, cx.request()).await?;
        let me = Me::of(person.clone(), cx.outward(Intent::none()).await?.workspaces()).await?;
        let (session, renewed) = (cx.principal().session(), accounts.renewed(cx.now())?);
        let unit = cx.system().await?;
        unit.accounts().set_password(person.id, &hash).await?;
        unit.sessions().remove_all(person.id, session).await?;
        if let Some(session) = session {
            renewed.keep(&mut *unit.sessions(), session).await?;
            cx.renew_session(renewed.token);
        }
        Ok(me)
    }
}
