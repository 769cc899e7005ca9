//! What adapters of remote engines share: the way from a call to an answer or a fault, and what must be true of both
//! whatever engine it is.
//!
//! | file | what it holds |
//! |---|---|
//! | `protocol` | [`Protocol`]: what an adapter says of its engine; everything else is generic over it |
//! | `endpoint` | [`Endpoint`], and the macro `endpoints!` that makes the one list of what an adapter may call |
//! | `call`, `client` | [`Call`] and [`Client`]: repetitions with a budget, within one time limit, past a breaker per server |
//! | `breaker` | leaves a server alone that fails or hangs |
//! | `answer`, `fault` | [`Answer`] and [`Fault`]: what came back, or why nothing did, and the sentence for it |
//! | `token` | [`TokenCache`]: sessions that are opened once for several callers |
//! | `pages` | [`pages`]: lists that come in parts |
//! | `ownership` | [`Ownership`]: whose an object is that a server gave |
//! | `cleaning` | [`Cleaning`]: values of runs without secrets, stack traces and paths of the server |
//! | `sealed` | the form in which the secrets of a tenancy are sealed |
//! | `account`, `config`, `site` | who signs in, which servers there are, and the one form of a server's address |
//!
//! # What holds for every call
//!
//! - Only what an adapter lists can be called, and an id never leads to another endpoint.
//! - Reads are repeated, and of writes those that never left PMOS. Repetitions are a tenth of all calls at most, with
//!   jitter, and wait as long as the server says.
//! - A server that fails or hangs four times is left alone for 2 to 15 seconds and then tried by one call.
//! - Servers of the operator are reached at exactly their address; an address that a workspace brought passes the guard
//!   of [`outbound`](crate::outbound). Redirects are not followed.
//! - What a server said is for the adapter and the log. People read one of a closed set of sentences.

mod account;
mod answer;
mod breaker;
mod call;
mod cleaning;
mod client;
mod config;
mod endpoint;
mod fault;
mod ownership;
mod pages;
mod protocol;
pub mod sealed;
mod site;
mod token;

pub use account::{Account, new_password};
pub use answer::{Answer, Content, Received};
pub use call::{Auth, Call};
pub use cleaning::Cleaning;
pub use client::{Arriving, Client};
pub use config::{Instance, Limits};
pub(crate) use endpoint::endpoints;
pub use endpoint::{Endpoint, Verb};
pub use fault::{Fault, FaultKind};
pub use ownership::Ownership;
pub use pages::pages;
pub use protocol::{Protocol, Verdict};
pub use site::Site;
pub use token::TokenCache;
