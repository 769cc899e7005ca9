//! Connections in our own store, their secrets sealed.

use super::{changed, embedded, must_be_unused};
use crate::{
    ConnectionId, Error, Page, PageRequest, Result,
    action::{Context, Intent},
    connection::{
        Connection, SealedConnection,
        actions::{ConnectionView, CreateConnection, SecretInput, TestResult, UsedBy, subject},
    },
    vault::{AssociatedData, Credential, CredentialKind},
    workspace::Label,
};

pub(super) async fn list(cx: &mut Context<'_>, page: &PageRequest) -> Result<Page<ConnectionView>> {
    let Page { items, next } = cx.read().await?.connections().list(page).await?;
    let mut views = Vec::with_capacity(items.len());
    for connection in items {
        views.push(view(cx, connection).await?);
    }
    Ok(Page { items: views, next })
}

pub(super) async fn create(cx: &mut Context<'_>, new: CreateConnection) -> Result<ConnectionView> {
    let kind: CredentialKind =
        new.kind.parse().map_err(|_| Error::invalid("kind", "choose one of: bearer, basic, header, query"))?;
    if !(1..=20).contains(&new.hosts.len()) {
        return Err(Error::invalid("hosts", "name 1 to 20 hosts that may see the secret, as api.example.com"));
    }
    let id = cx.new_id()?;
    let parts = new.secret.parts(kind)?;
    let secret = parts.seal(cx, id).await?;
    let connection = Connection {
        id,
        name: new.name,
        kind,
        hosts: new.hosts,
        last_four: parts.last_four(),
        secret_name: parts.name,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let sealed = SealedConnection { connection: connection.clone(), secret };
    cx.write().await?.connections().insert(&sealed).await?;
    cx.about(subject(id));
    changed(cx, id);
    view(cx, connection).await
}

pub(super) async fn rename(cx: &mut Context<'_>, connection: ConnectionId, name: Label) -> Result<ConnectionView> {
    let mut sealed = Context::found(cx.write().await?.connections().sealed(connection).await?)?;
    sealed.connection.name = name;
    sealed.connection.updated_at = cx.now();
    cx.write().await?.connections().update(&sealed).await?;
    changed(cx, connection);
    view(cx, sealed.connection).await
}

pub(super) async fn replace_secret(
    cx: &mut Context<'_>,
    Connection { id, kind, .. }: Connection,
    secret: SecretInput,
) -> Result<ConnectionView> {
    let parts = secret.parts(kind)?;
    let secret = parts.seal(cx, id).await?;
    let mut connection = Context::found(cx.write().await?.connections().get(id).await?)?;
    connection.last_four = parts.last_four();
    connection.secret_name = parts.name;
    connection.updated_at = cx.now();
    let sealed = SealedConnection { connection: connection.clone(), secret };
    cx.write().await?.connections().update(&sealed).await?;
    changed(cx, id);
    view(cx, connection).await
}

pub(super) async fn test(cx: &mut Context<'_>, connection: ConnectionId, url: Option<String>) -> Result<TestResult> {
    let scope = cx.scope()?;
    let sealed = Context::found(cx.read().await?.connections().sealed(connection).await?)?;
    let id = connection.to_string();
    let associated = AssociatedData { workspace: scope.workspace(), kind: "connection", id: &id };
    let known = sealed.connection;
    let url = match (url, known.hosts.first()) {
        (Some(url), _) => url,
        (None, Some(host)) => format!("https://{host}/"),
        (None, None) => return Err(Error::invalid("url", "say what to ask")),
    };
    let mut outward = cx.outward(Intent::none()).await?;
    let secret = outward.open(&scope, associated, &sealed.secret).await?;
    let credential = Credential { kind: known.kind, name: known.secret_name, secret, hosts: known.hosts };
    Ok(outward.prober()?.probe(&url, credential).await)
}

pub(super) async fn delete(cx: &mut Context<'_>, connection: ConnectionId) -> Result<()> {
    let using = cx.write().await?.flows().using(connection).await?;
    must_be_unused(using.into_iter().map(|(id, name)| UsedBy { id, name }).collect())?;
    cx.write().await?.connections().remove(connection).await?;
    Ok(())
}

async fn view(cx: &mut Context<'_>, connection: Connection) -> Result<ConnectionView> {
    let using = cx.read().await?.flows().using(connection.id).await?;
    Ok(ConnectionView {
        id: connection.id,
        name: connection.name,
        kind: connection.kind.as_str().to_owned(),
        hosts: connection.hosts,
        engine: embedded(cx)?.descriptor().name.clone(),
        secret_name: (!connection.secret_name.is_empty()).then_some(connection.secret_name),
        last_four: connection.last_four,
        created_at: connection.created_at,
        updated_at: connection.updated_at,
        used_by: using.into_iter().map(|(id, name)| UsedBy { id, name }).collect(),
    })
}
