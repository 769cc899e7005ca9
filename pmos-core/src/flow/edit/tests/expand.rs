use std::collections::BTreeMap;

use serde_json::Map;

use super::*;
use crate::flow::Position;

/// Settings refer to other steps as `@id` and `#name`, one reference per text.
struct Signs;

/// The same where names are unique.
struct Unique;

impl Dialect for Unique {
    fn names_are_unique(&self) -> bool {
        true
    }

    fn rewrite(&self, piece: &str, settings: &Map<String, Value>, renamed: &Renamed) -> Option<Map<String, Value>> {
        Signs.rewrite(piece, settings, renamed)
    }
}

impl Dialect for Signs {
    fn title(&self, step: &NewStep) -> String {
        format!("A {}", step.operation)
    }

    fn output(&self, _: &NewStep) -> Port {
        port("main:0")
    }

    fn rewrite(&self, _: &str, settings: &Map<String, Value>, renamed: &Renamed) -> Option<Map<String, Value>> {
        let ids: BTreeMap<String, String> =
            renamed.ids.iter().map(|(old, new)| (format!("@{old}"), format!("@{new}"))).collect();
        let names = renamed.names.iter().map(|(old, new)| (format!("#{old}"), format!("#{new}")));
        let signs: BTreeMap<String, String> = ids.into_iter().chain(names).collect();
        let mut rewritten = settings.clone();
        for value in rewritten.values_mut() {
            if let Some(new) = value.as_str().and_then(|text| signs.get(text)) {
                *value = json!(new);
            }
        }
        (&rewritten != settings).then_some(rewritten)
    }
}

fn expanded(graph: &Graph, engine: &Capabilities, value: &Value) -> Vec<FlowEdit> {
    let explicit = graph.expand(&edits(value), engine, &Signs).unwrap();
    assert_eq!(graph.expand(&explicit, engine, &Signs).unwrap(), explicit, "expanding again changes nothing");
    explicit
}

#[test]
fn a_new_step_gets_a_free_id_and_a_name() {
    let mut flow = flow("trigger http a");
    let bare = json!({"piece": "core", "operation": "http"});
    let list = json!([
        {"op": "add_step", "step": bare, "after": "a"},
        {"op": "add_step", "step": bare, "after": "a"},
        {"op": "add_step", "step": {"id": "mine", "name": "Mine", "piece": "core", "operation": "http"}, "after": "a"},
        {"op": "add_step", "step": {"piece": "core", "operation": "größe ändern"}, "after": "a"},
    ]);
    let explicit = expanded(&flow, &TREE, &list);
    flow = flow.apply(&explicit, &TREE).unwrap();
    assert_eq!(told(&flow), "trigger http a gr__e__ndern mine http_3 http_2");
    assert_eq!(flow.step(&id("http_2")).unwrap().name, "A http");
    assert_eq!(flow.step(&id("mine")).unwrap().name, "Mine");
}

#[test]
fn a_taken_id_is_numbered_and_the_rest_of_the_list_follows() {
    let flow = flow("trigger a b");
    let mut user = new_step("c");
    user["settings"] = json!({"x": "@a", "y": "@b"});
    let list = json!([
        {"op": "add_step", "step": new_step("a"), "after": "b"},
        {"op": "add_step", "step": user, "after": "a"},
        {"op": "update_step", "id": "a", "set": {"name": "new one", "settings": {"me": "@a"}}},
    ]);
    let after = flow.apply(&expanded(&flow, &TREE, &list), &TREE).unwrap();
    assert_eq!(told(&after), "trigger a b a_2 c");
    assert_eq!(after.step(&id("a")), flow.step(&id("a")));
    assert_eq!(Value::Object(after.step(&id("c")).unwrap().settings.clone()), json!({"x": "@a_2", "y": "@b"}));
    assert_eq!(after.step(&id("a_2")).unwrap().name, "new one");
}

#[test]
fn a_copy_comes_with_everything_inside_and_refers_to_itself() {
    let mut flow = flow("trigger a l [loop x m [branch:0 y ] z ] b");
    for step in &mut flow.steps {
        step.settings = json!({"out": "@a", "in": "@x", "named": "#y"}).as_object().cloned().unwrap();
    }
    let after = flow.apply(&expanded(&flow, &TREE, &json!([{"op": "duplicate_step", "id": "l"}])), &TREE).unwrap();
    assert_eq!(told(&after), "trigger a l [loop x m [branch:0 y ] z ] l_2 [loop x_2 m_2 [branch:0 y_2 ] z_2 ] b");
    let copy = after.step(&id("z_2")).unwrap();
    assert_eq!(copy.name, "z (copy)");
    assert_eq!(Value::Object(copy.settings.clone()), json!({"out": "@a", "in": "@x_2", "named": "#y (copy)"}));
    assert_eq!(after.step(&id("z")), flow.step(&id("z")));
}

#[test]
fn renaming_a_step_rewrites_who_refers_to_it_by_name() {
    let mut flow = flow("trigger a b c");
    flow.steps[2].settings = json!({"from": "#a", "null": null}).as_object().cloned().unwrap();
    flow.steps[3].settings = json!({"from": "#a"}).as_object().cloned().unwrap();
    let list = json!([{"op": "update_step", "id": "a", "set": {"name": "first"}}]);
    let after = flow.apply(&expanded(&flow, &TREE, &list), &TREE).unwrap();
    assert_eq!(after.step(&id("b")).unwrap().settings["from"], "#first");
    assert!(after.step(&id("b")).unwrap().settings.contains_key("null"));
    assert_eq!(after.step(&id("c")).unwrap().settings["from"], "#first");
}

#[test]
fn removing_everything_from_a_step_on_is_spelled_out_step_by_step() {
    let flow = flow("trigger a l [loop x ] b");
    let explicit = expanded(&flow, &TREE, &json!([{"op": "remove_step", "id": "a", "keep_following": false}]));
    let steps: Vec<&str> = explicit
        .iter()
        .map(|edit| match edit {
            FlowEdit::RemoveStep { id, keep_following: true } => id.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(steps, ["b", "l", "a"]);
}

fn free_flow() -> Graph {
    let main = |from: &str, port: &str, to: &str| json!({"from": from, "port": port, "to": to});
    let steps = ["trigger", "a", "b", "c", "tool"].map(step);
    let graph = json!({
        "steps": steps,
        "edges": [main("trigger", "main:0", "a"), main("a", "main:0", "b"), main("a", "main:0", "c"), main("a", "main:1", "b"),
                  {"from": "tool", "port": "ai_tool:0", "to": "b", "input": "ai_tool:0"}],
    });
    serde_json::from_value(graph).unwrap()
}

fn edges(graph: &Graph) -> Vec<String> {
    graph.edges.iter().map(|edge| format!("{} {} {}", edge.from, edge.port, edge.to)).collect()
}

#[test]
fn inserting_between_free_steps_takes_over_what_followed() {
    let flow = free_flow();
    let list = json!([{"op": "add_step", "step": new_step("n"), "after": "a", "port": "main:0"}]);
    let after = flow.apply(&expanded(&flow, &FREE, &list), &FREE).unwrap();
    assert_eq!(
        edges(&after),
        ["trigger main:0 a", "a main:0 n", "a main:1 b", "n main:0 b", "n main:0 c", "tool ai_tool:0 b"]
    );
    assert!(after.step(&id("n")).unwrap().position.is_some());
}

#[test]
fn removing_a_free_step_joins_what_came_before_with_what_followed() {
    let flow = free_flow();
    let after = flow.apply(&expanded(&flow, &FREE, &json!([{"op": "remove_step", "id": "a"}])), &FREE).unwrap();
    assert_eq!(edges(&after), ["trigger main:0 b", "trigger main:0 c", "tool ai_tool:0 b"]);
}

#[test]
fn removing_a_free_step_with_what_follows_keeps_what_others_lead_to() {
    let flow = free_flow();
    let list = json!([{"op": "remove_step", "id": "a", "keep_following": false}]);
    let after = flow.apply(&expanded(&flow, &FREE, &list), &FREE).unwrap();
    assert_eq!(after.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["trigger", "b", "tool"]);
    assert_eq!(edges(&after), ["tool ai_tool:0 b"]);
}

#[test]
fn copies_of_free_steps_do_not_lie_on_top_of_each_other() {
    let mut flow = free_flow();
    flow = flow.apply(&edits(&json!([{"op": "set_position", "id": "a", "x": 0, "y": 0}])), &FREE).unwrap();
    let twice = json!([{"op": "duplicate_step", "id": "a"}, {"op": "duplicate_step", "id": "a"}]);
    let after = flow.apply(&expanded(&flow, &FREE, &twice), &FREE).unwrap();
    let place = |name: &str| after.step(&id(name)).unwrap().position.unwrap();
    assert_ne!(place("a_2"), place("a_3"));
    assert_ne!(place("a"), place("a_2"));
}

#[test]
fn a_taken_name_is_numbered_where_names_are_unique_and_the_rest_of_the_list_follows() {
    let mut flow = flow("trigger a b");
    flow.steps[2].settings = json!({"uses": "#a"}).as_object().cloned().unwrap();
    let mut user = new_step("d");
    user["settings"] = json!({"uses": "#a"});
    let mut named = new_step("c");
    named["name"] = json!("a");
    let list = json!([
        {"op": "add_step", "step": named, "after": "a"},
        {"op": "add_step", "step": user, "after": "c"},
        {"op": "update_step", "id": "d", "set": {"name": "a 2"}},
        {"op": "replace_step", "id": "c", "step": {"name": "b", "piece": "core", "operation": "set"}},
        {"op": "update_step", "id": "a", "set": {"name": "a"}},
    ]);
    let explicit = flow.expand(&edits(&list), &TREE, &Unique).unwrap();
    assert_eq!(flow.expand(&explicit, &TREE, &Unique).unwrap(), explicit);
    let after = flow.apply(&explicit, &TREE).unwrap();
    let names: Vec<&str> = after.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["trigger", "a", "b 2", "a 3", "b"]);
    assert_eq!(after.step(&id("d")).unwrap().settings["uses"], "#b 2", "the new step, under its last name");
    assert_eq!(after.step(&id("b")).unwrap().settings["uses"], "#a", "the old step");
}

#[test]
fn a_note_gets_a_place_where_steps_have_one_and_keeps_it() {
    let mut flow = flow("trigger a");
    for (at, step) in flow.steps.iter_mut().enumerate() {
        step.position = Some(Position { x: 100.0 - 10.0 * f64::from(u8::try_from(at).unwrap()), y: 50.0 });
    }
    let list = json!([
        {"op": "add_note", "note": {"id": "n", "text": "one"}},
        {"op": "add_note", "note": {"id": "m", "text": "two"}},
        {"op": "update_note", "note": {"id": "n", "text": "three"}},
    ]);
    let explicit = flow.expand(&edits(&list), &FREE, &Signs).unwrap();
    assert_eq!(flow.expand(&explicit, &FREE, &Signs).unwrap(), explicit);
    let after = flow.apply(&explicit, &FREE).unwrap();
    let places: Vec<_> =
        after.notes.iter().map(|note| note.position.unwrap()).map(|place| (place.x, place.y)).collect();
    assert_eq!(places, [(90.0, 410.0), (90.0, 170.0)]);
}
