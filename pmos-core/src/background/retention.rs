//! Removes what is too old: runs by their workspace's rule, remembered answers after a day, dead sessions.

use std::{borrow::Cow, time::Duration};

use async_trait::async_trait;

use crate::{
    Result, Timestamp, WorkspaceId, WorkspaceScope,
    job::Job,
    services::Services,
    store::{Access, Closing},
};

/// How often it looks.
const EVERY: Duration = Duration::from_hours(1);
/// How long answers to repeated requests are remembered.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How much is removed in one unit, so that others get their turn.
const AT_ONCE: u32 = 200;

/// Removes what is too old.
#[derive(Debug)]
pub(crate) struct Retention(pub(crate) Services);

#[async_trait]
impl Job for Retention {
    fn key(&self) -> Cow<'static, str> {
        "retention".into()
    }

    fn is_for_all(&self) -> bool {
        true
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        sweep_all(&self.0, now).await?;
        Ok(now.plus(EVERY))
    }
}

async fn sweep_all(services: &Services, now: Timestamp) -> Result<()> {
    loop {
        let mut unit = services.store.system("remove what is too old", Access::Write).await?;
        let sessions = unit.sessions().purge(now, AT_ONCE).await?;
        let answers = unit.idempotency().purge(now.minus(REMEMBERED), AT_ONCE).await?;
        unit.commit(Vec::new(), None).await?;
        if sessions.max(answers) < u64::from(AT_ONCE) {
            break;
        }
    }
    let mut after = None;
    loop {
        let page = services.store.directory().workspaces(after, AT_ONCE).await?;
        for workspace in &page {
            sweep(services, *workspace, now).await?;
        }
        match page.last() {
            Some(last) if page.len() == AT_ONCE as usize => after = Some(*last),
            _ => return Ok(()),
        }
    }
}

async fn sweep(services: &Services, workspace: WorkspaceId, now: Timestamp) -> Result<()> {
    let scope = WorkspaceScope::system(workspace, "remove what is too old");
    // Of one that a host does not know at the moment nothing is removed: it may come back.
    let Some(profile) = services.workspaces.profile(workspace).await? else { return Ok(()) };
    let kept = Duration::from_hours(u64::from(profile.retention_days) * 24);
    loop {
        let mut unit = services.store.begin(&scope, Access::Write).await?;
        let runs = unit.runs().purge(now.minus(kept), AT_ONCE).await?;
        let answers = unit.idempotency().purge(now.minus(REMEMBERED), AT_ONCE).await?;
        let approvals = unit.approvals().purge(now.minus(kept), AT_ONCE).await?;
        unit.commit(Closing::default()).await?;
        if runs.max(answers).max(approvals) < u64::from(AT_ONCE) {
            return Ok(());
        }
    }
}
