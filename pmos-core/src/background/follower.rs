//! Follows remote engines: flows that are open every second, everything else in rounds.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    FlowId, Pmos, Result, WorkspaceScope,
    action::Outward,
    engine::{EngineState, TenancyKey, follow, ingest, look_at, sync_flows},
};

/// How often open flows are looked at, and tenancies where runs are at work.
const SOON: Duration = Duration::from_secs(1);
/// How long a tenancy waits for its next round when nothing is going on there.
const CALM: Duration = Duration::from_secs(10);
/// The longest a tenancy waits that does not answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often the list of tenancies is read anew.
const LIST: Duration = Duration::from_secs(30);
/// Rounds at the same time. A tenancy that hangs keeps its own permit, not the others'.
const AT_ONCE: usize = 32;
/// The oldest that what is written down about a tenancy gets while it is visited.
const OLDEST: Duration = Duration::from_mins(5);
/// How many tenancies are read at once.
const PAGE: u32 = 500;

/// When a tenancy is looked at next.
struct Next {
    at: Instant,
    wait: Duration,
}

enum Ended {
    Round(TenancyKey, Duration),
    Flow(FlowId),
}

pub(super) async fn work(pmos: Pmos, mut hurried: mpsc::UnboundedReceiver<TenancyKey>) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tenancies: HashMap<TenancyKey, Next> = HashMap::new();
    let (mut busy, mut again, mut looked_at) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut under_way: JoinSet<Ended> = JoinSet::new();
    let mut tick = tokio::time::interval(SOON);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut listed = None::<Instant>;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            Some(key) = hurried.recv() => {
                again.extend(busy.contains(&key).then(|| key.clone()));
                tenancies.insert(key, Next { at: Instant::now(), wait: CALM });
            }
            Some(ended) = under_way.join_next(), if !under_way.is_empty() => match ended {
                Ok(Ended::Round(key, wait)) => {
                    busy.remove(&key);
                    let wait = if again.remove(&key) { Duration::ZERO } else { wait };
                    if let Some(next) = tenancies.get_mut(&key) {
                        *next = Next { at: Instant::now() + wait, wait };
                    }
                    continue;
                }
                Ok(Ended::Flow(flow)) => {
                    looked_at.remove(&flow);
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "a round at a remote engine broke off");
                    continue;
                }
            },
            () = pmos.runs().stop.cancelled() => return,
        }
        if listed.is_none_or(|listed| listed.elapsed() >= LIST) {
            listed = Some(Instant::now());
            match list(&pmos).await {
                Ok(found) => {
                    let found: HashSet<_> = found.into_iter().collect();
                    tenancies.retain(|key, _| found.contains(key));
                    for key in found {
                        tenancies.entry(key).or_insert_with(|| Next { at: Instant::now(), wait: CALM });
                    }
                }
                Err(error) => tracing::warn!(%error, "the tenancies at remote engines could not be listed"),
            }
        }
        let now = Instant::now();
        for (key, next) in tenancies.iter().filter(|(_, next)| next.at <= now) {
            if busy.insert(key.clone()) {
                let (pmos, turns, key, wait) = (pmos.clone(), turns.clone(), key.clone(), next.wait);
                under_way.spawn(async move {
                    let _turn = turns.acquire().await;
                    let wait = round(&pmos, &key, wait).await;
                    Ended::Round(key, wait)
                });
            }
        }
        for (flow, key) in pmos.watch().open() {
            if looked_at.insert(flow) {
                let pmos = pmos.clone();
                under_way.spawn(async move {
                    if let Err(error) = look(&pmos, flow, &key).await {
                        tracing::debug!(%flow, %error, "an open automation could not be looked at");
                    }
                    Ended::Flow(flow)
                });
            }
        }
    }
}

async fn list(pmos: &Pmos) -> Result<Vec<TenancyKey>> {
    let mut tenancies: Vec<TenancyKey> = Vec::new();
    loop {
        let page = pmos.store().directory().tenancies(tenancies.last().cloned(), PAGE).await?;
        let more = page.len() == PAGE as usize;
        tenancies.extend(page);
        if !more {
            return Ok(tenancies);
        }
    }
}

/// One round at a tenancy, and how long to wait for the next.
async fn round(pmos: &Pmos, key: &TenancyKey, waited: Duration) -> Duration {
    match visit(pmos, key).await {
        Ok(true) => SOON,
        Ok(false) => CALM,
        Err(error) => {
            tracing::debug!(engine = key.1, %error, "a remote engine could not be followed");
            (waited * 2).clamp(CALM, PATIENCE)
        }
    }
}

/// Looks at everything of a tenancy; whether something is going on there.
#[tracing::instrument(name = "follow", skip_all, fields(%workspace, engine = name))]
async fn visit(pmos: &Pmos, (workspace, name): &TenancyKey) -> Result<bool> {
    let engine = pmos.engines().get(name)?.clone();
    let scope = WorkspaceScope::system(*workspace, "follow an engine");
    let mut outward = Outward::of(pmos);
    let tenancy = outward.require_tenancy(&scope, &*engine).await?;
    let visited = async {
        sync_flows(&mut outward, &engine, &tenancy).await?;
        loop {
            let ingested = ingest(&mut outward, &*engine, &tenancy).await?;
            if !ingested.more {
                return Ok(ingested.at_work);
            }
        }
    }
    .await;
    let known = outward.look(&scope).await?.engines().tenancy(name).await?;
    let is_true = known.is_some_and(|known| {
        let is_ready = known.state == EngineState::Ready;
        is_ready == visited.is_ok() && pmos.clock().now().since(known.as_of()) < OLDEST
    });
    // What was written down about it is no longer so, or it cannot be told any more.
    if !is_true {
        look_at(&mut outward, &*engine, &tenancy).await?;
    }
    visited
}

/// Looks at one flow that is open.
#[tracing::instrument(name = "follow", skip_all, fields(%workspace, engine = name, %flow))]
async fn look(pmos: &Pmos, flow: FlowId, (workspace, name): &TenancyKey) -> Result<()> {
    let engine = pmos.engines().get(name)?.clone();
    let scope = WorkspaceScope::system(*workspace, "follow an engine");
    let mut outward = Outward::of(pmos);
    let tenancy = outward.require_tenancy(&scope, &*engine).await?;
    let _turn = pmos.flow_locks().lock(flow).await;
    follow(&mut outward, &*engine, &tenancy, flow).await?;
    Ok(())
}
