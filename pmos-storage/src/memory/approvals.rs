use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    ApprovalId, Cursor, GrantId, Page, PageRequest, Result, Timestamp, UserId,
    approval::{Approval, ApprovalPolicy, ApprovalStatus, Grant},
    store::{ApprovalFilter, ApprovalRepository, KeptPolicy},
};

use super::{
    state::{change, enough, insert, key, newest_first, remove},
    unit::Unit,
};

fn fits(filter: ApprovalFilter, approval: &Approval) -> bool {
    filter.status.is_none_or(|status| status == approval.status)
        && filter.requester.is_none_or(|requester| requester == approval.requester)
}

#[async_trait]
impl ApprovalRepository for Unit {
    async fn insert(&mut self, approval: &Approval) -> Result<()> {
        insert(&mut self.fill()?.approvals, approval.id, Arc::new(approval.clone()))
    }

    async fn get(&mut self, id: ApprovalId) -> Result<Option<Approval>> {
        Ok(self.read(|tenant| tenant.approvals.get(&id).map(|approval| (**approval).clone())))
    }

    async fn list(&mut self, filter: ApprovalFilter, page: &PageRequest) -> Result<Page<Approval>> {
        let items = self.read(|tenant| {
            let found = newest_first(&tenant.approvals, page).map(|approval| &**approval);
            found.filter(|approval| fits(filter, approval)).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &Approval| Cursor::new(self.workspace, key(last.id))))
    }

    async fn count_pending(&mut self) -> Result<u64> {
        let waits = |approval: &&Arc<Approval>| approval.status == ApprovalStatus::Pending;
        Ok(self.read(|tenant| tenant.approvals.values().filter(waits).count() as u64))
    }

    async fn update(&mut self, approval: &Approval) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if tenant.approvals.get(&approval.id).is_none_or(|kept| kept.revision != approval.revision) {
            return Ok(false);
        }
        Ok(change(&mut tenant.approvals, &approval.id, |kept| {
            let now = approval.clone();
            *kept = Arc::new(Approval {
                status: now.status,
                input: now.input,
                secrets: now.secrets,
                digest: now.digest,
                decisions: now.decisions,
                edited: now.edited,
                finished_at: now.finished_at,
                result: now.result,
                error: now.error,
                told: now.told,
                revision: now.revision + 1,
                ..(**kept).clone()
            });
        }))
    }

    async fn execute(&mut self, id: ApprovalId, at: Timestamp) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if tenant.approvals.get(&id).is_none_or(|approval| approval.status != ApprovalStatus::Approved) {
            return Ok(false);
        }
        tenant.answers.free(id);
        Ok(change(&mut tenant.approvals, &id, |approval| {
            let approval = Arc::make_mut(approval);
            (approval.status, approval.finished_at) = (ApprovalStatus::Executed, Some(at));
            approval.revision += 1;
        }))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let Some(tenant) = self.write()? else { return Ok(0) };
        let old = tenant.approvals.values().filter(|approval| approval.finished_at.is_some_and(|at| at < before));
        let mut old: Vec<_> = old.map(|approval| (approval.finished_at, approval.id)).collect();
        old.sort_unstable();
        let old = old.into_iter().take(limit as usize);
        let requests = old.filter(|(_, id)| remove(&mut tenant.approvals, id)).count();
        let over = tenant.grants.values().filter(|grant| grant.expires_at < before).map(|grant| grant.id);
        let over: Vec<_> = over.take(limit as usize).collect();
        let grants = over.iter().filter(|id| remove(&mut tenant.grants, id)).count();
        Ok((requests + grants) as u64)
    }

    async fn policy(&mut self) -> Result<KeptPolicy> {
        Ok(self.read(|tenant| tenant.policy.clone()))
    }

    async fn set_policy(&mut self, seen: u64, policy: &ApprovalPolicy) -> Result<bool> {
        let tenant = self.fill()?;
        if tenant.policy.revision != seen {
            return Ok(false);
        }
        tenant.policy = KeptPolicy { revision: seen + 1, policy: policy.clone() };
        Ok(true)
    }

    async fn insert_grant(&mut self, grant: &Grant) -> Result<()> {
        insert(&mut self.fill()?.grants, grant.id, grant.clone())
    }

    async fn grants(&mut self, now: Timestamp, page: &PageRequest) -> Result<Page<Grant>> {
        let items = self.read(|tenant| {
            let held = newest_first(&tenant.grants, page).filter(|grant| grant.expires_at > now);
            held.take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &Grant| Cursor::new(self.workspace, key(last.id))))
    }

    async fn is_granted(&mut self, requester: UserId, action: &str, digest: &[u8; 32], now: Timestamp) -> Result<bool> {
        let exact = |grant: &Grant| grant.requester == requester && grant.action == action && grant.digest == *digest;
        Ok(self.read(|tenant| tenant.grants.values().any(|grant| exact(grant) && grant.expires_at > now)))
    }

    async fn remove_grant(&mut self, id: GrantId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.grants, &id))
    }
}
