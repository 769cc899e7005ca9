//! What can go wrong, as a closed set of kinds with sentences for people.

use std::fmt;
use std::time::Duration;

use pmos_core::content::Unread;

use super::network::Network;

/// One text for both: which names there are inside, and in which kind of network, is not told to those who ask.
const NOT_TO_BE_REACHED: &str =
    "the host could not be found, or is in a network that may not be reached from here; check its spelling";

/// Why a request gave no response.
///
/// The text can be shown to users as it is. It names the host they typed and nothing that came from
/// upstream: no resolved address, no target of a redirect, no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundError {
    kind: ErrorKind,
    host: Option<String>,
    redirected: bool,
    sent: Sent,
}

/// Whether a request that failed may have reached anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// Nothing of the request left PMOS; repeating it cannot cause anything twice.
    No,
    /// The request, or the one that was redirected, may have been received and acted on.
    Maybe,
}

/// The closed set of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The URL cannot be read.
    #[error("the URL is not valid: {0}")]
    InvalidUrl(&'static str),
    /// A part of the request cannot be sent as it is.
    #[error("`{field}` {problem}")]
    InvalidRequest {
        /// The part: `method`, or the name of a header.
        field: String,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// The guard does not let requests go there.
    #[error("{0}")]
    Denied(Refusal),
    /// The credential is bound to other hosts.
    #[error("the credential may not be sent to this host and port; add them to the connection or use another one")]
    CredentialNotForHost,
    /// The body of the request is larger than the limit.
    #[error("the request body is larger than the {limit} bytes allowed")]
    RequestTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The host name has no address, or the name servers did not answer.
    #[error("{NOT_TO_BE_REACHED}")]
    Dns,
    /// No connections are accepted there.
    #[error("the connection could not be made")]
    Connect,
    /// The time was over before the whole answer had come.
    #[error("there was no complete answer within {} seconds", .after.as_secs_f64())]
    Timeout {
        /// The time that was given.
        after: Duration,
    },
    /// The other side has no valid certificate for this host, or does not speak TLS.
    #[error("a secure connection could not be made; its certificate may be wrong or it may not speak TLS")]
    Tls,
    /// The body of the response is larger than the limit.
    #[error("the answer is larger than the {limit} bytes allowed")]
    ResponseTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body of the response is packed in a way that is not known, or not packed as it says.
    #[error("the answer cannot be read: {0}")]
    Unreadable(Unread),
    /// The answer was one redirect after another.
    #[error("the answer was redirected more than {limit} times")]
    TooManyRedirects {
        /// The number of redirects that are followed.
        limit: usize,
    },
    /// The other side broke off, or its answer is not proper HTTP.
    #[error("the answer broke off or was not proper HTTP")]
    Protocol,
}

/// The rule that refused an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("requests to this address are not allowed: only http and https can be used")]
    Scheme,
    /// A user name or password before the host.
    #[error(
        "requests to this address are not allowed: the URL carries a user name or password; store them as a connection instead"
    )]
    UserInfo,
    /// The host name ends with a dot.
    #[error("requests to this address are not allowed: the host name ends with a dot; write it without")]
    TrailingDot,
    /// `localhost` or a relative of it.
    #[error("requests to this address are not allowed: the host name means {}", Network::ThisMachine)]
    LocalName,
    /// A port of another service.
    #[error("requests to this address are not allowed: port {0} is not one of a web service")]
    Port(u16),
    /// An address of the inside, written in the URL or behind the name.
    #[error("{NOT_TO_BE_REACHED}")]
    Network(Network),
}

impl OutboundError {
    /// A fault that is found before a host is known.
    pub(super) fn unsent(kind: ErrorKind) -> Self {
        Self { kind, host: None, redirected: false, sent: Sent::No }
    }

    pub(super) fn new(kind: ErrorKind, host: Option<&str>, redirected: bool, sent: Sent) -> Self {
        Self { kind, host: host.map(str::to_owned), redirected, sent }
    }

    /// Which fault it is.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the request may have been received: with [`Sent::No`] it is safe to repeat.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind, ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Timeout { .. } | ErrorKind::Protocol)
    }

    /// A stable name of the kind, for runs, metrics and pages about errors.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::InvalidUrl(_) => "invalid_url",
            ErrorKind::InvalidRequest { .. } => "invalid_request",
            ErrorKind::Denied(_) => "denied",
            ErrorKind::CredentialNotForHost => "credential_not_for_host",
            ErrorKind::RequestTooLarge { .. } => "request_too_large",
            ErrorKind::Dns => "dns",
            ErrorKind::Connect => "connect",
            ErrorKind::Timeout { .. } => "timeout",
            ErrorKind::Tls => "tls",
            ErrorKind::ResponseTooLarge { .. } => "response_too_large",
            ErrorKind::Unreadable(_) => "unreadable",
            ErrorKind::TooManyRedirects { .. } => "too_many_redirects",
            ErrorKind::Protocol => "protocol",
        }
    }
}

impl fmt::Display for OutboundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.host {
            let redirected = if self.redirected { ", after a redirect" } else { "" };
            write!(f, "{host}{redirected}: ")?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for OutboundError {}
