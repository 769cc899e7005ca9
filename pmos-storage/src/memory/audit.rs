use async_trait::async_trait;
use pmos_core::{
    Cursor, Id, Page, PageRequest, Result, WorkspaceId,
    audit::{AuditHead, AuditRecord},
    store::{AuditFilter, AuditRepository},
};

use super::{
    Work,
    state::{self, enough},
    system::System,
    unit::Unit,
};

fn list(
    work: &Work,
    of: Option<WorkspaceId>,
    owner: impl Id,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Page<AuditRecord> {
    let before = page.after.map_or(u128::MAX, Cursor::key);
    let wanted = |record: &&AuditRecord| {
        let AuditFilter { actor, action, subject, outcome, since, until } = filter;
        u128::from(record.seq) < before
            && actor.as_ref().is_none_or(|actor| *actor == record.actor_id)
            && action.as_ref().is_none_or(|action| *action == record.action)
            && subject.as_ref().is_none_or(|subject| Some(subject) == record.subject_id.as_ref())
            && outcome.is_none_or(|outcome| outcome.as_str() == record.outcome)
            && since.is_none_or(|since| record.at >= since)
            && until.is_none_or(|until| record.at < until)
    };
    let items =
        work.read(|instance| instance.chain(of).iter().rev().filter(wanted).take(enough(page)).cloned().collect());
    Page::cut(items, page, |last: &AuditRecord| Cursor::new(owner, u128::from(last.seq)))
}

fn after(work: &Work, of: Option<WorkspaceId>, seq: u64, limit: u32) -> Vec<AuditRecord> {
    work.read(|instance| {
        let chain = instance.chain(of);
        let from = chain.partition_point(|record| record.seq <= seq);
        chain[from..].iter().take(limit as usize).cloned().collect()
    })
}

fn last(work: &Work, of: Option<WorkspaceId>) -> Option<u64> {
    work.read(|instance| instance.chain(of).last().map(|record| record.seq))
}

fn head(work: &Work, of: Option<WorkspaceId>) -> AuditHead {
    work.read(|instance| state::head(instance.chain(of)))
}

#[async_trait]
impl AuditRepository for Unit {
    async fn list(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRecord>> {
        Ok(list(&self.work, Some(self.workspace), self.workspace, filter, page))
    }

    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<AuditRecord>> {
        Ok(after(&self.work, Some(self.workspace), seq, limit))
    }

    async fn last(&mut self) -> Result<Option<u64>> {
        Ok(last(&self.work, Some(self.workspace)))
    }

    async fn head(&mut self) -> Result<AuditHead> {
        Ok(head(&self.work, Some(self.workspace)))
    }
}

#[async_trait]
impl AuditRepository for System {
    async fn list(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRecord>> {
        Ok(list(&self.work, None, super::system::instance(), filter, page))
    }

    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<AuditRecord>> {
        Ok(after(&self.work, None, seq, limit))
    }

    async fn last(&mut self) -> Result<Option<u64>> {
        Ok(last(&self.work, None))
    }

    async fn head(&mut self) -> Result<AuditHead> {
        Ok(head(&self.work, None))
    }
}
