//! What a server's lists hold, kept small: the palette, and each description packed until it is asked for.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    sync::Arc,
};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use futures::StreamExt as _;
use pmos_core::{Error, Result, engine::Tenancy, flow::PieceSummary};
use serde_json::Value;

use super::{
    descriptor::{Node, text},
    piece::Versioned,
    source::{NodeTypes, TypeList},
    split::Splitter,
};

/// The largest description after unpacking; larger ones were never packed.
const MAX_UNPACKED: u64 = 4 << 20;

/// A description as compressed JSON.
#[derive(Debug)]
struct Packed(Box<[u8]>);

impl Packed {
    fn new(json: &[u8]) -> std::io::Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json)?;
        Ok(Self(encoder.finish()?.into()))
    }

    fn unpack(&self) -> Option<Value> {
        let mut json = Vec::new();
        DeflateDecoder::new(&*self.0).take(MAX_UNPACKED).read_to_end(&mut json).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// The descriptions of a node: one for each generation of it, with the versions that this covers.
#[derive(Debug, Default)]
struct Generations {
    newest: f64,
    all: Vec<(Vec<f64>, Packed)>,
}

/// The lists of one version of a server.
#[derive(Debug, Default)]
pub(super) struct Index {
    palette: Arc<[PieceSummary]>,
    nodes: HashMap<String, Generations>,
    credentials: HashMap<String, Packed>,
}

impl Index {
    /// Reads the lists as they arrive; no more than one description is held unpacked.
    pub(super) async fn load(source: &dyn NodeTypes, at: &Tenancy) -> Result<Self> {
        let mut index = Self::default();
        let mut palette: HashMap<String, (f64, PieceSummary)> = HashMap::new();
        read(source, at, TypeList::Nodes, |json| {
            let Ok(value) = serde_json::from_slice::<Value>(json) else { return Ok(()) };
            let node = Node(&value);
            if node.name().is_empty() {
                return Ok(());
            }
            let versions = node.versions();
            let newest = versions.iter().copied().fold(f64::MIN, f64::max);
            let wanted = node.default_version().unwrap_or(newest);
            if versions.contains(&wanted) {
                let known = palette.get(node.name()).is_some_and(|(version, _)| *version >= wanted);
                if !known && !node.is_hidden() {
                    let summary = Versioned { node, version: wanted }.summary();
                    palette.insert(node.name().to_owned(), (wanted, summary));
                }
            }
            let generations = index.nodes.entry(node.name().to_owned()).or_default();
            generations.newest = generations.newest.max(wanted.min(newest).max(0.0));
            generations.all.push((versions, pack(json)?));
            Ok(())
        })
        .await?;
        read(source, at, TypeList::Credentials, |json| {
            let Ok(value) = serde_json::from_slice::<Value>(json) else { return Ok(()) };
            index.credentials.insert(text(&value, "name").to_owned(), pack(json)?);
            Ok(())
        })
        .await?;
        let mut palette: Vec<PieceSummary> = palette.into_values().map(|(_, summary)| summary).collect();
        palette.sort_by(|a, b| (a.title.to_lowercase(), &a.name).cmp(&(b.title.to_lowercase(), &b.name)));
        index.palette = palette.into();
        Ok(index)
    }

    pub(super) fn palette(&self) -> Arc<[PieceSummary]> {
        Arc::clone(&self.palette)
    }

    /// The names of all nodes with the version that a new one gets.
    pub(super) fn newest(&self) -> impl Iterator<Item = (&str, f64)> {
        self.nodes.iter().map(|(name, generations)| (name.as_str(), generations.newest))
    }

    /// The description of a node, of this version or of the newest.
    pub(super) fn node(&self, name: &str, version: Option<f64>) -> Option<(Value, f64)> {
        let generations = self.nodes.get(name)?;
        let version = version.unwrap_or(generations.newest);
        let (_, packed) = generations.all.iter().find(|(versions, _)| versions.contains(&version))?;
        packed.unpack().map(|node| (node, version))
    }

    /// The description of a type of credentials.
    pub(super) fn credential(&self, name: &str) -> Option<Value> {
        self.credentials.get(name)?.unpack()
    }

    /// The bytes of everything packed.
    #[cfg(test)]
    pub(super) fn packed_bytes(&self) -> usize {
        let nodes = self.nodes.values().flat_map(|generations| &generations.all).map(|(_, packed)| packed.0.len());
        nodes.chain(self.credentials.values().map(|packed| packed.0.len())).sum()
    }
}

fn pack(json: &[u8]) -> Result<Packed> {
    Packed::new(json).map_err(|cause| Error::internal("pack a description of the catalogue").because(cause))
}

async fn read(
    source: &dyn NodeTypes,
    at: &Tenancy,
    list: TypeList,
    mut each: impl FnMut(&[u8]) -> Result<()> + Send,
) -> Result<()> {
    let unreadable = |cause| Error::unavailable("read the catalogue of the engine").because(cause);
    let mut chunks = source.list(at, list).await?;
    let mut splitter = Splitter::default();
    while let Some(chunk) = chunks.next().await {
        for element in splitter.feed(&chunk?).map_err(unreadable)? {
            each(&element)?;
            // A list that is there at once must not keep others from working.
            tokio::task::yield_now().await;
        }
    }
    splitter.finish().map_err(unreadable)
}
