use std::collections::HashMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Email, Page, Result, Role, Timestamp, UserId,
    action::{Action, ActionSpec, Context, Intent, Method},
    workspace::Label,
};

/// Lists who belongs to the workspace.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListMembers {
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A person seen from the workspace.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MemberView {
    /// The person.
    pub user: UserId,
    /// What others read.
    pub name: Label,
    /// Their address.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

#[async_trait]
impl Action for ListMembers {
    const SPEC: ActionSpec = ActionSpec::read("members.list", Method::Get, "/members").role(Role::Viewer);
    type Output = Page<MemberView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let members = cx.read().await?.members().list(&page).await?;
        let ids: Vec<_> = members.items.iter().map(|member| member.user).collect();
        let people = cx.outward(Intent::none()).await?.identity().people(&ids).await?;
        let people: HashMap<_, _> = people.into_iter().map(|person| (person.id, person)).collect();
        let next = members.next;
        let items = members
            .items
            .into_iter()
            .filter_map(|member| {
                let person = people.get(&member.user)?.clone();
                let (name, email) = (person.name, person.email);
                Some(MemberView { user: member.user, name, email, role: member.role, joined_at: member.joined_at })
            })
            .collect();
        Ok(Page { items, next })
    }
}
