//! Lists of edits on an engine's own document.

use super::{EditError, FlowEdit, error::Fault, given::Given};
use crate::{
    Error, Kind, Result,
    flow::{Document, FlowLens, MAX_EDITS},
};

/// Expands and applies a list of edits to a document through its lens: [`FlowLens::edit`] for lists that people send.
/// Later edits of the list follow ids that earlier ones were given.
///
/// # Errors
/// When the list is longer than [`MAX_EDITS`], and what the lens refuses, with the place of the edit in the list.
pub fn edit_document(
    lens: &dyn FlowLens,
    document: &Document,
    edits: &[FlowEdit],
) -> Result<(Document, Vec<FlowEdit>)> {
    few_enough(edits)?;
    lens.edit(document, edits)
}

/// What people send is expanded and may become many more; that is why there are fewer to begin with.
pub(super) fn few_enough(edits: &[FlowEdit]) -> Result<(), EditError> {
    if edits.len() <= MAX_EDITS {
        return Ok(());
    }
    let message =
        format!("is one of {} edits; {MAX_EDITS} is the most, send the rest in a second request", edits.len());
    Err(Fault::new("op", message).in_edit(MAX_EDITS))
}

/// How a lens edits that has no better way.
pub(in crate::flow) fn one_by_one<L: FlowLens + ?Sized>(
    lens: &L,
    document: &Document,
    edits: &[FlowEdit],
) -> Result<(Document, Vec<FlowEdit>)> {
    let mut document = document.clone();
    let mut given = Given::default();
    let mut expanded = Vec::with_capacity(edits.len());
    for (at, edit) in edits.iter().enumerate() {
        let edit = given.follow(edit, lens.dialect(), &|_| None);
        let explicit = lens.expand(&document, &edit).map_err(|error| renumber(error, at))?;
        document = lens.apply(&document, &explicit).map_err(|error| renumber(error, at))?;
        given.learn(&edit, &explicit);
        expanded.extend(explicit);
    }
    Ok((document, expanded))
}

/// A lens sees one edit at a time and calls it the first; people sent a list.
fn renumber(error: Error, at: usize) -> Error {
    if error.kind() != Kind::Invalid {
        return error;
    }
    let place = |field: &str| match field.strip_prefix("edits[").and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => format!("edits[{at}]{rest}"),
        None => field.to_owned(),
    };
    let Some((first, others)) = error.fields().split_first() else { return error };
    let renumbered = Error::invalid(place(&first.field), first.message.clone());
    others.iter().fold(renumbered, |error, other| error.at(place(&other.field), other.message.clone()))
}
