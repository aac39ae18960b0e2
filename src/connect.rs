//! From a checked configuration to the two things a command works with: whose rows of
//! the store are ours, and the platform's client with its secret read.

use std::time::Duration;

use anyhow::Result;

use crate::{
    api::{self, Client},
    config::{self, Config, ConfigError, DirectoryUse},
    store::{DirectoryStorage, Limits, Scope},
};

/// A platform further away than this is not there.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest anybody waits for one answer; well within a claim's life.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Whose rows and whose limit a profile's are.
#[must_use]
pub fn scope(config: &Config) -> Scope {
    Scope {
        profile: config.profile.clone(),
        account: config.account_id.clone(),
        limits: Limits { minute: config.requests_per_minute, hour: config.requests_per_hour },
        directory: match config.directory {
            DirectoryUse::OnDisk => DirectoryStorage::OnDisk,
            DirectoryUse::InMemory => DirectoryStorage::InMemory,
            DirectoryUse::Off => DirectoryStorage::Nowhere,
        },
    }
}

/// The way to the profile's platform, its secret read.
///
/// # Errors
/// When the secret cannot be had, or the profile names no usable platform.
pub async fn client(config: &Config) -> Result<Client> {
    let credential = match &config.credential {
        config::CredentialSource::Ready(source) => {
            api::Credential::Ready(source.resolve(&config.folder).await?)
        }
        config::CredentialSource::Signed { client_id, secret, algorithm, subject, lifetime } => {
            api::Credential::Signed {
                client_id: client_id.clone(),
                secret: secret.resolve(&config.folder).await?,
                algorithm: match algorithm {
                    config::TokenAlgorithm::Hs256 => api::Algorithm::Hs256,
                    config::TokenAlgorithm::Hs384 => api::Algorithm::Hs384,
                    config::TokenAlgorithm::Hs512 => api::Algorithm::Hs512,
                },
                subject: subject.clone(),
                lifetime: *lifetime,
            }
        }
    };
    Client::new(api::ClientSettings {
        host: config.host.clone(),
        stream_id: config.stream_id.clone(),
        account_id: config.account_id.clone(),
        credential,
        ca_file: config.ca_file.clone(),
        duplicate_phrases: config.duplicate_phrases.clone(),
        connect_timeout: CONNECT_TIMEOUT,
        call_timeout: CALL_TIMEOUT,
    })
    .map_err(|error| {
        ConfigError::Profile { profile: config.profile.clone(), problem: error.to_string() }.into()
    })
}
