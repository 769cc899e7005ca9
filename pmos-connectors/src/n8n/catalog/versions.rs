//! The versions that new nodes get.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use serde_json::Number;

use super::index::Index;

/// Which version of a node a new step gets, as far as servers have told. Clones share what is known.
#[derive(Debug, Clone, Default)]
pub struct NodeVersions(Arc<RwLock<HashMap<String, f64>>>);

impl NodeVersions {
    /// The version for a new node of this type, as `2.7`; none until a catalogue with it was read.
    ///
    /// Where servers of several versions are connected, it is one that all of them have.
    pub fn newest(&self, node_type: &str) -> Option<Number> {
        self.0.read().get(node_type).and_then(|version| Number::from_f64(*version))
    }

    /// Takes over what a server says.
    pub(super) fn learn(&self, index: &Index) {
        let mut known = self.0.write();
        for (name, version) in index.newest() {
            known.entry(name.to_owned()).and_modify(|old| *old = old.min(version)).or_insert(version);
        }
    }
}
