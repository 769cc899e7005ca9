//! Connections that a remote engine keeps. Their values go there and nowhere else; we remember kind and name.

use std::collections::HashMap;

use super::{changed, must_be_unused};
use crate::{
    ConnectionId, Error, FlowId, Id, PageRequest, Result, Timestamp,
    action::{Context, Intent},
    connection::actions::{ConnectionView, CreateConnection, TestResult, UsedBy, subject},
    engine::{
        FlowHost, HostedCredentials, KnownCredential, NewCredential, RemoteCredential, SeenCredential, Tenancy,
        foreign, known_credentials, label,
    },
    flow::FlowEngine,
    store::{FlowFilter, ObjectKind, OwnedObject},
    vault::Secret,
    workspace::Label,
};

/// Those the engine has, and which automations use them.
pub(super) async fn list(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Vec<ConnectionView>> {
    let (scope, clock, now) = (cx.scope()?, cx.clock(), cx.now());
    let name = &engine.descriptor().name;
    let mut outward = cx.outward(Intent::none()).await?;
    let tenancy = outward.require_tenancy(&scope, engine).await?;
    let there = credentials(outward.host(engine)?)?.list(&tenancy).await?;
    let kept = outward.look(&scope).await?.engines().all_owned(name, ObjectKind::Connection).await?;
    let mut gone: HashMap<_, _> = kept.into_iter().map(|owned| (owned.external.clone(), owned)).collect();
    let mut news = Vec::new();
    for credential in &there {
        let kept = gone.remove(&credential.id);
        let id = match &kept {
            Some(owned) => ConnectionId::from_uuid(owned.id),
            None => clock.new_id()?,
        };
        let object = object(id, credential, now)?;
        if kept.is_none_or(|kept| kept.seen.get() != object.seen.get()) {
            news.push(object);
        }
    }
    if !news.is_empty() || !gone.is_empty() {
        let services = outward.services();
        let mut unit = outward.refresh(&scope).await?;
        for object in &news {
            if !unit.engines().claim(name, object).await? {
                foreign::refused(&*services.observer, &mut *unit, tenancy.workspace, name, ObjectKind::Connection)
                    .await?;
            }
        }
        for owned in gone.into_values() {
            unit.engines().release(name, ObjectKind::Connection, owned.id).await?;
        }
        unit.commit(Vec::new()).await?;
    }
    let mut used_by = uses(cx, engine).await?;
    let owned = cx.read().await?.engines().all_owned(name, ObjectKind::Connection).await?;
    let known = known_credentials(cx.read().await?.engines(), name).await?;
    let views = owned.iter().zip(known).map(|(owned, known)| {
        let used_by = used_by.remove(&known.connection).unwrap_or_default();
        view(engine, known, owned.at, used_by)
    });
    Ok(views.collect())
}

/// Has the engine keep a credential.
pub(super) async fn create(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    new: CreateConnection,
) -> Result<ConnectionView> {
    if !new.hosts.is_empty() {
        return Err(Error::invalid("hosts", "is not for connections that a remote engine keeps"));
    }
    let new = NewCredential { kind: new.kind, name: new.name.to_string(), values: new.secret.values()? };
    let tenancy = tenancy_of(cx, engine, Intent::begun()).await?;
    let outward = cx.outward(Intent::begun()).await?;
    let made = credentials(outward.host(engine)?)?.create(&tenancy, &new).await?;
    let id = cx.new_id()?;
    cx.about(subject(id));
    remember(cx, engine, id, &made, Vec::new()).await
}

/// Gives a credential another name or other values.
pub(super) async fn change(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    known: KnownCredential,
    name: Option<&Label>,
    values: Option<&Secret>,
) -> Result<ConnectionView> {
    let tenancy = tenancy_of(cx, engine, Intent::begun()).await?;
    let KnownCredential { connection, external, kind, name: before } = known;
    let before = RemoteCredential { id: external, kind, name: before };
    let outward = cx.outward(Intent::begun()).await?;
    let kept = credentials(outward.host(engine)?)?;
    let made = kept.change(&tenancy, &before, name.map(Label::as_str), values).await?;
    let used_by = uses(cx, engine).await?.remove(&connection).unwrap_or_default();
    remember(cx, engine, connection, &made, used_by).await
}

/// Has the engine try a credential.
pub(super) async fn test(cx: &mut Context<'_>, engine: &dyn FlowEngine, known: &KnownCredential) -> Result<TestResult> {
    let tenancy = tenancy_of(cx, engine, Intent::none()).await?;
    let outward = cx.outward(Intent::none()).await?;
    let ok = credentials(outward.host(engine)?)?.test(&tenancy, &known.external).await?;
    let title = &engine.descriptor().title;
    let message = match ok {
        Some(true) => format!("{title} tried it, and the service took it."),
        Some(false) => format!("{title} tried it, and the service refused it. Give it a new secret."),
        None => format!("{title} cannot try connections of this kind."),
    };
    Ok(TestResult { ok, message })
}

/// Has the engine forget a credential that no automation uses.
pub(super) async fn delete(cx: &mut Context<'_>, engine: &dyn FlowEngine, known: &KnownCredential) -> Result<()> {
    must_be_unused(uses(cx, engine).await?.remove(&known.connection).unwrap_or_default())?;
    let tenancy = tenancy_of(cx, engine, Intent::begun()).await?;
    let outward = cx.outward(Intent::begun()).await?;
    credentials(outward.host(engine)?)?.delete(&tenancy, &known.external).await?;
    let name = &engine.descriptor().name;
    cx.write().await?.engines().release(name, ObjectKind::Connection, known.connection.uuid()).await?;
    Ok(())
}

fn credentials(host: &dyn FlowHost) -> Result<&dyn HostedCredentials> {
    host.credentials().ok_or_else(|| Error::unsupported("keeping connections at this engine"))
}

async fn tenancy_of(cx: &mut Context<'_>, engine: &dyn FlowEngine, intent: Intent) -> Result<Tenancy> {
    let scope = cx.scope()?;
    cx.outward(intent).await?.require_tenancy(&scope, engine).await
}

async fn remember(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    id: ConnectionId,
    made: &RemoteCredential,
    used_by: Vec<UsedBy>,
) -> Result<ConnectionView> {
    let object = object(id, made, cx.now())?;
    if !cx.write().await?.engines().claim(&engine.descriptor().name, &object).await? {
        return Err(Error::internal("own a credential that was just made"));
    }
    changed(cx, id);
    let known =
        KnownCredential { connection: id, external: made.id.clone(), kind: made.kind.clone(), name: made.name.clone() };
    Ok(view(engine, known, object.at, used_by))
}

fn object(id: ConnectionId, credential: &RemoteCredential, at: Timestamp) -> Result<OwnedObject> {
    let seen = SeenCredential { kind: credential.kind.clone(), name: credential.name.clone() };
    Ok(OwnedObject {
        kind: ObjectKind::Connection,
        id: id.uuid(),
        external: credential.id.clone(),
        seen: serde_json::value::to_raw_value(&seen)
            .map_err(|cause| Error::internal("write what was seen of a credential").because(cause))?,
        at,
    })
}

fn view(engine: &dyn FlowEngine, known: KnownCredential, at: Timestamp, used_by: Vec<UsedBy>) -> ConnectionView {
    ConnectionView {
        id: known.connection,
        name: label(&known.name),
        kind: known.kind,
        hosts: Vec::new(),
        engine: engine.descriptor().name.clone(),
        secret_name: None,
        last_four: None,
        created_at: at,
        updated_at: at,
        used_by,
    }
}

/// Which automations of the engine use which connections, by what their drafts show.
async fn uses(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<HashMap<ConnectionId, Vec<UsedBy>>> {
    let filter = FlowFilter { engine: Some(engine.descriptor().name.clone()), ..FlowFilter::default() };
    let mut uses: HashMap<ConnectionId, Vec<UsedBy>> = HashMap::new();
    let mut page = cx.page(Some(PageRequest::MOST), None)?;
    loop {
        let found = cx.read().await?.flows().list(&filter, &page).await?;
        for entry in found.items {
            note_uses(cx, engine, entry.id, &entry.name, &mut uses).await?;
        }
        match found.next {
            Some(next) => page = cx.page(Some(PageRequest::MOST), Some(&next))?,
            None => return Ok(uses),
        }
    }
}

async fn note_uses(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    id: FlowId,
    name: &Label,
    uses: &mut HashMap<ConnectionId, Vec<UsedBy>>,
) -> Result<()> {
    let Some(row) = cx.read().await?.flows().get(id).await? else { return Ok(()) };
    for connection in engine.lens().view(&row.document)?.steps.iter().filter_map(|step| step.connection) {
        let users = uses.entry(connection).or_default();
        if users.iter().all(|user| user.id != id) {
            users.push(UsedBy { id, name: name.clone() });
        }
    }
    Ok(())
}
