//! What an act on a flow does that another one overtook.

use crate::{Error, FlowId, Result, action::Context, store::FlowRow};

/// How often an act begins again before the caller is told.
const TRIES: u32 = 8;

/// The tries of an act. What it read was changed before it wrote, so it reads again and does the same on top.
#[derive(Debug, Default)]
pub(super) struct Race {
    lost: u32,
}

impl Race {
    /// Waits until no other act changes the flow, so that a crowd gets through one after the other: computing the same change
    /// at the same time would only have one of them do it again.
    ///
    /// # Errors
    /// As [`Context::lock_flow`].
    pub(super) async fn begin(cx: &mut Context<'_>, flow: FlowId) -> Result<Self> {
        cx.lock_flow(flow).await?;
        Ok(Self::default())
    }

    /// Takes back what was written and reads the flow as it is now.
    ///
    /// # Errors
    /// `not_found` when it is gone, `conflict` after too many losses.
    pub(super) async fn lost(&mut self, cx: &mut Context<'_>, flow: FlowId) -> Result<FlowRow> {
        self.again(cx)?;
        Context::found(cx.read().await?.flows().get(flow).await?)
    }

    /// Takes back what was written.
    ///
    /// # Errors
    /// `conflict` after too many losses.
    pub(super) fn again(&mut self, cx: &mut Context<'_>) -> Result<()> {
        cx.abandon();
        self.lost += 1;
        if self.lost < TRIES {
            return Ok(());
        }
        let message = "The automation is being changed by others again and again. Try once more in a moment.";
        Err(Error::conflict("conflict", message))
    }
}
