//! The desktop's secret service (GNOME's keyring or KDE's wallet), asked with a time limit: a
//! locked or absent one can hang. Without the feature `keyring` there is none.

#[cfg(feature = "keyring")]
pub(super) use service::{answers, keep, read};

#[cfg(feature = "keyring")]
mod service {
    use std::{error::Error, sync::Arc, time::Duration};

    use keyring_core::{CredentialStore, Entry, Error as KeyringError};
    use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
    use tokio::time::timeout;
    use zbus_secret_service_keyring_store::Store;

    /// How long the keyring may take.
    const TIME: Duration = Duration::from_secs(3);

    /// What a locked or absent keyring leaves to do.
    const INSTEAD: &str = "use { file = \"…\" } or { command = […] } instead";

    pub(in crate::config) async fn read(user: String) -> Result<SecretString, String> {
        let read = with_entry(user, |entry| entry.get_password().map(SecretString::from));
        match read.await? {
            Ok(secret) => Ok(secret),
            Err(KeyringError::NoEntry) => Err("it holds no secret for this profile".into()),
            Err(error) => Err(format!("{}; is it locked? Unlock it, or {INSTEAD}", plain(&error))),
        }
    }

    /// Whether a secret service runs here; it may still be locked. Asks nobody anything.
    pub(in crate::config) async fn answers() -> bool {
        let asked = tokio::task::spawn_blocking(|| Store::new().is_ok());
        matches!(timeout(TIME, asked).await, Ok(Ok(true)))
    }

    /// Writes, and reads back: a locked keyring can take a secret and keep nothing.
    pub(in crate::config) async fn keep(user: String, secret: SecretString) -> Result<(), String> {
        let written = with_entry(user, move |entry| {
            entry.set_password(secret.expose_secret())?;
            let kept = Zeroizing::new(entry.get_password()?);
            Ok(*kept == secret.expose_secret())
        });
        match written.await? {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("it did not keep the secret; {INSTEAD}")),
            Err(error) => Err(format!("{}; is it locked? Unlock it, or {INSTEAD}", plain(&error))),
        }
    }

    /// The service's own words, without the names of the layers above it.
    fn plain(error: &KeyringError) -> String {
        let mut cause: &dyn Error = error;
        if let KeyringError::PlatformFailure(inner) | KeyringError::NoStorageAccess(inner) = error {
            cause = inner.as_ref();
        }
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let text = cause.to_string();
        text.split(" (os error").next().unwrap_or(&text).to_owned()
    }

    /// Does something with our entry, off the async threads, which the keyring cannot be used
    /// on, and not for longer than a person waits.
    async fn with_entry<T: Send + 'static>(
        user: String,
        act: impl FnOnce(Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<keyring_core::Result<T>, String> {
        let asked = tokio::task::spawn_blocking(move || {
            let store: Arc<CredentialStore> = Store::new().map_err(|error| {
                let cause = plain(&error);
                format!("no secret service runs in this session ({cause}); {INSTEAD}")
            })?;
            Ok(Entry::new_in_store(&store, "rolodesk", &user).and_then(act))
        });
        match timeout(TIME, asked).await {
            Err(_) => Err(format!("it does not answer; is it locked? Unlock it, or {INSTEAD}")),
            Ok(Err(_)) => Err(format!("it failed; {INSTEAD}")),
            Ok(Ok(done)) => done,
        }
    }
}

#[cfg(not(feature = "keyring"))]
pub(super) use none::{answers, keep, read};

#[cfg(not(feature = "keyring"))]
mod none {
    use secrecy::SecretString;

    const NONE: &str =
        "this rolodesk was built without it; use { file = \"…\" } or { command = […] }";

    pub(in crate::config) async fn read(_: String) -> Result<SecretString, String> {
        std::future::ready(Err(NONE.to_owned())).await
    }

    pub(in crate::config) async fn answers() -> bool {
        std::future::ready(false).await
    }

    pub(in crate::config) async fn keep(_: String, _: SecretString) -> Result<(), String> {
        std::future::ready(Err(NONE.to_owned())).await
    }
}
