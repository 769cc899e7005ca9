//! What flows of this engine can be built of.

mod actions;
mod field;
mod templates;
#[cfg(test)]
mod tests;
mod triggers;

pub(super) use actions::http;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    Result,
    engine::Tenancy,
    flow::{Catalog, Piece, PieceSummary, Template},
    vault::CredentialKind,
};

/// The name of the built-in piece.
pub(super) const CORE: &str = "core";

/// The pieces as they are asked for.
#[derive(Debug)]
pub(super) struct PieceCatalog {
    pieces: HashMap<String, Arc<Piece>>,
    summaries: Arc<[PieceSummary]>,
}

impl PieceCatalog {
    pub(super) fn new(pieces: &[Piece]) -> Self {
        let by_name = pieces.iter().map(|piece| (piece.name.clone(), Arc::new(piece.clone())));
        Self { pieces: by_name.collect(), summaries: pieces.iter().map(Piece::summary).collect() }
    }
}

#[async_trait]
impl Catalog for PieceCatalog {
    async fn pieces<'a>(&self, _: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        Ok(Arc::clone(&self.summaries))
    }

    async fn piece<'a>(&self, _: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        Ok(self.pieces.get(name).map(Arc::clone))
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
        name: CORE.to_owned(),
        title: "Built in".to_owned(),
        logo: Some("core".to_owned()),
        categories: vec!["core".to_owned()],
        auth: credential_kinds(),
        operations,
    }
}

/// What stored credentials steps may use.
pub(super) fn credential_kinds() -> Vec<String> {
    [CredentialKind::Bearer, CredentialKind::Basic, CredentialKind::Header, CredentialKind::Query]
        .map(|kind| kind.as_str().to_owned())
        .into()
}
