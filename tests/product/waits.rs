//! Automations that start by themselves, wait, and run each other.

use std::{sync::Arc, time::Duration};

use pmos::core::{
    Channel, Pmos, Timestamp,
    action::{Caller, RequestInfo},
    event::{Feed, FeedItem, FeedRequest},
    testkit::TestClock,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::{self, On, TestStore},
    town::{call, try_call},
};

/// A server with a clock that stands still until it is told otherwise, and a person at home in it.
struct Server {
    pmos: Pmos,
    clock: Arc<TestClock>,
    home: Caller,
    kept: TestStore,
}

impl Server {
    async fn open(on: On) -> Option<Self> {
        let kept = on.store().await?;
        let clock = Arc::new(TestClock::default());
        let pmos = setup::builder(kept.store.clone(), "").clock(clock.clone()).build().unwrap();
        let who = setup::sign_up(&pmos, "Ada").await;
        let home = setup::at_home(&pmos, &who).await;
        Some(Self { pmos, clock, home, kept })
    }

    /// Lets its background work go on.
    fn work(self) -> Self {
        for job in self.pmos.background().unwrap() {
            tokio::spawn(job);
        }
        self
    }

    /// Another process with the same data, which goes on where this one is.
    async fn next(&self) -> Self {
        let kept = TestStore::shared(self.kept.store.clone());
        let pmos = setup::builder(kept.store.clone(), "").clock(self.clock.clone()).build().unwrap();
        let principal = pmos.vouch(self.home.principal().person.as_ref().unwrap().id, Channel::Rust).await.unwrap();
        let workspace = self.home.scope().unwrap().workspace();
        let request = RequestInfo::internal(&pmos).unwrap();
        let home = pmos.enter(&principal, workspace, request).await.unwrap();
        Self { pmos, clock: self.clock.clone(), home, kept }
    }

    /// One round of what is done in rounds.
    async fn tick(&self) {
        for job in self.pmos.jobs() {
            job.tick(self.now()).await.unwrap();
        }
    }

    fn now(&self) -> Timestamp {
        self.pmos.clock().now()
    }

    async fn limit_runs_per_day(&self, limit: u64) {
        let principal =
            self.pmos.vouch(self.home.principal().person.as_ref().unwrap().id, Channel::Rust).await.unwrap();
        let root = self.pmos.welcome(&principal, RequestInfo::internal(&self.pmos).unwrap());
        let workspace = self.home.scope().unwrap().workspace();
        call(&root, "quota.set", json!({"workspace": workspace, "limits": {"runs_per_day": limit}})).await;
    }

    async fn act(&self, action: &str, input: Value) -> Value {
        call(&self.home, action, input).await
    }

    /// A published automation of these steps in a row.
    async fn published(&self, name: &str, steps: &[Value]) -> Value {
        let flow = self.act("flows.create", json!({"name": name, "engine": "embedded", "graph": row(steps)})).await;
        self.act("flows.publish", json!({"flow": flow["id"], "enable": true})).await
    }

    async fn start(&self, flow: &Value, input: Value) -> Value {
        self.act("runs.start", json!({"flow": flow["id"], "input": input})).await["id"].clone()
    }

    async fn run(&self, run: &Value) -> Value {
        self.act("runs.get", json!({"run": run})).await
    }

    /// The run once it stands like this.
    async fn until(&self, run: &Value, status: &str) -> Value {
        let found = async {
            loop {
                let run = self.run(run).await;
                if run["status"] == status {
                    return run;
                }
                tokio::task::yield_now().await;
            }
        };
        let Ok(found) = tokio::time::timeout(Duration::from_secs(30), found).await else {
            panic!("the run is not {status}: {}", self.run(run).await)
        };
        found
    }

    async fn runs_of(&self, flow: &Value) -> Vec<Value> {
        let page = self.act("runs.list", json!({"flow": flow["id"], "limit": 100})).await;
        page["items"].as_array().unwrap().clone()
    }
}

fn step(id: &str, operation: &str, settings: Value) -> Value {
    let kind = if ["webhook", "manual", "schedule"].contains(&operation) { "trigger" } else { "action" };
    json!({"id": id, "kind": kind, "name": id, "piece": "core", "operation": operation, "settings": settings})
}

fn row(steps: &[Value]) -> Value {
    let edge = |pair: &[Value]| json!({"from": pair[0]["id"], "port": "next", "to": pair[1]["id"]});
    json!({"steps": steps, "edges": steps.windows(2).map(edge).collect::<Vec<_>>()})
}

fn by_hand() -> Value {
    step("trigger", "manual", json!({}))
}

fn every(seconds: u64, missed: &str) -> Value {
    step("trigger", "schedule", json!({"kind": "every", "seconds": seconds, "missed": missed}))
}

fn hour() -> [Value; 3] {
    [by_hand(), step("wait", "delay", json!({"seconds": 3_600})), step("reply", "respond", json!({"body": "late"}))]
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_waits_in_the_store_and_goes_on_at_its_time(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let flow = server.published("Late", &hour()).await;
    let run = server.start(&flow, json!({})).await;
    let waiting = server.until(&run, "waiting").await;
    assert_eq!(waiting["wake_at"], json!(server.now().plus(seconds(3_600))));
    assert_eq!(waiting["steps"][1]["status"], "waiting");
    // It is written first, and then let go.
    let let_go = async {
        while server.pmos.runs().count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), let_go).await.expect("it is work while it waits");
    server.clock.advance(seconds(3_600));
    let ended = server.until(&run, "succeeded").await;
    assert_eq!((&ended["result"], &ended["wake_at"]), (&json!("late"), &Value::Null));
    assert_eq!(ended["duration_ms"], 0.0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_that_waits_is_gone_on_with_by_the_next_process(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let flow = server.published("Late", &hour()).await;
    let run = server.start(&flow, json!({})).await;
    server.until(&run, "waiting").await;
    server.pmos.shut_down();
    let next = server.next().await.work();
    next.clock.advance(seconds(7_200));
    assert_eq!(next.until(&run, "succeeded").await["result"], "late");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_that_waits_can_be_stopped(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let flow = server.published("Late", &hour()).await;
    let run = server.start(&flow, json!({})).await;
    server.until(&run, "waiting").await;
    server.act("runs.cancel", json!({"run": run})).await;
    let ended = server.until(&run, "cancelled").await;
    assert_eq!(ended["steps"][1]["status"], "cancelled");
    assert_eq!(try_call(&server.home, "runs.cancel", json!({"run": run})).await.unwrap_err().code(), "run_ended");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_automation_starts_at_its_times_each_of_them_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let flow = server.published("Every minute", &[every(60, "skip"), step("set", "set", json!({"values": {}}))]).await;
    let upcoming: Vec<Timestamp> = serde_json::from_value(flow["upcoming"].clone()).unwrap();
    assert_eq!(upcoming.len(), 5);
    let other = server.next().await;
    for (n, slot) in upcoming.iter().enumerate() {
        server.clock.set(slot.plus(Duration::from_millis(20)));
        // Two processes look at the same moment.
        tokio::join!(server.tick(), other.tick(), server.tick(), other.tick());
        assert_eq!(server.runs_of(&flow).await.len(), n + 1);
    }
    let first = server.runs_of(&flow).await.pop().unwrap();
    assert_eq!((&first["trigger"], &first["started_by"]), (&json!("schedule"), &Value::Null));
    let run = server.until(&first["id"], "succeeded").await;
    assert_eq!(run["steps"][0]["output"]["slot"], json!(upcoming[0]));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_start_counts_once_against_the_daily_limit(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await else { return };
    server.limit_runs_per_day(5).await;
    let flow = server.published("Every minute", &[every(60, "skip")]).await;
    let upcoming: Vec<Timestamp> = serde_json::from_value(flow["upcoming"].clone()).unwrap();
    for (n, slot) in upcoming.iter().enumerate() {
        server.clock.set(slot.plus(Duration::from_millis(20)));
        // All but one of them come too late for the slot.
        tokio::join!(server.tick(), server.tick(), server.tick());
        assert_eq!(server.runs_of(&flow).await.len(), n + 1);
    }
    server.clock.advance(seconds(60));
    server.tick().await;
    assert_eq!(server.runs_of(&flow).await.len(), 5);
    let mut feed = Feed::open(&server.home, Some(0), FeedRequest::default()).await.unwrap();
    let refused = async {
        loop {
            if let Some(FeedItem::Event(event)) = feed.next().await.unwrap()
                && event.kind == "quota.exceeded"
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.expect("what is left out is told");
}

#[rstest]
#[case::one_run("run_once", 1)]
#[case::none("skip", 0)]
#[case::each("run_all", 6)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_was_off_for_an_hour_does_what_the_rule_says(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[case] missed: &str,
    #[case] runs: usize,
) {
    let Some(server) = Server::open(on).await else { return };
    server.clock.set("2027-01-01T10:03:00Z".parse().unwrap());
    let flow = server.published("Every ten minutes", &[every(600, missed)]).await;
    server.clock.set("2027-01-01T11:04:30Z".parse().unwrap());
    let next = server.next().await;
    next.tick().await;
    next.tick().await;
    assert_eq!(next.runs_of(&flow).await.len(), runs);
    next.clock.set("2027-01-01T11:10:01Z".parse().unwrap());
    next.tick().await;
    assert_eq!(next.runs_of(&flow).await.len(), runs + 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_automation_that_is_turned_off_does_not_start(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await else { return };
    let flow = server.published("Every minute", &[every(60, "run_all")]).await;
    server.act("flows.disable", json!({"flow": flow["id"]})).await;
    server.clock.advance(seconds(600));
    server.tick().await;
    assert_eq!(server.runs_of(&flow).await.len(), 0);
    server.act("flows.enable", json!({"flow": flow["id"]})).await;
    server.tick().await;
    assert_eq!(server.runs_of(&flow).await.len(), 0, "what passed while it was off is not made up for");
    server.clock.advance(seconds(60));
    server.tick().await;
    assert_eq!(server.runs_of(&flow).await.len(), 1);
    server.act("flows.delete", json!({"flow": flow["id"]})).await;
    server.clock.advance(seconds(600));
    server.tick().await;
    assert_eq!(server.runs_of(&flow).await.len(), 1);
}

/// What publishing an automation of these steps is refused for, as `field: message`.
async fn refused(server: &Server, steps: &[Value]) -> String {
    let flow = server.act("flows.create", json!({"name": "Odd", "engine": "embedded", "graph": row(steps)})).await;
    let error = try_call(&server.home, "flows.publish", json!({"flow": flow["id"], "enable": true})).await.unwrap_err();
    assert_eq!(error.code(), "not_ready");
    let said = |field: &pmos::core::FieldError| format!("{}: {}", field.field, field.message);
    error.fields().iter().map(said).collect::<Vec<_>>().join("\n")
}

#[rstest]
#[case::never(json!({"kind": "cron", "expr": "0 0 31 2 *"}), "trigger", "names a date that never comes")]
#[case::zone(json!({"kind": "cron", "expr": "0 9 * * *", "zone": "Europe/Atlantis"}), "trigger", "no time zone")]
#[case::gap(json!({"kind": "once", "at": "2027-03-28T02:30", "zone": "Europe/Vienna"}), "trigger", "does not exist in Europe/Vienna")]
#[case::over(json!({"kind": "once", "at": "2001-01-01T00:00:00Z"}), "trigger.at", "is over already")]
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_cannot_come_is_refused(#[case] settings: Value, #[case] field: &str, #[case] why: &str) {
    let server = Server::open(On::Memory).await.unwrap();
    let said = refused(&server, &[step("trigger", "schedule", settings)]).await;
    assert!(said.starts_with(field) && said.contains(why), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_of_a_hundred_years_is_refused() {
    let server = Server::open(On::Memory).await.unwrap();
    let said = refused(&server, &[by_hand(), step("wait", "delay", json!({"seconds": 3_155_760_000_u64}))]).await;
    assert!(said.contains("must be a number from 0 to 31622400"), "{said}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_automations_is_refused(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await else { return };
    let first = server.published("First", &[by_hand()]).await;
    let second = server.published("Second", &[by_hand(), step("call", "subflow", json!({"flow": first["id"]}))]).await;
    let own = server.act("flows.edit", json!({"flow": first["id"], "base": first["revision"], "edits": [
        {"op": "add_step", "after": "trigger", "step": {"id": "back", "name": "back", "kind": "action", "piece": "core", "operation": "subflow", "settings": {"flow": second["id"]}}},
    ]})).await;
    let error = try_call(&server.home, "flows.publish", json!({"flow": own["id"]})).await.unwrap_err();
    let field = &error.fields()[0];
    assert!(field.field.contains(".flow"), "{}", field.field);
    assert_eq!(field.message, "leads back to this automation, by way of \"Second\"; take one of these calls out");
    let missing = json!({"flow": "flow_00000000000000000000000000000009"});
    assert!(refused(&server, &[by_hand(), step("call", "subflow", missing)]).await.contains("call.flow: is not there"));
    let draft =
        server.act("flows.create", json!({"name": "Draft", "engine": "embedded", "graph": row(&[by_hand()])})).await;
    let said = refused(&server, &[by_hand(), step("call", "subflow", json!({"flow": draft["id"]}))]).await;
    assert!(said.contains("\"Draft\" is not published; publish it first"), "{said}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_automation_runs_another_one_and_takes_its_result(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let total = json!({"body": {"total": "{{ trigger.qty * 3 }}"}});
    let inner = server.published("Total", &[by_hand(), step("reply", "respond", total)]).await;
    let call = json!({"flow": inner["id"], "input": {"qty": "{{ trigger.qty }}"}});
    let outer =
        [by_hand(), step("call", "subflow", call), step("reply", "respond", json!({"body": "{{ steps.call.total }}"}))];
    let outer = server.published("Order", &outer).await;
    let run = server.start(&outer, json!({"qty": 4})).await;
    assert_eq!(server.until(&run, "succeeded").await["result"], 12);
    let inner = server.runs_of(&inner).await.pop().unwrap();
    assert_eq!((&inner["parent"], &inner["trigger"]), (&run, &json!("subflow")));
    assert_eq!(inner["started_by"], server.run(&run).await["started_by"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_another_automation_waits_for_is_waited_for_and_its_failure_travels(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let wait = step("wait", "delay", json!({"seconds": 60}));
    let inner = server.published("Fails", &[by_hand(), wait, step("stop", "stop", json!({"fail": "no stock"}))]).await;
    let outer = server.published("Order", &[by_hand(), step("call", "subflow", json!({"flow": inner["id"]}))]).await;
    let run = server.start(&outer, json!({})).await;
    assert_eq!(server.until(&run, "waiting").await["wake_at"], Value::Null);
    server.clock.advance(seconds(60));
    let error = server.until(&run, "failed").await["error"].clone();
    assert_eq!(error, "call: The other automation did not succeed: no stock.");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_that_is_stopped_takes_those_along_that_it_started(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let inner = server.published("Late", &hour()).await;
    let outer = server.published("Order", &[by_hand(), step("call", "subflow", json!({"flow": inner["id"]}))]).await;
    let run = server.start(&outer, json!({})).await;
    server.until(&run, "waiting").await;
    let inner = server.runs_of(&inner).await.pop().unwrap();
    server.act("runs.cancel", json!({"run": run})).await;
    server.until(&run, "cancelled").await;
    server.until(&inner["id"], "cancelled").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_run_that_is_stopped_fails_the_one_that_started_it(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(server) = Server::open(on).await.map(Server::work) else { return };
    let inner = server.published("Late", &hour()).await;
    let outer = server.published("Order", &[by_hand(), step("call", "subflow", json!({"flow": inner["id"]}))]).await;
    let run = server.start(&outer, json!({})).await;
    server.until(&run, "waiting").await;
    let inner = server.runs_of(&inner).await.pop().unwrap();
    server.act("runs.cancel", json!({"run": inner["id"]})).await;
    let error = server.until(&run, "failed").await["error"].clone();
    assert_eq!(error, "call: The other automation did not succeed: it was stopped.");
}
