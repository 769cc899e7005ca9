//! What a node does when it hears that something may have become untrue or due.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::Services;
use crate::{
    ChatId, WorkspaceId,
    audit::Subject,
    chat::ChatEvent,
    cluster::{Hint, Told},
    event::{Event, Notice},
};

impl Services {
    /// Follows a hint here, and gives it to the other nodes.
    pub(crate) fn hint(&self, hint: Hint) {
        self.follow(&hint);
        self.bus.tell(Told { by: self.node, hint });
    }

    /// Follows a hint of another node.
    pub(crate) fn hear(&self, told: &Told) {
        if told.by != self.node {
            self.follow(&told.hint);
        }
    }

    /// Follows hints that were missed: whatever may have changed, has.
    pub(crate) fn catch_up(&self) {
        self.runs.forget_hooks();
        self.rights.changed();
        self.limits.forget_all();
        if let Some(theirs) = &self.host_workspaces {
            theirs.forget_all();
        }
        self.runs.look();
        self.decided.notify_one();
        self.turns.look();
    }

    /// Passes what was committed on to those who watch, and makes what it changes of webhooks felt.
    pub(crate) fn publish(&self, workspace: WorkspaceId, events: Vec<Event>) {
        if events.iter().any(Event::changes_what_is_live) {
            self.hint(Hint::Hooks);
        }
        if !events.is_empty() {
            self.bus.publish(workspace, events.into_iter().map(Notice::Logged).collect());
        }
    }

    /// Shows what happened in a conversation to its owner, as far as they watch.
    pub(crate) fn show_chat(&self, workspace: WorkspaceId, session: ChatId, events: &[ChatEvent]) {
        if events.is_empty() || !self.bus.is_watched(workspace) {
            return;
        }
        let object = Subject::new("chat", session);
        let notices = events.iter().filter_map(|event| {
            let body: Arc<RawValue> = serde_json::value::to_raw_value(event).ok()?.into();
            Some(Notice::Progress { kind: format!("chat.{}", event.what.kind()).into(), object: object.clone(), body })
        });
        self.bus.publish(workspace, notices.collect());
    }

    fn follow(&self, hint: &Hint) {
        let runs = &self.runs;
        match hint {
            Hint::RunDue => runs.look(),
            Hint::RunCancelled(run) => {
                runs.cancel(*run);
                runs.look();
            }
            Hint::ChildrenCancelled(parent) => runs.cancel_children(*parent),
            Hint::Hooks => runs.forget_hooks(),
            Hint::Rights => self.rights.changed(),
            Hint::ApprovalDecided => self.decided.notify_one(),
            Hint::TurnDue => self.turns.look(),
            Hint::TurnCancelled(turn) => self.turns.cancel(*turn),
            Hint::Limits(workspace) => self.limits.forget(*workspace),
            Hint::Tenancy(workspace, engine) => self.watch.hurry(&(*workspace, engine.clone())),
            Hint::WorkspaceGone(workspace) => {
                runs.forget_workspace(*workspace);
                if let Some(theirs) = &self.host_workspaces {
                    theirs.forget(*workspace);
                }
            }
        }
    }
}
