//! Where requests go: the addresses below `host`, and to which hosts a token may be sent.

use std::net::IpAddr;

use reqwest::Url;

use super::ClientError;

/// The address of the contacts below `host`.
pub(super) fn contacts_url(host: &str, stream_id: &str) -> Result<Url, ClientError> {
    let mut url = host_url(host)?;
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| ClientError::Host(format!("{NO_URL}: {host}")))?
        .pop_if_empty()
        .extend(["agentassist", "api", "v1", "public", stream_id, "contacts"]);
    Ok(url)
}

const NO_URL: &str = "is not a URL such as https://platform.kore.ai";

/// Https anywhere, http only to this machine, and no credentials in the URL.
pub(super) fn host_url(host: &str) -> Result<Url, ClientError> {
    let refuse = |why: &str| ClientError::Host(format!("{why}: {host}"));
    let url = Url::parse(host.trim()).map_err(|_| refuse(NO_URL))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ClientError::Host("must not hold a user name or password".into()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(refuse("must begin with https:// (http only for this machine)")),
        _ => Err(refuse("must begin with https://")),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_documented_one() {
        let url = contacts_url("https://platform.kore.ai/", "st-2c7f").unwrap();
        let documented = "https://platform.kore.ai/agentassist/api/v1/public/st-2c7f/contacts";
        assert_eq!(url.as_str(), documented);
        let odd = contacts_url("https://h", "a/../b").unwrap();
        assert!(odd.as_str().ends_with("/public/a%2F..%2Fb/contacts"), "{odd}");
    }

    #[test]
    fn a_token_goes_over_https_or_to_this_machine_only() {
        for host in ["http://127.0.0.1:80", "http://[::1]:80", "http://localhost:80", "https://a.b"]
        {
            assert!(contacts_url(host, "s").is_ok(), "{host}");
        }
        for host in [
            "http://platform.kore.ai",
            "ftp://a",
            "platform.kore.ai",
            "",
            "https://u:p@a.b",
            "file:///x",
        ] {
            let error = contacts_url(host, "s").unwrap_err().to_string();
            assert!(error.starts_with("`host` ") && !error.contains("u:p"), "{error}");
        }
    }
}
