//! An n8n server that has just the lists a test wants.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use parking_lot::Mutex;
use pmos_core::{
    Id as _, Result, WorkspaceId,
    engine::{Tenancy, Wall},
    vault::Secret,
};
use serde_json::{Value, json};

use super::super::{Lookup, N8nCatalog, NodeTypes, Reply, TypeList};

/// Answers from memory, in small chunks, and remembers what it was asked.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) nodes: Vec<Value>,
    pub(super) credentials: Vec<Value>,
    pub(super) replies: Mutex<HashMap<Lookup, Vec<(u16, Value)>>>,
    pub(super) asked: Mutex<Vec<(Lookup, Value)>>,
    pub(super) lists: AtomicUsize,
}

impl Server {
    pub(super) fn of(nodes: impl IntoIterator<Item = Value>) -> Self {
        Self { nodes: nodes.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn answering(self, lookup: Lookup, replies: impl IntoIterator<Item = (u16, Value)>) -> Self {
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.reverse();
        self.replies.lock().insert(lookup, replies);
        self
    }

    pub(super) fn catalogue(self) -> (Arc<Self>, N8nCatalog) {
        let server = Arc::new(self);
        (Arc::clone(&server), N8nCatalog::new(server))
    }
}

#[async_trait]
impl NodeTypes for Server {
    async fn version(&self, _: &Tenancy) -> Result<String> {
        Ok("2.40.7".to_owned())
    }

    async fn list(&self, _: &Tenancy, list: TypeList) -> Result<BoxStream<'static, Result<Bytes>>> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        let list = match list {
            TypeList::Nodes => &self.nodes,
            TypeList::Credentials => &self.credentials,
        };
        let text = serde_json::to_vec_pretty(list).unwrap();
        let chunks: Vec<_> = text.chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        Ok(futures::stream::iter(chunks).boxed())
    }

    async fn look_up(&self, _: &Tenancy, lookup: Lookup, body: &Value) -> Result<Reply> {
        self.asked.lock().push((lookup, body.clone()));
        let reply = self.replies.lock().get_mut(&lookup).and_then(Vec::pop);
        let (status, body) = reply.unwrap_or((400, json!({ "message": "There is no such method" })));
        Ok(Reply { status, body: body.to_string().into() })
    }

    async fn project(&self, _: &Tenancy) -> Result<Option<String>> {
        Ok(Some("project1".to_owned()))
    }
}

/// A workspace's tenancy at a server.
pub(super) fn tenancy(number: u128) -> Tenancy {
    Tenancy {
        workspace: WorkspaceId::from_uuid(uuid::Uuid::from_u128(number)),
        instance: "n8n.test:443".to_owned(),
        wall: Wall::User,
        access: Secret::new("secret"),
    }
}
