//! What the checks found, told line by line as it is found.

use std::io::{self, Write};

use serde::Serialize;

use crate::{contact::text::safe, exit::Exit, headless::output::json_line, masking::tokens_masked};

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CheckVerdict {
    Ok,
    Problem,
    Skipped,
}

impl CheckVerdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Problem => "PROBLEM",
            Self::Skipped => "skipped",
        }
    }
}

/// Whose affair a problem is: which exit code it means. The first one of these wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    Configuration,
    Authorisation,
    Other,
}

#[derive(Debug, Serialize)]
struct CheckLine<'a> {
    check: &'a str,
    status: CheckVerdict,
    detail: String,
    advice: Option<String>,
}

/// The last line, which has what every other line has.
#[derive(Debug, Serialize)]
struct SummaryLine {
    check: &'static str,
    status: &'static str,
    detail: String,
    summary: CheckCounts,
}

#[derive(Debug, Serialize)]
struct CheckCounts {
    ok: u32,
    problem: u32,
    skipped: u32,
}

/// Prints each line at once; a platform that does not answer must not hold up the rest.
#[derive(Debug)]
pub(super) struct DoctorReport<Out: Write> {
    out: Out,
    json: bool,
    worst: Option<Area>,
    counts: [u32; 3],
    /// Everything that was told, for a bundle.
    told: Vec<String>,
}

impl<Out: Write> DoctorReport<Out> {
    pub(super) fn new(out: Out, json: bool) -> Self {
        Self { out, json, worst: None, counts: [0; 3], told: Vec::new() }
    }

    pub(super) fn ok(&mut self, check: &str, detail: impl AsRef<str>) -> io::Result<()> {
        self.line(check, CheckVerdict::Ok, detail.as_ref(), None)
    }

    pub(super) fn skipped(&mut self, check: &str, detail: impl AsRef<str>) -> io::Result<()> {
        self.line(check, CheckVerdict::Skipped, detail.as_ref(), None)
    }

    pub(super) fn problem(
        &mut self,
        area: Area,
        check: &str,
        detail: impl AsRef<str>,
        advice: impl AsRef<str>,
    ) -> io::Result<()> {
        self.worst = Some(self.worst.map_or(area, |worst| worst.min(area)));
        self.line(check, CheckVerdict::Problem, detail.as_ref(), Some(advice.as_ref()))
    }

    fn line(
        &mut self,
        check: &str,
        status: CheckVerdict,
        detail: &str,
        advice: Option<&str>,
    ) -> io::Result<()> {
        let (detail, advice) = (safe(detail), advice.map(safe));
        let (detail, advice) = (tokens_masked(&detail), advice.as_deref().map(tokens_masked));
        self.counts[status as usize] += 1;
        self.told.push(format!("{:<8} {check:<20} {detail}", status.word()));
        if self.json {
            json_line(&mut self.out, &CheckLine { check, status, detail, advice })?;
        } else {
            let word = match status {
                CheckVerdict::Ok => "ok",
                CheckVerdict::Problem => "PROBLEM",
                CheckVerdict::Skipped => "skipped",
            };
            writeln!(self.out, "{word:<8} {check:<20} {detail}")?;
            if let Some(advice) = advice {
                writeln!(self.out, "{:<8} {:<20} to do: {advice}", "", "")?;
            }
        }
        self.out.flush()
    }

    /// The closing line: how many checks came to what.
    pub(super) fn summary(&mut self) -> io::Result<()> {
        let [ok, problem, skipped] = self.counts;
        let many = if problem == 1 { "problem" } else { "problems" };
        let detail = format!("{ok} ok, {problem} {many}, {skipped} skipped");
        self.told.push(format!("summary  {detail}"));
        if self.json {
            let summary = CheckCounts { ok, problem, skipped };
            let line = SummaryLine { check: "summary", status: "summary", detail, summary };
            json_line(&mut self.out, &line)?;
        } else {
            writeln!(self.out, "summary  {detail}")?;
        }
        self.out.flush()
    }

    /// Everything that was told so far, a line each.
    pub(super) fn told(&self) -> &[String] {
        &self.told
    }

    pub(super) fn exit(&self) -> Exit {
        match self.worst {
            None => Exit::Done,
            Some(Area::Configuration) => Exit::Usage,
            Some(Area::Authorisation) => Exit::NotAuthorised,
            Some(Area::Other) => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_first_thing_to_mend() {
        let mut report = DoctorReport::new(Vec::new(), false);
        report.skipped("a", "").unwrap();
        assert_eq!(report.exit(), Exit::Done);
        report.problem(Area::Other, "b", "x", "y").unwrap();
        assert_eq!(report.exit(), Exit::Failed);
        report.problem(Area::Authorisation, "c", "x", "y").unwrap();
        report.problem(Area::Other, "d", "x", "y").unwrap();
        assert_eq!(report.exit(), Exit::NotAuthorised);
        report.problem(Area::Configuration, "e", "x", "y").unwrap();
        assert_eq!(report.exit(), Exit::Usage);
    }

    #[test]
    fn a_hostile_answer_stays_on_its_line_and_moves_no_cursor() {
        for json in [false, true] {
            let mut report = DoctorReport::new(Vec::new(), json);
            report.problem(Area::Other, "list", "a\u{1b}[2J\nok   token", "b\r\nc").unwrap();
            let text = String::from_utf8(report.out).unwrap();
            assert_eq!(text.lines().count(), if json { 1 } else { 2 }, "{text}");
            assert!(!text.contains('\u{1b}'));
        }
    }
}
