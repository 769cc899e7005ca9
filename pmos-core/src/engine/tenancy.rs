//! A workspace's tenancy, opened for the calls of one act.

use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, Error, Id, Result, WorkspaceId, WorkspaceScope,
    engine::{KnownCredential, Tenancy},
    flow::FlowEngine,
    outward::Outward,
    store::{EngineRepository, ObjectKind, OwnedObject},
    vault::{AssociatedData, Sealed, Secret},
};

/// What a tenancy's secrets are sealed as.
const KIND: &str = "tenancy";

fn associated_data(workspace: WorkspaceId, engine: &str) -> AssociatedData<'_> {
    AssociatedData { workspace, kind: KIND, id: engine }
}

impl Outward<'_> {
    /// The workspace's tenancy at a remote engine.
    ///
    /// # Errors
    /// `not_connected` when the workspace has no tenancy there.
    pub(crate) async fn require_tenancy(&mut self, scope: &WorkspaceScope, engine: &dyn FlowEngine) -> Result<Tenancy> {
        let descriptor = engine.descriptor();
        let row = self.look(scope).await?.engines().tenancy(&descriptor.name).await?;
        let row = row.ok_or_else(|| not_connected(&descriptor.title))?;
        let workspace = scope.workspace();
        let access = self.open(scope, associated_data(workspace, &row.engine), &row.access).await?;
        Ok(Tenancy { workspace, instance: row.instance, wall: row.wall, access })
    }

    /// Seals what opens a tenancy, to be kept with it.
    pub(crate) async fn seal_access(
        &mut self,
        scope: &WorkspaceScope,
        engine: &str,
        access: &Secret,
    ) -> Result<Sealed> {
        self.seal(scope, associated_data(scope.workspace(), engine), access).await
    }
}

fn not_connected(title: &str) -> Error {
    Error::conflict("not_connected", format!("This workspace is not connected to {title}. An admin can connect it."))
}

/// The credentials that the engine keeps for the workspace.
pub(crate) async fn known_credentials(
    engines: &mut dyn EngineRepository,
    engine: &str,
) -> Result<Vec<KnownCredential>> {
    engines.all_owned(engine, ObjectKind::Connection).await?.iter().map(known).collect()
}

/// What is remembered of a credential.
#[derive(Serialize, Deserialize)]
pub(crate) struct SeenCredential {
    pub(crate) kind: String,
    pub(crate) name: String,
}

fn known(owned: &OwnedObject) -> Result<KnownCredential> {
    let seen: SeenCredential = serde_json::from_str(owned.seen.get())
        .map_err(|cause| Error::internal("read what was seen of a credential").because(cause))?;
    let connection = ConnectionId::from_uuid(owned.id);
    Ok(KnownCredential { connection, external: owned.external.clone(), kind: seen.kind, name: seen.name })
}
