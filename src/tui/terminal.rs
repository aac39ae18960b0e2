//! The real terminal: taken by [`Screen::take`], given back when the value is dropped,
//! whatever the way out. A panic hook calls [`say_on_panic`], which gives it back before
//! anything is printed.
//!
//! Nothing but this value writes to the terminal while it is held.

mod ink;
mod pen;

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste},
    execute,
    style::Print,
    terminal::{
        Clear, ClearType, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{Frame, Terminal};

use super::clipboard::{self, Inside};
use crate::contact::text::safe;
use ink::{Ink, RESET};

/// Whether a [`Screen`] is held now.
static HELD: AtomicBool = AtomicBool::new(false);
/// The thread that draws: a panic anywhere else must not tear the screen from under it.
static DRAWS: OnceLock<ThreadId> = OnceLock::new();
/// What a background thread said when it panicked under a held screen.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// Presses and the wheel, told in a way that knows no widest column. Moves are not asked
/// for: they would come by the hundred, and over a slow line.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";
/// xterm's stack of titles; who has none keeps an empty title instead of ours.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";
/// xterm's second screen, which the first comes back behind.
const ENTER_SCREEN: &str = "\x1b[?1049h";
/// Pastes come as such, not as keys.
const BRACKET_PASTES: &str = "\x1b[?2004h";
const WATCH_FOCUS: &str = "\x1b[?1004h";
/// Asks for the background's colour (xterm's OSC 11).
const ASK_BACKGROUND: &str = "\x1b]11;?\x07";

/// The terminal in raw mode on its alternate screen.
#[derive(Debug)]
pub struct Screen {
    title: String,
    mouse: bool,
    terminal: Terminal<Ink>,
}

impl Screen {
    /// Whether there is a terminal to take: both ends must be one.
    #[must_use]
    pub fn is_available() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Takes the terminal, with `title` as its window's title, and clicks if `mouse`. It is told
    /// with the first picture.
    ///
    /// # Errors
    /// When the terminal refuses; whatever was changed by then is changed back.
    pub fn take(title: &str, mouse: bool) -> io::Result<Self> {
        let _ = DRAWS.set(thread::current().id());
        HELD.store(true, Ordering::SeqCst);
        let taken = enable_raw_mode().and_then(|()| new_terminal());
        match taken {
            Ok(mut terminal) => {
                terminal.backend_mut().tell(entering(title, mouse));
                Ok(Self { title: title.to_owned(), mouse, terminal })
            }
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Gives the window another title.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        // A profile's name is whatever the configuration says.
        self.title = safe(title);
        execute!(io::stdout(), SetTitle(&self.title))
    }

    /// Draws one frame.
    ///
    /// # Errors
    /// When the terminal cannot be written to: most often it is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(view).map(|_| ())
    }

    /// Makes the next draw paint every cell.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn repaint(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Print(RESET), Clear(ClearType::All))?;
        // What stood on it before is not known: a new terminal remembers nothing.
        self.terminal = new_terminal()?;
        Ok(())
    }

    /// Asks the terminal to put `text` on the clipboard (OSC 52), which works over SSH.
    ///
    /// # Errors
    /// When the terminal cannot be written to. Whether it obeyed is not told.
    pub fn copy(&mut self, text: &str, inside: Inside) -> io::Result<()> {
        clipboard::write(&mut io::stdout(), text, inside)
    }

    /// Takes clicks and the wheel, or leaves them to the terminal.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        execute!(io::stdout(), Print(if on { MOUSE_ON } else { MOUSE_OFF }))
    }

    /// Asks the terminal for a notification (OSC 9), through tmux as well.
    ///
    /// # Errors
    /// When the terminal cannot be written to. Whether it obeyed is not told.
    pub fn notify(&mut self, text: &str, inside: Inside) -> io::Result<()> {
        let sequence = format!("\x1b]9;{text}\x07");
        match inside {
            Inside::Tmux => {
                let doubled = sequence.replace('\x1b', "\x1b\x1b");
                execute!(io::stdout(), Print(format!("\x1bPtmux;{doubled}\x1b\\")))
            }
            Inside::Screen | Inside::Nothing => execute!(io::stdout(), Print(sequence)),
        }
    }

    /// Asks to be told when another window takes the keyboard, and when it comes back; with the
    /// next picture.
    pub fn watch_focus(&mut self) {
        self.terminal.backend_mut().tell(WATCH_FOCUS);
    }

    /// Rings the terminal's bell.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn ring(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Print("\x07"))
    }

    /// Asks the terminal for its background, with the next picture; whatever answers comes as
    /// keys.
    pub fn ask_background(&mut self) {
        self.terminal.backend_mut().tell(ASK_BACKGROUND);
    }

    /// Gives the terminal back, stops this process as the shell's key would, and takes
    /// the terminal again when the process goes on.
    ///
    /// # Errors
    /// When the terminal or the process cannot be changed.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_this_process()?;
        HELD.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(io::stdout(), Print(entering(&self.title, self.mouse)))?;
        self.repaint()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// The terminal's line alone in raw mode: each key arrives by itself, the screen stays the
/// shell's. Given back when dropped.
#[derive(Debug)]
pub struct RawLine(());

impl RawLine {
    /// Takes the line.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        let line = Self(());
        execute!(io::stdout(), EnableBracketedPaste)?;
        Ok(line)
    }
}

impl Drop for RawLine {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}

/// What a background thread said when it panicked while the screen was held.
#[must_use]
pub fn last_words() -> Option<String> {
    LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// For a panic hook: what to do with its words. Given back, they are to be printed: no
/// screen is held, or this thread draws and the terminal has been given back. Of any
/// other thread they are kept for [`last_words`], and the screen stays.
#[must_use]
pub fn say_on_panic(words: String) -> Option<String> {
    if HELD.load(Ordering::SeqCst) && DRAWS.get() != Some(&thread::current().id()) {
        *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
        return None;
    }
    give_back();
    Some(words)
}

/// Gives back what can be given back while the drawing thread hangs in a write to a
/// terminal that takes nothing: the line's mode.
pub fn give_up() {
    let _ = disable_raw_mode();
}

/// Whether something was sent to us that nobody has read.
#[must_use]
pub fn has_input() -> bool {
    #[cfg(unix)]
    {
        use rustix::{
            event::{PollFd, PollFlags, Timespec, poll},
            termios::isatty,
        };
        let input = io::stdin();
        let mut asked = [PollFd::new(&input, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        isatty(&input) && poll(&mut asked, Some(&at_once)).is_ok_and(|ready| ready > 0)
    }
    #[cfg(not(unix))]
    false
}

/// Forgets what was sent to us and not read: it would be typed into the shell.
pub fn forget_input() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

/// What takes a terminal in raw mode.
fn entering(title: &str, mouse: bool) -> String {
    let title = safe(title);
    let mouse = if mouse { MOUSE_ON } else { "" };
    format!("{ENTER_SCREEN}{BRACKET_PASTES}{PUSH_TITLE}\x1b]0;{title}\x07{mouse}")
}

fn new_terminal() -> io::Result<Terminal<Ink>> {
    Terminal::new(Ink::new(io::stdout()))
}

/// Puts the terminal back, once per taking; every step is tried whatever the others did.
fn give_back() {
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, Print(MOUSE_OFF), DisableFocusChange, DisableBracketedPaste);
    let _ = execute!(out, SetTitle(""), Print(POP_TITLE), Print(RESET));
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// As the shell does on its suspend key.
#[cfg(unix)]
fn stop_this_process() -> io::Result<()> {
    use rustix::process::{Signal, kill_current_process_group};
    // SIGTSTP is dropped in an orphaned process group; SIGSTOP never is. The whole group,
    // as the key does it: else a script or cargo that started us would wait on, unstopped.
    kill_current_process_group(Signal::STOP).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn stop_this_process() -> io::Result<()> {
    Ok(())
}
