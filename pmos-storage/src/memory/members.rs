use async_trait::async_trait;
use pmos_core::{
    Cursor, Email, InvitationId, Page, PageRequest, Result, Role, UserId,
    identity::TokenHash,
    store::{InvitationRepository, MemberRepository},
    workspace::{Invitation, Member},
};

use super::{
    state::{by_id, change, enough, insert, key, newest_first, remove, retain},
    unit::Unit,
};

#[async_trait]
impl MemberRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Member>> {
        let items = self.read(|tenant| by_id(&tenant.members, page).take(enough(page)).copied().collect());
        Ok(Page::cut(items, page, |last: &Member| Cursor::new(self.workspace, key(last.user))))
    }

    async fn get(&mut self, user: UserId) -> Result<Option<Member>> {
        Ok(self.read(|tenant| tenant.members.get(&user).copied()))
    }

    async fn add(&mut self, member: Member) -> Result<bool> {
        Ok(insert(&mut self.fill()?.members, member.user, member).is_ok())
    }

    async fn set_role(&mut self, user: UserId, role: Role) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(change(&mut tenant.members, &user, |member| member.role = role))
    }

    async fn remove(&mut self, user: UserId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.members, &user))
    }

    async fn count(&mut self, role: Option<Role>) -> Result<u64> {
        let counts = |member: &&Member| role.is_none_or(|role| member.role == role);
        Ok(self.read(|tenant| tenant.members.values().filter(counts).count() as u64))
    }
}

#[async_trait]
impl InvitationRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Invitation>> {
        let items = self.read(|tenant| {
            newest_first(&tenant.invitations, page)
                .take(enough(page))
                .map(|(invitation, _)| invitation.clone())
                .collect()
        });
        Ok(Page::cut(items, page, |last: &Invitation| Cursor::new(self.workspace, key(last.id))))
    }

    async fn insert(&mut self, invitation: &Invitation, token: TokenHash) -> Result<()> {
        insert(&mut self.fill()?.invitations, invitation.id, (invitation.clone(), token))
    }

    async fn get(&mut self, id: InvitationId) -> Result<Option<Invitation>> {
        Ok(self.read(|tenant| tenant.invitations.get(&id).map(|(invitation, _)| invitation.clone())))
    }

    async fn remove(&mut self, id: InvitationId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.invitations, &id))
    }

    async fn remove_by(&mut self, inviter: UserId) -> Result<()> {
        let Some(tenant) = self.write()? else { return Ok(()) };
        retain(&mut tenant.invitations, |(invitation, _)| invitation.invited_by != inviter);
        Ok(())
    }

    async fn remove_for(&mut self, email: &Email) -> Result<()> {
        let Some(tenant) = self.write()? else { return Ok(()) };
        retain(&mut tenant.invitations, |(invitation, _)| invitation.email.key() != email.key());
        Ok(())
    }

    async fn count(&mut self) -> Result<u64> {
        Ok(self.read(|tenant| tenant.invitations.len() as u64))
    }
}
