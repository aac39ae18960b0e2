//! Who runs the program, as the system calls them.

/// The user's name: of the account itself where it is listed on this machine, for a
/// variable can say anything.
#[must_use]
pub fn name() -> String {
    let said = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
    let named = listed().or_else(said).filter(|name| !name.trim().is_empty());
    named.unwrap_or_else(number)
}

#[cfg(unix)]
fn number() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn number() -> String {
    "unknown".to_owned()
}

#[cfg(unix)]
fn listed() -> Option<String> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    named_in(&accounts, rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn listed() -> Option<String> {
    None
}

/// passwd(5): the name, a password that is elsewhere, the number, and more.
#[cfg(unix)]
fn named_in(accounts: &str, wanted: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, number) = (parts.next()?, parts.nth(1)?);
        (number.parse() == Ok(wanted)).then(|| name.to_owned())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbroken\nada:x:1000:1000::/home/ada:\n";
        assert_eq!(named_in(accounts, 1000).as_deref(), Some("ada"));
        assert_eq!(named_in(accounts, 1001), None);
        assert!(!name().is_empty());
    }
}
