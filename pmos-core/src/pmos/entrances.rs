//! The ways in: from what a caller shows to a [`Caller`], from a call of a webhook to its answer, and the work that goes
//! on by itself.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::Pmos;
use crate::{
    ActAsId, Channel, Error, Result, UserId, WorkspaceId, WorkspaceScope,
    action::{Caller, RequestInfo},
    background,
    identity::{ActAs, Person, Presented, Principal, SignUp, SignedIn, actions::Me},
    job::Job,
    run::{Answer, Deliveries, InboundRequest},
    store::Access,
    workspace::actions::{AcceptInvitation, ShowInvitation, invitation_fits},
};

impl RequestInfo {
    /// A request of the embedding program itself.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn internal(pmos: &Pmos) -> Result<Self> {
        Self::new(pmos.clock())
    }
}

impl Caller {
    /// The PMOS that let it in.
    pub fn pmos(&self) -> Pmos {
        Pmos { services: self.services().clone(), pipeline: self.pipeline().clone() }
    }
}

impl Pmos {
    /// Recognises a caller by what it shows.
    ///
    /// # Errors
    /// `unauthenticated` for an unknown or dead credential.
    pub async fn authenticate(&self, presented: Presented<'_>) -> Result<Arc<Principal>> {
        self.services.principals.authenticate(presented).await
    }

    /// Vouches for a person: the embedding program knows them, or acts for them as an assistant, MCP endpoint or schedule.
    ///
    /// # Errors
    /// `not_found` when there is no such person.
    pub async fn vouch(&self, user: UserId, channel: Channel) -> Result<Arc<Principal>> {
        self.services.principals.vouch(user, channel).await
    }

    /// Lets a caller into a workspace, for one request. One that the host keeps gets its place in our store by that.
    ///
    /// # Errors
    /// `not_found` when the workspace is missing or not open to it; when the store or the host cannot be reached.
    pub async fn enter(
        &self,
        principal: &Arc<Principal>,
        workspace: WorkspaceId,
        request: RequestInfo,
    ) -> Result<Caller> {
        let principal = self.services.principals.again(principal).await?;
        let scope = principal.scope_in(workspace)?;
        self.services.provide(workspace, principal.actor, &request).await?;
        Ok(self.caller(principal, Some(scope), None, request))
    }

    /// Lets a super admin into a workspace that is not theirs, for the time and the reason they gave.
    ///
    /// # Errors
    /// `not_found` when they did not say why they act there, or the time is over.
    pub async fn enter_as(
        &self,
        principal: &Arc<Principal>,
        workspace: WorkspaceId,
        act_as: ActAsId,
        request: RequestInfo,
    ) -> Result<Caller> {
        let mut unit = self.services.store.system("enter a foreign workspace", Access::Read).await?;
        let found = unit.sessions().act_as(act_as).await?;
        drop(unit);
        let principal = self.services.principals.again(principal).await?;
        let visit = found.filter(|visit| visit.workspace == workspace).ok_or_else(Error::not_found)?;
        let scope = principal.scope_as(&visit, self.clock().now())?;
        Ok(self.caller(principal, Some(scope), Some(Arc::new(visit)), request))
    }

    /// Lets in a caller that shows nothing; it may do only what anyone may.
    pub fn stranger(&self, request: RequestInfo) -> Caller {
        self.caller(Arc::new(Principal::unknown()), None, None, request)
    }

    /// Lets a person in for themselves, or for the instance.
    pub fn welcome(&self, principal: &Arc<Principal>, request: RequestInfo) -> Caller {
        self.caller(principal.clone(), None, None, request)
    }

    fn caller(
        &self,
        principal: Arc<Principal>,
        scope: Option<WorkspaceScope>,
        visit: Option<Arc<ActAs>>,
        request: RequestInfo,
    ) -> Caller {
        Caller::new(self.services.clone(), self.pipeline.clone(), principal, scope, visit, request)
    }

    /// Who a person is and where they belong.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn me(&self, person: &Person) -> Result<Me> {
        Me::of(person.clone(), &*self.services.workspaces).await
    }

    /// Makes an account, and lets it into the workspace it was invited to.
    ///
    /// # Errors
    /// As [`AcceptInvitation`] and [`Accounts`](crate::identity::Accounts), `unsupported` when the host brought its own
    /// people.
    pub async fn sign_up(&self, input: SignUp, request: &RequestInfo) -> Result<SignedIn> {
        let accounts = self.accounts().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?;
        // An account has one name for its request; the acceptance that follows is another act.
        let request = RequestInfo { idempotency_key: None, ..request.clone() };
        if let Some(token) = &input.invitation {
            let shown = self.stranger(request.clone()).run(ShowInvitation { token: token.clone() }).await?.done()?;
            invitation_fits(&shown.email, &input.email)?;
        }
        let engine = match &self.services.host_workspaces {
            None => Some(self.services.engines.preferred()?),
            Some(_) => None,
        };
        let signed_in = accounts.make(&input, engine, &request).await?;
        if let Some(token) = input.invitation {
            let principal = self.vouch(signed_in.person.id, Channel::Rust).await?;
            self.welcome(&principal, request).run(AcceptInvitation { token }).await?.done()?;
        }
        Ok(signed_in)
    }

    /// Takes a call of a webhook, runs its flow and returns the answer. When it returns, whatever led to the answer is
    /// on disk.
    ///
    /// # Errors
    /// `not_found` unless the address belongs to a published, enabled flow; `method_not_allowed`; what cannot be read;
    /// `quota_exceeded`; `unavailable` when the run cannot be recorded.
    pub async fn deliver(&self, token: &str, request: InboundRequest) -> Result<Answer> {
        self.deliveries().take(token, request).await
    }

    /// Tells the owner of a webhook that a call of it was refused before it could be handed over, as one whose body is
    /// larger than the host takes. What [`Pmos::deliver`] refuses it tells itself.
    pub async fn refuse_delivery(&self, token: &str, error: &Error) {
        self.deliveries().refuse(token, error).await;
    }

    fn deliveries(&self) -> Deliveries<'_> {
        let services = &self.services;
        Deliveries {
            store: &*services.store,
            clock: &*services.clock,
            engines: &services.engines,
            limits: &services.limits,
            leases: &*services.leases,
            runs: &services.runs,
            node: services.node,
        }
    }

    /// The work that goes on by itself, for the host to spawn, each part by itself: runs, and what [`Pmos::jobs`] does in rounds.
    /// Each part ends soon after [`Pmos::shut_down`]; without it runs do not begin. [`Pmos::run_until`] does all of that.
    ///
    /// # Errors
    /// `at_work` when it goes on already, here or in another PMOS on the same store without a common [`Builder::cluster`].
    ///
    /// [`Builder::cluster`]: super::Builder::cluster
    pub fn background(&self) -> Result<Vec<BoxFuture<'static, ()>>> {
        background::all(&self.services, &self.pipeline)
    }

    /// What is done in rounds, for those who drive the rounds themselves; [`Pmos::background`] drives them all.
    pub fn jobs(&self) -> Vec<Arc<dyn Job>> {
        background::jobs(&self.services, &self.pipeline)
    }

    /// Asks the background work to end: no new run begins, and runs under way may end within the
    /// [grace](super::Builder::grace) that the host gave; those that do not are gone on with by the next process. Feeds end. A run
    /// that is started from now on waits for the next process.
    pub fn shut_down(&self) {
        self.runs().stop.cancel();
    }
}
