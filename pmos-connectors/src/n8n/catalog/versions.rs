//! The versions that new nodes get.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use serde_json::Number;

use super::index::Index;
use crate::n8n::{KnownVersions, TypeVersions};

/// Which version of a node a new step gets, as far as servers have told. Clones share what is known.
#[derive(Debug, Clone, Default)]
pub struct NodeVersions(Arc<RwLock<HashMap<String, f64>>>);

impl NodeVersions {
    /// Takes over what a server says.
    pub(super) fn learn(&self, index: &Index) {
        let mut known = self.0.write();
        for (name, version) in index.newest() {
            known.entry(name.to_owned()).and_modify(|old| *old = old.min(version)).or_insert(version);
        }
    }
}

impl TypeVersions for NodeVersions {
    /// Where servers of several versions are connected, it is one that all of them have; before a catalogue was read, one
    /// that every supported server has.
    fn newest(&self, node_type: &str) -> Option<Number> {
        let told = self.0.read().get(node_type).and_then(|version| Number::from_f64(*version));
        told.or_else(|| KnownVersions.newest(node_type))
    }
}
