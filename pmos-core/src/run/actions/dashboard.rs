use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    FlowId, PageRequest, Result, Role, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    engine::{HealthFact, hosting},
    quota::actions::{QuotaUse, usage},
    run::{RunStatus, RunSummary},
    store::{FailingFlow, FlowFilter, RunCount, RunFilter},
    workspace::Label,
};

/// Durations that percentiles are taken of, at most.
const SAMPLE: u32 = 10_000;
/// Failing automations and recent runs that are shown.
const SHOWN: u32 = 8;

/// Shows how the workspace does: numbers, what failed, the newest runs, what is left to set up.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetDashboard {
    /// How far back, `24h` when left out.
    #[serde(default)]
    pub window: Window,
}

/// How far back a dashboard looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Window {
    /// A day, by the hour.
    #[default]
    #[serde(rename = "24h")]
    Day,
    /// A week, by the day.
    #[serde(rename = "7d")]
    Week,
}

impl Window {
    fn spans(self) -> (u32, Duration) {
        const HOUR: Duration = Duration::from_hours(1);
        match self {
            Self::Day => (24, HOUR),
            Self::Week => (7, HOUR.saturating_mul(24)),
        }
    }
}

/// How the workspace does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Dashboard {
    /// How far back the numbers look.
    pub window: Window,
    /// Runs in numbers.
    pub runs: RunNumbers,
    /// Automations with the most failed runs.
    pub failing_flows: Vec<FailingFlowView>,
    /// How many acts wait for an approval.
    pub approvals: u64,
    /// What is used of each limit.
    pub usage: Vec<QuotaUse>,
    /// The newest runs.
    pub recent_runs: Vec<RunSummary>,
    /// What is left to set up.
    pub setup: Setup,
    /// How the engines stand that the workspace can use.
    pub health: Vec<HealthFact>,
}

/// Runs in numbers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RunNumbers {
    /// How many began.
    pub total: u64,
    /// How many, by how they stand.
    pub by_status: BTreeMap<String, u64>,
    /// The part of finished runs that succeeded, 0 to 1; none without finished runs.
    pub success_rate: Option<f64>,
    /// The duration that half of the finished runs stay below, in milliseconds.
    pub p50_ms: Option<f64>,
    /// The duration that 95 of 100 finished runs stay below, in milliseconds.
    pub p95_ms: Option<f64>,
    /// The same over time, oldest first.
    pub series: Vec<SeriesPoint>,
}

/// Runs that began in an hour or on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SeriesPoint {
    /// When it begins.
    pub at: Timestamp,
    /// How many succeeded.
    pub succeeded: u64,
    /// How many failed, timed out or need attention.
    pub failed: u64,
    /// How many are under way or were cancelled.
    pub other: u64,
}

/// An automation whose runs failed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FailingFlowView {
    /// The automation.
    pub id: FlowId,
    /// What people read.
    pub name: Label,
    /// How many failed runs.
    pub failures: u64,
    /// Why the newest failed.
    pub last_error: Option<String>,
    /// When the newest failed.
    pub last_at: Timestamp,
}

/// What is left to set up.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Setup {
    /// How many steps are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// The steps in order.
    pub steps: Vec<SetupStep>,
}

/// One thing to set up.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SetupStep {
    /// `create_flow`, `publish_flow`, `first_run` or `invite`.
    pub name: &'static str,
    /// Whether it is done.
    pub done: bool,
}

#[async_trait]
impl Action for GetDashboard {
    const SPEC: ActionSpec = ActionSpec::read("dashboard.get", Method::Get, "/dashboard").role(Role::Viewer).agents();
    type Output = Dashboard;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (count, span) = self.window.spans();
        let since = beginning(cx.now(), count, span);
        let owner = cx.scope()?.workspace();
        let newest = PageRequest::parse(Some(SHOWN), None, owner)?;
        let one = PageRequest::parse(Some(1), None, owner)?;
        let kept_here = cx.services().host_workspaces.is_none();
        let unit = cx.read().await?;
        let span_us = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let counts = unit.runs().series(since, span_us).await?;
        let mut durations = unit.runs().durations(since, SAMPLE).await?;
        durations.sort_unstable();
        let failing = unit.runs().failing(since, SHOWN).await?;
        let recent_runs = unit.runs().list(&RunFilter::default(), &newest).await?.items;
        let mut failing_flows = Vec::new();
        for FailingFlow { flow, failures, last_error, last_at } in failing {
            if let Some(row) = unit.flows().get(flow).await? {
                failing_flows.push(FailingFlowView { id: flow, name: row.name, failures, last_error, last_at });
            }
        }
        let approvals = unit.approvals().count_pending().await?;
        let has_flow = !unit.flows().list(&FlowFilter::default(), &one).await?.items.is_empty();
        let live = FlowFilter { enabled: Some(true), ..FlowFilter::default() };
        let has_live = !unit.flows().list(&live, &one).await?.items.is_empty();
        let has_company = unit.members().count(None).await? + unit.invitations().count().await? > 1;
        let mut steps = vec![
            SetupStep { name: "create_flow", done: has_flow },
            SetupStep { name: "publish_flow", done: has_live },
            SetupStep { name: "first_run", done: !recent_runs.is_empty() },
        ];
        if kept_here {
            steps.push(SetupStep { name: "invite", done: has_company });
        }
        let tenancies = unit.engines().tenancies().await?;
        let usage = usage(cx).await?;
        let now = cx.now();
        Ok(Dashboard {
            window: self.window,
            runs: numbers(&counts, &durations, since, count, span),
            failing_flows,
            approvals,
            usage,
            recent_runs,
            setup: Setup { done: steps.iter().filter(|step| step.done).count(), total: steps.len(), steps },
            health: cx.engines().iter().filter_map(|engine| hosting::health(&**engine, &tenancies, now)).collect(),
        })
    }
}

/// The beginning of the oldest span shown: spans begin on the hour and the newest holds this moment.
fn beginning(now: Timestamp, count: u32, span: Duration) -> Timestamp {
    let width = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros() - now.micros().rem_euclid(width))
        .minus(span.saturating_mul(count.saturating_sub(1)))
}

fn numbers(counts: &[RunCount], durations: &[u64], since: Timestamp, count: u32, span: Duration) -> RunNumbers {
    let mut by_status = BTreeMap::<String, u64>::new();
    let mut series: Vec<_> = (0..count)
        .map(|n| SeriesPoint { at: since.plus(span.saturating_mul(n)), succeeded: 0, failed: 0, other: 0 })
        .collect();
    for RunCount { at, status, count } in counts {
        *by_status.entry(status.as_str().to_owned()).or_default() += count;
        let place = usize::try_from(at.since(since).as_micros() / span.as_micros().max(1)).unwrap_or(usize::MAX);
        let last = series.len().saturating_sub(1);
        if let Some(point) = series.get_mut(place.min(last)) {
            *match status {
                RunStatus::Succeeded => &mut point.succeeded,
                RunStatus::Failed | RunStatus::TimedOut | RunStatus::NeedsAttention => &mut point.failed,
                _ => &mut point.other,
            } += count;
        }
    }
    let succeeded: u64 = series.iter().map(|point| point.succeeded).sum();
    let failed: u64 = series.iter().map(|point| point.failed).sum();
    RunNumbers {
        total: counts.iter().map(|count| count.count).sum(),
        by_status,
        success_rate: (succeeded + failed > 0).then(|| ratio(succeeded, succeeded + failed)),
        p50_ms: percentile(durations, 50),
        p95_ms: percentile(durations, 95),
        series,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of runs are far below 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// A percentile of sorted microseconds, in milliseconds.
fn percentile(sorted: &[u64], percent: usize) -> Option<f64> {
    let at = (sorted.len() * percent).div_ceil(100).checked_sub(1)?;
    sorted.get(at).map(|micros| ratio(*micros, 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_name_a_duration_that_occurred() {
        let sorted: Vec<u64> = (1..=100).map(|n| n * 1_000).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 95)), (Some(50.0), Some(95.0)));
        assert_eq!(percentile(&[7_000], 95), Some(7.0));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn runs_are_counted_in_the_hour_they_began() {
        let since = Timestamp::from_micros(0);
        let hour = Duration::from_hours(1);
        let counts = [
            RunCount { at: since.plus(hour), status: RunStatus::Succeeded, count: 3 },
            RunCount { at: since.plus(hour), status: RunStatus::Failed, count: 1 },
        ];
        let numbers = numbers(&counts, &[], since, 24, hour);
        assert_eq!((numbers.series.len(), numbers.series[1].succeeded, numbers.series[1].failed), (24, 3, 1));
        assert_eq!((numbers.total, numbers.success_rate), (4, Some(0.75)));
    }
}
