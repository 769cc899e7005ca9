use rstest::rstest;
use serde_json::{Map, Value, json};

use super::{Target, find, rewrite, text::Dress};

fn told(text: &str, dress: Dress) -> Vec<String> {
    let one = |found: super::Found| {
        let target = match found.target {
            Target::Named { name, .. } => name,
            Target::Before => "<-".to_owned(),
        };
        format!("{target} | {} | {}", found.path, &text[found.range])
    };
    find(text, dress).into_iter().map(one).collect()
}

#[rstest]
#[case::modern("={{ $('A').item.json.a.b }}", "A | a.b | $('A').item.json.a.b")]
#[case::first("={{ $(\"A\").first().json['a b'][2] }}", "A | a b[2] | $(\"A\").first().json['a b'][2]")]
#[case::all("={{ $(`A`).all() }}", "A |  | $(`A`)")]
#[case::method("={{ $('A').item.json.name.trim() }}", "A | name | $('A').item.json.name")]
#[case::optional("={{ $('A').item?.json?.a?.[0] }}", "A | a[0] | $('A').item?.json?.a?.[0]")]
#[case::matching("={{ $('A').itemMatching($itemIndex).json.x }}", "A | x | $('A').itemMatching($itemIndex).json.x")]
#[case::brackets("={{$node[\"A\"].json[\"x\"]}}", "A | x | $node[\"A\"].json[\"x\"]")]
#[case::dot("={{ $node.A.json.x + 1 }}", "A | x | $node.A.json.x")]
#[case::items("={{ $items('A', 0, $runIndex)[0].json.x }}", "A | x | $items('A', 0, $runIndex)[0].json.x")]
#[case::spaces("={{ $ ( 'A' ) .item }}", "A |  | $ ( 'A' )")]
#[case::before("={{ $json.a[0]['b'] }}", "<- | a[0].b | $json.a[0]['b']")]
#[case::input("={{ $input.item.json.x }}", "<- | x | $input.item.json.x")]
#[case::escaped(
    "={{ $('O\\'Neil\\u0021 \\x41\\u{1F680}').item.json.x }}",
    "O'Neil! A🚀 | x | $('O\\'Neil\\u0021 \\x41\\u{1F680}').item.json.x"
)]
#[case::surrogates("={{ $('\\ud83d\\ude80').item.json.x }}", "🚀 | x | $('\\ud83d\\ude80').item.json.x")]
#[case::spread("={{ {...$('A').item.json} }}", "A |  | $('A').item.json")]
#[case::in_text("=Hi {{ $json.n }}!", "<- | n | $json.n")]
fn a_reference_is_read(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(told(text, Dress::Value), [expected]);
}

#[rstest]
#[case::no_expression("$('A').item.json.x")]
#[case::outside_of_braces("=$('A').item {{ 1 }} $json.x")]
#[case::in_a_string("={{ \"$('A')\" + '$json.x' }}")]
#[case::in_a_template("={{ `$('A') $json` }}")]
#[case::in_a_comment("={{ 1 /* $('A') */ + 2 // $json.x\n }}")]
#[case::in_a_pattern("={{ x.replace(/$('A')[/]$json/g, '') }}")]
#[case::property_of_something("={{ a.$('A') + b.$json + x$json + $jsonp }}")]
#[case::computed("={{ $('A' + 1) + $(`${x}`) + $node[x] + $() }}")]
#[case::never_closed("={{ $('A')")]
#[case::string_never_closed("={{ $('A }}")]
#[case::braces_escaped("=\\{{ $('A') }}")]
fn what_only_looks_like_a_reference_is_none(#[case] text: &str) {
    let text = if text.starts_with("$(") { format!(" {text}") } else { text.to_owned() };
    let settings = Map::from_iter([("x".to_owned(), json!(text))]);
    let mut seen = Vec::new();
    super::visit("n8n-nodes-base.set", &settings, &mut |_, text, dress| seen.extend(told(text, dress)));
    assert_eq!(seen, Vec::<String>::new());
}

#[test]
fn code_is_looked_through_past_everything_that_is_no_code() {
    let code = "// $('No')\nconst half = a / 2 / $('A').first().json.n; /* ' */\nconst re = /['\"`]/.test(x) ? `\
                ${ f({ a: `${ $('B').first().json.x }` }) } $('No')` : '$(\"No\")';\nreturn [{json: $json}];";
    let names: Vec<String> =
        told(code, Dress::Code).iter().map(|found| found.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["A", "B", "<-"]);
}

#[test]
fn deep_and_broken_code_is_looked_through_in_one_pass() {
    for text in
        ["`${".repeat(50_000), "{".repeat(100_000), "$('".repeat(20_000), "$node[".repeat(20_000), "/[".repeat(50_000)]
    {
        assert!(find(&text, Dress::Code).len() < 30_000);
    }
    for broken in [
        "'",
        "\"\\",
        "`\\",
        "`${",
        "/[\\",
        "$(",
        "$('",
        "$('\\u12",
        "$('\\u{zz}')",
        "$node.",
        "$json.",
        "$json[",
        "$json['",
        "ä/ö",
        "/*",
        "//",
    ] {
        let _ = find(broken, Dress::Code);
        let _ = find(&format!("={{{{ {broken} }}}}"), Dress::Value);
    }
}

fn renamed(text: &str, names: &[(&str, &str)]) -> String {
    let settings = Map::from_iter([("x".to_owned(), json!(text))]);
    let new = |name: &str| names.iter().find(|(old, _)| *old == name).map(|(_, new)| (*new).to_owned());
    let rewritten = rewrite("n8n-nodes-base.set", &settings, &new);
    rewritten.map_or_else(|| text.to_owned(), |settings| settings["x"].as_str().unwrap().to_owned())
}

#[rstest]
#[case::each_form(
    "={{ $('A').item.json.x + $(\"A\").first() + $node[\"A\"].json + $node.A.json + $items('A')[0] }}",
    "B",
    "={{ $('B').item.json.x + $(\"B\").first() + $node[\"B\"].json + $node.B.json + $items('B')[0] }}"
)]
#[case::quotes(
    "={{ $('A') + $(\"A\") + $(`A`) + $node.A }}",
    "it's \"B\" `${c}`\\",
    "={{ $('it\\'s \"B\" `${c}`\\\\') + $(\"it's \\\"B\\\" `${c}`\\\\\") + $(`it's \"B\" \\`$\\{c}\\`\\\\`) + $node[\"it's \\\"B\\\" `${c}`\\\\\"] }}"
)]
#[case::closing_braces("={{ $('A') }}", "a}}b", "={{ $('a}\\u007db') }}")]
#[case::lines("={{ $('A') }}", "a\nb", "={{ $('a\\nb') }}")]
#[case::alike("={{ $('A1') + $('A') + $node.A1 + $node.A }}", "B", "={{ $('A1') + $('B') + $node.A1 + $node.B }}")]
#[case::only_in_expressions("=A $('A') {{ $('A') }} A", "B", "=A $('A') {{ $('B') }} A")]
fn a_new_name_is_written_in_every_place(#[case] text: &str, #[case] new: &str, #[case] expected: &str) {
    let rewritten = renamed(text, &[("A", new)]);
    assert_eq!(rewritten, expected);
    let names = |text: &str| -> Vec<String> {
        let named = |found: super::Found| match found.target {
            Target::Named { name, .. } => Some(name),
            Target::Before => None,
        };
        find(text, Dress::Value).into_iter().filter_map(named).collect()
    };
    let wanted: Vec<String> =
        names(text).into_iter().map(|name| if name == "A" { new.to_owned() } else { name }).collect();
    assert_eq!(names(&rewritten), wanted, "what was written is read again");
}

#[test]
fn two_names_change_at_once() {
    assert_eq!(renamed("={{ $('A') + $('B') }}", &[("A", "B"), ("B", "A")]), "={{ $('B') + $('A') }}");
}

#[test]
fn where_expressions_stand_depends_on_the_node_and_the_setting() {
    let settings =
        |key: &str, text: &str| -> Map<String, Value> { json!({"deep": [{key: text}]}).as_object().unwrap().clone() };
    let changes = |node_type: &str, key: &str, text: &str| {
        rewrite(node_type, &settings(key, text), &|_| Some("B".to_owned())).is_some()
    };
    assert!(changes("n8n-nodes-base.code", "jsCode", "return $('A').all();"));
    assert!(changes("n8n-nodes-base.function", "functionCode", "return $items('A');"));
    assert!(changes("@n8n/n8n-nodes-langchain.code", "code", "return $('A').all();"));
    assert!(!changes("n8n-nodes-base.set", "code", "return $('A').all();"));
    assert!(changes("n8n-nodes-base.html", "html", "<b>{{ $('A').item.json.x }}</b>"));
    assert!(!changes("n8n-nodes-base.html", "html", "<script>$('A')</script>"));
    assert!(!changes("n8n-nodes-base.emailSend", "html", "<b>{{ $('A').item.json.x }}</b>"));
    assert!(changes("n8n-nodes-base.emailSend", "html", "=<b>{{ $('A').item.json.x }}</b>"));
}
