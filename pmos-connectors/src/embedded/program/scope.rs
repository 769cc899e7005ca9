//! What the expressions of one step may refer to: exactly what the check lets pass.

use pmos_core::flow::{Datum, DatumKind, Graph, StepId};

use super::tree::seen_from;
use crate::embedded::{expression::step_path, operation::Operations};

/// What `step` sees, in reading order, the item of the loop around it last.
pub(in crate::embedded) fn scope(graph: &Graph, operations: &Operations, step: &StepId) -> Vec<Datum> {
    let mut data = Vec::new();
    seen_from(graph, operations, step, |seen| {
        let output = |path: String, step: &StepId| Datum { path, step: step.clone(), kind: DatumKind::Output };
        data.extend(graph.triggers().map(|trigger| output("trigger".to_owned(), &trigger.id)));
        let ordered = graph.in_reading_order().steps;
        data.extend(
            ordered.iter().filter(|step| seen.sees(&step.id)).map(|step| output(step_path(step.id.as_str()), &step.id)),
        );
        if let Some(around) = seen.innermost_loop() {
            let of_pass = |path: &str, kind| Datum { path: path.to_owned(), step: around.clone(), kind };
            data.extend([of_pass("item", DatumKind::Item), of_pass("index", DatumKind::Index)]);
        }
    });
    data
}
