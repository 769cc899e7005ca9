//! What a remote engine passes off as a workspace's own and is foreign.

use crate::{
    Result, WorkspaceId,
    observe::Observer,
    store::{ObjectKind, UnitOfWork},
};

/// Tells that the ownership map refused an object that the engine gave. Of a place that was given up meanwhile nothing
/// can be claimed, which is no fault.
pub(crate) async fn refused(
    observer: &dyn Observer,
    unit: &mut dyn UnitOfWork,
    workspace: WorkspaceId,
    engine: &str,
    kind: ObjectKind,
) -> Result<()> {
    if unit.engines().tenancy(engine).await?.is_some() {
        tracing::warn!(
            target: "pmos::isolation", %workspace, engine, kind = kind.as_str(),
            "an engine answered with an object of another workspace; it is left out"
        );
        observer.foreign_object(engine, kind);
    }
    Ok(())
}
