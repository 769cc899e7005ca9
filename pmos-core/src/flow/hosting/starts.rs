//! What a flow that starts by itself or runs others must fulfil before it goes live.

use std::collections::{HashSet, VecDeque};

use crate::{
    Error, FlowId, Kind, Result, Timestamp,
    action::Context,
    flow::{Document, FlowEngine, Host, StepId},
    schedule::Schedule,
    store::FlowRow,
};

/// The most automations that are looked at behind one.
const MOST_CALLED: usize = 500;

/// How many of the times to come are shown.
const SHOWN: usize = 5;

/// When a flow with this text starts by itself; one of a remote engine is started there.
pub(crate) fn schedule(engine: &dyn FlowEngine, document: &Document) -> Option<Schedule> {
    match engine.host() {
        Host::Embedded(runner) => runner.schedule(document),
        Host::Remote(_) => None,
    }
}

/// The next times at which a draft would start by itself.
pub(super) fn upcoming(now: Timestamp, engine: &dyn FlowEngine, row: &FlowRow) -> Vec<Timestamp> {
    let schedule = if row.trigger.as_deref() == Some("schedule") { schedule(engine, &row.document) } else { None };
    schedule.map(|schedule| schedule.upcoming(now).take(SHOWN).collect()).unwrap_or_default()
}

/// The first time at which a flow with this text starts by itself; none when it does not.
///
/// # Errors
/// `not_ready` naming the setting, when its time is over.
pub(super) fn first_slot(now: Timestamp, engine: &dyn FlowEngine, document: &Document) -> Result<Option<Timestamp>> {
    let Some(schedule) = schedule(engine, document) else { return Ok(None) };
    let graph = engine.lens().view(document)?;
    match (schedule.next_after(now), graph.triggers().next()) {
        (None, Some(trigger)) => {
            Err(refused(format!("{}.at", trigger.id), "is over already; choose a time that is to come"))
        }
        (next, _) => Ok(next),
    }
}

/// Refuses a flow that runs automations that are not there, not published, or lead back to it.
///
/// # Errors
/// `not_ready` naming the step.
pub(super) async fn must_call_well(cx: &mut Context<'_>, engine: &dyn FlowEngine, row: &FlowRow) -> Result<()> {
    let calls = engine.lens().calls(&row.document);
    let mut open: VecDeque<(StepId, FlowId, String)> =
        calls.into_iter().map(|(step, flow)| (step, flow, String::new())).collect();
    let mut seen = HashSet::new();
    while let Some((step, flow, way)) = open.pop_front() {
        let field = format!("{step}.flow");
        if flow == row.id {
            let message = match way.as_str() {
                "" => "is this automation itself, which would run without an end; choose another one".to_owned(),
                way => format!("leads back to this automation, by way of{way}; take one of these calls out"),
            };
            return Err(refused(field, message));
        }
        if !seen.insert(flow) {
            continue;
        }
        if seen.len() > MOST_CALLED {
            return Err(refused(field, format!("leads to more than {MOST_CALLED} automations; call fewer")));
        }
        let unit = cx.read().await?;
        let Some(called) = unit.flows().get(flow).await? else {
            return Err(refused(field, "is not there; choose another one"));
        };
        if called.engine != row.engine {
            return Err(refused(field, "is run by another engine; choose one of this engine"));
        }
        let Some(published) = called.published else {
            return Err(refused(field, format!("\"{}\" is not published; publish it first", called.name)));
        };
        let version = unit.flows().version(flow, published.version).await?;
        let way = format!("{way} \"{}\"", called.name);
        let further = version.map(|version| engine.lens().calls(&version.document)).unwrap_or_default();
        open.extend(further.into_iter().map(|(_, next)| (step.clone(), next, way.clone())));
    }
    Ok(())
}

fn refused(field: String, message: impl Into<String>) -> Error {
    let said = "The automation has open issues. Mend them, then publish.";
    Error::new(Kind::Invalid, "not_ready", said).at(field, message)
}
