//! What the terminal sends. A thread of its own sleeps in crossterm's reading; the library
//! cannot be asked in passing, and its own stream takes three wake-ups for a key.
//!
//! A terminal without bracketed paste sends a paste as keys, its tabs and line ends as
//! Tab and Enter, all at once. There a burst of keys that holds a whole contact is handed
//! on as the paste it is: it neither moves through the form nor submits it. Anything else
//! stays what it was, key by key; and where pastes are bracketed a burst is somebody's
//! script, or a slow line, and is typing.

use std::{io, mem, thread, time::Duration};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        watch,
    },
    time::timeout,
};

use super::background_colour::{self, Read};
use crate::{
    contact::{Addressing, Salutation, paste},
    tui,
};

/// Keys that come closer together than this were not typed by a person.
const GAP: Duration = Duration::from_millis(4);
/// Fewer keys than this are no paste of a contact.
const FEWEST: usize = 12;
/// No burst is gathered beyond this.
const MOST: usize = 20_000;
/// The parts of one answer are never further apart.
const APART: Duration = Duration::from_millis(100);

/// Whether a terminal of this kind (TERM) sends pastes as keys. Those named are the ones
/// that never learnt bracketed paste; everything that calls itself xterm and newer did.
pub(super) fn pastes_as_keys(terminal: &str) -> bool {
    ["", "linux", "ansi", "dumb", "cons25", "sun", "unknown"].contains(&terminal)
        || terminal.starts_with("vt")
}

/// What the reader has to know of the terminal.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    /// Where pastes come as keys, the salutations to recognise in them: those of the profile
    /// that is open.
    pub(super) salutations: Option<watch::Receiver<Vec<Salutation>>>,
    /// Whether it was asked for its background and may still answer.
    pub(super) asked: bool,
}

/// What the thread reads, as it comes.
type Arriving = UnboundedReceiver<io::Result<Event>>;

/// Reads as soon as somebody waits for it, which is after the first picture; what was typed
/// by then waits in the terminal. Ends with the key after the receiver is dropped, or with the
/// error when the system gives no thread.
pub(super) fn read(of: Terminal) -> UnboundedReceiver<io::Result<tui::Event>> {
    let (keys, inbox) = mpsc::unbounded_channel();
    let Terminal { salutations, mut asked } = of;
    tokio::spawn(async move {
        let (arrives, mut terminal) = mpsc::unbounded_channel();
        let reader = thread::Builder::new().name("keyboard".into());
        if let Err(error) = reader.spawn(move || read_all(&arrives)) {
            // Nobody listens any more: then nothing is to be told either.
            let _ = keys.send(Err(error));
            return;
        }
        while let Some(first) = terminal.recv().await {
            let mut burst = vec![first];
            if asked && let Some(answer) = answer(&mut burst, &mut terminal).await {
                asked = false;
                if let Some(light) = answer
                    && keys.send(Ok(tui::Event::Background { light })).is_err()
                {
                    return;
                }
                continue;
            }
            if let Some(salutations) = &salutations {
                gather(&mut burst, &mut terminal).await;
                burst = as_paste(burst, &salutations.borrow());
            }
            for event in burst {
                if keys.send(event.map(tui::Event::Terminal)).is_err() {
                    return;
                }
            }
        }
    });
    inbox
}

fn read_all(arrives: &UnboundedSender<io::Result<Event>>) {
    loop {
        let event = event::read();
        let failed = event.is_err();
        if arrives.send(event).is_err() || failed {
            return;
        }
    }
}

/// The terminal's answer, if `burst` begins one; else `burst` holds whatever was read
/// until that was clear.
async fn answer(
    burst: &mut Vec<io::Result<Event>>,
    terminal: &mut Arriving,
) -> Option<Option<bool>> {
    loop {
        match background_colour::read(burst) {
            Read::No => return None,
            Read::Answer(light) => {
                mem::take(burst);
                return Some(light);
            }
            Read::More => match timeout(APART, terminal.recv()).await {
                Ok(Some(next)) => burst.push(next),
                Ok(None) | Err(_) => return None,
            },
        }
    }
}

/// Adds the keys that come too fast to be typed.
async fn gather(burst: &mut Vec<io::Result<Event>>, terminal: &mut Arriving) {
    while burst.len() < MOST && burst.last().is_some_and(|last| letter(last).is_some()) {
        match timeout(GAP, terminal.recv()).await {
            Ok(Some(next)) => burst.push(next),
            Ok(None) | Err(_) => return,
        }
    }
}

/// The text a key stands for in a paste; `None` for keys that no paste is made of.
fn letter(event: &io::Result<Event>) -> Option<char> {
    let Ok(Event::Key(KeyEvent { code, modifiers, kind, .. })) = event else { return None };
    let plain = (*modifiers - KeyModifiers::SHIFT).is_empty() && *kind == KeyEventKind::Press;
    match code {
        KeyCode::Char(letter) if plain => Some(*letter),
        KeyCode::Enter if plain => Some('\n'),
        KeyCode::Tab if plain => Some('\t'),
        _ => None,
    }
}

/// The burst as one paste if it holds a whole contact over several cells or lines, with
/// what follows it left as it is.
fn as_paste(
    mut burst: Vec<io::Result<Event>>,
    salutations: &[Salutation],
) -> Vec<io::Result<Event>> {
    let text: String = burst.iter().map_while(letter).collect();
    let inside = text.trim_matches(['\t', '\n']);
    let is_paste = inside.chars().count() >= FEWEST
        && inside.contains(['\t', '\n'])
        && paste::recognise(inside, None, &Addressing::offering(salutations.to_vec()))
            .is_some_and(|guess| guess.phone.is_some());
    if is_paste {
        burst.drain(..text.chars().count());
        burst.insert(0, Ok(Event::Paste(inside.to_owned())));
    }
    burst
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<io::Result<Event>> {
        let key = |letter| match letter {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            other => KeyCode::Char(other),
        };
        let event = |letter| Ok(Event::Key(KeyEvent::new(key(letter), KeyModifiers::NONE)));
        text.chars().map(event).collect()
    }

    fn read_as(text: &str) -> Vec<Event> {
        let salutations = [Salutation::parse("Mr").unwrap()];
        as_paste(typed(text), &salutations).into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn a_whole_contact_that_arrives_at_once_is_a_paste() {
        for text in
            ["Mr\tJohn\tDoe\t+91 98765 43210\n", "John Doe\n+91 98765 43210\njohn@example.org"]
        {
            let [Event::Paste(pasted)] = &read_as(text)[..] else { panic!("{text:?}") };
            assert_eq!(pasted, text.trim());
        }
    }

    #[test]
    fn words_and_fields_that_a_script_types_stay_keys() {
        for text in ["John", "98765 43210\t", "\tJohn\tDoe\t", "John\n", "+91 98765 43210"] {
            assert_eq!(read_as(text).len(), text.chars().count(), "{text:?}");
        }
    }

    #[test]
    fn what_follows_a_paste_is_kept() {
        let mut burst = typed("Mr\tJohn\tDoe\t+91 98765 43210");
        let submit = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL);
        burst.push(Ok(Event::Key(submit)));
        let events = as_paste(burst, &[Salutation::parse("Mr").unwrap()]);
        assert!(
            matches!(&events[..], [Ok(Event::Paste(_)), Ok(Event::Key(key))] if *key == submit)
        );
    }
}
