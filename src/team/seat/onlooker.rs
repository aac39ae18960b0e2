//! Everybody's rows for a supervisor, on a connection of its own: a search through a million
//! rows holds up nobody's contact.

use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

use super::{
    super::{
        FloorStore,
        floor::{FloorError, Seat},
    },
    Desk, IDLE, shared_row,
};
use crate::submission::{Page, Update};

/// Looks at the floor's rows when it is asked to.
pub(super) struct Onlooker<F> {
    pub(super) desk: Desk,
    pub(super) floor: F,
    pub(super) seat: Seat,
}

impl<F: FloorStore> Onlooker<F> {
    /// Answers until nobody can ask any more. Nobody who does not look has the connection open.
    pub(super) async fn run(self, mut pages: UnboundedReceiver<Page>) {
        while let Some(first) = pages.recv().await {
            let mut next = Some(first);
            while let Some(page) = next {
                self.show(page).await;
                next = timeout(IDLE, pages.recv()).await.unwrap_or(None);
            }
            self.floor.rest().await;
        }
    }

    /// Tells a page of everybody's rows, or why there is none.
    async fn show(&self, page: Page) {
        let rows = match self.floor.everybody(&self.seat, &page).await {
            Ok(rows) => {
                let rows: Vec<_> = rows.into_iter().map(shared_row).collect();
                self.desk.store.shown(rows).await.map_err(|error| error.to_string())
            }
            Err(FloorError::NoRights { user }) => Err(format!(
                "everybody's rows are for a supervisor: {user} is a seat's role; a profile that \
                 connects as rolodesk_sender may see them"
            )),
            Err(error) => Err(error.to_string()),
        };
        self.desk.tell(Update::Everybody { page, rows });
    }
}
