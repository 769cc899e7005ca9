use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemberView, keep_an_admin, kept_here, membership_changed};
use crate::{
    Error, Result, Role, UserId,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
};

/// Gives a member another role. What they offered to others as an admin ends with that.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// Who.
    pub user: UserId,
    /// What they may do from now on.
    pub role: Role,
}

#[async_trait]
impl Action for UpdateMember {
    const SPEC: ActionSpec = ActionSpec::write("members.update", Method::Patch, "/members/{user}")
        .channels(Channels::HANDS)
        .changes_rights()
        .step_up();
    type Output = MemberView;

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("user", self.user))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let person = cx.outward(Intent::none()).await?.identity().people(&[self.user]).await?.pop();
        let member = Context::found(cx.write().await?.members().get(self.user).await?)?;
        if cx.actor().person() == Some(self.user) {
            return Err(Error::forbidden("You cannot change your own role. Ask another admin."));
        }
        if self.role < member.role {
            keep_an_admin(cx, member).await?;
        }
        let unit = cx.write().await?;
        unit.members().set_role(self.user, self.role).await?;
        if self.role < Role::WorkspaceAdmin {
            unit.invitations().remove_by(self.user).await?;
        }
        membership_changed(cx, self.user);
        let person = Context::found(person)?;
        let (name, email) = (person.name, person.email);
        Ok(MemberView { user: self.user, name, email, role: self.role, joined_at: member.joined_at })
    }
}
