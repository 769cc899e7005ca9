use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Budget, ROOTS, Scope, Template};

mod guesses;

fn evaluate(setting: &Value) -> Result<Value, String> {
    let body = json!({"qty": 4, "name": "Ann", "tags": ["a", "b"], "big": u64::MAX, "none": null});
    evaluated(&json!({"body": body}), setting.clone())
}

fn evaluated(trigger: &Value, setting: impl Into<Value>) -> Result<Value, String> {
    let scope = Scope::of_run(trigger, "run_1", "ws_1");
    scope.keep("set", &json!({"total": 12}));
    let mut mismatches = Vec::new();
    let template = Template::compile("values", &setting.into(), &ROOTS, &mut mismatches);
    if let Some(mismatch) = mismatches.first() {
        return Err(mismatch.to_string());
    }
    template
        .evaluate(&scope, &mut Budget::new(4 * 1024 * 1024))
        .map_err(|mismatch| mismatch.inside("values").to_string())
}

#[rstest]
#[case::number("{{ trigger.body.qty * 3 }}", json!(12))]
#[case::surrounding_space("  {{ trigger.body.qty }}\n", json!(4))]
#[case::list("{{ trigger.body.tags }}", json!(["a", "b"]))]
#[case::object("{{ trigger.body }}", json!({"qty": 4, "name": "Ann", "tags": ["a", "b"], "big": u64::MAX, "none": null}))]
#[case::truth("{{ trigger.body.qty > 3 and trigger.body.name == 'Ann' }}", json!(true))]
#[case::null("{{ trigger.body.none }}", json!(null))]
#[case::large("{{ trigger.body.big }}", json!(u64::MAX))]
#[case::division("{{ trigger.body.qty / 2 }}", json!(2.0))]
#[case::step("{{ steps.set.total }}", json!(12))]
#[case::ids("{{ run.id ~ ' ' ~ workspace.id }}", json!("run_1 ws_1"))]
#[case::literal_object("{{ {'a': [1, {'b': 2}]} }}", json!({"a": [1, {"b": 2}]}))]
#[case::text("Hello {{ trigger.body.name }}, {{ trigger.body.qty }}{{ trigger.body.none }}!", json!("Hello Ann, 4!"))]
#[case::json_in_text("tags: {{ trigger.body.tags }}", json!("tags: [\"a\",\"b\"]"))]
#[case::upper("{{ trigger.body.name | upper }}", json!("ANN"))]
#[case::default("{{ trigger.body.missing | default('x') }}", json!("x"))]
#[case::length("{{ trigger.body.tags | length }}", json!(2))]
#[case::tojson("{{ trigger.body.tags | tojson }}", json!("[\"a\",\"b\"]"))]
#[case::sum("{{ [1, 2, 3] | sum }}", json!(6))]
#[case::join("{{ trigger.body.tags | join('-') }}", json!("a-b"))]
#[case::first("{{ trigger.body.tags | first }}", json!("a"))]
#[case::map("{{ [{'n': 1}, {'n': 2}] | map(attribute='n') }}", json!([1, 2]))]
#[case::urlencode("{{ 'a b' | urlencode }}", json!("a%20b"))]
#[case::inline_if("{{ 'big' if trigger.body.qty > 3 else 'small' }}", json!("big"))]
#[case::statement_is_text("{% for x in y %}", json!("{% for x in y %}"))]
#[case::braces_as_text("{{ '{{' }} x", json!("{{ x"))]
fn an_expression_gives(#[case] setting: &str, #[case] expected: Value) {
    assert_eq!(evaluate(&json!(setting)), Ok(expected));
}

#[test]
fn expressions_anywhere_inside_a_setting_are_evaluated() {
    let setting = json!({"a": [1, {"b": "{{ trigger.body.qty }}"}], "c": "plain", "{{ key }}": true});
    assert_eq!(evaluate(&setting), Ok(json!({"a": [1, {"b": 4}], "c": "plain", "{{ key }}": true})));
}

#[rstest]
#[case::missing("{{ trigger.body.missing.deep }}", "`trigger.body.missing` is not there")]
#[case::missing_leaf("{{ trigger.body.missing }}", "`trigger.body.missing` is not there")]
#[case::missing_operand("{{ 1 + trigger.body.missing }}", "`trigger.body.missing` is not there")]
#[case::missing_step("{{ steps.other.x }}", "`steps.other` is not there")]
#[case::missing_in_text("a {{ trigger.body.missing }}", "`trigger.body.missing` is not there")]
#[case::unknown_root("{{ process.env }}", "there is no `process`")]
#[case::unknown_filter("{{ 1 | shell }}", "there is no filter `shell`")]
#[case::unknown_test("{{ 1 is shell }}", "there is no test `shell`")]
#[case::syntax("{{ 1 + }}", "is not an expression")]
#[case::statement("{{ set x = 1 }}", "is not an expression")]
#[case::long_work("{{ range(90000) | map('string') | list | length }}", "too much computing")]
#[case::nested_work("{{ range(1000) | map('batch', 2) | list | string }}", "")]
#[case::long_text("{{ '%90000000d' | format(1) }}", "too much computing")]
#[case::doubled_text(
    "{{ ('%1000000d' | format(1)) ~ ('%1000000d' | format(1)) ~ ('%1000000d' | format(1)) ~ ('%1000000d' | format(1)) }}",
    "too much computing"
)]
#[case::replaced("{{ '%100000d' | format(1) | replace(' ', '%100000d' | format(1)) }}", "too much computing")]
#[case::indented("{{ range(10000) | join('\n') | indent(10000) }}", "too much computing")]
#[case::padded("{{ '%99999999d' | format(1) }}", "")]
#[case::function("{{ range }}", "not a value")]
#[case::division_by_zero("{{ 1 / 0 }}", "")]
#[case::endless("{{ 1e308 * 10 }}", "infinite")]
fn a_broken_expression_says_what_is_wrong(#[case] setting: &str, #[case] expected: &str) {
    let error = evaluate(&json!({"total": setting})).unwrap_err();
    assert!(error.starts_with("values.total: ") && error.contains(expected), "{error}");
}

/// Known ways out of expression languages; here they are names that are not there.
#[rstest]
#[case("{{ ''.__class__.__mro__[1].__subclasses__() }}")]
#[case("{{ ().__class__.__bases__[0].__subclasses__() }}")]
#[case("{{ constructor.constructor('return process')() }}")]
#[case("{{ trigger.constructor.constructor('return this')() }}")]
#[case("{{ trigger['__proto__']['polluted'] }}")]
#[case("{{ (function(){ return this.process.mainModule.require('child_process').execSync('id') })() }}")]
#[case("{{ $evaluateExpression('1') }}")]
#[case("{{ self.__init__.__globals__ }}")]
#[case("{{ cycler.__init__.__globals__.os.popen('id').read() }}")]
#[case("{{ lipsum.__globals__ }}")]
#[case("{{ config.items() }}")]
#[case("{{ get_flashed_messages.__globals__ }}")]
#[case("{{ trigger|attr('__class__')|attr('__base__') }}")]
#[case("{{ trigger|map('attr', '__class__')|first }}")]
#[case("{{ range.__globals__ }}")]
#[case("{{ steps.__class__ }}")]
#[case("{{ debug() }}")]
#[case("{{ namespace() }}")]
#[case("{{ super() }}")]
#[case("{{ caller() }}")]
#[case("{{ loop.index }}")]
#[case("{{ env.PATH }}")]
#[case("{{ `id` }}")]
#[case("{{ new Function('x')() }}")]
#[case("{{ import('fs') }}")]
fn a_way_out_is_a_plain_error(#[case] setting: &str) {
    let error = evaluate(&json!(setting)).unwrap_err();
    assert!(error.starts_with("values: "), "{error}");
}

#[test]
fn data_that_looks_like_an_expression_stays_data() {
    let scope = Scope::of_run(&json!({"body": "{{ 7 * 7 }}"}), "run_1", "ws_1");
    for (setting, expected) in [("{{ trigger.body }}", "{{ 7 * 7 }}"), ("<{{ trigger.body }}>", "<{{ 7 * 7 }}>")] {
        let template = Template::compile("body", &json!(setting), &ROOTS, &mut Vec::new());
        assert_eq!(template.evaluate(&scope, &mut Budget::new(1000)), Ok(json!(expected)));
    }
}

#[test]
fn a_result_beyond_the_budget_is_refused() {
    let scope = Scope::of_run(&json!({"body": "x".repeat(2000)}), "run_1", "ws_1");
    let template =
        Template::compile("a", &json!(["{{ trigger.body }}", "{{ trigger.body }}"]), &ROOTS, &mut Vec::new());
    let mismatch = template.evaluate(&scope, &mut Budget::new(3 * 1024)).unwrap_err();
    assert_eq!((mismatch.field.as_str(), mismatch.fault.0.contains("3 KiB")), ("1", true));
}

#[test]
fn the_widest_and_deepest_that_is_let_through_fits_a_small_stack() {
    let cases = [
        format!("{{{{ {}1{} }}}}", "(".repeat(32), ")".repeat(32)),
        format!("{{{{ {}1{} }}}}", "[".repeat(32), "]".repeat(32)),
        format!("{{{{ 1{} }}}}", "+1".repeat(250)),
        format!("{{{{ {}1 }}}}", "-".repeat(250)),
        format!("{{{{ {}true }}}}", "not ".repeat(250)),
        format!("{{{{ {}1 }}}}", "1 if true else ".repeat(120)),
        format!("{{{{ trigger{} }}}}", ".b".repeat(250)),
        format!("{{{{ 'a'{} }}}}", "|upper".repeat(250)),
        format!("{{{{ 1{} }}}}", " is number".repeat(250)),
        format!("{{{{ {}1{} }}}}", "(-".repeat(32), "|abs)".repeat(32)),
        format!("{{{{ {}1{} }}}}", "(1 if true else ".repeat(32), ")".repeat(32)),
    ];
    let small = std::thread::Builder::new().stack_size(768 * 1024);
    small.spawn(move || cases.map(|case| evaluate(&json!(case)).is_ok())).unwrap().join().unwrap();
}

fn fragment() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{{", "}}", "{", "}", "(", ")", "[", "]", "'", "\"", "\\", ".", "|", "-", "not ", " if ", " else ", "1", "1.5",
        "trigger", "steps", "body", " in ", " is ", "upper", "range", "~", "*", "**", "//", ",", ":", "=", "==", "{%",
        "%}", "{#", "\n", "é", "\u{0}",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_brings_the_evaluator_down(text in prop_oneof![fragment(), fragment().prop_map(|inner| format!("{{{{{inner}}}}}")), any::<String>()]) {
        // Either outcome is fine; what is tested is that there is one.
        let _ = evaluate(&json!(text));
        let _ = super::uses(&text);
        prop_assert_eq!(super::renamed(&text, |_| None), text);
    }
}
