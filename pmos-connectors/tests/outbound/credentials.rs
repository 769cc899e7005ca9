//! Secrets: sent to their hosts, and nowhere else.

use pmos_connectors::outbound::{ErrorKind, Outbound, OutboundRequest, Sent};
use pmos_core::vault::{Credential, CredentialKind, HostBinding, Secret};
use rstest::rstest;
use wiremock::matchers::{any, basic_auth, bearer_token, header, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{Names, client, client_for, get};

const SECRET: &str = "s3cret&with=signs";

fn bound_to(server: &MockServer) -> Vec<HostBinding> {
    bound(&[&server.address().to_string()])
}

fn bound(entries: &[&str]) -> Vec<HostBinding> {
    entries.iter().map(|entry| entry.parse().unwrap()).collect()
}

fn credential(kind: CredentialKind, name: &str, hosts: &[HostBinding]) -> Credential {
    Credential { kind, name: name.to_owned(), secret: Secret::new(SECRET), hosts: hosts.to_vec() }
}

/// A credential in each of the places that one can be in.
fn in_each_place(hosts: &[HostBinding]) -> [Credential; 3] {
    [
        credential(CredentialKind::Bearer, "", hosts),
        credential(CredentialKind::Header, "x-api-key", hosts),
        credential(CredentialKind::Query, "key", hosts),
    ]
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

fn carries_the_secret(request: &Request) -> bool {
    request.headers.contains_key("authorization")
        || request.headers.contains_key("x-api-key")
        || request.url.query_pairs().any(|(_, value)| value == SECRET)
}

#[tokio::test]
async fn every_kind_of_credential_arrives() {
    let server = MockServer::start().await;
    let client = client_for(&[*server.address()]);
    let hosts = bound_to(&server);
    Mock::given(bearer_token(SECRET)).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    Mock::given(basic_auth("ann", SECRET)).respond_with(ResponseTemplate::new(202)).mount(&server).await;
    Mock::given(header("x-api-key", SECRET)).respond_with(ResponseTemplate::new(203)).mount(&server).await;
    Mock::given(query_param("key", SECRET)).respond_with(ResponseTemplate::new(206)).mount(&server).await;
    let kinds = [
        (credential(CredentialKind::Bearer, "", &hosts), 201),
        (credential(CredentialKind::Basic, "ann", &hosts), 202),
        (credential(CredentialKind::Header, "X-Api-Key", &hosts), 203),
        (credential(CredentialKind::Query, "key", &hosts), 206),
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
        .credential(credential(CredentialKind::Bearer, "", &bound_to(&server)));
    client_for(&[*server.address()]).send(request).await.unwrap();
    let received = &requests(&server).await[0];
    let values: Vec<_> = received.headers.get_all("authorization").iter().collect();
    assert_eq!(values, [format!("Bearer {SECRET}").as_str()]);
}

#[rstest]
#[case("api.example.com")]
#[case("127.0.0.1:1")]
// Without a port the usual ones alone are meant.
#[case("127.0.0.1")]
#[tokio::test]
async fn a_credential_of_another_host_stays_here(#[case] entry: &str) {
    let server = MockServer::start().await;
    ok(&server).await;
    for credential in in_each_place(&bound(&[entry])) {
        let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
        let error = client_for(&[*server.address()]).send(request).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (&ErrorKind::CredentialNotForHost, Sent::No));
    }
    assert!(requests(&server).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_credential_stays_behind_when_a_redirect_leaves_the_origin(
    #[values(301, 302, 303, 307, 308)] status: u16,
    #[values(0, 1, 2)] place: usize,
) {
    let [first, second] = [MockServer::start().await, MockServer::start().await];
    redirect(&first, "/", status, format!("{}/there", second.uri())).await;
    redirect(&second, "/there", status, format!("{}/back", first.uri())).await;
    ok(&first).await;
    let client = client_for(&[*first.address(), *second.address()]);
    // Bound to both: an origin is left all the same.
    let hosts = [bound_to(&first), bound_to(&second)].concat();
    let request = OutboundRequest::get(&first.uri())
        .unwrap()
        .header("cookie", "session=s3cret")
        .unwrap()
        .header("x-token", "s3cret")
        .unwrap()
        .header("accept", "application/json")
        .unwrap()
        .credential(in_each_place(&hosts)[place].clone());
    let response = client.send(request).await.unwrap();

    assert_eq!(response.url.path(), "/back");
    let (to_first, to_second) = (requests(&first).await, requests(&second).await);
    assert!(carries_the_secret(&to_first[0]));
    for later in [&to_second[0], &to_first[1]] {
        assert!(!carries_the_secret(later));
        assert!(!later.headers.contains_key("cookie") && !later.headers.contains_key("x-token"));
        assert_eq!(later.headers["accept"], "application/json");
    }
}

#[rstest]
#[tokio::test]
async fn a_credential_goes_on_within_its_origin(#[values(0, 1, 2)] place: usize) {
    let server = MockServer::start().await;
    redirect(&server, "/", 302, "/next?page=2".to_owned()).await;
    ok(&server).await;
    let credential = in_each_place(&bound_to(&server))[place].clone();
    let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
    let response = client_for(&[*server.address()]).send(request).await.unwrap();
    assert!(carries_the_secret(&requests(&server).await[1]));
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
    let credential = credential(CredentialKind::Query, "key", &bound_to(&first));
    let request = OutboundRequest::get(&first.uri()).unwrap().credential(credential);
    let response = client.send(request).await.unwrap();

    let same = &requests(&first).await[1];
    assert_eq!(same.url.query_pairs().filter(|(name, _)| name == "key").count(), 1);
    assert!(!carries_the_secret(&requests(&second).await[0]));
    assert_eq!(response.url.query(), Some("page=2"));
}

#[rstest]
#[tokio::test]
async fn a_secret_is_in_no_text_that_a_failed_or_answered_request_leaves(#[values(0, 1, 2)] place: usize) {
    let server = MockServer::start().await;
    ok(&server).await;
    let allowed = client_for(&[*server.address()]);
    let nowhere = client(&Names::default()).build().unwrap();
    let hosts = bound(&["127.0.0.1", &server.address().to_string(), "nowhere.example"]);
    let credential = in_each_place(&hosts)[place].clone();
    let request = |url: &str| OutboundRequest::get(url).unwrap().credential(credential.clone());

    let mut texts = vec![format!("{:?} {credential:?}", request(&server.uri()))];
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

#[rstest]
#[case::of_the_secret(CredentialKind::Bearer, "", "s3cret\r\nx-injected: 1", "authorization")]
#[case::of_its_header(CredentialKind::Header, "transfer-encoding", "s3cret", "transfer-encoding")]
#[tokio::test]
async fn a_header_that_cannot_be_sent_is_refused_by_its_name(
    #[case] kind: CredentialKind,
    #[case] name: &str,
    #[case] secret: &str,
    #[case] named: &str,
) {
    let server = MockServer::start().await;
    let credential = Credential { secret: Secret::new(secret), ..credential(kind, name, &bound_to(&server)) };
    let request = OutboundRequest::get(&server.uri()).unwrap().credential(credential);
    let error = client_for(&[*server.address()]).send(request).await.unwrap_err();
    assert!(error.to_string().contains(&format!("`{named}`")) && !error.to_string().contains("s3cret"), "{error}");
    assert_eq!(error.sent(), Sent::No);
    assert!(requests(&server).await.is_empty());
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
