//! One row, as a seat's store has it and as the floor does.

use super::floor::SeatRow;
use crate::store::SharedRow;

pub(super) fn seat_row(row: SharedRow) -> SeatRow {
    let SharedRow {
        id,
        revision,
        agent,
        machine,
        e164,
        lane,
        state,
        due_at,
        document,
        look_up,
        sent_since: _,
    } = row;
    SeatRow { id, revision, agent, machine, e164, lane, state, due_at, document, look_up }
}

pub(super) fn shared_row(row: SeatRow) -> SharedRow {
    let SeatRow { id, revision, agent, machine, e164, lane, state, due_at, document, look_up } =
        row;
    SharedRow {
        id,
        revision,
        agent,
        machine,
        e164,
        lane,
        state,
        due_at,
        document,
        look_up,
        sent_since: None,
    }
}
