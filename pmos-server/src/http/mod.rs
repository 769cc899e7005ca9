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
mod invitations;
mod me;
mod metrics;
mod openapi;
mod origin;
mod problem;
mod ui;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, any, on},
};
use metrics_exporter_prometheus::PrometheusHandle;
use pmos_core::{Pmos, vault::Secret};
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::config::{Networks, PublicUrl};
use origin::Origins;

pub use openapi::document;
pub(crate) use problem::Problem;

/// What the routes need to know besides the house itself.
#[derive(Debug, Clone, Default)]
pub struct RouterConfig {
    /// The address browsers reach us at. Without one only bare addresses and `localhost` count as our own, and cookies
    /// are made for plain HTTP.
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
    origins: Origins,
    https: bool,
    proxies: Networks,
    metrics: Option<PrometheusHandle>,
    metrics_token: Option<Secret>,
    stopping: CancellationToken,
    streams: events::Streams,
    /// The name of each route, by its pattern: for metrics and logs.
    names: HashMap<String, Vec<(Option<Method>, &'static str)>>,
    hook_timer: edge::HookTimer,
}

pub(crate) type Shared = Arc<App>;

impl App {
    fn cookie_name(&self) -> &'static str {
        if self.https { "__Host-pmos" } else { "pmos" }
    }

    fn name(&self, method: &Method, pattern: &str) -> &'static str {
        let methods = self.names.get(pattern).map(Vec::as_slice).unwrap_or_default();
        let named = methods.iter().find(|(only, _)| only.as_ref().is_none_or(|only| only == method));
        named.map_or("none", |(_, name)| name)
    }
}

/// All routes of PMOS, to be served or to be mounted into a router of the host's own. The host serves it with
/// [`ConnectInfo`](axum::extract::ConnectInfo), or addresses stay unknown.
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
    me::routes(&mut routes);
    invitations::routes(&mut routes);
    events::routes(&mut routes);
    health::routes(&mut routes);
    metrics::routes(&mut routes);
    docs::routes(&mut routes);
    actions::routes(&mut routes, pmos.table());
    routes.any("hooks.deliver", "/hooks/{token}", hooks::deliver);
    let app = Arc::new(App {
        origins: config.public_url.as_ref().map_or(Origins::Direct, |url| Origins::Known(url.as_str().to_owned())),
        https: config.public_url.as_ref().is_some_and(PublicUrl::is_https),
        proxies: config.trusted_proxies,
        metrics: config.metrics,
        metrics_token: config.metrics_token,
        stopping: config.stopping,
        streams: events::Streams::default(),
        names: routes.names,
        hook_timer: edge::HookTimer::default(),
        pmos,
    });
    routes
        .router
        .fallback(ui::fallback.layer(CompressionLayer::new()))
        .method_not_allowed_fallback(edge::wrong_method)
        .layer(axum::middleware::from_fn_with_state(app.clone(), edge::pass))
        .with_state(app)
}

/// Routes with their names.
#[derive(Default)]
struct Routes {
    router: Router<Shared>,
    names: HashMap<String, Vec<(Option<Method>, &'static str)>>,
}

impl Routes {
    fn on<H, T>(&mut self, name: &'static str, method: MethodFilter, path: &str, handler: H)
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let only = [
            (MethodFilter::GET, Method::GET),
            (MethodFilter::POST, Method::POST),
            (MethodFilter::PUT, Method::PUT),
            (MethodFilter::PATCH, Method::PATCH),
            (MethodFilter::DELETE, Method::DELETE),
        ];
        let method_name = only.into_iter().find(|(filter, _)| *filter == method).map(|(_, method)| method);
        self.add(name, method_name, path, on(method, handler));
    }

    fn any<H, T>(&mut self, name: &'static str, path: &str, handler: H)
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(name, None, path, any(handler));
    }

    fn add(&mut self, name: &'static str, method: Option<Method>, path: &str, route: MethodRouter<Shared>) {
        let names = self.names.entry(path.to_owned()).or_default();
        // A HEAD is answered by the route of the GET.
        if method == Some(Method::GET) {
            names.push((Some(Method::HEAD), name));
        }
        names.push((method, name));
        self.router = std::mem::take(&mut self.router).route(path, route);
    }
}
