//! What a name resolves to, and that the checked address is the connected one.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use pmos_connectors::outbound::{AllowedHosts, ErrorKind, Network, Outbound, Refusal, Resolver, Sent, SystemResolver};
use rstest::rstest;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{Names, Sink, client, get};

/// Of the public internet, where what is sent is thrown away (AS112, RFC 7535).
const PUBLIC_V4: &str = "192.31.196.1";
const PUBLIC_V6: &str = "2001:4:112::1";

#[rstest]
#[case(&["127.0.0.1"], Network::ThisMachine)]
#[case(&["0.0.0.0"], Network::ThisMachine)]
#[case(&["::1"], Network::ThisMachine)]
#[case(&["::ffff:127.0.0.1"], Network::ThisMachine)]
#[case(&["10.0.0.1"], Network::Private)]
#[case(&["fd00::1"], Network::Private)]
#[case(&["169.254.169.254"], Network::LinkLocal)]
#[case(&["64:ff9b::a9fe:a9fe"], Network::LinkLocal)]
#[case(&["100.64.0.1"], Network::Shared)]
#[case(&["198.18.0.1"], Network::Reserved)]
#[case(&["ff02::1"], Network::Multicast)]
// One address of the inside is enough, wherever it stands in the answer.
#[case(&[PUBLIC_V4, "127.0.0.1"], Network::ThisMachine)]
#[case(&["127.0.0.1", PUBLIC_V4], Network::ThisMachine)]
#[case(&[PUBLIC_V4, "::1"], Network::ThisMachine)]
#[case(&["::1", PUBLIC_V4], Network::ThisMachine)]
#[case(&[PUBLIC_V6, "127.0.0.1"], Network::ThisMachine)]
#[case(&["127.0.0.1", PUBLIC_V6], Network::ThisMachine)]
#[case(&[PUBLIC_V6, PUBLIC_V4, "10.0.0.1"], Network::Private)]
#[tokio::test]
async fn a_name_with_an_inside_address_is_refused(#[case] addresses: &[&str], #[case] network: Network) {
    let sink = Sink::open().await;
    let names = Names::all(addresses);
    let client = client(&names).build().unwrap();
    let error = get(&client, &format!("http://target.example:{}/", sink.port())).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Denied(Refusal::Network(network)));
    assert_eq!(error.sent(), Sent::No);
    assert_eq!(names.looked_up(), ["target.example"]);
    sink.assert_untouched().await;
}

#[tokio::test]
async fn a_name_that_turns_from_public_to_inside_is_looked_up_once_per_connection() {
    let sink = Sink::open().await;
    let names = Names::default().then("rebind.example", &[PUBLIC_V4]).then("rebind.example", &["127.0.0.1"]);
    let client = client(&names).build().unwrap();
    let url = format!("http://rebind.example:{}/", sink.port());

    // A second look-up before connecting would have got the inside address and met the listener.
    let first = get(&client, &url).await.unwrap_err();
    assert!(matches!(first.kind(), ErrorKind::Connect | ErrorKind::Timeout { .. }), "{first}");
    assert_eq!(names.looked_up().len(), 1);

    let second = get(&client, &url).await.unwrap_err();
    assert_eq!(*second.kind(), ErrorKind::Denied(Refusal::Network(Network::ThisMachine)));
    assert_eq!(names.looked_up().len(), 2);
    sink.assert_untouched().await;
}

#[tokio::test]
async fn a_name_that_turns_from_inside_to_public_is_refused_first() {
    let names = Names::default().then("rebind.example", &["10.0.0.1"]).then("rebind.example", &[PUBLIC_V4]);
    let client = client(&names).build().unwrap();
    let first = get(&client, "http://rebind.example/").await.unwrap_err();
    assert_eq!(*first.kind(), ErrorKind::Denied(Refusal::Network(Network::Private)));
    assert_eq!(names.looked_up().len(), 1);
}

#[tokio::test]
async fn an_allowed_name_is_reached_with_its_port_and_with_no_other() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let sink = Sink::open().await;
    let names = Names::all(&["127.0.0.1"]);
    let allowed = AllowedHosts::parse([format!("n8n.internal:{}", server.address().port())]).unwrap();
    let client = client(&names).allow(allowed).build().unwrap();

    let response = get(&client, &format!("http://n8n.internal:{}/", server.address().port())).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(names.looked_up(), ["n8n.internal"]);

    let other_targets = [
        format!("http://n8n.internal:{}/", sink.port()),
        format!("http://other.internal:{}/", server.address().port()),
        format!("http://127.0.0.1:{}/", server.address().port()),
        format!("http://127.0.0.1:{}/", sink.port()),
    ];
    for url in other_targets {
        let error = get(&client, &url).await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Denied(Refusal::Network(Network::ThisMachine)), "{url}");
    }
    sink.assert_untouched().await;
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_allowed_name_does_not_lead_to_the_metadata_of_a_cloud() {
    for target in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"] {
        let allowed = AllowedHosts::parse(["n8n.internal:80"]).unwrap();
        let client = client(&Names::all(&["10.0.0.1", target])).allow(allowed).build().unwrap();
        let error = get(&client, "http://n8n.internal/").await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Denied(Refusal::Network(Network::LinkLocal)), "{target}");
    }
}

#[tokio::test]
async fn a_kept_connection_is_used_again_without_another_look_up() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string("ok")).mount(&server).await;
    // The second look-up would fail: there is only one answer.
    let names = Names::default().then("n8n.internal", &["127.0.0.1"]);
    let target = format!("n8n.internal:{}", server.address().port());
    let client = client(&names).allow(AllowedHosts::parse([&target]).unwrap()).build().unwrap();
    for _ in 0..3 {
        assert_eq!(get(&client, &format!("http://{target}/")).await.unwrap().body, "ok");
    }
    assert_eq!(names.looked_up().len(), 1);
}

#[tokio::test]
async fn a_name_without_addresses_is_not_found() {
    for names in [Names::default(), Names::all(&[])] {
        let client = client(&names).build().unwrap();
        let error = get(&client, "https://nowhere.example/").await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (&ErrorKind::Dns, Sent::No));
        assert_eq!(
            error.to_string(),
            "nowhere.example: the host could not be found, or is in a network that may not be reached from here; check its spelling"
        );
    }
}

#[tokio::test]
async fn a_look_alike_is_looked_up_in_its_encoded_form() {
    let names = Names::default();
    let client = client(&names).build().unwrap();
    get(&client, "https://аpple.example/").await.unwrap_err();
    assert_eq!(names.looked_up(), ["xn--pple-43d.example"]);
}

#[tokio::test]
async fn a_name_server_that_never_answers_ends_with_the_time_to_connect() {
    #[derive(Debug)]
    struct Silent;
    #[async_trait]
    impl Resolver for Silent {
        async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            std::future::pending().await
        }
    }
    let after = Duration::from_millis(50);
    let client = Outbound::builder().resolver(Silent).connect_timeout(after).build().unwrap();
    let error = get(&client, "https://slow.example/").await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout { after }, Sent::No));
    assert!(error.is_temporary());
}

#[tokio::test]
async fn the_system_resolver_finds_this_machine() {
    let addresses = SystemResolver::default().resolve("localhost").await.unwrap();
    assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
}
