//! For tests: feeds events to the model in order and gathers what it asks for.

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    contact::{Addressing, Contact, Draft, E164, Extension, Name, Phone, Region, Salutation},
    submission::{
        Budget, ContactId, Counts, Entry, Failure, FailureKind, Origin, Owner, Page, Status,
        Submission, SubmissionId, Task, Update, Waiting,
    },
};

use super::{
    App, Appearance, At, Confirm, Effect, Event, Floor, Setup,
    appearance::{Notify, ReadBackStyle},
    keymap::Keymap,
    theme::{Depth, Themes},
};

/// 10:24 on a fixed day.
pub(super) const START: i64 = 1_768_213_440_000;

pub(super) struct Script {
    pub(super) app: App,
    pub(super) effects: Vec<Effect>,
    pub(super) now_ms: i64,
    fresh: u128,
    events: usize,
}

pub(super) fn setup() -> Setup {
    Setup {
        profile: "acme".into(),
        host: "platform.kore.ai".into(),
        demo: None,
        floor: Floor::Alone,
        addressing: Addressing::offering(
            ["Mr", "Mrs"].map(|text| Salutation::parse(text).unwrap()).into(),
        ),
        region: Region::from_code("IN"),
        extension: "+".into(),
        confirm: Confirm::Off,
        look: look(Depth::Sixteen, true),
    }
}

pub(super) fn look(depth: Depth, unicode: bool) -> Appearance {
    let themes = Themes::new(depth, unicode);
    let read_back = ReadBackStyle::default();
    Appearance {
        themes,
        keys: Keymap::default(),
        read_back,
        notify: Notify::Off,
        mouse: true,
        bell: false,
        mask_numbers: false,
    }
}

pub(super) fn id(number: u128) -> SubmissionId {
    SubmissionId(Uuid::from_u128(number))
}

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

pub(super) fn entry(number: u128, first: &str, last: &str, phone: &str, status: Status) -> Entry {
    let contact = Contact {
        salutation: Salutation::parse("Mr").unwrap(),
        first_name: Name::parse(first).unwrap(),
        last_name: Name::parse(last).unwrap(),
        phone: Phone::from_parts(Region::from_code("IN"), 91, phone).unwrap(),
        extension: Extension::parse("+").unwrap(),
    };
    let submitted_at = at(START);
    let submission =
        Submission { id: id(number), contact, origin: Origin::Form, submitted_at, corrects: None };
    let agent = "ada".to_owned();
    Entry { submission, task: Task::Create, status, attempts: 1, settled_at: None, agent }
}

pub(super) fn queued(number: u128, first: &str, last: &str, phone: &str, seconds: i64) -> Entry {
    let until = Some(at(START + seconds * 1000));
    entry(number, first, last, phone, Status::Queued(Waiting { until, because: None }))
}

pub(super) fn created(number: u128, first: &str, last: &str, phone: &str, its: &str) -> Entry {
    entry(number, first, last, phone, Status::Created { id: ContactId(its.into()), remark: None })
}

/// Refused in these words.
pub(super) fn rejected(words: &str) -> Status {
    Status::Rejected { reason: Failure::new(FailureKind::Rejected, words).into() }
}

pub(super) fn duplicate(number: u128, first: &str, last: &str, phone: &str, of: &str) -> Entry {
    let owners = vec![Owner { id: None, full_name: Some(of.into()) }];
    entry(number, first, last, phone, Status::Duplicate { owners, remark: None })
}

impl Script {
    pub(super) fn start() -> Self {
        Self::with(setup())
    }

    /// With an open store.
    pub(super) fn with(setup: Setup) -> Self {
        let mut script = Self::opening(setup);
        script.event(Event::Restored(None));
        let _ = script.app.needs_draw();
        script.events = 0;
        script
    }

    /// With the first picture drawn and nothing behind it yet.
    pub(super) fn opening(setup: Setup) -> Self {
        let mut app = App::new(setup);
        assert!(app.needs_draw());
        Self { app, effects: Vec::new(), now_ms: START, fresh: 1_000, events: 0 }
    }

    pub(super) fn event(&mut self, event: Event) -> &mut Self {
        self.fresh += 1;
        self.events += 1;
        let at = At { now: at(self.now_ms), fresh: id(self.fresh) };
        self.effects.extend(self.app.update(event, at));
        self
    }

    /// Everything fed in so far.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    pub(super) fn wait(&mut self, ms: i64) -> &mut Self {
        self.now_ms += ms;
        self.event(Event::Tick)
    }

    pub(super) fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) -> &mut Self {
        self.event(Event::Terminal(Input::Key(KeyEvent::new(code, modifiers))))
    }

    pub(super) fn key(&mut self, code: KeyCode) -> &mut Self {
        self.press(code, KeyModifiers::NONE)
    }

    pub(super) fn ctrl(&mut self, c: char) -> &mut Self {
        self.press(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    pub(super) fn tab(&mut self) -> &mut Self {
        self.key(KeyCode::Tab)
    }

    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(KeyCode::Char(c));
        }
        self
    }

    pub(super) fn paste(&mut self, text: &str) -> &mut Self {
        self.event(Event::Terminal(Input::Paste(text.into())))
    }

    pub(super) fn click(&mut self, column: u16, row: u16) -> &mut Self {
        self.event(click(column, row))
    }

    pub(super) fn deliver(&mut self, entry: Entry) -> &mut Self {
        self.event(Event::Delivery(Update::Entry(Box::new(entry))))
    }

    /// The store holds these rows, newest first, as at a start.
    pub(super) fn rows(&mut self, rows: Vec<Entry>) -> &mut Self {
        self.event(Event::Delivery(Update::Reread));
        self.effects.retain(|effect| !matches!(effect, Effect::Inbox(_)));
        let asked = self.asked_page();
        self.event(Event::Page { page: asked, rows: Ok(rows) })
    }

    /// The page that was asked for last; every other effect stays.
    pub(super) fn asked_page(&mut self) -> Page {
        let at = self.effects.iter().rposition(|it| matches!(it, Effect::Page(_)));
        match self.effects.remove(at.expect("a page was asked for")) {
            Effect::Page(page) => page,
            _ => unreachable!("looked for"),
        }
    }

    pub(super) fn budget(&mut self, left: u32, next_ms: Option<i64>) -> &mut Self {
        let next_slot_at = next_ms.map(|ms| at(self.now_ms + ms));
        self.event(Event::Delivery(Update::Budget(Budget {
            limit: 60,
            left,
            next_slot_at,
            ..Budget::default()
        })))
    }

    pub(super) fn counts(&mut self) -> &mut Self {
        let counts =
            Counts { queued: 1, sending: 0, created: 38, deleted: 0, duplicate: 2, attention: 1 };
        self.event(Event::Delivery(Update::Counts(counts)))
    }

    /// Fills the form so that it can be submitted.
    pub(super) fn john(&mut self) -> &mut Self {
        self.tab().type_text("John").tab().type_text("Doe").tab().tab().type_text("9876543210")
    }

    pub(super) fn draft(&self) -> Draft {
        self.app.form.draft()
    }

    /// What was asked since the last time.
    pub(super) fn taken(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The one submission that was asked for.
    pub(super) fn submitted(&mut self) -> Submission {
        let mut all = self.taken().into_iter().filter_map(|effect| match effect {
            Effect::Submit(submission) => Some(submission),
            _ => None,
        });
        let one = all.next().expect("a submission");
        assert_eq!(all.next(), None);
        one
    }

    /// The store says that the submission is on disk.
    pub(super) fn stored(&mut self, submission: Submission) -> &mut Self {
        let status = Status::Queued(Waiting::default());
        self.deliver(Entry {
            submission,
            task: Task::Create,
            status,
            attempts: 0,
            settled_at: None,
            agent: "ada".into(),
        })
    }
}

pub(super) fn number(text: &str) -> E164 {
    E164::from_canonical(text).unwrap()
}

pub(super) fn click(column: u16, row: u16) -> Event {
    let kind = MouseEventKind::Down(MouseButton::Left);
    let mouse = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    Event::Terminal(Input::Mouse(mouse))
}
