//! What can go wrong with a call, as a closed set, and the sentences people read about it.

use std::{fmt, time::Duration};

use pmos_core::{Error, Kind};

use crate::outbound::{ErrorKind, OutboundError, Sent};

/// Why a call gave nothing. What the server itself said is in here for the adapter to read, and in no text.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::n8n) enum Fault {
    /// The guard does not let requests go there, or the address is none.
    Refused(String),
    /// Nobody answers there.
    Unreachable,
    /// It failed or hung a moment ago and is left alone for this long.
    Resting(Duration),
    /// There was no complete answer in time.
    TimedOut,
    /// The server has begun and cannot work yet.
    Starting,
    /// Too many calls.
    Busy(Option<Duration>),
    /// It does not take the key, the password or the session.
    Denied,
    /// It knows the key, which may not do this.
    Forbidden,
    /// Its licence does not cover this.
    Licence(String),
    /// There is no such object.
    NotFound,
    /// This version has no such endpoint.
    Absent,
    /// The request contradicts the state; with what was said.
    Conflict(String),
    /// The request is not acceptable; with what was said.
    Rejected(String),
    /// The server failed; with what was said.
    Failed(String),
    /// What came is not what n8n answers.
    Garbled,
    /// What came is larger than is taken.
    TooLarge,
}

impl Fault {
    /// Of a request without an answer, and whether it may have been received.
    pub(super) fn of(error: &OutboundError) -> (Self, Sent) {
        let fault = match error.kind() {
            ErrorKind::Denied(_) | ErrorKind::InvalidUrl(_) => Self::Refused(error.kind().to_string()),
            ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Tls => Self::Unreachable,
            ErrorKind::Timeout { .. } if error.sent() == Sent::No => Self::Unreachable,
            ErrorKind::Timeout { .. } => Self::TimedOut,
            ErrorKind::ResponseTooLarge { .. } | ErrorKind::RequestTooLarge { .. } => Self::TooLarge,
            ErrorKind::InvalidRequest { .. } | ErrorKind::CredentialNotForHost => Self::Denied,
            ErrorKind::TooManyRedirects { .. } | ErrorKind::Protocol => Self::Garbled,
        };
        (fault, error.sent())
    }

    /// Whether it says that the server as a whole does not work, so that others need not try.
    pub(super) fn is_of_the_server(&self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Failed(_) | Self::Garbled)
    }

    /// Whether the same call may succeed in a moment.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::TimedOut | Self::Starting | Self::Busy(_) | Self::Failed(_) | Self::Garbled
        )
    }

    /// A short name for logs.
    pub(in crate::n8n) fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unreachable => "unreachable",
            Self::Resting(_) => "resting",
            Self::TimedOut => "timed out",
            Self::Starting => "starting",
            Self::Busy(_) => "busy",
            Self::Denied => "denied",
            Self::Forbidden => "forbidden",
            Self::Licence(_) => "licence",
            Self::NotFound => "not found",
            Self::Absent => "absent",
            Self::Conflict(_) => "conflict",
            Self::Rejected(_) => "rejected",
            Self::Failed(_) => "failed",
            Self::Garbled => "garbled",
            Self::TooLarge => "too large",
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(why) => Error::invalid("base_url", why),
            Fault::Unreachable => unreachable(),
            Fault::Resting(wait) => unreachable().retry_after(wait),
            Fault::TimedOut => Error::new(
                Kind::Upstream,
                "engine_timeout",
                "n8n did not answer in time. It may have done what it was asked; look before you try again.",
            ),
            Fault::Starting => Error::new(
                Kind::Upstream,
                "engine_starting",
                "n8n is starting and cannot work yet. Try again in a few seconds.",
            )
            .retry_after(Duration::from_secs(5)),
            Fault::Busy(wait) => {
                Error::new(Kind::Upstream, "engine_busy", "n8n has too much to do at the moment. Try again shortly.")
                    .retry_after(wait.unwrap_or(Duration::from_secs(5)))
            }
            Fault::Denied => Error::new(
                Kind::Upstream,
                "engine_key_refused",
                "n8n does not take the key of this workspace any more. An admin has to connect n8n again.",
            ),
            Fault::Forbidden => Error::new(
                Kind::Upstream,
                "engine_forbidden",
                "The key of this workspace may not do this at n8n. An admin has to give the key the missing scopes, or connect n8n with another key.",
            ),
            Fault::Licence(_) => {
                Error::new(Kind::Upstream, "engine_licence", "The licence of this n8n does not cover this.")
            }
            Fault::NotFound => Error::not_found(),
            Fault::Absent => Error::unsupported("this version of n8n does not have it"),
            Fault::Conflict(_) => Error::conflict(
                "conflict",
                "It contradicts how things stand at n8n now. Look at it again, then repeat it.",
            ),
            Fault::Rejected(_) => Error::new(Kind::Upstream, "engine_rejected", "n8n does not accept this as it is."),
            Fault::Failed(_) => Error::new(
                Kind::Upstream,
                "engine_failed",
                "n8n failed while it was doing this. Try again; if it stays, whoever runs n8n finds the cause in its log.",
            ),
            Fault::Garbled => Error::new(
                Kind::Upstream,
                "engine_garbled",
                "What came back is not an answer of n8n. Check that the address is the one of n8n itself.",
            ),
            Fault::TooLarge => Error::new(
                Kind::Upstream,
                "engine_too_large",
                "This is larger than can be taken over from n8n or sent to it.",
            ),
        }
    }
}

fn unreachable() -> Error {
    Error::new(
        Kind::Upstream,
        "engine_unreachable",
        "n8n does not answer. What is stored there is safe; try again shortly.",
    )
}
