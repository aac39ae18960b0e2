//! Whole screens at the moments that matter, in text: what an agent sees at each size, in
//! full colour, without any, and in ASCII.

use crossterm::event::KeyCode;
use jiff::Timestamp;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use super::{cells, column};
use crate::{
    contact::{Contact, Extension, Name, Phone, Reading, Region, Salutation},
    submission::{
        Attempt, Change, ContactId, Counts, Entry, Failure, FailureKind, Origin, Outcome, Owner,
        PlatformHealth, Record, Refusal, RefusalCause, Status, Submission, Task, Update, Verb,
        Waiting,
    },
    tui::{
        Event, Setup,
        script::{START, Script, at, id, look, rejected, setup},
        theme::Depth,
    },
};

const MINUTE: i64 = 60_000;

/// Minutes before now at which the clock showed this.
fn clock(text: &str) -> Timestamp {
    if text == "Tue" {
        return at(START - 6 * 24 * 60 * MINUTE);
    }
    let (hours, minutes) = text.split_once(':').unwrap();
    let minutes = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
    at(START - (10 * 60 + 24 - minutes) * MINUTE)
}

fn contact(salutation: &str, name: &str, number: &str) -> Contact {
    let (first, last) = name.rsplit_once(' ').unwrap();
    let (Reading::Valid(phone) | Reading::Unusual(phone, _)) = Phone::parse(number, None) else {
        panic!("{number}")
    };
    Contact {
        salutation: Salutation::parse(salutation).unwrap(),
        first_name: Name::parse(first).unwrap(),
        last_name: Name::parse(last).unwrap(),
        phone,
        extension: Extension::parse("+").unwrap(),
    }
}

fn made(n: u128, when: &str, name: &str, number: &str, status: Status) -> Entry {
    let submission = Submission {
        id: id(n),
        contact: contact("Mr", name, number),
        origin: Origin::Form,
        submitted_at: clock(when),
        corrects: None,
    };
    let agent = "ada".to_owned();
    Entry { submission, task: Task::Create, status, attempts: 1, settled_at: None, agent }
}

fn created(id: &str) -> Status {
    Status::Created { id: ContactId(id.into()), remark: None }
}

fn of(name: &str) -> Status {
    let id = (name == "Ada Tester").then(|| ContactId(ADA.into()));
    let owners = vec![Owner { id, full_name: Some(name.into()) }];
    Status::Duplicate { owners, remark: None }
}

const ADA: &str = "6b0773a41122334455660003";

fn waits() -> Status {
    Status::Queued(Waiting::default())
}

/// What the morning has come to.
fn morning() -> Vec<Entry> {
    let mut rows = vec![
        made(21, "10:24", "Amy Pond", "+447700900461", Status::Sending),
        made(20, "10:24", "Rory Williams", "+447700900318", waits()),
        made(19, "10:22", "Ngọc Trần", "+84912345678", created("a")),
        made(18, "10:21", "Ravi Kumar", "+919876543210", of("Jane Roe")),
        made(17, "10:19", "Grace Tester", "+14155550132", of("Ada Tester")),
        made(16, "10:17", "Ada Tester", "+14155550132", created(ADA)),
        made(15, "10:15", "Łukasz Żakot", "+48512345678", rejected("Mr not taken")),
        made(14, "10:12", "María-José Núñez", "+34612345678", created("a")),
        made(13, "10:09", "Tom Bekker", "+447700900127", Status::Unclear(Waiting::default())),
        made(12, "10:08", "Donna Noble", "+447700900955", created("a")),
        made(11, "09:58", "Wilfred Mott", "+441632960017", created("a")),
        made(
            10,
            "09:51",
            "Test Testmann",
            "+4915123456789",
            Status::Deleted { id: ContactId("a".into()) },
        ),
        made(9, "09:47", "Sarah Jane Smith", "+447700900202", created("a")),
        made(8, "09:40", "Zoë Ångström", "+46701740605", created("a")),
        made(7, "09:33", "Jo Grant", "+447700900202", of("Sarah Jane Smith")),
        made(6, "09:30", "Liz Shaw", "+447700900871", created("a")),
        made(5, "09:21", "Harry Sullivan", "+447700900644", created("a")),
        made(4, "09:14", "Leela Sevateem", "+390612345678", rejected("number refused")),
        made(3, "09:02", "Bernice Summerfield", "+12025550156", created("a")),
        made(2, "Tue", "Peri Brown", "+12125550143", created("a")),
    ];
    rows[0].attempts = 2;
    rows[11].settled_at = Some(clock("09:52"));
    rows[16].task = Task::Change(Change::Update(ContactId("a".into()), Owner::default()));
    rows
}

fn start(theme: &str, region: &str) -> Script {
    let (depth, unicode) = match theme {
        "mono" => (Depth::None, true),
        "ascii" => (Depth::None, false),
        "16" => (Depth::Sixteen, true),
        _ => (Depth::True, true),
    };
    let mut look = look(depth, unicode);
    match theme {
        "light" => look.themes.choose("light").unwrap(),
        "hc" => look.themes.choose("high-contrast").unwrap(),
        _ => {}
    }
    Script::with(Setup { look, region: Region::from_code(region), ..setup() })
}

fn counts() -> Counts {
    Counts { queued: 2, sending: 1, created: 12, deleted: 0, duplicate: 3, attention: 2 }
}

fn working(theme: &str, region: &str) -> Script {
    let mut script = start(theme, region);
    script.rows(morning());
    script.event(Event::Delivery(Update::Counts(counts())));
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Online)));
    script.budget(55, None);
    script
}

fn size(script: &mut Script, width: u16, height: u16) {
    script.event(Event::Terminal(crossterm::event::Event::Resize(width, height)));
}

fn jane(script: &mut Script, number: &str) {
    script.type_text("r").tab().type_text("Jane").tab().type_text("Roe").tab().tab();
    script.type_text(number);
}

fn ready(theme: &str) -> Script {
    let mut script = working(theme, "US");
    jane(&mut script, "4155550132");
    script.tab().key(KeyCode::BackTab);
    script
}

fn half(theme: &str) -> Script {
    let mut script = working(theme, "IN");
    script.paste("Mrs Jane Roe");
    script.key(KeyCode::Home);
    for _ in 0..8 {
        if script.app.form.focus() == crate::tui::form::Focus::Field(crate::contact::Field::Phone) {
            break;
        }
        script.tab();
    }
    script.type_text("98765 432").tab().key(KeyCode::BackTab).wait(10_000);
    script
}

fn long(theme: &str) -> Script {
    let mut script = working(theme, "DE");
    jane(&mut script, "015123456789");
    script.tab().key(KeyCode::BackTab);
    script
}

fn anyway(theme: &str) -> Script {
    let mut script = working(theme, "US");
    jane(&mut script, "415 155 0132");
    script.ctrl('s');
    script
}

fn owner(theme: &str) -> Script {
    let mut script = ready(theme);
    let number = script.app.form.number().unwrap().e164();
    let known = Record::of(&contact("Mrs", "Ada Tester", "+14155550132"), ContactId(ADA.into()));
    script.event(Event::Known { number, owners: vec![known] });
    script
}

fn empty(theme: &str) -> Script {
    let mut script = start(theme, "GB");
    script.rows(Vec::new());
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Online)));
    script.budget(60, None);
    script
}

fn results(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    script.key(KeyCode::F(6));
    for _ in 0..4 {
        script.type_text("j");
    }
    script
}

fn search(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    script.key(KeyCode::F(6)).type_text("/tes");
    let page = script.asked_page();
    let found =
        morning().into_iter().filter(|row| [17, 16, 10].map(id).contains(&row.submission.id));
    script.event(Event::Page { page, rows: Ok(found.collect()) });
    script
}

fn refusing(theme: &str) -> Script {
    let mut script = working(theme, "US");
    let mut rows = morning();
    rows[0] = made(21, "10:24", "Amy Pond", "+447700900461", waits());
    rows.insert(0, made(22, "10:24", "Jane Roe", "+14155550139", waits()));
    script.rows(rows);
    let words = "the platform refuses us: check the secret".to_owned();
    let refusal = Refusal { cause: RefusalCause::Credential, words };
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Refused(refusal))));
    jane(&mut script, "4155550132");
    script.tab().key(KeyCode::BackTab);
    script
}

fn budget(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    let mut rows = morning();
    rows[0] = made(21, "10:24", "Amy Pond", "+447700900461", waits());
    rows.insert(0, made(22, "10:24", "Jane Roe", "+14155550139", waits()));
    script.rows(rows);
    script.budget(0, Some(23_000));
    script
}

fn comparing(theme: &str) -> Script {
    let mut script = working(theme, "US");
    jane(&mut script, "4155550132");
    script.key(KeyCode::F(6));
    for _ in 0..4 {
        script.type_text("j");
    }
    script.type_text("u");
    let row = morning().remove(4);
    let mut known = Record::of(&contact("Mr", "Ada Tester", "+14155550132"), ContactId(ADA.into()));
    known.created_at = Some(clock("10:17"));
    script.event(Event::Details { entry: row, attempts: vec![], existing: vec![known] });
    script
}

fn details(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    script.key(KeyCode::F(6));
    for _ in 0..6 {
        script.type_text("j");
    }
    script.key(KeyCode::Enter);
    let row = morning().remove(6);
    let start = clock("10:15").as_millisecond();
    let attempt = |from: i64, to: i64, outcome| Attempt {
        verb: Verb::Create,
        started_at: at(start + from),
        ended_at: Some(at(start + to)),
        outcome: Some(outcome),
    };
    let attempts = vec![
        attempt(2_000, 12_000, Outcome::Failure(Failure::unclear("no answer"))),
        attempt(
            14_000,
            14_400,
            Outcome::Failure(Failure::new(
                FailureKind::Rejected,
                "salutation must be one of mr, mrs",
            )),
        ),
    ];
    script.event(Event::Details { entry: row, attempts, existing: vec![] });
    script
}

fn confirm(theme: &str) -> Script {
    let mut script = results(theme);
    script.type_text("d");
    script
}

fn palette(theme: &str) -> Script {
    let mut script = results(theme);
    script.ctrl('p').type_text("du");
    script
}

fn picker(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    script.tab().type_text("Jane").tab().type_text("Roe").tab().type_text("ind");
    script
}

fn stored(theme: &str) -> Script {
    let mut script = working(theme, "GB");
    jane(&mut script, "07400123456");
    script.ctrl('s');
    let submission = script.submitted();
    script.stored(submission);
    script
}

type Moment = fn(&str) -> Script;

const MOMENTS: [(&str, Moment); 16] = [
    ("ready", ready),
    ("half", half),
    ("long", long),
    ("anyway", anyway),
    ("owner", owner),
    ("empty", empty),
    ("results", results),
    ("search", search),
    ("refused", refusing),
    ("budget", budget),
    ("compare", comparing),
    ("details", details),
    ("confirm", confirm),
    ("palette", palette),
    ("picker", picker),
    ("stored", stored),
];

const SHOWN: &[&str] = &[
    "ready-40",
    "ready-60",
    "ready-80",
    "ready-100",
    "ready-120",
    "ready-160",
    "ready-40.mono",
    "ready-80.hc",
    "half-40",
    "half-60",
    "half-80",
    "half-80.ascii",
    "half-80.mono",
    "half-120",
    "half-120.mono",
    "long-40",
    "long-80",
    "long-120",
    "anyway-80",
    "anyway-120",
    "owner-120",
    "empty-40",
    "empty-60",
    "empty-80",
    "empty-120",
    "results-40",
    "results-60",
    "results-80",
    "results-80.16",
    "results-80.ascii",
    "results-80.hc",
    "results-80.mono",
    "results-120",
    "results-120.hc",
    "results-120.mono",
    "search-80",
    "refused-40",
    "refused-60",
    "refused-80",
    "refused-80.mono",
    "refused-120",
    "budget-40",
    "budget-60",
    "budget-80",
    "budget-120",
    "compare-40",
    "compare-60",
    "compare-80",
    "compare-80.hc",
    "compare-80.mono",
    "compare-120",
    "details-40",
    "details-60",
    "details-80",
    "details-120",
    "confirm-120",
    "palette-40",
    "palette-60",
    "palette-80",
    "palette-80.mono",
    "palette-120",
    "picker-40",
    "picker-80",
    "picker-120",
    "stored-80",
];

fn text(buffer: &Buffer) -> String {
    let row = |y: u16| {
        let (mut x, mut line) = (0, String::new());
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += column(cells::width(symbol)).max(1);
        }
        line.trim_end().to_owned() + "\n"
    };
    (0..buffer.area.height).map(row).collect()
}

fn drawn(name: &str) -> String {
    let (state, rest) = name.split_once('-').unwrap();
    let (width, theme) = rest.split_once('.').unwrap_or((rest, "dark"));
    let width: u16 = width.parse().unwrap();
    let height = match width {
        40 => 12,
        60 => 18,
        80 => 24,
        100 => 30,
        120 => 32,
        _ => 40,
    };
    let (_, moment) = MOMENTS.iter().find(|(known, _)| *known == state).unwrap();
    let mut script = moment(theme);
    size(&mut script, width, height);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    text(terminal.backend().buffer())
}

#[test]
fn every_moment_looks_right_at_every_size() {
    for name in SHOWN {
        insta::assert_snapshot!(*name, drawn(name));
    }
}
