#![doc = include_str!("README.md")]

mod composite;
mod credential;
mod descriptor;
mod form;
mod index;
mod kind;
mod options;
mod piece;
mod ports;
mod rule;
mod source;
mod split;
#[cfg(test)]
mod tests;
mod versions;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use moka::sync::Cache;
use pmos_core::{
    Error, Result,
    engine::{KnownCredential, Tenancy, Wall},
    flow::{Catalog, CredentialForm, FieldOption, OptionsQuestion, Piece, PieceSummary, Template},
};
use tokio::sync::OnceCell;

use self::{descriptor::Node, index::Index, options::OptionsCache, piece::Versioned};
pub use self::{
    source::{Lookup, NodeTypes, Reply, TypeList},
    versions::NodeVersions,
};

/// How long the version of a server is taken to be the same.
const VERSION_KNOWN: Duration = Duration::from_mins(1);
/// Versions of servers whose lists are kept at once; each costs about 5 MB.
const MAX_INDEXES: u64 = 8;
/// Pieces that are kept ready-made.
const MAX_PIECES: u64 = 64;
const PIECE_KEPT: Duration = Duration::from_mins(15);

/// What one server of one version offers is the same for all its workspaces.
type ServerVersion = (Arc<str>, Arc<str>);

/// The nodes of n8n servers as pieces.
#[derive(Debug)]
pub struct N8nCatalog {
    source: Arc<dyn NodeTypes>,
    newest: NodeVersions,
    servers: Cache<Arc<str>, Arc<OnceCell<Arc<str>>>>,
    /// What servers said last, for while they do not answer.
    last: Cache<Arc<str>, Arc<str>>,
    indexes: Cache<ServerVersion, Arc<OnceCell<Arc<Index>>>>,
    pieces: Cache<(ServerVersion, Arc<str>), Arc<Piece>>,
    options: OptionsCache,
}

impl N8nCatalog {
    /// A catalogue that asks `source`.
    pub fn new(source: Arc<dyn NodeTypes>) -> Self {
        Self {
            source,
            newest: NodeVersions::default(),
            servers: Cache::builder().max_capacity(1_000).time_to_live(VERSION_KNOWN).build(),
            last: Cache::builder().max_capacity(1_000).build(),
            indexes: Cache::builder().max_capacity(MAX_INDEXES).build(),
            pieces: Cache::builder().max_capacity(MAX_PIECES).time_to_idle(PIECE_KEPT).build(),
            options: OptionsCache::new(),
        }
    }

    /// The versions that new nodes get, learned with every list that is read.
    pub fn versions(&self) -> NodeVersions {
        self.newest.clone()
    }

    async fn server(&self, at: &Tenancy) -> Result<ServerVersion> {
        let instance: Arc<str> = at.instance.as_str().into();
        let cell = self.servers.get_with(Arc::clone(&instance), Arc::default);
        let version = match cell.get_or_try_init(async || self.source.version(at).await.map(Arc::from)).await {
            Ok(version) => Arc::clone(version),
            Err(error) => return self.last.get(&instance).map(|version| (instance, version)).ok_or(error),
        };
        self.last.insert(Arc::clone(&instance), Arc::clone(&version));
        Ok((instance, version))
    }

    /// The lists of the server, read once however many ask at the same time.
    async fn index(&self, at: &Tenancy) -> Result<(ServerVersion, Arc<Index>)> {
        let server = self.server(at).await?;
        let cell = self.indexes.get_with(server.clone(), Arc::default);
        let index = cell
            .get_or_try_init(async || {
                let index = Index::load(&*self.source, at).await?;
                // What new nodes of everybody get is no matter for a server that one workspace brought.
                if at.wall != Wall::OwnKey {
                    self.newest.learn(&index);
                }
                Ok::<_, Error>(Arc::new(index))
            })
            .await?;
        Ok((server, Arc::clone(index)))
    }
}

#[async_trait]
impl Catalog for N8nCatalog {
    async fn pieces<'a>(&self, at: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        Ok(self.index(placed(at)?).await?.1.palette())
    }

    /// `name` may end with a version, as `n8n-nodes-base.set@2`; without one it is that of new nodes.
    async fn piece<'a>(&self, at: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        let (server, index) = self.index(placed(at)?).await?;
        let key = (server, Arc::from(name));
        if let Some(piece) = self.pieces.get(&key) {
            return Ok(Some(piece));
        }
        let (node_type, version) = named(name);
        let Some((node, version)) = index.node(node_type, version) else { return Ok(None) };
        let piece = Arc::new(Versioned { node: Node(&node), version }.piece(name));
        self.pieces.insert(key, Arc::clone(&piece));
        Ok(Some(piece))
    }

    async fn templates(&self) -> Result<Arc<[Template]>> {
        Ok(Arc::new([]))
    }

    async fn credential_kind<'a>(&self, at: Option<&'a Tenancy>, name: &str) -> Result<Option<CredentialForm>> {
        let (_, index) = self.index(placed(at)?).await?;
        let credential = index.credential(name);
        Ok(credential.map(|credential| credential::form(&credential, |name| index.credential(name))))
    }

    async fn options<'a>(
        &self,
        at: Option<&'a Tenancy>,
        question: &OptionsQuestion,
        credential: Option<&'a KnownCredential>,
    ) -> Result<Vec<FieldOption>> {
        let at = placed(at)?;
        let (server, index) = self.index(at).await?;
        let key = OptionsCache::key(&server, at, question, credential);
        if let Some(known) = self.options.get(&key) {
            return Ok(known);
        }
        let (node_type, version) = named(&question.piece);
        let unknown = || Error::invalid("piece", "is not a piece of this engine");
        let (node, version) = index.node(node_type, version).ok_or_else(unknown)?;
        let asked = options::find(Versioned { node: Node(&node), version }, question)?;
        let found = asked.ask(&*self.source, at, question, credential).await?;
        self.options.insert(key, &found);
        Ok(found)
    }
}

fn placed(at: Option<&Tenancy>) -> Result<&Tenancy> {
    at.ok_or_else(|| Error::conflict("conflict", "The workspace has no place at this engine yet; connect it first."))
}

/// The name of the piece that describes a version of a node.
pub(super) fn name_of(node_type: &str, version: f64) -> String {
    format!("{node_type}@{version}")
}

/// The type and, where it is said, the version of a node.
fn named(piece: &str) -> (&str, Option<f64>) {
    match piece.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => match version.parse() {
            Ok(version) => (name, Some(version)),
            Err(_) => (piece, None),
        },
        _ => (piece, None),
    }
}
