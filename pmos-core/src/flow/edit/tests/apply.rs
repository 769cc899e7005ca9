use super::*;

#[test]
fn a_new_step_pushes_what_followed_behind_it() {
    let flow = flow("trigger a b");
    let after = |after: &str, port: &str| {
        told(&edited(&flow, &TREE, &json!([{"op": "add_step", "step": new_step("n"), "after": after, "port": port}])))
    };
    assert_eq!(after("trigger", "next"), "trigger n a b");
    assert_eq!(after("b", "next"), "trigger a b n");
    assert_eq!(after("a", "loop"), "trigger a [loop n ] b");
}

#[test]
fn an_empty_flow_begins_with_a_trigger_and_nothing_else() {
    let empty = Graph::default();
    let trigger = json!([{"op": "add_step", "step": {"kind": "trigger", "piece": "core", "operation": "webhook"}}]);
    assert_eq!(told(&edited(&empty, &TREE, &trigger)), "trigger");
    let error = empty.expand(&edits(&json!([{"op": "add_step", "step": new_step("a")}])), &TREE, &PlainDialect);
    assert_eq!(error.unwrap_err().to_string(), "edits[0].after: is missing; name the step it follows");
    let second = flow("trigger").expand(&edits(&trigger), &TREE, &PlainDialect).unwrap_err();
    assert_eq!(second.field, "step.kind");
}

#[test]
fn removing_a_step_takes_what_is_inside_and_keeps_what_follows_unless_told_otherwise() {
    let flow = flow("trigger l [loop x y ] a b");
    assert_eq!(told(&edited(&flow, &TREE, &json!([{"op": "remove_step", "id": "l"}]))), "trigger a b");
    let rest = edited(&flow, &TREE, &json!([{"op": "remove_step", "id": "l", "keep_following": false}]));
    assert_eq!(told(&rest), "trigger");
    let inside = edited(&flow, &TREE, &json!([{"op": "remove_step", "id": "x", "keep_following": false}]));
    assert_eq!(told(&inside), "trigger l a b");
}

#[test]
fn the_trigger_stays() {
    for text in ["trigger", "trigger a"] {
        let flow = flow(text);
        for edit in [json!({"op": "remove_step", "id": "trigger"}), json!({"op": "duplicate_step", "id": "trigger"})] {
            let error = flow.expand(&edits(&json!([edit])), &TREE, &PlainDialect).unwrap_err();
            assert_eq!((error.edit, error.field.as_str()), (0, "id"), "{error}");
        }
    }
    let moved = json!([{"op": "move_step", "id": "trigger", "after": "a", "port": "next"}]);
    assert!(flow("trigger a").apply(&edits(&moved), &TREE).is_err());
}

#[test]
fn the_trigger_can_be_replaced_by_another_trigger_but_not_by_an_action() {
    let flow = flow("trigger a");
    let hook = json!([{"op": "replace_step", "id": "trigger", "step": {"kind": "trigger", "piece": "core", "operation": "webhook"}}]);
    let replaced = edited(&flow, &TREE, &hook);
    assert_eq!(told(&replaced), "trigger a");
    assert_eq!(replaced.steps[0].operation, "webhook");
    let action = json!([{"op": "replace_step", "id": "trigger", "step": new_step("x")}]);
    assert_eq!(flow.expand(&edits(&action), &TREE, &PlainDialect).unwrap_err().field, "step.kind");
}

#[test]
fn a_step_moves_with_what_is_inside_it() {
    let flow = flow("trigger a l [loop x y ] b");
    let moved = |id: &str, after: &str, port: &str| {
        told(&edited(&flow, &TREE, &json!([{"op": "move_step", "id": id, "after": after, "port": port}])))
    };
    assert_eq!(moved("l", "trigger", "next"), "trigger l [loop x y ] a b");
    assert_eq!(moved("b", "l", "loop"), "trigger a l [loop b x y ]");
    assert_eq!(moved("a", "y", "next"), "trigger l [loop x y a ] b");
    assert_eq!(moved("x", "a", "next"), "trigger a x l [loop y ] b");
    assert_eq!(moved("a", "trigger", "next"), "trigger a l [loop x y ] b");
}

#[test]
fn a_step_cannot_move_into_itself() {
    let flow = flow("trigger l [loop m [loop x ] ] a");
    for (after, port) in [("l", "next"), ("l", "loop"), ("m", "loop"), ("x", "next")] {
        let edit = edits(&json!([{"op": "move_step", "id": "l", "after": after, "port": port}]));
        let error = flow.apply(&edit, &TREE).unwrap_err();
        assert_eq!(error.field, "after", "{error}");
    }
}

#[test]
fn an_update_is_a_merge_patch_of_what_may_be_updated() {
    let mut flow = flow("trigger a");
    flow.steps[1].settings = json!({"url": "x", "query": {"p": 1, "q": 2}}).as_object().cloned().unwrap();
    let set =
        json!({"name": "A", "skip": true, "timeout_s": 5, "retry": {"times": 2}, "settings": {"query": {"p": null}}});
    let updated = edited(&flow, &TREE, &json!([{"op": "update_step", "id": "a", "set": set}]));
    let mut expected = flow.steps[1].clone();
    expected.name = "A".to_owned();
    expected.skip = true;
    expected.timeout_s = Some(5);
    expected.retry = Some(crate::flow::Retry { times: 2, backoff_s: 0 });
    expected.settings = json!({"url": "x", "query": {"q": 2}}).as_object().cloned().unwrap();
    assert_eq!(updated.steps[1], expected);

    let back = json!({"retry": null, "timeout_s": null, "skip": null, "settings": null});
    let cleared = edited(&updated, &TREE, &json!([{"op": "update_step", "id": "a", "set": back}]));
    assert_eq!(cleared.steps[1], Step { name: "A".to_owned(), ..step("a") });
}

#[test]
fn an_update_that_does_not_fit_names_the_field() {
    let flow = flow("trigger a");
    let cases = [
        (json!({"name": null}), "set.name"),
        (json!({"name": " "}), "set.name"),
        (json!({"name": "x".repeat(201)}), "set.name"),
        (json!({"skip": "yes"}), "set.skip"),
        (json!({"retry": {"times": 99}}), "set.retry.times"),
        (json!({"retry": {"times": "x"}}), "set.retry.times"),
        (json!({"timeout_s": 0}), "set.timeout_s"),
        (json!({"settings": []}), "set.settings"),
        (json!({"operation": "http"}), "set.operation"),
        (json!({"connection": "con_1"}), "set.connection"),
    ];
    for (set, field) in cases {
        let edit = edits(&json!([{"op": "rename", "name": "n"}, {"op": "update_step", "id": "a", "set": set}]));
        let error = flow.apply(&edit, &TREE).unwrap_err();
        assert_eq!((error.edit, error.field.as_str()), (1, field), "{error}");
        let error = crate::Error::from(error);
        assert_eq!(error.kind(), crate::Kind::Invalid);
        assert_eq!(error.fields()[0].field, format!("edits[1].{field}"));
    }
}

#[test]
fn one_edit_that_does_not_fit_leaves_everything_as_it_was() {
    let before = flow("trigger a b");
    let graph = before.clone();
    let list = json!([{"op": "remove_step", "id": "a"}, {"op": "remove_step", "id": "a"}]);
    let error = graph.apply(&edits(&list), &TREE).unwrap_err();
    assert_eq!(error.to_string(), r#"edits[1].id: there is no step "a"; choose one of: b, trigger"#);
    assert_eq!(graph, before);
}

#[test]
fn edits_of_the_other_kind_of_engine_are_refused_with_the_right_one() {
    let flow = flow("trigger a b");
    let tree_only = edits(&json!([{"op": "move_step", "id": "b", "after": "trigger", "port": "next"}]));
    assert!(flow.apply(&tree_only, &FREE).unwrap_err().message.contains("connect"));
    for free_only in [
        json!([{"op": "connect", "from": "b", "port": "next", "to": "a"}]),
        json!([{"op": "disconnect", "from": "a", "port": "next", "to": "b"}]),
        json!([{"op": "set_position", "id": "a", "x": 1, "y": 2}]),
    ] {
        assert_eq!(flow.apply(&edits(&free_only), &TREE).unwrap_err().field, "op");
    }
}

#[test]
fn free_steps_are_connected_and_cut_at_will() {
    let graph = flow("trigger a b");
    let list = json!([
        {"op": "connect", "from": "b", "port": "main:1", "to": "a", "input": "in"},
        {"op": "disconnect", "from": "trigger", "port": "next", "to": "a"},
        {"op": "set_position", "id": "a", "x": 10.5, "y": -3},
        {"op": "add_step", "step": {"id": "t2", "name": "T", "kind": "trigger", "piece": "core", "operation": "manual"}},
    ]);
    let after = graph.apply(&edits(&list), &FREE).unwrap();
    let edges: Vec<_> =
        after.edges.iter().map(|e| (e.from.as_str(), e.port.as_str(), e.to.as_str(), &e.input)).collect();
    assert_eq!(edges, [("a", "next", "b", &None), ("b", "main:1", "a", &None)]);
    let twice = json!([{"op": "connect", "from": "a", "port": "next", "to": "b"}]);
    assert_eq!(after.apply(&edits(&twice), &FREE).unwrap_err().field, "to");
    let nothing = json!([{"op": "disconnect", "from": "a", "port": "main:7", "to": "b"}]);
    assert_eq!(after.apply(&edits(&nothing), &FREE).unwrap_err().field, "to");
    let removed = after.apply(&edits(&json!([{"op": "remove_step", "id": "a"}])), &FREE).unwrap();
    assert!(removed.edges.is_empty());
}

#[test]
fn notes_come_change_and_go() {
    let flow = flow("trigger");
    let list = json!([
        {"op": "add_note", "note": {"id": "n1", "text": "one"}},
        {"op": "add_note", "note": {"id": "n2", "text": "two"}},
        {"op": "update_note", "note": {"id": "n1", "text": "uno"}},
        {"op": "remove_note", "id": "n2"},
    ]);
    let notes = flow.apply(&edits(&list), &TREE).unwrap().notes;
    assert_eq!(notes.iter().map(|note| (note.id.as_str(), note.text.as_str())).collect::<Vec<_>>(), [("n1", "uno")]);
    let missing = edits(&json!([{"op": "remove_note", "id": "n9"}]));
    assert_eq!(flow.apply(&missing, &TREE).unwrap_err().field, "id");
}

#[test]
fn a_thousand_nested_loops_are_handled_and_one_step_more_is_refused() {
    let mut graph = flow("trigger");
    let mut list = Vec::new();
    let mut around = "trigger".to_owned();
    for n in 0..999 {
        let name = format!("l{n}");
        let port = if n == 0 { "next" } else { "loop" };
        list.push(json!({"op": "add_step", "step": new_step(&name), "after": around, "port": port}));
        around = name;
    }
    graph = graph.apply(&edits(&Value::Array(list)), &TREE).unwrap();
    assert_eq!(graph.steps.len(), 1_000);
    assert!(graph.structure(&TREE).is_empty());
    let more = edits(&json!([{"op": "add_step", "step": new_step("more"), "after": "l998"}]));
    assert!(graph.apply(&more, &TREE).unwrap_err().message.contains("1000"));
    let moved = edits(&json!([{"op": "move_step", "id": "l998", "after": "trigger", "port": "next"}]));
    let moved = graph.apply(&moved, &TREE).unwrap();
    assert_eq!(graph.diff(&moved, &TREE).len(), 1);
    let copies = json!([{"op": "duplicate_step", "id": "l0"}]);
    assert!(graph.expand(&edits(&copies), &TREE, &PlainDialect).is_err());
}

#[test]
fn a_flow_beyond_its_size_is_refused() {
    let graph = flow("trigger a");
    let set = json!({"settings": {"body": "x".repeat(crate::flow::MAX_GRAPH_BYTES)}});
    let error = graph.apply(&edits(&json!([{"op": "update_step", "id": "a", "set": set}])), &TREE).unwrap_err();
    assert!(error.message.contains("262144"), "{error}");
}
