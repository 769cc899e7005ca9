use super::*;
use crate::flow::Piece;

fn catalogue() -> Vec<Piece> {
    let field = |name: &str, kind: Value| json!({"name": name, "title": name, "kind": kind});
    let with = |mut field: Value, more: &Value| {
        field.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        field
    };
    let text = || json!({"type": "text"});
    let operation = |name: &str, kind: &str, outputs: Value, fields: Value| json!({"name": name, "kind": kind, "title": name, "help": name, "fields": fields, "outputs": outputs, "effect": "pure"});
    let group = json!({"type": "group", "fields": [
        with(field("key", text()), &json!({"required": true})), field("n", json!({"type": "number"}))]});
    let fields = json!([
        with(field("url", text()), &json!({"required": true, "expressions": true})),
        with(
            field(
                "method",
                json!({"type": "select", "options": [
            {"value": "GET", "label": "GET"}, {"value": "POST", "label": "POST"}]})
            ),
            &json!({"default": "GET"})
        ),
        with(
            field("body", json!({"type": "json"})),
            &json!({
            "required": true, "visible_when": {"field": "method", "operator": "equals", "values": ["POST"]}})
        ),
        with(field("times", json!({"type": "number"})), &json!({"expressions": true})),
        field("plain", json!({"type": "number"})),
        field("when", json!({"type": "date_time"})),
        field("color", json!({"type": "color"})),
        field("tags", json!({"type": "list", "of": {"type": "text"}})),
        field("rows", json!({"type": "list", "of": group})),
        field(
            "maybe",
            json!({"type": "optional_group", "fields": [with(field("key", text()), &json!({"required": true}))]})
        ),
        field("headers", json!({"type": "key_value"})),
        field("note", json!({"type": "hint"})),
    ]);
    let mut branch = operation(
        "branch",
        "action",
        json!(["otherwise", "next"]),
        json!([field("branches", json!({"type": "conditions"}))]),
    );
    branch["ports_from"] = json!("branches");
    serde_json::from_value(json!([{"name": "core", "title": "Core", "categories": [], "auth": [], "operations": [
        operation("manual", "trigger", json!(["next"]), json!([])),
        operation("set", "action", json!(["next"]), json!([])),
        operation("http", "action", json!(["next"]), fields),
        operation("stop", "action", json!([]), json!([])),
        branch,
    ]}]))
    .unwrap()
}

fn codes(graph: &Graph) -> Vec<String> {
    let found = graph.check(&catalogue(), &TREE);
    found
        .iter()
        .map(|issue| {
            assert!(issue.message.len() > 10);
            let step = issue.step.as_ref().map_or("flow", StepId::as_str);
            let field = issue.field.as_ref().map(|field| format!(".{field}")).unwrap_or_default();
            format!("{step}{field}: {}", issue.code)
        })
        .collect()
}

fn http(settings: &Value) -> Graph {
    let mut graph = flow("trigger a");
    graph.steps[1].operation = "http".to_owned();
    graph.steps[1].settings = settings.as_object().cloned().unwrap();
    graph
}

#[test]
fn a_sound_flow_has_no_issues() {
    assert_eq!(codes(&flow("trigger a b")), [""; 0]);
    let full = json!({
        "url": "{{ x }}", "method": "POST", "body": null_free(), "times": "{{ trigger.n }}", "plain": 1.5, "when": "2030-01-31T08:00:00Z",
        "color": "#1f6feb", "tags": ["a"], "rows": [{"key": "k", "n": 1}], "maybe": {}, "headers": {"a": "b"},
    });
    assert_eq!(codes(&http(&full)), [""; 0]);
}

fn null_free() -> Value {
    json!({"any": ["thing"]})
}

#[test]
fn an_empty_flow_says_how_to_begin() {
    assert_eq!(codes(&Graph::default()), ["flow: empty"]);
}

#[test]
fn settings_are_compared_with_what_can_be_configured() {
    let cases = [
        (json!({}), "a.url: required"),
        (json!({"url": ""}), "a.url: required"),
        (json!({"url": null}), "a.url: required"),
        (json!({"url": 5}), "a.url: wrong_value"),
        (json!({"url": "x", "method": "POST"}), "a.body: required"),
        (json!({"url": "x", "method": "FETCH"}), "a.method: not_an_option"),
        (json!({"url": "x", "times": "many"}), "a.times: wrong_value"),
        (json!({"url": "x", "plain": "{{ 1 }}"}), "a.plain: wrong_value"),
        (json!({"url": "x", "when": "tomorrow"}), "a.when: wrong_value"),
        (json!({"url": "x", "color": "red"}), "a.color: wrong_value"),
        (json!({"url": "x", "tags": "a"}), "a.tags: wrong_value"),
        (json!({"url": "x", "tags": ["a", 1]}), "a.tags[1]: wrong_value"),
        (json!({"url": "x", "rows": [{"key": "k"}, {}]}), "a.rows[1].key: required"),
        (json!({"url": "x", "rows": [{"key": "k", "n": "1"}]}), "a.rows[0].n: wrong_value"),
        (json!({"url": "x", "rows": [{"key": "k", "o": 1}]}), "a.rows[0].o: unknown_setting"),
        (json!({"url": "x", "headers": []}), "a.headers: wrong_value"),
        (json!({"url": "x", "note": "x"}), "a.note: unknown_setting"),
        (json!({"url": "x", "urll": "x"}), "a.urll: unknown_setting"),
    ];
    for (settings, expected) in cases {
        assert_eq!(codes(&http(&settings)), [expected], "{settings}");
    }
}

#[test]
fn steps_must_be_in_the_catalogue_and_of_its_kind() {
    let mut graph = flow("trigger a b c");
    graph.steps[1].piece = "nowhere".to_owned();
    graph.steps[2].operation = "nothing".to_owned();
    graph.steps[3].operation = "manual".to_owned();
    assert_eq!(codes(&graph), ["a.piece: unknown_piece", "b.operation: unknown_operation", "c.operation: wrong_kind"]);
    let mut graph = flow("trigger a");
    graph.steps[1].connection = Some("con_00000000000000000000000000000007".parse().unwrap());
    assert_eq!(codes(&graph), ["a.connection: connection_unused"]);
}

#[test]
fn ports_must_exist() {
    let mut graph = flow("trigger b [branch:0 p ] [branch:2 q ] [otherwise r ] s");
    graph.steps[1].operation = "branch".to_owned();
    graph.steps[1].settings = json!({"branches": [{}, {}]}).as_object().cloned().unwrap();
    assert_eq!(codes(&graph), ["b: unknown_port"]);
    let mut graph = flow("trigger a b");
    graph.steps[1].operation = "stop".to_owned();
    assert_eq!(codes(&graph), ["a: unknown_port"]);
}

#[test]
fn a_graph_that_is_no_tree_is_told_why() {
    let line = |from: &str, to: &str| Edge { from: id(from), port: Port::next(), to: id(to), input: None };
    let with = |text: &str, more: &[Edge]| {
        let mut graph = flow(text);
        graph.edges.extend(more.iter().cloned());
        codes(&graph)
    };
    let mut lonely = flow("trigger a");
    lonely.steps.push(step("z"));
    assert_eq!(codes(&lonely), ["z: unreachable"]);
    assert_eq!(with("trigger a b", &[line("b", "a")]), ["a: several_incoming", "a: cycle", "b: cycle"]);
    assert_eq!(with("trigger a", &[line("a", "a")]), ["a: several_incoming", "a: cycle"]);
    assert_eq!(with("trigger a b", &[line("trigger", "b")]), ["trigger: port_taken", "b: several_incoming"]);
    assert_eq!(with("trigger a", &[line("a", "trigger")]), ["trigger: trigger_entered", "a: cycle"]);
    assert_eq!(with("trigger a", &[line("a", "gone")]), ["flow: dangling_edge"]);
    assert_eq!(
        with("trigger a", &[line("trigger", "a")]),
        ["trigger: duplicate_edge", "trigger: port_taken", "a: several_incoming"]
    );
    let mut two = flow("trigger a");
    two.steps.push(step("trigger_2"));
    assert_eq!(codes(&two), ["trigger_2: second_trigger"]);
    let mut headless = flow("trigger a");
    headless.steps.remove(0);
    headless.edges.clear();
    assert_eq!(codes(&headless), ["a: unreachable", "flow: no_trigger"]);
    let mut twins = flow("trigger a");
    twins.steps.push(step("a"));
    assert_eq!(codes(&twins), ["a: duplicate_id"]);
}

#[test]
fn a_free_graph_may_have_loose_ends_and_go_in_circles() {
    let mut graph = flow("trigger a b");
    graph.edges.push(Edge { from: id("b"), port: port("next"), to: id("a"), input: None });
    graph.steps.push(step("loose"));
    graph.steps.push(step("trigger_2"));
    assert!(graph.structure(&FREE).is_empty());
}

#[test]
fn a_graph_from_outside_is_refused_with_the_place_of_every_fault() {
    let mut graph = flow("trigger a");
    graph.steps[1].timeout_s = Some(0);
    graph.steps.push(step("z"));
    let error = graph.admit(&TREE).unwrap_err();
    let fields: Vec<&str> = error.fields().iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["graph.steps[1].timeout_s", "graph.steps[2]"]);
    assert!(Graph::default().admit(&TREE).is_ok());
    let mut many = flow("trigger");
    many.steps.extend((0..1_000).map(|n| step(&format!("s{n}"))));
    assert_eq!(many.structure(&TREE).len(), 1);
}
