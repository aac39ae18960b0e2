//! The proxy that the environment puts before the platform: by the client's own rules, and
//! by the spellings of `NO_PROXY` that other tools understand and our client does not.

use std::env;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::url::is_loopback;

/// A proxy on the way to the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address, without the user name and password that may stand in it.
    pub address: String,
    /// Whether a user name is given for it.
    pub has_user: bool,
}

/// How the platform is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Without a proxy.
    Direct,
    /// Through this one.
    Through(Proxy),
    /// The variable of this name holds no address of a proxy. Whoever set it does not want
    /// to go without one.
    Unreadable(&'static str),
}

impl Way {
    /// By `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case; never through a proxy to
    /// this machine itself.
    pub(super) fn to(url: &Url) -> Self {
        if is_loopback(url) {
            return Self::Direct;
        }
        let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let exempt = set("NO_PROXY").or_else(|| set("no_proxy"));
        if exempt.is_some_and(|list| is_exempt(url, &list)) {
            return Self::Direct;
        }
        let found = url.as_str().parse().ok().and_then(|it| Matcher::from_system().intercept(&it));
        let Some(found) = found else {
            let names = match url.scheme() {
                "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
                _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
            };
            let unread = names.into_iter().find(|name| set(name).is_some());
            let ignored = || env::var_os("REQUEST_METHOD").is_some() || is_known_exempt(url);
            return unread.filter(|_| !ignored()).map_or(Self::Direct, Self::Unreadable);
        };
        let uri = found.uri();
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or("http");
        Self::Through(Proxy {
            address: format!("{scheme}://{}{port}", uri.host().unwrap_or_default()),
            has_user: found.basic_auth().is_some() || found.raw_auth().is_some(),
        })
    }
}

/// Whether the client's own reading of `NO_PROXY` leaves this URL out.
fn is_known_exempt(url: &Url) -> bool {
    let list = env::var("NO_PROXY").or_else(|_| env::var("no_proxy")).unwrap_or_default();
    let matcher = Matcher::builder().all("http://proxy.invalid").no(list).build();
    url.as_str().parse().is_ok_and(|uri| matcher.intercept(&uri).is_none())
}

/// Whether a list leaves this URL out by a spelling the client does not read: a port behind
/// the name, `*` at either end, or a separator other than a comma.
fn is_exempt(url: &Url, list: &str) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    let entries = list.split(|letter: char| ",;|".contains(letter) || letter.is_whitespace());
    entries.map(str::to_lowercase).any(|entry| {
        let (name, port) = parted(&entry);
        let here = port.is_none_or(|port| url.port_or_known_default() == Some(port));
        here && matches(name.trim_end_matches('.'), host)
    })
}

/// A name and the port behind it; of an IPv6 address without brackets all is the name.
fn parted(entry: &str) -> (&str, Option<u16>) {
    if let Some(inner) = entry.strip_prefix('[')
        && let Some((address, rest)) = inner.split_once(']')
    {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        Some(_) | None => (entry, None),
    }
}

fn matches(pattern: &str, host: &str) -> bool {
    if let Some(end) = pattern.strip_prefix('*') {
        return host.ends_with(end);
    }
    if let Some(start) = pattern.strip_suffix('*') {
        return !start.is_empty() && host.starts_with(start);
    }
    let name = pattern.trim_start_matches('.');
    let below = || host.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
    !name.is_empty() && (host == name || below())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exempt(list: &str) -> bool {
        is_exempt(&Url::parse("https://Platform.example.invalid/x").unwrap(), list)
    }

    #[test]
    fn every_tools_spelling_of_an_exempt_host_is_read() {
        for list in [
            "*",
            "*.example.invalid",
            "*example.invalid",
            ".example.invalid",
            "example.invalid",
            "EXAMPLE.Invalid.",
            "platform.example.invalid:443",
            "*.example.invalid:443",
            "a.b, platform.example.invalid",
            "a.b|*.example.invalid",
            "a.b platform.example.invalid",
            "platform.*",
        ] {
            assert!(exempt(list), "{list}");
        }
    }

    #[test]
    fn another_host_or_another_port_is_not_exempt() {
        for list in [
            "",
            " , ",
            "*.example.org",
            "ample.invalid",
            "platform.example.invalid:8443",
            "x.platform.example.invalid",
            "*.platform.example.invalid",
            "::1",
        ] {
            assert!(!exempt(list), "{list}");
        }
        let address = Url::parse("https://[2001:db8::1]:8443/").unwrap();
        assert!(is_exempt(&address, "[2001:db8::1]:8443") && is_exempt(&address, "2001:db8::1"));
        assert!(!is_exempt(&address, "[2001:db8::1]:443"));
    }
}
