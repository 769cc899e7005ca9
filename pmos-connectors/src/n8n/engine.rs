//! The engine itself.

use std::fmt;

use pmos_core::flow::{Catalog, EngineDescriptor, FlowEngine, FlowLens, Host, Remote};

use super::{host::N8nHost, lens::descriptor};

/// n8n as a flow engine; see the [module](super).
pub struct N8nEngine {
    descriptor: EngineDescriptor,
    lens: Box<dyn FlowLens>,
    host: N8nHost,
    catalog: Box<dyn Catalog>,
}

impl N8nEngine {
    /// An engine of its three parts.
    pub fn of(host: N8nHost, lens: impl FlowLens + 'static, catalog: impl Catalog + 'static) -> Self {
        // Every workspace may be on another server; a look at its place tells which version that is.
        Self { descriptor: descriptor("2"), lens: Box::new(lens), host, catalog: Box::new(catalog) }
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
        &*self.lens
    }

    fn host(&self) -> Host<'_> {
        Host::Remote(Remote::new(&self.host))
    }

    fn catalog(&self) -> &dyn Catalog {
        &*self.catalog
    }
}
