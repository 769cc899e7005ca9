//! Every kind of edit of every step of every workflow of the corpus.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use pmos_connectors::n8n::{CAPABILITIES, N8nLens};
use pmos_core::flow::{Document, FlowEdit, FlowLens, FlowView, Graph, Step, StepKind, Touched};
use serde_json::{Value, json};

use crate::support::{corpus, sample};

/// A name that needs care in every place where names stand.
const AWKWARD: &str = "O'Neil \"& Söhne\" \\ }} ${x} `日本`";

fn lens() -> N8nLens {
    N8nLens::default()
}

fn edit(value: Value) -> FlowEdit {
    serde_json::from_value(value).unwrap()
}

fn value(document: &Document) -> Value {
    document.read().unwrap()
}

/// The edits that might be made at one step.
fn edits_at(step: &Step, graph: &Graph) -> Vec<FlowEdit> {
    let id = step.id.as_str();
    let other = graph.steps.iter().find(|other| other.id != step.id).map_or(id, |other| other.id.as_str());
    let replacement = match step.kind {
        StepKind::Trigger => {
            json!({"kind": "trigger", "name": "Other", "piece": "n8n-nodes-base.cron", "operation": "execute"})
        }
        StepKind::Action => {
            json!({"name": "Other", "piece": "n8n-nodes-base.set", "operation": "execute", "settings": {"x": null}})
        }
    };
    let known = "con_00000000000000000000000000000001";
    let unknown = "con_000000000000000000000000000000ff";
    let update = |set: Value| json!({"op": "update_step", "id": id, "set": set});
    [
        update(json!({"name": AWKWARD})),
        update(json!({"name": "plain"})),
        update(json!({"settings": {"pmosNew": {"a": [1, null]}}})),
        update(json!({"skip": !step.skip})),
        update(json!({"on_error": "continue"})),
        update(json!({"on_error": null, "retry": null})),
        update(json!({"retry": {"times": 4, "backoff_s": 5}})),
        update(json!({"connection": known})),
        update(json!({"connection": unknown})),
        update(json!({"connection": null})),
        json!({"op": "replace_step", "id": id, "step": replacement}),
        json!({"op": "remove_step", "id": id}),
        json!({"op": "remove_step", "id": id, "keep_following": false}),
        json!({"op": "duplicate_step", "id": id}),
        json!({"op": "set_position", "id": id, "x": 12.5, "y": -7}),
        json!({"op": "add_step", "after": id, "step": {"piece": "n8n-nodes-base.noOp", "operation": "execute"}}),
        json!({"op": "connect", "from": id, "port": "main:3", "to": other, "input": "main:2"}),
        json!({"op": "connect", "from": id, "port": "ai_tool:0", "to": id}),
    ]
    .into_iter()
    .map(edit)
    .collect()
}

/// The edits that concern no step, or what hangs on one.
fn other_edits(graph: &Graph) -> Vec<FlowEdit> {
    let mut edits = vec![
        edit(json!({"op": "rename", "name": "Another"})),
        edit(json!({"op": "add_note", "note": {"id": "a-new-note", "text": "# Look"}})),
    ];
    for note in &graph.notes {
        edits.push(edit(json!({"op": "update_note", "note": {"id": note.id, "text": "other"}})));
        edits.push(edit(json!({"op": "remove_note", "id": note.id})));
    }
    for edge in &graph.edges {
        let mut cut = serde_json::to_value(edge).unwrap();
        cut["op"] = json!("disconnect");
        edits.push(edit(cut));
    }
    edits
}

/// An edit of a workflow of the corpus.
struct Case {
    what: String,
    document: Document,
    graph: Graph,
    explicit: Vec<FlowEdit>,
    changed: Document,
}

/// Every edit of every workflow; of the large one, of one step.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for (name, document) in corpus() {
        let graph = lens().view(&document).unwrap();
        let (steps, others) = if graph.steps.len() > 100 { (1, 3) } else { (3, 10) };
        let at_steps = graph.steps.iter().rev().take(steps).flat_map(|step| edits_at(step, &graph));
        for edit in at_steps.chain(other_edits(&graph).into_iter().take(others)) {
            let what = format!("{edit:?} on {name}");
            match lens().expand(&document, &edit) {
                Ok(explicit) => {
                    let changed = lens().apply(&document, &explicit).unwrap_or_else(|error| panic!("{what}: {error}"));
                    cases.push(Case { what, document: document.clone(), graph: graph.clone(), explicit, changed });
                }
                // Two steps of one name cannot be told apart at the ends of an edge.
                Err(error) => {
                    let fault = &error.fields()[0].message;
                    let known = fault.contains("shares its name") || fault.contains("connected there already");
                    assert!(known, "{what}: {error}: {fault}");
                }
            }
        }
    }
    cases
});

#[test]
fn there_are_many_workflows_and_each_is_kept_as_it_is() {
    let corpus = corpus();
    assert!(corpus.len() > 60, "{}", corpus.len());
    for (name, document) in corpus {
        let same = lens().apply(&document, &[]).unwrap();
        assert_eq!(same.text(), document.text(), "{name}: no edit sends nothing");
        let renamed = lens().apply(&document, &[edit(json!({"op": "rename", "name": "x"}))]).unwrap();
        let (before, after) = (value(&document), value(&renamed));
        let without_ids = |mut value: Value| {
            value["workflow"]["nodes"].as_array_mut().unwrap().iter_mut().for_each(|node| node["id"] = Value::Null);
            value
        };
        assert_eq!(without_ids(after.clone()), without_ids(before), "{name}: the name is not in the document");
        assert_eq!(lens().view(&renamed).unwrap(), lens().view(&document).unwrap(), "{name}: ids stay");
    }
}

#[test]
fn what_is_shown_after_an_edit_is_what_the_edit_says() {
    assert!(CASES.len() > 2_000, "{}", CASES.len());
    for Case { what, graph, explicit, changed, .. } in CASES.iter() {
        let expected = graph.apply(explicit, &CAPABILITIES).unwrap();
        assert_eq!(lens().view(changed).unwrap().in_reading_order(), expected, "{what}");
    }
}

#[test]
fn an_edit_leaves_the_nodes_alone_that_it_does_not_touch() {
    for Case { what, document, graph, explicit, changed } in CASES.iter() {
        let touched = Touched::by(graph, explicit, &CAPABILITIES).unwrap();
        let touched: BTreeSet<String> = touched.writes().map(|touch| format!("{:?}", touch.place)).collect();
        let (old, new) = (nodes(document), nodes(changed));
        for (id, node) in old {
            let concerned = touched.contains(&format!("Step({id:?})")) || graph.notes.iter().any(|note| note.id == id);
            assert!(concerned || new.get(&id) == Some(&node), "{what}: {id} became {:?}", new.get(&id));
        }
    }
}

/// The nodes of a document by the id under which they are shown, without their own.
fn nodes(document: &Document) -> BTreeMap<String, Value> {
    let pinned = lens().apply(document, &[edit(json!({"op": "rename", "name": "x"}))]).unwrap();
    let graph = lens().view(&pinned).unwrap();
    let mut ids = graph.steps.iter().map(|step| step.id.to_string());
    let mut notes = graph.notes.iter().map(|note| note.id.clone());
    let mut nodes = BTreeMap::new();
    for mut node in value(&pinned)["workflow"]["nodes"].as_array().unwrap().clone() {
        let id = if node["type"] == "n8n-nodes-base.stickyNote" { notes.next() } else { ids.next() };
        node.as_object_mut().unwrap().remove("id");
        nodes.insert(id.unwrap(), node);
    }
    nodes
}

#[test]
fn an_undo_leads_back_to_the_letter() {
    // Nothing leads back to two steps of one name.
    for Case { what, document, graph, explicit, changed } in
        CASES.iter().filter(|case| !case.what.ends_with("the_same_name_twice"))
    {
        let pinned = lens().apply(document, &[edit(json!({"op": "rename", "name": "x"}))]).unwrap();
        let remains = lens().remains(document, explicit).unwrap();
        let back = FlowView { name: "x", graph }.invert(explicit, &CAPABILITIES).unwrap();
        let again = match remains {
            Some(remains) => lens().restore(changed, &back, &remains).unwrap(),
            None => lens().apply(changed, &back).unwrap(),
        };
        assert_eq!(tidy(value(&again)), tidy(value(&pinned)), "{what}\nundone by {back:?}");
    }
}

/// Ways out that lead nowhere are written in many forms that all mean nothing; what a note is called means nothing either.
fn tidy(mut document: Value) -> Value {
    for node in document["workflow"]["nodes"].as_array_mut().unwrap() {
        if node["type"] == "n8n-nodes-base.stickyNote" {
            node["name"] = Value::Null;
        }
    }
    let connections = document["workflow"]["connections"].as_object_mut().unwrap();
    for kinds in connections.values_mut().filter_map(Value::as_object_mut) {
        for outputs in kinds.values_mut().filter_map(Value::as_array_mut) {
            while outputs.last().is_some_and(|entries| entries.as_array().is_some_and(Vec::is_empty)) {
                outputs.pop();
            }
        }
        kinds.retain(|_, outputs| outputs.as_array().is_none_or(|outputs| !outputs.is_empty()));
    }
    connections.retain(|_, kinds| kinds.as_object().is_none_or(|kinds| !kinds.is_empty()));
    document
}

#[test]
fn a_rename_takes_every_connection_and_reference_along() {
    for (name, document) in corpus() {
        let graph = lens().view(&document).unwrap();
        let targets = |document: &Document| {
            let references = lens().references(document);
            references.into_iter().map(|found| (found.step, found.field, found.target, found.path)).collect::<Vec<_>>()
        };
        for step in graph.steps.iter().take(if graph.steps.len() > 100 { 2 } else { 12 }) {
            let edit_request = edit(json!({"op": "update_step", "id": step.id, "set": {"name": AWKWARD}}));
            let (renamed, _) = lens().edit(&document, &[edit_request]).unwrap();
            let after = lens().view(&renamed).unwrap();
            if name != "the_same_name_twice" {
                assert_eq!(after.edges, graph.edges, "{:?} of {name}", step.name);
                assert_eq!(lens().check(&renamed), lens().check(&document), "{:?} of {name}", step.name);
            }
            assert_eq!(targets(&renamed), targets(&document), "{:?} of {name}", step.name);
            let back = edit(json!({"op": "update_step", "id": step.id, "set": {"name": step.name}}));
            let (back, _) = lens().edit(&renamed, &[back]).unwrap();
            assert_eq!(lens().view(&back).unwrap().edges, graph.edges, "{:?} of {name}", step.name);
        }
    }
}

#[test]
fn samples_and_memories_follow_the_name_of_their_step() {
    let renamed = |name: &str, old: &str| {
        let document = sample(name);
        let graph = lens().view(&document).unwrap();
        let step = graph.steps.iter().find(|step| step.name == old).unwrap();
        let edit_request = edit(json!({"op": "update_step", "id": step.id, "set": {"name": "New"}}));
        value(&lens().edit(&document, &[edit_request]).unwrap().0)["workflow"].clone()
    };
    let samples = renamed("samples_pinned", "In");
    assert_eq!(samples["pinData"], json!({"New": [{"json": {"body": {"name": "Ada"}}}], "Gone": [{"json": {}}]}));
    let memory = renamed("memory_of_triggers", "Poll");
    assert_eq!(memory["staticData"]["node:New"], json!({"lastItemDate": "2030-01-31T08:00:00Z"}));
    assert_eq!(memory["staticData"]["global"], json!({"last": 7}));
}

#[test]
fn a_node_is_described_in_the_version_that_it_is_of() {
    let node = |id: &str, more: Value| {
        let mut node =
            json!({"id": id, "name": id, "type": "n8n-nodes-base.set", "position": [0, 0], "parameters": {}});
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        node
    };
    let nodes = [
        node("old", json!({"typeVersion": 2})),
        node("odd", json!({"typeVersion": 3.4})),
        node("agent", json!({"typeVersion": 1.0, "type": "@n8n/n8n-nodes-langchain.agent"})),
        node("unsaid", json!({})),
        node("text", json!({"typeVersion": "2"})),
        node("no id of ours", json!({"typeVersion": 1})),
        node("remark", json!({"typeVersion": 1, "type": "n8n-nodes-base.stickyNote"})),
    ];
    let document = json!({"workflow": {"nodes": nodes, "connections": {}}});
    let document = Document::write(&document).unwrap();
    let forms = lens().forms(&document);
    let graph = lens().view(&document).unwrap();
    let seen: Vec<_> = graph.steps.iter().map(|step| forms.get(&step.id).map(String::as_str)).collect();
    let (set, old) = ("n8n-nodes-base.set@2", "n8n-nodes-base.set@1");
    let agent = "@n8n/n8n-nodes-langchain.agent@1";
    assert_eq!(seen, [Some(set), Some("n8n-nodes-base.set@3.4"), Some(agent), None, None, Some(old)]);
    assert_eq!(forms.len(), 4, "a remark is no step");
    assert!(lens().forms(&Document::write(&json!([])).unwrap()).is_empty());
}
