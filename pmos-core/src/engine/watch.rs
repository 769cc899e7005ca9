//! What is looked at more often than usual: flows that are open, and tenancies where something was begun.

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{FlowId, WorkspaceId};

/// What a workspace has at an engine, by the engine's name.
pub(crate) type TenancyKey = (WorkspaceId, String);
type Open = Arc<Mutex<HashMap<FlowId, (TenancyKey, usize)>>>;
type Followed = Arc<Mutex<HashMap<TenancyKey, Arc<Notify>>>>;

/// What is looked at more often than usual.
#[derive(Default)]
pub(crate) struct Watch {
    open: Open,
    followed: Followed,
    made: Notify,
}

/// That a flow is open; ends when dropped.
pub(crate) struct Watched {
    flow: FlowId,
    open: Open,
}

/// That a tenancy is followed; ends when dropped.
pub(crate) struct FollowedTenancy {
    key: TenancyKey,
    hurry: Arc<Notify>,
    followed: Followed,
}

impl Watch {
    /// Looks at a flow every second or so, for as long as what is returned is kept.
    pub(crate) fn watch(&self, flow: FlowId, tenancy: TenancyKey) -> Watched {
        self.open.lock().entry(flow).or_insert((tenancy, 0)).1 += 1;
        Watched { flow, open: self.open.clone() }
    }

    /// The flows that are open.
    pub(crate) fn open(&self) -> Vec<(FlowId, TenancyKey)> {
        self.open.lock().iter().map(|(flow, (tenancy, _))| (*flow, tenancy.clone())).collect()
    }

    /// Has a tenancy looked at soon.
    pub(crate) fn hurry(&self, tenancy: &TenancyKey) {
        match self.followed.lock().get(tenancy) {
            Some(followed) => followed.notify_one(),
            None => self.made.notify_one(),
        }
    }

    /// Returns when there is a tenancy to hurry to that is not followed yet.
    pub(crate) async fn tenancy_made(&self) {
        self.made.notified().await;
    }

    /// Notes that a tenancy is followed, for as long as what is returned is kept.
    pub(crate) fn follow(&self, key: TenancyKey) -> FollowedTenancy {
        let hurry = self.followed.lock().entry(key.clone()).or_default().clone();
        FollowedTenancy { key, hurry, followed: self.followed.clone() }
    }
}

impl FollowedTenancy {
    pub(crate) fn key(&self) -> &TenancyKey {
        &self.key
    }

    /// Returns when it is to be looked at soon.
    pub(crate) async fn hurried(&self) {
        self.hurry.notified().await;
    }
}

impl Drop for FollowedTenancy {
    fn drop(&mut self) {
        let mut followed = self.followed.lock();
        // One that is followed anew has a later note of the same key.
        if followed.get(&self.key).is_some_and(|hurry| Arc::strong_count(hurry) == 2) {
            followed.remove(&self.key);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some((_, count)) = open.get_mut(&self.flow) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.flow);
            }
        }
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watched({})", self.flow)
    }
}
