//! The engine itself.

use std::{fmt, sync::Arc};

use pmos_core::{
    Clock, Observer,
    flow::{Catalog, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host, Remote},
};

use super::{
    catalog::N8nCatalog,
    config::N8nConfig,
    host::N8nHost,
    lens::{N8nLens, descriptor},
};
use crate::outbound::OutboundBuildError;

/// n8n as a flow engine; see the [module](super).
pub struct N8nEngine {
    descriptor: EngineDescriptor,
    lens: N8nLens,
    host: Arc<N8nHost>,
    catalog: N8nCatalog,
}

impl N8nEngine {
    /// An engine with these servers, which tells `observer` when one of them answers with what is foreign.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        config: N8nConfig,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, OutboundBuildError> {
        let host = Arc::new(N8nHost::new(config, clock, observer)?);
        let catalog = N8nCatalog::new(host.clone());
        // Every workspace may be on another server; a look at its place tells the version.
        Ok(Self { descriptor: descriptor("2"), lens: N8nLens::new(Arc::new(catalog.versions())), host, catalog })
    }
}

impl fmt::Display for N8nEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.descriptor.name)
    }
}

impl fmt::Debug for N8nEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("N8nEngine").field("host", &self.host).finish_non_exhaustive()
    }
}

impl FlowEngine for N8nEngine {
    fn descriptor(&self) -> &EngineDescriptor {
        &self.descriptor
    }

    fn lens(&self) -> &dyn FlowLens {
        &self.lens
    }

    fn host(&self) -> Host<'_> {
        Host::Remote(Remote::new(&*self.host))
    }

    fn catalog(&self) -> Guarded<'_, dyn Catalog> {
        Guarded::new(&self.catalog)
    }
}
