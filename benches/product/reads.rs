//! What the door costs: an action against a bare handler that answers the same bytes.

use std::{net::SocketAddr, str::FromStr, sync::Arc, time::Duration};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Caller, Id, Pmos, Result, Role,
        action::{Action, ActionSpec, Cx, Method, RequestInfo, Table},
        flow::actions::{CreateFlow, GetFlow},
        identity::Visit,
    },
    storage::SqliteStore,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::{ROUNDS, SPAN, client::load};

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
    async fn run(self, _: &mut Cx<'_>) -> Result<Pong> {
        Ok(Pong { pong: true })
    }
}

#[derive(Clone)]
struct Bare {
    pool: sqlx::SqlitePool,
    workspace: uuid::Uuid,
    flow: uuid::Uuid,
    answer: Arc<str>,
}

const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// The same statement through a pool of the same size, and the same bytes out.
async fn bare_read(State(bare): State<Bare>) -> impl IntoResponse {
    let row: (String, String, i64) = sqlx::query_as(
        "select name, document, revision from flows where workspace_id = $1 and id = $2 and deleted_at is null",
    )
    .bind(bare.workspace)
    .bind(bare.flow)
    .fetch_one(&bare.pool)
    .await
    .unwrap();
    assert!(row.2 > 0);
    (JSON, bare.answer.to_string())
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
    let file = folder.path().join("pmos.db");
    let store = Arc::new(SqliteStore::open(&file).await.unwrap());
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build().unwrap()));
    let pmos =
        Pmos::builder(store).engine(Arc::new(engine)).master_key([7; 32]).actions(Table::with::<Ping>).build().unwrap();
    let visit = Visit { request: pmos.clock().new_id().unwrap(), address: None, user_agent: None };
    let account = json!({"name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday"});
    let ada = pmos.sign_up(serde_json::from_value(account).unwrap(), &visit).await.unwrap();
    let principal = pmos.vouch(ada.person.id, Caller::Rust).await.unwrap();
    let workspace = principal.memberships()[0].workspace;
    let door = pmos.enter(&principal, workspace, RequestInfo::internal(&pmos).unwrap()).unwrap();
    let create: CreateFlow = serde_json::from_value(json!({"name": "Order intake"})).unwrap();
    let flow = door.run(create).await.unwrap().done().unwrap();
    let answer = door.run(GetFlow { flow: flow.id }).await.unwrap().done().unwrap();
    let options = SqliteConnectOptions::from_str(file.to_str().unwrap()).unwrap().read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    let bare = Bare {
        pool,
        workspace: workspace.uuid(),
        flow: flow.id.uuid(),
        answer: serde_json::to_string(&answer).unwrap().into(),
    };
    let bare = Router::new()
        .route("/read", get(bare_read))
        .route("/ping", get(|| async { (JSON, r#"{"pong":true}"#) }))
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
    let mut ratios = Vec::new();
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let one = load(ours.0, CLIENTS, SPAN / 2, request(ours)).await;
        let other = load(bare.0, CLIENTS, SPAN / 2, request(bare)).await;
        ratios.push(one.per_second / other.per_second);
        let alone = load(ours.0, 1, SPAN / 6, request(ours)).await;
        let bare_alone = load(bare.0, 1, SPAN / 6, request(bare)).await;
        delays.push(alone.p50.saturating_sub(bare_alone.p50));
        println!("  {what}: {:.0}/s against {:.0}/s", one.per_second, other.per_second);
    }
    ratios.sort_by(f64::total_cmp);
    delays.sort_unstable();
    let (low, middle, high) = (ratios[0], ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
    let delay: Duration = delays[ROUNDS / 2];
    println!("{what}: {middle:.2} of bare ({low:.2} to {high:.2}); p50 with one client +{delay:?}");
}
