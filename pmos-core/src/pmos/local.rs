//! A program without people.

use std::sync::Arc;

use uuid::Uuid;

use super::Pmos;
use crate::{
    Error, Id, Result, WorkspaceId,
    action::{Caller, RequestInfo},
    identity::Principal,
    workspace::{Label, WorkspaceProfile, provide},
};

/// The one workspace of a program without people.
const LOCAL: Uuid = Uuid::from_u128(1);

impl Pmos {
    /// Lets in the program itself, as an admin of a workspace of its own, which is made the first time: for programs without
    /// accounts, people and roles. Their acts stand in the audit as those of the program. The workspace has no members, so people
    /// who sign up at the same instance do not find it.
    ///
    /// ```
    /// # async fn doc(pmos: pmos_core::Pmos) -> Result<(), Box<dyn std::error::Error>> {
    /// use pmos_core::flow::actions::CreateFlow;
    /// let create = CreateFlow { name: "Nightly report".parse()?, engine: None, graph: None, template: None };
    /// let flow = pmos.local().await?.run(create).await?.done()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `unsupported` where the host keeps workspaces; when the store cannot be reached.
    pub async fn local(&self) -> Result<Caller> {
        let services = &self.services;
        if services.host_workspaces.is_some() {
            return Err(Error::unsupported("a workspace of PMOS itself for the program"));
        }
        let workspace = WorkspaceId::from_uuid(LOCAL);
        let principal = Arc::new(Principal::program(workspace));
        let request = RequestInfo::internal(self)?;
        let name: Label = "Local".parse().map_err(|cause| Error::internal("name a workspace").because(cause))?;
        let profile = WorkspaceProfile::new(workspace, name, services.engines.preferred()?, services.clock.now());
        provide(&*services.store, &*services.clock, &profile, principal.actor, &request).await?;
        self.enter(&principal, workspace, request).await
    }
}
