//! Redirects: every hop is checked like the first.

use pmos_connectors::outbound::{ErrorKind, Method, Network, OutboundRequest, Refusal, Sent};
use rstest::rstest;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Sink, client_for, get};

async fn redirect(server: &MockServer, from: &str, status: u16, to: &str) {
    let answer = ResponseTemplate::new(status).insert_header("location", to);
    Mock::given(path(from)).respond_with(answer).mount(server).await;
}

async fn page(server: &MockServer, at: &str) {
    Mock::given(path(at)).respond_with(ResponseTemplate::new(200).set_body_string("here")).mount(server).await;
}

#[rstest]
#[tokio::test]
async fn a_redirect_into_the_inside_is_refused(
    #[values(301, 302, 303, 307, 308)] status: u16,
    #[values(
        ("http://127.0.0.1:{p}/", Network::ThisMachine),
        ("//127.0.0.1:{p}/", Network::ThisMachine),
        ("http://[::1]:{p}/", Network::ThisMachine),
        ("http://2130706433:{p}/", Network::ThisMachine),
        ("http://10.0.0.1/", Network::Private),
        ("http://192.168.0.1/", Network::Private),
        ("http://[fd00::1]/", Network::Private),
        ("http://169.254.169.254/latest/meta-data/", Network::LinkLocal),
        ("http://[::ffff:a9fe:a9fe]/", Network::LinkLocal),
        ("http://100.64.0.1/", Network::Shared),
        ("http://198.18.0.1/", Network::Reserved),
        ("http://224.0.0.1/", Network::Multicast)
    )]
    (target, network): (&str, Network),
) {
    let sink = Sink::open().await;
    let server = MockServer::start().await;
    redirect(&server, "/", status, &target.replace("{p}", &sink.port().to_string())).await;

    let error = get(&client_for(&[*server.address()]), &server.uri()).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Denied(Refusal::Network(network)));
    assert_eq!(error.sent(), Sent::Maybe, "the first request was received");
    assert_eq!(
        error.to_string(),
        "127.0.0.1, after a redirect: the host could not be found, or is in a network that may not be reached from here; \
         check its spelling"
    );
    sink.assert_untouched().await;
}

#[rstest]
#[case("file:///etc/passwd", Refusal::Scheme)]
#[case("gopher://example.com/", Refusal::Scheme)]
#[case("http://localhost/", Refusal::LocalName)]
#[case("http://user:password@example.com/", Refusal::UserInfo)]
#[case("http://example.com:6379/", Refusal::Port(6379))]
#[case("http://example.com./", Refusal::TrailingDot)]
#[tokio::test]
async fn a_redirect_passes_every_rule_of_the_guard(#[case] target: &str, #[case] refusal: Refusal) {
    let server = MockServer::start().await;
    redirect(&server, "/", 302, target).await;
    let error = get(&client_for(&[*server.address()]), &server.uri()).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Denied(refusal));
}

#[tokio::test]
async fn a_redirect_behind_a_redirect_does_not_reach_the_metadata_service() {
    let [first, second] = [MockServer::start().await, MockServer::start().await];
    redirect(&first, "/", 302, &format!("{}/hop", second.uri())).await;
    redirect(&second, "/hop", 307, "http://169.254.169.254/latest/meta-data/").await;
    let client = client_for(&[*first.address(), *second.address()]);
    let error = get(&client, &first.uri()).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Denied(Refusal::Network(Network::LinkLocal)));
    assert_eq!(second.received_requests().await.unwrap().len(), 1);
}

#[rstest]
#[case(301, "POST", "GET")]
#[case(302, "POST", "GET")]
#[case(303, "POST", "GET")]
#[case(303, "PUT", "GET")]
#[case(302, "DELETE", "GET")]
#[case(302, "HEAD", "HEAD")]
#[case(307, "POST", "POST")]
#[case(308, "PUT", "PUT")]
#[tokio::test]
async fn a_redirect_decides_the_method_of_the_next_hop(#[case] status: u16, #[case] from: &str, #[case] to: &str) {
    let server = MockServer::start().await;
    redirect(&server, "/old", status, "../new?page=2").await;
    page(&server, "/new").await;

    let url = format!("{}/old", server.uri());
    let request = OutboundRequest::new(Method::from_bytes(from.as_bytes()).unwrap(), &url)
        .unwrap()
        .json(&serde_json::json!({ "qty": 4 }));
    let response = client_for(&[*server.address()]).send(request).await.unwrap();

    assert_eq!((response.url.path(), response.url.query()), ("/new", Some("page=2")));
    let hops = server.received_requests().await.unwrap();
    assert_eq!(hops[1].method.as_str(), to);
    let repeated = status >= 307 || from == "HEAD";
    let (body, content_type) = (&hops[1].body, hops[1].headers.get("content-type"));
    assert_eq!(body, if repeated { &b"{\"qty\":4}"[..] } else { b"" });
    assert_eq!(content_type.is_some(), repeated);
}

#[tokio::test]
async fn three_redirects_are_followed_and_the_fourth_is_not() {
    let server = MockServer::start().await;
    for hop in 0..4 {
        redirect(&server, &format!("/{hop}"), 302, &format!("/{}", hop + 1)).await;
    }
    page(&server, "/4").await;
    let client = client_for(&[*server.address()]);

    assert_eq!(get(&client, &format!("{}/1", server.uri())).await.unwrap().body, "here");
    let error = get(&client, &format!("{}/0", server.uri())).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooManyRedirects { limit: 3 });
    assert_eq!(error.sent(), Sent::Maybe);
}

#[tokio::test]
async fn a_redirect_loop_ends_after_four_requests() {
    let server = MockServer::start().await;
    redirect(&server, "/", 308, "/").await;
    let error = get(&client_for(&[*server.address()]), &server.uri()).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooManyRedirects { limit: 3 });
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[rstest]
#[case(300)]
#[case(302)]
#[case(304)]
#[tokio::test]
async fn a_redirect_without_a_target_is_the_answer(#[case] status: u16) {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(status)).mount(&server).await;
    assert_eq!(get(&client_for(&[*server.address()]), &server.uri()).await.unwrap().status, status);
}

#[rstest]
#[case("http://[::1")]
#[case("http://")]
#[case("http://1.2.3.4.5/")]
#[tokio::test]
async fn a_redirect_to_something_unreadable_is_not_proper_http(#[case] target: &str) {
    let server = MockServer::start().await;
    redirect(&server, "/", 302, target).await;
    let error = get(&client_for(&[*server.address()]), &server.uri()).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Protocol, Sent::Maybe));
}
