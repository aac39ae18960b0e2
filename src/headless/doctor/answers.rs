//! What the platform's answer says of the clock, the token, the scope and the limit.

use std::io::{self, Write};

use jiff::SignedDuration;

use super::report::{Area, DoctorReport};
use crate::{
    api::{Contacted, ListPage, NOTABLE_OFFSET},
    delivery::clock,
    headless::sentences,
    store::Store,
    submission::{Failure, FailureKind, clock_difference},
};

/// What became of asking for the list.
pub(super) enum ListCheck {
    Answered(Result<ListPage, Failure>),
    /// Not asked, and why.
    Not(String),
}

pub(super) fn told_time(
    report: &mut DoctorReport<impl Write>,
    contacted: &Contacted,
) -> io::Result<()> {
    match contacted.clock_offset {
        None => report.skipped("clock", "no answer told the platform's time"),
        Some(offset) if offset.abs() < NOTABLE_OFFSET => {
            report.ok("clock", "agrees with the platform's")
        }
        Some(offset) => {
            let detail = format!("this machine's clock is {}", clock_difference(offset));
            let advice = "set it, best by the network's time; tokens are refused while it is off";
            report.problem(Area::Other, "clock", detail, advice)
        }
    }
}

pub(super) fn answered(
    report: &mut DoctorReport<impl Write>,
    asked: &ListCheck,
    offset: Option<SignedDuration>,
) -> io::Result<()> {
    let answer = match asked {
        ListCheck::Answered(answer) => answer,
        ListCheck::Not(why) => {
            report.skipped("token", why)?;
            return report.skipped("list", why);
        }
    };
    match answer {
        Ok(page) => {
            report.ok("token", "accepted")?;
            let total = page.total.map(|total| format!(", {total} contacts")).unwrap_or_default();
            report.ok("list", format!("answers{total}"))
        }
        Err(failure) => refused(report, failure, offset),
    }
}

fn refused(
    report: &mut DoctorReport<impl Write>,
    failure: &Failure,
    offset: Option<SignedDuration>,
) -> io::Result<()> {
    let advice = match failure.kind {
        FailureKind::Unauthorised => {
            let off = offset.is_some_and(|offset| offset.abs() >= NOTABLE_OFFSET);
            let advice = if off {
                "set this machine's clock first; then check the client id and secret"
            } else {
                "check the client id and secret; give the app the scope \"Configuration\" and \
                 publish it after adding it"
            };
            let detail = format!("the platform refuses us: {}", sentences::failure(failure));
            report.problem(Area::Authorisation, "token", detail, advice)?;
            return report.skipped("list", "the token is not accepted");
        }
        FailureKind::Limited { .. } => {
            report.skipped("token", "not judged: the account's limit was reached")?;
            return report.skipped("list", "the account's limit was reached");
        }
        FailureKind::Rejected
        | FailureKind::Missing
        | FailureKind::Conflict
        | FailureKind::Unexplained
        | FailureKind::Misaddressed { .. } => {
            "check `host` and `stream_id`, and the app's scope \"Configuration\""
        }
        FailureKind::Failed | FailureKind::Unclear { .. } | FailureKind::Unreached => {
            "try again later; if it stays so, check `host`"
        }
    };
    report.skipped("token", "the answer does not judge it")?;
    report.problem(Area::Other, "list", sentences::failure(failure), advice)
}

pub(super) async fn limit(
    report: &mut DoctorReport<impl Write>,
    asked: &ListCheck,
    store: Option<&Store>,
) -> io::Result<()> {
    let advice = "wait a minute; others on the account may be using it as well";
    if let ListCheck::Answered(Err(failure)) = asked
        && let FailureKind::Limited { .. } = failure.kind
    {
        return report.problem(Area::Other, "limit", sentences::failure(failure), advice);
    }
    let Some(store) = store else {
        return report.skipped("limit", "there is no store to count by");
    };
    match store.budget(clock::now()).await {
        Ok(budget) => {
            let detail = format!("{} of {} requests left this minute", budget.left, budget.limit);
            if let Some(until) = budget.held_until {
                let until = until.strftime("%H:%M:%SZ");
                let detail = format!("the platform asked us to wait until {until}");
                return report.problem(Area::Other, "limit", detail, "wait until then");
            }
            let shared = if budget.is_shared { "; another tool uses the minute" } else { "" };
            let detail = format!("{detail}{shared}");
            if budget.left == 0 {
                return report.problem(Area::Other, "limit", detail, advice);
            }
            report.ok("limit", detail)
        }
        Err(error) => report.skipped("limit", error.to_string()),
    }
}
