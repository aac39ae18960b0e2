//! What seats and whoever sends ask, one function of the database each.

use tokio_postgres::{Row, types::Type};

use super::{
    Postgres, TABLES_VERSION,
    rows::{COLUMNS, column, given, id, list, named, seat_row},
    session::Parameter,
};
use crate::{
    submission::{Failure, Page, PagePosition, PlatformHealth, Search, SubmissionId},
    team::{
        FloorStore,
        floor::{
            Adopted, Began, Bid, Bidder, CLIENT_VERSION, Fate, FloorError, FloorRecord, Gate,
            Handed, Known, Mirrored, Presence, Seat, SeatRow, SlotEnd, SlotRequest, Spent,
            SpentSlot, Standing, Withdrawn,
        },
    },
};

/// What every function of a seat begins with, and what more this one takes.
macro_rules! of_seat {
    ($seat:expr $(, $more:expr)*) => {
        [
            (&$seat.account as _, Type::TEXT),
            (&$seat.id as _, Type::TEXT),
            (&CLIENT_VERSION as _, Type::INT8)
            $(, ($more.0 as _, $more.1))*
        ]
    };
}

/// What a function that answers one row answered.
fn first(rows: &[Row]) -> Result<&Row, FloorError> {
    rows.first().ok_or(FloorError::OtherTables)
}

/// Those of everybody's rows that can be read: one that cannot holds up none of the others.
fn readable<T>(
    rows: &[Row],
    read: impl Fn(&Row) -> Result<T, FloorError>,
) -> Result<Vec<T>, FloorError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        match read(row) {
            Ok(row) => all.push(row),
            Err(error @ FloorError::Unexpected(_)) => {
                tracing::error!(%error, "a row of the floor cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn mirrored(row: &Row) -> Result<Mirrored, FloorError> {
    Ok(Mirrored { row: seat_row(row)?, changed: column(row, 9)? })
}

impl FloorStore for Postgres {
    async fn gate(&self) -> Result<Gate, FloorError> {
        let question =
            "SELECT store, version, min_client, closed, now_ms FROM rolodesk.look_at_gate()";
        let rows = self.session.ask(question, &[]).await?;
        let row = first(&rows)?;
        let gate = Gate {
            store: column(row, 0)?,
            version: column(row, 1)?,
            min_client: column(row, 2)?,
            closed: column(row, 3)?,
            now_ms: column(row, 4)?,
        };
        // Later tables have all that ours have.
        if gate.version < TABLES_VERSION { Err(FloorError::OtherTables) } else { Ok(gate) }
    }

    async fn hand_over(&self, seat: &Seat, rows: &[SeatRow]) -> Result<Vec<Handed>, FloorError> {
        let question = "SELECT id, fate FROM rolodesk.hand_over($1, $2, $3, $4)";
        let text = given(rows, 0);
        let answer = self.session.ask(question, &of_seat!(seat, (&text, Type::TEXT))).await?;
        let one = |row: &Row| {
            let fate = match column(row, 1)? {
                "taken" => Fate::Taken,
                "known" => Fate::Known,
                _ => Fate::TooLate,
            };
            Ok(Handed { id: id(column(row, 0)?)?, fate })
        };
        answer.iter().map(one).collect()
    }

    async fn mirror(&self, seat: &Seat, after: i64) -> Result<Vec<Mirrored>, FloorError> {
        let question = format!("SELECT {COLUMNS}, changed FROM rolodesk.mirror($1, $2, $3, $4)");
        let answer = self.session.ask(&question, &of_seat!(seat, (&after, Type::INT8))).await?;
        answer.iter().map(mirrored).collect()
    }

    async fn ask(&self, seat: &Seat, ids: &[SubmissionId]) -> Result<Vec<Mirrored>, FloorError> {
        let question = format!("SELECT {COLUMNS}, changed FROM rolodesk.ask($1, $2, $3, $4)");
        let ids = list(ids.iter().map(ToString::to_string));
        let answer = self.session.ask(&question, &of_seat!(seat, (&ids, Type::TEXT))).await?;
        answer.iter().map(mirrored).collect()
    }

    async fn withdraw(
        &self,
        seat: &Seat,
        row: SubmissionId,
        revision: i64,
    ) -> Result<Withdrawn, FloorError> {
        let question = "SELECT rolodesk.withdraw($1, $2, $3, $4, $5)";
        let row = row.to_string();
        let parameters = of_seat!(seat, (&row, Type::TEXT), (&revision, Type::INT8));
        let answer = self.session.ask(question, &parameters).await?;
        Ok(match column(first(&answer)?, 0)? {
            "done" => Withdrawn::Done,
            "late" => Withdrawn::TooLate,
            _ => Withdrawn::Unknown,
        })
    }

    async fn known(&self, seat: &Seat, numbers: &[String]) -> Result<Vec<Known>, FloorError> {
        let question = "SELECT e164, record, agent, state FROM rolodesk.known($1, $2, $3, $4)";
        let numbers = list(numbers.iter().cloned());
        let answer = self.session.ask(question, &of_seat!(seat, (&numbers, Type::TEXT))).await?;
        let one = |row: &Row| {
            let record: Option<&str> = column(row, 1)?;
            let agent: Option<String> = column(row, 2)?;
            Ok(Known {
                e164: column(row, 0)?,
                record: record.and_then(|text| serde_json::from_str(text).ok()),
                colleague: agent.zip(column(row, 3)?),
            })
        };
        answer.iter().map(one).collect()
    }

    async fn standing(&self, seat: &Seat) -> Result<Standing, FloorError> {
        let question =
            "SELECT account, agent, machine, trouble, hold_ms, per_minute, used, frees_ms,
                version
            FROM rolodesk.standing($1, $2, $3)";
        let rows = self.session.ask(question, &of_seat!(seat)).await?;
        let row = first(&rows)?;
        let (agent, trouble): (Option<String>, Option<&str>) = (column(row, 1)?, column(row, 3)?);
        Ok(Standing {
            account: column(row, 0)?,
            sender: agent.zip(column(row, 2)?),
            // What a later version has to say beyond our words.
            trouble: trouble.map(|text| {
                serde_json::from_str(text)
                    .unwrap_or_else(|_| PlatformHealth::Offline(Failure::unclear(text)))
            }),
            hold_ms: column(row, 4)?,
            per_minute: column(row, 5)?,
            used: column(row, 6)?,
            frees_ms: column(row, 7)?,
            version: column(row, 8)?,
        })
    }

    async fn everybody(&self, seat: &Seat, page: &Page) -> Result<Vec<SeatRow>, FloorError> {
        // Behind every id there is, and before it.
        let (last, first) = ("~".to_owned(), String::new());
        let (before, onward) = match page.part {
            PagePosition::Newest => (last, None),
            PagePosition::Before(id) => (id.to_string(), None),
            PagePosition::From(id) => (last, Some(id.to_string())),
            PagePosition::Oldest => (last, Some(first)),
        };
        let Search { name, digits } = page.search.as_deref().map(Search::parse).unwrap_or_default();
        let (digits, most) = (digits.unwrap_or_default(), i64::from(page.limit));
        let question =
            format!("SELECT {COLUMNS} FROM rolodesk.everybody($1, $2, $3, $4, $5, $6, $7, $8)");
        let parameters = of_seat!(
            seat,
            (&before, Type::TEXT),
            (&onward, Type::TEXT),
            (&name, Type::TEXT),
            (&digits, Type::TEXT),
            (&most, Type::INT8)
        );
        let rows = self.session.ask(&question, &parameters).await?;
        readable(&rows, seat_row)
    }

    async fn attend(&self, seat: &Seat, presence: &Presence) -> Result<(), FloorError> {
        let question = "SELECT rolodesk.attend($1, $2, $3, $4, $5, $6, $7)";
        let Presence { agent, machine, client, may_send } = presence;
        let parameters = of_seat!(
            seat,
            (agent, Type::TEXT),
            (machine, Type::TEXT),
            (client, Type::TEXT),
            (may_send, Type::BOOL)
        );
        self.session.ask(question, &parameters).await.map(drop)
    }

    async fn bid(&self, bidder: &Bidder) -> Result<Bid, FloorError> {
        let question = "SELECT won, fence, lease_ms, agent, machine, since
            FROM rolodesk.bid($1, $2, $3, $4, $5, $6, $7)";
        let Bidder { account, process, priority, agent, machine, minute_limit } = bidder;
        let parameters: [Parameter<'_>; 7] = [
            (account, Type::TEXT),
            (process, Type::TEXT),
            (priority, Type::INT8),
            (agent, Type::TEXT),
            (machine, Type::TEXT),
            (minute_limit, Type::INT8),
            (&CLIENT_VERSION, Type::INT8),
        ];
        let answer = self.session.ask(question, &parameters);
        let answer = answer.await?;
        let row = first(&answer)?;
        if column(row, 0)? {
            return Ok(Bid::Won { fence: column(row, 1)?, lease_ms: column(row, 2)? });
        }
        Ok(Bid::Held {
            agent: column(row, 3)?,
            machine: column(row, 4)?,
            since_ms: column(row, 5)?,
        })
    }

    async fn give_back(&self, account: &str, process: &str, fence: i64) -> Result<(), FloorError> {
        let question = "SELECT rolodesk.give_back($1, $2, $3)";
        let parameters =
            [(&account as _, Type::TEXT), (&process as _, Type::TEXT), (&fence as _, Type::INT8)];
        self.session.ask(question, &parameters).await.map(drop)
    }

    async fn spent(&self, account: &str, window_ms: i64) -> Result<Spent, FloorError> {
        let question = "SELECT class, age, over_age, refused FROM rolodesk.spent($1, $2)";
        let parameters = [(&account as _, Type::TEXT), (&window_ms as _, Type::INT8)];
        let slots = self.session.ask(question, &parameters).await?;
        let question = "SELECT now_ms, hold_until, refusal FROM rolodesk.waits($1)";
        let waits = self.session.ask(question, &[(&account, Type::TEXT)]).await?;
        let waits = waits.first().ok_or(FloorError::NoAccount)?;
        let one = |row: &Row| {
            Ok(SpentSlot {
                class: column(row, 0)?,
                age_ms: column(row, 1)?,
                over_age_ms: column(row, 2)?,
                refused: column(row, 3)?,
            })
        };
        Ok(Spent {
            now_ms: column(waits, 0)?,
            slots: slots.iter().map(one).collect::<Result<_, _>>()?,
            hold_until_ms: column(waits, 1)?,
            refusal: column(waits, 2)?,
        })
    }

    async fn adopt(
        &self,
        account: &str,
        fence: i64,
        most: i64,
    ) -> Result<Vec<Adopted>, FloorError> {
        let question = format!("SELECT {COLUMNS}, seat FROM rolodesk.adopt($1, $2, $3)");
        let parameters =
            [(&account as _, Type::TEXT), (&fence as _, Type::INT8), (&most as _, Type::INT8)];
        let answer = self.session.ask(&question, &parameters).await?;
        let one = |row: &Row| Ok(Adopted { row: seat_row(row)?, seat: column(row, 9)? });
        readable(&answer, one)
    }

    async fn sending_for(
        &self,
        account: &str,
        ids: &[SubmissionId],
    ) -> Result<Vec<(SubmissionId, i64)>, FloorError> {
        let question = "SELECT id, age FROM rolodesk.sending_for($1, $2)";
        let ids = list(ids.iter().map(ToString::to_string));
        let parameters: [Parameter<'_>; 2] = [(&account, Type::TEXT), (&ids, Type::TEXT)];
        let answer = self.session.ask(question, &parameters).await?;
        answer.iter().map(|row| Ok((id(column(row, 0)?)?, column(row, 1)?))).collect()
    }

    async fn count_requests(
        &self,
        account: &str,
        ages: &[(i64, Option<i64>)],
    ) -> Result<(), FloorError> {
        let one = |(age, over_age): &(i64, Option<i64>)| serde_json::json!({ "age": age, "over_age": over_age });
        let ages = ages.iter().map(one).collect::<serde_json::Value>().to_string();
        let question = "SELECT rolodesk.count_requests($1, $2)";
        let parameters: [Parameter<'_>; 2] = [(&account, Type::TEXT), (&ages, Type::TEXT)];
        self.session.ask(question, &parameters).await.map(drop)
    }

    async fn created_with(
        &self,
        account: &str,
        fence: i64,
        numbers: &[String],
    ) -> Result<Vec<SeatRow>, FloorError> {
        let question = format!("SELECT {COLUMNS} FROM rolodesk.created_with($1, $2, $3)");
        let numbers = list(numbers.iter().cloned());
        let parameters =
            [(&account as _, Type::TEXT), (&fence as _, Type::INT8), (&numbers as _, Type::TEXT)];
        let answer = self.session.ask(&question, &parameters).await?;
        readable(&answer, seat_row)
    }

    async fn begin(
        &self,
        account: &str,
        fence: i64,
        said: i64,
        slot: &SlotRequest,
        rows: &[(SubmissionId, i64)],
    ) -> Result<Began, FloorError> {
        let question = "SELECT word, slot, wait_ms, ids
            FROM rolodesk.begin_request($1, $2, $3, $4, $5, $6)";
        let SlotRequest { class, per_minute, per_hour } = slot;
        let (per_hour, rows) = (per_hour.unwrap_or(0), named(rows, said));
        let parameters: [Parameter<'_>; 6] = [
            (&account, Type::TEXT),
            (&fence, Type::INT8),
            (class, Type::TEXT),
            (per_minute, Type::INT8),
            (&per_hour, Type::INT8),
            (&rows, Type::TEXT),
        ];
        let answer = self.session.ask(question, &parameters);
        let answer = match answer.await {
            Err(FloorError::NotOurs) => return Ok(Began::NotOurs),
            other => other?,
        };
        let row = first(&answer)?;
        match column(row, 0)? {
            "go" => Ok(Began::Go { slot: column(row, 1)? }),
            "full" => Ok(Began::Full { wait_ms: column(row, 2)? }),
            "withdrawn" => {
                let ids: Vec<String> =
                    serde_json::from_str(column(row, 3)?).map_err(|_| FloorError::OtherTables)?;
                ids.iter().map(|text| id(text)).collect::<Result<_, _>>().map(Began::Withdrawn)
            }
            _ => Err(FloorError::OtherTables),
        }
    }

    async fn finish(&self, account: &str, slot: i64, end: &SlotEnd) -> Result<(), FloorError> {
        let question = "SELECT rolodesk.finish_request($1, $2, $3, $4, $5)";
        let parameters: [Parameter<'_>; 5] = [
            (&account, Type::TEXT),
            (&slot, Type::INT8),
            (&end.is_refused, Type::BOOL),
            (&end.hold_ms, Type::INT8),
            (&end.refusal, Type::TEXT),
        ];
        let answer = self.session.ask(question, &parameters);
        answer.await.map(drop)
    }

    async fn see_platform(
        &self,
        account: &str,
        fence: i64,
        trouble: Option<&PlatformHealth>,
    ) -> Result<(), FloorError> {
        let question = "SELECT rolodesk.see_platform($1, $2, $3)";
        let text = trouble.map(|it| serde_json::json!(it).to_string());
        let parameters: [Parameter<'_>; 3] =
            [(&account, Type::TEXT), (&fence, Type::INT8), (&text, Type::TEXT)];
        self.session.ask(question, &parameters).await.map(drop)
    }

    async fn tell(
        &self,
        account: &str,
        fence: i64,
        said: i64,
        rows: &[SeatRow],
    ) -> Result<Vec<SubmissionId>, FloorError> {
        let question = "SELECT id FROM rolodesk.tell($1, $2, $3)";
        let text = given(rows, said);
        let parameters =
            [(&account as _, Type::TEXT), (&fence as _, Type::INT8), (&text as _, Type::TEXT)];
        let answer = self.session.ask(question, &parameters).await?;
        answer.iter().map(|row| id(column(row, 0)?)).collect()
    }

    async fn learn(
        &self,
        account: &str,
        fence: i64,
        records: &[FloorRecord],
    ) -> Result<(), FloorError> {
        let question = "SELECT rolodesk.learn($1, $2, $3)";
        let one = |it: &FloorRecord| {
            let record = it.record.as_ref().map(ToString::to_string);
            serde_json::json!({ "key": it.key, "e164": it.e164, "record": record })
        };
        let text = records.iter().map(one).collect::<serde_json::Value>().to_string();
        let parameters =
            [(&account as _, Type::TEXT), (&fence as _, Type::INT8), (&text as _, Type::TEXT)];
        self.session.ask(question, &parameters).await.map(drop)
    }

    async fn directory(
        &self,
        account: &str,
        after: &str,
        most: i64,
    ) -> Result<Vec<FloorRecord>, FloorError> {
        let question = "SELECT key, e164, record FROM rolodesk.read_directory($1, $2, $3)";
        let parameters =
            [(&account as _, Type::TEXT), (&after as _, Type::TEXT), (&most as _, Type::INT8)];
        let answer = self.session.ask(question, &parameters).await?;
        let one = |row: &Row| {
            let record: &str = column(row, 2)?;
            let (key, e164) = (column(row, 0)?, column(row, 1)?);
            Ok(FloorRecord { key, e164, record: serde_json::from_str(record).ok() })
        };
        answer.iter().map(one).collect()
    }

    /// An idle connection is some megabytes on the server.
    async fn rest(&self) {
        self.session.rest().await;
    }
}
