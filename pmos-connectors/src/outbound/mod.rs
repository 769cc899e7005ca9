//! The one guarded HTTP client.
//!
//! PMOS sends requests to addresses that its users choose: the `http` step of a flow, the base URL of an
//! engine, an MCP server, an OAuth discovery document. Such an address may point at the machine PMOS runs
//! on, at its neighbours, or at the metadata service of the cloud it lives in. Everything user-influenced
//! therefore leaves through [`Outbound`], and nothing else in this workspace may build an HTTP client.
//!
//! ```no_run
//! use pmos_connectors::outbound::{Outbound, OutboundRequest};
//! use pmos_core::vault::{Credential, CredentialKind, Secret};
//!
//! # async fn example(secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
//! let outbound = Outbound::builder().allow("127.0.0.1:9000, n8n.internal:5678".parse()?).build()?;
//!
//! let hosts = vec!["api.example.com".parse()?];
//! let token = Credential { kind: CredentialKind::Bearer, name: String::new(), secret, hosts };
//! let request = OutboundRequest::post("https://api.example.com/orders")?
//!     .json(&serde_json::json!({ "qty": 4 }))
//!     .credential(token);
//! let response = outbound.send(request).await?;
//! println!("{} with {} bytes", response.status, response.body.len());
//! # Ok(())
//! # }
//! ```
//!
//! # What is refused
//!
//! | what | why |
//! |---|---|
//! | any scheme but `http` and `https` | `file:`, `gopher:` and friends reach other services |
//! | a user name or password in the URL | hides the real host from the reader, and is a secret in the open |
//! | a host name that ends with a dot | a second spelling of the same host slips past comparisons |
//! | `localhost` and its relatives | they name this machine on every machine |
//! | every address of this machine, of private, shared, link-local, reserved and multicast networks, and the IPv6 forms that carry one ([`Network`]) | they are the inside |
//! | ports below 1024 except 80 and 443, and the usual ports of databases, queues and cluster control above | no public web API is served there; an HTTP request to them is an attack |
//!
//! The host of a URL is read by the `url` crate exactly as browsers do, so `0x7f.1`, `2130706433`,
//! `127.0.0.1` in full-width digits and the like are plain `127.0.0.1` before anything is compared.
//!
//! An operator who needs the inside names exact `host:port` pairs ([`AllowedHosts`]). Such a pair skips the
//! name, network and port rules and nothing else; the same host with another port stays refused.
//!
//! # The checked address is the connected address
//!
//! A name that resolves to a public address when it is checked and to `127.0.0.1` when it is connected
//! (rebinding) is harmless here because there is no second look-up: the check sits **inside** the resolver
//! that the connector calls, and the connector connects to what it returns. One refused address in an
//! answer refuses the whole name. Connections are pooled, and the pool stays safe: it is keyed by scheme,
//! host and port, every connection in it was opened through the check, and allow-listed targets live in a
//! pool of their own. Proxies of the environment are ignored, since a proxy would look names up by itself.
//!
//! # Redirects
//!
//! At most three are followed, by this module and not by the HTTP library: every hop passes the same
//! checks. 301, 302 and 303 become `GET` without a body, 307 and 308 repeat the request. When a redirect
//! leaves the origin (scheme, host and port), the credential stays behind for good, and with it every
//! header that may hold one: only `accept`, `accept-language`, `content-type` and `user-agent` travel on.
//!
//! # Credentials
//!
//! A [`Credential`](pmos_core::vault::Credential) carries the hosts it may be sent to. A request to any other host fails before anything
//! leaves. Secret values are in no error, no `Debug` text and not in the URL of the response. Nothing is
//! ever expanded inside a URL or a header: `{{ env.KEY }}` or `$KEY` is sent as the text it is.
//!
//! # Traces
//!
//! With the feature `otel`, a call that belongs to a trace says so in `traceparent`, but only to pairs that the operator
//! named, and never in place of a header that the request has already. `tracestate` is not passed on.
//!
//! # Limits
//!
//! | limit | default |
//! |---|---|
//! | looking up, connecting and the TLS handshake | 3 s |
//! | the whole call with all redirects and the body | 30 s; per request up to 120 s |
//! | response body, message of a socket | 8 MiB; per request as the caller says |
//! | request body | 8 MiB |
//! | redirects | 3 |
//! | URL | 8 KiB |
//!
//! A body that comes packed though none was asked for is unpacked, and the limit holds for what it unpacks to: a small
//! answer cannot unfold into a large one.
//!
//! # Errors
//!
//! [`OutboundError`] has a closed set of kinds, each with a plain sentence that can be shown to users: no
//! upstream text, no resolved address. [`OutboundError::sent`] says whether the request may have left,
//! which decides whether it is safe to repeat.

mod allowed;
mod body;
mod builder;
mod client;
mod credential;
mod echo;
mod error;
mod guard;
mod network;
mod redirect;
mod request;
mod resolver;
mod response;
mod socket;
mod trace;
mod wire;

pub use allowed::AllowedHosts;
pub use builder::{OutboundBuildError, OutboundBuilder};
pub use client::Outbound;
pub(crate) use echo::Echo;
pub use error::{ErrorKind, OutboundError, Refusal, Sent};
pub use network::Network;
pub use request::OutboundRequest;
pub use resolver::{Resolver, SystemResolver};
pub use response::{OutboundResponse, OutboundStream};
pub use socket::OutboundSocket;

pub use http::{HeaderMap, Method, StatusCode};
pub use url::Url;
