//! What the pipeline costs: an action against a bare handler that does the same work and answers the same bytes, which is
//! checked before it is measured. The bare read runs the statement of the store on the store's own connections, decodes
//! the same columns and writes its answer from them, as any handler would; it knows no callers, no tenants, no limits and
//! no errors.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::header, routing::get};
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Channel, FlowId, Id, Pmos, Result, Role, Timestamp,
        action::{Action, ActionSpec, Context, Method, RequestInfo, Table},
        flow::actions::CreateFlow,
    },
    storage::SqliteStore,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::{
    ROUNDS, SPAN,
    client::{ask, load},
};

const CLIENTS: usize = 16;

/// Answers without reading anything.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ping {}

#[derive(Serialize, JsonSchema)]
struct Pong {
    pong: bool,
}

#[async_trait::async_trait]
impl Action for Ping {
    const SPEC: ActionSpec = ActionSpec::read("bench.ping", Method::Get, "/ping").role(Role::Viewer);
    type Output = Pong;
    async fn run(self, _: &mut Context<'_>) -> Result<Pong> {
        Ok(Pong { pong: true })
    }
}

#[derive(Clone)]
struct Bare {
    pool: sqlx::SqlitePool,
    workspace: uuid::Uuid,
    flow: uuid::Uuid,
}

#[derive(sqlx::FromRow)]
#[expect(dead_code, reason = "decoded as the store decodes them, shown or not")]
struct Row {
    id: uuid::Uuid,
    engine: String,
    name: String,
    enabled: bool,
    revision: i64,
    document: String,
    issues: String,
    issues_count: i64,
    trigger_operation: Option<String>,
    hook_token: String,
    hook_url: Option<String>,
    published_version: Option<i64>,
    published_revision: Option<i64>,
    published_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize)]
struct Flow {
    id: FlowId,
    engine: String,
    name: String,
    enabled: bool,
    revision: String,
    draft: Box<RawValue>,
    published: Option<i64>,
    pending: bool,
    issues: Box<RawValue>,
    hook_url: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

async fn bare_read(State(bare): State<Bare>) -> Json<Flow> {
    let row: Row = sqlx::query_as(
        "select id, engine, name, enabled, revision, document, issues, issues_count, trigger_operation, hook_token, \
         hook_url, published_version, published_revision, published_at, created_at, updated_at \
         from flows where workspace_id = $1 and id = $2 and deleted_at is null",
    )
    .bind(bare.workspace)
    .bind(bare.flow)
    .fetch_one(&bare.pool)
    .await
    .unwrap();
    Json(Flow {
        id: FlowId::from_uuid(row.id),
        engine: row.engine,
        name: row.name,
        enabled: row.enabled,
        revision: row.revision.to_string(),
        draft: RawValue::from_string(row.document).unwrap(),
        published: row.published_version,
        pending: row.published_revision != Some(row.revision),
        issues: RawValue::from_string(row.issues).unwrap(),
        hook_url: row.trigger_operation.map(|_| format!("http://127.0.0.1:8420/hooks/{}", row.hook_token)),
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(
        async move { axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await },
    );
    address
}

pub(crate) async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("pmos.db")).await.unwrap());
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build().unwrap()));
    let pmos = Pmos::builder(store.clone())
        .engine(Arc::new(engine))
        .master_key([7; 32])
        .actions(Table::with::<Ping>)
        .build()
        .unwrap();
    let request = RequestInfo::internal(&pmos).unwrap();
    let account = json!({"name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday"});
    let ada = pmos.sign_up(serde_json::from_value(account).unwrap(), &request).await.unwrap();
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await.unwrap();
    let workspace = principal.memberships()[0].workspace;
    let caller = pmos.enter(&principal, workspace, RequestInfo::internal(&pmos).unwrap()).await.unwrap();
    let create: CreateFlow = serde_json::from_value(json!({"name": "Order intake"})).unwrap();
    let flow = caller.run(create).await.unwrap().done().unwrap();
    let bare = Bare { pool: store.readers().clone(), workspace: workspace.uuid(), flow: flow.id.uuid() };
    let bare = Router::new()
        .route("/read", get(bare_read))
        .route("/ping", get(|| async { ([(header::CONTENT_TYPE, "application/json")], r#"{"pong":true}"#) }))
        .with_state(bare);
    let ours = serve(pmos_server::router(pmos.clone(), pmos_server::RouterConfig::default())).await;
    let bare = serve(bare).await;
    let cookie = format!("cookie: pmos={}\r\n", ada.token.expose());
    let base = format!("/api/v1/workspaces/{workspace}");
    compare("a scoped read", (ours, &format!("{base}/flows/{}", flow.id), &cookie), (bare, "/read", "")).await;
    compare("an act without a read", (ours, &format!("{base}/ping"), &cookie), (bare, "/ping", "")).await;
}

async fn compare(what: &str, ours: (SocketAddr, &str, &str), bare: (SocketAddr, &str, &str)) {
    let request = |(address, path, more): (SocketAddr, &str, &str)| {
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{more}\r\n")
    };
    assert_eq!(ask(ours.0, request(ours)).await, ask(bare.0, request(bare)).await);
    let mut ratios = Vec::new();
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let one = load(ours.0, CLIENTS, SPAN / 2, &[request(ours)]).await;
        let other = load(bare.0, CLIENTS, SPAN / 2, &[request(bare)]).await;
        ratios.push(one.per_second / other.per_second);
        let alone = load(ours.0, 1, SPAN / 6, &[request(ours)]).await;
        let bare_alone = load(bare.0, 1, SPAN / 6, &[request(bare)]).await;
        delays.push(alone.p50.saturating_sub(bare_alone.p50));
        println!("  {what}: {:.0}/s against {:.0}/s", one.per_second, other.per_second);
    }
    ratios.sort_by(f64::total_cmp);
    delays.sort_unstable();
    let (low, middle, high) = (ratios[0], ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
    let delay: Duration = delays[ROUNDS / 2];
    println!("{what}: {middle:.2} of bare ({low:.2} to {high:.2}); p50 with one client +{delay:?}");
}
