//! A line typed unseen. Whatever ends the program meanwhile, the terminal shows again what is
//! typed.

use std::io;

use secrecy::zeroize::Zeroizing;

#[cfg(unix)]
pub(super) use unix::{read_line, show_again};

/// Nothing is ever hidden here.
#[cfg(not(unix))]
pub(super) fn show_again() {}

/// # Errors
/// Always: what is typed would be seen.
#[cfg(not(unix))]
pub(super) fn read_line(_: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
    let why = "what is typed cannot be hidden on this system; give the secret by a pipe, or put \
               it into a file that client_secret_file names";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

#[cfg(unix)]
mod unix {
    use std::sync::Mutex;

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Zeroizing, io};

    /// One line from the terminal, which shows nothing of it. Past the standard library's
    /// buffer, which nobody wipes. A terminal gives one line at a time, so nothing that was
    /// typed ahead is in that buffer.
    ///
    /// # Errors
    /// When the terminal cannot be told to show nothing.
    pub(in super::super) fn read_line(line: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
        let hidden = Hidden::begin()?;
        let mut piece = Zeroizing::new([0_u8; 1]);
        loop {
            match rustix::io::read(rustix::stdio::stdin(), &mut *piece) {
                Ok(0) => break,
                Ok(_) => line.push(piece[0]),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if piece[0] == b'\n' {
                break;
            }
        }
        drop(hidden);
        Ok(())
    }

    /// How the terminal was before it showed nothing.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// While this lives, the terminal shows nothing of what is typed.
    struct Hidden;

    impl Hidden {
        fn begin() -> io::Result<Self> {
            let before = tcgetattr(rustix::stdio::stdin())?;
            let mut hidden = before.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            // Suspended, the shell would get a terminal that shows nothing; a core dump would
            // hold the secret.
            for key in [SpecialCodeIndex::VSUSP, SpecialCodeIndex::VQUIT] {
                hidden.special_codes[key] = 0;
            }
            *BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(before);
            tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &hidden)?;
            Ok(Self)
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            show_again();
        }
    }

    /// Gives the terminal back as it was; does nothing where nothing is hidden.
    pub(in super::super) fn show_again() {
        let before = BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(before) = before {
            // A terminal that is gone has nothing to show.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
        }
    }
}
