//! Everybody's rows for a supervisor, on a connection of its own: a search through a million
//! rows holds up nobody's contact.

use std::time::Duration;

use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, timeout},
};

use super::{
    super::{
        FloorStore,
        floor::{FloorError, Seat},
        row::shared_row,
    },
    Desk, IDLE,
};
use crate::submission::{Entry, Page, Update};

/// Whoever may not look is not asked about again for so long: rights are given by hand.
const NOT_YET: Duration = Duration::from_mins(1);

/// Looks at the floor's rows when it is asked to.
pub(super) struct Onlooker<F> {
    desk: Desk,
    floor: F,
    seat: Seat,
    /// When the floor last said that this role may not look.
    refused_at: Option<(Instant, String)>,
}

impl<F: FloorStore> Onlooker<F> {
    pub(super) fn new(desk: Desk, floor: F, seat: Seat) -> Self {
        Self { desk, floor, seat, refused_at: None }
    }

    /// Answers until nobody can ask any more. Nobody who does not look has the connection open.
    pub(super) async fn run(mut self, mut pages: UnboundedReceiver<Page>) {
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
    async fn show(&mut self, page: Page) {
        let refusal = self.refused_at.as_ref().filter(|(at, _)| at.elapsed() < NOT_YET);
        let rows = match refusal {
            Some((_, why)) => Err(why.clone()),
            None => self.look(&page).await,
        };
        self.desk.tell(Update::Everybody { page, rows });
    }

    async fn look(&mut self, page: &Page) -> Result<Vec<Entry>, String> {
        match self.floor.everybody(&self.seat, page).await {
            Ok(rows) => {
                let rows: Vec<_> = rows.into_iter().map(shared_row).collect();
                self.desk.store.shown(rows).await.map_err(|error| error.to_string())
            }
            Err(FloorError::NoRights { user }) => {
                let why = format!(
                    "everybody's rows are for a supervisor: {user} is a seat's role; a profile \
                     that connects as rolodesk_sender may see them"
                );
                self.refused_at = Some((Instant::now(), why.clone()));
                Err(why)
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
