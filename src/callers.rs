//! The way from `rolodesk fill` to the form that is open: a softphone, a browser or a shell
//! alias hands over who is calling. Each form listens on a socket of its own in a folder that
//! only its user may enter; both sides say one line of JSON.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use crate::{
    config::Environment,
    contact::{Draft, text::safe},
    private::{
        file::make_folder,
        ownership::{Strictness, judge_path},
    },
};

/// No honest message is longer.
const LONGEST: u64 = 8 * 1024;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest text of one field.
const LONGEST_FIELD: usize = 200;

/// Who is calling, and for whom: any form, or that of a profile.
#[derive(Debug, Serialize, Deserialize)]
struct Call {
    profile: Option<String>,
    contact: Draft,
}

/// What the form says to it.
#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    profile: String,
    taken: bool,
}

/// Where the sockets are: in the session's folder, else beside the log.
#[must_use]
pub fn folder(environment: &Environment) -> Option<PathBuf> {
    let session = environment.get("XDG_RUNTIME_DIR").map(PathBuf::from);
    let session = session.filter(|folder| folder.is_absolute() && is_private(folder));
    session.map(|folder| folder.join("rolodesk")).or_else(|| environment.state_dir())
}

fn is_private(folder: &Path) -> bool {
    folder.is_dir() && matches!(judge_path(folder, Strictness::Private), Ok(Ok(())))
}

/// Hands a contact to the form that was opened last, of `profile` if that is named; the answer
/// is the form's profile, `None` when there is no such form.
///
/// # Errors
/// When the folder cannot be read.
pub async fn hand_over(
    folder: &Path,
    profile: Option<&str>,
    contact: &Draft,
) -> io::Result<Option<String>> {
    if !is_private(folder) {
        return Ok(None);
    }
    let call = Call { profile: profile.map(str::to_owned), contact: contact.clone() };
    for socket in sockets(folder)? {
        match timeout(PATIENCE, call_at(&socket, &call)).await {
            Ok(Ok(Receipt { profile, taken: true })) => return Ok(Some(safe(&profile))),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                // Its form was killed. Another may have removed it by now.
                let _ = fs::remove_file(&socket);
            }
            Ok(Ok(_) | Err(_)) | Err(_) => {}
        }
    }
    Ok(None)
}

/// The sockets of forms, the youngest first.
fn sockets(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("form-") && name.ends_with(".sock") {
            let made = entry.metadata().and_then(|meta| meta.modified());
            found.push((made.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

async fn call_at(socket: &Path, call: &Call) -> io::Result<Receipt> {
    let mut form = UnixStream::connect(socket).await?;
    write(&mut form, call).await?;
    read(&mut form).await
}

/// A form that can be called.
#[derive(Debug)]
pub struct Callers {
    listener: UnixListener,
    path: PathBuf,
    profile: String,
}

impl Callers {
    /// Listens for the form of `profile`, in a folder that is made where it is missing.
    ///
    /// # Errors
    /// The system's, and when others may enter the folder.
    pub fn listen(folder: &Path, profile: &str) -> io::Result<Self> {
        make_folder(folder)?;
        judge_path(folder, Strictness::Private)?.map_err(io::Error::other)?;
        let path = folder.join(format!("form-{}.sock", std::process::id()));
        // One of an earlier process with this number.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path, profile: profile.to_owned() })
    }

    /// The next caller.
    ///
    /// # Errors
    /// When the system lets nobody in any more.
    pub async fn next(&mut self) -> io::Result<Draft> {
        loop {
            let (mut peer, _) = self.listener.accept().await?;
            let ours = rustix::process::geteuid().as_raw();
            if peer.peer_cred().is_ok_and(|cred| cred.uid() != ours) {
                continue;
            }
            // Whoever says nothing, or nonsense, keeps nobody else waiting for long.
            let Ok(Ok(call)) = timeout(PATIENCE, read::<Call>(&mut peer)).await else { continue };
            let taken = call.profile.is_none_or(|profile| profile == self.profile);
            let receipt = Receipt { profile: self.profile.clone(), taken };
            let told = timeout(PATIENCE, write(&mut peer, &receipt)).await;
            if let (true, Ok(Ok(()))) = (taken, told) {
                return Ok(cleaned(call.contact));
            }
        }
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        // Whoever calls a socket that nobody hears removes it.
        let _ = fs::remove_file(&self.path);
    }
}

/// What another program says, as text of a field.
fn cleaned(draft: Draft) -> Draft {
    let clean = |text: String| safe(text.trim()).chars().take(LONGEST_FIELD).collect();
    Draft {
        salutation: clean(draft.salutation),
        first_name: clean(draft.first_name),
        last_name: clean(draft.last_name),
        region: clean(draft.region),
        phone: clean(draft.phone),
        extension: clean(draft.extension),
    }
}

async fn write(stream: &mut UnixStream, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what).map_err(io::Error::other)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

async fn read<What: for<'a> Deserialize<'a>>(stream: &mut UnixStream) -> io::Result<What> {
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut line).await?;
    serde_json::from_slice(&line).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Draft {
        Draft {
            phone: "+1 415 555 0132".into(),
            first_name: "A\u{1b}da".into(),
            ..Draft::default()
        }
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        folder
    }

    #[tokio::test]
    async fn a_caller_reaches_the_form_of_the_profile_and_nobody_elses() {
        let folder = folder();
        let mut callers = Callers::listen(folder.path(), "acme").unwrap();
        let path = callers.path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let heard = tokio::spawn(async move { callers.next().await.unwrap() });
        let other = hand_over(folder.path(), Some("night"), &caller()).await.unwrap();
        assert_eq!(other, None);
        let taken = hand_over(folder.path(), None, &caller()).await.unwrap();
        assert_eq!(taken.as_deref(), Some("acme"));
        let heard = heard.await.unwrap();
        assert_eq!(heard.phone, "+1 415 555 0132");
        assert!(!heard.first_name.contains('\u{1b}'), "{heard:?}");
        assert!(!path.exists(), "it is gone with the form");
    }

    #[tokio::test]
    async fn a_socket_that_nobody_hears_is_removed_and_nonsense_harms_nobody() {
        let folder = folder();
        let dead = folder.path().join("form-1.sock");
        drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
        assert_eq!(hand_over(folder.path(), None, &caller()).await.unwrap(), None);
        assert!(!dead.exists());
        let mut callers = Callers::listen(folder.path(), "acme").unwrap();
        let path = callers.path.clone();
        let heard = tokio::spawn(async move { callers.next().await.unwrap() });
        for nonsense in [&b"\n"[..], b"{}\n", b"", &vec![b'x'; 20_000]] {
            let mut peer = UnixStream::connect(&path).await.unwrap();
            // It is closed before so much is read.
            let _ = peer.write_all(nonsense).await;
        }
        assert!(hand_over(folder.path(), None, &caller()).await.unwrap().is_some());
        assert_eq!(heard.await.unwrap().phone, caller().phone);
    }

    #[tokio::test]
    async fn a_folder_that_others_may_enter_is_not_used() {
        let folder = folder();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Callers::listen(folder.path(), "acme").is_err());
        assert_eq!(hand_over(folder.path(), None, &caller()).await.unwrap(), None);
    }
}
