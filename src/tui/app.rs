//! The model of the whole screen, and how each event changes it.
//!
//! A submitted contact leaves the form only when its row is on disk, which the delivery
//! tells by its first [`Update::Entry`]. Keys that arrive in the milliseconds before
//! belong to the next contact: they wait in `held`, in order. If storing failed, the
//! text stays, and what was typed meanwhile is put aside instead of being mixed into it.

mod bell;
mod delivery;
mod keys;
mod mouse;
mod opening;
mod row_actions;
mod screen;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crossterm::event::{Event as Input, KeyEvent, KeyEventKind};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use ratatui::Frame;

use crate::{
    contact::{Contact, Draft, E164, Region, Salutation, text::safe},
    submission::{Budget, Entry, Group, Origin, PlatformHealth, Record, Submission, SubmissionId},
};

use opening::Opening;

use super::{
    Appearance, At, Effect, Event,
    compare::Compare,
    detail::Details,
    form::Form,
    keymap::{Action, KeyMeaning, KeyScope},
    palette::Palette,
    results::Results,
    theme::Theme,
    time, view,
};

/// A change of the draft is saved this long after it, well within half a second.
const SAVE_AFTER_MS: i64 = 400;
/// How long a trouble stays at least, however fast the agent types.
const READING_MS: i64 = 4_000;
/// Keys kept while a contact is being stored; a person types fewer, a stuck key more.
const MOST_HELD: usize = 10_000;
/// Numbers remembered as looked up for one contact.
const MOST_KNOWN: usize = 1_000;

/// What the screen is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The profile's name.
    pub profile: String,
    /// The platform's host.
    pub host: String,
    /// Where the sandbox stands in for the platform: what to try there.
    pub demo: Option<String>,
    /// The salutations to choose from.
    pub salutations: Vec<Salutation>,
    /// The country that new contacts start with.
    pub region: Option<Region>,
    /// The extension that new contacts start with.
    pub extension: String,
    /// Colours, keys, mouse and bell.
    pub look: Appearance,
}

/// Which half of the screen has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Form,
    Results,
}

/// What lies over the panes.
#[derive(Debug, Clone)]
pub(super) enum Overlay {
    Help { scroll: usize },
    Details(Box<Details>),
    Compare(Box<Compare>),
    Ask(Box<Ask>),
    Palette(Box<Palette>),
}

/// A question about a row, and what is done on a yes.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) question: String,
    pub(super) id: SubmissionId,
    /// How the row stood when it was asked.
    seen: Group,
    then: Effect,
}

/// How much a sentence matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Warning,
    Error,
}

/// A sentence in place of the hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) tone: Tone,
    pub(super) text: String,
    since: Timestamp,
}

/// The screen's model.
#[derive(Debug)]
pub struct App {
    pub(super) profile: String,
    pub(super) host: String,
    pub(super) demo: Option<String>,
    pub(super) theme: Theme,
    pub(super) look: Appearance,
    pub(super) zone: TimeZone,
    pub(super) form: Form,
    pub(super) results: Results,
    pub(super) pane: Pane,
    pub(super) overlays: Vec<Overlay>,
    pub(super) budget: Option<Budget>,
    pub(super) link: PlatformHealth,
    /// While the agent waits for the platform's list: contacts so far, and of how many.
    pub(super) reading: Option<(u64, Option<u64>)>,
    pub(super) notice: Option<Notice>,
    news: Option<(Timestamp, String)>,
    pub(super) now: Timestamp,
    /// The contact being stored; its text still stands in the form.
    storing: Option<SubmissionId>,
    held: VecDeque<Input>,
    /// The waiting row that the form was filled from; it goes once its correction is stored.
    correcting: Option<Entry>,
    /// The screen's size, once the terminal has told it; only clicks need it.
    size: Option<(u16, u16)>,
    saved: Draft,
    store: Opening,
    save_at: Option<Timestamp>,
    known: BTreeMap<E164, Vec<Record>>,
    changed: bool,
}

impl App {
    /// The screen before anything happened.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let form = Form::new(setup.salutations, setup.region, setup.extension);
        Self {
            profile: safe(&setup.profile),
            host: safe(&setup.host),
            demo: setup.demo.map(|hint| safe(&hint)),
            theme: setup.look.themes.current(),
            look: setup.look,
            zone: TimeZone::UTC,
            saved: form.draft(),
            store: Opening::Awaited,
            form,
            results: Results::default(),
            pane: Pane::Form,
            overlays: Vec::new(),
            budget: None,
            link: PlatformHealth::Untried,
            reading: None,
            notice: None,
            news: None,
            now: Timestamp::UNIX_EPOCH,
            storing: None,
            held: VecDeque::new(),
            correcting: None,
            size: None,
            save_at: None,
            known: BTreeMap::new(),
            changed: true,
        }
    }

    /// Takes an event in; the answer is what the outside is to do, in this order.
    #[must_use]
    pub fn update(&mut self, event: Event, at: At) -> Vec<Effect> {
        self.now = at.now;
        let before = self.alarms();
        let mut effects = match event {
            Event::Terminal(input) => self.terminal(input, at),
            Event::Delivery(update) => self.delivery(update, at),
            Event::Known { number, owners } => self.learn(number, owners),
            Event::Details { entry, attempts, existing } => {
                self.detail(&entry, &attempts, &existing)
            }
            Event::Page { page, rows } => self.page(&page, rows),
            Event::Copied(copied) => self.told_copied(copied),
            Event::Background { light } => self.background(light),
            Event::Restored(draft) => self.restored(draft),
            Event::CannotStore(reason) => self.cannot_store(&reason),
            Event::Zone(zone) => self.learn_zone(zone),
            Event::Notice(text) => self.say(Tone::Warning, &text),
            Event::Tick => self.touch(),
        };
        self.look_up(&mut effects);
        effects.extend(self.results.missing().map(Effect::Page));
        self.save_draft(&mut effects);
        effects.extend(self.alarms().rings_after(&before).then_some(Effect::Bell));
        effects
    }

    /// Draws the model.
    pub fn view(&self, frame: &mut Frame<'_>) {
        view::screen(self, frame);
    }

    /// Whether the picture differs from the last one drawn; asking resets it.
    #[must_use]
    pub fn needs_draw(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// When to send [`Event::Tick`] if nothing else happens; `None` while nothing moves.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let slot = self.budget.filter(|budget| budget.left == 0).and_then(|b| b.next_slot_at);
        let slot = slot.and_then(|until| time::countdown_changes(until, now));
        let news = self.news.as_ref().map(|(until, _)| *until).filter(|until| *until > now);
        let details = self.overlays.iter().filter_map(|overlay| match overlay {
            Overlay::Details(details) => details.changes_at(now),
            Overlay::Help { .. } | Overlay::Compare(_) | Overlay::Ask(_) | Overlay::Palette(_) => {
                None
            }
        });
        let others = [self.save_at, slot, news, self.results.changes_at(now)].into_iter().flatten();
        others.chain(details).min()
    }

    /// The contact as it stands in the form, to be saved when the program is made to leave;
    /// `None` while the one of the last time is not even read and nothing was typed.
    #[must_use]
    pub fn draft(&self) -> Option<Draft> {
        let draft = self.form.draft();
        (self.store == Opening::Done || draft != self.saved).then_some(draft)
    }

    fn touch(&mut self) -> Vec<Effect> {
        self.changed = true;
        Vec::new()
    }

    /// A lesser trouble does not take the place of an error that nobody could read yet.
    fn say(&mut self, tone: Tone, text: &str) -> Vec<Effect> {
        let error = self.notice.as_ref().filter(|notice| notice.tone == Tone::Error);
        if tone == Tone::Warning && error.is_some_and(|error| !self.was_read(error)) {
            return Vec::new();
        }
        self.notice = Some(Notice { tone, text: safe(text), since: self.now });
        self.touch()
    }

    /// Plain words go with the next key, a trouble not before it could be read, and not while
    /// nothing can be stored.
    fn fade_notice(&mut self) {
        let over = |notice: &Notice| {
            let read = self.store != Opening::Failed && self.was_read(notice);
            notice.tone == Tone::Plain || read
        };
        if self.notice.as_ref().is_some_and(over) {
            self.notice = None;
            self.changed = true;
        }
    }

    /// Whether a notice stood long enough.
    fn was_read(&self, notice: &Notice) -> bool {
        let age = self.now.as_millisecond().saturating_sub(notice.since.as_millisecond());
        !(0..READING_MS).contains(&age)
    }

    /// A duplicate that was just found, for the header.
    pub(super) fn news(&self) -> Option<&str> {
        let (until, text) = self.news.as_ref()?;
        (*until > self.now).then_some(text)
    }

    pub(super) fn is_storing(&self) -> bool {
        self.storing.is_some()
    }

    /// Where the keyboard goes.
    pub(super) fn scope(&self) -> KeyScope {
        match (self.overlays.last(), self.pane) {
            (Some(Overlay::Help { .. }), _) => KeyScope::Help,
            (Some(Overlay::Details(_)), _) => KeyScope::Details,
            (Some(Overlay::Compare(_)), _) => KeyScope::Compare,
            (Some(Overlay::Ask(_)), _) => KeyScope::Confirm,
            (Some(Overlay::Palette(_)), _) => KeyScope::Palette,
            (None, Pane::Form) => self.form.scope(),
            (None, Pane::Results) if self.results.is_searching() => KeyScope::Search,
            (None, Pane::Results) => KeyScope::Results,
        }
    }

    /// What holds up every contact that waits, in a few words; empty when nothing does.
    pub(super) fn holds_up(&self) -> &'static str {
        match &self.link {
            PlatformHealth::Refused(_) => "until the platform accepts us",
            PlatformHealth::Offline(_) => "until the platform answers",
            PlatformHealth::Untried | PlatformHealth::Online
                if self.budget.is_some_and(|it| it.left == 0) =>
            {
                "for the next slot of the limit"
            }
            PlatformHealth::Untried | PlatformHealth::Online => "",
        }
    }

    /// Who is known to hold the number in the form; the row being corrected is nobody else.
    pub(super) fn owners(&self) -> Vec<&Record> {
        let Some(number) = self.form.number().map(|phone| phone.e164()) else { return Vec::new() };
        let itself = |record: &&Record| {
            record.id.is_none()
                && self.correcting.as_ref().is_some_and(|row| {
                    let contact = &row.submission.contact;
                    contact.phone.e164() == number && record.name() == Some(contact.full_name())
                })
        };
        self.known.get(&number).into_iter().flatten().filter(|it| !itself(it)).collect()
    }

    fn terminal(&mut self, input: Input, at: At) -> Vec<Effect> {
        match input {
            Input::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            Input::Key(key) if self.is_quit(key) => self.quit(),
            Input::Key(_) | Input::Paste(_) | Input::Mouse(_) if self.storing.is_some() => {
                if self.held.len() < MOST_HELD {
                    self.held.push_back(input);
                }
                Vec::new()
            }
            Input::Key(key) => self.key(key, at),
            Input::Paste(text) => self.paste(&text),
            Input::Resize(width, height) => {
                self.size = Some((width, height));
                self.touch()
            }
            Input::Mouse(mouse) => self.mouse(mouse, at),
            Input::FocusGained | Input::FocusLost => Vec::new(),
        }
    }

    fn is_quit(&self, key: KeyEvent) -> bool {
        self.look.keys.resolve(self.scope(), key) == KeyMeaning::Action(Action::Quit)
    }

    fn quit(&mut self) -> Vec<Effect> {
        let save = self.draft().map(Effect::SaveDraft);
        self.save_at = None;
        self.saved = self.form.draft();
        save.into_iter().chain([Effect::Quit]).collect()
    }

    fn submit(&mut self, at: At) -> Vec<Effect> {
        self.changed = true;
        self.pane = Pane::Form;
        self.overlays.clear();
        self.notice = None;
        let Some(contact) = self.form.submit() else { return Vec::new() };
        self.storing = Some(at.fresh);
        // Somebody else was typed over it: then that row goes out as it was.
        let other =
            self.correcting.take_if(|row| !is_correction(&row.submission.contact, &contact));
        let submission =
            Submission { id: at.fresh, contact, origin: Origin::Form, submitted_at: at.now };
        let released = other.map(|row| Effect::Retry(row.submission.id));
        [Effect::Submit(submission)].into_iter().chain(released).collect()
    }

    /// Asks once for each number that may be sent.
    fn look_up(&mut self, effects: &mut Vec<Effect>) {
        if self.storing.is_some() {
            return;
        }
        let Some(number) = self.form.number().map(|phone| phone.e164()) else { return };
        if self.known.len() < MOST_KNOWN && !self.known.contains_key(&number) {
            self.known.insert(number.clone(), Vec::new());
            effects.push(Effect::LookUp(number));
        }
    }

    fn save_draft(&mut self, effects: &mut Vec<Effect>) {
        if effects.contains(&Effect::Quit) {
            return;
        }
        let changed = self.form.draft() != self.saved;
        match self.save_at {
            _ if !changed => self.save_at = None,
            None => self.save_at = self.now.checked_add(SAVE_AFTER_MS.milliseconds()).ok(),
            Some(due) if due <= self.now => {
                self.saved = self.form.draft();
                self.save_at = None;
                effects.push(Effect::SaveDraft(self.saved.clone()));
            }
            Some(_) => {}
        }
    }
}

/// Whether one contact is the other with something mended: the number or the name is the
/// same.
fn is_correction(before: &Contact, after: &Contact) -> bool {
    before.phone.e164() == after.phone.e164() || before.full_name() == after.full_name()
}
