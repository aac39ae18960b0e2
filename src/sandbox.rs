//! The platform in miniature, over real HTTP on loopback: for the demo, for training and
//! as the other side in every test.
//!
//! It follows the vendor's public pages and not our client: it verifies the token and the
//! account, validates every field, keeps the phone rule and the rate limit, and answers
//! in the documented shapes. Where those pages are silent, [`Faults`] choose among the
//! ways a platform may behave.
//!
//! ```text
//!   routes (HTTP, token, faults) -> book (contacts, the phone rule) -> answer
//! ```

mod access;
mod book;
pub mod faults;
mod routes;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{net::TcpSocket, sync::oneshot, task::JoinHandle};

pub use book::Held;
pub use faults::Faults;

use book::Book;

/// Whom the demo knows from the start, so that a duplicate can be tried: salutation, first
/// name, last name, E.164.
pub const DEMO_CONTACTS: [[&str; 4]; 2] =
    [["Mrs", "Jane", "Roe", "+919876543210"], ["Mr", "Amy", "Pond", "+442071838750"]];

/// What the sandbox accepts and how it behaves.
#[derive(Debug, Clone)]
pub struct SandboxSettings {
    /// The stream in the path.
    pub stream_id: String,
    /// The account header's value.
    pub account_id: String,
    /// The app's Client ID, the claim `appId`.
    pub client_id: String,
    /// The app's secret, which tokens are verified with (HS256, HS384 or HS512).
    pub secret: String,
    /// Whether a token needs a `jti` that was not used before.
    pub enforce_jti: bool,
    /// Requests in any window, over all endpoints.
    pub limit: u32,
    /// The window of the limit.
    pub window: Duration,
    /// The most contacts a list page holds.
    pub page_size: usize,
    /// How it misbehaves.
    pub faults: Faults,
    /// Contacts it holds from the start: salutation, first name, last name, E.164.
    pub seed: Vec<[String; 4]>,
}

impl SandboxSettings {
    /// The documented limits, with ids and a secret of its own.
    #[must_use]
    pub fn demo() -> Self {
        let fresh = || uuid::Uuid::new_v4();
        Self {
            stream_id: format!("st-{}", fresh()),
            account_id: fresh().simple().to_string()[..24].to_owned(),
            client_id: format!("cs-{}", fresh()),
            secret: format!("{}{}", fresh().simple(), fresh().simple()),
            enforce_jti: true,
            limit: 60,
            window: Duration::from_mins(1),
            page_size: 100,
            faults: Faults::default(),
            seed: Vec::new(),
        }
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// When it arrived.
    pub at: std::time::Instant,
    /// GET, POST, PUT or DELETE.
    pub method: String,
    /// The path and query.
    pub path: String,
    /// The headers, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status of the answer; 0 when the connection was dropped instead.
    pub status: u16,
}

/// Everything the sandbox remembers.
#[derive(Debug)]
struct SandboxState {
    settings: SandboxSettings,
    book: Book,
    seen: Vec<SeenRequest>,
    arrivals: Vec<std::time::Instant>,
    tokens: std::collections::HashSet<String>,
    refused: u64,
    random: u64,
}

type Shared = Arc<Mutex<SandboxState>>;

fn locked(shared: &Shared) -> MutexGuard<'_, SandboxState> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A running sandbox; dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    state: Shared,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// Starts listening, as a task of the runtime it is called in; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn start(listen: SocketAddr, settings: SandboxSettings) -> io::Result<Self> {
        let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A sandbox that was stopped may start again on its port at once.
        socket.set_reuseaddr(true)?;
        socket.bind(listen)?;
        let listener = socket.listen(1024)?;
        let address = listener.local_addr()?;
        let book = Book::new(&settings);
        let random = settings.faults.seed;
        let state = Arc::new(Mutex::new(SandboxState {
            settings,
            book,
            seen: Vec::new(),
            arrivals: Vec::new(),
            tokens: std::collections::HashSet::new(),
            refused: 0,
            random,
        }));
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(routes::serve(listener, Arc::clone(&state), stopped));
        Ok(Self { address, state, stop: Some(stop), task })
    }

    /// Stops; whatever is under way gets no answer.
    pub async fn stop(mut self) {
        self.stop.take();
        let _ = (&mut self.task).await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, as a profile's `host`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment that points rolodesk at it.
    #[must_use]
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let state = locked(&self.state);
        let settings = &state.settings;
        vec![
            ("ROLODESK_HOST", self.host()),
            ("ROLODESK_STREAM_ID", settings.stream_id.clone()),
            ("ROLODESK_ACCOUNT_ID", settings.account_id.clone()),
            ("ROLODESK_CLIENT_ID", settings.client_id.clone()),
            ("ROLODESK_CLIENT_SECRET", settings.secret.clone()),
        ]
    }

    /// Every contact it holds, oldest first, deleted ones included.
    #[must_use]
    pub fn contacts(&self) -> Vec<Held> {
        locked(&self.state).book.all().to_vec()
    }

    /// Every request that arrived, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        locked(&self.state).seen.clone()
    }

    /// How many requests were refused for the limit.
    #[must_use]
    pub fn refused(&self) -> u64 {
        locked(&self.state).refused
    }

    /// Misbehaves differently from now on.
    pub fn set_faults(&self, faults: Faults) {
        let mut state = locked(&self.state);
        state.random = faults.seed;
        state.settings.faults = faults;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A free port of this machine, out of reach for others.
#[must_use]
pub fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// What `rolodesk sandbox` prints: what it is, and the lines that point rolodesk at it.
#[must_use]
pub fn describe(sandbox: &Sandbox) -> String {
    // Of its own name: what waits in another profile must not go to a sandbox.
    let profile = ("ROLODESK_PROFILE", "sandbox".to_owned());
    let lines: Vec<_> = sandbox
        .env()
        .into_iter()
        .chain([profile])
        .map(|(name, value)| format!("export {name}={value}"))
        .collect();
    format!(
        "The sandbox listens on {}. It forgets everything when it ends (Ctrl+C).\nIn another \
         terminal, copy these lines and start `rolodesk`:\n\n{}\n",
        sandbox.host(),
        lines.join("\n")
    )
}
