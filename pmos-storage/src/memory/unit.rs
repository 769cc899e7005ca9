use std::fmt;

use async_trait::async_trait;
use pmos_core::{
    Error, Result, WorkspaceId,
    event::Event,
    store::{
        ApiKeyRepository, ApprovalRepository, AuditRepository, ChatRepository, Closing, ConnectionRepository,
        DataKeyRepository, EngineRepository, EventRepository, FlowRepository, IdempotencyRepository,
        InvitationRepository, MemberRepository, ModelRepository, QuotaRepository, RunRepository, UnitOfWork,
        WorkspaceRepository,
    },
};

use super::{Work, state::Tenant};

/// A unit of work in one workspace. It implements every repository itself and only ever touches its own tenant.
pub(super) struct Unit {
    pub(super) workspace: WorkspaceId,
    pub(super) work: Work,
}

impl Unit {
    pub(super) fn new(workspace: WorkspaceId, work: Work) -> Self {
        Self { workspace, work }
    }

    /// Reads the workspace; one that is not there has nothing in it.
    pub(super) fn read<T: Default>(&self, look: impl FnOnce(&Tenant) -> T) -> T {
        self.work.read(|instance| instance.tenants.get(&self.workspace).map(|tenant| look(tenant))).unwrap_or_default()
    }

    /// The workspace, to change what is in it; none when it is not there.
    pub(super) fn write(&mut self) -> Result<Option<&mut Tenant>> {
        Ok(self.work.write()?.tenant_mut(self.workspace))
    }

    /// The workspace, to put something into it.
    pub(super) fn fill(&mut self) -> Result<&mut Tenant> {
        self.write()?.ok_or_else(Error::not_found)
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unit").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

#[async_trait]
impl UnitOfWork for Unit {
    fn workspace(&mut self) -> &mut dyn WorkspaceRepository {
        self
    }

    fn members(&mut self) -> &mut dyn MemberRepository {
        self
    }

    fn invitations(&mut self) -> &mut dyn InvitationRepository {
        self
    }

    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository {
        self
    }

    fn flows(&mut self) -> &mut dyn FlowRepository {
        self
    }

    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }

    fn connections(&mut self) -> &mut dyn ConnectionRepository {
        self
    }

    fn engines(&mut self) -> &mut dyn EngineRepository {
        self
    }

    fn data_keys(&mut self) -> &mut dyn DataKeyRepository {
        self
    }

    fn quotas(&mut self) -> &mut dyn QuotaRepository {
        self
    }

    fn events(&mut self) -> &mut dyn EventRepository {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditRepository {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }

    fn approvals(&mut self) -> &mut dyn ApprovalRepository {
        self
    }

    fn models(&mut self) -> &mut dyn ModelRepository {
        self
    }

    fn chat(&mut self) -> &mut dyn ChatRepository {
        self
    }

    async fn commit(mut self: Box<Self>, closing: Closing) -> Result<Vec<Event>> {
        let Closing { events, audit, answer } = closing;
        if self.work.draft.is_none() && events.is_empty() && audit.is_empty() && answer.is_none() {
            return Ok(Vec::new());
        }
        // The answers of a deleted workspace went with it.
        if let (Some(answer), Some(tenant)) = (answer, self.write()?) {
            tenant.answers.keep(answer)?;
        }
        let Self { workspace, work } = *self;
        if !work.read(|instance| instance.logs.contains_key(&Some(workspace))) {
            return if events.is_empty() && audit.is_empty() { Ok(Vec::new()) } else { Err(Error::not_found()) };
        }
        work.commit(|instance| {
            instance.append_audit(Some(workspace), &audit);
            instance.append_events(workspace, events)
        })
    }
}
