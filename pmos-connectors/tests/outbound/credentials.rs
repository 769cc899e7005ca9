//! Secrets: sent to their hosts, and nowhere else.

use pmos_connectors::outbound::{BoundHosts, Credential, ErrorKind, Outbound, OutboundRequest, Sent};
use rstest::rstest;
use wiremock::matchers::{any, basic_auth, bearer_token, header, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{Names, client, client_for, get};

const SECRET: &str = "s3cret&with=signs";

fn bound_to(server: &MockServer) -> BoundHosts {
    BoundHosts::parse([server.address().to_string()]).unwrap()
}

/// A credential that shows up in every place a credential can be in.
fn everywhere(hosts: BoundHosts) -> Credential {
    Credential::bearer(&SECRET.into(), hosts)
        .with_header("x-api-key", SECRET.into())
        .unwrap()
        .with_query("key", SECRET.into())
}

async fn ok(server: &MockServer) {
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(server).await;
}

async fn redirect(server: &MockServer, from: &str, status: u16, to: String) {
    let answer = ResponseTemplate::new(status).insert_header("location", to);
    Mock::given(path(from)).respond_with(answer).with_priority(1).mount(server).await;
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

fn carries_the_secret(request: &Request) -> [bool; 3] {
    [
        request.headers.contains_key("authorization"),
        request.headers.contains_key("x-api-key"),
        request.url.query_pairs().any(|(_, value)| value == SECRET),
    ]
}

#[tokio::test]
async fn every_kind_of_credential_arrives() {
    let server = MockServer::start().await;
    let client = client_for(&[*server.address()]);
    let hosts = || bound_to(&server);
    Mock::given(bearer_token(SECRET)).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    Mock::given(basic_auth("ann", SECRET)).respond_with(ResponseTemplate::new(202)).mount(&server).await;
    Mock::given(header("x-api-key", SECRET)).respond_with(ResponseTemplate::new(203)).mount(&server).await;
    Mock::given(query_param("key", SECRET)).respond_with(ResponseTemplate::new(206)).mount(&server).await;
    let kinds = [
        (Credential::bearer(&SECRET.into(), hosts()), 201),
        (Credential::basic("ann", &SECRET.into(), hosts()), 202),
        (Credential::new(hosts()).with_header("X-Api-Key", SECRET.into()).unwrap(), 203),
        (Credential::new(hosts()).with_query("key", SECRET.into()), 206),
    ];
    for (credential, expected) in kinds {
        let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
        assert_eq!(client.send(request).await.unwrap().status, expected);
    }
}

#[tokio::test]
async fn a_credential_takes_the_place_of_a_header_written_by_hand() {
    let server = MockServer::start().await;
    ok(&server).await;
    let request = OutboundRequest::get(&server.uri())
        .unwrap()
        .header("authorization", "Bearer by-hand")
        .unwrap()
        .credential(everywhere(bound_to(&server)));
    client_for(&[*server.address()]).send(request).await.unwrap();
    let received = &requests(&server).await[0];
    let values: Vec<_> = received.headers.get_all("authorization").iter().collect();
    assert_eq!(values, [format!("Bearer {SECRET}").as_str()]);
}

#[rstest]
#[case("api.example.com")]
#[case("127.0.0.1:1")]
#[case("*.example.com")]
#[tokio::test]
async fn a_credential_of_another_host_stays_here(#[case] entry: &str) {
    let server = MockServer::start().await;
    ok(&server).await;
    let credential = everywhere(BoundHosts::parse([entry]).unwrap());
    let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
    let error = client_for(&[*server.address()]).send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::CredentialNotForHost, Sent::No));
    assert!(requests(&server).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_credential_stays_behind_when_a_redirect_leaves_the_origin(#[values(301, 302, 303, 307, 308)] status: u16) {
    let [first, second] = [MockServer::start().await, MockServer::start().await];
    redirect(&first, "/", status, format!("{}/there", second.uri())).await;
    redirect(&second, "/there", status, format!("{}/back", first.uri())).await;
    ok(&first).await;
    let client = client_for(&[*first.address(), *second.address()]);
    // Bound to both: an origin is left all the same.
    let hosts = BoundHosts::parse(["127.0.0.1"]).unwrap();
    let request = OutboundRequest::get(&first.uri())
        .unwrap()
        .header("cookie", "session=s3cret")
        .unwrap()
        .header("x-token", "s3cret")
        .unwrap()
        .header("accept", "application/json")
        .unwrap()
        .credential(everywhere(hosts));
    let response = client.send(request).await.unwrap();

    assert_eq!(response.url.path(), "/back");
    let (to_first, to_second) = (requests(&first).await, requests(&second).await);
    assert_eq!(carries_the_secret(&to_first[0]), [true; 3]);
    for later in [&to_second[0], &to_first[1]] {
        assert_eq!(carries_the_secret(later), [false; 3]);
        assert!(!later.headers.contains_key("cookie") && !later.headers.contains_key("x-token"));
        assert_eq!(later.headers["accept"], "application/json");
    }
}

#[tokio::test]
async fn a_credential_goes_on_within_its_origin() {
    let server = MockServer::start().await;
    redirect(&server, "/", 302, "/next?page=2".to_owned()).await;
    ok(&server).await;
    let request = OutboundRequest::get(&server.uri()).unwrap().credential(everywhere(bound_to(&server)));
    let response = client_for(&[*server.address()]).send(request).await.unwrap();
    assert_eq!(carries_the_secret(&requests(&server).await[1]), [true; 3]);
    assert_eq!(response.url.as_str(), format!("{}/next?page=2", server.uri()));
}

#[tokio::test]
async fn a_secret_parameter_that_upstream_repeats_in_its_redirect_is_taken_out() {
    let [first, second] = [MockServer::start().await, MockServer::start().await];
    let repeated = "key=s3cret%26with%3Dsigns&page=2";
    redirect(&first, "/", 302, format!("/same?{repeated}")).await;
    redirect(&first, "/same", 302, format!("{}/other?{repeated}", second.uri())).await;
    ok(&second).await;
    let client = client_for(&[*first.address(), *second.address()]);
    let request = OutboundRequest::get(&first.uri()).unwrap().credential(everywhere(bound_to(&first)));
    let response = client.send(request).await.unwrap();

    let same = &requests(&first).await[1];
    assert_eq!(same.url.query_pairs().filter(|(name, _)| name == "key").count(), 1);
    assert_eq!(carries_the_secret(&requests(&second).await[0]), [false; 3]);
    assert_eq!(response.url.query(), Some("page=2"));
}

#[tokio::test]
async fn a_secret_is_in_no_text_that_a_failed_or_answered_request_leaves() {
    let server = MockServer::start().await;
    ok(&server).await;
    let allowed = client_for(&[*server.address()]);
    let nowhere = client(&Names::default()).build().unwrap();
    let hosts = || BoundHosts::parse(["127.0.0.1", "nowhere.example"]).unwrap();
    let request = |url: &str| OutboundRequest::get(url).unwrap().credential(everywhere(hosts()));

    let mut texts = vec![format!("{:?} {:?}", request(&server.uri()), everywhere(hosts()))];
    let answer = allowed.send(request(&server.uri())).await.unwrap();
    texts.push(format!("{answer:?} {}", answer.url));
    let failures: [(&Outbound, &str); 4] = [
        (&nowhere, "http://nowhere.example/"),
        (&nowhere, "http://127.0.0.1/"),
        (&nowhere, "http://elsewhere.example/"),
        (&allowed, &format!("https://{}/", server.address())),
    ];
    for (client, url) in failures {
        let error = client.send(request(url)).await.unwrap_err();
        texts.push(format!("{error} {error:?}"));
    }
    for text in texts {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn a_secret_with_a_line_break_is_refused_by_the_name_of_its_header() {
    let server = MockServer::start().await;
    let credential = Credential::bearer(&"s3cret\r\nx-injected: 1".into(), bound_to(&server));
    let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
    let error = client_for(&[*server.address()]).send(request).await.unwrap_err();
    assert!(error.to_string().contains("`authorization`") && !error.to_string().contains("s3cret"), "{error}");
    assert_eq!(error.sent(), Sent::No);
}

#[tokio::test]
async fn placeholders_are_sent_as_the_text_they_are() {
    let server = MockServer::start().await;
    ok(&server).await;
    let placeholders = "{{ env.HOME }} ${HOME} $HOME %HOME%";
    let request = OutboundRequest::get(&format!("{}/$HOME", server.uri()))
        .unwrap()
        .query("q", placeholders)
        .header("x-text", placeholders)
        .unwrap();
    client_for(&[*server.address()]).send(request).await.unwrap();
    let received = &requests(&server).await[0];
    assert_eq!(received.url.path(), "/$HOME");
    assert_eq!(received.headers["x-text"], placeholders);
    assert_eq!(received.url.query_pairs().next().unwrap().1, placeholders);
}

#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    // The environment of a process cannot be changed safely from within, so a direct request is tested
    // again in a child that has a proxy in its environment.
    let proxy = crate::support::Sink::open().await;
    let test = "credentials::a_direct_request_is_answered";
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(name, format!("http://{}", proxy.address()));
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").args(["--exact", test]).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
    proxy.assert_untouched().await;
}

#[tokio::test]
async fn a_direct_request_is_answered() {
    let server = MockServer::start().await;
    ok(&server).await;
    assert_eq!(get(&client_for(&[*server.address()]), &server.uri()).await.unwrap().status, 200);
}
