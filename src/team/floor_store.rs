//! What seats and whoever sends ask of the store a floor shares, whatever it is kept in.

use std::fmt;

use super::floor::{
    Adopted, Began, Bid, Bidder, FloorError, FloorRecord, Gate, Handed, Known, Mirrored, Presence,
    Seat, SeatRow, SlotEnd, SlotRequest, Spent, Standing, Withdrawn,
};
use crate::submission::{Page, PlatformHealth, SubmissionId};

/// The store a floor shares. Each question is one step of it: whole or not at all, whatever
/// becomes of its answer.
pub trait FloorStore: fmt::Debug + Send + Sync + 'static {
    /// What holds for everybody.
    ///
    /// # Errors
    /// What the database has against it; tables of another version.
    fn gate(&self) -> impl Future<Output = Result<Gate, FloorError>> + Send;

    /// Hands rows over, at most 500.
    ///
    /// # Errors
    /// What the database has against it; then nothing is handed over.
    fn hand_over(
        &self,
        seat: &Seat,
        rows: &[SeatRow],
    ) -> impl Future<Output = Result<Vec<Handed>, FloorError>> + Send;

    /// What became of the seat's rows after a point.
    ///
    /// # Errors
    /// What the database has against it.
    fn mirror(
        &self,
        seat: &Seat,
        after: i64,
    ) -> impl Future<Output = Result<Vec<Mirrored>, FloorError>> + Send;

    /// The seat's rows by id; what the answer leaves out is not there.
    ///
    /// # Errors
    /// What the database has against it.
    fn ask(
        &self,
        seat: &Seat,
        ids: &[SubmissionId],
    ) -> impl Future<Output = Result<Vec<Mirrored>, FloorError>> + Send;

    /// Takes a row back, under the account's lock.
    ///
    /// # Errors
    /// What the database has against it.
    fn withdraw(
        &self,
        seat: &Seat,
        row: SubmissionId,
        revision: i64,
    ) -> impl Future<Output = Result<Withdrawn, FloorError>> + Send;

    /// What the floor knows of numbers; those that the answer leaves out are new to it.
    ///
    /// # Errors
    /// What the database has against it.
    fn known(
        &self,
        seat: &Seat,
        numbers: &[String],
    ) -> impl Future<Output = Result<Vec<Known>, FloorError>> + Send;

    /// A page of everybody's rows, newest first, for whoever may see them.
    ///
    /// # Errors
    /// What the database has against it; [`FloorError::NoRights`] for a mere seat.
    fn everybody(
        &self,
        seat: &Seat,
        page: &Page,
    ) -> impl Future<Output = Result<Vec<SeatRow>, FloorError>> + Send;

    /// How the account stands.
    ///
    /// # Errors
    /// What the database has against it.
    fn standing(&self, seat: &Seat) -> impl Future<Output = Result<Standing, FloorError>> + Send;

    /// Says who is there.
    ///
    /// # Errors
    /// What the database has against it.
    fn attend(
        &self,
        seat: &Seat,
        presence: &Presence,
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// Asks to send for the account, or to go on sending.
    ///
    /// # Errors
    /// What the database has against it.
    fn bid(&self, bidder: &Bidder) -> impl Future<Output = Result<Bid, FloorError>> + Send;

    /// Lets go of the lease.
    ///
    /// # Errors
    /// What the database has against it; it then ends by itself.
    fn give_back(
        &self,
        account: &str,
        process: &str,
        fence: i64,
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// The requests of the last while, and what the platform asked for.
    ///
    /// # Errors
    /// What the database has against it.
    fn spent(
        &self,
        account: &str,
        window_ms: i64,
    ) -> impl Future<Output = Result<Spent, FloorError>> + Send;

    /// Takes rows of all seats that are due.
    ///
    /// # Errors
    /// What the database has against it; [`FloorError::NotOurs`] without the lease.
    fn adopt(
        &self,
        account: &str,
        fence: i64,
        most: i64,
    ) -> impl Future<Output = Result<Vec<Adopted>, FloorError>> + Send;

    /// For how many milliseconds requests for rows may have been under way of which nobody was
    /// told; what the answer leaves out was told, or never began.
    ///
    /// # Errors
    /// What the database has against it.
    fn sending_for(
        &self,
        account: &str,
        ids: &[SubmissionId],
    ) -> impl Future<Output = Result<Vec<(SubmissionId, i64)>, FloorError>> + Send;

    /// Counts requests that were made before this floor was joined, by how many milliseconds ago
    /// each began and was over.
    ///
    /// # Errors
    /// What the database has against it; then none is counted.
    fn count_requests(
        &self,
        account: &str,
        ages: &[(i64, Option<i64>)],
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// The contacts that are on the platform by rows with these numbers, whoever sent them.
    ///
    /// # Errors
    /// What the database has against it; [`FloorError::NotOurs`] without the lease.
    fn created_with(
        &self,
        account: &str,
        fence: i64,
        numbers: &[String],
    ) -> impl Future<Output = Result<Vec<SeatRow>, FloorError>> + Send;

    /// Takes a slot and marks the rows, right before the request. `said` grows with each such
    /// word about rows in a term, so that one which arrives late is not believed.
    ///
    /// # Errors
    /// What the database has against it; then nothing may be sent.
    fn begin(
        &self,
        account: &str,
        fence: i64,
        said: i64,
        slot: &SlotRequest,
        rows: &[(SubmissionId, i64)],
    ) -> impl Future<Output = Result<Began, FloorError>> + Send;

    /// The request is over, whoever has the lease by now.
    ///
    /// # Errors
    /// What the database has against it; it may be said again.
    fn finish(
        &self,
        account: &str,
        slot: i64,
        end: &SlotEnd,
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// Tells how the platform is: nothing against it, or what there is. Whoever has lost the
    /// lease is not heard.
    ///
    /// # Errors
    /// What the database has against it; it may be said again.
    fn see_platform(
        &self,
        account: &str,
        fence: i64,
        trouble: Option<&PlatformHealth>,
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// Tells what became of rows; those that come back were recorded. `said` as for
    /// [`Self::begin`].
    ///
    /// # Errors
    /// What the database has against it; it may be said again.
    fn tell(
        &self,
        account: &str,
        fence: i64,
        said: i64,
        rows: &[SeatRow],
    ) -> impl Future<Output = Result<Vec<SubmissionId>, FloorError>> + Send;

    /// Shares what was read of the platform's list.
    ///
    /// # Errors
    /// What the database has against it; [`FloorError::NotOurs`] without the lease.
    fn learn(
        &self,
        account: &str,
        fence: i64,
        records: &[FloorRecord],
    ) -> impl Future<Output = Result<(), FloorError>> + Send;

    /// A page of the shared directory, behind a key.
    ///
    /// # Errors
    /// What the database has against it.
    fn directory(
        &self,
        account: &str,
        after: &str,
        most: i64,
    ) -> impl Future<Output = Result<Vec<FloorRecord>, FloorError>> + Send;

    /// Lets go of the connection until something is asked again.
    fn rest(&self) -> impl Future<Output = ()> + Send;
}
