//! Two people changed the same flow: what to do when an edit was made on an older state.

use super::{
    Dialect, EditError, FlowEdit,
    document::few_enough,
    touch::{FieldPath, Touched},
};
use crate::flow::{Capabilities, FlowView, Graph, Issue};

/// What becomes of edits that were made on an older state.
#[derive(Debug, Clone, PartialEq)]
pub enum Merge {
    /// Neither is in the way of the other.
    Merged {
        /// The current flow with the edits on top.
        graph: Graph,
        /// The edits as they fit the current flow: expanded, and renumbered where an id was taken meanwhile.
        edits: Vec<FlowEdit>,
    },
    /// A person has to choose.
    Conflict {
        /// What changed since the older state.
        theirs: Vec<FlowEdit>,
        /// The edits that were asked for, expanded.
        mine: Vec<FlowEdit>,
    },
}

/// Applies edits that were made on `base` to `current`, if that is sound: what changed in between is disjoint from what
/// the edits touch, and the result has no issue that neither side had alone.
///
/// `check` finds the issues of a graph, as `|graph| graph.check(&pieces, &capabilities)`. Nothing is merged over a base
/// that is not known any more: without a view of it there is a conflict.
///
/// # Errors
/// When there are more than [`MAX_EDITS`](crate::flow::MAX_EDITS), or they do not fit the state they were made on.
pub fn merge(
    base: &FlowView<'_>,
    current: &FlowView<'_>,
    mine: &[FlowEdit],
    engine: &Capabilities,
    dialect: &dyn Dialect,
    check: &dyn Fn(&Graph) -> Vec<Issue>,
) -> Result<Merge, EditError> {
    few_enough(mine)?;
    let mine = base.graph.expand(mine, engine, dialect)?;
    let alone = base.graph.apply(&mine, engine)?;
    let mut changed = Touched::between(base.graph, current.graph, engine);
    if base.name != current.name {
        changed.write(FieldPath::Flow, ["name"]);
    }
    let touched = Touched::by(base.graph, &mine, engine)?;
    if changed.is_disjoint(&touched)
        && let Some((graph, edits)) = on_top(current.graph, &mine, engine, dialect)
        && graph.structure(engine).is_empty()
    {
        let known: Vec<Issue> = check(current.graph).into_iter().chain(check(&alone)).collect();
        let is_new = |issue: &Issue| !known.iter().any(|old| same_issue(old, issue));
        if !check(&graph).iter().any(is_new) {
            return Ok(Merge::Merged { graph, edits });
        }
    }
    let renamed = (base.name != current.name).then(|| FlowEdit::Rename { name: current.name.to_owned() });
    let theirs = renamed.into_iter().chain(base.graph.diff(current.graph, engine)).collect();
    Ok(Merge::Conflict { theirs, mine })
}

fn on_top(
    current: &Graph,
    mine: &[FlowEdit],
    engine: &Capabilities,
    dialect: &dyn Dialect,
) -> Option<(Graph, Vec<FlowEdit>)> {
    let edits = current.expand(mine, engine, dialect).ok()?;
    let graph = current.apply(&edits, engine).ok()?;
    Some((graph, edits))
}

fn same_issue(a: &Issue, b: &Issue) -> bool {
    (&a.step, &a.field, &a.code) == (&b.step, &b.field, &b.code)
}
