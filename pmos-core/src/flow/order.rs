//! The one order in which a graph is written down, and what the names of ports say.
//!
//! The order of steps, edges and notes has no meaning. Giving every graph the same order makes two graphs with the same
//! content equal, and lets a plain list of steps read from top to bottom.

use std::collections::HashMap;

use super::{Edge, Graph, Port, Step, StepId};

impl Port {
    /// The family and number of a port that is one of several, as `("branch", 2)` for `branch:2`.
    pub fn numbered(&self) -> Option<(&str, usize)> {
        let (family, index) = self.as_str().rsplit_once(':')?;
        Some((family, index.parse().ok()?))
    }

    /// Whether it leads to what comes after, rather than to something inside the step.
    pub fn is_next(&self) -> bool {
        self.as_str() == "next"
    }

    /// What is read first: branches by number, then the rest of what is inside, then what comes after.
    fn rank(&self) -> (u8, &str, usize) {
        match (self.as_str(), self.numbered()) {
            ("next", _) => (3, "", 0),
            ("otherwise", _) => (1, "", 0),
            (_, Some((family, index))) => (0, family, index),
            (text, None) => (2, text, 0),
        }
    }
}

impl Edge {
    /// Leaving the input out and naming the usual one mean the same; this is the short form.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.input = self.input.filter(|input| input != "in");
        self
    }

    fn reading_order(&self, other: &Self) -> std::cmp::Ordering {
        (self.port.rank(), &self.to, &self.input).cmp(&(other.port.rank(), &other.to, &other.input))
    }
}

impl Graph {
    /// The same graph from the trigger downwards: every step before what is inside it, that before what comes after.
    /// Steps that nothing leads to come last. Two graphs with the same content become equal.
    ///
    /// ```
    /// # use pmos_core::flow::Graph;
    /// let graph: Graph = serde_json::from_str(r#"{
    ///   "steps": [{"id":"reply","kind":"action","name":"Answer","piece":"core","operation":"respond"},
    ///             {"id":"trigger","kind":"trigger","name":"Start","piece":"core","operation":"manual"}],
    ///   "edges": [{"from":"trigger","port":"next","to":"reply"}]}"#).unwrap();
    /// assert_eq!(graph.in_reading_order().steps[0].id.as_str(), "trigger");
    /// ```
    #[must_use]
    pub fn in_reading_order(&self) -> Self {
        self.clone().into_reading_order()
    }

    /// The same without a copy.
    #[must_use]
    pub fn into_reading_order(self) -> Self {
        let order = self.step_order();
        let place: HashMap<&StepId, usize> =
            order.iter().enumerate().rev().map(|(place, &at)| (&self.steps[at].id, place)).collect();
        let mut edges: Vec<Edge> = self.edges.into_iter().map(Edge::plain).collect();
        let place_of = |edge: &Edge| place.get(&edge.from).copied().unwrap_or(usize::MAX);
        edges.sort_by(|a, b| {
            place_of(a).cmp(&place_of(b)).then_with(|| a.from.cmp(&b.from)).then_with(|| a.reading_order(b))
        });
        let mut notes = self.notes;
        notes.sort_by(|a, b| a.id.cmp(&b.id));
        let mut steps: Vec<Option<Step>> = self.steps.into_iter().map(Some).collect();
        Self { steps: order.into_iter().filter_map(|at| steps[at].take()).collect(), edges, notes }
    }

    /// The places of the steps in reading order. Without recursion: a flow may be a thousand loops deep.
    fn step_order(&self) -> Vec<usize> {
        let mut by_id: Vec<usize> = (0..self.steps.len()).collect();
        by_id.sort_by(|&a, &b| self.steps[a].id.cmp(&self.steps[b].id));
        let at: HashMap<&StepId, usize> = by_id.iter().rev().map(|&at| (&self.steps[at].id, at)).collect();
        let mut out: HashMap<&StepId, Vec<&Edge>> = HashMap::new();
        for edge in &self.edges {
            out.entry(&edge.from).or_default().push(edge);
        }
        for edges in out.values_mut() {
            edges.sort_by(|a, b| a.reading_order(b));
        }
        let triggers = by_id.iter().copied().filter(|&at| self.steps[at].kind == super::StepKind::Trigger);
        let roots: Vec<usize> = triggers.chain(by_id.iter().copied()).collect();

        let mut seen = vec![false; self.steps.len()];
        let mut order = Vec::with_capacity(self.steps.len());
        for root in roots {
            let mut waiting = vec![root];
            while let Some(step) = waiting.pop() {
                if std::mem::replace(&mut seen[step], true) {
                    continue;
                }
                order.push(step);
                let following = out.get(&self.steps[step].id).into_iter().flatten().rev();
                waiting.extend(following.filter_map(|edge| at.get(&edge.to)));
            }
        }
        order
    }
}
