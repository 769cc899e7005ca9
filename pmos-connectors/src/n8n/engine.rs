//! The engine itself.

use std::fmt;

use pmos_core::flow::{Capabilities, Catalog, EngineDescriptor, FlowEngine, FlowLens, Host, Remote};

use super::host::N8nHost;

/// What this engine can do.
const CAPABILITIES: Capabilities = Capabilities {
    free_layout: true,
    multiple_triggers: true,
    drafts: true,
    versions: true,
    rollback: true,
    test_step: false,
    live_steps: false,
    cancel_running: true,
    retry_from_failed: true,
    start_with_input: true,
    error_ports: true,
    connections: true,
    dynamic_options: true,
    hard_isolation: false,
};

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
        let descriptor = EngineDescriptor {
            name: "n8n".to_owned(),
            title: "n8n".to_owned(),
            // Every workspace may be on another server; a look at its place tells the version.
            version: "2".to_owned(),
            capabilities: CAPABILITIES,
        };
        Self { descriptor, lens: Box::new(lens), host, catalog: Box::new(catalog) }
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
