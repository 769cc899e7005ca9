//! The product over HTTP: the action table as routes, and the few routes that are not actions.
//!
//! A handler takes a request apart, calls the core and writes the answer; rules live in the core. What every answer has
//! in common (request id, security headers, the form of errors, timing) is the business of the edge alone.

mod accounts;
mod actions;
mod arrival;
mod body;
mod caller;
mod docs;
mod edge;
mod events;
mod health;
mod hooks;
mod metrics;
mod openapi;
mod origin;
mod problem;
mod ui;

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, any, on},
};
use metrics_exporter_prometheus::PrometheusHandle;
use pmos_core::{Pmos, vault::Secret};
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::config::{Networks, PublicUrl};
use edge::Edge;
use origin::Site;

pub use openapi::document;
pub(crate) use problem::Problem;

/// What the routes need to know besides PMOS itself.
#[derive(Debug, Clone, Default)]
pub struct RouterConfig {
    /// The one origin that browsers use. Without it the origin of [`Pmos::public_url`] counts as our own, and bare
    /// addresses and `localhost` do too.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose word about a client's address is believed.
    pub trusted_proxies: Networks,
    /// What `/metrics` shows; nothing when left out.
    pub metrics: Option<PrometheusHandle>,
    /// What opens `/metrics` and the API description from beyond this machine.
    pub metrics_token: Option<Secret>,
    /// Cancelled when the process begins to stop: streams end, `/readyz` says no.
    pub stopping: CancellationToken,
}

/// What handlers share.
pub(crate) struct App {
    pmos: Pmos,
    site: Site,
    proxies: Networks,
    metrics: Option<PrometheusHandle>,
    metrics_token: Option<Secret>,
    stopping: CancellationToken,
    readiness: health::Readiness,
    streams: events::Streams,
    timers: edge::Timers,
}

pub(crate) type Shared = Arc<App>;

/// All routes of PMOS, to be served or to be mounted into a router of the host's own. The host serves it with
/// [`ConnectInfo`](axum::extract::ConnectInfo), or addresses stay unknown.
///
/// Mounted below a path, by `Router::nest`, it needs a [`Pmos::public_url`] with that path: links, addresses of webhooks,
/// cookies and the `type` of problems begin with it. The pages of the UI are for the root.
///
/// A host that knows who makes a request puts an `Arc<Principal>` ([`Pmos::vouch`]) into its extensions. It is believed
/// before any cookie or key, so the host has to see to it that no foreign page makes a browser write in its name.
///
/// # Panics
/// When an action of the host takes a route that is not an action's: those of accounts, events, `/metrics` and so on.
///
/// ```no_run
/// # async fn doc(pmos: pmos_core::Pmos) -> std::io::Result<()> {
/// let router = pmos_server::router(pmos, pmos_server::RouterConfig::default());
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8420").await?;
/// axum::serve(listener, router.into_make_service_with_connect_info::<std::net::SocketAddr>()).await
/// # }
/// ```
pub fn router(pmos: Pmos, config: RouterConfig) -> Router {
    let mut routes = Routes::default();
    accounts::routes(&mut routes);
    events::routes(&mut routes);
    health::routes(&mut routes);
    metrics::routes(&mut routes);
    docs::routes(&mut routes);
    actions::routes(&mut routes, pmos.table());
    routes.any("hooks.deliver", "/hooks/{token}", hooks::deliver);
    let app = Arc::new(App {
        site: Site::new(pmos.public_url(), config.public_url.as_ref()),
        proxies: config.trusted_proxies,
        metrics: config.metrics,
        metrics_token: config.metrics_token,
        stopping: config.stopping,
        readiness: health::Readiness::default(),
        streams: events::Streams::default(),
        timers: edge::Timers::default(),
        pmos,
    });
    routes
        .router
        .fallback(Edge { name: UNNAMED, handler: ui::fallback.layer(CompressionLayer::new()) })
        .method_not_allowed_fallback(Edge { name: UNNAMED, handler: edge::wrong_method })
        .with_state(app)
}

/// What has no route of its own.
const UNNAMED: &str = "none";

/// Routes, each behind the edge under its name.
#[derive(Default)]
struct Routes {
    router: Router<Shared>,
}

impl Routes {
    fn on<H, T>(&mut self, name: &'static str, method: MethodFilter, path: &str, handler: H)
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.router = std::mem::take(&mut self.router).route(path, on(method, Edge { name, handler }));
    }

    fn any<H, T>(&mut self, name: &'static str, path: &str, handler: H)
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.router = std::mem::take(&mut self.router).route(path, any(Edge { name, handler }));
    }
}
