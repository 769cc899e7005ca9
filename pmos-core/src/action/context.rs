//! What an action works with while it runs.

use std::fmt;

use super::Caller;
use crate::{
    Actor, Clock, Error, FlowId, Id, PageRequest, Pmos, Result, Timestamp, WorkspaceId, WorkspaceScope,
    audit::{AuditEntry, Outcome, Subject},
    connection::Prober,
    engine::{FlowHost, RemoteFlow, Tenancy, follow},
    event::NewEvent,
    flow::{Engines, FlowEngine, Host},
    identity::Identity,
    principal::Principal,
    store::{Access, Closing, StoredAnswer, SystemUnit, UnitOfWork},
    workspace::Workspace,
};

type Afterwards = Box<dyn FnOnce(&Pmos) + Send>;

/// What an action works with: its unit of work, the way outside, the clock, and what is to be written down with it.
///
/// The unit and the way outside both borrow it, so nobody can call out while he holds a unit:
///
/// ```compile_fail,E0499
/// # use pmos_core::{Result, action::Context};
/// async fn both(cx: &mut Context<'_>) -> Result<()> {
///     let unit = cx.unit().await?;
///     let outside = cx.outward().await?;
///     unit.flows().count().await?;
///     drop(outside);
///     Ok(())
/// }
/// ```
pub struct Context<'d> {
    caller: &'d Caller,
    action: &'static str,
    access: Access,
    now: Timestamp,
    unit: Option<Box<dyn UnitOfWork>>,
    system: Option<Box<dyn SystemUnit>>,
    closing: Closing,
    subject: Option<Subject>,
    note: Option<String>,
    afterwards: Vec<Afterwards>,
    begun: bool,
}

impl<'d> Context<'d> {
    pub(super) fn new(caller: &'d Caller, action: &'static str, access: Access, subject: Option<Subject>) -> Self {
        Self {
            caller,
            action,
            access,
            now: caller.pmos().clock().now(),
            unit: None,
            system: None,
            closing: Closing::default(),
            subject,
            note: None,
            afterwards: Vec::new(),
            begun: false,
        }
    }

    /// When the act happens: the same moment throughout.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who called.
    pub fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// Whether a super admin acts in a workspace that is not his.
    pub fn is_visiting(&self) -> bool {
        self.caller.is_visiting()
    }

    /// PMOS.
    pub fn pmos(&self) -> &'d Pmos {
        self.caller.pmos()
    }

    /// Where time and randomness come from.
    pub fn clock(&self) -> &'d dyn Clock {
        self.caller.pmos().clock()
    }

    /// The engines of the instance.
    pub fn engines(&self) -> &'d Engines {
        self.caller.pmos().engines()
    }

    /// The right under which it acts.
    ///
    /// # Errors
    /// When the action does not act in a workspace; such an action must not ask.
    pub fn scope(&self) -> Result<WorkspaceScope> {
        self.caller.scope().ok_or_else(|| Error::internal("find the workspace of an action that has none"))
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.caller.principal().actor
    }

    /// A fresh identifier.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn new_id<T: Id>(&self) -> Result<T> {
        self.clock().new_id()
    }

    /// Reads which page of a list is wanted.
    ///
    /// # Errors
    /// `invalid_input` naming `limit` or `cursor`.
    pub fn page(&self, limit: Option<u32>, cursor: Option<&str>) -> Result<PageRequest> {
        match self.caller.scope() {
            Some(scope) => PageRequest::parse(limit, cursor, scope.workspace()),
            // Lists of the instance belong to nobody.
            None => PageRequest::parse(limit, cursor, WorkspaceId::from_uuid(uuid::Uuid::nil())),
        }
    }

    /// The unit of work in the workspace, begun on first use and committed when the action returns `Ok`.
    ///
    /// # Errors
    /// When the store cannot take it now.
    pub async fn unit(&mut self) -> Result<&mut dyn UnitOfWork> {
        if self.unit.is_none() {
            let scope = self.scope()?;
            self.unit = Some(self.caller.pmos().store().begin(&scope, self.access).await?);
        }
        match &mut self.unit {
            Some(unit) => Ok(&mut **unit),
            None => Err(Error::internal("begin a unit of work")),
        }
    }

    /// The unit of work on what belongs to no workspace, begun on first use and committed when the action returns `Ok`.
    /// Only for actions that act for a person or the instance.
    ///
    /// # Errors
    /// When the store cannot take it now.
    pub async fn system(&mut self) -> Result<&mut dyn SystemUnit> {
        if self.caller.scope().is_some() {
            return Err(Error::internal("reach beyond the workspace of an action"));
        }
        if self.system.is_none() {
            self.system = Some(self.caller.pmos().store().system(self.action, self.access).await?);
        }
        match &mut self.system {
            Some(unit) => Ok(&mut **unit),
            None => Err(Error::internal("begin a unit of work")),
        }
    }

    /// The way to engines, connectors and models, and the only one. What was changed so far is committed first, as the
    /// intent, so that a crash in between leaves a trace.
    ///
    /// # Errors
    /// When the intent cannot be written.
    pub async fn outward(&mut self) -> Result<Outward<'_>> {
        if self.unit.is_some() && self.access == Access::Write {
            let intent = (!self.begun).then_some(Outcome::Begun);
            self.begun = true;
            self.commit(intent, None).await?;
        }
        self.unit = None;
        Ok(Outward::of(self.caller.pmos()))
    }

    /// Writes an event into the workspace log.
    pub fn emit(&mut self, event: NewEvent) {
        self.closing.events.push(event);
    }

    /// Says what the act is about, when only the act itself knows.
    pub fn about(&mut self, subject: Subject) {
        self.subject = Some(subject);
    }

    /// Adds a remark to the audit record; never a secret.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = Some(note.into());
    }

    /// Does something once all of this is true, as waking a run up.
    pub fn afterwards(&mut self, act: impl FnOnce(&Pmos) + Send + 'static) {
        self.afterwards.push(Box::new(act));
    }

    /// Writes an event that everybody in the workspace may see, about the object of the act.
    pub fn tell(&mut self, kind: &'static str, object: &Subject) {
        self.emit(NewEvent::new(kind, self.now, self.actor(), object));
    }

    pub(super) async fn finish(mut self, audited: bool, answer: Option<StoredAnswer>) -> Result<()> {
        if audited {
            self.commit(Some(Outcome::Done), answer).await?;
        }
        for act in std::mem::take(&mut self.afterwards) {
            act(self.caller.pmos());
        }
        Ok(())
    }

    async fn commit(&mut self, outcome: Option<Outcome>, answer: Option<StoredAnswer>) -> Result<()> {
        let entry = outcome.map(|outcome| self.entry(outcome)).transpose()?;
        if self.caller.scope().is_some() {
            self.unit().await?;
        } else {
            self.system().await?;
        }
        if let Some(unit) = self.unit.take() {
            let mut closing = std::mem::take(&mut self.closing);
            closing.audit.extend(entry);
            closing.answer = answer;
            let events = unit.commit(closing).await?;
            self.caller.pmos().publish(self.scope()?.workspace(), events);
        } else if let Some(system) = self.system.take() {
            system.commit(entry.into_iter().collect(), answer).await?;
        }
        Ok(())
    }

    /// The audit record of this act, for an act that is written down in a second chain too.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub(crate) fn record(&self) -> Result<AuditEntry> {
        self.entry(Outcome::Done)
    }

    fn entry(&self, outcome: Outcome) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: self.new_id()?,
            at: self.now,
            actor: self.actor(),
            action: self.action,
            outcome,
            subject: self.subject.clone(),
            address: self.caller.request().address.map(|address| address.to_string()),
            request: self.caller.request().id,
            note: self.note.clone().or_else(|| self.caller.act_as_note()),
        })
    }

    /// Turns what is missing into the one answer for missing and foreign.
    ///
    /// # Errors
    /// `not_found` for none.
    pub fn found<T>(found: Option<T>) -> Result<T> {
        found.ok_or_else(Error::not_found)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", self.action)
    }
}

/// The way to engines, connectors and models. While it is held no unit of work is open.
pub struct Outward<'a> {
    pmos: &'a Pmos,
}

impl<'a> Outward<'a> {
    /// The way of those who hold no unit of work because nobody lent them one: PMOS's own rounds.
    pub(crate) fn of(pmos: &'a Pmos) -> Self {
        Self { pmos }
    }

    /// What speaks to an engine outside.
    ///
    /// # Errors
    /// `unsupported` for an engine inside this process.
    pub fn host<'e>(&self, engine: &'e dyn FlowEngine) -> Result<&'e dyn FlowHost> {
        match engine.host() {
            Host::Remote(remote) => Ok(remote.through(self)),
            Host::Embedded(_) => Err(Error::unsupported("an engine outside; this one runs inside this process")),
        }
    }

    /// Takes what the engine has into our mirror of a flow, so that what follows begins with the truth; what the engine
    /// has. The caller has the flow's turn.
    ///
    /// # Errors
    /// `not_found` when it is not there any more; what the engine refuses.
    pub(crate) async fn follow(&self, engine: &dyn FlowEngine, tenancy: &Tenancy, flow: FlowId) -> Result<RemoteFlow> {
        follow(self, engine, tenancy, flow).await?.ok_or_else(Error::not_found)
    }

    pub(crate) fn pmos(&self) -> &'a Pmos {
        self.pmos
    }

    /// Who people are; a host may keep them elsewhere.
    pub fn identity(&self) -> &'_ dyn Identity {
        self.pmos.identity()
    }

    /// Which workspaces there are; a host may keep them elsewhere.
    pub fn workspaces(&self) -> &'_ dyn Workspace {
        self.pmos.workspaces()
    }

    /// What tries credentials.
    ///
    /// # Errors
    /// `unsupported` when the host brought nothing that can.
    pub fn prober(&self) -> Result<&'_ dyn Prober> {
        self.pmos.prober().ok_or_else(|| Error::unsupported("trying a connection"))
    }
}

impl fmt::Debug for Outward<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outward")
    }
}
