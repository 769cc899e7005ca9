//! What is looked at more often than usual: flows that are open, and tenancies where something was begun.

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{FlowId, WorkspaceId};

/// A workspace's tenancy at an engine, by names.
pub(crate) type TenancyKey = (WorkspaceId, String);
type Open = Arc<Mutex<HashMap<FlowId, (TenancyKey, usize)>>>;

/// What is looked at more often than usual.
pub(crate) struct Watch {
    open: Open,
    hurry: mpsc::UnboundedSender<TenancyKey>,
    pub(crate) hurried: Mutex<Option<mpsc::UnboundedReceiver<TenancyKey>>>,
}

/// That a flow is open; ends when dropped.
pub(crate) struct Watched {
    flow: FlowId,
    open: Open,
}

impl Watch {
    pub(crate) fn new() -> Self {
        let (hurry, hurried) = mpsc::unbounded_channel();
        Self { open: Arc::default(), hurry, hurried: Mutex::new(Some(hurried)) }
    }

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
    pub(crate) fn hurry(&self, tenancy: TenancyKey) {
        if self.hurry.send(tenancy).is_err() {
            tracing::debug!("remote engines are not looked at; the instance does not follow them in this process");
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
