//! Why a run does not go on to its next step.

use pmos_core::{
    Error, Timestamp,
    run::{RunStatus, StepStatus},
};

/// Ordered by what counts when several passes of a loop halt together: the last one wins.
#[derive(Debug)]
pub(super) enum Halt {
    /// A step waits for this time, or for a signal.
    Wait(Option<Timestamp>),
    /// A stop step ended the run.
    Ended,
    /// A step failed.
    Failed(String),
    /// The time until then is over.
    Overdue(Timestamp),
    /// A person stopped the run.
    Cancelled,
    /// An effect was begun whose answer was lost.
    Attention(String),
    /// The store cannot write; the run goes on in a later process.
    Store(Error),
}

impl Halt {
    fn weight(&self) -> u8 {
        match self {
            Self::Wait(_) => 0,
            Self::Ended => 1,
            Self::Failed(_) => 2,
            Self::Overdue(_) => 3,
            Self::Cancelled => 4,
            Self::Attention(_) => 5,
            Self::Store(_) => 6,
        }
    }

    /// Keeps what counts more; of equals the one that was there first, of waits the one that ends first.
    pub(super) fn merge(kept: &mut Option<Self>, halt: Self) {
        if let (Some(Self::Wait(kept)), Self::Wait(until)) = (kept.as_mut(), &halt) {
            *kept = kept.iter().chain(until).min().copied();
            return;
        }
        if kept.as_ref().is_none_or(|kept| halt.weight() > kept.weight()) {
            *kept = Some(halt);
        }
    }

    /// How the run ends or waits, and why.
    pub(super) fn ending(self) -> Result<(RunStatus, Option<String>), Error> {
        Ok(match self {
            Self::Wait(_) => (RunStatus::Waiting, None),
            Self::Ended => (RunStatus::Succeeded, None),
            Self::Failed(why) => (RunStatus::Failed, Some(why)),
            Self::Overdue(_) => (RunStatus::TimedOut, Some("The run took longer than it may.".to_owned())),
            Self::Cancelled => (RunStatus::Cancelled, None),
            Self::Attention(why) => (RunStatus::NeedsAttention, Some(why)),
            Self::Store(error) => return Err(error),
        })
    }

    /// What it means for a step around the one that halted.
    pub(super) fn around(&self) -> (StepStatus, Option<String>) {
        match self {
            Self::Wait(_) => (StepStatus::Waiting, None),
            Self::Ended => (StepStatus::Succeeded, None),
            Self::Failed(why) => (StepStatus::Failed, Some(why.clone())),
            Self::Overdue(_) => (StepStatus::Failed, Some("It took longer than it may.".to_owned())),
            Self::Cancelled => (StepStatus::Cancelled, None),
            Self::Attention(why) => (StepStatus::Unknown, Some(why.clone())),
            Self::Store(_) => (StepStatus::Running, None),
        }
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}
