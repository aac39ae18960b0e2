//! Whose a file is, and who may write it: what is neither ours nor root's, or what others
//! may write, is not obeyed, as ssh does not obey it. Whoever may write a configuration
//! says where the secret and the customers go.

use std::{
    fs::Metadata,
    io,
    path::{Path, PathBuf},
};

#[cfg(unix)]
use super::quoted;

/// How much is others' affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Others may not even read it: it holds secrets or customers' data.
    Private,
    /// Others may not write it: it decides where secrets and data go.
    Unwritable,
}

/// Why a file is not trusted, and the command that mends it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}; run: {mend}", path.display())]
pub struct Distrust {
    /// Which file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: String,
    /// What to run.
    pub mend: String,
}

/// Judges what lies at `path`, links followed; what is not there is nobody's.
///
/// # Errors
/// The system's, when nobody can tell.
pub fn judge_path(path: &Path, strictness: Strictness) -> io::Result<Result<(), Distrust>> {
    match std::fs::metadata(path) {
        Ok(meta) => Ok(judge(path, &meta, strictness)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ok(())),
        Err(error) => Err(error),
    }
}

/// Judges a file or folder by what the system says of it, best of the open file itself, so
/// that what is judged is what is read.
///
/// # Errors
/// What is wrong with it.
#[cfg(unix)]
pub fn judge(path: &Path, meta: &Metadata, strictness: Strictness) -> Result<(), Distrust> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let us = rustix::process::geteuid().as_raw();
    let facts = Facts {
        owner: meta.uid(),
        us,
        mode: meta.permissions().mode() & 0o7777,
        folder: meta.is_dir(),
        for_all: path.starts_with("/etc"),
    };
    facts.judged(strictness).map_err(|(fault, mend)| Distrust {
        path: path.to_owned(),
        fault,
        mend: format!("{mend} {}", quoted(&path.display().to_string())),
    })
}

/// Where there are no modes, the system's own rules for a home folder hold.
#[cfg(not(unix))]
pub fn judge(_: &Path, _: &Metadata, _: Strictness) -> Result<(), Distrust> {
    Ok(())
}

/// What the judgement goes by.
#[cfg(unix)]
#[derive(Debug, Clone, Copy)]
struct Facts {
    owner: u32,
    us: u32,
    mode: u32,
    folder: bool,
    /// Everybody on the machine reads it.
    for_all: bool,
}

#[cfg(unix)]
impl Facts {
    const ROOT: u32 = 0;

    /// The fault, and the command that mends it, without the path.
    fn judged(self, strictness: Strictness) -> Result<(), (String, String)> {
        let Self { owner, us, mode, folder, for_all } = self;
        if owner != us && owner != Self::ROOT {
            let fault = format!("it belongs to another user (uid {owner})");
            let sudo = if us == Self::ROOT { "" } else { "sudo " };
            return Err((fault, format!("{sudo}chown {us}")));
        }
        let forbidden = match strictness {
            // In a sticky folder others can add files, but neither take ours nor rename them.
            Strictness::Unwritable if folder && mode & 0o1000 != 0 => 0,
            Strictness::Unwritable => 0o022,
            // An administrator may let a group read what is root's.
            Strictness::Private if owner != us => 0o027,
            Strictness::Private => 0o077,
        };
        if mode & forbidden == 0 {
            return Ok(());
        }
        let who = if mode & 0o022 == 0 { "others may read it" } else { "others may write it" };
        let mend = match (owner == us, strictness, folder) {
            (false, Strictness::Unwritable, _) => "sudo chmod go-w",
            (false, Strictness::Private, _) => "sudo chmod go-w,o-r",
            (true, Strictness::Unwritable, _) if for_all => "chmod go-w",
            (true, _, true) => "chmod 700",
            (true, _, false) => "chmod 600",
        };
        Err((format!("{who} (mode {:04o})", mode & 0o777), mend.to_owned()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const US: u32 = 1000;

    fn fault(owner: u32, mode: u32, folder: bool, strictness: Strictness) -> Option<String> {
        let facts = Facts { owner, us: US, mode, folder, for_all: false };
        facts.judged(strictness).err().map(|(fault, mend)| format!("{fault}; {mend}"))
    }

    #[test]
    fn what_is_ours_or_roots_and_nobody_elses_to_write_is_trusted() {
        for (owner, mode, folder) in [(US, 0o644, false), (0, 0o644, false), (US, 0o755, true)] {
            assert_eq!(fault(owner, mode, folder, Strictness::Unwritable), None);
        }
        assert_eq!(fault(US, 0o600, false, Strictness::Private), None);
        assert_eq!(fault(0, 0o640, false, Strictness::Private), None, "a group may read root's");
    }

    #[test]
    fn what_is_another_users_or_writable_by_others_is_refused_with_what_mends_it() {
        use Strictness::{Private, Unwritable};
        for (owner, mode, folder, strictness, told) in [
            (1001, 0o600, false, Unwritable, "uid 1001); sudo chown 1000"),
            (US, 0o664, false, Unwritable, "others may write it (mode 0664); chmod 600"),
            (US, 0o606, false, Unwritable, "chmod 600"),
            (0, 0o666, false, Unwritable, "sudo chmod go-w"),
            (US, 0o770, true, Unwritable, "chmod 700"),
            (US, 0o640, false, Private, "others may read it (mode 0640); chmod 600"),
            (0, 0o644, false, Private, "sudo chmod go-w,o-r"),
        ] {
            let fault = fault(owner, mode, folder, strictness).unwrap();
            assert!(fault.contains(told), "{fault}");
        }
    }

    #[test]
    fn a_sticky_folder_is_no_danger_unless_it_is_somebody_elses() {
        assert_eq!(fault(0, 0o1777, true, Strictness::Unwritable), None);
        assert!(fault(0, 0o777, true, Strictness::Unwritable).is_some());
        assert!(fault(1001, 0o1777, true, Strictness::Unwritable).is_some());
    }

    #[test]
    fn root_obeys_nobody_elses_file_either() {
        let facts = Facts { owner: US, us: 0, mode: 0o600, folder: false, for_all: false };
        let (_, mend) = facts.judged(Strictness::Unwritable).unwrap_err();
        assert_eq!(mend, "chown 0");
    }
}
