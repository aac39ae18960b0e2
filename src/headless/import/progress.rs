//! How far it is: a bar on a terminal, else a plain line now and then. Both on standard
//! error, so that standard output stays what was asked for.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tally::Tally;

/// Between two plain lines.
const PAUSE: Duration = Duration::from_secs(10);

/// How far an import is.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    on_terminal: bool,
    plain: bool,
    total: u32,
    /// When rows began to be sent, and how many were done by then.
    since: Option<(Instant, u32)>,
    last: Instant,
}

impl Progress {
    /// Nothing is shown unless `shown`.
    pub(super) fn new(total: u32, shown: bool) -> Self {
        let on_terminal = shown && io::stderr().is_terminal();
        let hidden = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(Some(u64::from(total)), hidden);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos} of {len}  {wide_msg}") {
            bar.set_style(style.progress_chars("#- "));
        }
        let plain = shown && !on_terminal;
        Self { bar, on_terminal, plain, total, since: None, last: Instant::now() }
    }

    /// From here on rows are sent: what follows says how fast.
    pub(super) fn begin(&mut self, done: u32) {
        self.since = Some((Instant::now(), done));
        if self.on_terminal {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// So many rows have their last word.
    pub(super) fn advance(&mut self, tally: &Tally) {
        let Some((since, before)) = self.since else { return };
        let done = tally.total;
        let words = words(tally, done.saturating_sub(before), self.total - done, since.elapsed());
        self.bar.set_position(u64::from(done));
        self.bar.set_message(words.clone());
        if self.plain && self.last.elapsed() >= PAUSE {
            self.last = Instant::now();
            say(&format!("{done} of {}  {words}\n", self.total));
        }
    }

    /// Says something beside the bar.
    pub(super) fn note(&self, text: &str) {
        self.beside(|| say(text));
    }

    /// Does something that prints, with the bar out of the way.
    pub(super) fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn words(tally: &Tally, done: u32, left: u32, elapsed: Duration) -> String {
    let Tally { created, duplicate, rejected, .. } = tally;
    let mut words = format!("{created} created, {duplicate} duplicates");
    if *rejected > 0 {
        words = format!("{words}, {rejected} rejected");
    }
    let seconds = elapsed.as_secs_f64();
    if done > 0 && seconds >= 1.0 {
        let per_second = f64::from(done) / seconds;
        let rate = per_second * 60.0;
        let time = time_left(f64::from(left) / per_second);
        words = format!("{words}, {rate:.0} a minute, {time}");
    }
    words
}

fn time_left(seconds: f64) -> String {
    match seconds {
        ..1.0 => "almost done".into(),
        ..90.0 => format!("about {seconds:.0} s left"),
        ..5400.0 => format!("about {:.0} min left", seconds / 60.0),
        _ => format!("about {:.1} h left", seconds / 3600.0),
    }
}

/// Words about the run. With standard error gone there is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = write!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_is_done_how_fast_and_how_long_it_takes() {
        let tally = Tally { created: 110, duplicate: 10, ..Tally::default() };
        let told = words(&tally, 120, 1_080, Duration::from_mins(1));
        assert_eq!(told, "110 created, 10 duplicates, 120 a minute, about 9 min left");
        let told = words(&tally, 0, 1_080, Duration::from_mins(1));
        assert_eq!(told, "110 created, 10 duplicates", "nothing is known of the speed yet");
        assert_eq!(time_left(90_000.0), "about 25.0 h left");
    }
}
