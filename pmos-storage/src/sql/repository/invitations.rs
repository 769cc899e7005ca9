//! Open offers to join the workspace.

use async_trait::async_trait;
use pmos_core::{
    Cursor, Email, Id, InvitationId, Page, PageRequest, Result, Timestamp, UserId, identity::TokenHash,
    store::InvitationRepository, workspace::Invitation,
};
use uuid::Uuid;

use super::{super::Unit, before, most, query, rows};
use crate::sql::value::{kept, number, parsed};

statements! {
    LIST = "select id, email, role, invited_by, created_at, expires_at from invitations \
            where workspace_id = $1 and id < $2 order by id desc limit $3";
    GET = "select id, email, role, invited_by, created_at, expires_at from invitations \
           where workspace_id = $1 and id = $2";
    INSERT = "insert into invitations \
              (workspace_id, id, email, role, invited_by, token_hash, created_at, expires_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    REMOVE = "delete from invitations where workspace_id = $1 and id = $2";
    REMOVE_BY = "delete from invitations where workspace_id = $1 and invited_by = $2";
    ADDRESSES = "select id, email from invitations where workspace_id = $1";
    COUNT = "select count(*) from invitations where workspace_id = $1";
}

type Row = (Uuid, String, String, Uuid, i64, i64);

fn read((id, email, role, invited_by, created_at, expires_at): Row) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId::from_uuid(id),
        email: kept("invitations.email", Email::kept(email))?,
        role: parsed("invitations.role", &role)?,
        invited_by: UserId::from_uuid(invited_by),
        created_at: Timestamp::from_micros(created_at),
        expires_at: Timestamp::from_micros(expires_at),
    })
}

#[async_trait]
impl InvitationRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Invitation>> {
        let list = rows::<Row>(LIST).bind(self.workspace).bind(before(page)).bind(most(page));
        let invitations = self.all("list invitations", list).await?.into_iter().map(read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(invitations, page, |item: &Invitation| Cursor::new(owner, item.id.uuid().as_u128())))
    }

    async fn insert(&mut self, invitation: &Invitation, token: TokenHash) -> Result<()> {
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(invitation.id.uuid())
            .bind(invitation.email.as_str())
            .bind(invitation.role.as_str())
            .bind(invitation.invited_by.uuid())
            .bind(token.0.as_slice())
            .bind(invitation.created_at.micros())
            .bind(invitation.expires_at.micros());
        self.change("keep an invitation", insert).await?;
        Ok(())
    }

    async fn get(&mut self, id: InvitationId) -> Result<Option<Invitation>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read an invitation", get).await?.map(read).transpose()
    }

    async fn remove(&mut self, id: InvitationId) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(id.uuid());
        Ok(self.change("remove an invitation", remove).await? > 0)
    }

    async fn remove_by(&mut self, inviter: UserId) -> Result<()> {
        let remove = query(REMOVE_BY).bind(self.workspace).bind(inviter.uuid());
        self.change("take invitations back", remove).await.map(drop)
    }

    async fn remove_for(&mut self, email: &Email) -> Result<()> {
        // Databases do not agree on what is the same address in other letters.
        let addresses = rows::<(Uuid, String)>(ADDRESSES).bind(self.workspace);
        for (id, invited) in self.all("read whom invitations are for", addresses).await? {
            if kept("invitations.email", Email::kept(invited))?.key() == email.key() {
                self.remove(InvitationId::from_uuid(id)).await?;
            }
        }
        Ok(())
    }

    async fn count(&mut self) -> Result<u64> {
        let count = rows::<(i64,)>(COUNT).bind(self.workspace);
        number("invitations", self.one("count invitations", count).await?.0)
    }
}
