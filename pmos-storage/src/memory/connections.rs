use async_trait::async_trait;
use pmos_core::{
    ConnectionId, Cursor, Page, PageRequest, Result,
    connection::{Connection, SealedConnection},
    store::ConnectionRepository,
};

use super::{
    state::{change, enough, insert, key, newest_first, remove},
    unit::Unit,
};

#[async_trait]
impl ConnectionRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Connection>> {
        let items = self.read(|tenant| {
            newest_first(&tenant.connections, page).take(enough(page)).map(|row| row.connection.clone()).collect()
        });
        Ok(Page::cut(items, page, |last: &Connection| Cursor::new(self.workspace, key(last.id))))
    }

    async fn get(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        Ok(self.read(|tenant| tenant.connections.get(&id).map(|row| row.connection.clone())))
    }

    async fn sealed(&mut self, id: ConnectionId) -> Result<Option<SealedConnection>> {
        Ok(self.read(|tenant| tenant.connections.get(&id).cloned()))
    }

    async fn insert(&mut self, connection: &SealedConnection) -> Result<()> {
        insert(&mut self.fill()?.connections, connection.connection.id, connection.clone())
    }

    async fn update(&mut self, connection: &SealedConnection) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(change(&mut tenant.connections, &connection.connection.id, |row| {
            let Connection { id, kind, created_at, .. } = row.connection;
            *row = connection.clone();
            row.connection = Connection { id, kind, created_at, ..connection.connection.clone() };
        }))
    }

    async fn remove(&mut self, id: ConnectionId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.connections, &id))
    }
}
