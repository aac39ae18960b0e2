//! The JWT every request carries, signed anew each time with a fresh `jti`: apps that
//! enforce JTI work, and nothing has to be refreshed.
//!
//! The vendor's guide asks for `sub` (any text) and `appId` (the Client ID, spelled
//! exactly so). `iat` and `exp` are standard (RFC 7519, 4.1); a platform whose clock is
//! behind ours may refuse a token "from the future", so the time of the signature is
//! moved by the difference that an earlier answer's Date header showed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header, encode};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use uuid::Uuid;

use super::{Algorithm, ClientError, Credential};

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    #[serde(rename = "appId")]
    app_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    jti: String,
}

/// Makes the token for one request made at `now`, by a platform whose clock is `offset`
/// ahead of ours.
///
/// # Errors
/// When the library cannot sign.
pub fn sign(
    credential: &Credential,
    now: Timestamp,
    offset: SignedDuration,
) -> Result<SecretString, ClientError> {
    match credential {
        Credential::Ready(token) => Ok(token.clone()),
        Credential::Signed { client_id, secret, algorithm, subject, lifetime } => {
            let issued = now.checked_add(offset).unwrap_or(now).as_second();
            let seconds = |life: Duration| i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
            let claims = Claims {
                sub: subject,
                app_id: client_id,
                iat: lifetime.map(|_| issued),
                exp: lifetime.map(|life| issued.saturating_add(seconds(life))),
                jti: Uuid::new_v4().to_string(),
            };
            let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
            encode(&Header::new((*algorithm).into()), &claims, &key)
                .map(SecretString::from)
                .map_err(|error| ClientError::Token(error.to_string()))
        }
    }
}

/// The token as a header's value, which no debug print shows.
///
/// # Errors
/// When it holds what a header cannot.
pub(super) fn header(token: &SecretString) -> Result<HeaderValue, ClientError> {
    let mut value =
        HeaderValue::from_str(token.expose_secret()).map_err(|_| ClientError::Header("token"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hs256 => Self::HS256,
            Algorithm::Hs384 => Self::HS384,
            Algorithm::Hs512 => Self::HS512,
        }
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::Value;

    use super::*;

    fn credential(algorithm: Algorithm, lifetime: Option<Duration>) -> Credential {
        Credential::Signed {
            client_id: "cs-1".into(),
            secret: "the secret".into(),
            algorithm,
            subject: "1234567890".into(),
            lifetime,
        }
    }

    fn claims(token: &SecretString, algorithm: jsonwebtoken::Algorithm) -> Value {
        let mut rules = Validation::new(algorithm);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        let key = DecodingKey::from_secret(b"the secret");
        decode::<Value>(token.expose_secret(), &key, &rules).unwrap().claims
    }

    #[test]
    fn every_algorithm_signs_the_documented_claims() {
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            let now = Timestamp::from_second(1_700_000_000).unwrap();
            let life = Some(Duration::from_mins(5));
            let token = sign(&credential(algorithm, life), now, SignedDuration::ZERO).unwrap();
            let claims = claims(&token, algorithm.into());
            assert_eq!(claims["sub"], "1234567890");
            assert_eq!(claims["appId"], "cs-1");
            assert_eq!(claims["iat"], 1_700_000_000);
            assert_eq!(claims["exp"], 1_700_000_300);
        }
    }

    #[test]
    fn every_token_has_a_jti_of_its_own_and_none_has_times_unless_wanted() {
        let now = Timestamp::UNIX_EPOCH;
        let token = || {
            let token = sign(&credential(Algorithm::Hs256, None), now, SignedDuration::ZERO);
            claims(&token.unwrap(), jsonwebtoken::Algorithm::HS256)
        };
        let (one, two) = (token(), token());
        assert_ne!(one["jti"], two["jti"]);
        assert!(one.get("iat").is_none() && one.get("exp").is_none());
    }

    #[test]
    fn a_clock_that_is_off_is_corrected_in_the_claims() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let behind = SignedDuration::from_mins(-7);
        let credential = credential(Algorithm::Hs256, Some(Duration::from_mins(5)));
        let token = sign(&credential, now, behind).unwrap();
        assert_eq!(claims(&token, jsonwebtoken::Algorithm::HS256)["iat"], 1_699_999_580);
    }
}
