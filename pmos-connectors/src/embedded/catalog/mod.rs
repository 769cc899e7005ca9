//! What flows of this engine can be built of.

mod actions;
mod field;
mod templates;
#[cfg(test)]
mod tests;
mod triggers;

use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    Result,
    flow::{Catalog, Piece, Template},
    vault::CredentialKind,
};

/// The one piece `core`.
#[derive(Debug)]
pub(super) struct CoreCatalog {
    pieces: Arc<[Piece]>,
}

impl CoreCatalog {
    pub(super) fn new() -> Self {
        Self { pieces: Arc::new([core()]) }
    }
}

#[async_trait]
impl Catalog for CoreCatalog {
    async fn pieces(&self) -> Result<Arc<[Piece]>> {
        Ok(Arc::clone(&self.pieces))
    }

    async fn templates(&self) -> Result<Arc<[Template]>> {
        templates::all()
    }
}

/// The built-in piece.
pub(super) fn core() -> Piece {
    let mut operations = triggers::all();
    operations.extend(actions::all());
    Piece {
        name: "core".to_owned(),
        title: "Built in".to_owned(),
        logo: Some("core".to_owned()),
        categories: vec!["core".to_owned()],
        auth: vec![CredentialKind::Bearer, CredentialKind::Basic, CredentialKind::Header, CredentialKind::Query],
        operations,
    }
}
