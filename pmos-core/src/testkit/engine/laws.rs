//! The laws of the lens.

use std::collections::BTreeSet;

use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use serde_json::Value;

use super::{
    Subject,
    draw::{Draw, Outcome, for_random_flows},
    parts::{mark_of, marked, parts, top_mark},
};
use crate::{
    Error, Kind,
    flow::{
        Document, Edge, FieldPath, FlowEdit, FlowView, Graph, Issue, Merge, Port, Remains, StepId, StepKind, Touched,
        merge,
    },
};

/// A document made of a graph shows that graph.
pub fn a_document_shows_the_graph_it_was_made_of(subject: &Subject) {
    for_random_flows(subject, |draw| {
        let graph = draw.graph();
        let document = created(subject, &graph)?;
        prop_assert_eq!(view(subject, &document)?, graph.in_reading_order());
        Ok(())
    });
}

/// What is not well formed does not become a document; the error names what is wrong.
pub fn a_graph_that_is_not_well_formed_is_refused(subject: &Subject) {
    for_random_flows(subject, |draw| {
        let mut graph = draw.graph();
        match draw.below(3) {
            0 => graph.steps.extend(graph.steps.last().cloned()),
            1 => {
                let (Some(step), Ok(to)) = (graph.steps.last(), "not-there".parse()) else { return Ok(()) };
                graph.edges.push(Edge { from: step.id.clone(), port: Port::next(), to, input: None });
            }
            _ => {
                if let Some(step) = graph.steps.last_mut() {
                    step.name = "x".repeat(crate::flow::MAX_NAME_CHARS + 1);
                }
            }
        }
        if graph.structure(&subject.capabilities()).is_empty() {
            return Ok(());
        }
        match subject.lens().create(&graph) {
            Ok(_) => Err(failed("took a graph that is not well formed", &graph)),
            Err(error) => refusal(&error, &graph),
        }
    });
}

/// A document that is not of this engine gives an error.
pub fn a_foreign_document_is_refused(subject: &Subject) {
    for text in ["null", "7", "\"flow\"", "[1, 2]", "[[]]"] {
        let document = Document::parse(text.to_owned());
        let shown = document.map(|document| subject.lens().view(&document).is_ok());
        assert!(matches!(shown, Ok(false)), "{subject} shows {text} as a flow");
    }
}

/// `view(apply(d, x)) == fold(view(d), x)` for `x = expand(d, e)`; an edit that fits by the rules of PMOS and makes
/// no new issue is not refused.
pub fn the_square_commutes(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let mut document = document;
        for _ in 0..=draw.below(4) {
            let before = view(subject, &document)?;
            let edit = draw.edit(&before);
            let Some(explicit) = expanded(subject, draw, &document, &before, &edit)? else { continue };
            let expected = fold(subject, &before, &explicit)?;
            document = applied(subject, &document, &explicit)?;
            let after = view(subject, &document)?;
            prop_assert_eq!(after, expected, "\n{:?} as {:?}\non {:?}", edit, explicit, before);
        }
        Ok(())
    });
}

/// Whatever the view does not show stays as it is in every step that an edit does not touch.
pub fn what_an_edit_does_not_touch_stays(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let before = view(subject, &document)?;
        let document = marked(subject.lens(), &document, &before).unwrap_or(document);
        let edit = draw.edit(&before);
        let Some(explicit) = expanded(subject, draw, &document, &before, &edit)? else { return Ok(()) };
        let touched =
            Touched::by(&before, &explicit, &subject.capabilities()).map_err(|e| failed(&e.to_string(), &edit))?;
        let touched: BTreeSet<&StepId> = touched
            .writes()
            .filter_map(|touch| match &touch.place {
                FieldPath::Step(id) => Some(id),
                FieldPath::Flow | FieldPath::Edges(_) => None,
            })
            .collect();
        let changed = applied(subject, &document, &explicit)?;
        let after = view(subject, &changed)?;
        prop_assert_eq!(top_mark(&changed), top_mark(&document), "\nthe document lost something to {:?}", edit);

        let (old, new) = (parts(&document, &before), parts(&changed, &after));
        // An edit of the structure may change how a document nests its steps, one of a step's content may not.
        let in_place = explicit.iter().all(|edit| {
            matches!(edit, FlowEdit::Rename { .. } | FlowEdit::UpdateStep { .. } | FlowEdit::ReplaceStep { .. })
        });
        for (id, part) in old.iter().filter(|(id, _)| !touched.contains(id)) {
            let kept = new.get(id);
            prop_assert_eq!(kept.and_then(mark_of), mark_of(part), "\nstep {} lost something to {:?}", id, edit);
            if in_place {
                prop_assert_eq!(kept, Some(part), "\nstep {} changed by {:?}", id, edit);
            }
        }
        Ok(())
    });
}

/// An empty list of edits leaves every byte that means something.
pub fn no_edit_changes_nothing(subject: &Subject) {
    for_random_documents(subject, |_, document| {
        let same = applied(subject, &document, &[])?;
        let (before, after): (Value, Value) = (json(&document)?, json(&same)?);
        prop_assert_eq!(after, before);
        Ok(())
    });
}

/// An edit of a step that is not there is refused, and the error says which edit it was.
pub fn an_edit_that_does_not_fit_is_named(subject: &Subject) {
    for_random_documents(subject, |_, document| {
        let Ok(missing) = "missing".parse::<StepId>() else { return Ok(()) };
        let wrong = FlowEdit::RemoveStep { id: missing, keep_following: true };
        let right = FlowEdit::Rename { name: "A name".to_owned() };
        match subject.lens().expand(&document, &wrong) {
            Ok(edits) => return Err(failed("expanded an edit of a step that is not there into", &edits)),
            Err(error) => refusal(&error, &wrong)?,
        }
        match subject.lens().apply(&document, &[right, wrong.clone()]) {
            Ok(_) => Err(failed("applied", &wrong)),
            Err(error) => {
                refusal(&error, &wrong)?;
                let named = error.fields().iter().any(|fault| fault.field.starts_with("edits[1]"));
                prop_assert!(named, "{} does not say that it was edits[1]: {:?}", error, error.fields());
                Ok(())
            }
        }
    });
}

/// What is explicit already is left as it is.
pub fn expanding_again_changes_nothing(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let before = view(subject, &document)?;
        let edit = draw.edit(&before);
        let Some(explicit) = expanded(subject, draw, &document, &before, &edit)? else { return Ok(()) };
        let mut document = document;
        let mut again = Vec::new();
        for edit in &explicit {
            let edits = subject.lens().expand(&document, edit).map_err(|error| failed(&error.to_string(), edit))?;
            document = applied(subject, &document, &edits)?;
            again.extend(edits);
        }
        prop_assert_eq!(again, explicit, "\n{:?} expanded twice", edit);
        Ok(())
    });
}

/// A list taken at once leads where its edits lead one after the other, and names the one that does not fit.
pub fn a_list_of_edits_is_its_edits_one_by_one(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let (mut at, mut explicit, mut edits) = (document.clone(), Vec::new(), Vec::new());
        for _ in 0..=draw.below(4) {
            let before = view(subject, &at)?;
            let edit = draw.edit(&before);
            if let Some(expansion) = expanded(subject, draw, &at, &before, &edit)? {
                // Ids that were wished for and taken are followed by the rest of a list, which no single edit can show.
                if !wishes_for_a_taken_id(&before, &edit) {
                    at = applied(subject, &at, &expansion)?;
                    explicit.extend(expansion);
                    edits.push(edit);
                }
            }
        }
        let listed = subject.lens().edit(&document, &edits);
        let (reached, listed) = listed.map_err(|error| failed(&format!("refused the list, {error}"), &edits))?;
        prop_assert_eq!(listed, explicit, "\n{:?}", edits);
        prop_assert_eq!(view(subject, &reached)?, view(subject, &at)?, "\n{:?}", edits);

        let Ok(id) = "missing".parse::<StepId>() else { return Ok(()) };
        let place = format!("edits[{}]", edits.len());
        edits.push(FlowEdit::RemoveStep { id, keep_following: true });
        match subject.lens().edit(&document, &edits) {
            Ok(_) => Err(failed("applied", &edits)),
            Err(error) => {
                let named = error.fields().iter().any(|fault| fault.field.starts_with(&place));
                prop_assert!(named, "{} does not say that it was {}: {:?}", error, place, error.fields());
                Ok(())
            }
        }
    });
}

/// The inverse of some edits leads back to the same view.
pub fn an_undo_leads_back(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let before = view(subject, &document)?;
        let edit = draw.edit(&before);
        let Some(explicit) = expanded(subject, draw, &document, &before, &edit)? else { return Ok(()) };
        let here = FlowView { name: "Flow", graph: &before };
        let back = here.invert(&explicit, &subject.capabilities()).map_err(|e| failed(&e.to_string(), &explicit))?;
        let there = applied(subject, &document, &explicit)?;
        let again = view(subject, &applied(subject, &there, &back)?)?;
        prop_assert_eq!(again, before, "\n{:?} undone by {:?}", explicit, back);
        Ok(())
    });
}

/// An undo that is handed what its edits took away brings back what the view does not show, too.
pub fn an_undo_brings_back_what_is_not_shown(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let before = view(subject, &document)?;
        let document = marked(subject.lens(), &document, &before).unwrap_or(document);
        let edit = draw.edit(&before);
        let Some(explicit) = expanded(subject, draw, &document, &before, &edit)? else { return Ok(()) };
        let there = applied(subject, &document, &explicit)?;
        let here = FlowView { name: "Flow", graph: &before };
        let back = here.invert(&explicit, &subject.capabilities()).map_err(|e| failed(&e.to_string(), &explicit))?;
        let remains = subject.lens().remains(&document, &explicit);
        let again = match remains.map_err(|error| failed(&format!("keeps nothing, {error}, of"), &explicit))? {
            Some(remains) => {
                let kept = Remains::parse(remains.text().to_owned()).map_err(|e| failed(&e.to_string(), &remains))?;
                let restored = subject.lens().restore(&there, &back, &kept);
                restored.map_err(|error| failed(&format!("does not restore, {error}"), &back))?
            }
            None => applied(subject, &there, &back)?,
        };
        prop_assert_eq!(view(subject, &again)?, before.clone(), "\n{:?} undone by {:?}", explicit, back);
        prop_assert_eq!(top_mark(&again), top_mark(&document), "\n{:?} undone by {:?}", explicit, back);
        let new = parts(&again, &before);
        for (id, part) in &parts(&document, &before) {
            prop_assert_eq!(new.get(id), Some(part), "\n{:?} undone by {:?}", explicit, back);
        }
        Ok(())
    });
}

/// An external edit is told as edits: from a document as people have it to what became of it, and from
/// one to quite another.
pub fn an_external_edit_can_be_told(subject: &Subject) {
    for_random_documents(subject, |draw, document| {
        let from = view(subject, &document)?;
        let at = draw.below(4 * subject.documents.len().max(1));
        let to = match subject.documents.get(at) {
            Some(other) => view(subject, other)?,
            None => fold(subject, &from, &draw.edits(&from, 6))?,
        };
        let edits = subject.lens().diff(&from, &to);
        prop_assert_eq!(fold(subject, &from, &edits)?, to.clone(), "\n{:?}\nfrom {:?}", edits, from);
        if is_clean(subject, draw, &from, &to) {
            let reached = applied(subject, &document, &edits)?;
            prop_assert_eq!(view(subject, &reached)?, to, "\n{:?}\nfrom {:?}", edits, from);
        }
        Ok(())
    });
}

/// The difference of two views, applied to the one, gives the other.
pub fn a_difference_leads_to_its_goal(subject: &Subject) {
    for_random_flows(subject, |draw| {
        let from = draw.graph();
        let mut to = from.clone();
        if draw.below(4) == 0 {
            to = draw.graph();
        } else {
            let edits = draw.edits(&from, 6);
            to = to.apply(&edits, &subject.capabilities()).map_err(|error| failed(&error.to_string(), &edits))?;
        }
        let lens = subject.lens();
        prop_assert_eq!(lens.diff(&to, &to), Vec::<FlowEdit>::new());
        let edits = lens.diff(&from, &to);
        prop_assert_eq!(fold(subject, &from, &edits)?, to.in_reading_order(), "\n{:?}\nfrom {:?}", edits, from);
        if is_clean(subject, draw, &from, &to) {
            let reached = applied(subject, &created(subject, &from)?, &edits)?;
            prop_assert_eq!(view(subject, &reached)?, to.in_reading_order(), "\n{:?}\nfrom {:?}", edits, from);
        }
        Ok(())
    });
}

/// Two people's edits are merged only if the order in which they came does not matter.
pub fn merges_are_sound(subject: &Subject) {
    for_random_flows(subject, |draw| {
        let engine = subject.capabilities();
        let base = draw.graph().in_reading_order();
        let (one, two) = (draw.edits(&base, 2), draw.edits(&base, 2));
        let over = |theirs: &[FlowEdit], mine: &[FlowEdit]| -> Result<(Graph, Merge), TestCaseError> {
            let current = fold(subject, &base, theirs)?;
            let (old, new) = (FlowView { name: "Flow", graph: &base }, FlowView { name: "Flow", graph: &current });
            let merged = merge(&old, &new, mine, &engine, subject.lens().dialect(), &|_| Vec::new());
            merged.map(|merged| (current, merged)).map_err(|error| failed(&error.to_string(), &mine))
        };
        let (current, Merge::Merged { graph, edits }) = over(&one, &two)? else { return Ok(()) };
        prop_assert_eq!(&fold(subject, &current, &edits)?, &graph);
        prop_assert_eq!(graph.structure(&engine), Vec::<Issue>::new());
        // With new steps on both sides, ids depend on who came first; and an edit that changed nothing counts for who
        // makes it, not for who comes after.
        let adds = |edits: &[FlowEdit]| edits.iter().any(|edit| matches!(edit, FlowEdit::AddStep { .. }));
        if !(adds(&one) && adds(&two))
            && let (_, Merge::Merged { graph: other, .. }) = over(&two, &one)?
        {
            prop_assert_eq!(&graph, &other, "\n{:?}\nand {:?}\non {:?}", one, two, base);
        }
        if is_clean(subject, draw, &base, &current) && is_clean(subject, draw, &current, &graph) {
            let merged = applied(subject, &created(subject, &current)?, &edits)?;
            prop_assert_eq!(view(subject, &merged)?, graph);
        }
        Ok(())
    });
}

/// A flow without steps cannot be published, and says so.
pub fn an_empty_flow_is_reported(subject: &Subject) {
    match subject.lens().create(&Graph::default()) {
        Ok(document) => assert!(!subject.lens().check(&document).is_empty(), "{subject} would publish an empty flow"),
        Err(error) => assert_eq!(error.kind(), Kind::Invalid, "{error}"),
    }
}

/// A reference names two steps that are there and a range inside the text it stands in.
pub fn references_are_where_they_are_said_to_be(subject: &Subject) {
    for_random_documents(subject, |_, document| {
        let graph = view(subject, &document)?;
        for reference in subject.lens().references(&document) {
            let Some(step) = graph.step(&reference.step) else {
                return Err(failed("gives a reference of a step that is not there", &reference));
            };
            let pointer = format!("/{}", reference.field.replace('[', ".").replace(']', "").replace('.', "/"));
            let settings = Value::Object(step.settings.clone());
            if let Some(text) = settings.pointer(&pointer).and_then(Value::as_str) {
                let (start, end) = reference.range;
                prop_assert!(text.get(start..end).is_some(), "{:?} lies outside of {:?}", reference, text);
            }
        }
        Ok(())
    });
}

// What the laws are made of.

/// Documents that the lens makes of random graphs, and those that came with the subject.
fn for_random_documents(subject: &Subject, case: impl Fn(&mut Draw, Document) -> Outcome) {
    for_random_flows(subject, |draw| {
        let at = draw.below(1 + 2 * subject.documents.len());
        if let Some(document) = subject.documents.get(at.wrapping_sub(1)) {
            return case(draw, document.clone());
        }
        let graph = draw.graph();
        let document = created(subject, &graph)?;
        case(draw, document)
    });
}

fn failed(what: &str, about: &dyn std::fmt::Debug) -> TestCaseError {
    TestCaseError::fail(format!("{what}: {about:?}"))
}

fn json(document: &Document) -> Result<Value, TestCaseError> {
    document.read().map_err(|error| failed(&error.to_string(), document))
}

fn created(subject: &Subject, graph: &Graph) -> Result<Document, TestCaseError> {
    subject.lens().create(graph).map_err(|error| failed(&format!("refused to create, {error}"), graph))
}

fn view(subject: &Subject, document: &Document) -> Result<Graph, TestCaseError> {
    let graph = subject.lens().view(document).map_err(|error| failed(&error.to_string(), &document.text()))?;
    Ok(graph.in_reading_order())
}

fn fold(subject: &Subject, graph: &Graph, edits: &[FlowEdit]) -> Result<Graph, TestCaseError> {
    graph.apply(edits, &subject.capabilities()).map_err(|error| failed(&format!("{error} of {edits:?}"), graph))
}

fn applied(subject: &Subject, document: &Document, edits: &[FlowEdit]) -> Result<Document, TestCaseError> {
    let refused = |error: Error| failed(&format!("refused {edits:?}, {error}, on"), &document.text());
    subject.lens().apply(document, edits).map_err(refused)
}

/// A refusal must be the caller's fault and say where.
fn refusal(error: &Error, about: &dyn std::fmt::Debug) -> Outcome {
    match error.kind() {
        Kind::Unsupported => Ok(()),
        Kind::Invalid if !error.fields().is_empty() => Ok(()),
        _ => Err(failed(&format!("a refusal that names no field: {error:?}"), about)),
    }
}

/// What the lens makes of an edit; none when it refuses with reason.
fn expanded(
    subject: &Subject,
    draw: &Draw,
    document: &Document,
    before: &Graph,
    edit: &FlowEdit,
) -> Result<Option<Vec<FlowEdit>>, TestCaseError> {
    let error = match subject.lens().expand(document, edit) {
        Ok(explicit) => return Ok(Some(explicit)),
        Err(error) => error,
    };
    refusal(&error, edit)?;
    let engine = subject.capabilities();
    let by_the_rules = before.expand(std::slice::from_ref(edit), &engine, subject.lens().dialect());
    let after = by_the_rules.and_then(|explicit| before.apply(&explicit, &engine));
    match after {
        Ok(after) if !is_extra(edit) && is_clean(subject, draw, before, &after) => {
            Err(failed(&format!("refused, {error}, what fits {before:?}"), edit))
        }
        _ => Ok(None),
    }
}

/// Whether the second graph has no issue of a kind that the first did not have.
fn is_clean(subject: &Subject, draw: &Draw, before: &Graph, after: &Graph) -> bool {
    let codes = |graph: &Graph| -> BTreeSet<String> {
        graph.check(draw.pieces, &subject.capabilities()).into_iter().map(|issue| issue.code).collect()
    };
    codes(after).is_subset(&codes(before))
}

fn wishes_for_a_taken_id(graph: &Graph, edit: &FlowEdit) -> bool {
    match edit {
        FlowEdit::AddStep { step, .. } => step.id.as_ref().is_some_and(|id| graph.step(id).is_some()),
        _ => false,
    }
}

/// Not every engine has these.
fn is_extra(edit: &FlowEdit) -> bool {
    match edit {
        FlowEdit::UpdateStep { set, .. } => ["on_error", "retry", "timeout_s"].iter().any(|key| set.contains_key(*key)),
        FlowEdit::AddStep { step, .. } | FlowEdit::ReplaceStep { step, .. } => step.kind == StepKind::Trigger,
        _ => false,
    }
}
