//! The edits that take a list of edits back.

use super::{EditError, FlowEdit};
use crate::flow::{Capabilities, FlowView};

impl FlowView<'_> {
    /// The edits that lead back here after these expanded edits: what an undo applies.
    ///
    /// They are the difference between after and before, so a list that cancels itself out has none, and where the old
    /// state holds a null, which a merge patch cannot set, the step is replaced as a whole.
    ///
    /// # Errors
    /// When the edits do not fit this flow.
    pub fn invert(&self, edits: &[FlowEdit], engine: &Capabilities) -> Result<Vec<FlowEdit>, EditError> {
        let after = self.graph.apply(edits, engine)?;
        let renamed = last_name(edits).is_some_and(|name| name != self.name);
        let back = renamed.then(|| FlowEdit::Rename { name: self.name.to_owned() });
        Ok(back.into_iter().chain(after.diff(self.graph, engine)).collect())
    }
}

/// The name that a list of edits gives the flow, if any.
pub(crate) fn last_name(edits: &[FlowEdit]) -> Option<&str> {
    edits.iter().rev().find_map(|edit| match edit {
        FlowEdit::Rename { name } => Some(name.as_str()),
        _ => None,
    })
}
