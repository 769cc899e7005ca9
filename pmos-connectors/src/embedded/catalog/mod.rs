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
    engine::Tenancy,
    flow::{Catalog, Piece, PieceSummary, Template},
    vault::CredentialKind,
};

/// The one piece `core`.
#[derive(Debug)]
pub(super) struct CoreCatalog {
    core: Arc<Piece>,
    pieces: Arc<[PieceSummary]>,
}

impl CoreCatalog {
    pub(super) fn new() -> Self {
        let core = core();
        Self { pieces: Arc::new([core.summary()]), core: Arc::new(core) }
    }
}

#[async_trait]
impl Catalog for CoreCatalog {
    async fn pieces<'a>(&self, _: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        Ok(Arc::clone(&self.pieces))
    }

    async fn piece<'a>(&self, _: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        Ok((name == self.core.name).then(|| Arc::clone(&self.core)))
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
        auth: [CredentialKind::Bearer, CredentialKind::Basic, CredentialKind::Header, CredentialKind::Query]
            .map(|kind| kind.as_str().to_owned())
            .into(),
        operations,
    }
}
