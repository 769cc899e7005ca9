//! Values of settings, each with its rules.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::{HeaderName, HeaderValue};
use ipnet::IpNet;
use pmos_connectors::outbound::AllowedHosts;
use pmos_core::vault::Secret;
use pmos_storage::StoreUrl;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tracing_subscriber::EnvFilter;
use url::Url;

/// The address people and webhooks reach us at: `http` or `https`, a host, maybe a port, no path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach us encrypted.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "expected http:// or https:// and a host, without a path, as https://pmos.example.com";
        let url = Url::parse(text).map_err(|_| WANTED)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if plain { Ok(Self(url.origin().ascii_serialization())) } else { Err(WANTED) }
    }
}

/// Where a collector takes OTLP over HTTP, without the path of a signal: `http://127.0.0.1:4318`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorUrl(Url);

impl CollectorUrl {
    /// Where it takes traces.
    pub fn traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }

    /// Its host and port.
    pub fn target(&self) -> String {
        let (host, port) = (self.0.host_str(), self.0.port_or_known_default());
        format!("{}:{}", host.unwrap_or_default(), port.unwrap_or_default())
    }
}

impl Serialize for CollectorUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl FromStr for CollectorUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str =
            "expected http:// or https:// and a host, as http://127.0.0.1:4318; keys go into otlp_headers";
        let url = Url::parse(text).map_err(|_| WANTED)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain { Ok(Self(url)) } else { Err(WANTED) }
    }
}

/// Headers whose values are secret, written as `name=value, name=value`.
#[derive(Debug, Clone, Default)]
pub struct SecretHeaders(Vec<(HeaderName, Secret)>);

impl SecretHeaders {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose()))
    }
}

impl Serialize for SecretHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl FromStr for SecretHeaders {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "expected headers as name=value, separated by commas";
        let header = |entry: &str| {
            let (name, value) = entry.split_once('=').ok_or(WANTED)?;
            let (name, value) = (name.trim().parse().map_err(|_| WANTED)?, value.trim());
            HeaderValue::from_str(value).map_err(|_| WANTED)?;
            Ok((name, Secret::new(value)))
        };
        text.split(',').map(header).collect::<Result<_, _>>().map(Self)
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample(f64);

impl Sample {
    /// The part.
    pub fn ratio(self) -> f64 {
        self.0
    }
}

impl FromStr for Sample {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.map(Self).ok_or("expected a number from 0 to 1")
    }
}

/// Networks, as of trusted proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether an address lies in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = |entry: &str| {
            let address = entry.parse::<IpAddr>().map(IpNet::from);
            entry
                .parse()
                .or(address)
                .map_err(|_| format!("expected addresses or networks as 10.0.0.0/8, found {entry:?}"))
        };
        text.split([',', ' ']).filter(|entry| !entry.is_empty()).map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// What is logged, in the syntax of `tracing-subscriber`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter itself.
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match EnvFilter::try_new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(fault) => Err(format!("expected a filter as info or pmos_core=debug: {fault}")),
        }
    }
}

macro_rules! read_from_text {
    ($($Type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parse(deserializer)
            }
        }

        impl JsonSchema for $Type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($Type).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    )*};
}

read_from_text!(PublicUrl, CollectorUrl, SecretHeaders, Sample, Networks, LogFilter);

/// A text, or what a file may hold in its place: a number, or a list of texts.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text")]
enum Text {
    One(String),
    Number(f64),
    Several(Vec<String>),
}

fn parse<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = match Text::deserialize(deserializer)? {
        Text::One(text) => text,
        Text::Number(number) => number.to_string(),
        Text::Several(texts) => texts.join(","),
    };
    text.parse().map_err(D::Error::custom)
}

pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| D::Error::custom(format!("expected an address with a port as 127.0.0.1:8420, found {text:?}")))
}

pub(super) fn store<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StoreUrl>, D::Error> {
    parse(deserializer).map(Some)
}

pub(super) fn hosts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AllowedHosts, D::Error> {
    parse(deserializer)
}

/// `true` or `false`, as a word or as a text: variables and flags are texts.
pub(super) fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Word(bool),
        Text(String),
    }
    match Given::deserialize(deserializer) {
        Ok(Given::Word(on)) => Ok(on),
        Ok(Given::Text(text)) if matches!(&*text, "true" | "false") => Ok(text == "true"),
        _ => Err(D::Error::custom("expected true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_has_no_path_and_no_slash() {
        assert_eq!("https://pmos.example.com/".parse::<PublicUrl>().unwrap().as_str(), "https://pmos.example.com");
        for text in ["pmos.example.com", "ftp://a", "https://a/b", "https://a/?q", "https://u:p@a"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        let networks: Networks = "10.0.0.0/8, ::1".parse().unwrap();
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "::1"] {
            assert!(networks.contain(inside.parse().unwrap()), "{inside}");
        }
        assert!(!networks.contain("11.0.0.1".parse().unwrap()));
    }
}
