//! The log of a workspace as server-sent events.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::MethodFilter,
};
use futures::{Stream, stream};
use parking_lot::Mutex;
use pmos_core::{
    Actor, Error, Id, Kind, RequestId,
    event::{Feed, FeedItem, FeedRequest},
};
use tokio_util::sync::CancellationToken;

use super::{
    Problem, Routes, Shared,
    actions::path,
    arrival::Arrival,
    caller::{self, CallerToken},
};

/// How many streams one person or key may hold open.
const MOST: usize = 20;
/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a browser comes back after the server ended a stream.
const COME_BACK: Duration = Duration::from_secs(1);

pub(super) fn routes(routes: &mut Routes) {
    routes.on("events.watch", MethodFilter::GET, "/api/v1/workspaces/{w}/events", watch);
}

/// The streams that are open, by who watches.
#[derive(Default)]
pub(super) struct Streams(Arc<Mutex<HashMap<Actor, usize>>>);

/// One open stream.
struct Seat {
    streams: Arc<Mutex<HashMap<Actor, usize>>>,
    who: Actor,
}

impl Streams {
    fn take(&self, who: Actor) -> Result<Seat, Problem> {
        let mut streams = self.0.lock();
        let open = streams.entry(who).or_default();
        if *open >= MOST {
            let message = format!("{MOST} event streams are open already. Close one of them.");
            return Err(Error::new(Kind::Limited, "too_many_streams", message).retry_after(COME_BACK).into());
        }
        *open += 1;
        Ok(Seat { streams: self.0.clone(), who })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.streams.lock();
        if let Some(open) = streams.get_mut(&self.who) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.who);
            }
        }
    }
}

/// An open stream, which its feed ends when the watcher may not watch any more.
struct Watcher {
    stopping: CancellationToken,
    request: RequestId,
    feed: Feed,
    ended: bool,
    _seat: Seat,
}

async fn watch(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let parameters = path(&app, &mut parts).await?;
    let workspace = parameters.iter().next().map(|(_, workspace)| workspace.to_owned()).unwrap_or_default();
    let info = Arrival::of(&parts)?.request_info(&parts.headers)?;
    let token = CallerToken::of(&app, &parts)?;
    let principal = token.recognise(&app).await?;
    let request = info.id;
    let caller = caller::enter(&app, &principal, &workspace, &parts.headers, info).await?;
    let query = Query::of(&parts)?;
    let seat = app.streams.take(principal.actor)?;
    let feed = Feed::open(&caller, query.after, query.watch).await?;
    let watcher = Watcher { stopping: app.stopping.clone(), request, feed, ended: false, _seat: seat };
    let mut response = Sse::new(events(watcher)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // A proxy that collects answers would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What a watcher wants.
struct Query {
    /// The event after which it begins.
    after: Option<u64>,
    /// What is shown beside the log.
    watch: FeedRequest,
}

impl Query {
    fn of(parts: &Parts) -> Result<Self, Problem> {
        let after = match parts.headers.get("last-event-id") {
            None => None,
            Some(id) if id.is_empty() => None,
            Some(id) => {
                let id = id.to_str().ok().and_then(|id| id.parse().ok());
                Some(id.ok_or_else(|| Error::invalid("Last-Event-ID", "must be the id of an event, a whole number"))?)
            }
        };
        let mut watch = FeedRequest::default();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "run" => watch.run = Some(parsed("run", &value)?),
                "flow" => watch.flow = Some(parsed("flow", &value)?),
                "session" => watch.session = Some(parsed("session", &value)?),
                other => return Err(Error::invalid(other, "is not a field of this request").into()),
            }
        }
        Ok(Self { after, watch })
    }
}

fn parsed<T: Id>(name: &str, value: &str) -> Result<T, Error> {
    value.parse().map_err(|fault| Error::invalid(name, format!("{fault}")))
}

fn events(watcher: Watcher) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    })
}

impl Watcher {
    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => {
                self.ended = true;
                Some(Event::default().retry(COME_BACK).comment("the server restarts"))
            }
            item = self.feed.next() => match item {
                Ok(item) => item.map(|item| written(&item)),
                // The watcher may not watch any more.
                Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Unauthenticated) => None,
                Err(error) => {
                    tracing::warn!(request = %self.request, ?error, "an event stream ended early");
                    self.ended = true;
                    Some(Event::default().retry(COME_BACK).comment("try again"))
                }
            },
        }
    }
}

fn written(item: &FeedItem) -> Event {
    match item {
        FeedItem::Event(event) => Event::default().id(event.seq.to_string()).event(&event.kind).data(event.body.get()),
        FeedItem::Progress { kind, body } => Event::default().event(kind).data(body.get()),
        FeedItem::Reset(head) => Event::default().id(head.to_string()).event("reset").data(r#"{"type":"reset"}"#),
        _ => Event::default().comment("what this server does not know yet"),
    }
}
