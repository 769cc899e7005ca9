//! Who belongs to the workspace.

use async_trait::async_trait;
use pmos_core::{
    Cursor, Id, Page, PageRequest, Result, Role, Timestamp, UserId, store::MemberRepository, workspace::Member,
};
use uuid::Uuid;

use super::{super::Unit, after, most, query, rows};
use crate::sql::value::{number, parsed};

statements! {
    LIST = "select user_id, role, joined_at from members where workspace_id = $1 and user_id > $2 \
            order by user_id limit $3";
    GET = "select user_id, role, joined_at from members where workspace_id = $1 and user_id = $2";
    ADD = "insert into members (workspace_id, user_id, role, joined_at) values ($1, $2, $3, $4) \
           on conflict (workspace_id, user_id) do nothing";
    SET_ROLE = "update members set role = $3 where workspace_id = $1 and user_id = $2";
    REMOVE = "delete from members where workspace_id = $1 and user_id = $2";
    COUNT = "select count(*) from members \
             where workspace_id = $1 and (cast($2 as text) is null or role = cast($2 as text))";
}

type Row = (Uuid, String, i64);

fn read((user, role, joined_at): Row) -> Result<Member> {
    Ok(Member {
        user: UserId::from_uuid(user),
        role: parsed("members.role", &role)?,
        joined_at: Timestamp::from_micros(joined_at),
    })
}

#[async_trait]
impl MemberRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Member>> {
        let list = rows::<Row>(LIST).bind(self.workspace).bind(after(page)).bind(most(page));
        let members = self.all("list members", list).await?.into_iter().map(read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(members, page, |member: &Member| Cursor::new(owner, member.user.uuid().as_u128())))
    }

    async fn get(&mut self, user: UserId) -> Result<Option<Member>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(user.uuid());
        self.find("read a member", get).await?.map(read).transpose()
    }

    async fn add(&mut self, member: Member) -> Result<bool> {
        let add = query(ADD)
            .bind(self.workspace)
            .bind(member.user.uuid())
            .bind(member.role.as_str())
            .bind(member.joined_at.micros());
        Ok(self.change("add a member", add).await? > 0)
    }

    async fn set_role(&mut self, user: UserId, role: Role) -> Result<bool> {
        let set = query(SET_ROLE).bind(self.workspace).bind(user.uuid()).bind(role.as_str());
        Ok(self.change("change a role", set).await? > 0)
    }

    async fn remove(&mut self, user: UserId) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(user.uuid());
        Ok(self.change("remove a member", remove).await? > 0)
    }

    async fn count(&mut self, role: Option<Role>) -> Result<u64> {
        self.lock().await?;
        let count = rows::<(i64,)>(COUNT).bind(self.workspace).bind(role.map(Role::as_str));
        number("members", self.one("count members", count).await?.0)
    }
}
