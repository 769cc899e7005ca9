//! Every way to write an address of the inside.

use pmos_connectors::outbound::{AllowedHosts, ErrorKind, Network, Refusal};

use crate::support::{Names, Sink, client, get};

/// `{p}` is the port of a listener on `127.0.0.1` and `::1` that must not be reached. Every name resolves
/// to these two addresses.
const THIS_MACHINE: &[&str] = &[
    "http://127.0.0.1:{p}/",
    "https://127.0.0.1:{p}/",
    "HTTP://127.0.0.1:{p}",
    "http:/127.0.0.1:{p}/",
    "http:127.0.0.1:{p}/",
    "http:///127.0.0.1:{p}/",
    "http:////127.0.0.1:{p}/",
    "http:\\\\127.0.0.1:{p}\\",
    "  http://127.0.0.1:{p}/  ",
    "ht\ntp://127.0.0.1:{p}/",
    "http://127.0\t.0.1:{p}/",
    "http://127.0.0.1\r\n:{p}/",
    "http://127.0.0.1.:{p}/",
    "http://127.0.0.2:{p}/",
    "http://127.127.127.127:{p}/",
    "http://127.255.255.254:{p}/",
    "http://127.1:{p}/",
    "http://127.1.:{p}/",
    "http://127.0.1:{p}/",
    "http://127.65534:{p}/",
    "http://0177.0.0.1:{p}/",
    "http://0177.00.000.0001:{p}/",
    "http://00000000177.1:{p}/",
    "http://0177.0x0.0.1:{p}/",
    "http://017700000001:{p}/",
    "http://0x7f.0.0.1:{p}/",
    "http://0x7f.1:{p}/",
    "http://0X7F.0X0.0X0.0X1:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x7F.0x000001:{p}/",
    "http://0x000000000000007f000001:{p}/",
    "http://2130706433:{p}/",
    "http://2130706434:{p}/",
    "http://%31%32%37.0.0.1:{p}/",
    "http://127%2e0%2e0%2e1:{p}/",
    "http://%31%32%37%2E%30%2E%30%2E%31:{p}/",
    "http://%32130706433:{p}/",
    "http://127。0。0。1:{p}/",
    "http://127．0．0．1:{p}/",
    "http://127｡0｡0｡1:{p}/",
    "http://１２７.０.０.１:{p}/",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:{p}/",
    "http://𝟘x7f.1:{p}/",
    "http://¹²⁷.⁰.⁰.¹:{p}/",
    "http://127.0.0.\u{ad}1:{p}/",
    "http://12\u{200b}7.0.0.1:{p}/",
    "http://0:{p}/",
    "http://0.0.0.0:{p}/",
    "http://0.0:{p}/",
    "http://0x0:{p}/",
    "http://00000000:{p}/",
    "http://0.0.0.1:{p}/",
    "http://0.255.255.255:{p}/",
    "http://[::1]:{p}/",
    "http://[::0001]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{p}/",
    "http://[::]:{p}/",
    "http://[0:0:0:0:0:0:0:0]:{p}/",
    "http://[::0.0.0.1]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[::7f00:1]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::FFFF:7F00:1]:{p}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/",
    "http://[::ffff:0.0.0.0]:{p}/",
    "http://[::ffff:0:127.0.0.1]:{p}/",
    "http://[64:ff9b::127.0.0.1]:{p}/",
    "http://[64:ff9b::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[2002:7f00:0001::1]:{p}/",
    "http://[2001:0:7f00:1::]:{p}/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:{p}/",
    "http://@127.0.0.1:{p}/",
    "http://127.0.0.1:{p}\\@example.com/",
    "http://127.0.0.1:{p}/@example.com/",
    "http://127.0.0.1:{p}#@example.com/",
    "http://127.0.0.1:{p}?@example.com/",
    // Names, which the check behind the look-up refuses.
    "http://example.com:{p}/",
    "https://example.com:{p}/",
    "http://127.0.0.1.nip.example:{p}/",
    "http://inside:{p}/",
    "http://EXAMPLE.com:{p}/",
    "http://exаmple.com:{p}/",
    "http://xn--exmple-4nf.com:{p}/",
    "http://example。com:{p}/",
    "http://ex%61mple.com:{p}/",
    "http://a_b.example:{p}/",
    "http://example.com:{p}\\@127.0.0.1/",
    "http://example.com:{p}#@127.0.0.1/",
    "http://metadata.google.internal:{p}/",
];

const PRIVATE: &[&str] = &[
    "http://10.0.0.1/",
    "http://10.1/",
    "http://012.0.0.1/",
    "http://0xa.0.0.1/",
    "http://167772161/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://0xac100001/",
    "http://192.168.0.1/",
    "http://192.168.1/",
    "http://0300.0250.0.1/",
    "http://3232235521/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[fec0::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:c0a8:1]/",
    "http://[::192.168.0.1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:a00:1::]/",
    "http://[2002:c0a8:1::1]/",
];

const LINK_LOCAL: &[&str] = &[
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254:80/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://169.16689662/",
    "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[2001:0:a9fe:a9fe::]/",
];

const SHARED: &[&str] = &["http://100.64.0.1/", "http://100.127.255.255/", "http://[::ffff:100.64.0.1]/"];

const RESERVED: &[&str] = &[
    "http://192.0.0.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://0xffffffff/",
    "http://[64:ff9b::255.255.255.255]/",
];

const MULTICAST: &[&str] =
    &["http://224.0.0.1/", "http://239.255.255.250:1900/", "http://[ff02::1]/", "http://[::ffff:224.0.0.1]/"];

const LOCAL_NAMES: &[&str] = &[
    "http://localhost:{p}/",
    "http://LOCALHOST:{p}/",
    "http://LocalHost:{p}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/",
    "http://ｌｏｃａｌｈｏｓｔ:{p}/",
    "http://loc%61lhost:{p}/",
    "http://local\u{ad}host:{p}/",
    "http://api.localhost:{p}/",
    "http://localhost.localdomain:{p}/",
    "http://host.localdomain:{p}/",
    "http://localhost6:{p}/",
    "http://ip6-localhost:{p}/",
    "http://ip6-loopback:{p}/",
];

const TRAILING_DOTS: &[&str] = &[
    "http://localhost.:{p}/",
    "http://localhost。:{p}/",
    "http://localhost%2e:{p}/",
    "http://example.com.:{p}/",
    "http://127.0.0.1.nip.example.:{p}/",
];

const USER_INFO: &[&str] = &[
    "http://user@127.0.0.1:{p}/",
    "http://user:password@127.0.0.1:{p}/",
    "http://:password@127.0.0.1:{p}/",
    "http://example.com@127.0.0.1:{p}/",
    "http://example.com:80@127.0.0.1:{p}/",
    "http://127.0.0.1:{p}@example.com/",
    "http://example.com%2f@127.0.0.1:{p}/",
    "http://a@b@127.0.0.1:{p}/",
    "http://example.com;@127.0.0.1:{p}/",
];

const SCHEMES: &[&str] = &[
    "ftp://127.0.0.1:{p}/",
    "gopher://127.0.0.1:{p}/_GET",
    "dict://127.0.0.1:{p}/",
    "ldap://127.0.0.1:{p}/",
    "ws://127.0.0.1:{p}/",
    "wss://127.0.0.1:{p}/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "jar:http://127.0.0.1:{p}/!/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "localhost:{p}",
    "httpx://127.0.0.1:{p}/",
];

const UNREADABLE: &[&str] = &[
    "",
    "127.0.0.1:{p}",
    "//127.0.0.1:{p}/",
    "/etc/passwd",
    "http://",
    "http://:{p}/",
    "http://[::1",
    "http://[::1]x:{p}/",
    "http://[::1%25lo]:{p}/",
    "http://[fe80::1%eth0]/",
    "http://%5B::1%5D:{p}/",
    "http://1.2.3.4.5/",
    "http://127.0.0.256:{p}/",
    "http://0x100000000/",
    "http://4294967296/",
    "http://127.0.0.1:{p}:80/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1 .example.com/",
    "http://exa mple.com/",
    "http://exa%00mple.com/",
    "http://example.com%40127.0.0.1:{p}/",
    "http://example.com%3a80%40127.0.0.1/",
    "http://[::ffff:127.0.0.256]/",
    "http://[:::1]/",
];

#[tokio::test]
async fn no_way_to_write_an_inside_address_reaches_it() {
    let sink = Sink::open().await;
    let client = client(&Names::all(&["127.0.0.1", "::1"])).build().unwrap();
    let network = |network| ErrorKind::Denied(Refusal::Network(network));
    let table = [
        (THIS_MACHINE, network(Network::ThisMachine)),
        (PRIVATE, network(Network::Private)),
        (LINK_LOCAL, network(Network::LinkLocal)),
        (SHARED, network(Network::Shared)),
        (RESERVED, network(Network::Reserved)),
        (MULTICAST, network(Network::Multicast)),
        (LOCAL_NAMES, ErrorKind::Denied(Refusal::LocalName)),
        (TRAILING_DOTS, ErrorKind::Denied(Refusal::TrailingDot)),
        (USER_INFO, ErrorKind::Denied(Refusal::UserInfo)),
        (SCHEMES, ErrorKind::Denied(Refusal::Scheme)),
    ];
    let mut wrong = Vec::new();
    for (urls, expected) in &table {
        for url in *urls {
            let url = url.replace("{p}", &sink.port().to_string());
            match get(&client, &url).await {
                Err(error) if error.kind() == expected => {}
                other => wrong.push(format!("{url:?}: {other:?}, not {expected:?}")),
            }
        }
    }
    for url in UNREADABLE {
        let url = url.replace("{p}", &sink.port().to_string());
        match get(&client, &url).await {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidUrl(_)) => {}
            other => wrong.push(format!("{url:?}: {other:?}, not an invalid URL")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    sink.assert_untouched().await;

    let forms = table.iter().map(|(urls, _)| urls.len()).sum::<usize>() + UNREADABLE.len();
    assert!(forms >= 120, "only {forms} forms are left in the table");
}

#[tokio::test]
async fn the_same_listener_is_reached_when_the_operator_allows_it() {
    let sink = Sink::open().await;
    let allowed = AllowedHosts::parse([sink.address().to_string()]).unwrap();
    let client = client(&Names::default()).allow(allowed).build().unwrap();
    let url = format!("http://0x7f.1:{}/path", sink.port());
    let bytes = tokio::select! {
        bytes = sink.first_bytes() => bytes,
        answer = get(&client, &url) => panic!("the listener never answers, yet: {answer:?}"),
    };
    assert!(bytes.starts_with(b"GET /path HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_refusal_says_the_rule_and_nothing_of_the_network_behind_a_name() {
    let client = client(&Names::all(&["10.11.12.13"])).build().unwrap();
    let error = get(&client, "https://wiki.example.com/?token=s3cret").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "wiki.example.com: the host could not be found, or is in a network that may not be reached from here; check its \
         spelling"
    );
    assert!(!format!("{error:?}").contains("10.11"));
}
