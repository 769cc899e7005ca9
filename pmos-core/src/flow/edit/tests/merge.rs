use super::*;

/// Merges `mine` over `theirs`, both made on `base`; tells the merged flow, or `conflict`.
fn merged(base: &Graph, theirs: &Value, mine: &Value) -> String {
    merged_in(&TREE, base, theirs, mine).map_or("conflict".to_owned(), |graph| told(&graph))
}

fn merged_in(engine: &Capabilities, base: &Graph, theirs: &Value, mine: &Value) -> Option<Graph> {
    let current = edited(base, engine, theirs);
    let (old, new) = (FlowView { name: "f", graph: base }, FlowView { name: "f", graph: &current });
    match merge(&old, &new, &edits(mine), engine, &PlainDialect, &|_| Vec::new()).unwrap() {
        Merge::Merged { graph, edits } => {
            assert_eq!(current.apply(&edits, engine).unwrap(), graph);
            Some(graph)
        }
        Merge::Conflict { theirs, mine } => {
            assert_eq!(base.apply(&theirs, engine).unwrap(), current);
            assert!(base.apply(&mine, engine).is_ok());
            None
        }
    }
}

fn add(name: &str, after: &str) -> Value {
    json!([{"op": "add_step", "step": new_step(name), "after": after}])
}

fn set(id: &str, settings: &Value) -> Value {
    json!([{"op": "update_step", "id": id, "set": {"settings": settings}}])
}

fn moved(id: &str, after: &str, port: &str) -> Value {
    json!([{"op": "move_step", "id": id, "after": after, "port": port}])
}

fn removed(id: &str) -> Value {
    json!([{"op": "remove_step", "id": id}])
}

#[test]
fn work_in_different_places_is_merged() {
    let base = flow("trigger a l [loop x ] b [branch:0 p ] [branch:1 q ]");
    assert_eq!(
        merged(&base, &add("n", "trigger"), &add("m", "x")),
        "trigger n a l [loop x m ] b [branch:0 p ] [branch:1 q ]"
    );
    let branches =
        |port: &str, name: &str| json!([{"op": "add_step", "step": new_step(name), "after": "b", "port": port}]);
    assert_eq!(
        merged(&base, &branches("branch:0", "n"), &branches("branch:1", "m")),
        "trigger a l [loop x ] b [branch:0 n p ] [branch:1 m q ]"
    );
    assert_eq!(
        merged(&base, &moved("l", "b", "next"), &set("x", &json!({"v": 1}))),
        "trigger a b [branch:0 p ] [branch:1 q ] l [loop x ]"
    );
    assert_eq!(
        merged(&base, &moved("l", "b", "next"), &add("m", "x")),
        "trigger a b [branch:0 p ] [branch:1 q ] l [loop x m ]"
    );
}

#[test]
fn two_settings_of_one_step_are_merged_and_one_setting_is_not() {
    let mut base = flow("trigger a");
    base.steps[1].settings = json!({"o": {"x": 1, "y": 1}, "z": 1}).as_object().cloned().unwrap();
    let both = merged_in(&TREE, &base, &set("a", &json!({"o": {"x": 2}})), &set("a", &json!({"o": {"y": 2}}))).unwrap();
    assert_eq!(Value::Object(both.steps[1].settings.clone()), json!({"o": {"x": 2, "y": 2}, "z": 1}));
    assert_eq!(merged(&base, &set("a", &json!({"z": 2})), &set("a", &json!({"z": 3}))), "conflict");
    // One changes inside of what the other takes away or puts another value for.
    assert_eq!(merged(&base, &set("a", &json!({"o": {"x": 2}})), &set("a", &json!({"o": null}))), "conflict");
    assert_eq!(merged(&base, &set("a", &json!({"o": 5})), &set("a", &json!({"o": {"y": 2}}))), "conflict");
    // Two objects where there was none would run into each other.
    assert_eq!(merged(&base, &set("a", &json!({"n": {"x": 1}})), &set("a", &json!({"n": {"y": 1}}))), "conflict");
}

#[test]
fn setting_a_value_it_already_has_still_conflicts_with_another_value() {
    let mut base = flow("trigger a");
    base.steps[1].settings = json!({"z": 1}).as_object().cloned().unwrap();
    assert_eq!(merged(&base, &set("a", &json!({"z": 2})), &set("a", &json!({"z": 1}))), "conflict");
}

#[test]
fn a_list_is_touched_as_a_whole() {
    let mut base = flow("trigger a");
    base.steps[1].settings = json!({"rows": [{"x": 1}, {"x": 2}]}).as_object().cloned().unwrap();
    let (first, second) = (json!({"rows": [{"x": 9}, {"x": 2}]}), json!({"rows": [{"x": 1}, {"x": 9}]}));
    assert_eq!(merged(&base, &set("a", &first), &set("a", &second)), "conflict");
}

#[test]
fn a_change_of_the_list_of_branches_changes_what_their_numbers_mean() {
    let mut base = flow("trigger b [branch:0 p ] [branch:1 q ] c");
    base.steps[1].settings = json!({"branches": [{"name": "x"}, {"name": "y"}]}).as_object().cloned().unwrap();
    let swapped = set("b", &json!({"branches": [{"name": "y"}, {"name": "x"}]}));
    let under = json!([{"op": "add_step", "step": new_step("n"), "after": "b", "port": "branch:0"}]);
    assert_eq!(merged(&base, &swapped, &under), "conflict");
    assert_eq!(merged(&base, &under, &swapped), "conflict");
    assert_eq!(merged(&base, &swapped, &add("n", "b")), "trigger b [branch:0 p ] [branch:1 q ] n c");
}

#[test]
fn two_steps_in_the_same_gap_conflict() {
    let base = flow("trigger a b");
    assert_eq!(merged(&base, &add("n", "a"), &add("m", "a")), "conflict");
    assert_eq!(merged(&base, &removed("b"), &add("m", "a")), "conflict");
    assert_eq!(merged(&base, &removed("a"), &add("m", "a")), "conflict");
}

#[test]
fn two_steps_do_not_move_into_each_other() {
    let base = flow("trigger l [loop x ] a m [loop y ] b");
    assert_eq!(merged(&base, &moved("l", "y", "next"), &moved("m", "x", "next")), "conflict");
    assert_eq!(merged(&base, &moved("m", "l", "loop"), &moved("l", "m", "loop")), "conflict");
    let deep = flow("trigger l [loop k [loop x ] ] a m [loop y ] b");
    assert_eq!(merged(&deep, &moved("m", "x", "next"), &moved("l", "y", "next")), "conflict");
}

#[test]
fn a_step_does_not_move_into_what_was_removed_or_replaced() {
    let base = flow("trigger l [loop x ] a b");
    assert_eq!(merged(&base, &removed("l"), &moved("b", "x", "next")), "conflict");
    assert_eq!(merged(&base, &moved("b", "x", "next"), &removed("l")), "conflict");
    assert_eq!(merged(&base, &removed("l"), &set("x", &json!({"v": 1}))), "conflict");
    let replaced = json!([{"op": "replace_step", "id": "l", "step": {"piece": "core", "operation": "http"}}]);
    assert_eq!(merged(&base, &replaced, &moved("b", "l", "loop")), "conflict");
    assert_eq!(merged(&base, &moved("b", "l", "loop"), &replaced), "conflict");
}

#[test]
fn a_new_id_that_was_taken_meanwhile_is_numbered_with_all_that_follows_it() {
    let base = flow("trigger a b");
    let mine = json!([
        {"op": "add_step", "step": new_step("n"), "after": "b"},
        {"op": "add_step", "step": new_step("o"), "after": "n"},
    ]);
    assert_eq!(merged(&base, &add("n", "trigger"), &mine), "trigger n a b n_2 o");
}

#[test]
fn names_of_the_flow_merge_with_steps_and_conflict_with_each_other() {
    let base = flow("trigger a");
    let current = base.clone();
    let (old, new) = (FlowView { name: "f", graph: &base }, FlowView { name: "theirs", graph: &current });
    let over = |mine: &Value| merge(&old, &new, &edits(mine), &TREE, &PlainDialect, &|_| Vec::new()).unwrap();
    assert!(matches!(over(&add("n", "a")), Merge::Merged { .. }));
    let Merge::Conflict { theirs, mine } = over(&json!([{"op": "rename", "name": "mine"}])) else {
        panic!("two names were merged")
    };
    assert_eq!(theirs, edits(&json!([{"op": "rename", "name": "theirs"}])));
    assert_eq!(mine, edits(&json!([{"op": "rename", "name": "mine"}])));
}

#[test]
fn a_merge_that_makes_an_issue_neither_side_had_is_a_conflict() {
    let base = flow("trigger a b");
    let current = edited(&base, &TREE, &set("a", &json!({"v": 1})));
    let (old, new) = (FlowView { name: "f", graph: &base }, FlowView { name: "f", graph: &current });
    let busy = |graph: &Graph| graph.steps.iter().filter(|step| !step.settings.is_empty()).count() > 1;
    let check = |graph: &Graph| if busy(graph) { vec![Issue::of_flow("busy", "…")] } else { Vec::new() };
    let mine = edits(&set("b", &json!({"v": 1})));
    assert!(matches!(merge(&old, &new, &mine, &TREE, &PlainDialect, &check).unwrap(), Merge::Conflict { .. }));
}

#[test]
fn free_steps_merge_edge_by_edge() {
    let base = flow("trigger a b c");
    let line = |op: &str, from: &str, to: &str| json!([{"op": op, "from": from, "port": "next", "to": to}]);
    let both = merged_in(&FREE, &base, &line("connect", "a", "c"), &line("connect", "a", "trigger")).unwrap();
    assert_eq!(both.edges.len(), 5);
    assert!(merged_in(&FREE, &base, &line("connect", "a", "c"), &line("connect", "a", "c")).is_none());
    assert!(merged_in(&FREE, &base, &line("connect", "a", "c"), &json!([{"op": "remove_step", "id": "c"}])).is_none());
    assert!(merged_in(&FREE, &base, &json!([{"op": "remove_step", "id": "c"}]), &line("connect", "a", "c")).is_none());
    let place = |id: &str| json!([{"op": "set_position", "id": id, "x": 1, "y": 1}]);
    assert!(merged_in(&FREE, &base, &place("a"), &place("b")).is_some());
    assert!(merged_in(&FREE, &base, &place("a"), &place("a")).is_none());
}

#[test]
fn more_edits_than_a_request_may_carry_are_refused() {
    let base = flow("trigger");
    let view = FlowView { name: "f", graph: &base };
    let many = |count: usize| edits(&Value::Array(vec![json!({"op": "rename", "name": "x"}); count]));
    let over = |edits: &[FlowEdit]| merge(&view, &view, edits, &TREE, &PlainDialect, &|_| Vec::new());
    assert!(over(&many(crate::flow::MAX_EDITS)).is_ok());
    assert_eq!(over(&many(crate::flow::MAX_EDITS + 1)).unwrap_err().edit, crate::flow::MAX_EDITS);
}
