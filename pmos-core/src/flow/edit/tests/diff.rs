use super::*;

fn way(from: &Graph, to: &Graph, engine: &Capabilities) -> Vec<FlowEdit> {
    let edits = from.diff(to, engine);
    assert_eq!(from.apply(&edits, engine).unwrap(), to.in_reading_order());
    edits
}

#[test]
fn a_flow_differs_from_itself_in_nothing() {
    let flow = flow("trigger l [loop x ] a");
    assert!(flow.diff(&flow, &TREE).is_empty());
    assert!(flow.diff(&flow, &FREE).is_empty());
}

#[test]
fn every_rearrangement_is_reached_with_few_edits() {
    let cases = [
        ("trigger a b c", "trigger b c a", 1),
        ("trigger a b c d", "trigger d a b c", 1),
        ("trigger a b", "trigger b a", 1),
        ("trigger a b c", "trigger c", 2),
        ("trigger a l [loop x y ] b", "trigger l [loop x y ] a b", 1),
        ("trigger l [loop x y ] b", "trigger x y b", 3),
        ("trigger a l [loop x ] b", "trigger m [loop l [loop x ] ] b", 3),
        ("trigger l [loop m [loop x ] ]", "trigger m [loop l [loop x ] ]", 3),
        ("trigger l [branch:0 x y ] [branch:1 z ]", "trigger l [branch:0 z ] [branch:1 x y ]", 3),
        ("trigger a", "trigger", 1),
        ("trigger a b", "trigger_2 a b", 6),
        ("trigger a b", "", 3),
    ];
    for (from, to, most) in cases {
        let edits = way(&flow(from), &flow(to), &TREE);
        assert!(edits.len() <= most, "{from} → {to}: {edits:?}");
    }
    way(&Graph::default(), &flow("trigger a l [loop x ] b"), &TREE);
}

#[test]
fn what_a_step_says_is_patched_and_replaced_only_when_a_patch_cannot_say_it() {
    let from = flow("trigger a");
    let mut to = from.clone();
    to.steps[1].settings.insert("x".to_owned(), json!(1));
    to.steps[1].skip = true;
    let set = json!({"skip": true, "settings": {"x": 1}});
    assert_eq!(way(&from, &to, &TREE), edits(&json!([{"op": "update_step", "id": "a", "set": set}])));
    to.steps[1].settings.insert("x".to_owned(), Value::Null);
    assert!(matches!(way(&from, &to, &TREE)[..], [FlowEdit::ReplaceStep { .. }]));
    to.steps[1].operation = "http".to_owned();
    assert!(matches!(way(&from, &to, &TREE)[..], [FlowEdit::ReplaceStep { .. }]));
}

#[test]
fn free_steps_move_without_being_replaced() {
    let from = flow("trigger a b");
    let list = json!([
        {"op": "set_position", "id": "a", "x": 1, "y": 2},
        {"op": "connect", "from": "b", "port": "next", "to": "a"},
        {"op": "remove_step", "id": "trigger"},
    ]);
    let to = from.apply(&edits(&list), &FREE).unwrap();
    assert_eq!(way(&from, &to, &FREE).len(), 4);
    assert!(matches!(way(&to, &from, &FREE)[..], [.., FlowEdit::ReplaceStep { .. }]));
}

#[test]
fn an_undo_leads_back() {
    let graph = flow("trigger a l [loop x y ] b");
    let view = FlowView { name: "old", graph: &graph };
    let lists = [
        json!([{"op": "rename", "name": "new"}]),
        json!([{"op": "remove_step", "id": "l"}]),
        json!([{"op": "move_step", "id": "a", "after": "x", "port": "next"}]),
        json!([{"op": "update_step", "id": "a", "set": {"name": "A", "settings": {"q": {"r": 1}}}}]),
        json!([{"op": "duplicate_step", "id": "l"}, {"op": "rename", "name": "new"}]),
        json!([{"op": "add_note", "note": {"id": "n", "text": "x"}}]),
        json!([{"op": "replace_step", "id": "a", "step": new_step("ignored")}]),
    ];
    for list in lists {
        let list = graph.expand(&edits(&list), &TREE, &PlainDialect).unwrap();
        let back = view.invert(&list, &TREE).unwrap();
        assert_eq!(graph.apply(&list, &TREE).unwrap().apply(&back, &TREE).unwrap(), graph);
        let renamed = list.iter().any(|edit| matches!(edit, FlowEdit::Rename { .. }));
        assert_eq!(back.contains(&FlowEdit::Rename { name: "old".to_owned() }), renamed);
    }
    let nothing = edits(&json!([{"op": "rename", "name": "new"}, {"op": "rename", "name": "old"}]));
    assert!(view.invert(&nothing, &TREE).unwrap().is_empty());
}

#[test]
fn where_the_old_setting_was_null_an_undo_replaces_the_step() {
    let mut graph = flow("trigger a");
    graph.steps[1].settings.insert("x".to_owned(), Value::Null);
    let list = edits(&json!([{"op": "update_step", "id": "a", "set": {"settings": {"x": 1}}}]));
    let back = FlowView { name: "f", graph: &graph }.invert(&list, &TREE).unwrap();
    assert!(matches!(back[..], [FlowEdit::ReplaceStep { .. }]));
    assert_eq!(graph.apply(&list, &TREE).unwrap().apply(&back, &TREE).unwrap(), graph);
}
