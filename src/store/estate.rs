//! Whose rows these are: an estate is a stream of an account on a platform. What was queued for
//! one is never sent to another, whatever a profile is called by then.
//!
//! ```text
//!   opened with an estate --known---------------------> its rows
//!      '-- rows of before, kept under the profile's name -> taken over, if the account may be
//!      '-- the same profile and account on the same origin, whose stream or path never did
//!          what it was asked -> what surely was not sent yet follows the correction
//!         (only whoever delivers takes rows over so: to look changes nothing)
//!   a profile that names only its floor is an estate of its own: the floor's database
//!   everything else that waits is held, and told
//! ```

use std::fmt;

use rusqlite::{Row, params};

use super::{
    Moment, Scope, Store, StoreError,
    rows::{self, millis, readable},
    tables::Tables,
};
use crate::submission::{Entry, Reason, State, Status, Waiting};

/// Stands for the account where only the floor knows which it is.
const FLOORS: &str = "(its floor's)";

/// A stream of an account on a platform, or a floor's database that knows which that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estate {
    origin: String,
    path: String,
    account: String,
    stream: String,
}

impl Estate {
    /// From the profile's settings. Two spellings of one address are one estate.
    #[must_use]
    pub fn new(host: &str, account: &str, stream: &str) -> Self {
        let host = host.trim();
        let (scheme, rest) = host.split_once("://").unwrap_or(("https", host));
        let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (scheme, name) = (scheme.to_lowercase(), name.to_lowercase());
        let port = if scheme == "https" { ":443" } else { ":80" };
        Self {
            origin: format!("{scheme}://{}", name.strip_suffix(port).unwrap_or(&name)),
            path: path.trim_matches('/').to_owned(),
            account: account.trim().to_owned(),
            stream: stream.trim().to_owned(),
        }
    }

    /// Of a profile that names only its floor: a database, at a host or the folder of a socket.
    #[must_use]
    pub fn of_floor(host: &str, port: u16, database: &str) -> Self {
        let host = if host.starts_with('/') { host.to_owned() } else { host.to_lowercase() };
        Self {
            origin: format!("postgres://{host}:{port}/{database}"),
            path: String::new(),
            account: FLOORS.to_owned(),
            stream: String::new(),
        }
    }

    pub(super) fn is_of_floor(&self) -> bool {
        self.account == FLOORS
    }

    /// The platform's URL, or that of the floor's database.
    fn address(&self) -> String {
        let Self { origin, path, .. } = self;
        if path.is_empty() { origin.clone() } else { format!("{origin}/{path}") }
    }

    /// What it is called where others are held against it.
    fn place(&self) -> String {
        let Self { account, stream, .. } = self;
        let address = self.address();
        if self.is_of_floor() {
            return format!("the floor of the database {address}");
        }
        format!("account {account} on {address} (stream {stream})")
    }

    /// One text for all of it, which a floor's shared store knows it by.
    #[must_use]
    pub fn floor_key(&self) -> String {
        format!("{} {} {}", self.address(), self.account, self.stream)
    }

    /// The account's id in such a text.
    #[must_use]
    pub fn account_in(floor_key: &str) -> &str {
        floor_key.split(' ').nth(1).unwrap_or_default()
    }

    /// The account's id, where it is known here.
    fn account_id(&self) -> &str {
        if self.is_of_floor() { "" } else { &self.account }
    }

    /// What the account is kept under.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The platform: scheme, name and port of its URL.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Contacts that wait for an estate that is not the one in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldElsewhere {
    /// What the profile was called when they were queued.
    pub profile: String,
    /// The platform's URL; empty where that is not known.
    pub host: String,
    /// The account's id; empty where that is not known, or only to the floor.
    pub account: String,
    /// The stream; empty where that is not known.
    pub stream: String,
    /// How many.
    pub waiting: u64,
    place: Option<String>,
}

impl fmt::Display for HeldElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { profile, waiting, place, .. } = self;
        let contacts = if *waiting == 1 { "contact waits" } else { "contacts wait" };
        match place {
            Some(place) => write!(
                f,
                "{waiting} {contacts} for {place}, queued with the profile {profile}: choose its \
                 profile"
            ),
            None => write!(
                f,
                "{waiting} {contacts} that the profile {profile} queued before; which account they \
                 are for is not known: choose that profile with its account"
            ),
        }
    }
}

/// Contacts that went over to the estate in use when the store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// How many.
    pub contacts: u64,
    from: Estate,
    to: Estate,
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contacts, from, to } = self;
        let contacts = match contacts {
            1 => "1 contact that was".to_owned(),
            many => format!("{many} contacts that were"),
        };
        let (what, before, now) = if from.is_of_floor() {
            ("for the team's database", from.address(), to.address())
        } else if from.stream == to.stream {
            ("for the host", from.address(), to.address())
        } else {
            ("under the stream", from.stream.clone(), to.stream.clone())
        };
        write!(
            f,
            "{contacts} queued {what} {before}, which never answered, now go to the corrected \
             one, {now}"
        )
    }
}

impl Store {
    /// What went over to the estate when this was opened, to be told once.
    #[must_use]
    pub fn followed(&self) -> Option<&Followed> {
        self.followed.as_ref().as_ref()
    }

    /// What waits for other estates, and will not be sent to this one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn held_elsewhere(&self) -> Result<Vec<HeldElsewhere>, StoreError> {
        let waiting = [State::Queued, State::Sending, State::Unclear];
        self.read(move |tables| tables.held_elsewhere(waiting)).await
    }

    /// Up to `most` of the rows that wait for other estates, oldest first, each with the
    /// account it is held for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn held_rows(&self, most: u32) -> Result<Vec<Entry>, StoreError> {
        self.read(move |tables| tables.held_rows(most)).await
    }
}

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenedTo {
    Deliver,
    Look,
}

/// What a store opened with a scope needs to know of it.
pub(super) struct Bound {
    pub(super) estate: i64,
    pub(super) followed: Option<Followed>,
}

impl Tables<'_> {
    /// Finds or makes the estate of the scope, and takes over what is surely its own.
    pub(super) fn bind(&self, at: Moment, opened_to: OpenedTo) -> Result<Bound, StoreError> {
        let estate = match self.known_estate()? {
            Some(estate) => {
                self.take_over_unknown(estate, at)?;
                estate
            }
            None => self.make_estate(at)?,
        };
        let own = Tables { estate, ..*self };
        own.name_requests()?;
        let followed = match opened_to {
            OpenedTo::Deliver => {
                own.leave_floors()?;
                own.follow()?
            }
            OpenedTo::Look => None,
        };
        Ok(Bound { estate, followed })
    }

    fn known_estate(&self) -> Result<Option<i64>, StoreError> {
        let Scope { estate: Estate { origin, path, account, stream }, profile, .. } = self.scope;
        let found = if account.is_empty() {
            let sql = "SELECT id, profile FROM estate WHERE account = '' AND profile = ?1";
            self.first(sql, [profile], id_and_text)?
        } else {
            let sql = "SELECT id, profile FROM estate WHERE origin = ?1 AND path = ?2 \
                       AND account = ?3 AND stream = ?4 AND account <> ''";
            let values = params![origin, path, account, stream];
            self.first(sql, values, id_and_text)?
        };
        let found: Option<(i64, String)> = found.transpose()?;
        if let Some((id, name)) = &found
            && name != profile
        {
            self.execute("UPDATE estate SET profile = ?1 WHERE id = ?2", params![profile, id])?;
        }
        Ok(found.map(|(id, _)| id))
    }

    /// A row of its own, or that of what was kept under the profile's name alone.
    fn make_estate(&self, at: Moment) -> Result<i64, StoreError> {
        let Scope { estate: Estate { origin, path, account, stream }, profile, .. } = self.scope;
        if account.is_empty() {
            // Without an account there is nothing to send, and no row is of it.
            return Ok(0);
        }
        if let Some(unknown) = self.unknown_estate()? {
            self.execute(
                "UPDATE estate SET origin = ?1, path = ?2, account = ?3, stream = ?4, \
                 seen_accounts = NULL WHERE id = ?5",
                params![origin, path, account, stream, unknown],
            )?;
            self.remember_answer(unknown, at)?;
            return Ok(unknown);
        }
        self.execute(
            "INSERT INTO estate (origin, path, account, stream, profile) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![origin, path, account, stream, profile],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    /// What was kept under the profile's name, if it may be of this account.
    fn unknown_estate(&self) -> Result<Option<i64>, StoreError> {
        let Scope { estate, profile, .. } = self.scope;
        if estate.account.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT id, coalesce(seen_accounts, '[]') FROM estate \
                   WHERE account = '' AND profile = ?1";
        let found = self.first(sql, [profile], id_and_text)?;
        let Some((id, seen)) = found.transpose()? else { return Ok(None) };
        let seen: Vec<String> = serde_json::from_str(&seen).unwrap_or_default();
        Ok((seen.is_empty() || seen.contains(&estate.account)).then_some(id))
    }

    fn take_over_unknown(&self, estate: i64, at: Moment) -> Result<(), StoreError> {
        let Some(unknown) = self.unknown_estate()?.filter(|unknown| *unknown != estate) else {
            return Ok(());
        };
        for sql in [
            "UPDATE outbox SET estate = ?1 WHERE estate = ?2",
            "UPDATE OR IGNORE directory SET estate = ?1 WHERE estate = ?2",
            "UPDATE OR IGNORE memory SET estate = ?1 WHERE estate = ?2",
        ] {
            self.execute(sql, [estate, unknown])?;
        }
        for sql in [
            "DELETE FROM directory WHERE estate = ?1",
            "DELETE FROM memory WHERE estate = ?1",
            "DELETE FROM estate WHERE id = ?1",
        ] {
            self.execute(sql, [unknown])?;
        }
        self.recount(unknown)?;
        self.recount(estate)?;
        self.remember_answer(estate, at)
    }

    /// What was created there before shows that it is bound.
    fn remember_answer(&self, estate: i64, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE estate SET answered_at = ?1 WHERE id = ?2 AND answered_at IS NULL \
             AND EXISTS (SELECT 1 FROM outbox WHERE estate = ?2 AND state = ?3)",
            params![millis(at.wall), estate, State::Created.word()],
        )?;
        Ok(())
    }

    /// Requests of before are counted for the platform that the account is used on.
    fn name_requests(&self) -> Result<(), StoreError> {
        let Estate { origin, account, .. } = &self.scope.estate;
        for sql in [
            "UPDATE request SET origin = ?1 WHERE account = ?2 AND origin = ''",
            "UPDATE OR REPLACE hold SET origin = ?1 WHERE account = ?2 AND origin = ''",
        ] {
            self.execute(sql, [origin, account])?;
        }
        Ok(())
    }

    /// What was queued, or refused, under a stream or path that never did what it was asked
    /// follows the same profile's correction, unless a request for it may have been carried out;
    /// and so does what no floor's database took yet.
    fn follow(&self) -> Result<Option<Followed>, StoreError> {
        let Scope { estate, profile, .. } = self.scope;
        let sql = format!(
            "SELECT id, {ESTATE} FROM estate WHERE profile = ?1 AND id <> ?2 AND account = ?3 \
             AND (origin = ?4 OR account = ?5) AND account <> '' AND answered_at IS NULL"
        );
        let values = params![profile, self.estate, estate.account, estate.origin, FLOORS];
        let unbound = self.all(&sql, values, id_and_estate)?;
        let mut followed: Option<Followed> = None;
        for unbound in unbound {
            let (id, from) = unbound?;
            let moved = self.execute(
                "UPDATE outbox SET estate = ?1, due_at = 0, due_up = 0 WHERE estate = ?2 \
                 AND lane IN ('form', 'import') AND state IN (?3, ?4)",
                params![self.estate, id, State::Queued.word(), State::Rejected.word()],
            )?;
            self.execute(
                "UPDATE OR IGNORE memory SET estate = ?1 WHERE estate = ?2 AND key = 'draft'",
                [self.estate, id],
            )?;
            if moved > 0 {
                self.recount(id)?;
                self.recount(self.estate)?;
                let before = followed.map_or(0, |it| it.contacts);
                let contacts = before + u64::try_from(moved).unwrap_or(0);
                followed = Some(Followed { contacts, from, to: estate.clone() });
            }
        }
        Ok(followed)
    }

    /// Counts the estate's rows, and writes down their names and numbers, anew.
    pub(super) fn recount(&self, estate: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM tally WHERE estate = ?1", [estate])?;
        self.execute(
            "INSERT INTO tally (estate, state, origin, count) SELECT estate, state, origin, \
             count(*) FROM outbox WHERE estate = ?1 GROUP BY estate, state, origin",
            [estate],
        )?;
        Tables { estate, ..*self }.index_anew()
    }

    /// The platform did what it was asked: the estate's rows stay with it.
    pub(super) fn answered(&self, at: Moment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE estate SET answered_at = ?1 WHERE id = ?2 AND answered_at IS NULL",
            params![millis(at.wall), self.estate],
        )?;
        Ok(())
    }

    fn held_elsewhere(&self, waiting: [State; 3]) -> Result<Vec<HeldElsewhere>, StoreError> {
        let [one, two, three] = waiting.map(State::word);
        let sql = format!(
            "SELECT profile, sum(count) AS waiting, {ESTATE} FROM tally \
             JOIN estate ON estate.id = tally.estate \
             WHERE estate.id <> ?1 AND state IN (?2, ?3, ?4) AND count > 0 \
             GROUP BY estate.id ORDER BY estate.id"
        );
        let held = self.all(&sql, params![self.estate, one, two, three], |row| {
            let waiting: i64 = row.get("waiting")?;
            let estate = estate(row)?;
            let is_known = !estate.account.is_empty();
            Ok(HeldElsewhere {
                profile: row.get("profile")?,
                host: estate.address(),
                place: is_known.then(|| estate.place()),
                account: estate.account_id().to_owned(),
                stream: estate.stream,
                waiting: u64::try_from(waiting).unwrap_or(0),
            })
        })?;
        Ok(held.into_iter().collect::<Result<_, rusqlite::Error>>()?)
    }

    fn held_rows(&self, most: u32) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "SELECT {}, {ESTATE} FROM outbox JOIN estate ON estate.id = outbox.estate \
             WHERE outbox.estate <> ?1 AND settled_at IS NULL ORDER BY outbox.id LIMIT ?2",
            rows::OUTBOX
        );
        let found = self.all(&sql, params![self.estate, most], |row| {
            let estate = estate(row).unwrap_or_else(|_| Estate::new("", "", ""));
            rows::entry(row).map(|entry| held_for(&estate, entry))
        })?;
        Ok(readable(found))
    }
}

/// The columns of an estate, beside those of rows.
pub(super) const ESTATE: &str = "estate.origin AS of_origin, estate.path AS of_path, \
                                 estate.account AS of_account, estate.stream AS of_stream";

fn estate(row: &Row<'_>) -> Result<Estate, rusqlite::Error> {
    Ok(Estate {
        origin: row.get("of_origin")?,
        path: row.get("of_path")?,
        account: row.get("of_account")?,
        stream: row.get("of_stream")?,
    })
}

pub(super) fn id_and_estate(row: &Row<'_>) -> Result<(i64, Estate), rusqlite::Error> {
    Ok((row.get("id")?, estate(row)?))
}

fn id_and_text(row: &Row<'_>) -> Result<(i64, String), rusqlite::Error> {
    Ok((row.get(0)?, row.get(1)?))
}

fn held_for(estate: &Estate, entry: Entry) -> Entry {
    let (account, place) = (estate.account_id().to_owned(), estate.place());
    let because = Some(Reason::HeldForAccount { account, place });
    let status = match entry.status {
        Status::Queued(_) => Status::Queued(Waiting { until: None, because }),
        Status::Unclear(_) => Status::Unclear(Waiting { until: None, because }),
        other @ (Status::Sending
        | Status::Created { .. }
        | Status::Deleted { .. }
        | Status::Duplicate { .. }
        | Status::Rejected { .. }
        | Status::Attention { .. }) => other,
    };
    Entry { status, ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_address_are_one_estate() {
        let plain = Estate::new("https://platform.kore.ai", "a", "st");
        for host in [
            "https://Platform.Kore.AI/",
            " https://platform.kore.ai:443",
            "HTTPS://platform.kore.ai//",
        ] {
            assert_eq!(Estate::new(host, " a ", "st"), plain, "{host}");
        }
        for host in [
            "http://platform.kore.ai",
            "https://platform.kore.ai/eu",
            "https://platform.kore.ai:8443",
        ] {
            assert_ne!(Estate::new(host, "a", "st"), plain, "{host}");
        }
        assert_eq!(Estate::new("http://127.0.0.1:80/x/", "a", "s").origin(), "http://127.0.0.1");
    }
}
