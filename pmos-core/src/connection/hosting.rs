//! Where connections are kept: in our own store, or at a remote engine. The only place of this folder that asks which.

mod here;
mod remote;

use std::sync::Arc;

use super::{
    Connection,
    actions::{ConnectionView, CreateConnection, SecretInput, TestResult, UsedBy, subject},
};
use crate::{
    ConnectionId, Error, Page, PageRequest, Result,
    action::Context,
    engine::{KnownCredential, known_credentials},
    flow::{FlowEngine, Host},
    workspace::Label,
};

/// A connection where it is kept.
enum Kept {
    Here(Connection),
    There(Arc<dyn FlowEngine>, KnownCredential),
}

/// Those of an engine; our own when none is named.
pub(super) async fn list(
    cx: &mut Context<'_>,
    engine: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ConnectionView>> {
    let engine = match engine {
        Some(name) => cx.engines().get(name).ok(),
        None => embedded(cx).ok(),
    };
    match engine.map(|engine| (engine, engine.host())) {
        Some((engine, Host::Remote(_))) => remote::list(cx, &**engine).await.map(Page::whole),
        Some((_, Host::Embedded(_))) => here::list(cx, page).await,
        None => Ok(Page::whole(Vec::new())),
    }
}

/// Keeps a credential.
pub(super) async fn create(cx: &mut Context<'_>, new: CreateConnection) -> Result<ConnectionView> {
    let engine = match &new.engine {
        Some(name) => cx.engines().get(name)?,
        None => embedded(cx)?,
    };
    match engine.host() {
        Host::Embedded(_) => here::create(cx, new).await,
        Host::Remote(_) => remote::create(cx, &**engine, new).await,
    }
}

/// Gives it another name.
pub(super) async fn rename(cx: &mut Context<'_>, connection: ConnectionId, name: Label) -> Result<ConnectionView> {
    match find(cx, connection).await? {
        Kept::Here(connection) => here::rename(cx, connection.id, name).await,
        Kept::There(engine, known) => remote::change(cx, &*engine, known, Some(&name), None).await,
    }
}

/// Gives it another secret.
pub(super) async fn replace_secret(
    cx: &mut Context<'_>,
    connection: ConnectionId,
    secret: SecretInput,
) -> Result<ConnectionView> {
    match find(cx, connection).await? {
        Kept::Here(connection) => here::replace_secret(cx, connection, secret).await,
        Kept::There(engine, known) => remote::change(cx, &*engine, known, None, Some(&secret.values()?)).await,
    }
}

/// Asks a service whether it takes it: at `url`, where that is for us to say.
pub(super) async fn test(cx: &mut Context<'_>, connection: ConnectionId, url: Option<String>) -> Result<TestResult> {
    match find(cx, connection).await? {
        Kept::Here(connection) => here::test(cx, connection.id, url).await,
        Kept::There(engine, known) => remote::test(cx, &*engine, &known).await,
    }
}

/// Forgets it, when no automation uses it.
pub(super) async fn delete(cx: &mut Context<'_>, connection: ConnectionId) -> Result<()> {
    match find(cx, connection).await? {
        Kept::Here(connection) => here::delete(cx, connection.id).await?,
        Kept::There(engine, known) => remote::delete(cx, &*engine, &known).await?,
    }
    changed(cx, connection);
    Ok(())
}

async fn find(cx: &mut Context<'_>, connection: ConnectionId) -> Result<Kept> {
    if let Some(known) = cx.read().await?.connections().get(connection).await? {
        return Ok(Kept::Here(known));
    }
    for engine in cx.engines().iter().filter(|engine| matches!(engine.host(), Host::Remote(_))) {
        let known = known_credentials(cx.read().await?.engines(), &engine.descriptor().name).await?;
        if let Some(known) = known.into_iter().find(|known| known.connection == connection) {
            return Ok(Kept::There(engine.clone(), known));
        }
    }
    Err(Error::not_found())
}

/// The engine inside this process, whose steps use our own connections.
fn embedded<'d>(cx: &Context<'d>) -> Result<&'d Arc<dyn FlowEngine>> {
    let mut engines = cx.engines().iter();
    let found = engines.find(|engine| matches!(engine.host(), Host::Embedded(_)));
    found.ok_or_else(|| Error::unsupported("connections of PMOS itself; no engine inside this process uses them"))
}

/// Refuses to take away what automations use.
fn must_be_unused(used_by: Vec<UsedBy>) -> Result<()> {
    if used_by.is_empty() {
        return Ok(());
    }
    let message = "Automations use this connection. Take it out of them first.";
    Err(Error::conflict("in_use", message).with("used_by", used_by))
}

fn changed(cx: &mut Context<'_>, connection: ConnectionId) {
    cx.tell("connection.changed", &subject(connection));
}
