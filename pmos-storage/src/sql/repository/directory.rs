//! Look-ups before a tenant is known.

use async_trait::async_trait;
use pmos_core::{
    ApiKeyId, ApprovalId, FlowId, Id, InvitationId, NodeId, Result, RunId, Timestamp, TurnId, UserId, WorkspaceId,
    identity::TokenHash,
    store::{Directory, FoundKey},
    workspace::Membership,
};
use uuid::Uuid;

use super::{super::LookUps, rows};
use crate::sql::value::{list, parsed};

statements! {
    MEMBERSHIPS = "select workspace_id, role from members where user_id = $1 order by workspace_id";
    API_KEY = "select workspace_id, id, owner_id, scopes, expires_at, last_used_at from api_keys where token_hash = $1";
    HOOK = "select workspace_id, id from flows where hook_token = $1 and deleted_at is null";
    INVITATION = "select workspace_id, id from invitations where token_hash = $1";
    RUNS_OF_OTHERS = "select workspace_id, id from runs \
                      where status = 'running' and not remote and node is distinct from $4 \
                      and (id, workspace_id) > ($1, $2) order by id, workspace_id limit $3";
    DUE_RUNS = "select workspace_id, id from runs \
                where status in ('queued', 'waiting') and not remote and wake_at <= $1 order by wake_at limit $2";
    DUE_FLOWS = "select workspace_id, id from flows \
                 where next_run_at <= $1 and enabled and deleted_at is null order by next_run_at limit $2";
    DUE_TURNS = "select workspace_id, id from chat_turns \
                 where status = 'queued' and not exists (select 1 from chat_turns older \
                 where older.workspace_id = chat_turns.workspace_id and older.session_id = chat_turns.session_id \
                 and older.id < chat_turns.id and older.status in ('queued', 'running', 'waiting_approval')) \
                 order by id, workspace_id limit $1";
    TURNS_OF_OTHERS = "select workspace_id, id from chat_turns \
                       where status = 'running' and node is distinct from $1 order by id, workspace_id limit $2";
    // Two halves, since each has an index of its own.
    DUE_APPROVALS = "select workspace_id, id from approvals where status = 'pending' and expires_at <= $1 \
                     union all select workspace_id, id from approvals \
                     where (status = 'approved' or (status = 'executed' and not told)) \
                     order by id, workspace_id limit $2";
    SEALED = "select workspace_id from data_keys limit 1";
    WORKSPACES = "select workspace_id from workspaces where workspace_id > $1 order by workspace_id limit $2";
    TENANCIES = "select workspace_id, engine from tenancies where (workspace_id, engine) > ($1, $2) \
                 order by workspace_id, engine limit $3";
}

#[derive(sqlx::FromRow)]
struct Key {
    workspace_id: Uuid,
    id: Uuid,
    owner_id: Option<Uuid>,
    scopes: String,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl Key {
    fn read(self) -> Result<FoundKey> {
        Ok(FoundKey {
            workspace: WorkspaceId::from_uuid(self.workspace_id),
            key: ApiKeyId::from_uuid(self.id),
            owner: self.owner_id.map(UserId::from_uuid),
            scopes: list("api_keys.scopes", &self.scopes)?,
            expires_at: self.expires_at.map(Timestamp::from_micros),
            last_used_at: self.last_used_at.map(Timestamp::from_micros),
        })
    }
}

type Pair = (Uuid, Uuid);

fn pairs<T: Id>(found: Vec<Pair>) -> Vec<(WorkspaceId, T)> {
    found.into_iter().map(|(workspace, id)| (WorkspaceId::from_uuid(workspace), T::from_uuid(id))).collect()
}

#[async_trait]
impl Directory for LookUps {
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let memberships = rows::<(Uuid, String)>(MEMBERSHIPS).bind(user.uuid());
        let found = self.look_up().all("look up memberships", memberships).await?;
        let membership = |(workspace, role): (Uuid, String)| {
            Ok(Membership { workspace: WorkspaceId::from_uuid(workspace), role: parsed("members.role", &role)? })
        };
        found.into_iter().map(membership).collect()
    }

    async fn api_key(&self, token: TokenHash) -> Result<Option<FoundKey>> {
        let key = rows::<Key>(API_KEY).bind(token.0.as_slice());
        self.look_up().find("look up an API key", key).await?.map(Key::read).transpose()
    }

    async fn hook(&self, token: &str) -> Result<Option<(WorkspaceId, FlowId)>> {
        let found = self.look_up().find("look up a webhook", rows::<Pair>(HOOK).bind(token)).await?;
        Ok(found.map(|(workspace, flow)| (WorkspaceId::from_uuid(workspace), FlowId::from_uuid(flow))))
    }

    async fn invitation(&self, token: TokenHash) -> Result<Option<(WorkspaceId, InvitationId)>> {
        let invitation = rows::<Pair>(INVITATION).bind(token.0.as_slice());
        let found = self.look_up().find("look up an invitation", invitation).await?;
        Ok(found.map(|(workspace, id)| (WorkspaceId::from_uuid(workspace), InvitationId::from_uuid(id))))
    }

    async fn runs_of_others(
        &self,
        node: NodeId,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>> {
        let (workspace, run) =
            after.map_or((Uuid::nil(), Uuid::nil()), |(workspace, run)| (workspace.uuid(), run.uuid()));
        let runs = rows::<Pair>(RUNS_OF_OTHERS).bind(run).bind(workspace).bind(i64::from(limit)).bind(node.uuid());
        Ok(pairs(self.look_up().all("look up runs of other processes", runs).await?))
    }

    async fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, RunId)>> {
        let runs = rows::<Pair>(DUE_RUNS).bind(now.micros()).bind(i64::from(limit));
        Ok(pairs(self.look_up().all("look up runs that are due", runs).await?))
    }

    async fn due_flows(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, FlowId)>> {
        let flows = rows::<Pair>(DUE_FLOWS).bind(now.micros()).bind(i64::from(limit));
        Ok(pairs(self.look_up().all("look up flows that are due", flows).await?))
    }

    async fn due_turns(&self, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        let turns = rows::<Pair>(DUE_TURNS).bind(i64::from(limit));
        Ok(pairs(self.look_up().all("look up turns that are due", turns).await?))
    }

    async fn turns_of_others(&self, node: NodeId, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        let turns = rows::<Pair>(TURNS_OF_OTHERS).bind(node.uuid()).bind(i64::from(limit));
        Ok(pairs(self.look_up().all("look up turns of other processes", turns).await?))
    }

    async fn due_approvals(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, ApprovalId)>> {
        let approvals = rows::<Pair>(DUE_APPROVALS).bind(now.micros()).bind(i64::from(limit));
        Ok(pairs(self.look_up().all("look up requests for approval that are due", approvals).await?))
    }

    async fn sealed(&self) -> Result<Option<WorkspaceId>> {
        let found = self.look_up().find("look up a workspace with secrets", rows::<(Uuid,)>(SEALED)).await?;
        Ok(found.map(|(workspace,)| WorkspaceId::from_uuid(workspace)))
    }

    async fn workspaces(&self, after: Option<WorkspaceId>, limit: u32) -> Result<Vec<WorkspaceId>> {
        let workspaces = rows::<(Uuid,)>(WORKSPACES).bind(after.map_or(Uuid::nil(), Id::uuid)).bind(i64::from(limit));
        let found = self.look_up().all("look up workspaces", workspaces).await?;
        Ok(found.into_iter().map(|(workspace,)| WorkspaceId::from_uuid(workspace)).collect())
    }

    async fn tenancies(&self, after: Option<(WorkspaceId, String)>, limit: u32) -> Result<Vec<(WorkspaceId, String)>> {
        let (workspace, engine) =
            after.map_or((Uuid::nil(), String::new()), |(workspace, engine)| (workspace.uuid(), engine));
        let tenancies = rows::<(Uuid, String)>(TENANCIES).bind(workspace).bind(engine).bind(i64::from(limit));
        let found = self.look_up().all("look up places at engines", tenancies).await?;
        Ok(found.into_iter().map(|(workspace, engine)| (WorkspaceId::from_uuid(workspace), engine)).collect())
    }
}
