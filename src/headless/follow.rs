//! How a command waits for what it asked for: one worker, one loop, and one reading of how
//! that ended as an exit code.
//!
//! ```text
//!   start -> follow --- an update ------> Asked::hear -> Wait | Look | End
//!                  |--- every second ---> Asked::look -> Wait | End
//!                  |--- the store fails, for good -> an error
//!                  |--- a signal, no patience left, a refusal -> Ended
//!                  '-> the worker finishes what is under way -> Ended
//! ```

use std::{io, time::Duration};

use anyhow::{Result, bail};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use super::sentences;
use crate::{
    config::{Config, DirectoryUse},
    connect::Deliverer,
    delivery::{Handle, Inbox, WorkerSettings},
    exit::Exit,
    signals::{LeaveRequest, Signals},
    store::Store,
    submission::{PlatformHealth, StoreTrouble, Update},
};

/// A platform that does not answer for this long is left for another time.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// How often the store is looked at: others may deliver, and a row that cannot be read is
/// set aside without a word.
const LOOK: Duration = Duration::from_secs(1);

/// What a command waits for.
pub(super) trait Asked {
    /// Hears what the worker tells; how the platform is, is heard for it.
    fn hear(&mut self, update: Update) -> Result<Next>;

    /// Looks at the store, at the start and every second, or when what was heard says so.
    async fn look(&mut self) -> Result<Next>;

    /// Says how the platform is.
    fn note(&mut self, text: &str) -> io::Result<()>;

    /// Hears what is the matter with the platform, or that nothing is any more.
    fn trouble(&mut self, _: Option<String>) {}

    /// Whether the waiting may end now, when it has to.
    fn may_leave(&self) -> bool {
        true
    }
}

/// What follows from what was heard or seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// More is waited for.
    Wait,
    /// It may have been the last: the store knows.
    Look,
    /// Nothing more is waited for.
    End(Ended),
}

/// How long a platform that does not answer, or refuses us, is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until then, unless it refuses us; without a word.
    Until(Instant),
    /// Some seconds.
    Short,
    /// For ever.
    Endless,
}

/// Why nothing more is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everything has its last word.
    Settled,
    /// The time given is over.
    TimeUp,
    /// The platform cannot be reached.
    Unreachable,
    /// The platform refuses us.
    Refused,
    /// A signal asked us to leave.
    Interrupted(LeaveRequest),
    /// Nobody reads what is printed.
    Unheard,
}

impl Ended {
    /// The exit code, by whether something still waits and whether something failed.
    pub(super) fn exit(self, waits: bool, failed: bool) -> Exit {
        match self {
            Self::Refused if waits => Exit::NotAuthorised,
            Self::Settled
            | Self::TimeUp
            | Self::Unreachable
            | Self::Refused
            | Self::Interrupted(_)
            | Self::Unheard => match (waits, failed) {
                (true, _) => Exit::Pending,
                (false, true) => Exit::Partly,
                (false, false) => Exit::Done,
            },
        }
    }
}

/// The worker of one command.
#[derive(Debug)]
pub(super) struct Follower {
    /// The way to it.
    pub(super) handle: Handle,
    worker: JoinHandle<()>,
    updates: UnboundedReceiver<Update>,
    signals: Signals,
}

impl Follower {
    /// Starts the worker; `refresh` keeps the directory fresh beside what is asked for.
    pub(super) fn start(
        config: &Config,
        store: &Store,
        deliverer: Deliverer,
        signals: Signals,
        refresh: bool,
    ) -> Self {
        let (sender, updates) = mpsc::unbounded_channel();
        let max_batch = config.max_batch;
        let refresh = refresh && config.directory != DirectoryUse::Off;
        let settings = WorkerSettings { max_batch, refresh, ..WorkerSettings::default() };
        let (handle, inbox) = Inbox::new();
        let worker = tokio::spawn(deliverer.work(store.clone(), settings, sender, inbox));
        Self { handle, worker, updates, signals }
    }

    /// Waits for what was asked. Whatever ends it, requests under way are waited for and
    /// written down.
    ///
    /// # Errors
    /// When the store fails, or nothing can be printed.
    pub(super) async fn follow(
        mut self,
        asked: &mut impl Asked,
        patience: Patience,
    ) -> Result<Ended> {
        let ended = self.wait(asked, &mut Platform::new(patience)).await;
        drop(self.handle);
        self.worker.await?;
        ended
    }

    async fn wait(&mut self, asked: &mut impl Asked, platform: &mut Platform) -> Result<Ended> {
        let (mut ended, mut look_at) = (None, Some(Instant::now()));
        loop {
            if let Some(ended) = ended.filter(|_| asked.may_leave()) {
                return Ok(ended);
            }
            let give_up = platform.give_up_at().filter(|_| ended.is_none());
            let next = tokio::select! {
                biased;
                leave = self.signals.next() => Next::End(platform.asked_to_leave(leave)),
                () = until(look_at) => {
                    look_at = platform.look_again_at();
                    asked.look().await?
                }
                update = self.updates.recv() => match update {
                    None => return Ok(ended.unwrap_or(Ended::Unreachable)),
                    Some(Update::PlatformHealth(health)) => platform.hear(health, asked)?,
                    Some(Update::StoreFailed { reason, trouble })
                        if platform.ends_with_store(trouble) => bail!(reason),
                    Some(update) => asked.hear(update)?,
                },
                () = until(give_up) => Next::End(platform.given_up()),
            };
            match next {
                Next::Wait => {}
                Next::Look => look_at = Some(Instant::now()),
                Next::End(why) => ended = Some(why),
            }
        }
    }
}

/// Sleeps until then, or for ever.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// How the platform was last seen, and for how long it is waited for.
struct Platform {
    patience: Patience,
    health: PlatformHealth,
    offline_since: Option<Instant>,
}

impl Platform {
    fn new(patience: Patience) -> Self {
        Self { patience, health: PlatformHealth::Untried, offline_since: None }
    }

    fn give_up_at(&self) -> Option<Instant> {
        match self.patience {
            Patience::Until(time) => Some(time),
            Patience::Short => self.offline_since.map(|since| since + PATIENCE),
            Patience::Endless => None,
        }
    }

    /// Whoever waits for ever only hears, and sleeps while nothing is told.
    fn look_again_at(&self) -> Option<Instant> {
        match self.patience {
            Patience::Until(_) | Patience::Short => Some(Instant::now() + LOOK),
            Patience::Endless => None,
        }
    }

    /// Whether nothing is left to wait for once the store has failed. Everybody waits for a disk
    /// with room again, whoever waits for ever also for what others may still do with a damaged
    /// store; a time that is given ends by itself.
    fn ends_with_store(&self, trouble: StoreTrouble) -> bool {
        match self.patience {
            Patience::Until(_) => false,
            Patience::Short => trouble != StoreTrouble::Passing,
            Patience::Endless => trouble == StoreTrouble::Gone,
        }
    }

    fn given_up(&self) -> Ended {
        match self.patience {
            Patience::Until(_) => Ended::TimeUp,
            Patience::Short | Patience::Endless => Ended::Unreachable,
        }
    }

    /// Whoever would have waited for ever is told of the refusal that is waited out.
    fn asked_to_leave(&self, leave: LeaveRequest) -> Ended {
        match (self.patience, &self.health) {
            (Patience::Endless, PlatformHealth::Refused(_)) => Ended::Refused,
            (Patience::Until(_) | Patience::Short | Patience::Endless, _) => {
                Ended::Interrupted(leave)
            }
        }
    }

    /// Says each change once.
    fn hear(&mut self, health: PlatformHealth, asked: &mut impl Asked) -> Result<Next> {
        let was = std::mem::replace(&mut self.health, health);
        let same = std::mem::discriminant(&was) == std::mem::discriminant(&self.health);
        let is_silent = matches!(self.patience, Patience::Until(_));
        let mut say = |text: &str| if same || is_silent { Ok(()) } else { asked.note(text) };
        match &self.health {
            PlatformHealth::Offline(failure) => {
                let why = sentences::failure(failure);
                self.offline_since.get_or_insert_with(Instant::now);
                say(&format!("offline, still trying: {why}"))?;
                asked.trouble(Some(why));
            }
            PlatformHealth::Refused(refusal) => {
                let why = sentences::refusal(refusal);
                self.offline_since = None;
                say(&why)?;
                asked.trouble(Some(why));
                if self.patience != Patience::Endless {
                    return Ok(Next::End(Ended::Refused));
                }
            }
            PlatformHealth::Online => {
                self.offline_since = None;
                if was != PlatformHealth::Untried && was != PlatformHealth::Online {
                    say("online again")?;
                }
                asked.trouble(None);
            }
            PlatformHealth::Unattended => {
                self.offline_since = None;
                say(sentences::NOBODY_SENDS)?;
                asked.trouble(Some(sentences::NOBODY_SENDS.to_owned()));
            }
            PlatformHealth::Untried => {}
        }
        Ok(Next::Wait)
    }
}
