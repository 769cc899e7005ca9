//! Lists, a page at a time.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Id, Result};

/// One page of a list and where the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Give it back as `cursor` to read on; `null` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that fits on one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The same page with other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }

    /// Cuts a list that was read with one item more than wanted, and names the last kept one as the cursor.
    pub fn cut(mut items: Vec<T>, request: &PageRequest, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let limit = request.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| cursor(last).to_string());
        Self { items, next }
    }
}

/// Where a page begins and how much it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most, 1 to 200.
    pub limit: u32,
    /// After which item, none for the beginning.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// What a list takes when nothing is said.
    pub const DEFAULT: u32 = 50;
    /// The most a list gives at once.
    pub const MOST: u32 = 200;

    /// Reads what a caller sent.
    ///
    /// # Errors
    /// [`Error`] naming `limit` when it is 0 or above 200, or `cursor` when it does not come from this list of `owner`.
    pub fn parse(limit: Option<u32>, cursor: Option<&str>, owner: impl Id) -> Result<Self> {
        let limit = limit.unwrap_or(Self::DEFAULT);
        if !(1..=Self::MOST).contains(&limit) {
            return Err(Error::invalid("limit", "must be between 1 and 200"));
        }
        let after = cursor.map(|text| Cursor::parse(text, owner.uuid())).transpose()?;
        Ok(Self { limit, after })
    }
}

/// A place in a list. It names whose list it belongs to, so that it is refused anywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    owner: Uuid,
    key: u128,
}

impl Cursor {
    /// The place after the item with this key in a list of `owner`.
    pub fn new(owner: impl Id, key: u128) -> Self {
        Self { owner: owner.uuid(), key }
    }

    /// The key of the last item of the page before.
    pub fn key(self) -> u128 {
        self.key
    }

    fn parse(text: &str, owner: Uuid) -> Result<Self> {
        let refused = || Error::invalid("cursor", "is not from this list; leave it out to begin at the start");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let (head, tail) = bytes.split_first_chunk::<16>().ok_or_else(refused)?;
        let tail: [u8; 16] = tail.try_into().map_err(|_| refused())?;
        let cursor = Self { owner: Uuid::from_bytes(*head), key: u128::from_be_bytes(tail) };
        if cursor.owner == owner { Ok(cursor) } else { Err(refused()) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [*self.owner.as_bytes(), self.key.to_be_bytes()].concat();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WorkspaceId;

    #[test]
    fn a_cursor_is_refused_in_a_list_of_another_workspace() {
        let (ours, theirs) = (WorkspaceId::from_uuid(Uuid::from_u128(1)), WorkspaceId::from_uuid(Uuid::from_u128(2)));
        let text = Cursor::new(ours, 9).to_string();
        let read = |owner| PageRequest::parse(None, Some(&text), owner);
        assert_eq!(read(ours).unwrap().after.unwrap().key(), 9);
        assert_eq!(read(theirs).unwrap_err().fields()[0].field, "cursor");
    }

    #[test]
    fn a_page_of_nothing_or_of_too_much_is_refused() {
        let owner = WorkspaceId::from_uuid(Uuid::nil());
        for limit in [0, 201] {
            assert_eq!(PageRequest::parse(Some(limit), None, owner).unwrap_err().fields()[0].field, "limit");
        }
    }
}
