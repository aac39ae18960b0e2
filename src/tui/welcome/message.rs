//! What comes into the first screen, what it asks of the outside, and what it is told to
//! ask for: it does not know what a platform's address or an id looks like.

use secrecy::SecretString;

use crate::tui::Appearance;

/// What the screen starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Colours, keys and mouse.
    pub look: Appearance,
    /// The name of the profile that is set up.
    pub profile: String,
    /// The file it is written into.
    pub path: String,
    /// What is asked for beside the secret.
    pub asked: Vec<SetupQuestion>,
    /// How many of them come before the secret.
    pub before_secret: usize,
    /// Where the present secret is, if there is one: it need not be typed again.
    pub kept: Option<String>,
    /// Where a secret can be kept, the best first.
    pub places: Vec<StorageChoice>,
}

/// One thing to ask for.
#[derive(Debug, Clone)]
pub struct SetupQuestion {
    /// What people read.
    pub label: &'static str,
    /// What stands there at first.
    pub value: String,
    /// Whether nobody has set that value: typing replaces it.
    pub is_default: bool,
    /// Reads what was typed, or says in a sentence what is wrong with it.
    pub read: fn(&str) -> Result<String, String>,
    /// What the text says of the next field, as the console's address does.
    pub also: fn(&str) -> Option<String>,
}

/// One place for the secret.
#[derive(Debug, Clone)]
pub struct StorageChoice {
    /// What it is called.
    pub word: &'static str,
    /// What it means to keep a secret there.
    pub means: &'static str,
    /// What has to be named with it.
    pub named: Option<SetupQuestion>,
    /// Whether this machine has it, as far as is known yet.
    pub there: bool,
}

/// A filled form.
#[derive(Debug, Clone)]
pub struct Given {
    /// The answers in the order they were asked for, as [`SetupQuestion::read`] gave them.
    pub values: Vec<String>,
    /// The secret; `None` leaves it where it is.
    pub secret: Option<SecretString>,
    /// Which of the places.
    pub place: usize,
    /// What was named with it.
    pub named: String,
}

/// What the platform says to a filled form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupVerdict {
    /// Whether it accepts us.
    pub accepted: bool,
    /// What it comes to, and what to do about it.
    pub text: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum WelcomeEvent {
    /// A key, a paste, a new size.
    Terminal(crossterm::event::Event),
    /// The terminal told the colour of its background.
    Background {
        /// Whether it is light.
        light: bool,
    },
    /// The nth place is there after all.
    There(usize),
    /// The answer to [`WelcomeEffect::Try`] of this round.
    Tried {
        /// Which one.
        round: u64,
        /// What came of it.
        verdict: SetupVerdict,
    },
    /// The answer to [`WelcomeEffect::Save`] when nothing was saved.
    NotSaved {
        /// Whether the secret's place is to blame.
        place: bool,
        /// Why, in a sentence.
        reason: String,
    },
}

/// Something asked of the outside.
#[derive(Debug, Clone)]
pub enum WelcomeEffect {
    /// Ask the platform; answer with [`WelcomeEvent::Tried`].
    Try {
        /// To tell the answers apart.
        round: u64,
        /// What to ask it with.
        given: Given,
    },
    /// Keep the secret, write the profile and open the form with it.
    Save(Given),
    /// Open the demo.
    Demo,
    /// Take clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Stop as the shell's Ctrl+Z does.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// Leave.
    Quit,
}
