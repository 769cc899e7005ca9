//! What the host gives its own actions to work with.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use super::Context;
use crate::{Error, Result};

/// Values of the host, one of each type.
#[derive(Clone, Default)]
pub(crate) struct HostState(HashMap<TypeId, (&'static str, Arc<dyn Any + Send + Sync>)>);

impl HostState {
    /// Keeps a value; whether it is the first of its type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.0.insert(TypeId::of::<T>(), (type_name::<T>(), Arc::new(value))).is_none()
    }

    fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.1.downcast_ref()
    }
}

/// Shows types alone.
impl fmt::Debug for HostState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.values().map(|(name, _)| name)).finish()
    }
}

impl<'d> Context<'d> {
    /// What the host gave its actions of this type: [`Builder::state`](crate::Builder::state).
    ///
    /// # Errors
    /// `internal` when there is nothing of this type.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<&'d T> {
        let missing = || Error::internal("find a state of the host that was not given to the builder");
        self.host_state().get().ok_or_else(missing)
    }
}
