//! What the agent does, key by key, and what comes of it.

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind,
};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};

use super::{super::form::Focus, *};
use crate::{
    contact::{Field, Salutation},
    submission::{
        Attempt, Change, ContactId, DirectoryProgress, Entry, Failure, Group, Owner, PagePosition,
        PlatformHealth, Reason, Refusal, RefusalCause, Status, Task, Update, Verb, Waiting,
    },
    tui::{
        Copied, Notify,
        script::{
            Script, at, click, created, duplicate, entry, id, look, number, queued, rejected, setup,
        },
        theme::Depth,
    },
};

fn saved(effects: &[Effect]) -> Vec<&Draft> {
    let draft = |effect: &Effect| matches!(effect, Effect::SaveDraft(..));
    let drafts = effects.iter().filter(|effect| draft(effect));
    drafts
        .filter_map(|e| if let Effect::SaveDraft(draft, _) = e { Some(draft) } else { None })
        .collect()
}

#[test]
fn a_whole_contact_typed_and_submitted_becomes_one_submission() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let submission = script.submitted();
    assert_eq!(submission.contact.full_name(), "John Doe");
    assert_eq!(submission.contact.phone.e164().as_str(), "+919876543210");
    assert_eq!(submission.contact.salutation.as_str(), "Mr");
    assert_eq!(submission.origin, Origin::Form);
}

#[test]
fn the_form_clears_only_when_the_contact_is_on_disk() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let submission = script.submitted();
    assert_eq!(script.draft().first_name, "John");
    script.stored(submission);
    assert!(script.app.form.is_blank());
    assert_eq!(script.draft().region, "IN");
    assert_eq!(script.app.form.focus(), Focus::Field(Field::Salutation));
    assert_eq!(saved(&script.taken()).last().map(|draft| draft.first_name.as_str()), Some(""));
}

#[test]
fn keys_typed_while_storing_go_to_the_next_contact_in_order() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let submission = script.submitted();
    script.type_text("r").tab().type_text("Amy").paste(" Lou").tab().type_text("Pond");
    assert_eq!(script.draft().first_name, "John");
    script.stored(submission);
    let draft = script.draft();
    assert_eq!((draft.first_name.as_str(), draft.last_name.as_str()), ("Amy Lou", "Pond"));
    assert_eq!(draft.salutation, "Mrs");
}

#[test]
fn a_second_contact_submitted_while_the_first_is_being_stored_is_submitted_after_it() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let first = script.submitted();
    script.tab().type_text("Amy").tab().type_text("Pond").tab().tab().type_text("9876543211");
    script.ctrl('s').tab().type_text("Rory");
    assert_eq!(script.taken(), []);
    script.stored(first.clone());
    let second = script.submitted();
    assert_ne!(first.id, second.id);
    assert_eq!(second.contact.full_name(), "Amy Pond");
    script.stored(second);
    assert_eq!(script.draft().first_name, "Rory");
}

#[test]
fn a_contact_that_could_not_be_stored_stays_and_later_keys_are_put_aside() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let lost = script.submitted();
    script.tab().type_text("Amy");
    let reason = "the disk is full".to_owned();
    script.event(Event::Delivery(Update::NotStored { id: lost.id, reason }));
    assert_eq!(script.draft().first_name, "John");
    let notice = script.app.notice.clone().unwrap();
    assert!(notice.tone == Tone::Error && notice.text.contains("the disk is full"), "{notice:?}");
    script.ctrl('s');
    let again = script.submitted();
    script.stored(again);
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "Amy");
}

#[test]
fn an_empty_form_says_everything_that_is_missing_and_goes_to_the_first() {
    let mut script = Script::start();
    script.tab().tab().tab().ctrl('s');
    assert_eq!(script.taken(), []);
    assert_eq!(script.app.form.focus(), Focus::Field(Field::FirstName));
    for field in [Field::FirstName, Field::LastName, Field::Phone] {
        assert!(script.app.form.problem(field).is_some(), "{field}");
    }
}

#[test]
fn leaving_a_wrong_field_says_so_and_never_traps() {
    let mut script = Script::start();
    script.tab().tab().tab().tab().type_text("987").tab();
    assert!(script.app.form.problem(Field::Phone).is_some());
    assert_eq!(script.app.form.focus(), Focus::Field(Field::Extension));
    script.key(KeyCode::BackTab).type_text("6543210");
    assert!(script.app.form.problem(Field::Phone).is_none());
    assert_eq!(script.app.form.input(Field::Phone).unwrap().text(), "9876543210");
}

#[test]
fn the_number_takes_its_countrys_grouping_when_it_is_left_and_stays_the_same_number() {
    let mut script = Script::start();
    script.john();
    let before = script.app.form.number().unwrap().e164();
    script.tab();
    assert_eq!(script.draft().phone, script.app.form.number().unwrap().national_format());
    assert_eq!(script.app.form.number().unwrap().e164(), before);
}

#[test]
fn a_second_ctrl_s_sends_an_unusual_number_but_not_if_it_was_changed_meanwhile() {
    let mut script = Script::start();
    script.tab().type_text("John").tab().type_text("Doe").tab().tab().type_text("98765432");
    script.ctrl('s');
    assert!(!script.effects.iter().any(|e| matches!(e, Effect::Submit(_))));
    assert!(script.app.form.is_warned());
    script.key(KeyCode::Backspace).type_text("1").ctrl('s');
    assert!(!script.effects.iter().any(|e| matches!(e, Effect::Submit(_))));
    script.ctrl('s');
    assert_eq!(script.submitted().contact.phone.national(), "98765431");
}

#[test]
fn enter_walks_through_the_form_and_submits_at_its_end() {
    let mut script = Script::start();
    script.key(KeyCode::Enter).type_text("John").key(KeyCode::Enter).type_text("Doe");
    script.key(KeyCode::Enter).key(KeyCode::Enter).type_text("9876543210").key(KeyCode::Enter);
    assert_eq!(script.app.form.focus(), Focus::Field(Field::Extension));
    script.key(KeyCode::Enter);
    assert_eq!(script.submitted().contact.full_name(), "John Doe");
}

#[test]
fn enter_that_takes_a_country_does_not_submit() {
    let mut script = Script::start();
    script.john().key(KeyCode::Up).type_text("germ").key(KeyCode::Enter);
    assert_eq!(script.draft().region, "DE");
    assert_eq!(script.app.form.focus(), Focus::Field(Field::Phone));
    assert!(!script.effects.iter().any(|e| matches!(e, Effect::Submit(_))));
}

#[test]
fn esc_and_a_letter_right_after_it_are_two_keys_where_esc_closes_something() {
    let mut script = Script::start();
    script.deliver(duplicate(1, "Jane", "Roe", "9876543210", "John Doe"));
    script.key(KeyCode::F(6)).key(KeyCode::Enter).press(KeyCode::Char('u'), KeyModifiers::ALT);
    assert!(matches!(script.app.overlays[..], [Overlay::Compare(_)]));
    script.press(KeyCode::Char('p'), KeyModifiers::ALT | KeyModifiers::CONTROL);
    assert!(matches!(script.app.overlays[..], [Overlay::Palette(_)]));
    // AltGr types.
    script.press(KeyCode::Char('@'), KeyModifiers::ALT | KeyModifiers::CONTROL);
    assert_eq!(script.app.overlays.len(), 1);
    script.key(KeyCode::Esc);
    // Nothing lies over the rows: Esc would leave them, and Alt alone means nothing.
    script.press(KeyCode::Char('u'), KeyModifiers::ALT);
    assert_eq!((script.app.overlays.len(), script.app.pane), (0, Pane::Results));
    let mut script = Script::start();
    script.tab().press(KeyCode::Char('x'), KeyModifiers::ALT).type_text("Jo");
    assert_eq!(script.draft().first_name, "Jo");
}

#[test]
fn esc_closes_the_countries_and_changes_nothing() {
    let mut script = Script::start();
    script.tab().tab().tab().type_text("germ").key(KeyCode::Esc);
    assert_eq!(script.draft().region, "IN");
    assert_eq!(script.app.scope(), KeyScope::Country);
}

#[test]
fn the_salutation_is_chosen_by_letter_arrow_and_space() {
    let mut script = Script::start();
    assert_eq!(script.type_text("r").draft().salutation, "Mrs");
    assert_eq!(script.type_text("m").draft().salutation, "Mr");
    assert_eq!(script.key(KeyCode::Left).draft().salutation, "Mrs");
    assert_eq!(script.type_text(" ").draft().salutation, "Mr");
}

#[test]
fn a_paste_with_line_breaks_neither_submits_nor_moves() {
    let mut script = Script::start();
    script.tab().paste("John\r\n\tJunior\n");
    assert_eq!(script.app.form.focus(), Focus::Field(Field::FirstName));
    let name = script.draft().first_name;
    assert_eq!(name.split_whitespace().collect::<Vec<_>>(), ["John", "Junior"]);
    assert_eq!(script.taken(), []);
}

#[test]
fn a_pasted_person_fills_the_fields_it_can_and_says_which() {
    let mut script = Script::start();
    script.tab().paste("Mr John Doe, +91 98765-43210");
    let draft = script.draft();
    assert_eq!((draft.first_name.as_str(), draft.last_name.as_str()), ("John", "Doe"));
    assert_eq!(script.app.form.number().unwrap().e164(), number("+919876543210"));
    assert!(script.app.form.is_guessed(Field::FirstName));
    assert!(script.app.notice.as_ref().unwrap().text.contains("first name"));
    script.type_text("ny");
    assert!(!script.app.form.is_guessed(Field::FirstName));
}

#[test]
fn clearing_can_be_taken_back() {
    let mut script = Script::start();
    script.john().ctrl('l');
    assert!(script.app.form.is_blank());
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "John");
}

#[test]
fn a_released_key_does_nothing_and_a_held_one_repeats() {
    let mut script = Script::start();
    script.tab();
    for kind in [KeyEventKind::Press, KeyEventKind::Repeat, KeyEventKind::Release] {
        let key = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, kind);
        script.event(Event::Terminal(Input::Key(key)));
    }
    assert_eq!(script.draft().first_name, "aa");
}

#[test]
fn the_draft_is_saved_within_half_a_second_and_then_all_is_quiet() {
    let mut script = Script::start();
    script.tab().type_text("Jo");
    assert_eq!(script.taken(), []);
    let wake = script.app.wake_at(at(script.now_ms)).unwrap();
    let ms = wake.as_millisecond() - script.now_ms;
    assert!((1..=500).contains(&ms), "{ms}");
    script.wait(ms);
    assert_eq!(saved(&script.taken())[0].first_name, "Jo");
    assert_eq!(script.app.wake_at(at(script.now_ms)), None);
}

#[test]
fn quitting_saves_the_draft_first_wherever_the_focus_is() {
    let ways: [fn(&mut Script); 5] = [
        |_| {},
        |script| _ = script.key(KeyCode::F(1)),
        |script| _ = script.tab().tab().tab().type_text("ge"),
        |script| _ = script.key(KeyCode::F(6)).type_text("/x"),
        |script| {
            script.deliver(created(1, "A", "B", "9876543210", "1"));
            script.key(KeyCode::F(6)).type_text("d");
        },
    ];
    for way in ways {
        for c in ['c', 'q'] {
            let mut script = Script::start();
            way(&mut script);
            script.taken();
            script.ctrl(c);
            let effects = script.taken();
            assert!(matches!(&effects[..], [Effect::SaveDraft(..), Effect::Quit]), "{effects:?}");
        }
    }
}

#[test]
fn ctrl_c_asks_once_where_something_is_typed_and_the_second_leaves_however_late() {
    let mut script = Script::start();
    script.tab().type_text("Jo").ctrl('c');
    assert!(!script.taken().contains(&Effect::Quit));
    assert!(script.app.notice.as_ref().unwrap().text.contains("Ctrl+C again leaves"));
    script.type_text("e").wait(600_000).taken();
    script.ctrl('c');
    assert!(matches!(&script.taken()[..], [Effect::SaveDraft(..), Effect::Quit]));
}

#[test]
fn what_was_put_aside_comes_back_newest_first_each_with_a_line_about_it() {
    let mut script = Script::start();
    script.tab().type_text("Amy").ctrl('l').tab().type_text("Rory").ctrl('l');
    let said = |script: &Script| script.app.notice.as_ref().unwrap().text.clone();
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "Rory");
    assert!(said(&script).contains("Rory, cleared"), "{}", said(&script));
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "Amy");
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "Rory", "and round again: nothing is lost");
    script.tab().type_text("x").ctrl('z');
    assert_eq!(script.draft().first_name, "Rory", "once it was changed it is undone");
}

#[test]
fn clearing_brings_the_profiles_country_back_and_goes_to_the_top() {
    let mut script = Script::start();
    script.tab().tab().tab().type_text("germ").key(KeyCode::Enter).type_text("1").ctrl('l');
    assert_eq!(script.draft().region, "IN");
    assert_eq!(script.app.form.focus(), Focus::Field(Field::Salutation));
}

#[test]
fn the_next_row_that_needs_somebody_is_one_key_away_from_anywhere() {
    let mut script = Script::start();
    script.deliver(duplicate(1, "Jane", "Roe", "9876543210", "John Doe"));
    script.deliver(entry(2, "A", "B", "9876543211", rejected("no")));
    script.tab().type_text("Amy");
    assert!(edges(&script, 80).0.contains("2 need you"));
    assert!(edges(&script, 40).0.contains("2 need you"), "at every width");
    script.ctrl('n');
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(1));
    script.type_text("n");
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(2));
    assert_eq!(script.draft().first_name, "Amy");
    let kept = Status::Duplicate { owners: vec![], remark: Some(Reason::Kept) };
    script.deliver(entry(1, "Jane", "Roe", "9876543210", kept));
    assert!(edges(&script, 80).0.contains("1 needs you"));
    script.event(Event::Delivery(Update::Gone(id(2))));
    assert!(!edges(&script, 80).0.contains("need"));
}

#[test]
fn a_corrected_rejection_leaves_the_inbox_once_its_correction_is_stored() {
    let mut script = Script::start();
    script.deliver(entry(1, "Jane", "Roe", "9876543210", rejected("no")));
    script.key(KeyCode::F(6)).type_text("e").tab().type_text("t").ctrl('s');
    let effects = script.taken();
    let corrects = |effect: &Effect| match effect {
        Effect::Correct(_, row, seen) => *row == id(1) && seen.group == Group::Attention,
        _ => false,
    };
    assert!(effects.iter().any(corrects), "{effects:?}");
}

#[test]
fn mine_today_shows_and_counts_only_what_was_typed_today() {
    let mut script = Script::start();
    let mut old = created(1, "Old", "Row", "9876543210", "1");
    old.submission.submitted_at = at(script.now_ms - 86_400_000);
    let mut imported = created(2, "Im", "Port", "9876543211", "2");
    imported.submission.origin = Origin::Import;
    let rows = vec![created(3, "My", "Own", "9876543212", "3"), imported, old];
    script.rows(rows.clone()).event(Event::Inbox(Some(rows.clone()))).key(KeyCode::F(6));
    script.type_text("t");
    let page = script.asked_page();
    assert_eq!(page.origin, Some(Origin::Form));
    assert_eq!(script.app.results.shown().len(), 1);
    assert_eq!(script.app.counts().all(), 1);
    script.type_text("t");
    assert!(!script.app.results.is_mine_only());
}

#[test]
fn nothing_is_submitted_through_a_question() {
    let mut script = Script::start();
    script.deliver(queued(1, "A", "B", "9876543211", 60)).john().key(KeyCode::F(6));
    script.type_text("d").ctrl('s');
    assert!(!script.effects.iter().any(|effect| matches!(effect, Effect::Submit(_))));
    assert!(matches!(script.app.overlays.last(), Some(Overlay::Ask(_))));
}

#[test]
fn a_known_number_is_kept_or_its_contact_changed_without_leaving_the_form() {
    let known = |id: Option<&str>, confirm| {
        let mut script = Script::with(Setup { confirm, ..setup() });
        script.john();
        let id = id.map(|id| ContactId(id.into()));
        let owner = Record { id, full_name: Some("Jane Roe".into()), ..Record::default() };
        script.event(Event::Known { number: number("+919876543210"), owners: vec![owner] });
        script
    };
    let mut script = known(Some("63c7"), Confirm::Off);
    assert!(view_of(&script).contains("already Jane Roe's number"));
    assert!(!view_of(&script).contains(", ready"));
    script.key(KeyCode::F(7));
    assert!(script.app.form.is_blank());
    assert!(!script.effects.iter().any(|effect| matches!(effect, Effect::Submit(_))));
    let owner = Owner { id: Some(ContactId("63c7".into())), full_name: Some("Jane Roe".into()) };
    let change = Change::Update(ContactId("63c7".into()), owner);
    for confirm in [Confirm::Off, Confirm::ReadBack] {
        let mut script = known(Some("63c7"), confirm);
        script.key(KeyCode::F(8)).type_text("y");
        if confirm == Confirm::ReadBack {
            script.key(KeyCode::Enter);
        }
        let stored = script.taken().into_iter().find_map(|effect| match effect {
            Effect::Update(submission, change) => Some((submission, change)),
            _ => None,
        });
        let (submission, asked) = stored.expect("an update that is stored as one");
        assert_eq!((submission.contact.full_name().as_str(), &asked), ("John Doe", &change));
    }
    let mut script = known(None, Confirm::Off);
    script.key(KeyCode::F(8));
    assert!(view_of(&script).contains("under which id the platform has"), "{}", view_of(&script));
}

#[test]
fn the_floors_answer_and_the_stores_come_in_any_order() {
    let owner = |id: Option<&str>, name: &str| Record {
        id: id.map(|id| ContactId(id.into())),
        full_name: Some(name.into()),
        ..Record::default()
    };
    let of_store = |owners| Event::Known { number: number("+919876543210"), owners };
    let of_floor = |owners| {
        let colleague = Some("jdoe\u{1b}[2J".into());
        let number = number("+919876543210");
        Event::Delivery(Update::Known { number, owners, colleague })
    };
    for floor_is_first in [true, false] {
        let mut script = Script::start();
        script.john();
        let mut events = [of_store(Vec::new()), of_floor(Vec::new())];
        if floor_is_first {
            events.reverse();
        }
        for event in events {
            script.event(event);
        }
        let shown = view_of(&script);
        assert!(shown.contains("being entered by jdoe"), "{shown}");
        assert!(!shown.contains(", ready") && !shown.contains('\u{1b}'), "{shown}");
        // A contact that is there is more than one that is to come.
        let mut events = [of_store(Vec::new()), of_floor(vec![owner(Some("63c7"), "Jane Roe")])];
        if floor_is_first {
            events.reverse();
        }
        for event in events {
            script.event(event);
        }
        assert!(view_of(&script).contains("already Jane Roe's number"));
        assert!(!view_of(&script).contains("being entered"));
    }
}

#[test]
fn what_was_asked_before_a_contact_was_stored_is_asked_again() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let submission = script.submitted();
    script.stored(submission);
    // The answers of before: nobody had it then.
    let number = || number("+919876543210");
    script.event(Event::Known { number: number(), owners: Vec::new() });
    let known = Update::Known { number: number(), owners: Vec::new(), colleague: None };
    script.event(Event::Delivery(known));
    script.taken();
    script.john();
    assert!(script.taken().contains(&Effect::LookUp(number())));
}

#[test]
fn a_created_contact_is_edited_in_place_and_is_no_duplicate_of_itself() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let submission = script.submitted();
    script.stored(submission.clone());
    let created = Status::Created { id: ContactId("63c7".into()), remark: None };
    let row = Entry { status: created, ..Entry::queued(submission, "ada".into()) };
    script.deliver(row.clone()).key(KeyCode::F(6)).type_text("e");
    let record = Record {
        id: Some(ContactId("63c7".into())),
        full_name: Some("John Doe".into()),
        ..Record::default()
    };
    script.event(Event::Known { number: number("+919876543210"), owners: vec![record] });
    let shown = view_of(&script);
    assert!(shown.contains("changes this contact on the platform"), "{shown}");
    assert!(!shown.contains("already John Doe's number"), "{shown}");
    script.taken();
    script.key(KeyCode::Tab).type_text("ny").ctrl('s');
    let seen = row.seen();
    let asked = script.taken().into_iter().find_map(|effect| match effect {
        Effect::Correct(submission, id, as_seen) if as_seen == seen => Some((submission, id)),
        _ => None,
    });
    let (submission, corrects) = asked.expect("a correction of that row");
    assert_eq!(corrects, row.submission.id);
    assert_eq!(submission.contact.full_name(), "Johnny Doe");
}

#[test]
fn with_read_back_ctrl_s_shows_the_number_alone_and_enter_sends_it() {
    let mut script = Script::with(Setup { confirm: Confirm::ReadBack, ..setup() });
    script.john().ctrl('s');
    assert!(!script.effects.iter().any(|effect| matches!(effect, Effect::Submit(_))));
    assert!(view_of(&script).contains("Read it back"));
    script.key(KeyCode::Esc).type_text("x").key(KeyCode::Backspace).ctrl('s').key(KeyCode::Enter);
    assert_eq!(script.submitted().contact.full_name(), "John Doe");
}

#[test]
fn with_retype_a_typed_number_is_typed_again_unseen_and_a_difference_is_shown() {
    let mut script = Script::with(Setup { confirm: Confirm::Retype, ..setup() });
    script.john().ctrl('s');
    assert!(!view_of(&script).contains("98765 43210 "), "{}", view_of(&script));
    script.type_text("9876543201").key(KeyCode::Enter);
    assert!(!script.effects.iter().any(|effect| matches!(effect, Effect::Submit(_))));
    let shown = view_of(&script);
    assert!(shown.contains("First") && shown.contains("Second") && shown.contains("≠"), "{shown}");
    script.type_text("09876543210").key(KeyCode::Enter);
    assert_eq!(script.submitted().contact.phone.e164(), number("+919876543210"));
    let mut script = Script::with(Setup { confirm: Confirm::Retype, ..setup() });
    script.paste("Mr John Doe, +91 98765 43210").ctrl('s');
    assert_eq!(script.submitted().contact.full_name(), "John Doe", "nobody typed that number");
}

#[test]
fn a_customer_is_looked_up_and_taken_into_the_form_and_what_was_typed_waits() {
    let mut script = Script::start();
    script.tab().type_text("Amy").ctrl('f').type_text("ad");
    assert_eq!(script.taken().last(), Some(&Effect::FindContacts("ad".into())));
    let ada = Record {
        full_name: Some("Ada Tester".into()),
        e164: Some(number("+14155550132")),
        ..Record::default()
    };
    let stale = Event::Found { query: "a".into(), contacts: vec![] };
    script.event(Event::Found { query: "ad".into(), contacts: vec![ada] }).event(stale);
    script.key(KeyCode::Enter);
    let draft = script.draft();
    assert_eq!((draft.first_name.as_str(), draft.last_name.as_str()), ("Ada", "Tester"));
    assert_eq!(draft.region, "US");
    script.ctrl('l').ctrl('z').ctrl('z');
    assert_eq!(script.draft().first_name, "Amy");
}

#[test]
fn who_is_elsewhere_is_called_without_a_word_about_any_customer() {
    let mut look = look(Depth::Sixteen, true);
    look.notify = Notify::Desktop;
    let mut script = Script::with(Setup { look, ..setup() });
    script.deliver(duplicate(1, "Jane", "Roe", "9876543210", "John Doe"));
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Notify(_))));
    script.event(Event::Terminal(Input::FocusLost));
    script.deliver(duplicate(2, "Jane", "Roe", "9876543211", "John Doe"));
    assert!(script.taken().contains(&Effect::Notify("rolodesk: 2 contacts need you".into())));
    script.event(Event::Terminal(Input::FocusGained));
    script.deliver(duplicate(3, "Jane", "Roe", "9876543212", "John Doe"));
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Notify(_))));
}

#[test]
fn the_cure_of_an_authorisation_problem_can_be_read_whole_at_80x24() {
    let mut script = Script::start();
    let words = "HTTP 401, error 4002: the signature of the token does not verify".to_owned();
    let refusal = Refusal { cause: RefusalCause::Credential, words };
    script.event(Event::Delivery(Update::PlatformHealth(PlatformHealth::Refused(refusal))));
    assert!(view_of(&script).contains("Ctrl+T fix it"));
    script.ctrl('t');
    let shown: String = view_of(&script).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["client secret", "scope Configuration", "does not verify", "rolodesk doctor"] {
        assert!(part.split(' ').all(|word| shown.contains(word)), "{part}: {shown}");
    }
    script.type_text("y");
    assert_eq!(script.taken().last(), Some(&Effect::SetUp));
}

#[test]
fn many_salutations_are_chosen_by_their_first_letters_and_stay_in_view() {
    let salutations = ["Mr", "Mrs", "Ms", "Dr", "Prof", "Pastor"];
    let salutations = salutations.map(|text| Salutation::parse(text).unwrap()).into();
    let addressing = Addressing::offering(salutations);
    let mut script = Script::with(Setup { addressing, ..setup() });
    script.type_text("pa");
    assert_eq!(script.draft().salutation, "Pastor");
    let shown = |script: &Script| {
        let mut terminal = Terminal::new(TestBackend::new(40, 12)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        terminal.backend().to_string()
    };
    assert!(shown(&script).contains("● Pastor"), "{}", shown(&script));
    script.type_text("ms");
    assert_eq!(script.draft().salutation, "Ms");
}

#[test]
fn an_untouched_field_passed_by_tab_is_not_wrong() {
    let mut script = Script::start();
    script.tab().tab().tab().tab().tab();
    assert_eq!(script.app.form.problems(), 0);
}

#[test]
fn a_numbers_own_extension_is_said_not_to_be_sent() {
    let mut script = Script::start();
    script.tab().tab().tab().tab().type_text("98765 43210 x12");
    let said = script.app.form.said(Field::Phone).unwrap();
    assert_eq!(said.text, "its extension 12 is not sent");
    assert_eq!(script.draft().extension, "+");
}

#[test]
fn a_number_is_looked_up_once_and_its_owner_is_told() {
    let mut script = Script::start();
    script.john().wait(1_000).wait(1_000);
    let asked = Effect::LookUp(number("+919876543210"));
    assert_eq!(script.taken().into_iter().filter(|effect| *effect == asked).count(), 1);
    let owner = Record { full_name: Some("Jane Roe".into()), ..Record::default() };
    script.event(Event::Known { number: number("+919876543210"), owners: vec![owner] });
    assert_eq!(script.app.owners()[0].name().as_deref(), Some("Jane Roe"));
    script.key(KeyCode::Backspace);
    assert!(script.app.owners().is_empty());
}

#[test]
fn a_duplicate_found_while_typing_is_told_without_taking_the_keyboard() {
    let mut script = Script::start();
    script.deliver(entry(1, "Jane", "Roe", "9876543210", Status::Sending));
    script.tab().type_text("Am");
    script.deliver(duplicate(1, "Jane", "Roe", "9876543210", "John Doe"));
    script.type_text("y");
    assert_eq!(script.draft().first_name, "Amy");
    assert!(script.app.overlays.is_empty());
    let said = |script: &Script| script.app.notice.as_ref().map(|it| it.text.clone());
    assert_eq!(said(&script).as_deref(), Some("= +91 98765 43210 (Jane Roe) is John Doe's"));
    assert_eq!(script.app.results.needs_you(), 1);
    script.wait(1_000_000);
    assert_eq!((said(&script), script.app.results.needs_you()), (None, 1));
}

#[test]
fn arriving_rows_do_not_move_the_selection() {
    let mut script = Script::start();
    for n in 1..=3 {
        script.deliver(created(n, "A", "B", "9876543210", "1"));
    }
    script.key(KeyCode::F(6)).key(KeyCode::Down);
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(2));
    script.deliver(created(4, "A", "B", "9876543210", "1"));
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(2));
}

#[test]
fn number_keys_filter_and_a_search_narrows_and_esc_widens() {
    let mut script = Script::start();
    script.rows(vec![
        duplicate(2, "Jane", "Roe", "9876543211", "John Doe"),
        created(1, "John", "Doe", "9876543210", "1"),
    ]);
    script.key(KeyCode::F(6)).type_text("3");
    assert_eq!(script.app.results.shown().len(), 1);
    script.type_text("3/543210");
    assert_eq!(script.app.results.shown()[0].submission.id, id(1));
    script.key(KeyCode::Esc);
    assert_eq!(script.app.results.shown().len(), 2);
}

#[test]
fn discarding_asks_first_and_the_row_goes_when_it_is_gone() {
    let mut script = Script::start();
    script.deliver(queued(1, "A", "B", "9876543210", 60)).key(KeyCode::F(6)).type_text("dn");
    assert_eq!(script.taken(), []);
    script.type_text("dy");
    assert_eq!(script.taken(), [Effect::Discard(id(1), Group::Queued.into())]);
    assert_eq!(script.app.results.shown().len(), 1);
    script.event(Event::Delivery(Update::Gone(id(1))));
    assert!(script.app.results.shown().is_empty());
}

#[test]
fn a_row_taken_back_fills_the_form_and_what_was_typed_waits() {
    let mut script = Script::start();
    script.deliver(duplicate(1, "Jane", "Roe", "9876543211", "John Doe"));
    script.tab().type_text("Amy").key(KeyCode::F(6)).type_text("e");
    assert_eq!(script.draft().first_name, "Jane");
    assert_eq!(script.app.form.number().unwrap().e164(), number("+919876543211"));
    assert_eq!(script.app.pane, Pane::Form);
    script.app.form.stored();
    script.ctrl('z');
    assert_eq!(script.draft().first_name, "Amy");
}

#[test]
fn only_what_was_put_aside_now_is_told_of_by_its_name() {
    let mut script = Script::start();
    script.deliver(duplicate(1, "Jane", "Roe", "9876543211", "John Doe"));
    script.tab().type_text("Amy").key(KeyCode::F(6)).type_text("e");
    let said = &script.app.notice.as_ref().unwrap().text;
    assert_eq!(said, "Put aside: Amy. Ctrl+Z in an empty form brings it back.");
    script.ctrl('l').wait(10_000).key(KeyCode::F(6)).type_text("e");
    assert_eq!(script.app.notice, None, "Amy was put aside before");
}

#[test]
fn what_was_said_of_clearing_goes_with_the_next_paste() {
    let mut script = Script::start();
    script.tab().type_text("Amy").ctrl('l');
    assert!(script.app.notice.is_some());
    script.paste("9876543210");
    let cleared = |notice: &Notice| notice.text.contains("Cleared");
    assert!(!script.app.notice.as_ref().is_some_and(cleared));
}

#[test]
fn whoever_else_a_paste_holds_is_told_of_with_the_key() {
    let mut script = Script::start();
    script.paste(
        "Mrs Jane Roe +919876543210\nMr Tom Bekker +919876543211\nMs Amy Pond +919876543212",
    );
    let said = &script.app.notice.as_ref().unwrap().text;
    assert!(said.ends_with("Alt+N takes the next person."), "{said}");
}

#[test]
fn what_an_empty_form_brings_back_is_said_whole_at_every_size() {
    let mut script = Script::start();
    script.tab().type_text("Amy").ctrl('l').wait(10_000);
    for (size, told) in [
        ((120, 32), "Ctrl+Z brings back what was cleared "),
        ((80, 24), "Ctrl+Z brings it back "),
        ((40, 12), "Ctrl+Z brings back what was cleared "),
    ] {
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal.draw(|frame| script.app.view(frame)).unwrap();
        let shown = terminal.backend().to_string();
        assert!(shown.contains(told), "{told}:\n{shown}");
    }
}

#[test]
fn details_ask_the_store_and_show_every_attempt() {
    let mut script = Script::start();
    let row = created(1, "John", "Doe", "9876543210", "63c7");
    script.deliver(row.clone()).key(KeyCode::F(6)).key(KeyCode::Enter);
    assert_eq!(script.taken(), [Effect::Details(id(1))]);
    let verb = Verb::Create;
    let attempt = Attempt { verb, started_at: at(0), ended_at: Some(at(40)), outcome: None };
    let existing = Vec::new();
    script.event(Event::Details { entry: row, attempts: vec![attempt], existing });
    let Some(Overlay::Details(details)) = script.app.overlays.last() else { panic!("closed") };
    let happened = details.happened();
    assert_eq!(happened.len(), 2, "{happened:?}");
    assert_eq!(happened[1].text, "try 1, no outcome yet");
}

fn with_owners(owners: &[(&str, &str)]) -> Entry {
    let owners = owners.iter().map(|(id, name)| Owner {
        id: Some(ContactId((*id).into())),
        full_name: Some((*name).into()),
    });
    entry(
        1,
        "John",
        "Doe",
        "9876543210",
        Status::Duplicate { owners: owners.collect(), remark: None },
    )
}

#[test]
fn a_duplicate_is_settled_by_keeping_the_existing_contact() {
    let mut script = Script::start();
    script.rows(vec![with_owners(&[("63c7", "Jane Roe")])]).key(KeyCode::F(6)).type_text("u");
    assert_eq!(script.taken(), [Effect::Details(id(1))]);
    script.key(KeyCode::Enter);
    assert_eq!(script.taken(), [Effect::Keep(id(1))]);
    assert!(script.app.overlays.is_empty());
}

#[test]
fn updating_the_existing_contact_asks_first_and_names_both() {
    let mut script = Script::start();
    script.rows(vec![with_owners(&[("a", "Jane Roe"), ("b", "Amy Pond")])]).key(KeyCode::F(6));
    script.type_text("u").key(KeyCode::Right).type_text("u");
    let Some(Overlay::Ask(ask)) = script.app.overlays.last() else { panic!("nothing is asked") };
    assert_eq!(ask.question, "Amy Pond becomes John Doe on the platform?");
    script.type_text("n");
    assert!(matches!(script.app.overlays.last(), Some(Overlay::Compare(_))));
    script.taken();
    script.type_text("uy");
    let effects = script.taken();
    let [Effect::Change(row, Change::Update(target, _))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*row, target.0.as_str()), (id(1), "b"));
    assert!(script.app.overlays.is_empty());
}

#[test]
fn a_duplicate_without_a_known_id_says_that_it_cannot_be_updated() {
    let mut script = Script::start();
    script.rows(vec![duplicate(1, "John", "Doe", "9876543210", "Jane Roe")]);
    script.key(KeyCode::F(6)).type_text("u").taken();
    script.type_text("u");
    assert_eq!(script.taken(), []);
    assert!(script.app.notice.as_ref().unwrap().text.contains("cannot be updated"));
    script.type_text("e");
    assert_eq!(script.draft().first_name, "John");
}

#[test]
fn a_comparison_closes_when_the_row_is_no_duplicate_any_more() {
    let mut script = Script::start();
    script.rows(vec![with_owners(&[("63c7", "Jane Roe")])]).key(KeyCode::F(6)).type_text("u");
    let entry = entry(1, "John", "Doe", "9876543210", Status::Sending);
    script.event(Event::Details { entry, attempts: vec![], existing: vec![] });
    assert!(script.app.overlays.is_empty());
}

#[test]
fn a_created_contact_is_deleted_only_after_a_yes_and_nothing_else_is() {
    let mut script = Script::start();
    script.rows(vec![created(1, "John", "Doe", "9876543210", "63c7")]).key(KeyCode::F(6));
    script.type_text("Dn").taken();
    script.type_text("Dy");
    let delete = Change::Delete(ContactId("63c7".into()));
    assert_eq!(script.taken(), [Effect::Change(id(1), delete)]);
    let mut script = Script::start();
    script.rows(vec![queued(1, "John", "Doe", "9876543210", 5)]).key(KeyCode::F(6));
    script.type_text("Dy");
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Change(..))));
}

#[test]
fn a_question_is_withdrawn_when_its_row_changes_under_it() {
    let mut script = Script::start();
    script.rows(vec![queued(1, "John", "Doe", "9876543210", 5)]).key(KeyCode::F(6));
    script.type_text("d").deliver(created(1, "John", "Doe", "9876543210", "63c7")).taken();
    script.type_text("y");
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Discard(..))));
    assert!(script.app.overlays.is_empty());
}

#[test]
fn a_change_that_waits_is_called_off_and_the_row_cannot_be_edited_meanwhile() {
    let mut script = Script::start();
    let delete = Change::Delete(ContactId("63c7".into()));
    let task = Task::Change(delete);
    let row = Entry { task, ..queued(1, "John", "Doe", "9876543210", 5) };
    script.rows(vec![row]).key(KeyCode::F(6)).type_text("e");
    assert_eq!(script.draft().first_name, "");
    script.type_text("d");
    let Some(Overlay::Ask(ask)) = script.app.overlays.last() else { panic!("nothing is asked") };
    assert_eq!(ask.question, "Call off the deletion of 63c7?");
}

fn page_of(ids: std::ops::Range<u128>) -> Vec<Entry> {
    ids.rev().map(|n| created(n, "A", "B", "9876543210", "1")).collect()
}

#[test]
fn a_million_rows_are_read_page_by_page_and_only_some_hundred_are_kept() {
    let mut script = Script::start();
    script.rows(page_of(999_801..1_000_001)).key(KeyCode::F(6));
    for _ in 0..200 {
        script.key(KeyCode::PageDown);
        if script.effects.iter().any(|effect| matches!(effect, Effect::Page(_))) {
            let page = script.asked_page();
            let PagePosition::Before(oldest) = page.part else { panic!("{page:?}") };
            let oldest = oldest.0.as_u128();
            let rows = Ok(page_of(oldest - 200..oldest));
            script.event(Event::Page { page, rows });
        }
    }
    let selected = script.app.results.selected().unwrap().submission.id;
    assert_eq!(selected, id(1_000_000 - 2_000), "no key was lost on the way");
    assert!(script.app.results.shown().len() <= 600);
    script.deliver(created(1_000_001, "New", "Row", "9876543210", "1"));
    assert_eq!(script.app.results.selected().unwrap().submission.id, selected);
    script.key(KeyCode::Home);
    let page = script.asked_page();
    assert_eq!(page.part, PagePosition::Newest);
    let count = u128::from(page.limit);
    script.event(Event::Page { page, rows: Ok(page_of(1_000_002 - count..1_000_002)) });
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(1_000_001));
    script.key(KeyCode::End);
    let page = script.asked_page();
    assert_eq!(page.part, PagePosition::Oldest);
    let count = u128::from(page.limit);
    script.event(Event::Page { page, rows: Ok(page_of(1..count + 1)) });
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(1));
}

#[test]
fn a_filter_and_a_search_are_asked_of_the_store_and_an_old_answer_is_passed_over() {
    let mut script = Script::start();
    script.rows(page_of(1..4)).key(KeyCode::F(6)).type_text("/jan");
    let asked: Vec<_> = script
        .taken()
        .into_iter()
        .filter_map(|effect| if let Effect::Page(page) = effect { Some(page) } else { None })
        .collect();
    assert_eq!(asked.len(), 3, "one for each letter");
    let found = |n| vec![created(n, "Jana", "Roe", "9876543210", "1")];
    let [first, _, last] = <[_; 3]>::try_from(asked).unwrap();
    script.event(Event::Page { page: last, rows: Ok(found(7)) });
    script.event(Event::Page { page: first, rows: Ok(found(9)) });
    let shown: Vec<_> = script.app.results.shown().iter().map(|row| row.submission.id).collect();
    assert_eq!(shown, [id(7)]);
}

#[test]
fn a_row_that_is_told_while_its_page_is_read_is_the_newer_truth() {
    let mut script = Script::start();
    script.event(Event::Delivery(Update::Reread));
    let page = script.asked_page();
    script.deliver(created(1, "John", "Doe", "9876543210", "63c7"));
    script.event(Event::Delivery(Update::Gone(id(2))));
    let stale =
        vec![queued(2, "A", "B", "9876543211", 5), queued(1, "John", "Doe", "9876543210", 5)];
    script.event(Event::Page { page, rows: Ok(stale) });
    let shown = script.app.results.shown();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].status.word(), "Created");
}

#[test]
fn a_store_that_cannot_be_read_is_told_and_not_asked_without_end() {
    let mut script = Script::start();
    script.event(Event::Delivery(Update::Reread));
    let page = script.asked_page();
    script.event(Event::Page { page, rows: Err("the store is busy".into()) });
    assert!(script.app.notice.as_ref().unwrap().text.contains("busy"));
    script.wait(5);
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Page(_))));
}

#[test]
fn where_a_copy_went_is_told() {
    let mut script = Script::start();
    script.event(Event::Copied(Copied::Tmux));
    assert!(script.app.notice.as_ref().unwrap().text.contains("tmux"));
    script.event(Event::Copied(Copied::TooLong));
    assert!(script.app.notice.as_ref().unwrap().text.contains("not copied"));
}

#[test]
fn copying_takes_the_id_of_a_created_contact_and_the_number_of_others() {
    let mut script = Script::start();
    script.deliver(entry(
        1,
        "A",
        "B",
        "9876543210",
        Status::Created { id: ContactId("63c7".into()), remark: None },
    ));
    script.key(KeyCode::F(6)).type_text("yY");
    let both = [Effect::Copy("63c7".into()), Effect::Copy("+919876543210".into())];
    assert_eq!(script.taken(), both);
}

#[test]
fn the_screen_wakes_for_a_countdown_and_not_once_it_is_over() {
    let mut script = Script::start();
    script.budget(0, Some(2_500));
    assert_eq!(script.app.wake_at(at(script.now_ms)), Some(at(script.now_ms + 500)));
    script.wait(2_500);
    assert_eq!(script.app.wake_at(at(script.now_ms)), None);
    script.deliver(queued(1, "A", "B", "9876543210", 10));
    assert_eq!(script.app.wake_at(at(script.now_ms)), None, "a row tells its place, no seconds");
}

#[test]
fn a_trouble_is_not_typed_away_before_it_can_be_read() {
    let mut script = Script::start();
    script.event(Event::Notice("A damaged row was set aside.".into())).tab().type_text("Jo");
    assert!(script.app.notice.is_some());
    script.wait(10_000).type_text("h");
    assert!(script.app.notice.is_none());
}

#[test]
fn a_lesser_trouble_does_not_hide_that_nothing_was_stored() {
    let mut script = Script::start();
    script.john().ctrl('s');
    let id = script.submitted().id;
    let reason = "the disk is full".to_owned();
    script.event(Event::Delivery(Update::NotStored { id, reason }));
    script.event(Event::Notice("the half-typed contact is not saved".into()));
    assert_eq!(script.app.notice.as_ref().unwrap().tone, Tone::Error);
    script.wait(10_000).event(Event::Notice("the half-typed contact is not saved".into()));
    assert_eq!(script.app.notice.as_ref().unwrap().tone, Tone::Warning);
}

#[test]
fn a_contact_being_stored_for_long_is_still_saved_as_a_draft_and_wakes_nobody() {
    let mut script = Script::start();
    script.john().ctrl('s').wait(500);
    assert_eq!(saved(&script.taken())[0].first_name, "John");
    assert_eq!(script.app.wake_at(at(script.now_ms)), None);
}

#[test]
fn nothing_is_drawn_when_nothing_changed() {
    let mut script = Script::start();
    script.budget(5, None);
    assert!(script.app.needs_draw());
    script.budget(5, None);
    script.event(Event::Terminal(Input::FocusLost));
    assert!(!script.app.needs_draw());
}

#[test]
fn a_click_focuses_a_field_selects_a_row_and_presses_the_button() {
    let mut script = Script::start();
    script.event(Event::Terminal(Input::Resize(120, 32)));
    script.deliver(created(1, "A", "B", "9876543210", "1"));
    script.deliver(created(2, "C", "D", "9876543211", "2"));
    script.click(20, 6).type_text("John").click(20, 8).type_text("Doe");
    script.click(20, 12).type_text("9876543210");
    script.click(60, 6);
    assert_eq!(script.app.results.selected().unwrap().submission.id, id(1));
    assert_eq!(script.app.pane, Pane::Results);
    script.click(24, 24);
    assert_eq!(script.submitted().contact.full_name(), "John Doe");
}

#[test]
fn suspend_and_repaint_work_from_the_results() {
    let mut script = Script::start();
    script.key(KeyCode::F(6)).ctrl('z').ctrl('l');
    assert_eq!(script.taken(), [Effect::Suspend, Effect::Repaint]);
}

#[test]
fn a_waiting_row_taken_back_stays_stored_until_its_correction_is() {
    let mut script = Script::start();
    let row = queued(1, "Jane", "Roe", "9876543211", 60);
    script.rows(vec![row.clone()]).key(KeyCode::F(6)).type_text("e");
    let effects = script.taken();
    assert_eq!(effects[0], Effect::Hold(id(1)));
    let Effect::SaveDraft(draft, corrects) = &effects[1] else { panic!("{effects:?}") };
    assert_eq!((draft.last_name.as_str(), *corrects), ("Roe", Some(id(1))));
    assert_eq!(effects[2], Effect::LookUp(number("+919876543211")));
    let existing =
        Record { id: None, ..Record::of(&row.submission.contact, ContactId(String::new())) };
    script.event(Event::Known { number: number("+919876543211"), owners: vec![existing] });
    assert!(script.app.owners().is_empty(), "it is that row itself");
    script.tab().type_text("t").ctrl('s');
    let effects = script.taken();
    let Some(Effect::Correct(correction, corrects, _)) =
        effects.into_iter().find(|effect| matches!(effect, Effect::Correct(..)))
    else {
        panic!("nothing was corrected")
    };
    assert_eq!(corrects, id(1));
    script.stored(correction);
    let saved = |effect: &Effect| matches!(effect, Effect::SaveDraft(_, None));
    assert!(script.taken().iter().any(saved), "it corrects nothing any more");
}

#[test]
fn a_row_that_went_out_while_it_was_corrected_is_corrected_no_more() {
    let mut script = Script::start();
    let row = queued(1, "Jane", "Roe", "9876543211", 60);
    script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").taken();
    let sent = entry(1, "Jane", "Roe", "9876543211", Status::Sending);
    script.event(Event::Delivery(Update::Entry(Box::new(sent))));
    script.tab().type_text("t").ctrl('s');
    script.submitted();
}

#[test]
fn leaving_an_empty_form_lets_the_row_go_out_that_was_taken_back() {
    let mut script = Script::start();
    let row = queued(1, "Jane", "Roe", "9876543211", 60);
    script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").ctrl('l').taken();
    script.ctrl('q');
    assert!(script.taken().contains(&Effect::Retry(id(1))));
}

#[test]
fn a_question_asked_while_a_row_waited_is_withdrawn_once_it_may_exist() {
    let mut script = Script::start();
    let row = queued(1, "Jane", "Roe", "9876543211", 60);
    script.rows(vec![row]).key(KeyCode::F(6)).type_text("d");
    assert!(matches!(script.app.overlays.last(), Some(Overlay::Ask(_))));
    let because = Some(crate::submission::Reason::CheckingOwner.although_it_may_exist());
    let doubtful = Status::Queued(Waiting { until: None, because });
    let doubtful = entry(1, "Jane", "Roe", "9876543211", doubtful);
    script.event(Event::Delivery(Update::Entry(Box::new(doubtful))));
    assert!(script.app.overlays.is_empty(), "it is not answered for what it was");
    script.type_text("d");
    let Some(Overlay::Ask(ask)) = script.app.overlays.last() else { panic!("nothing is asked") };
    assert!(ask.consequence.contains("may be on the platform already"), "{}", ask.consequence);
    script.type_text("n").type_text("R");
    assert!(script.taken().contains(&Effect::RetryGivenUp));
}

#[test]
fn somebody_else_typed_over_a_row_taken_back_leaves_it_to_go_out() {
    let mut script = Script::start();
    let row = queued(1, "Jane", "Roe", "9876543211", 60);
    script.rows(vec![row]).key(KeyCode::F(6)).type_text("e").ctrl('l').taken();
    script.john().ctrl('s');
    let effects = script.taken();
    assert!(effects.contains(&Effect::Retry(id(1))), "{effects:?}");
    let Some(Effect::Submit(other)) =
        effects.into_iter().find(|effect| matches!(effect, Effect::Submit(_)))
    else {
        panic!("nothing was submitted")
    };
    script.stored(other);
    assert!(!script.taken().iter().any(|effect| matches!(effect, Effect::Discard(..))));
}

#[test]
fn a_question_about_an_unclear_row_says_what_it_may_be() {
    let mut script = Script::start();
    let unclear = Status::Unclear(Waiting::default());
    script.rows(vec![entry(1, "Jane", "Roe", "9876543211", unclear)]).key(KeyCode::F(6));
    script.type_text("d");
    let Some(Overlay::Ask(ask)) = script.app.overlays.last() else { panic!("nothing is asked") };
    assert!(ask.consequence.contains("may be on the platform already"), "{}", ask.consequence);
}

fn any_input() -> impl Strategy<Value = Event> {
    let code = prop_oneof![
        any::<char>().prop_map(KeyCode::Char),
        prop::sample::select(" mr1345/?edryYjkgGqn+pzcl".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Char),
        prop::sample::select(vec![
            KeyCode::Enter,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Esc,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::F(1),
            KeyCode::F(6),
            KeyCode::Null,
        ]),
    ];
    let key = (code, 0_u8..8).prop_map(|(code, bits)| {
        Event::Terminal(Input::Key(KeyEvent::new(code, KeyModifiers::from_bits_truncate(bits))))
    });
    let row = (1_u128..6, "\\PC{1,9}").prop_map(|(n, name)| {
        let rows =
            [duplicate(n, "A", "B", "9876543210", &name), queued(n, "A", "B", "9876543210", 5)];
        let [first, second] = rows;
        Event::Delivery(Update::Entry(Box::new(if n % 2 == 0 { first } else { second })))
    });
    prop_oneof![
        8 => key,
        1 => ".{0,40}".prop_map(|text| Event::Terminal(Input::Paste(text))),
        1 => row,
        1 => (0_u16..150, 0_u16..50).prop_map(|(x, y)| click(x, y)),
        1 => (0_u16..150, 0_u16..50).prop_map(|(x, y)| Event::Terminal(Input::Resize(x, y))),
        1 => any::<bool>().prop_map(|light| Event::Background { light }),
        1 => Just(Event::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_keys_pastes_or_sizes_make_it_panic(
        events in prop::collection::vec(any_input(), 1..60),
        sizes in prop::collection::vec((0_u16..140, 0_u16..45), 3),
        unicode in any::<bool>(),
    ) {
        let mut script = Script::with(Setup { look: look(if unicode { Depth::True } else { Depth::None }, unicode), ..setup() });
        for (step, event) in events.into_iter().enumerate() {
            script.event(event);
            let (width, height) = sizes[step % sizes.len()];
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| script.app.view(frame)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_storm_of_sizes_loses_no_text_and_draws_at_each(
        sizes in prop::collection::vec((0_u16..160, 0_u16..60), 1..40),
        open in 0_u8..5,
    ) {
        let mut script = Script::start();
        script.tab().type_text("Zoë").tab().type_text("山田");
        match open {
            0 => _ = script.tab().type_text("ger"),
            1 => _ = script.ctrl('p').type_text("show"),
            2 => _ = script.key(KeyCode::F(1)),
            3 => _ = script.key(KeyCode::F(6)).type_text("/zo"),
            _ => {}
        }
        for (width, height) in sizes.into_iter().chain([(1, 1), (0, 0), (300, 80)]) {
            script.event(Event::Terminal(Input::Resize(width, height)));
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| script.app.view(frame)).unwrap();
            let click = click(width.saturating_sub(3), height / 2);
            let scroll = Event::Terminal(Input::Mouse(MouseEvent {
                kind: MouseEventKind::ScrollDown,
                column: width / 2,
                row: height / 2,
                modifiers: KeyModifiers::NONE,
            }));
            script.event(scroll);
            if open == 4 {
                script.event(click);
            }
        }
        let draft = script.draft();
        prop_assert_eq!((draft.first_name.as_str(), draft.last_name.as_str()), ("Zoë", "山田"));
    }
}

/// Key presses besides the text itself, from an empty form to the submission.
fn presses(mut fill: impl FnMut(&mut Script)) -> usize {
    let mut script = Script::start();
    script.deliver(created(1, "Asha", "Iyer", "9876543211", "63c7")).taken();
    let before = script.events();
    fill(&mut script);
    let submitted = script.submitted().contact;
    assert_eq!(submitted.full_name(), "Ravi Iyer");
    assert_eq!(submitted.phone.e164(), number("+919876543210"));
    let text = "Ravi".len() + "9876543210".len();
    let typed = script.events() - before;
    typed.saturating_sub(if typed > text { text } else { 0 })
}

#[test]
fn the_readmes_counts_of_the_fewest_keys_are_true() {
    let typed = presses(|script| {
        script.tab().type_text("Ravi").tab().type_text("Iyer").tab().tab().type_text("9876543210");
        script.ctrl('s');
    }) - "Iyer".len();
    let pasted = presses(|script| {
        script.paste("Mr Ravi Iyer, +91 98765 43210").ctrl('s');
    });
    let household = presses(|script| {
        script.key(KeyCode::F(6)).type_text("e").tab().ctrl('u').type_text("Ravi");
        script.tab().tab().tab().ctrl('u').type_text("9876543210").ctrl('s');
    });
    let readme = include_str!("../../../README.md");
    for line in [
        format!("| typed, country as before | text + {typed} |"),
        format!("| pasted as one line, a row, a vCard or a signature | {pasted} |"),
        format!(
            "| the same household: a row taken back, other first name and number | text + {household} |"
        ),
    ] {
        assert!(readme.contains(&line), "README.md lacks\n{line}");
    }
}

/// The first and the last line of the screen.
fn edges(script: &Script, width: u16) -> (String, String) {
    let mut terminal = Terminal::new(TestBackend::new(width, 24)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (row(0), row(23))
}

#[test]
fn reading_the_contacts_shows_how_far_it_is_and_can_be_stopped() {
    let reading = |reading| Event::Delivery(Update::Directory(reading));
    let page = || reading(DirectoryProgress::Page { read: 120, total: Some(500) });
    let mut script = Script::start();
    script.event(page());
    assert!(!edges(&script, 120).0.contains("reading"), "nobody waits for it");
    let ask = |script: &mut Script| {
        script.ctrl('p').type_text("read-contacts").key(KeyCode::Enter);
        script.taken()
    };
    assert_eq!(ask(&mut script), [Effect::ReadContacts]);
    script.event(page());
    assert!(edges(&script, 120).0.contains("reading 120/500"));
    assert!(edges(&script, 60).0.contains("reading 120/500"));
    assert_eq!(ask(&mut script), [Effect::StopReading]);
    script.event(page());
    assert!(!edges(&script, 120).0.contains("reading"));
    assert!(edges(&script, 120).1.contains("Stopped"));
    ask(&mut script);
    script.event(reading(DirectoryProgress::Whole { read: 500 }));
    assert!(edges(&script, 120).1.contains("500 contacts of the platform are known"));
    ask(&mut script);
    script.event(reading(DirectoryProgress::Failed(Failure::unclear("it is gone"))));
    let (head, foot) = edges(&script, 120);
    assert!(!head.contains("reading") && foot.contains("cannot be read: it is gone"), "{foot}");
}

#[test]
fn only_the_demo_leads_to_a_real_profile_and_says_how_to_meet_a_duplicate() {
    let demo = Some("Try +91 98765 43210: it belongs to Jane Roe.".to_owned());
    let mut script = Script::with(Setup { demo, ..setup() });
    script.rows(vec![]);
    let screen = view_of(&script);
    assert!(screen.contains("● demo") && screen.contains("it belongs to Jane Roe."), "{screen}");
    assert!(screen.contains("Ctrl+T set up a real profile"), "{screen}");
    script.ctrl('t');
    assert_eq!(script.taken().last(), Some(&Effect::SetUp));
    let mut script = Script::start();
    assert!(!view_of(&script).contains("Ctrl+T"));
    script.ctrl('t');
    assert!(script.taken().is_empty());
    assert!(edges(&script, 80).1.contains("`rolodesk setup` changes it"));
}

fn view_of(script: &Script) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| script.app.view(frame)).unwrap();
    terminal.backend().to_string()
}
