//! The model of the whole screen, and how each event changes it.
//!
//! A submitted contact leaves the form only when its row is on disk, which the delivery
//! tells by its first [`Update::Entry`]. Keys that arrive in the milliseconds before
//! belong to the next contact: they wait in `held`, in order. If storing failed, the
//! text stays, and what was typed meanwhile is put aside instead of being mixed into it.

mod bell;
mod delivery;
mod floor;
mod here;
mod keys;
mod known;
mod leaving;
mod mouse;
mod opening;
mod purpose;
mod row_actions;
mod screen;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crossterm::event::{Event as Input, KeyEvent, KeyEventKind};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use ratatui::Frame;

use crate::{
    contact::{Addressing, Contact, Draft, E164, Phone, Region, text::safe},
    submission::{
        Budget, Change, Entry, Origin, PlatformHealth, Record, Seen, Status, Submission,
        SubmissionId,
    },
};

use leaving::Leaving;
use opening::Opening;
pub(super) use purpose::Purpose;

use super::{
    Appearance, At, Effect, Event,
    check::{Check, Confirm},
    compare::Compare,
    detail::Details,
    form::Form,
    keymap::{Action, KeyMeaning, KeyScope},
    lookup::Lookup,
    palette::Palette,
    results::Results,
    theme::Theme,
    time, view,
};

/// A change of the draft is saved this long after it, well within half a second.
const SAVE_AFTER_MS: i64 = 400;
/// How long a trouble stays at least, however fast the agent types.
const READING_MS: i64 = 4_000;
/// How long words stay that nobody has to act on.
const FLEETING_MS: i64 = 6_000;
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
    /// What this seat is to a floor.
    pub floor: Floor,
    /// The salutations to choose from, and how titles are read.
    pub addressing: Addressing,
    /// The country that new contacts start with.
    pub region: Option<Region>,
    /// The extension that new contacts start with.
    pub extension: String,
    /// What is asked for before a contact is submitted.
    pub confirm: Confirm,
    /// Colours, keys, mouse and bell.
    pub look: Appearance,
}

/// Whether the account is shared with a floor, and what part in it this seat has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Floor {
    /// There is none.
    #[default]
    Alone,
    /// Others send.
    Seat,
    /// It may send for everybody, and see everybody's rows.
    Sender,
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
    Check(Box<Check>),
    Lookup(Box<Lookup>),
}

/// A question about a row, and what is done on a yes.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// What is to be done.
    pub(super) question: String,
    /// To whom.
    pub(super) about: String,
    /// What comes of it.
    pub(super) consequence: String,
    /// The words for both keys.
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) id: SubmissionId,
    /// How the row stood when it was asked.
    seen: Seen,
    then: Then,
}

/// What a yes brings about.
#[derive(Debug, Clone)]
enum Then {
    Do(Box<Effect>),
    /// What was typed goes out, and takes the place of the contact that has its number.
    UpdateKnown,
    /// The profile is set up again.
    SetUp,
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
    /// Whether it goes by itself.
    fleeting: bool,
}

/// Who has a number, as far as that was answered.
#[derive(Debug, Default)]
struct Holders {
    owners: Vec<Record>,
    /// The colleague on the floor who has entered it.
    colleague: Option<String>,
}

/// The screen's model.
#[derive(Debug)]
pub struct App {
    pub(super) profile: String,
    pub(super) host: String,
    pub(super) demo: Option<String>,
    pub(super) floor: Floor,
    pub(super) theme: Theme,
    pub(super) look: Appearance,
    pub(super) zone: TimeZone,
    confirm: Confirm,
    pub(super) form: Form,
    pub(super) results: Results,
    pub(super) pane: Pane,
    pub(super) overlays: Vec<Overlay>,
    pub(super) budget: Option<Budget>,
    pub(super) link: PlatformHealth,
    /// While the agent waits for the platform's list: contacts so far, and of how many.
    pub(super) reading: Option<(u64, Option<u64>)>,
    pub(super) notice: Option<Notice>,
    pub(super) now: Timestamp,
    /// The contact being stored; its text still stands in the form.
    storing: Option<SubmissionId>,
    held: VecDeque<Input>,
    /// The row that the form was filled from: one that waits goes once its correction is stored,
    /// one that was created once the contact is changed.
    correcting: Option<Entry>,
    /// The screen's size, once the terminal has told it; only clicks need it.
    size: Option<(u16, u16)>,
    saved: (Draft, Option<SubmissionId>),
    /// The form as it began: what differs was typed, whether it is saved by now or not.
    began: Draft,
    store: Opening,
    save_at: Option<Timestamp>,
    /// When everybody's rows are asked for again, while they show.
    team_at: Option<Timestamp>,
    known: BTreeMap<E164, Holders>,
    /// Whether another window has the keyboard.
    away: bool,
    leaving: Leaving,
    changed: bool,
}

impl App {
    /// The screen before anything happened.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let form = Form::new(setup.addressing, setup.region, setup.extension);
        Self {
            profile: safe(&setup.profile),
            host: safe(&setup.host),
            demo: setup.demo.map(|hint| safe(&hint)),
            floor: setup.floor,
            theme: setup.look.themes.current(),
            look: setup.look,
            zone: TimeZone::UTC,
            confirm: setup.confirm,
            saved: (form.draft(), None),
            began: form.draft(),
            store: Opening::Awaited,
            form,
            results: Results::default(),
            pane: Pane::Form,
            overlays: Vec::new(),
            budget: None,
            link: PlatformHealth::Untried,
            reading: None,
            notice: None,
            now: Timestamp::UNIX_EPOCH,
            storing: None,
            held: VecDeque::new(),
            correcting: None,
            size: None,
            save_at: None,
            team_at: None,
            known: BTreeMap::new(),
            away: false,
            leaving: Leaving::default(),
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
            Event::Known { number, owners } => self.learn(&number, owners, None),
            Event::Details { entry, attempts, existing } => {
                self.detail(&entry, &attempts, &existing)
            }
            Event::Page { page, rows } => self.page(&page, rows),
            Event::Inbox(rows) => self.inbox(rows.as_deref()),
            Event::Found { query, contacts } => self.found(&query, contacts),
            Event::Theme(name) => self.restore_theme(&name),
            Event::Copied(copied) => self.told_copied(copied),
            Event::Background { light } => self.background(light),
            Event::Restored(draft) => self.restored(draft),
            Event::Caller(caller) => self.caller(&caller),
            Event::Correcting(row) => self.go_on_correcting(*row),
            Event::CannotStore(reason) => self.cannot_store(&reason),
            Event::StoreIsLate(reason) => self.store_is_late(&reason),
            Event::DraftSaved(saved) => self.draft_saved(saved),
            Event::Zone(zone) => self.learn_zone(zone),
            Event::Notice(text) => self.say(Tone::Warning, &text),
            Event::Tick => self.tick(),
        };
        self.form.refresh();
        self.look_up(&mut effects);
        effects.extend(self.results.missing().map(Effect::Page));
        self.save_draft(&mut effects);
        effects.extend(self.alarms().effect_after(&before));
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
        let slot = slot.and_then(|until| time::next_second(until, now));
        let notice = self.notice.as_ref().filter(|notice| notice.fleeting);
        let notice = notice.and_then(|it| it.since.checked_add(FLEETING_MS.milliseconds()).ok());
        [self.save_at, slot, notice, self.everybody_at()].into_iter().flatten().min()
    }

    /// The contact as it stands in the form, and which row it corrects: to be saved when the
    /// program is made to leave; `None` while the one of the last time is not even read and
    /// nothing was typed.
    #[must_use]
    pub fn draft(&self) -> Option<(Draft, Option<SubmissionId>)> {
        let draft = self.written();
        (self.store == Opening::Done || draft.0 != self.began).then_some(draft)
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
        let fleeting = tone == Tone::Plain;
        self.notice = Some(Notice { tone, text: safe(text), since: self.now, fleeting });
        self.touch()
    }

    /// Something that is worth a word while something else is typed, and goes by itself.
    fn tell(&mut self, tone: Tone, text: &str) {
        let _ = self.say(tone, text);
        if let Some(notice) = &mut self.notice {
            notice.fleeting |= notice.tone == tone;
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        let age = |notice: &Notice| {
            self.now.as_millisecond().saturating_sub(notice.since.as_millisecond())
        };
        let gone = |notice: &Notice| notice.fleeting && age(notice) >= FLEETING_MS;
        if self.notice.as_ref().is_some_and(gone) {
            self.notice = None;
            self.changed = true;
        }
        self.look_at_everybody_again();
        // A draft that is saved shows nowhere.
        self.changed |= self.budget.is_some_and(|budget| budget.left == 0);
        Vec::new()
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
            (Some(Overlay::Check(_)), _) => KeyScope::Check,
            (Some(Overlay::Lookup(_)), _) => KeyScope::Lookup,
            (None, Pane::Form) => self.form.scope(),
            (None, Pane::Results) if self.results.is_searching() => KeyScope::Search,
            (None, Pane::Results) => KeyScope::Results,
        }
    }

    /// Who is known to hold the number in the form; the row being corrected is nobody else.
    pub(super) fn owners(&self) -> Vec<&Record> {
        let Some(number) = self.form.number().map(Phone::e164) else { return Vec::new() };
        let corrected = self.correcting.as_ref().and_then(|row| row.status.created_id());
        let itself = |record: &&Record| {
            (corrected.is_some() && record.id.as_ref() == corrected)
                || record.id.is_none()
                    && self.correcting.as_ref().is_some_and(|row| {
                        let contact = &row.submission.contact;
                        contact.phone.e164() == number && record.name() == Some(contact.full_name())
                    })
        };
        let known = self.known.get(&number).into_iter().flat_map(|known| &known.owners);
        known.filter(|it| !itself(it)).collect()
    }

    fn terminal(&mut self, input: Input, at: At) -> Vec<Effect> {
        match input {
            Input::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            Input::Key(key) if self.means(key, Action::Quit) => self.quit_unless_lost(),
            Input::Key(key) if self.means(key, Action::Interrupt) => self.interrupt(),
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
            Input::FocusGained | Input::FocusLost => {
                self.away = input == Input::FocusLost;
                Vec::new()
            }
        }
    }

    fn means(&self, key: KeyEvent, action: Action) -> bool {
        self.look.keys.resolve(self.scope(), key) == KeyMeaning::Action(action)
    }

    fn submit(&mut self, at: At) -> Vec<Effect> {
        self.submit_as(None, at)
    }

    /// Submits what is typed: as a contact to create, or what an existing one is to become.
    fn submit_as(&mut self, change: Option<Change>, at: At) -> Vec<Effect> {
        self.changed = true;
        self.pane = Pane::Form;
        self.overlays.clear();
        self.form.refresh();
        self.notice = None;
        self.leaving.ask_again();
        let Some(contact) = self.form.submit() else { return Vec::new() };
        let blind = self.confirm == Confirm::Retype && self.form.number_was_typed();
        if blind || self.confirm == Confirm::ReadBack {
            self.form.refresh();
            let read_back = self.form.read_back().clone();
            let check = Check::of(contact, read_back, blind).becoming(change);
            self.overlays.push(Overlay::Check(Box::new(check)));
            return Vec::new();
        }
        self.send_off(contact, change, at)
    }

    /// The number was read back: it goes out, or it was typed otherwise the second time.
    fn send_checked(&mut self, at: At) -> Vec<Effect> {
        let Some(Overlay::Check(check)) = self.overlays.last_mut() else { return Vec::new() };
        if !check.passes() {
            return self.say(Tone::Warning, "The two differ where they are marked. Type it again.");
        }
        let (contact, change) = (check.contact.clone(), check.change.take());
        self.overlays.clear();
        self.send_off(contact, change, at)
    }

    fn send_off(&mut self, contact: Contact, change: Option<Change>, at: At) -> Vec<Effect> {
        self.storing = Some(at.fresh);
        // Somebody else was typed over it: then that row goes out as it was.
        let other =
            self.correcting.take_if(|row| !is_correction(&row.submission.contact, &contact));
        let other = other.filter(|row| matches!(row.status, Status::Queued(_)));
        let submission = Submission {
            id: at.fresh,
            contact,
            origin: Origin::Form,
            submitted_at: at.now,
            corrects: self.correcting.as_ref().map(|row| row.submission.id),
        };
        let released = other.map(|row| Effect::Retry(row.submission.id));
        let stored = match (change, &self.correcting) {
            (Some(change), _) => Effect::Update(submission, change),
            (None, Some(row)) => Effect::Correct(submission, row.submission.id, row.seen()),
            (None, None) => Effect::Submit(submission),
        };
        [stored].into_iter().chain(released).collect()
    }

    /// Asks once for each number that may be sent.
    fn look_up(&mut self, effects: &mut Vec<Effect>) {
        if self.storing.is_some() {
            return;
        }
        let number = self.form.number().map(Phone::e164);
        if self.floor != Floor::Alone
            && number.as_ref().is_none_or(|it| !self.known.contains_key(it))
        {
            // Colleagues come and go: a number that is typed again is asked about again.
            self.known.clear();
        }
        let Some(number) = number else { return };
        if self.known.len() < MOST_KNOWN && !self.known.contains_key(&number) {
            self.known.insert(number.clone(), Holders::default());
            effects.push(Effect::LookUp(number));
        }
    }

    /// What is in the form, and which row it corrects.
    fn written(&self) -> (Draft, Option<SubmissionId>) {
        (self.form.draft(), self.correcting.as_ref().map(|row| row.submission.id))
    }

    pub(super) fn saves_draft(&mut self) -> Effect {
        self.save_at = None;
        self.saved = self.written();
        Effect::SaveDraft(self.saved.0.clone(), self.saved.1)
    }

    fn save_draft(&mut self, effects: &mut Vec<Effect>) {
        if effects.contains(&Effect::Quit) {
            return;
        }
        let changed = self.written() != self.saved;
        match self.save_at {
            _ if !changed => self.save_at = None,
            None => self.save_at = self.now.checked_add(SAVE_AFTER_MS.milliseconds()).ok(),
            Some(due) if due <= self.now => {
                effects.push(self.saves_draft());
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
