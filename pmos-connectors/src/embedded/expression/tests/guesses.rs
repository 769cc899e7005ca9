//! A value is never guessed: what small real inputs taught.

use rstest::rstest;
use serde_json::{Value, json};

use super::evaluated;

/// A form, and what services answer.
fn evaluate(setting: &str) -> Result<Value, String> {
    let trigger = json!({"body": {
        "total": "5", "qty": "4", "price": "2.50", "agree": "true", "word": "four", "n": null, "y": true, "no": false,
        "rows": [{"name": "Ann", "qty": 3}, {"name": "Bob", "qty": "10"}, {"qty": 1}],
        "lines": [{"sku": "a", "price": 2.5}, {"sku": "b", "price": 1}],
        "mixed": [3, "10", 7], "tags": ["a", "b"], "odd": 3, "who": {"name": "Ann"}, "empty": [],
    }});
    evaluated(&trigger, setting)
}

#[rstest]
// A text and a number are not compared.
#[case("{{ trigger.body.total > 100 }}", "compares a text with a number; turn one into the other first")]
#[case("{{ trigger.body.total >= 100 }}", "compares a text with a number")]
#[case("{{ 100 < trigger.body.total }}", "compares a number with a text")]
#[case("{{ 1 < 2 <= trigger.body.total }}", "compares a number with a text")]
#[case("{{ trigger.body.qty == 4 }}", "compares a text with a number")]
#[case("{{ trigger.body.qty != 4 }}", "compares a text with a number")]
#[case("{{ trigger.body.agree == true }}", "compares a text with a yes or no")]
#[case("{{ trigger.body.y == 1 }}", "compares a yes or no with a number")]
#[case("{{ trigger.body.y > 0 }}", "compares a yes or no with a number")]
#[case("{{ trigger.body.n < 1 }}", "compares nothing with a number")]
#[case("{{ [1] == ['1'] }}", "compares a number with a text")]
#[case("{{ {'a': 1} == {'a': '1'} }}", "compares a number with a text")]
#[case("{{ [1] < [2] }}", "a list has no order")]
#[case("{{ trigger.body.qty in [3, 4] }}", "compares a number with a text")]
#[case("{{ trigger.body.qty not in [3, 4] }}", "compares a number with a text")]
#[case("{{ 4 in '42' }}", "looks for a number in a text")]
#[case("{{ 4 in 42 }}", "looks for a number in a number")]
#[case("{{ trigger.body.total is gt 100 }}", "compares a text with a number")]
#[case("{{ trigger.body.total is lessthan(100) }}", "compares a text with a number")]
#[case("{{ trigger.body.total is eq 5 }}", "compares a text with a number")]
#[case("{{ trigger.body.total is in [5] }}", "compares a number with a text")]
#[case("{{ trigger.body.total is odd }}", "`is odd` is asked of a whole number, and got a text")]
#[case("{{ 4 is startingwith '4' }}", "`is startingwith` is asked of a text, and got a number")]
#[case("{{ trigger.body.rows | selectattr('qty', 'gt', 2) | list }}", "compares a text with a number")]
#[case("{{ trigger.body.rows | rejectattr('qty', '<=', 2) | list }}", "compares a text with a number")]
#[case("{{ trigger.body.mixed | select('gt', 4) | list }}", "compares a text with a number")]
#[case("{{ trigger.body.mixed | max }}", "compares a number with a text")]
#[case("{{ trigger.body.mixed | min }}", "compares a number with a text")]
#[case("{{ trigger.body.mixed | sort }}", "compares a number with a text")]
#[case("{{ trigger.body.mixed | unique }}", "compares a number with a text")]
#[case("{{ trigger.body.rows | max(attribute='qty') }}", "compares a number with a text")]
#[case("{{ trigger.body.rows | sort(attribute='qty') }}", "compares a number with a text")]
#[case("{{ trigger.body.rows | groupby('qty') }}", "compares a number with a text")]
#[case("{{ {'a': 1, 'b': '2'} | dictsort(by='value') }}", "compares a number with a text")]
#[case("{{ [1, none] | max }}", "compares a number with nothing")]
#[case("{{ [{}] | sort }}", "an object has no order")]
// Nor computed with.
#[case("{{ trigger.body.qty * 3 }}", "cannot compute a text * a number; turn a text into a number with `| number`")]
#[case("{{ 3 * trigger.body.qty }}", "cannot compute a number * a text")]
#[case("{{ trigger.body.qty + 3 }}", "cannot compute a text + a number")]
#[case("{{ trigger.body.qty // 3 }}", "cannot compute a text // a number")]
#[case("{{ trigger.body.tags * 2 }}", "cannot compute a list * a number")]
#[case("{{ trigger.body.y + 1 }}", "cannot compute a yes or no + a number")]
#[case("{{ trigger.body.n + 1 }}", "cannot compute nothing + a number")]
#[case("{{ -trigger.body.qty }}", "cannot compute the negative of a text")]
#[case("{{ [1, '2'] | sum }}", "can only sum numbers, and got a text")]
#[case("{{ trigger.body.qty | round }}", "`round` works on a number, and got a text")]
#[case("{{ trigger.body.qty | abs }}", "`abs` works on a number, and got a text")]
#[case("{{ 7 % 0 }}", "divides by zero")]
// What is no number does not become one.
#[case("{{ trigger.body.word | int }}", "\"four\" is not a whole number")]
#[case("{{ trigger.body.word | number }}", "\"four\" is not a number")]
#[case("{{ trigger.body.word | float }}", "\"four\" is not a number")]
#[case("{{ trigger.body.price | int }}", "\"2.50\" is not a whole number")]
#[case("{{ 2.5 | int }}", "2.5 is not a whole number; round it first")]
#[case("{{ '1,5' | number }}", "\"1,5\" is not a number")]
#[case("{{ 'nan' | number }}", "\"nan\" is not a number")]
#[case("{{ '' | number }}", "\"\" is not a number")]
#[case("{{ '1e999' | float }}", "\"1e999\" is not a number")]
#[case("{{ trigger.body.n | int }}", "cannot turn nothing into a whole number")]
#[case("{{ trigger.body.y | number }}", "cannot turn a yes or no into a number")]
#[case("{{ trigger.body.tags | float }}", "cannot turn a list into a number")]
#[case("{{ trigger.body.word | bool }}", "\"four\" is not true or false")]
#[case("{{ 2 | bool }}", "cannot turn a number into a yes or no")]
// A list is a list.
#[case("{{ 'abc' | join('-') }}", "`join` works on a list, and got a text")]
#[case("{{ trigger.body.n | sum }}", "`sum` works on a list, and got nothing")]
#[case("{{ trigger.body.n | list }}", "`list` works on a list, a text or an object, and got nothing")]
#[case("{{ trigger.body.n[:3] }}", "takes a part of nothing")]
#[case("{{ trigger.body.who | map('upper') | list }}", "`map` works on a list, and got an object")]
fn kinds_are_not_mixed(#[case] setting: &str, #[case] expected: &str) {
    let error = evaluate(setting).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[rstest]
#[case("{{ trigger.body.id | urlencode }}")]
#[case("{{ trigger.body.id | tojson }}")]
#[case("{{ trigger.body.id | escape }}")]
#[case("{{ trigger.body.id | indent }}")]
#[case("{{ trigger.body.id | string }}")]
#[case("{{ trigger.body.id | trim }}")]
#[case("{{ trigger.body.id | length }}")]
#[case("{{ trigger.body.id | first }}")]
#[case("{{ trigger.body.id | last | upper }}")]
#[case("{{ trigger.body.id | int }}")]
#[case("{{ trigger.body.id | int(0) }}")]
#[case("{{ trigger.body.id | list }}")]
#[case("{{ trigger.body.id | items }}")]
#[case("{{ trigger.body.id | max }}")]
#[case("{{ trigger.body.id | sum }}")]
#[case("{{ trigger.body.id | join(',') }}")]
#[case("{{ trigger.body.id | bool }}")]
#[case("{{ 'a' | replace('a', trigger.body.id) }}")]
#[case("{{ '%s' | format(trigger.body.id) }}")]
#[case("{{ 'a' ~ trigger.body.id }}")]
#[case("{{ [trigger.body.id] | tojson }}")]
#[case("{{ {'a': trigger.body.id} }}")]
#[case("{{ dict(a=trigger.body.id) }}")]
#[case("{{ trigger.body.id is string }}")]
#[case("{{ trigger.body.id is none }}")]
#[case("{{ trigger.body.id == none }}")]
#[case("{{ 1 in trigger.body.id }}")]
#[case("{{ trigger.body.id[:2] }}")]
#[case("{{ -trigger.body.id }}")]
#[case("{{ trigger.body.id or 'x' }}")]
#[case("{{ 'x' if trigger.body.id else 'y' }}")]
#[case("{{ (trigger.body.id if true else 1) | upper }}")]
#[case("{{ trigger.body['id'] ~ '' }}")]
fn a_missing_value_fails_under_its_name(#[case] setting: &str) {
    let error = evaluate(setting).unwrap_err();
    let named = ["`trigger.body.id` is not there", "`trigger.body['id']` is not there"];
    assert!(named.iter().any(|named| error.contains(named)), "{error}");
}

#[rstest]
#[case("{{ trigger.body.rows | map(attribute='name') | join(',') }}", "`name` is not there in entry 2 of the list")]
#[case("{{ trigger.body.rows | join(',', attribute='name') }}", "`name` is not there in entry 2")]
#[case("{{ trigger.body.rows | sum(attribute='price') }}", "`price` is not there in entry 0")]
#[case("{{ trigger.body.rows | sort(attribute='name') }}", "`name` is not there in entry 2")]
#[case("{{ trigger.body.rows | unique(attribute='name') }}", "`name` is not there in entry 2")]
#[case("{{ trigger.body.rows | groupby('name') }}", "`name` is not there in entry 2")]
#[case("{{ trigger.body.rows | selectattr('name') | list }}", "`name` is not there in entry 2")]
#[case("{{ trigger.body.rows | selectattr('name', 'eq', 'Ann') | list }}", "`name` is not there in entry 2")]
#[case("{{ [[], [1]] | map('first') | list }}", "`the value` is not there in entry 0")]
#[case("{{ trigger.body.empty | max }}", "`trigger.body.empty | max` is not there")]
#[case("{{ trigger.body.tags[trigger.body.odd] ~ '' }}", "`trigger.body.tags[trigger.body.odd]` is not there")]
#[case("{{ ('a' if false) ~ 'b' }}", "'a' if false")]
fn a_value_missing_inside_fails_too(#[case] setting: &str, #[case] expected: &str) {
    let error = evaluate(setting).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[rstest]
#[case("{{ trigger.body.customer.name | default('none') }}", json!("none"))]
#[case("{{ trigger.body['customer'][0].name | default('none') }}", json!("none"))]
#[case("{{ trigger.query.page.deep | d(1) }}", json!(1))]
#[case("{{ trigger.body.customer.name | default }}", json!(""))]
#[case("{{ trigger.body.customer.names | first | default('none') }}", json!("none"))]
#[case("{{ (trigger.body.customer.names | last).first | default('none') }}", json!("none"))]
#[case("{{ trigger.body.a.b | default(trigger.body.c.d) | default('last') }}", json!("last"))]
#[case("{{ trigger.body.qty | default(trigger.body.c.d) }}", json!("4"))]
#[case("{{ (trigger.body.a.b if true else 1) | default('none') }}", json!("none"))]
#[case("{{ trigger.body.empty | max | default(0) }}", json!(0))]
#[case("{{ trigger.body.n | default('none') }}", json!(null))]
#[case("{{ trigger.body.n | default('none', true) }}", json!("none"))]
#[case("{{ steps.fetch.body.id is defined }}", json!(false))]
#[case("{{ steps['fetch'].body.id is not defined }}", json!(true))]
#[case("{{ steps.fetch.body.id is undefined }}", json!(true))]
#[case("{{ steps.fetch.body.id | default(0) + 1 }}", json!(1))]
#[case("{{ trigger.body.qty is defined and trigger.body.qty == '4' }}", json!(true))]
#[case("{{ trigger.body.x.y is defined and trigger.body.x.y > 1 }}", json!(false))]
#[case("{{ trigger.body.rows | map(attribute='name', default='?') | join }}", json!("AnnBob?"))]
#[case("{{ trigger.body.rows | selectattr('name', 'defined') | length }}", json!(2))]
#[case("{{ trigger.body.rows | selectattr('a.b', 'defined') | length }}", json!(0))]
fn default_and_is_defined_guard_the_whole_path(#[case] setting: &str, #[case] expected: Value) {
    assert_eq!(evaluate(setting), Ok(expected));
}

#[rstest]
#[case("{{ 'n=' ~ trigger.body.n ~ ' y=' ~ trigger.body.y }}", "n= y=true")]
#[case("n={{ trigger.body.n }} y={{ trigger.body.y }}", "n= y=true")]
#[case("{{ trigger.body.y | string }}{{ trigger.body.no | upper }}", "trueFALSE")]
#[case("{{ trigger.body.n | string }}|{{ trigger.body.n | trim }}|{{ trigger.body.n | upper }}", "||")]
#[case("{{ [1, true, none, 'x', {'a': [none]}, 1.5] | join(';') }}", "1;true;;x;{\"a\":[null]};1.5")]
#[case("{{ trigger.body.y | urlencode }}", "true")]
#[case("{{ trigger.body.who | string }}", "{\"name\":\"Ann\"}")]
#[case("{{ '' ~ trigger.body.tags }}", "[\"a\",\"b\"]")]
#[case("{{ trigger.body.tags | urlencode }}", "%5B%22a%22%2C%22b%22%5D")]
#[case("{{ {'a': none, 'b': true, 'c': 'x y'} | urlencode }}", "a=&b=true&c=x%20y")]
#[case("{{ 'a-b' | replace('-', true) }}", "atrueb")]
#[case("{{ '%s %s' | format(true, none) }}", "true ")]
#[case("{{ [none, true] | map('string') | join('-') }}", "-true")]
#[case("{{ [none, true] | map('upper') | join('-') }}", "-TRUE")]
#[case("{{ 1.0 ~ '/' ~ 1e300 }}", "1.0/1e+300")]
#[case("{{ trigger.body.tags | tojson }}", "[\"a\",\"b\"]")]
#[case("{{ trigger.body.y | escape }}", "true")]
#[case("{{ range(3) ~ '' }}", "[0,1,2]")]
fn a_value_has_one_spelling_as_text(#[case] setting: &str, #[case] expected: &str) {
    assert_eq!(evaluate(setting), Ok(json!(expected)));
}

#[rstest]
#[case("{{ trigger.body.qty | int * 3 }}", json!(12))]
#[case("{{ (trigger.body.price | number) * 2 }}", json!(5.0))]
#[case("{{ trigger.body.qty | number }}", json!(4))]
#[case("{{ trigger.body.qty | float }}", json!(4.0))]
#[case("{{ ' -7 ' | int }}", json!(-7))]
#[case("{{ '1e3' | number }}", json!(1000.0))]
#[case("{{ 4.0 | int }}", json!(4))]
#[case("{{ 'ff' | int(base=16) }}", json!(255))]
#[case("{{ 'four' | int(0) }}", json!(0))]
#[case("{{ trigger.body.n | number(default=1) }}", json!(1))]
#[case("{{ (trigger.body.total | number) > 100 }}", json!(false))]
#[case("{{ trigger.body.agree | bool }}", json!(true))]
#[case("{{ ['3', '10'] | map('int') | max }}", json!(10))]
#[case("{{ 1 < 2 < 3 }}", json!(true))]
#[case("{{ 1 < 3 < 2 }}", json!(false))]
#[case("{{ 1 == 1.0 }}", json!(true))]
#[case("{{ none == 'x' }}", json!(false))]
#[case("{{ [1, {'a': none}] == [1, {'a': none}] }}", json!(true))]
#[case("{{ [1, 2] == [1] or {'a': 1} == {'b': 1} }}", json!(false))]
#[case("{{ 'a' in trigger.body.tags and 'name' in trigger.body.who and 'x' not in 'abc' }}", json!(true))]
#[case("{{ 'x' in ['x', 1] }}", json!(true))]
#[case("{{ -7 // 2 }}", json!(-4))]
#[case("{{ -7 % 3 }}", json!(2))]
#[case("{{ 7.5 // 2 }}", json!(3.0))]
#[case("{{ 2 ** -1 }}", json!(0.5))]
#[case("{{ -trigger.body.odd | abs }}", json!(3))]
#[case("{{ 2 - 1 - 1 }}", json!(0))]
#[case("{{ 2 * (3 + 4) }}", json!(14))]
#[case("{{ not (1 > 2) and (false or true) }}", json!(true))]
#[case("{{ 'a' if false else 'b' if false else 'c' }}", json!("c"))]
#[case("{{ trigger.body.tags[::-1] }}", json!(["b", "a"]))]
#[case("{{ 'hello'[1:3] }}", json!("el"))]
#[case("{{ trigger.body.tags + ['c'] }}", json!(["a", "b", "c"]))]
#[case("{{ trigger.body.tags[-1] }}", json!("b"))]
#[case("{{ trigger.body.lines | sum(attribute='price') }}", json!(3.5))]
#[case("{{ trigger.body.lines | sort(attribute='price') | map(attribute='sku') | join }}", json!("ba"))]
#[case("{{ trigger.body.lines | selectattr('price', 'gt', 2) | map(attribute='sku') | list }}", json!(["a"]))]
#[case("{{ (trigger.body.lines | max(attribute='price')).sku }}", json!("a"))]
#[case("{{ [3, 1, 3] | unique }}", json!([3, 1]))]
#[case("{{ 3 is odd and 4 is even and 9 is divisibleby 3 }}", json!(true))]
fn what_is_clear_is_computed(#[case] setting: &str, #[case] expected: Value) {
    assert_eq!(evaluate(setting), Ok(expected));
}

#[rstest]
#[case("{{ 2 ** 64 }}", "18446744073709551616, which is too long to be kept exactly")]
#[case("{{ 123456789012345678901234567890 }}", "123456789012345678901234567890, which is too long")]
#[case("{{ 18446744073709551615 + 1 }}", "too long to be kept exactly")]
#[case("{{ '' ~ 2 ** 64 }}", "too long to be kept exactly")]
#[case("{{ 2 ** 200 }}", "2 ** 200 has too many digits")]
#[case("{{ 9007199254740993 * 1.0 }}", "9007199254740993 has too many digits")]
#[case("{{ 9007199254740993 / 1 }}", "9007199254740993 has too many digits")]
#[case("{{ 9007199254740993 | float }}", "9007199254740993 has too many digits")]
#[case("{{ '9007199254740993' | float }}", "9007199254740993 has too many digits")]
#[case("{{ [9007199254740993, 0.5] | sum }}", "9007199254740993 has too many digits")]
#[case("{{ '123456789012345678901234567890' | int }}", "too long to be kept exactly")]
#[case("{{ 1e300 * 1e300 }}", "infinite")]
fn a_long_whole_number_is_not_rounded(#[case] setting: &str, #[case] expected: &str) {
    let error = evaluate(setting).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[rstest]
#[case("{{ 9007199254740993 + 1 }}", json!(9_007_199_254_740_994_u64))]
#[case("{{ 2 ** 63 }}", json!(9_223_372_036_854_775_808_u64))]
#[case("{{ 2 ** 64 // 2 }}", json!(9_223_372_036_854_775_808_u64))]
#[case("{{ -9223372036854775808 }}", json!(i64::MIN))]
#[case("{{ '9007199254740993' | int }}", json!(9_007_199_254_740_993_u64))]
#[case("{{ [9007199254740993, 1] | sum }}", json!(9_007_199_254_740_994_u64))]
#[case("{{ 9007199254740993 > 9007199254740992.0 }}", json!(true))]
#[case("{{ 18446744073709551615 ~ '' }}", json!("18446744073709551615"))]
fn a_whole_number_keeps_its_digits(#[case] setting: &str, #[case] expected: Value) {
    assert_eq!(evaluate(setting), Ok(expected));
}

#[rstest]
#[case("{{ 1 | _calculate('+', 2) }}", "there is no filter `_calculate`")]
#[case("{{ [1] | map('_string') }}", "there is no filter `_string`")]
#[case("{{ [1] | map('nonsense') }}", "there is no filter `nonsense`")]
#[case("{{ [1] | select('nonsense') }}", "there is no test `nonsense`")]
#[case("{{ [1] | map(trigger.body.word) }}", "stands in quotes")]
#[case("{{ 'a'.upper() }}", "filters are written as `value | upper`")]
#[case("{{ [1] | join(*[1]) }}", "without `*`")]
fn the_inner_names_are_not_part_of_the_language(#[case] setting: &str, #[case] expected: &str) {
    let error = evaluate(setting).unwrap_err();
    assert!(error.contains(expected), "{error}");
}
