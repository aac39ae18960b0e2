//! Whether a folder lies on a network file system. The write-ahead log needs memory that
//! every process on the store shares, so the store must lie on a disk of this machine
//! (<https://www.sqlite.org/wal.html>, "WAL does not work over a network filesystem").

use std::path::Path;

/// File systems whose files lie on another machine, by statfs(2)'s number.
const NETWORK: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0000_564c, "NCP"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x013b_0116, "Panasas"),
];

/// A file system that a program serves; which one, only the table of mounts tells.
const FUSE: u32 = 0x6573_5546;
/// Programs that serve files of another machine.
const REMOTE_PROGRAMS: &[&str] = &[
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.s3fs",
    "fuse.rclone",
    "fuse.davfs",
    "fuse.gvfsd-fuse",
    "fuse.curlftpfs",
    "fuse.goofys",
    "fuse.smbnetfs",
    "fuse.juicefs",
];

/// Refuses a path that lies, or would lie, on another machine; says what to do.
pub(super) fn refuse_network(path: &Path) -> Result<(), String> {
    let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    let Some(network) = kind(there).and_then(|kind| network_name(kind, || program(there))) else {
        return Ok(());
    };
    Err(format!(
        "it lies on a network file system ({network}), where the store is not safe: set \
         ROLODESK_DATA_DIR to a folder on a disk of this machine"
    ))
}

#[cfg(target_os = "linux")]
fn kind(path: &Path) -> Option<u32> {
    // The numbers have 32 bits; where the field is signed, some come out negative.
    let mount = rustix::fs::statfs(path).ok()?;
    u32::try_from(mount.f_type & 0xffff_ffff).ok()
}

#[cfg(not(target_os = "linux"))]
fn kind(_: &Path) -> Option<u32> {
    None
}

/// The name of a network file system of this kind; `program` tells which one serves FUSE.
fn network_name(kind: u32, program: impl FnOnce() -> Option<String>) -> Option<String> {
    if kind == FUSE {
        return program().filter(|name| REMOTE_PROGRAMS.contains(&name.as_str()));
    }
    NETWORK.iter().find(|(known, _)| *known == kind).map(|(_, name)| (*name).to_owned())
}

/// What serves the path, from the kernel's table of mounts.
fn program(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    served_by(&mounts, &path)
}

/// The last mount of the longest mount point that holds the path (proc(5), mountinfo).
fn served_by(mounts: &str, path: &Path) -> Option<String> {
    let held = mounts.lines().filter_map(|line| {
        let point = line.split(' ').nth(4)?.replace("\\040", " ");
        let kind = line.split_once(" - ")?.1.split(' ').next()?;
        path.starts_with(&point).then(|| (point.len(), kind.to_owned()))
    });
    held.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_files_are_known_by_number_and_a_served_one_by_its_program() {
        let nobody = || None;
        for (number, name) in [(0x6969, "NFS"), (0xff53_4d42, "SMB"), (0x0102_1997, "9p")] {
            assert_eq!(network_name(number, nobody).as_deref(), Some(name));
        }
        for local in [0xef53, 0x9123_683e, 0x5846_5342, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1] {
            assert_eq!(network_name(local, nobody), None, "{local:x}");
        }
        let served = |name: &str| network_name(FUSE, || Some(name.to_owned()));
        assert_eq!(served("fuse.sshfs").as_deref(), Some("fuse.sshfs"));
        assert_eq!(served("fuse.gocryptfs"), None, "an encrypted folder of this machine");
    }

    #[test]
    fn the_innermost_mount_serves_a_path() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                      40 22 0:40 / /home/a\\040b rw shared:1 - fuse.sshfs host:/ rw\n\
                      41 22 0:41 / /home rw - nfs4 host:/home rw\n";
        let by = |path: &str| served_by(mounts, Path::new(path));
        assert_eq!(by("/home/a b/x").as_deref(), Some("fuse.sshfs"));
        assert_eq!(by("/home/ab").as_deref(), Some("nfs4"));
        assert_eq!(by("/srv").as_deref(), Some("ext4"));
    }

    #[test]
    fn a_folder_of_this_machine_is_taken_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(refuse_network(&folder.path().join("not/there/yet")), Ok(()));
    }
}
