//! Into a floor and out of it: what waits goes with its account, whether a profile names that or
//! only the floor's database, which then says which account it is.
//!
//! ```text
//!   acme by itself      host, account, stream ---joins: the floor says it is this account---.
//!   acme with a team    the same              <--leaves: it was last told that it is this--- |
//!   acme's team alone   postgres://db/rolodesk <---------------------------------------------'
//! ```
//!
//! What was handed over already stays where it was: it is the floor's.

use rusqlite::params;

use super::{
    Moment, Store, StoreError,
    estate::{ESTATE, id_and_estate},
    tables::Tables,
};
use crate::submission::State;

/// Where an estate remembers which floor it is part of, and which account that has it for.
const MEMBER: &str = "floor_account";

impl Store {
    /// The floor has let this store in: it is part of the floor's store of that id, for the
    /// account of that key. What waits for the same account under another name comes along; true
    /// when something did.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn join_floor(
        &self,
        floor: &str,
        floor_key: &str,
        at: Moment,
    ) -> Result<bool, StoreError> {
        let (floor, key) = (floor.to_owned(), floor_key.to_owned());
        self.write(move |tables| {
            tables.execute(
                "INSERT INTO memory (estate, key, value, written_at) VALUES (?1, ?2, ?3, 0) \
                 ON CONFLICT (estate, key) DO UPDATE SET value = excluded.value \
                 WHERE value <> excluded.value",
                params![tables.estate, MEMBER, format!("{floor} {key}")],
            )?;
            if !tables.scope.estate.is_of_floor() {
                return Ok(false);
            }
            // Whoever let us in is the right one: what waits here follows no other any more.
            tables.answered(at)?;
            tables.fetch(|estate, member| {
                estate.floor_key() == key || member == format!("{floor} {key}")
            })
        })
        .await
    }
}

impl Tables<'_> {
    /// What the floors of this account did not take comes back to a profile that names it.
    pub(super) fn leave_floors(&self) -> Result<(), StoreError> {
        let own = &self.scope.estate;
        if own.account().is_empty() || own.is_of_floor() {
            return Ok(());
        }
        let key = own.floor_key();
        let is_ours = |member: &str| member.split_once(' ').is_some_and(|(_, of)| of == key);
        self.fetch(|estate, member| estate.is_of_floor() && is_ours(member))?;
        Ok(())
    }

    /// Takes over what waits in other estates and no floor has, by the estate and what it
    /// remembers of its floor; true when there was something.
    fn fetch(&self, is_ours: impl Fn(&super::Estate, &str) -> bool) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT estate.id AS id, coalesce(value, '') AS member, {ESTATE} FROM estate \
             LEFT JOIN memory ON memory.estate = estate.id AND memory.key = ?2 \
             WHERE estate.id <> ?1 AND account <> ''"
        );
        let others = self.all(&sql, params![self.estate, MEMBER], |row| {
            let member: String = row.get("member")?;
            id_and_estate(row).map(|(id, estate)| (id, estate, member))
        })?;
        let mut any = false;
        for other in others {
            let (id, estate, member) = other?;
            if !is_ours(&estate, &member) {
                continue;
            }
            let moved = self.execute(
                "UPDATE outbox SET estate = ?1 WHERE estate = ?2 AND handed_at IS NULL \
                 AND state IN (?3, ?4)",
                params![self.estate, id, State::Queued.word(), State::Unclear.word()],
            )?;
            if moved > 0 {
                any = true;
                self.recount(id)?;
                self.recount(self.estate)?;
            }
        }
        Ok(any)
    }
}
