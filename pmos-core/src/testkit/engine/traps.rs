//! Merges that go wrong in systems that look less closely, tried on flows of the engine under test.

use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use serde_json::{Map, Value, json};

use super::{
    Subject,
    draw::{Draw, Outcome, for_random_flows},
};
use crate::flow::{Edge, EditError, FlowEdit, FlowView, Graph, Issue, Merge, NewStep, Port, Step, StepId, merge};

/// Two people's edits of the same thing conflict, however they are said, and edits of different things do not.
pub fn merging_knows_the_usual_traps(subject: &Subject) {
    for_random_flows(subject, |draw| {
        let mut graph = draw.graph();
        let Some(one) = set(draw, subject, &mut graph, "one") else { return Ok(()) };
        let Some(two) = set(draw, subject, &mut graph, "two") else { return Ok(()) };
        let case = Case { subject, base: graph.in_reading_order() };
        case.settings(&one)?;
        case.lists(&one)?;
        case.removals(&one, &two)?;
        case.new_ids(draw, &one, &two)?;
        case.names_of_the_flow(&one)?;
        case.nulls(&one)?;
        case.issues(&one, &two)?;
        if subject.capabilities().free_layout { case.connections(&one, &two) } else { case.places(&one, &two) }
    });
}

/// Adds an action with settings that are made up, since merging asks no catalogue.
fn set(draw: &mut Draw, subject: &Subject, graph: &mut Graph, id: &str) -> Option<StepId> {
    let mut step = draw.action()?;
    step.id = id.parse().ok();
    let made_up = json!({"n": 1, "o": {"x": 1, "y": 1}, "rows": [{"x": 1}, {"x": 2}], "none": null});
    step.settings.clone_from(made_up.as_object()?);
    let trigger = graph.triggers().next()?.id.clone();
    let after = (!subject.capabilities().free_layout).then_some(trigger);
    draw.change(graph, FlowEdit::AddStep { step, after, port: None });
    graph.step(&id.parse().ok()?).map(|step| step.id.clone())
}

struct Case<'a> {
    subject: &'a Subject,
    base: Graph,
}

impl Case<'_> {
    fn merged(&self, theirs: &[FlowEdit], mine: &[FlowEdit]) -> Result<Option<Graph>, TestCaseError> {
        self.checked(theirs, mine, &|_| Vec::new())
    }

    fn checked(
        &self,
        theirs: &[FlowEdit],
        mine: &[FlowEdit],
        check: &dyn Fn(&Graph) -> Vec<Issue>,
    ) -> Result<Option<Graph>, TestCaseError> {
        let (engine, dialect) = (self.subject.capabilities(), self.subject.lens().dialect());
        let fail = |error: EditError| TestCaseError::fail(format!("{error} of {theirs:?} and {mine:?}"));
        let theirs = self.base.expand(theirs, &engine, dialect).map_err(fail)?;
        let current = self.base.apply(&theirs, &engine).map_err(fail)?;
        let (old, new) = (FlowView { name: "f", graph: &self.base }, FlowView { name: "f", graph: &current });
        Ok(match merge(&old, &new, mine, &engine, dialect, check).map_err(fail)? {
            Merge::Merged { graph, edits } => {
                prop_assert_eq!(&current.apply(&edits, &engine).map_err(fail)?, &graph);
                Some(graph)
            }
            Merge::Conflict { theirs, .. } => {
                prop_assert_eq!(self.base.apply(&theirs, &engine).map_err(fail)?, current);
                None
            }
        })
    }

    fn conflict(&self, one: &[FlowEdit], two: &[FlowEdit]) -> Outcome {
        for (theirs, mine) in [(one, two), (two, one)] {
            prop_assert!(self.merged(theirs, mine)?.is_none(), "merged {:?} over {:?}", mine, theirs);
        }
        Ok(())
    }

    fn no_conflict(&self, one: &[FlowEdit], two: &[FlowEdit]) -> Result<Graph, TestCaseError> {
        match (self.merged(one, two)?, self.merged(two, one)?) {
            (Some(graph), Some(other)) if graph == other => Ok(graph),
            _ => Err(TestCaseError::fail(format!("does not merge {one:?} with {two:?}"))),
        }
    }

    /// Each setting for itself, also inside of objects; an object as a whole against what is in it.
    fn settings(&self, id: &StepId) -> Outcome {
        let both = self.no_conflict(&update(id, &json!({"o": {"x": 2}})), &update(id, &json!({"o": {"y": 2}})))?;
        prop_assert_eq!(both.step(id).map(|step| &step.settings["o"]), Some(&json!({"x": 2, "y": 2})));
        self.conflict(&update(id, &json!({"n": 2})), &update(id, &json!({"n": 3})))?;
        // Who asks for what is there already wants it to stay.
        let same = self.merged(&update(id, &json!({"n": 3})), &update(id, &json!({"n": 1})))?;
        prop_assert!(same.is_none(), "a request for the old value was merged over a new one");
        self.conflict(&update(id, &json!({"o": {"x": 2}})), &update(id, &json!({"o": null})))?;
        self.conflict(&update(id, &json!({"new": {"x": 1}})), &update(id, &json!({"new": {"y": 1}})))
    }

    /// A list is one thing: two entries of it are not changed by two people at once.
    fn lists(&self, id: &StepId) -> Outcome {
        let first = update(id, &json!({"rows": [{"x": 9}, {"x": 2}]}));
        self.conflict(&first, &update(id, &json!({"rows": [{"x": 1}, {"x": 9}]})))?;
        self.no_conflict(&first, &update(id, &json!({"n": 2}))).map(drop)
    }

    fn removals(&self, one: &StepId, two: &StepId) -> Outcome {
        let gone = [FlowEdit::RemoveStep { id: one.clone(), keep_following: true }];
        self.conflict(&gone, &update(one, &json!({"n": 2})))?;
        self.no_conflict(&gone, &update(two, &json!({"n": 2}))).map(drop)
    }

    /// An id that was taken meanwhile is numbered, and the rest of the list follows it.
    fn new_ids(&self, draw: &mut Draw, one: &StepId, two: &StepId) -> Outcome {
        let Some(mut step) = draw.action() else { return Ok(()) };
        step.id = "new".parse().ok();
        let add = |after: &StepId| {
            let after = (!self.subject.capabilities().free_layout).then(|| after.clone());
            FlowEdit::AddStep { step: NewStep { settings: Map::new(), ..step.clone() }, after, port: None }
        };
        let Ok(new) = "new".parse::<StepId>() else { return Ok(()) };
        let mine = [vec![add(two)], update(&new, &json!({"mine": true}))].concat();
        let merged = self.merged(&[add(one)], &mine)?;
        let Some(merged) = merged else { return Err(TestCaseError::fail("a new step conflicts with a new step")) };
        prop_assert_eq!(merged.steps.len(), self.base.steps.len() + 2);
        prop_assert!(merged.step(&new).is_some_and(|step| !step.settings.contains_key("mine")), "{:?}", merged);
        let names = |step: &&Step| step.settings.get("mine") == Some(&Value::Bool(true));
        prop_assert_eq!(merged.steps.iter().filter(names).count(), 1);
        let mut titles: Vec<&str> = merged.steps.iter().map(|step| step.name.as_str()).collect();
        titles.sort_unstable();
        let all = titles.len();
        titles.dedup();
        prop_assert!(
            titles.len() == all || !self.subject.lens().dialect().names_are_unique(),
            "two steps got one name: {:?}",
            merged
        );
        Ok(())
    }

    fn names_of_the_flow(&self, id: &StepId) -> Outcome {
        let rename = [FlowEdit::Rename { name: "mine".to_owned() }];
        self.no_conflict(&rename, &update(id, &json!({"n": 2}))).map(drop)
    }

    /// A merge patch cannot set a null, so a step that had one comes back as a whole.
    fn nulls(&self, id: &StepId) -> Outcome {
        let engine = self.subject.capabilities();
        let edit = update(id, &json!({"none": "some"}));
        let fail = |error: EditError| TestCaseError::fail(error.to_string());
        let back = FlowView { name: "f", graph: &self.base }.invert(&edit, &engine).map_err(fail)?;
        let there = self.base.apply(&edit, &engine).map_err(fail)?;
        prop_assert_eq!(there.apply(&back, &engine).map_err(fail)?, self.base.clone(), "\nby {:?}", back);
        Ok(())
    }

    /// Each change alone is fine and both together are not.
    fn issues(&self, one: &StepId, two: &StepId) -> Outcome {
        let busy = |graph: &Graph| {
            let changed = graph.steps.iter().filter(|step| step.settings.get("n") == Some(&json!(2)));
            let issue = || Issue { step: None, field: None, code: "busy".to_owned(), message: String::new() };
            if changed.count() > 1 { vec![issue()] } else { Vec::new() }
        };
        let (one, two) = (update(one, &json!({"n": 2})), update(two, &json!({"n": 2})));
        prop_assert!(self.checked(&one, &two, &busy)?.is_none(), "merged two changes that do not go together");
        Ok(())
    }

    /// A tree: two steps in one gap, two steps into each other.
    fn places(&self, one: &StepId, two: &StepId) -> Outcome {
        let Some(trigger) = self.base.triggers().next() else { return Ok(()) };
        let to = |id: &StepId, after: &StepId| {
            [FlowEdit::MoveStep { id: id.clone(), after: after.clone(), port: Port::next() }]
        };
        // `two` stands before `one`, right behind the trigger.
        self.conflict(&to(one, &trigger.id), &to(two, one))?;
        let removed = [FlowEdit::RemoveStep { id: two.clone(), keep_following: true }];
        self.conflict(&removed, &to(one, &trigger.id))
    }

    /// A graph: an edge and its ends.
    fn connections(&self, one: &StepId, two: &StepId) -> Outcome {
        let Some(port) = self.base.edges.first().map(|edge| edge.port.clone()) else { return Ok(()) };
        let connect = |from: &StepId, to: &StepId| {
            [FlowEdit::Connect { from: from.clone(), port: port.clone(), to: to.clone(), input: None }]
        };
        let is_new = |from: &StepId, to: &StepId| {
            let edge = Edge { from: from.clone(), port: port.clone(), to: to.clone(), input: None };
            !self.base.edges.contains(&edge)
        };
        if !is_new(one, two) || !is_new(two, one) {
            return Ok(());
        }
        self.no_conflict(&connect(one, two), &connect(two, one))?;
        self.conflict(&connect(one, two), &connect(one, two))?;
        let gone = [FlowEdit::RemoveStep { id: two.clone(), keep_following: false }];
        self.conflict(&gone, &connect(one, two))?;
        let place = |id: &StepId| [FlowEdit::SetPosition { id: id.clone(), x: 1.0, y: 1.0 }];
        self.no_conflict(&place(one), &place(two))?;
        self.conflict(&place(one), &place(one))
    }
}

fn update(id: &StepId, settings: &Value) -> Vec<FlowEdit> {
    let set = Map::from_iter([("settings".to_owned(), settings.clone())]);
    vec![FlowEdit::UpdateStep { id: id.clone(), set }]
}
