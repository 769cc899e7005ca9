//! Actions: every use case of the product, in one table, through one pipeline.
//!
//! A person in a browser, a program with a key, an assistant, a schedule and the program that embeds us all pass the same
//! steps in the same order:
//!
//! address limit → authenticate → enter → permission and caller → body → validate → rate → idempotency → approval gate →
//! run → audit, events and the remembered answer in one commit → publish
//!
//! To add a use case: write a type for its input in the noun's `actions/`, implement [`Action`], add it to the list in
//! that folder's `mod.rs`. Its route, its OpenAPI entry, its permission row and its cases of the isolation matrix follow
//! from [`Action::SPEC`]; the build fails until the matrix knows what to expect.

mod caller;
mod context;
mod entering;
mod gate;
mod held;
mod input;
mod openapi;
mod parking;
mod part;
mod pipeline;
mod spec;
mod state;
mod table;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

pub use caller::{Called, Caller, SessionChange};
pub use context::Context;
pub(crate) use entering::enter_again;
pub use gate::{Facts, GatePolicy, Gated, Verdict, WorkspaceRules};
pub(crate) use held::OneUnit;
pub use openapi::openapi;
pub(crate) use parking::opened;
pub(crate) use pipeline::Pipeline;
pub use spec::{ActionSpec, Channels, Method, Permission, Reach, Success};
pub(crate) use state::HostState;
pub use table::{Entry, Table};

pub(crate) use crate::outward::Lent;
use crate::{Result, audit::Subject};
pub use crate::{
    effect::Effect,
    outward::{Intent, Outward},
    request::{IdempotencyKey, RequestInfo},
};

/// One use case: its input is the type itself.
///
/// ```
/// use pmos_core::{Result, Role, action::{Action, ActionSpec, Context, Method}};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// /// Says what time it is.
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct TellTime {}
///
/// #[async_trait::async_trait]
/// impl Action for TellTime {
///     const SPEC: ActionSpec = ActionSpec::read("time.tell", Method::Get, "/time").role(Role::Viewer);
///     type Output = String;
///     async fn run(self, cx: &mut Context<'_>) -> Result<String> {
///         Ok(cx.now().to_string())
///     }
/// }
/// ```
#[async_trait]
pub trait Action: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Its name, who may, how it is reached.
    const SPEC: ActionSpec;
    /// What it answers.
    type Output: Serialize + JsonSchema + Send + 'static;

    /// What this very call does to the world, where that depends on its input or on what it is about. Asked of those whose
    /// risky acts need an approval.
    async fn effect(&self, facts: &Facts<'_>) -> Result<Effect> {
        let _ = facts;
        Ok(Self::SPEC.effect)
    }

    /// What it is about, for the audit; an act that makes a new object names it with [`Context::about`].
    fn subject(&self) -> Option<Subject> {
        None
    }

    /// Does it. What is written in [`Context::write`] becomes true when this returns `Ok`, together with the audit record and
    /// the events.
    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output>;
}
