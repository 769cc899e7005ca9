//! What conversations of a workspace may cost.

use super::journal::TurnJournal;
use crate::{
    Result,
    chat::{Budget, Happening},
    quota::{QuotaKey, midnight_before},
    services::Services,
    store::Access,
};

/// From this share of a budget on people are told.
const WARN_AT: f64 = 0.8;

/// How it stands with the budget for what a model is asked next.
pub(super) enum Allowance {
    /// There is enough.
    Enough,
    /// There is enough, and little more.
    Little(Budget),
    /// There is not.
    Spent(Budget),
}

/// Looks whether what is set aside by all turns fits into the budget of the day. It was set aside before this looks, so turns that are
/// answered at the same time see each other and cannot spend more together than there is.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn allowance(services: &Services, journal: &TurnJournal) -> Result<Allowance> {
    let mut unit = services.store.begin(journal.scope(), Access::Read).await?;
    let Some(limit) = unit.quotas().get(QuotaKey::ChatTokensPerDay).await? else { return Ok(Allowance::Enough) };
    let used = unit.chat().tokens_since(midnight_before(services.clock.now()), None).await?;
    let budget = Budget { key: QuotaKey::ChatTokensPerDay.as_str().to_owned(), limit, used };
    #[expect(clippy::cast_precision_loss, reason = "a share of a budget")]
    let share = used as f64 / limit.max(1) as f64;
    Ok(match share {
        _ if used > limit => Allowance::Spent(budget),
        share if share >= WARN_AT => Allowance::Little(budget),
        _ => Allowance::Enough,
    })
}

/// Whether people were told already in this turn that little is left.
pub(super) fn warning(budget: Budget, told: &mut bool) -> Option<Happening> {
    (!std::mem::replace(told, true)).then_some(Happening::BudgetWarning(budget))
}
