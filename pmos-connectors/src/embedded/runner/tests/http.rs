//! Calls of services.

use pmos_core::{
    run::{RunStatus, StepStatus},
    vault::{Credential, CredentialKind, Secret},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{FakeContext, Reply, Service, resume, row, run, step, with};
use crate::embedded::{HttpAnswer, NoAnswer, call};

const CONNECTION: &str = "con_00000000000000000000000000000007";

async fn against(
    flow: &Value,
    input: Value,
    answer: impl Fn(&str, u32) -> Reply + Send + Sync + 'static,
) -> (FakeContext, Service) {
    let context = FakeContext::default();
    let service = Service::new(&context, answer);
    resume(flow, input, Vec::new(), &context, &service).await.unwrap();
    (context, service)
}

fn send(settings: Value) -> Value {
    row(&[step("send", "http", with(json!({"method": "POST", "url": "https://api.test/x"}), settings))])
}

#[tokio::test]
async fn a_call_carries_what_was_configured_and_records_no_secret() {
    let settings = json!({
        "method": "PUT",
        "url": "https://api.test/{{ trigger.id }}",
        "headers": {"X-A": "{{ trigger.id }}", "Authorization": "s3cret", "X-List": ["1", "2"], "X-None": null},
        "query": {"q": "{{ trigger.id + 1 }}", "many": [1, 2]},
        "body": {"id": "{{ trigger.id }}"},
    });
    let flow = row(&[with(step("send", "http", settings), json!({"connection": CONNECTION}))]);
    let (context, service) = against(&flow, json!({"id": 4}), |_, _| Reply::Answer(200, json!({"ok": true}))).await;
    let call = service.calls.lock()[0].clone();
    assert_eq!(
        (call.method.as_str(), call.url.as_str(), &call.body[..]),
        ("PUT", "https://api.test/4", &b"{\"id\":4}"[..])
    );
    let expected = [
        ("X-A", "4"),
        ("Authorization", "s3cret"),
        ("X-List", "1"),
        ("X-List", "2"),
        ("content-type", "application/json"),
        ("idempotency-key", "run_00000000000000000000000000000002:send"),
    ];
    assert_eq!(call.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(
        call.query,
        [("q", "5"), ("many", "1"), ("many", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(call.credential.unwrap().secret.expose(), "s3cret");
    assert_eq!(
        context.output("send"),
        json!({"status": 200, "headers": {"content-type": "application/json", "set-cookie": "***"}, "body": {"ok": true}})
    );
    let input = context.input("send");
    assert_eq!(
        (&input["connection"], &input["headers"]["Authorization"], &input["body"]),
        (&json!(CONNECTION), &json!("***"), &json!({"id": 4}))
    );
    assert!(!format!("{:?} {:?}", context.journal.lock(), context.state()).contains("s3cret"));
}

#[rstest]
#[case::not_ok(json!({}), 503, "The service answered 503 (Service Unavailable).")]
#[case::not_found(json!({}), 404, "The service answered 404 (Not Found).")]
#[case::odd(json!({}), 599, "The service answered 599.")]
#[tokio::test]
async fn a_refusal_is_told_plainly_and_the_words_of_the_service_stay_in_the_output(
    #[case] settings: Value,
    #[case] status: u16,
    #[case] expected: &str,
) {
    let (context, _) =
        against(&send(settings), json!({}), move |_, _| Reply::Answer(status, json!("stack trace"))).await;
    let record = context.record("send");
    assert_eq!((record.status, record.error.as_deref()), (StepStatus::Failed, Some(expected)));
    assert_eq!(context.output("send")["body"], "stack trace");
    assert_eq!(context.ending(), (RunStatus::Failed, format!("send: {expected}")));
}

#[tokio::test]
async fn a_service_that_echoes_the_credential_does_not_bring_it_into_the_run() {
    let settings = json!({"url": "https://api.test/x"});
    let flow = row(&[with(step("send", "http", settings), json!({"connection": CONNECTION}))]);
    let echo = json!({"authorization": "Bearer s3cret", "basic": "OnMzY3JldA==", "ok": 1});
    let (context, _) = against(&flow, json!({}), move |_, _| Reply::Answer(200, echo.clone())).await;
    assert_eq!(context.output("send")["body"], json!({"authorization": "Bearer ***", "basic": "***", "ok": 1}));
}

#[tokio::test]
async fn an_echo_in_another_charset_does_not_bring_the_credential_into_the_run() {
    let flow =
        row(&[with(step("send", "http", json!({"url": "https://api.test/x"})), json!({"connection": CONNECTION}))]);
    let echo = b"s\x003\x00c\x00r\x00e\x00t\x00";
    let (context, _) = against(&flow, json!({}), |_, _| Reply::Bytes(200, "text/plain; charset=utf-16le", echo)).await;
    assert_eq!(context.output("send")["body"], "***");
}

#[tokio::test]
async fn a_credential_is_hidden_in_every_form_that_services_write_it_in() {
    let credential = |secret: &str| Credential {
        kind: CredentialKind::Query,
        name: "key".to_owned(),
        secret: Secret::new(secret),
        hosts: Vec::new(),
    };
    for (secret, echo, expected) in [
        ("a b/c=d&e", r#"{"url":"/?key=a+b%2Fc%3Dd%26e"}"#, r#"{"url":"/?key=***"}"#),
        ("a b/c=d&e", r#"{"url":"/a%20b%2Fc%3Dd%26e"}"#, r#"{"url":"/***"}"#),
        ("say \"hi\"", r#"{"key":"say \"hi\""}"#, r#"{"key":"***"}"#),
        ("clé-secrète", r#"{"cl\u00e9-secr\u00e8te":1}"#, r#"{"***":1}"#),
    ] {
        let answer = HttpAnswer { status: 200, headers: Vec::new(), body: echo.into() };
        assert_eq!(call::without(answer, &credential(secret)).body, expected, "{echo}");
    }
}

#[tokio::test]
async fn an_accepted_status_is_no_failure() {
    let (context, _) =
        against(&send(json!({"accept_status": [404]})), json!({}), |_, _| Reply::Answer(404, json!(null))).await;
    assert_eq!((context.ending().0, &context.output("send")["status"]), (RunStatus::Succeeded, &json!(404)));
}

#[rstest]
#[case::anything("", "{\"a\":1}", json!({"a": 1}))]
#[case::text("text", "{\"a\":1}", json!("{\"a\":1}"))]
#[tokio::test]
async fn an_answer_is_taken_for_what_the_step_expects(
    #[case] expect: &str,
    #[case] body: &'static str,
    #[case] expected: Value,
) {
    let expect = if expect.is_empty() { json!(null) } else { json!(expect) };
    let parsed: Value = serde_json::from_str(body).unwrap();
    let (context, _) =
        against(&send(json!({"expect": expect})), json!({}), move |_, _| Reply::Answer(200, parsed.clone())).await;
    assert_eq!(context.output("send")["body"], expected);
}

#[tokio::test]
async fn an_answer_with_more_values_than_can_be_taken_fails_the_step() {
    let many = json!(vec![1; 100_001]);
    let (context, _) = against(&send(json!({})), json!({}), move |_, _| Reply::Answer(200, many.clone())).await;
    let expected =
        "send: What the service answered cannot be read: its JSON cannot be taken: it has more than 100000 values.";
    assert_eq!(context.ending(), (RunStatus::Failed, expected.to_owned()));
}

#[rstest]
#[case::charset(json!({}), "text/plain; charset=iso-8859-1", b"caf\xe9", json!("café"))]
#[case::marked_json(json!({}), "application/json", b"\xef\xbb\xbf{\"a\":1}", json!({"a": 1}))]
#[case::json_in_latin1(json!({"expect": "json"}), "application/json; charset=iso-8859-1", b"[\"\xe9\"]", json!(["é"]))]
#[case::form(json!({}), "application/x-www-form-urlencoded", b"access_token=t&n=2", json!({"access_token": "t", "n": "2"}))]
#[case::image(json!({}), "image/png", b"\x89", json!({"binary": true, "type": "image/png", "size": 1, "base64": "iQ=="}))]
#[case::file(json!({"expect": "file"}), "text/plain; charset=utf-8", b"\xff", json!({"binary": true, "type": "text/plain", "size": 1, "base64": "/w=="}))]
#[case::no_type(json!({}), "", b"hi", json!("hi"))]
#[case::text_called_json(json!({}), "application/json", b"OK", json!("OK"))]
#[case::blank_json(json!({}), "application/json", b" \r\n", json!(null))]
#[tokio::test]
async fn an_answer_is_read_as_the_service_says_it_is(
    #[case] settings: Value,
    #[case] kind: &'static str,
    #[case] body: &'static [u8],
    #[case] expected: Value,
) {
    let (context, _) = against(&send(settings), json!({}), move |_, _| Reply::Bytes(200, kind, body)).await;
    assert_eq!(context.ending(), (RunStatus::Succeeded, String::new()));
    assert_eq!(context.output("send")["body"], expected);
}

#[rstest]
#[case::wanted_json(json!({"expect": "json"}), "text/plain", b"hi", "cannot be read: it is not JSON")]
#[case::nothing(json!({"expect": "json"}), "", b"", "answered nothing")]
#[case::not_utf8(json!({}), "text/plain", b"caf\xe9", "not UTF-8")]
#[case::not_utf8_as_text(json!({"expect": "text"}), "image/png", b"\x89", "not UTF-8")]
#[case::charset(json!({}), "text/plain; charset=klingon", b"x", "the charset \"klingon\" is not known")]
#[tokio::test]
async fn an_answer_that_is_not_as_it_says_fails_the_step_and_is_kept(
    #[case] settings: Value,
    #[case] kind: &'static str,
    #[case] body: &'static [u8],
    #[case] expected: &str,
) {
    let (context, _) = against(&send(settings), json!({}), move |_, _| Reply::Bytes(200, kind, body)).await;
    let (status, error) = context.ending();
    assert!(status == RunStatus::Failed && error.contains(expected), "{error}");
    assert_eq!(context.output("send")["status"], 200);
}

#[rstest]
#[case::no_content("POST", 204)]
#[case::reset_content("POST", 205)]
#[case::not_modified("GET", 304)]
#[case::head("HEAD", 200)]
#[tokio::test]
async fn where_no_answer_can_have_a_body_json_is_not_missed(#[case] method: &str, #[case] status: u16) {
    let settings = json!({"method": method, "expect": "json"});
    let (context, _) = against(&send(settings), json!({}), move |_, _| Reply::Bytes(status, "", b"")).await;
    assert_eq!((context.ending().0, &context.output("send")["body"]), (RunStatus::Succeeded, &json!(null)));
}

#[rstest]
#[case::form(json!({"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "body": {"grant_type": "client credentials", "n": 2}}), "application/x-www-form-urlencoded", b"grant_type=client+credentials&n=2")]
#[case::html(json!({"headers": {"content-type": "text/html"}, "body": "grüße"}), "text/html; charset=utf-8", "grüße".as_bytes())]
#[case::latin1(json!({"headers": {"content-type": "text/html; charset=iso-8859-1"}, "body": "ü"}), "text/html; charset=iso-8859-1", b"\xfc")]
#[case::file(json!({"body": {"binary": true, "type": "image/png", "size": 1, "base64": "iQ=="}}), "image/png", b"\x89")]
#[case::patch(json!({"headers": {"content-type": "application/merge-patch+json"}, "body": {"a": null}}), "application/merge-patch+json", b"{\"a\":null}")]
#[tokio::test]
async fn a_body_is_sent_as_its_content_type_says(#[case] settings: Value, #[case] kind: &str, #[case] body: &[u8]) {
    let (_, service) = against(&send(settings), json!({}), |_, _| Reply::Answer(200, json!(null))).await;
    let call = service.calls.lock()[0].clone();
    let kinds: Vec<_> = call.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).collect();
    assert_eq!((kinds.len(), kinds[0].1.as_str()), (1, kind));
    assert_eq!(&call.body[..], body);
}

#[rstest]
#[case::relative(json!({"url": "/x"}), "url: must be a whole address")]
#[case::file(json!({"url": "file:///etc/passwd"}), "url: must begin with https:// or http://")]
#[case::password(json!({"url": "https://a:s3cret@api.test/"}), "url: must not carry a user name or password")]
#[case::nothing(json!({"url": "{{ none }}"}), "url: \"Address\" is required")]
#[case::number(json!({"url": "{{ 5 }}"}), "url: \"Address\" must be a text; a number stands there")]
#[case::header(json!({"headers": {"a": "b\nc"}}), "headers.a: has characters")]
#[case::header_name(json!({"headers": {"a b": "c"}}), "headers.a b: is not the name")]
#[case::query(json!({"query": "{{ 1 }}"}), "query: \"Query parameters\" must be an object")]
#[case::image(json!({"headers": {"content-type": "image/png"}, "body": "iQ=="}), "body: is text or data, which image/png is not")]
#[case::form(json!({"headers": {"content-type": "application/x-www-form-urlencoded"}, "body": {"a": {"b": 1}}}), "body: a is neither text")]
#[case::parts(json!({"headers": {"content-type": "multipart/form-data"}, "body": {"a": 1}}), "body: a form of several parts")]
#[tokio::test]
async fn what_cannot_be_sent_is_not_sent(#[case] settings: Value, #[case] expected: &str) {
    let (context, service) = against(&send(settings), json!({}), |_, _| Reply::Answer(200, json!(null))).await;
    assert!(context.ending().1.contains(expected), "{:?}", context.ending());
    assert!(!context.ending().1.contains("s3cret"));
    assert_eq!(service.counts().len(), 0);
}

#[tokio::test]
async fn a_connection_that_is_gone_fails_the_step() {
    let settings = json!({"method": "POST", "url": "https://api.test/x"});
    let flow =
        row(&[with(step("send", "http", settings), json!({"connection": "con_00000000000000000000000000000009"}))]);
    let (context, service) = against(&flow, json!({}), |_, _| Reply::Answer(200, json!(null))).await;
    assert!(context.ending().1.contains("The connection cannot be used"), "{:?}", context.ending());
    assert_eq!(service.counts().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_once_is_tried_again_after_a_while() {
    let settings = json!({"method": "POST", "url": "https://api.test/x"});
    let flow = row(&[with(step("send", "http", settings), json!({"retry": {"times": 3, "backoff_s": 2}}))]);
    let began = tokio::time::Instant::now();
    let (context, service) = against(&flow, json!({}), |_, count| match count {
        1 | 2 => Reply::Answer(500, json!(null)),
        _ => Reply::Answer(200, json!(null)),
    })
    .await;
    assert_eq!(
        (context.ending().0, context.record("send").attempt, service.counts()["/x"]),
        (RunStatus::Succeeded, 3, 3)
    );
    assert_eq!(began.elapsed().as_secs(), 2 + 4);
    let keys: std::collections::HashSet<_> =
        service.calls.lock().iter().map(|call| format!("{:?}", call.headers)).collect();
    assert_eq!(keys.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_keeps_failing_fails_the_step_after_the_last_try() {
    let flow = row(&[with(step("send", "http", json!({"url": "https://api.test/x"})), json!({"retry": {"times": 2}}))]);
    let (context, service) = against(&flow, json!({}), |_, _| Reply::Answer(500, json!(null))).await;
    assert_eq!((context.ending().0, service.counts()["/x"]), (RunStatus::Failed, 3));
}

fn no_answer(perhaps_received: bool, temporary: bool) -> NoAnswer {
    NoAnswer { reason: "api.test: no answer within 30 seconds".to_owned(), perhaps_received, temporary }
}

#[rstest]
#[case::never_left("POST", false, true, RunStatus::Failed, 3)]
#[case::refused("POST", false, false, RunStatus::Failed, 1)]
#[case::perhaps_received("POST", true, true, RunStatus::NeedsAttention, 1)]
#[case::read("GET", true, true, RunStatus::Failed, 3)]
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_tried_again_only_when_that_is_safe(
    #[case] method: &str,
    #[case] perhaps_received: bool,
    #[case] temporary: bool,
    #[case] status: RunStatus,
    #[case] calls: u32,
) {
    let settings = json!({"method": method, "url": "https://api.test/x"});
    let flow = row(&[with(step("send", "http", settings), json!({"retry": {"times": 2}}))]);
    let (context, service) =
        against(&flow, json!({}), move |_, _| Reply::None(no_answer(perhaps_received, temporary))).await;
    let (ended, error) = context.ending();
    assert_eq!((ended, service.counts()["/x"]), (status, calls));
    assert!(error.starts_with("send: The call failed: api.test: no answer within 30 seconds."), "{error}");
}

#[tokio::test]
async fn a_failed_pass_lets_the_others_at_work_end_and_begins_no_more() {
    let each = step("each", "loop", json!({"items": "{{ range(9) }}", "concurrency": 3}));
    let call = step("send", "http", json!({"method": "POST", "url": "https://api.test/{{ item }}"}));
    let flow = super::support::flow(
        &[step("trigger", "webhook", json!({})), each, call],
        &["trigger next each", "each loop send"],
    );
    let (context, service) =
        against(&flow, json!({}), |path, _| Reply::Answer(if path == "/1" { 500 } else { 200 }, json!(null))).await;
    assert_eq!(
        context.ending(),
        (RunStatus::Failed, "send: The service answered 500 (Internal Server Error).".to_owned())
    );
    assert!(service.counts().len() < 9, "{:?}", service.counts());
    let open = context
        .journal
        .lock()
        .iter()
        .filter(|record| record.step.as_str() == "send" && record.status == StepStatus::Running)
        .count();
    let ended = context
        .journal
        .lock()
        .iter()
        .filter(|record| record.step.as_str() == "send" && record.status != StepStatus::Running)
        .count();
    assert_eq!((open, ended), (service.counts().len(), service.counts().len()));
}

#[tokio::test]
async fn loops_send_every_line_once() {
    let each = step("each", "loop", json!({"items": [{"a": 1}, {"a": 2}]}));
    let call = step("send", "http", json!({"method": "POST", "url": "https://api.test/{{ item.a }}"}));
    let flow = super::support::flow(
        &[step("trigger", "webhook", json!({})), each, call],
        &["trigger next each", "each loop send"],
    );
    let context = run(&flow, json!({})).await;
    let results = context.output("each")["results"].clone();
    assert_eq!((&results[0]["body"], &results[1]["body"]), (&json!({"path": "/1"}), &json!({"path": "/2"})));
}
