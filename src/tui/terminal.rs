//! The real terminal: taken by [`Screen::take`], given back when the value is dropped,
//! whatever the way out. The panic hook and the drop use the same `give_back`.
//!
//! Nothing but this value writes to the terminal while it is held.

use std::{
    io::{self, IsTerminal as _, Stdout, Write as _},
    panic,
    sync::{
        Mutex, Once, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode,
        enable_raw_mode,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

use super::clipboard::{self, Inside};

/// Whether a [`Screen`] is held now.
static HELD: AtomicBool = AtomicBool::new(false);
/// The thread that draws: a panic anywhere else must not tear the screen from under it.
static DRAWS: OnceLock<ThreadId> = OnceLock::new();
/// What a background thread said when it panicked under a held screen.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// The terminal in raw mode on its alternate screen.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Whether there is a terminal to take: both ends must be one.
    #[must_use]
    pub fn is_available() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Takes the terminal, with `title` as its window's title.
    ///
    /// # Errors
    /// When the terminal refuses; whatever was changed by then is changed back.
    pub fn take(title: &str) -> io::Result<Self> {
        install_hook();
        let _ = DRAWS.set(thread::current().id());
        HELD.store(true, Ordering::SeqCst);
        let taken = enter(title).and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match taken {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
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
        execute!(io::stdout(), Clear(ClearType::All))?;
        // The library's own clear asks the terminal for its cursor and waits for an answer
        // that the key reader takes; a new terminal remembers nothing and asks nothing.
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }

    /// Asks the terminal to put `text` on the clipboard (OSC 52), which works over SSH.
    ///
    /// # Errors
    /// When the terminal cannot be written to. Whether it obeyed is not told.
    pub fn copy(&mut self, text: &str, inside: Inside) -> io::Result<()> {
        clipboard::write(&mut io::stdout(), text, inside)
    }

    /// Gives the terminal back, stops this process as the shell's key would, and takes
    /// the terminal again when the process goes on.
    ///
    /// # Errors
    /// When the terminal or the process cannot be changed.
    pub fn suspend(&mut self, title: &str) -> io::Result<()> {
        give_back();
        stop_this_process()?;
        HELD.store(true, Ordering::SeqCst);
        enter(title)?;
        self.repaint()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What a background thread said when it panicked while the screen was held.
#[must_use]
pub fn last_words() -> Option<String> {
    LAST_WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
}

fn enter(title: &str) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, SetTitle(title))
}

/// Puts the terminal back, once per taking; every step is tried whatever the others did.
fn give_back() {
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste);
    let _ = execute!(out, SetTitle(""));
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// As the shell does on its suspend key.
#[cfg(unix)]
fn stop_this_process() -> io::Result<()> {
    use rustix::process::{Signal, getpid, kill_process};
    // SIGTSTP is dropped in an orphaned process group; SIGSTOP never is.
    kill_process(getpid(), Signal::STOP).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn stop_this_process() -> io::Result<()> {
    Ok(())
}

/// A panic of the drawing thread gives the terminal back before its message is printed;
/// one of any other thread leaves the screen to the loop, which ends with its words.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !HELD.load(Ordering::SeqCst) {
                return before(info);
            }
            if DRAWS.get() == Some(&thread::current().id()) {
                give_back();
                return before(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let words = info.payload_as_str().unwrap_or("no message");
            let mut last = LAST_WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *last = Some(format!("{words} ({place})"));
        }));
    });
}
