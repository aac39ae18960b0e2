//! Who may call: the token in `auth` and the account in `accountId`, as the platform
//! documents them. The sandbox checks with its own eyes what the client signed.

use axum::http::HeaderMap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use super::SandboxState;

/// Whether the request may pass; a `jti` is used up by asking.
pub(super) fn is_allowed(state: &mut SandboxState, headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let account = header("accountid") == Some(state.settings.account_id.as_str());
    account && header("auth").is_some_and(|token| is_ours(state, token))
}

fn is_ours(state: &mut SandboxState, token: &str) -> bool {
    let Ok(head) = decode_header(token) else { return false };
    if ![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512].contains(&head.alg) {
        return false;
    }
    let mut rules = Validation::new(head.alg);
    // The vendor's guide asks for neither; a token that has expired is refused all the same.
    rules.required_spec_claims.clear();
    let key = DecodingKey::from_secret(state.settings.secret.as_bytes());
    let Ok(token) = decode::<Value>(token, &key, &rules) else { return false };
    let claim = |name: &str| token.claims.get(name).and_then(Value::as_str);
    let named = claim("sub").is_some() && claim("appId") == Some(&state.settings.client_id);
    let fresh = match claim("jti") {
        Some(jti) => state.tokens.insert(jti.to_owned()) || !state.settings.enforce_jti,
        None => !state.settings.enforce_jti,
    };
    named && fresh
}
