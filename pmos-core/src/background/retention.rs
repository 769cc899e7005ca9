//! Removes what is too old: runs by their workspace's rule, remembered answers after a day, dead sessions.

use std::time::Duration;

use crate::{
    Pmos, Result, WorkspaceId, WorkspaceScope,
    store::{Access, Closing},
};

/// How often it looks.
const EVERY: Duration = Duration::from_hours(1);
/// How long answers to repeated requests are remembered.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How much is removed in one unit, so that others get their turn.
const AT_ONCE: u32 = 200;

pub(super) async fn work(pmos: Pmos) {
    loop {
        if let Err(error) = tick(&pmos).await {
            tracing::warn!(%error, "what is too old could not be removed");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = pmos.runs().stop.cancelled() => return,
        }
    }
}

async fn tick(pmos: &Pmos) -> Result<()> {
    let now = pmos.clock().now();
    loop {
        let mut unit = pmos.store().system("remove what is too old", Access::Write).await?;
        let sessions = unit.sessions().purge(now, AT_ONCE).await?;
        let answers = unit.idempotency().purge(now.minus(REMEMBERED), AT_ONCE).await?;
        unit.commit(Vec::new(), None).await?;
        if sessions.max(answers) < u64::from(AT_ONCE) {
            break;
        }
    }
    let mut after = None;
    loop {
        let page = pmos.store().directory().workspaces(after, AT_ONCE).await?;
        for workspace in &page {
            sweep(pmos, *workspace).await?;
        }
        match page.last() {
            Some(last) if page.len() == AT_ONCE as usize => after = Some(*last),
            _ => return Ok(()),
        }
    }
}

async fn sweep(pmos: &Pmos, workspace: WorkspaceId) -> Result<()> {
    let scope = WorkspaceScope::system(workspace, "remove what is too old");
    let now = pmos.clock().now();
    let Some(profile) = pmos.store().begin(&scope, Access::Read).await?.workspace().get().await? else { return Ok(()) };
    let kept = Duration::from_hours(u64::from(profile.retention_days) * 24);
    loop {
        let mut unit = pmos.store().begin(&scope, Access::Write).await?;
        let runs = unit.runs().purge(now.minus(kept), AT_ONCE).await?;
        let answers = unit.idempotency().purge(now.minus(REMEMBERED), AT_ONCE).await?;
        unit.commit(Closing::default()).await?;
        if runs.max(answers) < u64::from(AT_ONCE) {
            return Ok(());
        }
    }
}
