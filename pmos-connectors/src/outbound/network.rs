//! Which addresses belong to the inside.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// A kind of network that user-chosen requests must not reach, in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    /// `127.0.0.0/8`, `0.0.0.0/8`, `::1`, `::`: the machine that sends the request.
    ThisMachine,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, `fc00::/7`, `fec0::/10` and locally used NAT64.
    Private,
    /// `100.64.0.0/10`: between a provider and its customers.
    Shared,
    /// `169.254.0.0/16`, `fe80::/10`: the local wire, and the metadata services of clouds.
    LinkLocal,
    /// What the IANA registries of special-purpose addresses set aside: protocols, documentation, benchmarks, discard,
    /// future use, broadcast.
    Reserved,
    /// `224.0.0.0/4`, `ff00::/8`: many receivers at once.
    Multicast,
}

const V4: [(Ipv4Net, Network); 15] = [
    (v4([0, 0, 0, 0], 8), Network::ThisMachine),
    (v4([10, 0, 0, 0], 8), Network::Private),
    (v4([100, 64, 0, 0], 10), Network::Shared),
    (v4([127, 0, 0, 0], 8), Network::ThisMachine),
    (v4([169, 254, 0, 0], 16), Network::LinkLocal),
    (v4([172, 16, 0, 0], 12), Network::Private),
    (v4([192, 0, 0, 0], 24), Network::Reserved),
    (v4([192, 0, 2, 0], 24), Network::Reserved),
    (v4([192, 88, 99, 0], 24), Network::Reserved),
    (v4([192, 168, 0, 0], 16), Network::Private),
    (v4([198, 18, 0, 0], 15), Network::Reserved),
    (v4([198, 51, 100, 0], 24), Network::Reserved),
    (v4([203, 0, 113, 0], 24), Network::Reserved),
    (v4([224, 0, 0, 0], 4), Network::Multicast),
    (v4([240, 0, 0, 0], 4), Network::Reserved),
];

const V6: [(Ipv6Net, Network); 13] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), Network::ThisMachine),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), Network::ThisMachine),
    // Local NAT64 translates to whatever the site decided; that is never the public internet.
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Network::Private),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), Network::Reserved),
    (v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28), Network::Reserved),
    (v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28), Network::Reserved),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), Network::Reserved),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), Network::Reserved),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), Network::Reserved),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), Network::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), Network::LinkLocal),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), Network::Private),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), Network::Multicast),
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), prefix)
}

impl Network {
    /// The inside network an address belongs to, or `None` for an address of the public internet.
    ///
    /// An IPv6 address that carries an IPv4 address is judged by both.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => V6
                .iter()
                .find_map(|(net, network)| net.contains(&address).then_some(*network))
                .or_else(|| carried(address).into_iter().flatten().find_map(of_v4)),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Option<Network> {
    V4.iter().find_map(|(net, network)| net.contains(&address).then_some(*network))
}

/// The IPv4 addresses a packet to this IPv6 address may end up at.
fn carried(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let join = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match address.segments() {
        // Compatible ::a.b.c.d, mapped ::ffff:a.b.c.d, translated ::ffff:0:a.b.c.d, NAT64 64:ff9b::a.b.c.d and
        // 6to4 2002:a.b.c.d::.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => [join(high, low), None],
        // Teredo: the server in the clear, the client with every bit turned.
        [0x2001, 0, server_high, server_low, _, _, high, low] => [join(server_high, server_low), join(!high, !low)],
        _ => [None, None],
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThisMachine => "this machine itself",
            Self::Private => "a private network",
            Self::Shared => "a provider's shared network",
            Self::LinkLocal => "a link-local network, where cloud metadata lives",
            Self::Reserved => "a reserved network",
            Self::Multicast => "a multicast network",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("0.0.0.0", Network::ThisMachine)]
    #[case("0.255.255.255", Network::ThisMachine)]
    #[case("10.0.0.0", Network::Private)]
    #[case("10.255.255.255", Network::Private)]
    #[case("100.64.0.0", Network::Shared)]
    #[case("100.127.255.255", Network::Shared)]
    #[case("127.0.0.1", Network::ThisMachine)]
    #[case("127.255.255.255", Network::ThisMachine)]
    #[case("169.254.169.254", Network::LinkLocal)]
    #[case("172.16.0.0", Network::Private)]
    #[case("172.31.255.255", Network::Private)]
    #[case("192.0.0.8", Network::Reserved)]
    #[case("192.0.2.1", Network::Reserved)]
    #[case("192.88.99.1", Network::Reserved)]
    #[case("198.51.100.255", Network::Reserved)]
    #[case("203.0.113.7", Network::Reserved)]
    #[case("100::1", Network::Reserved)]
    #[case("2001:1f::1", Network::Reserved)]
    #[case("2001:2f::1", Network::Reserved)]
    #[case("2001:db8::1", Network::Reserved)]
    #[case("3fff:fff::1", Network::Reserved)]
    #[case("5f00::1", Network::Reserved)]
    #[case("192.168.255.255", Network::Private)]
    #[case("198.18.0.0", Network::Reserved)]
    #[case("198.19.255.255", Network::Reserved)]
    #[case("224.0.0.1", Network::Multicast)]
    #[case("239.255.255.255", Network::Multicast)]
    #[case("240.0.0.1", Network::Reserved)]
    #[case("255.255.255.255", Network::Reserved)]
    #[case("::", Network::ThisMachine)]
    #[case("::1", Network::ThisMachine)]
    #[case("fc00::1", Network::Private)]
    #[case("fdff:ffff::1", Network::Private)]
    #[case("fe80::1", Network::LinkLocal)]
    #[case("febf::1", Network::LinkLocal)]
    #[case("fec0::1", Network::Private)]
    #[case("ff02::1", Network::Multicast)]
    #[case("::ffff:127.0.0.1", Network::ThisMachine)]
    #[case("::127.0.0.1", Network::ThisMachine)]
    #[case("::ffff:0:10.0.0.1", Network::Private)]
    #[case("64:ff9b::a9fe:a9fe", Network::LinkLocal)]
    #[case("64:ff9b:1::808:808", Network::Private)]
    #[case("2002:7f00:1::", Network::ThisMachine)]
    #[case("2002:c0a8:101::1", Network::Private)]
    #[case("2001:0:a00:1::1", Network::Private)]
    #[case("2001:0:4136:e378:8000:63bf:80ff:fffe", Network::ThisMachine)]
    fn an_address_of_the_inside_is_known_as_such(#[case] address: IpAddr, #[case] expected: Network) {
        assert_eq!(Network::of(address), Some(expected));
    }

    #[rstest]
    #[case("1.1.1.1")]
    #[case("8.8.8.8")]
    #[case("9.255.255.255")]
    #[case("11.0.0.0")]
    #[case("100.63.255.255")]
    #[case("100.128.0.0")]
    #[case("126.255.255.255")]
    #[case("128.0.0.0")]
    #[case("169.253.255.255")]
    #[case("169.255.0.0")]
    #[case("172.15.255.255")]
    #[case("172.32.0.0")]
    #[case("192.0.1.0")]
    #[case("192.167.255.255")]
    #[case("192.169.0.0")]
    #[case("198.17.255.255")]
    #[case("198.20.0.0")]
    #[case("223.255.255.255")]
    #[case("2606:4700:4700::1111")]
    #[case("2a00:1450:4001:81b::200e")]
    #[case("64:ff9b::808:808")]
    #[case("::ffff:8.8.8.8")]
    #[case("2002:808:808::1")]
    #[case("2001:0:808:808:0:0:f7f7:f7f7")]
    #[case("2001:4860:4860::8888")]
    fn an_address_of_the_public_internet_is_not_the_inside(#[case] address: IpAddr) {
        assert_eq!(Network::of(address), None);
    }

    proptest! {
        #[test]
        fn an_ipv6_form_is_judged_like_the_ipv4_address_it_carries(bits: u32) {
            let plain = Ipv4Addr::from(bits);
            let [high, low] = [(bits >> 16) as u16, (bits & 0xffff) as u16];
            let forms = [
                Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !0x0808, !0x0808),
                Ipv6Addr::new(0x2001, 0, 0x0808, 0x0808, 0, 0, !high, !low),
            ];
            for form in forms {
                prop_assert_eq!(Network::of(form.into()), Network::of(plain.into()), "{}", form);
            }
        }
    }
}
