//! What can go wrong with a call, as a closed set, and the sentences people read about it.

use std::{fmt, marker::PhantomData, time::Duration};

use pmos_core::{Error, Kind};

use super::{Endpoint, Protocol};
use crate::outbound::{ErrorKind, OutboundError, Sent};

/// Why a call gave nothing. What the server itself said is in here for the adapter to read, and in no text for people.
#[derive(Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The guard does not let requests go there, or the address is none.
    Refused(String),
    /// Nothing answers there.
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
    /// What came is not what the engine answers.
    Garbled,
    /// What came is larger than is taken.
    TooLarge,
}

impl FaultKind {
    /// Of a request without an answer, and whether it may have been received.
    pub(super) fn of(error: &OutboundError) -> (Self, Sent) {
        let fault = match error.kind() {
            ErrorKind::Denied(_) | ErrorKind::InvalidUrl(_) => Self::Refused(error.kind().to_string()),
            ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Tls => Self::Unreachable,
            ErrorKind::Timeout { .. } if error.sent() == Sent::No => Self::Unreachable,
            ErrorKind::Timeout { .. } => Self::TimedOut,
            ErrorKind::ResponseTooLarge { .. } | ErrorKind::RequestTooLarge { .. } => Self::TooLarge,
            ErrorKind::InvalidRequest { .. } | ErrorKind::CredentialNotForHost => Self::Denied,
            ErrorKind::TooManyRedirects { .. } | ErrorKind::Protocol | ErrorKind::Unreadable(_) => Self::Garbled,
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

    /// Whether the server understood the call and did nothing.
    pub(super) fn did_nothing(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Starting)
    }

    /// A short name for logs.
    pub fn name(&self) -> &'static str {
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

    /// The error that people read, about the engine that they call `title`.
    fn error(self, title: &str) -> Error {
        let unreachable = || {
            let sentence = format!("{title} does not answer. What is stored there is safe; try again shortly.");
            Error::new(Kind::Upstream, "engine_unreachable", sentence)
        };
        match self {
            Self::Refused(why) => Error::invalid("base_url", why),
            Self::Unreachable => unreachable(),
            Self::Resting(wait) => unreachable().retry_after(wait),
            Self::TimedOut => Error::new(
                Kind::Upstream,
                "engine_timeout",
                format!(
                    "{title} did not answer in time. It may have done what it was asked; look before you try again."
                ),
            ),
            Self::Starting => Error::new(
                Kind::Upstream,
                "engine_starting",
                format!("{title} is starting and cannot work yet. Try again in a few seconds."),
            )
            .retry_after(Duration::from_secs(5)),
            Self::Busy(wait) => Error::new(
                Kind::Upstream,
                "engine_busy",
                format!("{title} has too much to do at the moment. Try again shortly."),
            )
            .retry_after(wait.unwrap_or(Duration::from_secs(5))),
            Self::Denied => Error::new(
                Kind::Upstream,
                "engine_key_refused",
                format!(
                    "{title} does not take the key of this workspace any more. An admin has to connect {title} again."
                ),
            ),
            Self::Forbidden => Error::new(
                Kind::Upstream,
                "engine_forbidden",
                format!(
                    "The key of this workspace may not do this at {title}. An admin has to give the key the missing \
                     scopes, or connect {title} with another key."
                ),
            ),
            Self::Licence(_) => Error::new(
                Kind::Upstream,
                "engine_licence",
                format!("The licence of this {title} does not cover this."),
            ),
            Self::NotFound => Error::not_found(),
            Self::Absent => Error::unsupported(&format!("this version of {title} does not have it")),
            Self::Conflict(_) => Error::conflict(
                "conflict",
                format!("It contradicts how things stand at {title} now. Look at it again, then repeat it."),
            ),
            Self::Rejected(_) => {
                Error::new(Kind::Upstream, "engine_rejected", format!("{title} does not accept this as it is."))
            }
            Self::Failed(_) => Error::new(
                Kind::Upstream,
                "engine_failed",
                format!(
                    "{title} failed while it was doing this. Try again; if it stays, the operator of {title} finds the \
                     cause in its log."
                ),
            ),
            Self::Garbled => Error::new(
                Kind::Upstream,
                "engine_garbled",
                format!(
                    "What came back is not an answer of {title}. Check that the address is the one of {title} itself."
                ),
            ),
            Self::TooLarge => Error::new(
                Kind::Upstream,
                "engine_too_large",
                format!("This is larger than can be taken over from {title} or sent to it."),
            ),
        }
    }
}

impl fmt::Debug for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of a call, whatever became of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallFacts {
    pub(super) endpoint: Endpoint,
    pub(super) tries: u32,
    pub(super) took: Duration,
}

/// A fault, and the call it is of where one was made.
pub struct Fault<P> {
    /// Why there is nothing.
    pub kind: FaultKind,
    call: Option<CallFacts>,
    protocol: PhantomData<fn() -> P>,
}

impl<P> Fault<P> {
    pub(super) fn of_call(self, facts: CallFacts) -> Self {
        Self { call: Some(facts), ..self }
    }
}

impl<P> From<FaultKind> for Fault<P> {
    fn from(kind: FaultKind) -> Self {
        Self { kind, call: None, protocol: PhantomData }
    }
}

impl<P> fmt::Debug for Fault<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("kind", &self.kind).field("call", &self.call).finish()
    }
}

/// The sentence is for people; the call is its cause, for the log.
impl<P: Protocol> From<Fault<P>> for Error {
    fn from(fault: Fault<P>) -> Self {
        let cause = fault.call.map(|CallFacts { endpoint, tries, took }| {
            let (engine, method, path, name) = (P::NAME, endpoint.method(), endpoint.path(), fault.kind.name());
            format!("{engine} {method} {path}: {name} after {tries} tries in {} ms", took.as_millis())
        });
        let error = fault.kind.error(P::TITLE);
        match cause {
            Some(cause) => error.because(cause),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::{super::protocol::tests::Example, *};
    use crate::upstream::Verb;

    #[test]
    fn a_person_reads_a_sentence_and_the_log_what_was_called() {
        let endpoint = Endpoint::new(Verb::Post, "/things/{}");
        let facts = CallFacts { endpoint, tries: 2, took: Duration::from_millis(31) };
        let fault = Fault::<Example>::from(FaultKind::Rejected("no such shape".to_owned())).of_call(facts);
        let error = Error::from(fault);
        assert_eq!(error.detail(), "Example does not accept this as it is.");
        assert!(!format!("{error} {error:?}").contains("no such shape"));
        assert_eq!(error.source().unwrap().to_string(), "example POST /things/{}: rejected after 2 tries in 31 ms");
    }
}
