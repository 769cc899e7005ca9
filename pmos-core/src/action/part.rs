//! An act as a part of another.

use super::{Action, ActionSpec, Context, Effect, caller::written, gate::approval_required};
use crate::{
    Error, Result,
    audit::{Outcome, Subject},
    cluster::Hint,
    store::Access,
};

/// What an act is known by while a part of it is done.
struct Whole {
    spec: ActionSpec,
    subject: Option<Subject>,
    note: Option<String>,
    begun: bool,
    pinned: bool,
}

impl Context<'_> {
    /// Does another act as a part of this one: by the same caller, in the same unit of work, so that both are committed or
    /// neither is. The part has an audit record of its own. A part that goes outward commits before what was done so far, as
    /// every act does.
    ///
    /// # Errors
    /// Whatever the part refuses; `forbidden` when the caller may not do it by itself; `internal` when it does more to the
    /// world than this action says it does. After a part has failed that came behind something written, the whole cannot be
    /// committed.
    pub async fn run<A: Action>(&mut self, action: A) -> Result<A::Output> {
        self.caller.refusal(&A::SPEC)?;
        if A::SPEC.effect > self.spec.effect {
            return Err(Error::internal("do an act within one that says it does less"));
        }
        if self.caller.may_wait() && self.caller.gate(&action, written(&action)?).await?.is_some() {
            return Err(approval_required());
        }
        let pinned = self.pinned || self.has_written();
        let whole = Whole {
            spec: std::mem::replace(&mut self.spec, A::SPEC),
            subject: std::mem::replace(&mut self.subject, action.subject()),
            note: self.note.take(),
            begun: std::mem::take(&mut self.begun),
            pinned: std::mem::replace(&mut self.pinned, pinned),
        };
        let done = match action.run(self).await {
            Ok(output) => self.conclude().await.map(|()| output),
            Err(error) => {
                self.undo();
                Err(error)
            }
        };
        (self.spec, self.subject, self.note) = (whole.spec, whole.subject, whole.note);
        (self.begun, self.pinned) = (whole.begun, whole.pinned);
        done
    }

    /// Writes the record of a part that is done.
    async fn conclude(&mut self) -> Result<()> {
        if self.spec.effect == Effect::Read {
            return Ok(());
        }
        if self.begun {
            // What left PMOS is on record as begun; that it is done is known now, whatever becomes of the whole.
            return self.commit(Some(Outcome::Done), None).await;
        }
        let record = self.record()?;
        self.closing.audit.push(record);
        if self.spec.changes_rights {
            self.hint(Hint::Rights);
        }
        Ok(())
    }

    /// Takes back what a part wrote before it failed. What the whole wrote before stands in the same unit, so then the whole
    /// has failed with it.
    fn undo(&mut self) {
        if self.pinned && self.spec.effect != Effect::Read {
            self.broken = true;
        } else if !self.pinned {
            self.abandon();
        }
    }

    fn has_written(&self) -> bool {
        let closing = &self.closing;
        matches!(self.unit, Some((Access::Write, _)))
            || self.system.is_some()
            || !(closing.events.is_empty() && closing.audit.is_empty())
    }
}
