//! Joining a workspace by invitation.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Invitation, Label, Member};
use crate::{
    Actor, Channel, Email, Error, Kind, Pmos, Result, Role, WorkspaceId, WorkspaceScope,
    action::{IdempotencyKey, idempotency_mismatch},
    audit::{AuditEntry, Outcome, Subject},
    event::NewEvent,
    identity::{Person, SignUp, SignedIn, TokenHash, Visit},
    store::{Access, AnswerKey, Closing, Remembered, StoredAnswer},
    vault::Secret,
};

/// The name of the act in the audit trail.
const ACCEPT: &str = "invitations.accept";

/// What the holder of an invitation sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitationView {
    /// Where it leads.
    pub workspace: InvitedTo,
    /// What one may do there.
    pub role: Role,
    /// Who made it.
    pub invited_by: Option<Label>,
    /// Only the account with this address may accept it.
    pub email: Email,
    /// Whether there is such an account.
    pub account_exists: bool,
}

/// The workspace an invitation leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitedTo {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
}

impl Pmos {
    /// Shows an invitation to the one who holds its secret.
    ///
    /// # Errors
    /// `invitation_expired` when it was used, revoked or is too old.
    pub async fn invitation(&self, token: &Secret) -> Result<InvitationView> {
        let (workspace, invitation) = self.open_invitation(token).await?;
        let profile = self.workspaces().profile(workspace).await?.ok_or_else(expired)?;
        let inviter = self.identity().people(&[invitation.invited_by]).await?.pop();
        Ok(InvitationView {
            workspace: InvitedTo { id: workspace, name: profile.name },
            role: invitation.role,
            invited_by: inviter.map(|person| person.name),
            account_exists: self.identity().by_email(&invitation.email).await?.is_some(),
            email: invitation.email,
        })
    }

    /// Makes an account, and lets it into the workspace it was invited to.
    ///
    /// # Errors
    /// As [`Pmos::invitation`] and [`Accounts`](crate::identity::Accounts), `unsupported` when the host brought its own
    /// people.
    pub async fn sign_up(&self, input: SignUp, visit: &Visit) -> Result<SignedIn> {
        let accounts = self.accounts().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?;
        if let Some(token) = &input.invitation {
            let (_, invitation) = self.open_invitation(token).await?;
            fits(&invitation, &input.email)?;
        }
        let signed_in = accounts.make(&input, visit).await?;
        if let Some(token) = &input.invitation {
            self.join(&signed_in.person, token, None, visit).await?;
        }
        Ok(signed_in)
    }

    /// Lets a person into the workspace he was invited to. The same request under the same key lets him in once and is
    /// no error when it is repeated.
    ///
    /// # Errors
    /// As [`Pmos::invitation`]; `other_address` when it was made for somebody else, `already_member`;
    /// `idempotency_mismatch` when the key belongs to another invitation, `in_progress`.
    pub async fn join(
        &self,
        person: &Person,
        token: &Secret,
        key: Option<&IdempotencyKey>,
        visit: &Visit,
    ) -> Result<()> {
        let request = key.map(|key| self.acceptance(person, token, key));
        let _in_flight = request.as_ref().map(|request| self.in_flight(None, &request.key)).transpose()?;
        if let Some(request) = &request
            && self.joined_before(person, request).await?
        {
            return Ok(());
        }
        let (workspace, invitation) = self.open_invitation(token).await?;
        fits(&invitation, &person.email)?;
        let actor = Actor::Person(person.id);
        let scope = WorkspaceScope::new(workspace, actor, invitation.role, Channel::Rust);
        let now = self.clock().now();
        let mut unit = self.store().begin(&scope, Access::Write).await?;
        if !unit.invitations().remove(invitation.id).await? {
            return Err(expired());
        }
        let member = Member { user: person.id, role: invitation.role, joined_at: now };
        if !unit.members().add(member).await? {
            return Err(Error::conflict("already_member", "You belong to this workspace already."));
        }
        let subject = Subject::new("user", person.id);
        let audit = AuditEntry {
            id: self.clock().new_id()?,
            at: now,
            actor,
            action: ACCEPT,
            outcome: Outcome::Done,
            subject: Some(subject.clone()),
            address: visit.address.clone(),
            request: visit.request,
            note: None,
        };
        let event = NewEvent::new("member.changed", now, actor, &subject);
        let events = unit.commit(Closing { events: vec![event], audit: vec![audit], answer: request }).await?;
        self.publish(workspace, events);
        self.rights_changed();
        Ok(())
    }

    /// What is remembered of an acceptance. There is nothing secret in it: stores keep the hash of the token anyway.
    fn acceptance(&self, person: &Person, token: &Secret, key: &IdempotencyKey) -> StoredAnswer {
        let actor = Actor::Person(person.id).to_string();
        let key = AnswerKey { actor, action: ACCEPT, key: key.as_str().to_owned() };
        StoredAnswer {
            key,
            digest: TokenHash::of(token.expose()).0,
            answer: Remembered::Done(None),
            at: self.clock().now(),
        }
    }

    /// An invitation that was used leads nowhere any more, but then he belongs to its workspace, which remembers.
    async fn joined_before(&self, person: &Person, request: &StoredAnswer) -> Result<bool> {
        for membership in self.workspaces().memberships(person.id).await? {
            let scope = WorkspaceScope::system(membership.workspace, "find a remembered answer");
            let mut unit = self.store().begin(&scope, Access::Read).await?;
            if let Some(before) = unit.idempotency().get(&request.key).await? {
                return if before.digest == request.digest { Ok(true) } else { Err(idempotency_mismatch()) };
            }
        }
        Ok(false)
    }

    async fn open_invitation(&self, token: &Secret) -> Result<(WorkspaceId, Invitation)> {
        let found = self.store().directory().invitation(TokenHash::of(token.expose())).await?;
        let (workspace, id) = found.ok_or_else(expired)?;
        let scope = WorkspaceScope::system(workspace, "show an invitation");
        let invitation = self.store().begin(&scope, Access::Read).await?.invitations().get(id).await?;
        let invitation =
            invitation.filter(|invitation| self.clock().now() < invitation.expires_at).ok_or_else(expired)?;
        Ok((workspace, invitation))
    }
}

fn expired() -> Error {
    let message = "This invitation was used, taken back or is too old. Ask for a new one.";
    Error::new(Kind::NotFound, "invitation_expired", message)
}

fn fits(invitation: &Invitation, email: &Email) -> Result<()> {
    if invitation.email.key() == email.key() {
        return Ok(());
    }
    let message = "This invitation was made for another address. Use the account with that address.";
    Err(Error::new(Kind::Forbidden, "other_address", message))
}
