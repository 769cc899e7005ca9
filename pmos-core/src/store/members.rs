use async_trait::async_trait;

use crate::{
    Email, InvitationId, Page, PageRequest, Result, Role, UserId,
    identity::TokenHash,
    workspace::{Invitation, Member},
};

/// Who belongs to the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait MemberRepository: Send {
    /// A page of members, by user id.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Member>>;
    /// One member.
    async fn get(&mut self, user: UserId) -> Result<Option<Member>>;
    /// Adds a member; `false` when they are one already.
    async fn add(&mut self, member: Member) -> Result<bool>;
    /// Gives a member another role.
    async fn set_role(&mut self, user: UserId, role: Role) -> Result<bool>;
    /// Takes a member out.
    async fn remove(&mut self, user: UserId) -> Result<bool>;
    /// How many members with this role there are, counted so that two units cannot both rely on the same last one.
    async fn count(&mut self, role: Option<Role>) -> Result<u64>;
}

/// Open offers to join.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait InvitationRepository: Send {
    /// A page of invitations, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Invitation>>;
    /// Adds one.
    async fn insert(&mut self, invitation: &Invitation, token: TokenHash) -> Result<()>;
    /// One invitation.
    async fn get(&mut self, id: InvitationId) -> Result<Option<Invitation>>;
    /// Takes it away, accepted or revoked.
    async fn remove(&mut self, id: InvitationId) -> Result<bool>;
    /// Takes away what this person offered.
    async fn remove_by(&mut self, inviter: UserId) -> Result<()>;
    /// Takes away what this address was offered.
    async fn remove_for(&mut self, email: &Email) -> Result<()>;
    /// How many are open.
    async fn count(&mut self) -> Result<u64>;
}
