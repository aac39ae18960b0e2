//! Links the released program so that its relocations are packed (`DT_RELR`): half a megabyte
//! less of it is read before the first picture. The loader must know them, which glibc does
//! since 2.36; built for anything else, the program is linked as ever.

use std::{
    env,
    io::{self, Write as _},
    process::Command,
};

/// The first glibc whose loader unpacks them.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() -> io::Result<()> {
    let mut cargo = io::stdout();
    writeln!(cargo, "cargo:rerun-if-changed=build.rs")?;
    let variable = |name| env::var(name).unwrap_or_default();
    let is_for_here = variable("TARGET") == variable("HOST");
    let is_released = variable("PROFILE") == "release";
    if is_for_here && is_released && glibc().is_some_and(|version| version >= PACKED_SINCE) {
        writeln!(cargo, "cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs")?;
    }
    Ok(())
}

/// The version of this machine's glibc; none where there is another library.
fn glibc() -> Option<(u32, u32)> {
    if env::var("CARGO_CFG_TARGET_ENV").ok()? != "gnu" {
        return None;
    }
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor: String = minor.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}
