use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invited::{by_an_admin, expired, find, fits, open};
use super::kept_here;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    event::NewEvent,
    identity::actions::Me,
    store::Closing,
    vault::Secret,
    workspace::Member,
};

/// Accepts an invitation with the account one has.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The secret part of the link.
    pub token: Secret,
}

#[async_trait]
impl Action for AcceptInvitation {
    const SPEC: ActionSpec = ActionSpec::write("invitations.accept", Method::Post, "/api/v1/invitations/{token}")
        .person()
        .channels(Channels::HANDS)
        .changes_rights();
    type Output = Me;

    async fn run(self, cx: &mut Context<'_>) -> Result<Me> {
        kept_here(cx)?;
        let person = cx.principal().person.clone().ok_or_else(Error::unauthenticated)?;
        let (workspace, id) = find(cx.services().store.directory(), &self.token).await?;
        let subject = Subject::new("user", person.id);
        cx.about(subject.clone());
        let (now, record) = (cx.now(), cx.record()?);
        let event = NewEvent::new("member.changed", now, cx.actor(), &subject);
        let mut unit = cx.elsewhere(workspace, "accept an invitation").await?;
        let invitation = open(unit.invitations(), id, now).await?;
        drop(unit);
        by_an_admin(&cx.outward(Intent::none()).await?, &invitation, workspace).await?;
        fits(&invitation.email, &person.email)?;
        let mut unit = cx.elsewhere(workspace, "accept an invitation").await?;
        if !unit.invitations().remove(id).await? {
            return Err(expired());
        }
        let member = Member { user: person.id, role: invitation.role, joined_at: now };
        if !unit.members().add(member).await? {
            return Err(Error::conflict("already_member", "You belong to this workspace already."));
        }
        // The workspace keeps its own record; that of the instance follows with the answer: the two chains are two commits.
        unit.close(Closing { events: vec![event], audit: vec![record], answer: None }).await?;
        Me::of(person, cx.outward(Intent::none()).await?.workspaces()).await
    }
}
