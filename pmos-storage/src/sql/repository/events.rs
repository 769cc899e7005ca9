//! The workspace log, read.

use std::str::FromStr;

use async_trait::async_trait;
use pmos_core::{
    Result, Role, UserId,
    event::{Audience, Event},
    store::EventRepository,
};

use super::{super::Unit, rows};
use crate::sql::value::{big, number, raw, unreadable};

statements! {
    AFTER = "select seq, kind, audience, body from events where workspace_id = $1 and seq > $2 order by seq limit $3";
    HEAD = "select event_seq from heads where workspace_id = $1";
}

/// How an audience is kept: the name of the least role, or the id of the one person.
pub(in crate::sql) fn audience_name(audience: Audience) -> String {
    match audience {
        Audience::Role(role) => role.as_str().to_owned(),
        Audience::Owner(user) => user.to_string(),
    }
}

fn audience(text: &str) -> Result<Audience> {
    let role = Role::from_str(text).map(Audience::Role);
    role.or_else(|_| UserId::from_str(text).map(Audience::Owner)).map_err(|_| unreadable("events.audience"))
}

fn read((seq, kind, to, body): (i64, String, String, String)) -> Result<Event> {
    Ok(Event {
        seq: number("events.seq", seq)?,
        kind,
        audience: audience(&to)?,
        body: raw("events.body", body)?.into(),
    })
}

#[async_trait]
impl EventRepository for Unit {
    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<Event>> {
        let after = rows(AFTER).bind(self.workspace).bind(big(seq)).bind(i64::from(limit));
        self.all("read the workspace log", after).await?.into_iter().map(read).collect()
    }

    async fn head(&mut self) -> Result<u64> {
        let head = rows::<(i64,)>(HEAD).bind(self.workspace);
        self.find("read the end of the workspace log", head)
            .await?
            .map_or(Ok(0), |(seq,)| number("heads.event_seq", seq))
    }
}
